"""What run_batch adds to each record, with a bot that does nothing, beside the plain loop that anybody would write.

The plain loop is one pandas assignment a record and one save at the end. Everything runs in processes of its own, so
that the memory is that of one run; medians of several.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from xlkijiji import data_io
from xlkijiji.journal import Journal
from xlkijiji.posting import run_batch

SMALL, LARGE = 10_000, 100_000
ROUNDS = 5


class IdleBot:
    """Posts nothing, at once."""

    account = "bench@example.com"

    def post_ad(self, _record: Mapping[str, Any], before_submit: Any = None) -> dict[str, Any]:
        """Tell of a click, and that all went well."""
        if before_submit is not None:
            before_submit(ids_before=[])
        return {"success": True, "message": "ok", "ad_url": "https://site.example/1"}


def _frame(rows: int) -> pd.DataFrame:
    numbers = range(rows)
    return pd.DataFrame(
        {
            "sku": [f"BT{number:06}" for number in numbers],
            "title": [f"Bucket truck number {number}" for number in numbers],
            "description": ["A good truck with a long boom, serviced this spring, ready to work."] * rows,
            "price": [24500.0 + number for number in numbers],
            "posting_status": [""] * rows,
        }
    )


def _plain(frame: pd.DataFrame, path: Path | None) -> None:
    bot = IdleBot()
    for index, row in frame.iterrows():
        if bot.post_ad(row)["success"]:
            frame.loc[index, "posting_status"] = "Posted 2026-11-23"  # type: ignore[call-overload, index]  # an index of numbers
    if path is not None:
        frame.to_csv(path, index=False)


def measure(kind: str, rows: int) -> dict[str, float]:
    """Seconds and megabytes (the process' peak) of one run of `kind`: plain, bare, file or journal."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        path = Path(folder) / "stock.csv"
        frame = _frame(rows)
        if "file" in kind:
            data_io.save_inventory(frame, path)
            frame = data_io.load_inventory(path)
        file = path if "file" in kind else None
        started = time.perf_counter()
        if kind.startswith("plain"):
            _plain(frame, file)
        elif kind == "journal":
            with Journal(Path(folder) / "journal.sqlite3") as journal:
                assert run_batch(frame, "new", IdleBot(), journal=journal)["successful_posts"] == rows
        else:
            assert run_batch(frame, "new", IdleBot(), file_path=file)["successful_posts"] == rows
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    return {"seconds": seconds, "megabytes": peak}


def _measured(kind: str, rows: int, rounds: int = ROUNDS) -> tuple[float, float]:
    runs = [
        json.loads(subprocess.run([sys.executable, __file__, kind, str(rows)], check=True, capture_output=True).stdout)
        for _ in range(rounds)
    ]
    return statistics.median(run["seconds"] for run in runs), max(run["megabytes"] for run in runs)


def main() -> None:
    """Print the table."""
    plain, _ = _measured("plain", SMALL)
    print(f"plain loop, {SMALL} rows: {1000 * plain / SMALL:.3f} ms a record")
    for kind, beside, limit in (("bare", "plain", 0.1), ("file", "plain file", None), ("journal", "plain", 3.0)):
        small, _ = _measured(kind, SMALL)
        other, _ = _measured(beside, SMALL) if beside != "plain" else (plain, 0.0)
        text = f"run_batch {kind}, {SMALL} rows: {1000 * small / SMALL:.3f} ms a record"
        text += f" (at most {limit})" if limit else ""
        print(f"{text}, {small / other:.2f} times the {beside} loop")
        if kind != "file":
            large, megabytes = _measured(kind, LARGE, 1 if kind == "journal" else 3)
            print(
                f"run_batch {kind}, {LARGE} rows: {large / small:.2f} times as long as {SMALL} (at most 12), "
                f"peak memory {megabytes:.0f} MB (below 500)"
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
