"""The command line, as a person types it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import xlkijiji
from xlkijiji.cli import app
from xlkijiji.cli_computer import commands

README = Path(__file__).parents[1] / "README.md"


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xlkijiji", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_version() -> None:
    assert _run("version").stdout.strip() == xlkijiji.__version__


def test_doctor_finds_everything_on_a_machine_that_runs_these_tests() -> None:
    done = _run("doctor", "--offline")
    assert done.returncode == 0, done.stdout
    assert "MISSING" not in done.stdout
    for word in ("Python 3.", "LibreOffice", "browser", "template", "xlwings"):
        assert word in done.stdout


def test_doctor_says_what_to_do_when_something_is_missing(tmp_path: Path) -> None:
    done = _run("doctor", "--offline", PATH=str(tmp_path))
    assert done.returncode == 1
    assert re.search(r"MISSING\s+LibreOffice is missing: install", done.stdout)
    assert "Traceback" not in done.stdout + done.stderr


def test_new_creates_a_workbook_once(tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsm"
    assert _run("new", str(path)).returncode == 0
    assert path.exists()
    again = _run("new", str(path))
    assert again.returncode == 1
    assert "left as it is" in again.stderr or "left as it was" in again.stderr


@pytest.mark.parametrize("words", [("post", "missing.xlsx"), ("open", "missing.xlsm")])
def test_a_file_that_is_not_there_gets_a_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    done = _run(words[0], str(tmp_path / words[1]))
    assert done.returncode == 1
    assert words[1] in done.stderr
    assert "Traceback" not in done.stderr


def test_log_before_the_first_run_is_a_sentence(own_home: Path) -> None:
    path = own_home / "log" / "xlkijiji.log"
    for words in (["log"], ["log", "--print"]):
        done = _run(*words)
        assert (done.returncode, done.stdout.strip()) == (
            0,
            "There is no log yet: nothing has been run on this computer.",
        )
    assert _run("log", "--path").stdout.strip() == str(path)


def test_log_prints_the_last_lines(own_home: Path) -> None:
    path = own_home / "log" / "xlkijiji.log"
    path.parent.mkdir()
    path.write_text("".join(f"line {number} – é\n" for number in range(100)), encoding="utf-8")
    printed = _run("log", "--print", PYTHONIOENCODING="utf-8").stdout.splitlines()
    assert printed == [f"line {number} – é" for number in range(50, 100)]
    few = _run("log", "--print", "-n", "2", PYTHONIOENCODING="ascii")
    assert few.stdout.splitlines() == [r"line 98 \u2013 \xe9", r"line 99 \u2013 \xe9"]
    assert _run("log", "--print", "--lines", "0").returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the viewer is not a program that a test can bring along")
def test_log_opens_the_systems_viewer_or_says_where_the_log_is(own_home: Path, tmp_path: Path) -> None:
    path = own_home / "log" / "xlkijiji.log"
    path.parent.mkdir()
    path.write_text("a line\n", encoding="utf-8")
    without = _run("log", PATH=str(tmp_path))
    assert without.returncode == 1
    assert without.stderr.strip() == f"No program opened the log. Open it yourself: {path}"
    viewer = tmp_path / "xdg-open"
    viewer.write_text('#!/bin/sh\necho "viewing $*"\n', encoding="utf-8")
    viewer.chmod(0o755)
    done = _run("log", PATH=str(tmp_path))
    assert (done.returncode, done.stdout.strip()) == (0, f"viewing {path}")


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    for command in (*app.registered_commands, *commands.registered_commands):
        name = command.name or command.callback.__name__  # type: ignore[union-attr]
        assert f"xlkijiji {name}" in text or f"bin/xlkijiji {name}" in text, f"the README doesn't mention {name}"


def test_every_local_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert links
    for link in links:
        assert (README.parent / link).exists(), link
