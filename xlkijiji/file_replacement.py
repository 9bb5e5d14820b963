"""A file is replaced by a complete new one in one step, or stays as it was; and a copy of it as it was before a run."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from xlkijiji.errors import InventoryError

__all__ = ["backup_inventory", "refuse_read_only", "replace_file"]

log = logging.getLogger(__name__)


def replace_file(
    path: Path, content: bytes, *, mode: int | None = None, only_if: Callable[[], bool] = lambda: True
) -> bool:
    """Put `content` in the place of the file, or create it. True when that was done.

    The new file is written beside the old one and is on the disk before it takes the old one's name, so that whatever
    happens, also to the computer, the name stands for the one or the other as a whole. `only_if` is asked right before
    that last step; False leaves the file as it is. `mode` are the new file's permissions; None: those of the old one.
    A link stays a link to the file that is replaced.

    Raises OSError; the file is then as it was, and no other one is left behind.
    """
    target = path.resolve()
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
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):  # what can't be removed either does no harm: its name says what it is
                temporary.unlink()
    _sync_folder(target.parent)
    return True


def backup_inventory(path: Path | str) -> Path | None:
    """Copy the file as it is to `NAME.backup.EXT` beside it, and return that path; None when there's no such file.

    To be called once per run, before its first save: an older backup is replaced, in one step as any file here.

    Raises InventoryError when the copy can't be made; an older backup is then as it was.
    """
    path = Path(path)
    backup = path.with_name(f"{path.stem}.backup{path.suffix}")
    try:
        content = path.read_bytes()
        # who may not read the inventory may not read its copy; but the next run must be able to replace the copy
        mode = stat.S_IMODE(path.stat().st_mode) | stat.S_IWUSR
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _no_backup(path, backup, error) from error
    try:
        replace_file(backup, content, mode=mode)
    except OSError as error:
        raise _no_backup(path, backup, error) from error
    return backup


def _no_backup(path: Path, backup: Path, error: OSError) -> InventoryError:
    return InventoryError(
        f"{path.name} could not be copied to {backup.name} before the run ({error.strerror or error}). Close both "
        "files in other programs, make room on the disk, or check the folder."
    )


def refuse_read_only(path: Path) -> None:
    """Raise InventoryError for a file that nobody may write."""
    # a replaced file is a new one, so the system wouldn't mind; but someone protected this one on purpose
    if path.is_file() and not path.stat().st_mode & 0o222:
        raise InventoryError(f"{path.name} is write-protected. Remove the protection, then try again.")


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
    except OSError:  # some network folders refuse; the file is replaced all the same
        log.info("the folder %s could not be synced", folder, exc_info=True)
