"""What a run says of itself at its end: the result, its statistics, its sentence; and what kept a record from it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from xlkijiji.bot_port import BotPort
from xlkijiji.errors import DraftNotPosted, XlkijijiError
from xlkijiji.inventory import Record
from xlkijiji.messages import tell
from xlkijiji.outcome import REMARK, Outcome
from xlkijiji.run_statistics import statistics_of
from xlkijiji.validators import Pictures, Problem, check_record, problems_sentence

__all__ = ["objection", "remarks", "run_result", "summary"]

log = logging.getLogger(__name__)


def objection(
    record: Record, port: BotPort, pictures: Pictures, others: Sequence[object] = (), name: str = ""
) -> Outcome | None:
    """What keeps `record` from being posted, found before the bot touches the site; None when nothing does.

    `others` are problems known already; `name` stands for a record without a sku.
    """
    problems: list[object] = [*others]
    try:
        problems += check_record(record, pictures)
        problems += port.check(record)
    except XlkijijiError as error:
        if not problems:
            return _not_tried(Outcome.failed(str(error), error.kind))
        problems.append(error)
    except Exception as error:
        outcome = Outcome.unforeseen(error)
        log.exception("record %s: its check failed, code %s", record.record_id, outcome.code)
        return _not_tried(outcome)
    if not problems:
        return None
    return _not_tried(
        Outcome.failed(
            problems_sentence(problems, record.record_id or name or tell("this-record"), record.row), "record"
        )
    )


def remarks(record: Record, port: BotPort, others: Sequence[object] = ()) -> list[str]:
    """What a person should know of `record` beside that, as sentences; `others` are known already.

    A bot that fails here keeps no record from being posted.
    """
    found = list(map(str, others))
    try:
        found += [str(warning).strip() for warning in port.warnings(record)]
    except Exception:
        log.exception("record %s: what is to be said of it could not be found out", record.record_id)
    return list(dict.fromkeys(found))


def _not_tried(outcome: Outcome) -> Outcome:
    return replace(outcome, tries=0)


def run_result(
    total: int,
    chosen: int,
    entries: list[dict[str, Any]],
    ended: str,
    message: str = "",
    *,
    redrawn: int = 0,
    seconds: float = 0.0,
) -> dict[str, Any]:
    """`run_batch`'s result for `total` rows, of which `chosen` were to be dealt with and `entries` tell how it went."""
    posted = sum(entry["success"] for entry in entries)
    return {
        "success": ended in {"done", "limit"},
        "total_records": total,
        "successful_posts": posted,
        "failed_posts": len(entries) - posted,
        "skipped_records": total - len(entries),
        "remaining_records": chosen - len(entries),
        "redrawn_records": redrawn,
        "results": entries,
        "statistics": statistics_of(
            ((entry["error_kind"] or "", entry["tries"], entry["duration_s"]) for entry in entries), seconds
        ),
        "message": message,
        "ended": ended,
        "run_id": "",
    }


def summary(
    result: dict[str, Any],
    count: int,
    reason: str,
    file_error: str | None,
    taken_off: int = 0,
    copies: Sequence[Problem] = (),
    *,
    replacing: bool = False,
) -> str:
    """The sentence for the person; `count` is how many records there were to deal with.

    `taken_off` of the redrawn ones had an ad that the site removed. `copies` are of rows that were left alone,
    and have the Ad id of another row. `replacing` in mode all, which once more begins with the first record.
    """
    done, remaining, skipped = len(result["results"]), result["remaining_records"], result["skipped_records"]
    tally = tell("tally", posted=result["successful_posts"], failed=result["failed_posts"])
    go_on = tell("go-on-replacing" if replacing else "go-on", total=count, remaining=remaining)
    if result["ended"] == "done":
        text = tell("run-done", tally=tally, skipped=skipped) if count else tell("run-had-no-row")
    elif result["ended"] == "interrupted":
        text = tell("run-interrupted", done=done, total=count, tally=tally, go_on=go_on)
    elif result["ended"] == "critical":
        text = tell("run-broken-off", reason=reason, done=done, total=count, tally=tally, remaining=remaining)
    else:
        text = tell("run-stopped", reason=reason, tally=tally, go_on=go_on)
    if remarked := sum(entry["success"] and REMARK in entry["status_update"] for entry in result["results"]):
        text += " " + tell("posted-with-remark", count=remarked)
    if rows := result["redrawn_records"] - taken_off:
        text += " " + tell("rows-on-site-already", count=rows)
    if drafts := sum(entry["error_kind"] == DraftNotPosted.kind for entry in result["results"]):
        text += " " + tell("drafts-not-posted", count=drafts)
    if taken_off:
        text += " " + tell("ads-removed-by-site", count=taken_off)
    if copies:
        text += " " + tell("left-rows-with-one-ad", count=len(copies), ad_id=copies[0].column)
    if file_error is not None:
        text += f" {file_error}"
    return text
