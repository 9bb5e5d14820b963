"""Adopting changes nothing of the person's: every part of both files is compared."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Collection
from pathlib import Path

import pytest
import python_calamine as calamine
from adopt_compare import (
    WORKBOOK,
    assert_styles_appended,
    assert_superset,
    differing,
    parts_of,
    relations_of,
    sheet_parts,
    widths,
    without_code_name,
    without_our_columns,
    without_our_names,
    without_our_table_columns,
)
from adopt_corpus import FEATURES, WORDS, make_workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from xlkijiji.adopt.making import write_adopted
from xlkijiji.adopt.our_workbook import OurWorkbook
from xlkijiji.adopt.planning import Plan, make_plan
from xlkijiji.adopt.source import read_source
from xlkijiji.install import template_path
from xlkijiji.inventory import column_letter

MACRO = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
OURS = OurWorkbook(template_path())


def adopt(source: Path, target: Path) -> Plan:
    """Make the workbook; the plan behind it."""
    read = read_source(source)
    plan = make_plan(read, dict(WORDS), settings_name=OURS.settings)
    write_adopted(read, plan, target, OURS)
    return plan


def assert_all_kept(source: Path, target: Path, plan: Plan) -> None:
    """Compare every part."""
    before, after = parts_of(source), parts_of(target)
    assert set(before) <= set(after), "no part has gone"
    old_sheets, new_sheets = sheet_parts(before), sheet_parts(after)
    inventory = old_sheets[plan.proposal.sheet]
    numbers = {plan.added.first + at for at in range(len(plan.added.names))}
    columns = {column_letter(number) for number in numbers}
    tables = [part for part in relations_of(before, inventory).values() if "/tables/" in part]
    drawings = [part for part in relations_of(before, inventory).values() if part.endswith(".vml")]
    for name in differing(before, after):
        old, new = before[name], after[name]
        if name == "[Content_Types].xml":
            assert_superset(old, new, {f"/{WORKBOOK}": MACRO})
        elif name.endswith(".rels"):
            assert name in {
                "xl/_rels/workbook.xml.rels",
                inventory.replace("worksheets/", "worksheets/_rels/") + ".rels",
            }
            assert_superset(old, new, {})
        elif name == WORKBOOK:
            was, now = without_our_names(old, new, plan.settings_sheet)
            assert was == now
        elif name == "xl/styles.xml":
            assert_styles_appended(old, new)
        elif name == inventory:
            was, now = without_our_columns(old, new, columns)
            assert was == now
            assert widths(old, numbers) == widths(new, numbers)
        elif name in old_sheets.values():
            assert without_code_name(new, re.search(rb"sheetPr\b", old) is not None) == old
        elif name in tables:
            was, now = without_our_table_columns(old, new)
            assert was == now
        else:
            assert name in drawings, name
            assert new.startswith(old[: old.rindex(b"</xml>")]), "buttons stand behind the notes that were there"
    assert list(new_sheets)[: len(old_sheets)] == list(old_sheets), "the tabs are in their order"


def assert_same_values(source: Path, target: Path) -> None:
    """A reader that is not ours finds the same values in every sheet of theirs."""
    old, new = calamine.CalamineWorkbook.from_path(source), calamine.CalamineWorkbook.from_path(target)
    for known in old.sheets_metadata:
        if known.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        was = old.get_sheet_by_name(known.name).to_python(skip_empty_area=False)
        now = new.get_sheet_by_name(known.name).to_python(skip_empty_area=False)
        for row, cells in enumerate(was):
            for column, value in enumerate(cells):
                if value != "":
                    assert now[row][column] == value, (known.name, row, column)


def check(folder: Path, features: Collection[str], rows: int = 4) -> Plan:
    """Make a workbook with these features, adopt it, compare."""
    source, target = folder / "theirs.xlsx", folder / "ours.xlsm"
    make_workbook(source, features, rows)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    plan = adopt(source, target)
    assert hashlib.sha256(source.read_bytes()).hexdigest() == digest, "the original is untouched"
    assert_all_kept(source, target, plan)
    assert_same_values(source, target)
    return plan


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_survives_by_itself(feature: str, tmp_path: Path) -> None:
    check(tmp_path, [feature])


@pytest.mark.parametrize("around", ["table", "filter"])
def test_all_features_survive_together(around: str, tmp_path: Path) -> None:
    check(tmp_path, [feature for feature in FEATURES if feature not in {"table", "filter"} or feature == around])


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(FEATURES), max_size=12), st.integers(1, 30))
def test_any_mixture_survives(features: set[str], rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), features, rows)
