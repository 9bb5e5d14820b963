"""Changing parts of an .xlsm package: the whole file is replaced at once, or not at all."""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from lxml import etree

LINKS_SPACE = "{http://schemas.openxmlformats.org/package/2006/relationships}"


class Parts:
    """The parts of a package, with the changes that are wanted.

    Attributes:
        changed: name of a part → its new content; only what really differs.
    """

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._present = set(package.namelist())
        self.changed: dict[str, bytes] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._present or name in self.changed

    def names(self) -> list[str]:
        """The names of all parts, those that are to be added included."""
        return sorted(self._present | set(self.changed))

    def read(self, name: str) -> bytes:
        """The part's content, changed or not."""
        return self.changed[name] if name in self.changed else self._package.read(name)

    def write(self, name: str, content: bytes) -> None:
        """Let the part have this content."""
        if name not in self or self.read(name) != content:
            self.changed[name] = content

    def write_xml(self, name: str, root: etree._Element) -> None:
        """Let the part have this XML."""
        self.write(name, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))

    def links(self, name: str) -> dict[str, tuple[str, str]]:
        """What the part refers to: id → (type, name of the other part)."""
        folder, _, last = name.rpartition("/")
        links = f"{folder}/_rels/{last}.rels"
        if links not in self:
            return {}
        return {
            str(one.get("Id")): (
                str(one.get("Type")),
                posixpath.normpath(posixpath.join("/", folder, str(one.get("Target")))).lstrip("/"),
            )
            for one in etree.fromstring(self.read(links)).iter(f"{LINKS_SPACE}Relationship")
        }


def change_package(path: Path, change: Callable[[Parts], None]) -> bool:
    """Let `change` change parts of the package at `path`; whether there was anything to change.

    The old file is replaced by a complete new one. The new one has the *same time of change*: Calc remembers that time
    from its own save, and would otherwise say at the next one that somebody else has changed the file
    (`SfxMedium::CheckFileDate` in LibreOffice's sources).

    Raises:
        OSError: the file cannot be read or replaced.
        zipfile.BadZipFile: it is no package.
    """
    path = path.resolve()  # a link must stay one
    with zipfile.ZipFile(path) as package:
        parts = Parts(package)
        change(parts)
        if not parts.changed:
            return False
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".xlkijiji-", suffix=path.suffix)
        new = Path(name)
        try:
            with os.fdopen(handle, "w+b") as stream:
                _copy(package, parts.changed, stream)
                stream.flush()
                os.fsync(stream.fileno())
            before = path.stat()
            shutil.copymode(path, new)
            os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
            new.replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                new.unlink()
            raise
    return True


def _copy(package: zipfile.ZipFile, changed: dict[str, bytes], stream: IO[bytes]) -> None:
    """Write the package anew, with the changed parts in their old places and new ones at the end."""
    old = {entry.filename for entry in package.infolist()}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in package.infolist():
            copy.writestr(entry, changed[entry.filename] if entry.filename in changed else package.read(entry))
        for name, content in changed.items():
            if name not in old:
                copy.writestr(name, content)
