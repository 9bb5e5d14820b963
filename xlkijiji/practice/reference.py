"""The site's own tables: categories with their fields, attributes with their choices, and locations.

The tables are in `data/*.csv`. Categories are of 2019, attributes and locations of 2020 (kijiji-site facts). Which
categories have packages and terms is this site's own choice, as only "some have them" is known.
The models of each make were never recorded; the few in `models.csv` are this site's own choice.
The bot has its own tables, made apart from these, so that a rehearsal can show where they disagree.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data")
DEPENDS_ON = {"carmodel_s": "carmake_s", "motorcyclesmodel_s": "motorcyclesmake_s"}
"""Lists whose choices follow what was chosen in another one; of the boats' and ATVs' models there are no lists."""
BUY_AND_SELL = "Buy & Sell"
OTHER_MODEL = ("othrmdl", "Other")
"""The one model that the table of 2020 has (its "1" is a slip of whoever recorded it)."""
_POSTAL_CODE = re.compile(r"\b([ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z])[ -]?(\d[ABCEGHJ-NPRSTV-Z]\d)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One field of the details form beyond those every category has, such as `caryear_i`.

    `control` is input, select, radio or checkbox (several may be ticked); `choices` are (value, label) pairs.
    """

    name: str
    control: str
    label: str
    choices: tuple[tuple[str, str], ...]

    @property
    def values(self) -> frozenset[str]:
        """The values a submitted form may hold; empty for a plain input."""
        return frozenset(value for value, _ in self.choices)

    def shown(self, value: str) -> str:
        """The words a reader of the ad sees for a stored value."""
        return dict(self.choices).get(value, value)


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf of the category tree, in which ads are posted."""

    id: int
    path: tuple[str, ...]
    has_price: bool
    has_packages: bool
    has_terms: bool
    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def name(self) -> str:
        """The last name of the path."""
        return self.path[-1]

    @property
    def full_name(self) -> str:
        """All names of the path, as `Buy & Sell > Bikes > Road`."""
        return " > ".join(self.path)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Every attribute field of this category's form, the required ones first."""
        names = [*self.required, *self.optional]
        if self.path[0] == BUY_AND_SELL and self.has_price:
            names += ["condition_s", "fulfillment_s", "payment_s"]
        table = attributes()
        return tuple(table[name] for name in names)


@dataclass(frozen=True, slots=True)
class Location:
    """A place of the site's location tree; ads are placed in leaves only."""

    id: int
    name: str
    parent_id: int | None
    province: str

    @property
    def label(self) -> str:
        """What the typeahead shows, as `Ottawa, ON`."""
        return f"{self.name}, {self.province}" if self.province else self.name


@dataclass(frozen=True, slots=True)
class Place:
    """One suggestion of the location typeahead: the text it puts into the field, and where that is."""

    label: str
    location_id: int


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as table:
        yield from csv.DictReader(table)


def fold(text: str) -> str:
    """Lower case without accents and with single blanks, for comparing what people type."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).lower().split())


def slug(text: str, *, fallback: str = "ad") -> str:
    """The form a name takes in a URL: plain ASCII words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:80].strip("-") or fallback


@cache
def _models() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(value, label) of the models by the list that shows them and the make."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in _rows("models.csv"):
        found.setdefault((row["name"], row["make"]), []).append((row["value"], row["label"]))
    return found


def models(name: str, make: str) -> list[tuple[str, str]]:
    """What the list `name` offers after `make` was chosen: its models and Other; nothing for what is no make."""
    if make not in attributes()[DEPENDS_ON[name]].values:
        return []
    return [*_models().get((name, make), ()), OTHER_MODEL]


@cache
def attributes() -> dict[str, Attribute]:
    """Every attribute by name."""
    kinds: dict[str, tuple[str, str]] = {}
    choices: dict[str, list[tuple[str, str]]] = {}
    for row in _rows("attributes.csv"):
        kinds[row["name"]] = (row["control"], row["label"])
        known = choices.setdefault(row["name"], [])
        if row["value"]:
            known.append((row["value"], row["value_label"]))
    for name, make in DEPENDS_ON.items():
        found = dict(choice for value, _ in choices[make] for choice in _models().get((name, value), ()))
        choices[name] = [*found.items(), OTHER_MODEL]
    for name, (control, _) in kinds.items():
        # The makes of boats were never recorded; a list without a choice could not be filled in at all.
        if control != "input" and not choices[name]:
            choices[name].append(("other", "Other"))
    return {name: Attribute(name, *kinds[name], tuple(choices[name])) for name in kinds}


