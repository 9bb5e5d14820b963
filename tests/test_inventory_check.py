"""A whole inventory, checked without a browser; and what a run says beside its errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from posting_bots import PlainBot, adds_up, trucks

from xlkijiji import validators
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import Record
from xlkijiji.inventory_check import check_inventory
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.photo_download import PhotoError
from xlkijiji.posting import post_single, run_batch
from xlkijiji.validators import check_twins


class CarefulBot(PlainBot):
    """Has something to say of every record, and objects to one."""

    def check(self, record: Record) -> list[str]:
        return ["Title: it shouts."] if record["title"].isupper() else []

    def warnings(self, record: Record) -> list[str]:
        return [f"Colour: {record.record_id} has none."]


def test_twins_are_told_with_their_rows() -> None:
    twins = check_twins(["Truck", " truck", "Truck", "", ""], [5, "5.00", 6, 1, 1], [2, 3, 4, 5, 6], {})
    assert [str(twins[at]) for at in sorted(twins)] == [
        "Title: 'Truck' has the same title and price as row 3. The site removes duplicates: say what is different "
        "about each.",
        "Title: 'truck' has the same title and price as row 2. The site removes duplicates: say what is different "
        "about each.",
    ]


def test_of_many_twins_a_few_are_named() -> None:
    twins = check_twins(["T"] * 5000, [1] * 5000, [None] * 5000, {})
    assert "as records 1, 2, 3, 4, 5, 6 and 4993 more." in str(twins[4999])
    assert len(twins) == 5000


def test_warnings_keep_no_row_back_and_stand_in_its_entry() -> None:
    df = trucks("", "", title=["Truck", "truck"], price=[5, 5])
    bot = CarefulBot()

    result = run_batch(df, "new", bot, row_numbers=[4, 7])

    assert adds_up(result, df)
    assert result["successful_posts"] == 2
    assert [len(entry["warnings"]) for entry in result["results"]] == [2, 2]
    first, second = result["results"][1]["warnings"]
    assert first.startswith("Title: 'truck' has the same title and price as row 4.")
    assert second == "Colour: BT002 has none."


def test_a_single_record_has_its_warnings_too() -> None:
    entry = post_single({"sku": "A", "title": "t", "description": "D", "price": 1}, CarefulBot())
    assert (entry["success"], entry["warnings"]) == (True, ["Colour: A has none."])


def test_a_bot_whose_warnings_fail_posts_all_the_same() -> None:
    class Clumsy(PlainBot):
        def warnings(self, record: Record) -> list[str]:
            raise ZeroDivisionError(record["sku"])

    entry = post_single({"sku": "A", "title": "T", "description": "D", "price": 1}, Clumsy())
    assert (entry["success"], entry["warnings"]) == (True, [])


def test_an_inventory_is_checked_as_a_run_would() -> None:
    df = trucks("", "Posted 2026-01-01", "", "sold", "Error: x", title=["Truck", "truck", "LOUD", "T", None])
    df["bucket_truck_id"] = ["A", "B", "C", "D", "A"]
    bot = CarefulBot()

    findings = check_inventory(df, bot)

    assert [(finding.record_id, finding.blocks) for finding in findings] == [
        ("A", True),
        ("A", False),
        ("C", True),
        ("C", False),
        ("A", True),
        ("A", True),
        ("A", False),
    ]
    assert str(findings[2]) == "Record 3 (C), Title: it shouts."
    assert str(findings[3]) == "Record 3 (C), warning: Colour: C has none."
    assert bot.table == []
    assert {finding.record_id for finding in check_inventory(df, bot, mode="all")} == {"A", "B", "C", "D"}


def test_another_mode_is_refused() -> None:
    with pytest.raises(InventoryError, match="isn't known"):
        check_inventory(trucks(""), PlainBot(), mode="some")


def test_an_object_that_refuses_to_be_text_costs_its_own_row_alone() -> None:
    class Mute:
        def __str__(self) -> str:
            raise ValueError

    df = trucks("", "", title=[Mute(), "A good truck"])
    findings = check_inventory(df, PlainBot())
    assert {(finding.position, finding.blocks) for finding in findings} == {(0, True)}


def _check(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "xlkijiji", "check", str(path), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_prints_problems_and_warnings_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLKIJIJI_HOME", str(tmp_path / "home"))
    (tmp_path / "pictures" / "A1").mkdir(parents=True)
    Image.new("RGB", (640, 480)).save(tmp_path / "pictures" / "A1" / "front.jpg")
    header = "sku,title,description,price,category,year,kilometers,fuel type,status\n"
    good = "A1,A good truck,It runs very well,5,339,2016,10,Diesel,\n"
    path = tmp_path / "stock.csv"
    path.write_text(header + good, encoding="utf-8")

    done = _check(path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Row 2 (A1), warning: Fuel type: 'Diesel' has no field in Heavy Trucks." in done.stdout
    assert "0 rows can't be posted; 1 with warnings." in done.stdout

    path.write_text(header + good + "A2,short,It runs very well,5,Hevy Trucks,2016,10,,\n", encoding="utf-8")
    done = _check(path)
    assert done.returncode == 1
    assert "Row 3 (A2), Title: 'short' has 5 characters" in done.stdout
    assert "Row 3 (A2), Category: 'Hevy Trucks' is no category" in done.stdout
    assert "1 row can't be posted" in done.stdout
    assert _check(tmp_path / "none.csv").returncode == 1


def test_every_missing_photo_is_told_once(tmp_path: Path) -> None:
    bot = KijijiBot("a@example.com", None, images_dir=tmp_path)
    df = trucks("", image_filename=["sub/a.jpg; b.jpg"])
    told = [str(finding) for finding in check_inventory(df, bot, tmp_path) if "can't be found" in str(finding)]
    assert [text.split("'")[1] for text in told] == ["sub/a.jpg", "b.jpg"]


def test_a_photo_that_went_away_after_the_check_costs_its_row_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_address: str) -> Path:
        raise PhotoError("is answered with error 404", "Correct the address.")

    monkeypatch.setattr(validators, "fetch_photo", gone)
    record = Record(photos=["https://pictures.example/a.jpg", tmp_path / "b.jpg"])
    validators.Pictures(tmp_path).fetch(record)
    assert record["photos"] == ["https://pictures.example/a.jpg", tmp_path / "b.jpg"]
