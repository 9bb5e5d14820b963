"""Who may use the page: the browser that was opened with the key, and no other page in it.

* The *Host* of each request must be this server's own address: another site whose name was made to lead to this
  computer (DNS rebinding) has another one.
* A key in the address lets a browser in. It does so once, and for a few minutes only: the list of processes shows the
  address to everybody at the computer. The browser then has a secret in a cookie that no script and no other site's
  request carries (HttpOnly, SameSite=Strict).
* New keys are for programs of the same person: they read the *door* from a file that nobody else can read.
* What changes something is a POST that carries a second word, which only our own page knows, from our own origin.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from typing import Any

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

__all__ = ["DOOR_HEADER", "DOOR_PATH", "Guard"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)

KEY_SECONDS = 300.0
"""A browser may take its time to start, but a key that nobody used is none for ever."""
DOOR_PATH, DOOR_HEADER = "/key", "X-Xlkijiji-Door"
"""Where a program of the same person gets a key."""

NO_OTHERS = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
"""What the default doesn't cover: no other site shows our page within its own, or gets what is typed here."""


class Guard:
    """The keys of one server."""

    def __init__(self) -> None:
        self.door = secrets.token_urlsafe(32)
        self.word = secrets.token_urlsafe(32)
        self._secret = secrets.token_urlsafe(32)
        self._keys: dict[str, float] = {}
        self._lock = threading.Lock()
        self.port = 0
        """Known when the server listens; no request is answered before."""

    @property
    def origin(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def _cookie(self) -> str:
        return f"xlkijiji-{self.port}"  # cookies don't know ports, so one server's would replace another's

    def new_address(self) -> str:
        """The page's address with a key that lets one browser in."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._keys[key] = time.monotonic()
        return f"{self.origin}/?key={key}"

    def _uses_up(self, given: str) -> bool:
        with self._lock:
            made_at = self._keys.pop(given, None)
        return made_at is not None and time.monotonic() - made_at < KEY_SECONDS

    def attach(self, app: Flask) -> None:
        """Let every request of `app` pass here."""
        app.before_request(self._check)
        app.after_request(self._harden)

    def _check(self) -> AnyResponse | None:
        if request.host != f"127.0.0.1:{self.port}":
            abort(403)
        if request.path == DOOR_PATH:
            if not _same(request.headers.get(DOOR_HEADER, ""), self.door):
                abort(403)
            return None
        known = _same(request.cookies.get(self._cookie, ""), self._secret)
        if request.method == "GET" and request.path == "/" and "key" in request.args:
            # the key leaves the address bar and the history's newest entry; a browser that is in may ask twice with it
            if not (self._uses_up(request.args["key"]) or known):
                abort(403)
            answer = redirect("/", 303)
            answer.set_cookie(self._cookie, self._secret, httponly=True, samesite="Strict", path="/")
            return answer
        if not known:
            abort(403)
        if request.method not in {"GET", "HEAD"}:
            word = request.headers.get("X-Xlkijiji", "") or request.form.get("word", "")
            if request.headers.get("Origin", self.origin) != self.origin or not _same(word, self.word):
                abort(403)
        return None

    @staticmethod
    def _harden(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", f"{POLICY}; {NO_OTHERS}")
        answer.headers["X-Content-Type-Options"] = "nosniff"
        # with "no-referrer" the origin of a form would be "null" [Fetch standard]
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _same(one: str, other: Any) -> bool:
    return hmac.compare_digest(one.encode(), str(other).encode())
