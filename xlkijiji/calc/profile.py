"""The private LibreOffice profile: made once, and set so that no dialog of the first start comes in the way."""

from __future__ import annotations

from pathlib import Path

from xlkijiji.paths import data_dir

# (path, property, value). Only ever written into a profile of our own, never into the user's.
_SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Common/Misc", "ShowTipOfTheDay", "false"),
    ("/org.openoffice.Setup/Office", "ooSetupInstCompleted", "true"),
    ("/org.openoffice.Setup/Product", "WhatsNew", "false"),
    # The bars "get involved" and "donate" come a week and a quarter after these times (seconds since 1970).
    ("/org.openoffice.Setup/Product", "LastTimeGetInvolvedShown", "4102444800"),
    ("/org.openoffice.Setup/Product", "LastTimeDonateShown", "4102444800"),
    # Ctrl+S of an .xlsm keeps the format without asking: the workbook must stay one for Excel.
    ("/org.openoffice.Office.Common/Save/Document", "WarnAlienFormat", "false"),
    ("/org.openoffice.Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("/org.openoffice.Office.Recovery/AutoSave", "Enabled", "false"),
    # Files of other programs: compute formulas again when loading (0 = always). XlsxWriter stores no results.
    ("/org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),
)

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
"""


def default_profile() -> Path:
    """The LibreOffice profile that `xlkijiji open` uses."""
    return data_dir("calc-profile")


def prepare_profile(profile: Path) -> None:
    """Make `profile` ready for a quiet start. A profile that has settings already is left as it is."""
    settings = profile / "user" / "registrymodifications.xcu"
    if settings.exists():
        return
    settings.parent.mkdir(parents=True, exist_ok=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, name, value in _SETTINGS
    )
    settings.write_text(f"{_HEAD}{items}</oor:items>\n", encoding="utf-8")
