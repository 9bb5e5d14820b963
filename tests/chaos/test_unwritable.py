"""A sheet that takes no writes, a workbook that can't be saved: said first, and posted on the person's second click."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from chaos_desk import Desk, eventually

from xlkijiji.calc.stand_in import load
from xlkijiji.calc.status import read_status
from xlkijiji.paths import run_files, runs_dir

OpenDesk = Callable[[int], Desk]


def _click(desk: Desk, *, posts: bool) -> str:
    """Click Post New and wait for the end; what the status bar said last."""
    desk.start()
    if posts:
        desk.until_in_hand()
    desk.finish()
    return str(desk.last_words)


def _statuses(desk: Desk) -> list[str]:
    grid = desk.grid(desk.model.sheet)
    return [str(row[2]) for row in grid[3:6]]


def test_a_protected_sheet_is_posted_on_the_second_click_and_redrawn_once_it_can_be_written(desk: OpenDesk) -> None:
    one = desk(3)
    one.sheet.protect("")
    first = _click(one, posts=False)
    assert "can't be written to, so nothing was posted" in first
    assert "once more within a minute to post all the same" in first
    assert one.bot.accepted == []
    second = _click(one, posts=True)
    assert one.bot.accepted == ["S001", "S002"]
    assert _statuses(one) == ["", "", ""], "nothing was written past the protection"
    kept = sorted(runs_dir().glob("*.json"))
    assert len(kept) == 1
    report = kept[0].with_suffix(".html")
    assert "start xlkijiji from the menu and click Report under Latest runs" in second
    assert str(report) in second, "the status bar says where it is kept"
    assert "S001" in report.read_text(encoding="utf-8")
    results = json.loads(kept[0].read_text(encoding="utf-8"))["result"]["results"]
    assert [one["status_update"][:6] for one in results] == ["Posted", "Posted", "Error:"]
    one.sheet.unprotect("")
    _click(one, posts=False)
    assert one.bot.accepted == ["S001", "S002"], "nothing is posted twice"
    one.check()


def test_the_persons_word_counts_for_a_minute_and_once(desk: OpenDesk) -> None:
    one = desk(3)
    one.sheet.protect("")
    _click(one, posts=False)
    word = run_files(str(one.path))[0].with_suffix(".word")
    os.utime(word, (time.time() - 61, time.time() - 61))
    assert "once more within a minute" in _click(one, posts=False)
    assert one.bot.accepted == []
    _click(one, posts=True)
    assert len(one.bot.accepted) == 2
    assert "once more within a minute" in _click(one, posts=False), "the next run asks again"


def test_a_sheet_that_is_unprotected_meanwhile_gets_the_statuses_in_the_same_run(desk: OpenDesk) -> None:
    one = desk(6)
    one.sheet.protect("")
    _click(one, posts=False)
    one.start()
    one.until_in_hand()
    one.post_one()
    one.sheet.unprotect("")
    one.post_one()
    one.check()
    one.finish()
    one.check()
    assert one.last_words.startswith("xlkijiji: Done: 5 posted, 1 failed")
    assert "could not be written" not in one.last_words


def test_a_read_only_workbook_is_said_at_the_start_and_posted_on_the_second_click(desk: OpenDesk) -> None:
    one = desk(3)
    one.close()
    load(one.office.connection, one.path, read_only=True)
    first = _click(one, posts=False)
    assert "open read-only" in first
    assert one.bot.accepted == []
    second = _click(one, posts=True)
    assert one.bot.accepted == ["S001", "S002"]
    (kept,) = runs_dir().glob("*.json")
    assert kept.with_suffix(".html").name in second
    one.close()
    one.open()
    _click(one, posts=False)
    assert one.bot.accepted == ["S001", "S002"]
    one.check()


def test_nothing_else_is_asked_for_a_sheet_that_can_be_written(desk: OpenDesk, tmp_path: Path) -> None:
    one = desk(3)
    _click(one, posts=True)
    assert not list(tmp_path.rglob("*.word"))
    eventually(lambda: not read_status(one.office.connection), lambda: "the status bar is given back")
