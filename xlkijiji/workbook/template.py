"""Builds the workbook: its sheets, each by a module of its own (`template_…`), the buttons, and the VBA project.

`python -m xlkijiji.workbook.template [--language fr] [PATH]` writes `workbook_template.xlsm`. The same input gives the
same bytes on every machine: dates and order are fixed, and the parts are stored without compression, whose output would
depend on the zlib at hand.
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import io
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from xlkijiji import sheet_names
from xlkijiji.inventory import Column
from xlkijiji.messages import LANGUAGES, speaking, tell
from xlkijiji.workbook.template_how_to import write_how_to
from xlkijiji.workbook.template_inventory import sheet_columns, write_inventory, write_mode
from xlkijiji.workbook.template_look import address
from xlkijiji.workbook.template_reports import InventoryColumns, write_dashboard, write_lists, write_runs
from xlkijiji.workbook.template_settings import write_settings
from xlkijiji.workbook.vba_project import build_vba_project, load_modules

__all__ = ["VBA_FOLDER", "build_workbook"]

VBA_FOLDER = Path(__file__).parent / "vba"
BUTTONS = (
    ("PostNew", "button-post-new", 0),
    ("PostSelected", "button-post-selected", 0),
    ("PostAll", "button-post-all", 0),
    ("CheckSheet", "button-check-sheet", 1),
    ("StopRun", "button-stop", 1),
    ("SignIn", "button-sign-in", 1),
    ("CheckSetup", "button-check-setup", 1),
)
"""Macro, the message that is its caption, and which row of buttons it stands in: the rows are over the columns SKU and
Title, which are frozen, so that they are always to be seen."""
BUTTON_HEIGHT, BUTTON_GAP = 28, 5
"""Pixels; `template_inventory.TALL_BAND` has room for two rows."""
SHEETS = {
    sheet_names.INVENTORY: "InventorySheet",
    sheet_names.SETTINGS: "SettingsSheet",
    sheet_names.RUNS: "RunsSheet",
    sheet_names.DASHBOARD: "DashboardSheet",
    sheet_names.HOW_TO: "HowToSheet",
    sheet_names.LISTS: "ListsSheet",
}
"""The sheets from left to right: the message of the name, and the name of the VBA module, in each language the same."""
CREATED = dt.datetime(2026, 1, 1)
OPTIONS = {
    "in_memory": True,
    "strings_to_urls": False,
    # Windows and the Mac have Arial, and LibreOffice brings a font of the same widths; for Calibri it doesn't.
    "default_format_properties": {"font_name": "Arial", "font_size": 10},
}


def build_workbook(
    path: Path,
    rows: Sequence[Mapping[str, object]] = (),
    settings: Mapping[str, object] | None = None,
    language: str = LANGUAGES[0],
) -> None:
    """Write the macro workbook to `path`, with `rows` in its inventory and `settings` on its Settings sheet.

    Keys of `rows` are column names, headers or aliases; a key that means no column of ours becomes a column at the
    end, under that header. Keys of `settings` are names or labels of `FIELDS`; what isn't given has its default.
    `language` is one of `messages.LANGUAGES`.

    Raises ValueError for a setting or a language that doesn't exist, and OSError when the file can't be written.
    """
    content = io.BytesIO()
    # XlsxWriter changes the options that it is given, so each workbook gets a copy
    with speaking(language), xlsxwriter.Workbook(content, copy.deepcopy(OPTIONS)) as book:
        book.set_properties({"title": "xlkijiji inventory", "author": "xlkijiji", "created": CREATED})
        book.set_calc_mode("auto")
        sheets = {name: book.add_worksheet(tell(name)) for name in SHEETS}
        inventory, settings_sheet = sheets[sheet_names.INVENTORY], sheets[sheet_names.SETTINGS]
        mode_cell, mode = write_settings(book, settings_sheet, settings or {})
        write_inventory(book, inventory, rows)
        write_mode(book, inventory, address(settings_sheet.get_name(), mode_cell), mode)
        _add_buttons(inventory)
        counted = _counted_columns(inventory.get_name(), rows)
        write_runs(book, sheets[sheet_names.RUNS])
        write_lists(book, sheets[sheet_names.LISTS], counted)
        write_dashboard(book, sheets[sheet_names.DASHBOARD], counted)
        write_how_to(book, sheets[sheet_names.HOW_TO])
        _add_code(book, sheets)
        inventory.activate()
    path.write_bytes(_repacked(content.getvalue()))


def _counted_columns(sheet: str, rows: Sequence[Mapping[str, object]]) -> InventoryColumns:
    columns = enumerate(sheet_columns(rows))
    letters = {column.name: xl_col_to_name(at) for at, column in columns if isinstance(column, Column)}
    return InventoryColumns.of(sheet, letters)


def _add_buttons(sheet: Worksheet) -> None:
    left: defaultdict[int, int] = defaultdict(lambda: BUTTON_GAP)
    for macro, key, row in BUTTONS:
        caption = tell(key)
        place = {"x_offset": left[row], "y_offset": BUTTON_GAP + row * (BUTTON_HEIGHT + BUTTON_GAP)}
        size = {"width": _caption_width(caption), "height": BUTTON_HEIGHT}
        sheet.insert_button(0, 0, {"macro": macro, "caption": caption, **place, **size})
        left[row] += size["width"] + BUTTON_GAP


def _caption_width(caption: str) -> int:
    """Pixels that a caption needs in Excel's and in Calc's font for buttons, with room at its sides."""
    return 25 + 7 * len(caption)


def _add_code(book: Workbook, sheets: Mapping[str, Worksheet]) -> None:
    book.add_vba_project(io.BytesIO(build_vba_project(load_modules(VBA_FOLDER))), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    for name, sheet in sheets.items():
        sheet.set_vba_name(SHEETS[name])


def _repacked(content: bytes) -> bytes:
    """The same parts in the same order, stored plainly, with everything that depends on the machine fixed.

    A formula whose value isn't known here has none, so that Calc, too, works it out when it opens the file.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        for part in source.infolist():
            info = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            info.create_system = 0
            target.writestr(info, source.read(part).replace(b"<v></v>", b""))
    return packed.getvalue()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="xlkijiji.workbook.template")
    parser.add_argument("path", nargs="?", type=Path, default=Path("workbook_template.xlsm"))
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0])
    given = parser.parse_args()
    build_workbook(given.path, language=given.language)
