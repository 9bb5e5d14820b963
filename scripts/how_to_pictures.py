"""Make the pictures of the sheet How to from the real workbook, open in LibreOffice with windows.

`python scripts/how_to_pictures.py` writes them into `xlkijiji/workbook/pictures`, in each language; run it when the
look of the sheets has changed, then build the template again. It needs LibreOffice and Xvfb.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from xlkijiji import calc, sheet_names
from xlkijiji.demo.desktop import screen, screenshot
from xlkijiji.inventory import BY_NAME, error_status
from xlkijiji.kijiji.photos import uploading
from xlkijiji.messages import LANGUAGES, language, speaking, tell
from xlkijiji.outcome import Outcome
from xlkijiji.records import as_record
from xlkijiji.validators import check_record, problems_sentence
from xlkijiji.workbook.runs_sheet import RunLine, add_line
from xlkijiji.workbook.template import build_workbook
from xlkijiji.workbook.template_how_to import PICTURES
from xlkijiji.workbook.template_look import HEADER_ROW

COLOURS = 32
"""Enough for smooth letters; it keeps the workbook small."""
SIZE = (1600, 900)
WIDEST = 1490
"""Pixels of the sheet; right of them is the window's scroll bar."""
AREAS: Mapping[str, tuple[str, str]] = {
    "rows": (sheet_names.INVENTORY, "A3:C6"),
    "settings": (sheet_names.SETTINGS, "A1:B8"),
    "buttons": (sheet_names.INVENTORY, "A1:C4"),
    "statuses": (sheet_names.INVENTORY, "B3:C8"),
    "dashboard": (sheet_names.DASHBOARD, "A1:L21"),
}
"""Picture → the sheet that it shows, and which of its cells."""


class _FirstCell(NamedTuple):
    """Where the first cell of a sheet is drawn, in pixels of the screen, and how many there are to a 1/100 mm."""

    x: int
    y: int
    across: float
    down: float


def main() -> None:
    """Each picture in each language; nothing is replaced before all of them are there."""
    pictures: dict[str, Image.Image] = {}
    with tempfile.TemporaryDirectory() as folder, _own_screen() as display:
        home = Path(folder)
        with calc.Office.start(home / "profile", display=display) as office:
            calc.activate(office.pipe)
            for spoken in LANGUAGES:
                with speaking(spoken):
                    taken = _take_all(home / f"{spoken}.xlsm", spoken, office, display)
                pictures |= {f"{name}-{spoken}.png": picture for name, picture in taken.items()}
    for name, picture in pictures.items():
        picture.save(PICTURES / name, optimize=True)


def _items() -> list[dict[str, object]]:
    """Rows whose statuses are those that the program itself writes, in the language in use."""
    posted = Outcome.posted("", dt.date(2026, 11, 23)).status
    unsure = Outcome.unsure(tell("interrupted-at-submit")).status
    own_word = "vendu" if language() == "fr" else "sold"
    items = [
        ("BT001", "2016 Freightliner M2 bucket truck", 84500, posted),
        ("BT002", "2014 Ford F-550 bucket truck", "abc", ""),
        ("BT003", "Vermeer wood chipper", 23900, unsure),
        ("BT004", "Hydraulic pole saw", 450, uploading(2, 5)),
        ("BT005", "Digger derrick truck", 61000, own_word),
    ]
    rows: list[dict[str, object]] = []
    for row, (sku, title, price, status) in enumerate(items, HEADER_ROW + 1):
        values = {"sku": sku, "title": title, "description": f"{title}. Stock {{SKU}}.", "price": price}
        problems = [one for one in check_record(as_record(values)) if one.column == BY_NAME["price"].header]
        wrong = error_status(problems_sentence(problems, sku, row)) if problems else status
        rows.append({**values, "category": "Heavy Trucks", "posting_status": wrong})
    return rows


def _own_screen() -> Any:
    """A screen in memory, also where there is a real one."""
    os.environ.pop("DISPLAY", None)
    return screen(show=False)


def _take_all(path: Path, spoken: str, office: calc.Office, display: str) -> dict[str, Image.Image]:
    build_workbook(path, _items(), language=spoken)
    opened = calc.open_workbook(path, office=office)
    calc.place_window(opened, 0, 0, *SIZE)
    today = dt.datetime.now().replace(hour=9, minute=0, second=0, microsecond=0)
    for week in range(8):
        when = today - dt.timedelta(days=7 * week)
        add_line(opened.book, RunLine(when, "", "", "Kijiji", 3 + week * 5 % 7, 1, 0, 90.0, None))
    # panes are told to screen readers one by one, and this sheet has none
    opened.book.sheets[tell(sheet_names.DASHBOARD)].activate()
    first = _first_cell(opened.document.CurrentController)
    taken = {name: _take(opened, tell(sheet), cells, display, first) for name, (sheet, cells) in AREAS.items()}
    opened.close()
    return taken


def _take(opened: Any, sheet: str, cells: str, display: str, first: _FirstCell) -> Image.Image:
    controller = opened.document.CurrentController
    opened.book.sheets[sheet].activate()
    calc.focus_window(opened)
    threading.Event().wait(2.0)  # until it is drawn; whoever makes new pictures looks at them
    with tempfile.TemporaryDirectory() as folder:
        whole = screenshot(display, Path(folder) / "screen.png").convert("RGB")
    area = controller.ActiveSheet.getCellRangeByName(cells)
    left, right = (round(x * first.across) for x in (area.Position.X, area.Position.X + area.Size.Width))
    top, bottom = (round(y * first.down) for y in (area.Position.Y, area.Position.Y + area.Size.Height))
    box = (first.x + left, first.y + top, first.x + min(right, WIDEST), first.y + bottom)
    return whole.crop(box).quantize(COLOURS)


def _first_cell(controller: Any) -> _FirstCell:
    """The one of the sheet in front. Calc draws columns wider than 96 pixels to an inch, and rows not."""
    table = _table(controller.Frame.ComponentWindow.getAccessibleContext())
    drawn = table.getAccessibleCellAt(0, 0).getAccessibleContext()
    corner, size = drawn.getLocationOnScreen(), drawn.getSize()
    cell = controller.ActiveSheet.getCellByPosition(0, 0).Size
    return _FirstCell(corner.X, corner.Y, size.Width / cell.Width, size.Height / cell.Height)


def _table(context: Any) -> Any:
    """The sheet's cells, among what the window tells screen readers."""
    if hasattr(context, "getAccessibleCellAt"):
        return context
    for at in range(min(context.getAccessibleChildCount(), 50)):
        found = _table(context.getAccessibleChild(at).getAccessibleContext())
        if found is not None:
            return found
    return None


if __name__ == "__main__":
    main()
