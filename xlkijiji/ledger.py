"""One run's hand in the journal: the moves of its records, under its account and run id. Without a journal, nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from xlkijiji.errors import JournalError
from xlkijiji.inventory import Record, cell_number, cell_text
from xlkijiji.journal import Journal
from xlkijiji.journal_record import JournalRecord, State, record_key
from xlkijiji.messages import tell
from xlkijiji.outcome import Outcome

__all__ = ["Ledger", "content_hash"]

_POSTED_CONTENT = ("title", "description", "price", "price_type", "category", "tags", "condition", "location")
RETRYABLE = frozenset({"site", "person", "batch", "browser", "system", "error", "interrupted", "journal", "draft"})
"""Kinds of failures that may pass by themselves; a record that is wrong stays wrong until someone corrects it."""
MOST_ATTEMPTS = 1_000_000
"""What is believed of a cell in which anybody may have typed."""


def content_hash(record: Record) -> str:
    """SHA-256 (hex) of what an ad of `record` shows: its texts, price, and the bytes of its photos where they are."""
    digest = hashlib.sha256()
    shown = {name: record.get(name) for name in _POSTED_CONTENT}
    digest.update(json.dumps(shown, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass"))
    for photo in record.get("photos") or ():
        digest.update(str(Path(photo).name).encode("utf-8", "surrogatepass"))
        try:
            digest.update(Path(photo).read_bytes())
        except (OSError, ValueError):  # the bot's business: it may know the photo by another way
            continue
    return digest.hexdigest()


class Ledger:
    """The moves of one run's records. Every method raises JournalError when the journal can't take it."""

    def __init__(self, journal: Journal | None, account: str, run_id: str, clock: Callable[[], dt.datetime]) -> None:
        self._journal = journal
        self._account = account
        self.run_id = run_id
        self._clock = clock
        known = journal.records(account) if journal is not None else []
        self._known = {record_key(one.record_id): one for one in known}
        self._closed = False

    @property
    def kept(self) -> bool:
        """Is there a journal?"""
        return self._journal is not None

    def known(self, record_id: str) -> JournalRecord | None:
        """What the journal knew of the record when the run began, and what this run has settled since."""
        return self._known.get(record_key(record_id)) if record_id else None

    def now(self, record_id: str) -> JournalRecord | None:
        """What the journal knows of the record at this moment."""
        return self._journal.record(self._account, record_id) if self._journal is not None else None

    def all(self) -> Iterable[JournalRecord]:
        """Everything that the journal knows of the account."""
        return self._known.values()

    def others(self, record_id: str) -> Iterable[JournalRecord]:
        """Everything that the journal knows of the account's other records."""
        key = record_key(record_id)
        return (one for name, one in self._known.items() if name != key)

    def attempts(self, record: Record, tries: int) -> int:
        """How often the record was tried in all runs, `tries` of them in this one; before it by the row's own word."""
        before = self.known(record.record_id)
        if before is not None:
            return tries + before.attempts
        return tries + int(min(max(cell_number(record.get("attempts")) or 0, 0), MOST_ATTEMPTS))

    def plan(self, records: Iterable[tuple[str, str]]) -> None:
        """This run is going to post these, given as (record id, title)."""
        if self._journal is not None:
            self._journal.plan(self._account, self.run_id, records, self._clock())

    def submitting(self, record: Record, ids_before: Collection[object] | None, within: float = 0.0) -> None:
        """The click comes now; a person's within so many seconds, and then the last moment of them is what counts."""
        if self._journal is None:
            return
        latest = self._clock() + dt.timedelta(seconds=within)
        said: dict[str, Any] = {"reason": "a person may press the button"} if within else {}
        before = self.now(record.record_id)
        # of two clicks on one ad the first one's list counts: the second's may have its ad
        twice = before is not None and before.state == "submitting" and before.run_id == self.run_id
        ids = None if ids_before is None else json.dumps(sorted(map(cell_text, ids_before)))
        if twice and before is not None and before.ids_before is not None:
            ids = before.ids_before
        self._move(
            record.record_id,
            "submitting",
            **said,
            title=cell_text(record.get("title")),
            content_hash=content_hash(record),
            ids_before=ids,
            submitted_at=latest.isoformat(),
            ad_id="",
            ad_url="",
            posted_at="",
        )
        self._refresh(record.record_id)  # other bots' records must not take its ad for theirs

    def retitled(self, record_id: str, title: str) -> None:
        """The person who may press the button has given the ad this title: by it an ad is looked for."""
        self._move(record_id, "submitting", title=title)
        self._refresh(record_id)

    def close(self) -> None:
        """The run is over: a thread that comes late moves nothing any more."""
        self._closed = True

    def not_submitted(self, record_id: str, reason: str) -> None:
        """There was no click after all, or its ad is surely not on the site: the record may be posted."""
        # which ads were there before the click stays known: none of them will ever be this record's
        self._move(record_id, "planned", reason=reason)

    def replacing(self, record_id: str, ad_id: str, status: str) -> None:
        """The old ad is taken off now, to be replaced; `status` is what the sheet says of it."""
        self._move(record_id, "posted", ad_id=ad_id, replaced_status=status)
        self._refresh(record_id)

    def adopt(self, record_id: str, ad_id: str, ad_url: str, posted_at: str) -> None:
        """The sheet knows a newer ad of the record than the journal: one that was posted on another computer."""
        self._move(record_id, "posted", ad_id=ad_id, ad_url=ad_url, posted_at=posted_at, reason="the sheet's newer ad")
        self._refresh(record_id)

    def heed(self, words: Collection[tuple[str, str]]) -> None:
        """These words of persons, given as (record id, status), were heeded now."""
        if self._journal is None or not words:
            return
        self._journal.heed(self._account, words)
        for record_id, _word in words:
            self._refresh(record_id)

    def old_ad_gone(self, record_id: str) -> None:
        """The old ad is off the site, and the new one not yet on it."""
        self._move(record_id, "removed", ad_id="", ad_url="", posted_at="")
        self._move(record_id, "planned")

    def believe_person(self, record_id: str, *, posted: bool) -> None:
        """A person has looked at the site for an ad of which nobody knew."""
        if posted:
            now = self._clock().isoformat(timespec="seconds")
            self._move(record_id, "posted", reason="a person saw it on the site", posted_at=now, replaced_status=None)
        else:
            self._move(record_id, "planned", reason="a person saw that it isn't on the site", ids_before=None)
        self._refresh(record_id)

    def settle(self, record: Record, outcome: Outcome, seconds: float) -> None:
        """What became of a record in this run: on the disk before anybody else hears of it."""
        if self._journal is None or not record.record_id:
            return
        name = record.record_id
        counted = (outcome.error_kind or "", outcome.tries, seconds)
        before = self._journal.record(self._account, name)
        state = before.state if before is not None else None
        if before is not None and self._is_settled(before, outcome):
            self._refresh(name)
            return
        if outcome.shared or (not outcome.tries and outcome.state == "failed" and state != "planned"):
            # a row that can't be posted as it stands now; what is on the site, or may be, is as it was
            self._journal.note_outcome(self._account, name, self.run_id, counted, self._clock())
            return
        if state not in {"planned", "submitting", "posted", "uncertain"}:
            self._move(name, "planned")
            if outcome.state == "removed":
                self._move(name, "uncertain")
        self._move(name, outcome.state, outcome=counted, **self._changes(record, outcome, before))
        self._refresh(name)

    def _is_settled(self, before: JournalRecord, outcome: Outcome) -> bool:
        """Did an interrupt come between this very note and whoever waited for it?"""
        here = before.run_id == self.run_id and before.state == outcome.state and outcome.tries > 0
        return here and before.ad_id == outcome.ad_id and (outcome.success or outcome.state in {"failed", "uncertain"})

    def _changes(self, record: Record, outcome: Outcome, before: JournalRecord | None) -> dict[str, Any]:
        changes: dict[str, Any] = {"attempts": self.attempts(record, outcome.tries)}
        if before is None or not before.title:  # else it is the title of its ad, whatever the cell says by now
            changes["title"] = cell_text(record.get("title"))
        if outcome.success:
            now = self._clock().isoformat(timespec="seconds")
            return changes | {
                "ad_id": outcome.ad_id,
                "ad_url": outcome.ad_url,
                "posted_at": now,
                "replaced_status": None,
                "reason": "",
                "error_kind": "",
            }
        changes |= {
            "reason": outcome.message,
            "error_kind": outcome.error_kind or "",
            "retryable": int(outcome.error_kind in RETRYABLE),
        }
        if outcome.ad_id:
            changes["ad_id"] = outcome.ad_id
        return changes

    def _move(
        self, record_id: str, state: State, *, outcome: tuple[str, int, float] | None = None, **changes: object
    ) -> None:
        if self._closed:
            raise JournalError(tell("ended-nothing-noted"))
        if self._journal is not None and record_id:
            self._journal.move(self._account, record_id, state, self.run_id, self._clock(), outcome=outcome, **changes)

    def _refresh(self, record_id: str) -> None:
        if self._journal is not None:
            found = self._journal.record(self._account, record_id)
            if found is not None:
                self._known[record_key(record_id)] = found
