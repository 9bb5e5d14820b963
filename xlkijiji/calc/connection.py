"""The line to a running LibreOffice: one named pipe, one connection per process."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from xlkijiji.messages import tell

from .errors import CalcError, NotConnectedError, UnoMissingError

PIPE_VARIABLE = "XLKIJIJI_CALC_PIPE"
# Debian and Ubuntu put python3-uno here. A virtual environment of the same Python minor can load it from there.
SYSTEM_PACKAGES = Path("/usr/lib/python3/dist-packages")
_POLL_SECONDS = 0.05
# Every value kept in LibreOffice's memory (see `Connection.remember`) has this prefix.
_SHELF = "/xlkijiji/"

_Result = TypeVar("_Result")
_connections: dict[str, Connection] = {}


def import_uno() -> Any:
    """The `uno` module.

    When it is not on the path, Debian's directory of system packages goes to the *end* of `sys.path`, so that nothing
    there hides a package of this environment.

    Raises:
        UnoMissingError: no `uno` for this Python; the sentence says what to install.
    """
    try:
        return importlib.import_module("uno")
    except ImportError:
        if SYSTEM_PACKAGES.is_dir() and str(SYSTEM_PACKAGES) not in sys.path:
            sys.path.append(str(SYSTEM_PACKAGES))
    try:
        return importlib.import_module("uno")
    except ImportError as error:
        raise UnoMissingError(
            tell("no-uno", program=sys.executable, version=f"{sys.version_info.major}.{sys.version_info.minor}")
        ) from error


def uno_type(name: str) -> Any:
    """The UNO struct, interface, enum value or exception of that full name, such as `com.sun.star.awt.Rectangle`."""
    import_uno()
    module, _, last = name.rpartition(".")
    # uno puts its types behind __import__, which looks at the names that are asked for.
    return getattr(__import__(module, fromlist=[last]), last)


def property_values(**properties: Any) -> tuple[Any, ...]:
    """Named arguments as UNO wants them: a tuple of `PropertyValue`."""
    property_value = uno_type("com.sun.star.beans.PropertyValue")
    values = []
    for name, value in properties.items():
        one = property_value()
        one.Name, one.Value = name, value
        values.append(one)
    return tuple(values)


def uniform(cells: Any, name: str) -> Any:
    """A property of Calc's range, or None when it differs between the cells (Calc itself then gives a default)."""
    if cells.getPropertyState(name).value == "AMBIGUOUS_VALUE":
        return None
    return cells.getPropertyValue(name)


def bounded(work: Callable[[], _Result], seconds: float, what: str) -> _Result:
    """Do `work`, a call into LibreOffice, and wait for it no longer than `seconds`.

    UNO itself has no time-outs: a call into an office that hangs would hang the caller too.

    Raises:
        CalcError: it took longer; `what` names the work in the sentence.
        Exception: whatever `work` raised.
    """
    results: list[_Result] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as failure:  # noqa: BLE001 - it is raised again in the thread that waits
            failures.append(failure)

    thread = threading.Thread(target=run, daemon=True, name=f"calc: {what}")
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not results:
        raise CalcError(tell("calc-too-slow", seconds=f"{seconds:g}", what=what))
    return results[0]


class Connection:
    """A connected LibreOffice.

    Attributes:
        pipe: the name of the pipe it listens on.
        context: its component context.
        desktop: its `com.sun.star.frame.Desktop`, the list of what is open.
        process: its process id, once `office.process_of` has found it out; 0 before.
    """

    def __init__(self, pipe: str, context: Any) -> None:
        self.pipe = pipe
        self.context = context
        self.process = 0
        self.desktop = self.service("com.sun.star.frame.Desktop")

    def service(self, name: str) -> Any:
        """A new instance of the UNO service of that name (a singleton gives the one there is)."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    @property
    def alive(self) -> bool:
        """Whether the office still answers."""
        try:
            self.context.getServiceManager()
        except Exception as gone:
            if is_gone(gone):
                return False
            raise
        return True

    def remember(self, name: str, value: str | int | None) -> None:
        """Keep a small value in LibreOffice's memory, where every connected process sees it; None forgets it.

        Used for what has no place in a document, such as the text of the status bar.
        """
        key = _SHELF + name
        if self.context.hasByName(key):
            self.context.removeByName(key)
        if value is not None:
            self.context.insertByName(key, value)

    def recall(self, name: str) -> Any:
        """The value kept under that name, or None."""
        return self.context.getValueByName(_SHELF + name)


def is_gone(error: BaseException) -> bool:
    """Whether this exception says that the other side of the bridge is gone (closed, ended, or disposed)."""
    # pyuno names its exception classes in full, with dots.
    return type(error).__name__.rpartition(".")[2] in {"DisposedException", "BridgeException", "NoConnectException"}


def pipe_in_use(pipe: str | None = None) -> str:
    """The pipe that was given, or the one that the environment names.

    Raises:
        NotConnectedError: neither.
    """
    name = pipe or os.environ.get(PIPE_VARIABLE)
    if not name:
        raise NotConnectedError(tell("calc-none"))
    return name


def connect(pipe: str, timeout: float = 10.0, *, still_starting: Callable[[], bool] | None = None) -> Connection:
    """The connection to the LibreOffice that listens on `pipe`; one per process, made anew when it broke.

    Args:
        timeout: seconds to go on trying.
        still_starting: asked between two tries; False ends them early (the office's process has ended).

    Raises:
        NotConnectedError: nobody answered in that time.
        UnoMissingError: this Python has no `uno`.
    """
    known = _connections.get(pipe)
    if known is not None and known.alive:
        return known
    uno = import_uno()
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    url = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    end = time.monotonic() + timeout
    while True:
        try:
            made = bounded(lambda: Connection(pipe, resolver.resolve(url)), max(timeout, 1.0), tell("calc-connecting"))
        except Exception as error:
            if not is_gone(error):
                raise
            if time.monotonic() >= end or (still_starting is not None and not still_starting()):
                raise NotConnectedError(tell("calc-silent")) from error
            # Nothing announces that the pipe of a starting office is there; looking again is all one can do.
            threading.Event().wait(_POLL_SECONDS)
            continue
        _connections[pipe] = made
        return made
