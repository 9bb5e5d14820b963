"""The Settings sheet of an open workbook. A button's own process asks it too, so nothing heavy is imported here."""

from __future__ import annotations

from typing import Any

from xlkijiji.cell_values import cell_text
from xlkijiji.column_words import find_settings_sheet
from xlkijiji.messages import use
from xlkijiji.settings import spoken_language

__all__ = ["read_settings", "speak_as_set"]


def read_settings(book: Any) -> dict[str, object]:
    """What stands beside each label on the sheet *Settings*: label → value. Empty when there is no such sheet."""
    name = find_settings_sheet([sheet.name for sheet in book.sheets])
    if name is None:
        return {}
    rows = book.sheets[name].used_range.options(ndim=2).value
    return {cell_text(row[0]): row[1] for row in rows if len(row) > 1 and cell_text(row[0])}


def speak_as_set(book: Any) -> None:
    """Speak the language that the workbook asks for, from now on."""
    use(spoken_language(read_settings(book)))
