"""Post the rows of a file, and have their statuses saved into it while the run is on.

The file here is a CSV, since you can look at it in a terminal. An .xlsx or .xlsm works the same way, and only its
status cells change: formats, formulas and macros stay.

Run it:  python docs/examples/with_file.py [FOLDER]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from xlkijiji import data_io
from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch

# Headers may be those of the workbook (SKU), of a program (sku), or another known name (Stock No). Other columns are
# yours. Post New takes the rows whose status is blank, "pending" or begins with "Error".
STOCK = """\
Stock No,Title,Description,Price,Colour,Posting status
C1,Garden bench,"A {colour} bench, seats three.",120,green,
C2,Wheelbarrow,New tyre.,45,red,sold
C3,Rain barrel,"Holds 200 litres, {colour}.",,blue,pending
C4,Watering can,No leaks.,15,grey,Error: System error
"""


class PretendBot:
    """Stands for a real bot, and is done at once."""

    def post_ad(self, record: Record) -> dict[str, Any]:
        """Pretend to post one ad."""
        print(f"  posting {record['sku']}: {record['description']}")
        return {"success": True, "message": "Posted.", "ad_url": f"https://ads.example.com/{record['sku']}"}


def post_file(path: Path) -> None:
    """Load the file, post what is new in it, and save each outcome."""
    stock = data_io.load_inventory(path)
    # the file is saved after every tenth of the records, and at the end, also when the run is broken off
    result = run_batch(stock, "new", PretendBot(), file_path=path)
    print(result["message"])


def main() -> None:
    """Two runs over one file, with a correction between them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="xlkijiji-example-"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "stock.csv"
    path.write_text(STOCK, encoding="utf-8")

    print("First run: the rain barrel has no price.")
    post_file(path)

    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('{colour}.",,', '{colour}.",60,'), encoding="utf-8")
    print("Second run, after its price was filled in: nothing is posted twice.")
    post_file(path)

    print(f"\n{path} is now:\n{path.read_text(encoding='utf-8')}")


if __name__ == "__main__":
    main()
