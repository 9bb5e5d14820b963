"""What must hold for a row before any bot may post it: required values, a price, photos that are there.

The rules of the site (categories, lengths, at least one photo) are the bot's own: see `KijijiBot.check`.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from PIL import Image, UnidentifiedImageError

from xlkijiji.inventory import (
    BY_NAME,
    Record,
    cell_number,
    cell_text,
    header_key,
    is_blank,
    price_type_code,
    split_list,
)
from xlkijiji.records import photo_path

__all__ = ["Pictures", "Problem", "check_record", "check_repeats", "problems_sentence", "shorten"]

_EXCEL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")


def shorten(value: object, length: int = 60) -> str:
    """A cell's text on one line, cut at `length` characters."""
    text = " ".join(cell_text(value).split())
    return text if len(text) <= length else text[: length - 1] + "…"


@dataclass(frozen=True)
class Problem:
    """Why a row can't be posted: its text is a plain sentence about one cell, and what to do."""

    column: str
    """The column's header, as the person knows it."""
    value: object
    """What stands in the cell, or the part of it that is meant."""
    rule: str
    """Completes the sentence that begins with the value: "is not a number"."""
    advice: str

    def __str__(self) -> str:
        subject = f"'{shorten(self.value)}' {self.rule}" if cell_text(self.value) else f"the cell {self.rule}"
        return f"{self.column}: {subject}. {self.advice}"


def problems_sentence(problems: Sequence[object], name: str, row: int | None = None) -> str:
    """All problems of one row as one text that begins with where it is: the sheet's row, or the record's name.

    A problem that both the run and the bot found is told once.
    """
    place = f"Row {row}" if row is not None else name
    told: dict[object, str] = {}
    for problem in problems:
        key = (problem.column, problem.rule) if isinstance(problem, Problem) else str(problem)
        told.setdefault(key, str(problem).strip())
    texts = list(dict.fromkeys(told.values()))
    return ", ".join([place, texts[0]]) + "".join(f" {text}" for text in texts[1:])


class Pictures:
    """Looks at picture files, each one once per run, as many rows may share a photo.

    `images_dir` is the pictures folder. With None there is no folder to look in: then only photos named by a full path
    are looked at, and the others are the bot's business.
    """

    def __init__(self, images_dir: Path | None) -> None:
        self.images_dir = images_dir
        self._seen: dict[str, tuple[str, str] | None] = {}

    def fault(self, name: str) -> tuple[str, str] | None:
        """What is wrong with the photo `name` of a row, as (rule, advice); None when it is a picture."""
        if name not in self._seen:
            self._seen[name] = self._look(name)
        return self._seen[name]

    def _look(self, name: str) -> tuple[str, str] | None:
        if _is_half_a_path(name):
            return "names a drive but no folder", "Write just the picture's file name, or its whole path."
        path = photo_path(name, self.images_dir)
        if self.images_dir is None and not path.is_absolute():
            return None
        if self.images_dir is not None and _leaves(path, name, self.images_dir):
            return (
                "points out of the pictures folder",
                f"Copy the picture into {self.images_dir} and write just its file name.",
            )
        try:
            if not path.is_file():
                return self._missing(path)
        except OSError:  # such as a name that is longer than any file's
            return "can't be found", "Correct the picture's file name."
        try:
            with Image.open(path) as picture:
                picture.verify()
        except UnidentifiedImageError:
            return "is not a picture", "Name a jpg, png, gif or bmp file."
        except PermissionError:
            return "may not be read", "Close it in other programs, or allow reading it."
        except Exception as error:  # noqa: BLE001 — Pillow's readers raise whatever a broken file brings them to
            return f"is not a whole picture ({type(error).__name__})", "Save the picture again as jpg or png."
        return None

    def _missing(self, path: Path) -> tuple[str, str]:
        if path.is_dir():
            return "is a folder, not a picture", "Write the picture's file name."
        if self.images_dir is not None and not self.images_dir.is_dir():
            advice = f"There is no pictures folder {self.images_dir}. Create it and put the pictures there."
            return "can't be found", advice
        if self.images_dir is None or self.images_dir not in path.parents:
            return "can't be found", "Correct the picture's path."
        return "can't be found", f"Put the picture into {path.parent}, or correct its name."


def _is_half_a_path(name: str) -> bool:
    """Is it such as `D:foo.jpg`? Windows takes that for whatever folder was last used on that drive."""
    path = PureWindowsPath(name)
    return bool(path.drive) and not path.is_absolute()


