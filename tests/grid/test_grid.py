"""The same bot on the browsers of a real Selenium Grid; judged by the practice site's own table."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from grid_server import GridServer, browser_process, parent_of
from PIL import Image
from selenium.webdriver.remote.remote_connection import RemoteConnection

from xlkijiji import bots, data_io, jobs
from xlkijiji.errors import BrowserGone
from xlkijiji.kijiji.grid import start_on_grid
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite
from xlkijiji.settings import Settings
from xlkijiji.terminal import post_file

WORKERS = 4
PICTURES = tuple(f"picture {number} é.jpg" for number in range(6))
COLUMNS = ("SKU", "Title", "Description", "Price", "Category", "Photos", "Location", "Posting status")


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GridServer]:
    """A Grid with as many browsers as workers."""
    with GridServer(tmp_path_factory.mktemp("grid"), sessions=WORKERS, request_seconds=60) as server:
        yield server


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticeSite]:
    """An empty practice site."""
    with PracticeSite(tmp_path / "practice") as site:
        yield site


class Watch:
    """Makes the bots, and hears each step in the thread of the bot that takes it.

    Their first forms are opened only when all of them have a browser. At the step `text`, for the time `turn`, `kill`
    gets the driver.
    """

    def __init__(self, grid: GridServer, workers: int, text: str, turn: int, kill: Callable[[Any], None]) -> None:
        self._grid, self._text, self._turn, self._kill = grid, text, turn, kill
        self._heard = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(workers, self._count, timeout=60)
        self._waiting = workers
        self.at_once: set[str] = set()
        """The sessions that were on when all bots had theirs."""
        self.killed = ""

    def _count(self) -> None:
        self.at_once = self._grid.sessions()

    def make_bot(self, settings: Settings, folder: Path, _on_step: object, evidence_dir: Path | None) -> KijijiBot:
        """As `bots.make_bot`."""
        known: list[KijijiBot] = []
        opened: list[str] = []

        def step(text: str) -> None:
            if text == "Opening the form…" and not opened:
                opened.append(text)
                with self._lock:
                    first = self._waiting > 0
                    self._waiting -= first
                if first:
                    self._together.wait()
            with self._lock:
                self._heard += text == self._text
                now = text == self._text and self._heard == self._turn
            if now:
                site = known[0]._session.running
                assert site is not None
                self.killed = str(site.driver.session_id)
                self._kill(site.driver)

        known.append(bots.make_bot(settings, folder, step, evidence_dir))
        return known[0]


def _inventory(folder: Path, site: PracticeSite, grid: GridServer, count: int) -> tuple[Path, dict[str, list[str]]]:
    """A workbook whose Settings sheet names the Grid; and the sums of each row's photos, by its title."""
    pictures = folder / "pictures"
    pictures.mkdir()
    for number, name in enumerate(PICTURES):
        Image.new("RGB", (640, 420), (40 * number, 90, 200)).save(pictures / name)
    sums = {name: hashlib.sha256((pictures / name).read_bytes()).hexdigest() for name in PICTURES}
    wanted = {}
    path = folder / "stock.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Inventory")
        sheet.write_row(0, 0, COLUMNS)
        for row in range(1, count + 1):
            title = f"Bucket truck number {row}"
            photos = [PICTURES[(row + 5 * shift) % len(PICTURES)] for shift in range(1 + row % 3)]
            wanted[title] = [sums[name] for name in photos]
            values = (f"BT{row:03}", title, "A good truck.", 24500 + row, "341", "; ".join(photos), "M5V 3L9", "")
            sheet.write_row(row, 0, values)
        settings = book.add_worksheet("Settings")
        settings.write(0, 0, "Settings")
        labels = {"Practice mode": "Yes", "Practice site": site.url, "Selenium Grid": grid.url}
        for row, pair in enumerate(labels.items(), 2):
            settings.write_row(row, 0, pair)
    return path, wanted


def _post(path: Path, workers: int) -> dict[str, Any]:
    """`xlkijiji post --workers N`."""
    return post_file(path, "new", real=None, account="", pictures=None, workers=workers)


