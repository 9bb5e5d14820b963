"""A picture and the source of the page on which a record failed, without what opens an account.

Not in them: the password and the account's name in any writing, what password fields hold, keys of the site (hidden
fields, data and addresses that are named like one), the values of cookies, and all scripts of the page.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import urllib3.exceptions
from selenium.common.exceptions import WebDriverException

from xlkijiji.kijiji.site import Site
from xlkijiji.logs import HIDDEN, writings_of

__all__ = ["MOST", "Evidence"]

log = logging.getLogger(__name__)

MOST = 1000
"""Records of one run of which evidence is kept: a site that has changed fails for each row in the same way."""
QUIET = (
    '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'\">"
)
"""Whoever opens the source in a browser runs nothing of it and asks no server."""
SHORTEST_KEY = 8
"""Characters. Shorter values of cookies and of fields named like a key are words of the page too, such as 'en_CA'."""


class Evidence:
    """Keeps evidence in one folder, which is made when there is something to keep; `most` records at most.

    Several bots may share the folder. A record that fails again replaces what it has left there before.
    """

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._folder = folder
        self._most = most

    def keep(self, site: Site, name: str, secrets: Iterable[str]) -> Path | None:
        """The picture that was taken of the page that is open; None when there is none. Never raises for a failure.

        The page's source lies beside it, with another ending.
        """
        try:
            return self._keep(site, _file_name(name), [secret for secret in secrets if secret])
        except (WebDriverException, urllib3.exceptions.HTTPError, OSError) as error:
            log.warning("no evidence of the page could be kept: %s", type(error).__name__)
            return None

    def _keep(self, site: Site, name: str, secrets: list[str]) -> Path | None:
        picture = self._folder / f"{name}.png"
        if not picture.exists() and len(list(self._folder.glob("*.png"))) >= self._most:
            return None
        with site.silent_wire():
            source = site.run("page_source")
            keys = [*source["keys"], *(str(cookie["value"]) for cookie in site.driver.get_cookies())]
            keys = [key for key in keys if len(key) >= SHORTEST_KEY]
            with _covered(site, [*secrets, *keys]):
                image = site.driver.get_screenshot_as_png()
        text = source["html"]
        for secret in sorted({*secrets, *keys}, key=len, reverse=True):
            text = writings_of(secret).sub(HIDDEN, text)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(picture, image)
        _write(picture.with_suffix(".html"), f"<!doctype html>\n{QUIET}\n{text}\n".encode("utf-8", "replace"))
        return picture


@contextlib.contextmanager
def _covered(site: Site, secrets: list[str]) -> Iterator[None]:
    """The page as it may be shown; what is raised meanwhile leaves it as it was."""
    site.run("cover", secrets)
    try:
        yield
    finally:
        site.run("uncover")


def _write(path: Path, content: bytes) -> None:
    """For the person's eyes only."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def _file_name(name: str) -> str:
    """A file name that shows what `name` is and that no two names share, also on disks that know no case."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name)[:40].strip("-")
    return f"{plain or 'record'}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
