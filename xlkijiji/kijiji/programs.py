"""Browsers and their drivers on this computer: where they are, which versions they have, and whether both fit."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xlkijiji.errors import BrowserGone
from xlkijiji.messages import tell

__all__ = ["KINDS", "BrowserKind", "check_fit", "find_browser", "find_driver", "kind_of", "version_of"]

WINDOWS_BASES = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
VERSION_SECONDS = 15.0
OLDEST_GECKODRIVER = (0, 31)
"""Drives every Firefox since 91 [Mozilla's table of supported versions]; unlike Chrome's, it fits more than one."""


@dataclass(frozen=True)
class BrowserKind:
    """One make of browser."""

    name: str
    """As a person calls it on the Settings sheet."""
    commands: tuple[str, ...]
    mac: str
    """The program within /Applications."""
    windows: str
    """The same within each of Windows' folders for programs."""
    driver: str

    @property
    def is_firefox(self) -> bool:
        """Driven in Firefox's way rather than in Chromium's."""
        return self.name == "Firefox"


CHROME = BrowserKind(
    "Chrome",
    ("google-chrome", "google-chrome-stable", "chrome"),
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    r"Google\Chrome\Application\chrome.exe",
    "chromedriver",
)
CHROMIUM = BrowserKind(
    "Chromium",
    ("chromium", "chromium-browser"),
    "Chromium.app/Contents/MacOS/Chromium",
    r"Chromium\Application\chrome.exe",
    "chromedriver",
)
EDGE = BrowserKind(
    "Edge",
    ("microsoft-edge", "microsoft-edge-stable", "msedge"),
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"Microsoft\Edge\Application\msedge.exe",
    "msedgedriver",
)
FIREFOX = BrowserKind(
    "Firefox",
    ("firefox", "firefox-esr"),
    "Firefox.app/Contents/MacOS/firefox",
    r"Mozilla Firefox\firefox.exe",
    "geckodriver",
)
KINDS = (CHROME, CHROMIUM, EDGE, FIREFOX)
"""In the order in which they are looked for where none is named."""


def find_browser(wish: str | Path | None = None) -> Path:
    """The browser's program: what `wish` names, or the first one found.

    `wish` is a name of KINDS in any case, a command, or a path. Raises BrowserGone when there's none.
    """
    named = str(wish or "").strip()
    kind = next((kind for kind in KINDS if kind.name.casefold() == named.casefold()), None)
    if kind is not None:
        if found := next(_programs(kind), None):
            return found
        raise BrowserGone(tell("browser-not-found", name=kind.name))
    if named:
        program = shutil.which(named) or (named if Path(named).is_file() else None)
        if program is None:
            raise BrowserGone(tell("no-such-browser", named=named, advice=tell("get-a-browser")))
        return Path(program)
    for kind in KINDS:
        if found := next(_programs(kind), None):
            return found
    raise BrowserGone(tell("no-browser", advice=tell("get-a-browser")))


def _programs(
    kind: BrowserKind, platform: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> Iterator[Path]:
    for command in kind.commands:
        if found := shutil.which(command):
            yield Path(found)
    places = []
    if platform == "darwin":
        places = [Path("/Applications") / kind.mac]
    elif platform == "win32":
        places = [Path(environment[base]) / kind.windows for base in WINDOWS_BASES if base in environment]
    yield from (place for place in places if place.is_file())


def kind_of(program: Path) -> BrowserKind:
    """Which make a program is, by its name; one that nobody knows is driven as Chrome is."""
    name = program.name.casefold()
    return next((kind for kind in (EDGE, FIREFOX, CHROMIUM) if kind.name.casefold() in name), CHROME)


def find_driver(kind: BrowserKind) -> Path | None:
    """The driver's program, where it is installed; without one Selenium looks for it, and downloads it if it must."""
    found = shutil.which(kind.driver)
    return Path(found) if found else None


def version_of(program: Path, platform: str = sys.platform) -> str:
    """A program's version, such as '156.0.8078.79'; empty where it can't be told."""
    if platform == "win32" and "driver" not in program.name.casefold():
        return _version_beside(program)  # browsers there open a window when they are asked
    try:
        done = subprocess.run(  # noqa: S603 — a browser or a driver that was found above
            [program, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found[0] if found else ""


def _version_beside(program: Path) -> str:
    """Windows: Chrome and Edge keep a folder named by the version, Firefox an application.ini."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        if parser.read(program.with_name("application.ini"), encoding="utf-8"):
            return parser.get("App", "Version", fallback="")
        names = [path.name for path in program.parent.iterdir() if re.fullmatch(r"\d+(\.\d+){3}", path.name)]
    except (OSError, configparser.Error, UnicodeDecodeError):
        return ""
    return max(names, key=_numbers, default="")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def check_fit(program: Path) -> tuple[bool, str]:
    """Can the installed driver drive this browser; and both of them with their versions in words, or what to do."""
    kind = kind_of(program)
    driver = find_driver(kind)
    if driver is None:
        key = "driver-missing-firefox" if kind.is_firefox else "driver-missing"
        return False, tell(key, driver=kind.driver)
    browser_version, driver_version = version_of(program), version_of(driver)
    text = tell("driver-there", driver=driver, version=driver_version or tell("driver-version-unknown"))
    if not browser_version or not driver_version:
        return True, text
    if kind.is_firefox:
        if _numbers(driver_version)[:2] >= OLDEST_GECKODRIVER:
            return True, text
        return False, tell("driver-too-old", driver=text, browser=f"{kind.name} {browser_version}")
    if _numbers(browser_version)[:1] == _numbers(driver_version)[:1]:
        return True, text
    return False, tell("driver-differs", driver=text, browser=f"{kind.name} {browser_version}")