def _end_at_the_grid(grid: GridServer) -> Callable[[Any], None]:
    return lambda driver: grid.end_session(driver.session_id)


def _kill_browser(_grid: GridServer) -> Callable[[Any], None]:
    return lambda driver: os.kill(browser_process(driver.caps["chrome"]["userDataDir"]), signal.SIGKILL)


@pytest.mark.parametrize(
    ("count", "workers", "text", "turn", "way", "unsure", "there"),
    [
        pytest.param(12, WORKERS, "Posting…", 6, _end_at_the_grid, 1, 11, id="at the click"),
        pytest.param(2, 2, "Opening the form…", 2, _kill_browser, 0, 2, id="before the click"),
        pytest.param(2, 2, "Looking for the new ad under My Ads…", 2, _kill_browser, 1, 2, id="after the click"),
    ],
)
def test_one_session_is_killed_and_each_row_is_posted_once(
    grid: GridServer,
    practice: PracticeSite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    workers: int,
    text: str,
    turn: int,
    way: Callable[[GridServer], Callable[[Any], None]],
    unsure: int,
    there: int,
) -> None:
    path, wanted = _inventory(tmp_path, practice, grid, count)
    watch = Watch(grid, workers, text, turn, way(grid))
    monkeypatch.setattr(jobs, "make_bot", watch.make_bot)
    sent: Counter[str] = Counter()
    execute = RemoteConnection.execute

    def counted(connection: RemoteConnection, command: str, params: Any) -> Any:
        sent[command] += 1
        return execute(connection, command, params)

    monkeypatch.setattr(RemoteConnection, "execute", counted)

    result = _post(path, workers)

    assert len(watch.at_once) == workers, "as many browsers as workers, all on the Grid"
    assert watch.killed in watch.at_once
    statuses = data_io.load_inventory(path)["posting_status"].tolist()
    assert result["success"], result["message"]
    assert sum(status.startswith("Posted 20") for status in statuses) == count - unsure, statuses
    assert sum(status.startswith("Error: Unsure whether the ad was posted") for status in statuses) == unsure, statuses
    assert len(practice.ads()) == there
    assert sent["uploadFile"] >= sum(map(len, wanted.values())), "each photo was sent to the Grid"

    if unsure:  # settled by looking: posted again only where it isn't there
        assert _post(path, 1)["success"]
    statuses = data_io.load_inventory(path)["posting_status"].tolist()
    assert all(status.startswith("Posted 20") for status in statuses), statuses
    ads = practice.ads()
    assert sorted(ad["title"] for ad in ads) == sorted(wanted), "each row exactly once"
    assert {ad["title"]: [photo["sha256"] for photo in ad["photos"]] for ad in ads} == wanted
    assert {ad["state"] for ad in ads} == {"active"}
    assert all(ad["total_paid"] == 0 for ad in ads)
    assert grid.sessions() == set(), "no session is left on the Grid"


def test_a_grid_that_is_full_lacks_the_browser_or_loses_its_driver(tmp_path: Path) -> None:
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    with (
        PracticeSite(tmp_path / "practice") as site,
        GridServer(tmp_path, sessions=1, request_seconds=15) as small,
        KijijiBot(user, password, base_url=site.url, grid_url=small.url) as bot,
    ):
        assert bot.login()
        with pytest.raises(BrowserGone, match="are in use, and none became free in time"):
            start_on_grid(small.url, None, page_timeout=10)
        with pytest.raises(BrowserGone, match="has no Firefox; it has: Chrome"):
            start_on_grid(small.url, "Firefox", page_timeout=10)
        running = bot._session.running
        assert running is not None
        file = tmp_path / "typed.txt"
        file.touch()
        running.driver.get("data:text/html,<input>")
        field = running.driver.find_element("css selector", "input")
        field.send_keys(str(file))
        assert field.get_property("value") == str(file), "typed text is text, though a file here has that name"
        browser = browser_process(running.driver.caps["chrome"]["userDataDir"])
        os.kill(parent_of(browser), signal.SIGKILL)
        with pytest.raises(BrowserGone, match="on the Selenium Grid has gone"):
            bot.live_ads()
