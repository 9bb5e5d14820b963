"""`make demo`, as a person runs it; and its own judgement, which must find what is wrong."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import Image

from xlkijiji import data_io
from xlkijiji.demo.check import find_problems
from xlkijiji.demo.sample import ROWS
from xlkijiji.install import template_path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a whole demo left, under a screen of its own."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "XLKIJIJI_HOME"}}
    command = [sys.executable, "-m", "xlkijiji", "demo", "--folder", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert "posting" in done.stderr
    assert "12/12" in done.stderr, "the terminal shows a progress bar"
    return folder


@pytest.fixture
def outcome(demo: Path) -> dict[str, Any]:
    """What the demo wrote down."""
    return dict(json.loads((demo / "result.json").read_text(encoding="utf-8")))


def test_the_site_has_the_right_ads_each_once(outcome: dict[str, Any]) -> None:
    titles = sorted(ad["title"] for ad in outcome["ads"])
    assert titles == sorted(row.title for row in ROWS if row.posted)
    photos = {ad["title"]: len(ad["photos"]) for ad in outcome["ads"]}
    assert photos == {row.title: len(row.photos) for row in ROWS if row.posted}
    assert all(ad["total_paid"] == 0 for ad in outcome["ads"])


def test_run_batch_and_the_saved_workbook_agree_with_the_site(demo: Path, outcome: dict[str, Any]) -> None:
    result = outcome["result"]
    assert result["success"] is True
    assert (result["total_records"], result["successful_posts"]) == (12, 8)
    assert (result["failed_posts"], result["skipped_records"]) == (2, 2)
    frame = data_io.load_inventory(demo / "inventory.xlsm")
    saved = dict(zip(frame["sku"], frame["posting_status"], strict=True))
    assert saved == outcome["statuses"]
    urls = {ad["title"]: ad["url"] for ad in outcome["ads"]}
    linked = dict(zip(frame["title"], frame["ad_url"], strict=True))
    assert {title: linked[title] for title in urls} == urls


def test_the_saved_workbook_keeps_its_macros_and_its_button(demo: Path) -> None:
    with ZipFile(demo / "inventory.xlsm") as saved, ZipFile(template_path()) as template:
        assert saved.read("xl/vbaProject.bin") == template.read("xl/vbaProject.bin")
        drawings = [saved.read(name).decode() for name in saved.namelist() if "vmlDrawing" in name]
    assert any("PostNew" in drawing and "Post New" in drawing for drawing in drawings)


@pytest.mark.parametrize("name", ["sheet.png", "during.png", "my-ads.png"])
def test_the_pictures_show_something(demo: Path, name: str) -> None:
    picture = Image.open(demo / name).convert("RGB")
    assert picture.width >= 1000
    assert len(picture.getcolors(maxcolors=1_000_000) or []) > 100


GREEN, RED, BLUE = (198, 233, 206), (248, 207, 203), (211, 229, 250)


def _area(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    return sum(count for count, seen in picture.getcolors(maxcolors=1_000_000) or [] if seen == colour)


def test_the_sheet_is_coloured_and_the_row_in_hand_is_marked_during_the_run(demo: Path) -> None:
    during, after = (Image.open(demo / name).convert("RGB") for name in ("during.png", "sheet.png"))
    assert _area(after, GREEN) > _area(during, GREEN) > 0
    assert _area(after, RED) > 0
    assert _area(during, BLUE) > 0 == _area(after, BLUE)


def _drop_ad(outcome: dict[str, Any]) -> None:
    del outcome["ads"][0]


def _double_ad(outcome: dict[str, Any]) -> None:
    outcome["ads"].append(outcome["ads"][0])


def _stray_ad(outcome: dict[str, Any]) -> None:
    outcome["ads"].append({**outcome["ads"][0], "title": "Nobody asked for this"})


def _wrong_price(outcome: dict[str, Any]) -> None:
    outcome["ads"][0]["price"] = 1


def _swapped_photos(outcome: dict[str, Any]) -> None:
    next(ad for ad in outcome["ads"] if len(ad["photos"]) > 1)["photos"].reverse()


def _lost_status(outcome: dict[str, Any]) -> None:
    outcome["statuses"]["BT001"] = ""


def _posted_mistake(outcome: dict[str, Any]) -> None:
    outcome["statuses"]["BT006"] = "Posted 2026-11-23"


@pytest.mark.parametrize(
    "spoil", [_drop_ad, _double_ad, _stray_ad, _wrong_price, _swapped_photos, _lost_status, _posted_mistake]
)
def test_the_demo_finds_what_is_wrong(
    demo: Path, outcome: dict[str, Any], spoil: Callable[[dict[str, Any]], None]
) -> None:
    assert find_problems(outcome["ads"], outcome["statuses"], demo / "pictures") == []
    spoiled = copy.deepcopy(outcome)
    spoil(spoiled)
    assert find_problems(spoiled["ads"], spoiled["statuses"], demo / "pictures")


def test_show_without_a_screen_is_refused_with_a_sentence(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    command = [sys.executable, "-m", "xlkijiji", "demo", "--show", "--folder", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "no screen" in done.stderr
    assert "Traceback" not in done.stderr
