"""Which of our languages this person's system speaks."""

from __future__ import annotations

import ctypes
import locale
import os
import subprocess
import sys

from xlkijiji.messages import LANGUAGES

__all__ = ["system_language"]


def system_language() -> str:
    """The language of the system's own menus when it is one of ours, else English."""
    return _ours(_windows() if sys.platform == "win32" else _mac() if sys.platform == "darwin" else _environment())


def _ours(name: str) -> str:
    """`fr_CA.UTF-8`, `fr-CA` and `fr` are French."""
    start = name.replace("-", "_").split("_")[0].split(".")[0].lower()
    return start if start in LANGUAGES else LANGUAGES[0]


def _environment() -> str:
    """As gettext looks for it, in this order [GNU gettext manual]; of a list of languages the first."""
    names = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    return next((found.split(":")[0] for name in names if (found := os.environ.get(name))), "")


def _windows() -> str:
    number = ctypes.windll.kernel32.GetUserDefaultUILanguage()  # type: ignore[attr-defined]  # ctypes has windll on Windows only
    return locale.windows_locale.get(number, "")


def _mac() -> str:
    command = ["/usr/bin/defaults", "read", "-g", "AppleLocale"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 — a fixed command
