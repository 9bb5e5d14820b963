"""A file that was changed since it was read, and the file as it was before a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from posting_bots import PlainBot, trucks

from xlkijiji import data_io
from xlkijiji.file_replacement import backup_inventory
from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch

SUFFIXES = pytest.mark.parametrize("suffix", [".csv", ".xlsx"])


def _write(frame: pd.DataFrame, path: Path) -> None:
    path.unlink(missing_ok=True)
    data_io.save_inventory(frame, path)


def _statuses(path: Path) -> dict[str, str]:
    frame = data_io.load_inventory(path)
    return dict(zip(frame["sku"], frame["posting_status"], strict=True))


@SUFFIXES
def test_rows_that_were_sorted_and_added_meanwhile_are_found_by_sku(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"stock{suffix}"
    _write(trucks("", "", ""), path)
    frame = data_io.load_inventory(path)
    _write(trucks("", "", "", "", bucket_truck_id=["BT003", "X", "BT001", "BT002"]), path)
    frame["posting_status"] = ["one", "two", "three"]

    data_io.save_inventory(frame, path)

    assert _statuses(path) == {"BT003": "three", "X": "", "BT001": "one", "BT002": "two"}


@SUFFIXES
@pytest.mark.parametrize(
    ("there", "named"),
    [
        (["BT001", "BT003"], "BT002"),
        (["BT001", "BT002", "BT002", "BT003"], "BT002"),
        (["BT001", "Z", "BT003"], "BT002"),
    ],
)
def test_a_row_that_is_gone_or_there_twice_is_refused_by_name(
    tmp_path: Path, suffix: str, there: list[str], named: str
) -> None:
    path = tmp_path / f"stock{suffix}"
    _write(trucks("", "", ""), path)
    frame = data_io.load_inventory(path)
    _write(trucks(*[""] * len(there), bucket_truck_id=list(there)), path)
    before = path.read_bytes()
    frame["posting_status"] = ["one", "two", "three"]

    with pytest.raises(data_io.UnmatchedRows, match=f"was changed since it was read, .* {named}") as raised:
        data_io.save_inventory(frame, path)

    assert raised.value.positions == {1}
    assert path.read_bytes() == before


def test_twins_without_a_sku_are_saved_in_order_only_into_the_file_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    _write(trucks("", "", bucket_truck_id=["A", "A"]), path)
    frame = data_io.load_inventory(path)
    frame["posting_status"] = ["one", "two"]
    data_io.save_inventory(frame, path)
    frame["posting_status"] = ["three", "four"]
    data_io.save_inventory(frame, path)  # what was changed was changed by us
    assert data_io.load_inventory(path)["posting_status"].tolist() == ["three", "four"]

    path.write_bytes(path.read_bytes().replace(b"24500", b"24999"))

    frame["posting_status"] = ["five", "six"]
    with pytest.raises(data_io.InventoryError):
        data_io.save_inventory(frame, path)
    assert data_io.load_inventory(path)["posting_status"].tolist() == ["three", "four"]


@SUFFIXES
def test_a_run_keeps_the_file_as_it_was_and_saves_the_rows_that_are_still_there(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"stock{suffix}"
    _write(trucks("", "", ""), path)
    before = path.read_bytes()
    frame = data_io.load_inventory(path)
    shorter = trucks("", "", bucket_truck_id=["BT001", "BT003"])

    class Meddling(PlainBot):
        def post_ad(self, record: Record) -> dict[str, object]:
            if record["sku"] == "BT003":  # somebody deletes a row that is posted already
                _write(shorter, path)
            return super().post_ad(record)

    result = run_batch(frame, "new", Meddling(), file_path=path)

    assert (tmp_path / f"stock.backup{suffix}").read_bytes() == before
    assert all(status.startswith("Posted") for status in _statuses(path).values())
    assert set(_statuses(path)) == {"BT001", "BT003"}
    assert "more, or not only once: BT002." in result["message"]
    assert result["success"] is True


def test_each_run_makes_one_backup_and_a_run_that_changes_nothing_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    _write(trucks("Posted 2026-01-01", "sold"), path)
    run_batch(data_io.load_inventory(path), "new", PlainBot(), file_path=path)
    assert not list(tmp_path.glob("*.backup.*"))

    _write(trucks("", "", ""), path)
    run_batch(data_io.load_inventory(path), "new", PlainBot(), file_path=path, persist_every=1)
    after_first = path.read_bytes()
    frame = data_io.load_inventory(path)
    frame.loc[0, "posting_status"] = ""
    run_batch(frame, "new", PlainBot(), file_path=path)

    assert (tmp_path / "stock.backup.csv").read_bytes() == after_first


def test_a_backup_that_cannot_be_made_is_told_and_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    _write(trucks(""), path)
    (tmp_path / "stock.backup.csv").mkdir()

    result = run_batch(data_io.load_inventory(path), "new", PlainBot(), file_path=path)

    assert _statuses(path)["BT001"].startswith("Posted")
    assert "No backup was made." in result["message"]


def test_there_is_nothing_to_keep_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert backup_inventory(tmp_path / "stock.csv") is None
