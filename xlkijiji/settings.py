"""What an office user may set, on the workbook's Settings sheet. Never a password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from xlkijiji.errors import SettingsError
from xlkijiji.inventory import cell_number, cell_text, header_key

__all__ = ["FIELDS", "PRACTICE_URL", "SITE_URL", "Field", "Settings"]

SITE_URL = "https://www.kijiji.ca"
PRACTICE_URL = "http://127.0.0.1:8765"


@dataclass(frozen=True)
class Field:
    """One setting: its name here, its label and default on the sheet, and a sentence about it."""

    name: str
    label: str
    default: str | int
    note: str
    choices: tuple[str, ...] = ()


FIELDS: tuple[Field, ...] = (
    Field(
        "practice_mode",
        "Practice mode",
        "Yes",
        "Yes: ads go to the practice site on this computer, and nobody else sees them. No: they go to Kijiji.",
        choices=("Yes", "No"),
    ),
    Field("practice_url", "Practice site", PRACTICE_URL, "The address of the practice site, always on this computer."),
    Field(
        "account", "Kijiji account", "", "The e-mail address that you sign in with. The password is never kept here."
    ),
    Field(
        "pictures_folder",
        "Pictures folder",
        "pictures",
        "Where the files named under Photos are: a full path, or a folder beside this workbook.",
    ),
    Field(
        "category",
        "Category",
        "",
        "For rows that have none. Blank: the category that the site suggests for the title.",
    ),
    Field(
        "location",
        "Location",
        "",
        "For rows that have none: postal code, or street and city. Blank: the place that the site fills in for you.",
    ),
    Field("for_sale_by", "For sale by", "Owner", "For rows that have none.", choices=("Owner", "Dealer")),
    Field(
        "pause_seconds",
        "Pause between ads (s)",
        20,
        "Seconds between two ads on Kijiji; the practice site has no pause.",
    ),
    Field("stop_after", "Stop after (ads)", 25, "A run ends after so many ads; the next click goes on. 0: no limit."),
    Field(
        "show_browser",
        "Show the browser",
        "Yes",
        "Yes: you see the browser at work. No: hidden, in practice mode only.",
        choices=("Yes", "No"),
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one workbook, checked."""

    practice_mode: bool = True
    practice_url: str = PRACTICE_URL
    account: str = ""
    pictures_folder: str = "pictures"
    category: str = ""
    location: str = ""
    for_sale_by: str = "Owner"
    pause_seconds: float = 20.0
    stop_after: int = 25
    show_browser: bool = True

    @classmethod
    def from_labels(cls, values: Mapping[str, object]) -> Settings:
        """Settings from what stands beside each label; a label that is missing or blank has its default.

        Raises SettingsError for a value that can't be used; the sentence names the setting.
        """
        by_key = {header_key(label): value for label, value in values.items()}
        chosen: dict[str, Any] = {}
        for field in FIELDS:
            value = by_key.get(header_key(field.label))
            text = cell_text(value) or str(field.default)
            chosen[field.name] = _convert(field, text)
        return cls(**chosen)

    def images_dir(self, workbook_folder: Path) -> Path:
        """The pictures folder as a path; a relative one is beside the workbook."""
        return workbook_folder / Path(self.pictures_folder).expanduser()

    @property
    def base_url(self) -> str:
        """The site to post to."""
        return self.practice_url if self.practice_mode else SITE_URL


def _convert(field: Field, text: str) -> Any:
    if field.choices == ("Yes", "No"):
        return _choice(field, text, {"yes": True, "oui": True, "true": True, "no": False, "non": False, "false": False})
    if field.choices:
        return _choice(field, text, {choice.casefold(): choice for choice in field.choices})
    if isinstance(field.default, int):
        number = cell_number(text)
        if number is None or number < 0:
            raise SettingsError(
                f"Settings, '{field.label}': '{text}' is not a number of 0 or more. Correct it, then try again."
            )
        return int(number) if field.name == "stop_after" else number
    return _practice_address(field, text) if field.name == "practice_url" else text


def _practice_address(field: Field, text: str) -> str:
    """An http address on this computer: the practice site is nowhere else, and its password is public."""
    try:
        parts = urlsplit(text)
        good = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"} and bool(parts.port)
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise SettingsError(
            f"Settings, '{field.label}': '{text}' is not an address on this computer, such as {PRACTICE_URL}. "
            "Correct it, then try again."
        )
    return text.rstrip("/")


def _choice(field: Field, text: str, choices: Mapping[str, Any]) -> Any:
    if text.casefold() not in choices:
        raise SettingsError(
            f"Settings, '{field.label}': '{text}' is not one of {', '.join(field.choices)}. Correct it, then try again."
        )
    return choices[text.casefold()]
