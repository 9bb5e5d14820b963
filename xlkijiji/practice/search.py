"""Finding ads as a reader does: words, category, price, order, and page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlkijiji.practice import reference
from xlkijiji.practice.store import Ad

PER_PAGE = 24
SORTS = {"newest": "Newest first", "cheapest": "Lowest price first", "dearest": "Highest price first"}
SEPARATOR = " > "
"""Between the names of a category's path, as in `Buy & Sell > Bikes`."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asks for; prices are in cents, and `path` is the beginning of a category's path."""

    words: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    sort: str = "newest"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found; `below` counts the ads in each category directly below the one asked for."""

    ads: Sequence[Ad]
    count: int
    page: int
    pages: int
    below: Mapping[str, int]


def query_of(arguments: Mapping[str, str]) -> Query:
    """The query that an address says; what it says wrongly, as a price in words, counts as not said."""
    sort = arguments.get("sort", "")
    page = arguments.get("page", "")
    return Query(
        words=tuple(reference.fold(arguments.get("keywords", "")).split()),
        path=tuple(name for name in arguments.get("category", "").split(SEPARATOR) if name),
        lowest=_cents(arguments.get("lowest", "")),
        highest=_cents(arguments.get("highest", "")),
        sort=sort if sort in SORTS else "newest",
        page=int(page) if re.fullmatch(r"[1-9]\d{0,5}", page, re.ASCII) else 1,
    )


def find(ads: Iterable[Ad], query: Query, *, per_page: int = PER_PAGE) -> Found:
    """The page of the ads that fit; `ads` come newest first. A page beyond the last one is the last one."""
    fitting = [ad for ad in ads if _fits(ad, query)]
    if query.sort != "newest":
        # Ads without a price come last in either order.
        sign = 1 if query.sort == "cheapest" else -1
        fitting.sort(key=lambda ad: (ad.fields.price_cents is None, sign * (ad.fields.price_cents or 0)))
    pages = max(1, -(-len(fitting) // per_page))
    page = min(query.page, pages)
    depth = len(query.path)
    below = Counter(path[depth] for ad in fitting if len(path := _path(ad)) > depth)
    return Found(
        fitting[(page - 1) * per_page : page * per_page], len(fitting), page, pages, dict(sorted(below.items()))
    )


def _cents(text: str) -> int | None:
    amount = text.strip().replace(",", ".")
    return int(Decimal(amount) * 100) if re.fullmatch(r"\d{1,8}(\.\d{1,2})?", amount, re.ASCII) else None


def _path(ad: Ad) -> tuple[str, ...]:
    return reference.categories()[ad.fields.category_id].path


def _fits(ad: Ad, query: Query) -> bool:
    fields = ad.fields
    if _path(ad)[: len(query.path)] != query.path:
        return False
    if query.lowest is not None and (fields.price_cents is None or fields.price_cents < query.lowest):
        return False
    if query.highest is not None and (fields.price_cents is None or fields.price_cents > query.highest):
        return False
    text = reference.fold(" ".join([fields.title, fields.description, *fields.tags]))
    return all(word in text for word in query.words)
