"""What a journal holds of one record: its state, the moves between them, and how records and accounts are compared."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["MOVES", "JournalRecord", "State", "account_key", "record_key", "stored", "word_key"]

State = Literal["planned", "submitting", "posted", "failed", "uncertain", "removed"]

MOVES: Mapping[State | None, frozenset[State]] = MappingProxyType(
    {
        None: frozenset({"planned"}),
        "planned": frozenset({"planned", "submitting", "posted", "failed", "uncertain"}),
        "submitting": frozenset({"planned", "submitting", "posted", "failed", "uncertain", "removed"}),
        "posted": frozenset({"posted", "removed"}),
        "failed": frozenset({"planned"}),
        "uncertain": frozenset({"planned", "posted", "uncertain", "removed"}),
        "removed": frozenset({"planned", "removed"}),
    }
)
"""From each state (None: the journal has never heard of the record) to those that may follow it."""


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """What the journal knows of one record of one account. Times are ISO 8601 with their zone, '' when not yet."""

    account: str
    record_id: str
    state: State
    run_id: str
    updated_at: str
    title: str = ""
    content_hash: str = ""
    ad_id: str = ""
    ad_url: str = ""
    posted_at: str = ""
    submitted_at: str = ""
    ids_before: str | None = None
    attempts: int = 0
    reason: str = ""
    error_kind: str = ""
    retryable: bool = True
    replaced_status: str | None = None
    words: str = ""
    """What a person typed into the row's status, and what was heeded: a line each. A sheet may say it again later."""

    def heeded(self, status: str) -> bool:
        """Was a person's word in the status heeded once? Then it says nothing of a click that came after it."""
        return word_key(status) in self.words.split("\n")

    @property
    def known_before(self) -> frozenset[str]:
        """Ids that stood under My Ads before the click, so none of them is this record's ad."""
        return frozenset(json.loads(self.ids_before)) if self.ids_before else frozenset()

    @property
    def unsettled(self) -> bool:
        """Was it submitted, and nobody has seen what became of it?"""
        return self.state in {"submitting", "uncertain"}

    @property
    def taken_off(self) -> bool:
        """Had the site accepted its ad, and then removed it?"""
        return self.state == "removed" and self.error_kind == "removed"


def record_key(record_id: str) -> str:
    """How a record id is compared: without capitals, as `BT1` and `bt1` are one item typed twice.

    A whole number is the same with `.0` behind it, which programs write that take a column for numbers.
    """
    return re.sub(r"^(\d+)\.0+$", r"\1", stored(record_id).strip().casefold())


def account_key(account: str) -> str:
    """How the journal knows an account: sites don't heed the capitals of an e-mail address, and people type both."""
    return stored(account).strip().casefold()


def word_key(status: str) -> str:
    """How a person's word in a status is compared."""
    return " ".join(stored(status).casefold().split())


def stored(text: str) -> str:
    """`text` as SQLite can keep it: a cell or a file's name may hold half a character."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
