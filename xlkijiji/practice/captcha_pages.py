"""The pages of a check that only a person may do, on both origins: waiting for it, and doing it in any browser."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from xlkijiji.practice import acceptance
from xlkijiji.practice.captchas import Captcha
from xlkijiji.practice.context import on_sign_in_host, signed_in, the_practice
from xlkijiji.practice.trouble import withheld

pages = Blueprint("captcha", __name__)


def waiting_path(captcha: Captcha) -> str:
    """The page at which the browser in question waits until the check is done somewhere."""
    return f"/p-verify.html?check={captcha.token}"


def with_ticket(service: str, account: str) -> str:
    """The way back from the sign-in host, with a ticket that the site redeems once."""
    joint = "&" if urlsplit(service).query else "?"
    return service + joint + urlencode({"ticket": the_practice().store.issue_ticket(account)})


@pages.get("/p-verify.html")
def wait() -> ResponseReturnValue:
    """Wait here; once the check is done, here or elsewhere, the way goes on."""
    captcha = _asked_for()
    if captcha.state != "expired" and not captcha.is_done:
        return render_template("verify.html", captcha=captcha)
    if captcha.state == "expired":
        return render_template("captcha.html", captcha=captcha), 410
    if captcha.place == "sign-in":
        if not on_sign_in_host():
            abort(404)
        return redirect(with_ticket(captcha.payload, captcha.account))
    return withheld(redirect(captcha.next or "/m-my-ads/active/1"))


@pages.get("/p-captcha.html")
def solve_elsewhere() -> ResponseReturnValue:
    """The check of an address (`check`), or whichever the signed-in account has waiting."""
    if request.args.get("check"):
        return render_template("captcha.html", captcha=_asked_for())
    session = signed_in()
    waiting = the_practice().memory.captchas.open(session.account) if session else []
    return render_template("captcha.html", captcha=waiting[-1] if waiting else None)


@pages.get("/p-captcha.json")
def state() -> ResponseReturnValue:
    """Whether the waiting page should go on (`done`); asking keeps the check alive."""
    captcha = _asked_for()
    the_practice().memory.captchas.seen(captcha.token)
    return jsonify(done=captcha.is_done or captcha.state == "expired")


@pages.get("/p-captcha-frame.html")
def frame() -> ResponseReturnValue:
    """What stands in the captcha's frame: a button that only a person should press."""
    return render_template("captcha_frame.html", captcha=_asked_for())


@pages.post("/p-captcha-frame.html")
def solve() -> ResponseReturnValue:
    """The person pressed the button. An ad that waited for it is accepted now, once."""
    captchas = the_practice().memory.captchas
    captcha = _asked_for()
    solved = captchas.solve(captcha.token)
    if solved and solved.place == "post":
        ad = acceptance.accept(solved.account, acceptance.read(solved.payload))
        captchas.lead_to(solved.token, acceptance.path_after(ad))
    return redirect(f"/p-captcha-frame.html?check={captcha.token}")


def _asked_for() -> Captcha:
    """The check that `check` names. Its token cannot be guessed, so whoever has it was shown it. Raises 404."""
    captcha = the_practice().memory.captchas.get(request.values.get("check", ""))
    if captcha is None:
        abort(404, "There is no such check.")
    return captcha
