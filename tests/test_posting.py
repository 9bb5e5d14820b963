"""run_batch and post_single, seen from outside: the frame, the result, and the table of a bot that keeps its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image
from posting_bots import PlainBot, adds_up, at_noon, trucks

from xlkijiji.inventory import Record
from xlkijiji.posting import post_single, run_batch

# --- modes and statuses


def test_mode_new_takes_blank_pending_and_error_rows_and_leaves_the_others() -> None:
    df = trucks("", None, " Pending ", "ERROR: no", "Posted 2026-01-01", "hold, waiting for Bob…")
    bot = PlainBot()

    result = run_batch(df, "new", bot, clock=at_noon)

    assert bot.ids == ["BT001", "BT002", "BT003", "BT004"]
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 4 + [
        "Posted 2026-01-01",
        "hold, waiting for Bob…",
    ]
    assert result["success"] is True
    assert (result["successful_posts"], result["failed_posts"], result["skipped_records"]) == (4, 0, 2)
    assert adds_up(result, df)


def test_mode_all_takes_every_row() -> None:
    df = trucks("", "Posted 2026-01-01", "sold")
    bot = PlainBot()

    run_batch(df, "all", bot)

    assert bot.ids == ["BT001", "BT002", "BT003"]


@pytest.mark.parametrize("mode", ["NEW", "", None, 5, "everything"])
def test_another_mode_is_refused_and_the_two_are_named(mode: Any) -> None:
    df, bot = trucks(""), PlainBot()

    result = run_batch(df, mode, bot)

    assert result["success"] is False
    assert "'new'" in result["message"]
    assert "'all'" in result["message"]
    assert bot.table == []
    assert adds_up(result, df)


@pytest.mark.parametrize(
    "statuses",
    [
        pd.Series([float("nan")] * 3),
        pd.Series([None] * 3, dtype=object),
        pd.Series(["", "pending", "Posted x"], dtype="category"),
        pd.Series([None, "pending", "Posted x"], dtype="string"),
        pd.Series([pd.NaT] * 3),
        pd.Series([pd.NA, "Error", ""], dtype=object),
    ],
    ids=["float", "object", "category", "string", "time", "NA"],
)
def test_a_status_column_of_any_type_becomes_text(statuses: pd.Series) -> None:
    df = trucks("", "", "")
    df["posting_status"] = statuses
    posted = [not str(status).startswith("Posted") for status in statuses]

    run_batch(df, "new", PlainBot(), clock=at_noon)

    assert (df["posting_status"] == "Posted 2026-11-23").tolist() == posted
    assert all(isinstance(status, str) for status in df["posting_status"])


@pytest.mark.parametrize(
    "index", [[5, 9, 70], [1, 1, 1], ["b", "a", None], pd.MultiIndex.from_tuples([(1, 2), (1, 2), (0, 1)])]
)
def test_statuses_land_in_the_right_rows_whatever_the_index(index: Any) -> None:
    df = trucks("Posted x", "", "sold")
    df.index = pd.Index(index) if isinstance(index, list) else index

    run_batch(df, "new", PlainBot(), clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted x", "Posted 2026-11-23", "sold"]


def test_the_status_column_is_added_when_it_is_missing() -> None:
    df = trucks("", "").drop(columns="posting_status")

    run_batch(df, "new", PlainBot(), clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2


def test_a_row_that_failed_is_posted_by_the_next_run() -> None:
    df = trucks("", "", price=["abc", 5])
    bot = PlainBot()
    run_batch(df, "new", bot)
    assert bot.ids == ["BT002"]

    df.loc[0, "price"] = 100
    run_batch(df, "new", bot)

    assert bot.ids == ["BT002", "BT001"]


def test_ad_id_link_and_time_are_noted_where_the_frame_has_such_columns() -> None:
    class Numbering(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            return {**super().post_ad(record), "ad_id": 1700000000 + len(self.table)}

    df = trucks("", "", ad_id=[float("nan")] * 2, posted_at=[pd.NaT] * 2)

    run_batch(df, "new", Numbering(), clock=at_noon)

    assert df["ad_id"].tolist() == ["1700000001", "1700000002"]
    assert df["posted_at"].tolist() == ["2026-11-23T12:00:00-05:00"] * 2
    assert "ad_url" not in df


# --- what the bot gets


def test_the_bot_may_use_our_names_and_the_sheets_own() -> None:
    seen: list[Record] = []

    class Curious(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            seen.append(record)
            return super().post_ad(record)

    df = trucks("", image_filename=["a.jpg; b.jpg"], bucket_truck_id=[5.0])
    run_batch(df, "new", Curious())

    record = seen[0]
    assert record["sku"] == record["bucket_truck_id"] == "5"
    assert record["image_filename"] == "a.jpg; b.jpg"
    assert record["photos"] == [Path("a.jpg"), Path("b.jpg")]
    assert record["price"] == 24500.0
    assert record["tags"] == ["bucket", "truck"]
    assert record["description"] == "A good truck, Diesel."
    assert record["equipment_type"] == "Bucket truck"
    assert record.get("colour") is None


# --- the result, progress and observers


def test_each_entry_of_the_result_says_all_about_its_record() -> None:
    df = trucks("", "")

    result = run_batch(df, "new", PlainBot(), row_numbers=[4, 7], clock=at_noon)

    entry = result["results"][1]
    assert entry.pop("duration_s") >= 0
    assert entry == {
        "success": True,
        "message": "ok",
        "status_update": "Posted 2026-11-23",
        "ad_url": "https://www.kijiji.ca/v-x/y/z/2",
        "ad_id": None,
        "record_id": "BT002",
        "row": 7,
        "timestamp": "2026-11-23T12:00:00-05:00",
        "error_kind": None,
        "error_code": None,
        "last_error": None,
        "evidence": None,
        "tries": 1,
        "attempts": 1,
        "posted_at": "2026-11-23T12:00:00-05:00",
        "warnings": [],
    }


def test_progress_is_called_for_each_record_and_at_the_end() -> None:
    calls: list[tuple[float, str]] = []
    df = trucks("", "", "Posted x", "", price=[1, "abc", 3, 4])

    result = run_batch(df, "new", PlainBot(), progress_cb=lambda share, text: calls.append((share, text)))

    assert calls[:-1] == [
        (pytest.approx(100 / 3), "Processing record 1/3: BT001"),
        (pytest.approx(200 / 3), "Processing record 2/3: BT002"),
        (100.0, "Processing record 3/3: BT004"),
    ]
    assert calls[-1] == (100.0, result["message"])


def test_followers_that_raise_are_logged_and_the_run_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def record_started(self, position: int, _record: Record) -> None:
            raise ValueError(f"broken at {position}")

        record_finished = record_started

    def fail(_share: float, _text: str) -> None:
        raise RuntimeError("no display")

    df, bot = trucks("", ""), PlainBot()

    result = run_batch(df, "new", bot, progress_cb=fail, observer=Broken())

    assert result["successful_posts"] == 2
    assert "no display" in caplog.text
    assert "broken at 0" in caplog.text


def test_rows_with_mistakes_are_told_before_anything_is_posted() -> None:
    events: list[str] = []

    class Watching:
        def record_started(self, position: int, _record: Record) -> None:
            events.append(f"started {position}")

        def record_finished(self, position: int, _record: Record, result: dict[str, Any]) -> None:
            events.append(f"finished {position} {result['success']}")

    run_batch(trucks("", "", price=[1, "abc"]), "new", PlainBot(), observer=Watching())

    assert events == ["finished 1 False", "started 0", "finished 0 True"]


# --- one record


def test_post_single_takes_a_dict_or_a_row_of_a_frame() -> None:
    bot = PlainBot()

    first = post_single(trucks("").iloc[0], bot)
    second = post_single({"Stock No": 7.0, "Title": "A", "description": "B", "price": "1 299,95 $"}, PlainBot())

    assert first["success"] is True
    assert first["record_id"] == "BT001"
    assert bot.ids == ["BT001"]
    assert second["record_id"] == "7"
    assert second["success"] is True


def test_post_single_checks_first() -> None:
    bot = PlainBot()

    entry = post_single({"sku": "A", "title": "", "description": "B", "price": -1}, bot)

    assert entry["success"] is False
    assert entry["status_update"] == (
        "Error: A, Title: the cell is blank. Type the ad's title. "
        "Price: '-1' is less than 0. Type an amount of 0 or more."
    )
    assert bot.table == []


def test_photos_that_are_pictures_pass(tmp_path: Path) -> None:
    Image.new("RGB", (4, 3)).save(tmp_path / "a.png")
    bot = PlainBot()

    entry = post_single({"sku": "A", "title": "T", "description": "B", "price": 1, "photos": "a.png"}, bot, tmp_path)

    assert entry["success"] is True


# --- pace


def test_the_run_pauses_between_ads_and_stops_after_the_limit() -> None:
    pauses: list[float] = []
    df, bot = trucks("", "", "", "", price=[1, "abc", 3, 4]), PlainBot()

    result = run_batch(df, "new", bot, pause_seconds=20, stop_after=2, sleep=pauses.append)

    assert bot.ids == ["BT001", "BT003"]
    assert pauses == [20]
    assert result["success"] is True
    assert result["message"] == (
        "This run's limit of 2 ads is reached. 2 posted, 1 failed. 1 of 4 records remain; run it again to go on."
    )
    assert adds_up(result, df)


def test_stop_is_asked_between_records() -> None:
    df, bot = trucks("", "", ""), PlainBot()

    result = run_batch(df, "new", bot, stop=lambda: len(bot.table) == 2)

    assert bot.ids == ["BT001", "BT002"]
    assert result["success"] is False
    assert result["message"] == "Stopped, as asked. 2 posted, 0 failed. 1 of 3 records remain; run it again to go on."
