"""Where the buttons of an adopted workbook are: in sight where there is room, and over nothing of the person's."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from adopt_corpus import make_workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from xlkijiji.adopt.button_place import LOWEST
from xlkijiji.adopt.buttons import Button, buttons_of
from xlkijiji.adopt.geometry import Geometry
from xlkijiji.adopt.making import adopted, where_buttons_are, write_adopted
from xlkijiji.adopt.our_workbook import OurWorkbook
from xlkijiji.adopt.planning import make_plan
from xlkijiji.adopt.source import read_source
from xlkijiji.xlsx_parts import Parts, sheet_part

HEADERS = ("SKU", "Title", "Description", "Price", "Cost")
WIDTH, HEIGHT = 64, 20
"""Pixels of a column and of a row that nobody has changed."""

Book = dict[tuple[int, int], str]
"""Texts by row and column, from 0."""


def their_file(path: Path, header_row: int, texts: Book, merged: list[tuple[int, int, int, int]]) -> Path:
    """A sheet whose headers stand in `header_row` (from 0), with something above them."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        for (row, column), text in texts.items():
            sheet.write_string(row, column, text)
        for top, left, bottom, right in merged:
            sheet.merge_range(top, left, bottom, right, "joined")
        sheet.write_row(header_row, 0, HEADERS)
        sheet.write_row(header_row + 1, 0, ["A1", "Crane", "Big and strong", 450, 300])
    return path


Box = tuple[int, int, int, int]
"""Left, top, right and lower edge, in pixels, on a sheet with rows as usual."""


def sheet_with_buttons(path: Path) -> tuple[list[tuple[Button, Box]], Geometry]:
    """The buttons of the workbook that is made of the file and where they are, and how wide its columns are."""
    source = read_source(path)
    ours = OurWorkbook.in_language("en")
    with zipfile.ZipFile(io.BytesIO(adopted(source, make_plan(source, {}), ours))) as file:
        parts = Parts(file)
        part = sheet_part(parts, "Stock")
        geometry = Geometry(parts.tree(part))
        return [(button, _box(button, geometry)) for button in buttons_of(parts, part)], geometry


def buttons(path: Path) -> list[tuple[Button, Box]]:
    """The buttons, and where they are."""
    return sheet_with_buttons(path)[0]


def _box(button: Button, geometry: Geometry) -> Box:
    left, dx, top, dy, right, dx2, bottom, dy2 = button.anchor
    return (
        geometry.left(left + 1) + dx,
        top * HEIGHT + dy,
        geometry.left(right + 1) + dx2,
        bottom * HEIGHT + dy2,
    )


def test_where_there_is_room_above_the_header_they_begin_at_the_left_edge(tmp_path: Path) -> None:
    path = their_file(tmp_path / "stock.xlsx", 2, {}, [])
    found = buttons(path)
    assert found[0][0].anchor[0] == 0
    assert all(box[3] <= 2 * HEIGHT for _button, box in found)
    source = read_source(path)
    made = write_adopted(source, make_plan(source, {}), tmp_path / "made.xlsm", OurWorkbook.in_language("en"))
    assert where_buttons_are(made) == "The buttons begin at cell A1 of the sheet 'Stock'."


def test_a_title_above_the_headers_stays_readable(tmp_path: Path) -> None:
    title = "Northern Trucks, all that is in the yard"
    _first, box = buttons(their_file(tmp_path / "stock.xlsx", 2, {(0, 0): title}, []))[0]
    assert 7 * len(title) < box[0] < 12 * len(title), "right behind it"


def test_a_band_above_the_title_is_better_than_one_far_to_the_right(tmp_path: Path) -> None:
    rows = {(3, column): "units" for column in range(12)}
    first, box = buttons(their_file(tmp_path / "stock.xlsx", 4, {(2, 0): "x" * 200, **rows}, []))[0]
    assert first.anchor[0] == 0
    assert box[3] <= 2 * HEIGHT


def test_headers_in_the_first_row_have_them_behind_the_text_of_the_status_column(tmp_path: Path) -> None:
    for button, _box_of_it in buttons(their_file(tmp_path / "stock.xlsx", 0, {}, [])):
        left, _dx, top, _dy, right, _dx2, bottom, _dy2 = button.anchor
        assert (left, right) == (len(HEADERS), len(HEADERS))
        assert (top, bottom) == (0, 0)


def file_with_logo(folder: Path, width: int, height: int) -> Path:
    """A sheet with a picture of so many pixels in its corner, and its headers in the third row."""
    logo, path = folder / "logo.png", folder / "stock.xlsx"
    Image.new("RGB", (width, height), "navy").save(logo)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.insert_image(0, 0, logo)
        sheet.write_row(2, 0, HEADERS)
    return path


def test_a_picture_above_the_header_is_not_covered(tmp_path: Path) -> None:
    path = file_with_logo(tmp_path, 180, 36)
    assert buttons(path)[0][1][0] >= 180


def as_one_cell_anchor(path: Path) -> None:
    """Write the sheet's picture as programs do that anchor it at one cell and say its size in units of length."""
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    drawing = content["xl/drawings/drawing1.xml"].decode()
    size = re.search(r"<a:ext cx=[^>]*/>", drawing)
    assert size is not None
    drawing = re.sub(r"<xdr:to>.*</xdr:to>", size[0].replace("a:ext", "xdr:ext"), drawing)
    drawing = re.sub(r"<xdr:twoCellAnchor[^>]*>", "<xdr:oneCellAnchor>", drawing).replace("twoCellA", "oneCellA")
    with zipfile.ZipFile(path, "w") as file:
        for name, data in {**content, "xl/drawings/drawing1.xml": drawing.encode()}.items():
            file.writestr(name, data)


