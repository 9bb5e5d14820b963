"""What one run writes into the journal: titles that stay those of the ads, attempts that are counted on, odd cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journal_bots import SiteBot, interrupt, new_journal, states
from posting_bots import at_noon, trucks

from xlkijiji.errors import RecordError, SiteError, UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal
from xlkijiji.ledger import content_hash
from xlkijiji.posting import Patience, run_batch


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with new_journal(tmp_path) as one:
        yield one


def _run(df: Any, bot: Any, journal: Journal, mode: str = "new", **more: Any) -> dict[str, Any]:
    return run_batch(df, mode, bot, journal=journal, clock=at_noon, sleep=lambda _seconds: None, **more)


def test_an_ad_is_looked_for_under_the_title_that_was_submitted_however_often_the_cell_changes(
    journal: Journal,
) -> None:
    bot = SiteBot()
    bot.points["accepted BT001"] = interrupt
    df = trucks("")
    _run(df, bot, journal)
    bot.points.clear()
    df["title"] = ["Quite another title"]

    def hiccup() -> None:
        raise SiteError("My Ads is down.")

    bot.points["find BT001"] = hiccup
    _run(df, bot, journal)
    bot.points.clear()
    _run(df, bot, journal)

    assert bot.accepted == ["BT001"]
    assert states(journal) == {"BT001": "posted"}


def test_attempts_of_a_row_are_counted_on_from_what_its_cell_says(journal: Journal) -> None:
    class Refusing(SiteBot):
        def at(self, point: str, _record: Record | None = None) -> None:
            if point == "begin":
                raise SiteError("down")

    df = trucks("", attempts=[3])
    seen = []
    for _run_number in range(2):
        _run(df, Refusing(), journal, patience=Patience(site_tries=1))
        seen.append(df["attempts"][0])
    assert seen == [4, 5]
    assert journal.records()[0].attempts == 5


@pytest.mark.parametrize("cell", [1e300, -7, "9" * 400, float("inf")])
def test_an_odd_number_under_attempts_harms_nobody(journal: Journal, cell: Any) -> None:
    df = trucks("", attempts=[cell])
    assert _run(df, SiteBot(), journal)["successful_posts"] == 1
    assert df["attempts"][0] >= 1


@pytest.mark.parametrize("column", ["bucket_truck_id", "title", "description", "posting_status"])
def test_half_a_character_in_a_cell_costs_no_other_row_anything(journal: Journal, column: str) -> None:
    """Excel keeps text in UTF-16, of which a broken cell may hold one half of a pair."""
    bot = SiteBot()
    for _again in range(2):
        df = trucks("", "")
        df.loc[0, column] = "Error \ud83d" if column == "posting_status" else "Half \ud83d"
        result = _run(df, bot, journal)
        assert df["posting_status"].str.startswith("Posted").all(), result["message"]
    assert len(bot.accepted) == 2


def test_a_photo_whose_name_cannot_be_one_is_the_bots_business() -> None:
    assert content_hash(Record(title="T", photos=["a\0b.jpg"])) != content_hash(Record(title="T", photos=[]))


def test_a_row_without_a_sku_never_gets_into_the_journal(journal: Journal) -> None:
    df = trucks("Error: Unsure – x", bucket_truck_id=[None])
    _run(df, SiteBot(), journal)
    assert df["posting_status"][0].startswith("Error: ")
    assert states(journal) == {}


def test_an_ad_that_only_the_sheet_knew_and_the_site_took_off_is_noted_as_removed(journal: Journal) -> None:
    class Removing(SiteBot):
        def find_ad(self, _record: Record, **_more: Any) -> dict[str, Any]:
            return {"removed": True, "ad_id": "17"}

    df, bot = trucks("Error: Unsure – x"), Removing()
    result = _run(df, bot, journal)
    assert df["posting_status"][0].startswith("Removed – ")
    assert result["ended"] == "done"
    _run(df, bot, journal)
    assert bot.accepted == []
    assert states(journal) == {"BT001": "removed"}


def test_an_old_ad_that_stays_is_known_by_its_number(journal: Journal) -> None:
    bot = SiteBot()
    bot.ads["170"] = "Bucket truck 1"
    bot.delete_ad = None
    df = trucks("Posted 2026-01-01", ad_id=["170"])
    _run(df, bot, journal, "all")
    assert df["posting_status"][0].startswith("Posted 2026-01-01 – not replaced")
    assert [(one.state, one.ad_id) for one in journal.records()] == [("posted", "170")]


@pytest.mark.parametrize("error", [UnknownOutcome("Several ads have this title."), SiteError("down"), OSError("x")])
def test_an_old_ad_that_cannot_be_looked_for_stays_and_the_run_goes_on(journal: Journal, error: Exception) -> None:
    class Quiet(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            return super().post_ad(record, before_submit) | {"ad_id": ""}

        def find_ad(self, _record: Record, **_more: Any) -> dict[str, Any] | None:
            raise error

    bot = Quiet()
    _run(trucks("", "pending"), bot, journal)
    df = trucks("Posted 2026-01-01", "Posted 2026-01-01")
    result = _run(df, bot, journal, "all")
    assert result["ended"] == "done"
    assert df["posting_status"].str.startswith("Posted 2026-01-01 – not replaced").all()
    assert len(bot.ads) == 2
    assert set(states(journal).values()) == {"posted"}


@pytest.mark.parametrize("ends", ["posted", "failed", "uncertain"])
def test_an_interrupt_right_after_an_outcome_was_noted_notes_it_once(tmp_path: Path, ends: str) -> None:
    class Interrupts(Journal):
        pressed = False

        def move(self, account: str, record_id: str, state: Any, *rest: Any, **more: Any) -> None:
            super().move(account, record_id, state, *rest, **more)
            if state == ends and not self.pressed:
                self.pressed = True
                raise KeyboardInterrupt

    class Bot(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            if ends == "failed":
                raise RecordError("The title is wrong.")
            answer = super().post_ad(record, before_submit)
            if ends == "uncertain":
                raise UnknownOutcome("Nobody saw it.")
            return answer

    df = trucks("", "")
    with Interrupts(tmp_path / "journal.sqlite3") as journal:
        result = run_batch(df, "new", Bot(), journal=journal)
        events = journal.query("SELECT record_id, state FROM events WHERE state = ?", (ends,))
        outcomes = journal.query("SELECT record_id FROM outcomes")
    assert result["ended"] == "interrupted"
    assert len(result["results"]) == len(events) == len(outcomes) == 1
    assert df["posting_status"][0]
    assert df["posting_status"][1] == ""
