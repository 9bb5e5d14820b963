"""Which rows a button takes, and that no other row is touched by it, whatever is done with those."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journal_bots import SiteBot, new_journal, states
from posting_bots import PlainBot, adds_up, at_noon, trucks

from xlkijiji.clicked_rows import hand_on, take_over
from xlkijiji.errors import InventoryError
from xlkijiji.inventory_check import check_inventory
from xlkijiji.posting import run_batch
from xlkijiji.records import InventoryTable, table_from_grid
from xlkijiji.row_choice import choose_all, choose_new, choose_selected
from xlkijiji.sheet_check import sheet_notes

HEADERS = ["SKU", "Title", "Description", "Price", "Posting status", "Last error"]


def sheet(*statuses: str, price: object = 5) -> InventoryTable:
    """One row for each status, from row 4 of the sheet."""
    rows = [[f"A{at}", f"Truck {at}", "It runs very well", price, status, None] for at, status in enumerate(statuses)]
    return table_from_grid([HEADERS, *rows], "Sheet 'Inventory'", first_row=3)


def as_it_stands(table: InventoryTable) -> dict[int, list[str]]:
    """What the button's process hands on of all rows where nothing moves afterwards."""
    cells = table.frame[["sku", "title"]].to_numpy().tolist()
    return dict(zip(table.rows, cells, strict=True))


def test_post_new_counts_hidden_rows_that_it_would_have_posted() -> None:
    table = sheet("", "Posted 2026-01-01", "Error: x", "sold", "")
    whole = choose_new(table, frozenset(range(5)))
    assert (whole.only, whole.note) == (frozenset(range(5)), "")
    assert choose_new(table, frozenset({0, 2, 4})).note == "", "the hidden ones are posted already, or sold"
    assert choose_new(table, frozenset({0, 1, 3})).note.startswith("2 hidden rows were skipped")
    assert choose_new(table, frozenset({0, 1, 2, 3})).note.startswith("1 hidden row was skipped")


@pytest.mark.parametrize(
    ("address", "only"),
    [
        ("$A$4", {0}),
        ("$C$5:$D$6,$A$8", {1, 2, 4}),
        ("$B:$B", {0, 1, 2, 3, 4}),
        ("$1:$1048576", {0, 1, 2, 3, 4}),
        ("$7:$9", {3, 4}),
        ("$A$3:$A$4", {0}),
    ],
)
def test_post_selected_takes_each_row_that_the_selection_touches(address: str, only: set[int]) -> None:
    table = sheet("", "", "", "", "")
    assert choose_selected(table, frozenset(range(5)), address, as_it_stands(table)).only == only


def test_post_selected_takes_none_that_is_hidden_and_says_so() -> None:
    table = sheet("", "", "Posted 2026-01-01", "")
    choice = choose_selected(table, frozenset({0, 2}), "$A$4:$A$6", as_it_stands(table))
    assert choice.only == {0, 2}
    assert choice.note.startswith("1 hidden row was skipped")


@pytest.mark.parametrize(
    ("address", "shown", "sentence"),
    [
        ("", {0, 1, 2}, "No cells are selected"),
        ("$A$1:$F$3", {0, 1, 2}, "None of the selected rows holds an item"),
        ("$A$99", {0, 1, 2}, "None of the selected rows holds an item"),
        ("$A$5", {0, 1, 2}, "The selected row needs no posting"),
        ("$A$5:$A$6", {0, 1, 2}, "None of the 2 selected rows needs posting"),
        ("$A$4:$A$5", {1, 2}, "The selected rows that could be posted are hidden"),
    ],
)
def test_post_selected_says_why_there_is_nothing_to_post(address: str, shown: set[int], sentence: str) -> None:
    table = sheet("", "Posted 2026-01-01", "sold")
    with pytest.raises(InventoryError, match=sentence):
        choose_selected(table, frozenset(shown), address, as_it_stands(table))


def _moved(table: InventoryTable, order: list[int], first_row: int) -> InventoryTable:
    rows = [[*table.frame[["sku", "title"]].iloc[at], "It runs very well", 5, None, None] for at in order]
    return table_from_grid([HEADERS, *rows], "Sheet 'Inventory'", first_row=first_row)


@pytest.mark.parametrize(
    ("order", "first_row", "address"),
    [
        ([2, 1, 0], 3, "$A$4"),  # sorted the other way round
        ([0, 2, 1], 3, "$A$4:$A$5"),  # one of them is another one
        ([0, 1, 2], 4, "$A$5"),  # a row was inserted above
        ([1, 2], 3, "$A$5"),  # a row was deleted
    ],
)
def test_post_selected_takes_no_other_item_that_has_moved_into_a_selected_row(
    order: list[int], first_row: int, address: str
) -> None:
    before = sheet("", "", "")
    with pytest.raises(InventoryError, match="The rows have moved since the click"):
        choose_selected(_moved(before, order, first_row), frozenset(range(3)), address, as_it_stands(before))


def test_post_selected_minds_no_move_of_rows_that_are_not_selected() -> None:
    before = sheet("", "", "")
    moved = _moved(before, [0, 2, 1], 3)
    assert choose_selected(moved, frozenset(range(3)), "$A$4", as_it_stands(before)).only == {0}


