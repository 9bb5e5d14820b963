"""The bots of a run: one that can't be made, one that hangs, and who is waited for."""

from __future__ import annotations

import _thread
import threading
from pathlib import Path
from typing import Any

import pytest
from journal_bots import SiteBot, new_journal, states
from posting_bots import adds_up, trucks

from xlkijiji.errors import BrowserGone, PersonNeeded
from xlkijiji.inventory import Record
from xlkijiji.posting import request_stop, run_batch


@pytest.mark.parametrize("error", [BrowserGone("There is no browser."), OSError("secret")])
def test_a_further_bot_that_cannot_be_made_ends_the_run_with_a_sentence(tmp_path: Path, error: Exception) -> None:
    def fail() -> Any:
        raise error

    df = trucks(*[""] * 6)
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", SiteBot(), make_bot=fail, workers=2, journal=journal)
        assert set(states(journal).values()) <= {"posted", "planned"}
    assert result["ended"] == "critical"
    assert "secret" not in result["message"]
    assert adds_up(result, df)


@pytest.mark.parametrize("error", [BrowserGone("There is no browser."), OSError("secret")])
def test_no_other_bot_in_the_place_of_a_broken_one_leaves_the_row_unposted(error: Exception) -> None:
    class Breaks(SiteBot):
        def at(self, point: str, _record: Record | None = None) -> None:
            if point == "begin":
                raise BrowserGone("crashed")

    def fail() -> Any:
        raise error

    df = trucks("", "")
    result = run_batch(df, "new", Breaks(), make_bot=fail)
    assert (result["success"], result["successful_posts"]) == (False, 0)
    assert adds_up(result, df)


def test_a_sign_in_that_hangs_does_not_hold_up_whoever_interrupts(tmp_path: Path) -> None:
    site, hanging, told, release = SiteBot(), threading.Event(), threading.Event(), threading.Event()

    class Hangs(SiteBot):
        def login(self) -> bool:
            hanging.set()
            release.wait(60)
            return True

    def break_off(_share: float, text: str) -> None:
        if text.startswith("Stopping"):
            told.set()
            _thread.interrupt_main()  # once more, when the run has understood it
        elif "BT002" in text:
            assert hanging.wait(10)
            _thread.interrupt_main()  # Ctrl+C

    site.points["begin BT002"] = lambda: told.wait(10) and None
    df = trucks("", "", "")
    timer = threading.Timer(30, release.set)
    timer.start()
    try:
        with new_journal(tmp_path) as journal:
            result = run_batch(df, "new", [site, Hangs()], workers=2, journal=journal, progress_cb=break_off)
        assert timer.is_alive(), "it waited for the sign-in"
        assert told.is_set()
    finally:
        timer.cancel()
        release.set()
    assert result["ended"] == "interrupted"
    assert df["posting_status"][2] == ""
    assert adds_up(result, df)


def test_whoever_stops_the_run_while_a_sign_in_waits_has_stopped_it() -> None:
    class Waits(SiteBot):
        def login(self) -> bool:
            raise PersonNeeded("Sign in in the browser.")

    df = trucks("")
    result = run_batch(df, "new", Waits(), sleep=lambda _seconds: request_stop() and None)
    assert (result["ended"], df["posting_status"].tolist()) == ("stopped", [""])


def test_a_browser_that_went_while_an_ad_was_looked_for_is_forgiven_once_it_was_found(tmp_path: Path) -> None:
    gone = ["find BT001", "begin BT002"]

    class Goes(SiteBot):
        def at(self, point: str, record: Record | None = None) -> None:
            if record is not None and f"{point} {record['sku']}" in gone:
                gone.remove(f"{point} {record['sku']}")
                raise BrowserGone("crashed")

    df, bot = trucks("Error: Unsure – x", ""), Goes()
    bot.ads["900"] = "Bucket truck 1"
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", bot, journal=journal)
    assert (result["ended"], result["successful_posts"], bot.accepted) == ("done", 2, ["BT002"])


def test_a_sign_in_that_takes_long_holds_up_no_other_bot() -> None:
    alone = threading.Event()

    class Late(SiteBot):
        def login(self) -> bool:
            return alone.wait(10)

    def note(_share: float, text: str) -> None:
        if "BT003" in text:
            alone.set()

    first, late = SiteBot(), Late()
    result = run_batch(trucks("", "", ""), "new", [first, late], workers=2, progress_cb=note)
    assert (result["ended"], result["successful_posts"]) == ("done", 3)


def test_a_person_who_is_needed_at_the_sign_in_of_a_replacement_is_waited_for(tmp_path: Path) -> None:
    class Waits(SiteBot):
        asked = 0

        def login(self) -> bool:
            self.asked += 1
            if self.asked < 3:
                raise PersonNeeded("Sign in in the browser.")
            return True

    broken, fresh = SiteBot(), Waits()

    def go() -> None:
        raise BrowserGone("crashed")

    broken.points["begin BT001"] = go
    made = [fresh]
    df = trucks("", "")
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", broken, make_bot=made.pop, journal=journal, sleep=lambda _seconds: None)
    assert (result["ended"], fresh.accepted, fresh.asked) == ("done", ["BT001", "BT002"], 3)
    assert broken.accepted == []


def test_a_thread_that_comes_late_starts_no_browser(tmp_path: Path) -> None:
    hanging, told, release, made = threading.Barrier(2), threading.Event(), threading.Event(), []

    def begin() -> None:
        hanging.wait(10)
        _thread.interrupt_main()
        told.wait(10)
        _thread.interrupt_main()
        release.wait(30)
        raise BrowserGone("It was closed.")

    bots = [SiteBot(), SiteBot()]
    for bot in bots:
        bot.points = {"begin BT001": begin, "begin BT002": begin}

    def make() -> SiteBot:
        made.append(SiteBot())
        return made[-1]

    def progress(_share: float, text: str) -> None:
        if text.startswith("Stopping"):
            told.set()

    df = trucks("", "")
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", bots, make_bot=make, workers=2, journal=journal, progress_cb=progress)
        late = [thread for thread in threading.enumerate() if thread.name.startswith("bot ")]
        release.set()
        for thread in late:
            thread.join(10)
    assert late
    assert (result["ended"], made) == ("interrupted", [])
