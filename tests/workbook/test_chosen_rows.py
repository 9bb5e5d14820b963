"""Which rows are seen, and which are selected: against a simple model, for any pattern."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xlkijiji.errors import InventoryError
from xlkijiji.workbook.chosen_rows import LAST_ROW, LONGEST_ADDRESS, selected_spans, visible_rows


@dataclass
class Area:
    """Rows of `Sheet`, with what xlwings says of a range's height."""

    heights: list[float]
    careless: bool
    """The program leaves hidden rows out when it compares heights."""

    @property
    def height(self) -> float:
        return sum(self.heights)

    @property
    def row_height(self) -> float | None:
        looked_at = [height for height in self.heights if height] if self.careless else self.heights
        return looked_at[0] if len(set(looked_at)) == 1 else None


@dataclass
class Sheet:
    """Rows by their height; 0 is a hidden one."""

    heights: list[float]
    careless: bool = False
    asked: list[tuple[int, int]] = field(default_factory=list)

    def range(self, first: tuple[int, int], last: tuple[int, int]) -> Area:
        self.asked.append((first[0], last[0]))
        return Area(self.heights[first[0] - 1 : last[0]], self.careless)


HEIGHTS = st.lists(st.sampled_from([0.0, 0.0, 12.75, 15.0, 30.0, 42.0, 409.5]), max_size=120)


@settings(deadline=None)
@given(heights=HEIGHTS, picked=st.sets(st.integers(1, 120)))
@example(heights=[20.0, 0.0, 40.0], picked={1, 2, 3})
def test_any_pattern_is_seen_as_it_is(heights: list[float], picked: set[int]) -> None:
    rows = {row for row in picked if row <= len(heights)}
    assert visible_rows(Sheet(heights), rows) == {row for row in rows if heights[row - 1]}


@settings(deadline=None)
@given(hidden=st.lists(st.booleans(), max_size=120))
def test_rows_that_are_alike_are_counted_where_a_program_overlooks_hidden_ones(hidden: list[bool]) -> None:
    """Nobody has watched what Excel's RowHeight says of a block with filtered rows: here it's the visible ones'."""
    sheet = Sheet([0.0 if one else 15.0 for one in hidden], careless=True)
    rows = range(1, len(hidden) + 1)
    assert visible_rows(sheet, rows) == {row for row in rows if not hidden[row - 1]}


def test_a_sheet_in_which_nothing_is_hidden_costs_one_look() -> None:
    sheet = Sheet([15.0] * 10_000)
    assert len(visible_rows(sheet, range(4, 10_001))) == 9_997
    assert sheet.asked == [(4, 10_000)]


def test_one_filtered_block_in_a_long_sheet_costs_a_few_dozen_looks() -> None:
    sheet = Sheet([15.0] * 3_000 + [0.0] * 4_000 + [15.0] * 3_000)
    assert visible_rows(sheet, range(1, 10_001)) == {*range(1, 3_001), *range(7_001, 10_001)}
    assert len(sheet.asked) < 60


def test_no_rows_need_no_look() -> None:
    sheet = Sheet([])
    assert visible_rows(sheet, []) == set()
    assert sheet.asked == []


@pytest.mark.parametrize(
    ("address", "spans"),
    [
        ("$A$4", [(4, 4)]),
        ("$A$4:$C$6", [(4, 6)]),
        ("$A$1:$A$3,$C$5", [(1, 3), (5, 5)]),
        ("$9:$11,$2:$2", [(9, 11), (2, 2)]),
        ("$B:$D", [(1, LAST_ROW)]),
        ("a4", None),
        ("", None),
        ("$A$0", None),
        ("$A$4,", None),
        ("Chart 1", None),
    ],
)
def test_an_address_is_understood_or_refused(address: str, spans: list[tuple[int, int]] | None) -> None:
    if spans is not None:
        assert selected_spans(address) == spans
        return
    with pytest.raises(InventoryError, match="Select"):
        selected_spans(address)


LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=3)
ROWS = st.integers(1, LAST_ROW)
AREAS = st.one_of(
    st.tuples(LETTERS, ROWS).map(lambda one: (f"${one[0]}${one[1]}", (one[1], one[1]))),
    st.tuples(LETTERS, ROWS, LETTERS, ROWS).map(
        lambda one: (f"${one[0]}${one[1]}:${one[2]}${one[3]}", (min(one[1], one[3]), max(one[1], one[3])))
    ),
    st.tuples(ROWS, ROWS).map(lambda one: (f"${one[0]}:${one[1]}", (min(one), max(one)))),
    st.tuples(LETTERS, LETTERS).map(lambda one: (f"${one[0]}:${one[1]}", (1, LAST_ROW))),
)


@settings(deadline=None)
@given(areas=st.lists(AREAS, min_size=1, max_size=6))
def test_the_areas_of_any_selection_are_read_one_by_one(areas: list[tuple[str, tuple[int, int]]]) -> None:
    assert selected_spans(",".join(text for text, _ in areas)) == [span for _, span in areas]


def test_an_address_that_excel_may_have_cut_off_is_not_believed() -> None:
    whole = ",".join(f"$A${row}" for row in range(100, 200, 2))
    cut = whole[:254]  # in the middle of a row's number, and it still reads as an address
    assert len(cut) > LONGEST_ADDRESS
    with pytest.raises(InventoryError, match="too many"):
        selected_spans(cut)
