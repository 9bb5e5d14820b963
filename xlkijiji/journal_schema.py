"""The journal's tables, how older ones are brought up to date, and how SQLite's refusals are said in plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from xlkijiji.errors import JournalError
from xlkijiji.messages import tell

__all__ = ["SCHEMA_VERSION", "damaged", "in_plain_words", "open_database", "prepare"]

APPLICATION_ID = 0x786C6B6A  # "xlkj": tells our file from any other SQLite database
BUSY_SECONDS = 30.0
"""How long a write waits for another run's; each of ours takes milliseconds."""

_FIRST = """
CREATE TABLE records (
    account TEXT NOT NULL,
    record_key TEXT NOT NULL,           -- the record id without capitals: BT1 and bt1 are one item
    record_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'submitting', 'posted', 'failed', 'uncertain', 'removed')),
    run_id TEXT NOT NULL,               -- the run that moved it last
    updated_at TEXT NOT NULL,           -- ISO 8601 with zone, as all times here
    title TEXT NOT NULL DEFAULT '',
    content_hash TEXT NOT NULL DEFAULT '',
    ad_id TEXT NOT NULL DEFAULT '',
    ad_url TEXT NOT NULL DEFAULT '',
    posted_at TEXT NOT NULL DEFAULT '',
    submitted_at TEXT NOT NULL DEFAULT '',
    ids_before TEXT,                    -- JSON: ids under My Ads before the click; NULL where the bot didn't say
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    error_kind TEXT NOT NULL DEFAULT '',
    retryable INTEGER NOT NULL DEFAULT 1,
    replaced_status TEXT,               -- what the sheet said of the ad that is being replaced; NULL when none is
    PRIMARY KEY (account, record_key)
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    account TEXT NOT NULL,
    record_id TEXT NOT NULL,
    state TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX events_by_record ON events (account, record_id);
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    workbook TEXT NOT NULL,
    mode TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL DEFAULT '',  -- blank while it is on, and for good when it was killed
    ended TEXT NOT NULL DEFAULT '',
    statistics TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    account TEXT NOT NULL,
    record_id TEXT NOT NULL,
    at TEXT NOT NULL,
    error_kind TEXT NOT NULL,           -- '' when posted
    tries INTEGER NOT NULL,
    seconds REAL NOT NULL
);
CREATE INDEX outcomes_by_run ON outcomes (run_id);
"""

_WORDS = "ALTER TABLE records ADD COLUMN words TEXT NOT NULL DEFAULT ''"
"""A person's words in the status that were heeded, a line each."""

MIGRATIONS: tuple[str, ...] = (_FIRST, _WORDS)
"""Each makes version n+1 out of version n; none is ever changed once it was released."""

SCHEMA_VERSION = len(MIGRATIONS)


def open_database(path: Path) -> sqlite3.Connection:
    """A connection for several threads, which commits only by our own COMMIT and is on the disk when that returns."""
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
    except BaseException:
        database.close()
        raise
    return database


def prepare(database: sqlite3.Connection, path: Path, versions: tuple[str, ...] = MIGRATIONS) -> None:
    """Check that the journal is sound and ours, bring it up to date, and prove that it can be written.

    Raises JournalError for a file of another program, of a newer xlkijiji, or one whose integrity check fails.
    """
    found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise JournalError(damaged(path, str(found)))
    database.execute("BEGIN IMMEDIATE")
    try:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        application = database.execute("PRAGMA application_id").fetchone()[0]
        tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != APPLICATION_ID and tables:
            raise JournalError(tell("journal-of-another-program", path=path))
        if version > len(versions):
            raise JournalError(tell("journal-is-newer", path=path))
        for migration in versions[version:]:
            for statement in migration.split(";\n"):
                if statement.strip():
                    database.execute(statement)
        # written also when nothing changes: a journal that can't be written must be known before anything is posted
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {len(versions)}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def damaged(path: Path, detail: str) -> str:
    """The sentence for a journal that can't be believed."""
    return tell("journal-is-damaged", path=path, detail=" ".join(detail.split())[:120])


def in_plain_words(error: sqlite3.Error, path: Path) -> JournalError:
    """What SQLite refused, and what to do about it. Its result codes: SQLite documentation, rescode.html."""
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith("SQLITE_FULL"):
        return JournalError(tell("disk-is-full", path=path))
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return JournalError(tell("journal-not-writable", path=path))
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return JournalError(tell("journal-is-busy", path=path))
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return JournalError(damaged(path, str(error)))
    return JournalError(tell("journal-write-failed", path=path, code=code or type(error).__name__))
