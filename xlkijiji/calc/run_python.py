"""What a button in Calc starts: `python -m xlkijiji.calc.run_python PIPE UID COMMAND`.

PIPE is where LibreOffice listens, UID its number of the workbook that called, and COMMAND the Python command of
`RunPython` in hexadecimal digits, four for each UTF-16 unit. The command runs as Excel would run it: xlwings talks to
the office that called, and `xw.Book.caller()` is the workbook.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from xlkijiji.logs import configure
from xlkijiji.messages import tell, use
from xlkijiji.paths import log_file
from xlkijiji.system_language import system_language

from .connection import PIPE_VARIABLE, Connection, connect
from .office import documents
from .status import show_status

_log = logging.getLogger("xlkijiji.calc.run_python")


def main(arguments: list[str]) -> int:
    """Run the command; 0 when it went well. A failure is logged, and shown in the status bar of the workbook."""
    pipe, uid, digits = arguments
    command = bytes.fromhex(digits).decode("utf-16-be")
    configure()
    use(system_language())  # until the command has read what the workbook speaks
    os.environ[PIPE_VARIABLE] = pipe
    connection = None
    try:
        connection = connect(pipe)
        document = _calling_document(connection, uid)
        _become_the_caller(connection, document)
        exec(command, {"__name__": "__main__"})  # noqa: S102 - a macro of the workbook, which the user trusted, gave it
    except SystemExit as leaving:
        if isinstance(leaving.code, str):  # a sentence for the person; Excel's RunPython shows it in a message box
            _log.error("%s", leaving.code)
            if connection is not None:
                show_status(connection, leaving.code)
            return 1
        raise
    except Exception:  # noqa: BLE001 - any code may run here; it is logged and shown
        _log.exception("The command of the button failed: %s", command)
        if connection is not None:
            show_status(connection, tell("calc-button-failed", log=log_file()))
        return 1
    return 0


def _calling_document(connection: Connection, uid: str) -> Any:
    """The document with that number.

    Raises:
        LookupError: it was closed meanwhile.
    """
    for document in documents(connection):
        if document.RuntimeUID == uid:
            return document
    raise LookupError(f"The workbook that called (number {uid}) is no longer open.")


def _become_the_caller(connection: Connection, document: Any) -> None:
    """Make `xw.Book.caller()` give the calling workbook."""
    import xlwings as xw  # it takes half a second, and the log must stand before anything can fail

    from .apps import App
    from .books import Book
    from .opening import activate

    engine = activate(connection.pipe)
    book = xw.Book(impl=Book(App(engine.impl, connection), document))
    # As the xlwings module in Excel does it. xlwings cuts the name at a "=", and a name alone does not tell two open
    # workbooks of the same name apart; so it is also told directly.
    sys.argv = [sys.argv[0], f"--wb={book.name}", "--from_xl=1"]
    book.set_mock_caller()


def _detach() -> None:
    """Let go of LibreOffice's standard streams: nobody reads or writes there."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)


if __name__ == "__main__":
    _detach()
    raise SystemExit(main(sys.argv[1:]))
