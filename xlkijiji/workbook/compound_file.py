"""Writes a compound file (OLE2), the container of a VBA project.

Follows [MS-CFB], version 3: sectors of 512 bytes, short streams (under 4096 bytes) packed in 64-byte pieces into the
mini stream. Same input, same bytes: there are no dates and no class ids in what is written.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Storage", "write_compound_file"]

SECTOR = 512
MINI_SECTOR = 64
MINI_CUTOFF = 4096
FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
"""Marks in the FAT: unused sector, end of a chain, sector of the FAT itself; and "no such entry" in the directory."""
HEADER_FAT_SLOTS = 109
STORAGE, STREAM, ROOT = 1, 2, 5
RED, BLACK = 0, 1
ENTRY_SIZE = 128
UNUSED_ENTRY = bytes(68) + struct.pack("<III", NONE, NONE, NONE) + bytes(48)

Storage = Mapping[str, "bytes | Storage"]
"""A folder of the compound file: names (31 UTF-16 units at most) to streams (bytes) or further storages."""


@dataclass
class _Entry:
    """One directory entry; `left`, `right` and `child` are positions in the directory."""

    name: str
    kind: int
    content: bytes = b""
    colour: int = BLACK
    left: int = NONE
    right: int = NONE
    child: int = NONE
    start: int = END
    size: int = 0

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII16sIQQIQ",
            name,
            len(name) + 2,
            self.kind,
            self.colour,
            self.left,
            self.right,
            self.child,
            bytes(16),
            0,
            0,
            0,
            self.start,
            self.size,
        )


def write_compound_file(root: Storage) -> bytes:
    """The bytes of a compound file with the storages and streams of `root`.

    Raises ValueError for a name that is empty, too long, or has a character that [MS-CFB] 2.6.1 forbids, and when
    the file would need more than 109 FAT sectors (about 7 MB).
    """
    entries = [_Entry("Root Entry", ROOT)]
    entries[0].child = _add_children(entries, root)
    mini_stream, mini_fat = _place_short_streams(entries)
    chains: list[bytes] = []
    first_free = 0
    for entry in entries:
        if entry.kind == STREAM and entry.size >= MINI_CUTOFF:
            entry.start, first_free = first_free, first_free + _count(entry.content, SECTOR)
            chains.append(entry.content)
    if mini_stream:
        entries[0].start, entries[0].size = first_free, len(mini_stream)
        first_free += _count(mini_stream, SECTOR)
        chains.append(mini_stream)
    mini_fat_start = first_free if mini_fat else END
    mini_fat_bytes = _packed_fat(mini_fat)
    directory_start = first_free + _count(mini_fat_bytes, SECTOR)
    directory = b"".join(entry.packed() for entry in entries)
    directory += UNUSED_ENTRY * (-len(entries) % (SECTOR // ENTRY_SIZE))
    chains += [mini_fat_bytes, directory]
    return _assemble(chains, directory_start, mini_fat_start, _count(mini_fat_bytes, SECTOR))


def _count(content: bytes, unit: int) -> int:
    return -(-len(content) // unit)


def _add_children(entries: list[_Entry], storage: Storage) -> int:
    """Append the entries of `storage` in sorted order, link them as a tree, and return the position of its root."""
    names = sorted(storage, key=_order)
    first = len(entries)
    for name in names:
        _check_name(name)
        content = storage[name]
        if isinstance(content, bytes):
            entries.append(_Entry(name, STREAM, content, size=len(content)))
        else:
            entries.append(_Entry(name, STORAGE, start=0))
    for offset, name in enumerate(names):
        content = storage[name]
        if not isinstance(content, bytes):
            entries[first + offset].child = _add_children(entries, content)
    return _link(entries, range(first, first + len(names)))


def _order(name: str) -> tuple[int, str]:
    """The order of siblings: by length first, then by capital letters ([MS-CFB] 2.6.4)."""
    return len(name.encode("utf-16-le")), name.upper()


def _check_name(name: str) -> None:
    if not name or len(name.encode("utf-16-le")) > 62 or any(character in "/\\:!" for character in name):
        raise ValueError(f"{name!r} can't be the name of a stream: 1 to 31 characters, without / \\ : !")


def _link(entries: list[_Entry], positions: Sequence[int]) -> int:
    """Link sorted entries as a balanced red-black tree: all black but an incomplete lowest level, which is red."""
    full_levels = (len(positions) + 1).bit_length() - 1

    def subtree(part: Sequence[int], level: int) -> int:
        if not part:
            return NONE
        middle = len(part) // 2
        entry = entries[part[middle]]
        entry.left = subtree(part[:middle], level + 1)
        entry.right = subtree(part[middle + 1 :], level + 1)
        entry.colour = RED if level >= full_levels else BLACK
        return part[middle]

    return subtree(positions, 0)


def _place_short_streams(entries: list[_Entry]) -> tuple[bytes, list[int]]:
    """The mini stream with every short stream in it, and its allocation table; sets the entries' starts."""
    mini_stream = bytearray()
    mini_fat: list[int] = []
    for entry in entries:
        if entry.kind == STREAM and 0 < entry.size < MINI_CUTOFF:
            entry.start = len(mini_fat)
            mini_stream += _padded(entry.content, MINI_SECTOR)
            mini_fat += _chain(entry.start, _count(entry.content, MINI_SECTOR))
    return bytes(mini_stream), mini_fat


def _padded(content: bytes, unit: int) -> bytes:
    return content + bytes(-len(content) % unit)


def _chain(start: int, length: int) -> list[int]:
    """Entries of an allocation table for `length` sectors in a row from `start`."""
    return [*range(start + 1, start + length), END] if length else []


def _packed_fat(fat: Sequence[int]) -> bytes:
    full = [*fat, *[FREE] * (-len(fat) % (SECTOR // 4))]
    return struct.pack(f"<{len(full)}I", *full)


def _assemble(chains: Sequence[bytes], directory_start: int, mini_fat_start: int, mini_fat_sectors: int) -> bytes:
    """Header, the chains one after the other, and the FAT behind them."""
    fat: list[int] = []
    for content in chains:
        fat += _chain(len(fat), _count(content, SECTOR))
    fat_start = len(fat)
    fat_sectors = 1
    while (fat_start + fat_sectors) * 4 > fat_sectors * SECTOR:
        fat_sectors += 1
    if fat_sectors > HEADER_FAT_SLOTS:
        raise ValueError("The compound file is too large for this writer: more than 109 FAT sectors.")
    fat += [FAT_SECTOR] * fat_sectors
    slots = [*range(fat_start, fat_start + fat_sectors), *[FREE] * (HEADER_FAT_SLOTS - fat_sectors)]
    header = struct.pack(
        "<8s16sHHHHH6s9I109I",
        bytes.fromhex("D0CF11E0A1B11AE1"),
        bytes(16),
        0x3E,  # minor version
        3,  # major version
        0xFFFE,  # little endian
        9,  # sectors of 2**9 bytes
        6,  # mini sectors of 2**6 bytes
        bytes(6),
        0,  # number of directory sectors: always 0 in version 3
        fat_sectors,
        directory_start,
        0,  # transaction signature
        MINI_CUTOFF,
        mini_fat_start,
        mini_fat_sectors,
        END,  # no further table of FAT sectors
        0,
        *slots,
    )
    return header + b"".join(_padded(content, SECTOR) for content in chains) + _packed_fat(fat)
