"""The summary of a run as an e-mail's subject and text, in plain text and in HTML.

Knows nothing of mail servers (that is `notify`) and of the site. What came from a sheet or a site is untrusted: it is
put on one line, shortened, and escaped; only http(s) addresses become links, and the picture of a page on which a row
failed, which is a file of the computer that posted. Nothing but the fields named here is
taken from a result, so no description and no password can get in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from xlkijiji.inventory import BY_NAME, ERROR, is_unsure
from xlkijiji.messages import language, tell
from xlkijiji.outcome import SYSTEM_ERROR
from xlkijiji.report_values import (
    LONGEST_NAME,
    count_of,
    duration,
    file_link,
    is_on_this_computer,
    line,
    link,
    number,
    workbook_name,
)

__all__ = ["Report", "build_report"]

MOST_ROWS = 100
"""Rows listed of each kind. Gmail cuts off a mail of more than 102 kB; the sheet has all rows anyway."""
LONGEST_TEXT = 600
"""Characters of a text before it is shortened."""

KINDS = {
    "record": "kind-record",
    "draft": "kind-draft",
    "site": "kind-site",
    "unknown": "kind-unknown",
    "person": "kind-person",
    "batch": "kind-batch",
    "browser": "kind-browser",
    "journal": "kind-journal",
    "removed": "kind-removed",
    "system": "kind-system",
    "settings": "kind-settings",
    "inventory": "kind-inventory",
    "interrupted": "kind-interrupted",
    "error": "kind-error",
}
"""The messages for the kinds of errors (`errors.XlkijijiError.kind`)."""


@dataclass(frozen=True)
class Report:
    """A summary, ready to be sent: `subject` is one line, `html` a whole document."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Row:
    """One record that the run had in hand."""

    sku: str
    number: str
    """The sheet's row; blank where it isn't known."""
    why: str
    link: str
    """The ad's address; blank unless it is one of http(s)."""
    link_text: str
    picture: str
    """The address of a picture of the page on which it failed; blank unless it is a file of this computer."""
    unsure: bool


@dataclass(frozen=True)
class _Summary:
    """What both bodies say, as plain one-line texts."""

    good: bool
    headline: str
    message: str
    counts: list[tuple[str, int, str]]
    """Label, number, and the key of its colours."""
    failed: list[_Row]
    posted: list[_Row]
    facts: list[tuple[str, str]]
    """Label and text about the run as a whole."""


def build_report(result: Mapping[str, Any], *, workbook: str | Path, account: str) -> Report:
    """The summary of `result`, which is run_batch's; keys that are missing or odd are left out.

    `workbook` is its full path, or its address where it is kept on the web; `account` is who posted.
    """
    place = line(workbook, LONGEST_TEXT)
    name = workbook_name(place)
    summary = _summarise(result, place, name, line(account, LONGEST_NAME))
    posted, failed = count_of(result, "successful_posts"), count_of(result, "failed_posts")
    tally = tell("tally", posted=posted, failed=failed)
    early = tally if summary.good else tell("tally-ended-early", tally=tally)
    return Report(tell("labelled", label="Kijiji", text=f"{early} – {name}"), _as_text(summary), _as_html(summary))


# --- what is said


def _summarise(result: Mapping[str, Any], place: str, name: str, account: str) -> _Summary:
    entries = [entry for entry in result.get("results") or () if isinstance(entry, Mapping)]
    posted = [_row(entry) for entry in entries if entry.get("success")]
    failed = [_row(entry) for entry in entries if not entry.get("success")]
    remaining = count_of(result, "remaining_records")
    counts = [
        (tell("count-posted"), count_of(result, "successful_posts"), "good"),
        (tell("count-failed"), count_of(result, "failed_posts"), "bad"),
        (tell("count-left-alone"), max(0, count_of(result, "skipped_records") - remaining), "plain"),
    ]
    if remaining:
        counts.append((tell("count-not-tried"), remaining, "plain"))
    facts = [
        (tell("fact-workbook"), place or name),
        (tell("fact-account"), account),
        *_statistics(result.get("statistics")),
    ]
    facts.append((tell("fact-run"), line(result.get("run_id"), LONGEST_NAME)))
    if posted and all(is_on_this_computer(row.link) for row in posted):
        facts.insert(0, (tell("fact-practice"), tell("ads-in-practice")))
    return _Summary(
        good=_ended_well(result),
        headline=_headline(result, remaining),
        message=line(result.get("message"), LONGEST_TEXT),
        counts=counts,
        failed=failed,
        posted=posted,
        facts=[(label, text) for label, text in facts if text],
    )


def _ended_well(result: Mapping[str, Any]) -> bool:
    """A run that was stopped because somebody asked for it is no success, and no cause for alarm."""
    return bool(result.get("success")) or result.get("ended") == "stopped"


