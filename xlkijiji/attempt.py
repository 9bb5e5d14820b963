"""One record and one bot: what is asked of the bot, in which order, and what its answer means for the record."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import tenacity

from xlkijiji.bot_port import BotPort
from xlkijiji.errors import BrowserGone, JournalError, PersonNeeded, SiteError, UnknownOutcome, XlkijijiError
from xlkijiji.inventory import BY_NAME, IN_HAND, Record, cell_number, cell_text
from xlkijiji.messages import tell
from xlkijiji.outcome import ENDING_KINDS, Outcome, fault_code
from xlkijiji.plain_words import plain
from xlkijiji.search import Search
from xlkijiji.surroundings import Surroundings

__all__ = ["Attempt"]

log = logging.getLogger(__name__)

T = TypeVar("T")

NOT_POSTED_KINDS = frozenset({"record", "batch", "draft"})
"""What a bot may say after the click and be believed: the site refused the ad, or nobody pressed; it isn't there."""


class _Given(Exception):  # never leaves this module: a failed answer on its way to where errors are judged
    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(plain(answer.get("message")))
        self.answer = answer


class Attempt:
    """One run's dealing with one record. At any moment, also in an interrupt, it can tell what is known."""

    def __init__(self, port: BotPort, record: Record, around: Surroundings) -> None:
        self.port = port
        self._record = record
        self._around = around
        self._search = Search(record, around, self._with_a_bot, port)
        self._tries = 0
        self._submitted = False
        self._tells = port.tells_submit
        """Has the bot a way to say that it submits, or has it said so?"""
        self._abandoned = False
        self._at_the_click = threading.Lock()
        self._old_ad_gone = False
        self._outcome: Outcome | None = None

    # --- what a run asks for

    def settle(self, status: object) -> Outcome | None:
        """Look for the ad of an attempt whose outcome nobody saw; None when it's surely not there: it may be posted.

        `status` is what the row says so far. Raises nothing but what isn't an `Exception`.
        """
        known = self._around.ledger.known(self._record.record_id)
        try:
            outcome = self._search.outcome(status, known)
            if outcome is None and (known is None or known.state != "posted"):
                self._around.ledger.not_submitted(self._record.record_id, "it was looked for, and isn't on the site")
        except JournalError as error:
            outcome = Outcome.unsure(str(error), error.kind)
        except Exception as error:
            code = fault_code(error)
            log.exception("record %s: looking for its ad failed, code %s", self._record.record_id, code)
            outcome = self._search.still_unsure(status, tell("ad-not-looked-for"))
        if outcome is not None:
            self._outcome = replace(outcome, tries=0)
        return self._outcome

    def post(self, status: object = "", old_ad_id: str | None = None) -> Outcome:
        """Post the record, after its old ad is taken off where it has one ('' when its number is not known).

        Raises as `settle`.
        """
        try:
            outcome = None if old_ad_id is None else self._remove_old(status, old_ad_id)
            outcome = outcome or self._post_with_patience()
        except Exception as error:  # noqa: BLE001 — judged there, and what nobody foresaw is logged with its traceback
            outcome = self._judged(error)
        self._outcome = replace(outcome, tries=self._tries, old_ad_gone=self._old_ad_gone)
        return self._outcome

    def interrupted(self) -> Outcome | None:
        """What became of the record when an interrupt broke this off; None when the row is as it was."""
        if self._outcome is not None:
            return self._outcome
        # a bot that doesn't tell of the click may have made it or not: to ask is better than to post twice
        if self._submitted:
            text = tell("interrupted-at-submit") if self._tells else tell("interrupted-at-post")
            outcome = Outcome.unsure(text)
            return replace(outcome, old_ad_gone=self._old_ad_gone, tries=self._tries)
        if self._old_ad_gone:
            text = tell("interrupted-between")
            return replace(Outcome.failed(text, "interrupted"), old_ad_gone=True, tries=self._tries)
        return None

    def abandon(self) -> Outcome | None:
        """Give up waiting for a bot in another thread, which from here on can't submit; as `interrupted`."""
        with self._at_the_click:
            self._abandoned = True
        return self.interrupted()

    # --- the old ad

    def _remove_old(self, status: object, old_ad_id: str) -> Outcome | None:
        """Take the old ad off first, so that the site never shows two for one row; None when the way is free."""
        name = self._record.record_id
        if not old_ad_id and self.port.has("find_ad"):
            known = self._around.ledger.known(name)
            found, kind, reason = self._asked(lambda: self._search.find(known))
            if kind:
                return Outcome.not_replaced(status, "", kind, reason)
            old_ad_id = cell_text(found.get("ad_id")) if isinstance(found, Mapping) else ""
            if old_ad_id and self._around.neighbours().namesake:
                reason = tell("may-be-anothers")
                return Outcome.not_replaced(status, "", "record", reason)
        if not old_ad_id or not self.port.has("delete_ad"):
            reason = tell("bot-cannot-delete") if old_ad_id else tell("old-ad-unknown", column=BY_NAME["ad_id"].header)
            return Outcome.not_replaced(status, old_ad_id, "record", reason)
        self._around.step(tell("removing-old-ad"))
        if self._abandoned:
            raise JournalError(tell("ended-nothing-deleted"))
        self._around.ledger.replacing(name, old_ad_id, cell_text(status))
        answer, kind, reason = self._asked(lambda: self._with_a_bot(lambda port: port.delete_ad(old_ad_id)))
        if isinstance(answer, Mapping):
            kind, reason = cell_text(answer.get("error_kind")), plain(answer.get("message"))
            self._old_ad_gone = bool(answer.get("success"))
        else:
            self._old_ad_gone = answer is None or answer is True
        if not self._old_ad_gone and kind not in ENDING_KINDS:
            self._old_ad_gone = self._is_gone(old_ad_id)
        if not self._old_ad_gone:
            return Outcome.not_replaced(status, old_ad_id, kind or "site", reason)
        self._around.ledger.old_ad_gone(name)
        return None

    def _asked(self, action: Callable[[], Any]) -> tuple[Any, str, str]:
        """What `action` gives of the old ad, '' and ''; where it raises False, the error's kind and its sentence."""
        try:
            return action(), "", ""
        except XlkijijiError as error:
            return False, error.kind, str(error)
        except Exception as error:
            name, code = self._record.record_id, fault_code(error)
            log.exception("record %s: its old ad could not be dealt with, code %s", name, code)
            return False, "system", tell("system-error-code", code=code)

    def _is_gone(self, ad_id: str) -> bool:
        """After a delete that failed: was the old ad gone before, in a run that was killed meanwhile?"""
        known = self._around.ledger.known(self._record.record_id)
        if known is None or not self.port.has("find_ad"):
            return False
        gone, kind, _reason = self._asked(lambda: self._search.is_absent(known, ad_id))
        return bool(gone) and not kind

    # --- the new one

    def _post_with_patience(self) -> Outcome:
        """Try again what may pass: a hiccup of the site soon, a person's part until it is done."""
        first = self._post_once()
        if first.error_kind not in {"site", "person"}:
            return first
        before = [first]
        patience, sleep = self._around.patience, self._around.sleep
        hiccups: tenacity.Retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda one: self._may_try_again(one, "site")),
            stop=tenacity.stop_after_attempt(max(1, patience.site_tries)),
            wait=tenacity.wait_exponential_jitter(multiplier=patience.first_wait, max=patience.longest_wait),
            sleep=sleep,
            retry_error_callback=_last_outcome,
            before_sleep=lambda _state: self._around.step(tell("again-soon")),
        )
        person: tenacity.Retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda one: self._may_try_again(one, "person") and not one.waited),
            stop=lambda state: state.idle_for + patience.person_poll > patience.person_timeout,
            wait=tenacity.wait_fixed(patience.person_poll),
            sleep=sleep,
            retry_error_callback=_last_outcome,
            before_sleep=lambda state: self._around.step(tell("waiting-because", reason=_last_outcome(state).message)),
        )
        outcome: Outcome = person(hiccups, lambda: before.pop() if before else self._post_once())
        return outcome

    def _may_try_again(self, outcome: Outcome, kind: str) -> bool:
        return outcome.error_kind == kind and not self._told_submit and not self._around.stopping()

    def _post_once(self) -> Outcome:
        try:
            answer = self._with_a_bot(self._hand_over)
        except Exception as error:  # noqa: BLE001 — same
            if not self._tells:
                self._submitted = False  # its word is taken: nothing was submitted
            return self._judged(error)
        return Outcome.posted(
            plain(answer.get("message")),
            self._around.now().date(),
            answer.get("ad_id"),
            answer.get("ad_url"),
            answer.get("warning"),
            answer.get("remarks"),
        )

    def _hand_over(self, port: BotPort) -> Mapping[str, Any]:
        if self._tries and not self._tells:
            self._around.ledger.not_submitted(self._record.record_id, "the bot said so")
            self._submitted = False
        self._tries += 1
        if not self._tells:
            self._note_submit(None)  # it may happen at any moment from here on
        answer = port.post_ad(self._record, self._before_submit, self._around.stopping)
        if not isinstance(answer, Mapping) or "success" not in answer:
            if not self._tells:  # it may have posted: to ask is better than to post twice
                raise UnknownOutcome(tell("bot-did-not-say"))
            raise TypeError(f"post_ad gave {type(answer).__name__} instead of a dict with 'success'")
        if answer.get("success"):
            return answer
        if cell_text(answer.get("error_kind")) == BrowserGone.kind and not self._told_submit:
            raise BrowserGone(plain(answer.get("message")) or tell("browser-has-gone"))
        raise _Given(answer)

    @property
    def _told_submit(self) -> bool:
        """Has the bot said that it submits? One that can't tell has its word taken for what it raises."""
        return self._submitted and self._tells

    def _with_a_bot(self, action: Callable[[BotPort], T]) -> T:
        """What `action` gives; once more with another bot when this one's browser goes before the click."""
        try:
            return action(self.port)
        except BrowserGone as error:
            other = None if self._told_submit else self._around.another_bot(self.port)
            if other is None:
                raise
            log.warning("record %s: another bot takes over: %s", self._record.record_id, error)
            self.port = other
            return action(other)

    def _before_submit(self, *details: object, **more: object) -> None:
        """What a bot calls right before the click: on return the intent is on the disk. What it raises forbids it."""
        self._tells = True
        if self._submitted and (title := cell_text(more.get("title"))):
            with self._at_the_click:
                self._refuse_if_abandoned()
                self._around.ledger.retitled(self._record.record_id, title)
            return
        within = max(0.0, cell_number(more.get("within")) or 0.0)
        self._note_submit(more.get("ids_before", details[0] if details else None), within)
        self._around.step(IN_HAND if not within else tell("waiting-for-click"))

    def _refuse_if_abandoned(self) -> None:
        if self._abandoned:
            raise JournalError(tell("ended-nothing-submitted"))

    def _note_submit(self, ids: object, within: float = 0.0) -> None:
        with self._at_the_click:
            self._refuse_if_abandoned()
            before = list(ids) if isinstance(ids, Iterable) and not isinstance(ids, (str, bytes)) else None
            # a bot that wasn't expected to tell may do so now, and another one clicks twice
            if before is not None or not self._submitted:
                self._around.ledger.submitting(self._record, before, within)
            self._submitted = True

    # --- what an error means

    def _judged(self, error: Exception) -> Outcome:
        if isinstance(error, _Given):
            evidence = cell_text(error.answer.get("evidence"))
            return replace(self._judged_answer(error.answer), evidence=evidence)
        return replace(self._judged_error(error), evidence=cell_text(getattr(error, "evidence", "")))

    def _judged_error(self, error: Exception) -> Outcome:
        if isinstance(error, XlkijijiError):
            # a SiteError means "before the submit"; one that comes after it contradicts itself, so nothing is sure
            contradiction = self._told_submit and error.kind not in NOT_POSTED_KINDS
            if isinstance(error, UnknownOutcome) or contradiction:
                # whether a browser that went away ends the run is for the run to say
                kind = error.kind if error.kind in ENDING_KINDS - {BrowserGone.kind} else "unknown"
                ad_id = error.ad_id if isinstance(error, UnknownOutcome) else ""
                gone = isinstance(error, BrowserGone) or (isinstance(error, UnknownOutcome) and error.browser_gone)
                return replace(Outcome.unsure(str(error), kind, ad_id=ad_id), browser_gone=gone)
            waited = isinstance(error, PersonNeeded) and error.waited
            return replace(Outcome.failed(str(error), error.kind), waited=waited)
        code = fault_code(error)
        log.error("record %s: unforeseen error, code %s", self._record.record_id, code, exc_info=error)
        if self._told_submit:
            reason = tell("unforeseen-after-submit")
            return Outcome.unsure(reason, "system", code=code)
        return Outcome.unforeseen(error)

    def _judged_answer(self, answer: Mapping[str, Any]) -> Outcome:
        """A failure that the bot gave instead of raising it."""
        kind = plain(answer.get("error_kind")) or "error"
        message = plain(answer.get("message")) or tell("no-reason-given")
        gone = bool(answer.get("browser_gone"))
        if kind == UnknownOutcome.kind:
            return replace(Outcome.unsure(message, ad_id=cell_text(answer.get("ad_id"))), browser_gone=gone)
        if self._told_submit and kind in {SiteError.kind, BrowserGone.kind}:
            return replace(Outcome.unsure(message), browser_gone=gone or kind == BrowserGone.kind)
        if self._told_submit and kind == PersonNeeded.kind:
            # what waits for the person may be what keeps the ad from going on, or may come after it
            return Outcome.unsure(message, kind)
        if self._told_submit and kind not in NOT_POSTED_KINDS:
            # it has clicked, and says no more than that it failed: the site knows better
            return self._seen_after_failure(message)
        return Outcome.failed(message, kind)

    def _seen_after_failure(self, message: str) -> Outcome:
        known = self._around.ledger.now(self._record.record_id)
        if not self.port.has("find_ad"):
            return Outcome.unsure(message)
        found = self._search.outcome("", known)
        return Outcome.failed(message, "error") if found is None else found


def _last_outcome(state: tenacity.RetryCallState) -> Outcome:
    assert state.outcome is not None  # noqa: S101 — tenacity asks after a try, never before
    outcome: Outcome = state.outcome.result()
    return outcome
