"""In which language the Windows installer and uninstaller speak, run by the command processor of Wine."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from odd_sentences import KEY, odd_script, said
from wine import CACHED, DESKTOP, WHEEL, Windows, tells_sum

from xlkijiji import messages


def test_in_french_it_installs_and_removes_in_french(windows: Windows) -> None:
    with windows.speaks_french():
        done = windows.install()
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Cela prend quelques minutes, et il faut Internet." in done.stdout
        assert done.stdout.endswith(" Terminé. ")
        assert "Done." not in done.stdout
        pages = [call.split()[1:] for call in windows.calls if call.startswith("chcp")]
        assert pages == [[], ["1252"], ["850"]], "the window gets back its own code page"
        gone = windows.run(windows.uninstaller)
        assert (gone.returncode, gone.stdout) == (0, "Terminé. ")


def test_in_french_a_failure_is_french(windows: Windows) -> None:
    tells_sum(windows, hashlib.sha256(b"somebody else's").hexdigest())
    with windows.speaks_french():
        done = windows.install()
    assert done.returncode == 1
    assert f'Le fichier "{WHEEL}" du dossier «\u00a0parts\u00a0» est endommagé, ou n’est pas le bon.' in done.stdout
    assert "Vous pouvez recommencer quand vous voulez." in done.stdout
    assert "installed" not in done.stdout


@pytest.mark.parametrize(
    ("key", "name", "menus", "region", "french"),
    [
        (DESKTOP, "PreferredUILanguages", "fr-FR", "en_CA.UTF-8", True),
        (DESKTOP, "PreferredUILanguages", r"en-CA\0fr-CA", "fr_CA.UTF-8", False),
        (CACHED, "MachinePreferredUILanguages", "fr-CA", "en_CA.UTF-8", True),
        (CACHED, "SomethingElse", "fr-CA", "fr_CA.UTF-8", True),
        (CACHED, "SomethingElse", "fr-CA", "en_CA.UTF-8", False),
    ],
)
def test_the_language_is_that_of_the_menus_and_else_that_of_dates_and_numbers(
    windows: Windows, key: str, name: str, menus: str, region: str, french: bool
) -> None:
    shutil.rmtree(windows.download / "parts")
    windows.region = region
    with windows.registry(key, name, menus):
        done = windows.install()
    assert (
        "Faites un clic droit sur le téléchargement, choisissez «\u00a0Extraire tout\u00a0»" in done.stdout
    ) == french
    assert ("Right-click the download, choose 'Extract All'" in done.stdout) == (not french)


def test_a_window_that_cannot_show_french_is_spoken_to_in_english(windows: Windows) -> None:
    (windows.drive / "stand-ins" / "chcp.cmd").write_bytes(b"@exit 1\r\n")
    with windows.speaks_french():
        assert "Done." in windows.install().stdout


def test_an_older_windows_is_told_what_it_needs(windows: Windows) -> None:
    (windows.drive / "windows" / "system32" / "tar.exe").unlink()
    done = windows.install()
    assert done.returncode == 1
    assert "needs Windows 10 (version 1803) or newer" in done.stdout


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_any_sign_in_a_sentence_or_a_folder_is_said_as_it_is(
    windows: Windows, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = f"""@echo off
setlocal EnableExtensions DisableDelayedExpansion
set language={language}
set "program=C:\\a & b (1)^y!z"
call :tell {KEY}
exit /b 7
"""
    script = windows.download / "odd.cmd"
    script.write_bytes(odd_script("odd.cmd", source, tmp_path, monkeypatch))
    done = windows.run(script)
    assert done.returncode == 7, done.stdout + done.stderr
    assert done.stdout.rstrip() == said(language, '"C:\\a & b (1)^y!z"')
