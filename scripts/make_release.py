"""Builds what people download, a zip for each system: the installer to double-click, and its parts (`make release`)."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from spoken_installers import spoken

ROOT = Path(__file__).parent.parent
INSTALLERS = ROOT / "installers"
WHEN = (2026, 1, 1, 0, 0, 0)
"""The time of each file in a zip, so that the same sources give the same zip."""


@dataclass(frozen=True)
class System:
    """One system that there is a zip for."""

    name: str
    installer: str
    """The file in installers/."""
    called: str
    """Its name in the zip, which is what the person clicks."""
    platforms: tuple[str, ...]
    """As wheels call them, for each kind of processor."""
    more: tuple[str, ...] = ()
    """Scripts in installers/ that get among the parts too."""


SYSTEMS = (
    System("windows", "Install xlkijiji.cmd", "Install xlkijiji.cmd", ("win_amd64", "win_arm64"), ("uninstall.cmd",)),
    System("mac", "install.sh", "Install xlkijiji.command", ("macosx_11_0_arm64", "macosx_10_12_x86_64")),
    System("linux", "install.sh", "Install xlkijiji.sh", ("manylinux_2_17_x86_64", "manylinux_2_28_aarch64")),
)


def pip(*arguments: str) -> None:
    """Run pip, quietly."""
    subprocess.run([sys.executable, "-m", "pip", *arguments, "--quiet"], check=True, cwd=ROOT)  # noqa: S603 — pip


def fetch_tools(system: System, folder: Path) -> None:
    """The locked tool for each kind of processor; pip compares the hashes."""
    for platform in system.platforms:
        locked = ("--require-hashes", "--requirement", str(INSTALLERS / "uv.txt"))
        pip("download", "--no-deps", "--only-binary=:all:", "--platform", platform, "--dest", str(folder), *locked)


def pack(system: System, parts: list[Path], target: Path, top: str) -> None:
    """Write the zip of one system; what is to be started is marked so for Mac and Linux."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:

        def add(name: str, content: bytes, mode: int) -> None:
            entry = zipfile.ZipInfo(f"{top}/{name}", WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: only then is the mode looked at
            entry.external_attr = (0o100000 | mode) << 16
            package.writestr(entry, content)

        add(system.called, spoken(INSTALLERS / system.installer), 0o755)
        add("READ ME.txt", (INSTALLERS / f"read-me-{system.name}.txt").read_bytes(), 0o644)
        add("LICENSE.txt", (ROOT / "LICENSE").read_bytes(), 0o644)
        for part in parts:
            add(f"parts/{part.name}", part.read_bytes(), 0o644)


def build(target: Path, systems: tuple[System, ...]) -> list[Path]:
    """Build the zips into `target`; their paths."""
    target.mkdir(parents=True, exist_ok=True)
    made = []
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own"
        pip("wheel", "--no-deps", "--wheel-dir", str(own), ".")
        (wheel,) = own.glob("xlkijiji-*.whl")
        version = wheel.name.split("-")[1]
        for system in systems:
            tools = Path(folder) / system.name
            fetch_tools(system, tools)
            parts = [wheel, INSTALLERS / "requirements.txt", *sorted(tools.glob("uv-*.whl"))]
            for name in system.more:
                parts.append(tools / name)
                parts[-1].write_bytes(spoken(INSTALLERS / name))
            top = f"xlkijiji-{version}-{system.name}"
            pack(system, parts, target / f"{top}.zip", top)
            made.append(target / f"{top}.zip")
    return made


def main() -> None:
    """What `make release` runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="the folder for the zips")
    parser.add_argument("--only", choices=[one.name for one in SYSTEMS], help="for one system")
    given = parser.parse_args()
    for path in build(given.to, tuple(one for one in SYSTEMS if given.only in (None, one.name))):
        print(f"{path}  ({path.stat().st_size / 1e6:.0f} MB)")


if __name__ == "__main__":
    main()
