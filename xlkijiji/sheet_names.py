"""What the sheets of our workbook are called, in each language: whoever looks for one knows it by any of its names."""

from __future__ import annotations

from xlkijiji.messages import LANGUAGES, tell

__all__ = ["DASHBOARD", "HOW_TO", "INVENTORY", "LISTS", "RUNS", "SETTINGS", "is_called"]

INVENTORY, SETTINGS, RUNS = "sheet-inventory", "sheet-settings", "sheet-runs"
DASHBOARD, HOW_TO, LISTS = "sheet-dashboard", "sheet-how-to", "sheet-lists"


def is_called(name: str, which: str) -> bool:
    """Is `name` what the sheet `which` (one of the names above) is called, in any language?

    Excel, too, takes no notice of capitals in the name of a sheet.
    """
    wanted = name.strip().casefold()
    return any(wanted == tell(which, language).casefold() for language in LANGUAGES)
