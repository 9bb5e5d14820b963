"""The report of a run as a page for people: what became of each row, in one file that needs nothing beside it.

It lies beside the result that is kept for programs. What came from a sheet or a site is untrusted: jinja2 escapes all
of it, texts are put on one line, and only addresses of http(s) and pictures of this computer become links.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from xlkijiji.cell_values import cell_text
from xlkijiji.inventory import ERROR, is_unsure
from xlkijiji.messages import language, tell
from xlkijiji.report_values import (
    LONGEST_NAME,
    button_of,
    count_of,
    duration,
    file_link,
    line,
    link,
    number,
    workbook_name,
)

__all__ = ["keep_report", "report_page"]

log = logging.getLogger(__name__)

LONGEST_TEXT = 1000
"""Characters of a text before it is shortened."""


def report_page(workbook: str, result: Mapping[str, Any], ended: dt.datetime) -> str:
    """The page, in the language in use, of `jobs.carry_out`'s result; `workbook` is the file's path or address."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(resources.files(__package__).joinpath("run_report.html").read_text(encoding="utf-8"))
    seconds = number((result.get("statistics") or {}).get("duration_s")) or 0.0
    facts = [
        (tell("report-workbook"), line(workbook, LONGEST_TEXT)),
        (tell("report-account"), line(result.get("account"), LONGEST_NAME)),
        (tell("runs-mode"), line(button_of(result), LONGEST_NAME)),
        (tell("report-site"), tell("runs-practice-site") if result.get("practice") else "Kijiji"),
        (tell("report-duration"), duration(seconds)),
        (tell("report-mail"), line(result.get("mail"), LONGEST_TEXT)),
    ]
    return page.render(
        words={
            "sku": tell("header-sku"),
            "row": tell("report-row"),
            "status": tell("report-status"),
            "tries": tell("report-tries"),
            "ad": tell("report-ad"),
            "see_ad": tell("report-see-ad"),
            "picture": tell("report-picture"),
            "warnings": tell("report-warnings"),
            "no_rows": tell("report-no-rows"),
        },
        language=language(),
        title=tell("report-title", when=f"{ended - dt.timedelta(seconds=seconds):%Y-%m-%d %H:%M}"),
        name=workbook_name(line(workbook, LONGEST_TEXT)),
        message=line(result.get("message"), LONGEST_TEXT),
        tiles=_tiles(result),
        facts=[(label, text) for label, text in facts if text],
        rows=[_row(entry) for entry in result.get("results") or () if isinstance(entry, Mapping)],
    )


def _tiles(result: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Label, number, and the class of its colours."""
    remaining = count_of(result, "remaining_records")
    tiles = [
        (tell("report-posted"), count_of(result, "successful_posts"), "good"),
        (tell("report-failed"), count_of(result, "failed_posts"), "bad"),
        (tell("report-skipped"), max(0, count_of(result, "skipped_records") - remaining), "plain"),
    ]
    return [*tiles, (tell("report-remaining"), remaining, "plain")] if remaining else tiles


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    status = line(entry.get("status_update"), LONGEST_TEXT)
    told = status.removeprefix(f"{ERROR}: ").rstrip(".… ")  # a long one is cut
    # the sheet's two cells mostly say the same, and the picture is a link of its own
    picture = tell("with-picture", text="", path=entry.get("evidence")).strip()
    detail = line(cell_text(entry.get("last_error")).removesuffix(picture).strip(), LONGEST_TEXT)
    warnings = entry.get("warnings")
    return {
        "sku": line(entry.get("record_id"), LONGEST_NAME),
        "row": line(entry.get("row"), LONGEST_NAME),
        "status": status,
        "detail": "" if entry.get("success") else _rest(detail, status, told),
        "class": "good" if entry.get("success") else "unsure" if is_unsure(status) else "bad",
        "link": link(entry.get("ad_url")),
        "ad_id": line(entry.get("ad_id"), LONGEST_NAME),
        "picture": file_link(entry.get("evidence")),
        "tries": line(entry.get("attempts"), LONGEST_NAME),
        "warnings": [line(one, LONGEST_TEXT) for one in warnings] if isinstance(warnings, list | tuple) else [],
    }


def _rest(detail: str, status: str, told: str) -> str:
    """What *Last error* says beyond the status."""
    if detail in status:
        return ""
    rest = detail.removeprefix(told)
    return detail if rest == detail else rest.lstrip(". ")


def keep_report(path: Path, workbook: str, result: Mapping[str, Any]) -> Path | None:
    """Write the page into the file `path`, and give it back; None when it can't be written, which is logged."""
    try:
        path.write_text(report_page(workbook, result, dt.datetime.now().astimezone()), encoding="utf-8")
    except OSError as error:
        log.warning("the report could not be kept in %s: %s", path, error)
        return None
    return path
