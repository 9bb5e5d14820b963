"""Making a workbook, and naming our Python in xlwings' user configuration."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from xlkijiji import install
from xlkijiji.errors import InventoryError


def test_a_new_workbook_is_the_template_with_a_pictures_folder(tmp_path: Path) -> None:
    created = install.create_workbook(tmp_path / "Mes camions" / "stock été")
    assert created == tmp_path / "Mes camions" / "stock été.xlsm"
    assert created.read_bytes() == install.template_path().read_bytes()
    assert (created.parent / "pictures").is_dir()


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsm"
    path.write_bytes(b"somebody's stock")
    with pytest.raises(InventoryError, match="left as it is"):
        install.create_workbook(path)
    assert path.read_bytes() == b"somebody's stock"


def test_the_user_configuration_keeps_its_other_lines(tmp_path: Path) -> None:
    path = tmp_path / ".xlwings" / "xlwings.conf"
    install.set_config_line(path, "INTERPRETER_WIN", "C:\\old\\python.exe")
    path.write_text(path.read_text() + '"SHOW CONSOLE","False"\n')
    install.set_config_line(path, "INTERPRETER_WIN", "C:\\new\\python.exe")
    assert sorted(path.read_text().splitlines()) == [
        '"INTERPRETER_WIN","C:\\new\\python.exe"',
        '"SHOW CONSOLE","False"',
    ]


def test_a_name_that_the_code_page_cannot_write_leaves_the_configuration_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "xlwings.conf"
    theirs = b'"INTERPRETER_WIN","C:\\old\\python.exe"\r\n"PYTHONPATH","C:\\Caf\xe9\x81"\r\n'
    path.write_bytes(theirs)
    monkeypatch.setattr("locale.getpreferredencoding", lambda do_setlocale=True: "cp1252")  # noqa: ARG005 — as it's called
    with pytest.raises(InventoryError, match=r"code page \(cp1252\), which can't write Ł\."):
        install.set_config_line(path, "INTERPRETER_WIN", "C:\\Users\\Łukasz\\python.exe")
    assert path.read_bytes() == theirs
    install.set_config_line(path, "INTERPRETER_WIN", "C:\\Users\\José\\python.exe")
    end = os.linesep.encode()
    other, own = b'"PYTHONPATH","C:\\Caf\xe9\x81"', b'"INTERPRETER_WIN","C:\\Users\\Jos\xe9\\python.exe"'
    assert path.read_bytes() == other + end + own + end, "bytes that the code page has no letter for stay too"
    assert [one.name for one in tmp_path.iterdir()] == ["xlwings.conf"]


def test_install_names_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    told = list(install.configure_excel())
    assert sys.executable in (tmp_path / ".xlwings" / "xlwings.conf").read_text()
    assert any(sys.executable in line for line in told)


def test_the_module_that_the_mac_needs_can_be_started_and_knows_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", install.XLWINGS_COMMAND, "--help"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # xlwings offers "runpython" only when it runs on a Mac
    source = importlib.util.find_spec(install.XLWINGS_COMMAND)
    assert source is not None
    assert source.origin is not None
    assert '"runpython"' in Path(source.origin).read_text(encoding="utf-8")
