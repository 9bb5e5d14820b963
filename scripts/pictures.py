"""Takes the pictures of docs/ and README from the real program: `make pictures`.

A real Calc under a real mouse, a real browser on a practice site. `docs/pictures/made-from.txt` holds a sum over all
that they show, and `make check` fails when that has changed since; so no picture grows old.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji import calc, sheet_names
from xlkijiji.demo.sample import LOCATION, draw_pictures, sheet_rows
from xlkijiji.inventory import is_in_hand
from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.messages import tell
from xlkijiji.office_page.server import running_address
from xlkijiji.paths import home_of_its_own, runs_dir
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite
from xlkijiji.selftest.programs import Program, spreadsheet, until
from xlkijiji.workbook.reader import locate
from xlkijiji.workbook.template import build_workbook

TOP = Path(__file__).parent.parent
FOLDER = TOP / "docs" / "pictures"
SUM_FILE = FOLDER / "made-from.txt"
SHOWN = (
    "workbook_template.xlsm",
    "xlkijiji/demo/sample.py",
    "xlkijiji/run_report.html",
    *(f"xlkijiji/{room}/**/*.{kind}" for room in ("practice", "office_page") for kind in ("html", "css")),
)
"""Whatever is to be seen on a picture and may change: the workbook, the sample in it, the pages."""
COLOURS = 128
"""Enough for a sheet, and a third of the size."""
RUN_SECONDS = 300.0
PAGE = (1280, 900)
OPEN_QUESTION = "Click Post All again"


def sum_of_sources() -> str:
    """One sum over the files that the pictures show."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in SHOWN for path in TOP.glob(pattern)}):
        total.update(path.relative_to(TOP).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def keep(name: str, image: Image.Image) -> None:
    """Save a picture with few colours."""
    few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(FOLDER / name, optimize=True)
    print(f"{name}: {image.width} x {image.height}, {(FOLDER / name).stat().st_size // 1024} KB")


class Stage:
    """The workbook in front of a camera."""

    def __init__(self, program: Program, book: Any, scratch: Path) -> None:
        self.program = program
        self.book = book
        self._scratch = scratch / "screen.png"

    def photograph(self, name: str) -> None:
        """The whole screen as it is now."""
        self.program.photograph(self.book, self._scratch)
        with Image.open(self._scratch) as image:
            keep(name, image)

    def show(self, sheet: str, name: str) -> None:
        """Another sheet's picture."""
        self.book.sheets[sheet].activate()
        self.photograph(name)

    def press(self, label: str, macro: str, answered: Callable[[], bool]) -> None:
        """Click a button of the inventory, and wait until something is to be seen of it."""
        self.book.sheets["Inventory"].activate()
        self.program.press(self.book, label, macro, answered)

    @property
    def status_bar(self) -> str:
        """What the status bar says; blank when the program has it."""
        return str(self.book.app.status_bar or "")

    def statuses(self) -> list[str]:
        """The status cells from top to bottom."""
        sheet = self.book.sheets["Inventory"]
        layout = locate(sheet)
        cells = (sheet.range((row, layout.columns["posting_status"])) for row in sorted(layout.rows.values()))
        return [str(cell.value or "") for cell in cells]

    def posted(self) -> int:
        """How many rows say that they are posted."""
        return sum(status.startswith("Posted") for status in self.statuses())

    def until_quiet(self) -> None:
        """Wait until the status bar is the program's own again."""
        until(lambda: not self.status_bar, "the status bar is Calc's own again", RUN_SECONDS)


def photograph_sheets(stage: Stage) -> None:
    """The workbook: new, checked, during a run, after it, its other sheets, and the question of Post All."""
    stage.photograph("inventory.png")
    stage.press("Check Sheet", "CheckSheet", lambda: "can't be posted" in stage.status_bar)
    stage.photograph("checked.png")
    stage.until_quiet()
    before = stage.posted()
    stage.press("Post New", "PostNew", lambda: any(map(is_in_hand, stage.statuses())))
    until(lambda: stage.posted() >= before + 3, "three ads are posted", RUN_SECONDS)
    until(lambda: any(map(is_in_hand, stage.statuses())), "a row is in hand", RUN_SECONDS)
    stage.photograph("during.png")
    until(lambda: any(runs_dir().glob("*.json")), "the run ends", RUN_SECONDS)
    stage.photograph("after.png")
    stage.until_quiet()
    for sheet in (sheet_names.SETTINGS, sheet_names.RUNS, sheet_names.DASHBOARD, sheet_names.HOW_TO):
        stage.show(tell(sheet), f"{sheet.removeprefix('sheet-')}.png")
    stage.press("Post All", "PostAll", lambda: OPEN_QUESTION in stage.status_bar)
    stage.photograph("asked.png")
    stage.press("Stop", "StopRun", lambda: OPEN_QUESTION not in stage.status_bar)


class Browser:
    """A browser nobody sees, in front of the same camera."""

    def __init__(self) -> None:
        self.driver = start_browser(find_browser(), headless=True, profile_dir=None, page_timeout=30)

    def photograph(self, name: str, address: str, size: tuple[int, int] = PAGE) -> None:
        """A page as it is once it is loaded."""
        self.driver.set_window_size(*size)
        self.driver.get(address)
        with Image.open(io.BytesIO(self.driver.get_screenshot_as_png())) as image:
            keep(name, image)


def photograph_site(site: PracticeSite, browser: Browser) -> None:
    """The report of the run, My Ads on the practice site, and one of the ads."""
    browser.photograph("run-report.png", next(iter(runs_dir().glob("*.html"))).as_uri())
    account, password = next(iter(DEFAULT_ACCOUNTS.items()))
    KijijiBot(account, password, base_url=site.url, driver=browser.driver).login()
    browser.photograph("my-ads.png", f"{site.url}/m-my-ads/active/1")
    browser.photograph("ad.png", site.ads()[0]["url"])


def photograph_office_page(workbook: Path, home: Path, browser: Browser) -> None:
    """The page with the buttons, for a workbook that is opened as the menu opens it."""
    environment = {**os.environ, "BROWSER": "true", "XLKIJIJI_OFFLINE": "1"}
    with contextlib.ExitStack() as started:
        for words in (["open", str(workbook)], ["page"]):
            command = [sys.executable, "-m", "xlkijiji", *words]
            process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 — our own interpreter
            started.callback(process.wait)
            started.callback(os.killpg, process.pid, signal.SIGKILL)
        address = until(running_address, "the page is on", RUN_SECONDS)
        until(lambda: calc.running_pipe() is not None, "the workbook is open", RUN_SECONDS)
        office = json.loads((home / "data" / "calc-office.json").read_text(encoding="utf-8"))["pid"]
        started.callback(os.kill, office, signal.SIGKILL)
        browser.driver.get(address)
        shown = WebDriverWait(browser.driver, RUN_SECONDS)
        shown.until(lambda driver: workbook.name in driver.find_element(By.TAG_NAME, "body").text)
        browser.photograph("office-page.png", browser.driver.current_url, (900, 900))


def take_pictures() -> None:
    """All of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ.pop("DISPLAY", None)  # a screen in memory, also where there is a real one
    with (
        home_of_its_own() as home,
        PracticeSite(home / "practice-site", upload_seconds=0.6) as site,
        spreadsheet(home, None) as program,
    ):
        draw_pictures(home / "stock" / "pictures")
        workbook, french = home / "stock" / "inventory.xlsm", home / "stock" / "inventaire.xlsm"
        settings = {"practice_url": site.url, "location": LOCATION, "show_browser": "No"}
        build_workbook(workbook, list(sheet_rows()), settings)
        build_workbook(french, list(sheet_rows()), settings, "fr")
        book = program.open(workbook)
        photograph_sheets(Stage(program, book, home))
        program.close(book)
        book = program.open(french)
        Stage(program, book, home).photograph("french.png")
        program.close(book)
        browser = Browser()
        try:
            photograph_site(site, browser)
            photograph_office_page(workbook, home, browser)
        finally:
            browser.driver.quit()
    SUM_FILE.write_text(sum_of_sources() + "\n", encoding="ascii")


def main() -> int:
    """Take the pictures; with `--check` only say whether they are older than what they show."""
    if sys.argv[1:] != ["--check"]:
        take_pictures()
        return 0
    if SUM_FILE.is_file() and SUM_FILE.read_text(encoding="ascii").strip() == sum_of_sources():
        return 0
    print("The pictures in docs/pictures are older than what they show. Run 'make pictures', and look at them.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
