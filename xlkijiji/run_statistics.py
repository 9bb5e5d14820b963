"""Numbers about runs: of one run, and over time from the journal."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from typing import Any

from xlkijiji.journal import Journal
from xlkijiji.journal_record import account_key

__all__ = ["statistics_of", "statistics_over_time"]


def statistics_of(outcomes: Iterable[tuple[str, int, float]], seconds: float) -> dict[str, Any]:
    """Numbers of one run that took `seconds`, from (error kind or '', tries, seconds) for each record.

    `records`, `posted`, `failed`; `success_rate` (0 to 1; None without records); `seconds_per_ad_median` and
    `seconds_per_ad_p95` of those that a bot had; `retries` (tries beyond the first); `errors_by_kind`; `ads_per_hour`
    (None for a run of no time); `duration_s`.
    """
    kinds: Counter[str] = Counter()
    posted = retries = 0
    times: list[float] = []
    for kind, tries, taken in outcomes:
        if kind:
            kinds[kind] += 1
        else:
            posted += 1
        retries += max(0, tries - 1)
        if tries:
            times.append(taken)
    total = posted + kinds.total()
    times.sort()
    return {
        "records": total,
        "posted": posted,
        "failed": kinds.total(),
        "success_rate": round(posted / total, 4) if total else None,
        "seconds_per_ad_median": round(statistics.median(times), 3) if times else None,
        # the smallest time that at least 95 % of the ads don't exceed
        "seconds_per_ad_p95": round(times[-(-len(times) * 95 // 100) - 1], 3) if times else None,
        "retries": retries,
        "errors_by_kind": dict(sorted(kinds.items())),
        "ads_per_hour": round(posted * 3600 / seconds, 1) if seconds > 0 else None,
        "duration_s": round(seconds, 3),
    }


def statistics_over_time(journal: Journal, account: str | None = None) -> dict[str, Any]:
    """The same numbers over all runs that the journal knows, of one account or of all, and each run's own.

    `runs` is a list, newest first: `run_id`, `account`, `workbook`, `mode`, `started_at`, `ended_at`, `ended` ('' for
    one that is on, or was killed), `posted`, `failed`. `states` counts the records in each state.
    """
    chosen = "" if account is None else " WHERE account = ?"
    values = () if account is None else (account_key(account),)
    outcomes = journal.query(f"SELECT run_id, error_kind, tries, seconds FROM outcomes{chosen} ORDER BY id", values)  # noqa: S608 — a constant text
    runs = journal.query(
        "SELECT run_id, account, workbook, mode, started_at, ended_at, ended, statistics FROM runs"  # noqa: S608 — same
        f"{chosen} ORDER BY rowid DESC",
        values,
    )
    posted: Counter[str] = Counter(one["run_id"] for one in outcomes if not one["error_kind"])
    failed: Counter[str] = Counter(one["run_id"] for one in outcomes if one["error_kind"])
    seconds = sum(one["seconds"] for one in outcomes)
    numbers = statistics_of(((one["error_kind"], one["tries"], one["seconds"]) for one in outcomes), seconds)
    states = journal.query(f"SELECT state, count(*) AS count FROM records{chosen} GROUP BY state", values)  # noqa: S608 — same
    return numbers | {
        "states": {one["state"]: one["count"] for one in states},
        "runs": [run | {"posted": posted[run["run_id"]], "failed": failed[run["run_id"]]} for run in runs],
    }
