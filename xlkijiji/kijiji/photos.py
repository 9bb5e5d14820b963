"""The photo part of the details form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from selenium.webdriver.remote.file_detector import LocalFileDetector
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from xlkijiji.errors import RecordError, SelectorNotFound, SiteError
from xlkijiji.inventory import BY_NAME
from xlkijiji.kijiji.site import Site, short
from xlkijiji.messages import tell

__all__ = ["PhotoList", "uploading"]

PAGE = "details_form"
STALL_PAGES = 2
"""Uploads that get no further for as long as so many pages may take are given up: by default a minute."""
_ABOUT_FILE = re.compile(
    r"\b(size|small|large|big|wide|format|type|kind|pixel|px|mb|taille|grand|petit)", re.IGNORECASE
)


class PhotoList:
    """Uploads, and the thumbnails that show how far they are."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def progress(self) -> dict[str, Any]:
        """`list` (is there one), `uploading`, `done` (numbers of photos), `error` (the site's words)."""
        names = ("photo_list", "photo_error")
        seen: dict[str, Any] = self._site.run("photos", *(self._site.candidates(PAGE, name) for name in names))
        return seen

    def clear(self) -> None:
        """Remove photos of an earlier ad that the site kept as a draft. Raises SiteError when they stay."""
        left = self._count()
        while left:
            self._site.click(lambda: self._site.find(PAGE, "photo_remove"))
            before = left
            if self._site.wait(lambda before=before: self._count() < before) is None:  # type: ignore[misc]  # mypy can't type a lambda's default
                raise SiteError(tell("holds-old-photos", left=left))
            left = self._count()

    def _count(self) -> int:
        seen = self.progress()
        return int(seen["done"] + seen["uploading"])

    def send(self, files: Sequence[Path]) -> None:
        """Hand all photos over, in order; `wait_for` sees them arrive.

        Raises as that one, SelectorNotFound, and ForeignPage where the page tells that another site would get them.

        A form that takes several at once gets them in one call, and the rest of it can be filled meanwhile.
        """
        site, name = self._site, f"{PAGE}.photo_input"
        field = site.wait(lambda: site.look(name)[name])
        if field is None:
            raise SelectorNotFound(PAGE, "photo_input")
        if field.multiple:
            self._send(field.element, files)
            return
        for sent, file in enumerate(files, 1):
            self._send(site.require(PAGE, "photo_input"), [file])
            self.wait_for(sent, len(files))
            site.step(uploading(sent, len(files)))

    def _send(self, field: WebElement, files: Sequence[Path]) -> None:
        site = self._site
        for target in site.run("upload_targets", field):
            site.refuse_foreign(str(target), "photos-to-foreign-page")
        paths = "\n".join(map(str, files))
        if type(site.driver) is WebDriver:  # a browser on another computer gets the files sent over
            with site.driver.file_detector_context(_EachFile):
                field.send_keys(paths)
        else:
            field.send_keys(paths)

    def wait_for(self, wanted: int, of: int | None = None) -> None:
        """Wait for `wanted` thumbnails, and tell each time how many have arrived `of` all (None: those are all).

        Raises RecordError when the site objects to a picture, SiteError when uploads fail or stall, SelectorNotFound.
        """
        seen = self._site.wait(lambda: found if (found := self.progress())["list"] else None)
        if seen is None:
            raise SelectorNotFound(PAGE, "photo_list")
        if seen["done"] == wanted and not seen["uploading"] and not seen["error"]:
            return
        best, stalled = -1, STALL_PAGES * self._site.page_timeout
        while True:
            seen = self._site.wait(lambda best=best: self._moved(wanted, best), timeout=stalled)  # type: ignore[misc]  # mypy can't type a lambda's default
            if seen is None:
                raise SiteError(tell("photos-not-arrived", arrived=max(best, 0), wanted=wanted))
            if seen["error"]:
                raise _refusal(seen["error"])
            if seen["done"] >= wanted and not seen["uploading"]:
                break
            best = seen["done"]
            self._site.step(uploading(best, of or wanted))
        if seen["done"] > wanted:
            raise SiteError(tell("wrong-photo-count", done=seen["done"], wanted=wanted))

    def _moved(self, wanted: int, best: int) -> dict[str, Any] | None:
        """What is to be seen, once it's news: complete, an error, or more photos done than before."""
        seen = self.progress()
        complete = seen["done"] >= wanted and not seen["uploading"]
        return seen if seen["error"] or complete or seen["done"] > max(best, 0) else None

    @staticmethod
    def check(wanted: int, seen: dict[str, Any]) -> None:
        """Raises SiteError when not exactly `wanted` photos are there, each one uploaded; `seen` as from `progress`."""
        if seen["error"]:
            raise _refusal(seen["error"])
        if seen["done"] != wanted or seen["uploading"]:
            raise SiteError(tell("wrong-photo-count", done=seen["done"], wanted=wanted))


def uploading(done: int, wanted: int) -> str:
    """The step that tells how far the photos are."""
    return f"Uploading photos {done}/{wanted}…"


class _EachFile(LocalFileDetector):
    """Selenium sends each file that this finds. A path that isn't found would be opened on the other computer."""

    def is_local_file(self, *keys: str | int | float) -> str:
        """The path that was typed. Raises RecordError when there is no file any more."""
        found = super().is_local_file(*keys)
        if found is None:
            name = Path("".join(map(str, keys))).name
            raise RecordError(tell("photo-has-gone", column=BY_NAME["photos"].header, name=name))
        return found


def _refusal(words: str) -> RecordError | SiteError:
    said = short(words)
    if _ABOUT_FILE.search(words):
        return RecordError(tell("picture-refused", column=BY_NAME["photos"].header, said=said))
    return SiteError(tell("photo-not-uploaded", said=said))
