"""What is checked of a row before any bot gets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from xlkijiji.inventory import Record
from xlkijiji.records import as_record
from xlkijiji.validators import Pictures, Problem, check_record, check_repeats, problems_sentence


def record(**changes: Any) -> Record:
    return as_record({"sku": "A1", "title": "A truck", "description": "A good truck", "price": 5} | changes)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "trucks").mkdir(parents=True)
    Image.new("RGB", (8, 6), "red").save(folder / "a.jpg")
    Image.new("RGB", (8, 6), "red").save(folder / "trucks" / "b.png")
    Image.new("RGB", (8, 6), "red").save(tmp_path / "outside.png")
    (folder / "notes").mkdir()
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "away").symlink_to(tmp_path)
    (folder / "empty.jpg").touch()
    (folder / "note.jpg").write_text("hello")
    (folder / "half.png").write_bytes((folder / "trucks" / "b.png").read_bytes()[:60])
    return folder


def test_a_good_record_has_no_problem() -> None:
    assert check_record(record()) == []


@pytest.mark.parametrize("name", ["sku", "title", "description", "price"])
@pytest.mark.parametrize("blank", [None, "", "  \n", float("nan")])
def test_required_values_may_not_be_blank(name: str, blank: Any) -> None:
    (problem,) = check_record(record(**{name: blank}))

    assert problem.rule == "is blank"
    assert problem.column.casefold() == name


@pytest.mark.parametrize("price", ["abc", "12 or so", float("inf"), True, "1.2.3", "#REF!", "=1+1", [], object()])
def test_a_price_that_is_no_number_is_refused(price: Any) -> None:
    (problem,) = check_record(record(price=price))

    assert problem.column == "Price"
    assert problem.rule == "is not a number"


@pytest.mark.parametrize("price", [-1, "-0.01", "-$5"])
def test_a_negative_price_is_refused(price: Any) -> None:
    (problem,) = check_record(record(price=price))

    assert problem.rule == "is less than 0"


@pytest.mark.parametrize("price", [0, 5, "24500", "$1,299.95", "1 299,95 $", "1\u202f299,95\u00a0$", 12.5])
def test_prices_as_people_write_them_pass(price: Any) -> None:
    assert check_record(record(price=price)) == []


@pytest.mark.parametrize(
    "kind",
    [
        "Free",
        "FREE ",
        "GIVE_AWAY",
        "Please contact",
        "please_contact",
        "CONTACT",
        "Swap / Trade",
        "swap/trade",
        "SWAP_TRADE",
    ],
)
@pytest.mark.parametrize("price", [None, "abc"])
def test_some_price_types_need_no_price(kind: str, price: Any) -> None:
    assert check_record(record(price=price, price_type=kind)) == []


@pytest.mark.parametrize("kind", ["Fixed", "", "negotiable"])
def test_other_price_types_need_one(kind: str) -> None:
    assert len(check_record(record(price=None, price_type=kind))) == 1


def test_photos_that_are_pictures_pass(pictures: Path) -> None:
    names = f"a.jpg; trucks/b.png; trucks\\b.png; {pictures / 'a.jpg'}"

    assert check_record(record(photos=names), pictures) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("gone.jpg", "can't be found"),
        ("notes", "is a folder without pictures"),
        ("b*.jpg", "fits no picture"),
        ("link.png", "points out of the pictures folder"),
        ("away/outside.png", "points out of the pictures folder"),
        ("away/*.png", "points out of the pictures folder"),
        ("../*.png", "points out of the pictures folder"),
        ("/etc/passwd", "points out of the pictures folder"),
        ("note.jpg", "is not a picture"),
        ("empty.jpg", "is not a picture"),
        ("half.png", "is not a whole picture"),
        ("../outside.png", "points out of the pictures folder"),
        ("trucks/../../outside.png", "points out of the pictures folder"),
        ("..\\outside.png", "points out of the pictures folder"),
        ("C:\\Users\\me\\a.jpg", "points out of the pictures folder"),
        ("D:foo.jpg", "names a drive but no folder"),
        ("D:trucks\\b.png", "names a drive but no folder"),
        ("x" * 5000, "can't be found"),
    ],
)
def test_other_photos_are_refused_by_name(pictures: Path, name: str, rule: str) -> None:
    (problem,) = check_record(record(photos=f"a.jpg;{name}"), pictures)

    assert problem.column == "Photos"
    assert problem.value == name
    assert problem.rule.startswith(rule)


def test_a_folder_stands_for_its_pictures(pictures: Path) -> None:
    assert check_record(record(photos="trucks"), pictures) == []
    assert [problem.value for problem in check_record(record(photos="e*.jpg;n*.jpg"), pictures)] == [
        "empty.jpg",
        "note.jpg",
    ]


def test_without_photos_the_folder_of_the_skus_name_is_looked_at(pictures: Path) -> None:
    (pictures / "A1").mkdir()
    (pictures / "A1" / "bad.jpg").write_text("no picture")

    (problem,) = check_record(record(photos=""), pictures)

    assert (problem.value, problem.rule) == ("bad.jpg", "is not a picture")


def test_a_missing_pictures_folder_is_named(tmp_path: Path) -> None:
    (problem,) = check_record(record(photos="a.jpg"), tmp_path / "nowhere")

    assert str(tmp_path / "nowhere") in problem.advice


def test_without_a_folder_only_full_paths_are_looked_at(pictures: Path) -> None:
    assert check_record(record(photos="gone.jpg")) == []
    assert len(check_record(record(photos=str(pictures / "gone.jpg")))) == 1


def test_a_picture_that_many_rows_share_is_looked_at_once(pictures: Path) -> None:
    shared = Pictures(pictures)
    assert check_record(record(photos="a.jpg"), shared) == []
    (pictures / "a.jpg").unlink()

    assert check_record(record(photos="a.jpg"), shared) == []


def test_a_problem_is_a_sentence_with_a_short_value() -> None:
    text = str(Problem("Price", "x" * 40_000, "is not a number", "Type the amount."))

    assert text == f"Price: '{'x' * 59}…' is not a number. Type the amount."


def test_problems_of_a_row_are_one_text() -> None:
    problems = [Problem("Title", "", "is blank", "Type it."), "Photos: none."]

    assert problems_sentence(problems, "A1", 7) == "Row 7, Title: the cell is blank. Type it. Photos: none."
    assert problems_sentence(problems, "A1") == "A1, Title: the cell is blank. Type it. Photos: none."


def test_rows_that_share_a_sku_are_found_with_their_rows() -> None:
    problems = check_repeats(["A", "B", "A", "", "", "A"], [2, 3, 4, 5, 6, 9])

    assert sorted(problems) == [0, 2, 5]
    assert problems[0].rule == "stands in rows 2, 4 and 9"


def test_skus_that_differ_in_capitals_alone_are_repeats() -> None:
    problems = check_repeats(["BT1", "B2", "bt1"], [2, 3, 4])

    assert sorted(problems) == [0, 2]
    assert str(problems[2]).startswith("SKU: 'bt1' stands in rows 2 and 4, if capitals are left aside. Give each")


def test_the_sheets_own_header_names_the_column() -> None:
    changed = as_record({"bucket_truck_id": "", "title": "T", "description": "D", "price": 1})

    (problem,) = check_record(changed)

    assert problem.column == "bucket_truck_id"


def test_a_cell_with_a_formulas_error_is_told_so() -> None:
    (problem,) = check_record(record(title="#N/A"))

    assert problem.rule == "is an error of the formula"
