"""The shortest way: rows in a DataFrame, a bot of your own, and one call.

Run it:  python docs/examples/basic.py
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch


class PrintingBot:
    """Anything with `post_ad(record)` can be the bot. This one only prints; `KijijiBot` posts in a real browser."""

    def post_ad(self, record: Record) -> dict[str, Any]:
        """Pretend to post one ad. A record is a dict of the row's cells, with {placeholders} filled in."""
        print(f"  posting {record['sku']}: {record['title']}. {record['description']}")
        return {"success": True, "message": "Posted.", "ad_url": f"https://ads.example.com/{record['sku']}"}


def main() -> None:
    """Post three rows, of which one has a mistake."""
    stock = pd.DataFrame(
        [
            {"sku": "A1", "title": "Oak desk", "description": "Solid oak, stock number {sku}.", "price": 250},
            {"sku": "A2", "title": "Desk lamp", "description": "Brass, works.", "price": "about 40"},  # not a number
            {"sku": "A3", "title": "Office chair", "description": "Five wheels, all turn.", "price": 80},
        ]
    )
    # 'new' posts what isn't on the site yet; the frame has no statuses, so that is every row
    result = run_batch(stock, "new", PrintingBot())

    print(result["message"])
    for entry in result["results"]:
        print(f"  {entry['record_id']}: {entry['status_update']}", entry["ad_url"] or "")

    # each outcome is also in the frame itself, and that is how a second run knows what is left to do
    again = run_batch(stock, "new", PrintingBot())
    print(f"Second run: {again['message']}")


if __name__ == "__main__":
    main()
