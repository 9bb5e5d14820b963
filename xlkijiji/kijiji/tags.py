"""The tags of the details form: each one is typed, then added by a comma, the button, or Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import SiteError
from xlkijiji.inventory import BY_NAME
from xlkijiji.kijiji.categories import fold
from xlkijiji.kijiji.site import Site, short
from xlkijiji.messages import tell

__all__ = ["TagList"]

PAGE = "details_form"
ADDED_SECONDS = 1.0
REMOVED_AT_MOST = 20

# Enter in a text field may submit the whole form; while this is on, it can't
_HOLD_SUBMIT = """
const form = arguments[0].form;
if (form) {
  window.xlkijijiHold = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
  form.addEventListener("submit", window.xlkijijiHold, true);
}
"""
_RELEASE_SUBMIT = """
const form = arguments[0].form;
if (form && window.xlkijijiHold) form.removeEventListener("submit", window.xlkijijiHold, true);
"""


class TagList:
    """Adding tags, and seeing that they are there."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._before: dict[str, int] = {}
        """How often each tag that was added here stood on the form before that."""

    @property
    def present(self) -> bool:
        """The form takes tags."""
        return self._site.find(PAGE, "tags") is not None

    def add(self, tags: Sequence[str]) -> None:
        """Add each of `tags` that isn't there yet. Raises SiteError when the form doesn't take one."""
        ways: list[Callable[[], None]] = [self._by_comma, self._by_button, self._by_enter]
        for tag in tags:
            seen = self._look(tag)
            if (self._added if tag in self._before else self._is_there)(tag, seen):
                continue
            self._before[tag] = seen["held"] + seen["seen"]
            worked = next((way for way in ways if self._try(tag, way)), None)
            if worked is not None:
                ways.sort(key=lambda way, worked=worked: way != worked)  # type: ignore[misc]  # mypy can't type a lambda's default
            else:
                raise SiteError(tell("tag-not-taken", column=BY_NAME["tags"].header, tag=short(tag, 40)))

    def keep_only(self, tags: Sequence[str]) -> list[str]:
        """Take all others off the form of a live ad; gives those that can't be taken off."""
        left: list[str] = []
        for _ in range(REMOVED_AT_MOST):
            field = self._site.find(PAGE, "tags")
            if field is None:
                return []
            seen = self._site.run("remove_tag", field, list(tags))
            stuck = seen["left"] == left
            left = seen["left"]
            if not seen["pressed"] or stuck:
                break
        return left

    def entered(self, before: dict[str, int]) -> None:
        """These were added by enter.js; how often each stood on the form before."""
        self._before |= before

    def check(self, seen: dict[str, dict[str, Any]]) -> None:
        """Raises SiteError when a tag is not on the form; `seen` as tag_added.js sees each."""
        for tag, one in seen.items():
            if not self._added(tag, one):
                raise SiteError(tell("tag-not-kept", column=BY_NAME["tags"].header, tag=short(tag, 40)))

    def _input(self) -> WebElement:
        return self._site.require(PAGE, "tags")

    def _try(self, tag: str, way: Callable[[], None]) -> bool:
        self._site.run("type", [self._site.candidates(PAGE, "tags")], tag)
        way()
        return bool(self._site.wait(lambda: self._added(tag), timeout=ADDED_SECONDS))

    def _by_comma(self) -> None:
        with self._site.typing():
            self._input().send_keys(",")

    def _by_button(self) -> None:
        if self._button() is not None:
            self._site.click(self._button)

    def _button(self) -> WebElement | None:
        return self._site.nearest(PAGE, "tags_add", self._input(), "tag|mot")

    def _by_enter(self) -> None:
        field = self._input()
        run = self._site.driver.execute_script
        run(_HOLD_SUBMIT, field)
        try:
            with self._site.typing():
                field.send_keys(Keys.ENTER)
        finally:
            run(_RELEASE_SUBMIT, field)

    def _look(self, tag: str) -> dict[str, Any]:
        seen: dict[str, Any] = self._site.run("tag_added", self._input(), tag)
        return seen

    def _is_there(self, tag: str, seen: dict[str, Any] | None = None) -> bool:
        """Is it sent with the form, or does it stand beside the input, as the tags of an ad that is revised do?"""
        seen = seen or self._look(tag)
        return bool(seen["held"] or seen["near"]) and fold(seen["left"]) != fold(tag)

    def _added(self, tag: str, seen: dict[str, Any] | None = None) -> bool:
        seen = seen or self._look(tag)
        if tag not in self._before:
            return self._is_there(tag, seen)
        return seen["held"] + seen["seen"] > self._before[tag] and fold(seen["left"]) != fold(tag)
