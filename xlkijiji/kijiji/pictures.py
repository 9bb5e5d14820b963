"""Photos as the site takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from xlkijiji.inventory import Record, split_list
from xlkijiji.records import photo_path
from xlkijiji.validators import Problem

__all__ = ["MOST_PHOTOS", "check_photos", "photo_files"]

# kijiji-site facts, sure A
MOST_PHOTOS = 10
MOST_BYTES = 10 * 1024 * 1024
LEAST_PIXELS = 300
KINDS = {"JPEG": (".jpg", ".jpeg"), "MPO": (".jpg", ".jpeg"), "PNG": (".png",), "GIF": (".gif",), "BMP": (".bmp",)}
SUFFIXES = frozenset(suffix for suffixes in KINDS.values() for suffix in suffixes)


def photo_files(record: Record, images_dir: Path | None) -> list[Path]:
    """The row's photos as absolute paths, first one the cover."""
    names = split_list(record.get("photos"))
    paths = [Path(name) if Path(name).is_file() else photo_path(name, images_dir) for name in names]
    return [path.absolute() for path in paths]


def check_photos(files: Sequence[Path], header: str) -> list[Problem]:
    """What the site would refuse about the photos."""
    if not files:
        return [Problem(header, "", "is blank", f"Name 1 to {MOST_PHOTOS} pictures: the site wants at least one.")]
    problems = []
    if len(files) > MOST_PHOTOS:
        rule = f"are {len(files)} pictures; the site takes {MOST_PHOTOS}"
        problems.append(Problem(header, "; ".join(file.name for file in files), rule, "Leave the last ones out."))
    for file in files:
        fault = _fault(file)
        if fault is not None:
            problems.append(Problem(header, file.name, *fault))
    return problems


def _fault(file: Path) -> tuple[str, str] | None:
    if not file.is_file():
        return "can't be found", f"Put the picture into {file.parent}, or correct its name."
    if file.suffix.casefold() not in SUFFIXES:
        return "is a kind of picture that the site doesn't take", "Save it as jpg or png."
    if file.stat().st_size >= MOST_BYTES:
        return "is 10 MB or larger", "Save it smaller; 1000 pixels wide are enough."
    if "\n" in str(file):
        return "has a line end in its name", "Rename the file."
    try:
        with Image.open(file) as picture:
            size, kind = picture.size, picture.format
    except Exception as error:  # noqa: BLE001 — Pillow's readers raise whatever a broken file brings them to
        return f"is not a whole picture ({type(error).__name__})", "Save the picture again as jpg or png."
    if kind not in KINDS:
        return f"is {kind or 'another kind'} inside, which the site doesn't take", "Save it as jpg or png."
    if max(size) < LEAST_PIXELS:
        rule = f"is only {size[0]} x {size[1]} pixels"
        return rule, f"The site wants at least {LEAST_PIXELS} on one side, and advises 1000."
    return None
