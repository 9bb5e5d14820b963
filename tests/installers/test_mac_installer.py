"""The installer on a Mac, really run by sh: `uname` says that this is one, and stand-ins note what they are asked.

All else is the script that Linux uses, which tests/e2e/test_installed.py runs with the real tools.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from spoken_installers import spoken

INSTALLERS = Path(__file__).parents[2] / "installers"
WHEELS = {"arm64": "uv-0.13.9-py3-none-macosx_11_0_arm64.whl", "x86_64": "uv-0.13.9-py3-none-macosx_10_12_x86_64.whl"}
UV = """#!/bin/sh
echo "uv $*" >> "$HOME/calls.txt"
[ "$2" != "$FAILS" ] || exit 3
[ "$1" != "$FAILS" ] || exit 3
if [ "$1" = venv ]; then
    for folder; do :; done
    mkdir -p "$folder/bin"
    printf '#!/bin/sh\\necho "python $*" >> "$HOME/calls.txt"\\n[ "$3" != "$FAILS" ]\\n' > "$folder/bin/python"
    chmod 755 "$folder/bin/python"
fi
"""


class Mac:
    """A home folder, a download, and a `uname` that says Darwin."""

    def __init__(self, folder: Path, processor: str) -> None:
        self.home = folder / "Users" / "jean"
        self.download = folder / "Téléchargements & co" / "xlkijiji"
        programs, parts = folder / "programs", self.download / "parts"
        for one in (self.home, programs, parts):
            one.mkdir(parents=True)
        uname = programs / "uname"
        uname.write_text(f'#!/bin/sh\n[ "$1" = -s ] && echo Darwin || echo {processor}\n')
        uname.chmod(0o755)
        self.wheel = parts / WHEELS[processor]
        with zipfile.ZipFile(self.wheel, "w") as package:
            package.writestr("uv-0.13.9.data/scripts/uv", UV)
        checksum = hashlib.sha256(self.wheel.read_bytes()).hexdigest()
        name = {"arm64": "UV_SHA256_MAC_ARM", "x86_64": "UV_SHA256_MAC_INTEL"}[processor]
        text = spoken(INSTALLERS / "install.sh").decode()
        changed = re.sub(rf"^{name}=\w+$", f"{name}={checksum}", text, flags=re.MULTILINE)
        assert changed != text
        self.installer = self.download / "Install xlkijiji.command"
        self.installer.write_text(changed, encoding="utf-8")
        (parts / "requirements.txt").write_text("# locked\n")
        (parts / "xlkijiji-0.1.0-py3-none-any.whl").write_bytes(b"ours")
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self.home), "FAILS": "nothing"}

    def install(self) -> subprocess.CompletedProcess[str]:
        """A double click on the installer; what it said is on one line each."""
        done = subprocess.run(
            ["sh", self.installer],
            env=self.environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
            check=False,
        )
        done.stdout, done.stderr = done.stdout.replace("\n", " "), done.stderr.replace("\n", " ")
        return done

    @property
    def program(self) -> Path:
        """What is installed."""
        return self.home / ".xlkijiji" / "program"

    @property
    def calls(self) -> list[str]:
        """What the stand-ins were asked, in order."""
        log = self.home / "calls.txt"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


@pytest.mark.parametrize("processor", WHEELS)
def test_it_brings_a_python_of_its_own_and_installs_from_the_locked_list(processor: str, tmp_path: Path) -> None:
    mac = Mac(tmp_path, processor)
    for _ in range(2):  # it can be started again
        (mac.home / "calls.txt").unlink(missing_ok=True)
        done = mac.install()
        assert done.returncode == 0, done.stdout + done.stderr
        install, venv, packages, own, works, busy, set_up = mac.calls
        assert re.fullmatch(r"uv python install .*3\.12\.\d+", install)
        assert re.fullmatch(r"uv venv .*--relocatable --python 3\.12\.\d+ /.*/\.xlkijiji/program/venv\.new", venv)
        assert "--only-binary :all: --require-hashes" in packages
        assert "--no-deps" in own
        assert works == "python -m xlkijiji version"
        assert busy == "python -m xlkijiji busy"
        assert set_up == "python -m xlkijiji install"
    assert sorted(path.name for path in mac.program.iterdir()) == ["tools", "venv"]
    assert not (mac.program / "tools" / "uv.new").exists()


def test_a_tool_with_another_checksum_is_never_started(tmp_path: Path) -> None:
    mac = Mac(tmp_path, "arm64")
    with zipfile.ZipFile(mac.wheel, "a") as package:
        package.writestr("more", "from somebody else")
    done = mac.install()
    assert done.returncode == 1
    assert "is damaged" in done.stderr
    assert mac.calls == []
    assert not (mac.home / ".xlkijiji").exists()


@pytest.mark.parametrize(
    ("failing", "said"),
    [("install", "connected to the internet"), ("venv", "could not be renewed")],
)
def test_a_step_that_fails_ends_it_with_a_sentence(failing: str, said: str, tmp_path: Path) -> None:
    mac = Mac(tmp_path, "arm64")
    mac.environment["FAILS"] = failing
    done = mac.install()
    assert done.returncode == 1
    assert said in done.stderr
    assert "was not installed" in done.stdout
    assert not any(call.startswith("python") for call in mac.calls)


@pytest.mark.parametrize("failing", ["install", "venv", "pip", "version", "busy"])
def test_an_update_that_fails_leaves_what_was_installed(failing: str, tmp_path: Path) -> None:
    """`install` is both uv's, of Python, and our own at the end."""
    mac = Mac(tmp_path, "arm64")
    assert mac.install().returncode == 0
    mine = mac.program / "venv" / "mine"
    mine.write_text("of the old version")
    if failing == "install":  # uv's goes well, and only ours fails
        tool = UV.replace('[ "$2" != "$FAILS" ] || exit 3', "")
        with zipfile.ZipFile(mac.wheel, "w") as package:
            package.writestr("uv-0.13.9.data/scripts/uv", tool)
        text = mac.installer.read_text(encoding="utf-8")
        checksum = hashlib.sha256(mac.wheel.read_bytes()).hexdigest()
        mac.installer.write_text(re.sub(r"(UV_SHA256_MAC_ARM)=\w+", rf"\1={checksum}", text), encoding="utf-8")
    mac.environment["FAILS"] = failing
    done = mac.install()
    assert done.returncode == 1
    assert "What was installed before is as it was." in done.stdout
    assert mine.read_text() == "of the old version"
    assert sorted(path.name for path in mac.program.iterdir() if path.name != "cache") == ["tools", "venv"]
    assert any(call == "python -m xlkijiji install" for call in mac.calls[7:]) == (failing == "install")
    mac.environment["FAILS"] = "nothing"
    assert mac.install().returncode == 0
    assert not mine.exists()


