"""A second click that posts into a sheet that can't be written: what it has to be, and what the person is told."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, cast

import pytest

from xlkijiji import worker
from xlkijiji.errors import NotWritable
from xlkijiji.messages import LANGUAGES, speaking, tell
from xlkijiji.paths import run_files
from xlkijiji.runlock import RunLock
from xlkijiji.workbook.session import Host

READ = (object(), {}, frozenset({0}))
"""What the sheet is read as."""


class View:
    """A sheet that takes no writes; the status bar takes what is said, unless it's `busy`."""

    def __init__(self, *, busy: bool = False) -> None:
        self.said: list[str] = []
        self._busy = busy

    def read_shown(self, *, even_unwritable: bool = False) -> Any:
        if not even_unwritable:
            raise NotWritable("It can't be written.")
        return READ

    def show(self, text: str) -> None:
        self.said.append(text)

    def settle(self, _seconds: float) -> bool:
        return not self._busy


@pytest.fixture
def book(tmp_path: Path) -> str:
    """A workbook's name."""
    return str(tmp_path / "inventory.xlsm")


def _click(book: str, job: str = "post", later: float = 0.0, view: View | None = None, **host: str) -> bool:
    """A click so many seconds from now: would it post?"""
    place = Host(book, host.get("sheet", "Inventory"), 0, host.get("selection", ""), time.time() + later)
    one = worker.JOBS[job](place, cast("Any", view or View()), RunLock(book))
    assert isinstance(one, worker.Run)
    try:
        return one.read_rows() == READ
    except NotWritable:
        return False


def test_a_second_click_posts_once_the_sentence_could_be_read(book: str) -> None:
    assert not _click(book)
    assert not _click(book, later=0.4), "the second half of a double click"
    assert _click(book, later=2.0)
    assert not _click(book, later=3.0), "the next run asks again"


def test_the_second_half_of_a_double_click_may_have_waited_for_the_lock(book: str) -> None:
    """It was clicked before the first run had said anything, and comes to read the sheet long afterwards."""
    clicked = -0.3
    assert not _click(book)
    word = run_files(book)[0].with_suffix(".word")
    os.utime(word, (time.time() - 5, time.time() - 5))
    assert not _click(book, later=clicked - 5)


def test_what_could_not_be_shown_was_not_asked(book: str) -> None:
    assert not _click(book, view=View(busy=True))
    assert not _click(book, later=2.0)


@pytest.mark.parametrize(
    ("job", "place"),
    [("all", {}), ("post", {"sheet": "Other"}), ("selected", {"selection": "$A$4"})],
)
def test_another_button_or_sheet_is_asked_anew(book: str, job: str, place: dict[str, str]) -> None:
    assert not _click(book)
    assert not _click(book, job, later=2.0, **place)
    assert _click(book, job, later=4.0, **place), "it was asked about itself"


def test_other_rows_are_asked_anew(book: str) -> None:
    assert not _click(book, "selected", selection="$A$4")
    assert not _click(book, "selected", later=2.0, selection="$A$4:$A$900")


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize(("job", "caption"), [("post", "new"), ("selected", "selected"), ("all", "all")])
def test_the_sentence_names_the_button_that_was_pressed(book: str, spoken: str, job: str, caption: str) -> None:
    view = View()
    with speaking(spoken):
        assert not _click(book, job, view=view)
        assert f" {tell(f'button-post-{caption}')} " in view.said[-1].removeprefix("xlkijiji: It can't be written.")
