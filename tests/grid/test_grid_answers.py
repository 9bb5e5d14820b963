"""What is said when a Grid gives no browser, and what is never sent: judged by small servers on this computer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import WebDriverException

from xlkijiji import bots
from xlkijiji.errors import BrowserGone, PersonNeeded, RecordError, SettingsError
from xlkijiji.kijiji.browser import explain
from xlkijiji.kijiji.grid import start_on_grid
from xlkijiji.kijiji.photos import _EachFile
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.settings import Settings


class Server:
    """Answers everything with `status`, `body` and `headers`; `asked` is each request."""

    def __init__(self, status: int, body: str = "", headers: dict[str, str] | None = None) -> None:
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.requestline)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            do_POST = do_GET  # noqa: N815 — the server's name for it

            def log_message(self, *_words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers that end with the test."""
    servers: list[Server] = []

    def start(*arguments: Any) -> Server:
        servers.append(Server(*arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, "", "wants a user name and a password"),
        (404, "<h1>Not found</h1>", "is no Selenium Grid"),
        (200, "<h1>Welcome</h1>", "is no Selenium Grid"),
        (200, "{}", "is no Selenium Grid"),
        (503, "", "is no Selenium Grid"),
        (
            500,
            '{"value": {"error": "session not created", "message": "cannot find Chrome binary\\nBuild info"}}',
            r"could not start Chrome \(cannot find Chrome binary[^\n]*\)\. Ask whoever runs",
        ),
    ],
)
def test_what_gives_no_browser_is_told(serve: Callable[..., Server], status: int, body: str, said: str) -> None:
    server = serve(status, body)
    with pytest.raises(BrowserGone, match=said) as caught:
        start_on_grid(server.url, None, page_timeout=5)
    assert server.url in str(caught.value)
    assert server.asked.count("POST /session HTTP/1.1") == 1


def test_a_grid_that_does_not_answer() -> None:
    with pytest.raises(BrowserGone, match=r"http://127\.0\.0\.1:9 does not answer\. Is it running"):
        start_on_grid("http://127.0.0.1:9", "", page_timeout=5)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_is_typed_is_never_led_to_another_address(serve: Callable[..., Server], status: int) -> None:
    elsewhere = serve(200, "{}")
    grid = serve(status, "", {"Location": f"{elsewhere.url}/session"})
    with pytest.raises(BrowserGone):
        start_on_grid(grid.url, None, page_timeout=5)
    assert elsewhere.asked == []


def test_no_proxy_reads_what_goes_to_the_own_network(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, grid = serve(200, "{}"), serve(404, "{}")
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(BrowserGone):
        start_on_grid(grid.url, None, page_timeout=5)
    assert (len(proxy.asked), len(grid.asked)) == (0, 1)


def test_a_browser_that_no_grid_has_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match=r"it is Chrome, Edge or Firefox, and not '/opt/chrome'"):
        start_on_grid("http://127.0.0.1:9", Path("/opt/chrome"), page_timeout=5)


def test_a_practice_site_here_is_out_of_reach_of_a_grid_elsewhere() -> None:
    with (
        KijijiBot("me@example.com", "x", base_url="http://127.0.0.1:8765", grid_url="http://10.0.0.9:4444") as bot,
        pytest.raises(SettingsError, match="practice site is on this computer"),
    ):
        bot.login()


def test_who_would_sign_in_by_hand_is_told_that_nobody_can_on_a_grid(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    grid = serve(200, "{}")
    monkeypatch.setattr(bots, "kept_password", lambda _account: None)
    settings = Settings(practice_mode=False, account="shop@example.com", grid_url=grid.url)
    with (
        bots.make_bot(settings, tmp_path, lambda _step: None) as bot,
        pytest.raises(PersonNeeded, match=r"nobody can see it.*xlkijiji password shop@example\.com") as caught,
    ):
        bot.login()
    assert caught.value.waited, "the run ends at once"
    assert grid.asked == []


def test_a_grid_gets_neither_the_kept_profile_nor_a_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(bots, "KijijiBot", lambda *_credentials, **more: asked.append(more))
    monkeypatch.setattr(bots, "kept_password", lambda _account: "x")
    settings = Settings(practice_mode=False, account="shop@example.com", grid_url="https://grid.example.com")
    bots.make_bot(settings, tmp_path, print)
    assert [(one["grid_url"], one["profile_dir"]) for one in asked] == [("https://grid.example.com", None)]


@pytest.mark.parametrize(
    "words",
    [
        "Cannot find session with id: 151becdd",
        "Unable to find session with ID: 151becdd. Session was removed at …, reason: session closed normally",
        "Unable to execute request for an existing session: Connection error (GET http://localhost:2/session/1/title)",
    ],
)
def test_what_a_grid_says_of_a_session_that_has_gone(words: str) -> None:
    assert isinstance(explain(WebDriverException(words)), BrowserGone)


def test_a_photo_that_has_gone_is_not_looked_for_on_the_other_computer(tmp_path: Path) -> None:
    there = tmp_path / "there.jpg"
    there.touch()
    assert _EachFile().is_local_file(str(there)) == str(there)
    with pytest.raises(RecordError, match=r"'gone\.jpg' was there and has gone"):
        _EachFile().is_local_file(str(tmp_path / "gone.jpg"))
