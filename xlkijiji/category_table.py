"""The table of the site's categories, as it stands in its file: `kijiji` knows cells by it, `workbook` offers it."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

__all__ = ["category_rows"]


@cache
def category_rows() -> tuple[dict[str, str], ...]:
    """One row for each category: `category_id`, `path` ("Pets > Birds for Rehoming"), `has_price` (yes or no), and the
    codes of `required_attributes` and `optional_attributes`, separated by blanks.

    The table is of 2019 (docs/site.md).
    """
    text = resources.files(f"{__package__}.data").joinpath("categories.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
