"""What run_batch adds to each record, with a bot that does nothing, beside the plain loop that anybody would write.

The plain loop is one pandas assignment a record (`.at`, the quickest that pandas has) and one save at the end. All of
it runs in processes of its own, so that the memory is that of one run. What is compared runs turn by turn, and the
ratio is the median of the turns' ratios: so a disk that others keep busy for a while spoils one turn.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
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

    def post_ad(self, _record: Any, before_submit: Any = None) -> dict[str, Any]:
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
            frame.at[index, "posting_status"] = "Posted 2026-11-23"
    if path is not None and path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path is not None:
        frame.to_excel(path, index=False, engine="xlsxwriter")


def measure(kind: str, rows: int) -> dict[str, float]:
    """Seconds and megabytes (the process' peak) of one run of `kind`: plain, bare, file or journal."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as folder:
        path = Path(folder) / ("stock.xlsx" if kind.endswith("xlsx") else "stock.csv")
        frame = _frame(rows)
        if "file" in kind:  # with ten saves on the way, as a run has them
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


def _run(kind: str, rows: int) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, kind, str(rows)], check=True, capture_output=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _beside(one: tuple[str, int], other: tuple[str, int], rounds: int) -> tuple[float, float, float]:
    """Median seconds of `one`, median of its ratio to `other` run beside it, and its peak memory in MB."""
    turns = [(_run(*other), _run(*one)) for _ in range(rounds)]
    ratio = statistics.median(first["seconds"] / base["seconds"] for base, first in turns)
    seconds = statistics.median(first["seconds"] for _base, first in turns)
    return seconds, ratio, max(first["megabytes"] for _base, first in turns)


def main() -> None:
    """Print the table."""
    for kind, beside, limit in (
        ("bare", "plain", " (at most 0.1)"),
        ("journal", "plain", " (at most 3)"),
        ("file", "plain file", ""),
        ("file xlsx", "plain file xlsx", ""),
    ):
        seconds, ratio, _ = _beside((kind, SMALL), (beside, SMALL), ROUNDS)
        text = f"run_batch {kind}, {SMALL} rows: {1000 * seconds / SMALL:.3f} ms a record{limit}"
        print(f"{text}, {ratio:.2f} times the {beside} loop", flush=True)
        if "file" not in kind:
            _, ratio, megabytes = _beside((kind, LARGE), (kind, SMALL), 3)
            print(
                f"run_batch {kind}, {LARGE} rows: {ratio:.2f} times as long as {SMALL} (at most 12), "
                f"peak memory {megabytes:.0f} MB (below 500)",
                flush=True,
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
