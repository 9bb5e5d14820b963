"""Somebody goes on typing for their workbook, and the browser's window has the keyboard: the form must not get it."""

from __future__ import annotations

from pathlib import Path

import pytest
from other_site import PICTURES
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

FIELDS = ("postad-title", "PriceAmount", "pstad-descrptn")


@pytest.mark.parametrize("field", FIELDS)
def test_what_a_person_types_meanwhile_sends_no_form_and_changes_none(
    practice: PracticeSite, driver: WebDriver, pictures: Path, field: str
) -> None:
    typed: list[str] = []

    def type_on(step: str) -> None:
        script = "const el = document.getElementById(arguments[0]); if (el) el.focus(); return Boolean(el && el.value);"
        if driver.execute_script(script, field):
            ActionChains(driver).send_keys("12", Keys.ENTER).perform()  # to whatever has the keyboard by now
            typed.append(step)

    ((user, password),) = DEFAULT_ACCOUNTS.items()
    bot = KijijiBot(user, password, base_url=practice.url, images_dir=pictures, driver=driver, on_step=type_on)
    title = f"Bucket truck that is posted once, {FIELDS.index(field)}"
    result = bot.post_ad(
        {
            "sku": field,
            "title": title,
            "description": "Nobody's typing gets here.",
            "price": 450,
            "category": "Power Tools",
            "photos": PICTURES[0],
            "tags": "truck; crane",
            "location": "M5V 3L9",
            "condition": "Used - Good",
        }
    )
    assert result["success"], result
    assert typed, "something was typed while the form was filled in"
    (ad,) = [
        one
        for one in practice.ads()
        if one["title"].startswith(title[:20]) and str(FIELDS.index(field)) in one["title"]
    ]
    assert (ad["title"], ad["price"], ad["description"]) == (title, 450, "Nobody's typing gets here.")
    assert ad["tags"] == ["truck", "crane"]
