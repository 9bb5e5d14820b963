"""What can go wrong on the site, met by the bot in a whole run; judged by the practice site's own table.

Whatever happens: no ad twice, nothing paid, and each ad that is there has all its photos in their order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from other_site import PICTURES
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji.journal import Journal
from xlkijiji.kijiji.browser import find_browser, start_browser
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.posting import Patience, run_batch
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

((USER, PASSWORD),) = DEFAULT_ACCOUNTS.items()
POSTED = "Posted "
UNSURE = "Error: Unsure"


@pytest.fixture(scope="module")
def upload_seconds() -> float:
    """Thumbnails come at once."""
    return 0.0


class Office:
    """One inventory with its journal, and a site without faults so far."""

    def __init__(self, site: PracticeSite, driver: WebDriver, pictures: Path, folder: Path) -> None:
        self.site, self.driver, self.pictures = site, driver, pictures
        self.journal = folder / "journal.sqlite3"
        self.ads_before, self.submits_before = len(site.ads()), len(site.submits())

    def frame(self, rows: int = 1) -> pd.DataFrame:
        """Chairs, each with three photos."""
        mark = self.ads_before  # titles of their own, as the site stays the same for all tests here
        return pd.DataFrame(
            {
                "sku": [f"CH{number}" for number in range(rows)],
                "title": [f"Oak chair number {mark}-{number}" for number in range(rows)],
                "description": ["A chair of solid oak, from a house without smokers."] * rows,
                "price": [40.0 + number for number in range(rows)],
                "category": ["Buy & Sell > Furniture > Chairs & Recliners"] * rows,
                "photos": ["; ".join(PICTURES)] * rows,
                "for_sale_by": ["Owner"] * rows,
                "location": ["M5V 3L9"] * rows,
                "tags": ["oak; chair"] * rows,
                "posting_status": [""] * rows,
                "ad_id": [""] * rows,
            }
        )

    def bot(self, **more: Any) -> KijijiBot:
        """The dealer's bot; `headless=False` where a person is at the browser."""
        options = {"page_timeout": 8, "confirm_timeout": 4, "sign_in_timeout": 20, "recheck_delay": 0} | more
        return KijijiBot(
            USER, PASSWORD, base_url=self.site.url, images_dir=self.pictures, driver=self.driver, **options
        )

    def run(self, frame: pd.DataFrame, **more: Any) -> dict[str, Any]:
        """One run, with short pauses before what is tried again."""
        patience = Patience(first_wait=0.05, longest_wait=0.2)
        with Journal(self.journal) as journal:
            return run_batch(frame, "new", self.bot(**more), self.pictures, journal=journal, patience=patience)

    def ads(self) -> list[dict[str, Any]]:
        """The site's ads of this test, each of which must be whole."""
        ads = self.site.ads()[self.ads_before :]
        whole = [hashlib.sha256((self.pictures / name).read_bytes()).hexdigest() for name in PICTURES]
        for ad in ads:
            assert [photo["sha256"] for photo in ad["photos"]] == whole
            assert (ad["total_paid"], ad["tags"]) == (0, ["oak", "chair"])
            assert "M5V 3L9" in ad["location"]
        titles = [ad["title"] for ad in ads]
        assert len(set(titles)) == len(titles), f"posted twice: {titles}"
        return ads

    def clicks(self) -> int:
        """How many forms arrived."""
        return len(self.site.submits()) - self.submits_before


@pytest.fixture
def office(practice: PracticeSite, driver: WebDriver, pictures: Path, tmp_path: Path) -> Iterator[Office]:
    """A new one for each test, signed out."""
    practice.clear_faults()
    driver.delete_all_cookies()
    driver.get(practice.url)
    driver.delete_all_cookies()
    yield Office(practice, driver, pictures, tmp_path)
    practice.clear_faults()


