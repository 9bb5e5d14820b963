"""Opening a workbook in LibreOffice so that its buttons work and its macros are kept."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlwings as xw
from filelock import FileLock

from xlkijiji.messages import tell
from xlkijiji.paths import data_dir

from . import keeper
from .apps import App, Engine
from .books import Book
from .connection import PIPE_VARIABLE, Connection, bounded, connect, is_gone, pipe_in_use
from .errors import CalcError, NotConnectedError, WorkbookError
from .keeper import Keeper
from .office import Office, documents, process_of
from .profile import default_profile
from .stand_in import load

_LOOK_SECONDS = 5.0
_LOAD_SECONDS = 600  # LibreOffice may ask the person for a password meanwhile
_engines: dict[str, xw.Engine] = {}


def activate(pipe: str | None = None) -> xw.Engine:
    """Make LibreOffice Calc the engine that xlwings uses in this process.

    The engine "calc" is registered once; calling again with another pipe turns it to that LibreOffice. Nothing is
    connected before something is asked of it.

    Args:
        pipe: the name under which LibreOffice listens (`Office.pipe`). Default: the environment's XLKIJIJI_CALC_PIPE,
            which the stand-in sets for what a button starts.
    """
    engine = _engines.get(Engine.name)
    if engine is None:
        engine = _engines[Engine.name] = xw.Engine(impl=Engine())
        xw.engines.add(engine)
    engine.impl.pipe = pipe or os.environ.get(PIPE_VARIABLE)
    xw.engines.active = engine  # type: ignore[assignment]  # xlwings declares only its first value, None
    return engine


def activate_running() -> xw.Engine:
    """As `activate`, in a process that may outlive its LibreOffice: opened again, that listens under another name."""
    engine = activate(_engines[Engine.name].impl.pipe if Engine.name in _engines else None)
    try:
        connect(pipe_in_use(engine.impl.pipe), timeout=0)
    except NotConnectedError:
        running = _running()
        if running is not None:
            engine.impl.pipe = running.pipe
    return engine


@dataclass(frozen=True)
class OpenWorkbook:
    """A workbook that this process opened and keeps.

    Attributes:
        book: the workbook for xlwings.
        keeper: what keeps its macros; `keeper.closed` is set once the workbook is closed.
    """

    book: xw.Book
    keeper: Keeper

    @property
    def document(self) -> Any:
        """Calc's document."""
        return self.keeper.document

    def close(self) -> None:
        """Close it without saving."""
        self.book.close()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is closed; False when `timeout` seconds were not enough."""
        return self.keeper.closed.wait(timeout)


def open_workbook(path: Path, *, office: Office, hidden: bool = False) -> OpenWorkbook:
    """Open a workbook in `office`: its buttons reach Python, and saving keeps its macros while this process lives.

    Also makes Calc the engine that xlwings uses in this process (see `activate`).

    Args:
        path: an .xlsm, or any file that Calc can read.
        office: from `Office.start`.
        hidden: without a window.

    Raises:
        WorkbookError: there is no such file, or LibreOffice cannot read it.
    """
    return _open(path, office.connection, hidden=hidden)


def _open(path: Path, connection: Connection, *, hidden: bool = False) -> OpenWorkbook:
    document = bounded(
        lambda: load(connection, path, hidden=hidden), _LOAD_SECONDS, tell("calc-opening", name=path.name)
    )
    kept = keeper.keep(connection, document)
    engine = activate(connection.pipe)
    return OpenWorkbook(xw.Book(impl=Book(App(engine.impl, connection), document)), kept)


def open_and_keep(path: Path, *, profile: Path | None = None, headless: bool = False) -> None:
    """Open a workbook in a LibreOffice of ours, and stay until it is closed: what `xlkijiji open FILE` does.

    One LibreOffice serves all workbooks of one person. A workbook that is open already is brought to the front, and
    this returns at once: whoever opened it keeps it.

    Args:
        profile: LibreOffice's profile directory; default: one among this person's data of xlkijiji.
        headless: without windows.

    Raises:
        WorkbookError: there is no such file, or LibreOffice cannot read it.
        OfficeMissingError: LibreOffice is not there, or does not start.
        UnoMissingError: this Python has no `uno`.
    """
    path = path.absolute()
    if not path.is_file():
        raise WorkbookError(tell("calc-no-file", path=path))
    with FileLock(data_dir() / "calc-office.lock"):  # two clicks at once must not start two
        connection = _running() or _start(profile or default_profile(), headless=headless)
        engine = activate(connection.pipe)
        app = App(engine.impl, connection)
        for book in app.books:
            if book.xl.URL and Path(book.fullname).exists() and Path(book.fullname).samefile(path):
                book.bring_to_front()
                return
        opened = _open(path, connection)
    opened.book.impl.bring_to_front()
    process = Path("/proc") / str(process_of(connection))
    while not opened.wait(_LOOK_SECONDS):
        if process.parent.is_dir() and not process.is_dir():
            return  # killed, of which a listener hears nothing
    _end_when_unused(connection)


def _state() -> Path:
    return data_dir() / "calc-office.json"


def running_pipe() -> str | None:
    """The pipe of the LibreOffice in which `open_and_keep` opened workbooks, if it still answers."""
    connection = _running()
    return connection.pipe if connection is not None else None


def _running() -> Connection | None:
    """The LibreOffice that an earlier `open_and_keep` of this person started, if it still answers."""
    try:
        pipe = json.loads(_state().read_text(encoding="utf-8"))["pipe"]
        return connect(pipe, timeout=0)
    except (FileNotFoundError, ValueError, KeyError, NotConnectedError):
        return None  # none was started, or it was closed since


def _start(profile: Path, *, headless: bool) -> Connection:
    office = Office.start(profile, headless=headless)
    _state().write_text(json.dumps({"pipe": office.pipe, "pid": office.pid}), encoding="utf-8")
    return office.connection


def _end_when_unused(connection: Connection) -> None:
    """End LibreOffice once no workbook is open in it. The person closed the last one, so nothing is lost."""

    def end() -> None:
        try:
            if not documents(connection):
                connection.desktop.terminate()
        except Exception as error:
            if not is_gone(error):  # it ended by itself with its last window
                raise

    try:
        bounded(end, 15, tell("calc-closing"))
    except CalcError as error:
        raise CalcError(tell("calc-stays-open")) from error
