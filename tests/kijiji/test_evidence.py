"""The picture and the source that are kept of a failure: they are there, and no secret is in them."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from on_each_page import on_each_page
from other_site import PICTURES
from PIL import Image
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji import jobs
from xlkijiji.kijiji.evidence import Evidence
from xlkijiji.kijiji.site import Site
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.paths import runs_dir
from xlkijiji.posting import run_batch
from xlkijiji.practice import PracticeSite
from xlkijiji.report import build_report
from xlkijiji.settings import Settings

USER, PASSWORD = "planted@example.com", "päss <word> & 'quote' 7"
ROW = {
    "sku": "BT/7 é",
    "title": "Bucket truck of 2016",
    "description": "With an aerial lift.",
    "price": 5,
    "category": "339",
    "photos": PICTURES[0],
    "year": "1850",  # the site refuses this, after the click
    "kilometers": 5,
    "location": "M5V 3L9",
}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSite]:
    """The practice site, for an account of which nothing is public."""
    with PracticeSite(tmp_path_factory.mktemp("practice"), accounts={USER: PASSWORD}) as site:
        yield site


@pytest.fixture
def bot(practice: PracticeSite, driver: WebDriver, pictures: Path, tmp_path: Path) -> KijijiBot:
    """A bot that keeps evidence."""
    given: dict[str, Any] = {"images_dir": pictures, "evidence_dir": tmp_path / "run", "page_timeout": 6}
    return KijijiBot(USER, PASSWORD, base_url=practice.url, driver=driver, **given)


def _refused(bot: KijijiBot, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the bot says to a row that the site refuses, which our own check would have refused before."""
    monkeypatch.setattr("xlkijiji.kijiji.ads.check_listing", lambda *_given: [])
    return bot.post_ad(ROW)


