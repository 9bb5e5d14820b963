"""Is xlkijiji at work on this computer? Its program and its files are not to be taken away, or replaced, meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from xlkijiji.errors import InventoryError
from xlkijiji.messages import tell
from xlkijiji.paths import data_dir, journal_file

__all__ = ["refuse_while_busy"]


def refuse_while_busy() -> None:
    """Raise InventoryError while a run is on, for any workbook or account, or the office page is."""
    if any(map(_is_held, _locks())):
        raise InventoryError(tell("busy-run"))
    from xlkijiji.office_page.server import page_is_on  # a web server: not needed by who asks for no page

    if page_is_on():
        raise InventoryError(tell("busy-page", quit=tell("page-quit"), page=tell("menu-page")))


def _locks() -> Iterator[Path]:
    """The locks of runs: of each workbook, and of each account in the journals of the site and of the practice site."""
    yield from data_dir("locks").glob("*.lock")
    yield from journal_file().parent.glob(f"{journal_file().name}.*.lock")
    yield from data_dir("practice").glob("journal-*.lock")


def _is_held(path: Path) -> bool:
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
