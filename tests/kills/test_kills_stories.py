"""Stories that ended in a second ad or in a lost one. Each is the smallest that shows its fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kill_harness import Office, key
from test_kills_edits import Row, Sheet


def _state(office: Office, sku: str) -> str | None:
    return next((state for name, state, _ad in office.records() if key(name) == key(sku)), None)


def _live(office: Office) -> list[str]:
    return sorted(key(ad["sku"]) for ad in office.site.ask("all") if ad["live"])


def _kill_when(
    office: Office, prepare: Callable[[], None], mode: str, good: Callable[[], bool], **order: object
) -> int:
    """After `prepare`, kill a run at the first step at which it's `good`; that step."""
    step = 0
    while True:
        step += 1
        prepare()
        assert office.run(last=step, mode=mode, **order), "there is no such step"
        if good():
            return step


@pytest.mark.parametrize("retitled", ["BT001", "BT002", ""])
def test_of_two_with_one_title_none_takes_the_others_ad(office: Office, retitled: str) -> None:
    # BT001 is open and not on the site, while its row is away BT002 of the same title is open too, and on the site
    mode = "new" if retitled else "all"  # in mode all the cells still show the numbers of the old ads
    away: list[Row] = []
    sheet = Sheet(office)

    def first() -> None:
        office.begin(2, twins=True)
        if mode == "all":
            office.recover()

    before = 0 if mode == "new" else 1

    def one_is_open() -> bool:
        return _state(office, "BT001") == "submitting" and len(_live(office)) == before

    step = _kill_when(office, first, mode, one_is_open)

    def second() -> None:
        first()
        office.run(last=step, mode=mode)
        away[:], *rest = sheet.read()[:1], *sheet.read()[1:]
        sheet.write(rest)

    ads = 1 if mode == "new" else 3
    _kill_when(
        office, second, mode, lambda: _state(office, "BT002") == "submitting" and len(office.site.ask("all")) == ads
    )
    rows = [*away, *sheet.read()]
    sheet.write([row | {"title": "Quite another title"} if row["sku"] == retitled else row for row in rows])

    office.recover()

    assert not any(ad["beside_another"] for ad in office.site.ask("all")), office.site.ask("all")


def test_a_row_that_cannot_be_posted_does_not_make_another_rows_ad_look_gone(office: Office) -> None:
    office.begin(2)
    office.recover()
    sheet = Sheet(office)
    rows = sheet.read()
    # BT002 twice: both have their entry before the first look
    sheet.write([*rows, rows[1]])
    office.site.ask("faults", keep=1)

    office.recover(mode="all")

    assert _live(office) == ["bt001", "bt002"], office.site.ask("all")


def test_an_old_ad_that_has_gone_without_an_answer_is_replaced_later(office: Office) -> None:
    office.begin(1)
    office.recover()
    office.site.ask("faults", lose=1, blind=1)
    office.recover(mode="all")
    assert _live(office) == []
    office.site.ask("faults")

    office.recover()

    assert _live(office) == ["bt001"], Sheet(office).read()


@pytest.mark.parametrize("other_day", [False, True])
def test_a_replacement_that_was_broken_off_is_completed_whichever_copy_is_put_back(
    office: Office, other_day: bool
) -> None:
    saved: list[Row] = []
    sheet = Sheet(office)

    def prepare() -> None:
        office.begin(1)
        office.recover(now="2026-11-20T12:00:00-05:00")
        saved[:] = sheet.read()
        if other_day:
            office.recover(mode="all", now="2026-11-24T12:00:00-05:00")
        else:
            sheet.write([row | {"posting_status": ""} for row in saved])

    today = "2026-11-25T12:00:00-05:00"
    _kill_when(office, prepare, "all", lambda: _state(office, "BT001") == "planned", now=today)
    sheet.write(saved)

    office.recover(now=today)

    assert _live(office) == ["bt001"], sheet.read()