def test_a_refused_row_leaves_a_picture_and_the_source_without_secrets(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = f"""addEventListener("load", () => {{
      const put = (html) => document.body.insertAdjacentHTML("beforeend", html);
      const secret = {PASSWORD!r};
      const told = {{ textContent: `You typed ${{secret}}`, title: secret }};
      document.body.append(Object.assign(document.createElement("p"), told));
      put("<input type=password value='another-secret-1'><input type=hidden name=csrfToken value='another-secret-2'>");
      put("<meta name=csrf-token content='another-secret-3'><div data-auth-token='another-secret-4'></div>");
      put("<a href='/x?token=another-secret-5&y=1'>another-secret-5</a><!-- another-secret-2 -->");
      const script = document.createElement("script");
      script.textContent = "const key = 'another-secret-6'";
      document.body.append(script);
      document.cookie = "plain=another-secret-7";
      put("<p>another-secret-7</p>");
      put(`<p>${{encodeURIComponent(secret)}} ${{JSON.stringify(secret).replace(/</g, "&lt;")}}</p>`);
    }})"""
    with on_each_page(driver, plant):
        result = _refused(bot, monkeypatch)
        # the language of the pages is no secret, and stands on them
        cookies = [cookie["value"] for cookie in driver.get_cookies() if cookie["value"] != "en_CA"]
        xsrf = driver.execute_script("return document.querySelector('[name=\"ca.kijiji.xsrf.token\"]').value")
        planted = driver.page_source
    assert not result["success"]
    picture = Path(result["evidence"])
    assert picture.parent == tmp_path / "run"
    assert picture.name.startswith("BT-7")
    with Image.open(picture) as image:
        assert image.width > 600
    source = picture.with_suffix(".html").read_text(encoding="utf-8")
    assert "postad-title" in source
    assert "Bucket truck of 2016" in source
    assert "<script" not in source
    assert "default-src 'none'" in source
    secrets = [f"another-secret-{number}" for number in range(1, 8)]
    assert all(secret in planted for secret in secrets)
    writings = [PASSWORD, urllib.parse.quote(PASSWORD), "&lt;word&gt;", "<word>", "word%3E", USER]
    for secret in [*secrets, *writings, *cookies, xsrf]:
        assert secret not in source, secret
    assert {path.stat().st_mode & 0o777 for path in picture.parent.iterdir()} == {0o600}
    # the page itself is as it was
    assert driver.execute_script("return document.querySelectorAll('[style*=visibility]').length") == 0
    assert practice.ads() == []


def test_what_shows_a_secret_is_not_in_the_picture(practice: PracticeSite, driver: WebDriver, tmp_path: Path) -> None:
    driver.get(practice.sign_in_url)
    draw = """
      const line = document.createElement("div");
      line.style.cssText = "margin: 40px; font-size: 60px; color: #f00";
      line.textContent = arguments[0];
      document.body.replaceChildren(line);
    """
    site = Site(driver, practice.url, page_timeout=5, person_watches=False, on_step=lambda _text: None)
    reds = []
    for number, text in enumerate(["hello there", f"hello {PASSWORD}"]):
        driver.execute_script(draw, text)
        picture = Evidence(tmp_path).keep(site, str(number), [PASSWORD])
        assert picture is not None
        with Image.open(picture) as image:
            colours = image.convert("RGB").getcolors(1 << 24)
        reds.append(sum(count for count, (red, green, _blue) in colours or [] if red > 200 and green < 60))
    assert reds[0] > 100
    assert reds[1] == 0
    assert driver.execute_script("return document.querySelector('div').style.cssText") == (
        "margin: 40px; font-size: 60px; color: rgb(255, 0, 0);"
    )


def test_the_path_gets_into_the_row_and_the_report(
    bot: KijijiBot, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlkijiji.kijiji_bot.check_listing", lambda *_given: [])
    monkeypatch.setattr("xlkijiji.kijiji.ads.check_listing", lambda *_given: [])
    frame = pd.DataFrame([ROW])
    result = run_batch(frame, "new", bot, pictures)
    (entry,) = result["results"]
    assert Path(entry["evidence"]).exists()
    assert entry["last_error"].endswith(entry["evidence"])
    assert entry["evidence"] not in entry["status_update"]
    report = build_report(result, workbook="/x/inventory.xlsm", account=USER)
    assert f'href="{Path(entry["evidence"]).as_uri()}"' in report.html
    assert Path(entry["evidence"]).as_uri() in report.text


def test_a_run_from_the_sheet_has_its_own_folder(
    practice: PracticeSite, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlkijiji.kijiji_bot.check_listing", lambda *_given: [])
    monkeypatch.setattr("xlkijiji.kijiji.ads.check_listing", lambda *_given: [])
    monkeypatch.setattr("xlkijiji.bots.DEFAULT_ACCOUNTS", {USER: PASSWORD})
    settings = Settings(practice_url=practice.url, pictures_folder=str(pictures), show_browser=False)
    frame = pd.DataFrame([{**ROW, "posting_status": "", "last_error": ""}])
    result = jobs.carry_out(
        frame,
        "new",
        settings,
        folder=tmp_path,
        workbook="/x/inventory.xlsm",
        on_step=lambda _text: None,
        progress=lambda _done, _text: None,
        stop=lambda: False,
    )
    picture = Path(result["results"][0]["evidence"])
    assert picture.exists()
    assert picture.parent.parent == runs_dir()
    assert frame["last_error"][0].endswith(str(picture))


def test_a_sign_in_that_is_refused_leaves_a_picture_without_the_password(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, tmp_path: Path
) -> None:
    assert bot.login()
    bot.logout()
    word = "not the right one 77"
    given: dict[str, Any] = {
        "base_url": practice.url,
        "driver": driver,
        "page_timeout": 6,
        "evidence_dir": tmp_path / "no",
    }
    assert not KijijiBot(USER, word, **given).login()
    (source,) = (tmp_path / "no").glob("sign-in-*.html")
    text = source.read_text(encoding="utf-8")
    assert "incorrect" in text
    assert word not in text
    assert USER not in text


def test_a_mistake_in_the_row_has_no_picture_as_no_page_was_seen(bot: KijijiBot, tmp_path: Path) -> None:
    assert "evidence" not in bot.post_ad({**ROW, "title": "short"})
    assert not (tmp_path / "run").exists()


def test_a_failing_picture_harms_nothing_and_few_are_kept(
    practice: PracticeSite, driver: WebDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(driver, practice.url, page_timeout=5, person_watches=False, on_step=lambda _text: None)
    driver.get(practice.url)
    evidence = Evidence(tmp_path / "few", most=2)
    kept = [evidence.keep(site, name, []) for name in ("a", "b", "c", "A", "a")]
    assert [path is not None for path in kept] == [True, True, False, False, True]
    assert len(list((tmp_path / "few").glob("*.png"))) == 2
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert Evidence(tmp_path / "file" / "x").keep(site, "a", []) is None

    def fails() -> bytes:
        raise WebDriverException("no picture")

    monkeypatch.setattr(driver, "get_screenshot_as_png", fails)
    assert evidence.keep(site, "a", []) is None
    assert not driver.execute_script("return window.xlkijijiCovered")
