"""A Windows of Wine's for the tests in this folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from spoken_installers import spoken
from wine import ENDS_WELL, INSTALLERS, WHEEL, Windows, locked_sum, program, tells_sum


@pytest.fixture(scope="session")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new Windows."""
    folder = tmp_path_factory.mktemp("wine") / "prefix"
    windows = Windows(folder)
    folder.mkdir()
    done = subprocess.run(
        ["wine", "wineboot", "--init"],
        env={
            **os.environ,
            "WINEPREFIX": str(folder),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;certutil.exe=n",
        },
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert windows.drive.is_dir(), done.stderr.decode(errors="replace")
    yield folder
    subprocess.run(["wineserver", "--kill"], env={**os.environ, "WINEPREFIX": str(folder)}, check=False)


@pytest.fixture
def windows(prefix: Path) -> Iterator[Windows]:
    """An unpacked download, and programs that end well."""
    one = Windows(prefix)
    parts = one.download / "parts"
    parts.mkdir(parents=True)
    (one.download / "Install xlkijiji.cmd").write_bytes(spoken(INSTALLERS / "Install xlkijiji.cmd"))
    shutil.copy(INSTALLERS / "requirements.txt", parts)
    (parts / "uninstall.cmd").write_bytes(spoken(INSTALLERS / "uninstall.cmd"))
    (parts / "xlkijiji-0.1.0-py3-none-any.whl").write_bytes(b"ours")
    (parts / WHEEL).write_bytes(b"the tool")
    python = one.drive / "stand-ins" / "venv" / "python.exe"
    program(python, one, ENDS_WELL)
    # what tar unpacks is a uv, whose venv is a folder with a Python
    uv = one.drive / "stand-ins" / "tool" / "uv.exe"
    makes_venv = (
        'if not "%~2"=="venv" exit 0\r\n'
        'set "made=%LOCALAPPDATA%\\xlkijiji\\program\\venv.new\\Scripts"\r\n'
        'mkdir "%made%"\r\n'
        'copy C:\\stand-ins\\venv\\python.exe "%made%\\python.exe" >nul\r\n'
    )
    program(uv, one, makes_venv + ENDS_WELL)
    system = one.drive / "windows" / "system32"
    unpacks = (
        "set inside=%~5\\uv-0.13.9.data\\scripts\r\n"
        'mkdir "%inside%"\r\n'
        'copy C:\\stand-ins\\tool\\uv.exe "%inside%\\uv.exe" >nul\r\n'
    )
    program(system / "tar.exe", one, unpacks + ENDS_WELL)
    program(system / "chcp.com", one, 'if "%~2"=="" echo Page de codes active\xa0: 850\r\n' + ENDS_WELL)
    tells_sum(one, locked_sum())
    yield one
    for rest in (one.download, one.program.parent, one.drive / "stand-ins"):
        shutil.rmtree(rest, ignore_errors=True)
    (one.drive / "calls.txt").unlink(missing_ok=True)
