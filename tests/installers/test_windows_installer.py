"""The Windows installer, run by the command processor of Wine: its decisions, its order, and what it says."""

from __future__ import annotations

import hashlib
import shutil

import pytest
from spoken_installers import keys_of, spoken
from wine import INSTALLERS, Windows, locked_sum, tells_sum

from xlkijiji import messages


def test_it_installs_in_order_from_the_locked_list(windows: Windows) -> None:
    done = windows.install()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Done." in done.stdout
    called = windows.calls
    assert [call.split()[0] for call in called] == ["certutil", "tar", *["uv"] * 4, *["python"] * 3]
    install, venv, packages, own, works, busy, set_up = called[2:]
    assert "python install" in install
    assert "3.12.16" in install
    assert "venv" in venv
    assert "--relocatable" in venv
    assert works.split()[1:] == ["-m", "xlkijiji", "version"]
    assert busy.split()[1:] == ["-m", "xlkijiji", "busy"]
    assert "--no-deps" in own
    assert "xlkijiji-0.1.0-py3-none-any.whl" in own
    assert set_up.split()[1:] == ["-m", "xlkijiji", "install"]
    assert windows.uninstaller.is_file()
    assert not (windows.program / "tools" / "uv.new").exists()
    assert sorted(path.name for path in windows.program.iterdir()) == ["tools", "venv"]
    text = (INSTALLERS / "Install xlkijiji.cmd").read_text(encoding="ascii")
    assert '--only-binary :all: --require-hashes --requirement "%parts%\\requirements.txt"' in text
    assert "venv.new" in packages


def test_it_can_be_started_again(windows: Windows) -> None:
    assert windows.install().returncode == 0
    again = windows.install()
    assert again.returncode == 0, again.stdout


def test_a_tool_with_another_checksum_is_never_started(windows: Windows) -> None:
    tells_sum(windows, hashlib.sha256(b"somebody else's").hexdigest())
    done = windows.install()
    assert done.returncode == 1
    assert "is damaged, or isn't the one that belongs here" in done.stdout
    assert [call.split()[0] for call in windows.calls] == ["certutil"]
    assert not windows.program.exists()


def test_a_checksum_with_blanks_between_its_digits_is_understood(windows: Windows) -> None:
    plain = locked_sum()
    tells_sum(windows, " ".join(plain[place : place + 2] for place in range(0, 64, 2)))
    assert windows.install().returncode == 0


def test_a_download_that_was_not_unpacked_is_said(windows: Windows) -> None:
    shutil.rmtree(windows.download / "parts")
    done = windows.install()
    assert done.returncode == 1
    assert "choose 'Extract All'" in done.stdout
    assert windows.calls == []


@pytest.mark.parametrize(
    ("failing", "said"),
    [("python", "connected to the internet"), ("venv", "could not be renewed"), ("pip", "connected to the internet")],
)
def test_a_step_that_fails_ends_it_with_a_sentence(windows: Windows, failing: str, said: str) -> None:
    tool = windows.drive / "stand-ins" / "uv.cmd"
    tool.write_bytes(tool.read_bytes().replace(b"if not", f'if "%~2"=="{failing}" exit 3\r\nif not'.encode(), 1))
    done = windows.install()
    assert done.returncode == 1
    assert said in done.stdout
    assert "was not installed" in done.stdout
    assert not any(call.startswith("python ") for call in windows.calls)


@pytest.mark.parametrize("failing", ["venv", "pip", "version", "busy", "install"])
def test_an_update_that_fails_leaves_what_was_installed(windows: Windows, failing: str) -> None:
    assert windows.install().returncode == 0
    mine = windows.program / "venv" / "mine"
    mine.write_text("of the old version")
    stem, place = ("uv", "2") if failing in {"venv", "pip"} else ("python", "4")
    batch = windows.drive / "stand-ins" / f"{stem}.cmd"
    before = batch.read_bytes()
    head, rest = before.split(b"\r\n>>", 1)
    note, does = rest.split(b"\r\n", 1)
    batch.write_bytes(head + b"\r\n>>" + note + f'\r\nif "%~{place}"=="{failing}" exit 3\r\n'.encode() + does)
    done = windows.install()
    assert done.returncode == 1
    assert "What was installed before is as it was." in done.stdout
    assert mine.read_text() == "of the old version"
    left = {path.name for path in windows.program.iterdir()} - {"cache"}
    assert left == {"tools", "venv"}
    batch.write_bytes(before)
    assert windows.install().returncode == 0
    assert not mine.exists()


def test_a_set_up_that_fails_is_not_called_done(windows: Windows) -> None:
    python = windows.drive / "stand-ins" / "python.cmd"
    python.write_bytes(python.read_bytes().replace(b"exit 0", b"exit 1"))
    done = windows.install()
    assert done.returncode == 1
    assert "Done." not in done.stdout


def test_the_uninstaller_removes_the_program_and_nothing_beside_it(windows: Windows) -> None:
    assert windows.install().returncode == 0
    journal = windows.program.parent / "journal.sqlite3"
    journal.write_bytes(b"what was posted")
    done = windows.run(windows.uninstaller)
    assert done.returncode == 0, done.stdout + done.stderr
    assert windows.calls[-1].split()[1:] == ["-m", "xlkijiji", "uninstall"]
    assert not windows.program.exists()
    assert not windows.uninstaller.exists()
    assert journal.read_bytes() == b"what was posted"


def test_an_uninstaller_that_was_kept_from_removing_a_folder_goes_on_at_its_next_start(windows: Windows) -> None:
    assert windows.install().returncode == 0
    kept = windows.program / "venv" / "kept"
    kept.symlink_to(windows.program / "nowhere")  # Wine doesn't see it, and can't remove the folder
    done = windows.run(windows.uninstaller)
    assert done.returncode == 1
    assert "Not everything could be removed. Close Excel" in done.stdout
    kept.unlink()
    assert windows.run(windows.uninstaller).returncode == 0
    assert not windows.program.exists()


def test_an_uninstaller_in_another_place_removes_nothing(windows: Windows) -> None:
    other = windows.download / "parts" / "uninstall.cmd"
    done = windows.run(other)
    assert done.returncode == 1
    assert "start 'Uninstall xlkijiji' in the Start menu." in done.stdout
    assert other.exists()


@pytest.mark.parametrize("name", ["Install xlkijiji.cmd", "uninstall.cmd"])
def test_windows_can_read_it(name: str) -> None:
    assert (INSTALLERS / name).read_bytes().isascii()
    content = spoken(INSTALLERS / name)
    assert content.count(b"\n") == content.count(b"\r\n"), "cmd misses labels in a file with other line ends"
    lines = content.decode("cp1252").splitlines()
    labels = [line[1:].strip() for line in lines if line.startswith(":")]
    assert len(labels) == len(set(labels))
    asked = {line.split(word)[1].split()[0] for line in lines for word in ("goto ", "call :") if word in line}
    assert {label for label in asked if "%" not in label} <= set(labels)
    keys = keys_of((INSTALLERS / name).read_text(encoding="ascii"))
    assert {f"{language}-{key}" for language in messages.LANGUAGES for key in keys} <= set(labels)
