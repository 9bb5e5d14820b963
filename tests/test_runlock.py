"""One run per workbook, also when the run before it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys

from xlkijiji.runlock import RunLock

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
