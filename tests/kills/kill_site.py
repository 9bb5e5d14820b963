"""The site of the kill tests: a process of its own with a table of its own, which outlives every run.

Speaks over a socket in the file system: one JSON object per line and answer. It keeps every ad that it ever accepted,
so that a second post is seen even where an ad was deleted since.
"""

from __future__ import annotations

import json
import socketserver
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

LOCK = threading.Lock()
ADS: list[dict[str, Any]] = []
LAG = {"looks": 0}
FAULTS = dict.fromkeys(("lose", "refuse", "drop", "keep", "blind"), 0)
"""How many more ads it takes (or takes off) without an answer, refuses, doesn't take, without an answer either, and
doesn't take off; and how often it doesn't show the list."""
JOURNAL = {"path": ""}
CONNECTED = threading.Condition()
CONNECTIONS = {"open": 0}


def key(text: str) -> str:
    """Stock numbers and accounts as people mean them."""
    return text.strip().casefold()


def noted(account: str, sku: str) -> list[str]:
    """State and title of the record in the journal on the disk, at this moment; read only, so nothing is tidied up."""
    if not JOURNAL["path"]:
        return ["nobody said where the journal is", ""]
    try:
        database = sqlite3.connect(f"{Path(JOURNAL['path']).as_uri()}?mode=ro", uri=True)
        try:
            asked = "SELECT state, title FROM records WHERE account = ? AND record_key = ?"
            found = database.execute(asked, (key(account), key(sku))).fetchone()
        finally:
            database.close()
    except sqlite3.Error as error:
        return [f"{type(error).__name__}: {error}", ""]
    return list(found) if found else ["never heard of", ""]


def used_up(fault: str) -> bool:
    """Does the fault happen now? Then once less from here on."""
    happens = FAULTS[fault] > 0
    FAULTS[fault] -= happens
    return happens


class LostError(Exception):
    """The connection breaks before the answer."""


def answer(question: dict[str, Any]) -> Any:
    """What the site says: `add`, `list` (as My Ads shows it), `delete`, `all` (its own table), `reset`, `faults` (how
    many were left of the former ones).

    An ad that it refuses has no number. Raises LostError when it can't say what it has done.
    """
    what = question["what"]
    if what == "reset":
        ADS.clear()
        LAG["looks"] = question.get("lag", 0)
        JOURNAL["path"] = question.get("journal", "")
        FAULTS.update(dict.fromkeys(FAULTS, 0))
        return True
    if what == "faults":
        left = dict(FAULTS)
        FAULTS.update({name: question.get(name, 0) for name in FAULTS})
        return left
    fault = {"add": "drop", "delete": "keep", "list": "blind"}.get(what)
    if fault is not None and used_up(fault):
        raise LostError
    if what == "add":
        if used_up("refuse"):
            return None
        state, title = noted(question["account"], question["sku"])
        both = any(key(ad["sku"]) == key(question["sku"]) and ad["live"] for ad in ADS)
        ad = {"id": str(1000 + len(ADS)), "sku": question["sku"], "title": question["title"], "live": True}
        ad |= {"beside_another": both, "hidden_for": LAG["looks"]}
        ADS.append(ad | {"state_at_click": state, "title_at_click": title})
        if used_up("lose"):
            raise LostError
        return ad["id"]
    if what == "list":
        shown = []
        for ad in ADS:
            if ad["live"] and ad["hidden_for"] <= 0:
                shown.append({"id": ad["id"], "title": ad["title"]})
            ad["hidden_for"] -= 1
        return shown
    if what == "delete":
        for ad in ADS:
            if ad["id"] == question["id"] and ad["live"]:
                ad["live"] = False
                if used_up("lose"):
                    raise LostError
                return True
        return False
    return ADS


class Handler(socketserver.StreamRequestHandler):
    """Answers line by line until the other side is gone, killed or not."""

    def handle(self) -> None:
        """Serve one connection."""
        connected(1)
        try:
            for line in self.rfile:
                if not line.endswith(b"\n"):
                    return  # the run was killed while it wrote
                question = json.loads(line)
                if question["what"] == "alone":
                    with CONNECTED:
                        said = CONNECTED.wait_for(lambda: CONNECTIONS["open"] == 1, 60)
                else:
                    with LOCK:
                        said = answer(question)
                self.wfile.write(json.dumps(said).encode() + b"\n")
        except (OSError, LostError):
            return  # the run was killed while it waited for the answer, or shall not get it
        finally:
            connected(-1)


def connected(change: int) -> None:
    """One connection more or less; `alone` is answered when the asking one is the only one."""
    with CONNECTED:
        CONNECTIONS["open"] += change
        CONNECTED.notify_all()


class Server(socketserver.ThreadingUnixStreamServer):
    """A thread for each connection; none keeps the process."""

    daemon_threads = True


if __name__ == "__main__":
    with Server(sys.argv[1], Handler) as server:
        print("ready", flush=True)
        server.serve_forever()
