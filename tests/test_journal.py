"""The journal itself: on the disk when it says so, one run at a time, sound or refused."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journal_bots import SiteBot, new_journal
from posting_bots import at_noon, trucks

from xlkijiji.errors import JournalError
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal
from xlkijiji.journal_record import MOVES
from xlkijiji.journal_repair import repair
from xlkijiji.journal_schema import MIGRATIONS, SCHEMA_VERSION, open_database, prepare
from xlkijiji.posting import run_batch

ALL = ["planned", "submitting", "posted", "failed", "uncertain", "removed"]


def _seen_from_outside(path: Path) -> dict[str, str]:
    """What another program reads from the disk at this moment."""
    with sqlite3.connect(path) as other:
        found = dict(other.execute("SELECT record_id, state FROM records").fetchall())
    other.close()
    return found


def test_the_intent_is_on_the_disk_before_the_click_and_the_outcome_before_anybody_hears(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    seen: list[tuple[str, str]] = []
    bot = SiteBot()
    bot.points["begin BT001"] = lambda: seen.append(("begin", _seen_from_outside(path)["BT001"]))
    bot.points["submit BT001"] = lambda: seen.append(("click", _seen_from_outside(path)["BT001"]))
    df = trucks("")

    class Watching:
        def record_finished(self, _position: int, _record: Record, _result: dict[str, Any]) -> None:
            seen.append(("told", _seen_from_outside(path)["BT001"]))

    with new_journal(tmp_path) as journal:
        run_batch(df, "new", bot, journal=journal, observer=Watching(), clock=at_noon)

    assert seen == [("begin", "planned"), ("click", "submitting"), ("told", "posted")]


def test_a_click_whose_intent_cannot_be_noted_is_forbidden(tmp_path: Path) -> None:
    df, bot = trucks("", ""), SiteBot()
    with new_journal(tmp_path) as journal:
        bot.points["begin BT002"] = lambda: journal.query("PRAGMA query_only = ON") and None  # type: ignore[func-returns-value]  # for its effect
        result = run_batch(df, "new", bot, journal=journal, clock=at_noon)

    assert bot.accepted == ["BT001"]
    assert result["success"] is False
    assert "can't be written" in result["message"]
    assert df["posting_status"].tolist()[0] == "Posted 2026-11-23"


def test_it_is_written_through_to_the_disk(tmp_path: Path) -> None:
    with new_journal(tmp_path) as journal:
        assert journal.query("PRAGMA journal_mode")[0]["journal_mode"] == "wal"
        assert journal.query("PRAGMA synchronous")[0]["synchronous"] == 2  # FULL [SQLite documentation]


def test_records_keep_what_was_posted_and_when(tmp_path: Path) -> None:
    with new_journal(tmp_path) as journal:
        run_batch(trucks("", price=["5"]), "new", SiteBot(), journal=journal, clock=at_noon)
        run_batch(trucks("", "", price=["6", "7"]), "all", SiteBot(), journal=journal, clock=at_noon)
        first, second = journal.records()
    assert (first.attempts, second.attempts) == (2, 1)
    assert first.posted_at == "2026-11-23T12:00:00-05:00"
    assert len(first.content_hash) == 64
    assert first.content_hash != second.content_hash


# --- opening


def test_an_older_journal_is_brought_up_to_date_and_a_newer_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    database = open_database(path)
    prepare(database, path)
    newer = (*MIGRATIONS, "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'x'")
    prepare(database, path, newer)
    assert database.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION + 1
    assert "note" in [row["name"] for row in database.execute("PRAGMA table_info(runs)")]
    database.close()
    with pytest.raises(JournalError, match=r"written by a newer xlkijiji\. Install the newest version"):
        Journal(path)


def test_a_migration_that_fails_leaves_the_older_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    database = open_database(path)
    prepare(database, path)
    with pytest.raises(sqlite3.OperationalError):
        prepare(database, path, (*MIGRATIONS, "CREATE TABLE more (a);\nCREATE TABLE runs (a)"))
    database.close()
    with Journal(path) as journal:
        assert journal.query("SELECT count(*) AS n FROM sqlite_master WHERE name = 'more'") == [{"n": 0}]


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 100, b"\x00" * 5000])
def test_what_is_no_journal_is_refused_with_a_way_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"is damaged.*xlkijiji journal repair"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_journal_that_was_emptied_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    bot = SiteBot()
    with Journal(path) as journal:
        run_batch(trucks(""), "new", bot, journal=journal)
    path.write_bytes(b"")

    with pytest.raises(JournalError, match=r"is damaged \(it is empty\).*xlkijiji journal repair"):
        Journal(path)
    kept, saved = repair(path)

    assert kept is not None
    assert kept.exists()
    assert saved == {"records": 0, "events": 0, "runs": 0, "outcomes": 0}
    Journal(path).close()


def test_a_file_that_somebody_has_just_made_may_become_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    path.touch()
    with Journal(path) as journal:
        assert journal.records() == []


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (a)")
    other.close()
    with pytest.raises(JournalError, match="a database of another program"):
        Journal(path)


def test_a_folder_that_is_none_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="can't be made"):
        Journal(tmp_path / "file" / "journal.sqlite3")
    with pytest.raises(JournalError, match="can't be written"):
        Journal(tmp_path)


# --- one run at a time

HOLD = """
import sys, threading
from xlkijiji.journal import Journal
with Journal(sys.argv[1]) as journal, journal.only_run("dealer@example.com"):
    print("held", flush=True)
    threading.Event().wait()
"""


def test_one_run_per_account_and_a_dead_one_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True)
    bot = SiteBot()
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with Journal(path) as journal:
            refused = run_batch(trucks(""), "new", bot, journal=journal)
            assert refused["success"] is False
            assert "Another run is on for the account dealer@example.com" in refused["message"]
            assert bot.accepted == []
            with journal.only_run("another@example.com"):
                pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        assert holder.stdout is not None
        holder.stdout.close()
    with Journal(path) as journal:
        assert run_batch(trucks(""), "new", bot, journal=journal)["successful_posts"] == 1


# --- states


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.sampled_from(ALL), min_size=1, max_size=12))
def test_no_other_moves_than_those_that_are_drawn(tmp_path_factory: pytest.TempPathFactory, wanted: list[Any]) -> None:
    with Journal(tmp_path_factory.mktemp("moves") / "journal.sqlite3") as journal:
        run_id = journal.begin_run("a", "", "new")
        state = None
        for after in wanted:
            if after in MOVES[state]:
                journal.move("a", "BT1", after, run_id)
                state = after
            else:
                with pytest.raises(JournalError, match="can't go from"):
                    journal.move("a", "BT1", after, run_id)
            record = journal.record("a", "bt1")
            assert (record.state if record else None) == state


def test_a_record_of_an_older_journal_is_restored_with_what_it_has(tmp_path: Path) -> None:
    with Journal(tmp_path / "old.sqlite3") as old:
        old.plan("a", "run", [("BT1", "A truck")])
        (row,) = old.query("SELECT * FROM records")
    del row["words"]  # version 1 had no such column
    with Journal(tmp_path / "new.sqlite3") as new:
        assert new.restore("records", [row]) == 1
        (record,) = new.records()
        assert (record.record_id, record.title, record.words) == ("BT1", "A truck", "")
