"""An .xls or .ods file as .xlsx, by Excel where it is, or else by LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from xlkijiji.errors import InventoryError
from xlkijiji.messages import tell
from xlkijiji.workbook.resave import resave_with_excel

__all__ = ["as_xlsx", "find_libreoffice"]

LONGEST = 180.0
"""Seconds; a workbook of fifty thousand rows takes a few."""
_USUAL_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
)


def as_xlsx(path: Path) -> tuple[bytes, str]:
    """The content of `path` as .xlsx, and the name of the program that made it; the file itself stays as it is.

    Raises InventoryError when neither program is there, or the file can't be read by it.
    """
    with tempfile.TemporaryDirectory(prefix="xlkijiji-") as folder:
        # a copy: the program then leaves no lock file beside the person's own, and can't write into it
        copy = Path(folder) / f"source{path.suffix.casefold()}"
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise InventoryError(tell("adopt-unreadable", name=path.name)) from error
        target = Path(folder) / "made" / "source.xlsx"
        target.parent.mkdir()
        if sys.platform in {"win32", "darwin"} and resave_with_excel(copy, target):
            return target.read_bytes(), "Excel"
        program = find_libreoffice()
        if program is None:
            raise InventoryError(tell("adopt-no-program", name=path.name))
        _convert(program, copy, target, Path(folder) / "profile")
        if not target.is_file():
            raise InventoryError(tell("adopt-damaged", name=path.name))
        return target.read_bytes(), "LibreOffice"


def find_libreoffice() -> str | None:
    """The program that converts: on the search path, or where its installer puts it."""
    return shutil.which("soffice") or next((place for place in _USUAL_PLACES if Path(place).is_file()), None)


def _convert(program: str, source: Path, target: Path, profile: Path) -> None:
    """LibreOffice without windows and with a profile of its own, in which no macro of a file runs."""
    command = [program, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target.parent), str(source)]
    try:
        subprocess.run(  # noqa: S603 - the arguments are our own, and no shell reads them
            command, check=False, timeout=LONGEST, stdin=subprocess.DEVNULL, capture_output=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InventoryError(tell("adopt-not-converted", name=source.name)) from error
