"""LibreOffice itself: how it is started and ended, and what `xlkijiji open FILE` does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xlkijiji import calc
from xlkijiji.calc import connection as connection_module
from xlkijiji.calc.connection import connect
from xlkijiji.calc.office import documents
from xlkijiji.calc.profile import prepare_profile
from xlkijiji.calc.vba_part import read_vba_project

from .conftest import eventually

OPEN = "import sys, pathlib; from xlkijiji import calc; calc.open_and_keep(pathlib.Path(sys.argv[1]))"


def _alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_importing_the_room_loads_neither_xlwings_nor_uno() -> None:
    check = "import sys, xlkijiji.calc; print([name for name in ('xlwings', 'uno', 'pandas') if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, text=True, timeout=60)
    assert shown.stdout.strip() == "[]"


def test_an_office_comes_and_goes_with_its_processes(tmp_path: Path) -> None:
    with calc.Office.start(tmp_path / "profile", headless=True) as office:
        assert _alive(office.pid)
        assert office.running
        assert "soffice" in Path(f"/proc/{office.pid}/cmdline").read_text(encoding="utf-8")
    assert not office.running
    assert not _alive(office.pid)


def test_a_second_office_on_the_same_profile_is_refused(tmp_path: Path) -> None:
    with calc.Office.start(tmp_path / "profile", headless=True) as office:
        with pytest.raises(calc.OfficeMissingError, match="still open"):
            calc.Office.start(tmp_path / "profile", headless=True)
        assert connect(office.pipe).alive


def test_without_libreoffice_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(calc.OfficeMissingError, match="Install LibreOffice Calc"):
        calc.Office.start(tmp_path / "profile", headless=True)


def test_without_a_screen_the_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(calc.OfficeMissingError, match="no screen"):
        calc.Office.start(tmp_path / "profile")


def test_without_uno_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    """In a Python of its own, where `uno` is nowhere."""
    script = (
        "import sys, pathlib\n"
        "from xlkijiji.calc import connection\n"
        "connection.SYSTEM_PACKAGES = pathlib.Path('/nowhere')\n"
        "sys.path[:] = [entry for entry in sys.path if not entry.endswith('/usr/lib/python3/dist-packages')]\n"
        "try:\n"
        "    connection.import_uno()\n"
        "except connection.UnoMissingError as error:\n"
        "    print(error)\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert "Install the package python3-uno" in shown.stdout


def test_a_profile_that_has_settings_is_left_as_it_is(tmp_path: Path) -> None:
    prepare_profile(tmp_path)
    settings = tmp_path / "user" / "registrymodifications.xcu"
    assert "ShowTipOfTheDay" in settings.read_text(encoding="utf-8")
    settings.write_text("the person's own", encoding="utf-8")
    prepare_profile(tmp_path)
    assert settings.read_text(encoding="utf-8") == "the person's own"


def test_a_call_that_takes_too_long_ends_with_a_sentence() -> None:
    import threading

    never = threading.Event()
    with pytest.raises(calc.CalcError, match=r"did not finish within 0\.01 seconds: waiting"):
        connection_module.bounded(never.wait, 0.01, "waiting")
    never.set()


@pytest.fixture
def start_opening(own_home: Path, screen: str) -> Callable[[Path], subprocess.Popen[bytes]]:
    """Starts `xlkijiji open FILE` in a process of its own, with this test's folders."""

    def start(path: Path) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "XLKIJIJI_HOME": str(own_home), "DISPLAY": screen}
        return subprocess.Popen([sys.executable, "-c", OPEN, str(path)], env=environment)

    return start


def test_open_keeps_the_workbook_until_it_is_closed(
    start_opening: Callable[[Path], subprocess.Popen[bytes]], own_home: Path, workbook_file: Path, tmp_path: Path
) -> None:
    """Two workbooks share one LibreOffice, a second opening of one returns, and the last one closed ends it."""
    original = read_vba_project(workbook_file)
    state = own_home / "data" / "calc-office.json"
    first = start_opening(workbook_file)
    eventually(state.exists)
    found = json.loads(state.read_text(encoding="utf-8"))
    office = connect(found["pipe"])
    document = eventually(lambda: next(iter(documents(office)), None))
    eventually(lambda: office.recall(f"macros/{document.RuntimeUID}"))

    assert start_opening(workbook_file).wait(60) == 0
    assert len(documents(office)) == 1

    other = tmp_path / "other.xlsm"
    other.write_bytes(workbook_file.read_bytes())
    second = start_opening(other)
    eventually(lambda: len(documents(office)) == 2)
    assert json.loads(state.read_text(encoding="utf-8")) == found

    document.Sheets.getByIndex(0).getCellRangeByName("H1").String = "changed"
    document.store()  # as the menu does: only the process that opened it can keep the macros
    assert read_vba_project(workbook_file) == original
    document.close(True)
    assert first.wait(30) == 0
    assert second.poll() is None
    assert _alive(found["pid"])

    last = eventually(lambda: next((one for one in documents(office) if other.as_uri() == one.URL), None))
    eventually(lambda: office.recall(f"macros/{last.RuntimeUID}"))
    last.close(True)
    assert second.wait(30) == 0
    eventually(lambda: not _alive(found["pid"]))


def test_whoever_keeps_a_workbook_ends_when_libreoffice_was_killed(
    start_opening: Callable[[Path], subprocess.Popen[bytes]], own_home: Path, workbook_file: Path
) -> None:
    keeping = start_opening(workbook_file)
    state = own_home / "data" / "calc-office.json"
    eventually(state.exists)
    found = json.loads(state.read_text(encoding="utf-8"))
    office = connect(found["pipe"])
    document = eventually(lambda: next(iter(documents(office)), None))
    eventually(lambda: office.recall(f"macros/{document.RuntimeUID}"))
    assert start_opening(workbook_file).wait(60) == 0, "by now the first one only waits"
    os.kill(found["pid"], signal.SIGKILL)
    assert keeping.wait(30) == 0
