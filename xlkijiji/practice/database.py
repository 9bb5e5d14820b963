"""The practice site's one SQLite file: its tables, how older files are brought up to date, and its transactions.

Each operation opens its own connection: the two servers answer from many threads, and SQLite connections
do not travel between them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

VERSION = 2
"""Kept in the file as `user_version`. 0 was a site without faults, whose ads were unpaid, active or deleted only;
1 one whose ads had no video."""

_ADS = """
CREATE TABLE IF NOT EXISTS ads (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unpaid', 'active', 'deleted', 'removed')),
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    price_cents INTEGER,
    price_type TEXT,
    ad_type TEXT NOT NULL,
    category_id INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL,
    location_id INTEGER NOT NULL,
    location TEXT NOT NULL,
    phone TEXT NOT NULL,
    features TEXT NOT NULL,
    total_cents INTEGER NOT NULL,
    paid_cents INTEGER NOT NULL DEFAULT 0,
    path TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    delete_reason TEXT,
    remove_at TEXT,
    hidden_looks INTEGER NOT NULL DEFAULT 0,
    hidden_until TEXT,
    video TEXT NOT NULL DEFAULT ''
);
"""

_SCHEMA = (
    _ADS
    + """
CREATE INDEX IF NOT EXISTS ads_of_account ON ads (account, state, id);
CREATE TABLE IF NOT EXISTS photos (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    uploaded_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS ad_photos (
    ad_id INTEGER NOT NULL REFERENCES ads (id),
    position INTEGER NOT NULL,
    photo_id TEXT NOT NULL REFERENCES photos (id),
    PRIMARY KEY (ad_id, position)
);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, account TEXT NOT NULL, xsrf TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tickets (ticket TEXT PRIMARY KEY, account TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    name TEXT NOT NULL, value TEXT NOT NULL, times INTEGER, PRIMARY KEY (name, value)
);
CREATE TABLE IF NOT EXISTS captchas (
    token TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('sign-in', 'form', 'post')),
    state TEXT NOT NULL CHECK (state IN ('open', 'solved', 'expired')),
    payload TEXT NOT NULL,
    next TEXT NOT NULL DEFAULT '',
    seen_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS submits (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    title TEXT NOT NULL,
    edited_ad TEXT NOT NULL,
    outcome TEXT NOT NULL,
    arrived_at TEXT NOT NULL
);
"""
)


def moment(*, seconds_from_now: float = 0) -> str:
    """A point in time as all tables hold it: text in UTC that sorts by time."""
    return (datetime.now(UTC) + timedelta(seconds=seconds_from_now)).isoformat(timespec="milliseconds")


class Database:
    """The file with all tables; opening it creates or updates them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = WAL")  # kept in the file: readers do not wait for a writer
            db.execute("BEGIN IMMEDIATE")
            if db.execute("PRAGMA user_version").fetchone()[0] < VERSION:
                _update_ads(db)
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {VERSION}")
            db.execute("COMMIT")

    @contextmanager
    def open(self, *, to_write: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        db = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        db.row_factory = sqlite3.Row
        try:
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            # Two writers that both began by reading could not both go on; so a writer waits for its turn first.
            db.execute("BEGIN IMMEDIATE" if to_write else "BEGIN")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()


def _update_ads(db: sqlite3.Connection) -> None:
    """Bring the ads of an older file into the table of today; a new file has none."""
    columns = [row[1] for row in db.execute("PRAGMA table_info(ads)")]
    if not columns:
        return
    names = ", ".join(columns)
    # SQLite cannot change a CHECK, so the table is made anew. Foreign keys are off: the photos' follow the name.
    db.execute(_ADS.replace("IF NOT EXISTS ads", "ads_of_today"))
    db.execute(f"INSERT INTO ads_of_today ({names}) SELECT {names} FROM ads")  # noqa: S608 - the table's own columns
    db.execute("DROP TABLE ads")
    db.execute("ALTER TABLE ads_of_today RENAME TO ads")
