"""The process in which the runs of a chaos test are done, as every run is in one of its own.

Not in the test's: pyuno is asked by both, and two threads that ask of the first of its kind what it can do spoil it for
each other, for a moment [seen in 7.4]: AttributeError for a method that is there. Of a worker one thread alone asks it.
"""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from xmlrpc.client import ServerProxy
from xmlrpc.server import SimpleXMLRPCServer

from xlkijiji import calc, jobs, worker
from xlkijiji.paths import HOME_VARIABLE
from xlkijiji.workbook import live
from xlkijiji.workbook.session import Host

LONGEST_PERMIT = 120.0


class Site:
    """What is posted, and when: in the test's process, where no run can reach it but through these methods."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        """The stock number of every ad that was ever posted, in order."""
        self.refused: set[str] = set()
        self.titles: dict[str, str] = {}
        self.current = ""
        self.unpaced = False
        self.said: list[str] = []
        """What runs had put into the status bar."""
        self._permits = threading.Semaphore(0)

    def pace(self) -> None:
        """Wait for a permit before each ad, from now on."""
        self.unpaced, self._permits = False, threading.Semaphore(0)

    def permit(self) -> None:
        """Let one more ad be posted."""
        self._permits.release()

    def permit_all(self) -> None:
        """Let all others be posted without waiting."""
        self.unpaced = True
        self._permits.release()

    def ad_id(self, sku: str) -> str:
        """The number of a row's ad."""
        return f"17{sku[1:]}"

    # --- what the run's process calls

    def take(self, sku: str) -> bool:
        """Wait for the permit; False when the site refuses this one."""
        self.current = sku
        if not self.unpaced and not self._permits.acquire(timeout=LONGEST_PERMIT):
            raise RuntimeError("nobody gave a permit")
        if sku.endswith("3"):
            self.refused.add(sku)
        return sku not in self.refused

    def accept(self, sku: str, title: str) -> str:
        """Post it; its number."""
        self.accepted.append(sku)
        self.titles[self.ad_id(sku)] = title
        return self.ad_id(sku)

    def ids(self, title: str | None = None) -> list[str]:
        """The numbers of all ads, or of those with that title."""
        return [one for one, own in self.titles.items() if title in {None, own}]

    def leave(self) -> None:
        """No row is in hand any more."""
        self.current = ""

    def hear(self, text: str) -> None:
        """What the status bar is to say."""
        self.said.append(text)


class _Bot:
    """Posts to the site of the other process."""

    account = "dealer@example.com"
    listing_delay = 0.0

    def __init__(self, site: Any) -> None:
        self._site = site

    def post_ad(self, record: dict[str, Any], before_submit: Callable[..., None]) -> dict[str, Any]:
        """Wait for the permit, then post."""
        sku = record["sku"]
        if not self._site.take(sku):
            return {"success": False, "message": f"The site says no to {sku}.", "error_kind": "record"}
        before_submit(ids_before=self._site.ids())
        ad_id = self._site.accept(sku, record["title"])
        return {"success": True, "message": "Posted.", "ad_id": ad_id, "ad_url": f"http://127.0.0.1:9/v/{ad_id}"}

    def find_ad(self, record: dict[str, Any], ids_before: Any = ()) -> dict[str, Any] | None:
        """Look by title."""
        found = [one for one in self._site.ids(record["title"]) if one not in ids_before]
        return {"ad_id": found[0], "ad_url": f"http://127.0.0.1:9/v/{found[0]}"} if found else None

    def __enter__(self) -> _Bot:
        return self

    def __exit__(self, *_error: object) -> None:
        self._site.leave()


class _Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True


class Runs:
    """The way to the process: one run at a time, at the site of the test that is on."""

    def __init__(self) -> None:
        self.site = Site()
        self._orders: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()

    def start(self, path: Path, sheet: str, pipe: str) -> None:
        """Click Post New, in effect."""
        self._idle.clear()
        self._orders.put([str(path), sheet, pipe, os.environ[HOME_VARIABLE]])

    @property
    def running(self) -> bool:
        """Is a run on?"""
        return not self._idle.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for the run's end; False when it lasts longer."""
        return self._idle.wait(seconds)

    @contextmanager
    def process(self, log: Path) -> Iterator[None]:
        """Have the process for as long as this lasts; what it says goes into `log`."""
        with _Server(("127.0.0.1", 0), logRequests=False, allow_none=True) as server, log.open("wb") as stream:
            for answer in (self._orders.get, self._idle.set, self._ask):
                server.register_function(answer, answer.__name__.strip("_"))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            command = [sys.executable, __file__, str(server.server_address[1])]
            running = subprocess.Popen(command, stdout=stream, stderr=stream)
            try:
                yield
            finally:
                self._orders.put([])
                try:
                    running.wait(30)
                finally:
                    running.kill()
                    server.shutdown()

    def _ask(self, name: str, *values: Any) -> Any:
        return getattr(self.site, name)(*values)


class _FarSite:
    """The test's `Site`; each call has a line of its own, since a thread may wait in it."""

    def __init__(self, line: Callable[[], ServerProxy]) -> None:
        self._line = line

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            with self._line() as line:
                return line.ask(name, *values)

        return call


def main(port: str) -> None:
    """Do the runs that the test orders."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(threadName)s %(name)s: %(message)s")

    def line() -> ServerProxy:
        return ServerProxy(f"http://127.0.0.1:{port}", allow_none=True)

    site = _FarSite(line)
    worker.SHOW_RESULT_SECONDS, worker.LOOK_AGAIN_SECONDS = 0.0, 1.0
    live.WRITE_EVERY, live.SLOWEST_RETRY, live.REST_PER_WORK = 0.02, 0.2, 0.0
    shows = live.LiveView.show

    def show(view: live.LiveView, text: str) -> None:
        site.hear(text)
        shows(view, text)

    live.LiveView.show = show
    jobs.make_bot = lambda *_settings: _Bot(site)
    while True:
        with line() as orders:
            order = orders.get()
        if not order:
            return
        path, sheet, pipe, os.environ[HOME_VARIABLE] = order
        calc.activate(pipe)
        worker.run(Host(path, sheet), calc.activate_running)
        with line() as orders:
            orders.set()


if __name__ == "__main__":
    main(sys.argv[1])