def test_a_picture_that_is_anchored_at_one_cell_is_as_wide_as_it_says(tmp_path: Path) -> None:
    path = file_with_logo(tmp_path, 300, 30)
    as_one_cell_anchor(path)
    assert 300 <= buttons(path)[0][1][0] < 300 + 2 * WIDTH


def test_controls_of_theirs_are_not_covered(tmp_path: Path) -> None:
    path = tmp_path / "stock.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.insert_button(0, 0, {"caption": "Print it", "width": 200, "height": 36, "macro": "Theirs"})
        sheet.write_comment(0, 5, "always in sight", {"visible": True, "x_offset": 0, "y_offset": 0, "width": 100})
        sheet.write_row(2, 0, HEADERS)
    ours = [box for button, box in buttons(path) if button.caption != "Print it"]
    assert ours[0][0] >= 200


@pytest.mark.parametrize("merged", [False, True])
def test_a_long_note_above_the_headers_does_not_push_them_out_of_sight(tmp_path: Path, merged: bool) -> None:
    path, note = tmp_path / "stock.xlsx", "Please read this before you change anything in this list. " * 40
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        wrapped = book.add_format({"text_wrap": True})
        if merged:
            sheet.merge_range(0, 0, 1, 4, note, wrapped)
        else:
            sheet.write(0, 0, note, wrapped)
        sheet.write_row(2, 0, HEADERS)
    left = buttons(path)[0][1][0]
    assert left < (5 if merged else 1) * WIDTH + 20
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.write(0, 0, note)
        sheet.write(1, 0, note)
        sheet.write_row(2, 0, HEADERS)
    button, box = buttons(path)[0]
    assert (button.anchor[2], button.anchor[6]) == (2, 2), "in the header, as the notes reach over the whole screen"
    assert box[0] > len(HEADERS) * WIDTH


def test_right_aligned_and_centred_texts_reach_to_the_left(tmp_path: Path) -> None:
    path = tmp_path / "stock.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.write(0, 12, "as of the first of November", book.add_format({"align": "right"}))
        sheet.write(1, 13, "prices without taxes, as of the first", book.add_format({"align": "center"}))
        sheet.write_row(2, 0, HEADERS)
    found, geometry = sheet_with_buttons(path)
    last = found[-1][1][2]
    assert last < geometry.left(14) - 7 * len("as of the first of November")


def test_one_row_above_the_headers_is_enough(tmp_path: Path) -> None:
    found = buttons(their_file(tmp_path / "stock.xlsx", 1, {}, []))
    assert all(box[3] - box[1] >= LOWEST and box[3] <= HEIGHT for _button, box in found)
    assert found[0][0].anchor[0] == 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header_row=st.integers(0, 6),
    texts=st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 16)), st.text("abc mW", min_size=1, max_size=60)),
    merged=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(0, 1), st.integers(1, 5)), max_size=1),
)
def test_nothing_of_the_persons_is_covered_whatever_stands_above_the_headers(
    tmp_path: Path, header_row: int, texts: Book, merged: list[tuple[int, int, int, int]]
) -> None:
    areas = [(top, left, top + down, left + right) for top, left, down, right in merged if top + down < header_row]
    free = {
        at: text.strip()
        for at, text in texts.items()
        if at[0] < header_row
        and text.strip()
        and not any(top <= at[0] <= bottom and left <= at[1] <= right for top, left, bottom, right in areas)
    }
    found, geometry = sheet_with_buttons(their_file(tmp_path / "stock.xlsx", header_row, free, areas))
    placed = [box for _button, box in found]
    edge = len(HEADERS) * WIDTH  # what is behind the last header is ours, except where a text of theirs stands
    theirs = []
    for (row, column), text in free.items():
        left, beside = geometry.left(column + 1), [other for line, other in free if line == row and other > column]
        beside += [left for top, left, bottom, _right in areas if top <= row <= bottom and left > column]
        end = min([left + 5 * len(text), *(geometry.left(other + 1) for other in beside)])
        theirs.append((left, row * HEIGHT, max(end, geometry.left(column + 2))))
    theirs += [
        (geometry.left(left + 1), row * HEIGHT, geometry.left(right + 2))
        for top, left, bottom, right in areas
        for row in range(top, bottom + 1)
    ]
    for left, top, right, bottom in placed:
        assert bottom - top >= LOWEST
        assert right > left
        for start, upper, end in theirs:
            assert right <= start or left >= end or bottom <= upper or top >= upper + HEIGHT
        assert bottom <= header_row * HEIGHT or left >= edge, "over no header of theirs"
    assert all(one[2] <= other[0] for one, other in itertools.pairwise(placed)), "beside each other"


def test_a_table_with_a_band_above_it_has_them_in_the_band(tmp_path: Path) -> None:
    source = read_source(make_workbook(tmp_path / "stock.xlsx", {"table", "band"}))
    ours = OurWorkbook.in_language("en")
    plan = make_plan(source, {"Asking price": "price"})
    with zipfile.ZipFile(io.BytesIO(adopted(source, plan, ours))) as file:
        parts = Parts(file)
        found = buttons_of(parts, sheet_part(parts, plan.added.sheet))
    assert len(found) == len(ours.buttons())
    assert all(button.anchor[6] < plan.proposal.header_row for button in found)
