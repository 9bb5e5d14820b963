"""Inventories and bots that the tests of posting share."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from xlkijiji.inventory import Record

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=-5)))


def at_noon() -> dt.datetime:
    return NOON


class PlainBot:
    """Has post_ad and nothing else; `table` is what its site shows."""

    def __init__(self) -> None:
        self.table: list[dict[str, Any]] = []

    def post_ad(self, record: Record) -> dict[str, Any]:
        self.table.append(
            {"id": record["bucket_truck_id"], "title": record["title"], "image": record.get("image_filename")}
        )
        return {"success": True, "message": "ok", "ad_url": f"https://www.kijiji.ca/v-x/y/z/{len(self.table)}"}

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.table]


def trucks(*statuses: object, **changes: list[object]) -> pd.DataFrame:
    """The inventory of another project: its columns, one row per status."""
    count = len(statuses)
    columns: dict[str, list[object]] = {
        "bucket_truck_id": [f"BT{n + 1:03}" for n in range(count)],
        "image_filename": [None] * count,
        "title": [f"Bucket truck {n + 1}" for n in range(count)],
        "description": ["A good truck, {fuel_type}."] * count,
        "price": [24500 + n for n in range(count)],
        "tags": ["bucket, truck"] * count,
        "fuel_type": ["Diesel"] * count,
        "equipment_type": ["Bucket truck"] * count,
        "posting_status": list(statuses),
    }
    return pd.DataFrame(columns | changes)


def adds_up(result: dict[str, Any], df: pd.DataFrame) -> bool:
    """Are the counts those of the frame's rows?"""
    counts = [result[name] for name in ("successful_posts", "failed_posts", "skipped_records")]
    return bool(len(df) == result["total_records"] == sum(counts))
