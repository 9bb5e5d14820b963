"""The menu and the way back: what the installation put there goes, and what is the person's stays."""

from __future__ import annotations

import plistlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from xlkijiji import install, menu_entries, messages, paths, uninstall
from xlkijiji.cli import app
from xlkijiji.errors import InventoryError
from xlkijiji.office_page import server
from xlkijiji.system_language import system_language


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with characters that a careless command line would break at."""
    folder = tmp_path / 'J. "D\'Août" 100% $HOME `x` \\ &'
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return folder


def test_a_desktop_entry_starts_what_it_names_whatever_the_folder_is_called(home: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown.txt"
    script = home / "show.py"
    script.write_text(f"import sys; open({str(shown)!r}, 'w').write('\\n'.join(sys.argv[1:]))", encoding="utf-8")
    entry = menu_entries.Entry("try", "menu-page", "menu-page-about", ("open", str(home / "inventaire été.xlsm")))
    text = menu_entries.desktop_entry(entry, home / "icon.svg").replace('"-m" "xlkijiji"', "")
    program = f"{menu_entries._value(menu_entries._exec_word(sys.executable))} "
    assert program in text
    path = tmp_path / "try.desktop"
    path.write_text(text.replace(program, program + menu_entries._value(menu_entries._exec_word(str(script)))))
    subprocess.run(["gio", "launch", path], check=True, timeout=60)
    pause = threading.Event()  # gio doesn't wait for what it starts
    for _ in range(600):
        if shown.exists() and shown.stat().st_size:
            break
        pause.wait(0.1)
    assert shown.read_text(encoding="utf-8").split("\n") == ["open", str(home / "inventaire été.xlsm")]


@pytest.mark.parametrize("remembered", [False, True])
def test_what_was_installed_goes_and_what_is_the_persons_stays(home: Path, remembered: bool) -> None:
    told = list(install.install_for_user(home / "stock.xlsm"))
    assert any("stock.xlsm" in line for line in told)
    entries = home / ".local" / "share" / "applications"
    assert {path.name for path in entries.iterdir()} == {"xlkijiji.desktop", "xlkijiji-page.desktop"}
    paths.journal_file().write_bytes(b"what was posted")
    (paths.data_dir("calc-profile") / "user").mkdir()
    (home / "pictures" / "front.jpg").write_bytes(b"mine")
    list(uninstall.uninstall_for_user(remembered_too=remembered))
    assert list(entries.iterdir()) == []
    assert not list(home.rglob("*.svg"))
    assert paths.journal_file().exists() is not remembered
    assert not (paths.data_dir() / "calc-profile").exists()
    assert (home / "stock.xlsm").exists()
    assert (home / "pictures" / "front.jpg").read_bytes() == b"mine"


HOLD = {
    "of a workbook": "from xlkijiji.runlock import RunLock; lock = RunLock('/somebody/stock.xlsm')",
    "of an account": "from xlkijiji import journal, paths; lock = journal.Journal(paths.journal_file()).lock('me')",
    "of the practice site": (
        "from xlkijiji import journal, paths; "
        "lock = journal.Journal(paths.data_dir('practice') / 'journal-8765.sqlite3').lock('me')"
    ),
}


@contextmanager
def held(which: str) -> Iterator[None]:
    """Another process has this lock, as a run has."""
    program = f"import sys; {HOLD[which]}; lock.acquire(); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate("", timeout=60)


def everything(folder: Path) -> dict[Path, bytes]:
    """Each file, and what is in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("which", HOLD)
def test_nothing_goes_while_a_run_is_on(which: str, home: Path, own_home: Path) -> None:
    list(install.install_for_user(home / "stock.xlsm"))
    with held(which):
        before = everything(home) | everything(own_home)
        for remembered in (False, True):
            with pytest.raises(InventoryError, match="a run is on"):
                list(uninstall.uninstall_for_user(remembered_too=remembered))
        asked = CliRunner().invoke(app, ["busy"])  # so an installer asks
        assert asked.exit_code == 1
        assert "a run is on" in asked.output
        assert everything(home) | everything(own_home) == before
    assert CliRunner().invoke(app, ["busy"]).exit_code == 0
    list(uninstall.uninstall_for_user(remembered_too=True))
    assert not paths.journal_file().exists()


