"""One record and one bot: what is asked of the bot, in which order, and what its answer means for the row."""

from __future__ import annotations

import datetime as dt
import inspect
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from xlkijiji.errors import InventoryError, XlkijijiError
from xlkijiji.inventory import POSTED, Record, cell_text, error_status, is_unsure, posted_status

__all__ = ["Attempt", "Bot", "BotPort", "Neighbours", "Outcome"]

log = logging.getLogger(__name__)

SYSTEM_ERROR = "System error"
ENDING_KINDS = frozenset({"batch", "person", "inventory", "settings"})
"""Kinds of errors (`errors.XlkijijiError.kind`) after which the other rows would fail too."""

WHAT_TO_DO = (
    "Look at My Ads: if the ad is there, type Posted into this cell; if it isn't, clear the cell and post again."
)


class Bot(Protocol):
    """What posts ads. Only `post_ad` is needed; `BotPort` lists what else is used where a bot has it."""

    @property
    def post_ad(self) -> Callable[..., Mapping[str, Any]]:
        """`post_ad(record)` posts one ad; it gives `success`, `message`, `ad_url`, and maybe `ad_id`, `error_kind`."""


class BotPort:
    """A bot, with what it can do found out once.

    Used where they exist: `login() -> bool`, `logout()`, `check(record) -> list of problems`,
    `find_ad(record) -> mapping, or None when the ad is surely not on the site` (with the keyword `ids_before`: ids of
    ads that aren't this record's), `delete_ad(ad_id)`, and the keyword `before_submit` of `post_ad`: a callable that
    the bot calls right before the click that can't be undone. A bot without it has its word taken: whatever error it
    raises means that nothing was submitted. An interrupt isn't its word: then nobody knows.

    Raises InventoryError for an object without `post_ad`.
    """

    def __init__(self, bot: Any) -> None:
        self._bot = bot
        if not callable(getattr(bot, "post_ad", None)):
            raise InventoryError("Nothing can be posted: the bot has no post_ad(record). Give run_batch one that has.")
        named, self._takes_before_submit = _takes_keyword(self._bot.post_ad, "before_submit")
        self.tells_submit = named
        """Does the bot say when it submits? One that takes any keyword may never call it."""

    def has(self, name: str) -> bool:
        """Can the bot do this?"""
        return callable(getattr(self._bot, name, None))

    def login(self) -> bool:
        """Sign in where that is a thing; True also for a bot that needs none."""
        return not self.has("login") or self._bot.login() is not False

    def logout(self) -> None:
        """Sign out where that is a thing."""
        if self.has("logout"):
            self._bot.logout()

    def check(self, record: Record) -> list[object]:
        """The site's own objections to `record`, known before a browser starts."""
        return list(self._bot.check(record) or ()) if self.has("check") else []

    def find_ad(self, record: Record, ids_of_others: Collection[str] = ()) -> Any:
        """The ad of `record` on the site, as the bot gives it; `ids_of_others` are known to be other ads."""
        _named, taken = _takes_keyword(self._bot.find_ad, "ids_before")
        return self._bot.find_ad(record, ids_before=ids_of_others) if taken else self._bot.find_ad(record)

    def delete_ad(self, ad_id: str) -> Any:
        """Take an ad off the site; what the bot says to it."""
        return self._bot.delete_ad(ad_id)

    def post_ad(self, record: Record, before_submit: Callable[..., None]) -> Any:
        """Post, and be told right before the click where the bot can tell."""
        if self._takes_before_submit:
            return self._bot.post_ad(record, before_submit=before_submit)
        return self._bot.post_ad(record)


def _takes_keyword(function: Callable[..., Any], name: str) -> tuple[bool, bool]:
    """Has `function` a parameter of this name; and may it be given at all, also by a `**` that takes everything?"""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some callables written in C don't say
        return False, False
    parameter = parameters.get(name)
    named = parameter is not None and parameter.kind in {
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    }
    return named, named or any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())


