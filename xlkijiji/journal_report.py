"""What the terminal shows of the journal, and what a person may tell it there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from xlkijiji.errors import JournalError
from xlkijiji.journal import Journal
from xlkijiji.journal_repair import repair
from xlkijiji.run_statistics import statistics_over_time

__all__ = ["forget_records", "journal_lines", "show_statistics"]

LATEST_RUNS = 10


def _existing(path: Path) -> Path:
    if not path.exists():
        raise JournalError(
            f"There is no journal yet ({path}): nothing was posted so far. What was posted on the "
            "practice site is shown with  --practice  ."
        )
    return path


def show_statistics(path: Path, account: str | None = None) -> None:
    """Print the numbers of all runs and a line for each of the latest. Raises JournalError."""
    with Journal(_existing(path)) as journal:
        numbers = statistics_over_time(journal, account)
    console = Console()
    whole = Table(show_header=False, title="All runs", title_justify="left")
    rate = numbers["success_rate"]
    for label, value in (
        ("records dealt with", numbers["records"]),
        ("posted", numbers["posted"]),
        ("failed", numbers["failed"]),
        ("success rate", None if rate is None else f"{rate:.1%}"),
        ("seconds per ad, median", numbers["seconds_per_ad_median"]),
        ("seconds per ad, 95 % take at most", numbers["seconds_per_ad_p95"]),
        ("ads per hour, while posting", numbers["ads_per_hour"]),
        ("tries beyond the first", numbers["retries"]),
        *((f"errors: {kind}", count) for kind, count in numbers["errors_by_kind"].items()),
        *((f"now {state}", count) for state, count in sorted(numbers["states"].items())),
    ):
        whole.add_row(label, "–" if value is None else str(value))
    console.print(whole)
    latest = Table(title=f"The latest {LATEST_RUNS} runs", title_justify="left")
    for header in ("when", "workbook", "mode", "ended", "posted", "failed"):
        latest.add_column(header)
    for run in numbers["runs"][:LATEST_RUNS]:
        latest.add_row(
            run["started_at"][:16].replace("T", " "),
            Path(run["workbook"]).name or "–",
            run["mode"],
            run["ended"] or "on, or broken off",
            str(run["posted"]),
            str(run["failed"]),
        )
    console.print(latest)


def forget_records(path: Path, skus: Sequence[str], account: str | None = None) -> Iterator[str]:
    """Tell the journal that these records have no ad any more; a line about each. Raises JournalError."""
    with Journal(_existing(path)) as journal:
        accounts = sorted({one.account for one in journal.records()})
        if account is None and len(accounts) > 1:
            raise JournalError(f"The journal knows several accounts: {', '.join(accounts)}. Name one with --account.")
        chosen = account if account is not None else next(iter(accounts), "")
        with journal.only_run(chosen):
            forgotten = journal.forget(chosen, skus)
    for sku in skus:
        if sku in forgotten:
            yield f"{sku}: forgotten. Clear its Posting status in the sheet, and the next Post New posts it."
        else:
            yield f"{sku}: the journal knows of no ad for it, so there is nothing to forget."


def journal_lines(path: Path, action: str) -> Iterator[str]:
    """What `xlkijiji journal ACTION` prints: show, check, repair or path. Raises JournalError."""
    if action == "path":
        yield str(path)
    elif action == "check":
        Journal(_existing(path)).close()
        yield f"The journal {path} is sound."
    elif action == "repair":
        kept, saved = repair(path)
        if kept is None:
            yield f"The journal {path} is sound; nothing was changed."
        else:
            yield f"{saved['records']} records were saved into a new journal. The damaged one is kept as {kept}."
            yield "Compare My Ads with your sheet before you post: what could not be read is not known any more."
    elif action == "show":
        with Journal(_existing(path)) as journal:
            for one in journal.records():
                detail = f"ad {one.ad_id} {one.ad_url}" if one.state == "posted" else one.reason
                yield f"{one.account}  {one.record_id}  {one.state}  {one.updated_at[:16]}  {detail}".rstrip()
    else:
        raise JournalError(f"'{action}' is not known. Use show, check, repair or path.")
