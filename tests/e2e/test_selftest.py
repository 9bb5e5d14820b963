"""`xlkijiji selftest`: what it says of a program that keeps its promises, and of one day on which one is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from xlkijiji import calc
from xlkijiji.paths import HOME_VARIABLE
from xlkijiji.practice import PracticeSite
from xlkijiji.selftest.programs import Calc
from xlkijiji.selftest.report import Report
from xlkijiji.selftest.scenario import Scenario

OPENS = "The workbook opens, with all its buttons"
USABLE = "Post New answers at once, and the workbook stays usable while the run is on"
POSTED = "Each good row is on the site once, the others aren't, and the rows say so"
SAVES = "Saving keeps macros and statuses, also after opening again"


def test_in_this_calc_every_promise_is_kept(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", HOME_VARIABLE}}
    environment["XLKIJIJI_SHOW_RESULT_SECONDS"] = "1"
    command = [sys.executable, "-m", "xlkijiji", "selftest", "--to", str(tmp_path / "report")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "BROKEN" not in done.stdout
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["facts"]["Program"].startswith("LibreOffice Calc 7")
    assert len(report["checks"]) >= 13
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    for check in report["checks"]:
        assert check["kept"], check
        for name in check["pictures"]:
            assert f'src="{name}"' in page
            assert Image.open(tmp_path / "report" / name).width >= 1000
    assert any("a mouse click" in check["seen"] for check in report["checks"])
    assert str(Path.home()) not in page, "a report may be sent to others"


def test_a_broken_promise_is_told_and_the_others_are_tried_all_the_same(
    display: str, office: calc.Office, office_home: Path, site: PracticeSite, tmp_path: Path
) -> None:
    site.fault("duplicate_removed", 1, "0.1")  # the site takes one of the ads off again
    report = Report(tmp_path, "Calc of the tests", "now")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(office_home))
        scenario = Scenario(Calc(office, display), site, tmp_path, report)
        try:
            for promise in (OPENS, USABLE, POSTED, SAVES):
                scenario.keep(promise)
        finally:
            scenario.close()
    broken = {check.promise: check.seen for check in report.checks if not check.kept}
    assert list(broken) == [POSTED], broken
    assert [check.promise for check in report.checks] == [OPENS, USABLE, POSTED, SAVES]
    assert "BROKEN" in (tmp_path / "report.html").read_text(encoding="utf-8")
