"""Pictures that the site would refuse, made into ones that it takes; and where a photo was taken, kept private.

A picture that needs nothing is uploaded byte for byte as it is. Converted ones lie in this user's cache, named by the
content of the original, so that each is made once and a changed original is made anew.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from xlkijiji.paths import cache_dir
from xlkijiji.photo_sources import open_picture

__all__ = ["KINDS", "MOST_BYTES", "needs_converting", "ready_photo"]

# kijiji-site facts, sure A
MOST_BYTES = 10 * 1024 * 1024
KINDS = {"JPEG": (".jpg", ".jpeg"), "MPO": (".jpg", ".jpeg"), "PNG": (".png",), "GIF": (".gif",), "BMP": (".bmp",)}
SUFFIXES = frozenset(suffix for suffixes in KINDS.values() for suffix in suffixes)

VERSION = "1"
"""To be raised when pictures are converted in another way, so that those in the cache are made anew."""
ORIENTATION, GPS = 0x0112, 0x8825
"""Tags of EXIF 2.32."""
QUALITIES = (92, 85, 75)
SIDES = (4096, 2560, 1600)
"""Pixels of the longer side that are tried until the picture is small enough; the site advises 1000."""


def needs_converting(path: Path, picture: Image.Image) -> bool:
    """Would the site refuse this picture, show it turned, or tell where it was taken? Decodes nothing."""
    return (
        path.suffix.casefold() not in SUFFIXES
        or picture.format not in KINDS
        or path.stat().st_size >= MOST_BYTES
        or picture.mode in {"CMYK", "YCCK", "LAB"}
        or _turned(picture)
        or _has_place(picture)
    )


def _turned(picture: Image.Image) -> bool:
    return picture.getexif().get(ORIENTATION, 1) not in {0, 1}


def _has_place(picture: Image.Image) -> bool:
    """Does its EXIF or XMP say where it was taken?"""
    xmp = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    data = xmp if isinstance(xmp, bytes) else str(xmp).encode("utf-8", "replace")
    return bool(picture.getexif().get_ifd(GPS)) or b"GPSL" in data


def ready_photo(path: Path) -> Path:
    """`path` itself where the site takes it as it is, else a JPEG made from it.

    Raises OSError, and what Pillow does for a broken picture.
    """
    with open_picture(path) as picture:
        if not needs_converting(path, picture):
            return path
    content = path.read_bytes()
    name = hashlib.sha256(VERSION.encode() + content).hexdigest()[:40]
    made = cache_dir("photos") / f"{path.stem[:60] or 'photo'}-{name}.jpg"
    if not made.is_file():
        with open_picture(io.BytesIO(content)) as picture:
            data = _as_jpeg(picture, len(content))
        handle, half = tempfile.mkstemp(dir=made.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(half).replace(made)
    return made


def _as_jpeg(picture: Image.Image, size: int) -> bytes:
    """JPEG without metadata, upright, smaller than the site's limit."""
    profile = picture.info.get("icc_profile")
    plain = picture.format == "JPEG" and picture.mode in {"L", "RGB"} and not _turned(picture)
    if plain and size < MOST_BYTES:
        # only its metadata has to go: with its own tables nothing of the picture is lost that can be seen
        return _saved(picture, "keep", profile)
    upright = ImageOps.exif_transpose(picture)
    if upright.mode == "CMYK":
        upright, profile = _from_cmyk(upright, profile), None
    upright = _opaque(upright)
    for side in SIDES:
        if max(upright.size) > side:
            smaller = upright.copy()
            smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        else:
            smaller = upright
        for quality in QUALITIES:
            data = _saved(smaller, quality, profile)
            if len(data) < MOST_BYTES:
                return data
    return data


def _saved(picture: Image.Image, quality: int | str, profile: bytes | None) -> bytes:
    out = io.BytesIO()
    # without exif and xmp given, Pillow would write those that the picture came with
    picture.save(out, "JPEG", quality=quality, optimize=True, icc_profile=profile, exif=b"", xmp=b"", comment=b"")
    return out.getvalue()


def _from_cmyk(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):  # a profile that is broken or another kind's: the plain formula then
            found = None
        if found is not None:
            return found
    return picture.convert("RGB")


def _opaque(picture: Image.Image) -> Image.Image:
    """In colours that a JPEG has, with white where one could see through."""
    if picture.mode.startswith("I;16"):  # 16 bits of grey
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        white = Image.new("RGB", layered.size, "white")
        white.paste(layered, mask=layered.getchannel("A"))
        return white
    return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