def _headline(result: Mapping[str, Any], remaining: int) -> str:
    posted, failed = count_of(result, "successful_posts"), count_of(result, "failed_posts")
    if not _ended_well(result):
        return tell("run-ended-early")
    if failed:
        return tell("rows-need-you", count=failed)
    if remaining:
        return tell("posted-and-to-go", posted=posted, remaining=remaining)
    if posted:
        return tell("ads-are-posted", count=posted)
    return tell("nothing-to-post")


def _row(entry: Mapping[str, Any]) -> _Row:
    status = line(entry.get("status_update"), LONGEST_TEXT)
    why = line(entry.get("message"), LONGEST_TEXT) or status.removeprefix(f"{ERROR}:").strip()
    ad_id = line(entry.get("ad_id"), LONGEST_NAME)
    return _Row(
        sku=line(entry.get("record_id"), LONGEST_NAME) or tell("no-sku"),
        number=line(entry.get("row"), LONGEST_NAME),
        why=tell("unforeseen") if why in {"", SYSTEM_ERROR} else why,
        link=link(entry.get("ad_url")),
        link_text=tell("ad-with-number", ad_id=ad_id) if ad_id else tell("see-the-ad"),
        picture=file_link(entry.get("evidence")),
        unsure=is_unsure(status),
    )


def _kind(kind: object) -> str:
    return tell(KINDS[str(kind)]) if str(kind) in KINDS else line(kind, 20)


def _statistics(given: object) -> list[tuple[str, str]]:
    if not isinstance(given, Mapping):
        return []
    rate, median, p95, hourly, whole = (
        number(given.get(key))
        for key in ("success_rate", "seconds_per_ad_median", "seconds_per_ad_p95", "ads_per_hour", "duration_s")
    )
    facts = []
    if whole is not None:
        facts.append((tell("fact-duration"), duration(whole)))
    if rate is not None:
        facts.append((tell("fact-success"), tell("share-of-rows", percent=f"{100 * rate:.0f}")))
    if median is not None:
        half = duration(median)
        text = tell("half-in", half=half) if p95 is None else tell("half-and-most-in", half=half, most=duration(p95))
        facts.append((tell("fact-time"), text))
    if hourly is not None:
        facts.append((tell("fact-pace"), tell("ads-an-hour", number=f"{hourly:.0f}")))
    if retries := number(given.get("retries")):
        facts.append((tell("fact-retries"), tell("so-many-times", count=round(retries))))
    kinds = given.get("errors_by_kind")
    if isinstance(kinds, Mapping) and kinds:
        told = [tell("kind-and-count", kind=_kind(kind), number=line(count, 12)) for kind, count in kinds.items()]
        facts.append((tell("fact-failures"), ", ".join(told[: len(KINDS)])))
    return facts


# --- as plain text


def _as_text(summary: _Summary) -> str:
    tally = ", ".join(f"{number} {label}" for label, number, _ in summary.counts)
    parts = [summary.headline, "", summary.message or tally]
    if summary.failed:
        parts += ["", tell("to-correct").upper(), *_listed(summary.failed, _failed_line)]
    if summary.posted:
        parts += [
            "",
            tell("posted-ones").upper(),
            *_listed(summary.posted, lambda row: _item(row, row.link or tell("no-link"))),
        ]
    parts += ["", tell("the-run").upper(), *(tell("labelled", label=label, text=text) for label, text in summary.facts)]
    return "\n".join(parts) + "\n"


def _named(row: _Row) -> str:
    return tell("sku-and-row", sku=row.sku, row=row.number) if row.number else row.sku


def _item(row: _Row, text: str) -> str:
    return "* " + tell("labelled", label=_named(row), text=text)


def _failed_line(row: _Row) -> str:
    return " ".join(filter(None, [_item(row, row.why), row.link, row.picture]))


def _listed(rows: Sequence[_Row], line: Callable[[_Row], str]) -> list[str]:
    return [*map(line, rows[:MOST_ROWS]), *_more(rows)]


def _more(rows: Sequence[_Row]) -> list[str]:
    more = len(rows) - MOST_ROWS
    return [tell("and-more-rows", count=more)] if more > 0 else []


# --- as HTML. Mail programs know little of style sheets, so every element has its own style, and tables make the page.

FONT = "font-family:Arial,Helvetica,sans-serif;"
INK, PALE = "#1F2A44", "#5B6780"
COLOURS = {
    "good": ("#E3F4E7", "#0B5A23"),
    "bad": ("#FBE4E1", "#8E1B10"),
    "unsure": ("#FFF0CC", "#7A4B00"),
    "plain": ("#EEF1F6", PALE),
}
"""Fill and text, of the same families as the status cells of the workbook."""


class _Html(str):
    """Finished markup. Any other text is escaped when it is put into an element, so forgetting it is impossible."""

    __slots__ = ()


def _tag(name: str, style: str, *inside: str, **attributes: str) -> _Html:
    """An element; `inside` is markup or text."""
    given = {"style": style, **attributes}
    attached = "".join(f' {key}="{escape(value)}"' for key, value in given.items() if value)
    return _Html(f"<{name}{attached}>{_joined(inside)}</{name}>")


