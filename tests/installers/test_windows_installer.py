"""The Windows installer, run by the command processor of Wine: its decisions, its order, and what it says.

Wine's certutil and tar do nothing and it can't run uv, so stand-ins for Windows programs take their places: launchers
(distlib's, which are real programs for Windows) that note how they were called, and do what the installer goes on with.
Whether Windows' own programs do the same is not seen here.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import distlib
import pytest

INSTALLERS = Path(__file__).parents[2] / "installers"
LAUNCHER = Path(distlib.__file__).parent / "t64.exe"
WHEEL = "uv-0.13.9-py3-none-win_amd64.whl"
ENDS_WELL = "exit 0\r\n"


@dataclass
class Windows:
    """A Windows of Wine's own, with an unpacked download in it."""

    prefix: Path

    @property
    def drive(self) -> Path:
        return self.prefix / "drive_c"

    @property
    def download(self) -> Path:
        return self.drive / "users" / "Public" / "Down loads & co (1)" / "xlkijiji"

    @property
    def program(self) -> Path:
        return self.drive / "users" / os.environ.get("USER", "root") / "AppData" / "Local" / "xlkijiji" / "program"

    @property
    def uninstaller(self) -> Path:
        return self.program.parent / "Uninstall xlkijiji.cmd"

    def run(self, script: Path) -> subprocess.CompletedProcess[str]:
        """Let Wine's cmd run this, as a double click does."""
        click = self.drive / "click.cmd"  # Wine would take a & in an argument for the end of a command
        click.write_bytes(f'@"{_windows_path(self, script)}"\r\n'.encode())
        quiet = {
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;certutil.exe=n",
        }
        environment = {**os.environ, **quiet, "XLKIJIJI_NO_WAIT": "1", "USER": os.environ.get("USER", "root")}
        environment.pop("DISPLAY", None)
        return subprocess.run(
            ["wine", "cmd", "/c", "C:\\click.cmd"],
            env=environment,
            cwd=self.drive,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            timeout=120,
            check=False,
        )

    def install(self) -> subprocess.CompletedProcess[str]:
        """A double click on the installer."""
        return self.run(self.download / "Install xlkijiji.cmd")

    @property
    def calls(self) -> list[str]:
        """Program and arguments of each stand-in that was started, in order."""
        log = self.drive / "calls.txt"
        return log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []


def _windows_path(windows: Windows, path: Path) -> str:
    return "C:\\" + str(path.relative_to(windows.drive)).replace("/", "\\")


def _program(target: Path, windows: Windows, does: str) -> None:
    """Put a program for Windows at `target`, which notes its call and then does `does`, in cmd's language."""
    batch = windows.drive / "stand-ins" / f"{target.stem}.cmd"
    batch.parent.mkdir(exist_ok=True)
    # the first argument is the program itself
    note = f"@echo off\r\n>>C:\\calls.txt echo {target.stem} %2 %3 %4 %5 %6 %7 %8 %9\r\n"
    batch.write_bytes((note + does).encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__main__.py", "")
    shebang = f"#!C:\\windows\\system32\\cmd.exe /c {_windows_path(windows, batch)}\r\n".encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.write_bytes(LAUNCHER.read_bytes() + shebang + packed.getvalue())


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new Windows."""
    folder = tmp_path_factory.mktemp("wine") / "prefix"
    windows = Windows(folder)
    folder.mkdir()
    done = subprocess.run(
        ["wine", "wineboot", "--init"],
        env={
            **os.environ,
            "WINEPREFIX": str(folder),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;certutil.exe=n",
        },
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert windows.drive.is_dir(), done.stderr.decode(errors="replace")
    yield folder
    subprocess.run(["wineserver", "--kill"], env={**os.environ, "WINEPREFIX": str(folder)}, check=False)


@pytest.fixture
def windows(prefix: Path) -> Iterator[Windows]:
    """An unpacked download, and programs that end well."""
    one = Windows(prefix)
    parts = one.download / "parts"
    parts.mkdir(parents=True)
    shutil.copy(INSTALLERS / "Install xlkijiji.cmd", one.download)
    shutil.copy(INSTALLERS / "requirements.txt", parts)
    shutil.copy(INSTALLERS / "uninstall.cmd", parts)
    (parts / "xlkijiji-0.1.0-py3-none-any.whl").write_bytes(b"ours")
    (parts / WHEEL).write_bytes(b"the tool")
    python = one.drive / "stand-ins" / "venv" / "python.exe"
    _program(python, one, ENDS_WELL)
    # what tar unpacks is a uv, whose venv is a folder with a Python
    uv = one.drive / "stand-ins" / "tool" / "uv.exe"
    makes_venv = (
        'if not "%~2"=="venv" exit 0\r\n'
        'set "made=%LOCALAPPDATA%\\xlkijiji\\program\\venv.new\\Scripts"\r\n'
        'mkdir "%made%"\r\n'
        'copy C:\\stand-ins\\venv\\python.exe "%made%\\python.exe" >nul\r\n'
    )
    _program(uv, one, makes_venv + ENDS_WELL)
    system = one.drive / "windows" / "system32"
    unpacks = (
        "set inside=%~5\\uv-0.13.9.data\\scripts\r\n"
        'mkdir "%inside%"\r\n'
        'copy C:\\stand-ins\\tool\\uv.exe "%inside%\\uv.exe" >nul\r\n'
    )
    _program(system / "tar.exe", one, unpacks + ENDS_WELL)
    _tells_sum(one, _locked_sum())
    yield one
    for rest in (one.download, one.program.parent, one.drive / "stand-ins"):
        shutil.rmtree(rest, ignore_errors=True)
    (one.drive / "calls.txt").unlink(missing_ok=True)


def _locked_sum() -> str:
    """The checksum of the tool that the installer asks for."""
    text = (INSTALLERS / "Install xlkijiji.cmd").read_text(encoding="ascii")
    return next(line.partition("=")[2] for line in text.splitlines() if line.startswith("set UV_SHA256_INTEL="))


def _tells_sum(windows: Windows, checksum: str) -> None:
    """Let certutil say that this is the file's checksum, as Windows' own words it."""
    says = (
        f"echo SHA256 hash of file:\r\necho {checksum}\r\necho CertUtil: -hashfile command completed successfully.\r\n"
    )
    _program(windows.drive / "windows" / "system32" / "certutil.exe", windows, says + ENDS_WELL)


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
    _tells_sum(windows, hashlib.sha256(b"somebody else's").hexdigest())
    done = windows.install()
    assert done.returncode == 1
    assert "is damaged, or isn't the one that belongs here" in done.stdout
    assert [call.split()[0] for call in windows.calls] == ["certutil"]
    assert not windows.program.exists()


def test_a_checksum_with_blanks_between_its_digits_is_understood(windows: Windows) -> None:
    plain = _locked_sum()
    _tells_sum(windows, " ".join(plain[place : place + 2] for place in range(0, 64, 2)))
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


@pytest.mark.parametrize("name", ["Install xlkijiji.cmd", "uninstall.cmd"])
def test_windows_can_read_it(name: str) -> None:
    content = (INSTALLERS / name).read_bytes()
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n"), "cmd misses labels in a file with other line ends"
    text = content.decode()
    labels = {line[1:].strip() for line in text.splitlines() if line.startswith(":")}
    asked = {line.split("goto ")[1].strip() for line in text.splitlines() if "goto " in line}
    assert asked <= labels
