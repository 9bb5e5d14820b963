"""A real click on the workbook's button, and what Python does then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings as xw

from xlkijiji import calc
from xlkijiji.calc.stand_in import source

from .conftest import eventually


@pytest.fixture
def click(opened: calc.OpenWorkbook, keys: Callable[..., None]) -> Callable[[], None]:
    """Clicks the button with the mouse."""
    calc.place_window(opened, 0, 0, 1200, 800)
    opened.book.sheets["Inventory"].activate()

    def press() -> None:
        calc.focus_window(opened)
        keys("mousemove", *calc.button_centre(opened, "post new"), "click", 1)

    return press


def test_a_click_runs_python_with_the_calling_workbook(
    opened: calc.OpenWorkbook, click: Callable[[], None], button_code: Callable[[str], None]
) -> None:
    button_code(
        "import sys\n"
        "import xlwings as xw\n"
        "def clicked():\n"
        "    book = xw.Book.caller()\n"
        "    book.app.status_bar = '[45.5%] Processing record 5/11: BT005'\n"
        "    book.sheets.active['H1'].value = [book.fullname, sys.argv[2], 'é🚚']\n"
    )
    click()
    sheet = opened.book.sheets["Inventory"]
    eventually(lambda: sheet["J1"].value)
    assert sheet["H1:J1"].value == [opened.book.fullname, "--from_xl=1", "é🚚"]
    assert opened.book.app.status_bar == "[45.5%] Processing record 5/11: BT005"
    opened.book.app.status_bar = False
    assert opened.book.app.status_bar is False


def test_the_macro_returns_while_python_still_runs(
    opened: calc.OpenWorkbook, button_code: Callable[[str], None], tmp_path: Path
) -> None:
    """The Python that the macro starts waits for a file that is written only after the macro has returned."""
    go = tmp_path / "go"
    button_code(
        "import threading, pathlib, xlwings as xw\n"
        "def clicked():\n"
        f"    while not pathlib.Path({str(go)!r}).exists():\n"
        "        threading.Event().wait(0.02)\n"
        "    xw.Book.caller().sheets[0]['H1'].value = 'done'\n"
    )
    opened.book.macro("XlKijiji.PostNew")()
    opened.book.sheets[0]["I1"].value = "the sheet can be used meanwhile"
    assert opened.book.sheets[0]["H1"].value is None
    go.touch()
    assert eventually(lambda: opened.book.sheets[0]["H1"].value) == "done"


def test_the_caller_is_right_when_two_workbooks_share_a_name(
    office: calc.Office, opened: calc.OpenWorkbook, button_code: Callable[[str], None], tmp_path: Path
) -> None:
    twin_path = tmp_path / "other folder" / opened.book.name
    twin_path.parent.mkdir()
    twin_path.write_bytes(Path(opened.book.fullname).read_bytes())
    twin = calc.open_workbook(twin_path, office=office)
    button_code("import xlwings as xw\ndef clicked():\n    xw.Book.caller().sheets[0]['H1'].value = 'me'\n")
    opened.book.impl.run_macro("PostNew", ())  # xlwings' macro() goes by the name, which both have
    assert eventually(lambda: opened.book.sheets[0]["H1"].value) == "me"
    assert twin.book.sheets[0]["H1"].value is None
    twin.close()


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        ("raise ValueError('the reason')", "The button could not do its work."),
        ("raise SystemExit('A sentence for the person.')", "A sentence for the person."),
    ],
)
def test_a_failure_is_shown_and_logged(
    opened: calc.OpenWorkbook, button_code: Callable[[str], None], log: Path, failure: str, shown: str
) -> None:
    button_code(f"def clicked():\n    {failure}\n")
    opened.book.macro("PostNew")()
    reason = failure.split("'")[1]
    eventually(lambda: log.exists() and reason in log.read_text(encoding="utf-8"))
    assert eventually(lambda: opened.book.app.status_bar).startswith(shown)


def test_python_that_cannot_be_started_is_told_by_the_macro(
    office: calc.Office, workbook_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/no such folder/python")
    opened = calc.open_workbook(workbook_file, office=office)
    opened.book.macro("PostNew")()  # its error handler ends it: no dialog, no exception
    opened.close()


def test_a_python_whose_path_has_quotes_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/opt/it's here/python")
    assert '"""/opt/it\'s here/python"""' in source("pipe", "1")
    monkeypatch.setattr("sys.executable", '/opt/"it"/python')
    assert '"\'/opt/""it""/python\'"' in source("pipe", "1")
    monkeypatch.setattr("sys.executable", '/opt/"it\'s"/python')
    with pytest.raises(calc.CalcError, match="both kinds of quotes"):
        source("pipe", "1")


def test_modules_that_calc_cannot_compile_are_out_of_the_way(opened: calc.OpenWorkbook) -> None:
    library = opened.document.BasicLibraries.getByName("VBAProject")
    assert "Dictionary" not in library.ElementNames
    assert "run_python" in library.getByName("xlwings")
    assert "RunPython" in library.getByName("XlKijiji")
    assert not opened.document.isModified()


def test_a_button_that_cannot_be_seen_is_an_error(opened: calc.OpenWorkbook) -> None:
    assert calc.button_labels(opened) == ["Post New"]
    with pytest.raises(calc.CalcError, match="no button “Stop”"):
        calc.button_centre(opened, "Stop")
    opened.document.CurrentController.setFirstVisibleRow(500)
    with pytest.raises(calc.CalcError, match="Scroll"):
        calc.button_centre(opened, "Post New")


def test_the_status_bar_is_seen_by_every_process(book: xw.Book) -> None:
    book.app.status_bar = "é🚚 text"
    assert book.app.status_bar == "é🚚 text"
    book.app.status_bar = None
    assert book.app.status_bar is False
