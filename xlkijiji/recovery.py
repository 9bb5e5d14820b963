"""What a run has to do with each row, from what the sheet says and what the journal knows.

A sheet may lag behind: a run was killed, the workbook closed without saving, an old copy opened. So where the journal
has heard of a record its word counts, and the sheet's status is a person's wish.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from xlkijiji.inventory import POSTED, cell_text, error_status, in_hand_status, is_new, is_unsure, posted_status
from xlkijiji.journal_record import JournalRecord, record_key
from xlkijiji.ledger import Ledger
from xlkijiji.messages import tell
from xlkijiji.outcome import NOT_REPLACED, Outcome
from xlkijiji.records import Records
from xlkijiji.surroundings import Neighbours

__all__ = ["NOT_THERE", "Neighbourhood", "Plan", "known_outcome", "make_plan"]

NOT_THERE = "error: not there"
"""What a person types into an unsure row, having seen that its ad isn't on the site; or into one whose ad the site
removed, so that it's posted again."""


NOT_AGAIN = " – not posted again"
"""Between the status of an ad that is live, and why the row's other title isn't posted."""


@dataclass
class Plan:
    """The rows of a run, by position in the frame."""

    chosen: list[int] = field(default_factory=list)
    """To be dealt with, in order."""
    unsettled: set[int] = field(default_factory=set)
    """Of these, whose ad must be looked for first."""
    not_again: set[int] = field(default_factory=set)
    """Of those, whose row says Posted: when the ad isn't there after all, a person decides."""
    old_ads: dict[int, str] = field(default_factory=dict)
    """Of these, whose ad is replaced: its id, '' when nobody knows it."""
    statuses: dict[int, str] = field(default_factory=dict)
    """What the journal says instead of the sheet's stale status, for chosen rows."""
    known: dict[int, JournalRecord] = field(default_factory=dict)
    """Rows that the sheet would have posted, and of which the journal knows better: their ad is live, or the site has
    removed it. They are redrawn, not posted."""


def known_outcome(known: JournalRecord, title: str) -> Outcome:
    """What a row of `Plan.known` says; `title` is its present one."""
    if known.taken_off:
        return replace(Outcome.taken_off(known.ad_id, heeded=known.heeded(NOT_THERE)), tries=0)
    status = posted_status(dt.datetime.fromisoformat(known.posted_at).date()) if known.posted_at else POSTED
    if known.title and _title_key(known.title) != _title_key(title):
        # the same stock number for another item, perhaps in another workbook: nothing is lost without a word
        status = f"{status}{NOT_AGAIN}: {tell('sku-has-other-ad', ad_id=known.ad_id, title=known.title)}"[:500]
    return Outcome(True, tell("on-site-already"), status, "posted", ad_id=known.ad_id, ad_url=known.ad_url, tries=0)


def make_plan(
    records: Records, statuses: Sequence[str], mode: str, ledger: Ledger, only: Container[int] | None = None
) -> Plan:
    """Choose the rows of a run, of those at the positions `only` (None: of all).

    A person's word about an unsure row is noted in the journal on the way. A row that isn't in `only` is seen by
    whatever compares rows, and otherwise left as it is, here and in the journal.
    """
    plan = Plan()
    repeated = Counter(map(record_key, records.skus))
    cells = AdCells(records, ledger)
    words: list[tuple[str, str]] = []
    for position, status in enumerate(statuses):
        if not records.has_content(position) or (only is not None and position not in only):
            continue
        sku = records.skus[position]
        # of rows that share a stock number none is posted, so none of them is looked for
        known = ledger.known(sku) if repeated[record_key(sku)] == 1 else None
        if known is not None:
            known = cells.adopt_newer(position, status, known)
        if mode == "all":
            _plan_all(plan, position, status, known, cells, kept=ledger.kept)
        elif known is None:
            if is_new(status) or is_unsure(status):
                plan.chosen.append(position)
                if is_unsure(status):
                    plan.unsettled.add(position)
        else:
            # where the frame has no column for it, a row can't show another ad than its own
            shown = cells.shown(position) if "ad_id" in records.columns else known.ad_id
            _plan_new(plan, position, status, known, shown, ledger)
        if sku and repeated[record_key(sku)] == 1 and _is_word(status):
            words.append((sku, status))
    if ledger.kept:
        single = (at for at in plan.chosen if repeated[record_key(records.skus[at])] == 1)
        fresh = [at for at in single if not _open(at, plan, ledger, records)]
        titles = records.cells("title")
        ledger.plan((records.skus[at], cell_text(titles[at])) for at in fresh if records.skus[at])
        # before anything is clicked: what stands there afterwards is old, as long as nobody types it anew
        ledger.heed([(sku, word) for sku, word in words if (known := ledger.now(sku)) and not known.heeded(word)])
    return plan


