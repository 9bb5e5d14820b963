"""Show how far a run is: with a callback of your own, and with the bar for terminals that xlkijiji brings along.

Run it:  python docs/examples/with_progress.py
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch
from xlkijiji.terminal import progress_bar


class PretendBot:
    """Stands for a real bot, and is done at once."""

    def post_ad(self, record: Record) -> dict[str, Any]:
        """Pretend to post one ad."""
        return {"success": True, "message": "Posted.", "ad_url": f"https://ads.example.com/{record['sku']}"}


def make_stock() -> pd.DataFrame:
    """Five rows that can be posted."""
    return pd.DataFrame(
        [
            {"sku": f"B{number}", "title": f"Bookcase no. {number}", "description": "Six shelves.", "price": 90}
            for number in range(1, 6)
        ]
    )


def print_progress(percentage: float, message: str) -> None:
    """Called when a record's turn comes, and once at the end.

    The record in hand is counted: of five records the last one begins at 100 %, and then the end is told.
    """
    print(f"[{percentage:5.1f}%] {message}")


def main() -> None:
    """The same job twice, shown in two ways."""
    run_batch(make_stock(), "new", PretendBot(), progress_cb=print_progress)

    # the bar writes to stderr, so that what a program prints can still be sent to a file or another program;
    # the pause is there for you to see the bar move, and a real site wants one of 20 seconds
    with progress_bar("posting") as update:
        result = run_batch(make_stock(), "new", PretendBot(), progress_cb=update, pause_seconds=0.3)
    print(result["message"])


if __name__ == "__main__":
    main()
