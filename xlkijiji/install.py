"""What is done once on a person's computer: xlwings' own user configuration, and a workbook made on the spot.

The workbook is copied out of this package, because Windows blocks macros in workbooks that were downloaded
[Microsoft documentation: Mark of the Web].
"""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import platformdirs

from xlkijiji.command_link import is_found, link_command
from xlkijiji.errors import InventoryError
from xlkijiji.file_replacement import replace_file
from xlkijiji.messages import LANGUAGES, language, tell

__all__ = [
    "config_bytes",
    "config_key",
    "configure_excel",
    "create_workbook",
    "first_workbook",
    "install_for_user",
    "template_path",
    "user_config",
]


XLWINGS_COMMAND = "xlwings.cli"
"""The module behind xlwings' own command; the package itself can't be run [xlwings source]."""


def template_path() -> Path:
    """The workbook template: in the installed package, or at the top of a checkout.

    Raises InventoryError when neither has it.
    """
    installed = Path(str(resources.files("xlkijiji"))) / "workbook" / "workbook_template.xlsm"
    checkout = Path(str(resources.files("xlkijiji"))).parent / "workbook_template.xlsm"
    for path in (installed, checkout):
        if path.is_file():
            return path
    raise InventoryError(tell("no-template"))


def create_workbook(path: Path, in_language: str = LANGUAGES[0]) -> Path:
    """Make the workbook at `path`, with a folder *pictures* beside it; the workbook's full path.

    The English one is a copy of the template; one in another of `messages.LANGUAGES` is built on the spot. Never
    replaces a file: raises InventoryError when there is one.
    """
    path = path.expanduser().resolve()
    if path.suffix.lower() != ".xlsm":
        path = path.with_name(path.name + ".xlsm")
    if path.exists():
        raise InventoryError(tell("workbook-is-there", path=path))
    path.parent.mkdir(parents=True, exist_ok=True)
    if in_language == LANGUAGES[0]:
        shutil.copyfile(template_path(), path)
    else:
        from xlkijiji.workbook.template import build_workbook  # slow to import, and seldom needed

        build_workbook(path, language=in_language)
    (path.parent / "pictures").mkdir(exist_ok=True)
    return path


def user_config() -> Path:
    """xlwings' configuration file of this user; on the Mac it lies in Excel's container [xlwings documentation]."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Containers/com.microsoft.Excel/Data/xlwings.conf"
    return Path.home() / ".xlwings" / "xlwings.conf"


def config_key() -> str:
    """The name under which xlwings looks for the Python to start [xlwings documentation]."""
    return "INTERPRETER_MAC" if sys.platform == "darwin" else "INTERPRETER_WIN"


def first_workbook() -> Path:
    """Where this person's first workbook is made: in a folder of its own, as its pictures lie beside it."""
    return Path(platformdirs.user_documents_dir()) / "xlkijiji" / "inventory.xlsm"


def install_for_user(workbook: Path | None = None) -> Iterator[str]:
    """All that a person needs once: the configuration, a workbook, the menu; yields what was done, in sentences.

    `workbook` is theirs, when they have one already; a file that exists is always left as it is.
    Raises InventoryError or OSError when something can't be done.
    """
    if sys.platform in {"win32", "darwin"}:  # elsewhere there is no Excel
        yield from configure_excel()
    workbook = (workbook or first_workbook()).expanduser().resolve()
    if workbook.exists():
        yield tell("installed-workbook-left", path=workbook)
    else:
        workbook = create_workbook(workbook, language())
        yield tell("installed-workbook", path=workbook, pictures=workbook.parent / "pictures")
    from xlkijiji.menu_entries import write_entries
    from xlkijiji.uninstall import program_folder

    write_entries(workbook, program_folder())
    yield tell("installed-menu", label=tell("menu-workbook"), page=tell("menu-page"))
    link = link_command(program_folder())
    if link is not None:
        yield tell("installed-command") if is_found(link) else tell("installed-command-path", path=link)


def configure_excel() -> Iterator[str]:
    """Name this Python in xlwings' user configuration, keeping all else in it; yields what was done, in sentences."""
    path = user_config()
    set_config_line(path, config_key(), sys.executable)
    yield tell("installed-config", program=sys.executable, path=path)
    if sys.platform == "darwin":
        command = [sys.executable, "-m", XLWINGS_COMMAND, "runpython", "install"]
        done = subprocess.run(command, check=False)  # noqa: S603 — our own interpreter
        if done.returncode:
            raise InventoryError(tell("runpython-failed"))
        yield tell("installed-runpython")


def set_config_line(path: Path, key: str, value: str) -> None:
    """Set one `"KEY","value"` line of an xlwings configuration file; other lines stay as they are, byte for byte.

    Raises InventoryError when the value can't be written there; the file is then as it was.
    """
    try:
        own = config_bytes(f'"{key}","{value}"')
    except UnicodeEncodeError as error:
        letters = error.object[error.start : error.end]
        raise InventoryError(tell("config-letters", letters=letters, encoding=_code_page())) from error
    lines = path.read_bytes().splitlines() if path.exists() else []
    kept = [line for line in lines if not line.upper().startswith((f'"{key}"'.encode(), f"{key},".encode()))]
    path.parent.mkdir(parents=True, exist_ok=True)
    end = os.linesep.encode()
    replace_file(path, end.join([*kept, own]) + end)


def config_bytes(line: str, errors: str = "strict") -> bytes:
    """A line of xlwings' configuration as it stands in the file, without its end. Raises UnicodeEncodeError."""
    return line.encode(_code_page(), errors)


def _code_page() -> str:
    """VBA reads the file in the computer's own code page."""
    return locale.getpreferredencoding(do_setlocale=False)
