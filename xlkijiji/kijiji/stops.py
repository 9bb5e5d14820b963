"""Signs that the run must stop or a person must act: captcha, limit, fee, blocked account."""

from __future__ import annotations

import re

from xlkijiji.errors import AccountBlocked, FeeDue, LimitReached, PersonNeeded
from xlkijiji.kijiji.site import PageState, Site, short
from xlkijiji.messages import tell

__all__ = [
    "amount_due",
    "asks_for_payment",
    "check_stops",
    "dollar_amounts",
    "is_nothing",
    "refuse_fee",
    "wait_for_person",
    "wants_person",
]

# Wordings: kijiji-site facts, sure A in English; the French ones are translations that nobody has seen.
_PERSON = re.compile(
    r"captcha|verify your account|confirm your identity|posting is unavailable"
    r"|vérifiez votre compte|confirmez votre identité",
    re.IGNORECASE,
)
# a note in small print that a captcha exists isn't a captcha that waits
_SMALL_PRINT = re.compile(r"(protected by|protégé par|uses)\s+(google\s+)?\w*captcha[^\n]*", re.IGNORECASE)
_LIMIT = re.compile(
    r"reached (your|the) (free ad )?limit|reached the free ad limit|limit of \S+ (free )?ads? (has been )?reached"
    r"|atteint (votre|la) limite",
    re.IGNORECASE,
)
_LIMIT_BOX = re.compile(r"reached|limit of|exceed|maximum|atteint|dépass", re.IGNORECASE)
_BLOCKED = re.compile(
    r"issue posting your ad,? please contact customer service|account (has been|is) (blocked|suspended)"
    r"|problème (lors de|avec) la publication de votre annonce",
    re.IGNORECASE,
)
_CART = re.compile(r"shopping cart|panier", re.IGNORECASE)


def wants_person(state: PageState) -> bool:
    """Does a captcha or a verification wait on this page?"""
    return state.captcha or bool(_PERSON.search(_SMALL_PRINT.sub("", state.text)))


def check_stops(state: PageState) -> None:
    """Raises LimitReached or AccountBlocked when the page says so; its words are quoted."""
    limit = state.limit if _LIMIT_BOX.search(state.limit) else ""
    found = _LIMIT.search(state.text)
    if limit or found:
        raise LimitReached(tell("limit-reached", text=short(limit or _line(state, found))))
    if found := _BLOCKED.search(state.text):
        raise AccountBlocked(tell("account-blocked", text=short(_line(state, found))))


def _line(state: PageState, found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    start = state.text.rfind("\n", 0, found.start()) + 1
    end = state.text.find("\n", found.end())
    return state.text[start : end if end >= 0 else None]


def wait_for_person(site: Site, timeout: float) -> None:
    """Wait until the person has done what the page asks.

    Raises PersonNeeded at once when nobody can see the window, or when it isn't done within `timeout` seconds.
    """
    if site.person_watches:
        site.run("keys", True)
        site.step(tell("waiting-for-check"))
        if site.wait(lambda: not wants_person(site.state()), timeout, poll=0.5):
            return
        raise PersonNeeded(tell("check-not-done"), waited=True)
    raise PersonNeeded(tell("check-not-seen", why=tell(site.why_unseen)), waited=True)


_GROUPED = r"(?:\d{1,3}(?:[\s\u00a0\u202f,.]\d{3})+|\d+)"
_DOLLARS = re.compile(rf"\$\s*({_GROUPED}(?:[.,]\d{{1,2}})?)(?!\d)|(?<!\d)({_GROUPED}(?:[.,]\d{{1,2}})?)\s*\$")
_CENTS = re.compile(rf"(?<![\d.,]){_GROUPED}[.,]\d{{2}}(?!\d)")


def dollar_amounts(text: str) -> list[str]:
    """All amounts that stand beside a dollar sign, on whichever side of it."""
    return [found[1] or found[2] for found in _DOLLARS.finditer(text)]


def is_nothing(amount: str) -> bool:
    """Is it 0, however it's written?"""
    return not re.search(r"[1-9]", amount)


def amount_due(text: str) -> str:
    """The part of a total's text that is more than nothing; empty when it is $0.00 (or "0,00 $").

    Where no amount has a dollar sign, the last one with cents is the total, or the last number: others count ads.
    """
    amounts = dollar_amounts(text) or _CENTS.findall(text)[-1:] or re.findall(r"\d+", text)[-1:]
    if not amounts:
        return text.strip()
    return next((amount.strip() for amount in amounts if not is_nothing(amount)), "")


def asks_for_payment(button_text: str) -> bool:
    """Does the button lead to a shopping cart? Dealer accounts get one (kijiji-site facts, sure A)."""
    return bool(_CART.search(button_text))


def refuse_fee(text: str) -> FeeDue:
    """The error for an ad that would cost money."""
    return FeeDue(tell("fee-due", text=short(text)))
