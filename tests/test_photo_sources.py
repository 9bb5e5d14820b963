"""From a Photos cell to picture files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlkijiji.photo_sources import expand_photos, file_fault, split_photos
from xlkijiji.records import as_record


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for name in ("BT001-10.jpg", "BT001-2.JPG", "BT001-1.webp", "BT001.txt", ".BT001-0.jpg", "BT002/b10.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "BT002" / "b9.png").touch()
    (folder / "one[1].jpg").touch()
    (tmp_path / "secret.jpg").touch()
    (folder / "SECRET").symlink_to(tmp_path)
    return folder


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("a.jpg; b.jpg|c.jpg,d.jpg\ne.jpg", ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]),
        ("https://x.ca/w_1,h_2/a.jpg, b.jpg", ["https://x.ca/w_1,h_2/a.jpg", "b.jpg"]),
        (
            "a.jpg,b.jpg,https://x.ca/a,b.jpg,http://y.ca/c.png",
            ["a.jpg", "b.jpg", "https://x.ca/a,b.jpg", "http://y.ca/c.png"],
        ),
        ("a.jpg;;a.jpg; ", ["a.jpg"]),
        (None, []),
        ([Path("a,b.jpg")], ["a,b.jpg"]),
    ],
)
def test_a_cell_is_split_into_names(cell: object, names: list[str]) -> None:
    assert split_photos(cell) == names


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["BT001*.jpg"], ["BT001-2.JPG", "BT001-10.jpg"]),
        (["bt001-*"], ["BT001-1.webp", "BT001-2.JPG", "BT001-10.jpg"]),
        (["BT002/"], ["BT002/b9.png", "BT002/b10.png"]),
        (["BT002\\b*.png"], ["BT002/b9.png", "BT002/b10.png"]),
        (["one[1].jpg"], ["one[1].jpg"]),
        (["BT001-10.jpg", "BT001*.jpg"], ["BT001-10.jpg", "BT001-2.JPG"]),
        (["none*.jpg"], ["none*.jpg"]),
        (["BT002", "https://x.ca/a*.jpg"], ["BT002/b9.png", "BT002/b10.png", "https://x.ca/a*.jpg"]),
        ([], ["BT002/b9.png", "BT002/b10.png"]),
    ],
)
def test_patterns_and_folders_stand_for_their_pictures_in_natural_order(
    pictures: Path, names: list[str], files: list[str]
) -> None:
    found = expand_photos(names, "BT002", pictures)
    assert [file if isinstance(file, str) else file.relative_to(pictures).as_posix() for file in found] == files


@pytest.mark.parametrize("sku", ["", "..", ".", "../pictures", "BT001", "SECRET", "BT002/", "a\0b", "x" * 5000])
def test_a_sku_leads_to_no_other_folder_than_its_own(pictures: Path, sku: str) -> None:
    assert expand_photos([], sku, pictures) == []


def test_a_new_picture_in_a_folder_is_seen(pictures: Path) -> None:
    before = expand_photos(["BT002"], "", pictures)
    (pictures / "BT002" / "a.jpg").touch()
    assert expand_photos(["BT002"], "", pictures) == [pictures / "BT002" / "a.jpg", *before]


def test_every_bot_finds_files_under_photos(pictures: Path) -> None:
    record = as_record({"sku": "BT002", "title": "T", "description": "D", "price": 1}, pictures)
    assert record["photos"] == [pictures / "BT002" / "b9.png", pictures / "BT002" / "b10.png"]


@pytest.mark.parametrize("name", ["../secret.jpg", "SECRET/secret.jpg", "BT002/../../secret.jpg", "/etc/passwd"])
def test_nothing_outside_of_the_pictures_folder_is_read(pictures: Path, name: str) -> None:
    fault = file_fault(pictures / name, pictures)
    assert fault is not None
    assert fault[0] == "points out of the pictures folder"


def test_a_link_that_stays_inside_is_a_picture(pictures: Path) -> None:
    (pictures / "cover.png").symlink_to(pictures / "BT002" / "b9.png")
    assert file_fault(pictures / "cover.png", pictures) is None


def test_without_a_folder_a_path_is_the_callers_own(pictures: Path) -> None:
    assert file_fault(pictures.parent / "secret.jpg", None) is None


@given(name=st.text(max_size=60), sku=st.text(max_size=20))
def test_whatever_is_typed_only_the_folder_is_read(
    tmp_path_factory: pytest.TempPathFactory, name: str, sku: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "some"
    folder.mkdir(exist_ok=True)
    (folder / "a.jpg").touch()
    for file in expand_photos(split_photos(name), sku, folder):
        passes = isinstance(file, Path) and file_fault(file, folder) is None
        assert not passes or file.resolve().is_relative_to(folder.resolve())
