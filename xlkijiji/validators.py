"""What must hold for a row before any bot may post it: required values, a price, photos that are there.

The rules of the site (categories, lengths, at least one photo) are the bot's own: see `KijijiBot.check`.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import Any

from PIL import UnidentifiedImageError
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from xlkijiji.cell_values import on_one_line
from xlkijiji.inventory import (
    BY_NAME,
    POSTED,
    STATUS,
    Record,
    cell_number,
    cell_text,
    header_key,
    is_blank,
    price_type_code,
)
from xlkijiji.messages import tell
from xlkijiji.photo_download import PhotoError, fetch_photo
from xlkijiji.photo_sources import expand_photos, file_fault, is_address, open_picture, photo_path, split_photos

__all__ = [
    "Pictures",
    "Problem",
    "broken",
    "broken_rules",
    "check_record",
    "check_repeats",
    "check_twins",
    "distinct",
    "problems_sentence",
    "shorten",
]

log = logging.getLogger(__name__)

_THE_CELL = object()
_MOST_LISTED = 6
_EXCEL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")


def shorten(value: object, length: int = 60) -> str:
    """A cell's text on one line, cut at `length` characters."""
    text = on_one_line(cell_text(value))
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
        named = {"column": self.column, "rule": self.rule, "advice": self.advice}
        if cell_text(self.value):
            return tell("problem-of-value", value=shorten(self.value), **named)
        return tell("problem-of-cell", **named)


def problems_sentence(problems: Sequence[object], name: str, row: int | None = None) -> str:
    """All problems of one row as one text that begins with where it is: the sheet's row, or the record's name.

    A problem that both the run and the bot found is told once.
    """
    place = tell("row-number", row=row) if row is not None else name
    texts = list(dict.fromkeys(str(problem).strip() for problem in distinct(problems)))
    return ", ".join([place, texts[0]]) + "".join(f" {text}" for text in texts[1:])


def distinct(problems: Sequence[object]) -> list[object]:
    """`problems` without those that were found twice: the run names a photo as the cell does, a bot by its file."""
    told: dict[object, object] = {}
    for problem in problems:
        key: object = str(problem)
        if isinstance(problem, Problem):
            key = (problem.column, problem.rule, PureWindowsPath(cell_text(problem.value)).name)
        told.setdefault(key, problem)
    return list(told.values())


class Pictures:
    """Looks at picture files, each one once per run, as many rows may share a photo.

    `images_dir` is the pictures folder. With None there is no folder to look in: then only photos named by a full path
    are looked at, and the others are the bot's business.
    """

    def __init__(self, images_dir: Path | None) -> None:
        self.images_dir = images_dir
        self._seen: dict[Path | str, tuple[str, str] | None] = {}

    def fault(self, photo: Path | str) -> tuple[str, str] | None:
        """What is wrong with a photo of a row, as (rule, advice); None when it is a picture.

        `photo` is a file, or an address on the web, from which it is downloaded once.
        """
        if photo not in self._seen:
            self._seen[photo] = self._look(photo)
        return self._seen[photo]

    def fetch(self, record: Record) -> None:
        """Put the downloaded files in the place of the addresses, so that every bot finds files."""
        record["photos"] = [self._file(photo) for photo in record.get("photos", [])]

    @staticmethod
    def _file(photo: Path | str) -> Path | str:
        try:
            return fetch_photo(photo) if isinstance(photo, str) and is_address(photo) else photo
        except PhotoError as error:  # it was there when the row was checked; the bot is to say that it's gone
            log.warning("%s %s", photo, error.rule)
            return photo

    def _look(self, photo: Path | str) -> tuple[str, str] | None:
        try:
            path = fetch_photo(photo) if isinstance(photo, str) else photo
        except PhotoError as error:
            return error.rule, error.advice
        if self.images_dir is None and not path.is_absolute():
            return None
        fault = file_fault(path, self.images_dir)
        if fault is not None:
            return fault
        try:
            with open_picture(path) as picture:
                picture.verify()
        except UnidentifiedImageError:
            return tell("is-no-picture"), tell("name-a-picture-file")
        except PermissionError:
            return tell("may-not-be-read"), tell("allow-reading")
        except Exception as error:  # noqa: BLE001 — Pillow's readers raise whatever a broken file brings them to
            return tell("is-no-whole-picture", error=type(error).__name__), tell("save-picture-again")
        return None


