"""Everything together: a workbook file, pictures, a real browser, progress, a journal, and a look at the site.

The site is the practice site, which this program starts for itself: nothing here reaches Kijiji.

Run it:  python docs/examples/complete.py [FOLDER]    (needs Chrome, Chromium or Edge; takes some seconds)
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from xlkijiji import data_io
from xlkijiji.journal import Journal
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.posting import run_batch
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite
from xlkijiji.terminal import progress_bar

ROWS = [
    {
        "sku": "E1",
        "title": "Cordless drill, two batteries",
        "description": "Charger and case included. Stock number {sku}.",
        "price": 85,
        "category": "Buy & Sell > Tools > Power Tools",
        "condition": "Used - Good",
        "photos": "drill.png;drill-case.png",
    },
    {
        "sku": "E2",
        "title": "Table saw, 10 inch blade",
        "description": "With stand and fence. Stock number {sku}.",
        "price": 240,
        "category": "Buy & Sell > Tools > Power Tools",
        "condition": "Used - Like new",
        "photos": "saw.png",
    },
    {
        "sku": "E3",
        "title": "Belt sander",
        "description": "Runs well. Stock number {sku}.",
        "price": 40,
        "category": "Buy & Sell > Tools > Power Tools",
        "condition": "Used - Fair",
        "photos": "sander.png",  # there is no such picture, so this row gets an error and no ad
    },
]


def prepare(folder: Path) -> tuple[Path, Path]:
    """Make the workbook and the pictures that an office would have already; their paths."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for name, colour in (("drill.png", "teal"), ("drill-case.png", "navy"), ("saw.png", "maroon")):
        Image.new("RGB", (640, 480), colour).save(pictures / name)
    workbook = folder / "stock.xlsx"
    workbook.unlink(missing_ok=True)
    # a file that doesn't exist is made from the whole frame; in one that does, only statuses are written
    data_io.save_inventory(pd.DataFrame(ROWS).assign(posting_status="", ad_id="", ad_url=""), workbook)
    return workbook, pictures


def post(workbook: Path, pictures: Path, bot: KijijiBot, journal: Journal) -> dict[str, Any]:
    """Post what is new in the workbook; run_batch's result."""
    stock = data_io.load_inventory(workbook)
    with progress_bar(workbook.name) as update:
        # on the real site also: pause_seconds=20, stop_after=25
        result = run_batch(stock, "new", bot, pictures, progress_cb=update, file_path=workbook, journal=journal)
    print(f"{workbook.name}: {result['message']}")
    for entry in result["results"]:
        print(f"  {entry['record_id']}: {entry['status_update']}")
    return result


def main() -> None:
    """Post a workbook, and then a copy of it that knows nothing of the first run."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="xlkijiji-example-"))
    workbook, pictures = prepare(folder)
    copy = Path(shutil.copy(workbook, folder / "unsaved.xlsx"))

    ((account, password),) = DEFAULT_ACCOUNTS.items()  # the practice site's; opens nothing else
    with (
        Journal(folder / "journal.sqlite3") as journal,
        PracticeSite(folder / "site") as site,
        KijijiBot(account, password, base_url=site.url, images_dir=pictures, headless=True) as bot,
    ):
        post(workbook, pictures, bot, journal)
        # as if somebody had closed the workbook without saving: its statuses are blank, but the journal remembers
        post(copy, pictures, bot, journal)

        print("On the site:")
        for ad in site.ads():
            print(f"  {ad['id']} {ad['title']}: ${ad['price']:.2f}, photos: {len(ad['photos'])}, {ad['url']}")
    print(f"The workbook, the pictures and the journal are in {folder}")


if __name__ == "__main__":
    main()
