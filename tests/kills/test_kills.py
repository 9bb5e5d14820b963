"""Runs that are killed at every step, and at random moments: each row is posted once, and nothing is forgotten."""

from __future__ import annotations

import pytest
from kill_harness import Office, random_kills

ROWS = 2
SEED = 20261125


@pytest.mark.parametrize(
    ("mode", "through", "stride"),
    [("new", "run_batch", 1), ("all", "run_batch", 1), ("new", "terminal", 2)],
)
def test_a_run_killed_at_any_step_is_completed_by_the_next_one(
    office: Office, mode: str, through: str, stride: int
) -> None:
    step = 1
    while True:
        office.begin(ROWS)
        if mode == "all":
            office.recover()
        if not office.run(mode=mode, through=through, last=step):
            break
        office.recover(through=through)  # a plain click, whatever was broken off
        office.judge(ROWS, replaced=mode == "all")
        step += stride
    print(f"{office.kills} kills; states when killed: {dict(office.states)}")
    assert office.kills >= 30
    assert office.states["planned"]
    assert office.states["submitting"]
    assert office.states["posted"]
    if mode == "all":
        assert office.states["removed"]


@pytest.mark.parametrize("suffix", [".xlsx"])
def test_a_workbook_is_never_half_written(office: Office, suffix: str) -> None:
    office.suffix = suffix
    step = 1
    while True:
        office.begin(ROWS)
        if not office.run(last=step):
            break
        office.recover()
        office.judge(ROWS)
        step += 4
    assert office.kills >= 10


def test_runs_killed_at_random_moments_post_each_row_once(office: Office, soak: int) -> None:
    kills = random_kills(office, 4, max(100, soak - office.nursery.kills), SEED)
    print(f"{kills} kills; states when killed: {dict(office.states)}; {office.nursery.kills} kills in all")
    assert kills >= 100
    assert office.nursery.kills == kills or office.nursery.kills >= soak, "with the tests before it, as in make test"
    assert set(office.states) >= {"planned", "submitting", "posted"}
