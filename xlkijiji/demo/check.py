"""Did the demo do its job? Judged by the practice site's own table and the saved file, not by the run's word."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlkijiji.demo.sample import LOCATION, ROWS, SampleRow

__all__ = ["find_problems"]

CONDITIONS = {"Used - Good": "usedgood", "Used - Fair": "usedfair"}
PRICE_TYPES = {"Please contact": "CONTACT", "Free": "GIVE_AWAY"}


def find_problems(ads: Sequence[Mapping[str, Any]], statuses: Mapping[str, str], pictures: Path) -> list[str]:
    """Sentences about all that is not as it should be; none when the demo went well.

    `ads` is the practice site's table, `statuses` the saved workbook's: sku → posting status.
    """
    problems = [f"row {row.sku}: {problem}" for row in ROWS for problem in _row_problems(row, ads, statuses, pictures)]
    expected = {row.title for row in ROWS if row.posted}
    problems += [f"an ad that no row asked for: {ad['title']}" for ad in ads if ad["title"] not in expected]
    return problems


def _row_problems(
    row: SampleRow, ads: Sequence[Mapping[str, Any]], statuses: Mapping[str, str], pictures: Path
) -> list[str]:
    mine = [ad for ad in ads if ad["title"] == row.title]
    status = statuses.get(str(row.sku), "")
    if not row.posted:
        problems = [f"{len(mine)} ads for a row that should not be posted"] if mine else []
        kept = status == row.status if row.status.startswith("Posted") else status.startswith("Error: ")
        return problems if kept else [*problems, f"its status is '{status}'"]
    if len(mine) != 1:
        return [f"{len(mine)} ads instead of one (its status is '{status}')"]
    problems = [] if status.startswith("Posted 20") else [f"its status is '{status}'"]
    return problems + _field_problems(row, mine[0], pictures)


def _field_problems(row: SampleRow, ad: Mapping[str, Any], pictures: Path) -> list[str]:
    attributes = ad["attributes"]
    tags = [tag.strip() for tag in str(row.more.get("tags", "")).replace(";", ",").split(",") if tag.strip()]
    wanted: dict[str, tuple[object, object]] = {
        "description": (ad["description"].replace("\r\n", "\n"), row.description.replace("{SKU}", str(row.sku))),
        "price": (ad["price"], row.price),
        "price type": (ad["price_type"], PRICE_TYPES.get(str(row.more.get("price_type")), "FIXED")),
        "category": (ad["category"], row.category),
        "tags": (list(ad["tags"]), tags),
        "for sale by": (attributes.get("forsaleby_s"), "delr"),
        "location": (LOCATION in ad["location"], True),
        "photos": ([photo["sha256"] for photo in ad["photos"]], [_hash(pictures / name) for name in row.photos]),
        "state": (ad["state"], "active"),
    }
    if "condition" in row.more:
        wanted["condition"] = (attributes.get("condition_s"), CONDITIONS[str(row.more["condition"])])
    # of the sample's categories, these have a field for year or kilometres (docs/site.md)
    if "Heavy Trucks" in row.category:
        wanted["kilometers"] = (str(attributes.get("carmileageinkms_i")), str(row.more["kilometers"]))
    if "Heavy" in row.category:
        wanted["year"] = (str(attributes.get("caryear_i")), str(row.more["year"]))
    return [f"{name} is {got!r}, should be {should!r}" for name, (got, should) in wanted.items() if got != should]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
