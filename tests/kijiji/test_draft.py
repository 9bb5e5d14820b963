"""Draft mode: the bot fills in, a person presses or not; judged by the practice site's own tables.

The person acts in the bot's own browser at the moment in which he is told that he may: so nothing depends on time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from drafting import __file__ as drafting
from other_site import PICTURES
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji.bot_port import waits_for_person
from xlkijiji.journal import Journal
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.posting import request_stop, run_batch
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

((USER, PASSWORD),) = DEFAULT_ACCOUNTS.items()
BUTTON = "button[data-testid=checkout-post-btn]"
NOT_POSTED = "Error: Draft not posted – "


@pytest.fixture(scope="module")
def upload_seconds() -> float:
    """Thumbnails come at once."""
    return 0.0


class Office:
    """One row, its journal, and the person at the bot's browser, who does one thing after the other when asked."""

    def __init__(self, site: PracticeSite, driver: WebDriver, pictures: Path, folder: Path) -> None:
        self.site, self.driver, self.pictures = site, driver, pictures
        self.journal = folder / "journal.sqlite3"
        self.ads_before, self.clicks_before = len(site.ads()), len(site.submits())
        self.asked: list[str] = []
        """What the person was told to do."""
        self.states: list[str] = []
        """What the journal's file said at those moments."""

    def row(self) -> dict[str, object]:
        """A chair with a title of its own, as the site stays the same for all tests here."""
        return {
            "sku": "CH1",
            "title": f"Oak chair number {self.clicks_before}-{self.ads_before}",
            "description": "A chair of solid oak, from a house without smokers.",
            "price": 40.0,
            "category": "Buy & Sell > Furniture > Chairs & Recliners",
            "photos": "; ".join(PICTURES),
            "for_sale_by": "Owner",
            "location": "M5V 3L9",
            "posting_status": "",
            "ad_id": "",
        }

    def run(self, frame: pd.DataFrame, *acts: Callable[[], object], **more: Any) -> dict[str, Any]:
        """One run in draft mode; the person does one of `acts` at each time that he is asked."""
        left = list(acts)

        def on_step(text: str) -> None:
            if not waits_for_person(text):
                return
            self.asked.append(text)
            with Journal(self.journal) as other:
                self.states += [record.state for record in other.records()]
            if left:
                left.pop(0)()

        options = {"page_timeout": 8, "confirm_timeout": 2, "recheck_delay": 0, "draft_timeout": 20} | more
        bot = KijijiBot(
            *(USER, PASSWORD),
            base_url=self.site.url,
            images_dir=self.pictures,
            driver=self.driver,
            headless=False,  # though hidden, a person is at it
            draft=True,
            on_step=on_step,
            **options,
        )
        with Journal(self.journal) as journal:
            return run_batch(frame, "new", bot, self.pictures, journal=journal)

    def press(self) -> None:
        self.driver.find_element(By.CSS_SELECTOR, BUTTON).click()

    def retitle(self, title: str) -> None:
        field = self.driver.find_element(By.ID, "postad-title")
        field.clear()
        field.send_keys(title)

    def go(self, address: str) -> Callable[[], None]:
        return lambda: self.driver.get(address)

    def ads(self) -> list[dict[str, Any]]:
        """The site's ads of this test, each of which must be whole."""
        ads = self.site.ads()[self.ads_before :]
        assert [(len(ad["photos"]), ad["total_paid"]) for ad in ads] == [(len(PICTURES), 0)] * len(ads)
        return ads

    def clicks(self) -> int:
        """How many forms arrived."""
        return len(self.site.submits()) - self.clicks_before

    def known(self) -> Any:
        with Journal(self.journal) as journal:
            (record,) = journal.records()
            return record


@pytest.fixture
def office(practice: PracticeSite, driver: WebDriver, pictures: Path, tmp_path: Path) -> Iterator[Office]:
    """A new one for each test."""
    practice.clear_faults()
    yield Office(practice, driver, pictures, tmp_path)
    practice.clear_faults()


def _posted_by_the_next_click(office: Office, frame: pd.DataFrame) -> None:
    office.run(frame, office.press)
    assert frame["posting_status"][0].startswith("Posted "), frame["posting_status"][0]
    (ad,) = office.ads()
    assert frame["ad_id"][0] == str(ad["id"])


def test_what_the_person_presses_is_posted_and_was_in_the_journal_before(office: Office) -> None:
    frame = pd.DataFrame([office.row()])
    result = office.run(frame, office.press)
    (ad,) = office.ads()
    (entry,) = result["results"]
    assert (entry["ad_id"], entry["ad_url"]) == (str(ad["id"]), ad["url"])
    assert entry["message"] == "Posted: you pressed the button."
    assert frame["posting_status"][0].startswith("Posted ")
    assert office.asked[0].startswith("Waiting for you: look at the ad, and press Post Your Ad")
    assert office.states == ["submitting"], "before he was told that he may press"
    assert (office.clicks(), office.known().state) == (1, "posted")


