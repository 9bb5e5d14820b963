"""What can't be posted is told in a sentence, and nothing is posted for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from posting_bots import PlainBot, trucks

from xlkijiji.bot_port import BotPort
from xlkijiji.posting import run_batch
from xlkijiji.records import as_record
from xlkijiji.run_result import objection
from xlkijiji.validators import Pictures

# --- bad input


def test_problems_of_a_row_are_told_together_with_row_column_and_rule(tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("not a picture")
    df = trucks("", title=[None], price=["abc"], image_filename=["note.jpg;gone.jpg"])
    bot = PlainBot()

    result = run_batch(df, "new", bot, tmp_path, row_numbers=[7])

    status = df["posting_status"][0]
    assert status == f"Error: {result['results'][0]['message']}"
    assert status.startswith("Error: Row 7, Title: the cell is blank. Type the ad's title.")
    assert "Price: 'abc' is not a number. Type the amount alone, such as 24500 or 1299.95." in status
    assert "image_filename: 'note.jpg' is not a picture." in status
    assert f"image_filename: 'gone.jpg' can't be found. Put the picture into {tmp_path}" in status
    assert bot.table == []
    assert result["success"] is True


def test_a_cell_that_cannot_be_read_at_all_costs_its_own_row_alone(caplog: pytest.LogCaptureFixture) -> None:
    class Unreadable:
        def __float__(self) -> float:
            raise RuntimeError("secret")

    df, bot = trucks("", "", "", price=[1, Unreadable(), 3]), PlainBot()

    result = run_batch(df, "new", bot, row_numbers=[2, 3, 4])

    assert bot.ids == ["BT001", "BT003"]
    assert df["posting_status"][1] == "Error: System error"
    assert (result["results"][1]["record_id"], result["results"][1]["row"]) == ("BT002", 3)
    assert "secret" in caplog.text
    assert result["success"] is True


def test_a_check_that_breaks_down_is_an_error_of_that_record(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Pictures):
        def fault(self, name: str) -> tuple[str, str] | None:
            raise ValueError(name)

    record = as_record({"sku": "A", "title": "T", "description": "D", "price": 1, "photos": "secret.jpg"})

    outcome = objection(record, BotPort(PlainBot()), Broken(None))

    assert outcome is not None
    assert outcome.status == "Error: System error"
    assert "secret.jpg" in caplog.text


def test_rows_that_share_a_sku_are_all_refused_and_named() -> None:
    df = trucks("", "", "Posted x", "", bucket_truck_id=["A", "B", "B", "C"])
    bot = PlainBot()

    run_batch(df, "new", bot, row_numbers=[2, 3, 4, 5])

    assert bot.ids == ["A", "C"]
    assert "'B' stands in rows 3 and 4" in df["posting_status"][1]
    assert df["posting_status"][2] == "Posted x"


def test_a_missing_column_stops_the_run_with_its_name() -> None:
    df, bot = trucks("").drop(columns=["title", "price"]), PlainBot()

    result = run_batch(df, "new", bot)

    assert result["success"] is False
    assert result["message"] == (
        "The inventory: the columns 'Title', 'Price' are missing. Add a header for each, then try again."
    )
    assert bot.table == []


def test_two_columns_that_mean_the_same_stop_the_run() -> None:
    df, bot = trucks("").assign(SKU="x"), PlainBot()

    result = run_batch(df, "new", bot)

    assert result["success"] is False
    assert "'bucket_truck_id' (A) and 'SKU' (J) both mean SKU" in result["message"]
    assert bot.table == []


@pytest.mark.parametrize("df", [None, [], {"sku": [1]}, pd.Series([1])])
def test_what_is_no_frame_is_refused(df: Any) -> None:
    result = run_batch(df, "new", PlainBot())

    assert result["success"] is False
    assert "DataFrame" in result["message"]
    assert result["total_records"] == 0


@pytest.mark.parametrize("df", [pd.DataFrame(), trucks(), pd.DataFrame(columns=["a"])])
def test_no_rows_is_nothing_to_do(df: pd.DataFrame) -> None:
    calls: list[float] = []

    result = run_batch(df, "new", PlainBot(), progress_cb=lambda share, _text: calls.append(share))

    assert result["success"] is True
    assert "no rows" in result["message"]
    assert calls == [100.0]
    assert df["posting_status"].tolist() == []


def test_a_bot_that_cannot_post_is_refused() -> None:
    result = run_batch(trucks(""), "new", object())  # type: ignore[arg-type]

    assert result["success"] is False
    assert "post_ad" in result["message"]


def test_blank_rows_are_left_alone() -> None:
    df = pd.concat([trucks(""), pd.DataFrame([{}]), trucks("")], ignore_index=True)
    df.loc[2, "bucket_truck_id"] = "Z"
    bot = PlainBot()

    result = run_batch(df, "new", bot)

    assert bot.ids == ["BT001", "Z"]
    assert result["skipped_records"] == 1
    assert df["posting_status"][1] == ""
