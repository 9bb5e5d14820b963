"""What the site does with an uploaded photo: the rules for it, and its thumbnail."""

from __future__ import annotations

import hashlib
import io
import secrets
import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from xlkijiji.practice.store import Photo

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "BMP": "image/bmp"}
"""Accepted formats and their media types: no webp, no heic (kijiji-site facts, sure A)."""

MAX_BYTES = 10 * 1024 * 1024
"""A photo must be under 10 MB (kijiji-site facts, sure A)."""

MIN_SIDE = 300
"""A photo must be at least this many pixels wide or tall (kijiji-site facts, sure A)."""

THUMBNAIL_SIDE = 240


class PhotoRefusedError(Exception):
    """The person chose a file that the site does not take; the message says why."""


def receive_photo(data: bytes, *, name: str, account: str, folder: Path) -> Photo:
    """Check the bytes of an upload, and keep them with a thumbnail in `folder`.

    The files are named by a random id, never by what the browser says. Raises PhotoRefusedError.
    """
    if len(data) >= MAX_BYTES:
        raise PhotoRefusedError("This photo is too large. Photos must be under 10 MB.")
    try:
        with warnings.catch_warnings():
            # Pillow only warns of a picture that unpacks to a giant; here it must not get in.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                image.load()
                # Phones write JPEGs with a second picture inside, which Pillow calls MPO.
                kind = "JPEG" if image.format == "MPO" else str(image.format)
                width, height = image.size
                thumbnail = image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        raise PhotoRefusedError("This file is not a photo that can be used. Use jpg, png, gif or bmp.") from error
    if max(width, height) < MIN_SIDE:
        raise PhotoRefusedError(f"This photo is too small. It must be at least {MIN_SIDE} pixels wide or tall.")
    photo = Photo(
        id=secrets.token_hex(16),
        account=account,
        name=name[:200],
        format=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        width=width,
        height=height,
    )
    (folder / photo.id).write_bytes(data)
    thumbnail.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    thumbnail.save(folder / f"{photo.id}-thumbnail", format="JPEG", quality=80)
    return photo
