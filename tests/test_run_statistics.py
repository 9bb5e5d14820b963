"""Numbers of a run and of all runs, compared with what is counted by hand."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_bots import SiteBot, new_journal
from posting_bots import at_noon, trucks

from xlkijiji.errors import RecordError, SiteError
from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch
from xlkijiji.run_statistics import statistics_of, statistics_over_time


def test_the_numbers_of_a_run() -> None:
    seconds = [float(number) for number in range(1, 21)]
    outcomes = (
        [("", 1, one) for one in seconds[:16]] + [("site", 3, one) for one in seconds[16:]] + [("record", 0, 0.0)]
    )
    assert statistics_of(outcomes, 3600.0) == {
        "records": 21,
        "posted": 16,
        "failed": 5,
        "success_rate": 0.7619,
        "seconds_per_ad_median": 10.5,
        "seconds_per_ad_p95": 19.0,
        "retries": 8,
        "errors_by_kind": {"record": 1, "site": 4},
        "ads_per_hour": 16.0,
        "duration_s": 3600.0,
    }


def test_a_run_of_nothing_has_no_rates() -> None:
    numbers = statistics_of([], 0.0)
    assert (numbers["success_rate"], numbers["seconds_per_ad_median"], numbers["ads_per_hour"]) == (None, None, None)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_at_least_95_percent_take_no_longer_than_p95(seconds: list[float]) -> None:
    p95 = statistics_of([("", 1, one) for one in seconds], 1.0)["seconds_per_ad_p95"]
    within = sum(round(one, 3) <= p95 for one in seconds)
    assert within >= 0.95 * len(seconds)
    assert any(round(one, 3) == p95 for one in seconds)


def test_the_journal_keeps_them_per_run_and_over_time(tmp_path: Path) -> None:
    class Failing(SiteBot):
        hiccups = 1

        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            if record["sku"] == "BT002":
                raise RecordError("no")
            if record["sku"] == "BT003" and self.hiccups:
                self.hiccups -= 1
                raise SiteError("down")
            return super().post_ad(record, before_submit)

    bot = Failing()
    with new_journal(tmp_path) as journal:
        df = trucks("", "", "", price=[1, 2, 3])
        first = run_batch(df, "new", bot, journal=journal, clock=at_noon, sleep=lambda _seconds: None)
        second = run_batch(df, "new", bot, journal=journal, clock=at_noon)
        runs = journal.query("SELECT run_id, ended, started_at, statistics FROM runs ORDER BY rowid")
        whole = statistics_over_time(journal)
        nobody = statistics_over_time(journal, "nobody@example.com")

    assert [run["run_id"] for run in runs] == [first["run_id"], second["run_id"]]
    assert [json.loads(run["statistics"]) for run in runs] == [first["statistics"], second["statistics"]]
    assert runs[0]["ended"] == "done"
    assert dt.datetime.fromisoformat(runs[0]["started_at"]).utcoffset() == dt.timedelta(hours=-5)
    assert (whole["records"], whole["posted"], whole["failed"], whole["retries"]) == (4, 2, 2, 1)
    assert whole["errors_by_kind"] == {"record": 2}
    assert whole["states"] == {"failed": 1, "posted": 2}
    assert [(run["posted"], run["failed"]) for run in whole["runs"]] == [(0, 1), (2, 1)]
    assert whole["success_rate"] == pytest.approx(0.5)
    assert (nobody["records"], nobody["runs"]) == (0, [])