def _settle(office: Office, frame: pd.DataFrame) -> None:
    """The next click makes all of it good: once each."""
    office.site.clear_faults()
    office.run(frame)
    assert frame["posting_status"].str.startswith(POSTED).all(), frame["posting_status"].tolist()
    assert len(office.ads()) == len(frame)
    assert frame["ad_id"].tolist() == [str(ad["id"]) for ad in sorted(office.ads(), key=lambda ad: ad["title"])]


PASSING: list[tuple[str, int | None, object]] = [
    ("session_lost", 1, "form"),
    ("session_lost", 1, "upload"),
    ("session_lost", 1, "my_ads"),
    ("upload_401", 1, None),
    ("upload_401", 3, None),
    ("upload_slow", 3, "2"),
    ("upload_stuck", 1, None),
    ("no_answer", 1, "closed"),
    ("no_answer", 1, "hanging"),
    ("no_answer", 1, "500"),
    ("no_answer", 1, "empty"),
    ("my_ads_lag", 1, "2"),
    ("my_ads_lag", 1, "2.5s"),
    ("slow_pages", None, "1"),
    ("http_500", 1, "/p-post-ad.html"),
    ("http_500", 1, "/m-my-ads"),
    ("http_500", 1, "/p-upload-image.html"),
    ("connection_reset", 1, "/p-post-ad.html"),
    ("connection_reset", 1, "/m-my-ads"),
    ("connection_reset", 1, "/p-upload-image.html"),
    ("connection_reset", 1, "/p-suggest-location.json"),
    ("new_build", 1, "/p-upload-image.html"),  # while the form is being filled in
    ("new_build", None, "/"),  # with each page and each answer
    *[("overlay", 2, kind) for kind in ("modal", "modal-testid", "modal-id", "drawer", "splash", "cookies")],
    # that each other one may be renamed is tested where the selectors are (test_selectors)
    ("renamed_id", None, "PriceAmount"),
    ("renamed_id", None, "LocationSelector-item-0"),
]


@pytest.mark.parametrize(("name", "times", "value"), PASSING)
def test_what_passes_by_itself_costs_no_ad_and_no_row(
    office: Office, name: str, times: int | None, value: object
) -> None:
    office.site.fault(name, times, value)
    frame = office.frame()

    result = office.run(frame)

    assert frame["posting_status"][0].startswith(POSTED), frame["posting_status"].tolist()
    (ad,) = office.ads()
    assert (result["results"][0]["ad_id"], result["results"][0]["ad_url"]) == (str(ad["id"]), ad["url"])
    assert office.clicks() == 1
    assert not [one for one in office.site.faults() if one["times"]], "the fault has struck"


OPEN: list[tuple[str, int | None, object]] = [
    ("session_lost", 1, "submit"),
    ("http_500", 1, "/p-submit-ad.html"),
    ("connection_reset", 1, "/p-submit-ad.html"),
]


@pytest.mark.parametrize(("name", "times", "value"), OPEN)
def test_what_leaves_an_ad_open_is_settled_by_the_next_click(
    office: Office, name: str, times: int | None, value: object
) -> None:
    office.site.fault(name, times, value)
    frame = office.frame()

    result = office.run(frame)

    assert frame["posting_status"][0].startswith(UNSURE)
    assert (result["ended"], result["results"][0]["error_kind"]) == ("done", "unknown")
    _settle(office, frame)


def test_an_ad_that_is_listed_late_is_waited_for_over_several_clicks(office: Office) -> None:
    office.site.fault("my_ads_lag", 1, "12")
    frame = office.frame()
    seen = []
    while not seen or not seen[-1].startswith(POSTED):
        office.run(frame)
        seen.append(frame["posting_status"][0])
        assert len(seen) < 8, seen
    assert seen[0].startswith(UNSURE)
    assert len(office.ads()) == 1


def test_a_duplicate_that_is_taken_off_again_is_noticed(office: Office) -> None:
    office.site.fault("duplicate_removed", 1, "1")
    frame = office.frame()
    result = office.run(frame, recheck_delay=2)
    (ad,) = office.ads()
    assert ad["state"] == "removed"
    assert frame["posting_status"][0].startswith(f"Removed – The site had accepted the ad {ad['id']}")
    assert result["results"][0]["error_kind"] == "removed"
    office.run(frame)
    assert office.clicks() == 1, "and it is not posted again"


