"""A real LibreOffice on a screen of its own, and a workbook with a button to open in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwings as xw
from pyopenvba import ExcelFile

from xlkijiji import calc

BUTTONS = """Attribute VB_Name = "XlKijiji"
Option Explicit

Public Sub PostNew()
    On Error GoTo Failed
    Application.StatusBar = "Starting Python"
    RunPython "import button_code; button_code.{function}()"
    Exit Sub
Failed:
    Application.StatusBar = "Python could not be started: " & Err.Description
End Sub
"""
HEADERS = ["sku", "title", "price", "posting_status"]
ROWS = [["BT001", "Camion à nacelle 🚚", 45000, ""], ["BT002", "Bucket truck", 12500.5, "pending"]]


def eventually(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """What `condition` gives once it is true; another process makes it so, and tells nobody when."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (value := condition()):
        assert time.monotonic() < end, f"it did not come true within {seconds} s"
        pause.wait(0.02)
    return value


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """An X display in memory, on a number that is free."""
    reader, writer = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
        server.terminate()


@pytest.fixture(scope="session")
def office(screen: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[calc.Office]:
    """A LibreOffice with windows on that screen. What its buttons start keeps its files in a folder of its own."""
    home = tmp_path_factory.mktemp("office")
    code = home / "code"
    code.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLKIJIJI_HOME", str(home))
        patch.setenv("PYTHONPATH", str(code))
        running = calc.Office.start(home / "profile", display=screen)
    with running:
        running.connection.remember("test/code", str(code))
        yield running


@pytest.fixture
def button_code(office: calc.Office) -> Iterator[Callable[[str], None]]:
    """Writes the module `button_code` that the button's Python imports."""
    path = Path(office.connection.recall("test/code")) / "button_code.py"
    yield lambda source: (path.write_text(source, encoding="utf-8"), None)[1]
    path.unlink(missing_ok=True)


@pytest.fixture
def log(office: calc.Office) -> Path:
    """The log of the Python that buttons start, emptied."""
    path = Path(office.connection.recall("test/code")).parent / "log" / "xlkijiji.log"
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def keys(screen: str) -> Callable[..., None]:
    """Real mouse and keyboard: the arguments of xdotool."""

    def press(*arguments: object) -> None:
        subprocess.run(["xdotool", *map(str, arguments)], check=True, timeout=30, env={**os.environ, "DISPLAY": screen})

    return press


@pytest.fixture(scope="session")
def vba_project(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A VBA project as Excel has it: xlwings' own modules, and one for the button."""
    path = tmp_path_factory.mktemp("vba") / "source.xlsm"
    shutil.copy(Path(xw.__file__).with_name("quickstart_standalone.xlsm"), path)
    with_button = path.with_name("button.xlsm")
    source = ExcelFile(path)
    source.vba_project().add_module("XlKijiji", BUTTONS.format(function="clicked"))
    source.save(with_button)
    project: bytes = ExcelFile(with_button).vba_project_bytes()
    return project


def write_workbook(path: Path, project: bytes) -> Path:
    """An .xlsm with a table, a button, a date, a truth value and an error; and a chart sheet."""
    part = path.with_suffix(".vba.bin")
    part.write_bytes(project)
    book = xlsxwriter.Workbook(path)
    book.add_vba_project(str(part))
    book.set_vba_name("ThisWorkbook")
    sheet = book.add_worksheet("Inventory")
    sheet.set_vba_name("Sheet1")
    sheet.insert_button("A1", {"macro": "PostNew", "caption": "Post New", "width": 120, "height": 30})
    columns = [{"header": header} for header in HEADERS]
    sheet.add_table(3, 0, 3 + len(ROWS), 3, {"name": "Ads", "columns": columns, "data": ROWS})
    sheet.write("F5", 45418.25, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
    sheet.write("F6", True)
    sheet.write("F7", "=1/0")
    sheet.write("F8", "=SUM(C5:C6)")
    other = book.add_worksheet("Two words")
    other.set_vba_name("Sheet2")
    other.write("B2", "x")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Inventory!$C$5:$C$6"})
    book.add_chartsheet("Picture").set_chart(chart)
    book.define_name("Price", "=Inventory!$C$5")
    book.close()
    part.unlink()
    return path


@pytest.fixture
def workbook_file(tmp_path: Path, vba_project: bytes) -> Path:
    """The workbook, in a folder whose name has everything that a command line can stumble over."""
    folder = tmp_path / 'Vente d\'été & "co"'
    folder.mkdir()
    return write_workbook(folder / "inventaire = été & 'b'.xlsm", vba_project)


@pytest.fixture
def opened(office: calc.Office, workbook_file: Path) -> Iterator[calc.OpenWorkbook]:
    """That workbook, open in Calc."""
    workbook = calc.open_workbook(workbook_file, office=office)
    yield workbook
    if not workbook.keeper.closed.is_set():
        workbook.close()


@pytest.fixture
def book(opened: calc.OpenWorkbook) -> xw.Book:
    """The same for xlwings."""
    return opened.book


@pytest.fixture
def sheet(office: calc.Office) -> Iterator[xw.Sheet]:
    """An empty sheet of a new workbook."""
    calc.activate(office.pipe)
    new = xw.books.add()
    yield new.sheets[0]
    new.close()
