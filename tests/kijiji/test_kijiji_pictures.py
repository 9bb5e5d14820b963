"""Pictures that are converted for the site, and those that are left as they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from xlkijiji.errors import RecordError
from xlkijiji.kijiji import photo_convert
from xlkijiji.kijiji.pictures import photos_to_upload
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.photo_sources import open_picture
from xlkijiji.records import as_record


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XLKIJIJI_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def _place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (45.0, 25.0, 0.0)
    return exif


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def _save(path: Path, mode: str = "RGB", **more: Any) -> Path:
    Image.new(mode, (640, 320), more.pop("colour", "teal")).save(path, **more)
    return path


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.png", "a.gif", "a.bmp"])
def test_what_the_site_takes_stays_byte_for_byte(folder: Path, name: str) -> None:
    path = _save(folder / name)
    assert photos_to_upload([path], folder) == [path]


def test_metadata_without_a_place_is_no_reason_to_change_a_picture(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    path = _save(folder / "a.jpg", exif=exif)
    assert photos_to_upload([path], folder) == [path]


@pytest.mark.parametrize(
    ("name", "mode", "more"),
    [
        ("a.webp", "RGB", {}),
        ("a.webp", "RGBA", {"colour": (0, 128, 128, 255)}),
        ("a.avif", "RGB", {}),
        ("a.heic", "RGB", {"format": "HEIF"}),
        ("a.tif", "RGB", {}),
        ("disguised.jpg", "RGB", {"format": "WEBP", "lossless": True}),
        ("print.jpg", "CMYK", {"colour": (255, 0, 0, 128)}),
        ("where.jpg", "RGB", {"exif": _place()}),
        ("where.png", "RGB", {"exif": _place()}),
    ],
)
def test_what_the_site_would_refuse_or_tell_becomes_a_plain_jpeg(
    folder: Path, name: str, mode: str, more: dict[str, Any]
) -> None:
    open_picture(_save(folder / "warm-up.png")).close()  # so that Pillow can write HEIF
    path = _save(folder / name, mode, **more)
    (made,) = photos_to_upload([path], folder)
    with Image.open(made) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (640, 320))
        assert not picture.getexif()
        red, green, blue = picture.getpixel((320, 160))
        assert red < 60 < min(green, blue)
    assert made.parent == folder.parent / "home" / "cache" / "photos"
    assert KijijiBot("a@example.com", "x", images_dir=folder).check({"photos": name})[-1].column != "Photos"
    before = made.stat().st_mtime_ns
    assert photos_to_upload([path], folder) == [made]
    assert made.stat().st_mtime_ns == before


def test_a_photo_taken_upright_is_shown_upright(folder: Path) -> None:
    (made,) = photos_to_upload([_save(folder / "a.jpg", exif=_turned())], folder)
    with Image.open(made) as picture:
        assert picture.size == (320, 640)
        assert not picture.getexif()


def test_a_photo_of_ten_megabytes_is_made_smaller(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_convert, "MOST_BYTES", 300_000)
    path = folder / "noise.png"
    Image.frombytes("RGB", (900, 900), os.urandom(900 * 900 * 3)).save(path)
    monkeypatch.setattr(photo_convert, "SIDES", (900, 600, 400))
    (made,) = photos_to_upload([path], folder)
    assert made.stat().st_size < 300_000


def test_see_through_parts_become_white(folder: Path) -> None:
    (made,) = photos_to_upload([_save(folder / "a.webp", "RGBA", colour=(255, 0, 0, 0), lossless=True)], folder)
    with Image.open(made) as picture:
        assert picture.getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_that_became_a_link_after_the_check_is_not_uploaded(folder: Path) -> None:
    path = _save(folder / "a.png")
    secret = _save(folder.parent / "secret.png")
    bot = KijijiBot("a@example.com", "x", images_dir=folder)
    assert [problem.column for problem in bot.check({"photos": "a.png"}) if problem.column == "Photos"] == []
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(RecordError, match="points out of the pictures folder"):
        photos_to_upload([path], folder)


@pytest.mark.parametrize("name", ["../secret.png", "link.png", "{secret}"])
def test_the_bot_alone_takes_nothing_outside_of_its_folder(folder: Path, name: str) -> None:
    secret = _save(folder.parent / "secret.png")
    (folder / "link.png").symlink_to(secret)
    problems = KijijiBot("a@example.com", "x", images_dir=folder).check({"photos": name.format(secret=secret)})
    assert [problem.rule for problem in problems if problem.column == "Photos"] == ["points out of the pictures folder"]


def test_without_a_folder_a_full_path_is_the_callers_own(folder: Path) -> None:
    path = _save(folder / "a.png")
    problems = KijijiBot("a@example.com", "x").check({"photos": str(path)})
    assert [problem for problem in problems if problem.column == "Photos"] == []
    assert photos_to_upload([path], None) == [path]


def test_half_a_picture_is_told_before_the_upload(folder: Path) -> None:
    path = _save(folder / "a.webp", lossless=True)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RecordError, match=r"whole picture|made into"):
        photos_to_upload([path], folder)


def test_a_record_keeps_to_the_folder_of_its_run_though_the_bot_has_none(folder: Path) -> None:
    _save(folder.parent / "secret.png")
    (folder / "a.png").symlink_to(folder.parent / "secret.png")
    record = as_record({"sku": "A", "photos": "a.png"}, folder)
    problems = KijijiBot("a@example.com", "x").check(record)
    assert [problem.rule for problem in problems if problem.column == "Photos"] == ["points out of the pictures folder"]
