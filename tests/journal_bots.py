"""A bot with a site that the tests of the journal share: it tells of the click, looks, deletes, and fails on demand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from xlkijiji.errors import UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal


class SiteBot:
    """Its site is `ads` (id → title), and every ad that was ever accepted is in `accepted`."""

    account = "dealer@example.com"
    listing_delay = 0.0

    def __init__(self) -> None:
        self.ads: dict[str, str] = {}
        self.accepted: list[str] = []
        self.deleted: list[str] = []
        self.looks = 0
        self.points: dict[str, Callable[[], None]] = {}
        """What happens at a point, by its name and the record: `"accepted BT002"`."""

    def at(self, point: str, record: Record | None = None) -> None:
        """Reach a point."""
        self.points.get(f"{point} {record['sku']}" if record is not None else point, lambda: None)()

    def login(self) -> bool:
        """Let everybody in."""
        self.at("login")
        return True

    def post_ad(self, record: Record, before_submit: Callable[..., None]) -> dict[str, Any]:
        """Post, in steps."""
        self.at("begin", record)
        before_submit(ids_before=list(self.ads))
        self.at("submit", record)
        ad_id = str(1001 + len(self.accepted))
        self.ads[ad_id] = record["title"]
        self.accepted.append(record["sku"])
        self.at("accepted", record)
        return {"success": True, "message": "ok", "ad_id": ad_id, "ad_url": f"https://site.example/{ad_id}"}

    def find_ad(self, record: Record, ids_before: Any = ()) -> dict[str, Any] | None:
        """Look by title."""
        self.looks += 1
        self.at("find", record)
        found = [ad_id for ad_id, title in self.ads.items() if title == record["title"] and ad_id not in ids_before]
        if len(found) > 1:
            raise UnknownOutcome("Several ads have this title.")
        return {"ad_id": found[0], "ad_url": f"https://site.example/{found[0]}"} if found else None

    def delete_ad(self, ad_id: str) -> dict[str, Any]:
        """Take an ad off."""
        self.at("delete")
        gone = self.ads.pop(ad_id, None) is not None
        self.deleted.append(ad_id)
        self.at("deleted")
        return {"success": gone, "message": "deleted" if gone else "there is no such ad"}


class Killed(BaseException):
    """As near to a kill as a test in one process comes: nothing catches it but what settles the record in hand."""


def interrupt() -> None:
    """Ctrl+C, here and now."""
    raise KeyboardInterrupt


def leave_as_a_kill_would(journal: Journal, sku: str, ids_before: list[str], at: str) -> None:
    """What a run that was killed between the click and its note leaves behind."""
    import datetime as dt
    import json

    when = dt.datetime.fromisoformat(at)
    run_id = journal.begin_run(SiteBot.account, "", "new", when)
    journal.plan(SiteBot.account, run_id, [(sku, "")], when)
    journal.move(
        SiteBot.account,
        sku,
        "submitting",
        run_id,
        when,
        ids_before=json.dumps(ids_before),
        submitted_at=when.isoformat(),
    )


def states(journal: Journal) -> dict[str, str]:
    """Record id → state."""
    return {one.record_id: one.state for one in journal.records()}


def new_journal(tmp_path: Path) -> Journal:
    """A journal of the test's own."""
    return Journal(tmp_path / "journal.sqlite3")
