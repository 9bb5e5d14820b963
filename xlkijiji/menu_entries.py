"""What the person finds in the menu after the installation: the workbook, the office page, and the uninstaller.

On Linux they are desktop entries [freedesktop.org, Desktop Entry Specification 1.5], on Windows shortcuts in the Start
menu, on the Mac small programs in the person's own Applications folder.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from xlkijiji.messages import LANGUAGES, tell

__all__ = ["WINDOWS_UNINSTALLER", "Entry", "entries_for", "remove_entries", "write_entries"]

WINDOWS_FOLDER = "xlkijiji"
WINDOWS_UNINSTALLER = "Uninstall xlkijiji.cmd"
"""The installer puts it beside the program's folder, which it removes."""
MAC_IDENTIFIER = "ca.xlkijiji."


@dataclass(frozen=True)
class Entry:
    """One thing to start."""

    name: str
    """Of its file, without ending."""
    key: str
    """Of its label among the messages."""
    about: str
    """The key of the sentence about it."""
    arguments: tuple[str, ...]
    """What follows `python -m xlkijiji`."""
    opens: Path | None = None
    """On Windows and Mac: a workbook that Excel opens by itself."""
    in_terminal: bool = False
    """It asks something."""


def entries_for(workbook: Path) -> list[Entry]:
    """The entries for this person's workbook."""
    return [
        Entry("xlkijiji", "menu-workbook", "menu-workbook-about", ("open", "--menu", str(workbook)), opens=workbook),
        Entry("xlkijiji-page", "menu-page", "menu-page-about", ("page",)),
        Entry("xlkijiji-uninstall", "menu-uninstall", "menu-uninstall-about", ("uninstall",), in_terminal=True),
    ]


def write_entries(workbook: Path, program: Path | None) -> list[Path]:
    """Put the entries into this person's menu, over those of an earlier installation; the files that were written.

    `program` is the folder that the installer made; without one there is nothing to uninstall from the menu.
    """
    wanted = [one for one in entries_for(workbook) if program is not None or one.name != "xlkijiji-uninstall"]
    if sys.platform == "win32":
        return list(_write_shortcuts(wanted, program, _windows_menu(), _shell_shortcut))
    if sys.platform == "darwin":
        return list(_write_mac_programs(wanted, Path.home() / "Applications"))
    return list(_write_desktop_entries(wanted))


def remove_entries() -> list[Path]:
    """Take the entries out of the menu again; the files that were there."""
    if sys.platform == "win32":
        gone = [_windows_menu()]
    elif sys.platform == "darwin":
        names = entries_for(Path())
        gone = [Path.home() / "Applications" / f"{one.name}{end}" for one in names for end in (".app", ".command")]
    else:
        gone = [_applications() / f"{one.name}.desktop" for one in entries_for(Path())] + [_linux_icon()]
    there = [path for path in gone if path.exists()]
    for path in there:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return there


# --- Linux


def _xdg_data() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    # "All paths set in these environment variables must be absolute" [XDG Base Directory Specification]
    return Path(given) if given.startswith("/") else Path.home() / ".local" / "share"


def _applications() -> Path:
    return _xdg_data() / "applications"


def _linux_icon() -> Path:
    return _xdg_data() / "icons" / "hicolor" / "scalable" / "apps" / "xlkijiji.svg"


def _write_desktop_entries(wanted: list[Entry]) -> Iterator[Path]:
    icon = _linux_icon()
    icon.parent.mkdir(parents=True, exist_ok=True)
    icon.write_bytes(_own_file("icon.svg"))
    yield icon
    _applications().mkdir(parents=True, exist_ok=True)
    for entry in wanted:
        path = _applications() / f"{entry.name}.desktop"
        path.write_text(desktop_entry(entry, icon), encoding="utf-8")
        path.chmod(0o755)
        yield path


