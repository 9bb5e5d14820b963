"""Which header of a person's own sheet means which column, where the workbook's Settings sheet says so.

A sheet that was adopted keeps its headers. Those that no alias knows stand on the Settings sheet, one in a row: beside
`Column: Title` stands `Item name`. Such a row counts before every alias, so it also settles which of two headers is
meant; `-` says that no column of the sheet is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xlkijiji.inventory import cell_text, column_names, header_key, match_header
from xlkijiji.messages import LANGUAGES, tell
from xlkijiji.sheet_names import SETTINGS

__all__ = ["NO_COLUMN", "ColumnWords", "column_label", "find_settings_sheet", "inventory_sheet_label"]

NO_COLUMN = "-"
_SHEET_LABELS = frozenset(header_key(tell("setting-inventory-sheet", language)) for language in LANGUAGES)
_PREFIXES = tuple(header_key(tell("setting-column", language, header="x")).removesuffix("x") for language in LANGUAGES)


def inventory_sheet_label() -> str:
    """The label of the setting that names the sheet with the items, where that has a name of the person's own."""
    return tell("setting-inventory-sheet")


def column_label(header: str) -> str:
    """The label of the setting that says under which header of the person's own the column `header` stands."""
    return tell("setting-column", header=header)


def find_settings_sheet(names: Sequence[str]) -> str | None:
    """Which of the sheets `names` is the settings sheet; None when none is."""
    known = {name.strip().casefold(): name for name in reversed(names)}
    called = [tell(SETTINGS, language).casefold() for language in LANGUAGES]
    # the best first: an adopted workbook may have a sheet Settings of its own
    return next((known[name] for name in (*(f"xlkijiji {one}" for one in called), *called) if name in known), None)


@dataclass(frozen=True)
class ColumnWords:
    """What the Settings sheet says of the inventory's headers."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    """Canonical column → the header that means it, as `header_key` leaves it; '' when none of the sheet's does."""
    sheet: str = ""
    """The name of the sheet with the items; '' where nothing is said."""

    @classmethod
    def from_labels(cls, labels: Mapping[str, object]) -> ColumnWords:
        """From what stands beside each label of the Settings sheet; a blank one says nothing."""
        chosen: dict[str, str] = {}
        sheet = ""
        for label, value in labels.items():
            key, text = header_key(label), cell_text(value)
            if text and key in _SHEET_LABELS:
                sheet = text
            for prefix in _PREFIXES:
                name = match_header(key.removeprefix(prefix)) if key.startswith(prefix) else None
                if name is not None and text:
                    chosen[name] = "" if text in {NO_COLUMN, "–", "—"} else header_key(text)
        return cls(chosen, sheet)

    def names(self, headers: Sequence[object]) -> list[str | None]:
        """The canonical name of the column that each header means; None for the person's own."""
        by_key = {key: name for name, key in self.chosen.items() if key}
        known = column_names(headers)
        if not self.chosen:
            return known
        return [
            by_key.get(header_key(header)) or (None if name in self.chosen else name)
            for header, name in zip(headers, known, strict=True)
        ]

    def name(self, header: object) -> str | None:
        """The canonical name of the column that one header means."""
        return self.names([header])[0]