@pytest.mark.parametrize("where", ["home", "blank", "elsewhere"])
def test_a_page_that_is_left_is_no_ad_and_the_next_click_shows_it_again(office: Office, where: str) -> None:
    frame = pd.DataFrame([office.row()])
    address = {"home": office.site.url, "blank": "about:blank", "elsewhere": "data:text/html,<p>News</p>"}[where]
    result = office.run(frame, office.go(address))
    assert (office.clicks(), office.ads()) == (0, [])
    assert frame["posting_status"][0].startswith(f"{NOT_POSTED}you left the page")
    known = office.known()
    assert (known.state, known.error_kind, known.retryable) == ("failed", "draft", True)
    assert result["ended"] == "done", "the rows after it are shown all the same"
    assert result["statistics"]["errors_by_kind"] == {"draft": 1}
    assert result["results"][0]["error_kind"] == "draft"
    assert "1 draft was not posted; the next run shows it again." in result["message"]
    _posted_by_the_next_click(office, frame)


def test_a_person_who_does_nothing_is_not_waited_for_for_ever(office: Office) -> None:
    frame = pd.DataFrame([office.row()])
    office.run(frame, draft_timeout=0.5)
    assert (office.clicks(), office.ads()) == (0, [])
    assert frame["posting_status"][0].startswith(f"{NOT_POSTED}nobody pressed the button within 0.5 seconds.")
    office.driver.back()
    assert not office.driver.find_elements(By.ID, "MediaUploadedImages"), "nobody can press afterwards"
    _posted_by_the_next_click(office, frame)


def test_a_press_at_the_last_moment_counts(office: Office) -> None:
    frame = pd.DataFrame([office.row()])

    def press_and_leave() -> None:
        office.press()
        WebDriverWait(office.driver, 10).until(lambda _driver: office.ads())
        office.driver.get("about:blank")

    office.run(frame, press_and_leave)
    assert frame["posting_status"][0].startswith("Posted ")
    assert (office.clicks(), len(office.ads())) == (1, 1)


def test_a_refused_ad_can_be_corrected_and_pressed_again(office: Office) -> None:
    office.site.fault("refused", 1, "postad-title=Please choose another title.")
    row = office.row()
    frame = pd.DataFrame([row])

    def correct() -> None:
        office.retitle(f"{row['title']}, restored")
        office.press()

    result = office.run(frame, office.press, correct)
    assert "Please choose another title." in office.asked[1]
    (ad,) = office.ads()
    assert ad["title"] == f"{row['title']}, restored"
    assert office.clicks() == 2
    assert frame["posting_status"][0].startswith("Posted ")
    assert f"You gave it the title '{ad['title']}'" in result["results"][0]["message"]


def test_a_refused_ad_that_is_left_says_why(office: Office) -> None:
    office.site.fault("refused", 1, "postad-title=Please choose another title.")
    frame = pd.DataFrame([office.row()])
    office.run(frame, office.press, office.go("about:blank"))
    assert "Please choose another title." in frame["posting_status"][0]
    assert frame["posting_status"][0].startswith(NOT_POSTED)
    _posted_by_the_next_click(office, frame)


def test_a_stop_ends_the_waiting(office: Office) -> None:
    frame = pd.DataFrame([office.row(), office.row() | {"sku": "CH2", "title": "Another oak chair"}])
    result = office.run(frame, request_stop)
    assert (result["ended"], office.clicks()) == ("stopped", 0)
    assert frame["posting_status"][0].startswith(f"{NOT_POSTED}the run was stopped")
    assert frame["posting_status"][1] == "", "it is not shown any more"
    assert len(office.asked) == 1


def test_an_interrupt_leaves_the_form_and_the_next_run_looks_before_it_shows_the_ad_again(office: Office) -> None:
    frame = pd.DataFrame([office.row()])

    def interrupt() -> None:
        raise KeyboardInterrupt

    result = office.run(frame, interrupt)
    assert result["ended"] == "interrupted"
    assert frame["posting_status"][0].startswith("Error: Unsure")
    assert not office.driver.find_elements(By.CSS_SELECTOR, BUTTON)
    _posted_by_the_next_click(office, frame)
    assert office.clicks() == 1


@pytest.mark.parametrize("answer", ["closed", "500", "empty"])
def test_an_answer_that_never_comes_is_looked_for_under_my_ads(office: Office, answer: str) -> None:
    office.site.fault("no_answer", 1, answer)
    frame = pd.DataFrame([office.row()])
    office.run(frame, office.press)
    assert frame["posting_status"][0].startswith("Posted "), frame["posting_status"][0]
    assert (office.clicks(), len(office.ads())) == (1, 1)


def test_a_press_that_the_site_lost_is_unsure_until_it_was_looked_for(office: Office) -> None:
    office.site.fault("http_500", 1, "/p-submit-ad.html")
    frame = pd.DataFrame([office.row()])
    office.run(frame, office.press)
    assert frame["posting_status"][0].startswith("Error: Unsure")
    _posted_by_the_next_click(office, frame)