def check_record(record: Record, pictures: Pictures | Path | None = None) -> list[Problem]:
    """Everything that keeps `record` from being posted, whatever bot posts it; empty when it may be.

    `pictures` is the pictures folder, or a `Pictures` to be shared by the records of one run.
    """
    if not isinstance(pictures, Pictures):
        pictures = Pictures(pictures)
    cells = {name: record.get(name) for name in _ROW_CELLS} | {"price": _cell(record, "price")}
    return [*broken_rules(RowRules, cells, partial(_label, record)), *_photos(record, pictures)]


def _cell(record: Record, name: str) -> object:
    return record.raw[name] if name in record.raw else record.get(name)


def _label(record: Record, name: str) -> str:
    """The header as it stands in the sheet, where it's another word than ours."""
    own = record.headers.get(name)
    header = BY_NAME[name].header
    return own if own and header_key(own) not in (header_key(header), header_key(name)) else header


def broken(rule: str, advice: str, value: object = _THE_CELL) -> PydanticCustomError:
    """What a pydantic validator raises for a `Problem`; `value` where something else than the input is to be shown."""
    context = {"rule": rule, "advice": advice} | ({} if value is _THE_CELL else {"value": value})
    return PydanticCustomError("rule", "{rule}", context)


def broken_rules(model: type[BaseModel], values: Mapping[str, object], label: Callable[[str], str]) -> list[Problem]:
    """All rules of `model` that `values` break, each raised as `broken`; `label` gives a column's header."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems = [(str(one["loc"][0]), one["input"], one.get("ctx", {})) for one in found]
        return [
            Problem(label(column), context.get("value", cell), context["rule"], context["advice"])
            for column, cell, context in problems
        ]
    return []


class RowRules(BaseModel):
    """What any ad needs of its row; each value is a cell as it stands there. Validating tells every broken rule."""

    model_config = ConfigDict(validate_default=True)

    sku: Any = None
    title: Any = None
    description: Any = None
    price_type: Any = None
    price: Any = None

    @field_validator("sku", "title", "description")
    @classmethod
    def _required(cls, cell: Any, info: ValidationInfo) -> Any:
        text = cell_text(cell)
        if not text:
            raise broken(tell("is-blank"), tell(_ADVICE[str(info.field_name)]), "")
        if text[0] == "#" and _EXCEL_ERROR.fullmatch(text):
            raise broken(tell("is-formula-error"), tell("correct-the-formula"), text)
        return cell

    @field_validator("price")
    @classmethod
    def _price(cls, cell: Any, info: ValidationInfo) -> Any:
        if price_type_code(info.data.get("price_type")) in {"GIVE_AWAY", "CONTACT", "SWAP_TRADE"}:
            return cell
        number = cell_number(cell)
        if is_blank(cell):
            raise broken(tell("is-blank"), tell("type-amount-or-free"), "")
        if number is None:
            raise broken(tell("is-no-number"), tell("type-amount-alone"))
        if number < 0:
            raise broken(tell("is-less-than-0"), tell("type-0-or-more"))
        return cell


_ROW_CELLS = tuple(RowRules.model_fields)
_ADVICE = {
    "sku": "type-a-sku",
    "title": "type-a-title",
    "description": "type-a-text",
}


def _photos(record: Record, pictures: Pictures) -> list[Problem]:
    """A photo that can't be used is told by the name in the cell, and by its file's where that stands for several."""
    problems = []
    names = split_photos(_cell(record, "photos"))
    found = {name: expand_photos([name], "", pictures.images_dir) for name in names}
    if not names:
        found = {"": expand_photos([], record.record_id, pictures.images_dir)}
    for name, photos in found.items():
        for photo in photos:
            fault = pictures.fault(photo)
            if fault is not None:
                as_typed = isinstance(photo, str) or (name and photo == photo_path(name, pictures.images_dir))
                told = name if as_typed else Path(photo).name
                problems.append(Problem(_label(record, "photos"), told, *fault))
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
        rule = _places(found, rows, "repeat-in-rows", "repeat-in-records")
        if len({skus[at] for at in found}) > 1:
            rule = tell("repeat-but-for-capitals", rule=rule)
        advice = tell("give-own-number")
        problems.update({at: Problem(label, skus[at], rule, advice) for at in found})
    return problems


def check_twins(
    titles: Sequence[object], prices: Sequence[object], rows: Sequence[int | None], headers: Mapping[str, str]
) -> dict[int, Problem]:
    """The rows (by position) that have title and price of another row: a warning, as two items may well be alike.

    The site takes off what it holds for a duplicate [docs/site.md].
    """
    positions: defaultdict[tuple[str, object], list[int]] = defaultdict(list)
    for position, (title, price) in enumerate(zip(titles, prices, strict=True)):
        try:
            words, amount = " ".join(cell_text(title).split()).casefold(), cell_number(price)
            if words:
                positions[words, cell_text(price) if amount is None else amount].append(position)
        except Exception as error:  # noqa: BLE001 — an object that refuses to be text: its row can't be read at all
            log.info("record %d has no title to compare: %s", position + 1, type(error).__name__)
    label = headers.get("title", BY_NAME["title"].header)
    advice = tell("say-what-differs")
    return {
        at: Problem(label, titles[at], _places(found, rows, "twin-of-rows", "twin-of-records", but=at), advice)
        for found in positions.values()
        if len(found) > 1
        for at in found
    }


def check_copies(
    ad_ids: Sequence[object],
    statuses: Sequence[object],
    rows: Sequence[int | None],
    headers: Mapping[str, str],
) -> dict[int, Problem]:
    """The rows (by position) that say Posted with an Ad id that another such row has: one is a copy of the other.

    A row that is copied with its status looks posted, and no run would ever take it: a person has to be told.
    """
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, (ad_id, status) in enumerate(zip(ad_ids, statuses, strict=True)):
        number = cell_text(ad_id)
        if number.isdecimal() and cell_text(status).casefold().startswith(POSTED.casefold()):
            positions[number].append(position)
    label = headers.get("ad_id", BY_NAME["ad_id"].header)
    sku, status = (headers.get(name, BY_NAME[name].header) for name in ("sku", STATUS))
    advice = tell("make-copy-an-item", sku=sku, status=status, ad_id=label)
    return {
        at: Problem(label, text, _places(found, rows, "copy-of-rows", "copy-of-records", but=at), advice)
        for text, found in positions.items()
        if len(found) > 1
        for at in found
    }


def _places(positions: Sequence[int], rows: Sequence[int | None], of_rows: str, of_records: str, but: int = -1) -> str:
    """A message that says where rows are: by their numbers in the sheet where these are known, else in the frame."""
    # of thousands only a few are named, so that thousands of rows don't each list thousands
    listed = [at for at in positions[: _MOST_LISTED + 1] if at != but][:_MOST_LISTED]
    known = all(rows[at] is not None for at in listed)
    names = [str(rows[at] if known else at + 1) for at in listed]
    count = len(positions) - (but >= 0)
    return tell(of_rows if known else of_records, names=_listed(names, count), count=count)


def _listed(names: Sequence[str], count: int) -> str:
    if count > len(names):
        return tell("list-and-more", names=", ".join(names), count=count - len(names))
    return tell("list-and-last", names=", ".join(names[:-1]), last=names[-1]) if count > 1 else names[0]
