"""Photos are checked when they arrive, and shown as they arrived."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from practice_client import CHAIRS, Client, picture, sha256s

from xlkijiji.practice import PracticeSite

TEN_MB = 10 * 1024 * 1024


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
def test_the_four_formats_are_taken_and_given_back_unchanged(dealer: Client, kind: str) -> None:
    data = picture(kind=kind)
    answer = dealer.upload(data)
    assert answer.status == 200
    assert dealer.get(answer.json["normalUrl"]).body == data
    assert dealer.get(answer.json["thumbnailUrl"]).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (picture(kind="WEBP"), 422),
        (picture(kind="TIFF"), 422),
        (b"", 422),
        (b"no picture at all", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422),
        (picture()[:1000], 422),
        (picture(299, 299), 422),
        (picture().ljust(TEN_MB, b"\0"), 422),
        (b"\0" * (TEN_MB + 200_000), 413),
    ],
    ids=["webp", "tiff", "empty", "text", "svg", "cut off", "small", "10 MB", "above 10 MB"],
)
def test_other_files_are_refused_with_a_sentence(dealer: Client, data: bytes, status: int) -> None:
    answer = dealer.upload(data)
    assert answer.status == status
    assert answer.json["error"].endswith(".")


@pytest.mark.parametrize("size", [(300, 1), (1, 300), (300, 300)])
def test_one_long_side_is_enough(dealer: Client, size: tuple[int, int]) -> None:
    assert dealer.upload(picture(*size)).status == 200


def test_just_under_ten_megabytes_is_taken(dealer: Client) -> None:
    assert dealer.upload(picture().ljust(TEN_MB - 1, b"\0")).status == 200


def test_a_phone_s_double_jpeg_is_a_jpeg(dealer: Client) -> None:
    file = io.BytesIO()
    pages = [Image.new("RGB", (400, 300), colour) for colour in ("red", "blue")]
    pages[0].save(file, format="MPO", save_all=True, append_images=pages[1:])
    answer = dealer.upload(file.getvalue())
    assert dealer.get(answer.json["normalUrl"]).headers["Content-Type"] == "image/jpeg"


def test_a_signed_out_upload_is_a_401(visitor: Client) -> None:
    assert visitor.upload(picture()).status == 401


@pytest.mark.parametrize("name", ["../../../escape.jpg", "..\\..\\escape.jpg", "/etc/passwd", "a\0b.jpg", "é" * 300])
def test_a_file_s_name_never_becomes_a_path(dealer: Client, site: PracticeSite, name: str) -> None:
    dealer.post_ad(images=dealer.upload(picture(), name).json["normalUrl"])
    (ad,) = site.ads()
    assert [photo["sha256"] for photo in ad["photos"]] == sha256s([picture()])
    assert len(ad["photos"][0]["name"]) <= 200


@pytest.mark.parametrize("path", ["/photos/..%2f..%2fpractice.sqlite3/normal", "/photos/%2e%2e/normal", "/photos/x/y"])
def test_only_photos_are_shown_as_photos(visitor: Client, path: str) -> None:
    assert visitor.get(path).status == 404


def test_ten_photos_fit_and_eleven_do_not(dealer: Client, site: PracticeSite) -> None:
    urls = [dealer.upload(picture(colour=f"rgb(0,0,{i})")).json["normalUrl"] for i in range(11)]
    refused = dealer.submit(dealer.form(CHAIRS) | {"images": ",".join(urls)})
    assert list(refused.errors) == ["FileUploadInput"]
    dealer.post_ad(images=",".join(urls[:10]))
    assert [photo["url"] for photo in site.ads()[0]["photos"]] == [site.url + url for url in urls[:10]]


def test_photos_are_public_as_live_ads_show_them(dealer: Client, visitor: Client) -> None:
    assert visitor.get(dealer.upload(picture()).json["normalUrl"]).body == picture()
