"""A run as a whole: what nobody foresaw in it, what counts as an ad, and which end counts."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from journal_bots import SiteBot, new_journal
from posting_bots import NOON, PlainBot, adds_up, at_noon, trucks

from xlkijiji.errors import LimitReached
from xlkijiji.inventory import Record
from xlkijiji.posting import request_stop, run_batch


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_of_the_program_itself_ends_the_run_with_a_sentence(
    caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    def broken_clock() -> dt.datetime:
        raise ZeroDivisionError("secret")

    df = trucks("", "", "")
    result = run_batch(df, "new", [SiteBot(), SiteBot()], workers=workers, clock=broken_clock)
    assert (result["success"], result["ended"]) == (False, "critical")
    assert "secret" not in result["message"]
    assert "secret" in caplog.text
    assert adds_up(result, df)


def test_an_old_ad_that_stays_is_no_ad_of_this_run(tmp_path: Path) -> None:
    class Keeps(SiteBot):
        def delete_ad(self, ad_id: str) -> dict[str, Any]:
            return super().delete_ad(ad_id) if ad_id != "1001" else {"success": False, "message": "no"}

    bot = Keeps()
    with new_journal(tmp_path) as journal:
        run_batch(trucks("", ""), "new", bot, journal=journal, clock=at_noon)
        result = run_batch(trucks("", ""), "all", bot, journal=journal, clock=at_noon, stop_after=1)
    assert sorted(bot.ads.values()) == ["Bucket truck 1", "Bucket truck 2"]
    assert bot.accepted == ["BT001", "BT002", "BT002"]
    assert (result["ended"], result["successful_posts"], result["failed_posts"]) == ("done", 1, 1)


def test_replacing_all_that_was_stopped_does_not_promise_to_go_on(tmp_path: Path) -> None:
    bot = SiteBot()
    with new_journal(tmp_path) as journal:
        run_batch(trucks("", "", ""), "new", bot, journal=journal, clock=at_noon)
        result = run_batch(trucks("", "", ""), "all", bot, journal=journal, clock=at_noon, stop_after=1)
    assert bot.accepted == ["BT001", "BT002", "BT003", "BT001"]
    assert "2 of 3 records were not done." in result["message"]
    assert "go on" not in result["message"]


def test_posted_rows_that_a_person_has_to_look_at_are_counted_at_the_end() -> None:
    class Twins(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            twin = {"warning": "There are two of them."} if record["bucket_truck_id"] == "BT002" else {}
            return super().post_ad(record) | twin

    result = run_batch(trucks("", ""), "new", Twins(), clock=at_noon)
    assert result["results"][1]["status_update"].endswith(" – There are two of them.")
    assert "1 posted row has something to look at beside its date: read its posting status." in result["message"]
    assert "to look at" not in run_batch(trucks(""), "new", Twins(), clock=at_noon)["message"]


def test_what_the_site_said_counts_more_than_that_somebody_stopped_the_run_meanwhile() -> None:
    begun = threading.Barrier(2, timeout=10)

    class Together(SiteBot):
        def at(self, point: str, record: Record | None = None) -> None:
            if point != "begin" or record is None:
                return
            begun.wait()
            if record["sku"] == "BT001":
                request_stop()
            while record["sku"] == "BT002" and sum(one.name.startswith("bot ") for one in threading.enumerate()) > 1:
                threading.Event().wait(0.01)  # the other one has heard that it should stop
            if record["sku"] == "BT002":
                raise LimitReached("The account is full.")

    result = run_batch(trucks("", "", ""), "new", [Together(), Together()], workers=2)
    assert result["ended"] == "critical"
    assert result["message"].startswith("The account is full.")


def test_a_row_that_cannot_be_read_has_its_code_in_the_log_too(caplog: pytest.LogCaptureFixture) -> None:
    class Unreadable:
        def __float__(self) -> float:
            raise RuntimeError("secret")

    result = run_batch(trucks("", price=[Unreadable()]), "new", PlainBot())
    code = result["results"][0]["error_code"]
    assert f"code {code}" in caplog.text


def test_fewer_than_ten_records_are_saved_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "trucks.csv"
    df = trucks("", "", "")
    df.to_csv(path, index=False)
    saved: list[int] = []

    class Looking(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            saved.append(path.read_text().count("Posted"))
            return super().post_ad(record)

    run_batch(df, "new", Looking(), file_path=path)
    assert saved == [0, 1, 2]


def test_the_same_item_under_another_spelling_of_the_account_is_not_posted_twice(tmp_path: Path) -> None:
    class Shouting(SiteBot):
        account = " Dealer@Example.COM "

    first, again = SiteBot(), Shouting()
    with new_journal(tmp_path) as journal:
        run_batch(trucks(""), "new", first, journal=journal, clock=at_noon)
        result = run_batch(trucks(""), "new", again, journal=journal, clock=lambda: NOON)
        assert len(journal.records("DEALER@example.com")) == 1
    assert again.accepted == []
    assert result["redrawn_records"] == 1
