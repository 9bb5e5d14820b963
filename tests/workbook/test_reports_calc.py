"""Runs and Dashboard in the real Calc: lines are added below, and the numbers follow what stands in the cells."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw

from xlkijiji import calc, messages
from xlkijiji.paths import runs_dir
from xlkijiji.workbook import run_lines
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.run_lines import keep_run, note_run
from xlkijiji.workbook.runs_sheet import RunLine, add_line, line_of
from xlkijiji.workbook.session import Host
from xlkijiji.workbook.settings_sheet import read_settings, speak_as_set
from xlkijiji.workbook.template import build_workbook

CATEGORIES = ("Heavy Trucks", "Cars & Vehicles > Heavy Equipment > Heavy Trucks", 339, "Power Tools", None, "no such")
STATUSES = ("Posted 2026-11-20", "Posted 2026-11-21", "Error: no photo", None, "pending", "sold")
ROWS = [
    {"sku": f"A{n}", "title": f"Title {n}", "description": "Long enough", "price": 10, "category": category,
     "posting_status": status}
    for n, (category, status) in enumerate(zip(CATEGORIES, STATUSES, strict=True))
]  # fmt: skip
RESULT = {
    "mode": "new",
    "ended": "done",
    "practice": False,
    "successful_posts": 4,
    "failed_posts": 1,
    "skipped_records": 2,
    "statistics": {"duration_s": 90.0},
}


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(office: calc.Office, tmp_path: Path, language: str) -> Iterator[calc.OpenWorkbook]:
    path = tmp_path / "inventory.xlsm"
    build_workbook(path, ROWS, language=language)
    book = calc.open_workbook(path, office=office, hidden=True)
    yield book
    if not book.keeper.closed.is_set():
        book.close()


def tiles(book: xw.Book) -> list[object]:
    """Ads live, failed, not posted yet, sold, other, all rows."""
    values: list[object] = book.sheets[3].range("A5:F5").value
    return values


def categories(book: xw.Book) -> dict[object, list[object]]:
    """Category → live, failed, rest, all."""
    rows = book.sheets[3].range("A25:E34").value
    return {row[0]: row[1:] for row in rows if row[0]}


def weeks(book: xw.Book) -> list[list[object]]:
    """Monday, posted on Kijiji, posted in practice."""
    rows: list[list[object]] = book.sheets[3].range("A9:C20").value
    return rows


def this_monday() -> dt.datetime:
    today = dt.datetime.combine(dt.date.today(), dt.time())
    return today - dt.timedelta(days=today.weekday())


def line(when: dt.datetime, posted: int, site: str = "Kijiji") -> RunLine:
    return RunLine(when, "me", "Post New", site, posted, 1, 2, 90.0, None)


def test_the_dashboard_counts_as_soon_as_the_workbook_is_open(opened: calc.OpenWorkbook, language: str) -> None:
    assert tiles(opened.book) == [2, 1, 2, 1, 0, 6]
    blank, other = {"en": ("(blank)", "(other)"), "fr": ("(vide)", "(autres)")}[language]
    assert categories(opened.book) == {
        "Heavy Trucks": [2, 1, 0, 3],
        "Power Tools": [0, 0, 1, 1],
        other: [0, 0, 1, 1],
        blank: [0, 0, 1, 1],
    }


def test_the_numbers_follow_statuses_sorting_and_new_rows(opened: calc.OpenWorkbook) -> None:
    sheet = opened.book.sheets[0]
    sheet.range("C6").value = "Posted 2026-11-23"
    sheet.range("C7").value = "Removed – the site took it off"
    assert tiles(opened.book) == [3, 0, 1, 1, 1, 6]
    assert categories(opened.book)["Heavy Trucks"] == [3, 0, 0, 3]
    rows = sheet.range("A4:T9").value
    sheet.range("A4:T9").value = rows[::-1]
    assert tiles(opened.book) == [3, 0, 1, 1, 1, 6]
    sheet.range("4:4").insert("down")
    sheet.range("A4:C4").value = ["N1", "A new one", "Error: later"]
    sheet.range("B300:C300").value = ["Far below", "Posted 2026-11-24"]
    assert tiles(opened.book) == [4, 1, 1, 1, 1, 8]
    sheet.range("4:5").delete()
    assert tiles(opened.book)[-1] == 6
    sheet.range("A:A").insert("right")
    assert tiles(opened.book)[-1] == 6


def test_runs_are_counted_by_the_week_and_the_site(opened: calc.OpenWorkbook) -> None:
    monday = this_monday()
    for when, posted, site in (
        (monday, 4, "Kijiji"),
        (monday + dt.timedelta(hours=9), 3, "Kijiji"),
        (monday - dt.timedelta(minutes=1), 5, "Kijiji"),
        (monday - dt.timedelta(days=30), 7, "Practice site"),
        (monday - dt.timedelta(days=400), 9, "Kijiji"),
    ):
        assert add_line(opened.book, line(when, posted, site))
    counted = weeks(opened.book)
    assert [week[0] for week in counted] == [monday - dt.timedelta(days=7 * ago) for ago in range(11, -1, -1)]
    assert [week[1:] for week in counted[-2:]] == [[5, 0], [7, 0]]
    assert sum(week[2] for week in counted) == 7
    assert sum(week[1] for week in counted) == 12


def test_a_line_is_written_below_the_last_one_wherever_the_columns_are(
    opened: calc.OpenWorkbook, tmp_path: Path
) -> None:
    sheet = opened.book.sheets[2]
    sheet.range("B:B").insert("right")
    sheet.range("B3").value = "My notes"
    report = tmp_path / "20261123-090500-1.html"
    add_line(opened.book, line(dt.datetime(2026, 11, 22, 9), 1))
    ended = dt.datetime(2026, 11, 23, 9, 6, 30, tzinfo=dt.UTC)
    add_line(opened.book, line_of(RESULT, report, ended))
    first, second = sheet.range("A4:J5").value
    assert first[0] == dt.datetime(2026, 11, 22, 9)
    assert second[0] == dt.datetime(2026, 11, 23, 9, 5)
    assert second[4:8] == ["Kijiji", 4, 1, 2]
    assert second[8] == pytest.approx(90 / 86_400)
    assert second[9] == report.name
    assert sheet.range("J5").hyperlink == report.as_uri()
    assert sheet.range("B4:B5").value == [None, None]


def test_a_run_is_noted_through_the_live_view(opened: calc.OpenWorkbook) -> None:
    view = LiveView(Host(opened.book.fullname, opened.book.sheets[0].name))
    view.start()
    note_run(view, RESULT, None)
    view.close()
    assert opened.book.sheets[2].range("E4:G4").value == [4, 1, 2]


def test_a_button_speaks_the_language_that_its_workbook_asks_for(opened: calc.OpenWorkbook, language: str) -> None:
    with messages.speaking("en"):
        speak_as_set(opened.book)
        assert messages.language() == language
        label = {"en": "Language", "fr": "Langue"}[language]
        labels = read_settings(opened.book)
        row = 4 + list(labels)[3:].index(label)
        opened.book.sheets[1].range((row, 2)).value = {"en": "Français", "fr": "English"}[language]
        speak_as_set(opened.book)
        assert messages.language() == {"en": "fr", "fr": "en"}[language]


def test_a_workbook_without_the_sheet_is_left_as_it_is(opened: calc.OpenWorkbook) -> None:
    opened.book.sheets[2].delete()
    assert add_line(opened.book, line(dt.datetime(2026, 11, 23), 1)) is False


def test_a_protected_sheet_is_logged_and_does_not_hold_up_the_end(
    opened: calc.OpenWorkbook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(run_lines, "TRY_AGAIN_SECONDS", 0.0)
    _protect(opened, 2)
    view = LiveView(Host(opened.book.fullname, opened.book.sheets[0].name))
    view.start()
    with caplog.at_level(logging.WARNING):
        note_run(view, RESULT, None)
    view.close()
    assert "the sheet Runs could not be written, try 6 of 6" in caplog.text
    assert opened.book.sheets[2].range("A4").value is None
    view = _view_of(opened)
    note_run(view, RESULT, None)
    view.close()
    assert [path.suffix for path in runs_dir().iterdir()] == [".line", ".line"], "both wait"


def test_lines_that_could_not_be_written_come_with_the_next_run(
    opened: calc.OpenWorkbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_lines, "TRY_AGAIN_SECONDS", 0.0)
    report = tmp_path / "20261123-090500-1.html"
    keep_run(opened.book.fullname, RESULT, report)
    keep_run(str(tmp_path / "another.xlsm"), RESULT, None)
    (runs_dir() / "20260101-000000-1.line").write_text("{", encoding="utf-8")
    view = _view_of(opened)
    note_run(view, {**RESULT, "successful_posts": 9, "statistics": {"duration_s": 1.0}}, None)
    view.close()
    sheet = opened.book.sheets[2]
    assert sheet.range("E4:E6").value == [4, 9, None], "the earlier one first"
    assert sheet.range("I4").hyperlink == report.as_uri()
    kept = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in runs_dir().glob("2026*-*.line")
        if path.stat().st_size > 2
    ]
    assert [Path(one["workbook"]).name for one in kept] == ["another.xlsm"], "no other workbook gets it"


def test_a_run_whose_workbook_is_closed_leaves_its_line_for_the_next_one(opened: calc.OpenWorkbook) -> None:
    view = _view_of(opened)
    fullname = opened.book.fullname
    view.with_book(lambda book: book.name)
    opened.close()
    note_run(view, RESULT, None)
    view.close()
    (kept,) = runs_dir().glob("*.line")
    assert json.loads(kept.read_text(encoding="utf-8"))["workbook"] == fullname


def _view_of(opened: calc.OpenWorkbook) -> LiveView:
    view = LiveView(Host(opened.book.fullname, opened.book.sheets[0].name))
    view.start()
    return view


def _protect(opened: Any, at: int) -> None:
    opened.document.Sheets.getByIndex(at).protect("")
