"""Compression and obfuscation as [MS-OVBA] has them: what the streams of a VBA project are written with."""

from __future__ import annotations

import struct
from collections import defaultdict

__all__ = ["compress", "decompress", "obfuscate"]

CHUNK = 4096
"""Bytes of plain data in a chunk; no copy reaches across the edge of one."""
MIN_COPY = 3
MAX_CANDIDATES = 64
"""How many earlier places are compared for the longest match; more would cost time and save next to nothing."""


def compress(data: bytes) -> bytes:
    """`data` as a CompressedContainer ([MS-OVBA] 2.4.1).

    Raises ValueError when the last, short chunk can't be compressed at all: the format would then add zero bytes to
    it. Text never comes near that.
    """
    container = bytearray(b"\x01")
    for start in range(0, len(data), CHUNK):
        chunk = data[start : start + CHUNK]
        tokens = _tokens(chunk)
        if len(tokens) <= CHUNK:
            # size of the chunk with its header, less 3; the signature 0b011; the flag "compressed"
            container += struct.pack("<H", (len(tokens) - 1) | 0xB000) + tokens
        elif len(chunk) == CHUNK:
            container += struct.pack("<H", (CHUNK - 1) | 0x3000) + chunk
        else:
            raise ValueError("The last part of the data can't be compressed, so it can't be stored without additions.")
    return bytes(container)


def _tokens(chunk: bytes) -> bytes:
    """The token sequences of one chunk: a byte of flags, then up to eight literals or copies."""
    places: defaultdict[bytes, list[int]] = defaultdict(list)
    packed = bytearray()
    position = 0
    while position < len(chunk):
        flags, group = 0, bytearray()
        for bit in range(8):
            if position >= len(chunk):
                break
            offset, length = _longest_match(chunk, position, places)
            if length >= MIN_COPY:
                flags |= 1 << bit
                group += _copy_token(position, offset, length)
            else:
                length = 1
                group.append(chunk[position])
            for passed in range(position, position + length):
                places[chunk[passed : passed + MIN_COPY]].append(passed)
            position += length
        packed.append(flags)
        packed += group
    return bytes(packed)


def _length_bits(position: int) -> int:
    """How many bits of a copy token hold the length: the rest holds the offset ([MS-OVBA] 2.4.1.3.19.1)."""
    return 16 - max((position - 1).bit_length(), 4)


def _longest_match(chunk: bytes, position: int, places: dict[bytes, list[int]]) -> tuple[int, int]:
    """Offset back and length of the longest earlier copy of what stands at `position`; length 0 when there is none."""
    candidates = places.get(chunk[position : position + MIN_COPY])
    if not candidates or position + MIN_COPY > len(chunk):
        return 0, 0
    limit = min(len(chunk) - position, (1 << _length_bits(position)) + MIN_COPY - 1)
    best_offset, best_length = 0, 0
    for candidate in reversed(candidates[-MAX_CANDIDATES:]):
        length = MIN_COPY
        while length < limit and chunk[candidate + length] == chunk[position + length]:
            length += 1
        if length > best_length:
            best_offset, best_length = position - candidate, length
        if length == limit:
            break
    return best_offset, best_length


def _copy_token(position: int, offset: int, length: int) -> bytes:
    return struct.pack("<H", ((offset - 1) << _length_bits(position)) | (length - MIN_COPY))


def decompress(container: bytes) -> bytes:
    """The plain data of a CompressedContainer ([MS-OVBA] 2.4.1).

    Raises ValueError, IndexError or struct.error for bytes that are none.
    """
    if container[:1] != b"\x01":
        raise ValueError("not a compressed container")
    plain = bytearray()
    at = 1
    while at < len(container):
        (header,) = struct.unpack_from("<H", container, at)
        end = min(at + (header & 0x0FFF) + 3, len(container))
        at += 2
        if not header & 0x8000:
            plain += container[at : at + CHUNK]
            at = end
            continue
        start = len(plain)
        while at < end:
            flags = container[at]
            at += 1
            for bit in range(8):
                if at >= end:
                    break
                if not flags >> bit & 1:
                    plain.append(container[at])
                    at += 1
                    continue
                (token,) = struct.unpack_from("<H", container, at)
                at += 2
                bits = _length_bits(len(plain) - start)
                offset, length = (token >> bits) + 1, (token & (1 << bits) - 1) + MIN_COPY
                for _ in range(length):
                    plain.append(plain[-offset])
    return bytes(plain)


def obfuscate(data: bytes, project_id: str, seed: int = 0) -> str:
    """`data` as hexadecimal digits for the lines CMG, DPB and GC of the PROJECT stream ([MS-OVBA] 2.4.3.2).

    The key comes from `project_id`, the text of the line ID with its braces; `seed` is any byte.
    """
    key = sum(project_id.encode("ascii")) & 0xFF
    encrypted = bytearray([seed, seed ^ 2, seed ^ key])
    plain = key
    ignored = bytes((seed & 6) // 2)
    for byte in ignored + struct.pack("<I", len(data)) + data:
        encrypted.append(byte ^ ((encrypted[-2] + plain) & 0xFF))
        plain = byte
    return encrypted.hex().upper()
