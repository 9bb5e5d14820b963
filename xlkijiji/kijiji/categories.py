"""The site's categories, and which one a cell means.

The table is of 2019 (kijiji-site facts): ids, paths, and the attributes that a category's form asks for.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from xlkijiji.category_table import category_rows
from xlkijiji.messages import language, tell

__all__ = ["Category", "CategoryError", "all_categories", "fold", "nearest", "resolve_category"]

SUGGESTIONS = 3


@dataclass(frozen=True)
class Category:
    """One category in which ads are posted."""

    id: str
    path: tuple[str, ...]
    """Names from the top, such as ('Cars & Vehicles', 'Heavy Equipment', 'Heavy Trucks')."""
    has_price: bool
    required: tuple[str, ...]
    """Codes of the attributes without which the form is refused."""
    optional: tuple[str, ...]

    def __hash__(self) -> int:  # of one string: it's asked for with each row
        return hash(self.id)

    @property
    def name(self) -> str:
        """The last name of the path."""
        return self.path[-1]

    @property
    def full_name(self) -> str:
        """The path as one text."""
        return " > ".join(self.path)

    @property
    def attributes(self) -> tuple[str, ...]:
        """All attributes of the form, those required first."""
        return self.required + self.optional


class CategoryError(ValueError):
    """A cell that means no category, or several. `rule` and `advice` are the two parts of a sentence about it."""

    def __init__(self, rule: str, advice: str) -> None:
        self.rule = rule
        self.advice = advice
        super().__init__(f"{rule}. {advice}")


@cache
def all_categories() -> dict[str, Category]:
    """All categories by id."""
    return {row["category_id"]: _category(row) for row in category_rows()}


def _category(row: dict[str, str]) -> Category:
    return Category(
        row["category_id"],
        tuple(row["path"].split(" > ")),
        row["has_price"] == "yes",
        tuple(row["required_attributes"].split()),
        tuple(row["optional_attributes"].split()),
    )


@lru_cache(maxsize=8192)  # the same headers, labels and values with every row
def fold(text: str) -> str:
    """A name without what people type differently: case, accents, blanks and signs; `and` is `&`."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = re.sub(r"\band\b|\bet\b", "&", plain)
    return "".join(sign for sign in plain if sign.isalnum() or sign in "+&")


@lru_cache(maxsize=4096)  # thousands of rows may share one slip, and each comparison takes milliseconds
def nearest(word: str, known: tuple[str, ...], count: int = SUGGESTIONS, cutoff: float = 0.6) -> tuple[str, ...]:
    """Those of `known` that `word` may be a slip for, the likeliest first; both sides as `fold` leaves them."""
    return tuple(difflib.get_close_matches(word, known, n=count, cutoff=cutoff))


@cache
def _by_names() -> dict[tuple[str, ...], list[Category]]:
    """Categories by each ending of their path, folded."""
    endings: dict[tuple[str, ...], list[Category]] = {}
    for category in all_categories().values():
        names = tuple(map(fold, category.path))
        for start in range(len(names)):
            endings.setdefault(names[start:], []).append(category)
    return endings


@cache
def _groups() -> dict[str, list[Category]]:
    """Categories by each folded name above them."""
    groups: dict[str, list[Category]] = {}
    for category in all_categories().values():
        for name in category.path[:-1]:
            groups.setdefault(fold(name), []).append(category)
    return groups


def resolve_category(text: str) -> Category:
    """The category that `text` means: an id, a full path, or the end of a path that only one category has.

    The table lacks some of the site's categories, so an id that it doesn't have is taken as it is: the site decides.
    Raises CategoryError, with the nearest names.
    """
    found = _resolved(text.strip(), language())
    if isinstance(found, Category):
        return found
    raise CategoryError(*found)


@lru_cache(maxsize=4096)
def _resolved(text: str, _language: str) -> Category | tuple[str, str]:
    """The category, or the two parts of the sentence about a text that means none."""
    if re.fullmatch(r"[0-9]{1,9}", text):
        return all_categories().get(text) or Category(text, (f"Category {text}",), True, (), ())
    names = tuple(name for part in re.split(r"[>›»→]", text) if (name := fold(part)))
    found = _by_names().get(names, [])
    exact = [category for category in found if len(category.path) == len(names)]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        paths = [category.full_name for category in found]
        return tell("may-be-several-categories", number=len(found)), tell("type-whole-path", names=_listed(paths))
    return _unknown(text, names)


def _unknown(text: str, names: tuple[str, ...]) -> tuple[str, str]:
    inside = _groups().get(names[-1] if names else "", [])
    if inside:
        return tell("is-a-group"), tell("choose-inside", names=_listed(_paths(inside)))
    near = _nearest(text, names)
    advice = tell("did-you-mean", names=_listed(near)) if near else tell("type-a-category")
    return tell("is-unknown-category"), advice


@cache
def _full_names() -> dict[str, list[str]]:
    """Paths by the folded name at their end, and by the whole of them."""
    by_name: dict[str, list[str]] = {}
    for category in all_categories().values():
        by_name.setdefault(fold(category.name), []).append(category.full_name)
        by_name.setdefault(fold(category.full_name), []).append(category.full_name)
    return by_name


def _nearest(text: str, names: tuple[str, ...]) -> list[str]:
    by_name = _full_names()
    last = names[-1] if names else fold(text)
    keys = list(nearest(last, tuple(by_name)))
    keys += [key for key in by_name if len(last) >= 4 and last in key and key not in keys]
    return list(dict.fromkeys(path for key in keys for path in by_name[key]))[:SUGGESTIONS]


def _paths(categories: list[Category]) -> list[str]:
    return [category.full_name for category in categories]


def _listed(paths: list[str]) -> str:
    return "; ".join(paths[:SUGGESTIONS]) + ("; …" if len(paths) > SUGGESTIONS else "")
