"""The way from the click to the ad, promise by promise; what is seen comes from the site's table and the saved file.

The workbook that is tried is an English one, whatever language the report is in: what it shows is read back here.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import xlwings as xw
from PIL import Image

from xlkijiji import data_io, sheet_names
from xlkijiji.errors import XlkijijiError
from xlkijiji.inventory import STATUS, cell_text, is_in_hand
from xlkijiji.messages import figure, tell
from xlkijiji.paths import runs_dir
from xlkijiji.practice import PracticeSite
from xlkijiji.selftest.programs import Program, SelftestError, until
from xlkijiji.selftest.report import Check, Report
from xlkijiji.workbook.reader import locate
from xlkijiji.workbook.template import BUTTONS, build_workbook
from xlkijiji.workbook.template_look import HEADER_ROW

__all__ = ["Scenario"]

log = logging.getLogger(__name__)

RUN_SECONDS = 300.0
GOOD, BAD, SOLD = ("ST001", "ST002", "ST003", "ST004"), "ST005", "ST006"
LATER = ("ST011", "ST012", "ST013", "ST014")
SEEN, HIDDEN, UNSELECTED = "ST021", "ST022", "ST023"
DOUBLE_CLICK_SECONDS = 2.0
SLOW_PHOTO_SECONDS = "6"
NOTE = "Typed while the run is on"


class Scenario:
    """One go through all promises, with one workbook in one program and one practice site."""

    def __init__(self, program: Program, site: PracticeSite, folder: Path, report: Report) -> None:
        self._program = program
        self._site = site
        self._folder = folder
        self._report = report
        self._path = folder / "acceptance.xlsm"
        self._book: xw.Book | None = None
        self._pictures: list[str] = []
        self._prepare()

    @property
    def promises(self) -> dict[str, Callable[[], str]]:
        """Each promise, in order, and what tries it; a later one needs what the earlier ones have left."""
        return {
            tell("selftest-opens"): self._opens,
            tell("selftest-checks"): self._checks,
            tell("selftest-stays-usable"): self._stays_usable,
            tell("selftest-posted"): self._posted,
            tell("selftest-second-click"): self._second_click,
            tell("selftest-stops"): self._stops,
            tell("selftest-hidden"): self._hidden,
            tell("selftest-selected"): self._selected,
            tell("selftest-asks"): self._asks,
            tell("selftest-replaces"): self._replaces,
            tell("selftest-counts"): self._counts,
            tell("selftest-saves"): self._saves,
            tell("selftest-forgets"): self._forgets,
        }

    def play(self) -> None:
        """Try each promise."""
        for promise in self.promises:
            self.keep(promise)

    def keep(self, promise: str) -> None:
        """Try one promise; where it breaks, that is noted with what was seen."""
        self._pictures = []
        tried = self.promises[promise]
        name = tried.__name__.strip("_")
        try:
            check = Check(name, promise, True, tried())
        except Exception as error:  # it belongs into the report, and the other promises are tried
            log.exception("a promise is broken")
            self._photograph("broken")
            foreseen = isinstance(error, XlkijijiError)
            seen = str(error) if foreseen else tell("selftest-unforeseen", kind=type(error).__name__, error=error)
            check = Check(name, promise, False, seen)
        check.pictures = self._pictures
        self._report.add(check)

    def close(self) -> None:
        """Close the workbook, if it is open."""
        if self._book is not None:
            self._program.close(self._book)

    # --- the promises

    def _opens(self) -> str:
        self._book = self._program.open(self._path)
        self._sheet.activate()
        seen = self._program.buttons(self._book)
        self._photograph("opened")
        wanted = len(BUTTONS)
        _expect(seen == wanted, tell("selftest-buttons-differ", seen=seen, wanted=wanted))
        return tell("selftest-buttons-seen", seen=seen, rows=len(locate(self._sheet).rows))

    def _checks(self) -> str:
        before = self._grid()
        how = self._press("Check Sheet", "CheckSheet", lambda: "can't be posted" in self._status_bar)
        layout = locate(self._sheet)
        bad = layout.rows[BAD, 0]
        until(lambda: self._statuses()[BAD].startswith("Error: "), tell("selftest-status-told", sku=BAD), RUN_SECONDS)
        until(self._idle, tell("selftest-check-ended"), RUN_SECONDS)
        allowed = {(bad, layout.columns[name]) for name in (STATUS, "last_error")}
        changed = set(_changes(before, self._grid()))
        self._photograph("checked")
        _expect(changed <= allowed, tell("selftest-other-cells", cells=sorted(changed - allowed)))
        selection = self._running.app.selection
        _expect(selection is not None and selection.row == bad, tell("selftest-selection", selection=selection))
        _expect(not self._site.ads(), tell("selftest-has-ads"))
        return tell("selftest-by-text", how=how, text=self._statuses()[BAD])

    def _stays_usable(self) -> str:
        begun = time.monotonic()
        how = self._press("Post New", "PostNew", self._is_posting)
        started = time.monotonic() - begun
        cell = self._sheet.range((max(locate(self._sheet).rows.values()) + 20, 2))
        cell.value = NOTE
        bar = self._status_bar
        self._photograph("running")
        on = self._results() == 0
        until(lambda: self._results() == 1, tell("selftest-run-ends"), RUN_SECONDS)
        _expect(on, tell("selftest-ended-too-soon"))
        _expect(cell.value == NOTE, tell("selftest-typed-lost"))
        cell.value = None
        return tell("selftest-by-started", how=how, seconds=figure(started, 1), bar=bar)

    def _posted(self) -> str:
        statuses = self._statuses()
        self._photograph("posted")
        _expect(self._titles() == sorted(map(_title, GOOD)), self._site_has())
        _expect(
            all(statuses[sku].startswith("Posted 20") for sku in GOOD), tell("selftest-rows-say", statuses=statuses)
        )
        _expect(statuses[BAD].startswith("Error: "), tell("selftest-row-says", sku=BAD, status=statuses[BAD]))
        _expect(statuses[SOLD] == "sold", tell("selftest-row-says", sku=SOLD, status=statuses[SOLD]))
        layout = locate(self._sheet)
        links = {str(self._sheet.range((layout.rows[sku, 0], layout.columns["ad_url"])).value) for sku in GOOD}
        _expect(links == {ad["url"] for ad in self._site.ads()}, tell("selftest-links", links=sorted(links)))
        return "; ".join(tell("labelled", label=sku, text=status) for sku, status in statuses.items())

    def _second_click(self) -> str:
        how = self._run("Post New", "PostNew")
        _expect(self._titles() == sorted(map(_title, GOOD)), self._site_has())
        return tell("selftest-by-bar", how=how, bar=self._status_bar)

    def _stops(self) -> str:
        until(self._idle, tell("selftest-run-before"), RUN_SECONDS)
        ended, ads, more = self._results(), len(self._site.ads()), LATER
        self._add_rows(more)
        self._site.fault("upload_slow", 2, SLOW_PHOTO_SECONDS)  # until Stop's own Python has started
        self._press("Post New", "PostNew", self._is_posting)
        how = self._press("Stop", "StopRun", lambda: self._results() == ended + 1)
        posted = len(self._site.ads()) - ads
        _expect(0 < posted < len(more), tell("selftest-posted-after-stop", posted=posted, total=len(more)))
        until(self._idle, tell("selftest-stopped-ended"), RUN_SECONDS)
        self._run("Post New", "PostNew")
        _expect(self._titles() == sorted(map(_title, (*GOOD, *more))), self._site_has())
        return tell("selftest-by-stopped", how=how, posted=posted, total=len(more))

    def _hidden(self) -> str:
        until(self._idle, tell("selftest-run-before"), RUN_SECONDS)
        self._add_rows((SEEN, HIDDEN))
        row = self._sheet.range((locate(self._sheet).rows[HIDDEN, 0], 1))
        height = row.row_height
        row.row_height = 0
        how = self._run("Post New", "PostNew")
        said = self._status_bar
        row.row_height = height
        wanted = sorted(map(_title, (*GOOD, *LATER, SEEN)))
        _expect(self._titles() == wanted, self._site_has())
        _expect("1 hidden row" in said, tell("selftest-bar-said", bar=said))
        return tell("selftest-by-bar", how=how, bar=said)

    def _selected(self) -> str:
        until(self._idle, tell("selftest-run-before"), RUN_SECONDS)
        self._add_rows((UNSELECTED,))
        self._sheet.range((locate(self._sheet).rows[HIDDEN, 0], 2)).select()
        how = self._run("Post Selected", "PostSelected")
        wanted = sorted(map(_title, (*GOOD, *LATER, SEEN, HIDDEN)))
        _expect(self._titles() == wanted, self._site_has())
        return tell("selftest-by-selected", how=how, sku=UNSELECTED)

    def _asks(self) -> str:
        ads = self._active()
        how = self._press("Post All", "PostAll", self._is_asked)
        question = self._status_bar
        self._photograph("asked")
        self._press("Stop", "StopRun", lambda: not self._is_asked())
        until(self._idle, tell("selftest-question-gone"), RUN_SECONDS)
        _expect(self._active() == ads, tell("selftest-ads-changed"))
        return tell("selftest-by-text", how=how, text=question)

    def _replaces(self) -> str:
        before, ended = self._active(), self._results()
        self._press("Post All", "PostAll", self._is_asked)
        threading.Event().wait(DOUBLE_CLICK_SECONDS)  # sooner it would be taken for the second half of a double click
        how = self._press("Post All", "PostAll", lambda: not self._is_asked(), at_once=True)
        until(lambda: self._results() == ended + 1, tell("selftest-run-ends"), RUN_SECONDS)
        wanted = sorted(map(_title, (*GOOD, *LATER, SEEN, HIDDEN, UNSELECTED)))
        _expect(self._titles() == wanted, self._site_has())
        kept = before.keys() & self._active().keys()
        _expect(not kept, tell("selftest-not-replaced", ads=sorted(kept)))
        return tell("selftest-by-replaced", how=how, replaced=len(before), sku=UNSELECTED)

    def _counts(self) -> str:
        until(self._idle, tell("selftest-run-before"), RUN_SECONDS)
        runs = self._in_book(sheet_names.RUNS)
        lines = [row for row in runs.used_range.options(ndim=2).value[HEADER_ROW:] if row[0] is not None]
        _expect(len(lines) == self._results(), tell("selftest-lines-differ", lines=len(lines), runs=self._results()))
        for name in (sheet_names.RUNS, sheet_names.DASHBOARD):
            self._in_book(name).activate()
            self._photograph(name.removeprefix("sheet-"))
        cells = [cell for row in self._in_book(sheet_names.DASHBOARD).range("A1:L12").value for cell in row]
        self._sheet.activate()
        live = sum(status.startswith("Posted") for status in self._statuses().values())
        _expect(live in cells, tell("selftest-not-counted", live=live, cells=[c for c in cells if c is not None]))
        return tell("selftest-counted", lines=len(lines), live=live)

    def _saves(self) -> str:
        until(self._idle, tell("selftest-run-before"), RUN_SECONDS)
        before = self._statuses()
        self._running.save()
        self._program.close(self._running)
        saved = data_io.load_inventory(self._path)
        _expect(
            dict(zip(saved["sku"], saved[STATUS].map(cell_text), strict=True)) == before, tell("selftest-file-differs")
        )
        with ZipFile(self._path) as package:
            _expect("xl/vbaProject.bin" in package.namelist(), tell("selftest-no-macros"))
        self._book = self._program.open(self._path)
        self._sheet.activate()
        _expect(self._statuses() == before, tell("selftest-opened-again", statuses=self._statuses()))
        return tell("selftest-saved", statuses=len(before))

    def _forgets(self) -> str:
        layout, ads = locate(self._sheet), self._titles()
        lost = layout.rows[GOOD[0], 0]
        for name in (STATUS, "ad_id", "ad_url", "posted_at"):  # as it shows when it was not saved
            self._sheet.range((lost, layout.columns[name])).value = None
        how = self._run("Post New", "PostNew")
        _expect(self._titles() == ads, self._site_has())
        _expect(
            self._statuses()[GOOD[0]].startswith("Posted 20"),
            tell("selftest-row-says", sku=GOOD[0], status=self._statuses()[GOOD[0]]),
        )
        return tell("selftest-by-again", how=how, status=self._statuses()[GOOD[0]])

    # --- what is looked at

    @property
    def _running(self) -> xw.Book:
        if self._book is None:
            raise SelftestError(tell("selftest-not-open"))
        return self._book

    @property
    def _sheet(self) -> Any:
        return self._in_book(sheet_names.INVENTORY)

    def _in_book(self, key: str) -> Any:
        return self._running.sheets[tell(key, in_language="en")]

    @property
    def _status_bar(self) -> str:
        return str(self._running.app.status_bar or "")

    def _statuses(self) -> dict[str, str]:
        layout = locate(self._sheet)
        column = layout.columns[STATUS]
        return {str(key[0]): cell_text(self._sheet.range((row, column)).value) for key, row in layout.rows.items()}

    def _grid(self) -> list[list[object]]:
        values: list[list[object]] = self._sheet.used_range.options(ndim=2).value
        return values

    def _titles(self) -> list[str]:
        return sorted(self._active().values())

    def _site_has(self) -> str:
        return tell("selftest-site-has", titles=self._titles())

    def _results(self) -> int:
        return sum(name == self._running.fullname for name in _kept_workbooks())

    def _idle(self) -> bool:
        return not self._status_bar or self._status_bar.casefold() == "false"

    def _run(self, label: str, macro: str) -> str:
        """Press a button, and wait until the run that it starts has ended and kept its result; how it was pressed."""
        until(self._idle, tell("selftest-run-before"), RUN_SECONDS)
        ended = self._results()
        how = self._press(label, macro, lambda: not self._idle() or self._results() > ended)
        until(lambda: self._results() == ended + 1, tell("selftest-run-ends"), RUN_SECONDS)
        return how

    def _is_posting(self) -> bool:
        # a busy computer may show one of them late
        return "Processing record" in self._status_bar or any(map(is_in_hand, self._statuses().values()))

    def _is_asked(self) -> bool:
        return "Click Post All again" in self._status_bar

    def _active(self) -> dict[str, str]:
        """The ids of the ads that are live, and their titles."""
        return {str(ad["id"]): ad["title"] for ad in self._site.ads() if ad["state"] == "active"}

    def _add_rows(self, skus: Sequence[str]) -> None:
        layout = locate(self._sheet)
        for row, sku in enumerate(skus, max(layout.rows.values()) + 1):
            for name, value in _item(sku).items():
                self._sheet.range((row, layout.columns[name])).value = value

    def _press(self, label: str, macro: str, answered: Callable[[], bool], *, at_once: bool = False) -> str:
        if label != "Stop" and not at_once:
            until(self._idle, tell("selftest-bar-idle"), RUN_SECONDS)
        return self._program.press(self._running, label, macro, answered)

    def _photograph(self, name: str) -> None:
        if self._book is None:
            return
        file = f"{len(self._report.checks) + 1:02d}-{name}.png"
        try:
            self._program.photograph(self._book, self._folder / file)
        except Exception as error:  # a screen that can't be photographed must not hide what was to be seen
            log.exception("no picture was taken")
            self._report.facts.setdefault("Pictures", tell("selftest-not-photographed", error=error))
            return
        self._pictures.append(file)

    def _prepare(self) -> None:
        rows = [_item(sku) for sku in GOOD]
        rows += [{**_item(BAD), "price": "abc"}, {**_item(SOLD), "posting_status": "sold"}]
        pictures = self._folder / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        for number, sku in enumerate((*GOOD, BAD, SOLD, *LATER, SEEN, HIDDEN, UNSELECTED)):
            Image.new("RGB", (640, 480), (20 * number, 90, 160)).save(pictures / f"{sku}.png")
        build_workbook(self._path, rows, {"practice_url": self._site.url, "show_browser": "No"})


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise SelftestError(tell("selftest-not-as-promised", otherwise=otherwise))


def _title(sku: str) -> str:
    return f"Hydraulic pole saw {sku}"


def _item(sku: str) -> dict[str, object]:
    return {
        "sku": sku,
        "title": _title(sku),
        "description": "Long enough for the site. Stock {SKU}.",
        "price": 450,
        "category": "Power Tools",
        "photos": f"{sku}.png",
        "location": "H2X 1Y4",
        "condition": "Used - Good",
    }


def _changes(before: list[list[object]], after: list[list[object]]) -> Iterator[tuple[int, int]]:
    for row in range(max(len(before), len(after))):
        old, new = (grid[row] if row < len(grid) else [] for grid in (before, after))
        for column in range(max(len(old), len(new))):
            if (old[column] if column < len(old) else None) != (new[column] if column < len(new) else None):
                yield row + 1, column + 1


def _kept_workbooks() -> Iterator[str]:
    for path in sorted(runs_dir().glob("*.json")):
        yield str(json.loads(path.read_text(encoding="utf-8"))["workbook"])
