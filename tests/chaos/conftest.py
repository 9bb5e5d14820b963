"""A LibreOffice that may be killed and started again, a worker's process, and a desk in front of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chaos_desk import Desk
from chaos_worker import Runs

from xlkijiji import calc


@pytest.fixture(scope="session")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The LibreOffice in use, under `office`: a test may put another in its place."""
    profile = tmp_path_factory.mktemp("profile")
    held: dict[str, Any] = {"office": calc.Office.start(profile, headless=True), "profile": profile}
    yield held
    held["office"].close()


@pytest.fixture(scope="session")
def runs_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the worker's process says."""
    return tmp_path_factory.mktemp("worker") / "log.txt"


@pytest.fixture(scope="session")
def runs(runs_log: Path) -> Iterator[Runs]:
    """The process in which runs are done."""
    one = Runs()
    with one.process(runs_log):
        yield one


@pytest.fixture
def desk(offices: dict[str, Any], runs: Runs, tmp_path: Path) -> Iterator[Callable[[int], Desk]]:
    """Open a new workbook with so many rows to post."""
    desks: list[Desk] = []

    def open_with(count: int) -> Desk:
        desks.append(Desk(offices["office"], tmp_path, offices["profile"], count, runs))
        return desks[-1]

    yield open_with
    for one in desks:
        if one.running:
            one.finish()
        if not one.office.running:
            one.office = calc.Office.start(one.profile, headless=True, pipe=one.office.pipe)
        offices["office"] = one.office
        for document in calc.office.documents(one.office.connection):
            document.setModified(False)
            document.close(True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failure here comes with the end of the worker's log."""
    report = yield
    log = item.funcargs.get("runs_log")
    if report.when == "call" and report.failed and log is not None:
        report.sections.append(("log of the worker", "\n".join(log.read_text(encoding="utf-8").splitlines()[-40:])))
    return report