def desktop_entry(entry: Entry, icon: Path) -> str:
    """The text of a .desktop file."""
    command = " ".join(map(_exec_word, (sys.executable, "-m", "xlkijiji", *entry.arguments)))
    lines = ["[Desktop Entry]", "Type=Application"]
    for field, key in (("Name", entry.key), ("Comment", entry.about)):
        lines.append(f"{field}={_value(tell(key, LANGUAGES[0]))}")
        lines += [f"{field}[{one}]={_value(tell(key, one))}" for one in LANGUAGES[1:]]
    lines += [f"Exec={_value(command)}", f"Icon={_value(str(icon))}", f"Terminal={str(entry.in_terminal).lower()}"]
    lines += ["Categories=Office;Spreadsheet;" if entry.opens else "Categories=Office;", "StartupNotify=false"]
    return "\n".join(lines) + "\n"


def _exec_word(word: str) -> str:
    """One argument of an Exec line: quoted, with what is special in quotes escaped, and % doubled [same, "Exec"]."""
    for special in ("\\", '"', "`", "$"):
        word = word.replace(special, f"\\{special}")
    return '"' + word.replace("%", "%%") + '"'


def _value(text: str) -> str:
    """A string value: a backslash begins an escape there [same, "Possible value types"]."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


# --- Mac


def _write_mac_programs(wanted: list[Entry], folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for entry in wanted:
        command = shlex.join([sys.executable, "-m", "xlkijiji", *entry.arguments])
        if entry.opens is not None:
            command = shlex.join(["open", str(entry.opens)])
        script = f"#!/bin/sh\nexec {command}\n"
        if entry.in_terminal:
            path = folder / f"{entry.name}.command"
            path.write_text(script, encoding="utf-8")
            path.chmod(0o755)
            yield path
            continue
        bundle = folder / f"{entry.name}.app"
        inside = bundle / "Contents" / "MacOS" / entry.name
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.write_text(script, encoding="utf-8")
        inside.chmod(0o755)
        label = tell(entry.key)
        about = {"CFBundleExecutable": entry.name, "CFBundleIdentifier": MAC_IDENTIFIER + entry.name}
        about |= {"CFBundleName": label, "CFBundleDisplayName": label, "CFBundlePackageType": "APPL"}
        # no window and no place in the Dock: it starts something else, and ends [Apple documentation]
        (bundle / "Contents" / "Info.plist").write_bytes(plistlib.dumps({**about, "LSUIElement": True}))
        yield bundle


# --- Windows


def _windows_menu() -> Path:
    """This person's part of the Start menu [Microsoft documentation, KNOWNFOLDERID]."""
    return Path(os.environ["APPDATA"]) / "Microsoft" / "Windows" / "Start Menu" / "Programs" / WINDOWS_FOLDER


def _write_shortcuts(
    wanted: list[Entry], program: Path | None, folder: Path, make: Callable[[Path], Any]
) -> Iterator[Path]:
    """Shortcuts in `folder`; `make` gives an object with the properties of WScript.Shell's shortcuts."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.lnk"):
        old.unlink()  # its label may have been in another language
    for entry in wanted:
        path = folder / f"{tell(entry.key)}.lnk"
        shortcut = make(path)
        if entry.opens is not None:
            shortcut.TargetPath = str(entry.opens)
        elif entry.in_terminal and program is not None:
            shortcut.TargetPath = str(program.parent / WINDOWS_UNINSTALLER)
        else:
            shortcut.TargetPath = str(Path(sys.executable).with_name("pythonw.exe"))
            shortcut.Arguments = subprocess.list2cmdline(["-m", "xlkijiji", *entry.arguments])
        shortcut.Description = tell(entry.about)
        shortcut.WorkingDirectory = str(Path.home())
        if entry.opens is None and program is not None:
            icon = program / "xlkijiji.ico"
            icon.write_bytes(_own_file("icon.ico"))
            shortcut.IconLocation = str(icon)
        shortcut.Save()
        yield path


def _shell_shortcut(path: Path) -> Any:
    from win32com.client import Dispatch  # pywin32, which xlwings brings on Windows

    return Dispatch("WScript.Shell").CreateShortcut(str(path))


def _own_file(name: str) -> bytes:
    return (resources.files("xlkijiji") / "office_page" / "static" / name).read_bytes()
