"""`xlkijiji sign-in`: a person signs in, in a real window, and a later run needs no password."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji.demo.desktop import screen
from xlkijiji.errors import PersonNeeded
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.paths import data_dir
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

((USER, PASSWORD),) = DEFAULT_ACCOUNTS.items()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticeSite]:
    """The practice site."""
    with PracticeSite(tmp_path / "practice") as site:
        yield site


def _command(url: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "xlkijiji", "sign-in", "--practice-site", url],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _persons_view(profile: Path, command: subprocess.Popen[str]) -> webdriver.Chrome:
    """A second session in the window that the command opened, to type as the person would."""

    def port(_nothing: object) -> str:
        assert command.poll() is None, command.communicate()
        path = profile / "DevToolsActivePort"
        return path.read_text(encoding="utf-8").split("\n")[0] if path.exists() else ""

    options = webdriver.ChromeOptions()
    number = WebDriverWait(None, 60).until(port)
    options.debugger_address = f"127.0.0.1:{number}"
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def _bot(practice: PracticeSite, profile: Path) -> KijijiBot:
    return KijijiBot(USER, None, base_url=practice.url, headless=True, profile_dir=profile, page_timeout=10)


def test_a_sign_in_by_hand_is_kept_for_later_runs(practice: PracticeSite) -> None:
    profile = data_dir("practice", "browser")
    with _bot(practice, profile) as bot, pytest.raises(PersonNeeded):
        bot.login()
    (profile / "DevToolsActivePort").unlink()
    with screen(show=False) as display:
        command = _command(practice.url, DISPLAY=display)
        view = _persons_view(profile, command)
        try:
            WebDriverWait(view, 60).until(lambda one: one.find_elements(By.ID, "password"))
            assert command.poll() is None, "it waits for the person"
            view.find_element(By.ID, "username").send_keys(USER)
            view.find_element(By.ID, "password").send_keys(PASSWORD)
            view.find_element(By.ID, "login-submit").click()
            said, trouble = command.communicate(timeout=60)
        finally:
            view.service.stop()
    assert command.returncode == 0, trouble
    assert "You are signed in" in said
    with _bot(practice, profile) as bot:
        assert bot.login(), "nobody has typed a password here"


def test_without_a_screen_it_says_where_to_go(practice: PracticeSite) -> None:
    command = _command(practice.url, DISPLAY="", WAYLAND_DISPLAY="")
    _said, trouble = command.communicate(timeout=60)
    assert command.returncode == 1
    assert "no screen" in trouble
    assert "Traceback" not in trouble
