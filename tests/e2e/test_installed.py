"""From the download to the first ad on Linux: the installer, the menu entry, the button, the uninstaller."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlwings as xw
from desk import eventually
from PIL import Image

from xlkijiji import calc
from xlkijiji.demo.desktop import click, wait_until_drawn
from xlkijiji.paths import HOME_VARIABLE
from xlkijiji.practice import PracticeSite
from xlkijiji.workbook.reader import locate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def download(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make release` makes for Linux, unpacked."""
    folder = tmp_path_factory.mktemp("release")
    command = [sys.executable, ROOT / "scripts" / "make_release.py", "--only", "linux", "--to", folder]
    subprocess.run(command, check=True, timeout=400)
    (package,) = folder.glob("xlkijiji-*-linux.zip")
    with zipfile.ZipFile(package) as whole:
        assert whole.testzip() is None
    # unlike Python's zipfile, it keeps what is marked as a program
    subprocess.run(["unzip", "-q", package, "-d", folder], check=True, timeout=60)
    return folder / package.stem


class Person:
    """Somebody with a home folder and a screen."""

    def __init__(self, home: Path, display: str) -> None:
        self.home = home
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "SSL_CERT_FILE", "PIP_CERT"}}
        self.environment = {**kept, "HOME": str(home), "DISPLAY": display, "LANG": "C.UTF-8", "BROWSER": "true"}
        self.environment["XLKIJIJI_SHOW_RESULT_SECONDS"] = "2"

    @property
    def data(self) -> Path:
        return self.home / ".local" / "share" / "xlkijiji"

    @property
    def entries(self) -> list[Path]:
        return sorted((self.home / ".local" / "share" / "applications").glob("*.desktop"))

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def person(tmp_path: Path, display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """Somebody new, whose Calc is closed at the end."""
    home = tmp_path / "J. D'Août"
    home.mkdir()
    one = Person(home, display)
    yield one
    state = one.data / "calc-office.json"
    if state.exists():
        pid = json.loads(state.read_text(encoding="utf-8"))["pid"]
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)


def test_from_the_download_to_the_first_ad_and_back(
    person: Person, download: Path, display: str, site: PracticeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = person.run(download / "Install xlkijiji.sh")
    assert done.returncode == 0, done.stdout + done.stderr
    workbook = person.home / "Documents" / "xlkijiji" / "inventory.xlsm"
    assert str(workbook) in done.stdout
    assert [path.name for path in person.entries] == [
        "xlkijiji-page.desktop",
        "xlkijiji-uninstall.desktop",
        "xlkijiji.desktop",
    ]
    checked = person.run("desktop-file-validate", *person.entries)
    assert (checked.returncode, checked.stdout) == (0, "")

    Image.new("RGB", (640, 480), (40, 90, 160)).save(workbook.parent / "pictures" / "A1.png")
    menu = subprocess.Popen(["gio", "launch", str(person.entries[-1])], env=person.environment, start_new_session=True)
    menu.wait(60)
    state = person.data / "calc-office.json"
    eventually(state.exists, "the entry starts Calc")
    monkeypatch.delenv(HOME_VARIABLE)
    monkeypatch.setenv("HOME", str(person.home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    calc.activate(eventually(calc.running_pipe, "Calc answers"))
    eventually(lambda: len(xw.apps.active.books), "the workbook opens")
    book = xw.apps.active.books.active
    assert book.fullname == str(workbook)
    settings = book.sheets["Settings"]
    for row in range(1, 40):
        if settings.range((row, 1)).value in {"Practice site", "Show the browser"}:
            wanted = {"Practice site": site.url, "Show the browser": "No"}[settings.range((row, 1)).value]
            settings.range((row, 2)).value = wanted
    sheet = book.sheets["Inventory"]
    columns = locate(sheet).columns
    first = sheet.tables[0].data_body_range.row
    row_of = {"sku": "A1", "title": "Hydraulic pole saw", "description": "Long enough for the site. Stock {SKU}."}
    row_of |= {"price": 450, "category": "Power Tools", "photos": "A1.png", "location": "H2X 1Y4"}
    for name, value in {**row_of, "condition": "Used - Good"}.items():
        sheet.range((first, columns[name])).value = value
    sheet.activate()

    calc.place_window(book, 0, 0, 1600, 900)
    calc.focus_window(book)
    button = calc.button_centre(book, "Post New")
    wait_until_drawn(display, *button)
    click(display, *button)
    eventually(lambda: [ad["title"] for ad in site.ads()] == ["Hydraulic pole saw"], "the ad is on the site")
    status = sheet.range((first, columns["posting_status"]))
    eventually(lambda: str(status.value or "").startswith("Posted 20"), "the row says so")
    installed = person.data / "program" / "venv" / "bin" / "xlkijiji"
    # its last steps, after the row is coloured: an update would refuse meanwhile
    eventually(lambda: person.run(installed, "busy").returncode == 0, "the run has ended")
    book.save()
    saved = workbook.read_bytes()

    again = person.run(download / "Install xlkijiji.sh")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "was left as it is" in again.stdout
    assert workbook.read_bytes() == saved

    gone = person.run(installed, "uninstall", "--keep-remembered")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert person.entries == []
    assert not (person.data / "program").exists()
    assert list((person.data / "practice").glob("journal-*.sqlite3")), "what was posted is still known"
    assert workbook.read_bytes() == saved
    assert (workbook.parent / "pictures" / "A1.png").exists()


def test_a_damaged_download_is_refused_and_nothing_is_installed(person: Person, download: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(download, tmp_path / "copy")
    for tool in (copy / "parts").glob("uv-*.whl"):
        tool.write_bytes(tool.read_bytes()[:-1] + b"x")
    done = person.run(copy / "Install xlkijiji.sh")
    assert done.returncode == 1
    assert "is damaged" in done.stderr
    assert not person.data.exists()


def test_a_package_that_is_not_the_locked_one_is_refused(person: Person, download: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(download, tmp_path / "copy")
    locked = copy / "parts" / "requirements.txt"
    text = locked.read_text(encoding="utf-8")
    locked.write_text(re.sub(r"sha256:[0-9a-f]{4}", "sha256:0000", text), encoding="utf-8")
    done = person.run(copy / "Install xlkijiji.sh")
    assert done.returncode == 1
    assert "could not be fetched" in done.stderr
    assert person.entries == []


def test_a_download_that_was_not_unpacked_whole_is_said(person: Person, download: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(download, tmp_path / "copy")
    shutil.rmtree(copy / "parts")
    done = person.run(copy / "Install xlkijiji.sh")
    assert done.returncode == 1
    assert "Unpack the whole download" in done.stderr.replace("\n", " ")


def test_without_libreoffice_it_says_what_to_install(person: Person, download: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "uname", "dirname", "cut", "sha256sum"):
        (programs / name).symlink_to(str(shutil.which(name)))
    person.environment["PATH"] = str(programs)
    done = person.run(download / "Install xlkijiji.sh")
    assert done.returncode == 1
    assert "sudo apt install libreoffice-calc" in done.stderr
