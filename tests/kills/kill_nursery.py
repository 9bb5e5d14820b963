"""Imports everything once, then forks one child for each run that it is told to start: hundreds of runs in seconds.

A child is a process of its own that calls the real code and may be killed at any moment. Commands come as JSON lines;
it is answered with the child's pid at once, and with how it ended when it has. Not before a line says that the pid was
seen is the child reaped: until then the pid means this child, even when it has ended.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from xlkijiji import calc, data_io, jobs, journal_schema, terminal, worker
from xlkijiji.errors import RecordError, UnknownOutcome
from xlkijiji.inventory import Record
from xlkijiji.journal import Journal
from xlkijiji.posting import run_batch
from xlkijiji.workbook import live


class Steps:
    """Counts what the run does, and dies at the step it was told to."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.count = 0
        self.on = False

    def take(self) -> None:
        """One more step."""
        if not self.on:
            return
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


class SocketBot:
    """A fast bot for the site in the other process."""

    def __init__(self, order: dict[str, Any], step: Callable[[], None]) -> None:
        self._address = order["site"]
        self.account = order["account"]
        self.listing_delay = order.get("listing_delay", 0.0)
        self._step = step
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(self._address)
        self._file = self._socket.makefile("rwb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, what: str, **more: object) -> Any:
        """Ask the site; a step before, when it has taken it, and after. Raises ConnectionError without an answer."""
        self._step()
        self._file.write(json.dumps({"what": what, **more}).encode() + b"\n")
        self._file.flush()
        self._step()
        line = self._file.readline()
        self._step()
        if not line:
            self.__exit__()
            self._connect()
            raise ConnectionError("The site broke off before it answered.")
        return json.loads(line)

    def post_ad(self, record: Record, before_submit: Callable[..., None]) -> dict[str, Any]:
        """Post, telling of the click."""
        ids = [ad["id"] for ad in self.ask("list")]
        before_submit(ids_before=ids)
        try:
            ad_id = self.ask("add", account=self.account, sku=record["sku"], title=record["title"])
        except ConnectionError as error:
            raise UnknownOutcome("Unsure – the site broke off before it answered.") from error
        if ad_id is None:
            raise RecordError("The site refused this ad.")
        return {"success": True, "message": "ok", "ad_id": ad_id, "ad_url": f"https://site.example/{ad_id}"}

    def find_ad(self, record: Record, ids_before: Any = ()) -> dict[str, Any] | None:
        """Look by title, as the real one does."""
        found = [ad for ad in self.ask("list") if ad["title"] == record["title"] and ad["id"] not in ids_before]
        if len(found) > 1:
            raise UnknownOutcome("Several ads have this title.")
        return {"ad_id": found[0]["id"], "ad_url": f"https://site.example/{found[0]['id']}"} if found else None

    def delete_ad(self, ad_id: str) -> dict[str, Any]:
        """Delete; no success for one that is gone already."""
        return {"success": self.ask("delete", id=ad_id), "message": "deleted"}


def watch(steps: Steps) -> None:
    """Each file that is opened or renamed, and each SQL statement, is a step."""
    names = {"open", "os.rename", "os.remove", "os.chmod", "sqlite3.connect"}

    def on_event(name: str, _arguments: tuple[Any, ...]) -> None:
        if name in names:
            steps.take()

    sys.addaudithook(on_event)
    connect = journal_schema.open_database

    def traced(path: Path) -> Any:
        database = connect(path)
        database.set_trace_callback(lambda _statement: steps.take())
        return database

    import xlkijiji.journal

    xlkijiji.journal.open_database = traced  # type: ignore[attr-defined]  # the child's own copy, to be killed


def child(order: dict[str, Any]) -> None:
    """One run; what it says goes into the file `said`."""
    os.environ["XLKIJIJI_HOME"] = order["home"]
    sys.stderr = sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  # for the life of the child
    steps = Steps(order.get("last"))
    watch(steps)
    if order.get("file_limit") is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"], resource.RLIM_INFINITY))
    path = Path(order["path"])
    steps.on = True
    if order["through"] == "worker":
        os.environ[calc.PIPE_VARIABLE] = order["pipe"]
        worker.SHOW_RESULT_SECONDS, live.WRITE_EVERY, live.REST_PER_WORK = 0.0, 0.02, 0.0
        jobs.make_bot = lambda *_settings: SocketBot(order, steps.take)  # a fast site
        code = worker.main([f"--fullname={path}", "--sheet=Inventory"])
        result = {"message": f"the worker's exit code is {code}", "success": code == 0}
    elif order["through"] == "terminal":
        jobs.make_bot = lambda *_settings: SocketBot(order, steps.take)  # a fast site
        result = terminal.post_file(path, order["mode"], real=False, account="", pictures=None)
    else:
        now = dt.datetime.fromisoformat(order["now"]) if order.get("now") else None
        clock = {} if now is None else {"clock": lambda: now}
        bot = SocketBot(order, steps.take)
        frame = data_io.load_inventory(path)
        with Journal(order["journal"]) as journal:
            if order.get("max_pages") is not None:
                pages = journal.query("PRAGMA page_count")[0]["page_count"]
                journal.query(f"PRAGMA max_page_count = {pages + order['max_pages']}")
            if order.get("read_only"):
                journal.query("PRAGMA query_only = ON")
            result = run_batch(frame, order["mode"], bot, None, None, path, journal=journal, **clock)  # type: ignore[arg-type]  # see above
    steps.on = False
    said = {"message": result["message"], "success": result["success"], "steps": steps.count}
    Path(order["said"]).write_text(json.dumps(said))


def main() -> None:
    """Serve orders until standard input ends."""
    out = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                child(order)
                code = 0
            except BaseException as error:  # noqa: BLE001 — the parent gets to know it
                Path(order["said"]).write_text(json.dumps({"message": f"{type(error).__name__}: {error}"}))
            finally:
                os._exit(code)
        print(json.dumps({"pid": pid}), file=out, flush=True)
        sys.stdin.readline()
        _pid, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), file=out, flush=True)


if __name__ == "__main__":
    main()
