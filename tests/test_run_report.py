"""The page about a run: what it says, what it links to, and that nothing of a sheet gets in as markup."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from xlkijiji import messages
from xlkijiji.inventory import Record
from xlkijiji.outcome import Outcome, result_entry
from xlkijiji.run_report import keep_report, report_page
from xlkijiji.workbook.runs_sheet import line_of

ENDED = dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.UTC)


def result(**more: Any) -> dict[str, Any]:
    return {
        "success": True,
        "successful_posts": 1,
        "failed_posts": 1,
        "skipped_records": 3,
        "remaining_records": 1,
        "message": "Done: 1 posted, 1 failed, 3 skipped.",
        "statistics": {"duration_s": 65.0},
        "practice": True,
        "account": "dealer@example.com",
        "mail": None,
        "ended": "done",
        "results": [
            {
                "success": True,
                "record_id": "BT001",
                "row": 4,
                "status_update": "Posted 2026-11-23",
                "last_error": None,
                "ad_url": "http://127.0.0.1:8765/v-x/1",
                "ad_id": "1700000001",
                "attempts": 1,
                "warnings": ["Make: has no field in this category."],
            },
            {
                "success": False,
                "record_id": "<b>BT002</b>",
                "row": 5,
                "status_update": "Error: Row 5, Price: 'abc' is not a number.",
                "last_error": "Row 5, Price: 'abc' is not a number.",
                "ad_url": "javascript:alert(1)",
                "ad_id": None,
                "attempts": 0,
                "evidence": "/runs/x/BT002.png",
                "warnings": [],
            },
        ],
        **more,
    }


def page(given: dict[str, Any]) -> Any:
    return html.fromstring(report_page("/home/me/inventory.xlsm", given, ENDED))


def text(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


def test_it_says_what_became_of_each_row() -> None:
    shown = page(result())
    assert text(shown.find(".//h1")) == "Run of 2026-11-23 09:03"
    tiles = [text(tile) for tile in shown.findall(".//li")]
    assert tiles == ["1 Posted", "1 Failed", "2 Skipped", "1 Not tried yet"]
    first, second = shown.findall(".//tbody/tr")
    assert text(first) == "BT001 4 Posted 2026-11-23 Worth a look: Make: has no field in this category. 1 1700000001"
    assert text(second) == "<b>BT002</b> 5 Error: Row 5, Price: 'abc' is not a number. 0 Picture of the page"
    assert "dealer@example.com" in text(shown)
    assert "Practice site" in text(shown)
    assert "1 min 5 s" in text(shown)


@pytest.mark.parametrize("code", ["", "12AB"])
@pytest.mark.parametrize("picture", ["", "/runs/x/BT002.png"])
@pytest.mark.parametrize("more", ["", " It said a lot." * 60])
def test_why_a_row_failed_is_said_once(code: str, picture: str, more: str) -> None:
    message = f"The site's form changed. Try again later.{more}"
    outcome = replace(Outcome.failed(message, "site"), code=code, evidence=picture)
    entry = result_entry(Record(sku="BT002"), outcome, ENDED, 1.0)
    shown = text(page(result(results=[entry])).find(".//tbody/tr"))
    assert shown.count("The site's form changed.") == 1
    assert shown.count("12AB") == bool(code)
    assert shown.count("Picture of the page") == bool(picture)


@pytest.mark.parametrize(
    ("given", "english", "french"),
    [
        ({"mode": "new"}, "Post New", "Publier"),
        ({"mode": "new", "button": "button-post-selected"}, "Post Selected", "Publier la sélection"),
        ({"mode": "all", "button": "button-post-all"}, "Post All", "Tout publier"),
    ],
)
def test_it_says_which_button_it_was(given: dict[str, str], english: str, french: str) -> None:
    for language, caption in (("en", english), ("fr", french)):
        with messages.speaking(language):
            facts = text(page(result(**given)).find(".//dl"))
            assert f"{messages.tell('runs-mode')} {caption} " in f"{facts} "
            assert line_of(result(**given), None, ENDED).mode == caption
            cut_short = line_of(result(**given, ended="stopped"), None, ENDED).mode
            assert cut_short == {"en": f"{caption}, ended early", "fr": f"{caption}, arrêtée avant la fin"}[language]


def test_only_web_addresses_and_pictures_of_this_computer_are_links() -> None:
    links = [link.get("href") for link in page(result()).iter("a")]
    assert links == ["http://127.0.0.1:8765/v-x/1", "file:///runs/x/BT002.png"]


def test_nothing_of_a_sheet_becomes_markup() -> None:
    shown = page(result(message="</p><script>alert(1)</script>"))
    assert list(shown.iter("script")) == []
    assert list(shown.iter("b")) == [tile.find("b") for tile in shown.findall(".//li")]


def test_it_needs_nothing_beside_it() -> None:
    shown = page(result())
    assert [list(shown.iter(name)) for name in ("link", "img", "script")] == [[], [], []]


def test_it_is_in_the_language_in_use() -> None:
    with messages.speaking("fr"):
        shown = page(result(results=[]))
    assert shown.get("lang") == "fr"
    assert text(shown.find(".//h1")) == "Opération du 2026-11-23 09:03"
    assert "Aucune ligne n’a été essayée." in text(shown)


def test_a_folder_that_cannot_be_written_keeps_no_run_from_ending(tmp_path: Path) -> None:
    assert keep_report(tmp_path / "missing" / "x.html", "inventory.xlsm", result()) is None
    assert keep_report(tmp_path / "x.html", "inventory.xlsm", result()) == tmp_path / "x.html"
