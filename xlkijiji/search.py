"""Looking for the ad of a record whose outcome nobody saw: it is there, it's surely not there, or a person decides."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from xlkijiji.bot_port import BotPort
from xlkijiji.errors import UnknownOutcome, XlkijijiError
from xlkijiji.inventory import Record, cell_text, is_unsure
from xlkijiji.journal_record import JournalRecord
from xlkijiji.messages import tell
from xlkijiji.outcome import ENDING_KINDS, Outcome
from xlkijiji.plain_words import plain
from xlkijiji.surroundings import Surroundings

__all__ = ["LOOK_AGAIN_SECONDS", "Search"]

LOOK_AGAIN_SECONDS = 1.0
FIRST_LOOK_AGAIN_SECONDS = 0.25
"""An ad that isn't there is looked for at least twice: one look may fall into a bad moment."""
LATE_CLICK_SECONDS = 10.0
"""So long after the death of its run a person may still press the button that it waited for."""
TAKEN_OFF_AFTER = 10.0
"""After so many times the delay of the site's list, an ad whose number the site had shown isn't late but gone."""


class Search:
    """Looks for one record's ad. `ask` lets the bot that has the record do something, or one in its place."""

    def __init__(
        self, record: Record, around: Surroundings, ask: Callable[[Callable[[BotPort], Any]], Any], port: BotPort
    ) -> None:
        self._record = record
        self._around = around
        self._ask = ask
        self._can_look = port.has("find_ad")
        self._lists_ads = port.has("live_ads")
        self._listing_delay = port.listing_delay

    def outcome(self, status: object, known: JournalRecord | None) -> Outcome | None:
        """What became of the record; None when its ad is surely not on the site. `status` is what the row says so far.

        Raises what isn't foreseen.
        """
        if not self._can_look:
            return self.still_unsure(status, tell("not-known-whether-posted"))
        self._around.step(tell("looking-for-ad"))
        left, pause = self._seconds_to_show(known), FIRST_LOOK_AGAIN_SECONDS
        try:
            while (found := self._look(known)) is None and left > 0:
                pause = min(pause, left)
                self._around.sleep(pause)
                left, pause = left - pause, min(2 * pause, LOOK_AGAIN_SECONDS)
                if self._around.stopping():
                    return self.still_unsure(status, tell("stopped-before-ad-showed"))
        except XlkijijiError as error:
            kind = error.kind if error.kind in ENDING_KINDS else "unknown"
            return self.still_unsure(status, tell("ad-not-looked-for-because", error=error), kind)
        if found is None:
            shown = known.ad_id if known is not None and known.unsettled else ""
            if shown and self._seconds_since(known) < TAKEN_OFF_AFTER * self._listing_delay:
                text = tell("number-not-listed-yet", ad_id=shown)
                return self.still_unsure(status, text)
            return Outcome.taken_off(shown) if shown else None
        return self._recognised(status, {} if found is True else found, known, sure=found is True)

    def _look(self, known: JournalRecord | None) -> Any:
        """By the number that the site had shown for the ad, where it had; else as `find`."""
        number = known.ad_id if known is not None and known.unsettled else ""
        if not number or not self._lists_ads or number in self._ids_of_others(known):
            return self.find(known)
        if number not in self._ask(lambda port: port.live_ads()):
            return None
        try:
            found = self.find(known)  # it may know the ad's address
        except UnknownOutcome:  # several have the title
            found = None
        named = isinstance(found, Mapping) and cell_text(found.get("ad_id")) == number
        return found if named else {"ad_id": number, "ad_url": known.ad_url if known is not None else ""}

    def is_absent(self, known: JournalRecord | None, ad_id: str) -> bool:
        """Is the record's ad with this number not there, for as long as a list may lag behind?

        False also when the run is to stop before that is sure. Raises what the bot raises.
        """
        left, pause = max(self._listing_delay, FIRST_LOOK_AGAIN_SECONDS), FIRST_LOOK_AGAIN_SECONDS
        while not (there := self._is_listed(known, ad_id)) and left > 0:
            pause = min(pause, left)
            self._around.sleep(pause)
            left, pause = left - pause, min(2 * pause, LOOK_AGAIN_SECONDS)
            if self._around.stopping():
                return False
        return not there

    def _is_listed(self, known: JournalRecord | None, ad_id: str) -> bool:
        if self._lists_ads:
            return ad_id in self._ask(lambda port: port.live_ads())
        return self.find(known, ad_id) is not None

    def find(self, known: JournalRecord | None, own: str = "") -> Any:
        """What the bot finds; None for nothing. `own` is surely not another record's. Raises what the bot raises."""
        ids, record = self._ids_of_others(known) - {own}, self._as_it_was(known)
        found = self._ask(lambda port: port.find_ad(record, ids))
        return None if found is False else found

    def still_unsure(self, status: object, reason: str, kind: str = "unknown") -> Outcome:
        """Nobody knows any more than before."""
        outcome = Outcome.unsure(reason, kind)
        text = cell_text(status)
        # the first explanation is the one that tells what happened, so it stays in the row
        return replace(outcome, status=text) if is_unsure(text) and text.casefold().startswith("error") else outcome

    def _seconds_to_show(self, known: JournalRecord | None) -> float:
        """For how long an ad may still be on its way to My Ads.

        It is the whole time when the click may still come, and as much when the clock was set back.
        """
        delay = self._listing_delay
        if known is None or not known.submitted_at or not known.unsettled:
            return delay  # nobody knows when
        to_come = (dt.datetime.fromisoformat(known.submitted_at) - self._around.now()).total_seconds()
        if to_come > 0:
            return delay + min(to_come, LATE_CLICK_SECONDS)
        return max(delay - self._seconds_since(known), min(delay, FIRST_LOOK_AGAIN_SECONDS))

    def _seconds_since(self, known: JournalRecord | None) -> float:
        """How long ago the record was submitted; 0 by a clock that was set back."""
        if known is None or not known.submitted_at:
            return 0.0
        return max(0.0, (self._around.now() - dt.datetime.fromisoformat(known.submitted_at)).total_seconds())

    def _as_it_was(self, known: JournalRecord | None) -> Record:
        """The record with the title that its ad has: a person may have changed the cell since."""
        if known is None or not known.title:
            return self._record
        record = copy.copy(self._record)
        record["title"] = known.title
        return record

    def _ids_of_others(self, known: JournalRecord | None) -> frozenset[str]:
        before = known.known_before if known is not None else frozenset()
        return self._around.neighbours().ad_ids | before

    def _recognised(self, status: object, found: Any, known: JournalRecord | None, *, sure: bool) -> Outcome:
        says = isinstance(found, Mapping) and any(cell_text(found.get(name)) for name in ("ad_id", "ad_url"))
        if isinstance(found, Mapping) and (sure or says or found.get("removed")) and found.get("success") is not False:
            ad_id = cell_text(found.get("ad_id"))
            if ad_id and ad_id in self._ids_of_others(known):
                return self.still_unsure(status, tell("found-anothers", ad_id=ad_id))
            if found.get("removed"):
                return Outcome.taken_off(ad_id)
            if known is not None and known.state == "planned" and known.ids_before is None:
                # by the journal nothing was submitted, and which ads were there before is not known
                return self.still_unsure(status, tell("has-its-title", ad_id=ad_id))
            is_its_number = known is not None and known.unsettled and ad_id == known.ad_id != ""
            if self._around.neighbours().namesake and not is_its_number:
                return self.still_unsure(status, tell("found-with-namesake"))
            text = plain(found.get("message")) or tell("earlier-run-posted")
            return Outcome.posted(text, self._around.now().date(), ad_id, found.get("ad_url"))
        return self.still_unsure(status, tell("site-does-not-say"))