def test_rows_that_share_a_stock_number_are_told_apart_by_their_titles() -> None:
    before, now = (
        table_from_grid(
            [HEADERS, *(["A1", title, "It runs very well", 5, None, None] for title in titles)], "S", first_row=3
        )
        for titles in (("Blue", "Red"), ("Red", "Blue"))
    )
    with pytest.raises(InventoryError, match="moved"):
        choose_selected(now, frozenset({0, 1}), "$A$4", as_it_stands(before))


def test_what_is_handed_on_is_taken_over_once_and_by_its_own_click(own_home: Path) -> None:
    rows = {at: [f"A{at}", "«Scie»", ""] for at in range(4, 5000)}
    hand_on("/stock/inventory.xlsm", 1000.125, rows)
    hand_on("/stock/inventory.xlsm", 1000.625, {4: ["B"]})
    assert take_over("/stock/inventory.xlsm", 1000.125) == rows
    assert take_over("/stock/inventory.xlsm", 1000.125) == {}
    assert take_over("/stock/other.xlsm", 1000.625) == {}
    assert take_over("/stock/inventory.xlsm", 1000.625) == {4: ["B"]}
    assert not list(own_home.rglob("*.click"))


def test_what_no_worker_ever_took_over_does_not_stay(own_home: Path) -> None:
    hand_on("/stock/inventory.xlsm", 1.0, {4: ["A"]})
    (left,) = own_home.rglob("*.click")
    os.utime(left, (time.time() - 4000, time.time() - 4000))
    hand_on("/stock/inventory.xlsm", 2.0, {4: ["B"]})
    assert not left.exists()
    assert take_over("/stock/inventory.xlsm", 2.0) == {4: ["B"]}


def test_post_all_leaves_a_persons_own_words_alone() -> None:
    table = sheet(
        "", "Posted 2026-01-01", "sold", "Error: x", "Removed – as a duplicate", "Posting…", "hold", "pending"
    )
    choice = choose_all(table, frozenset(range(8)))
    assert choice.only == {0, 1, 3, 4, 5, 7}
    assert choice.note.startswith("2 rows with a word of your own")
    choice = choose_all(table, frozenset({0, 2}))
    assert choice.only == {0}
    assert choice.note.startswith("5 hidden rows were skipped")
    assert "1 row with a word of your own" in choice.note


STATUSES = st.sampled_from(["", "pending", "Error: x", "Posted 2026-01-01", "sold", "Error: Unsure – look", "Posting…"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(STATUSES, st.booleans()), min_size=1, max_size=8),
    mode=st.sampled_from(["new", "all"]),
    with_journal=st.booleans(),
)
def test_a_row_that_may_not_be_chosen_is_left_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, bool]], mode: str, with_journal: bool
) -> None:
    """And those that may be have the outcome that they have in a run without such a choice."""
    only = {at for at, (_status, may) in enumerate(rows) if may}
    statuses = [status for status, _may in rows]
    outcomes = []
    for choice in (only, None):
        bot, df = SiteBot(), trucks(*statuses)
        journal = new_journal(tmp_path_factory.mktemp("journal")) if with_journal else None
        result = run_batch(
            df, mode, bot, journal=journal, only=choice, clock=at_noon, row_numbers=range(4, 4 + len(df))
        )
        assert adds_up(result, df)
        assert all(entry["row"] == int(entry["record_id"][2:]) + 3 for entry in result["results"])
        if choice is not None:
            left = {f"BT{at + 1:03}" for at in range(len(rows)) if at not in only}
            assert not left & set(bot.accepted)
            assert not left & {entry["record_id"] for entry in result["results"]}
            assert journal is None or not left & set(states(journal))
            assert [df["posting_status"][at] for at in range(len(rows)) if at not in only] == [
                status for status, may in rows if not may
            ]
        outcomes.append({at: df["posting_status"][at] for at in only})
    assert outcomes[0] == outcomes[1]


def test_a_stock_number_that_a_hidden_row_shares_is_still_a_repeated_one() -> None:
    bot = PlainBot()
    df = trucks("", "", bucket_truck_id=["BT001", "BT001"])
    result = run_batch(df, "new", bot, only={0}, clock=at_noon)
    assert bot.table == []
    assert result["failed_posts"] == 1
    assert df["posting_status"].tolist()[1] == ""


def test_check_sheet_writes_beside_visible_rows_alone_and_says_how_many_it_left_out() -> None:
    table = sheet("", "", "Posted 2026-01-01", price="abc")
    findings = check_inventory(table.frame, PlainBot(), only={0})
    assert {finding.position for finding in findings} == {0}
    notes = sheet_notes(table, findings, frozenset({0}))
    assert set(notes.cells) == {0}
    assert "1 of 1 row can't be posted" in notes.message
    assert "1 hidden row was left out" in notes.message
    assert "1 row not checked: Post New leaves it alone." in notes.message


def test_the_journal_hears_nothing_of_a_word_in_a_hidden_row(tmp_path: Path) -> None:
    """It is heeded by the next run that sees the row."""
    bot, journal = SiteBot(), new_journal(tmp_path)
    run_batch(trucks("", ""), "new", bot, journal=journal, clock=at_noon)
    before = journal.records()
    run_batch(trucks("", "Error: not there"), "new", bot, journal=journal, only={0}, clock=at_noon)
    assert [one for one in journal.records() if one.record_id == "BT002"] == [
        one for one in before if one.record_id == "BT002"
    ]