@dataclass(frozen=True)
class Neighbours:
    """What is known of the other rows' ads, when a row looks for its own."""

    ad_ids: frozenset[str] = frozenset()
    namesake: bool = False
    """Another row with the same title may be on the site, and which ad is its is not known."""


@dataclass(frozen=True)
class Outcome:
    """How it went for one record."""

    success: bool
    message: str
    status: str
    """For the row's `posting_status`."""
    error_kind: str | None = None
    """`kind` of the error (see `errors`), `system` for an unforeseen one, None when posted."""
    ad_id: str = ""
    ad_url: str = ""
    old_ad_gone: bool = False
    """The row's former ad was taken off the site in this attempt."""

    @property
    def ends_run(self) -> bool:
        """Would the rows after this one fail for the same reason?"""
        return self.error_kind in ENDING_KINDS

    @classmethod
    def failed(cls, message: str, kind: str) -> Outcome:
        """Not posted; nothing of this attempt is on the site."""
        return cls(False, message, error_status(message), kind)

    @classmethod
    def unsure(cls, reason: str, kind: str = "unknown") -> Outcome:
        """Perhaps posted. A row with this status is never posted again before the site was looked at."""
        reason = reason.strip()
        # a bot's own sentence begins with the word already, and says what to look at
        message = reason if reason.startswith("Unsure") else f"Unsure – {reason} {WHAT_TO_DO}"
        return cls(False, message, error_status(message), kind)


