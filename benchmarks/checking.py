"""How long 10,000 rows take to check without a browser and without photos, beside a loop that only reads them.

The loop reads each row as a dict, which is the least that any check has to do. Both run turn by turn.
"""

from __future__ import annotations

import statistics
import time

import pandas as pd

from xlkijiji.inventory_check import check_inventory
from xlkijiji.kijiji_bot import KijijiBot

ROWS, ROUNDS = 10_000, 5


def _frame() -> pd.DataFrame:
    numbers = range(ROWS)
    return pd.DataFrame(
        {
            "sku": [f"BT{number:05}" for number in numbers],
            "title": [f"Bucket truck number {number}" for number in numbers],
            "description": ["A good truck with a long boom, {fuel type}. " * 10] * ROWS,
            "price": [24500.0 + number for number in numbers],
            "category": ["Heavy Trucks"] * ROWS,
            "year": [2016] * ROWS,
            "kilometers": [120_000] * ROWS,
            "fuel type": ["Diesel"] * ROWS,
            "location": ["Ottawa"] * ROWS,
            "phone": ["416-555-0123"] * ROWS,
            "tags": ["bucket; hydro"] * ROWS,
            "posting_status": [""] * ROWS,
        }
    )


def main() -> None:
    """Print the medians and their ratio."""
    frame, bot, turns = _frame(), KijijiBot("bench@example.com", None), []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        rows = [row.to_dict() for _index, row in frame.iterrows()]
        read = time.perf_counter()
        findings = check_inventory(frame, bot)
        turns.append((time.perf_counter() - read, read - started))
        assert len(rows) == ROWS
        assert len({one.position for one in findings if one.blocks}) == ROWS, "none of them has a photo"
    ours, plain = (statistics.median(side) for side in zip(*turns, strict=True))
    ratio = statistics.median(check / read for check, read in turns)
    print(f"{ROWS} rows checked in {ours:.2f} s (under 2), {ratio:.2f} times as long as reading them ({plain:.2f} s)")


if __name__ == "__main__":
    main()
