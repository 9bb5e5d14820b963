"""What the next run makes of what the last one left: settled by looking, redrawn, never posted twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journal_bots import Killed, SiteBot, leave_as_a_kill_would, new_journal, states
from posting_bots import NOON, adds_up, at_noon, trucks

from xlkijiji.errors import SiteError, UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal
from xlkijiji.posting import run_batch

BEFORE = (NOON - dt.timedelta(minutes=5)).isoformat()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with new_journal(tmp_path) as one:
        yield one


def _run(df: Any, bot: SiteBot, journal: Journal, mode: str = "new", **more: Any) -> dict[str, Any]:
    more = {"clock": at_noon, "sleep": lambda _seconds: None} | more
    result = run_batch(df, mode, bot, journal=journal, **more)
    assert adds_up(result, df)
    return result


# --- live records


def test_a_record_that_is_live_is_redrawn_and_not_posted_whatever_the_sheet_says(journal: Journal) -> None:
    bot = SiteBot()
    _run(trucks("", "", ""), bot, journal)
    stale = trucks("", "pending", "Error: x", ad_id=[""] * 3, ad_url=[""] * 3, posted_at=[""] * 3)
    known: list[str] = []

    class Watching:
        def record_known(self, _position: int, record: Record, result: dict[str, Any]) -> None:
            known.append(f"{record.record_id} {result['ad_id']}")

    result = _run(stale, bot, journal, observer=Watching())

    assert bot.accepted == ["BT001", "BT002", "BT003"]
    assert stale["posting_status"].tolist() == ["Posted 2026-11-23"] * 3
    assert stale["ad_id"].tolist() == ["1001", "1002", "1003"]
    assert stale["ad_url"].tolist()[0] == "https://site.example/1001"
    assert stale["posted_at"].tolist()[0] == "2026-11-23T12:00:00-05:00"
    assert known == ["BT001 1001", "BT002 1002", "BT003 1003"]
    assert (result["successful_posts"], result["skipped_records"], result["redrawn_records"]) == (0, 3, 3)
    assert "3 rows were on the site already" in result["message"]


def test_capitals_of_a_sku_make_no_other_record(journal: Journal) -> None:
    bot = SiteBot()
    _run(trucks("", bucket_truck_id=["bt1"]), bot, journal)
    _run(trucks("", bucket_truck_id=["BT1"]), bot, journal)
    assert bot.accepted == ["bt1"]


def test_the_same_sku_for_another_item_is_told_instead_of_posted(journal: Journal) -> None:
    bot = SiteBot()
    _run(trucks("", title=["Old truck"]), bot, journal)
    other = trucks("", title=["New crane"])

    _run(other, bot, journal)

    assert bot.accepted == ["BT001"]
    assert other["posting_status"][0] == "Posted 2026-11-23 – not posted again: this SKU's ad 1001 is 'Old truck'"


def test_another_account_knows_nothing_of_it(journal: Journal) -> None:
    class Other(SiteBot):
        account = "other@example.com"

    _run(trucks(""), SiteBot(), journal)
    bot = Other()
    _run(trucks(""), bot, journal)
    assert bot.accepted == ["BT001"]


def test_an_ad_that_a_person_took_off_is_posted_again_when_the_journal_is_told(journal: Journal) -> None:
    bot = SiteBot()
    _run(trucks(""), bot, journal)
    bot.ads.clear()
    assert journal.forget(bot.account, ["bt001", "nobody"]) == ["bt001"]
    _run(trucks(""), bot, journal)
    assert bot.accepted == ["BT001", "BT001"]


# --- an outcome that nobody saw


@pytest.mark.parametrize("status", ["", "Posting…", "pending", "Error: Unsure – x"])
@pytest.mark.parametrize("accepted", [True, False])
def test_what_was_submitted_is_looked_for_before_anything_is_posted(
    journal: Journal, status: str, accepted: bool
) -> None:
    bot = SiteBot()
    leave_as_a_kill_would(journal, "BT002", [], BEFORE)
    if accepted:
        bot.ads["900"] = "Bucket truck 2"
    df = trucks("", status)

    result = _run(df, bot, journal)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2
    assert sorted(bot.ads.values()) == ["Bucket truck 1", "Bucket truck 2"]
    assert bot.accepted == (["BT001"] if accepted else ["BT001", "BT002"])
    assert result["successful_posts"] == 2
    assert states(journal) == {"BT001": "posted", "BT002": "posted"}


def test_an_ad_that_stood_there_before_the_click_is_not_taken_for_it(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads["900"] = "Bucket truck 1"  # an older ad with the same title, posted by hand
    leave_as_a_kill_would(journal, "BT001", ["900"], BEFORE)
    df = trucks("")

    _run(df, bot, journal)

    assert bot.accepted == ["BT001"]
    record = journal.record(bot.account, "BT001")
    assert record is not None
    assert record.ad_id == "1001"


def test_a_list_that_lags_is_looked_at_until_an_ad_must_have_shown(journal: Journal) -> None:
    bot = SiteBot()
    bot.listing_delay = 30.0
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sum(slept) >= 7:
            bot.ads["900"] = "Bucket truck 1"

    leave_as_a_kill_would(journal, "BT001", [], (NOON - dt.timedelta(seconds=10)).isoformat())
    df = trucks("")

    _run(df, bot, journal, sleep=sleep)

    assert bot.accepted == []
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]
    assert 7 <= sum(slept) <= 8


@pytest.mark.parametrize("passed", [dt.timedelta(seconds=10), dt.timedelta(hours=-24)], ids=["on", "set back"])
def test_an_ad_is_surely_absent_only_after_its_time_to_show(journal: Journal, passed: dt.timedelta) -> None:
    bot = SiteBot()
    bot.listing_delay = 30.0
    slept: list[float] = []
    leave_as_a_kill_would(journal, "BT001", [], (NOON - passed).isoformat())

    _run(trucks(""), bot, journal, sleep=slept.append)

    assert bot.accepted == ["BT001"]
    assert sum(slept) == (20 if passed > dt.timedelta() else 40), "set back: the whole time, and more"


def test_two_rows_with_one_title_get_their_own_ads(journal: Journal) -> None:
    bot = SiteBot()
    first = trucks("", title=["Twin"])
    _run(first, bot, journal)
    bot.ads["900"] = "Twin"
    leave_as_a_kill_would(journal, "BT002", ["1001"], BEFORE)
    both = trucks("", "", title=["Twin", "Twin"])

    _run(both, bot, journal)

    assert bot.accepted == ["BT001"]
    found = {one.record_id: one.ad_id for one in journal.records()}
    assert found == {"BT001": "1001", "BT002": "900"}


def test_two_open_ends_with_one_title_and_one_ad_are_left_to_a_person(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads["900"] = "Twin"
    for sku in ("BT001", "BT002"):
        leave_as_a_kill_would(journal, sku, [], BEFORE)
    df = trucks("", "", title=["Twin", "Twin"])

    _run(df, bot, journal)

    assert bot.accepted == []
    assert all(status.startswith("Error: Unsure – An ad was found, but another") for status in df["posting_status"])
    assert states(journal) == {"BT001": "uncertain", "BT002": "uncertain"}


@pytest.mark.parametrize(
    ("word", "status", "accepted"),
    [("Posted", "Posted", []), ("Error: not there", "Posted 2026-11-23", ["BT001"])],
)
def test_a_person_decides_what_nobody_knows(journal: Journal, word: str, status: str, accepted: list[str]) -> None:
    class Blind(SiteBot):
        def find_ad(self, _record: Record, **_more: Any) -> dict[str, Any] | None:  # type: ignore[override]  # takes any
            raise UnknownOutcome("My Ads can't be read.")

    bot = Blind()
    leave_as_a_kill_would(journal, "BT001", [], BEFORE)
    df = trucks("")
    _run(df, bot, journal)
    assert df["posting_status"][0].startswith("Error: Unsure")
    assert "type 'Error: not there'" in df["posting_status"][0]

    df.loc[0, "posting_status"] = word
    _run(df, bot, journal)

    assert df["posting_status"].tolist() == [status]
    assert bot.accepted == accepted
    assert states(journal) == {"BT001": "posted"}


def test_without_a_way_to_look_it_stays_unsure_for_good(journal: Journal) -> None:
    class NoLook(SiteBot):
        find_ad = None  # type: ignore[assignment]  # a bot that has none

    bot = NoLook()
    leave_as_a_kill_would(journal, "BT001", [], BEFORE)
    for _again in range(2):
        df = trucks("")
        _run(df, bot, journal)
        assert df["posting_status"][0].startswith("Error: Unsure")
    assert bot.accepted == []


def test_an_ad_that_the_site_accepted_and_took_off_is_not_posted_again(journal: Journal) -> None:
    class Duplicate(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            super().post_ad(record, before_submit)
            self.ads.clear()
            raise UnknownOutcome("It isn't listed.", "1001")

    bot = Duplicate()
    df = trucks("")
    _run(df, bot, journal)
    assert df["posting_status"][0].startswith("Error: Unsure")

    _run(df, bot, journal)
    assert df["posting_status"][0].startswith("Removed – The site had accepted the ad 1001 and then removed it")
    _run(df, bot, journal)
    assert bot.accepted == ["BT001"]
    assert states(journal) == {"BT001": "removed"}

    said = df["posting_status"][0]
    for missed in ("", "Error: Unsure – the run was interrupted", "pending"):  # the sheet was not saved
        df.loc[0, "posting_status"] = missed
        result = _run(df, bot, journal)
        assert df["posting_status"][0] == said
        assert (result["redrawn_records"], result["skipped_records"]) == (1, 1)
        assert "1 ad was removed by the site" in result["message"]
    assert bot.accepted == ["BT001"]

    df.loc[0, "posting_status"] = "Error: not there"  # as the status asks for
    _run(df, SiteBot(), journal)
    assert states(journal) == {"BT001": "posted"}


@pytest.mark.parametrize(("minutes", "status"), [(1, "Error: Unsure – "), (9, "Error: Unsure – "), (11, "Removed – ")])
def test_an_ad_with_a_number_that_is_not_listed_is_late_before_it_is_gone(
    journal: Journal, minutes: int, status: str
) -> None:
    bot = SiteBot()
    bot.listing_delay = 60.0
    at = NOON - dt.timedelta(minutes=minutes)
    leave_as_a_kill_would(journal, "BT001", [], at.isoformat())
    journal.move(SiteBot.account, "BT001", "uncertain", "", ad_id="1001")
    df = trucks("")
    _run(df, bot, journal)
    assert df["posting_status"][0].startswith(status)
    assert bot.accepted == []


def test_a_person_who_forgets_an_ad_that_the_site_took_off_has_it_posted_again(journal: Journal) -> None:
    _run(trucks(""), SiteBot(), journal)
    journal.move("dealer@example.com", "BT001", "removed", "", error_kind="removed")
    df = trucks("")
    _run(df, SiteBot(), journal)
    assert df["posting_status"][0].startswith("Removed")

    assert journal.forget("dealer@example.com", ["bt001"]) == ["bt001"]
    df = trucks("")
    _run(df, SiteBot(), journal)
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]


def test_a_row_that_is_wrong_by_now_is_settled_all_the_same(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads["900"] = "Bucket truck 1"
    leave_as_a_kill_would(journal, "BT001", [], BEFORE)
    df = trucks("", price=["abc"])

    _run(df, bot, journal)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]
    assert bot.accepted == []


def test_a_row_that_a_person_has_taken_out_is_left_alone(journal: Journal) -> None:
    bot = SiteBot()
    leave_as_a_kill_would(journal, "BT001", [], BEFORE)
    df = trucks("sold")
    _run(df, bot, journal)
    assert (bot.accepted, bot.looks, df["posting_status"].tolist()) == ([], 0, ["sold"])


@pytest.mark.parametrize("there", [True, False])
def test_a_row_that_says_posted_is_looked_for_and_never_posted_blindly(journal: Journal, there: bool) -> None:
    bot = SiteBot()
    if there:
        bot.ads["900"] = "Bucket truck 1"
    leave_as_a_kill_would(journal, "BT001", [], BEFORE)
    df = trucks("Posted 2026-11-23")  # the outcome reached the sheet, and a full disk kept it from the journal
    _run(df, bot, journal)
    assert bot.accepted == []
    assert df["posting_status"][0].startswith("Posted 2026-11-23" if there else "Error: Unsure – The row says Posted")
    assert states(journal) == {"BT001": "posted" if there else "uncertain"}


# --- replacing


@pytest.mark.parametrize("missing", ["delete_ad", "ad_id"])
def test_an_ad_that_cannot_be_taken_off_is_not_joined_by_another(journal: Journal, missing: str) -> None:
    class Poor(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            return super().post_ad(record, before_submit) | ({"ad_id": ""} if missing == "ad_id" else {})

    bot = Poor()
    setattr(bot, "find_ad" if missing == "ad_id" else "delete_ad", None)
    _run(trucks(""), bot, journal)
    df = trucks("Posted 2026-11-23")

    result = _run(df, bot, journal, "all")

    assert bot.accepted == ["BT001"]
    assert df["posting_status"][0].startswith("Posted 2026-11-23 – not replaced: The old ad ")
    assert (result["success"], result["failed_posts"]) == (True, 1)
    assert states(journal) == {"BT001": "posted"}


def test_an_old_ad_whose_number_is_not_known_is_looked_for(journal: Journal) -> None:
    class Quiet(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            return super().post_ad(record, before_submit) | {"ad_id": ""}

    bot = Quiet()
    _run(trucks(""), bot, journal)
    _run(trucks(""), bot, journal, "all")
    assert bot.deleted == ["1001"]
    assert list(bot.ads) == ["1002"]


def test_mode_all_replaces_the_ad_that_the_journal_knows(journal: Journal) -> None:
    bot = SiteBot()
    _run(trucks("", ""), bot, journal)
    df = trucks("", "")  # the sheet knows no ad ids

    _run(df, bot, journal, "all")

    assert bot.deleted == ["1001", "1002"]
    assert bot.ads == {"1003": "Bucket truck 1", "1004": "Bucket truck 2"}


@pytest.mark.parametrize("point", ["delete", "deleted", "begin BT001", "submit BT001", "accepted BT001"])
def test_a_replacement_that_was_broken_off_is_completed_by_a_plain_click(journal: Journal, point: str) -> None:
    class Gone(BaseException):
        pass

    def die() -> None:
        raise Gone

    bot = SiteBot()
    _run(trucks(""), bot, journal)
    bot.points[point] = die
    with pytest.raises(Gone):
        _run(trucks("Posted 2026-11-23"), bot, journal, "all")
    bot.points.clear()
    df = trucks("Posted 2026-11-23", ad_id=["1001"])  # the sheet was never saved

    _run(df, bot, journal)

    assert list(bot.ads.values()) == ["Bucket truck 1"]
    assert bot.deleted[0] == "1001"
    assert df["ad_id"].tolist() == list(bot.ads)
    assert states(journal) == {"BT001": "posted"}


@pytest.mark.parametrize("shown", ["Error: The journal can't be written.", "", "pending"])
def test_a_replacement_is_completed_too_when_the_row_asks_to_be_posted(journal: Journal, shown: str) -> None:
    bot = SiteBot()
    _run(trucks(""), bot, journal)
    run_id = journal.begin_run(SiteBot.account, "", "all")
    journal.move(SiteBot.account, "BT001", "posted", run_id, replaced_status="Posted 2026-11-23", ad_id="1001")
    bot.ads.clear()  # the old ad went, and the disk was full when that was to be noted

    _run(trucks(shown), bot, journal)

    assert list(bot.ads.values()) == ["Bucket truck 1"]
    assert journal.records()[0].ad_id in bot.ads


# --- what a person did to the sheet while rows were open


def _leave_open(journal: Journal, sku: str, title: str, ids_before: list[str], **more: str) -> None:
    leave_as_a_kill_would(journal, sku, ids_before, BEFORE)
    journal.move(SiteBot.account, sku, "uncertain", "", title=title, **more)


@pytest.mark.parametrize("edited", [0, 1])
def test_twins_that_are_open_are_told_apart_though_one_has_another_title_by_now(journal: Journal, edited: int) -> None:
    """Only the second one's ad is on the site; the first must not take it for its own."""
    bot = SiteBot()
    bot.ads["900"] = "Twin"
    for sku in ("BT001", "BT002"):
        _leave_open(journal, sku, "Twin", [])
    titles: list[object] = ["Twin", "Twin"]
    titles[edited] = "Quite another title"
    df = trucks("", "", title=titles)

    _run(df, bot, journal)

    assert bot.accepted == []
    assert df["posting_status"].str.startswith("Error: Unsure").all()


