"""Telling a person elsewhere that a run has ended: the system's own programs get the words, and can harm nothing."""

from __future__ import annotations

import ctypes
import logging
import sys
from pathlib import Path

import pytest

from xlkijiji.done_signal import signal_done
from xlkijiji.windows_notice import NotifyIcon

TEXT = '2 posted, 1 failed. "quoted" -e $(touch x)'


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH; each program in it notes its arguments, one a line."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("notify-send", "canberra-gtk-play", "osascript"):
        program = folder / name
        program.write_text(f'#!/bin/sh\nprintf \'%s\\n\' "$@" > "{tmp_path}/{name}.said"\n', encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "how", "program", "words"),
    [
        ("linux", "Notification", "notify-send", ["--app-name=xlkijiji", "--", "xlkijiji", TEXT]),
        ("linux", "Sound", "canberra-gtk-play", ["--id=complete"]),
        ("darwin", "Sound", "osascript", ["-e", "on run argv", "-e", "beep", "-e", "end run", "xlkijiji", TEXT]),
        (
            "darwin",
            "Notification",
            "osascript",
            [
                *("-e", "on run argv"),
                *("-e", "display notification (item 2 of argv) with title (item 1 of argv)"),
                *("-e", "end run", "xlkijiji", TEXT),
            ],
        ),
    ],
)
def test_the_systems_own_program_gets_the_words(
    programs: Path, monkeypatch: pytest.MonkeyPatch, platform: str, how: str, program: str, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    signal_done(how, TEXT)
    assert [path.name for path in programs.glob("*.said")] == [f"{program}.said"]
    assert (programs / f"{program}.said").read_text(encoding="utf-8").splitlines() == words


def test_no_means_no(programs: Path) -> None:
    signal_done("No", TEXT)
    assert not list(programs.glob("*.said"))


def test_what_fails_is_only_logged(programs: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "xlkijiji")
    (programs / "bin" / "notify-send").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    signal_done("Notification", TEXT)
    (programs / "bin" / "notify-send").unlink()
    signal_done("Notification", TEXT)
    assert "exit status 3" in caplog.text
    assert "has no notify-send" in caplog.text


def test_the_windows_notice_has_windows_own_layout_and_cuts_long_texts() -> None:
    if ctypes.sizeof(ctypes.c_void_p) == 8:
        assert ctypes.sizeof(NotifyIcon) == 976, "sizeof(NOTIFYICONDATAW) on 64-bit Windows"
    icon = NotifyIcon()
    icon.put("text", "x" * 254 + "🚚🚚")
    assert bytes(icon.text).decode("utf-16-le") == "x" * 254 + "\0\0", "no half of a character, and a zero at the end"
    icon.put("title", "é")
    assert bytes(icon.title).decode("utf-16-le").rstrip("\0") == "é"
