"""Renews the locked lists beside the installers: `make lock`. Needs the package uv, and asks the package index."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSTALLERS = ROOT / "installers"
OLDEST = "3.11"
"""The oldest Python that xlkijiji runs on; the lists hold for each newer one too."""
HEAD = "# {about}\n# Written by `make lock`; each package with the hashes that its index gives for it.\n"


def compile_list(source: Path, about: str, target: Path) -> None:
    """Lock what `source` asks for, on Windows, Mac and Linux alike."""
    command = [sys.executable, "-m", "uv", "--system-certs", "pip", "compile", "--universal", "--quiet"]
    command += ["--python-version", OLDEST]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--upgrade", str(source)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)  # noqa: S603 — uv, with our own files
    target.write_text(HEAD.format(about=about) + done.stdout, encoding="utf-8")


def main() -> None:
    """Lock the packages, and the tool that installs them in the version that the installers name."""
    version = re.search(r"^UV_VERSION=(\S+)$", (INSTALLERS / "install.sh").read_text(encoding="utf-8"), re.MULTILINE)
    if version is None:
        sys.exit("installers/install.sh names no UV_VERSION.")
    compile_list(ROOT / "pyproject.toml", "The packages that an installation gets.", INSTALLERS / "requirements.txt")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "uv.in"
        wanted.write_text(f"uv=={version[1]}\n", encoding="utf-8")
        compile_list(wanted, "The tool that installs Python and the packages.", INSTALLERS / "uv.txt")


if __name__ == "__main__":
    main()
