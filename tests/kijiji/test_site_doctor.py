"""`xlkijiji doctor --site`: what it reports, and that the site got nothing but page views."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
from on_each_page import on_each_page
from other_site import PICTURES
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

((USER, PASSWORD),) = DEFAULT_ACCOUNTS.items()
TITLE = "Bucket truck that nobody else has"


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """Every request that is not a page view, as any server of this process got it."""
    seen: list[str] = []

    def note(sender: flask.Flask, **_more: object) -> None:
        if flask.request.method != "GET":
            seen.append(f"{flask.request.method} {flask.request.path}")

    flask.request_started.connect(note)
    yield seen
    flask.request_started.disconnect(note)


def _bot(practice: PracticeSite, driver: WebDriver, **more: object) -> KijijiBot:
    return KijijiBot(USER, PASSWORD, base_url=practice.url, driver=driver, page_timeout=6, **more)


def _post(practice: PracticeSite, driver: WebDriver, pictures: Path) -> None:
    row = {"title": TITLE, "description": "Secret words of mine.", "price": 5, "category": "339", "year": 2016}
    result = _bot(practice, driver, images_dir=pictures).post_ad(
        {**row, "kilometers": 5, "photos": PICTURES[0], "location": "M5V 3L9"}
    )
    assert result["success"], result


def test_on_an_empty_account_every_page_has_what_the_bot_needs(
    practice: PracticeSite, driver: WebDriver, asked: list[str]
) -> None:
    look = _bot(practice, driver).look_at_site()
    assert look.good, look.as_text()
    pages = {page.name: {one.field: one.used for one in page.fields} for page in look.pages}
    assert list(pages) == ["sign-in", "home", "title and category", "details form", "my ads"]
    assert pages["sign-in"]["username"] == 1
    assert pages["title and category"]["suggestion"] == 1
    assert pages["details form"]["title"] == pages["details form"]["submit"] == 1
    assert pages["details form"]["attribute caryear_i"] == 1
    assert "form of a live ad" in look.not_seen
    assert practice.ads() == []
    assert asked == ["POST /login"]


def test_a_renamed_field_is_told_and_the_report_holds_no_secret(
    practice: PracticeSite, driver: WebDriver, pictures: Path, asked: list[str]
) -> None:
    _post(practice, driver, pictures)
    asked.clear()
    before = practice.ads()
    spoil = """addEventListener("load", () => setTimeout(() => {
      document.getElementById("PriceAmount")?.removeAttribute("id");
      document.getElementById("TotalPrice")?.remove();
    }))"""
    with on_each_page(driver, spoil):
        look = _bot(practice, driver).look_at_site("339")
    assert not look.good
    pages = {page.name: {one.field: one for one in page.fields} for page in look.pages}
    assert pages["details form"]["price"].verdict == "candidate 2 of 3"
    assert pages["details form"]["total"].verdict == "MISSING"
    assert pages["form of a live ad"]["save_changes"].used == 1
    assert pages["my ads"]["row"].matches[0] == 1
    assert practice.ads() == before
    assert asked == []
    for text in (look.as_text(), json.dumps(look.as_dict())):
        for secret in (USER, PASSWORD, TITLE, "Secret words", str(before[0]["id"])):
            assert secret not in text
        assert "total" in text


def test_the_command_prints_a_table_and_leaves_two_files(practice: PracticeSite, tmp_path: Path) -> None:
    before = practice.ads()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "xlkijiji", "doctor", "--site", "--practice-site", practice.url),
            *("--category", "339", "--to", str(tmp_path / "reports")),
        ],
        env={**os.environ, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "details form" in done.stdout
    (for_programs,) = (tmp_path / "reports").glob("*.json")
    (for_people,) = (tmp_path / "reports").glob("*.txt")
    assert str(for_programs) in done.stdout
    assert json.loads(for_programs.read_text(encoding="utf-8"))["good"] is True
    assert "Everything that the bot needs is there." in for_people.read_text(encoding="utf-8")
    assert practice.ads() == before
