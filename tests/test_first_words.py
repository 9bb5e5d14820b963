"""Which language is spoken before a workbook or file has said one, and where it says none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter
from typer.testing import CliRunner

from xlkijiji import addin, messages
from xlkijiji.cli import app
from xlkijiji.messages import speaking, tell
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings, sheet_language, spoken_language
from xlkijiji.workbook import live
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.session import Host
from xlkijiji.workbook.settings_sheet import speak_as_set

BOTH = pytest.mark.parametrize("spoken", messages.LANGUAGES)
BUTTONS = [
    addin.post_new,
    addin.post_all,
    addin.post_selected,
    addin.sign_in,
    addin.check_setup,
    addin.check_sheet,
    addin.stop_run,
]


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    messages.use("en")


@pytest.fixture(autouse=True)
def no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is set up once for a process, and tests of it come after these."""
    monkeypatch.setattr("xlkijiji.logs.configure", lambda: None)
    monkeypatch.setattr(addin, "configure", lambda: None)


# --- where no label says a language


@BOTH
def test_without_a_settings_sheet_the_language_that_is_spoken_stays(spoken: str) -> None:
    with speaking(spoken):
        assert spoken_language({}) == spoken
        assert spoken_language({"Warehouse": "3", "": ""}) == spoken
        assert sheet_language([]) == spoken
        assert Settings.from_labels({}).language == spoken


@BOTH
def test_a_settings_sheet_speaks_its_own_whatever_is_spoken(spoken: str) -> None:
    with speaking(spoken):
        assert spoken_language({"Practice mode": "Yes"}) == "en"
        assert spoken_language({"Mode d’essai": "Oui"}) == "fr"
        assert spoken_language({"Practice mode": "Yes", "Language": "Français"}) == "fr"


def _sheet(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.write_row(0, 0, ["SKU", "Title", "Description", "Price"])
        sheet.write_row(1, 0, ["A1", "Cart", "Good", 5])
    return path


def _csv(path: Path) -> Path:
    path.write_text("SKU,Title,Description,Price\nA1,Cart,Good,5\n", encoding="utf-8")
    return path


@BOTH
@pytest.mark.parametrize(
    ("make", "name"),
    [(_csv, "stock.csv"), (_sheet, "stock.xlsx"), (lambda path: path, "none.xlsx")],
    ids=["csv", "no settings sheet", "no file"],
)
def test_a_file_that_says_no_language_is_answered_in_the_systems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[Path], Path], name: str, spoken: str
) -> None:
    monkeypatch.setenv("LANGUAGE", spoken)
    done = CliRunner().invoke(app, ["check", str(make(tmp_path / name))])
    there = name != "none.xlsx"
    key, values = (
        ("rows-cannot-be-posted", {"count": 1, "warned": 0}) if there else ("no-such-file", {"path": tmp_path / name})
    )
    expected, other = (tell(key, one, **values) for one in (spoken, {"en": "fr", "fr": "en"}[spoken]))
    said = " ".join(done.output.split())
    assert " ".join(expected.split()) in said
    assert " ".join(other.split()) not in said


class _Book:
    """An open workbook without a sheet *Settings*."""

    sheets = (SimpleNamespace(name="Stock"),)


@BOTH
def test_an_open_workbook_without_a_settings_sheet_leaves_the_language(
    monkeypatch: pytest.MonkeyPatch, spoken: str
) -> None:
    messages.use(spoken)
    speak_as_set(_Book())
    assert messages.language() == spoken
    view = LiveView(Host("/stock/inventory.xlsx", "Stock"))
    monkeypatch.setattr(view, "_attach", lambda: None)
    monkeypatch.setattr(live, "read_settings", lambda _book: {})
    assert view._read_settings() == {}
    assert messages.language() == spoken


# --- a button, before the workbook has been read


def _click(monkeypatch: pytest.MonkeyPatch, calling_host: Callable[..., Any], button: Callable[[], None]) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(messages, "_chosen", None)  # as in the process that Excel starts
    monkeypatch.setattr("xlkijiji.workbook.session.calling_host", calling_host)
    monkeypatch.setattr("xlkijiji.workbook.session.tell_caller", said.append)
    button()
    return said


@BOTH
@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.__name__)
def test_a_button_that_finds_no_workbook_says_so_in_the_systems_language(
    monkeypatch: pytest.MonkeyPatch, button: Callable[[], None], spoken: str
) -> None:
    def refuse(**_wishes: object) -> Host:
        raise RuntimeError("Excel is busy")

    monkeypatch.setenv("LANGUAGE", spoken)
    key = "stop-not-reached" if button is addin.stop_run else "not-started"
    assert _click(monkeypatch, refuse, button) == [tell(key, spoken)]


@BOTH
def test_a_second_click_is_answered_in_the_systems_language_where_the_workbook_says_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spoken: str
) -> None:
    def calling_host(**_wishes: object) -> Host:
        speak_as_set(_Book())
        return Host(str(tmp_path / "inventory.xlsm"), "Stock")

    monkeypatch.setenv("LANGUAGE", spoken)
    lock = RunLock(str(tmp_path / "inventory.xlsm"))
    assert lock.acquire()
    said = _click(monkeypatch, calling_host, addin.post_new)
    lock.release()
    assert said == [tell("already-running", spoken)]


def test_a_button_of_the_office_page_keeps_the_language_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_wishes: object) -> Host:
        raise RuntimeError("Excel is busy")

    said: list[str] = []
    monkeypatch.setattr("xlkijiji.workbook.session.calling_host", refuse)
    monkeypatch.setattr("xlkijiji.workbook.session.tell_caller", said.append)
    messages.use("fr")  # while the system speaks English
    addin.post_new()
    assert said == [tell("not-started", "fr")]


def test_a_process_that_excel_starts_has_chosen_no_language() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from xlkijiji import addin, messages; print(messages.is_chosen(), messages.language())",
        ],
        env={**os.environ, "LANGUAGE": "fr"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["False", "en"]