@cache
def categories() -> dict[int, Category]:
    """Every category by id, in the table's order."""
    found = {}
    for row in _rows("categories.csv"):
        category = Category(
            id=int(row["category_id"]),
            path=tuple(row["path"].split(" > ")),
            has_price=row["has_price"] == "yes",
            has_packages=row["packages"] == "yes",
            has_terms=row["terms"] == "yes",
            required=tuple(row["required_attributes"].split()),
            optional=tuple(row["optional_attributes"].split()),
        )
        found[category.id] = category
    return found


@cache
def locations() -> dict[int, Location]:
    """Every location by id, in the table's order."""
    found = {}
    for row in _rows("locations.csv"):
        parent = int(row["parent_id"]) if row["parent_id"] else None
        found[int(row["location_id"])] = Location(int(row["location_id"]), row["name"], parent, row["province"])
    return found


@cache
def places() -> dict[int, Location]:
    """The locations an ad can be in: those that have no location below them."""
    parents = {location.parent_id for location in locations().values()}
    return {location.id: location for location in locations().values() if location.id not in parents}


@cache
def _province_names() -> dict[str, str]:
    names = {location.province.lower(): location.province for location in locations().values() if location.province}
    for location in locations().values():
        if location.province and location.parent_id == 0:
            names[fold(location.name)] = location.province
    return names


@cache
def _postal_letters() -> dict[str, int]:
    return {row["letter"]: int(row["location_id"]) for row in _rows("postal_letters.csv")}


def find_places(text: str, *, limit: int = 5) -> list[Place]:
    """What the typeahead offers for a postal code, a street with its city, or the beginning of a city's name.

    A postal code is placed by its first letter only (Canada Post's letters): enough for a rehearsal.
    """
    text = " ".join(text.split())
    if postal := _POSTAL_CODE.search(text):
        code = f"{postal[1]} {postal[2]}".upper()
        location = places()[_postal_letters()[code[0]]]
        return [Place(f"{code}, {location.label}", location.id)]
    parts = [part.strip() for part in text.split(",") if part.strip()]
    province = _province_names().get(fold(parts[-1])) if len(parts) > 1 else None
    if province:
        parts.pop()
    if not parts:
        return []
    wanted, street = fold(parts[-1]), ", ".join(parts[:-1])
    if len(wanted) < 2:  # one letter would offer half of the country
        return []
    found = [
        location
        for location in places().values()
        if f" {wanted}" in f" {fold(location.name)}" and province in (None, location.province)
    ]
    # `Québec` means Québec City before it means Northern Québec.
    found.sort(key=lambda location: not fold(location.name).startswith(wanted))
    return [
        Place(f"{street}, {location.label}" if street else location.label, location.id) for location in found[:limit]
    ]


@cache
def _title_words() -> dict[str, int]:
    return {row["word"]: int(row["category_id"]) for row in _rows("title_words.csv")}


def suggest_category(title: str) -> Category:
    """The one category that fits the words of a title best; `Buy & Sell > Other` when none of them says anything."""
    words = re.findall(r"[a-z0-9]+", fold(title))
    for word in words:
        if word in _title_words():
            return categories()[_title_words()[word]]
    stems = {stem(word) for word in words if len(word) > 2}

    def overlap(category: Category) -> tuple[int, int]:
        leaf, whole = (
            {stem(name) for name in re.findall(r"[a-z0-9]+", fold(text))}
            for text in (category.name, category.full_name)
        )
        return len(whole & stems), len(leaf & stems)

    best = max(categories().values(), key=overlap)
    return best if any(overlap(best)) else next(c for c in categories().values() if c.full_name == "Buy & Sell > Other")


def stem(word: str) -> str:
    """A word without the plural's s, so that `bike` meets `Bikes`."""
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


Tree = dict[str, "Tree | int"]


def category_tree(leaves: Iterable[Category]) -> Tree:
    """The categories as nested names, each leaf name leading to its category id."""
    tree: Tree = {}
    for category in leaves:
        level = tree
        for name in category.path[:-1]:
            below = level.setdefault(name, {})
            if isinstance(below, int):
                raise TypeError(f"{category.full_name}: {name} is both a category and a group in categories.csv")
            level = below
        level[category.name] = category.id
    return tree
