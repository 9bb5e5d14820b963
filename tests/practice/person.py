"""Somebody at a real browser, on the practice site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from practice_client import ACCOUNT, PASSWORD
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from xlkijiji.practice import PracticeSite


class Person:
    """Somebody at the browser."""

    def __init__(self, driver: webdriver.Chrome, site: PracticeSite) -> None:
        self.driver, self.site = driver, site

    def sign_in(self, username: str = "#username", button: str = "#login-submit") -> Person:
        """Sign in with today's form, or with another one's selectors. Returns itself."""
        self.driver.get(self.site.url + "/t-login.html")
        self.find(username).send_keys(ACCOUNT)
        self.find("#password").send_keys(PASSWORD)
        self.find(button).click()
        self.until(lambda: self.driver.current_url == self.site.url + "/")
        return self

    def find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def count(self, css: str) -> int:
        return len(self.driver.find_elements(By.CSS_SELECTOR, css))

    def until(self, condition: Callable[[], Any]) -> None:
        WebDriverWait(self.driver, 30).until(lambda _: condition())

    def open_form(self, category_id: int) -> None:
        self.driver.get(f"{self.site.url}/p-post-ad.html?categoryId={category_id}&adTitle=A+thing+for+sale")

    def fill(self) -> None:
        """All that a chair needs, but for photos."""
        self.find("#pstad-descrptn").send_keys("It is in good shape.")
        self.find("label[for=forsaleby_s-delr]").click()
        self.find("#PriceAmount").send_keys("12.50")

    def add_photos(self, *files: Path) -> None:
        before = self.count("li.thumbnail")
        self.find(".imageUploadButtonWrapper input[type=file]").send_keys("\n".join(str(file) for file in files))
        self.until(lambda: self.count("li.thumbnail:not(.uploading)") == before + len(files))

    def submit(self) -> dict[str, str]:
        """Press the button; returns the messages when the form comes back."""
        form = self.find("#PostAdMainForm")
        self.find("button[data-testid=checkout-post-btn]").click()
        self.until(lambda: is_stale(form))
        self.until(lambda: self.driver.execute_script("return document.readyState") == "complete")
        messages = self.driver.find_elements(By.CSS_SELECTOR, ".field-message.error")
        return {str(message.get_attribute("data-for")): message.text for message in messages}


def is_stale(element: WebElement) -> bool:
    """Whether the page of this element has gone."""
    try:
        return not element.is_enabled()
    except StaleElementReferenceException:
        return True
    except WebDriverException as error:
        # How chromedriver puts it when the page changes in the middle of the question.
        if "does not belong to the document" not in str(error):
            raise
        return True


def console_errors(driver: webdriver.Chrome) -> list[str]:
    """What Chromium has complained about since this was last asked."""
    return [entry["message"] for entry in driver.get_log("browser")]
