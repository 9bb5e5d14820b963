"""Ways to a second ad that somebody found who had not written the code; each was one."""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journal_bots import SiteBot, new_journal, states
from posting_bots import adds_up, trucks

from xlkijiji import data_io
from xlkijiji.errors import SiteError, UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal
from xlkijiji.posting import request_stop, run_batch


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with new_journal(tmp_path) as one:
        yield one


def _run(df: Any, bot: Any, journal: Journal | None, mode: str = "new", **more: Any) -> dict[str, Any]:
    result = run_batch(df, mode, bot, journal=journal, **{"sleep": lambda _seconds: None} | more)
    assert adds_up(result, df)
    return result


def _live() -> SiteBot:
    bot = SiteBot()
    bot.ads = {"901": "Bucket truck 1", "902": "Bucket truck 2"}
    return bot


def test_ads_that_only_the_sheet_knows_are_replaced_also_when_a_run_ended_before_it_came_to_them(
    journal: Journal,
) -> None:
    bot = _live()
    bot.points["login"] = request_stop
    df = trucks("Posted 2026-01-01", "Posted 2026-01-01", ad_id=["901", "902"], price=[1.0, "oops"])
    assert _run(df, bot, journal, "all")["ended"] == "stopped"
    assert df["posting_status"][1].startswith("Posted 2026-01-01 – not replaced: ")
    df["price"] = [1.0, 2.0]
    bot.points.clear()

    assert _run(df, bot, journal)["successful_posts"] == 0, "in mode new their ads are live"
    _run(df, bot, journal, "all")

    assert sorted(bot.ads.values()) == ["Bucket truck 1", "Bucket truck 2"]
    assert bot.deleted == ["901", "902"]


