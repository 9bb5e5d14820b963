"""A price for which the form has no field: it stands in the ad's text, and the row says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from other_site import PICTURES
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji import messages
from xlkijiji.inventory_check import check_inventory
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.posting import run_batch
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite
from xlkijiji.records import table_from_grid
from xlkijiji.sheet_check import sheet_notes

SNOW = "Snow Removal & Property Maintenance"
ROW: dict[str, Any] = {
    "sku": "S1",
    "title": "Snow removal, property maintenance",
    "description": "We plow driveways all winter.",
    "price": 2900,
    "photos": PICTURES[0],
    "location": "M5V 3L9",
}


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    messages.use("en")


@pytest.fixture
def bot(practice: PracticeSite, driver: WebDriver, pictures: Path) -> KijijiBot:
    """A bot of the practice site's dealer."""
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    return KijijiBot(
        user, password, base_url=practice.url, images_dir=pictures, driver=driver, page_timeout=10, confirm_timeout=10
    )


def _bot() -> KijijiBot:
    return KijijiBot("a@example.com", "x")


def _warnings(**cells: Any) -> list[str]:
    return [str(one).strip() for one in _bot().warnings(ROW | {"category": SNOW} | cells)]


@pytest.mark.parametrize(
    ("language", "cells", "line", "told"),
    [
        (
            "en",
            {},
            "Price: $2,900",
            f"Price: '$2,900' has no field in {SNOW}. It is put at the end of the description.",
        ),
        (
            "fr",
            {"price": 1299.5},
            "Prix: 1 299,50 $",
            f"Prix\u00a0: «\u00a01\u00a0299,50\u00a0$\u00a0» n’a pas de champ dans {SNOW}. "
            "Cela est mis à la fin de la description.",
        ),
        (
            "en",
            {"price": "", "price_type": "swap"},
            "Price: Swap / Trade",
            f"Price type: 'Swap / Trade' has no field in {SNOW}. It is put at the end of the description.",
        ),
        (
            "en",
            {"description": "We plow driveways for {price} dollars."},
            "We plow driveways for 2900 dollars.",
            f"Price: '$2,900' has no field in {SNOW}. The description says it already.",
        ),
    ],
    ids=["a price", "in French", "a price type", "one that the text says"],
)
def test_a_suggested_form_without_a_price(
    practice: PracticeSite, bot: KijijiBot, pictures: Path, language: str, cells: dict[str, Any], line: str, told: str
) -> None:
    messages.use(language)
    df = pd.DataFrame([ROW | cells | {"posting_status": "", "last_error": None}])
    result = run_batch(df, "new", bot, pictures)
    (entry,) = result["results"]
    assert entry["success"], entry
    ad = practice.ads()[-1]
    assert (ad["price"], ad["category"].split(" > ")[-1]) == (None, SNOW)
    assert ad["description"].splitlines()[-1] == line
    assert ad["description"].count("2900") <= 1
    assert df["posting_status"][0].startswith("Posted 2")
    word = "Warning: " if language == "en" else "Avertissement\u00a0: "
    assert df["last_error"][0] == word + told
    assert entry["warnings"] == [told]


def test_a_known_category_without_a_price_is_told_before_and_posted(
    practice: PracticeSite, bot: KijijiBot, pictures: Path
) -> None:
    row = ROW | {"category": SNOW, "title": "Snow removal of a known kind", "condition": "Used - Good"}
    df = pd.DataFrame([row | {"posting_status": "", "last_error": None}])
    (entry,) = run_batch(df, "new", bot, pictures)["results"]
    assert entry["success"], entry
    text = practice.ads()[-1]["description"]
    assert text == "We plow driveways all winter.\n\nPrice: $2,900\nCondition: Used - Good"
    assert [one.split(" in ")[0] for one in entry["warnings"]] == [
        "Price: '$2,900' has no field",
        "Condition: 'Used - Good' has no field",
    ]
    revised = bot.revise_ad(row | {"price": 3100}, entry["ad_id"])
    assert revised["success"], revised
    assert "Price: $3,100" in practice.ads()[-1]["description"]


def test_a_known_category_with_a_price_keeps_it_out_of_the_text(practice: PracticeSite, bot: KijijiBot) -> None:
    result = bot.post_ad(
        ROW | {"category": "Buy & Sell > Furniture > Chairs & Recliners", "title": "A chair and no snow"}
    )
    assert result["success"], result
    assert (result["notes"], result["remarks"]) == ([], [])
    assert (practice.ads()[-1]["price"], practice.ads()[-1]["description"]) == (2900, ROW["description"])


def test_a_text_without_room_for_the_price_says_so(practice: PracticeSite, bot: KijijiBot) -> None:
    result = bot.post_ad(ROW | {"title": "Snow removal, property maintenance, long", "description": "x" * 9_995})
    assert result["success"], result
    assert result["remarks"] == [f"Price: '$2,900' has no field in {SNOW}. The description has no room for it."]


def test_the_check_of_the_sheet_says_it_beside_the_row() -> None:
    headers = ["SKU", "Title", "Description", "Price", "Category", "Posting status", "Last error"]
    grid = [headers, ["S1", ROW["title"], ROW["description"], 2900, SNOW, "", ""]]
    table = table_from_grid(grid, "stock")
    findings = [one for one in check_inventory(table.frame, _bot()) if not one.blocks]
    (said,) = {str(one.problem) for one in findings}
    assert said == f"Price: '$2,900' has no field in {SNOW}. It is put at the end of the description."
    cells = sheet_notes(table, findings).cells[0]
    assert cells["last_error"].endswith(f"warning: {said}")


def test_what_says_no_price_is_not_put_into_the_text() -> None:
    assert _warnings(price=0) == [f"Price: '0' isn't shown: ads in {SNOW} have no price."]
    assert _warnings(price="") == []
    (asked, lost) = _warnings(price_type="contact")
    assert asked.startswith("Price type: 'Please contact' has no field")
    assert lost.startswith("Price: '2900' isn't shown with the price type Please contact.")
    assert lost.endswith("choose the price type Fixed instead of Please contact.")


def test_a_category_without_a_price_takes_none_and_any() -> None:
    def about_price(price: object) -> list[str]:
        found = _bot().check(ROW | {"category": SNOW, "price": price})
        return [str(one) for one in found if one.column == "Price"]

    assert [about_price(price) for price in ("", 0, 5, 200_000_000)] == [[], [], [], []]
    assert "is not a number" in about_price("by the hour")[0]
