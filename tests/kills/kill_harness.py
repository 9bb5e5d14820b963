"""Starts runs, kills them, lets the next one recover, and judges by the site's own table."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from xlkijiji import data_io
from xlkijiji.journal_record import MOVES

HERE = Path(__file__).parent
LONGEST = 120.0


class Site:
    """The site's process, asked for its own table."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "site.sock")
        self.process = subprocess.Popen(
            [sys.executable, HERE / "kill_site.py", self.address], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(self.address)
        self._file = self._socket.makefile("rwb")

    def ask(self, what: str, **more: object) -> Any:
        """What the site says."""
        self._file.write(json.dumps({"what": what, **more}).encode() + b"\n")
        self._file.flush()
        return json.loads(self._file.readline())

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self._file.close()
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@dataclass
class Nursery:
    """The process that forks the runs."""

    kills: int = 0
    """In all tests together."""

    process: subprocess.Popen[str] = field(
        default_factory=lambda: subprocess.Popen(
            [sys.executable, HERE / "kill_nursery.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    )

    def run(self, order: dict[str, Any], kill_after: float | None = None) -> bool:
        """One run; True when it was killed. `kill_after` seconds it's killed from outside, at a step by itself."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        # the nursery doesn't reap the child before it's told to, so this is the very process, and stays it
        child = os.pidfd_open(json.loads(self.process.stdout.readline())["pid"])
        seconds = LONGEST if kill_after is None else kill_after
        timer = threading.Timer(seconds, _kill, (child,))
        timer.start()
        try:
            self.process.stdin.write("seen\n")
            self.process.stdin.flush()
            status = int(json.loads(self.process.stdout.readline())["status"])
        finally:
            timer.cancel()
            timer.join()
            os.close(child)
        assert status in {0, 1, -signal.SIGKILL}, status
        return status == -signal.SIGKILL

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def _kill(child: int) -> None:
    try:
        signal.pidfd_send_signal(child, signal.SIGKILL)
    except ProcessLookupError:
        return  # it has ended by itself


@dataclass
class Office:
    """One inventory, its journal, and the site; begun anew for each scenario."""

    site: Site
    nursery: Nursery
    folder: Path
    suffix: str = ".csv"
    kills: int = 0
    states: Counter[str] = field(default_factory=Counter)

    @property
    def file(self) -> Path:
        """The inventory."""
        return self.folder / f"stock{self.suffix}"

    @property
    def journal(self) -> Path:
        """Where the terminal's own run keeps it, too."""
        return self.folder / "home" / "data" / "practice" / "journal-8765.sqlite3"

    def begin(self, rows: int, *, twins: bool = False, lag: int = 0) -> None:
        """A new inventory of `rows` items (with `twins` of one title), no journal, an empty site."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.site.ask("reset", lag=lag, journal=str(self.journal))
        data_io.save_inventory(inventory(rows, twins=twins), self.file)

    def order(self, mode: str = "new", through: str = "run_batch", **more: object) -> dict[str, Any]:
        """An order for the nursery."""
        return {
            "home": str(self.folder / "home"),
            "path": str(self.file),
            "journal": str(self.journal),
            "site": self.site.address,
            "account": "dealer@example.com",
            "said": str(self.folder / "said.json"),
            "mode": mode,
            "through": through,
            **more,
        }

    def run(self, kill_after: float | None = None, **order: Any) -> bool:
        """One run; True when it was killed."""
        killed = self.nursery.run(self.order(**order), kill_after)
        if killed:
            # what it had sent before its end has come to something, or to nothing, when the next one looks
            assert self.site.ask("alone")
            self.kills += 1
            self.nursery.kills += 1
            self.states.update(state for _sku, state, _ad in self.records())
        return killed

    def recover(self, mode: str = "new", **order: Any) -> None:
        """The next run, which nobody kills."""
        assert not self.run(mode=mode, **order)
        assert json.loads((self.folder / "said.json").read_text()).get("success"), self.said

    @property
    def said(self) -> str:
        """What the last run that ended said."""
        return str(json.loads((self.folder / "said.json").read_text())["message"])

    @property
    def steps(self) -> int:
        """At how many steps the last run that ended could have been killed."""
        return int(json.loads((self.folder / "said.json").read_text())["steps"])

    def records(self) -> list[tuple[str, str, str]]:
        """(record id, state, ad id) of all that the journal knows; none before it is made."""
        return self.asked("SELECT record_id, state, ad_id FROM records ORDER BY rowid")

    def asked(self, statement: str) -> list[Any]:
        """Rows of the journal, read by SQLite itself; none before its tables are made.

        Read only: what a killed run left in the WAL is there for the next run to find.
        """
        if not self.journal.exists():
            return []
        database = sqlite3.connect(f"{self.journal.as_uri()}?mode=ro", uri=True)
        try:
            if not database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'events'").fetchone()[0]:
                return []
            return database.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            # killed while it made the file: this is for the next run to undo, and there are no tables yet
            if error.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
                raise
            return []
        finally:
            database.close()

    def judge(self, rows: int, *, replaced: bool = False) -> None:
        """Each row once on the site, in the file and in the journal, all of them with the same ad."""
        ads = self.site.ask("all")
        live = {ad["sku"]: ad["id"] for ad in ads if ad["live"]}
        assert Counter(ad["sku"] for ad in ads if ad["live"]) == Counter(skus(rows)), ads
        judge_clicks(ads)
        if not replaced:
            assert len(ads) == rows, f"posted twice: {ads}"
        frame = data_io.load_inventory(self.file)
        assert frame["sku"].tolist() == skus(rows)
        assert frame["posting_status"].str.fullmatch(r"Posted \d{4}-\d\d-\d\d").all(), frame["posting_status"].tolist()
        assert dict(zip(frame["sku"], frame["ad_id"], strict=True)) == live
        assert {(sku, state, ad) for sku, state, ad in self.records()} == {
            (sku, "posted", ad) for sku, ad in live.items()
        }
        self.judge_history()

    def judge_history(self) -> None:
        """The journal is sound, and its records made no other moves than those that are drawn."""
        assert self.asked("PRAGMA integrity_check") == [("ok",)]
        last: dict[str, str] = {}
        for spelling, state in self.asked("SELECT record_id, state FROM events ORDER BY id"):
            sku = key(spelling)
            before = last.get(sku)
            assert state in MOVES[before], f"{sku} went from {before} to {state}"  # type: ignore[index]  # states as text
            last[sku] = state


def key(sku: str) -> str:
    """A stock number as a person means it, however it is spelled."""
    return sku.strip().casefold()


def judge_clicks(ads: list[dict[str, Any]]) -> None:
    """At each click the intent was on the disk, and no other ad of the row was live."""
    for ad in ads:
        assert (ad["state_at_click"], ad["title_at_click"]) == ("submitting", ad["title"]), f"not noted before: {ad}"
        assert not ad["beside_another"], f"two ads at once for one row: {ads}"


def skus(rows: int) -> list[str]:
    """The stock numbers of an inventory."""
    return [f"BT{number:03}" for number in range(1, rows + 1)]


def inventory(rows: int, *, twins: bool = False) -> pd.DataFrame:
    """Items that pass every check; with `twins` two of them share their title."""
    titles = [f"Bucket truck number {number}" for number in range(1, rows + 1)]
    if twins:
        titles[1] = titles[0]
    return pd.DataFrame(
        {
            "sku": skus(rows),
            "title": titles,
            "description": ["A good truck with a long boom."] * rows,
            "price": [24500 + number for number in range(rows)],
            "posting_status": [""] * rows,
            "ad_id": [""] * rows,
            "ad_url": [""] * rows,
            "posted_at": [""] * rows,
            "attempts": [""] * rows,
            "last_error": [""] * rows,
        }
    )


def seconds_of_a_run(office: Office, rows: int, **order: Any) -> float:
    """How long a run takes that nobody kills."""
    office.begin(rows)
    started = time.monotonic()
    assert not office.run(**order)
    return time.monotonic() - started


def random_kills(office: Office, rows: int, wanted: int, seed: int) -> int:
    """Kill runs at random moments, in chains of up to three, until `wanted` were killed; how many."""
    chance = random.Random(seed)  # noqa: S311  # moments, not secrets
    whole = seconds_of_a_run(office, rows)
    before = office.kills
    while office.kills - before < wanted:
        mode = chance.choice(["new", "new", "all"])
        office.begin(rows, twins=chance.random() < 0.3)
        if mode == "all":
            office.recover()
        for _again in range(chance.randint(1, 3)):
            office.run(chance.uniform(0.0, whole), mode=mode, through=chance.choice(["run_batch", "terminal"]))
        office.recover()
        office.judge(rows, replaced=mode == "all")
    return office.kills - before
