"""Replacing a file of the person's: in one step, or not at all; and keeping it as it was before a run."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from xlkijiji.errors import InventoryError, system_reason
from xlkijiji.messages import tell

__all__ = ["backup_inventory", "refuse_read_only", "replace_file"]

log = logging.getLogger(__name__)


def backup_inventory(path: Path | str) -> Path | None:
    """Keep the file as it is, as `NAME.backup.EXT` beside it, in the place of an older backup; the backup's path.

    None when there is no file yet. Raises InventoryError when it can't be kept.
    """
    path = Path(path)
    backup = path.with_name(f"{path.stem}.backup{path.suffix}")
    try:
        content = path.read_bytes()
        # who may not read the inventory may not read its copy; the next run must be able to replace it
        mode = stat.S_IMODE(path.stat().st_mode) | stat.S_IWUSR
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InventoryError(tell("file-not-copied", name=path.name, reason=system_reason(error))) from error
    replace_file(backup, content, mode=mode)
    return backup


def refuse_read_only(path: Path) -> None:
    """Raise InventoryError for a file that someone has protected against writing."""
    # a replaced file is a new one, so the system wouldn't mind; but someone protected this one on purpose
    if path.is_file() and not path.stat().st_mode & 0o222:
        raise InventoryError(tell("file-is-protected", name=path.name))


def replace_file(
    path: Path, content: bytes, *, mode: int | None = None, only_if: Callable[[], bool] = lambda: True
) -> bool:
    """Put `content` in the place of the file in one step, or leave the file as it is and raise InventoryError.

    `mode` are the permissions of the new file; None: those of the old one. `only_if` is asked at the last moment, when
    all is ready; when it says no, the file stays as it is, and the answer is False.
    """
    target = path.resolve()  # a link stays a link
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(target) if mode is None else mode)
        if not only_if():
            return False
        temporary.replace(target)
        temporary = None
    except PermissionError as error:
        raise InventoryError(tell("file-not-replaced", name=path.name)) from error
    except OSError as error:
        raise InventoryError(tell("file-save-failed", name=path.name, reason=system_reason(error))) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):  # what can't be removed either does no harm: its name says what it is
                temporary.unlink()
    _sync_folder(target.parent)
    return True


def _mode(target: Path) -> int:
    """The permissions of the file, or those that a new one gets by itself."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """The new name, too, must be on the disk; Windows has no way to ask for that, and does it itself."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:  # some folders on a network refuse that; the file is replaced all the same
        log.info("the folder %s can't be synced", folder, exc_info=True)
