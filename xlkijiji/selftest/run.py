"""`xlkijiji selftest`: start the program and the site, play the scenario, leave the report."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from xlkijiji.paths import home_of_its_own
from xlkijiji.practice import PracticeSite
from xlkijiji.selftest.programs import spreadsheet
from xlkijiji.selftest.report import Report
from xlkijiji.selftest.scenario import Scenario

__all__ = ["run_selftest"]

UPLOAD_SECONDS = 1.0
"""The practice site takes its time with photos, so that a run lasts long enough to be seen."""


def run_selftest(folder: Path, ask: Callable[[str], object] | None, say: Callable[[bool, str, str], object]) -> bool:
    """Try each promise in the Excel or Calc of this computer, and leave report and pictures in `folder`.

    `ask(label)` asks a person to click that button, where there is one to ask. `say(kept, promise, seen)` hears how
    each one went. True when all are kept. Nothing is posted but to a practice site of its own, on this computer.
    Raises DesktopError without a screen, and what the start of Excel, Calc and the site raises.
    """
    folder = folder.expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        # Excel may be running already, and starts Python with the user's own environment; Calc gets ours
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xlkijiji-selftest-")))
        if sys.platform not in {"win32", "darwin"}:
            home = stack.enter_context(home_of_its_own())
        site = stack.enter_context(PracticeSite(home / "practice-site", upload_seconds=UPLOAD_SECONDS))
        program = stack.enter_context(spreadsheet(home, ask))
        report = Report(folder, program.name, f"{dt.datetime.now().astimezone():%Y-%m-%d %H:%M %z}")
        scenario = Scenario(program, site, folder, report)
        stack.callback(scenario.close)
        scenario.play()
    for check in report.checks:
        say(check.kept, check.promise, check.seen)
    return report.kept == len(report.checks)
