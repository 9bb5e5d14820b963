"""A screen, a real Calc on it, a practice site, and the real button under a real mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from desk import Desk
from PIL import Image

from xlkijiji import calc
from xlkijiji.demo.desktop import screen, screenshot
from xlkijiji.paths import HOME_VARIABLE
from xlkijiji.practice import PracticeSite
from xlkijiji.workbook.template import build_workbook


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen in memory, also where there is a real one: the person at it keeps the mouse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DISPLAY", raising=False)
        with screen(show=False) as name:
            yield name


@pytest.fixture(scope="session")
def office_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything that the office's buttons start keeps its files."""
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="session")
def office(display: str, office_home: Path) -> Iterator[calc.Office]:
    """LibreOffice with windows. What its buttons start keeps its files in `office_home`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(office_home))
        patch.setenv("XLKIJIJI_SHOW_RESULT_SECONDS", "2")
        patch.setenv("XLKIJIJI_OFFLINE", "1")  # Check Setup asks no real site
        # what a person's own browser would show [webbrowser's documentation: %s is the address]
        viewer = office_home / "viewer.sh"
        viewer.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{office_home / "shown"}"\n', encoding="utf-8")
        viewer.chmod(0o755)
        patch.setenv("BROWSER", f"{viewer} %s")
        running = calc.Office.start(office_home / "profile", display=display)
    with running:
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PracticeSite]:
    """A practice site that takes its time with photos, so that a run lasts long enough to be seen."""
    with PracticeSite(tmp_path / "site", upload_seconds=0.8) as running:
        yield running


@pytest.fixture
def desk(
    display: str, office: calc.Office, office_home: Path, site: PracticeSite, tmp_path: Path
) -> Iterator[Callable[[Sequence[Mapping[str, object]]], Desk]]:
    """Put a workbook with these rows in front of the person. Each row gets a picture of its own."""
    desks: list[Desk] = []

    def open_with(rows: Sequence[Mapping[str, object]]) -> Desk:
        for journal in (office_home / "data" / "practice").glob("journal-*"):
            journal.unlink()  # of another test's site, which may have had the same port
        folder = tmp_path / "Stock d'été & co"
        (folder / "pictures").mkdir(parents=True)
        for number, row in enumerate(rows):
            if row.get("photos"):
                Image.new("RGB", (640, 480), (number * 20, 90, 160)).save(folder / "pictures" / str(row["photos"]))
        build_workbook(folder / "inventaire été.xlsm", rows, {"practice_url": site.url, "show_browser": "No"})
        opened = calc.open_workbook(folder / "inventaire été.xlsm", office=office)
        calc.place_window(opened, 0, 0, 1600, 900)
        desks.append(Desk(display, site, opened, office_home))
        desks[-1]._runs = set((office_home / "data" / "runs").glob("*.json"))
        return desks[-1]

    yield open_with
    for one in desks:
        one.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failure here comes with what the screen showed, and with the end of the workers' log."""
    report = yield
    display, own, home = (item.funcargs.get(name) for name in ("display", "home", "office_home"))  # type: ignore[attr-defined]
    home = own or home
    if report.when == "call" and report.failed and display and home:
        log = home / "log" / "xlkijiji.log"
        if log.exists():
            report.sections.append(
                ("log of the workers", "\n".join(log.read_text(encoding="utf-8").splitlines()[-40:]))
            )
        picture = item.config.cache.mkdir("screens") / f"{item.name[:40].replace('/', '-')}.png"  # type: ignore[union-attr]
        screenshot(display, picture)
        report.sections.append(("screen", str(picture)))
    return report
