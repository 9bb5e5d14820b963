"""A LibreOffice that may be killed and started again, and a desk in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chaos_desk import Desk

from xlkijiji import calc, jobs, worker
from xlkijiji.workbook import live


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The LibreOffice in use, under `office`: a test may put another in its place."""
    profile = tmp_path_factory.mktemp("profile")
    held: dict[str, Any] = {"office": calc.Office.start(profile, headless=True), "profile": profile}
    yield held
    held["office"].close()


@pytest.fixture
def desk(offices: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Desk]]:
    """Open a new workbook with so many rows to post."""
    monkeypatch.setattr(worker, "SHOW_RESULT_SECONDS", 0.0)
    monkeypatch.setattr(worker, "LOOK_AGAIN_SECONDS", 1.0)
    monkeypatch.setattr(live, "WRITE_EVERY", 0.02)
    monkeypatch.setattr(live, "SLOWEST_RETRY", 0.2)
    monkeypatch.setattr(live, "REST_PER_WORK", 0.0)
    desks: list[Desk] = []
    shows = live.LiveView.show

    def show(view: live.LiveView, text: str) -> None:
        desks[-1].said.append(text)
        shows(view, text)

    monkeypatch.setattr(live.LiveView, "show", show)

    def open_with(count: int) -> Desk:
        one = Desk(offices["office"], tmp_path, offices["profile"], count)
        monkeypatch.setattr(jobs, "make_bot", lambda *_settings: one.bot)
        desks.append(one)
        return one

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
