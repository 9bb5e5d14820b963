"""How long a click keeps the spreadsheet waiting: the button's own process, beside one that only imports xlwings.

Excel on Windows waits for that process. Importing xlwings (and pandas with it) is the price of any button made with
xlwings; the ratio says what ours adds: asking who called, looking at the lock, starting the worker.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from xlkijiji import calc
from xlkijiji.paths import HOME_VARIABLE
from xlkijiji.workbook.template import build_workbook

ROUNDS = 9


def _seconds(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-B", "-c", code], check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print the medians and their ratio."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ[HOME_VARIABLE] = home
        os.environ["XLKIJIJI_SHOW_RESULT_SECONDS"] = "0"
        workbook = Path(home) / "inventory.xlsm"
        build_workbook(workbook)
        with calc.Office.start(Path(home) / "profile", headless=True) as office:
            calc.open_workbook(workbook, office=office, hidden=True)
            click = (
                "import sys; sys.argv += ['--wb=inventory.xlsm', '--from_xl=1'];"
                f"from xlkijiji import calc; calc.activate({office.pipe!r});"
                f"import os; os.environ[calc.PIPE_VARIABLE] = {office.pipe!r};"
                "from xlkijiji import addin; addin.post_new()"
            )
            plain = "import xlwings"
            pairs = []
            for _ in range(ROUNDS):
                pairs.append((_seconds(click), _seconds(plain)))
    ours, beside = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"button's process {ours:.2f} s, a process that imports xlwings {beside:.2f} s: ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
