"""The journal: what was intended with each record, and what became of it. The truth, when a sheet says otherwise.

An SQLite file in the user's own data folder. What can't be undone is on the disk before it is done: each method that
changes something returns only when its change is committed (WAL, synchronous=FULL [SQLite documentation]).

The states of a record and the ways between them are `MOVES`; docs/journal.md draws them.
"""

from __future__ import annotations

import datetime as dt
import glob
import hashlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from xlkijiji.errors import JournalError, system_reason
from xlkijiji.journal_record import MOVES, JournalRecord, State, account_key, record_key, stored, word_key
from xlkijiji.journal_schema import damaged, in_plain_words, open_database, prepare
from xlkijiji.messages import tell

__all__ = ["Journal"]

_COLUMNS = ", ".join(field.name for field in fields(JournalRecord))
_CHANGEABLE = frozenset(field.name for field in fields(JournalRecord)) - {"account", "record_id", "state", "updated_at"}


def _values(*values: object) -> tuple[object, ...]:
    return tuple(stored(value) if isinstance(value, str) else value for value in values)


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file this is, whatever is in it; None when there is none."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


class Journal:
    """The journal in the file at `path`, which is made when it isn't there. Also a context manager that closes it.

    Safe for several threads and processes. Every method raises JournalError, whose text says what to do, when the file
    is damaged, locked by another program or write-protected, or when the disk is full.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._refuse_emptied()
            self._database = open_database(self.path)
        except sqlite3.Error as error:
            raise in_plain_words(error, self.path) from error
        except OSError as error:
            raise JournalError(
                tell("journal-folder-not-made", folder=self.path.parent, reason=system_reason(error))
            ) from error
        try:
            with self._plainly():
                prepare(self._database, self.path)
            self._file = _identity(self.path)
        except BaseException:
            self._database.close()
            raise

    def _refuse_emptied(self) -> None:
        """SQLite takes an empty file for a new database; where runs had their lock, it's one that lost everything."""
        empty = self.path.is_file() and self.path.stat().st_size == 0
        if empty and any(self.path.parent.glob(f"{glob.escape(self.path.name)}.*.lock")):
            raise JournalError(damaged(self.path, tell("it-is-empty")))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; may be called again."""
        with self._lock:
            self._database.close()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise in_plain_words(error, self.path) from error

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        """A transaction: on the disk when it is left, or without any trace."""
        if _identity(self.path) != self._file:  # what is written into a file without a name is lost with the process
            raise JournalError(tell("journal-was-deleted", path=self.path))
        with self._plainly():
            database = self._database
            try:
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    # --- one run at a time

    def lock(self, account: str) -> FileLock:
        """A lock that only one run per account holds at a time; the operating system frees it when its process ends.

        Not yet acquired: `acquire(timeout=seconds)` raises filelock.Timeout.
        """
        key = hashlib.sha256(account_key(account).encode()).hexdigest()[:12]
        return FileLock(self.path.with_name(f"{self.path.name}.{key}.lock"), thread_local=False)

    @contextmanager
    def only_run(self, account: str, wait_seconds: float = 1.0) -> Iterator[None]:
        """Be the only run for `account` inside; raises JournalError when another one is on."""
        lock = self.lock(account)
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout:
            raise JournalError(tell("another-run-is-on", account=account or tell("account-without-name"))) from None
        except OSError as error:
            raise JournalError(
                tell("journal-folder-not-writable", folder=self.path.parent, reason=system_reason(error))
            ) from error
        try:
            yield
        finally:
            lock.release()

    def begin_run(self, account: str, workbook: str, mode: str, at: dt.datetime | None = None) -> str:
        """Note that a run begins; its id."""
        run_id = uuid.uuid4().hex[:12]
        with self._written() as database:
            database.execute(
                "INSERT INTO runs (run_id, account, workbook, mode, started_at) VALUES (?, ?, ?, ?, ?)",
                _values(run_id, account_key(account), workbook, mode, (at or _now()).isoformat(timespec="seconds")),
            )
        return run_id

    def end_run(self, run_id: str, ended: str, statistics: Mapping[str, object], at: dt.datetime | None = None) -> None:
        """Note how a run ended (see `run_batch`'s `ended`), with its statistics."""
        with self._written() as database:
            database.execute(
                "UPDATE runs SET ended_at = ?, ended = ?, statistics = ? WHERE run_id = ?",
                ((at or _now()).isoformat(timespec="seconds"), ended, json.dumps(statistics), run_id),
            )

    # --- reading

    def record(self, account: str, record_id: str) -> JournalRecord | None:
        """What is known of a record; None when the journal has never heard of it."""
        found = self._rows("WHERE account = ? AND record_key = ?", (account_key(account), record_key(record_id)))
        return found[0] if found else None

    def records(self, account: str | None = None) -> list[JournalRecord]:
        """All records of `account`, or of every account, in the order in which they were first planned."""
        return self._rows("", ()) if account is None else self._rows("WHERE account = ?", (account_key(account),))

    def _rows(self, where: str, values: tuple[object, ...]) -> list[JournalRecord]:
        with self._plainly():
            # nothing of a person's goes into the text of the statement
            rows = self._database.execute(f"SELECT {_COLUMNS} FROM records {where} ORDER BY rowid", values)  # noqa: S608
            return [JournalRecord(**{**dict(row), "retryable": bool(row["retryable"])}) for row in rows]

    def query(self, statement: str, values: tuple[object, ...] = ()) -> list[dict[str, Any]]:
        """The rows of a SELECT over the tables `records`, `events`, `runs` and `outcomes` (see `journal_schema`)."""
        with self._plainly():
            return [dict(row) for row in self._database.execute(statement, values)]

    # --- writing

    def plan(
        self, account: str, run_id: str, records: Iterable[tuple[str, str]], at: dt.datetime | None = None
    ) -> None:
        """A run is going to post these records, given as (record id, title): one transaction for all of them.

        Those that are posted, or whose outcome is not known, stay as they are.
        """
        when = (at or _now()).isoformat()
        account = account_key(account)
        rows = [_values(account, record_key(name), name, run_id, when, title) for name, title in records]
        with self._written() as database:
            database.executemany(
                "INSERT INTO records (account, record_key, record_id, state, run_id, updated_at, title) "
                "VALUES (?, ?, ?, 'planned', ?, ?, ?) ON CONFLICT (account, record_key) DO UPDATE SET "
                "record_id = excluded.record_id, state = 'planned', run_id = excluded.run_id, "
                "updated_at = excluded.updated_at, title = excluded.title "
                "WHERE state NOT IN ('posted', 'submitting', 'uncertain')",
                rows,
            )
            database.execute(
                "INSERT INTO events (run_id, account, record_id, state, at) "
                "SELECT run_id, account, record_id, state, ? FROM records "
                "WHERE account = ? AND run_id = ? AND state = 'planned'",
                (when, account, run_id),
            )

    def move(
        self,
        account: str,
        record_id: str,
        state: State,
        run_id: str,
        at: dt.datetime | None = None,
        *,
        outcome: tuple[str, int, float] | None = None,
        **changes: object,
    ) -> None:
        """Bring a record into `state`, with other columns of `JournalRecord` changed too; on the disk on return.

        `outcome` is (error kind or '', tries, seconds) where this move is what a run made of the record, for the
        statistics. Raises JournalError for a move that isn't in `MOVES`: such a bug must not end in a second post.
        """
        unknown = set(changes) - _CHANGEABLE
        if unknown:
            raise TypeError(f"the journal has no {', '.join(sorted(unknown))}")
        when = (at or _now()).isoformat()
        account, record_id = account_key(account), stored(record_id)
        with self._written() as database:
            key = (account, record_key(record_id))
            row = database.execute("SELECT state FROM records WHERE account = ? AND record_key = ?", key).fetchone()
            before: State | None = row["state"] if row else None
            if state not in MOVES[before]:
                raise JournalError(
                    tell("journal-bad-move", record_id=record_id, before=before, state=state, path=self.path)
                )
            if before is None:
                database.execute(
                    "INSERT INTO records (account, record_key, record_id, state, run_id, updated_at) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (*key, record_id, state, run_id, when),
                )
            sets = "".join(f", {name} = ?" for name in changes)
            database.execute(
                f"UPDATE records SET state = ?, run_id = ?, updated_at = ?{sets} "  # noqa: S608 — names checked above
                "WHERE account = ? AND record_key = ?",
                _values(state, run_id, when, *changes.values(), *key),
            )
            database.execute(
                "INSERT INTO events (run_id, account, record_id, state, at, reason) VALUES (?, ?, ?, ?, ?, ?)",
                _values(run_id, account, record_id, state, when, str(changes.get("reason", ""))),
            )
            if outcome is not None:
                database.execute(
                    "INSERT INTO outcomes (run_id, account, record_id, at, error_kind, tries, seconds) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (run_id, account, record_id, when, *outcome),
                )

    def note_outcome(
        self, account: str, record_id: str, run_id: str, outcome: tuple[str, int, float], at: dt.datetime | None = None
    ) -> None:
        """Count what a run made of a record whose state doesn't change: see `move`."""
        with self._written() as database:
            database.execute(
                "INSERT INTO outcomes (run_id, account, record_id, at, error_kind, tries, seconds) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                _values(run_id, account_key(account), record_id, (at or _now()).isoformat(), *outcome),
            )

    def heed(self, account: str, words: Iterable[tuple[str, str]]) -> None:
        """Note what persons typed into statuses, given as (record id, word): each counts once."""
        account = account_key(account)
        with self._written() as database:
            database.executemany(
                "UPDATE records SET words = words || ? || char(10) WHERE account = ? AND record_key = ?",
                [_values(word_key(word), account, record_key(name)) for name, word in words],
            )

    def forget(self, account: str, record_ids: Collection[str], at: dt.datetime | None = None) -> list[str]:
        """A person's word that these records have no ad on the site (any more): gives those of which it thought so.

        Their state becomes removed, so that the next run posts them where the sheet asks for it.
        """
        when, account = (at or _now()).isoformat(), account_key(account)
        forgotten = []
        with self._written() as database:
            for name in record_ids:
                key = (account, record_key(name))
                row = database.execute(
                    "SELECT state, error_kind FROM records WHERE account = ? AND record_key = ?", key
                ).fetchone()
                on_site = row is not None and (row["state"] != "removed" or row["error_kind"] == "removed")
                if row is None or not on_site or "removed" not in MOVES[row["state"]]:
                    continue
                database.execute(
                    "UPDATE records SET state = 'removed', updated_at = ?, ad_id = '', ad_url = '', posted_at = '', "
                    "ids_before = NULL, replaced_status = NULL, error_kind = '' WHERE account = ? AND record_key = ?",
                    (when, *key),
                )
                forgotten.append(name)
                database.execute(
                    "INSERT INTO events (run_id, account, record_id, state, at, reason) "
                    "VALUES ('', ?, ?, 'removed', ?, 'a person said that it has no ad')",
                    _values(account, name, when),
                )
        return forgotten

    def restore(self, table: str, rows: Collection[Mapping[str, Any]]) -> int:
        """Put rows saved from a damaged journal into `table`; how many were fit for it."""
        restored = 0
        with self._written() as database:
            names = [column["name"] for column in database.execute("SELECT name FROM pragma_table_info(?)", (table,))]
            if not names:
                raise JournalError(f"The journal has no table {table}.")
            for row in rows:
                there = [name for name in names if name in row]  # an older journal lacks columns
                into, marks = ", ".join(there), ", ".join("?" * len(there))
                # what breaks the table's own rules was damaged too
                restored += database.execute(
                    f"INSERT OR IGNORE INTO {table} ({into}) VALUES ({marks})",  # noqa: S608 — a table that is there, and its columns
                    [row[name] for name in there],
                ).rowcount
        return restored
