"""What a workbook of ours looks like after Calc has saved it and opened it again, as often as one likes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from xlkijiji import calc
from xlkijiji.calc import keeper
from xlkijiji.messages import LANGUAGES
from xlkijiji.workbook.template import BUTTONS, build_workbook

# Left, top, width and height, in hundredths of a millimetre
Box = tuple[int, int, int, int]
PIXEL = 2540 / 96
TIMES = 3


@pytest.fixture(params=LANGUAGES)
def ours(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workbook as the program makes it, in each language."""
    path = tmp_path / "inventory.xlsm"
    build_workbook(path, [{"sku": "A1", "title": "Crane"}], language=str(request.param))
    return path


def box(shape: Any) -> Box:
    return shape.Position.X, shape.Position.Y, shape.Size.Width, shape.Size.Height


def boxes(opened: calc.OpenWorkbook) -> dict[str, Box]:
    """Each button by its label, and each note by the column that it belongs to."""
    sheet = opened.document.Sheets.getByIndex(0)
    shapes = [sheet.DrawPage.getByIndex(index) for index in range(sheet.DrawPage.Count)]
    buttons = [shape for shape in shapes if shape.supportsService("com.sun.star.drawing.ControlShape")]
    notes = [sheet.Annotations.getByIndex(index) for index in range(sheet.Annotations.Count)]
    return {f"button {shape.Control.Label}": box(shape) for shape in buttons} | {
        f"note {note.Position.Column}": box(note.AnnotationShape) for note in notes
    }


def save_and_open(office: calc.Office, path: Path, change: Callable[[calc.OpenWorkbook], None]) -> list[dict[str, Box]]:
    """Where everything is before the first save, and after each of them."""
    seen = []
    for number in range(TIMES + 1):
        opened = calc.open_workbook(path, office=office, hidden=True)
        if not number:
            change(opened)
        seen.append(boxes(opened))
        opened.book.sheets[0]["H9"].value = number
        opened.book.save()
        opened.close()
    return seen


def same(one: Box, other: Box) -> bool:
    return all(abs(a - b) <= 2 * PIXEL for a, b in zip(one, other, strict=True))


def overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def leave(_opened: calc.OpenWorkbook) -> None:
    """Change nothing."""


def rearrange(opened: calc.OpenWorkbook) -> None:
    """What a person does with a sheet: a column in front, another one wider, a button elsewhere."""
    sheet = opened.document.Sheets.getByIndex(0)
    sheet.Columns.insertByIndex(0, 1)
    sheet.Columns.getByIndex(1).Width += 500
    button = next(
        shape
        for shape in map(sheet.DrawPage.getByIndex, range(sheet.DrawPage.Count))
        if shape.supportsService("com.sun.star.drawing.ControlShape")
    )
    place = button.Position
    place.X, place.Y = place.X + 25_000, place.Y + 300
    button.setPosition(place)


@pytest.mark.parametrize("change", [leave, rearrange])
def test_buttons_and_notes_stay_where_they_are(
    office: calc.Office, ours: Path, change: Callable[[calc.OpenWorkbook], None]
) -> None:
    """The screen of the tests has 100 pixels to the inch, so that what is written for 96 would move."""
    first, *later = save_and_open(office, ours, change)
    assert sum(name.startswith("button ") for name in first) == len(BUTTONS)
    for seen in later:
        assert set(seen) == set(first)
        assert [name for name in seen if not same(seen[name], first[name])] == []
        buttons = [place for name, place in seen.items() if name.startswith("button ")]
        assert not any(overlap(one, other) for one, other in combinations(buttons, 2))


def anchors(path: Path) -> list[str]:
    """Of the buttons, as they stand in the drawing and in the sheet, which is what Excel looks at."""
    with zipfile.ZipFile(path) as package:
        drawing = package.read("xl/drawings/vmlDrawing1.vml").decode()
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    shapes = re.findall(r'ObjectType="Button".*?<x:Anchor>([^<]*)<', drawing, re.DOTALL)
    found = [re.sub(r"\s", "", shape) for shape in shapes]
    for place in re.findall(r"<control .*?<anchor[^>]*>(.*?)</anchor>", sheet, re.DOTALL):
        numbers = [int(number) for number in re.findall(r">(-?\d+)<", place)]
        assert ",".join(str(number // 9525 if at % 2 else number) for at, number in enumerate(numbers)) in found
    return found


def test_excel_finds_the_buttons_where_they_were(office: calc.Office, ours: Path) -> None:
    before = anchors(ours)
    assert len(before) == len(BUTTONS)
    save_and_open(office, ours, leave)
    assert anchors(ours) == before


def test_who_puts_back_once_more_changes_nothing(office: calc.Office, ours: Path) -> None:
    """The program that opened the workbook does it, and whoever saves it."""
    opened = calc.open_workbook(ours, office=office, hidden=True)
    opened.book.save()
    saved = ours.read_bytes()
    keeper.put_back(office.connection, opened.document)
    opened.close()
    assert ours.read_bytes() == saved


def test_the_weeks_of_the_dashboard_stay_weeks(office: calc.Office, ours: Path) -> None:
    """An axis whose kind the cells may choose has a place for each day when their dates are read again."""
    save_and_open(office, ours, leave)
    with zipfile.ZipFile(ours) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 2
    for chart in charts:
        assert "<c:dateAx>" not in chart
        assert len(re.findall("<c:catAx>", chart)) == 1
        assert '<c:auto val="1"/>' not in chart
