"""Over odd frames: never an exception, never a status in the wrong row, and counts that add up."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlkijiji.errors import BatchStopped, RecordError, SiteError, UnknownOutcome
from xlkijiji.inventory import Record, cell_text, is_new
from xlkijiji.journal import Journal
from xlkijiji.posting import run_batch

BLANKS: list[Any] = [None, float("nan"), pd.NaT, pd.NA, "", "  "]
CELLS = st.one_of(
    st.sampled_from([*BLANKS, True, float("inf"), 5.0, -3, "=1+1", "#REF!", "x" * 40_000, pd.Timestamp("2026-01-01")]),
    st.text(max_size=8),
    st.integers(-5, 5),
    st.floats(allow_nan=True),
)
STATUSES = st.one_of(
    st.sampled_from(
        [*BLANKS, "pending", " PENDING ", "Error: x", "error", "Posted 2026-01-01", "sold", "Error: Unsure – x"]
    ),
    st.text(max_size=6),
    st.floats(),
)
SKUS = st.one_of(CELLS, st.sampled_from(["A", "B", "A ", 1, 1.0, "1"]))
PRICES = st.one_of(CELLS, st.sampled_from([100, 24500.5, "1 299,95 $"]))
WORDS = st.one_of(CELLS, st.just("A fine truck"))
ROWS = st.lists(st.tuples(SKUS, WORDS, WORDS, PRICES, STATUSES, CELLS), max_size=8)
INDEXES = st.lists(st.sampled_from([0, 1, 7, "a", "b", None]), min_size=8, max_size=8)
COLUMNS = ["bucket_truck_id", "title", "description", "price", "posting_status", "fuel_type"]


class Site:
    """A bot that keeps the site's table, and fails as its script says."""

    def __init__(self, script: list[Any]) -> None:
        self.script = list(script)
        self.table: list[str] = []

    def post_ad(self, record: Record) -> Any:
        answer = self.script.pop(0) if self.script else True
        if isinstance(answer, BaseException):
            raise answer
        if answer is True:
            self.table.append(record["fuel_type"])
            return {"success": True, "message": "ok", "ad_url": None}
        return answer


SCRIPTS = st.lists(
    st.sampled_from(
        [
            True,
            True,
            True,
            RecordError("wrong"),
            SiteError("down"),
            UnknownOutcome("who knows"),
            BatchStopped("enough"),
            ValueError("unforeseen"),
            KeyboardInterrupt(),
            None,
            {},
            {"success": False},
            {"success": False, "error_kind": "unknown", "message": 5},
        ]
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    rows=ROWS,
    index=INDEXES,
    script=SCRIPTS,
    mode=st.sampled_from(["new", "all"]),
    kind=st.sampled_from([None, object, "category", "string"]),
)
def test_odd_frames_never_raise_and_never_mix_up_rows(
    rows: list[tuple[Any, ...]], index: list[Any], script: list[Any], mode: str, kind: Any
) -> None:
    # the last column marks each row, so that what was posted can be traced to it
    df = pd.DataFrame([(*row[:5], f"mark {n}") for n, row in enumerate(rows)], columns=COLUMNS)
    df.index = pd.Index(index[: len(df)], dtype=object)
    if kind is not None and kind != "string":
        df["posting_status"] = df["posting_status"].astype(kind)
    elif kind == "string":
        df["posting_status"] = pd.array([cell_text(status) for status in df["posting_status"]], dtype="string")
    before = df.copy()
    site = Site(script)

    result = run_batch(
        df, mode, site, clock=lambda: dt.datetime(2030, 1, 1, tzinfo=dt.UTC), sleep=lambda _seconds: None
    )

    entries = result["results"]
    assert result["total_records"] == len(df)
    assert result["successful_posts"] == sum(entry["success"] for entry in entries) == len(site.table)
    assert result["failed_posts"] == len(entries) - result["successful_posts"]
    assert result["skipped_records"] == len(df) - len(entries)
    posted = [f"mark {n}" for n, status in enumerate(df["posting_status"]) if status == "Posted 2030-01-01"]
    assert posted == site.table
    pd.testing.assert_frame_equal(df.drop(columns="posting_status"), before.drop(columns="posting_status"))
    for n, status in enumerate(df["posting_status"]):
        old = before["posting_status"].iloc[n]
        assert isinstance(status, str)
        if mode == "new" and not is_new(old):
            assert cell_text(status) == cell_text(old)


@settings(max_examples=100, deadline=None)
@given(
    data=st.data(), columns=st.lists(st.sampled_from([*COLUMNS, "SKU", "Price type", 5, None, ("a", 1)]), max_size=8)
)
def test_odd_columns_are_refused_with_a_sentence(data: st.DataObject, columns: list[Any]) -> None:
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(columns), max_size=len(columns)), max_size=3))
    df = pd.DataFrame(rows, columns=pd.Index(columns, dtype=object, tupleize_cols=False))

    result = run_batch(df, "new", Site([]))

    assert isinstance(result["message"], str)
    assert "log" not in result["message"]
    assert result["total_records"] == result["successful_posts"] + result["failed_posts"] + result["skipped_records"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, script=SCRIPTS, modes=st.lists(st.sampled_from(["new", "new", "all"]), min_size=2, max_size=3))
def test_odd_frames_with_a_journal_are_never_posted_twice(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]], script: list[Any], modes: list[str]
) -> None:
    cells = [(*row[:5], f"mark {n}") for n, row in enumerate(rows)]
    site = Site(script)
    with Journal(tmp_path_factory.mktemp("journal") / "journal.sqlite3") as journal:
        for mode in modes:
            df = pd.DataFrame(cells, columns=COLUMNS)  # as it was: nothing of a run was saved
            result = run_batch(df, mode, site, journal=journal, sleep=lambda _seconds: None)
            done = (result["successful_posts"], result["failed_posts"], result["skipped_records"])
            assert sum(done) == result["total_records"] == len(df)
        for n, status in enumerate(df["posting_status"]):
            known = journal.record("", cell_text(cells[n][0]))
            if known is not None and known.state == "posted" and modes[-1] == "new" and is_new(cells[n][4]):
                posted = [
                    sku for sku in map(cell_text, df["bucket_truck_id"]) if sku.casefold() == known.record_id.casefold()
                ]
                assert status.startswith("Posted") or len(posted) > 1
    if "all" not in modes:
        assert len(site.table) == len(set(site.table)), "this bot can't delete, so each row is there once"
