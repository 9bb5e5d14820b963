"""How it went for one record: what its row, the journal and the result of the run make of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlkijiji.cell_values import on_one_line
from xlkijiji.inventory import POSTED, Record, cell_text, error_status, posted_status
from xlkijiji.journal_record import State
from xlkijiji.messages import tell
from xlkijiji.plain_words import plain, plain_or_unknown

__all__ = ["ENDING_KINDS", "NOT_REPLACED", "REMARK", "SYSTEM_ERROR", "Outcome", "result_entry"]

SYSTEM_ERROR = "System error"
ENDING_KINDS = frozenset({"batch", "browser", "person", "inventory", "settings", "journal"})
"""Kinds of errors (`errors.XlkijijiError.kind`) after which the other rows would fail too."""

NOT_REPLACED = " – not replaced"
"""Between the status of an ad that stays for now, and why."""
REMARK = " – "
"""Between the status of an ad that is posted and what a person has to look at all the same."""
UNSURE_WORD = "Unsure"
"""With which the message about an unsure outcome begins, in every language."""


@dataclass(frozen=True)
class Outcome:
    """How it went for one record."""

    success: bool
    message: str
    status: str
    """For the row's `posting_status`."""
    state: State = "failed"
    """Of the record in the journal."""
    error_kind: str | None = None
    """`kind` of the error (see `errors`), `system` for an unforeseen one, None when posted."""
    ad_id: str = ""
    ad_url: str = ""
    old_ad_gone: bool = False
    """The row's former ad was taken off the site in this attempt."""
    code: str = ""
    """Of an unforeseen error: the same fault has the same one, in the row and in the log."""
    tries: int = 1
    """How often the bot had the record in this run; 0 when it was not handed to the bot."""
    waited: bool = False
    """With kind person: the bot has waited already, or nobody can see its browser."""
    evidence: str = ""
    """Where a picture of the page lies on which it failed; '' when there is none."""
    shared: bool = False
    """Several rows have the stock number: what is said of this row tells nothing of the record or its ad."""
    remarks: tuple[str, ...] = ()
    """What only posting could show, and a person should know of an ad that is live."""
    browser_gone: bool = False
    """After the click the browser went away, so that no other one could be asked to do the same."""

    @property
    def ends_run(self) -> bool:
        """Would the rows after this one fail for the same reason?"""
        return self.error_kind in ENDING_KINDS

    @property
    def last_error(self) -> str:
        """For the row's `last_error`; when posted, what only posting could show."""
        if self.success:
            return "\n".join(tell("warning", text=text) for text in self.remarks)
        text = self.message
        if self.code:
            # the other messages with a code say what to do by themselves
            key = "with-code-unforeseen" if self.message == SYSTEM_ERROR else "with-code"
            text = tell(key, text=self.message, code=self.code)
        return tell("with-picture", text=text, path=self.evidence) if self.evidence else text

    @classmethod
    def failed(cls, message: str, kind: str) -> Outcome:
        """Not posted; nothing of this attempt is on the site."""
        message = plain_or_unknown(message)
        return cls(False, message, error_status(message), "failed", kind)

    @classmethod
    def unforeseen(cls, error: Exception) -> Outcome:
        """Nobody foresaw `error`, and nothing was submitted."""
        return cls(False, SYSTEM_ERROR, error_status(SYSTEM_ERROR), "failed", "system", code=fault_code(error))

    @classmethod
    def unsure(cls, reason: str, kind: str = "unknown", *, ad_id: str = "", code: str = "") -> Outcome:
        """Perhaps posted. A row with this status is never posted again before the site was looked at."""
        reason = plain_or_unknown(reason)
        # a bot's own sentence begins with the word already, and says what to look at
        message = (
            reason if reason.startswith(UNSURE_WORD) else f"{UNSURE_WORD} – {reason} {tell('what-to-do-when-unsure')}"
        )
        return cls(False, message, error_status(message), "uncertain", kind, ad_id=ad_id, code=code)

    @classmethod
    def posted(
        cls,
        message: str,
        day: dt.date,
        ad_id: object = "",
        ad_url: object = "",
        warning: object = "",
        remarks: object = (),
    ) -> Outcome:
        """Seen on the site. `warning` is what a person has to look at all the same, `remarks` what they should know."""
        text = plain(warning)
        status = f"{posted_status(day)}{REMARK}{text}"[:500] if text else posted_status(day)
        said = map(plain, remarks) if isinstance(remarks, list | tuple) else ()
        return cls(
            True,
            plain(message) or tell("posted"),
            status,
            "posted",
            ad_id=cell_text(ad_id),
            ad_url=cell_text(ad_url),
            remarks=tuple(dict.fromkeys(on_one_line(one) for one in said if one)),
        )

    @classmethod
    def taken_off(cls, ad_id: str, *, heeded: bool = False) -> Outcome:
        """The site had accepted the ad, and then removed it: what it does with a duplicate [docs/site.md].

        `heeded`: a person's 'Error: not there' counted once already, so that the next one must look otherwise.
        """
        ad = f" {ad_id}" if ad_id else ""
        message = tell("taken-off-again", ad=ad) if heeded else tell("taken-off", ad=ad)
        return cls(False, message, f"Removed – {message}", "removed", "removed", ad_id=ad_id)

    @classmethod
    def not_replaced(cls, status: object, old_ad_id: str, kind: str, reason: str) -> Outcome:
        """The old ad is still there, so the row still says Posted: after an Error, the next run would post twice."""
        ad = f" {old_ad_id}" if old_ad_id else ""
        message = tell("old-ad-stays", ad=ad, reason=plain(reason)).strip()
        return cls.kept(status, message, kind, old_ad_id)

    @classmethod
    def kept(cls, status: object, message: str, kind: str, old_ad_id: str = "") -> Outcome:
        """The row's live ad was to be replaced, and stays for now."""
        before = cell_text(status).split(NOT_REPLACED)[0]
        before = before if before.startswith(POSTED) else POSTED
        return cls(False, message, f"{before}{NOT_REPLACED}: {message}"[:500], "posted", kind, ad_id=old_ad_id, tries=0)


def fault_code(error: BaseException) -> str:
    """Four characters that name the place in the program where `error` arose, and its type."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].name}" if frames else ""
    return hashlib.sha256(f"{type(error).__name__} {place}".encode()).hexdigest()[:4].upper()


def result_entry(
    record: Record,
    outcome: Outcome,
    when: dt.datetime,
    seconds: float,
    attempts: int | None = None,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """One entry of `results`; `seconds` is how long the bot had the record, `attempts` its tries in all runs."""
    return {
        "success": outcome.success,
        "message": outcome.message,
        "status_update": outcome.status,
        "ad_url": outcome.ad_url or None,
        "ad_id": outcome.ad_id or None,
        "record_id": record.record_id,
        "row": record.row,
        "timestamp": when.isoformat(timespec="seconds"),
        "duration_s": round(seconds, 3),
        "error_kind": outcome.error_kind,
        "error_code": outcome.code or None,
        "last_error": outcome.last_error or None,
        "evidence": outcome.evidence or None,
        "tries": outcome.tries,
        "attempts": outcome.tries if attempts is None else attempts,
        "warnings": list(dict.fromkeys([*warnings, *outcome.remarks])),
        "posted_at": when.isoformat(timespec="seconds") if outcome.success else None,
    }