def test_a_refused_ad_is_told_to_its_row_and_the_others_are_posted(office: Office) -> None:
    office.site.fault("refused", 1, "postad-title=Please choose another title.")
    frame = office.frame(2)
    result = office.run(frame)
    assert "Please choose another title." in frame["posting_status"][0]
    assert result["results"][0]["error_kind"] == "record"
    assert [ad["title"] for ad in office.ads()] == [frame["title"][1]]
    assert office.clicks() == 2


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("limit", "1", "as many free ads as the site allows"),
        ("limit", "1 click", "as many free ads as the site allows"),
        ("fee", "25.00", "xlkijiji never pays"),
        ("blocked", "click", "refuses to post for this account"),
        ("blocked", "form", "refuses to post for this account"),
    ],
)
def test_what_only_a_person_can_change_ends_the_run_without_a_cost(
    office: Office, name: str, value: str, words: str
) -> None:
    if name == "limit":  # so many are on the site already
        value = value.replace("1", str(sum(ad["state"] == "active" for ad in office.site.ads())))
    office.site.fault(name, None, value)
    frame = office.frame(2)
    result = office.run(frame)
    assert result["ended"] == "critical"
    assert words in frame["posting_status"][0]
    assert words in result["message"]
    assert frame["posting_status"][1] == ""
    assert office.ads() == []
    _settle(office, frame)


def test_a_wrong_password_posts_nothing(office: Office) -> None:
    office.site.fault("wrong_password", 1)
    frame = office.frame()
    result = office.run(frame)
    assert (result["ended"], frame["posting_status"].tolist(), office.clicks()) == ("critical", [""], 0)
    assert "sign in" in result["message"]
    _settle(office, frame)


# --- a person is needed


@pytest.fixture(scope="module")
def second_driver() -> Iterator[WebDriver]:
    """The person's own browser."""
    driver = start_browser(find_browser(), headless=True, profile_dir=None, page_timeout=20)
    yield driver
    driver.quit()


def _solve(office: Office, driver: WebDriver) -> None:
    (captcha,) = office.site.captchas()
    driver.get(captcha["url"])
    driver.switch_to.frame(driver.find_element(By.CSS_SELECTOR, "iframe[title*=captcha]"))
    driver.find_element(By.ID, "NotARobot").click()
    driver.switch_to.default_content()
    WebDriverWait(driver, 10).until(lambda _driver: office.site.captchas() == [])


@pytest.mark.parametrize(
    ("name", "value"), [("captcha_at_sign_in", None), ("captcha_at_post", "after"), ("captcha_at_post", "before")]
)
def test_a_pause_ends_when_the_person_has_solved_the_check(
    office: Office, second_driver: WebDriver, name: str, value: object
) -> None:
    office.site.fault(name, 1, value)
    told: list[str] = []

    def on_step(text: str) -> None:
        if text.startswith("Waiting for you"):
            told.append(text)
            if office.site.captchas():
                _solve(office, second_driver)

    frame = office.frame()
    office.run(frame, headless=False, on_step=on_step)
    assert told
    assert frame["posting_status"][0].startswith(POSTED), frame["posting_status"].tolist()
    assert len(office.ads()) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("captcha_at_sign_in", None), ("captcha_at_post", "after"), ("captcha_at_post", "before")]
)
def test_a_check_that_nobody_solves_ends_the_run(
    office: Office, second_driver: WebDriver, name: str, value: object
) -> None:
    office.site.fault(name, 1, value)
    frame = office.frame(2)
    result = office.run(frame, headless=False, sign_in_timeout=1)
    assert result["ended"] == "critical"
    assert frame["posting_status"][1] == ""
    assert office.ads() == []
    if office.site.captchas():
        _solve(office, second_driver)
    _settle(office, frame)
