"""A worksheet's XML in the many shapes that programs give it, with single cells changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from xlkijiji.csv_cells import CsvSheet
from xlkijiji.errors import InventoryError
from xlkijiji.xlsx_cells import edit_sheet

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows: str, before: str = "", after: str = "") -> bytes:
    data = f"{before}<sheetData>{rows}</sheetData>{after}"
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<worksheet {MAIN}>{data}</worksheet>".encode()


def text(value: str, address: str, style: str = "") -> str:
    kept = f' s="{style}"' if style else ""
    return f'<c r="{address}"{kept} t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


@pytest.mark.parametrize(
    ("rows", "edited"),
    [
        # a cell that exists, with a style, among others
        (
            '<row r="2"><c r="A2"/><c r="B2" s="7" t="s"><v>3</v></c><c r="C2"/></row>',
            '<row r="2"><c r="A2"/>%B7<c r="C2"/></row>',
        ),
        ('<row r="2"><c s="7" r="B2"/></row>', '<row r="2">%B7</row>'),
        # a cell that is absent: before others, behind them, alone
        ('<row r="2"><c r="C2"/></row>', '<row r="2">%B<c r="C2"/></row>'),
        ('<row r="2"><c r="A2"/></row>', '<row r="2"><c r="A2"/>%B</row>'),
        ('<row r="2"></row>', '<row r="2">%B</row>'),
        # a row without anything, or none at all
        ('<row r="2" ht="15"/>', '<row r="2" ht="15">%B</row>'),
        ('<row r="1"/><row r="3"/>', '<row r="1"/><row r="2">%B</row><row r="3"/>'),
        ('<row r="1"/>', '<row r="1"/><row r="2">%B</row>'),
        # positions that go without saying
        ("<row><c/></row><row><c/><c><v>1</v></c></row>", "<row><c/></row><row><c/>%B</row>"),
        # odd quotes, blanks and angle brackets
        ("<row\nr = '2' x='a>b' ><c  r='B2' ><v>1</v></c ></row >", "<row\nr = '2' x='a>b' >%B</row >"),
        # a hint about columns that would be wrong afterwards
        ('<row r="2" spans="3:4"><c r="C2"/></row>', '<row r="2" spans="2:4">%B<c r="C2"/></row>'),
        ('<row r="2" spans="1:4"><c r="C2"/></row>', '<row r="2" spans="1:4">%B<c r="C2"/></row>'),
        # the row's own format
        ('<row r="2" s="4" customFormat="1"/>', '<row r="2" s="4" customFormat="1">%B4</row>'),
        # what else may stand in a cell
        ('<row r="2"><c r="B2"><f>1+1</f><v>2</v><extLst><ext/></extLst></c></row>', '<row r="2">%B</row>'),
        (
            '<row r="2"><!-- <c r="B2"/> --><c r="B2" t="inlineStr"><is><t>x</t></is></c></row>',
            '<row r="2"><!-- <c r="B2"/> -->%B</row>',
        ),
    ],
)
def test_one_cell_is_written_and_all_other_bytes_stay(rows: str, edited: str) -> None:
    expected = re.sub(r"%B(\d?)", lambda found: text("new", "B2", found[1]), edited)

    result = edit_sheet(sheet(rows), {(2, 2): "new"})

    assert result.xml == sheet(expected)


def test_a_number_is_written_as_one_and_keeps_the_format() -> None:
    xml = sheet('<row r="2"><c r="B2" s="7" t="s"><v>3</v></c></row>')

    result = edit_sheet(xml, {(2, 2): 12, (2, 3): 0})

    assert result.xml == sheet('<row r="2"><c r="B2" s="7"><v>12</v></c><c r="C2"><v>0</v></c></row>')


def test_elements_with_a_prefix_get_cells_with_that_prefix() -> None:
    xml = sheet("")
    for name in ("worksheet", "sheetData"):
        xml = xml.replace(f"<{name}".encode(), f"<x:{name}".encode()).replace(
            f"</{name}".encode(), f"</x:{name}".encode()
        )
    xml = xml.replace(b"xmlns=", b"xmlns:x=").replace(
        b"<x:sheetData>", b'<x:sheetData><x:row r="1"><x:c r="A1"/></x:row>'
    )

    result = edit_sheet(xml, {(1, 1): "a", (1, 2): "b", (4, 1): "c"}).xml

    root = etree.fromstring(result)
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert [(cell.get("r"), "".join(map(str, cell.itertext()))) for cell in root.iter(f"{main}c")] == [
        ("A1", "a"),
        ("B1", "b"),
        ("A4", "c"),
    ]


def test_the_range_in_use_and_the_columns_format_are_minded() -> None:
    before = '<dimension ref="A1:B9"/><cols><col min="3" max="5" style="8"/></cols>'

    result = edit_sheet(sheet('<row r="2"/>', before), {(2, 4): "new"}).xml

    assert b'<dimension ref="A1:D9"/>' in result
    assert text("new", "D2", "8").encode() in result


def test_an_emptied_cell_keeps_its_format() -> None:
    result = edit_sheet(sheet('<row r="2"><c r="B2" s="7"><v>1</v></c></row>'), {(2, 2): ""}).xml

    assert result == sheet('<row r="2"><c r="B2" s="7"/></row>')


@pytest.mark.parametrize("kind", ["shared", "array", "dataTable"])
def test_a_formula_that_others_share_is_not_broken(kind: str) -> None:
    xml = sheet(f'<row r="2"><c r="B2"><f t="{kind}" ref="B2:B9" si="0">A2</f><v>1</v></c></row>')

    with pytest.raises(InventoryError, match="Cell B2 holds a formula that other cells share"):
        edit_sheet(xml, {(2, 2): "new"})


def test_a_formula_that_points_to_a_shared_one_may_go() -> None:
    result = edit_sheet(sheet('<row r="2"><c r="B2"><f t="shared" si="0"/><v>1</v></c></row>'), {(2, 2): "new"})

    assert result.xml == sheet(f'<row r="2">{text("new", "B2")}</row>')
    assert result.formulas == ["B2"]


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet><sheetData/></worksheet>", "document type"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><worksheet><sheetData/></worksheet>", "iso-8859-1"),
    ],
)
def test_a_sheet_that_no_spreadsheet_writes_is_refused(xml: bytes, words: str) -> None:
    with pytest.raises(InventoryError, match=words):
        edit_sheet(xml, {(1, 1): "a"})


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[bytes, dict[tuple[int, int], str]]:
    """A sheet of some rows and cells, each there or not, and some edits."""
    rows = []
    for row in draw(st.lists(st.integers(1, 9), unique=True).map(sorted)):
        cells = "".join(
            draw(
                st.sampled_from(
                    [
                        f'<c r="{letter}{row}" s="3"/>',
                        f"<c r='{letter}{row}'><v>1</v></c>",
                        f'<c r="{letter}{row}"><f>A1</f></c>',
                    ]
                )
            )
            for letter in draw(st.lists(st.sampled_from("ABCDEF"), unique=True).map(sorted))
        )
        rows.append(f'<row r="{row}">{cells}</row>' if cells or draw(st.booleans()) else f'<row r="{row}"/>')
    edits = draw(st.dictionaries(st.tuples(st.integers(1, 9), st.integers(1, 6)), TEXTS, max_size=6))
    return sheet("".join(rows)), edits


@settings(max_examples=300, deadline=None)
@given(sheets())
def test_whatever_the_sheet_only_the_wanted_cells_change(case: tuple[bytes, dict[tuple[int, int], str]]) -> None:
    xml, edits = case

    result = etree.fromstring(edit_sheet(xml, edits).xml)

    def contents(root: etree._Element) -> dict[str, bytes]:
        return {cell.get("r", ""): etree.tostring(cell) for cell in root.iter("{*}c")}

    before, after = contents(etree.fromstring(xml)), contents(result)
    addresses = {"ABCDEF"[column - 1] + str(row): value for (row, column), value in edits.items()}
    for address in before | after:
        if address not in addresses:
            assert before[address] == after[address]
    for address, value in addresses.items():
        cell = next((cell for cell in result.iter("{*}c") if cell.get("r") == address), etree.Element("c"))
        written = "".join(map(str, cell.itertext()))
        wanted = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", value.replace("\r\n", "\n").replace("\r", "\n"))
        assert written.replace("_x005F_", "_") == wanted
    numbers = [int(row.get("r", "0")) for row in result.iter("{*}row")]
    assert numbers == sorted(set(numbers))
    for row in result.iter("{*}row"):
        letters = [cell.get("r", "")[0] for cell in row]
        assert letters == sorted(set(letters))


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.lists(st.text(st.sampled_from('ab",;\n\r\té '), max_size=5), min_size=1, max_size=4), max_size=5),
    end=st.sampled_from(["\n", "\r\n", ""]),
)
def test_a_csv_comes_back_byte_for_byte(rows: list[list[str]], end: str) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["sku", "title"], *rows]]
    content = ("\n".join(lines) + end).encode()

    parsed = CsvSheet.parse(content)

    assert parsed.content() == content
    assert parsed.grid() == [["sku", "title"], *rows]


@given(st.text(st.sampled_from('ab",;\n\r\t '), max_size=30))
def test_a_csv_of_any_make_comes_back_byte_for_byte(content: str) -> None:
    assert CsvSheet.parse(content.encode()).content() == content.encode()
