"""The locked lists are in step with what the project asks for, and the installers with the lists."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
INSTALLERS = ROOT / "installers"


def locked(name: str) -> dict[str, list[str]]:
    """Package → its locked versions, of which markers choose one."""
    text = (INSTALLERS / name).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package), []).append(version)
    return found


def test_what_the_project_needs_is_locked_in_a_version_that_it_takes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = locked("requirements.txt")
    for wanted in map(Requirement, project["dependencies"]):
        there = versions.get(canonicalize_name(wanted.name))
        assert there, f"{wanted} is not in installers/requirements.txt: run make lock"
        assert all(wanted.specifier.contains(one) for one in there), f"{wanted}, locked {there}: run make lock"


def test_each_locked_package_has_hashes() -> None:
    for name in ("requirements.txt", "uv.txt"):
        lines = (INSTALLERS / name).read_text(encoding="utf-8").splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if re.match(r"^[A-Za-z0-9._-]+==", line):
                assert line.endswith("\\"), line
                assert re.match(r"^ +--hash=sha256:[0-9a-f]{64}", following), line


SYSTEMS = (
    "x86_64-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
)


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_locked_package_has_a_wheel_so_that_nothing_is_built_on_a_persons_computer(
    system: str, tmp_path: Path
) -> None:
    """What builds a package would be fetched without checksums."""
    for version in ("3.12",) if "linux" not in system else ("3.11", "3.12", "3.13"):
        command = [sys.executable, "-m", "uv", "--system-certs", "pip", "install", "--dry-run"]
        command += ["--target", str(tmp_path / "none")]
        command += ["--python-platform", system, "--python-version", version, "--only-binary", ":all:"]
        command += ["--require-hashes", "--requirement", str(INSTALLERS / "requirements.txt")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        assert " + xlwings==" in done.stderr


@pytest.mark.parametrize("name", ["install.sh", "Install xlkijiji.cmd"])
def test_an_installer_takes_the_locked_tool_and_no_other(name: str) -> None:
    text = (INSTALLERS / name).read_text(encoding="utf-8")
    hashes = set(re.findall(r"sha256:([0-9a-f]{64})", (INSTALLERS / "uv.txt").read_text(encoding="utf-8")))
    version = re.search(r"UV_VERSION=(\S+)", text)
    assert version is not None
    assert locked("uv.txt") == {"uv": [version[1]]}
    named = re.findall(r"UV_SHA256_\w+=([0-9a-f]+)", text)
    assert len(named) >= 2
    assert set(named) <= hashes


@pytest.mark.parametrize(
    ("system", "clicked", "more"),
    [("windows", "Install xlkijiji.cmd", {"uninstall.cmd"}), ("mac", "Install xlkijiji.command", set())],
)
def test_a_download_is_whole_and_its_tools_are_those_of_its_installer(
    system: str, clicked: str, more: set[str], tmp_path: Path
) -> None:
    """That of Linux is unpacked and used in tests/e2e/test_installed.py."""
    command = [sys.executable, ROOT / "scripts" / "make_release.py", "--only", system, "--to", tmp_path]
    subprocess.run(command, check=True, timeout=400)
    (path,) = tmp_path.glob(f"xlkijiji-*-{system}.zip")
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        entries = {entry.filename.removeprefix(f"{path.stem}/"): entry for entry in package.infolist()}
        parts = {name.removeprefix("parts/") for name in entries if name.startswith("parts/")}
        tools = {name for name in parts if name.startswith("uv-")}
        ours = {name for name in parts if name.startswith("xlkijiji-") and name.endswith("-py3-none-any.whl")}
        scripts = {name: package.read(entries[name]) for name in {clicked, *(f"parts/{name}" for name in more)}}
        installer = scripts[clicked].decode("cp1252" if system == "windows" else "utf-8")
        sums = {hashlib.sha256(package.read(entries[f"parts/{name}"])).hexdigest() for name in tools}
    assert len(tools) == 2
    assert len(ours) == 1
    assert parts - tools - ours == {"requirements.txt"} | more
    assert sums <= set(re.findall(r"UV_SHA256_\w+=([0-9a-f]{64})", installer))
    for tool in tools:
        known = tool.replace("uv-0.13.9", "uv-%UV_VERSION%" if system == "windows" else "uv-$UV_VERSION")
        assert known in installer, "the installer looks for it by this name"
    for name, content in scripts.items():
        text = content.decode("cp1252" if system == "windows" else "utf-8")
        assert "Terminé." in text
        assert "Done." in text
        assert "@sentences@" not in text, name
    assert entries[clicked].external_attr >> 16 & 0o111
    assert "READ ME.txt" in entries


def test_the_installers_agree_on_their_python() -> None:
    texts = [(INSTALLERS / name).read_text(encoding="utf-8") for name in ("install.sh", "Install xlkijiji.cmd")]
    pythons = {re.findall(r"PYTHON_VERSION=(\d+\.\d+\.\d+)", text)[0] for text in texts}
    assert len(pythons) == 1


def test_the_installers_never_touch_the_macro_security_of_an_office() -> None:
    for name in ("install.sh", "Install xlkijiji.cmd", "uninstall.cmd"):
        text = (INSTALLERS / name).read_text(encoding="utf-8").casefold()
        for word in ("vbawarnings", "reg add", "blockcontentexecutionfrominternet", "zone.identifier", "trusted loc"):
            assert word not in text
