"""What the terminal shows of the journal, and what a person may tell it there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from xlkijiji.errors import JournalError
from xlkijiji.journal import Journal
from xlkijiji.journal_repair import repair
from xlkijiji.messages import figure, tell
from xlkijiji.report import KINDS
from xlkijiji.report_values import workbook_name
from xlkijiji.run_statistics import statistics_over_time

__all__ = ["forget_records", "journal_lines", "show_statistics"]

LATEST_RUNS = 10


STATES = {
    "planned": "state-planned",
    "submitting": "state-submitting",
    "posted": "state-posted",
    "failed": "state-failed",
    "uncertain": "state-uncertain",
    "removed": "state-removed",
}
"""What the journal knows of a record, and the word for it."""
ENDS = {
    "": "run-end-open",
    "done": "run-end-done",
    "limit": "run-end-limit",
    "stopped": "run-end-stopped",
    "interrupted": "run-end-interrupted",
    "critical": "run-end-critical",
}
"""How a run ended, see `run_batch`, and the word for it."""
MODES = {"new": "mode-new", "all": "mode-all"}
"""Which rows a run was about, and the words for them."""


def _existing(path: Path) -> Path:
    if not path.exists():
        raise JournalError(tell("no-journal-yet", path=path))
    return path


def _word(words: Mapping[str, str], code: str) -> str:
    """A journal of a newer version may hold a code that this one has no word for; it is shown as it is."""
    return tell(words[code]) if code in words else code


def _shown(value: float | None, decimals: int = 0) -> str:
    return "–" if value is None else figure(value, decimals)


def show_statistics(path: Path, account: str | None = None) -> None:
    """Print the numbers of all runs and a line for each of the latest. Raises JournalError."""
    with Journal(_existing(path)) as journal:
        numbers = statistics_over_time(journal, account)
    console = Console()
    whole = Table(show_header=False, title=tell("stats-all-runs"), title_justify="left")
    rate = numbers["success_rate"]
    for label, value in (
        (tell("stats-records"), _shown(numbers["records"])),
        (tell("stats-posted"), _shown(numbers["posted"])),
        (tell("stats-failed"), _shown(numbers["failed"])),
        (tell("stats-rate"), "–" if rate is None else tell("stats-percent", value=figure(rate * 100, 1))),
        (tell("stats-median"), _shown(numbers["seconds_per_ad_median"], 3)),
        (tell("stats-p95"), _shown(numbers["seconds_per_ad_p95"], 3)),
        (tell("stats-per-hour"), _shown(numbers["ads_per_hour"], 1)),
        (tell("stats-retries"), _shown(numbers["retries"])),
        *(
            (tell("stats-errors", kind=_word(KINDS, kind)), _shown(count))
            for kind, count in numbers["errors_by_kind"].items()
        ),
        *(
            (tell("stats-now", state=_word(STATES, state)), _shown(count))
            for state, count in sorted(numbers["states"].items())
        ),
    ):
        whole.add_row(label, value)
    console.print(whole)
    latest = Table(title=tell("stats-latest", runs=LATEST_RUNS), title_justify="left")
    for header in (
        tell("stats-head-when"),
        tell("stats-head-workbook"),
        tell("stats-head-mode"),
        tell("stats-head-ended"),
        tell("stats-posted"),
        tell("stats-failed"),
    ):
        latest.add_column(header)
    for run in numbers["runs"][:LATEST_RUNS]:
        latest.add_row(
            run["started_at"][:16].replace("T", " "),
            workbook_name(run["workbook"]) if run["workbook"] else "–",
            _word(MODES, run["mode"]),
            _word(ENDS, run["ended"]),
            str(run["posted"]),
            str(run["failed"]),
        )
    console.print(latest)


def forget_records(path: Path, skus: Sequence[str], account: str | None = None) -> Iterator[str]:
    """Tell the journal that these records have no ad any more; a line about each. Raises JournalError."""
    with Journal(_existing(path)) as journal:
        accounts = sorted({one.account for one in journal.records()})
        if account is None and len(accounts) > 1:
            raise JournalError(tell("which-account", accounts=", ".join(accounts)))
        chosen = account if account is not None else next(iter(accounts), "")
        with journal.only_run(chosen):
            forgotten = journal.forget(chosen, skus)
    for sku in skus:
        if sku in forgotten:
            yield tell("ad-forgotten", sku=sku)
        else:
            yield tell("no-ad-to-forget", sku=sku)


def journal_lines(path: Path, action: str) -> Iterator[str]:
    """What `xlkijiji journal ACTION` prints: show, check, repair or path. Raises JournalError."""
    if action == "path":
        yield str(path)
    elif action == "check":
        Journal(_existing(path)).close()
        yield tell("journal-is-sound", path=path)
    elif action == "repair":
        kept, saved = repair(path)
        if kept is None:
            yield tell("journal-was-sound", path=path)
        else:
            yield tell("journal-repaired", count=saved["records"], kept=kept)
            yield tell("compare-after-repair")
    elif action == "show":
        with Journal(_existing(path)) as journal:
            for one in journal.records():
                detail = tell("journal-ad", id=one.ad_id, url=one.ad_url) if one.state == "posted" else one.reason
                state = _word(STATES, one.state)
                yield f"{one.account}  {one.record_id}  {state}  {one.updated_at[:16]}  {detail}".rstrip()
    else:
        raise JournalError(tell("journal-action-unknown", action=action))
