"""Replacing a file of the person's: in one step, or not at all; and keeping it as it was before a run."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from xlkijiji.errors import InventoryError

__all__ = ["backup_inventory", "refuse_read_only", "replace_file"]


def backup_inventory(path: Path | str) -> Path | None:
    """Keep the file as it is, as `NAME.backup.EXT` beside it, in the place of an older backup; the backup's path.

    None when there is no file yet. Raises InventoryError when it can't be kept.
    """
    path = Path(path)
    if not path.is_file():
        return None
    backup = path.with_name(f"{path.stem}.backup{path.suffix}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InventoryError(f"{path.name} can't be copied ({error.strerror}). Check that it may be read.") from error
    replace_file(backup, content)
    return backup


def refuse_read_only(path: Path) -> None:
    """Raise InventoryError for a file that someone has protected against writing."""
    # a replaced file is a new one, so the system wouldn't mind; but someone protected this one on purpose
    if path.is_file() and not path.stat().st_mode & 0o222:
        raise InventoryError(f"{path.name} is write-protected. Remove the protection, then try again.")


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file in one step, or leave the file as it is and raise InventoryError."""
    target = path.resolve()  # a link stays a link
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}-", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        else:
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
        temporary = None
        _sync_folder(target.parent)
    except PermissionError as error:
        raise InventoryError(
            f"{path.name} can't be replaced: it is open in another program, or its folder is protected. Close it "
            "there; the next save or run writes the statuses."
        ) from error
    except OSError as error:
        raise InventoryError(
            f"{path.name} can't be saved ({error.strerror or error}). Make room on the disk, or check the folder."
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):  # what can't be removed either does no harm: its name says what it is
                temporary.unlink()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """The new name, too, must be on the disk; Windows has no way to ask for that, and does it itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
