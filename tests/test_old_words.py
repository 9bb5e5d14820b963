"""A sheet's words may be older than the last click, newer than this computer's journal, or pasted from another row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from journal_bots import SiteBot, interrupt, new_journal, states
from posting_bots import adds_up, trucks

from xlkijiji.errors import RecordError, SiteError, UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal
from xlkijiji.posting import run_batch

NOT_THERE = "Error: not there"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with new_journal(tmp_path) as one:
        yield one


def _run(df: pd.DataFrame, bot: Any, journal: Journal | None, mode: str = "new", **more: Any) -> dict[str, Any]:
    result = run_batch(df, mode, bot, journal=journal, **{"sleep": lambda _seconds: None} | more)
    assert adds_up(result, df)
    return result


def _record(journal: Journal, sku: str = "BT001") -> Any:
    return journal.record(SiteBot.account, sku)


# --- a word that was heeded once


def test_not_there_from_before_the_last_click_is_no_word_about_it(journal: Journal) -> None:
    bot = SiteBot()
    bot.points["submit BT001"] = interrupt  # the click did not come about
    _run(trucks(""), bot, journal)
    bot.points = {"accepted BT001": interrupt}
    _run(trucks(NOT_THERE), bot, journal)
    assert bot.accepted == ["BT001"]
    bot.points = {}

    df = trucks(NOT_THERE)  # the sheet wasn't saved
    _run(df, bot, journal)

    assert bot.accepted == ["BT001"]
    assert df["posting_status"][0].startswith("Posted 2")


def test_not_there_typed_into_a_row_that_was_never_unsure_is_old_after_its_click_too(journal: Journal) -> None:
    bot = SiteBot()
    bot.points["accepted BT001"] = interrupt
    _run(trucks(NOT_THERE), bot, journal)
    bot.points = {}
    _run(trucks(NOT_THERE), bot, journal)
    assert bot.accepted == ["BT001"]


def test_who_has_looked_again_is_heeded_again(journal: Journal) -> None:
    class Blind(SiteBot):
        def find_ad(self, _record: Record, **_more: Any) -> dict[str, Any] | None:
            raise SiteError("My Ads could not be read.")

    bot = Blind()
    bot.points["submit BT001"] = interrupt
    _run(trucks(NOT_THERE), bot, journal)
    bot.points = {}
    df = trucks(NOT_THERE)
    _run(df, bot, journal)
    assert bot.accepted == []
    assert "a word more, such as the date" in df["posting_status"][0]

    _run(trucks(f"{NOT_THERE}, 25 November"), bot, journal)
    assert bot.accepted == ["BT001"]


def test_not_there_for_an_ad_that_the_site_took_off_counts_once(journal: Journal) -> None:
    bot = SiteBot()
    journal.plan(bot.account, "run", [("BT001", "Bucket truck 1")])
    for state in ("submitting", "removed"):
        journal.move(bot.account, "BT001", state, "run", error_kind="removed" if state == "removed" else "")
    bot.points["submit BT001"] = interrupt
    _run(trucks(NOT_THERE), bot, journal)
    assert states(journal) == {"BT001": "uncertain"}
    journal.move(bot.account, "BT001", "removed", "run", error_kind="removed", ad_id="77")

    df = trucks(NOT_THERE)
    _run(df, bot, journal)

    assert bot.accepted == []
    assert "'Error: not there' and a word more, such as the date," in df["posting_status"][0]


def test_posted_typed_for_an_ad_that_was_replaced_since_is_no_word_about_the_new_one(journal: Journal) -> None:
    bot = SiteBot()
    bot.points["accepted BT001"] = interrupt
    _run(trucks(""), bot, journal)
    bot.points = {}
    _run(trucks("Posted"), bot, journal)
    assert states(journal) == {"BT001": "posted"}
    bot.points["submit BT001"] = interrupt
    _run(trucks("Posted"), bot, journal, "all")
    assert bot.ads == {}
    bot.points = {}

    df = trucks("Posted")
    _run(df, bot, journal)

    assert list(bot.ads.values()) == ["Bucket truck 1"]
    assert df["posting_status"][0].startswith("Posted 2")


def test_posted_that_the_journal_has_as_the_old_ad_s_status_is_no_word_about_the_new_one(journal: Journal) -> None:
    # of an xlkijiji that didn't keep words yet, killed after the delete
    bot = SiteBot()
    journal.plan(bot.account, "run", [("BT001", "Bucket truck 1")])
    journal.move(bot.account, "BT001", "posted", "run", ad_id="900", replaced_status="Posted")
    for state in ("removed", "planned", "submitting"):
        journal.move(bot.account, "BT001", state, "run", ad_id="")
    _run(trucks("Posted"), bot, journal)
    assert list(bot.ads.values()) == ["Bucket truck 1"]


# --- an ad that a person made by hand


class Lost(SiteBot):
    """Its clicks of `lost` come to nothing, and nobody sees that."""

    def __init__(self) -> None:
        super().__init__()
        self.ads["900"] = "Bucket truck 1"  # made by hand
        self.lost = True

    def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
        if self.lost:
            before_submit(ids_before=list(self.ads))
            raise UnknownOutcome("Unsure whether it was posted.")
        return super().post_ad(record, before_submit)


def test_an_ad_that_was_there_before_the_click_stays_another_one_after_a_look(journal: Journal) -> None:
    bot = Lost()
    df = trucks("")
    _run(df, bot, journal)
    bot.lost = False
    bot.points["begin BT001"] = interrupt  # after the look, and before the click
    _run(df, bot, journal)
    assert states(journal) == {"BT001": "planned"}
    bot.points = {}
    df["posting_status"] = "Error: Unsure – whether it was posted"

    _run(df, bot, journal)

    assert bot.accepted == ["BT001"]
    assert sorted(bot.ads) == ["1001", "900"]


def test_an_ad_is_not_taken_for_that_of_a_row_that_was_never_submitted(journal: Journal) -> None:
    bot = Lost()
    bot.lost = False
    journal.plan(bot.account, "killed", [("BT001", "Bucket truck 1")])
    df = trucks("Posting…")
    _run(df, bot, journal)
    assert df["posting_status"][0].startswith("Error: Unsure – The ad 900 has its title, but may not be this row's.")
    assert bot.accepted == []


# --- a row that was pasted with its Ad id


def _pasted(df: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    return df.iloc[[0]].assign(**{"bucket_truck_id": "BT009", "title": "Another truck"} | changes)


def test_a_pasted_ad_id_does_not_make_the_old_ad_look_gone(journal: Journal) -> None:
    class Stubborn(SiteBot):
        def delete_ad(self, _ad_id: str) -> dict[str, Any]:
            raise SiteError("The site failed.")

    bot = Stubborn()
    df = trucks("", ad_id=[""])
    _run(df, bot, journal)
    _run(pd.concat([df, _pasted(df)], ignore_index=True), bot, journal, "all")
    assert list(bot.ads.values()).count("Bucket truck 1") == 1
    assert sorted(bot.ads.values()) == ["Another truck", "Bucket truck 1"]


@pytest.mark.parametrize("status", ["", "Posted 2026-01-01"])
def test_a_pasted_row_above_does_not_take_the_other_row_s_ad(journal: Journal, status: str) -> None:
    bot = SiteBot()
    df = trucks("", ad_id=[""])
    _run(df, bot, journal)
    both = pd.concat([_pasted(df, posting_status=status), df], ignore_index=True)
    _run(both, bot, journal, "all", stop_after=1)
    assert sorted(bot.ads.values()) == ["Another truck", "Bucket truck 1"]


def test_a_pasted_row_with_a_mistake_gets_no_ad_in_the_journal(journal: Journal) -> None:
    bot = SiteBot()
    df = trucks("", ad_id=[""])
    _run(df, bot, journal)
    both = pd.concat([df, _pasted(df, price="oops", posting_status="")], ignore_index=True)
    _run(both, bot, journal, "all")
    both.loc[1, ["price", "posting_status", "ad_id"]] = [5, "", ""]
    _run(both, bot, journal)
    assert sorted(bot.ads.values()) == ["Another truck", "Bucket truck 1"]


def test_of_two_rows_with_one_ad_id_and_no_journal_none_is_replaced_blindly() -> None:
    bot = SiteBot()
    bot.ads = {"901": "Bucket truck 1"}
    df = trucks("Posted 2026-01-01", ad_id=["901"])
    both = pd.concat([_pasted(df), df], ignore_index=True)
    _run(both, bot, None, "all")
    assert (bot.ads, bot.accepted) == ({"901": "Bucket truck 1"}, [])
    assert all("stands in another row too" in status for status in both["posting_status"])


# --- more than one computer


def _at(hour: int) -> Any:
    return lambda: pd.Timestamp(f"2026-11-25T{hour:02}:00:00+00:00").to_pydatetime()


def test_an_ad_that_another_computer_posted_later_is_the_row_s(journal: Journal, tmp_path: Path) -> None:
    bot = SiteBot()
    df = trucks("", ad_id=[""], ad_url=[""], posted_at=[""])
    _run(df, bot, journal, clock=_at(8))
    with Journal(tmp_path / "other.sqlite3") as other:
        _run(df, bot, other, "all", clock=_at(9))
    (second,) = bot.ads

    _run(df, bot, journal, clock=_at(10))
    assert df["ad_id"][0] == second
    assert (_record(journal).ad_id, _record(journal).state) == (second, "posted")
    _run(df, bot, journal, "all", clock=_at(11))
    assert list(bot.ads.values()) == ["Bucket truck 1"]


def test_an_ad_that_another_computer_posted_after_a_refusal_here_is_replaced(journal: Journal, tmp_path: Path) -> None:
    class Refuses(SiteBot):
        def post_ad(self, _record: Record, before_submit: Any) -> dict[str, Any]:
            before_submit(ids_before=[])
            raise RecordError("The site refused it.")

    bot = SiteBot()
    df = trucks("", ad_id=[""])
    _run(df, Refuses(), journal)
    with Journal(tmp_path / "other.sqlite3") as other:
        _run(df, bot, other)
    bot.find_ad = None  # all that is left to know the old ad by is the sheet's number
    _run(df, bot, journal, "all")
    assert (len(bot.accepted), len(bot.deleted), len(bot.ads)) == (2, 1, 1)


# --- while the old ad is looked for


def test_a_stop_while_the_old_ad_is_looked_for_does_not_make_it_look_gone(journal: Journal) -> None:
    stopped = [False]

    class Lags(SiteBot):
        listing_delay = 2.0

        def delete_ad(self, _ad_id: str) -> dict[str, Any]:
            stopped[0] = True
            raise SiteError("The site failed.")

        def find_ad(self, _record: Record, **_more: Any) -> dict[str, Any] | None:
            return None  # not listed yet

    bot = Lags()
    df = trucks("", ad_id=[""])
    _run(df, bot, journal)
    _run(df, bot, journal, "all", stop=lambda: stopped[0])
    assert bot.accepted == ["BT001"]


def test_a_bot_that_says_nothing_of_a_second_look_is_given_the_time_that_its_list_takes(journal: Journal) -> None:
    now = [0.0]

    class Lags(SiteBot):
        listing_delay = 2.0

        def live_ads(self) -> list[str]:
            return list(self.ads) if now[0] >= 2.0 else []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    df = trucks("")
    _run(df, Lags(), journal, sleep=sleep, monotonic=lambda: now[0])
    assert states(journal) == {"BT001": "posted"}


def test_one_bad_moment_of_the_list_is_no_proof_that_a_new_ad_was_taken_off(journal: Journal) -> None:
    class Hiccup(SiteBot):
        looked = 0

        def live_ads(self) -> list[str]:
            self.looked += 1
            return list(self.ads) if self.looked > 1 else []

    df = trucks("")
    _run(df, Hiccup(), journal)
    assert states(journal) == {"BT001": "posted"}


@pytest.mark.parametrize("answer", [500, 0, [], "", False])
def test_only_a_plain_yes_means_that_the_old_ad_was_deleted(journal: Journal, answer: object) -> None:
    class Mumbles(SiteBot):
        def delete_ad(self, _ad_id: str) -> Any:
            return answer

    bot = Mumbles()
    df = trucks("", ad_id=[""])
    _run(df, bot, journal)
    _run(df, bot, journal, "all")
    assert bot.accepted == ["BT001"]


# --- what a bot says


@pytest.mark.parametrize("answer", [None, True, "101", {"ad_id": "101", "ad_url": "u"}])
def test_a_bot_that_does_not_say_whether_it_posted_is_not_asked_again(journal: Journal, answer: object) -> None:
    class Mumbles(SiteBot):
        def post_ad(self, record: Record) -> Any:
            self.ads["101"] = record["title"]
            self.accepted.append(record["sku"])
            return answer

    bot = Mumbles()
    df = trucks("")
    for _again in range(3):
        _run(df, bot, journal)
    assert bot.accepted == ["BT001"]
    assert df["posting_status"][0].startswith("Posted 2")


@pytest.mark.parametrize("answer", [{"found": False}, {"ad_id": None}, {"success": True, "ad_id": ""}, {}, []])
def test_an_answer_that_names_no_ad_is_none(journal: Journal, answer: object) -> None:
    class Mumbles(SiteBot):
        def find_ad(self, _record: Record, **_more: Any) -> Any:
            return answer

    bot = Mumbles()
    bot.points["submit BT001"] = interrupt
    _run(trucks(""), bot, journal)
    df = trucks("")
    _run(df, bot, journal)
    assert df["posting_status"][0].startswith("Error: Unsure")


def test_a_second_click_is_noted_in_one_step_with_the_first_one_s_ids(journal: Journal) -> None:
    seen: list[Any] = []

    class Twice(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            before_submit(ids_before=["1"])
            self.ads["55"] = record["title"]  # the first click was heard already
            before_submit(ids_before=["1", "55"])
            seen.extend(event["state"] for event in journal.query("SELECT state FROM events ORDER BY id"))
            seen.append(json.loads(_record(journal).ids_before))
            return {"success": True, "message": "ok", "ad_id": "55", "ad_url": "u"}

    _run(trucks(""), Twice(), journal)
    assert seen == ["planned", "submitting", "submitting", ["1"]]


@pytest.mark.parametrize("how", [list, tuple, set, iter, dict.fromkeys])
def test_ids_may_come_in_any_container(journal: Journal, how: Any) -> None:
    class Contains(SiteBot):
        def post_ad(self, _record: Record, before_submit: Any) -> dict[str, Any]:
            before_submit(ids_before=how(["900"]))
            raise KeyboardInterrupt

    bot = Contains()
    bot.ads = {"900": "Bucket truck 1"}
    _run(trucks(""), bot, journal)
    assert json.loads(_record(journal).ids_before) == ["900"]


def test_posted_in_small_letters_is_posted_in_mode_all_too(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads = {"900": "Bucket truck 1"}
    _run(trucks("posted"), bot, journal, "all")
    assert list(bot.ads.values()) == ["Bucket truck 1"]
