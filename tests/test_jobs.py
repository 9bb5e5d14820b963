"""A whole run with all around it: journal, kept result, log without secrets, and the commands that look at them."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
from posting_bots import PlainBot, trucks

from xlkijiji import data_io, jobs, logs, paths
from xlkijiji.errors import RecordError, UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal
from xlkijiji.messages import tell
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings

PASSWORD = "correct-horse-battery"
TEXT = "A truck of which nobody shall read in the log, with a boom of 14 metres and new tires all around."


class OfficeBot(PlainBot):
    """As `make_bot` gives it; its errors quote what they must not."""

    account = "dealer@example.com"

    def __init__(self, **failures: Exception) -> None:
        super().__init__()
        self.failures = failures

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def post_ad(self, record: Record, before_submit: Callable[..., None] | None = None) -> dict[str, Any]:
        failure = self.failures.get(record["sku"])
        if failure is not None:
            raise failure
        if before_submit is not None:
            before_submit(ids_before=[])
        return super().post_ad(record) | {"ad_id": str(1000 + len(self.table))}


@pytest.fixture
def quiet_log() -> Iterator[None]:
    """The root logger is as it was afterwards."""
    import logging

    root = logging.getLogger()
    level = root.level

    def remove_ours() -> None:
        for handler in list(root.handlers):
            if isinstance(handler.formatter, logs.Formatter):
                root.removeHandler(handler)
                handler.close()

    remove_ours()  # a command that was called in this process has its log elsewhere
    logs.configure()
    yield
    remove_ours()
    root.setLevel(level)


def _run(bot: OfficeBot, path: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> dict[str, Any]:
    monkeypatch.setattr(jobs, "make_bot", lambda *_arguments: bot)
    frame = data_io.load_inventory(path)
    return jobs.carry_out(
        frame,
        "new",
        replace(Settings(), **more),
        folder=path.parent,
        workbook=str(path),
        on_step=lambda _text: None,
        progress=lambda _share, _text: None,
        stop=lambda: False,
        file_path=path,
    )


def test_nothing_secret_is_in_the_log_of_a_run_with_failures(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, quiet_log: None
) -> None:
    path = tmp_path / "trucks.csv"
    trucks("", "", "", "", "", description=[TEXT] * 5).to_csv(path, index=False)
    logs.hide(PASSWORD)
    bot = OfficeBot(
        BT001=ValueError(f"typed {PASSWORD} into {TEXT!r}"),
        BT002=RecordError(f"The site says: '{TEXT}' is too long."),
        BT003=UnknownOutcome(f"no answer to {PASSWORD}"),
        BT004=RecordError(f"the page shows {TEXT[:60]}"),
    )

    result = _run(bot, path, monkeypatch)

    assert (result["successful_posts"], result["failed_posts"]) == (1, 4)
    text = "".join(file.read_text(encoding="utf-8") for file in paths.log_file().parent.glob("*.log*"))
    assert PASSWORD not in text
    assert TEXT not in text
    assert TEXT[:60] not in text
    run = result["run_id"]
    events = [line for line in text.splitlines() if f"run={run}" in line]
    for sku in ("BT001", "BT002", "BT003", "BT004", "BT005"):
        (line,) = [one for one in events if f"record={sku}" in one and "seconds=" in one]
        assert ("event=posted" in line) == (sku == "BT005")
    code = result["results"][0]["error_code"]
    assert any(code in one and "ValueError" in text for one in events), "the row's code leads to the traceback"


def test_the_result_is_kept_with_its_statistics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trucks.csv"
    trucks("", "", price=[5, "abc"]).to_csv(path, index=False)

    result = _run(OfficeBot(), path, monkeypatch)
    jobs.keep_result(str(path), result, jobs.run_name())

    (kept,) = paths.runs_dir().glob("*.json")
    whole = json.loads(kept.read_text(encoding="utf-8"))
    assert whole["workbook"] == str(path)
    assert whole["result"]["statistics"] == result["statistics"]
    assert whole["result"]["statistics"]["errors_by_kind"] == {"record": 1}
    assert result["mail"] is None


def test_practice_and_kijiji_have_journals_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trucks.csv"
    trucks("").to_csv(path, index=False)
    practised, real = OfficeBot(), OfficeBot()
    _run(practised, path, monkeypatch)
    trucks("").to_csv(path, index=False)

    again = _run(practised, path, monkeypatch)
    trucks("").to_csv(path, index=False)
    posted = _run(real, path, monkeypatch, practice_mode=False)

    assert practised.ids == ["BT001"]
    assert again["redrawn_records"] == 1
    assert real.ids == ["BT001"]
    assert posted["successful_posts"] == 1


def _xlkijiji(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xlkijiji", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_terminal_shows_the_runs_and_takes_a_persons_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trucks.csv"
    trucks("", "", price=[5, "abc"]).to_csv(path, index=False)
    assert "no journal yet" in _xlkijiji("stats", "--practice").stderr
    bot = OfficeBot()
    _run(bot, path, monkeypatch)

    numbers = _xlkijiji("stats", "--practice").stdout
    shown = _xlkijiji("journal", "--practice").stdout
    forgotten = _xlkijiji("forget", "--practice", "BT001", "nobody")
    trucks("").to_csv(path, index=False)
    _run(bot, path, monkeypatch)

    assert "50.0%" in numbers
    assert "trucks.csv" in numbers
    assert "BT001  posted" in shown
    assert "BT002  failed" in shown
    assert forgotten.stdout.splitlines()[0].startswith("BT001: forgotten.")
    assert forgotten.stdout.splitlines()[1].startswith("nobody: the journal knows of no ad")
    assert bot.ids == ["BT001", "BT001"], "the row whose ad a person took off is posted again"


def test_a_damaged_journal_is_refused_repaired_and_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trucks.csv"
    count = 120
    trucks(*[""] * count).to_csv(path, index=False)
    _run(OfficeBot(), path, monkeypatch, stop_after=0)
    journal = jobs.journal_file(Settings())
    with Journal(journal) as sound:
        sound.query("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(journal.read_bytes())
    page = 4096
    # a page in the middle, of the table of records or another one
    content[page * 5 : page * 6] = b"\xff" * page
    journal.write_bytes(content)

    refused = _xlkijiji("journal", "check", "--practice")
    repaired = _xlkijiji("journal", "repair", "--practice")
    checked = _xlkijiji("journal", "check", "--practice")

    assert refused.returncode == 1
    assert "is damaged" in refused.stderr
    assert "xlkijiji journal repair" in " ".join(refused.stderr.split())
    assert repaired.returncode == 0, repaired.stderr
    assert list(journal.parent.glob("*.damaged-*"))
    assert "is sound" in checked.stdout
    with Journal(journal) as saved:
        records = saved.records()
    assert len(records) > count // 2
    assert all(one.state == "posted" for one in records)


def test_pictures_of_old_runs_are_removed_and_all_else_stays(tmp_path: Path) -> None:
    runs = paths.runs_dir()
    now = dt.datetime(2026, 11, 25, 12).astimezone()
    old, older, young = (
        f"{now - dt.timedelta(days=jobs.EVIDENCE_DAYS, hours=hours):%Y%m%d-%H%M%S}-{number}"
        for number, hours in enumerate((1, 48, -1))
    )
    for name in (old, older, young, "99999999-000000-1", "my own folder"):
        (runs / name).mkdir()
        for ending in (".png", ".html"):
            (runs / name / f"BT1-0a1b2c{ending}").touch()
    (runs / older / "notes.txt").touch()
    (runs / f"{old}.json").touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.png").touch()
    link = runs / f"{old}7"
    link.symlink_to(elsewhere, target_is_directory=True)

    jobs.drop_old_evidence(now)

    left = {path.name: sorted(file.name for file in path.iterdir()) for path in runs.iterdir() if path.is_dir()}
    pictures = ["BT1-0a1b2c.html", "BT1-0a1b2c.png"]
    assert left == {
        older: ["notes.txt"],
        young: pictures,
        "99999999-000000-1": pictures,
        "my own folder": pictures,
        link.name: ["a.png"],
    }
    assert (runs / f"{old}.json").exists()


def test_a_run_begins_with_removing_old_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = paths.runs_dir() / "20200101-000000-1"
    folder.mkdir()
    (folder / "BT1-0a1b2c.png").touch()
    path = tmp_path / "trucks.csv"
    trucks("").to_csv(path, index=False)
    _run(OfficeBot(), path, monkeypatch)
    assert not folder.exists()


def test_another_process_asks_a_run_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "trucks.csv"
    path.touch()
    idle = _xlkijiji("stop", str(path))
    lock = RunLock(str(path))
    assert lock.acquire(0)
    assert not lock.stop_requested()

    asked = _xlkijiji("stop", str(path))

    assert (idle.returncode, idle.stdout.strip()) == (1, tell("not-running"))
    assert (asked.returncode, asked.stdout.strip()) == (0, tell("stopping"))
    assert lock.stop_requested()
    lock.release()
    assert lock.acquire(0)
    assert not lock.stop_requested(), "the next run isn't meant"
    lock.release()
