"""`make demo`: a sample workbook, a real click on Post New, and a look at what the practice site got."""

from __future__ import annotations

import json
import logging
import shutil
import threading
import time
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import xlwings as xw
from rich.console import Console

from xlkijiji import calc, data_io
from xlkijiji.demo.check import find_problems
from xlkijiji.demo.desktop import DesktopError, click, screen, screenshot, wait_until_drawn
from xlkijiji.demo.sample import LOCATION, ROWS, draw_pictures, sheet_rows
from xlkijiji.install import template_path
from xlkijiji.inventory import STATUS, is_in_hand
from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.messages import tell
from xlkijiji.paths import home_of_its_own, runs_dir
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite
from xlkijiji.terminal import progress_bar
from xlkijiji.workbook.reader import locate
from xlkijiji.workbook.template import build_workbook

__all__ = ["run_demo"]

log = logging.getLogger(__name__)

LONGEST_RUN_SECONDS = 600.0
LONGEST_START_SECONDS = 90.0
LOOK_EVERY_SECONDS = 0.3
UPLOAD_SECONDS = 0.8
"""The practice site takes its time with photos, so that there is something to be seen of the run."""
MISTAKES = 2
"""Rows of the sample that get their error before anything is posted."""

WORKBOOK, SHEET_PICTURE, DURING_PICTURE = "inventory.xlsm", "sheet.png", "during.png"
ADS_PICTURE, RESULT, PICTURES = "my-ads.png", "result.json", "pictures"

PICTURE_NAMES = (SHEET_PICTURE, DURING_PICTURE, ADS_PICTURE)


