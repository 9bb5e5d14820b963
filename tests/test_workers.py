"""Several bots at once, with one set of manners for all of them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_bots import SiteBot, interrupt, new_journal, states
from posting_bots import NOON, adds_up, at_noon, trucks

from xlkijiji.errors import BrowserGone, RecordError, SettingsError, UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.manners import parse_quiet_hours, seconds_of_quiet
from xlkijiji.posting import run_batch


class Shared(SiteBot):
    """Several of these post to one site."""

    def __init__(self, site: SiteBot, wrong: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.site = site
        self.wrong = wrong
        self.guard = threading.Lock()

    def post_ad(self, record: Record, before_submit: Callable[..., None]) -> dict[str, Any]:
        if record["sku"] in self.wrong:
            raise RecordError(f"{record['sku']} is wrong.")
        self.at("begin", record)
        before_submit()
        with self.site.guard if isinstance(self.site, Shared) else threading.Lock():
            self.site.accepted.append(record["sku"])
        return {"success": True, "message": "ok", "ad_url": f"u/{record['sku']}", "ad_id": f"id-{record['sku']}"}


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 12), workers=st.integers(2, 5), wrong=st.sets(st.integers(1, 12)))
def test_results_progress_and_statuses_are_exact_and_in_order(count: int, workers: int, wrong: set[int]) -> None:
    bad = frozenset(f"BT{number:03}" for number in wrong)
    site = SiteBot()
    df = trucks(*[""] * count)
    shares: list[float] = []

    result = run_batch(
        df,
        "new",
        [Shared(site, bad) for _ in range(workers)],
        workers=workers,
        clock=at_noon,
        progress_cb=lambda share, _text: shares.append(share),
    )

    skus = df["bucket_truck_id"].tolist()
    assert sorted(site.accepted) == [sku for sku in skus if sku not in bad]
    assert [entry["record_id"] for entry in result["results"]] == skus
    expected = [f"Error: {sku} is wrong." if sku in bad else "Posted 2026-11-23" for sku in skus]
    assert df["posting_status"].tolist() == expected
    assert [entry["status_update"] for entry in result["results"]] == expected
    assert shares == sorted(shares)
    assert len(shares) == count + 1
    assert adds_up(result, df)


def test_they_do_work_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=30)  # passed only by three at once

    class Meeting(Shared):
        def at(self, point: str, _record: Record | None = None) -> None:
            if point == "begin":
                meeting.wait()

    site = SiteBot()
    result = run_batch(trucks("", "", ""), "new", Meeting(site), make_bot=lambda: Meeting(site), workers=3)
    assert result["successful_posts"] == 3


def test_the_limit_holds_for_all_together_and_failures_make_room() -> None:
    site = SiteBot()
    wrong = frozenset({"BT001", "BT003"})
    df = trucks(*[""] * 8)
    result = run_batch(df, "new", [Shared(site, wrong) for _ in range(4)], workers=4, stop_after=3)
    assert len(site.accepted) == 3
    assert result["ended"] == "limit"
    assert result["failed_posts"] == 2


def test_one_pace_for_all() -> None:
    now = [0.0]
    begun: list[float] = []

    class Timed(Shared):
        def at(self, point: str, _record: Record | None = None) -> None:
            if point == "begin":
                begun.append(now[0])

    def sleep(seconds: float) -> None:
        now[0] += seconds

    site = SiteBot()
    bots = [Timed(site) for _ in range(3)]
    run_batch(trucks(*[""] * 7), "new", bots, workers=3, ads_per_minute=2, sleep=sleep, monotonic=lambda: now[0])
    assert len(begun) == 7
    assert now[0] == pytest.approx(6 * 30)


def test_a_pause_is_longer_by_chance_and_never_shorter() -> None:
    slept: list[float] = []
    run_batch(trucks(*[""] * 30), "new", SiteBot(), pause_seconds=20, pause_jitter=0.5, sleep=slept.append)
    assert len(slept) == 29
    assert all(20 <= one <= 30 for one in slept)
    assert len(set(slept)) > 20


def test_nothing_is_posted_in_quiet_hours_and_the_person_is_told() -> None:
    now = [NOON.replace(hour=21, minute=59)]
    at: list[dt.datetime] = []
    told: list[str] = []

    class Timed(SiteBot):
        def post_ad(self, record: Record, before_submit: Callable[..., None]) -> dict[str, Any]:
            at.append(now[0])
            now[0] += dt.timedelta(minutes=1)
            return super().post_ad(record, before_submit)

    def sleep(seconds: float) -> None:
        now[0] += dt.timedelta(seconds=seconds)

    run_batch(
        trucks("", ""),
        "new",
        Timed(),
        quiet_hours="22:00-07:00",
        clock=lambda: now[0],
        sleep=sleep,
        progress_cb=lambda _share, text: told.append(text),
    )
    assert [one.strftime("%d %H:%M") for one in at] == ["23 21:59", "24 07:00"]
    assert told.count("Quiet hours: going on at 07:00.") == 1


@pytest.mark.parametrize(
    ("hours", "time", "left"),
    [
        ("22:00-07:00", "23:30", 7.5),
        ("22:00-07:00", "06:00", 1),
        ("22:00-07:00", "07:00", 0),
        ("12:00-13:00", "12:30", 0.5),
    ],
)
def test_quiet_hours_are_counted_over_midnight(hours: str, time: str, left: float) -> None:
    parsed = parse_quiet_hours(hours)
    assert parsed is not None
    now = dt.datetime.combine(NOON.date(), dt.time.fromisoformat(time), NOON.tzinfo)
    assert seconds_of_quiet(now, parsed) == left * 3600


@pytest.mark.parametrize("text", ["late", "25:00-07:00", "22:00", "07:00-07:00", "22:61-07:00"])
def test_quiet_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        parse_quiet_hours(text)
    assert "can't be read" in run_batch(trucks(""), "new", SiteBot(), quiet_hours=text)["message"]


def test_one_broken_bot_is_replaced_and_two_in_a_row_end_the_run(tmp_path: Path) -> None:
    site = SiteBot()

    class Breaks(Shared):
        def at(self, point: str, _record: Record | None = None) -> None:
            if point == "begin":
                raise BrowserGone("crashed")

    good = run_batch(trucks(*[""] * 4), "new", [Breaks(site), Shared(site)], make_bot=lambda: Shared(site), workers=2)
    assert good["successful_posts"] == 4
    assert sorted(site.accepted) == ["BT001", "BT002", "BT003", "BT004"]

    df = trucks(*[""] * 4)
    with new_journal(tmp_path) as journal:
        bad = run_batch(df, "new", Breaks(site), make_bot=lambda: Breaks(site), workers=2, journal=journal)
        assert "posted" not in states(journal).values()
    assert bad["ended"] == "critical"
    assert adds_up(bad, df)


def test_an_interrupt_in_one_of_them_ends_the_run_and_loses_nothing(tmp_path: Path) -> None:
    site = SiteBot()
    bots = [Shared(site), Shared(site)]
    for bot in bots:
        bot.points["begin BT002"] = interrupt
    df = trucks(*[""] * 6)
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", bots, workers=2, journal=journal)
        assert result["ended"] == "interrupted"
        assert adds_up(result, df)
        df = trucks(*[""] * 6)
        run_batch(df, "new", Shared(site), journal=journal)
    assert sorted(site.accepted) == [f"BT00{number}" for number in range(1, 7)]


def test_a_bot_whose_browsers_go_at_each_click_ends_the_run_though_the_other_goes_on_well(tmp_path: Path) -> None:
    class Dies(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            super().post_ad(record, before_submit)
            self.turn.wait(10)  # until the other one has posted, too
            self.turn.clear()
            raise UnknownOutcome("Nobody saw it.", browser_gone=True)

        turn = threading.Event()

    class GoesOn(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            answer = super().post_ad(record, before_submit)
            Dies.turn.set()
            return answer

    df = trucks(*[""] * 40)
    dies = Dies()
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", [dies, GoesOn()], workers=2, journal=journal, pause_seconds=0.01)
    assert result["ended"] == "critical"
    assert "second time in a row" in result["message"]
    assert len(dies.accepted) == 2
    assert adds_up(result, df)


@pytest.mark.parametrize("made", [False, True])
def test_bots_of_two_accounts_are_refused(tmp_path: Path, made: bool) -> None:
    mine, other = SiteBot(), SiteBot()
    other.account = "somebody@example.com"
    df = trucks(*[""] * 6)
    with new_journal(tmp_path) as journal:
        if made:
            result = run_batch(df, "new", mine, workers=2, make_bot=lambda: other, journal=journal)
        else:
            result = run_batch(df, "new", [mine, other], workers=2, journal=journal)
    assert result["ended"] == "critical"
    assert "'dealer@example.com' and 'somebody@example.com'. Start a run for each account." in result["message"]
    assert other.accepted == []
    assert adds_up(result, df)


def test_two_spellings_of_an_account_are_one(tmp_path: Path) -> None:
    mine, same = SiteBot(), SiteBot()
    same.account = " Dealer@Example.com"
    with new_journal(tmp_path) as journal:
        assert run_batch(trucks("", ""), "new", [mine, same], workers=2, journal=journal)["successful_posts"] == 2
