"""Ending a run: asked by a thread, by Ctrl+C once and twice in a real process, or by an interrupt at any point."""

from __future__ import annotations

import _thread
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from journal_bots import SiteBot, interrupt, new_journal, states
from posting_bots import adds_up, trucks

from xlkijiji import data_io
from xlkijiji.journal import Journal
from xlkijiji.posting import request_stop, run_batch


def test_another_thread_asks_and_the_record_in_hand_is_finished(tmp_path: Path) -> None:
    bot, df = SiteBot(), trucks("", "", "")

    def ask() -> None:
        asking = threading.Thread(target=request_stop)
        asking.start()
        asking.join()

    bot.points["submit BT002"] = ask
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", bot, journal=journal)
        assert states(journal) == {"BT001": "posted", "BT002": "posted", "BT003": "planned"}
    assert (result["ended"], result["success"], result["remaining_records"]) == ("stopped", False, 1)
    assert bot.accepted == ["BT001", "BT002"]
    assert request_stop() == 0, "no run is on any more"


def test_a_pause_ends_at_once_when_the_run_should(tmp_path: Path) -> None:
    bot, df = SiteBot(), trucks("", "")
    bot.points["accepted BT001"] = lambda: request_stop() and None  # type: ignore[func-returns-value]  # for its effect
    result = run_batch(df, "new", bot, pause_seconds=3600)
    assert result["ended"] == "stopped"
    assert bot.accepted == ["BT001"]


CHILD = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from journal_bots import SiteBot
from xlkijiji import data_io
from xlkijiji.journal import Journal
from xlkijiji.posting import run_batch

folder, workers = Path(sys.argv[2]), int(sys.argv[3])
hold = threading.Event()

class Waiting(SiteBot):
    def at(self, point, record=None):
        if point == "accepted" and record["sku"] == "BT002":
            print("in hand", flush=True)
            while not (folder / "go on").exists():
                hold.wait(0.05)

bots = [Waiting() for _ in range(workers)]
frame = data_io.load_inventory(folder / "stock.csv")
with Journal(folder / "journal.sqlite3") as journal:
    result = run_batch(frame, "new", bots if workers > 1 else bots[0], file_path=folder / "stock.csv",
                       journal=journal, workers=workers, progress_cb=lambda share, text: print(share, text, flush=True))
