"""What can go wrong between xlkijiji and LibreOffice Calc.

    CalcError (RuntimeError)
    ├── UnoMissingError       this Python cannot talk to LibreOffice
    ├── OfficeMissingError    LibreOffice is not installed, or did not start
    ├── NotConnectedError     no LibreOffice answers under that name (any more)
    ├── ProtectedSheetError   a cell on a protected sheet was to be changed
    └── WorkbookError         the workbook cannot be opened, found or saved

Each message is a sentence for the person at the desk: what is wrong, and what to do next.
"""

from __future__ import annotations


class CalcError(RuntimeError):
    """Something between xlkijiji and LibreOffice Calc went wrong."""


class UnoMissingError(CalcError):
    """The Python that runs has no `uno` module, the bridge to LibreOffice."""


class OfficeMissingError(CalcError):
    """LibreOffice is not installed, or it was started and did not answer."""


class NotConnectedError(CalcError, ConnectionError):
    """No LibreOffice was named, or the one that was named is gone."""


class ProtectedSheetError(CalcError):
    """A locked cell of a protected sheet was to be written."""


class WorkbookError(CalcError):
    """A workbook cannot be opened, found, or saved."""
