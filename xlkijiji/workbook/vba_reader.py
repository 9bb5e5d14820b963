"""What is in a `vbaProject.bin`: its modules, and their sources, whoever wrote it last."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import olefile

from xlkijiji.errors import InventoryError
from xlkijiji.messages import tell
from xlkijiji.workbook.ovba import decompress
from xlkijiji.workbook.vba_project import ModuleKind, plain_lines

__all__ = ["FORM", "read_modules", "xlwings_module_version"]

_PART = "xl/vbaProject.bin"
_XLWINGS = "xlwings"
FORM = "form"
"""The kind of a module that is a form or another designer, which has parts of its own in the project."""
_KINDS = {
    "Document": ModuleKind.DOCUMENT.value,
    "Module": ModuleKind.STANDARD.value,
    "Class": ModuleKind.CLASS.value,
    "BaseClass": FORM,
}
_NAME, _STREAM, _OFFSET, _VERSION = 0x0019, 0x001A, 0x0031, 0x0009
"""Records of the dir stream: MODULENAME, MODULESTREAMNAME, MODULEOFFSET, PROJECTVERSION [MS-OVBA 2.3.4.2]."""


def read_modules(project: bytes) -> dict[str, tuple[str, list[str]]]:
    """Name of each module → its kind (a `ModuleKind` value, or `FORM`), and the lines of its source without attributes.

    Raises ValueError for what isn't a VBA project.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(project)) as file:
            kinds = dict(_declared(file.openstream("PROJECT").read()))
            found = {}
            for name, stream, offset in _module_records(decompress(file.openstream("VBA/dir").read())):
                source = decompress(file.openstream(f"VBA/{stream}").read()[offset:]).decode("cp1252", "replace")
                found[name] = (kinds.get(name.casefold(), ModuleKind.STANDARD.value), plain_lines(source))
            return found
    except (OSError, IndexError, struct.error) as error:
        raise ValueError("not a VBA project") from error


def xlwings_module_version(path: Path) -> str | None:
    """The version of the module xlwings in the workbook at `path`, such as '0.37.8'; None where it has none.

    Raises InventoryError when the file can't be read.
    """
    try:
        with zipfile.ZipFile(path) as package:
            modules = read_modules(package.read(_PART)) if _PART in package.namelist() else {}
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise InventoryError(tell("macros-unreadable", name=path.name)) from error
    _kind, lines = modules.get(_XLWINGS, ("", []))
    found = (re.search(r"'Version: (\S+)", line) for line in lines)
    return next((one[1] for one in found if one), None)


def _declared(stream: bytes) -> Iterator[tuple[str, str]]:
    """Name (in lower case) and kind of each module, from the PROJECT stream."""
    for line in stream.decode("cp1252", "replace").splitlines():
        key, _, value = line.partition("=")
        if key in _KINDS:
            yield value.partition("/")[0].casefold(), _KINDS[key]


def _module_records(records: bytes) -> Iterator[tuple[str, str, int]]:
    """(name, stream, offset of the source in it) of each module, from the dir stream."""
    at, name, stream = 0, "", ""
    while at + 6 <= len(records):
        identifier, size = struct.unpack_from("<HI", records, at)
        content = records[at + 6 : at + 6 + size]
        at += 6 + size
        if identifier == _VERSION:
            at += 2  # its size leaves out the minor number
        elif identifier == _NAME:
            name = content.decode("cp1252", "replace")
        elif identifier == _STREAM:
            stream = content.decode("cp1252", "replace")
        elif identifier == _OFFSET:
            yield name, stream, struct.unpack("<I", content)[0]
