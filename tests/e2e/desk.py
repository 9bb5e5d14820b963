"""A workbook in front of a person: its window, its button, and the site that it posts to."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlwings as xw

from xlkijiji import calc
from xlkijiji.demo.desktop import click, wait_until_drawn
from xlkijiji.practice import PracticeSite
from xlkijiji.workbook.reader import locate

LONGEST = 120.0


def eventually(condition: Callable[[], Any], what: str, seconds: float = LONGEST) -> Any:
    """What `condition` gives once it is true; another process makes it so, and tells nobody when."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        pause.wait(0.05)
    return value


@dataclass
class Desk:
    """A workbook in front of a person: its window, its button, its site."""

    display: str
    site: PracticeSite
    opened: calc.OpenWorkbook
    home: Path
    _runs: set[Path] = field(default_factory=set)

    @property
    def book(self) -> xw.Book:
        """The open workbook."""
        return self.opened.book

    @property
    def status_bar(self) -> str:
        """What the status bar says; blank when the program has it."""
        return str(self.book.app.status_bar or "")

    def click(self, label: str = "Post New") -> None:
        """Click a button of the sheet."""
        calc.focus_window(self.opened)
        button = calc.button_centre(self.opened, label)
        wait_until_drawn(self.display, *button)
        click(self.display, *button)

    def statuses(self, sheet: str = "Inventory") -> dict[str, str]:
        """sku → status, as the open sheet shows it."""
        page = self.book.sheets[sheet]
        layout = locate(page)
        return {
            str(key[0]): str(page.range((row, layout.columns["posting_status"])).value or "")
            for key, row in layout.rows.items()
        }

    def ads_by_title(self) -> dict[str, int]:
        """How many ads the site has of each title."""
        titles = [ad["title"] for ad in self.site.ads()]
        return {title: titles.count(title) for title in titles}

    def new_results(self) -> list[Path]:
        """Results of runs that ended since the workbook was opened."""
        return sorted(set((self.home / "data" / "runs").glob("*.json")) - self._runs)

    def worker(self) -> int | None:
        """The process id of the worker that serves this workbook."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:  # it ended meanwhile
                continue
            if b"xlkijiji.worker" in words and f"--fullname={self.book.fullname}".encode() in words:
                return int(entry.name)
        return None

    def leave(self) -> None:
        """End what the buttons started and is still on, and close the workbook."""
        worker = self.worker()
        if worker is not None:
            os.killpg(worker, signal.SIGKILL)
            self.book.app.status_bar = False  # which it would have given back
        if not self.opened.keeper.closed.is_set():
            self.opened.close()


def item(sku: str, **more: object) -> dict[str, object]:
    """A row that the practice site takes."""
    return {
        "sku": sku,
        "title": f"Hydraulic pole saw {sku}",
        "description": "Long enough for the site. Stock {SKU}.",
        "price": 450,
        "category": "Power Tools",
        "photos": f"{sku}.png",
        "location": "H2X 1Y4",
        "condition": "Used - Good",
        **more,
    }