def test_nothing_goes_while_the_office_page_is_on(home: Path) -> None:
    list(install.install_for_user(home / "stock.xlsm"))
    serving = server._Serving()
    serving.announce()
    with pytest.raises(InventoryError, match="Quit xlkijiji"):
        list(uninstall.uninstall_for_user(remembered_too=False))
    serving._parts.ended.set()
    serving.until_left()
    list(uninstall.uninstall_for_user(remembered_too=False))


def test_a_program_that_somebody_installed_in_another_way_is_left(home: Path) -> None:
    assert uninstall.program_folder() is None
    list(uninstall.uninstall_for_user(remembered_too=False))
    assert Path(sys.executable).exists()


def test_only_our_own_line_leaves_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "xlwings.conf"
    path.write_text('"SHOW CONSOLE","False"\n"INTERPRETER_WIN","C:\\other\\python.exe"\n')
    assert not uninstall.forget_this_python(path)
    install.set_config_line(path, "INTERPRETER_WIN", sys.executable)
    assert uninstall.forget_this_python(path)
    assert path.read_text() == '"SHOW CONSOLE","False"\n'
    install.set_config_line(tmp_path / "new.conf", "INTERPRETER_WIN", sys.executable)
    assert uninstall.forget_this_python(tmp_path / "new.conf")
    assert not (tmp_path / "new.conf").exists()


def test_on_a_mac_the_entries_are_programs_of_the_persons_own(home: Path) -> None:
    wanted = menu_entries.entries_for(home / "stock.xlsm")
    made = list(menu_entries._write_mac_programs(wanted, home / "Applications"))
    assert [path.name for path in made] == ["xlkijiji.app", "xlkijiji-page.app", "xlkijiji-uninstall.command"]
    about = plistlib.loads((made[1] / "Contents" / "Info.plist").read_bytes())
    script = made[1] / "Contents" / "MacOS" / about["CFBundleExecutable"]
    assert script.stat().st_mode & 0o111
    done = subprocess.run(["sh", "-n", script], check=False)
    assert done.returncode == 0
    assert "-m xlkijiji page" in script.read_text(encoding="utf-8")


def test_on_windows_the_shortcuts_lead_to_the_workbook_the_page_and_the_uninstaller(tmp_path: Path) -> None:
    program, saved = tmp_path / "xlkijiji" / "program", []
    program.mkdir(parents=True)

    def make(path: Path) -> SimpleNamespace:
        one = SimpleNamespace(path=path, Arguments="")
        one.Save = lambda: saved.append(one)
        return one

    wanted = menu_entries.entries_for(tmp_path / "inventory.xlsm")
    list(menu_entries._write_shortcuts(wanted, program, tmp_path / "menu", make))
    assert [one.path.name for one in saved] == ["xlkijiji inventory.lnk", "xlkijiji.lnk", "Uninstall xlkijiji.lnk"]
    assert saved[0].TargetPath == str(tmp_path / "inventory.xlsm")
    assert saved[1].TargetPath.endswith("pythonw.exe")
    assert saved[1].Arguments == "-m xlkijiji page"
    assert saved[2].TargetPath == str(tmp_path / "xlkijiji" / "Uninstall xlkijiji.cmd")


@pytest.mark.parametrize(
    ("environment", "speaks"),
    [
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "en_CA.UTF-8", "LC_ALL": "fr_CA"}, "fr"),
        ({"LANGUAGE": "en:fr", "LANG": "fr_CA"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({}, "en"),
    ],
)
def test_the_systems_language_is_spoken_where_there_is_a_catalogue(
    environment: dict[str, str], speaks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert system_language() == speaks
    assert speaks in messages.LANGUAGES
