"""A LibreOffice of our own: started with a private profile, and ended again."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import xlkijiji
from xlkijiji.messages import tell

from .connection import Connection, bounded, connect, is_gone
from .errors import CalcError, NotConnectedError, OfficeMissingError
from .profile import prepare_profile

_log = logging.getLogger(__name__)
# In the profile: what LibreOffice writes to its standard streams.
_OUTPUT = "soffice.log"
_PROC = Path("/proc")


class Office:
    """A LibreOffice that this process started. Also a context manager, which closes it.

    Attributes:
        pipe: the name of the pipe on which it listens.
        pid: the process of LibreOffice itself.
        headless: whether it has no windows.
    """

    def __init__(self, process: subprocess.Popen[bytes], pipe: str, pid: int, *, headless: bool) -> None:
        self._process = process
        self.pipe = pipe
        self.pid = pid
        self.headless = headless

    @classmethod
    def start(
        cls,
        profile: Path,
        *,
        headless: bool = False,
        display: str | None = None,
        pipe: str | None = None,
        timeout: float = 120,
    ) -> Office:
        """Start LibreOffice with its own `profile` directory (made when it is missing) and wait until it answers.

        Args:
            headless: without windows.
            display: the X display to use instead of the environment's, such as ":7".
            pipe: the name to listen under; by default a new one.
            timeout: seconds to wait for its first answer.

        Raises:
            OfficeMissingError: LibreOffice is not installed, or does not answer in time.
            UnoMissingError: this Python has no `uno`.
        """
        # The wrapper, not soffice.bin: on a fresh profile the program ends with status 81 and wants to be started
        # again.
        program = shutil.which("soffice")
        if program is None:
            raise OfficeMissingError(tell("calc-not-found"))
        environment = _environment(display)
        if not headless and sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & environment.keys():
            # LibreOffice itself would start without windows and say nothing.
            raise OfficeMissingError(tell("calc-no-screen"))
        profile.mkdir(parents=True, exist_ok=True)
        prepare_profile(profile)
        pipe = pipe or f"xlkijiji-{uuid.uuid4().hex[:12]}"
        command = [
            program,
            f"-env:UserInstallation={profile.resolve().as_uri()}",
            f"--accept=pipe,name={pipe};urp;",
            *("--norestore", "--nologo", "--nofirststartwizard", "--nodefault"),
        ]
        if headless:
            command.append("--headless")
        output = profile / _OUTPUT
        with output.open("wb") as stream:
            # A session of its own: Ctrl+C in the terminal that opened the workbook must not end LibreOffice with
            # unsaved work.
            process = subprocess.Popen(  # noqa: S603 - the arguments are our own, and no shell reads them
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        try:
            connection = connect(pipe, timeout, still_starting=lambda: process.poll() is None)
        except NotConnectedError as error:
            ended = process.poll()
            _end_group(process)
            _log.error("soffice %s; it wrote to %s.", "does not answer" if ended is None else f"ended: {ended}", output)
            raise OfficeMissingError(_not_started(ended, output)) from error
        except BaseException:
            _end_group(process)
            raise
        if connection.recall("pid") is not None or process.poll() is not None:
            # A second start with the same profile hands its arguments, and so our pipe, to the first, and ends.
            raise OfficeMissingError(tell("calc-still-open"))
        pid = _office_pid(pipe) or process.pid
        connection.remember("pid", pid)
        return cls(process, pipe, pid, headless=headless)

    @property
    def connection(self) -> Connection:
        """The line to it."""
        return connect(self.pipe)

    @property
    def running(self) -> bool:
        """Whether its process is still there."""
        return self._process.poll() is None

    def close(self, timeout: float = 15) -> None:
        """End it: politely over UNO first, without saving what is open, and by force when it stays.

        Args:
            timeout: seconds to wait for the polite end.
        """
        if self.running:
            with suppress(CalcError):  # it does not answer: the force below ends it
                bounded(lambda: _ask_to_end(self.connection), timeout, tell("calc-closing"))
            with suppress(subprocess.TimeoutExpired):  # same
                self._process.wait(timeout)
        _end_group(self._process)

    def __enter__(self) -> Office:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _not_started(status: int | None, output: Path) -> str:
    """Why there is no LibreOffice, and what to do.

    Args:
        status: the exit status when it ended by itself; None when it runs and does not answer.
        output: what it wrote.
    """
    if status is None:
        return tell("calc-started-and-silent")
    last = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return tell("calc-ended-at-once", said="; ".join([str(status), *last]))


def _ask_to_end(connection: Connection) -> None:
    """Close every document without saving, then end the program."""
    try:
        for document in documents(connection):
            document.setModified(False)
            document.close(True)
        connection.desktop.terminate()
    except Exception as error:
        # It often hangs up before it has answered: that is the end that was asked for.
        if not is_gone(error):
            raise


def documents(connection: Connection) -> list[Any]:
    """The open spreadsheet documents, in the order of LibreOffice."""
    components = connection.desktop.Components.createEnumeration()
    found = []
    while components.hasMoreElements():
        component = components.nextElement()
        # Windows without a document (the start centre, Basic's editor) are components too.
        if hasattr(component, "supportsService") and component.supportsService(
            "com.sun.star.sheet.SpreadsheetDocument"
        ):
            found.append(component)
    return found


def process_of(connection: Connection) -> int:
    """The process id of the connected LibreOffice.

    Raises:
        NotConnectedError: it was not started by xlkijiji, and this system does not tell.
    """
    if not connection.process:  # xlwings asks for it at each value that it reads
        connection.process = int(connection.recall("pid") or _office_pid(connection.pipe) or 0)
    if not connection.process:
        raise NotConnectedError(tell("calc-unknown-process"))
    return connection.process


def _environment(display: str | None) -> dict[str, str]:
    """The environment of LibreOffice, and so of the Python that a button starts.

    It can import xlkijiji from where this process has it, whether that is an installed package or a checkout.
    """
    environment = dict(os.environ)
    root = str(Path(xlkijiji.__file__).resolve().parents[1])
    if Path(root).name not in {"site-packages", "dist-packages"}:
        rest = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = os.pathsep.join([root, rest] if rest else [root])
    if display is not None:
        environment["DISPLAY"] = display
        environment.pop("WAYLAND_DISPLAY", None)
    return environment


def _office_pid(pipe: str) -> int | None:
    """The process that listens on `pipe`: the last that the wrapper started. Only Linux tells."""
    needle = f"name={pipe};".encode()
    found = []
    for entry in _PROC.glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it ended while we looked, or is not ours to see
        if any(needle in argument for argument in arguments) and arguments[0].endswith(b".bin"):
            found.append(int(entry.name))
    return max(found, default=None)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the process group that `start` made; nothing else is in it."""
    for send, seconds in ((signal.SIGTERM, 3.0), (getattr(signal, "SIGKILL", signal.SIGTERM), 3.0)):
        try:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, send)
            else:
                process.send_signal(send)
        except (ProcessLookupError, PermissionError):
            break
        with suppress(subprocess.TimeoutExpired):  # then the harder signal follows
            process.wait(seconds)
    process.poll()
