"""Which rows are seen, and which are selected: against a simple model, for any pattern."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xlkijiji.errors import InventoryError
from xlkijiji.workbook.chosen_rows import LAST_ROW, LONGEST_ADDRESS, selected_spans, visible_rows


@dataclass
class Area:
    """Rows of `Sheet`, with what xlwings says of a range's height."""

    heights: list[float]
    told: int | None
    """Where set, how many rows at the top a careless program looks at before it says that all are alike."""

    @property
    def height(self) -> float:
        return sum(self.heights)

    @property
    def row_height(self) -> float | None:
        looked_at = [height for height in self.heights if height] if self.told == 0 else self.heights
        return looked_at[0] if len(set(looked_at)) == 1 else None


@dataclass
class Sheet:
    """Rows by their height; 0 is a hidden one."""

    heights: list[float]
    told: int | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)

    def range(self, first: tuple[int, int], last: tuple[int, int]) -> Area:
        self.asked.append((first[0], last[0]))
        return Area(self.heights[first[0] - 1 : last[0]], self.told)


HEIGHTS = st.lists(st.sampled_from([0.0, 0.0, 12.75, 15.0, 30.0, 42.0, 409.5]), max_size=120)


@given(heights=HEIGHTS, told=st.sampled_from([None, 0]), picked=st.sets(st.integers(1, 120)))
@example(heights=[20.0, 0.0, 40.0], told=None, picked={1, 2, 3})
def test_any_pattern_is_seen_as_it_is(heights: list[float], told: int | None, picked: set[int]) -> None:
    """Also where a program leaves hidden rows out when it compares the heights of rows (`told`)."""
    rows = {row for row in picked if row <= len(heights)}
    if told == 0 and len({height for height in heights if height}) > 1:
        heights = [min(height, 15.0) and 15.0 for height in heights]
    assert visible_rows(Sheet(heights, told), rows) == {row for row in rows if heights[row - 1]}


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


@given(areas=st.lists(AREAS, min_size=1, max_size=6))
def test_the_areas_of_any_selection_are_read_one_by_one(areas: list[tuple[str, tuple[int, int]]]) -> None:
    assert selected_spans(",".join(text for text, _ in areas)) == [span for _, span in areas]


def test_an_address_that_excel_may_have_cut_off_is_not_believed() -> None:
    whole = ",".join(f"$A${row}" for row in range(100, 200, 2))
    cut = whole[:254]  # in the middle of a row's number, and it still reads as an address
    assert len(cut) > LONGEST_ADDRESS
    with pytest.raises(InventoryError, match="too many"):
        selected_spans(cut)
