"""Faults as a real Chromium meets them; what happened is read from the site's own table."""

from __future__ import annotations

from pathlib import Path

import pytest
from person import Person, console_errors
from practice_client import CHAIRS, Client, sha256s
from selenium.common.exceptions import ElementClickInterceptedException, TimeoutException, WebDriverException
from selenium.webdriver.common.by import By

from xlkijiji.practice.faults import OVERLAYS

CLOSE = {
    "modal": "button[data-qa-id='ModalCloseButton']",
    "modal-testid": "button[data-testid='ModalCloseButton']",
    "modal-id": "#modalCloseButton",
    "drawer": "[data-testid='drawer-close-button']",
    "splash": "#LocationMenus #LocUpdate",
    "cookies": "[data-overlay=cookies] button",
}
ALL_IDS = "return [...document.querySelectorAll('[id]')].map((element) => element.id)"


def ready_form(person: Person, photos: list[Path]) -> None:
    """A form that keeps every rule, not sent yet."""
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(*photos)


def click_post(person: Person) -> None:
    """Press the button and do not mind how the browser feels about the answer."""
    try:
        person.find("button[data-testid=checkout-post-btn]").click()
    except (TimeoutException, WebDriverException):
        return


def press_in_frame(person: Person) -> None:
    person.driver.switch_to.frame(person.find("iframe[title*=captcha]"))
    person.find("#NotARobot").click()
    person.driver.switch_to.default_content()


def test_the_waiting_page_goes_on_when_another_browser_solves_the_check(
    person: Person, photos: list[Path], dealer: Client
) -> None:
    person.site.fault("captcha_at_post")
    ready_form(person, photos)
    click_post(person)
    person.until(lambda: person.count("iframe[title*=captcha]"))
    assert person.site.ads() == []
    token = dealer.get("/p-captcha.html").page.xpath("string(//iframe/@src)").partition("check=")[2]
    assert person.site.ads() == []
    dealer.post("/p-captcha-frame.html", {"check": token})
    person.until(lambda: "/v-chairs-recliners/" in person.driver.current_url)
    (ad,) = person.site.ads()
    assert person.driver.current_url == ad["url"]
    assert [photo["sha256"] for photo in ad["photos"]] == sha256s([file.read_bytes() for file in photos])
    assert len(person.site.submits()) == 1


def test_a_check_is_solved_in_its_frame(person: Person, photos: list[Path]) -> None:
    person.site.fault("captcha_at_post")
    ready_form(person, photos[:1])
    click_post(person)
    person.until(lambda: person.count("iframe[title*=captcha]"))
    press_in_frame(person)
    person.until(lambda: "/v-chairs-recliners/" in person.driver.current_url)
    assert len(person.site.ads()) == 1
    assert console_errors(person.driver) == []


def test_a_check_on_the_form_goes_away_and_leaves_what_was_typed(person: Person, photos: list[Path]) -> None:
    person.site.fault("captcha_at_post", 1, "before")
    ready_form(person, photos[:1])
    press_in_frame(person)
    person.until(lambda: person.count("iframe") == 0)
    assert person.submit() == {}
    assert person.site.ads()[0]["description"] == "It is in good shape."


def test_a_check_at_sign_in_leads_to_the_account(person: Person) -> None:
    site, driver = person.site, person.driver
    driver.delete_all_cookies()
    site.fault("captcha_at_sign_in")
    driver.get(site.url + "/m-my-ads/active/1")
    person.find("#username").send_keys("dealer@example.com")
    person.find("#password").send_keys("practice")
    person.find("#login-submit").click()
    person.until(lambda: person.count("iframe[title*=captcha]"))
    assert person.count("[class^=rehearsal]") == 1
    press_in_frame(person)
    person.until(lambda: driver.current_url == site.url + "/m-my-ads/active/1")


@pytest.mark.parametrize(
    ("fault", "value", "accepted"), [("no_answer", "closed", 1), ("connection_reset", "/p-submit-ad.html", 0)]
)
def test_the_browser_does_not_send_a_form_again_by_itself(
    person: Person, photos: list[Path], fault: str, value: str, accepted: int
) -> None:
    ready_form(person, photos[:1])  # connections from before the fault are open
    person.site.fault(fault, 1, value)
    click_post(person)
    person.until(lambda: person.site.faults() == [])
    person.until(lambda: "ERR_" in person.driver.page_source)
    assert len(person.site.submits()) == 1
    assert len(person.site.ads()) == accepted


def test_a_stuck_photo_stays_in_flight(person: Person, photos: list[Path]) -> None:
    person.site.fault("upload_stuck")
    person.open_form(CHAIRS)
    person.fill()
    person.find("input[type=file]").send_keys("\n".join(map(str, photos)))
    person.until(lambda: person.count("li.thumbnail:not(.uploading)") == 2)
    assert person.count("li.uploading.thumbnail") == 1
    assert person.submit() == {}
    assert len(person.site.ads()[0]["photos"]) == 2


@pytest.mark.parametrize("which", OVERLAYS)
def test_an_overlay_is_in_the_way_until_it_is_closed(person: Person, which: str) -> None:
    person.site.fault("overlay", 1, which)
    person.driver.get(person.site.url)
    link = person.find("a[data-testid=header-link-post-ad]")
    with pytest.raises(ElementClickInterceptedException):
        link.click()
    person.find(CLOSE[which]).click()
    assert person.count("[data-overlay]") == 0
    link.click()
    person.until(lambda: "/p-select-category.html" in person.driver.current_url)


def test_every_id_of_the_form_may_change_and_the_page_still_works(person: Person, photos: list[Path]) -> None:
    person.open_form(CHAIRS)
    usual = set(person.driver.execute_script(ALL_IDS)) | {"LocationSelector-item-0"}
    for name in usual:
        person.site.fault("renamed_id", 1, name)
    person.open_form(CHAIRS)
    assert not usual & set(person.driver.execute_script(ALL_IDS))
    person.find("[name='postAdForm.description']").send_keys("It is in good shape.")
    person.find("[name='postAdForm.attributeMap[forsaleby_s]'][value=delr]").click()
    person.find("[name='postAdForm.priceAmount']").send_keys("12.50")
    person.find("[aria-label='Change my location']").click()
    person.find("textarea[name=location]").send_keys("Ottawa")
    person.until(lambda: person.count("[role=option]"))
    assert not usual & set(person.driver.execute_script(ALL_IDS))
    person.driver.find_elements(By.CSS_SELECTOR, "[role=option]")[0].click()
    person.add_photos(*photos)
    person.find("button[data-testid=checkout-post-btn]").click()
    person.until(lambda: person.site.ads())
    (ad,) = person.site.ads()
    assert (ad["price"], ad["location"], len(ad["photos"])) == (12.5, "Ottawa, ON", 3)
    assert person.site.faults() == []


def test_a_person_switches_a_fault_at_its_page(person: Person) -> None:
    person.driver.get(person.site.url)
    person.find("footer a[href='/practice/']").click()
    person.find("input[aria-label='Value of limit']").clear()
    person.find("input[aria-label='Value of limit']").send_keys("7")
    person.find("input[aria-label='Times for limit']").clear()
    person.driver.find_element(
        By.XPATH, "//form[.//input[@value='limit']]//button[normalize-space()='Switch on']"
    ).click()
    person.until(lambda: person.site.faults() == [{"name": "limit", "value": "7", "times": None}])
    person.find("tr[data-on=limit] button").click()
    person.until(lambda: person.site.faults() == [])
