"""The command in a person's terminal: linked where nobody else's is, and taken away with the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlkijiji.command_link import is_found, link_command, remove_link


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program as the installer leaves it, in the home of somebody who has no commands of their own."""
    command = tmp_path / "program" / "venv" / "bin" / "xlkijiji"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\necho it runs\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "home" / ".local" / "bin"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "program"


def test_the_command_is_found_in_a_terminal_and_goes_with_the_program(program: Path) -> None:
    link = link_command(program)
    assert link is not None
    assert "it runs" in link.read_text(encoding="utf-8")
    assert is_found(link)
    assert link_command(program) == link, "a second installation links it anew"
    remove_link(program)
    assert not link.is_symlink()
    assert not is_found(link)


def test_a_command_of_somebody_elses_stays(program: Path, tmp_path: Path) -> None:
    own = tmp_path / "home" / ".local" / "bin" / "xlkijiji"
    own.parent.mkdir(parents=True)
    own.write_text("mine", encoding="utf-8")
    assert link_command(program) is None
    remove_link(program)
    assert own.read_text(encoding="utf-8") == "mine"
    own.unlink()
    own.symlink_to(tmp_path / "elsewhere")
    assert link_command(program) is None
    remove_link(program)
    assert own.is_symlink()


def test_without_the_installers_folder_nothing_is_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert link_command(None) is None
    remove_link(None)
    assert list(tmp_path.iterdir()) == []


def test_on_windows_and_the_mac_nothing_is_linked(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert link_command(program) is None
