"""The command `xlkijiji` in a person's terminal, where an installer has put the program into a folder of its own.

On Linux `~/.local/bin` is where such commands go [XDG Base Directory specification]; desktops put it on the path when
it is there. Windows and the Mac have the menu entries alone.
"""

from __future__ import annotations

import logging
import shutil
import sys
from pathlib import Path

__all__ = ["is_found", "link_command", "remove_link"]

log = logging.getLogger(__name__)


def link_command(program: Path | None) -> Path | None:
    """Link the command of the program in the folder `program`; the link, None where there is none to make.

    A file that somebody else has put there stays.
    """
    if program is None or sys.platform != "linux":
        return None
    link, command = _link(), program / "venv" / "bin" / "xlkijiji"
    try:
        if link.is_symlink() and _is_ours(link, program):
            link.unlink()
        if not command.exists() or link.exists() or link.is_symlink():
            return None
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(command)
    except OSError as error:
        log.warning("the command could not be linked: %s", error)
        return None
    return link


def remove_link(program: Path | None) -> None:
    """Remove the link, if it leads into the folder `program`."""
    link = _link()
    if program is not None and link.is_symlink() and _is_ours(link, program):
        link.unlink()


def is_found(link: Path) -> bool:
    """Does a terminal find the command by its name?"""
    return shutil.which(link.name) is not None


def _link() -> Path:
    return Path.home() / ".local" / "bin" / "xlkijiji"


def _is_ours(link: Path, program: Path) -> bool:
    return program in link.readlink().parents