def _is_word(status: str) -> bool:
    """Does a person say here what became of an ad?"""
    text = status.strip().casefold()
    return text == POSTED.casefold() or text.startswith(NOT_THERE)


def _open(position: int, plan: Plan, ledger: Ledger, records: Records) -> bool:
    """Does the journal wait for what became of the row, or has it never heard of a row that is unsure?"""
    known = ledger.known(records.skus[position])
    return position in plan.unsettled and (known is None or known.unsettled)


def _plan_all(
    plan: Plan, position: int, status: str, known: JournalRecord | None, cells: AdCells, *, kept: bool
) -> None:
    plan.chosen.append(position)
    posted = status.strip().casefold().startswith(POSTED.casefold())
    if known is not None and known.unsettled:
        plan.unsettled.add(position)
        plan.statuses[position] = _unsure_status(status, known)
    elif known is None and is_unsure(status):
        plan.unsettled.add(position)
    else:
        live = known is not None and known.state == "posted"
        # what the sheet has is believed where the journal has never heard of an ad: it may only have planned to post
        silent = known is None or not (known.submitted_at or known.posted_at or known.replaced_status is not None)
        # it only failed, and the sheet says Posted: another computer has posted it
        elsewhere = posted and known is not None and known.state in _NOT_THERE_STATES and known.replaced_status is None
        old = known.ad_id if known is not None and live else ""
        old = old or (cells.own(position) if silent or live or elsewhere else "")
        # of a pasted row, what the cells say is about the row that it was copied from
        says_so = posted and kept and (silent or elsewhere) and not cells.is_anothers(position)
        if old or live or says_so or cells.is_shared(position):
            plan.old_ads[position] = old


_NOT_THERE_STATES = frozenset({"planned", "failed"})


class AdCells:
    """The sheet's column Ad id. A cell may be older than the journal, newer, or pasted from another row."""

    def __init__(self, records: Records, ledger: Ledger) -> None:
        self._records, self._ledger = records, ledger
        self._cells = [cell_text(cell) for cell in records.cells("ad_id")]
        self._counts = Counter(self._cells)
        self._owners = {one.ad_id: record_key(one.record_id) for one in ledger.all() if one.ad_id}

    def shown(self, position: int) -> str:
        """What the cell says."""
        return self._cells[position]

    def is_anothers(self, position: int) -> bool:
        """Does the journal know the ad as another record's?"""
        owner = self._owners.get(self._cells[position])
        return owner is not None and owner != record_key(self._records.skus[position])

    def is_shared(self, position: int) -> bool:
        """Does it stand in several rows, and the journal doesn't know whose it is?"""
        cell = self._cells[position]
        return bool(cell) and self._counts[cell] > 1 and cell not in self._owners

    def own(self, position: int) -> str:
        """The ad that is surely the row's; '' when there is none."""
        return "" if self.is_anothers(position) or self.is_shared(position) else self._cells[position]

    def adopt_newer(self, position: int, status: str, known: JournalRecord) -> JournalRecord:
        """What the journal knows, after it has taken over an ad that was posted later on another computer."""
        cell, seen = self.own(position), _local_time(self._records.cells("posted_at")[position])
        is_other = known.state == "posted" and known.replaced_status is None and cell not in {"", known.ad_id}
        if not is_other or not status.strip().startswith(POSTED) or seen is None or not known.posted_at:
            return known
        before = dt.datetime.fromisoformat(known.posted_at).astimezone().replace(tzinfo=None)
        if seen <= before:
            return known
        url = cell_text(self._records.cells("ad_url")[position])
        self._ledger.adopt(known.record_id, cell, url, seen.astimezone().isoformat(timespec="seconds"))
        return self._ledger.known(known.record_id) or known


def _local_time(cell: object) -> dt.datetime | None:
    """A cell of the column Posted at, as a time of this computer without its zone."""
    try:
        found = dt.datetime.fromisoformat(cell.strip()) if isinstance(cell, str) else cell
    except ValueError:
        return None
    if not isinstance(found, dt.datetime) or found != found:  # pandas' NaT is a datetime that equals nothing
        return None
    found = dt.datetime.fromisoformat(found.isoformat())
    return found.astimezone().replace(tzinfo=None) if found.tzinfo is not None else found


