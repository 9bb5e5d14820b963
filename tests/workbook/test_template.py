"""The workbook that `template.py` builds, read back by programs that didn't write it."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from xlkijiji import __version__, messages
from xlkijiji.category_table import category_rows
from xlkijiji.inventory import COLUMNS, REQUIRED, STATUS, Column, match_columns
from xlkijiji.kijiji.categories import resolve_category
from xlkijiji.settings import FIELDS, Settings
from xlkijiji.workbook.template import BUTTONS, build_workbook
from xlkijiji.workbook.template_how_to import STEPS
from xlkijiji.workbook.template_inventory import CATEGORIES_NAME, SPARE_ROWS, TABLE_NAME, TALL_BAND
from xlkijiji.workbook.template_look import HEADER_ROW

COMMITTED = Path(__file__).parents[2] / "workbook_template.xlsm"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROWS = [
    {"sku": "007", "title": "=2+2 truck", "price": 1299.95, "year": 2016, "posting_status": "pending"},
    {
        "bucket_truck_id": 5,
        "Title": "Câble d'acier 🚚",
        "price": "abc",
        "ad_url": "http://127.0.0.1:8765/v-x/1",
        "posted_at": dt.datetime(2026, 11, 23, 9, 5),
        "Fuel": "diesel",
    },
]


def part(workbook: Path, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(workbook) as parts:
        return ElementTree.fromstring(parts.read(name))  # noqa: S314  # our own file


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "inventory.xlsm"
    build_workbook(path, ROWS, {"account": "dealer@example.com", "Practice mode": False, "pause_seconds": 5})
    return path


def grid(workbook: Path, sheet: str = "Inventory") -> list[list[object]]:
    """All cells from A1 on, as calamine reads them."""
    return CalamineWorkbook.from_path(workbook).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def records(workbook: Path) -> Iterator[dict[object, object]]:
    headers, *rows = grid(workbook)[HEADER_ROW - 1 :]
    return (dict(zip(headers, row, strict=True)) for row in rows)


def test_committed_template_is_what_the_sources_build(tmp_path: Path) -> None:
    """Byte for byte; when it differs, run `make template` and commit the result."""
    build_workbook(tmp_path / "other.xlsm", [{"sku": "A1"}])  # what was built before leaves no trace
    build_workbook(tmp_path / "again.xlsm")
    same = (tmp_path / "again.xlsm").read_bytes() == COMMITTED.read_bytes()
    assert same, "run make template, and commit the result"


def test_same_input_gives_the_same_bytes(filled: Path, tmp_path: Path) -> None:
    build_workbook(
        tmp_path / "again.xlsm", ROWS, {"account": "dealer@example.com", "Practice mode": False, "pause_seconds": 5}
    )
    assert (tmp_path / "again.xlsm").read_bytes() == filled.read_bytes()


def test_parts_do_not_depend_on_the_machine() -> None:
    """No compression (its output depends on zlib), no dates, no operating system."""
    with zipfile.ZipFile(COMMITTED) as parts:
        for info in parts.infolist():
            assert (info.compress_type, info.date_time) == (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
            assert info.create_system == 0


def test_headers_are_those_that_the_inventory_knows() -> None:
    headers = grid(COMMITTED)[HEADER_ROW - 1]
    assert set(match_columns(headers)) == {column.name for column in COLUMNS}
    assert headers[:3] == ["SKU", "Title", "Posting status"]


def test_inventory_is_a_table_with_room() -> None:
    """An Excel table named Inventory from the header row on, with blank rows to type into."""
    table = part(COMMITTED, "xl/tables/table1.xml")
    assert (table.get("name"), table.get("displayName")) == (TABLE_NAME, TABLE_NAME)
    assert table.get("ref") == f"A{HEADER_ROW}:T{HEADER_ROW + SPARE_ROWS}"
    assert table.find(f"{MAIN}autoFilter") is not None
    names = [column.get("name") for column in table.iter(f"{MAIN}tableColumn")]
    assert names == grid(COMMITTED)[HEADER_ROW - 1]


def test_band_and_headers_are_frozen() -> None:
    """Rows of the band and the header, and the columns that say which item it is, with the button over them."""
    pane = part(COMMITTED, "xl/worksheets/sheet1.xml").find(f".//{MAIN}pane")
    assert pane is not None
    assert (pane.get("state"), pane.get("ySplit"), pane.get("xSplit")) == ("frozen", str(HEADER_ROW), "3")


def cell_style(workbook: Path, reference: str) -> dict[str, ElementTree.Element]:
    """The font, fill and alignment of a cell of the first sheet."""
    cell = part(workbook, "xl/worksheets/sheet1.xml").find(f".//{MAIN}c[@r='{reference}']")
    styles = part(workbook, "xl/styles.xml")
    assert cell is not None
    style = styles.findall(f"{MAIN}cellXfs/{MAIN}xf")[int(cell.get("s", "0"))]
    return {
        "font": styles.findall(f"{MAIN}fonts/{MAIN}font")[int(style.get("fontId", "0"))],
        "fill": styles.findall(f"{MAIN}fills/{MAIN}fill")[int(style.get("fillId", "0"))],
    }


def test_bold_headers_are_those_of_required_columns() -> None:
    fills: dict[bool, set[str]] = {True: set(), False: set()}
    # the status is a required column too, but the run fills it in, so its header is not one of those to be filled
    required = {column.header for column in COLUMNS if column.name in REQUIRED and column.name != STATUS}
    for position, header in enumerate(grid(COMMITTED)[HEADER_ROW - 1]):
        style = cell_style(COMMITTED, f"{chr(65 + position)}{HEADER_ROW}")
        assert (style["font"].find(f"{MAIN}b") is not None) == (header in required), header
        colour = style["fill"].find(f".//{MAIN}fgColor")
        assert colour is not None
        fills[header in required].add(str(colour.get("rgb")))
    assert len(fills[True]) == 1
    assert not fills[True] & fills[False]


def column_pixels(column: Column) -> int:
    """How wide Excel draws it: 7 pixels a character and 5 at its edges, with Arial 10 as with Calibri 11."""
    return int(column.width * 7 + 5)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_buttons_stand_in_two_rows_in_the_frozen_corner_and_run_their_macros(tmp_path: Path, language: str) -> None:
    build_workbook(tmp_path / "book.xlsm", language=language)
    with zipfile.ZipFile(tmp_path / "book.xlsm") as parts:
        drawing = parts.read("xl/drawings/vmlDrawing1.vml").decode()
    excel = "{urn:schemas-microsoft-com:office:excel}"
    sku, title = (next(column for column in COLUMNS if column.name == name) for name in ("sku", "title"))
    starts = (0, column_pixels(sku), column_pixels(sku) + column_pixels(title))
    placed: dict[str, tuple[int, int, int, int]] = {}
    for data in ElementTree.fromstring(drawing).iter(f"{excel}ClientData"):  # noqa: S314  # our own file
        if data.get("ObjectType") != "Button":
            continue
        left, from_left, top, from_top, right, from_right, bottom, to_bottom = map(
            int, str(data.findtext(f"{excel}Anchor")).split(",")
        )
        assert top == bottom == 0, "in the band"
        macro = str(data.findtext(f"{excel}FmlaMacro")).removeprefix("[0]!")
        placed[macro] = (starts[left] + from_left, starts[right] + from_right, from_top, to_bottom)
    assert set(placed) == {"PostNew", "PostSelected", "PostAll", "CheckSheet", "StopRun", "SignIn", "CheckSetup"}
    assert max(right for _left, right, _top, _bottom in placed.values()) <= starts[2], "in frozen columns"
    lowest = max(bottom for *_across, bottom in placed.values())
    assert lowest <= TALL_BAND[0] * 96 / 72
    # Calc opens the note of a header 15 mm above it, and a button covers it
    assert lowest <= sum(TALL_BAND) * 96 / 72 - 15 / 25.4 * 96
    spots = list(placed.values())
    for one in spots:
        for other in spots:
            apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
            assert one is other or apart, "they don't overlap"
    for _macro, key, _row in BUTTONS:
        assert messages.tell(key, language) in drawing


def test_each_header_has_a_note_with_its_rule() -> None:
    comments = part(COMMITTED, "xl/comments1.xml")
    texts = {comment.get("ref"): "".join(comment.itertext()) for comment in comments.iter(f"{MAIN}comment")}
    headers = grid(COMMITTED)[HEADER_ROW - 1]
    for column in COLUMNS:
        assert column.note in texts[f"{chr(65 + headers.index(column.header))}{HEADER_ROW}"]


def test_drop_downs_offer_the_choices_of_each_column() -> None:
    headers = grid(COMMITTED)[HEADER_ROW - 1]
    found = {
        validation.get("sqref"): validation.findtext(f"{MAIN}formula1")
        for validation in part(COMMITTED, "xl/worksheets/sheet1.xml").iter(f"{MAIN}dataValidation")
    }
    for column in COLUMNS:
        if column.choices:
            letter = chr(65 + headers.index(column.header))
            first = [choices for cells, choices in found.items() if str(cells).startswith(f"{letter}{HEADER_ROW + 1}:")]
            assert first == [f'"{",".join(column.choices)}"']


def test_status_colours_are_rules_so_that_they_follow_a_sort() -> None:
    sheet = part(COMMITTED, "xl/worksheets/sheet1.xml")
    rules = list(sheet.iter(f"{MAIN}cfRule"))
    assert [rule.get("text") for rule in rules] == ["Posted", "Error: Unsure", "Error", None]
    assert {area.get("sqref", "")[:3] for area in sheet.iter(f"{MAIN}conditionalFormatting")} == {f"C{HEADER_ROW + 1}:"}


def test_rows_arrive_as_they_are(filled: Path) -> None:
    """A stock number keeps its zeros, text is never a formula, a bad price stays for the check to name it."""
    first, second = list(records(filled))[:2]
    assert (first["SKU"], first["Title"], first["Price"], first["Year"]) == ("007", "=2+2 truck", 1299.95, 2016)
    assert first["Posting status"] == "pending"
    assert (second["SKU"], second["Title"], second["Price"]) == ("5", "Câble d'acier 🚚", "abc")
    assert second["Posted at"] == dt.datetime(2026, 11, 23, 9, 5)
    assert second["Ad link"] == "http://127.0.0.1:8765/v-x/1"


def test_a_column_of_the_persons_own_is_kept(filled: Path) -> None:
    assert [row["Fuel"] for row in list(records(filled))[:2]] == ["", "diesel"]
    assert part(filled, "xl/tables/table1.xml").get("ref") == f"A{HEADER_ROW}:U{HEADER_ROW + 2 + SPARE_ROWS}"


def test_settings_read_back(filled: Path) -> None:
    """Labels in A, values in B, a sentence in C, and `Settings` understands them."""
    *rows, version = grid(filled, "Settings")[HEADER_ROW:]
    assert [row[0] for row in rows] == [field.label for field in FIELDS]
    assert [row[2] for row in rows] == [field.note for field in FIELDS]
    assert version[:2] == ["Workbook version", __version__]
    settings = Settings.from_labels({str(row[0]): row[1] for row in rows})
    assert settings == Settings(practice_mode=False, account="dealer@example.com", pause_seconds=5)


def test_defaults_on_the_sheet_are_the_defaults() -> None:
    rows = grid(COMMITTED, "Settings")[HEADER_ROW:]
    assert Settings.from_labels({str(row[0]): row[1] for row in rows}) == Settings()


def test_band_says_where_the_ads_go(filled: Path) -> None:
    assert grid(COMMITTED)[0][2] == "Practice mode: ads go to the practice site on this computer"
    assert grid(filled)[0][2] == "Live: ads go to Kijiji"


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no setting 'pasword'"):
        build_workbook(tmp_path / "x.xlsm", settings={"pasword": "x"})


def validations(workbook: Path) -> dict[str, ElementTree.Element]:
    """The drop-downs of the first sheet by the header of their column."""
    headers = grid(workbook)[HEADER_ROW - 1]
    found = part(workbook, "xl/worksheets/sheet1.xml").iter(f"{MAIN}dataValidation")
    return {str(headers[ord(str(one.get("sqref"))[0]) - 65]): one for one in found}


def test_categories_are_offered_from_a_hidden_list_of_all_of_them() -> None:
    assert validations(COMMITTED)["Category"].findtext(f"{MAIN}formula1") == CATEGORIES_NAME
    book = part(COMMITTED, "xl/workbook.xml")
    names = {name.get("name"): name.text for name in book.iter(f"{MAIN}definedName")}
    count = len(category_rows())
    assert names[CATEGORIES_NAME] == f"Lists!$A$2:$A${count + 1}"
    assert {sheet.get("name"): sheet.get("state") for sheet in book.iter(f"{MAIN}sheet")}["Lists"] == "veryHidden"
    offered = [str(row[0]) for row in grid(COMMITTED, "Lists")[1:]]
    assert len(offered) == count
    assert {resolve_category(path).full_name for path in offered} == set(offered)


def test_a_drop_down_of_the_inventory_offers_and_never_asks() -> None:
    """A category may be a number, and a choice may be written in other ways, of which Calc itself makes one."""
    found = validations(COMMITTED)
    assert set(found) == {"Category", "Price type", "Condition", "For sale by"}
    assert {one.get("showErrorMessage", "0") for one in found.values()} == {"0"}


def test_a_drop_down_of_the_settings_warns() -> None:
    """They take the words of their lists only."""
    rules = list(part(COMMITTED, "xl/worksheets/sheet2.xml").iter(f"{MAIN}dataValidation"))
    lists = [one for one in rules if one.get("type") == "list"]
    assert len(lists) == len([field for field in FIELDS if field.choices])
    assert {(one.get("showErrorMessage"), one.get("errorStyle")) for one in lists} == {("1", "warning")}


def test_the_sheets_stand_in_the_order_in_which_they_are_needed() -> None:
    names = CalamineWorkbook.from_path(COMMITTED).sheet_names
    assert names == ["Inventory", "Settings", "Runs", "Dashboard", "How to", "Lists"]


def test_all_sheets_are_printed_on_the_paper_that_there_is() -> None:
    """Letter; Settings, Dashboard and How to on one page, the inventory without its blank rows."""
    for number, pages in ((1, ("3", "0")), (2, (None, None)), (3, (None, "0")), (4, (None, None)), (5, (None, None))):
        setup = part(COMMITTED, f"xl/worksheets/sheet{number}.xml").find(f"{MAIN}pageSetup")
        assert setup is not None
        assert (setup.get("fitToWidth"), setup.get("fitToHeight")) == pages, number
    names = {
        name.get("name"): str(name.text)
        for name in part(COMMITTED, "xl/workbook.xml").iter(f"{MAIN}definedName")
        if name.get("localSheetId") == "0"
    }
    assert names["_xlnm.Print_Titles"] == "Inventory!$A:$B,Inventory!$3:$3"
    assert names["_xlnm.Print_Area"].startswith("Inventory!$A$1:INDEX(Inventory!$T$1:")


def test_how_to_has_a_picture_for_each_step() -> None:
    with zipfile.ZipFile(COMMITTED) as parts:
        pictures = [name for name in parts.namelist() if name.startswith("xl/media/")]
        relations = parts.read("xl/worksheets/_rels/sheet5.xml.rels").decode()
    assert len(pictures) == len(STEPS)
    assert "drawing" in relations


def test_the_template_is_small_enough_to_be_mailed_about() -> None:
    assert COMMITTED.stat().st_size < 350_000


def test_a_formula_that_is_not_worked_out_here_has_no_value() -> None:
    """Calc believes a value that is there, and works out what has none."""
    dashboard = part(COMMITTED, "xl/worksheets/sheet4.xml")
    formulas = [cell for cell in dashboard.iter(f"{MAIN}c") if cell.find(f"{MAIN}f") is not None]
    assert len(formulas) > 60
    assert [cell.get("r") for cell in formulas if cell.find(f"{MAIN}v") is not None] == []
