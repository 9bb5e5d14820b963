"""Photos as the site takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import UnidentifiedImageError

from xlkijiji.errors import RecordError
from xlkijiji.inventory import BY_NAME, Record
from xlkijiji.kijiji.photo_convert import ready_photo
from xlkijiji.messages import tell
from xlkijiji.photo_download import PhotoError, fetch_photo
from xlkijiji.photo_sources import expand_photos, file_fault, open_picture, split_photos
from xlkijiji.validators import Problem

__all__ = ["MOST_PHOTOS", "check_photos", "photo_files", "photos_to_upload"]

# kijiji-site facts, sure A
MOST_PHOTOS = 10
LEAST_PIXELS = 300


def photo_files(record: Record, images_dir: Path | None) -> list[Path | str]:
    """The row's photos as absolute paths, first one the cover; those on the web by their addresses."""
    found = expand_photos(split_photos(record.get("photos")), record.record_id, images_dir)
    return [file if isinstance(file, str) else _absolute(file, images_dir) for file in found]


def _absolute(file: Path, images_dir: Path | None) -> Path:
    """A record that was made with a relative pictures folder has that folder in its paths already."""
    if images_dir is not None and not file.exists():
        inner = file.relative_to(images_dir) if file.is_relative_to(images_dir) else file
        if file_fault(inner.absolute(), images_dir) is None:
            return inner.absolute()
    return file.absolute()


def check_photos(files: Sequence[Path | str], header: str, images_dir: Path | None = None) -> list[Problem]:
    """What the site would refuse about the photos, and can't be mended by converting them.

    Those on the web are downloaded, once. `images_dir`: nothing outside of it is read.
    """
    if not files:
        return [Problem(header, "", tell("is-blank"), tell("name-pictures", most=MOST_PHOTOS))]
    problems = []
    if len(files) > MOST_PHOTOS:
        rule = tell("are-pictures", number=len(files), most=MOST_PHOTOS)
        problems.append(Problem(header, "; ".join(map(_name, files)), rule, tell("leave-last-out")))
    for file in files:
        fault = _fault(file, images_dir)
        if fault is not None:
            problems.append(Problem(header, _name(file), *fault))
    return problems


def _name(file: Path | str) -> str:
    return file if isinstance(file, str) else file.name


def _fault(file: Path | str, images_dir: Path | None) -> tuple[str, str] | None:
    try:
        path = fetch_photo(file) if isinstance(file, str) else file
    except PhotoError as error:
        return error.rule, error.advice
    fault = file_fault(path, images_dir)
    if fault is not None:
        return fault
    if "\n" in str(path):
        return tell("has-line-end"), tell("rename-the-file")
    try:
        with open_picture(path) as picture:
            size = picture.size
    except UnidentifiedImageError:
        return tell("is-no-picture"), tell("name-a-picture-file")
    except Exception as error:  # noqa: BLE001 — Pillow's readers raise whatever a broken file brings them to
        return tell("is-no-whole-picture", error=type(error).__name__), tell("save-picture-again")
    if max(size) < LEAST_PIXELS:
        rule = tell("is-only-pixels", width=size[0], height=size[1])
        return rule, tell("wants-pixels", least=LEAST_PIXELS)
    return None


def photos_to_upload(files: Sequence[Path | str], images_dir: Path | None) -> list[Path]:
    """The files that are uploaded, looked at once more: links followed, downloaded or converted where that is needed.

    Raises RecordError for a file that may not be read (any more), or is no whole picture.
    """
    ready = []
    for file in files:
        problems = check_photos([file], "Photos", images_dir)
        if problems:
            raise RecordError(str(problems[0]))
        path = fetch_photo(file) if isinstance(file, str) else file
        try:
            # the file itself, not a link to it, which might lead elsewhere a moment later
            ready.append(ready_photo(path.resolve()))
        except Exception as error:
            raise RecordError(
                tell(
                    "photo-not-converted", column=BY_NAME["photos"].header, name=_name(file), error=type(error).__name__
                )
            ) from error
    return ready
