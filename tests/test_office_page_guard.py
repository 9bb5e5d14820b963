"""Who may use the office page: its own browser, and no other page, name or program."""

from __future__ import annotations

import http.client
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from xlkijiji import paths
from xlkijiji.logs import configure
from xlkijiji.office_page.children import SetupCheck
from xlkijiji.office_page.guard import DOOR_HEADER, DOOR_PATH
from xlkijiji.office_page.parts import Parts
from xlkijiji.office_page.server import _Serving, _state_file, create_app, running_address

HERE = "http://127.0.0.1:4321"


@pytest.fixture
def parts() -> Iterator[Parts]:
    """A page that listens, by its own account, on port 4321."""
    one = Parts()
    one.guard.port = 4321
    yield one
    one.watcher.close()


@pytest.fixture
def stranger(parts: Parts) -> FlaskClient:
    """A browser that wasn't given the key."""
    client: FlaskClient = create_app(parts).test_client()
    return client


@pytest.fixture
def owner(parts: Parts, stranger: FlaskClient) -> FlaskClient:
    """The browser that was opened with the key."""
    answer = stranger.get(parts.guard.new_address(), base_url=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    return stranger


def test_without_the_key_nothing_is_told(stranger: FlaskClient, parts: Parts) -> None:
    for path in ("/", "/state", "/log", "/?key=wrong", "/static/page.js"):
        answer = stranger.get(path, base_url=HERE)
        assert answer.status_code == 403
        assert parts.guard.word not in answer.text
        assert "Start xlkijiji from the menu again" in answer.text


def test_the_owner_sees_the_page(owner: FlaskClient) -> None:
    answer = owner.get("/", base_url=HERE)
    assert answer.status_code == 200
    assert "Post New" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["http://evil.example:4321", "http://localhost:4321", "http://127.0.0.1:4322"])
def test_a_name_that_only_leads_here_is_refused_even_with_the_key(
    stranger: FlaskClient, parts: Parts, host: str
) -> None:
    path = parts.guard.new_address().removeprefix(HERE)
    assert stranger.get(path, base_url=host).status_code == 403


@pytest.mark.parametrize("path", ["/press/post", "/press/stop", "/check-setup", "/quit"])
def test_a_cookie_alone_changes_nothing(owner: FlaskClient, parts: Parts, path: str) -> None:
    assert owner.post(path, base_url=HERE).status_code == 403
    assert owner.post(path, base_url=HERE, headers={"X-Xlkijiji": "wrong"}).status_code == 403
    assert owner.get(path, base_url=HERE).status_code == 405
    elsewhere = {"X-Xlkijiji": parts.guard.word, "Origin": "http://127.0.0.1:8765"}
    assert owner.post(path, base_url=HERE, headers=elsewhere).status_code == 403
    assert not parts.ended.is_set()


def test_the_page_itself_may_end_the_server(owner: FlaskClient, parts: Parts) -> None:
    headers = {"X-Xlkijiji": parts.guard.word, "Origin": HERE}
    assert owner.post("/quit", base_url=HERE, headers=headers).status_code == 200
    assert parts.ended.is_set()


def test_no_other_function_can_be_called_by_the_name_of_a_job(owner: FlaskClient, parts: Parts) -> None:
    headers = {"X-Xlkijiji": parts.guard.word}
    assert owner.post("/press/start_detached", base_url=HERE, headers=headers).status_code == 404


def test_a_report_is_a_run_and_no_other_file(owner: FlaskClient) -> None:
    result = {"message": "Done.", "results": [], "success": True, "successful_posts": 0, "failed_posts": 0}
    kept = {"workbook": "stock.xlsm", "ended_at": "2026-11-25T10:00:00-05:00", "result": result}
    (paths.runs_dir() / "20261125-100000-77.json").write_text(json.dumps(kept), encoding="utf-8")
    Path(paths.runs_dir().parent / "secret.json").write_text(json.dumps(kept), encoding="utf-8")
    assert "stock.xlsm" in owner.get("/run/20261125-100000-77", base_url=HERE).text
    assert owner.get("/run/..%2Fsecret", base_url=HERE).status_code == 404
    assert owner.get("/run/20261125-100000-78", base_url=HERE).status_code == 404


def test_a_page_that_nobody_has_open_ends_by_itself() -> None:
    serving = _Serving()
    address = urlsplit(serving.announce())
    line = http.client.HTTPConnection(address.netloc, timeout=30)
    line.request("GET", "/")
    assert line.getresponse().status == 403
    serving.until_left(idle_seconds=0.5)
    assert running_address() is None
    assert not _state_file().exists()


def test_a_key_lets_one_browser_in(stranger: FlaskClient, parts: Parts) -> None:
    address = parts.guard.new_address()
    assert stranger.get(address, base_url=HERE).status_code == 303
    assert stranger.get(address, base_url=HERE).status_code == 303, "the same browser may ask twice"
    thief: FlaskClient = stranger.application.test_client()
    assert thief.get(address, base_url=HERE).status_code == 403
    key = address.partition("key=")[2]
    thief.set_cookie("xlkijiji-4321", key, domain="127.0.0.1")
    assert thief.get("/", base_url=HERE).status_code == 403, "what the list of processes shows is no cookie"