class Attempt:
    """One try to post one record. At any moment, also in an interrupt, it can tell what is known (`interrupted`)."""

    def __init__(
        self,
        port: BotPort,
        record: Record,
        today: Callable[[], dt.date],
        step: Callable[[str], None] = lambda _text: None,
        neighbours: Callable[[], Neighbours] = Neighbours,
    ) -> None:
        self._port = port
        self._record = record
        self._today = today
        self._step = step
        self._neighbours = neighbours
        self._handed_over = False
        self._submitted = False
        self._old_ad_gone = False
        self._outcome: Outcome | None = None

    def carry_out(self, status: object = "", old_ad_id: str = "") -> Outcome:
        """Post the record.

        `status` is what the row says so far: after an unknown outcome the site is looked at first. `old_ad_id` is an
        ad that the new one replaces: it is deleted first, so that the site never shows two for one row. Raises
        nothing but what isn't an `Exception`.
        """
        try:
            outcome = self._settle_earlier(status) if is_unsure(status) else self._remove_old(status, old_ad_id)
            if outcome is None:
                outcome = self._post()
        except XlkijijiError as error:
            outcome = self._foreseen(error.kind, str(error))
        except Exception:
            log.exception("record %s: unforeseen error", self._record.record_id)
            outcome = self._unforeseen()
        self._outcome = replace(outcome, old_ad_gone=True) if self._old_ad_gone else outcome
        return self._outcome

    def interrupted(self) -> Outcome | None:
        """What became of the record when an interrupt broke off `carry_out`; None when the row is as it was."""
        if self._outcome is not None:
            return self._outcome
        # a bot that doesn't tell of the click may have made it or not: to ask is better than to post twice
        if self._submitted or (self._handed_over and not self._port.tells_submit):
            doing = "submitted" if self._submitted else "posted"
            outcome = Outcome.unsure(f"the run was interrupted while the ad was being {doing}.")
            return replace(outcome, old_ad_gone=self._old_ad_gone)
        if self._old_ad_gone:
            text = (
                "The run was interrupted when the old ad was gone and the new one not yet posted. Post this row again."
            )
            return replace(Outcome.failed(text, "interrupted"), old_ad_gone=True)
        return None

    def _settle_earlier(self, status: object) -> Outcome | None:
        """Look for the ad of an attempt whose outcome nobody saw; None when it is surely not there."""
        if not self._port.has("find_ad"):
            return self._still_unsure(status, "It is not known whether an earlier run posted this ad.")
        self._step("Looking for the ad on the site…")
        try:
            others = self._neighbours()
            found = self._port.find_ad(self._record, others.ad_ids)
        except XlkijijiError as error:
            kind = error.kind if error.kind in ENDING_KINDS else "unknown"
            return self._still_unsure(status, f"The ad could not be looked for: {error}", kind)
        except Exception:
            log.exception("record %s: looking for its ad failed", self._record.record_id)
            return self._still_unsure(status, "The ad could not be looked for on the site.")
        if found is None:
            return None
        if isinstance(found, Mapping) and found and found.get("success") is not False:
            ad_id = cell_text(found.get("ad_id"))
            if ad_id in others.ad_ids:
                return self._still_unsure(status, f"The ad {ad_id} was found, but it is another row's.")
            if others.namesake:
                return self._still_unsure(status, "An ad was found, but another row has the same title.")
            return self._posted(found, "An earlier run posted this ad; it was found on the site.")
        return self._still_unsure(status, "The site doesn't say for sure whether an earlier run posted this ad.")

    def _still_unsure(self, status: object, reason: str, kind: str = "unknown") -> Outcome:
        outcome = Outcome.unsure(reason, kind)
        text = cell_text(status)
        # the first explanation is the one that tells what happened, so it stays in the row
        return replace(outcome, status=text) if text.casefold().startswith("error") else outcome

    def _remove_old(self, status: object, old_ad_id: str) -> Outcome | None:
        if not old_ad_id or not self._port.has("delete_ad"):
            return None
        self._step("Removing the old ad…")
        kind, reason = "site", ""
        try:
            answer = self._port.delete_ad(old_ad_id)
            if isinstance(answer, Mapping):
                kind, reason = cell_text(answer.get("error_kind")) or kind, cell_text(answer.get("message"))
                self._old_ad_gone = bool(answer.get("success"))
            else:
                self._old_ad_gone = answer is not False
        except XlkijijiError as error:
            kind, reason = error.kind, str(error)
        except Exception:
            log.exception("record %s: removing its old ad %s failed", self._record.record_id, old_ad_id)
            kind, reason = "system", SYSTEM_ERROR
        return None if self._old_ad_gone else _not_replaced(status, old_ad_id, kind, reason)

    def _post(self) -> Outcome:
        self._handed_over = True
        answer = self._port.post_ad(self._record, self._before_submit)
        if not isinstance(answer, Mapping):
            raise TypeError(f"post_ad gave {type(answer).__name__} instead of a dict")
        if answer.get("success"):
            return self._posted(answer, "Posted.")
        message = (
            cell_text(answer.get("message")) or "The site didn't post this ad and gave no reason. Try again later."
        )
        return self._foreseen(cell_text(answer.get("error_kind")) or "error", message, said_by_bot=True)

    def _before_submit(self, *_details: object, **_more: object) -> None:
        self._submitted = True
        self._step("Submitting the ad…")

    def _posted(self, answer: Mapping[str, Any], message: str) -> Outcome:
        return Outcome(
            True,
            cell_text(answer.get("message")) or message,
            posted_status(self._today()),
            ad_id=cell_text(answer.get("ad_id")),
            ad_url=cell_text(answer.get("ad_url")),
        )

    def _foreseen(self, kind: str, message: str, *, said_by_bot: bool = False) -> Outcome:
        # a SiteError means "before the submit"; one that comes after it contradicts itself, so nothing is sure
        contradiction = self._submitted and kind in {"site", "error"} and not said_by_bot
        if kind == "unknown" or contradiction:
            return Outcome.unsure(message)
        return Outcome.failed(message, kind)

    def _unforeseen(self) -> Outcome:
        if self._submitted:
            return Outcome.unsure("something unforeseen went wrong after the ad was submitted.", "system")
        return Outcome.failed(SYSTEM_ERROR, "system")


def _not_replaced(status: object, old_ad_id: str, kind: str, reason: str) -> Outcome:
    """The old ad is still on the site, so the row still says Posted: after an Error, the next run would post twice."""
    message = f"The old ad {old_ad_id} could not be removed, so no new one was posted. {reason}".strip()
    before = cell_text(status).split(" – not replaced")[0]
    before = before if before.startswith(POSTED) else POSTED
    return Outcome(False, message, f"{before} – not replaced: {message}"[:500], kind)
