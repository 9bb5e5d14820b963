"""The bot where each page is French, whatever language it asks for; judged by the site's own table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from other_site import PICTURES
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.errors import AccountBlocked, FeeDue, LimitReached
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

CHAIR: dict[str, Any] = {
    "sku": "CH1",
    "title": "Chaise en chêne, très belle",
    "description": "Une chaise de chêne massif.",
    "price": 1299.95,
    "category": "Buy & Sell > Furniture > Chairs & Recliners",
    "photos": "; ".join(PICTURES),
    "condition": "Used - Good",
    "for_sale_by": "Owner",
    "payment": "cash; cashless payment",
    "hand-over": "pickup",
    "tags": "chêne; chaise",
    "location": "H2X 1Y4",
    "phone": "514-555-0123",
}
CAR: dict[str, Any] = {
    **CHAIR,
    "sku": "C9",
    "title": "Honda S2000 2016, un seul propriétaire",
    "category": "Cars & Vehicles > Cars & Trucks",
    "make": "Honda",
    "model": "S2000",
    "body_type": "Convertible",
    "VIN": "2HGFC2F59GH512345",
    "CARFAX link": "https://www.carfax.ca/report/7",
    "year": 2016,
    "kilometers": 98000,
    "price_type": "Please contact",
    "price": "",
}


@pytest.fixture(scope="module")
def french(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSite]:
    """The practice site for an account that is kept in French."""
    with PracticeSite(tmp_path_factory.mktemp("french"), locale="fr_CA", upload_seconds=0) as site:
        yield site


@pytest.fixture
def bot(french: PracticeSite, driver: WebDriver, pictures: Path) -> Iterator[KijijiBot]:
    """A bot of the practice site's dealer."""
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    given: dict[str, Any] = {"images_dir": pictures, "page_timeout": 10, "confirm_timeout": 10}
    yield KijijiBot(user, password, base_url=french.url, driver=driver, **given)
    french.clear_faults()


def test_an_ad_is_posted_whole_revised_and_deleted_in_french(french: PracticeSite, bot: KijijiBot) -> None:
    result = bot.post_ad(CHAIR)
    assert result["success"], result
    ad = french.ads()[-1]
    assert (ad["price"], ad["tags"], ad["phone"]) == (1299.95, ["chêne", "chaise"], CHAIR["phone"])
    assert [photo["order"] for photo in ad["photos"]] == [1, 2, 3]
    assert "H2X 1Y4" in ad["location"]
    assert ad["attributes"] == {
        "forsaleby_s": "ownr",
        "condition_s": "usedgood",
        "fulfillment_s": ["curbside"],
        "payment_s": ["cashaccepted", "cashless"],
    }
    found = bot.find_ad(CHAIR)
    assert found is not None
    assert found["ad_id"] == result["ad_id"]
    assert bot.revise_ad({**CHAIR, "price": 1199.5}, result["ad_id"])["success"]
    assert french.ads()[-1]["price"] == 1199.5
    assert bot.delete_ad(result["ad_id"])["success"]
    assert french.ads()[-1]["state"] == "deleted"


def test_a_car_is_posted_whole_in_french(french: PracticeSite, bot: KijijiBot) -> None:
    result = bot.post_ad(CAR)
    assert result["success"], result
    ad = french.ads()[-1]
    assert (ad["price"], ad["price_type"]) == (None, "CONTACT")
    assert ad["attributes"]["carmodel_s"] == "othrmdl"
    assert ad["attributes"]["carbodytype_s"] == "conv"
    assert ad["attributes"]["vehicletype_s"] == "used"
    assert "Model: S2000" in ad["description"]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [("fee", "25.00", FeeDue), ("blocked", "click", AccountBlocked), ("limit", "0", LimitReached)],
)
def test_a_stop_is_understood_in_french(
    french: PracticeSite, bot: KijijiBot, name: str, value: str, error: type[Exception]
) -> None:
    count = len(french.ads())
    french.fault(name, None, value)
    with pytest.raises(error):
        bot.post_ad(CHAIR)
    assert len(french.ads()) == count
