"""`xlkijiji doctor`: is everything here that a click on Post New needs? Looks only, and changes nothing."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import keyring
import keyring.errors
import urllib3

from xlkijiji import calc
from xlkijiji.calc.connection import import_uno
from xlkijiji.closed_settings import settings_labels
from xlkijiji.errors import XlkijijiError
from xlkijiji.install import config_bytes, config_key, first_workbook, template_path, user_config
from xlkijiji.kijiji.browser import start_browser
from xlkijiji.kijiji.credentials import kept_password
from xlkijiji.kijiji.programs import check_fit, find_browser, find_driver, kind_of, version_of
from xlkijiji.kijiji.selectors import load_selectors, own_selectors_file
from xlkijiji.messages import tell
from xlkijiji.paths import data_dir, log_file
from xlkijiji.settings import SITE_URL, Settings
from xlkijiji.workbook.vba_reader import xlwings_module_version

__all__ = ["Finding", "examine", "report", "stays_offline"]

log = logging.getLogger(__name__)

OLDEST_PYTHON = (3, 11)
START_SECONDS = 30.0
ANSWER_SECONDS = 5.0
VBA_MODULE = Path(__file__).parent / "workbook" / "vba" / "xlwings.bas"
MAC_EXCEL = Path("/Applications/Microsoft Excel.app")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    needed: bool
    """Does a click on Post New fail without it?"""
    text: str
    """What was found; when it isn't good, also what to do."""


def stays_offline() -> bool:
    """Does the environment say that the site is not to be asked? The same words as for `xlkijiji doctor --offline`."""
    return os.environ.get("XLKIJIJI_OFFLINE", "").strip().casefold() in {"1", "true", "t", "yes", "y", "on"}


def examine(
    browser: str = "", workbook: Path | None = None, *, network: bool = False, site: str = SITE_URL
) -> Iterator[Finding]:
    """Look at one thing after the other; a look that fails is a finding too.

    `browser`: as on the Settings sheet. `workbook`: the person's own; else the one that the installation made, if it is
    still there. With `network` also whether `site` can be reached: one request, for a person who asks.
    """
    workbook = workbook or (first_workbook() if first_workbook().is_file() else None)
    labels: dict[str, object] = {}
    looks: list[Callable[[], Iterator[Finding]]] = [_python, _xlwings, _template]
    if workbook is not None:
        own = workbook
        looks.append(lambda: _workbook(own, labels))
    looks += [_spreadsheet, lambda: _browser(browser), _selectors, lambda: _sign_in(labels), _key_store, _folders]
    if network:
        looks.append(lambda: _network(site))
    for look in looks:
        try:
            yield from look()
        except (XlkijijiError, calc.CalcError, OSError) as error:
            yield Finding(False, True, str(error))
        except Exception as error:  # what one look stumbles over must not hide what the others find
            log.exception("a look of the doctor's ended with an error")
            yield Finding(False, True, tell("doctor-look-failed", kind=type(error).__name__, log=log_file()))


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= OLDEST_PYTHON
    yield Finding(good, True, tell("doctor-python", version=version, program=sys.executable))


def _xlwings() -> Iterator[Finding]:
    package = importlib.metadata.version("xlwings")
    found = re.search(r"'Version: (\S+)", VBA_MODULE.read_text(encoding="cp1252"))
    module = found[1] if found else "?"
    good = package == module
    text = tell("doctor-xlwings", package=package, module=module)
    yield Finding(good, sys.platform == "darwin", text if good else tell("doctor-xlwings-differs", text=text))


def _template() -> Iterator[Finding]:
    yield Finding(True, True, tell("doctor-template", path=template_path()))


def _workbook(path: Path, labels: dict[str, object]) -> Iterator[Finding]:
    """The person's workbook; what its Settings sheet says gets into `labels`."""
    package = importlib.metadata.version("xlwings")
    module = xlwings_module_version(path)
    if module is None:
        yield Finding(False, True, tell("doctor-workbook-without", path=path))
    elif module == package:
        yield Finding(True, True, tell("doctor-workbook", path=path, module=module))
    else:
        # on the Mac the names of scripts have the version in them [xlwings source]
        needed = sys.platform == "darwin"
        yield Finding(False, needed, tell("doctor-workbook-differs", path=path, module=module, package=package))
    labels |= settings_labels(path)


def _spreadsheet() -> Iterator[Finding]:
    if sys.platform in {"win32", "darwin"}:
        yield from _excel()
    else:
        yield _calc()


