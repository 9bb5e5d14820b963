"""The title step: the site proposes a category for a title."""

from __future__ import annotations

from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import RecordError, SelectorNotFound
from xlkijiji.inventory import BY_NAME
from xlkijiji.kijiji.site import Site
from xlkijiji.messages import tell

__all__ = ["CategoryStep"]

PATH = "/p-select-category.html"
SUGGESTION_SECONDS = 10.0


class CategoryStep:
    """`/p-select-category.html`: title, Next, and the first suggestion."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def loaded(self) -> bool:
        """The title can be typed."""
        return self._site.find("category_step", "title") is not None

    def open(self) -> None:
        """Go to the step, by its address or else by the link in the header."""
        self._site.open(PATH)
        if self._site.wait(lambda: self.loaded, timeout=min(5.0, self._site.page_timeout)):
            return
        if self._site.find("header", "post_ad") is not None:
            self._site.click(lambda: self._site.find("header", "post_ad"))

    def choose(self, title: str) -> None:
        """Take the site's first suggestion for `title`; the details form comes next.

        Raises RecordError when the site suggests none, SelectorNotFound when a part of the page is missing.
        """
        site = self._site
        if not self.ask_for_suggestion(title):
            raise _none_suggested(title)
        site.click(lambda: site.find("category_step", "suggestion"))
        if not site.wait(self._left):
            raise _none_suggested(title)

    def ask_for_suggestion(self, title: str) -> bool:
        """Type `title` and press Next: does the site suggest a category? Raises SelectorNotFound."""
        site = self._site
        site.require("category_step", "title")
        field = {"key": "title", "candidates": [site.candidates("category_step", "title")], "text": title, "wanted": []}
        site.run("fill", [field])
        if site.wait(self._next) is None:
            raise SelectorNotFound("category_step", "next")
        site.click(self._next)
        patience = min(SUGGESTION_SECONDS, site.page_timeout)
        return site.wait(lambda: site.find("category_step", "suggestion"), timeout=patience) is not None

    def _next(self) -> WebElement | None:
        button = self._site.find("category_step", "next")
        return button if button is not None and button.is_enabled() else None

    def _left(self) -> bool:
        on_form = self._site.find("details_form", "title", shown=True) is not None
        return on_form or "categoryId=" in self._site.driver.current_url


def _none_suggested(title: str) -> RecordError:
    return RecordError(tell("no-category-suggested", column=BY_NAME["category"].header, title=title))
