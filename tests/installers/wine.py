"""A Windows of Wine's, with the download in it, for the tests of what Windows' command processor runs.

Wine's certutil and tar do nothing and it can't run uv, so stand-ins for Windows programs take their places: launchers
(distlib's, which are real programs for Windows) that note how they were called, and do what the installer goes on with.
So is `chcp`, as Wine's changes nothing without a window; its cmd reads a script always in one code page, which a probe
tells. Whether Windows' own programs do the same is not seen here.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import distlib

INSTALLERS = Path(__file__).parents[2] / "installers"
LAUNCHER = Path(distlib.__file__).parent / "t64.exe"
WHEEL = "uv-0.13.9-py3-none-win_amd64.whl"
ENDS_WELL = "exit 0\r\n"
DESKTOP = r"HKCU\Control Panel\Desktop"
CACHED = rf"{DESKTOP}\MuiCached"


@dataclass
class Windows:
    """A Windows of Wine's own, with an unpacked download in it."""

    prefix: Path
    region: str = "en_CA.UTF-8"
    """As Wine takes it: its registry tells it for the format of dates and numbers."""

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
        click.write_bytes(f'@"{windows_path(self, script)}"\r\n'.encode())
        done = self.wine("cmd", "/u", "/c", "C:\\click.cmd")
        said = done.stdout.decode("utf-16-le", errors="replace").translate(_page_of(self.prefix, self.region))
        errors = done.stderr.decode(errors="replace")
        # what it said is on one line each
        return subprocess.CompletedProcess(done.args, done.returncode, said.replace("\r\n", " "), errors)

    def wine(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        """Let Wine run a program for Windows."""
        quiet = {
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;certutil.exe,chcp.com=n",
        }
        environment = {**os.environ, **quiet, "XLKIJIJI_NO_WAIT": "1", "USER": os.environ.get("USER", "root")}
        environment["LC_ALL"] = self.region
        environment.pop("DISPLAY", None)
        return subprocess.run(
            ["wine", *command],
            env=environment,
            cwd=self.drive,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )

    @contextlib.contextmanager
    def registry(self, key: str, name: str, value: str) -> Iterator[None]:
        """Inside, the registry has this value, as a list, whose items stand between `\\0`."""
        assert self.wine("reg", "add", key, "/v", name, "/t", "REG_MULTI_SZ", "/d", value, "/f").returncode == 0
        try:
            yield
        finally:
            self.wine("reg", "delete", key, "/v", name, "/f")

    def install(self) -> subprocess.CompletedProcess[str]:
        """A double click on the installer."""
        return self.run(self.download / "Install xlkijiji.cmd")

    def speaks_french(self) -> contextlib.AbstractContextManager[None]:
        """Inside, this person has chosen French for the menus of Windows."""
        return self.registry(DESKTOP, "PreferredUILanguages", r"fr-CA\0en-US")

    @property
    def calls(self) -> list[str]:
        """Program and arguments of each stand-in that was started, in order."""
        log = self.drive / "calls.txt"
        return log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []


def windows_path(windows: Windows, path: Path) -> str:
    return "C:\\" + str(path.relative_to(windows.drive)).replace("/", "\\")


@functools.cache
def _page_of(prefix: Path, region: str) -> dict[int, str]:
    """Character that Wine's cmd reads → the one of code page 1252 that stands in the file, for each that differs."""
    windows = Windows(prefix, region)
    upper = bytes(range(0xA0, 0x100)) + bytes([0x80, 0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0x9C])
    (windows.drive / "probe.cmd").write_bytes(b"@echo " + upper + b"\r\n")
    read = windows.wine("cmd", "/u", "/c", "C:\\probe.cmd").stdout.decode("utf-16-le").rstrip("\r\n")
    assert len(read) == len(upper)
    return dict(zip(map(ord, read), upper.decode("cp1252"), strict=True))


def program(target: Path, windows: Windows, does: str) -> None:
    """Put a program for Windows at `target`, which notes its call and then does `does`, in cmd's language."""
    batch = windows.drive / "stand-ins" / f"{target.stem}.cmd"
    batch.parent.mkdir(exist_ok=True)
    # the first argument is the program itself
    note = f"@echo off\r\n>>C:\\calls.txt echo {target.stem} %2 %3 %4 %5 %6 %7 %8 %9\r\n"
    batch.write_bytes((note + does).encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__main__.py", "")
    shebang = f"#!C:\\windows\\system32\\cmd.exe /c {windows_path(windows, batch)}\r\n".encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.write_bytes(LAUNCHER.read_bytes() + shebang + packed.getvalue())


def locked_sum() -> str:
    """The checksum of the tool that the installer asks for."""
    text = (INSTALLERS / "Install xlkijiji.cmd").read_text(encoding="ascii")
    return next(line.partition("=")[2] for line in text.splitlines() if line.startswith("set UV_SHA256_INTEL="))


def tells_sum(windows: Windows, checksum: str) -> None:
    """Let certutil say that this is the file's checksum, as Windows' own words it."""
    says = (
        f"echo SHA256 hash of file:\r\necho {checksum}\r\necho CertUtil: -hashfile command completed successfully.\r\n"
    )
    program(windows.drive / "windows" / "system32" / "certutil.exe", windows, says + ENDS_WELL)
