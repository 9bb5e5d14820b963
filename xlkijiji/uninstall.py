"""Taking away again what the installation brought. Workbooks and pictures are never touched."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from xlkijiji import paths
from xlkijiji.busy import refuse_while_busy
from xlkijiji.command_link import remove_link
from xlkijiji.file_replacement import replace_file
from xlkijiji.install import config_bytes, config_key, user_config
from xlkijiji.menu_entries import WINDOWS_UNINSTALLER, remove_entries
from xlkijiji.messages import tell

__all__ = ["program_folder", "uninstall_for_user"]

_AGAIN = ("calc-profile", "locks", "calc-office.json", "office-page.json")
"""Own files that hold nothing of the person's, and are made again when they are needed."""


def program_folder() -> Path | None:
    """The folder that the installer made for this Python; None when somebody installed xlkijiji in another way."""
    environment = Path(sys.prefix)
    tools = environment.parent / "tools"
    made = environment.name == "venv" and any((tools / name).is_file() for name in ("uv", "uv.exe"))
    return environment.parent if made else None


def uninstall_for_user(*, remembered_too: bool) -> Iterator[str]:
    """Remove menu entries, our lines in xlwings' configuration, and the program; yields what was done, in sentences.

    With `remembered_too` also the journals, the log and the kept sign-in. On Windows the program's folder is in use by
    this very Python, so its own uninstaller removes it afterwards. Raises InventoryError while a run or the office page
    is on, and nothing is removed.
    """
    refuse_while_busy()
    if remove_entries():
        yield tell("uninstalled-menu")
    if forget_this_python(user_config()):
        yield tell("uninstalled-config")
    if remembered_too:
        for folder in (paths.data_dir(), paths.cache_dir(), paths.log_file().parent):
            _empty(folder)
        yield tell("uninstalled-remembered")
    else:
        for name in _AGAIN:
            _remove(paths.data_dir() / name)
        _remove(paths.cache_dir())
        yield tell("uninstalled-kept", folder=paths.data_dir())
    program = program_folder()
    remove_link(program)
    if program is not None and sys.platform != "win32":
        shutil.rmtree(program)
        yield tell("uninstalled-program", folder=program)
    yield tell("uninstalled-yours")


def forget_this_python(path: Path) -> bool:
    """Take the line with this Python out of an xlwings configuration; True when there was one. Others stay."""
    if not path.is_file():
        return False
    lines = path.read_bytes().splitlines()
    kept = [line for line in lines if line != config_bytes(f'"{config_key()}","{sys.executable}"', "ignore")]
    if kept == lines:
        return False
    end = os.linesep.encode()
    if kept:
        replace_file(path, end.join(kept) + end)
    else:
        path.unlink()
    return True


def _empty(folder: Path) -> None:
    """Remove what is in `folder`, but not the program and its uninstaller, which may lie there and are at work."""
    program = program_folder()
    for one in folder.iterdir():
        if one != program and one.name != WINDOWS_UNINSTALLER:
            _remove(one)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
