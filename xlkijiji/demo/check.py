"""Did the demo do its job? Judged by the practice site's own table and the saved file, not by the run's word."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlkijiji.demo.sample import LOCATION, ROWS, SampleRow
from xlkijiji.messages import tell

__all__ = ["find_problems"]

CONDITIONS = {"Used - Good": "usedgood", "Used - Fair": "usedfair"}
PRICE_TYPES = {"Please contact": "CONTACT", "Free": "GIVE_AWAY"}


def find_problems(ads: Sequence[Mapping[str, Any]], statuses: Mapping[str, str], pictures: Path) -> list[str]:
    """Sentences about all that is not as it should be; none when the demo went well.

    `ads` is the practice site's table, `statuses` the saved workbook's: sku → posting status.
    """
    problems = [
        tell("demo-row", sku=row.sku, problem=problem)
        for row in ROWS
        for problem in _row_problems(row, ads, statuses, pictures)
    ]
    expected = {row.title for row in ROWS if row.posted}
    problems += [tell("demo-stray-ad", title=ad["title"]) for ad in ads if ad["title"] not in expected]
    return problems


def _row_problems(
    row: SampleRow, ads: Sequence[Mapping[str, Any]], statuses: Mapping[str, str], pictures: Path
) -> list[str]:
    mine = [ad for ad in ads if ad["title"] == row.title]
    status = statuses.get(str(row.sku), "")
    if not row.posted:
        problems = [tell("demo-unwanted-ads", count=len(mine))] if mine else []
        kept = status == row.status if row.status.startswith("Posted") else status.startswith("Error: ")
        return problems if kept else [*problems, tell("demo-status-is", status=status)]
    if len(mine) != 1:
        return [tell("demo-not-one-ad", ads=len(mine), status=status)]
    problems = [] if status.startswith("Posted 20") else [tell("demo-status-is", status=status)]
    return problems + _field_problems(row, mine[0], pictures)


def _field_problems(row: SampleRow, ad: Mapping[str, Any], pictures: Path) -> list[str]:
    attributes = ad["attributes"]
    tags = [tag.strip() for tag in str(row.more.get("tags", "")).replace(";", ",").split(",") if tag.strip()]
    wanted: dict[str, tuple[object, object]] = {
        "header-description": (ad["description"].replace("\r\n", "\n"), row.description.replace("{SKU}", str(row.sku))),
        "header-price": (ad["price"], row.price),
        "header-price-type": (ad["price_type"], PRICE_TYPES.get(str(row.more.get("price_type")), "FIXED")),
        "header-category": (ad["category"], row.category),
        "header-tags": (list(ad["tags"]), tags),
        "header-for-sale-by": (attributes.get("forsaleby_s"), "delr"),
        "header-location": (LOCATION in ad["location"], True),
        "header-photos": ([photo["sha256"] for photo in ad["photos"]], [_hash(pictures / name) for name in row.photos]),
        "demo-ad-state": (ad["state"], "active"),
    }
    if "condition" in row.more:
        wanted["header-condition"] = (attributes.get("condition_s"), CONDITIONS[str(row.more["condition"])])
    # of the sample's categories, these have a field for year or kilometres (docs/site.md)
    if "Heavy Trucks" in row.category:
        wanted["header-kilometers"] = (str(attributes.get("carmileageinkms_i")), str(row.more["kilometers"]))
    if "Heavy" in row.category:
        wanted["header-year"] = (str(attributes.get("caryear_i")), str(row.more["year"]))
    return [
        tell("demo-field-differs", name=tell(key), got=repr(got), should=repr(should))
        for key, (got, should) in wanted.items()
        if got != should
    ]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