def run_demo(folder: Path, *, show: bool = False) -> list[str]:
    """Do the main job in `folder`, and leave its workbook, pictures and result there; sentences about what is wrong.

    Raises DesktopError when there is no screen, OfficeMissingError without LibreOffice, and what the sites raise.
    """
    console = Console(stderr=True)
    folder = folder.resolve()
    _clear(folder)
    draw_pictures(folder / PICTURES)
    with (
        home_of_its_own() as home,
        PracticeSite(home / "practice", upload_seconds=UPLOAD_SECONDS) as site,
        screen(show=show) as display,
    ):
        workbook = _sample_workbook(folder / WORKBOOK, site.url, show=show)
        console.print(tell("demo-begins", url=site.url, display=display))
        result = _click_and_watch(workbook, folder, home, display)
        console.print(result["message"])
        _picture_of_my_ads(site.url, folder / ADS_PICTURE)
        ads = site.ads()
    statuses = _saved_statuses(workbook)
    (folder / RESULT).write_text(
        json.dumps({"result": result, "ads": ads, "statuses": statuses}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    problems = find_problems(ads, statuses, folder / PICTURES)
    problems += [tell("demo-no-picture", name=name) for name in PICTURE_NAMES if not (folder / name).exists()]
    for problem in problems:
        console.print(tell("demo-wrong", problem=problem), style="red", markup=False)
    if not problems:
        console.print(
            tell(
                "demo-good",
                posted=len(ads),
                mistakes=MISTAKES,
                before=len(ROWS) - len(ads) - MISTAKES,
                folder=folder,
            ),
            style="green",
            markup=False,
        )
    return problems


def _clear(folder: Path) -> None:
    """Remove what an earlier demo left, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (WORKBOOK, RESULT, *PICTURE_NAMES):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / PICTURES, ignore_errors=True)


def _sample_workbook(path: Path, site: str, *, show: bool) -> Path:
    """The template's workbook with the sample rows in it. Its macros are checked to be the template's."""
    settings = {
        "practice_url": site,
        "pictures_folder": PICTURES,
        "location": LOCATION,
        "show_browser": "Yes" if show else "No",
    }
    build_workbook(path, list(sheet_rows()), settings)
    with ZipFile(path) as made, ZipFile(template_path()) as template:
        if made.read("xl/vbaProject.bin") != template.read("xl/vbaProject.bin"):
            raise DesktopError(tell("demo-old-template", name=template_path().name))
    return path


def _click_and_watch(workbook: Path, folder: Path, home: Path, display: str) -> dict[str, Any]:
    """Open the workbook in Calc, click Post New, photograph the run, save; run_batch's result."""
    with calc.Office.start(home / "data" / "calc-profile", display=display) as office:
        opened = calc.open_workbook(workbook, office=office)
        calc.activate(office.pipe)
        book = xw.books[workbook.name]
        calc.place_window(opened, 0, 0, 1600, 900)
        book.sheets["Inventory"].activate()
        calc.focus_window(opened)
        button = calc.button_centre(opened, "Post New")
        wait_until_drawn(display, *button)
        click(display, *button)
        with progress_bar(tell("progress-posting"), len(ROWS)) as update:
            result = _watch(book, update, lambda: _photograph(opened, display, folder / DURING_PICTURE))
        _photograph(opened, display, folder / SHEET_PICTURE)
        book.save()
        opened.close()
    return result


def _photograph(opened: Any, display: str, path: Path) -> None:
    """A picture of the screen with the workbook in front, also when the browser has a window."""
    calc.focus_window(opened)
    screenshot(display, path)


def _watch(book: Any, update: Any, photograph: Any) -> dict[str, Any]:
    """Follow the run in the sheet itself until its result is there; take one photograph in the middle of it."""
    pause = threading.Event()  # never set: a wait between two looks
    started, photographed = time.monotonic(), False
    before = _statuses(book)
    while not (results := sorted(runs_dir().glob("*.json"))):
        pause.wait(LOOK_EVERY_SECONDS)
        statuses = _statuses(book)
        changed = sum(now != was and not is_in_hand(now) for now, was in zip(statuses, before, strict=True))
        in_hand = any(map(is_in_hand, statuses))
        update(changed, "")
        if in_hand and changed > MISTAKES and not photographed:
            photograph()
            photographed = True
        waited = time.monotonic() - started
        if waited > LONGEST_RUN_SECONDS or (waited > LONGEST_START_SECONDS and not in_hand and not changed):
            key = "demo-not-ended" if changed else "demo-not-begun"
            raise DesktopError(tell(key, seconds=f"{waited:.0f}", log=_log_tail()))
    update(len(ROWS), "")
    whole: dict[str, Any] = json.loads(results[-1].read_text(encoding="utf-8"))
    result: dict[str, Any] = whole["result"]
    return result


def _log_tail() -> str:
    from xlkijiji.paths import log_file

    lines = log_file().read_text(encoding="utf-8").splitlines() if log_file().exists() else [tell("demo-empty-log")]
    return "\n".join(lines[-15:])


def _statuses(book: Any) -> list[str]:
    """The status cells of the open workbook, top to bottom."""
    sheet = book.sheets["Inventory"]
    layout = locate(sheet)
    return [str(sheet.range((row, layout.columns[STATUS])).value or "") for row in sorted(layout.rows.values())]


def _picture_of_my_ads(url: str, path: Path) -> None:
    """The practice site's My Ads page, as its own account sees it."""
    account, password = next(iter(DEFAULT_ACCOUNTS.items()))
    driver = start_browser(find_browser(), headless=True, profile_dir=None, page_timeout=30)
    try:
        KijijiBot(account, password, base_url=url, driver=driver).login()
        driver.set_window_size(1280, 1500)
        driver.get(f"{url}/m-my-ads/active/1")
        driver.save_screenshot(path)
    finally:
        driver.quit()


def _saved_statuses(workbook: Path) -> dict[str, str]:
    """sku → status, read from the file that Calc saved."""
    frame = data_io.load_inventory(workbook)
    return dict(zip(frame["sku"].astype(str), frame[STATUS].astype(str), strict=True))
