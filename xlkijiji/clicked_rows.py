"""The rows that were selected at a click, handed from the button's process to the worker's.

Rows are sorted and inserted while the worker starts, and a row's number means another item then. So the button's
process writes down what stood in the selected rows. By a file: there may be more of them than a command line takes.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence

from xlkijiji.paths import click_file

__all__ = ["hand_on", "take_over"]

LEFT_SECONDS = 3600.0
"""The file of a click that is older was left by a worker that could not even begin."""


def hand_on(fullname: str, clicked: float, rows: Mapping[int, Sequence[str]]) -> None:
    """Keep the rows (number → its cells from column A) for the worker of the click at the time `clicked`."""
    file = click_file(fullname, clicked)
    for old in file.parent.glob(f"*{file.suffix}"):
        with contextlib.suppress(FileNotFoundError):  # its worker takes it over just now
            if time.time() - old.stat().st_mtime > LEFT_SECONDS:
                old.unlink()
    file.write_text(json.dumps(dict(rows)), encoding="utf-8")


def take_over(fullname: str, clicked: float) -> dict[int, list[str]]:
    """What was handed on, which is gone then; empty when nothing was."""
    file = click_file(fullname, clicked)
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    file.unlink(missing_ok=True)
    return {int(row): cells for row, cells in rows.items()}
