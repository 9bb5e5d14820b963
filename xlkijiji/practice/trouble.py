"""Where the faults strike that can come with any request, and the pages that tell of what went wrong."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html import escape
from typing import Any
from zlib import crc32

from flask import Flask, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound

from xlkijiji.practice.connections import CUT
from xlkijiji.practice.context import on_sign_in_host, signed_in, the_practice, wait_while_asked
from xlkijiji.practice.words import say

SPARED = ("/practice/", "/static/", "/photos/", "/p-captcha")
"""Where no fault strikes: the switches themselves, what belongs to a page, and the captcha's own frame."""

_PLACES = {
    "/p-upload-image.html": "upload",
    "/p-submit-ad.html": "submit",
    "/p-edit-ad.html": "edit",
    "/m-delete-ad.html": "delete",
}
_FOREVER = 600.0
"""Seconds; longer than any browser or bot waits for an answer."""

_SENT_AGAIN_WITHIN = 0.25
_FORM_SENT_AGAIN_WITHIN = 10.0
"""Seconds; Chromium was seen to take 0.02."""

_ID_ATTRIBUTES = "id|for|aria-controls|aria-labelledby|aria-describedby"


def add_trouble(app: Flask) -> None:
    """Let the faults strike on an origin, and give it pages that say what went wrong."""
    app.before_request(_cut_what_is_sent_again)
    app.before_request(_note_submit)
    app.before_request(_strike)
    app.after_request(_decide_submit)
    app.after_request(_rename_ids)
    app.register_error_handler(HTTPException, error_page)
    app.context_processor(lambda: {"overlay": overlay})


def error_page(error: HTTPException) -> ResponseReturnValue:
    """A page for what went wrong, with the status code that a poster can read."""
    description = error.description or ""
    if description == NotFound.description:
        description = say("There is no such page here. Its address may be mistyped, or what was there has gone.")
    return render_template("error.html", error=error, description=description), error.code or 500


def note_outcome(outcome: str) -> None:
    """Say what became of the submitted form in hand, for the table of submits."""
    g.outcome = outcome


def cut_connection() -> ResponseReturnValue:
    """End the request without any answer. What is returned never leaves the computer's memory."""
    the_practice().cuts[_sent()] = time.monotonic()
    request.environ[CUT]()
    return Response(status=500)


def _sent() -> tuple[str, ...]:
    """What tells one request from another. Each upload of a browser has a boundary of its own in its content type."""
    names = ("Cookie", "Content-Type", "Content-Length")
    return (request.method, request.full_path, *(request.headers.get(name, "") for name in names))


def _cut_what_is_sent_again() -> ResponseReturnValue | None:
    """Cut a request that a browser sends again by itself, within milliseconds, as nobody pressed a button twice.

    Chromium does so, with forms too, when a connection that was open before the request ends without an answer. So a
    single strike would go unnoticed there, or an ad would be accepted twice for one click.
    """
    cut_at = the_practice().cuts.get(_sent())
    is_browser = "Sec-Fetch-Mode" in request.headers
    # a busy computer's browser takes its time; a second press of the button has a boundary of its own
    within = _FORM_SENT_AGAIN_WITHIN if "boundary=" in request.headers.get("Content-Type", "") else _SENT_AGAIN_WITHIN
    if cut_at is not None and is_browser and time.monotonic() - cut_at < within:
        request.environ[CUT]()
        return Response(status=500)
    return None


def wait_for_ever() -> None:
    """Wait until the browser has given up, or the site ends."""
    wait_while_asked(_FOREVER)


def withheld(answer: ResponseReturnValue) -> ResponseReturnValue:
    """The answer to a form that was taken, or what comes instead of it while `no_answer` strikes."""
    how = the_practice().faults.take("no_answer")
    if how is None:
        return answer
    if how == "500":
        abort(500)
    if how == "empty":
        return Response("", mimetype="text/html")
    if how == "hanging":
        wait_for_ever()
    return cut_connection()


def overlay() -> str | None:
    """What covers the page in hand, if anything does. Strikes once, so a page asks once."""
    if on_sign_in_host() or _is_spared():
        return None

    def fits(value: str) -> bool:
        return request.path.startswith(value.partition(" ")[2])

    value = the_practice().faults.take("overlay", fits)
    return value.partition(" ")[0] if value else None


def _is_spared() -> bool:
    return request.path.startswith(SPARED)


def _place() -> str:
    """The step of posting that a request belongs to; empty for any other page."""
    if request.path == "/p-post-ad.html" and request.args.get("categoryId"):
        return "form"
    return "my_ads" if request.path.startswith("/m-my-ads") else _PLACES.get(request.path, "")


def _note_submit() -> None:
    if request.path == "/p-submit-ad.html" and request.method == "POST":
        session = signed_in()
        g.submit = the_practice().memory.submits.arrived(
            session.account if session else "",
            request.form.get("postAdForm.title", ""),
            request.form.get("adId", ""),
        )


def _decide_submit(response: Any) -> Any:
    if "submit" in g:
        the_practice().memory.submits.decided(g.submit, g.get("outcome") or f"HTTP {response.status_code}")
    return response


def _strike() -> ResponseReturnValue | None:
    if _is_spared():
        return None
    practice = the_practice()
    path = request.path
    if practice.faults.strikes("new_build", path.startswith):
        practice.renew_build()
    if practice.faults.strikes("connection_reset", path.startswith):
        note_outcome("connection_reset")
        return cut_connection()
    if practice.faults.strikes("http_500", path.startswith):
        note_outcome("http_500")
        abort(500)
    if not path.endswith(".json") and _place() != "upload":
        wait_while_asked(float(practice.faults.take("slow_pages") or 0))
    session, place = signed_in(), _place()
    if session and place and practice.faults.strikes("session_lost", place.__eq__):
        practice.store.end_session(session.token)
        g.session = None
        note_outcome("signed out")
    return None


def _rename_ids(response: Any) -> Any:
    if response.mimetype == "text/html" and not response.direct_passthrough and not _is_spared():
        page = response.get_data(as_text=True)
        names = dict(_renamed(page))
        if names:
            for old, new in names.items():
                page = re.sub(rf'\b({_ID_ATTRIBUTES})="{re.escape(old)}"', rf'\1="{new}"', page)
            # The page's own scripts follow the new names, as they would after a new build of the real site.
            page = page.replace("<html ", f'<html data-renamed="{escape(json.dumps(names))}" ', 1)
            response.set_data(page)
    return response


def _renamed(page: str) -> Iterator[tuple[str, str]]:
    faults = the_practice().faults
    for fault in faults.left():
        # Suggestions get their ids from a script, once there is something to suggest.
        marked = "LocationField" if fault.value.startswith("LocationSelector-item") else fault.value
        if fault.name == "renamed_id" and f'id="{marked}"' in page and faults.strikes("renamed_id", fault.value.__eq__):
            yield fault.value, f"x{crc32(fault.value.encode())}"
