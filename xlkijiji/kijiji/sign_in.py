"""The sign-in page of both generations, and how to tell who is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

from xlkijiji.errors import BatchStopped, PersonNeeded, SiteError
from xlkijiji.kijiji.hosts import host_of, is_own_host
from xlkijiji.kijiji.site import PageState, Site, short
from xlkijiji.kijiji.stops import wait_for_person, wants_person
from xlkijiji.messages import tell

__all__ = ["MY_ADS", "SignInPage", "is_sign_in_page", "is_signed_in"]

MY_ADS = "/m-my-ads/active/1"
ENTRY = "/t-login.html"
SETTLE_SECONDS = 4.0
FORM_AGAIN_LOOKS = 6
"""A form that was loaded anew and stays for so many looks is a refusal, also without words."""
_REFUSED = re.compile(
    r"incorrect|invalid|wrong|not recogni[sz]ed|do(es)?n.t match|do(es)? not match|not found|unable to (sign|log)"
    r"|try again|failed|mot de passe (est )?(incorrect|erroné|invalide)|réessayer",
    re.IGNORECASE,
)
Answer = Literal["in", "refused", "person"]


def is_sign_in_page(site: Site) -> bool:
    """Is this the page where one signs in?"""
    return site.find("sign_in", "username") is not None and site.find("details_form", "title") is None


def _knows_account(site: Site) -> bool:
    on_my_ads = "/m-my-ads/" in site.driver.current_url
    if on_my_ads and site.find("my_ads", "row") is not None:
        return True
    return site.find("header", "my_account") is not None and site.find("header", "sign_in_link") is None


def is_signed_in(site: Site) -> bool:
    """Open My Ads and see whether the site lets us: signed out, it redirects to the sign-in (sure A).

    Raises SiteError when the site answers with an error.
    """
    site.signed_in = False  # signed out, it leads to the sign-in
    site.signed_in = _shows_my_ads(site)
    return site.signed_in


def _shows_my_ads(site: Site) -> bool:
    state = site.open(MY_ADS)
    if state.failed:
        raise SiteError(tell("site-answers-error", status=state.status))

    def clear() -> bool:
        return is_sign_in_page(site) or _knows_account(site) or site.find("header", "sign_in_link") is not None

    site.wait(clear, timeout=min(SETTLE_SECONDS, site.page_timeout))
    if is_sign_in_page(site) or not is_own_host(site.driver.current_url, site.base_url):
        return False
    if _knows_account(site):
        return True
    stayed = "/m-my-ads/" in site.driver.current_url
    return stayed and site.find("header", "sign_in_link") is None


class SignInPage:
    """Where the person, or their stored password, signs in."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.refusal = ""
        """The site's words when it refused."""
        self._looks_anew = 0

    @property
    def loaded(self) -> bool:
        """The user name can be typed."""
        return is_sign_in_page(self._site)

    def open(self) -> None:
        """Go to the sign-in page. Raises SiteError when it doesn't come."""
        self._site.signed_in = False
        if not self.loaded:
            self._site.open(ENTRY)
        if not self._site.wait(lambda: self.loaded or wants_person(self._site.state())):
            self.refuse_foreign_host(tell("nothing-typed-there"))
            self._site.require("sign_in", "username")

    def refuse_foreign_host(self, what: str) -> None:
        """Raises BatchStopped when the page isn't one of the site's own."""
        url = self._site.driver.current_url
        if not is_own_host(url, self._site.base_url):
            raise BatchStopped(tell("sign-in-led-elsewhere", host=short(host_of(url) or url, 60), what=what))

    def sign_in(self, username: str, password: str, person_timeout: float) -> bool:
        """Sign in; False when the site refuses the user name or the password.

        Raises PersonNeeded for a captcha that nobody solves, SiteError when the site doesn't answer.
        """
        site = self._site
        if not self.loaded and wants_person(site.state()):
            wait_for_person(site, person_timeout)
        self._type("username", username)
        if site.find("sign_in", "password") is None:  # a form that asks for one after the other
            site.click(lambda: site.find("sign_in", "submit"))
            site.require("sign_in", "password")
        self._type("password", password)
        before = site.state()
        mark = site.marked_state().mark
        site.click(lambda: site.require("sign_in", "submit"))
        answer = site.wait(lambda: self._answer(before, mark))
        if answer is None and not self.loaded and is_own_host(site.driver.current_url, site.base_url):
            answer = "person"  # neither the form nor the site: a code by mail, terms to accept, and the like
        if answer == "person":
            site.step(tell("waiting-for-sign-in-end"))
            self.wait_for_person(person_timeout)
            answer = "in"
        if answer is None:
            raise SiteError(tell("sign-in-unanswered"))
        return answer == "in"

    def _type(self, field: str, text: str) -> None:
        site = self._site
        element = site.require("sign_in", field)
        self.refuse_foreign_host(tell("password-not-typed-there"))
        target = site.driver.execute_script("const f = arguments[0].form; return f ? f.action : location.href", element)
        if isinstance(target, str) and target.startswith("http") and not is_own_host(target, site.base_url):
            raise BatchStopped(tell("sign-in-to-foreign-page", host=short(host_of(target), 60)))
        with site.silent_wire():
            site.run(
                "fill", [{"key": field, "candidates": [site.candidates("sign_in", field)], "text": text, "wanted": []}]
            )
            held = element.get_property("value")
        if held != text:
            raise SiteError(tell("sign-in-not-taken"))

    def _answer(self, before: PageState, mark: str) -> Answer | None:
        """What the site made of the password; None while it isn't known."""
        site = self._site
        state = site.state()
        on_form = self.loaded
        if wants_person(state):
            return "person"
        if not on_form:
            return "in" if state.ready and self._left(before, state) else None
        # only what the page says anew is about this sign-in
        old = set(before.text.splitlines())
        fresh = "\n".join(line for line in state.text.splitlines() if line not in old)
        message = site.find("sign_in", "message")
        text = message.text if message is not None and message.text not in before.text else ""
        said = _REFUSED.search(fresh)
        self._looks_anew += state.mark != mark and state.ready
        if text.strip() or said or self._looks_anew >= FORM_AGAIN_LOOKS:
            self.refusal = short(text or (_around(fresh, said) if said else ""))
            return "refused"
        return None

    def _left(self, before: PageState, state: PageState) -> bool:
        """Is this a page of the site itself, rather than a further step of the sign-in?"""
        if state.failed or not is_own_host(state.url, self._site.base_url):
            return False
        here = urlsplit(state.url)
        if _knows_account(self._site) or here.netloc != urlsplit(before.url).netloc:
            return True
        return here.netloc == urlsplit(self._site.base_url).netloc and "login" not in here.path

    def wait_for_person(self, timeout: float, stopping: Callable[[], bool] = lambda: False) -> None:
        """Wait until the person has signed in, in the visible window, or `stopping()` says so. Raises PersonNeeded."""
        site = self._site
        if not site.person_watches:
            raise PersonNeeded(tell("asks-sign-in-unseen", why=tell(site.why_unseen)), waited=True)

        def done() -> bool:
            if stopping():
                raise PersonNeeded(tell("sign-in-left"), waited=True)
            state = site.state()
            return not self.loaded and not wants_person(state) and state.ready and _knows_account(site)

        if not site.wait(done, timeout, poll=0.5):
            raise PersonNeeded(
                tell("nobody-signed-in"),
                waited=True,
            )


def _around(text: str, found: re.Match[str]) -> str:
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    return text[start : end if end >= 0 else None]
