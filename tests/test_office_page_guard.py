"""Who may use the office page: its own browser, and no other page, name or program."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from xlkijiji import paths
from xlkijiji.office_page.parts import Parts
from xlkijiji.office_page.server import _Serving, create_app

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
    answer = stranger.get(f"/?key={parts.guard.key}", base_url=HERE)
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
    assert stranger.get(f"/?key={parts.guard.key}", base_url=host).status_code == 403


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
    port = serving.address.partition("127.0.0.1:")[2].partition("/")[0]
    line = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    line.request("GET", "/")
    assert line.getresponse().status == 403
    serving.until_left(idle_seconds=0.5)


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
