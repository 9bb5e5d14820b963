"""What the doctor says of the person's own workbook, sign-in and network."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import keyring
import keyring.backend
import pytest
import xlwings

from xlkijiji import doctor, messages, paths, side_jobs
from xlkijiji.errors import InventoryError
from xlkijiji.install import template_path
from xlkijiji.runlock import RunLock
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.session import Host
from xlkijiji.workbook.template import build_workbook
from xlkijiji.workbook.vba_reader import xlwings_module_version

XLWINGS_OWN = Path(xlwings.__file__).parent / "quickstart_standalone.xlsm"


@contextlib.contextmanager
def a_site() -> Iterator[tuple[str, list[str]]]:
    """A server on this computer that refuses everybody, and which methods it was asked with."""
    asked: list[str] = []

    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.command)
            self.send_response(403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_the_macros_of_a_workbook_tell_their_xlwings() -> None:
    assert xlwings_module_version(template_path()) == xlwings.__version__
    assert xlwings_module_version(XLWINGS_OWN) == xlwings.__version__, "one that others wrote"


def test_a_workbook_without_macros_and_a_file_that_is_none(tmp_path: Path) -> None:
    plain = tmp_path / "plain.xlsx"
    with zipfile.ZipFile(plain, "w") as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
    assert xlwings_module_version(plain) is None
    for content in (b"no package", b""):
        plain.write_bytes(content)
        with pytest.raises(InventoryError, match="can't be read"):
            xlwings_module_version(plain)


def test_a_workbook_of_another_xlwings_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stock.xlsm"
    build_workbook(path, [], {})
    (finding,) = doctor._workbook(path, {})
    assert finding.good
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda _name: "0.38.1")
    (finding,) = doctor._workbook(path, {})
    assert not finding.good
    assert "0.37.8" in finding.text
    assert "0.38.1" in finding.text
    assert f'xlkijiji upgrade "{path}"' in finding.text, "the rows stay where they are"


class Broken(keyring.backend.KeyringBackend):
    """A key store whose program is damaged."""

    priority = -1.0  # never found by itself

    def get_password(self, service: str, username: str) -> str | None:
        return b"\x81".decode("cp1252") + service + username

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_one_look_that_ends_with_an_error_hides_no_other(
    language: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", "")  # no browser: that look is over at once
    before = keyring.get_keyring()
    keyring.set_keyring(Broken())
    try:
        with messages.speaking(language):
            findings = list(doctor.examine())
            expected = messages.tell("doctor-look-failed", kind="UnicodeDecodeError", log=paths.log_file())
    finally:
        keyring.set_keyring(before)
    failed = [one for one in findings if one.text == expected]
    assert [one.good for one in failed] == [False]
    assert findings[-1].text.count(str(paths.log_file())) == 1, "the folders are looked at after it"
    assert findings[-1].good
    assert "UnicodeDecodeError" in caplog.text


def test_the_sign_in_is_looked_for_where_the_runs_keep_it() -> None:
    real: dict[str, object] = {"Practice mode": "No", "Kijiji account": "me@example.com"}
    assert [one.text for one in doctor._sign_in({"Practice mode": "Yes"})] == [messages.tell("doctor-practice")]
    assert [one.text for one in doctor._sign_in(real)] == [messages.tell("doctor-no-sign-in")]
    (paths.data_dir("browser", "Default", "Network") / "Cookies").touch()
    assert [one.text for one in doctor._sign_in(real)] == [messages.tell("doctor-profile")]


def test_a_site_that_answers_is_reached_whatever_it_says_and_a_dead_one_is_a_note() -> None:
    with a_site() as (address, asked):
        (finding,) = doctor._network(address)
        assert finding.good
        assert asked == ["HEAD"]
    (finding,) = doctor._network(address)
    assert not finding.good
    assert not finding.needed


class Shown:
    """The face of a side job in a workbook that has no settings."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def show(self, text: str) -> None:
        self.said.append(text)

    def settings(self) -> dict[str, object]:
        return {}


@pytest.mark.parametrize(("offline", "asks"), [("1", []), ("", ["HEAD"]), ("0", ["HEAD"])])
def test_check_setup_looks_at_its_own_workbook_and_at_the_site(
    offline: str, asks: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In French, as the workbook is; and where the environment says so, the site isn't asked."""
    book = tmp_path / "stock.xlsm"
    build_workbook(book, [], {})
    monkeypatch.setenv("PATH", "")  # no browser: that look is over at once
    monkeypatch.setenv("XLKIJIJI_OFFLINE", offline)
    opened: list[str] = []
    monkeypatch.setattr(side_jobs.webbrowser, "open", lambda address: opened.append(address) or True)
    view, lock = Shown(), RunLock(str(book))
    with a_site() as (address, asked), messages.speaking("fr"):
        monkeypatch.setattr(doctor, "examine", functools.partial(doctor.examine, site=address))
        check = side_jobs.SetupCheck(Host(str(book), "Inventory"), cast("LiveView", view), lock)
        message = check.carry_out()["message"]
    assert asked == asks
    page = Path(paths.data_dir("reports") / "setup.html")
    assert opened == [page.as_uri()]
    shown = page.read_text(encoding="utf-8")
    assert '<html lang="fr">' in shown
    assert str(book) in shown
    with messages.speaking("fr"):
        network = messages.tell("doctor-network", host=address.partition("://")[2])
    assert (network in shown) == bool(asks)
    assert view.said[-1] == f"xlkijiji: {message}"
    assert message.endswith("La page qui s’est ouverte énumère tout ce qui a été vérifié.")


def test_check_setup_says_where_its_page_is_when_no_browser_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("XLKIJIJI_OFFLINE", "1")
    monkeypatch.setattr(side_jobs.webbrowser, "open", lambda _address: False)
    book = tmp_path / "stock.xlsm"
    build_workbook(book, [], {})
    check = side_jobs.SetupCheck(Host(str(book), "Inventory"), cast("LiveView", Shown()), RunLock(str(book)))
    message = check.carry_out()["message"]
    assert str(paths.data_dir("reports") / "setup.html") in message
    assert "open it yourself" in message


def test_nothing_is_asked_of_the_site_unless_a_person_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # no browser: that look is over at once
    with a_site() as (address, asked):
        list(doctor.examine(site=address))
        assert asked == []
        list(doctor.examine(site=address, network=True))
        assert asked == ["HEAD"]
