"""Signing in and out on the site's side, and My Ads with its delete."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from xlkijiji.practice.context import (
    SESSION_COOKIE,
    check_xsrf,
    local_path,
    needs_sign_in,
    sign_in_address,
    signed_in,
    the_practice,
    the_session,
)
from xlkijiji.practice.words import say

pages = Blueprint("account", __name__)

SESSION_SECONDS = 30 * 24 * 3600
"""How long a browser keeps a sign-in."""

DELETE_REASONS = (
    "I sold it on this site",
    "I sold it somewhere else",
    "I changed my mind",
    "I want to post it again",
    "Prefer not to say",
)
"""Only that "Prefer not to say" comes last is known (kijiji-site facts, sure A); the others are this site's own."""


@pages.get("/t-login.html")
def sign_in_entry() -> ResponseReturnValue:
    """The way to the sign-in host, and with its ticket the way back."""
    target = local_path(request.args.get("targetUrl", "/"))
    ticket = request.args.get("ticket")
    if ticket is None:
        return redirect(target if signed_in() else sign_in_address(target))
    session = the_practice().store.redeem_ticket(ticket)
    if session is None:  # used before, as after a press of the browser's Back button
        return redirect(target if signed_in() else sign_in_address(target))
    response = redirect(target)
    # a profile that is kept carries the sign-in over many runs (kijiji-site facts), so it must outlive the browser
    response.set_cookie(SESSION_COOKIE, session.token, max_age=SESSION_SECONDS, httponly=True, samesite="Lax")
    return response


@pages.get("/m-logout.html")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    session = signed_in()
    if session:
        the_practice().store.end_session(session.token)
    response = redirect("/")
    response.delete_cookie(SESSION_COOKIE)
    return response


@pages.get("/m-my-ads/active/<int:page>")
@needs_sign_in
def active_ads(page: int) -> ResponseReturnValue:
    """One page of the account's live ads, newest first."""
    if page == 1:
        the_practice().store.look_at_my_ads(the_session().account)
    return _ads_page("active", page)


@pages.get("/m-my-ads/inactive")
@needs_sign_in
def inactive_ads() -> ResponseReturnValue:
    """The account's deleted and removed ads, newest first; further pages as `?page=2`."""
    return _ads_page("inactive", request.args.get("page", default=1, type=int))


@pages.get("/m-my-ads/")
@pages.get("/m-my-ads/active")
def my_ads() -> ResponseReturnValue:
    """The first page of My Ads."""
    return redirect("/m-my-ads/active/1")


def _ads_page(state: str, page: int) -> ResponseReturnValue:
    practice, account = the_practice(), the_session().account
    per_page = practice.options.ads_per_page
    states = ("active",) if state == "active" else ("deleted", "removed")
    count = practice.store.count_ads(account=account, state=states, listed=True)
    last = max(1, -(-count // per_page))
    if not 1 <= page <= last:
        abort(404)
    ads = practice.store.ads(
        account=account, state=states, listed=True, newest_first=True, page=page, per_page=per_page
    )
    addresses = {
        number: f"/m-my-ads/active/{number}" if state == "active" else f"/m-my-ads/inactive?page={number}"
        for number in range(1, last + 1)
    }
    return render_template(
        "my_ads.html", ads=ads, state=state, page=page, addresses=addresses, count=count, reasons=DELETE_REASONS
    )


@pages.post("/m-delete-ad.html")
def delete_ad() -> ResponseReturnValue:
    """Take one of the account's own live ads off the site (`adId`, `reason`)."""
    if signed_in() is None:
        return jsonify(error=say("You are signed out. Sign in and try again.")), 401
    check_xsrf()
    store = the_practice().store
    ad = store.ad(request.form.get("adId", default=0, type=int))
    if ad is None or ad.account != the_session().account or ad.state != "active":
        return jsonify(error=say("This ad is not among your active ads.")), 404
    reason = request.form.get("reason", "")
    if reason not in DELETE_REASONS:
        return jsonify(error=say("Please choose a reason.")), 422
    store.delete_ad(ad.id, reason)
    return jsonify(deleted=ad.id)
