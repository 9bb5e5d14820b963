"""A real Selenium Grid on this computer, with browsers that nobody sees: a process of its own, ended by its group."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from xlkijiji.kijiji.programs import find_browser, find_driver, kind_of

JAR = next((Path(__file__).parents[2] / ".venv").glob("selenium-server-*.jar"), None)
START_SECONDS = 90.0


class GridServer:
    """`sessions` browsers at most; a request for one more waits so many seconds."""

    def __init__(self, folder: Path, *, sessions: int, request_seconds: int) -> None:
        browser = find_browser()
        java, driver = shutil.which("java"), find_driver(kind_of(browser))
        if JAR is None or java is None or driver is None:
            pytest.fail(
                "The Selenium Grid can't be tested: its jar, Java or chromedriver is missing. Run scripts/setup tests "
                "and scripts/fetch_grid.py, which say why."
            )
        self._log = folder / "grid.log"
        self.url = f"http://127.0.0.1:{_free_port()}"
        options: dict[str, Any] = {"binary": str(browser)}
        if os.geteuid() == 0:
            options["args"] = ["--no-sandbox", "--disable-dev-shm-usage"]
        kind = {"browserName": "chrome", "goog:chromeOptions": options}
        self._command = [
            *(java, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", str(JAR), "standalone"),
            *("--host", "127.0.0.1", "--port", self.url.rpartition(":")[2], "--tracing", "false"),
            *("--max-sessions", str(sessions), "--override-max-sessions", "true"),
            *("--session-request-timeout", str(request_seconds), "--detect-drivers", "false"),
            *("--driver-configuration", "display-name=Chromium", f"max-sessions={sessions}"),
            *(f"webdriver-executable={driver}", f"stereotype={json.dumps(kind)}"),
        ]

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__(None, None, None)
                pytest.fail(f"The Selenium Grid did not start:\n{self._log.read_text(errors='replace')[-2000:]}")
            threading.Event().wait(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # what it left behind
        self._process.wait()

    def _ready(self) -> bool:
        try:
            return bool(self._status()["ready"])
        except (OSError, urllib.error.URLError):
            return False

    def _status(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/status", timeout=10) as answer:
            value: dict[str, Any] = json.load(answer)["value"]
        return value

    def sessions(self) -> set[str]:
        """The ids of the sessions that are on."""
        slots = [slot for node in self._status()["nodes"] for slot in node["slots"]]
        return {slot["session"]["sessionId"] for slot in slots if slot["session"] is not None}

    def end_session(self, session: str) -> None:
        """What somebody does who ends a session at the Grid itself."""
        request = urllib.request.Request(f"{self.url}/session/{session}", method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()


def browser_process(profile: str) -> int:
    """The process of the browser that has this profile."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            if f"--user-data-dir={profile}" in words and "--type=" not in words and "crashpad" not in words:
                return int(entry.name)
    raise LookupError(profile)


def parent_of(process: int) -> int:
    """The process that started it."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
