"""Telling a person who is elsewhere that a run has ended: a sound, or the system's own notification.

Nothing is installed for it, and none of it can harm a run: what fails is logged.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys

from xlkijiji import windows_notice

__all__ = ["signal_done"]

log = logging.getLogger(__name__)

TITLE = "xlkijiji"
LONGEST_SECONDS = 10.0
"""For a program that plays or shows it: then it is given up."""


def signal_done(how: str, text: str) -> None:
    """Let a run's end be heard or seen, as the setting *Tell me when done* says: `No`, `Sound` or `Notification`."""
    if how not in {"Sound", "Notification"}:
        return
    try:
        if sys.platform == "win32":
            windows_notice.sound() if how == "Sound" else windows_notice.show(TITLE, text)
        else:
            _run(_command(how, text))
    except Exception as error:  # noqa: BLE001 — the run is over, and whatever the desktop has against it changes nothing
        log.warning("the end of the run was not signalled (%s): %s", how, error)


def _command(how: str, text: str) -> list[str]:
    if sys.platform == "darwin":
        # the words go in as arguments, so none of them is taken for AppleScript
        script = "beep" if how == "Sound" else "display notification (item 2 of argv) with title (item 1 of argv)"
        lines = ["-e", "on run argv", "-e", script, "-e", "end run"]
        return ["osascript", *lines, TITLE, text]
    if how == "Sound":
        return ["canberra-gtk-play", "--id=complete"]
    return ["notify-send", "--app-name=xlkijiji", "--", TITLE, text]


def _run(command: list[str]) -> None:
    program = shutil.which(command[0])
    if program is None:
        log.info("this computer has no %s, so the end of the run is not signalled", command[0])
        return
    subprocess.run([program, *command[1:]], check=True, capture_output=True, timeout=LONGEST_SECONDS)  # noqa: S603 — a program of the system, and no shell