def _joined(parts: Iterable[str]) -> _Html:
    return _Html("".join(part if isinstance(part, _Html) else escape(part) for part in parts))


def _table(style: str, *rows: str, **attributes: str) -> _Html:
    """A table for the layout, which a screen reader shall not read as one."""
    given = {"width": "100%", "role": "presentation", "cellpadding": "0", "cellspacing": "0", **attributes}
    return _tag("table", f"width:100%;{style}", *rows, **given)


def _as_html(summary: _Summary) -> str:
    fill, ink = COLOURS["bad" if not summary.good else "unsure" if summary.failed else "good"]
    head = _tag(
        "td",
        f"padding:20px 24px;background:{fill};border-radius:8px 8px 0 0;",
        _tag("h1", f"margin:0;{FONT}font-size:22px;line-height:28px;color:{ink};", summary.headline),
        _tag("p", f"margin:6px 0 0;{FONT}font-size:14px;line-height:20px;color:{INK};", summary.message),
    )
    parts = [
        _table("", _tag("tr", "", *(_tile(*count) for count in summary.counts))),
        _rows_table(tell("to-correct"), tell("head-why"), summary.failed, _why),
        _rows_table(tell("posted-ones"), tell("head-ad"), summary.posted, _ad),
        _title(tell("the-run")),
        _table("", *(_fact(label, text) for label, text in summary.facts)),
    ]
    body = _tag("td", "padding:16px 24px 24px;", *parts)
    card = _table(
        "max-width:640px;background:#FFFFFF;border:1px solid #D5DBE6;border-radius:8px;",
        _tag("tr", "", head),
        _tag("tr", "", body),
        width="640",
    )
    page = _table("", _tag("tr", "", _tag("td", "padding:16px 8px;", card, align="center")))
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(summary.headline)}</title></head>\n"
        f"{_tag('body', 'margin:0;padding:0;background:#F3F5F9;', page)}</html>\n"
    )


def _tile(label: str, number: int, key: str) -> _Html:
    ink = COLOURS[key if number else "plain"][1]
    return _tag(
        "td",
        "padding:4px 8px 4px 0;",
        _tag("div", f"{FONT}font-size:26px;line-height:32px;font-weight:bold;color:{ink};", str(number)),
        _tag("div", f"{FONT}font-size:13px;line-height:18px;color:{PALE};", label),
        width="25%",
    )


def _title(text: str) -> _Html:
    return _tag("h2", f"margin:24px 0 8px;{FONT}font-size:16px;line-height:22px;color:{INK};", text)


def _cell(name: str, width: str, *inside: str) -> _Html:
    weight = "font-weight:bold;" if name == "th" else ""
    style = f"padding:8px 8px 8px 0;border-bottom:1px solid #E3E8F0;{FONT}font-size:14px;line-height:20px;{weight}"
    return _tag(
        name,
        f"{style}color:{PALE if name == 'th' else INK};word-break:break-word;",
        *inside,
        width=width,
        align="left",
        valign="top",
    )


def _rows_table(title: str, last: str, rows: Sequence[_Row], shown: Callable[[_Row], _Html]) -> _Html:
    """A real table, with headers: SKU, row, and `last`, which `shown` fills."""
    if not rows:
        return _Html()
    head = _tag(
        "tr",
        "",
        _cell("th", "24%", BY_NAME["sku"].header),
        _cell("th", "10%", tell("head-row")),
        _cell("th", "66%", last),
    )
    lines = (
        _tag("tr", "", _cell("td", "24%", row.sku), _cell("td", "10%", row.number), _cell("td", "66%", shown(row)))
        for row in rows[:MOST_ROWS]
    )
    table = _tag("table", "width:100%;border-collapse:collapse;", head, *lines, width="100%", cellspacing="0")
    more = (_tag("p", f"margin:8px 0 0;{FONT}font-size:13px;color:{PALE};", text) for text in _more(rows))
    return _joined((_title(title), table, *more))


def _why(row: _Row) -> _Html:
    fill, ink = COLOURS["unsure"]
    why = _tag("span", f"background:{fill};color:{ink};", row.why) if row.unsure else row.why
    links = [(row.link, row.link_text), (row.picture, tell("picture-of-page"))]
    return _joined([why, *(part for to, text in links if to for part in (" ", _anchor(to, text)))])


def _ad(row: _Row) -> _Html:
    return _anchor(row.link, row.link_text) if row.link else _joined((tell("no-link"),))


def _anchor(link: str, text: str) -> _Html:
    return _tag("a", "color:#1F4E8C;", text, href=link)


def _fact(label: str, text: str) -> _Html:
    style = f"padding:3px 8px 3px 0;{FONT}font-size:13px;line-height:18px;"
    shown = _anchor(text, text) if link(text) else text
    return _tag(
        "tr",
        "",
        _tag("td", f"{style}color:{PALE};", label, width="30%", valign="top"),
        _tag("td", f"{style}color:{INK};word-break:break-word;", shown, width="70%", valign="top"),
    )