print("ended", result["ended"], result["success"], flush=True)
"""


def _start(folder: Path, workers: int) -> subprocess.Popen[str]:
    data_io.save_inventory(trucks("", "", "", ""), folder / "stock.csv")
    arguments = [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(folder), str(workers)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def _read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it never said {words}")


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(30) == 0


def test_ctrl_c_once_finishes_the_record_in_hand(tmp_path: Path) -> None:
    process = _start(tmp_path, 1)
    _read_until(process, "in hand")
    process.send_signal(signal.SIGINT)
    assert _read_until(process, "Stopping after the record in hand").startswith("50.0 "), "a bar stays where it was"
    (tmp_path / "go on").touch()
    assert _read_until(process, "ended ").split() == ["ended", "interrupted", "False"]
    _end(process)
    statuses = data_io.load_inventory(tmp_path / "stock.csv")["posting_status"].tolist()
    assert [status.startswith("Posted") for status in statuses] == [True, True, False, False]
    assert statuses[2:] == ["", ""]
    with Journal(tmp_path / "journal.sqlite3") as journal:
        assert states(journal)["BT002"] == "posted"


@pytest.mark.parametrize("workers", [1, 3])
def test_ctrl_c_twice_gives_up_at_once_and_the_next_run_looks(tmp_path: Path, workers: int) -> None:
    process = _start(tmp_path, workers)
    _read_until(process, "in hand")
    process.send_signal(signal.SIGINT)
    _read_until(process, "Stopping after the record in hand")
    process.send_signal(signal.SIGINT)
    assert _read_until(process, "ended ").split() == ["ended", "interrupted", "False"]
    _end(process)
    frame = data_io.load_inventory(tmp_path / "stock.csv")
    assert frame["posting_status"][1].startswith("Error: Unsure – the run was interrupted while the ad was being")
    bot = SiteBot()
    with Journal(tmp_path / "journal.sqlite3") as journal:
        assert states(journal)["BT002"] == "uncertain"
        bot.ads = {"900": "Bucket truck 2"}  # the site had taken it
        run_batch(frame, "new", bot, journal=journal)
        assert set(states(journal).values()) == {"posted"}
    assert "BT002" not in bot.accepted
    assert frame["posting_status"].str.startswith("Posted").all()


def test_ctrl_c_while_a_callback_is_on_does_not_call_it_within_itself() -> None:
    told, inside, nested = threading.Event(), threading.Lock(), []

    def progress(_share: float, text: str) -> None:
        if not inside.acquire(blocking=False):
            nested.append(text)  # a window's own lock would hang here for good
            return
        try:
            if "BT001" in text:
                signal.raise_signal(signal.SIGINT)
            if text.startswith("Stopping"):
                told.set()
        finally:
            inside.release()

    bot = SiteBot()
    bot.points["begin BT001"] = lambda: told.wait(10) and None
    df = trucks("", "")
    result = run_batch(df, "new", bot, progress_cb=progress)
    assert told.is_set()
    assert nested == []
    assert (result["ended"], bot.accepted) == ("interrupted", ["BT001"])


def test_a_thread_that_comes_late_to_a_run_given_up_posts_nothing(tmp_path: Path) -> None:
    hanging, told, release = threading.Event(), threading.Event(), threading.Event()
    bots = [SiteBot(), SiteBot()]

    class SlowCell:
        """Takes its time when a bot's thread reads it to post, not when it's checked."""

        def __str__(self) -> str:
            if threading.current_thread() is not threading.main_thread():
                hanging.set()
                release.wait(30)
            return "A good truck."

    def begin() -> None:
        hanging.wait(10)  # the other thread has taken its record, and reads it
        _thread.interrupt_main()
        told.wait(10)
        _thread.interrupt_main()
        release.wait(30)

    def progress(_share: float, text: str) -> None:
        if text.startswith("Stopping"):
            told.set()

    for bot in bots:
        bot.points = {"begin BT001": begin}
    df = trucks("", "", description=["A good truck.", SlowCell()])
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", bots, workers=2, journal=journal, progress_cb=progress)
        late = [thread for thread in threading.enumerate() if thread.name.startswith("bot ")]
        release.set()
        for thread in late:
            thread.join(10)
        assert set(states(journal).values()) == {"planned"}
    assert len(late) == 2
    assert result["ended"] == "interrupted"
    assert bots[0].accepted + bots[1].accepted == []
    assert df["posting_status"].tolist() == ["", ""]


POINTS = ["login", "begin BT002", "submit BT002", "accepted BT002", "delete", "deleted", "find BT002"]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("mode", ["new", "all"])
def test_an_interrupt_inside_the_bot_loses_nothing_at_any_point(tmp_path: Path, point: str, mode: str) -> None:
    bot = SiteBot()
    with new_journal(tmp_path) as journal:
        if mode == "all":
            run_batch(trucks("", "", ""), "new", bot, journal=journal)
        if point == "find BT002":  # something to look for
            bot.points["submit BT002"] = interrupt
            run_batch(trucks("", "", ""), mode, bot, journal=journal)
            bot.points.clear()
        bot.points[point] = interrupt
        df = trucks("", "", "")
        result = run_batch(df, mode, bot, journal=journal)
        assert adds_up(result, df)
        assert result["ended"] == ("done" if point in {"delete", "deleted"} and mode == "new" else "interrupted")
        bot.points.clear()

        for _again in range(2):
            df = trucks("", "", "")  # nothing of it was saved
            assert run_batch(df, "new", bot, journal=journal)["success"]

        assert sorted(bot.ads.values()) == ["Bucket truck 1", "Bucket truck 2", "Bucket truck 3"]
        assert df["posting_status"].str.startswith("Posted").all()
        assert set(states(journal).values()) == {"posted"}
        if mode == "new":
            assert sorted(bot.accepted) == ["BT001", "BT002", "BT003"]
