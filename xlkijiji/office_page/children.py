"""The programs that the page starts: one that watches the workbook in front, short ones that press and check.

xlwings' objects belong to one thread of one process, and Excel may be busy for minutes; so neither is in the server.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

from xlkijiji.messages import tell
from xlkijiji.press import LANGUAGE_VARIABLE

__all__ = ["SetupCheck", "Watcher"]

log = logging.getLogger(__name__)

FRESH_SECONDS = 0.7
"""An answer is as good as a new one for so long: several open pages cost no more than one."""
PATIENCE_SECONDS = 15.0
"""Excel with a dialog open answers nobody; after so long the page says so, and asks anew."""
PRESS_SECONDS = 60.0
_NO_WINDOW = 0x08000000  # CREATE_NO_WINDOW [Microsoft documentation]


def _python() -> str:
    """This Python; on Windows the one with standard streams, which the one without a window lacks."""
    program = Path(sys.executable)
    console = program.with_name("python.exe")
    return str(console) if program.name.lower() == "pythonw.exe" and console.exists() else str(program)


def _start(arguments: list[str], language: str, **streams: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 — our own interpreter and module
        [_python(), "-m", *arguments],
        text=True,
        encoding="utf-8",
        env={**os.environ, LANGUAGE_VARIABLE: language, "PYTHONIOENCODING": "utf-8"},
        creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
        cwd=Path.home(),
        **streams,
    )


def _pipe(stream: IO[str] | None) -> IO[str]:
    """A child's stream. Raises ValueError when the child was started without it."""
    if stream is None:
        raise ValueError("This program was started without a pipe for that stream.")
    return stream


class Watcher:
    """Knows the workbook in front, and presses its buttons; safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._language = ""
        self._seen: dict[str, Any] = {}
        self._seen_at = float("-inf")
        self._last_status: dict[str, str] = {}

    def look(self, language: str) -> dict[str, Any]:
        """What `xlkijiji.press.look` sees, and `last`: what the status bar said last of that workbook's runs."""
        with self._lock:
            if language != self._language or time.monotonic() - self._seen_at > FRESH_SECONDS:
                self._seen = self._ask(language)
                self._seen_at, self._language = time.monotonic(), language
            return self._seen

    def _ask(self, language: str) -> dict[str, Any]:
        child = self._child
        if child is None or child.poll() is not None:
            child = self._begin(language)
        try:
            questions = _pipe(child.stdin)
            questions.write(f"{language}\n")
            questions.flush()
            seen: dict[str, Any] = json.loads(self._answers.get(timeout=PATIENCE_SECONDS))
        except (queue.Empty, OSError, ValueError):
            self._end()
            return {"problem": tell("page-busy", language)}
        path = seen.get("path", "")
        if seen.get("status"):
            self._last_status[path] = seen["status"]
        return {**seen, "last": self._last_status.get(path, "")}

    def _begin(self, language: str) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        child = self._child = _start(["xlkijiji.press", "watch"], language, **pipes)
        answers = self._answers = queue.SimpleQueue()

        def collect() -> None:
            for line in _pipe(child.stdout):
                answers.put(line)
            answers.put("")  # it ended: whoever waits needn't wait longer

        threading.Thread(target=collect, daemon=True, name="answers of the watcher").start()
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()

    def press(self, job: str, language: str) -> str:
        """Do what the button does; blank when it went well, else a sentence."""
        with self._lock:
            self._seen_at = float("-inf")
            child = _start(["xlkijiji.press", job], language, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, said = child.communicate(timeout=PRESS_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                return tell("page-busy", language)
        if child.returncode == 0:
            return ""
        lines = said.strip().splitlines()
        # a traceback is for the log alone
        foreseen = len(lines) > 0 and not any(line.startswith("Traceback") for line in lines)
        return lines[-1] if foreseen else tell("not-started", language)

    def close(self) -> None:
        """End the program that watches."""
        with self._lock:
            self._end()


class SetupCheck:
    """The doctor, in a program of its own, as it starts a browser; its findings come one by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._findings: list[dict[str, Any]] = []
        self._running = False

    def start(self, language: str, workbook: str) -> None:
        """Begin anew, unless a check is on."""
        with self._lock:
            if self._running:
                return
            self._running, self._findings = True, []
        threading.Thread(target=self._run, args=(language, workbook), daemon=True, name="check of the set-up").start()

    def _run(self, language: str, workbook: str) -> None:
        whole = False
        try:
            whole = self._collect(language, workbook)
        except (OSError, ValueError):  # it could not be started, or wrote something that is no finding
            log.exception("the check of the set-up went wrong")
        finally:
            with self._lock:
                if not whole or not self._findings:
                    text = tell("page-setup-broken", language)
                    self._findings.append({"good": False, "needed": True, "text": text})
                self._running = False

    def _collect(self, language: str, workbook: str) -> bool:
        """Take the findings in; False when the doctor did not come to its end. Raises OSError, ValueError."""
        arguments = ["xlkijiji", "doctor", "--json", "--language", language, *([workbook] if workbook else [])]
        with tempfile.TemporaryFile() as said:  # no pipe: nobody reads it while the findings come
            child = _start(arguments, language, stdout=subprocess.PIPE, stderr=said)
            try:
                for line in _pipe(child.stdout):
                    finding = json.loads(line)
                    with self._lock:
                        self._findings.append(finding)
            except ValueError:
                child.kill()
                raise
            finally:
                child.wait()
            if child.returncode != 0:
                said.seek(0)
                log.error("the check of the set-up broke off: %s", said.read().decode("utf-8", "replace"))
        return child.returncode == 0

    def state(self) -> dict[str, Any]:
        """Whether a check is on, and what was found so far."""
        with self._lock:
            return {"running": self._running, "findings": list(self._findings)}