def test_an_open_twin_whose_cell_shows_its_older_ad_is_no_reason_to_take_its_new_one(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads["903"] = "Twin"  # BT002's: its replacement was killed before the note
    _leave_open(journal, "BT001", "Twin", ["902"])
    _leave_open(journal, "BT002", "Twin", [])
    df = trucks("Posted 2026-11-20", "Posted 2026-11-20", title=["Twin", "Twin"], ad_id=["901", "902"])

    _run(df, bot, journal)

    assert bot.accepted == []
    assert df["ad_id"].tolist() == ["901", "902"]


@pytest.mark.parametrize("shown", ["Posted 2026-11-20", "Posted 2026-11-21", "", "Error: Unsure – x"])
def test_a_replacement_broken_off_is_completed_whichever_copy_of_the_sheet_is_used(
    journal: Journal, shown: str
) -> None:
    bot = SiteBot()
    df = trucks("")
    _run(df, bot, journal)
    df.loc[0, "posting_status"] = "Posted 2026-11-21"

    def killed() -> None:
        raise Killed

    bot.points["deleted"] = killed
    with pytest.raises(Killed):
        run_batch(df, "all", bot, journal=journal, clock=at_noon, sleep=lambda _seconds: None)
    bot.points.clear()
    again = trucks(shown)
    _run(again, bot, journal)

    assert len(bot.ads) == 1
    assert again["posting_status"].tolist() == ["Posted 2026-11-23"]


def test_a_person_s_own_word_stays_also_when_a_replacement_was_broken_off(journal: Journal) -> None:
    bot = SiteBot()
    _run(trucks(""), bot, journal)
    journal.move(SiteBot.account, "BT001", "removed", "", replaced_status="Posted 2026-11-21")
    df = trucks("sold")
    _run(df, bot, journal)
    assert (df["posting_status"].tolist(), len(bot.accepted)) == (["sold"], 1)


def test_an_ad_that_the_site_took_off_stays_so_for_an_older_copy_of_the_sheet(journal: Journal) -> None:
    bot = SiteBot()
    _run(trucks(""), bot, journal)
    journal.move(SiteBot.account, "BT001", "removed", "", error_kind="removed", replaced_status="Posted 2026-11-21")
    bot.ads.clear()
    for shown in ("Posted 2026-11-21", "Posted 2026-11-20", ""):
        df = trucks(shown)
        _run(df, bot, journal)
        assert df["posting_status"][0].startswith("Removed – ")
    assert bot.accepted == ["BT001"]


def test_an_old_ad_of_unknown_number_is_not_deleted_where_it_may_be_another_row_s(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads["900"] = "Twin"  # nobody knows whose
    df = trucks("Posted 2026-11-20", "Posted 2026-11-20", title=["Twin", "Twin"])
    journal.plan(SiteBot.account, "run", [("BT001", "Twin"), ("BT002", "Twin")])
    for sku in ("BT001", "BT002"):
        journal.move(SiteBot.account, sku, "posted", "", title="Twin")
    _run(df, bot, journal, "all")
    assert (bot.deleted, bot.accepted) == ([], [])
    assert df["posting_status"].str.startswith("Posted 2026-11-20 – not replaced: The old ad could not be").all()


def test_a_replacement_whose_delete_failed_is_finished_by_the_next_plain_click(journal: Journal) -> None:
    """Its answer was lost, and the list couldn't be read: whether the old ad is there, nobody knows."""
    bot = SiteBot()
    df = trucks("")
    _run(df, bot, journal)

    def fail() -> None:
        raise SiteError("The answer was lost.")

    bot.points = {"deleted": fail, "find BT001": fail}
    _run(df, bot, journal, "all")
    assert df["posting_status"][0].startswith("Posted 2026-11-23 – not replaced: The old ad 1001 could not be removed")
    assert (bot.ads, bot.accepted) == ({}, ["BT001"])
    bot.points = {}

    _run(df, bot, journal)
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]
    assert list(bot.ads) == ["1002"]
