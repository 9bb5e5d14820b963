"""The button's own worker, attached to a workbook that is open in a real Calc, and killed again and again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw
from kill_harness import Office, inventory, seconds_of_a_run, skus

from xlkijiji import calc
from xlkijiji.workbook.reader import locate
from xlkijiji.workbook.template import build_workbook

ROWS = 2
STEPS = 160
"""About so many has a run of the worker."""
SEED = 20261125
KILLS = 275
"""At random moments; with those at every so many steps there are over 300 of the worker itself."""
OURS = ("posting_status", "ad_id", "ad_url", "posted_at", "attempts", "last_error")


@pytest.fixture(scope="module")
def calc_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[calc.Office]:
    """LibreOffice without a window."""
    with calc.Office.start(tmp_path_factory.mktemp("profile"), headless=True) as running:
        yield running


@pytest.fixture
def sheet(calc_office: calc.Office, tmp_path: Path) -> Iterator[xw.Sheet]:
    """The inventory, open in Calc."""
    path = tmp_path / "stock.xlsm"
    rows = inventory(ROWS)[["sku", "title", "description", "price"]].to_dict("records")
    build_workbook(path, rows)
    opened = calc.open_workbook(path, office=calc_office, hidden=True)
    yield opened.book.sheets["Inventory"]
    opened.close()


def _shown(sheet: xw.Sheet) -> dict[str, dict[str, Any]]:
    """What the open sheet says of each item."""
    layout = locate(sheet)
    return {
        str(key[0]): {name: sheet.range((row, layout.columns[name])).value for name in OURS}
        for key, row in layout.rows.items()
    }


def _clear(sheet: xw.Sheet) -> None:
    """As the sheet was before the first click."""
    layout = locate(sheet)
    for row in layout.rows.values():
        for name in OURS:
            sheet.range((row, layout.columns[name])).value = None


def _judge(office: Office, sheet: xw.Sheet, story: str) -> None:
    """Each row once on the site, in the open sheet and in the journal, all of them with the same ad."""
    ads = office.site.ask("all")
    assert sorted(ad["sku"] for ad in ads) == skus(ROWS), f"{story}: {ads}"
    shown = _shown(sheet)
    assert {sku: one["ad_id"] for sku, one in shown.items()} == {ad["sku"]: ad["id"] for ad in ads}, story
    assert all(str(one["posting_status"]).startswith("Posted ") for one in shown.values()), (story, shown)
    assert sorted(office.records()) == sorted((ad["sku"], "posted", ad["id"]) for ad in ads), story
    office.judge_history()


def test_a_killed_worker_leaves_a_sheet_that_the_next_click_completes(
    office: Office, sheet: xw.Sheet, calc_office: calc.Office
) -> None:
    order = {"through": "worker", "path": str(sheet.book.fullname), "pipe": calc_office.pipe}
    step, stale = 1, 0
    while True:
        office.begin(ROWS)
        _clear(sheet)
        if not office.run(last=step, **order):
            break
        shown = _shown(sheet)
        stale += any(state == "posted" and not shown[sku]["ad_id"] for sku, state, _ad in office.records())

        office.recover(**order)

        _judge(office, sheet, f"killed at step {step}")
        step += 5
    print(f"{office.kills} kills of the worker; states when killed: {dict(office.states)}; {stale} sheets were behind")
    assert office.kills >= 8
    assert office.states["submitting"]
    assert office.states["posted"]
    assert stale, "a sheet that had missed an outcome was redrawn"


def test_workers_killed_again_and_again_at_random_moments_post_each_row_once(
    office: Office, sheet: xw.Sheet, calc_office: calc.Office, soak: int
) -> None:
    order = {"through": "worker", "path": str(sheet.book.fullname), "pipe": calc_office.pipe}
    chance = random.Random(SEED)  # noqa: S311  # moments, not secrets
    _clear(sheet)
    whole = seconds_of_a_run(office, ROWS, **order)
    wanted = max(KILLS, soak // 5)
    while office.kills < wanted:
        office.begin(ROWS)
        _clear(sheet)
        story: list[dict[str, Any]] = []
        for _again in range(chance.randint(1, 10)):
            # what is written and posted takes the least of a run's time, and has most of its steps
            moment = {"kill_after": chance.uniform(0.0, whole)}
            story.append(moment if chance.random() < 0.3 else {"last": chance.randint(1, STEPS)})
            office.run(**story[-1], **order)
        office.recover(**order)
        _judge(office, sheet, f"seed {SEED}, killed {story}")
    print(f"{office.kills} kills of the worker; states when killed: {dict(office.states)}")
    assert set(office.states) >= {"planned", "submitting", "posted"}
