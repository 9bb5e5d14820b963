"""The bot that the settings ask for: the practice site is started when it is needed, and accounts are kept apart."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from xlkijiji import bots
from xlkijiji.errors import SettingsError
from xlkijiji.settings import Settings


def _free_port() -> int:
    """A port that is free together with the one after it, where the site has its sign-in."""
    while True:
        with socket.socket() as probe, socket.socket() as following:
            probe.bind(("127.0.0.1", 0))
            number = int(probe.getsockname()[1])
            try:
                following.bind(("127.0.0.1", number + 1))
            except (OSError, OverflowError):
                continue
            return number


def _site_processes(port: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it ended meanwhile
            continue
        if b"xlkijiji.practice" in words and str(port).encode() in words:
            found.append(int(entry.name))
    return found


@pytest.fixture
def port() -> Iterator[int]:
    """A free port; the practice site that a test starts there is ended afterwards."""
    number = _free_port()
    yield number
    for process in _site_processes(number):
        os.kill(process, signal.SIGTERM)


def test_the_practice_site_is_started_once_and_only_on_this_computer(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    bots.ensure_practice_site(url)
    with urllib.request.urlopen(f"{url}/practice/ads.json", timeout=10) as answer:
        assert json.load(answer) == []
    first = _site_processes(port)
    assert len(first) == 1
    bots.ensure_practice_site(url)
    assert _site_processes(port) == first


def test_an_address_that_another_program_has_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bots, "PRACTICE_START_SECONDS", 2.0)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        other.settimeout(0)
        with pytest.raises(SettingsError, match=r"Practice site.*Settings sheet"):
            bots.ensure_practice_site(f"http://127.0.0.1:{other.getsockname()[1]}")


def test_practice_never_uses_the_persons_own_account(port: int, tmp_path: Path) -> None:
    settings = Settings(practice_url=f"http://127.0.0.1:{port}", account="me@example.com", show_browser=False)
    with bots.make_bot(settings, tmp_path, lambda _step: None) as bot:
        assert bot.account == "dealer@example.com"


def test_the_real_site_needs_an_account(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Kijiji account"):
        bots.make_bot(Settings(practice_mode=False), tmp_path, lambda _step: None)


def test_the_real_site_gets_the_persons_account_and_never_the_practice_password(tmp_path: Path) -> None:
    settings = Settings(practice_mode=False, account="me@example.com")
    with bots.make_bot(settings, tmp_path, lambda _step: None) as bot:
        assert bot.account == "me@example.com"
        assert bot._session.by_hand, "no password is known, so the person signs in, in the browser window"


@pytest.mark.parametrize(
    ("display", "practice", "show", "hidden"),
    [
        (True, True, True, False),
        (True, True, False, True),
        (True, False, False, False),  # on Kijiji a person must see it
        (False, True, True, None),  # as over ssh: there is nothing to see, so the bot itself decides
        (False, False, False, None),
    ],
)
def test_the_browser_is_hidden_where_nobody_could_see_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, display: bool, practice: bool, show: bool, hidden: bool | None
) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(bots, "KijijiBot", lambda *_credentials, **more: asked.append(more))
    monkeypatch.setattr(bots, "has_display", lambda: display)
    monkeypatch.setattr(bots, "ensure_practice_site", lambda _url: None)
    monkeypatch.setattr(bots, "kept_password", lambda _account: None)
    bots.make_bot(Settings(practice_mode=practice, show_browser=show, account="shop@example.com"), tmp_path, print)
    assert [one["headless"] for one in asked] == [hidden]
