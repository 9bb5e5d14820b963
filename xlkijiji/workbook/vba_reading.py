"""Reading one thing out of a workbook's macros: of which xlwings its module is.

The workbook may have been saved by Excel, which moves the module's source behind its own compiled form, so the place
is looked up in the project's directory ([MS-OVBA] 2.3.4.2).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import olefile

from xlkijiji.errors import InventoryError

__all__ = ["decompress", "xlwings_module_version"]

PART = "xl/vbaProject.bin"
MODULE = "xlwings"
MODULE_NAME, MODULE_OFFSET, PROJECT_VERSION = 0x0019, 0x0031, 0x0009
"""Ids of records in the directory ([MS-OVBA] 2.3.4.2)."""


def xlwings_module_version(path: Path) -> str | None:
    """The version of the module xlwings in the workbook at `path`, such as '0.37.8'; None where it has none.

    Raises InventoryError when the file can't be read.
    """
    try:
        with zipfile.ZipFile(path) as package:
            if PART not in package.namelist():
                return None
            project = package.read(PART)
        with olefile.OleFileIO(io.BytesIO(project)) as storage:
            if not storage.exists(["VBA", MODULE]):
                return None
            offset = _offsets(decompress(storage.openstream(["VBA", "dir"]).read())).get(MODULE, 0)
            source = decompress(storage.openstream(["VBA", MODULE]).read()[offset:])
    except (OSError, zipfile.BadZipFile, ValueError, struct.error, IndexError) as error:
        raise InventoryError(
            f"The macros of {path.name} can't be read. Is it a workbook of Excel's, and whole?"
        ) from error
    found = re.search(rb"'Version: (\S+)", source)
    return found[1].decode("ascii", "replace") if found else None


def _offsets(directory: bytes) -> dict[str, int]:
    """Name of a module → where its source begins in its stream."""
    offsets: dict[str, int] = {}
    place, name = 0, ""
    while place + 6 <= len(directory):
        record, size = struct.unpack_from("<HI", directory, place)
        content = directory[place + 6 : place + 6 + size]
        if record == MODULE_NAME:
            name = content.decode("cp1252")
        elif record == MODULE_OFFSET:
            offsets[name] = struct.unpack("<I", content)[0]
        # this one record says 4 bytes and has 6 [MS-OVBA 2.3.4.2.1.11]
        place += 6 + size + (2 if record == PROJECT_VERSION else 0)
    return offsets


def decompress(container: bytes) -> bytes:
    """The plain data of a CompressedContainer ([MS-OVBA] 2.4.1.3). Raises ValueError when it isn't one."""
    if container[:1] != b"\x01":
        raise ValueError("This is no compressed container.")
    plain, place = bytearray(), 1
    while place + 2 <= len(container):
        (header,) = struct.unpack_from("<H", container, place)
        end = min(place + (header & 0x0FFF) + 3, len(container))
        place += 2
        if header & 0x8000:
            _unpack_chunk(container[place:end], plain)
        else:
            plain += container[place:end]
        place = end
    return bytes(plain)


def _unpack_chunk(packed: bytes, plain: bytearray) -> None:
    start, place = len(plain), 0
    while place < len(packed):
        flags = packed[place]
        place += 1
        for bit in range(8):
            if place >= len(packed):
                return
            if not flags >> bit & 1:
                plain.append(packed[place])
                place += 1
                continue
            (token,) = struct.unpack_from("<H", packed, place)
            place += 2
            bits = 16 - max((len(plain) - start - 1).bit_length(), 4)
            back, length = (token >> bits) + 1, (token & (1 << bits) - 1) + 3
            if back > len(plain) - start:
                raise ValueError("A copy in the compressed data begins before its chunk.")
            for _ in range(length):
                plain.append(plain[-back])
