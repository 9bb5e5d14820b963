"""From a Photos cell to picture files: names, patterns such as BT001*.jpg, folders, addresses; and which may be read.

An ad shows its pictures to everybody, so a cell must not be able to publish any file of this computer: with a pictures
folder nothing outside of it is taken, by whatever way a name leads there.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path, PureWindowsPath
from typing import BinaryIO

from PIL import Image

from xlkijiji.inventory import cell_text
from xlkijiji.messages import tell
from xlkijiji.paths import cache_dir

__all__ = ["expand_photos", "file_fault", "is_address", "open_picture", "photo_path", "split_photos"]

SUFFIXES = frozenset([".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff"])
"""Files that a pattern or a folder stands for; others beside them are left alone."""
FORMATS = ("JPEG", "MPO", "PNG", "GIF", "BMP", "WEBP", "HEIF", "AVIF", "TIFF")
"""What is read at all: some of Pillow's other readers start programs."""
_WILD = re.compile(r"[*?]|\[.+\]")


def is_address(name: object) -> bool:
    """Is it an address on the web rather than a file?"""
    return (
        isinstance(name, str)
        and "://" in name
        and re.match(r"[a-z][a-z0-9+.-]+://", name.strip(), re.IGNORECASE) is not None
    )


def split_photos(value: object) -> list[str]:
    """The names in a Photos cell, in order and without repeats. A comma within an address belongs to it."""
    if isinstance(value, (list, tuple)):
        parts: Iterable[str] = map(cell_text, value)
    else:
        text = cell_text(value)
        if not text:
            return []
        parts = (
            name.strip()
            for part in re.split(r"[;|\n]", text)
            for piece in re.split(r",(?=\s|\w+://)", part)
            for name in ([piece] if is_address(piece) else piece.split(","))
        )
    return list(dict.fromkeys(part for part in parts if part))


def photo_path(name: str, images_dir: Path | None) -> Path:
    """Where the photo `name` of a row lies: a full path as it is, else in `images_dir`.

    A folder inside the pictures folder may be written with Windows' backslash on any system.
    """
    if Path(name).is_absolute() or PureWindowsPath(name).is_absolute():
        return Path(name)
    relative = Path(name.replace("\\", "/"))
    return images_dir / relative if images_dir is not None else relative


def expand_photos(names: Sequence[str], sku: str, images_dir: Path | None) -> list[Path | str]:
    """The files that `names` stand for, the cover first; an address stays text.

    A pattern or a folder becomes its pictures in natural order (2 before 10). No name at all: the pictures in the
    folder of the sku's name, where there is one. A name that leads to nothing stays, for the check to tell.
    """
    if not names:
        own = _folder_of(sku, images_dir)
        return list(_pictures_in(own)) if own is not None else []
    found: list[Path | str] = []
    for name in names:
        if is_address(name):
            found.append(name)
        else:
            path = photo_path(name, images_dir)
            found += _matching(path, images_dir) or [path]
    return list(dict.fromkeys(found))


def _folder_of(sku: str, images_dir: Path | None) -> Path | None:
    if images_dir is None or not sku or re.search(r"[\\/:\0]", sku) or sku.strip(". ") != sku:
        return None
    folder = images_dir / sku
    return folder if _is_folder(folder) and _inside(folder, images_dir) else None


def _matching(path: Path, images_dir: Path | None) -> list[Path]:
    """The pictures that a pattern or a folder stands for; none outside of the pictures folder."""
    if images_dir is not None and not _inside(path.parent, images_dir):
        return []
    if _is_folder(path):
        return _pictures_in(path) if images_dir is None or _inside(path, images_dir) else []
    if not _WILD.search(path.name) or _exists(path):
        return []
    wanted = path.name.casefold()
    return [file for file in _pictures_in(path.parent) if fnmatch.fnmatchcase(file.name.casefold(), wanted)]


def _pictures_in(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in _names_in(folder, folder.stat().st_mtime_ns)]
    except OSError:  # gone, or not to be read: then it has no pictures for us
        return []


@lru_cache(maxsize=64)  # thousands of rows look into the same folder; its time changes with the names in it
def _names_in(folder: Path, _changed: int) -> tuple[str, ...]:
    names = (path.name for path in folder.iterdir() if not path.name.startswith("."))
    return tuple(sorted((name for name in names if Path(name).suffix.casefold() in SUFFIXES), key=_natural))


def _natural(name: str) -> list[tuple[int, int, str]]:
    """For sorting: numbers by size, and capitals beside their small letters."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _inside(path: Path, folder: Path) -> bool:
    """Is it in `folder` once every `..` and every link is followed?"""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links that go in a circle
        return False


def file_fault(path: Path, images_dir: Path | None) -> tuple[str, str] | None:
    """Why `path` may not be read for an ad, as (rule, advice); None when it may.

    Asked when a row is checked, and again right before the upload, as files may change meanwhile. With `images_dir`
    only files in it and downloaded or converted ones of ours are taken; without, a path is the caller's own choice.
    """
    windows = PureWindowsPath(path)
    if windows.drive and not windows.is_absolute():
        return tell("names-drive-no-folder"), tell("write-name-or-path")
    if images_dir is not None and not (_inside(path, images_dir) or _inside(path, cache_dir("photos"))):
        if len(str(path)) > 4000:
            return tell("is-not-found"), tell("correct-picture-name")
        return (
            tell("is-outside-pictures"),
            tell("copy-picture-into", folder=images_dir),
        )
    try:
        if path.is_file():
            return None
    except (OSError, ValueError):  # such as a name that is longer than any file's
        return tell("is-not-found"), tell("correct-picture-name")
    if _is_folder(path):
        return tell("is-folder-without-pictures"), tell("fill-folder")
    if _WILD.search(path.name):
        return tell("fits-no-picture"), tell("fill-folder-or-correct-pattern", folder=path.parent)
    if images_dir is not None and not images_dir.is_dir():
        advice = tell("no-pictures-folder", folder=images_dir)
        return tell("is-not-found"), advice
    if images_dir is None or images_dir not in path.parents:
        return tell("is-not-found"), tell("correct-picture-path")
    return tell("is-not-found"), tell("put-picture-into", folder=path.parent)


@cache
def _readers() -> tuple[str, ...]:
    """Those of `FORMATS` that this computer's Pillow has, all of them loaded."""
    import pillow_heif  # here, as a click that only starts a run needs none of it

    pillow_heif.register_heif_opener()
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def open_picture(source: Path | BinaryIO) -> Image.Image:
    """A picture of any kind that we read, not decoded yet. Raises what Pillow does, such as UnidentifiedImageError."""
    return Image.open(source, formats=_readers())
