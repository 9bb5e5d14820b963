"""One run per workbook, also when the run before it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from xlkijiji import press
from xlkijiji.paths import run_files
from xlkijiji.runlock import RunLock
from xlkijiji.workbook.session import Host

HOLD = """
import sys, threading
from xlkijiji.runlock import RunLock
lock = RunLock(sys.argv[1])
print(lock.acquire(), flush=True)
threading.Event().wait()
"""


def _holder(name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, name], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "True"
    return process


def test_a_second_process_is_refused_until_the_first_has_ended() -> None:
    holder = _holder("/stock/inventory.xlsm")
    try:
        lock = RunLock("/stock/inventory.xlsm")
        assert not lock.acquire(0)
        assert lock.held_elsewhere()
        assert RunLock("/stock/other.xlsm").acquire(0)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    assert lock.acquire(0), "a killed run must not keep its lock"
    lock.release()


def test_the_run_that_is_on_hears_of_another_click() -> None:
    running = RunLock("/stock/inventory.xlsm")
    assert running.acquire(0)
    assert not running.clicked_meanwhile()
    assert RunLock("/stock/inventory.xlsm").held_elsewhere()
    assert running.clicked_meanwhile()
    running.release()


def test_asking_whether_a_run_is_on_leaves_nothing_behind() -> None:
    lock = RunLock("/stock/inventory.xlsm")
    assert not lock.held_elsewhere()
    assert not lock.clicked_meanwhile()
    assert lock.acquire(0)
    lock.release()


def test_the_office_pages_look_is_never_in_the_way_of_a_click_or_a_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    book = str(tmp_path / "inventory.xlsm")
    monkeypatch.setattr(press, "_find_program", lambda: None)
    monkeypatch.setattr("xlkijiji.workbook.front.front_host", lambda: Host(book, "Inventory"))
    monkeypatch.setattr("xlkijiji.workbook.front.settings_of_front", dict)
    monkeypatch.setattr("xlkijiji.workbook.front.status_in_front", str)
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            press.look()

    page = threading.Thread(target=watch)
    page.start()
    try:
        for _click in range(300):
            lock = RunLock(book)
            assert not lock.held_elsewhere(), "a look is no run"
            assert lock.acquire(0), "a look keeps no run from starting"
            assert RunLock(book).is_on()
            lock.release()
    finally:
        ended.set()
        page.join()
    assert not press.look()["running"]
    lock = RunLock(book)
    assert lock.acquire(0)
    assert press.look()["running"]
    lock.release()


# --- the person's word for a sheet that can't be written

WISH = ["button-post-selected", "Inventory", "$A$4"]


def _asked(wish: list[str], ago: float) -> RunLock:
    lock = RunLock("/stock/inventory.xlsm")
    lock.ask_for_word(wish)
    file = run_files("/stock/inventory.xlsm")[0].with_suffix(".word")
    os.utime(file, (time.time() - ago, time.time() - ago))
    return lock


def test_a_click_that_could_have_read_what_it_means_is_the_persons_word_once() -> None:
    lock = _asked(WISH, 10)
    assert lock.take_word(WISH, time.time())
    assert not lock.take_word(WISH, time.time())


@pytest.mark.parametrize("later", [-5.0, -0.2, 0.0, 1.4, 61.0])
def test_a_click_too_soon_or_too_late_is_not_the_persons_word(later: float) -> None:
    lock = _asked(WISH, 30)
    assert not lock.take_word(WISH, time.time() - 30 + later)


@pytest.mark.parametrize(
    "other",
    [
        ["button-post-all", "Inventory", "$A$4"],
        ["button-post-selected", "Other", "$A$4"],
        ["button-post-selected", "Inventory", "$A$4:$A$900"],
    ],
)
def test_the_persons_word_is_for_the_job_the_sheet_and_the_rows_that_were_asked_about(other: list[str]) -> None:
    lock = _asked(WISH, 10)
    assert not lock.take_word(other, time.time())
    assert not lock.take_word(WISH, time.time()), "another click in between is a change of mind"


def test_without_a_question_there_is_no_word() -> None:
    assert not RunLock("/stock/inventory.xlsm").take_word(WISH, time.time())
