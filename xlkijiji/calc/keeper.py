"""Keeping the macros of a workbook as Excel wrote them, whenever Calc saves it.

The original `vbaProject.bin` lies in LibreOffice's memory, under the number of the open document, where every process
that is connected can reach it. Who opened the workbook listens to it, and puts the part back after each save;
`Book.save` of any other process does the same, and finds it done.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from xlkijiji.messages import tell

from .connection import Connection, import_uno, uno_type
from .placement import placements
from .status import show_status
from .vba_part import CodeNames, has_macros, put_vba_project, read_code_names, read_vba_project

_log = logging.getLogger(__name__)
_SAVED = {"OnSaveDone", "OnSaveAsDone"}
_CLOSED = {"OnUnload"}


class Keeper:
    """Listens to one open document.

    Attributes:
        document: Calc's document.
        closed: set when the document was closed, or LibreOffice has gone.
    """

    def __init__(self, connection: Connection, document: Any) -> None:
        self.connection = connection
        self.document = document
        self.uid = str(document.RuntimeUID)
        self.closed = threading.Event()
        self.listener = _listener(self)
        document.addDocumentEventListener(self.listener)

    def handle(self, event: str) -> None:
        """Do what an event of the document asks for. Calc waits meanwhile, so nothing else is done here."""
        if event in _SAVED:
            put_back(self.connection, self.document)
        elif event in _CLOSED:
            self.connection.remember(_key(self.uid), None)
            self.connection.remember(_code_key(self.uid), None)
            self.closed.set()


def _listener(keeper: Keeper) -> Any:
    """A UNO listener that hands events to `keeper`. Its class needs `uno`, so it can be made only here."""
    bases: Any = (uno_type("unohelper.Base"), uno_type("com.sun.star.document.XDocumentEventListener"))

    class Listener(*bases):  # type: ignore[misc]  # UNO's classes have no types
        def documentEventOccured(self, event: Any) -> None:  # noqa: N802 - UNO's name, misspelt there
            try:
                keeper.handle(event.EventName)
            except Exception:  # noqa: BLE001 - logged; one that left a listener would vanish in LibreOffice
                _log.exception("The event %s of a workbook could not be handled.", event.EventName)

        def disposing(self, _: Any) -> None:
            keeper.closed.set()

    return Listener()


def keep(connection: Connection, document: Any) -> Keeper:
    """Keep the macros of `document` as long as this process lives and the document is open."""
    keep_macros(connection, document)
    return Keeper(connection, document)


def _key(uid: str) -> str:
    return f"macros/{uid}"


def _code_key(uid: str) -> str:
    return f"code-names/{uid}"


def keep_macros(connection: Connection, document: Any) -> None:
    """Remember the macros that the document's file holds now, unless they are remembered already."""
    uid = document.RuntimeUID
    path = _path(document)
    if connection.recall(_key(uid)) is not None or path is None or not has_macros(path) or not path.is_file():
        return
    project = read_vba_project(path)
    if project is not None:
        known = read_code_names(path)
        connection.remember(_code_key(uid), "\n".join([known.workbook, *known.sheets.values()]))
        connection.remember(_key(uid), import_uno().ByteSequence(project))


def _code_names(connection: Connection, document: Any) -> CodeNames:
    """The code names that the document's sheets have now, as far as the original macros know them."""
    workbook, *known = (connection.recall(_code_key(document.RuntimeUID)) or "").split("\n")
    sheets = [document.Sheets.getByIndex(index) for index in range(document.Sheets.Count)]
    return CodeNames(workbook, {sheet.Name: sheet.CodeName for sheet in sheets if sheet.CodeName in known})


def put_back(connection: Connection, document: Any) -> None:
    """Put the remembered macros into the file as which the document is saved, if that is an .xlsm."""
    path = _path(document)
    if path is not None:
        _restore(connection, document, path)


def _restore(connection: Connection, document: Any, path: Path) -> None:
    """Put the document's original macros into the file at `path`.

    A failure is logged and shown, and no more: the content itself is saved.
    """
    if not has_macros(path):
        return
    kept = connection.recall(_key(document.RuntimeUID))
    if kept is None:
        return
    try:
        if put_vba_project(path, kept.value, _code_names(connection, document), placements(document)):
            _log.info("Put the original macros back into %s.", path)
    except (OSError, BadZipFile):
        _log.exception("The macros of %s could not be put back.", path)
        show_status(connection, tell("calc-macros-not-kept", name=path.name))


def _path(document: Any) -> Path | None:
    """The document's file, if it is one on this computer."""
    url = document.URL
    return Path(import_uno().fileUrlToSystemPath(url)) if url.startswith("file:") else None
