"""The disk is full, the journal can't be written, the workbook is locked, the clock is set back: nothing twice."""

from __future__ import annotations

import pytest
from kill_harness import Office, skus

from xlkijiji import data_io

ROWS = 4


def test_a_full_disk_stops_the_run_and_the_next_one_goes_on(office: Office) -> None:
    rows, moments = 120, set()
    for pages in range(0, 16, 3):
        office.begin(rows)
        office.run(max_pages=pages)
        known = {sku for sku, state, _ad in office.records() if state in {"submitting", "posted"}}
        posted = {ad["sku"] for ad in office.site.ask("all")}
        assert posted <= known, "nothing is on the site whose intent isn't on the disk"
        assert len(posted) < rows
        moments.add(len(posted))
        assert "The disk is full" in office.said
        assert "Make room on the disk" in office.said
        office.recover()
        office.judge(rows)
    assert 0 in moments
    assert len(moments) >= 3, "it was full at different moments"


def test_a_write_that_the_system_refuses_stops_the_run_and_the_next_one_goes_on(office: Office) -> None:
    stopped = 0
    for limit in range(4096, 140_000, 12_000):
        office.begin(ROWS)
        office.run(file_limit=limit)
        posted = {ad["sku"] for ad in office.site.ask("all")}
        known = {sku for sku, state, _ad in office.records() if state in {"submitting", "posted"}}
        assert posted <= known
        stopped += len(posted) < ROWS
        office.recover()
        office.judge(ROWS)
    assert stopped >= 3


def test_a_journal_that_cannot_be_written_lets_nothing_be_posted(office: Office) -> None:
    office.begin(ROWS)
    office.run(read_only=True)
    assert office.site.ask("all") == []
    assert "can't be written" in office.said
    assert "write-protected" in office.said

    office.recover()

    office.judge(ROWS)


def test_a_locked_workbook_gets_its_statuses_from_the_next_run(office: Office) -> None:
    office.begin(ROWS)
    office.file.chmod(0o444)
    office.run()
    assert len(office.site.ask("all")) == ROWS, "it posted all the same"
    assert "could not be saved" in office.said
    assert set(data_io.load_inventory(office.file)["posting_status"]) == {""}
    assert [state for _sku, state, _ad in office.records()] == ["posted"] * ROWS
    office.file.chmod(0o644)

    office.recover()

    office.judge(ROWS)


def test_a_file_that_is_open_in_calc_is_refused_before_anything_is_posted(office: Office) -> None:
    office.begin(ROWS)
    lock = office.file.with_name(f".~lock.{office.file.name}#")
    lock.touch()
    office.run(through="terminal")
    assert "is open in LibreOffice" in office.said
    assert office.site.ask("all") == []
    lock.unlink()

    office.recover(through="terminal")

    office.judge(ROWS)


@pytest.mark.parametrize("again", ["2026-11-24T12:00:00-05:00", "2026-11-25T12:00:01-05:00"])
def test_a_clock_that_was_set_back_and_a_list_that_lags_lead_to_no_second_post(office: Office, again: str) -> None:
    lagging, step = 0, 1
    while True:
        # an ad shows only at the third look after it was accepted
        office.begin(2, lag=2)
        if not office.run(last=step, now="2026-11-25T12:00:00-05:00"):
            break
        lagging += any(state == "submitting" for _sku, state, _ad in office.records())
        office.recover(now=again, listing_delay=4.0)
        ads = [ad["sku"] for ad in office.site.ask("all")]
        assert sorted(ads) == skus(2), f"killed at step {step}"
        step += 7
    assert lagging