def test_an_exchange_that_was_cut_short_is_undone_first(tmp_path: Path) -> None:
    mac = Mac(tmp_path, "arm64")
    assert mac.install().returncode == 0
    (mac.program / "venv").rename(mac.program / "venv.old")
    mac.environment["FAILS"] = "pip"
    assert mac.install().returncode == 1
    assert (mac.program / "venv" / "bin" / "python").is_file()


def test_names_of_the_environment_are_not_taken_for_folders_to_remove(tmp_path: Path) -> None:
    mac = Mac(tmp_path, "arm64")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    mac.environment |= {"new": str(theirs), "before": "yes", "program": str(theirs)}
    mac.wheel.unlink()
    done = mac.install()
    assert done.returncode == 1
    assert "as it was" not in done.stdout
    assert theirs.is_dir()


def test_a_home_that_excel_could_not_start_programs_from_is_said(tmp_path: Path) -> None:
    mac = Mac(tmp_path, "arm64")
    mac.environment["HOME"] = str(tmp_path / "a|b")
    done = mac.install()
    assert done.returncode == 1
    assert f"can't start programs in the folder {tmp_path}/a|b/.xlkijiji/program, as" in done.stderr
    assert 'one of the characters " $ ` \\ |. Install' in done.stderr


def test_another_system_is_told_what_the_installer_is_for(tmp_path: Path) -> None:
    mac = Mac(tmp_path, "arm64")
    uname = tmp_path / "programs" / "uname"
    uname.write_text("#!/bin/sh\necho Plan9\n")
    done = mac.install()
    assert done.returncode == 1
    assert "this is Plan9" in done.stderr


@pytest.mark.parametrize(
    ("environment", "menus", "done", "advice"),
    [
        ({"LANG": "en_CA.UTF-8"}, None, "Done.", "Unpack the whole download, then start the installer in it."),
        ({"LANG": "fr_CA.UTF-8"}, None, "Terminé.", "Décompressez tout le téléchargement, puis lancez l’installateur"),
        ({"LANG": "fr_CA.UTF-8", "LANGUAGE": "en_CA:fr"}, None, "Done.", "Unpack the whole download"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "fr:en"}, None, "Terminé.", "Décompressez tout le téléchargement"),
        ({"LANG": "en_CA.UTF-8"}, "fr_CA", "Terminé.", "Décompressez tout le téléchargement"),
        ({"LANG": "fr_CA.UTF-8"}, "en_CA", "Done.", "Unpack the whole download"),
    ],
)
def test_it_speaks_the_language_of_the_system(
    environment: dict[str, str], menus: str | None, done: str, advice: str, tmp_path: Path
) -> None:
    """`menus` is what a Mac's own `defaults` answers, where there is one."""
    mac = Mac(tmp_path, "arm64")
    mac.environment |= environment
    if menus:
        defaults = tmp_path / "programs" / "defaults"
        defaults.write_text(f'#!/bin/sh\n[ "$*" = "read -g AppleLocale" ] && echo {menus}\n')
        defaults.chmod(0o755)
    well = mac.install()
    assert well.returncode == 0, well.stderr
    assert well.stdout.endswith(f" {done} ")
    mac.wheel.unlink()
    badly = mac.install()
    assert badly.returncode == 1
    assert advice in badly.stderr


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    mac = Mac(tmp_path, "arm64")
    (mac.home / ".xlkijiji").write_text("a file in the folder's place")
    done = mac.install()
    assert done.returncode == 1
    assert "Make room on the disk, then start the installer again." in done.stderr