def _leaves(path: Path, name: str, images_dir: Path) -> bool:
    """Does a name climb out of the pictures folder by `..`? Full paths may name any folder: the person wrote them."""
    if Path(name).is_absolute() or PureWindowsPath(name).is_absolute():
        return False
    inside, folder = os.path.normpath(path), os.path.normpath(images_dir)
    return os.path.commonpath([os.path.abspath(inside), os.path.abspath(folder)]) != os.path.abspath(folder)  # noqa: PTH100 — Path has no lexical abspath; resolve() would follow links


def check_record(record: Record, pictures: Pictures | Path | None = None) -> list[Problem]:
    """Everything that keeps `record` from being posted, whatever bot posts it; empty when it may be.

    `pictures` is the pictures folder, or a `Pictures` to be shared by the records of one run.
    """
    if not isinstance(pictures, Pictures):
        pictures = Pictures(pictures)
    return [*_required(record), *_price(record), *_photos(record, pictures)]


def _cell(record: Record, name: str) -> object:
    return record.raw[name] if name in record.raw else record.get(name)


def _label(record: Record, name: str) -> str:
    """The header as it stands in the sheet, where it's another word than ours."""
    own = record.headers.get(name)
    header = BY_NAME[name].header
    return own if own and header_key(own) not in (header_key(header), header_key(name)) else header


_ADVICE = {
    "sku": "Type your own stock number for this item.",
    "title": "Type the ad's title.",
    "description": "Type the ad's text.",
}


def _required(record: Record) -> list[Problem]:
    problems = []
    for name, advice in _ADVICE.items():
        text = cell_text(record.get(name))
        if not text:
            problems.append(Problem(_label(record, name), "", "is blank", advice))
        elif text[0] == "#" and _EXCEL_ERROR.fullmatch(text):
            problems.append(Problem(_label(record, name), text, "is an error of the formula", "Correct the formula."))
    return problems


def _price(record: Record) -> list[Problem]:
    if price_type_code(record.get("price_type")) in {"GIVE_AWAY", "CONTACT", "SWAP_TRADE"}:
        return []
    cell = _cell(record, "price")
    number = cell_number(cell)
    column = _label(record, "price")
    if is_blank(cell):
        advice = "Type the amount, or choose the price type Free, Please contact or Swap / Trade."
        return [Problem(column, "", "is blank", advice)]
    if number is None:
        return [Problem(column, cell, "is not a number", "Type the amount alone, such as 24500 or 1299.95.")]
    if number < 0:
        return [Problem(column, cell, "is less than 0", "Type an amount of 0 or more.")]
    return []


def _photos(record: Record, pictures: Pictures) -> list[Problem]:
    cell = _cell(record, "photos")
    if is_blank(cell):
        return []
    problems = []
    for name in split_list(cell):
        fault = pictures.fault(name)
        if fault is not None:
            problems.append(Problem(_label(record, "photos"), name, *fault))
    return problems


def check_repeats(
    skus: Sequence[str], rows: Sequence[int | None], headers: Mapping[str, str] | None = None
) -> dict[int, Problem]:
    """The rows (by position) whose sku stands in another row as well, each with its problem.

    Which of them is meant can't be known, so none may be posted. Capitals don't count: `bt1` is BT1 typed in a hurry
    more likely than another item, and no ad is lost by asking. `rows` are the sheet's row numbers where known.
    """
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, sku in enumerate(skus):
        if sku:
            positions[sku.casefold()].append(position)
    label = _label(Record(), "sku") if headers is None else headers.get("sku", BY_NAME["sku"].header)
    problems = {}
    for found in positions.values():
        if len(found) == 1:
            continue
        numbers = [rows[at] for at in found]
        known = [str(number) for number in numbers if number is not None]
        where = (
            f"rows {_listed(known)}"
            if len(known) == len(found)
            else f"records {_listed([str(at + 1) for at in found])}"
        )
        spellings = len({skus[at] for at in found}) > 1
        rule = f"stands in {where}{', if capitals are left aside' if spellings else ''}"
        advice = "Give each item a number of its own; none of them was posted."
        problems.update({at: Problem(label, skus[at], rule, advice) for at in found})
    return problems


def _listed(numbers: Sequence[str], most: int = 6) -> str:
    if len(numbers) > most:
        return f"{', '.join(numbers[:most])} and {len(numbers) - most} more"
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"
