"""Where an ad may be: what a location cell means, and what is typed into the site's form for it.

The table is of 2020 (kijiji-site facts) and holds regions and larger towns, not every village: a place that it lacks
passes where a province or a postal code says which one is meant. The site's form decides in the end, as it takes a
place only from its own suggestions.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from xlkijiji.kijiji.categories import fold, nearest
from xlkijiji.kijiji.location import is_postal_code
from xlkijiji.messages import language, tell

__all__ = ["Place", "PlaceError", "all_places", "place_to_type", "unlikely_place"]

LONGEST = 200
LISTED = 4
"""So many places are named in a sentence."""
ROOT = "0"
PROVINCES = {
    "AB": ("Alberta",),
    "BC": ("British Columbia", "Colombie-Britannique"),
    "MB": ("Manitoba",),
    "NB": ("New Brunswick", "Nouveau-Brunswick"),
    "NL": ("Newfoundland", "Newfoundland and Labrador", "Terre-Neuve"),
    "NS": ("Nova Scotia", "Nouvelle-Écosse"),
    "NT": ("Northwest Territories",),
    "NU": ("Nunavut",),
    "ON": ("Ontario",),
    "PE": ("Prince Edward Island", "PEI"),
    "QC": ("Québec", "PQ"),
    "SK": ("Saskatchewan",),
    "YT": ("Yukon", "YK"),
}
"""Canada Post's codes, and the names that people write in their stead."""
_POSTAL_ANYWHERE = re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\s*-?\d[ABCEGHJ-NPRSTV-Z]\d\b", re.IGNORECASE)
"""Letters of Canadian postal codes: no D, F, I, O, Q, U; the first one isn't W or Z either (Canada Post)."""
_LIKE_A_CODE = re.compile(r"[A-Z0-9]{3}[\s-]*[A-Z0-9]{3}")
_MEANT = (str.maketrans("582", "SBZ"), str.maketrans("OILSBZQ", "0115820"))
"""What is meant where a code has a letter, and where it has a digit."""


@dataclass(frozen=True)
class Place:
    """One location of the site's tree."""

    id: str
    path: tuple[str, ...]
    """Names below Canada, such as ('Ontario', 'Ottawa / Gatineau Area', 'Ottawa')."""
    province: str
    """Such as ON; empty for Canada, and for the territories as a group."""
    inside: tuple[str, ...]
    """Names of the places in it; an ad is in a place that has none."""

    @property
    def full_name(self) -> str:
        """The path as one text."""
        return " > ".join(self.path)

    @property
    def typed(self) -> str:
        """What is typed into the form, where a suggestion is chosen: the town alone, and its province."""
        name = re.sub(r"^City of |\s*\(.*\)$", "", self.path[-1])
        return f"{re.split(r'[/]', name)[0].strip()}, {self.province}"


class PlaceError(ValueError):
    """A cell that means no place, or several. `rule` and `advice` are the two parts of a sentence about it."""

    def __init__(self, rule: str, advice: str) -> None:
        self.rule = rule
        self.advice = advice
        super().__init__(f"{rule}. {advice}")


@cache
def all_places() -> dict[str, Place]:
    """All locations by id, without Canada itself."""
    text = resources.files(f"{__package__}.data").joinpath("locations.csv").read_text(encoding="utf-8")
    rows = {row["location_id"]: row for row in csv.DictReader(text.splitlines())}
    names: dict[str, list[str]] = {}
    for row in rows.values():
        names.setdefault(row["parent_id"], []).append(row["name"])
    places = {}
    for at in rows:
        path: list[str] = []
        above = at
        while above not in {ROOT, ""}:
            path.insert(0, rows[above]["name"])
            above = rows[above]["parent_id"]
        if path:
            code = next((code for name in path if (code := _province(name))), "")
            places[at] = Place(at, tuple(path), code, tuple(names.get(at, ())))
    return places


@cache
def _province_codes() -> dict[str, str]:
    names = {fold(code): code for code in PROVINCES}
    names.update({fold(name): code for code, known in PROVINCES.items() for name in known})
    return names


def _province(text: str) -> str:
    return _province_codes().get(fold(text), "")


def _also_called(name: str) -> set[str]:
    """A location's name, and the towns in it: `Kitchener / Waterloo`, `City of Toronto`, `Toronto (GTA)`."""
    bare = re.sub(r"^(City of|Greater) |\s*\(.*\)$|\s+(Area|Region|District)$", "", name)
    parts = [name, bare, *re.findall(r"\((.*)\)", name), *bare.split("/"), *bare.replace("City", "").split("/")]
    return {folded for part in parts if (folded := fold(part))}


@cache
def _by_names() -> dict[tuple[str, ...], list[Place]]:
    """Places by each ending of their path, folded; by the last name alone also as it's called in short."""
    endings: dict[tuple[str, ...], list[Place]] = {}
    for place in all_places().values():
        names = tuple(map(fold, place.path))
        keys = {names[start:] for start in range(len(names))} | {(name,) for name in _also_called(place.path[-1])}
        for key in keys:
            endings.setdefault(key, []).append(place)
    return endings


@cache
def _towns() -> dict[str, list[Place]]:
    """Places that have none inside, by each of their names."""
    return {key[0]: towns for key, places in _by_names().items() if len(key) == 1 and (towns := _leaves(places))}


def _leaves(places: list[Place]) -> list[Place]:
    return [place for place in places if not place.inside]


