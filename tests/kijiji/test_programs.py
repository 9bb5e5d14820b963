"""Which browser is taken, and whether its driver fits; the programs are scripts that say what real ones say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from xlkijiji import bots, doctor
from xlkijiji.errors import BrowserGone
from xlkijiji.kijiji.programs import check_fit, find_browser, kind_of, version_of
from xlkijiji.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def _program(place: Path, name: str, says: str) -> Path:
    path = place / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_browser_is_named_as_people_call_it_or_by_its_path(place: Path) -> None:
    firefox = _program(place, "firefox-esr", "Mozilla Firefox 153.7.0esr")
    edge = _program(place, "microsoft-edge", "Microsoft Edge 156.0.1.2")
    assert find_browser("Firefox") == find_browser("FIREFOX ") == find_browser(firefox) == firefox
    assert find_browser("edge") == find_browser() == edge
    assert [kind_of(path).driver for path in (firefox, edge)] == ["geckodriver", "msedgedriver"]
    assert version_of(firefox) == "153.7.0"


@pytest.mark.parametrize("name", ["Chrome", "firefox", "/no/such/browser"])
def test_a_browser_that_is_not_there_is_told_by_its_name(place: Path, name: str) -> None:
    with pytest.raises(BrowserGone, match=f"(?i){name}"):
        find_browser(name)


@pytest.mark.parametrize(
    ("browser", "driver", "fit", "said"),
    [
        ("chromium", "ChromeDriver 156.0.9.9 (abc)", True, "156.0.9.9"),
        ("chromium", "ChromeDriver 120.0.1.2 (abc)", False, "update both"),
        ("chromium", "", False, "chromedriver"),
        ("firefox", "geckodriver 0.33.0 (abc 2023-04-02 18:31 +0000)", True, "0.33.0"),
        ("firefox", "geckodriver 0.26.0 (abc)", False, "newer geckodriver"),
        ("firefox", "", False, "geckodriver, is not installed"),
    ],
)
def test_a_driver_that_does_not_fit_says_what_to_do(
    place: Path, browser: str, driver: str, fit: bool, said: str
) -> None:
    version = {"chromium": "Chromium 156.0.1.2 built on Debian", "firefox": "Mozilla Firefox 153.7.0esr"}[browser]
    program = _program(place, browser, version)
    if driver:
        _program(place, kind_of(program).driver, driver)
    found, text = check_fit(program)
    assert found is fit
    assert said in text


def test_the_doctor_says_that_the_browser_does_not_start(place: Path) -> None:
    _program(place, "chromium", "Chromium 156.0.1.2")
    _program(place, "chromedriver", "ChromeDriver 120.0.1.2 (abc)")
    findings = [one for one in doctor.examine() if "Chrom" in one.text or "browser" in one.text]
    assert [(one.good, one.needed) for one in findings[:2]] == [(True, True), (False, True)]
    assert any(not one.good and "could not be started" in one.text for one in findings), findings


def test_the_settings_choose_the_browser(tmp_path: Path) -> None:
    settings = Settings.from_labels(
        {"Browser": "/opt/my browser/chrome", "Practice mode": "No", "Kijiji account": "me@x"}
    )
    with bots.make_bot(settings, tmp_path, lambda _step: None) as bot, pytest.raises(BrowserGone, match="my browser"):
        bot.login()
