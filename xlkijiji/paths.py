"""Where xlkijiji keeps its own files, for every room the same.

The folders are the operating system's usual ones for a user's programs (platformdirs); `XLKIJIJI_HOME` puts all of
them under one folder, which is how a rehearsal or a test keeps away from the user's own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

__all__ = [
    "HOME_VARIABLE",
    "cache_dir",
    "click_file",
    "data_dir",
    "home_of_its_own",
    "journal_file",
    "log_file",
    "question_files",
    "run_files",
    "runs_dir",
    "workbook_key",
]

HOME_VARIABLE = "XLKIJIJI_HOME"


def data_dir(*parts: str) -> Path:
    """A folder for what must outlive a run (browser profile, Calc profile, practice site); it exists afterwards."""
    return _folder("data", platformdirs.user_data_dir("xlkijiji", appauthor=False), *parts)


def cache_dir(*parts: str) -> Path:
    """A folder for what can be had again (downloaded and converted photos); it exists afterwards."""
    return _folder("cache", platformdirs.user_cache_dir("xlkijiji", appauthor=False), *parts)


def log_file() -> Path:
    """The log of all runs; its folder exists afterwards."""
    return _folder("log", platformdirs.user_log_dir("xlkijiji", appauthor=False)) / "xlkijiji.log"


def _folder(kind: str, usual: str, *parts: str) -> Path:
    """The folder `usual`, or where XLKIJIJI_HOME says; made when it isn't there."""
    home = os.environ.get(HOME_VARIABLE)
    folder = (Path(home) / kind if home else Path(usual)).joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def journal_file() -> Path:
    """The journal of all that was posted to Kijiji; its folder exists afterwards."""
    return data_dir() / "journal.sqlite3"


def runs_dir() -> Path:
    """One file per finished run, named by its time, and a folder of pictures for each late one that needed any."""
    return data_dir("runs")


def workbook_key(fullname: str) -> str:
    """A short name for a workbook that is safe as a file name: the same by whatever path or case it is reached."""
    path = fullname if "://" in fullname else os.path.realpath(fullname)
    return hashlib.sha256(os.path.normcase(path).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def run_files(fullname: str) -> tuple[Path, Path, Path]:
    """(lock, note, stop) of a workbook: the lock is held while a run is on; the others are touched meanwhile.

    The note by clicks on Post New, the stop file by whoever wants the run to end.
    """
    folder = data_dir("locks")
    key = workbook_key(fullname)
    return folder / f"{key}.lock", folder / f"{key}.note", folder / f"{key}.stop"


def question_files(fullname: str) -> tuple[Path, Path]:
    """(asked, answered) of a workbook: the first is there while a question waits, and the answer touches the second."""
    folder = data_dir("locks")
    key = workbook_key(fullname)
    return folder / f"{key}.asked", folder / f"{key}.answered"


def click_file(fullname: str, clicked: float) -> Path:
    """What one click on a workbook's button hands on to its worker."""
    return data_dir("locks") / f"{workbook_key(fullname)}.{round(clicked * 1e6)}.click"


@contextmanager
def home_of_its_own() -> Iterator[Path]:
    """A new folder for all that xlkijiji keeps, here and in what is started from here; the user's own stays alone."""
    before = os.environ.get(HOME_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="xlkijiji-", ignore_cleanup_errors=True) as home:
        os.environ[HOME_VARIABLE] = home
        try:
            yield Path(home)
        finally:
            if before is None:
                del os.environ[HOME_VARIABLE]
            else:
                os.environ[HOME_VARIABLE] = before
