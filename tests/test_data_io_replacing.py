"""A save is whole or hasn't happened: kills at every step, a full disk, locked files, another program in between.

What must happen in a process of its own is at the end of this file, which is then run as a program.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd
import pytest
from posting_bots import trucks

from xlkijiji.data_io import load_inventory, save_inventory
from xlkijiji.errors import InventoryError
from xlkijiji.file_replacement import backup_inventory

SUFFIXES = pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, limits and permissions of POSIX")


def stock(folder: Path, suffix: str, rows: int = 3) -> Path:
    path = folder / f"stock{suffix}"
    save_inventory(trucks(*[""] * rows, attempts=[None] * rows, last_error=[None] * rows), path)
    return path


def changed(path: Path) -> pd.DataFrame:
    """The frame of the file, with statuses to be saved."""
    frame = load_inventory(path)
    frame["posting_status"] = [f"Error: {sku}" for sku in frame["sku"]]
    return frame


def in_own_process(job: str, path: Path) -> Any:
    """What the job of that name (below) says of the file, as JSON."""
    done = subprocess.run([sys.executable, __file__, job, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- whole or not at all


@SUFFIXES
def test_a_save_that_is_killed_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path, suffix: str) -> None:
    told = in_own_process("kill_at_every_step", stock(tmp_path, suffix))

    assert set(told["files"]) == {"old", "new"}
    assert told["files"] == sorted(told["files"], reverse=True), "once replaced, it stays so"
    assert set(told["backups"]) == {"none", "old"}
    assert len(told["files"]) >= 20


@SUFFIXES
def test_the_new_file_is_on_the_disk_before_it_takes_the_name(tmp_path: Path, suffix: str) -> None:
    path = stock(tmp_path, suffix)
    frame = changed(path)
    calls: list[str] = []

    def note(_frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and function.__qualname__ in {"BufferedWriter.flush", "fsync", "replace"}:
            calls.append(function.__qualname__)

    sys.setprofile(note)
    try:
        save_inventory(frame, path)
    finally:
        sys.setprofile(None)

    assert calls == ["BufferedWriter.flush", "fsync", "replace", "fsync"], "the second one is for the folder"


@SUFFIXES
def test_a_full_disk_leaves_the_old_files_whole_and_nothing_behind(tmp_path: Path, suffix: str) -> None:
    path = stock(tmp_path, suffix)
    backup = tmp_path / f"stock.backup{suffix}"
    backup.write_bytes(b"of an earlier run")
    before = path.read_bytes()

    told = in_own_process("save_on_a_full_disk", path)

    assert [sentence.split(" (")[0] for sentence in told] == [
        f"{backup.name} can't be saved",
        "stock" + suffix + " can't be saved",
    ]
    assert all("Make room on the disk" in sentence for sentence in told)
    assert path.read_bytes() == before
    assert backup.read_bytes() == b"of an earlier run"
    assert sorted(tmp_path.iterdir()) == sorted([path, backup])


@SUFFIXES
def test_what_another_program_writes_during_a_save_is_not_lost(tmp_path: Path, suffix: str) -> None:
    """It writes between our reading and our replacing: the save begins anew with what is there then."""
    path = stock(tmp_path, suffix)

    assert in_own_process("save_while_another_program_writes_once", path) == ""

    saved = load_inventory(path)
    assert saved["title"].tolist()[0] == "Bucket truck by another program"
    assert saved["posting_status"].tolist() == ["Error: BT001", "Error: BT002", "Error: BT003"]


def test_a_file_that_another_program_keeps_writing_is_refused(tmp_path: Path) -> None:
    path = stock(tmp_path, ".csv")

    sentence = in_own_process("save_while_another_program_keeps_writing", path)

    assert sentence.startswith("Another program keeps writing stock.csv, so nothing was saved into it. Close it there")
    assert set(load_inventory(path)["posting_status"]) == {""}
    assert list(tmp_path.iterdir()) == [path]


# --- files and folders that are locked


@SUFFIXES
def test_a_locked_file_gives_a_sentence(tmp_path: Path, suffix: str) -> None:
    told = in_own_process("use_a_locked_file", stock(tmp_path, suffix))

    assert told == {
        "load": f"stock{suffix} may not be read: it is open in another program, or protected. Close it there and try "
        "again.",
        "back up": f"stock{suffix} can't be copied (Permission denied). Check that it may be read.",
        "save": f"stock{suffix} can't be replaced: it is open in another program, or its folder is protected. Close "
        "it there; the next save or run writes the statuses.",
    }


@SUFFIXES
def test_a_locked_folder_gives_a_sentence(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "locked").mkdir()

    told = in_own_process("use_a_locked_folder", stock(tmp_path / "locked", suffix))

    assert set(told) == {"load", "back up", "save", "refuse"}
    for sentence in told.values():
        assert f"stock{suffix}" in sentence
        assert sentence.endswith(".")


# --- what a frame knows of its file


@SUFFIXES
def test_a_frame_knows_the_file_as_it_was_read_and_saved(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"stock{suffix}"

    def is_known() -> bool:
        return bool(frame.attrs["file_digest"] == hashlib.sha256(path.read_bytes()).hexdigest())

    frame = trucks("", "")
    save_inventory(frame, path)
    assert is_known()
    frame = load_inventory(path)
    assert is_known()
    frame["posting_status"] = "sold"
    assert is_known()
    save_inventory(frame, path)
    assert is_known()


@SUFFIXES
def test_twins_that_may_have_been_swapped_are_not_told_apart_after_another_row_was_saved(
    tmp_path: Path, suffix: str
) -> None:
    """That a row could be saved by its sku doesn't say that the other ones are still where they were."""
    path = tmp_path / f"stock{suffix}"
    save_inventory(trucks("", "", "", bucket_truck_id=["A", "X", "X"]), path)
    frame = load_inventory(path)
    path.unlink()
    save_inventory(trucks("", "", "", bucket_truck_id=["A", "X", "X"], title=["Crane", "Second", "First"]), path)
    frame["posting_status"] = ["zero", "one", "two"]
    save_inventory(frame, path, rows=[0])

    with pytest.raises(InventoryError, match="these rows can't be found in it by their SKU"):
        save_inventory(frame, path, rows=[1, 2])

    assert load_inventory(path)["posting_status"].tolist() == ["zero", "", ""]


