"""Calc's stand-in for RunPython: the same call in the workbook's macros starts the same Python command.

The module `xlwings` of a workbook cannot run in Calc: LibreOffice ignores `#If … #Else … #End If` and runs both
branches, and the classes of Windows are not there. After loading, it is replaced *in memory* by the few lines below.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from xlkijiji.messages import tell

from .connection import Connection, property_values
from .errors import CalcError, WorkbookError
from .screen import buttons_on

_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_REPLACED = "xlwings"
_CLASS_MODULE = 2  # com.sun.star.script.ModuleType.CLASS
_RUN_ALWAYS = 4  # com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN

# Shell splits its text at blanks, honours quotes, and knows no escapes. So what could hold any character goes as
# hexadecimal digits: four for each UTF-16 unit of the command. Shell without its last argument does not wait; a Shell
# that waits would hang as soon as the Python talks to Calc.
_BASIC = """Rem Attribute VBA_ModuleType=VBAModule
Option VBASupport 1
Option Explicit

' In LibreOffice, xlkijiji puts this in the place of the xlwings module while the workbook is open.
Public Function RunPython(PythonCommand As String)
    Shell "{program}" & " -m xlkijiji.calc.run_python {pipe} {uid} " & Digits(PythonCommand)
    RunPython = 0
End Function

Private Function Digits(Text As String) As String
    Dim i As Long
    Dim All As String
    For i = 1 To Len(Text)
        All = All & Right("000" & Hex(AscW(Mid(Text, i, 1)) And 65535), 4)
    Next i
    Digits = All
End Function
"""


def load(
    connection: Connection, path: Path, *, read_only: bool = False, password: str | None = None, hidden: bool = False
) -> Any:
    """Open the file in LibreOffice with its macros enabled, and put the stand-in into it. → Calc's document.

    Raises:
        WorkbookError: there is no such file, or LibreOffice cannot read it as a spreadsheet.
    """
    path = path.absolute()
    if not path.is_file():
        raise WorkbookError(tell("calc-no-file", path=path))
    if not _looks_whole(path):
        raise WorkbookError(tell("calc-damaged", path=path))
    options = property_values(MacroExecutionMode=_RUN_ALWAYS, Hidden=hidden, ReadOnly=read_only)
    if password is not None:
        options += property_values(Password=password)
    try:
        document = connection.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, options)
    except Exception as error:
        if "IllegalArgumentException" in type(error).__name__ or "IOException" in type(error).__name__:
            document = None
        else:
            raise
    if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        if document is not None:
            document.close(True)
        raise WorkbookError(tell("calc-cannot-open", path=path))
    install(document, connection.pipe)
    return document


def _looks_whole(path: Path) -> bool:
    """Whether a file that ends like a package of Excel or LibreOffice is one. For others LibreOffice must tell.

    LibreOffice would ask in a dialog whether to repair it, also when a program opens the file, and wait for the answer.
    """
    if path.suffix.lower() not in {".xlsm", ".xlsx", ".ods"}:
        return True
    with path.open("rb") as stream:
        encrypted = stream.read(len(_COMPOUND_FILE)) == _COMPOUND_FILE  # Excel puts an encrypted package into one
    return encrypted or is_zipfile(path)


def install(document: Any, pipe: str) -> bool:
    """Put the stand-in in the place of the workbook's module `xlwings`; whether there was one."""
    libraries = document.BasicLibraries
    found = False
    for library_name in libraries.ElementNames:
        library = libraries.getByName(library_name)
        own = next((name for name in library.ElementNames if name.lower() == _REPLACED), None)
        if own is None:
            continue
        found = True
        library.replaceByName(own, source(pipe, document.RuntimeUID))
        for name in library.ElementNames:
            if _fails_in_calc(library, name):
                library.removeByName(name)
    if found:
        _leave_keyboard_to_sheets(document)
        document.setModified(False)
    return found


def _leave_keyboard_to_sheets(document: Any) -> None:
    """As in Excel: what is typed after a click goes into the cell, and no Enter presses the button again."""
    for at in range(document.Sheets.Count):
        for button in buttons_on(document.Sheets.getByIndex(at)):
            button.FocusOnClick = button.Tabstop = False
    document.getUndoManager().clear()  # Calc lists each of these as a step that a person could take back


def _fails_in_calc(library: Any, name: str) -> bool:
    """Whether it is a class module that LibreOffice cannot compile: `Dictionary`, or one with conditional parts."""
    if name.lower() == "dictionary":
        return True
    if not library.hasModuleInfo(name) or library.getModuleInfo(name).ModuleType != _CLASS_MODULE:
        return False
    return re.search(r"^\s*#If\b", library.getByName(name), re.MULTILINE | re.IGNORECASE) is not None


def source(pipe: str, uid: str) -> str:
    """The Basic source of the stand-in for one open document.

    Args:
        pipe: where this LibreOffice listens.
        uid: the document's RuntimeUID, so that Python finds it whatever its name is, also after Save As.

    Raises:
        CalcError: the path of the Python that runs holds both kinds of quotes, so that Shell cannot name it.
    """
    program = sys.executable
    if '"' not in program:
        quoted = f'""{program}""'  # doubled within a Basic text
    elif "'" not in program:
        quoted = "'" + program.replace('"', '""') + "'"
    else:
        raise CalcError(tell("calc-quotes-in-path", program=program))
    return _BASIC.format(program=quoted, pipe=pipe, uid=uid)
