"""The site's rules, before any browser."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from xlkijiji.inventory import Record
from xlkijiji.kijiji.categories import all_categories, resolve_category
from xlkijiji.kijiji.description import description_of
from xlkijiji.kijiji.listing import price_text, to_record
from xlkijiji.kijiji_bot import KijijiBot


def _bot(folder: Path | None = None, **more: Any) -> KijijiBot:
    return KijijiBot("seller@example.com", "x", base_url="http://127.0.0.1:9", images_dir=folder, **more)


def _row(**more: Any) -> dict[str, Any]:
    return {
        "title": "A good ladder",
        "description": "Ten feet of aluminium.",
        "price": 100,
        "category": "Farming Equipment",
        "photos": ["cover.jpg"],
        **more,
    }


def _problems(pictures: Path, **more: Any) -> list[str]:
    return [str(problem) for problem in _bot(pictures).check(_row(**more))]


def test_a_good_row_has_no_problems(pictures: Path) -> None:
    assert _problems(pictures) == []


@pytest.mark.parametrize(
    ("cells", "column", "part"),
    [
        ({"title": "Ladder"}, "Title", "has 6 characters"),
        ({"title": "x" * 65}, "Title", "has 65 characters"),
        ({"title": "🪜" * 33}, "Title", "has 66 characters"),
        ({"description": "short"}, "Description", "at least 10"),
        ({"description": "x" * 10_001}, "Description", "has 10,001 characters"),
        ({"price": "abc"}, "Price", "'abc' is not a number"),
        ({"price": ""}, "Price", "is blank"),
        ({"price": 0}, "Price", "choose the price type Free"),
        ({"price": -5}, "Price", "'-5' is not more than 0"),
        ({"price": 100_000_000}, "Price", "At most 99,999,999.99"),
        ({"price": 9.999}, "Price", "two decimals"),
        ({"price_type": "Auction"}, "Price type", "Please contact"),
        ({"category": "Hevy Trucks"}, "Category", "Heavy Equipment > Heavy Trucks"),
        ({"category": "Other"}, "Category", "Type the whole path"),
        ({"category": "Buy & Sell"}, "Category", "group of categories"),
        ({"photos": []}, "Photos", "at least one"),
        ({"photos": "gone.jpg"}, "Photos", "'gone.jpg' can't be found"),
        ({"photos": "; ".join(f"{n}.jpg" for n in range(11))}, "Photos", "are 11 pictures"),
        ({"tags": "a,b,c,d,e,f"}, "Tags", "are 6 tags"),
        ({"phone": "call me"}, "Phone", "is no phone number"),
        ({"condition": "Shiny"}, "Condition", "Used - Good"),
        ({"for_sale_by": "Nobody"}, "For sale by", "Owner"),
        ({"year": "soon"}, "Year", "not a whole number"),
        ({"year": 16}, "Year", "not a model year"),
        ({"category": 339, "year": 2016}, "Kilometers", "Add a column"),
        ({"category": 339, "kilometers": 5, "year": None}, "Year", "Fill it in"),
        ({"category": "ATVs", "model": "X"}, "Make", "ads in ATVs need it"),
    ],
)
def test_each_rule_names_column_and_remedy(pictures: Path, cells: dict[str, Any], column: str, part: str) -> None:
    texts = [text for text in _problems(pictures, **cells) if text.startswith(f"{column}: ")]
    assert any(part in text for text in texts), _problems(pictures, **cells)


def test_ten_thousand_rows_with_one_slip_are_checked_in_two_seconds() -> None:
    bot = _bot()
    row = _row(category="Hevy Trucks", location="Otawa", condition="Shiny", photos=[])
    started = time.process_time()
    for number in range(10_000):
        assert bot.check(row | {"title": f"A good ladder {number}"})
    assert time.process_time() - started < 2


def test_all_problems_at_once(pictures: Path) -> None:
    texts = _problems(pictures, title="x", description="y", price="z", category="q", photos="", tags="1,2,3,4,5,6")
    assert [text.split(":")[0] for text in texts] == ["Category", "Title", "Description", "Price", "Tags", "Photos"]


@pytest.mark.parametrize(
    ("name", "size", "kind", "part"),
    [
        ("small.png", (299, 200), "PNG", "299 x 200"),
        ("drawing.jpg", (600, 600), "ICO", "is not a picture"),
    ],
)
def test_pictures_that_the_site_refuses(tmp_path: Path, name: str, size: tuple[int, int], kind: str, part: str) -> None:
    Image.new("RGB", size).save(tmp_path / name, kind)
    assert [part in str(problem) for problem in _bot(tmp_path).check(_row(photos=name))] == [True]


def test_a_file_that_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "list.jpg").write_text("not a picture", encoding="utf-8")
    (problem,) = _bot(tmp_path).check(_row(photos="list.jpg"))
    assert "is not a picture" in str(problem)


def test_blank_cells_get_the_defaults(pictures: Path) -> None:
    bot = _bot(pictures, default_category="Hevy Trucks")
    assert ["Settings" in str(problem) for problem in bot.check(_row(category=""))] == [True]


def test_post_ad_tells_all_problems_and_starts_no_browser(pictures: Path) -> None:
    result = _bot(pictures, browser="no-such-browser").post_ad(_row(title="x", price="abc"))
    assert (result["success"], result["error_kind"], result["ad_url"]) == (False, "record", None)
    assert "Title: " in result["message"]
    assert "Price: 'abc'" in result["message"]


def test_placeholders_are_filled_once() -> None:
    row = _row(sku="BT1", description="Stock {sku}. {Note}", Note="Write {sku} in your mail")
    assert description_of(to_record(row, None)) == "Stock BT1. Write {sku} in your mail"


def test_a_description_names_pictures_without_their_folders() -> None:
    record = Record(description="See {Photos}.", photos=[Path("/home/ana/pictures/front.jpg"), r"C:\Ana\back.jpg"])
    assert description_of(record) == "See front.jpg, back.jpg."


@given(category=st.sampled_from(sorted(all_categories().values(), key=lambda category: int(category.id))))
def test_a_category_is_known_by_id_and_path(category: Any) -> None:
    assert resolve_category(category.id) == category
    assert resolve_category(f"  {category.full_name.upper()} ") == category
    assert resolve_category(" › ".join(category.path).replace("&", "and")) == category


@given(text=st.text(max_size=40))
def test_any_text_is_a_category_or_a_sentence(text: str) -> None:
    problems = _bot().check(_row(category=text or "-"))
    about = [str(problem) for problem in problems if problem.column.startswith("Category")]
    assert all(sentence.endswith((".", "?")) for sentence in about)


@given(cents=st.integers(1, 9_999_999_999))
def test_prices_are_written_without_loss(cents: int) -> None:
    text = price_text(cents / 100)
    assert round(float(text) * 100) == cents
    assert text.endswith(f".{cents % 100:02}") or cents % 100 == 0


@given(
    values=st.dictionaries(st.sampled_from(["title", "description", "price", "tags", "year", "category"]), st.text())
)
def test_no_row_breaks_the_check(values: dict[str, str]) -> None:
    assert all(str(problem) for problem in _bot().check(values))