def test_a_key_that_nobody_used_is_not_good_for_ever(
    stranger: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = parts.guard.new_address()
    monkeypatch.setattr("xlkijiji.office_page.guard.KEY_SECONDS", 0.0)
    assert stranger.get(address, base_url=HERE).status_code == 403


def test_a_key_is_for_who_can_read_the_door(stranger: FlaskClient, owner: FlaskClient, parts: Parts) -> None:
    for headers in ({}, {DOOR_HEADER: "wrong"}, {"X-Xlkijiji": parts.guard.word}):
        assert owner.post(DOOR_PATH, base_url=HERE, headers=headers).status_code == 403
    given = owner.post(DOOR_PATH, base_url=HERE, headers={DOOR_HEADER: parts.guard.door}).text
    other: FlaskClient = stranger.application.test_client()
    assert other.get(given, base_url=HERE).status_code == 303


def test_a_second_start_finds_the_page_and_a_page_that_ends_gives_no_key() -> None:
    serving = _Serving()
    first = serving.announce()
    second = running_address()
    assert second is not None
    assert urlsplit(second).netloc == urlsplit(first).netloc
    assert second != first, "each browser has a key of its own"
    assert sys.platform == "win32" or stat.S_IMODE(_state_file().stat().st_mode) == 0o600
    assert first.partition("key=")[2] not in _state_file().read_text(encoding="utf-8")
    serving._parts.ended.set()
    assert running_address() is None
    serving.until_left()


def test_a_page_that_ends_leaves_the_newer_one_alone() -> None:
    old, new = _Serving(), _Serving()
    old.announce()
    new.announce()
    old.until_left(idle_seconds=0.0)
    found = running_address()
    assert found is not None
    assert found.startswith(new._parts.guard.origin)
    new.until_left(idle_seconds=0.0)
    assert not _state_file().exists()


def test_a_form_tells_where_it_comes_from(owner: FlaskClient) -> None:
    assert owner.get("/adopt/", base_url=HERE).headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("name", [r"..\20261125-100000-77", r"C:\x\20261125-100000-77", r"..\..\20261125-100000-77"])
def test_a_name_of_windows_leads_out_of_no_folder(
    owner: FlaskClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = {"message": "Done.", "results": [], "success": True, "successful_posts": 0, "failed_posts": 0}
    kept = {"workbook": "stock.xlsm", "ended_at": "2026-11-25T10:00:00-05:00", "result": result}

    class Everywhere(PureWindowsPath):
        """A disk on which this report is at every path."""

        def read_text(self, **_how: str) -> str:
            return json.dumps(kept)

    monkeypatch.setattr(paths, "runs_dir", lambda: Everywhere("C:/Users/Zoé/xlkijiji/runs"))
    assert owner.get("/run/20261125-100000-77", base_url=HERE).status_code == 200
    assert owner.get(f"/run/{quote(name, safe='')}", base_url=HERE).status_code == 404


def checked(workbook: str = "") -> list[dict[str, object]]:
    """What the check of the set-up finds, to its end."""
    configure()
    check = SetupCheck()
    check.start("en", workbook)
    (thread,) = (one for one in threading.enumerate() if one.name == "check of the set-up")
    thread.join(120)
    state = check.state()
    assert not state["running"]
    return list(state["findings"])


def test_a_check_that_breaks_off_is_not_all_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLKIJIJI_OFFLINE", "1")
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys, keyring\n"
        "keyring.get_password = lambda *_: (print('there_is_none', file=sys.stderr, flush=True), os._exit(7))\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    *others, last = checked()
    assert others, "what was found before is there"
    assert (last["good"], last["needed"]) == (False, True)
    assert "broke off" in str(last["text"])
    assert "there_is_none" in paths.log_file().read_text(encoding="utf-8")


def test_a_check_that_finds_nothing_is_not_all_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "typer.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    (only,) = checked()
    assert "broke off" in str(only["text"])


def test_a_sentence_of_what_a_menu_started_is_shown_in_a_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "true")
    command = [sys.executable, "-m", "xlkijiji", "open", "--menu", str(tmp_path / "gone & <lost>.xlsm")]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 1
    shown = (paths.cache_dir() / "notice.html").read_text(encoding="utf-8")
    assert "gone &amp; &lt;lost&gt;.xlsm" in shown


def test_without_an_office_the_page_says_what_to_do_in_the_language_of_the_browser(owner: FlaskClient) -> None:
    answer = owner.get("/state", base_url=HERE, headers={"Accept-Language": "fr-CA,en;q=0.5"})
    state = json.loads(answer.text)
    assert state["problem"].startswith("Votre inventaire n’est pas ouvert.")
    assert not state["running"]