def test_a_posted_row_whose_ad_has_no_number_gets_no_second_one(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads = {"900": "Bucket truck 1"}
    df = trucks("Posted 2026-01-01")
    _run(df, bot, journal, "all")
    assert (bot.deleted, list(bot.ads.values())) == (["900"], ["Bucket truck 1"])


def test_an_unsure_row_of_which_only_the_sheet_knows_is_waited_for_as_long_as_a_list_may_lag() -> None:
    bot, waited = SiteBot(), [0.0]
    bot.listing_delay = 30.0

    def pass_time(seconds: float) -> None:
        waited[0] += seconds
        if waited[0] > 20:
            bot.ads = {"900": "Bucket truck 1"}

    df = trucks("Error: Unsure – x")
    _run(df, bot, None, sleep=pass_time)
    assert (bot.accepted, df["posting_status"][0][:7]) == ([], "Posted ")


def test_a_row_that_is_unsure_and_only_planned_in_the_journal_is_looked_for(journal: Journal) -> None:
    bot = _live()
    journal.plan(SiteBot.account, "run", [("BT001", "Bucket truck 1")])
    df = trucks("Error: Unsure – x")
    _run(df, bot, journal)
    # an ad of its title was found, but none was submitted from here: a person knows whose it is
    assert (bot.accepted, states(journal)) == ([], {"BT001": "uncertain"})


@pytest.mark.parametrize("error", [SiteError("down"), ZeroDivisionError("x")])
def test_a_bot_with_any_keywords_that_tells_of_the_click_is_heard(journal: Journal, error: Exception) -> None:
    class Keywords(SiteBot):
        def post_ad(self, record: Record, **more: Any) -> dict[str, Any]:
            super().post_ad(record, more["before_submit"])
            raise error

    bot = Keywords()
    df = trucks("")
    _run(df, bot, journal)
    assert df["posting_status"][0].startswith("Error: Unsure")
    _run(df, bot, journal)
    assert (bot.accepted, states(journal)) == (["BT001"], {"BT001": "posted"})


def test_of_two_at_once_with_one_title_none_takes_the_other_s_ad(journal: Journal) -> None:
    posted, looked = threading.Event(), threading.Event()
    shared = SiteBot()

    class Loses(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            before_submit(ids_before=[])
            if record["sku"] == "BT001":
                posted.wait(10)  # the other's ad is on the site, and its outcome not noted yet
                raise _Vague
            shared.ads["901"] = record["title"]
            shared.accepted.append(record["sku"])
            posted.set()
            looked.wait(10)
            return {"success": True, "message": "ok", "ad_id": "901", "ad_url": "https://site.example/901"}

        def find_ad(self, record: Record, ids_before: Any = ()) -> dict[str, Any] | None:
            found = shared.find_ad(record, ids_before)
            looked.set()
            return found

    class _Vague(Exception):
        pass

    class Vague(Loses):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            try:
                return super().post_ad(record, before_submit)
            except _Vague:
                return {"success": False, "message": "Something went wrong."}

    df = trucks("", "", title=["Twin", "Twin"])
    _run(df, [Vague(), Vague()], journal, workers=2)
    assert df["posting_status"].str.startswith("Posted ").sum() == 1
    assert states(journal)["BT001"] == "uncertain"


def test_a_failed_delete_and_one_empty_look_are_no_proof_that_the_ad_is_gone(journal: Journal) -> None:
    class Blinks(SiteBot):
        blink = False

        def delete_ad(self, _ad_id: str) -> dict[str, Any]:
            self.blink = True
            return {"success": False, "message": "busy"}

        def find_ad(self, record: Record, ids_before: Any = ()) -> dict[str, Any] | None:
            self.blink, blinked = False, self.blink
            return None if blinked else super().find_ad(record, ids_before)

    bot = Blinks()
    df = trucks("")
    _run(df, bot, journal)
    _run(df, bot, journal, "all")
    assert bot.accepted == ["BT001"]


def test_an_old_run_s_late_thread_moves_nothing_in_the_journal(journal: Journal) -> None:
    hanging, told, release = threading.Barrier(3), threading.Event(), threading.Event()

    class Hangs(SiteBot):
        def delete_ad(self, _ad_id: str) -> dict[str, Any]:
            hanging.wait(10)
            release.wait(30)
            return {"success": True}

    def progress(_share: float, text: str) -> None:
        if text.startswith("Stopping"):
            told.set()

    def press() -> None:
        hanging.wait(10)
        signal.raise_signal(signal.SIGINT)
        told.wait(10)
        signal.raise_signal(signal.SIGINT)

    bot = SiteBot()
    df = trucks("", "")
    _run(df, bot, journal)
    presses = threading.Thread(target=press)
    presses.start()
    assert _run(df, [Hangs(), Hangs()], journal, "all", workers=2, progress_cb=progress)["ended"] == "interrupted"
    late = [thread for thread in threading.enumerate() if thread.name.startswith("bot ")]
    release.set()
    for thread in (presses, *late):
        thread.join(10)
    assert len(late) == 2
    assert set(states(journal).values()) == {"posted"}


def test_an_interrupt_right_after_a_transaction_began_leaves_none_open(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = journal._database

    class Interrupts:
        def __getattr__(self, name: str) -> Any:
            return getattr(database, name)

        def execute(self, statement: str, *rest: Any) -> Any:
            answer = database.execute(statement, *rest)
            if statement == "BEGIN IMMEDIATE":
                raise KeyboardInterrupt
            return answer

    monkeypatch.setattr(journal, "_database", Interrupts())
    with pytest.raises(KeyboardInterrupt):
        journal.plan(SiteBot.account, "run", [("BT001", "")])
    assert not database.in_transaction
    with sqlite3.connect(journal.path, timeout=0) as other:
        other.execute("BEGIN IMMEDIATE")


def test_ctrl_c_while_the_last_save_is_on_loses_nothing(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stock.csv"
    data_io.save_inventory(trucks("", ""), path)
    df = data_io.load_inventory(path)
    save = data_io.save_matching_rows

    def slow(*rest: Any, **more: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return save(*rest, **more)

    monkeypatch.setattr(data_io, "save_matching_rows", slow)
    bot = SiteBot()
    bot.points["begin BT001"] = lambda: signal.raise_signal(signal.SIGINT)
    result = _run(df, bot, journal, file_path=path, persist_every=0)
    assert result["ended"] == "interrupted"
    assert data_io.load_inventory(path)["posting_status"][0].startswith("Posted ")


def test_an_interrupt_in_an_observer_does_not_keep_the_row_out_of_the_file(tmp_path: Path, journal: Journal) -> None:
    class Presses:
        def record_finished(self, *_rest: Any) -> None:
            raise KeyboardInterrupt

    path = tmp_path / "stock.csv"
    data_io.save_inventory(trucks("", ""), path)
    df = data_io.load_inventory(path)
    _run(df, SiteBot(), journal, file_path=path, persist_every=0, observer=Presses())
    assert data_io.load_inventory(path)["posting_status"][0].startswith("Posted ")


def test_ids_that_a_bot_tells_with_the_click_are_kept_though_it_was_not_expected_to_tell(journal: Journal) -> None:
    class Keywords(SiteBot):
        def post_ad(self, _record: Record, **more: Any) -> dict[str, Any]:  # one that takes any keyword
            more["before_submit"](ids_before=["900"])
            raise SiteError("down")

    bot = Keywords()
    bot.ads = {"900": "Bucket truck 1"}  # an older one, posted by hand
    df = trucks("")
    _run(df, bot, journal)
    later = SiteBot()
    later.ads = dict(bot.ads)
    _run(df, later, journal)
    (known,) = journal.records()
    assert (known.state, known.ad_id) == ("posted", "1001"), "the older ad is not this row's"


# --- after the last ad: a site takes off duplicates


class TakesOff(SiteBot):
    """Its site takes the first row's ad off, some seconds after it took it."""

    recheck_delay = 15.0

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds
        self.slept.append(seconds)
        if self.now >= 10:
            self.ads.pop("1001", None)

    def live_ads(self) -> list[str]:
        """As My Ads lists them."""
        self.at("live")
        return list(self.ads)


def test_an_ad_that_the_site_takes_off_again_is_noticed_at_the_end_of_the_run(journal: Journal) -> None:
    bot = TakesOff()
    df = trucks("", "", ad_id=["", ""])
    result = _run(df, bot, journal, sleep=bot.sleep, monotonic=lambda: bot.now)
    assert bot.slept == [15.0, 1.0], "what is missing is looked for twice"
    assert df["posting_status"][0].startswith("Removed – The site had accepted the ad 1001 and then removed it")
    assert df["posting_status"][1].startswith("Posted ")
    assert states(journal) == {"BT001": "removed", "BT002": "posted"}
    assert (result["successful_posts"], result["failed_posts"]) == (1, 1)
    df["posting_status"] = ["", ""]
    _run(df, SiteBot(), journal)
    assert states(journal) == {"BT001": "removed", "BT002": "posted"}, "not posted again for a blank cell"


def test_a_list_that_cannot_be_read_at_the_end_changes_nothing(journal: Journal) -> None:
    def fail() -> None:
        raise SiteError("down")

    bot = TakesOff()
    bot.points["live"] = fail
    df = trucks("")
    result = _run(df, bot, journal, sleep=bot.sleep, monotonic=lambda: bot.now)
    assert (result["ended"], df["posting_status"][0][:7]) == ("done", "Posted ")


def test_whoever_stops_the_run_does_not_wait_for_the_second_look(journal: Journal) -> None:
    bot = TakesOff()
    bot.points["accepted BT002"] = lambda: request_stop() and None
    df = trucks("", "", "")
    result = _run(df, bot, journal, sleep=bot.sleep, monotonic=lambda: bot.now)
    assert (result["ended"], bot.slept) == ("stopped", [])


# --- the journal's file, and how records are named


def test_a_journal_that_is_deleted_while_a_run_is_on_ends_the_run_before_the_next_click(tmp_path: Path) -> None:
    bot, df = SiteBot(), trucks("", "", "")
    with new_journal(tmp_path) as journal:
        bot.points["begin BT002"] = lambda: [one.unlink() for one in tmp_path.glob("journal.sqlite3*")] and None
        result = _run(df, bot, journal)
    assert result["ended"] == "critical"
    assert "was deleted or replaced by another program" in result["message"]
    assert bot.accepted == ["BT001"]


@pytest.mark.parametrize(
    ("first", "then"), [(5, "5.0"), ("5.0", 5), (5.0, "5"), (1234567890123456, 1234567890123456.0)]
)
def test_a_stock_number_is_the_same_with_a_zero_behind_it(journal: Journal, first: object, then: object) -> None:
    bot = SiteBot()
    _run(trucks("", bucket_truck_id=[first]), bot, journal)
    df = trucks("", bucket_truck_id=[then])
    _run(df, bot, journal)
    assert len(bot.accepted) == 1
    assert df["posting_status"][0].startswith("Posted ")


def test_an_interrupt_while_signing_out_takes_nothing_from_the_result(journal: Journal) -> None:
    class Presses(SiteBot):
        def logout(self) -> None:
            raise KeyboardInterrupt

    result = _run(trucks(""), Presses(), journal)
    assert (result["ended"], result["successful_posts"]) == ("done", 1)
    assert [one["ended"] for one in journal.query("SELECT ended FROM runs")] == ["done"]


def test_a_file_name_that_no_system_takes_is_told_at_the_end(journal: Journal, tmp_path: Path) -> None:
    bot = SiteBot()
    result = _run(trucks(""), bot, journal, file_path=tmp_path / ("x" * 300 + ".csv"))
    assert bot.accepted == ["BT001"]
    assert (result["ended"], "could not be saved" in result["message"]) == ("done", True)


def test_what_is_said_of_two_rows_with_one_stock_number_changes_nothing_in_the_journal(journal: Journal) -> None:
    bot = _live()
    df = trucks("Posted 2026-01-01", ad_id=["901"])
    _run(df, bot, journal, "all")
    (new,) = (ad_id for ad_id in bot.ads if ad_id != "902")
    # an older copy of the sheet, in which the row was pasted once more
    twins = trucks("Posted 2026-01-01", "", bucket_truck_id=["BT001", "bt001 "], ad_id=["901", ""])

    _run(twins, bot, journal, "all")

    (record,) = journal.records(bot.account)
    assert (record.state, record.ad_id) == ("posted", new)
    df = trucks("Posted 2026-01-01", ad_id=["901"])
    _run(df, bot, journal)
    assert df["ad_id"][0] == new, "the next click draws the ad that is live"


class Unlisted(TakesOff):
    """The site shows a number for each ad, which isn't under My Ads yet when the bot looks."""

    def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
        """Post, and not see it."""
        ad_id = super().post_ad(record, before_submit)["ad_id"]
        raise UnknownOutcome("Unsure whether the ad was posted: it isn't listed yet.", ad_id)


def test_two_of_one_title_are_told_apart_by_the_numbers_that_the_site_had_shown(journal: Journal) -> None:
    bot = Unlisted()
    df = trucks("", "", title=["Bucket truck", "Bucket truck"], ad_id=["", ""])
    _run(df, bot, journal)
    assert states(journal) == {"BT001": "uncertain", "BT002": "uncertain"}

    _run(df, bot, journal)

    assert df["ad_id"].tolist() == list(bot.ads)
    assert states(journal) == {"BT001": "posted", "BT002": "posted"}
    assert bot.accepted == ["BT001", "BT002"]


def test_another_ad_of_the_title_is_not_the_one_whose_number_the_site_had_shown(journal: Journal) -> None:
    bot = Unlisted()
    df = trucks("", ad_id=[""])
    _run(df, bot, journal)
    bot.ads = {"2000": "Bucket truck 1"}  # made by hand meanwhile; ours isn't listed

    _run(df, bot, journal)

    assert df["ad_id"][0] != "2000"
    assert not df["posting_status"][0].startswith("Posted")
    assert bot.accepted == ["BT001"]
