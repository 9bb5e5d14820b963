"""The line in the status bar: the contract's words first, then the bar of blocks and a guess at the time left."""

from __future__ import annotations

import pytest

from xlkijiji.run_bar import RunBar


class Clock:
    """Seconds, as a test sets them."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("percentage", "blocks"),
    [(0.0, "░░░░░░░░░░"), (4.9, "░░░░░░░░░░"), (45.5, "█████░░░░░"), (99.9, "██████████"), (100.0, "██████████")],
)
def test_the_contract_comes_first_and_then_the_blocks(percentage: float, blocks: str) -> None:
    line = RunBar().line(percentage, "Processing record 5/11: BT005")
    assert line == f"[{percentage:.1f}%] Processing record 5/11: BT005   {blocks}"


@pytest.mark.parametrize(
    ("seconds_per_ad", "left"),
    [
        (4.0, "less than a minute left"),
        (5.0, "about 1 min left"),
        (24.0, "about 4 min left"),
        (900.0, "about 2 hours left"),
    ],
)
def test_the_time_left_is_guessed_from_the_ads_so_far_pauses_included(seconds_per_ad: float, left: str) -> None:
    clock = Clock()
    bar = RunBar(clock)
    for checked in (10, 11, 12):
        bar.finished(checked)  # failed its check: costs no time, and needs none any more
    bar.started(0)
    clock.now += 1.0
    assert "left" not in bar.line(7.1, "Processing record 1/15: A"), "nothing is known before the first ad"
    bar.finished(0)
    bar.started(1)
    clock.now = 1000.0 + 2 * seconds_per_ad
    bar.finished(1)
    assert bar.line(20.0, "Processing record 3/15: C").endswith(f"   {left}")
    assert bar.line(20.0, "Quiet hours: going on at 07:00.").endswith("░"), "no count, no guess"


def test_nothing_is_left_at_the_end() -> None:
    bar = RunBar()
    bar.started(0)
    bar.finished(0)
    assert bar.line(100.0, "Processed 1/1") == "[100.0%] Processed 1/1   ██████████"
