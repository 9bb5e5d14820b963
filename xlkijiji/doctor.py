"""`xlkijiji doctor`: is everything here that a click on Post New needs? Looks only, and changes nothing."""

from __future__ import annotations

import importlib.metadata
import locale
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import keyring
import keyring.errors

from xlkijiji import calc
from xlkijiji.calc.connection import import_uno
from xlkijiji.errors import XlkijijiError
from xlkijiji.install import template_path, user_config
from xlkijiji.kijiji.browser import start_browser
from xlkijiji.kijiji.programs import check_fit, find_browser, find_driver, kind_of, version_of
from xlkijiji.kijiji.selectors import load_selectors, own_selectors_file
from xlkijiji.paths import data_dir, log_file

__all__ = ["Finding", "examine", "report"]

START_SECONDS = 30.0
VBA_MODULE = Path(__file__).parent / "workbook" / "vba" / "xlwings.bas"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    needed: bool
    """Does a click on Post New fail without it?"""
    text: str
    """What was found; when it isn't good, also what to do."""


def examine(browser: str = "") -> Iterator[Finding]:
    """Look at one thing after the other; a look that fails is a finding too. `browser`: as on the Settings sheet."""
    looks = (_python, _xlwings, _template, _spreadsheet, lambda: _browser(browser), _selectors, _key_store, _folders)
    for look in looks:
        try:
            yield from look()
        except (XlkijijiError, calc.CalcError, OSError) as error:
            yield Finding(False, True, str(error))


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), True, f"Python {version} ({sys.executable}); 3.11 or newer is needed")


def _xlwings() -> Iterator[Finding]:
    package = importlib.metadata.version("xlwings")
    found = re.search(r"'Version: (\S+)", VBA_MODULE.read_text(encoding="cp1252"))
    module = found[1] if found else "unknown"
    text = f"xlwings {package}, and {module} in new workbooks"
    same = package == module
    yield Finding(
        same, sys.platform == "darwin", text if same else f"{text}: install xlwings {module}, so that both are the same"
    )


def _template() -> Iterator[Finding]:
    yield Finding(True, True, f"workbook template {template_path()}")


def _spreadsheet() -> Iterator[Finding]:
    yield _excel() if sys.platform in {"win32", "darwin"} else _calc()


def _excel() -> Finding:
    path, key = user_config(), "INTERPRETER_MAC" if sys.platform == "darwin" else "INTERPRETER_WIN"
    lines = path.read_text(encoding=locale.getpreferredencoding(do_setlocale=False)) if path.exists() else ""
    good = f'"{key}","{sys.executable}"' in lines
    text = f"Excel starts this Python ({path})"
    return Finding(good, True, text if good else f"Excel doesn't know this Python ({path}): run  xlkijiji install")


def _calc() -> Finding:
    program = shutil.which("soffice")
    if program is None:
        return Finding(False, True, "LibreOffice is missing: install LibreOffice Calc (libreoffice-calc, python3-uno)")
    import_uno()
    return Finding(True, True, f"LibreOffice ({program}) and its Python bridge")


def _browser(wish: str) -> Iterator[Finding]:
    program = find_browser(wish)
    yield Finding(True, True, f"browser {program} {version_of(program)}".rstrip())
    fit, text = check_fit(program)
    yield Finding(fit, find_driver(kind_of(program)) is not None, text)
    driver = start_browser(program, headless=True, profile_dir=None, page_timeout=START_SECONDS)
    driver.quit()
    yield Finding(True, True, "the browser was started once, hidden, and ended")


def _selectors() -> Iterator[Finding]:
    own = load_selectors().own
    if own:
        names = ", ".join(sorted(".".join(one) for one in own))
        yield Finding(True, False, f"your own selectors {own_selectors_file()} replace {names}")


def _key_store() -> Iterator[Finding]:
    try:
        keyring.get_password("xlkijiji", "doctor")
    except keyring.errors.KeyringError:
        yield Finding(False, False, "this computer has no key store: you'll sign in by hand in the browser window")
        return
    yield Finding(True, False, f"key store {keyring.get_keyring().name}")


def _folders() -> Iterator[Finding]:
    for folder in (data_dir(), log_file().parent):
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
    yield Finding(True, True, f"own folder {data_dir()}, log {log_file()}")


def report(say: Callable[[str, bool], object], browser: str = "") -> bool:
    """Tell each finding as (line, good); True when nothing is missing that a click needs."""
    fit = True
    for finding in examine(browser):
        mark = "ok     " if finding.good else "MISSING" if finding.needed else "note   "
        say(f"{mark}  {finding.text}", finding.good or not finding.needed)
        fit = fit and (finding.good or not finding.needed)
    return fit