def test_a_hidden_browser_is_refused_before_anything_is_filled_in(office: Office) -> None:
    bot = KijijiBot(USER, PASSWORD, base_url=office.site.url, driver=office.driver, headless=True, draft=True)
    frame = pd.DataFrame([office.row()])
    result = run_batch(frame, "new", bot, office.pictures)
    assert result["ended"] == "critical"
    assert "Draft mode needs a browser window" in result["message"]
    assert frame["posting_status"][0] == ""


# --- a run that is killed


class Orphan:
    """The browser of a run that was killed, which a person still sees; reached as any WebDriver is."""

    def __init__(self, office: Office) -> None:
        arguments = (office.site.url, str(office.pictures), str(office.journal), json.dumps(office.row()))
        self._run = subprocess.Popen([sys.executable, drafting, *arguments], stdout=subprocess.PIPE, text=True)
        assert self._run.stdout is not None
        self._where = json.loads(self._run.stdout.readline())

    def kill_the_run(self) -> None:
        self._run.kill()
        self._run.wait(10)

    def ask(self, method: str, path: str = "", **body: object) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self._where['session']}{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)["value"]

    def type_into(self, css: str, text: str) -> None:
        (element,) = self.ask("POST", "/element", using="css selector", value=css).values()
        self.ask("POST", f"/element/{element}/value", text=text)

    def press(self) -> None:
        script = "document.querySelector(arguments[0]).click()"
        self.ask("POST", "/execute/sync", script=script, args=[BUTTON])

    def end(self) -> None:
        self.kill_the_run()
        self.ask("DELETE")
        os.kill(self._where["driver"], signal.SIGTERM)


@pytest.fixture
def orphan(office: Office) -> Iterator[Orphan]:
    """A run that waits for the person."""
    started = Orphan(office)
    yield started
    started.end()


def test_the_window_of_a_killed_run_leaves_the_form_by_itself(
    office: Office, orphan: Orphan, driver: WebDriver
) -> None:
    orphan.kill_the_run()
    assert office.known().state == "submitting"
    WebDriverWait(driver, 25).until(lambda _driver: orphan.ask("GET", "/url") == "about:blank")
    frame = pd.DataFrame([office.row()])
    _posted_by_the_next_click(office, frame)
    assert office.clicks() == 1


def test_a_press_in_the_window_of_a_killed_run_is_found_and_not_posted_again(office: Office, orphan: Orphan) -> None:
    orphan.kill_the_run()
    orphan.press()
    frame = pd.DataFrame([office.row()])
    office.run(frame)
    assert frame["posting_status"][0].startswith("Posted ")
    assert (len(office.ads()), office.clicks()) == (1, 1)
    assert office.asked == [], "nobody is asked to press a second time"


def test_a_press_under_another_title_in_the_window_of_a_killed_run_is_found(
    office: Office, orphan: Orphan, driver: WebDriver
) -> None:
    title = f"{office.row()['title']}, restored"
    orphan.type_into("#postad-title", ", restored")
    WebDriverWait(driver, 10).until(lambda _driver: office.known().title == title)
    orphan.kill_the_run()
    orphan.press()
    frame = pd.DataFrame([office.row()])
    office.run(frame)
    (ad,) = office.ads()
    assert (ad["title"], frame["ad_id"][0], office.clicks()) == (title, str(ad["id"]), 1)


def test_a_check_after_the_press_that_nobody_solves_leaves_the_row_unsure(office: Office) -> None:
    office.site.fault("captcha_at_post", 1, "after")
    frame = pd.DataFrame([office.row()])
    result = office.run(frame, office.press, draft_timeout=3)
    assert any("solve the check" in text for text in office.asked)
    assert (office.ads(), result["ended"], result["results"][0]["error_kind"]) == ([], "critical", "person")
    assert frame["posting_status"][0].startswith("Error: Unsure")


def test_nobody_is_asked_to_press_where_it_costs_money(office: Office) -> None:
    office.site.fault("fee", None, "25.00")
    frame = pd.DataFrame([office.row()])
    result = office.run(frame, office.press)
    assert "xlkijiji never pays" in frame["posting_status"][0]
    assert (office.asked, result["ended"], office.ads()) == ([], "critical", [])


def test_what_the_person_chooses_and_pays_is_waited_for(office: Office) -> None:
    frame = pd.DataFrame([office.row()])

    def choose_and_press() -> None:
        office.driver.find_element(By.CSS_SELECTOR, "label[for=TopAdInPromoteMyAds], #TopAdInPromoteMyAds").click()
        office.press()

    def pay() -> None:
        assert "xlkijiji never pays" in office.asked[-1]
        office.driver.find_element(By.CSS_SELECTOR, "button[data-testid=pay-btn]").click()

    office.run(frame, choose_and_press, pay)
    (ad,) = office.site.ads()[office.ads_before :]
    assert ad["total_paid"] > 0
    assert (frame["ad_id"][0], office.clicks()) == (str(ad["id"]), 1)