def _plan_new(plan: Plan, position: int, status: str, known: JournalRecord, shown_ad: str, ledger: Ledger) -> None:
    text = status.strip()
    replaced = known.replaced_status
    # with a date it's a status of ours, perhaps of an older copy; without one a person may have typed it
    dated = text.startswith(POSTED) and text != POSTED
    missed = is_new(status) or is_unsure(status)
    stale = replaced is not None and (dated or text == replaced.strip())
    # a word that was heeded once is from before the last click, in a sheet that has missed what followed
    heeded = _is_word(text) and known.heeded(text)
    typed = text.casefold() == POSTED.casefold()
    not_there = text.casefold().startswith(NOT_THERE) and not heeded
    if known.unsettled and typed and not (heeded or stale):
        ledger.believe_person(known.record_id, posted=True)
    elif known.unsettled and not_there:
        ledger.believe_person(known.record_id, posted=False)
        plan.chosen.append(position)
    elif known.unsettled:
        if not (stale or missed or dated or heeded):
            return  # a person's own word, such as sold: the row is left alone
        plan.chosen.append(position)
        plan.unsettled.add(position)
        plan.statuses[position] = (
            error_status(tell("heeded-once")) if heeded and not typed else _unsure_status(status, known)
        )
        if (dated or typed) and not stale:
            plan.not_again.add(position)
    elif known.taken_off and not_there:
        ledger.believe_person(known.record_id, posted=False)
        plan.chosen.append(position)
    elif known.taken_off:
        # a blank cell is no word of a person's here: it may be one that has missed what became of the ad
        if missed or dated:
            plan.known[position] = known
    elif replaced is not None and (stale or missed):
        # a replacement was broken off: the sheet still shows the old ad, which is gone or about to go, or an error
        plan.chosen.append(position)
        if known.state == "posted":
            plan.old_ads[position] = known.ad_id
        elif not is_new(status):
            plan.statuses[position] = ""
    elif known.state == "posted" and (
        missed or NOT_REPLACED in text or (text.startswith(POSTED) and known.ad_id not in {"", shown_ad})
    ):
        plan.known[position] = known  # the sheet has missed that it's live, or that the ad was replaced
    elif missed:
        plan.chosen.append(position)
        if is_unsure(status):  # of a run without this journal, perhaps
            plan.unsettled.add(position)


def _unsure_status(status: str, known: JournalRecord) -> str:
    if is_unsure(status):
        return status
    return error_status(known.reason) if known.state == "uncertain" and known.reason else in_hand_status()


def _title_key(cell: object) -> str:
    """A title as the site compares it, or more loosely."""
    return " ".join(cell_text(cell).split()).casefold()


class Neighbourhood:
    """Whose ads the ads of an account are: as the cells, the journal and this run know them."""

    def __init__(self, records: Records, ledger: Ledger) -> None:
        self._records = records
        self._ledger = ledger
        self._ids = {at: ad_id for at, cell in enumerate(records.cells("ad_id")) if (ad_id := cell_text(cell))}
        self._namesakes: defaultdict[str, set[int]] = defaultdict(set)
        for at, cell in enumerate(records.cells("title")):
            # a person may have changed the cell since the ad was submitted
            for title in {_title_key(cell), self._title_of_ad(at, cell)}:
                self._namesakes[title].add(at)
        in_sheet = set(map(record_key, records.skus))
        self._elsewhere = [one for one in ledger.all() if record_key(one.record_id) not in in_sheet]
        self._unknown_titles = {_title_key(one.title) for one in self._elsewhere if _unknown_on_site(one)}

    def note(self, position: int, ad_id: str) -> None:
        """The row at `position` has this ad now."""
        if ad_id:
            self._ids[position] = ad_id

    def of(self, position: int, statuses: Sequence[str]) -> Neighbours:
        """What the row at `position` must not take for its own."""
        own = self._records.skus[position]
        ids = {ad_id for at, ad_id in self._ids.items() if at != position}
        ids.update(one.ad_id for one in self._ledger.others(own) if one.ad_id)
        title = self._title_of_ad(position, self._records.cells("title")[position])
        namesake = any(self._may_be_on_site(at, statuses[at]) for at in self._namesakes[title] if at != position)
        return Neighbours(frozenset(ids), namesake or title in self._unknown_titles)

    def _title_of_ad(self, at: int, cell: object) -> str:
        """The title under which the row's ad is looked for."""
        known = self._ledger.known(self._records.skus[at])
        open_or_live = known is not None and (known.unsettled or known.state == "posted")
        return _title_key(known.title if known is not None and open_or_live and known.title else cell)

    def _may_be_on_site(self, at: int, status: str) -> bool:
        """May the row have an ad of which nobody knows the number? One in its cell may be that of an older ad."""
        known = self._ledger.known(self._records.skus[at])
        if known is not None and known.unsettled:
            return True
        if at in self._ids:
            return False
        if known is not None:
            return _unknown_on_site(known)
        return is_unsure(status) or cell_text(status).casefold().startswith(POSTED.casefold())


def _unknown_on_site(known: JournalRecord) -> bool:
    return known.unsettled or (known.state == "posted" and not known.ad_id)