# --- what is written


@SUFFIXES
def test_attempts_and_the_last_error_are_written_too(tmp_path: Path, suffix: str) -> None:
    path = stock(tmp_path, suffix)
    frame = load_inventory(path)
    frame["attempts"] = [2.0, None, 11]
    frame["last_error"] = ["The page is down.", "", None]

    save_inventory(frame, path)

    saved = load_inventory(path)
    assert saved["attempts"].fillna("").tolist() == (["2", "", "11"] if suffix == ".csv" else [2, "", 11])
    assert saved["last_error"].fillna("").tolist() == ["The page is down.", "", ""]


def test_a_new_csv_has_whole_numbers_where_pandas_has_a_point(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"

    save_inventory(trucks("", "", year=[2016.0, float("nan")], price=[24500.5, 9.0]), path)

    saved = load_inventory(path)
    assert saved["year"].tolist() == ["2016", ""]
    assert saved["price"].tolist() == ["24500.5", "9"]


def test_a_backup_is_as_private_as_the_file(tmp_path: Path) -> None:
    path = stock(tmp_path, ".xlsx")
    path.chmod(0o600)

    backup = backup_inventory(path)

    assert backup == tmp_path / "stock.backup.xlsx"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert backup.read_bytes() == path.read_bytes()


# --- the jobs


def _events(act: Callable[[str], None]) -> None:
    """Call `act` with the name of whatever is done with files from now on; there is no way back."""

    def on_audit(event: str, _details: object) -> None:
        if event == "open" or event.startswith(("os.", "tempfile.", "shutil.")):
            act(event)

    def on_call(_frame: FrameType, event: str, function: Any) -> None:
        if event in {"c_call", "c_return"} and function.__name__ in {"write", "flush", "fsync", "close", "chmod"}:
            act(f"{event} {function.__name__}")

    sys.addaudithook(on_audit)
    sys.setprofile(on_call)


def kill_at_every_step(path: Path) -> dict[str, list[str]]:
    old, frame = path.read_bytes(), changed(path)
    save_inventory(frame.copy(), path)
    names = {old: "old", path.read_bytes(): "new"}
    backup = path.with_name(f"stock.backup{path.suffix}")
    told: dict[str, list[str]] = {"files": [], "backups": []}
    for step in itertools.count(1):
        path.write_bytes(old)
        backup.unlink(missing_ok=True)
        child = os.fork()
        if not child:
            left = itertools.count(step - 1, -1)
            _events(lambda _event, left=left: None if next(left) else os.kill(os.getpid(), signal.SIGKILL))
            backup_inventory(path)
            save_inventory(frame, path)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        told["files"].append(names.get(path.read_bytes(), "torn"))
        told["backups"].append(names.get(backup.read_bytes(), "torn") if backup.exists() else "none")
        if not os.WIFSIGNALED(status):
            assert status == 0
            return told
    raise AssertionError


def save_on_a_full_disk(path: Path) -> list[str]:
    import resource  # not on Windows

    frame = changed(path)
    # a write beyond the limit fails like one on a full disk, as Python ignores the signal that comes with it
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    return [_sentence(lambda: backup_inventory(path)), _sentence(lambda: save_inventory(frame, path))]


def save_while_another_program_writes_once(path: Path) -> str:
    return _save_among_writers(path, writes=1)


def save_while_another_program_keeps_writing(path: Path) -> str:
    return _save_among_writers(path, writes=1000)


def _save_among_writers(path: Path, writes: int) -> str:
    other = path.with_name(f"other{path.suffix}")
    theirs = trucks("", "", "", attempts=[None] * 3, last_error=[None] * 3)
    contents = []
    for title in ("Bucket truck by another program", "Bucket truck by yet another one"):
        theirs.loc[0, "title"] = title
        other.unlink(missing_ok=True)
        save_inventory(theirs, other)
        contents.append(other.read_bytes())
    other.unlink()
    frame = changed(path)
    turns: Iterator[bytes] = itertools.islice(itertools.cycle(contents), writes)

    def write(event: str) -> None:
        if event == "tempfile.mkstemp" and (content := next(turns, b"")):
            path.write_bytes(content)

    _events(write)
    return _sentence(lambda: save_inventory(frame, path))


def use_a_locked_file(path: Path) -> dict[str, str]:
    frame = changed(path)
    os.chdir(path.parent)
    path = Path(path.name)
    path.chmod(0)
    path.parent.chmod(0o755)
    _be_nobody()
    told = {"load": _sentence(lambda: load_inventory(path)), "back up": _sentence(lambda: backup_inventory(path))}
    _be_somebody()
    path.chmod(0o644)
    path.parent.chmod(0o555)
    _be_nobody()
    told["save"] = _sentence(lambda: save_inventory(frame, path))
    _be_somebody()
    path.parent.chmod(0o755)
    return told


def use_a_locked_folder(path: Path) -> dict[str, str]:
    from xlkijiji.data_io import refuse_if_open

    frame = changed(path)
    path.parent.chmod(0)
    _be_nobody()
    told = {
        "load": _sentence(lambda: load_inventory(path)),
        "back up": _sentence(lambda: backup_inventory(path)),
        "save": _sentence(lambda: save_inventory(frame, path)),
        "refuse": _sentence(lambda: refuse_if_open(path)),
    }
    _be_somebody()
    path.parent.chmod(0o755)
    return told


def _be_nobody() -> None:
    """Permissions don't hold for root."""
    if os.getuid() == 0:
        os.seteuid(65534)


def _be_somebody() -> None:
    os.seteuid(os.getuid())


def _sentence(job: Callable[[], object]) -> str:
    """What the job says when it refuses; '' when it doesn't."""
    try:
        job()
    except InventoryError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](Path(sys.argv[2]))))