def _excel() -> Iterator[Finding]:
    there = _excel_is_there()
    yield Finding(there, True, tell("doctor-excel" if there else "doctor-excel-missing"))
    path = user_config()
    lines = path.read_bytes() if path.exists() else b""
    good = config_bytes(f'"{config_key()}","{sys.executable}"', "replace") in lines
    yield Finding(good, True, tell("doctor-config" if good else "doctor-config-missing", path=path))
    if sys.platform == "darwin":
        name = f"xlwings-{importlib.metadata.version('xlwings')}.applescript"  # [xlwings source, runpython_install]
        script = Path.home() / "Library" / "Application Scripts" / "com.microsoft.Excel" / name
        key = "doctor-runpython" if script.is_file() else "doctor-runpython-missing"
        yield Finding(script.is_file(), True, tell(key, path=script))


def _excel_is_there() -> bool:
    if sys.platform != "win32":
        return MAC_EXCEL.exists()
    import winreg

    try:
        # by this name programs ask for Excel [Microsoft documentation, ProgID]
        winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, "Excel.Application"))
    except OSError:
        return False
    return True


def _calc() -> Finding:
    program = shutil.which("soffice")
    if program is None:
        return Finding(False, True, tell("doctor-calc-missing"))
    import_uno()
    return Finding(True, True, tell("doctor-calc", program=program))


def _browser(wish: str) -> Iterator[Finding]:
    program = find_browser(wish)
    yield Finding(True, True, tell("doctor-browser", program=program, version=version_of(program)).rstrip())
    fit, text = check_fit(program)
    yield Finding(fit, find_driver(kind_of(program)) is not None, text)
    driver = start_browser(program, headless=True, profile_dir=None, page_timeout=START_SECONDS)
    driver.quit()
    yield Finding(True, True, tell("doctor-browser-started"))


def _selectors() -> Iterator[Finding]:
    own = load_selectors().own
    if own:
        names = ", ".join(sorted(".".join(one) for one in own))
        yield Finding(True, False, tell("doctor-selectors", path=own_selectors_file(), names=names))


def _sign_in(labels: dict[str, object]) -> Iterator[Finding]:
    """Is there something to sign in with? Looked at here alone: whether the site still takes it shows at a run."""
    settings = Settings.from_labels(labels)
    if labels and settings.practice_mode:
        yield Finding(True, False, tell("doctor-practice"))
        return
    if settings.account and kept_password(settings.account):
        yield Finding(True, False, tell("doctor-password", account=settings.account))
    elif _browser_was_used(data_dir("browser")):
        yield Finding(True, False, tell("doctor-profile"))
    else:
        yield Finding(False, False, tell("doctor-no-sign-in"))


def _browser_was_used(profile: Path) -> bool:
    """Has the browser of the runs kept cookies? Chromium and Edge call the file so, and Firefox otherwise."""
    return any(path.is_file() for name in ("Cookies", "cookies.sqlite") for path in profile.rglob(name))


def _key_store() -> Iterator[Finding]:
    try:
        keyring.get_password("xlkijiji", "doctor")
    except keyring.errors.KeyringError:
        yield Finding(False, False, tell("doctor-no-key-store"))
        return
    yield Finding(True, False, tell("doctor-key-store", name=keyring.get_keyring().name))


def _folders() -> Iterator[Finding]:
    for folder in (data_dir(), log_file().parent):
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
    yield Finding(True, True, tell("doctor-folders", data=data_dir(), log=log_file()))


def _network(site: str) -> Iterator[Finding]:
    """Does the site answer this computer, whatever it says?"""
    host = site.partition("://")[2]
    try:
        urllib3.request("HEAD", site, timeout=ANSWER_SECONDS, retries=False, redirect=False)
    except urllib3.exceptions.HTTPError:
        yield Finding(False, False, tell("doctor-no-network", host=host))
        return
    yield Finding(True, False, tell("doctor-network", host=host))


def report(
    say: Callable[[str, bool], object], browser: str = "", workbook: Path | None = None, *, network: bool = False
) -> bool:
    """Tell each finding as (line, good); True when nothing is missing that a click needs."""
    fit = True
    good, missing, note = tell("doctor-good"), tell("doctor-missing"), tell("doctor-note")
    width = max(map(len, (good, missing, note)))
    for finding in examine(browser, workbook, network=network):
        mark = good if finding.good else missing if finding.needed else note
        say(f"{mark:<{width}}  {finding.text}", finding.good or not finding.needed)
        fit = fit and (finding.good or not finding.needed)
    return fit