def place_to_type(text: str) -> str:
    """What is typed into the form for a location cell: an id, a path, a town, a postal code, or an address.

    A blank stays blank. Raises PlaceError, with the nearest names, for what surely is no place, or may be several.
    """
    found = _resolved(" ".join(text.split()), language())
    if isinstance(found, str):
        return found
    raise PlaceError(*found)


@lru_cache(maxsize=4096)
def _resolved(text: str, _language: str) -> str | tuple[str, str]:
    if len(text) > LONGEST:
        return tell("has-characters", length=len(text)), tell("postal-code-is-enough", most=LONGEST)
    if not text or _POSTAL_ANYWHERE.search(text):
        return is_postal_code(text) or text
    if re.fullmatch(r"\d+", text):
        place = all_places().get(text)
        if place is None:
            return tell("is-no-location-number"), tell("type-a-place")
        return _inside(place) or place.typed
    if not fold(text):
        return _unknown()
    code = text.upper()
    if _LIKE_A_CODE.fullmatch(code) and sum(sign.isdigit() for sign in code) >= 2:
        return _no_code(re.sub(r"[\s-]", "", code))
    if re.search(r"[>›»→]", text):
        return _path(text)
    return _address(text)


def _no_code(code: str) -> tuple[str, str]:
    meant = "".join(sign.translate(_MEANT[at % 2]) for at, sign in enumerate(code))
    meant = f"{meant[:3]} {meant[3:]}"
    advice = tell("postal-code-form")
    if _POSTAL_ANYWHERE.fullmatch(meant):
        advice = f"{tell('did-you-mean-one', meant=meant)} {advice}"
    return tell("is-no-postal-code"), advice


def _path(text: str) -> str | tuple[str, str]:
    names = tuple(name for part in re.split(r"[>›»→]", text) if (name := fold(part)))
    if names[:1] == (fold("Canada"),):
        names = names[1:]
    found = _by_names().get(names, [])
    exact = [place for place in found if len(place.path) == len(names)]
    if len(exact or found) == 1:
        place = (exact or found)[0]
        return _inside(place) or place.typed
    return _several(found) if found else _unknown(names[-1] if names else "")


def _address(text: str) -> str | tuple[str, str]:
    """A town, or a street and a town, with or without the province, as it is: the site's list knows more than we."""
    words, province = _without_province(text)
    if not words:
        return tell("is-whole-province"), tell("type-a-place")
    towns = _town_at_end(words)
    if province:
        return text
    whole = fold(" ".join(words))
    if not towns:
        groups = _by_names().get((whole,), [])
        if groups:
            return (_inside(groups[0]) or text) if len(groups) == 1 else _several(groups)
        return _unknown(whole, fold(words[-1]))
    return text if len(towns) == 1 else _several(towns)


def _town_at_end(words: list[str]) -> list[Place]:
    """The places that the last words name; the longest name counts: `North Bay` is no `Bay`."""
    for start in range(max(0, len(words) - 6), len(words)):
        if towns := _towns().get(fold(" ".join(words[start:]))):
            return towns
    return []


def _without_province(text: str) -> tuple[list[str], str]:
    """The words of an address without country and province, and the code of the province; empty when none is named."""
    words = [word for word in re.split(r"[\s,;()]+", text) if fold(word)]
    if len(words) > 1 and fold(words[-1]) == "canada":
        words.pop()
    for count in (3, 2, 1):
        code = _province(" ".join(words[-count:])) if len(words) >= count else ""
        # `Québec` alone is the city: who lives elsewhere in the province writes their town
        if code and not (len(words) == count and _towns().get(fold(" ".join(words)))):
            return words[:-count], code
    return words, ""


def _inside(place: Place) -> tuple[str, str] | None:
    """The sentence about an area that has places inside, in one of which an ad must be."""
    if not place.inside:
        return None
    return tell("is-an-area"), tell("choose-inside", names=_listed(list(place.inside)))


def _several(places: list[Place]) -> tuple[str, str]:
    names = _listed([place.full_name for place in places])
    return tell("may-be-several-places", number=len(places)), tell("add-the-province", names=names)


def _unknown(*words: str) -> tuple[str, str]:
    near = list(dict.fromkeys(place.typed for word in words for place in _near(word)))
    advice = tell("type-a-place-with-province")
    if near:
        advice = f"{tell('did-you-mean', names=_listed(near))} {advice}"
    return tell("is-unknown-place"), advice


def _near(word: str) -> list[Place]:
    return [place for name in nearest(word, tuple(_towns()), cutoff=0.75) for place in _towns()[name]]


@lru_cache(maxsize=4096)
def unlikely_place(text: str) -> str:
    """The town that a location with a province may be a slip for; empty when it's likely to be right as it is.

    Such a location isn't refused: many villages are called almost like a town.
    """
    if _POSTAL_ANYWHERE.search(text) or re.search(r"[>›»→]", text):
        return ""
    words, province = _without_province(" ".join(text.split()))
    town = re.split(r"[,;]", text)[0] if not any(sign.isdigit() for sign in text) else " ".join(words[-1:])
    if not province or not words or _town_at_end(words):
        return ""
    near = [place for place in _near(fold(town)) if place.province == province]
    return near[0].typed if near else ""


def _listed(names: list[str]) -> str:
    return "; ".join(names[:LISTED]) + ("; …" if len(names) > LISTED else "")
