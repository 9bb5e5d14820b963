"""Who may use the page: the browser that was opened with the key, and no other page in it.

* The *Host* of each request must be this server's own address: another site whose name was made to lead to this
  computer (DNS rebinding) has another one.
* The key comes once in the address, and then in a cookie that no script and no other site's request carries (HttpOnly,
  SameSite=Strict).
* What changes something is a POST that carries a second word, which only our own page knows, from our own origin.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

__all__ = ["Guard"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)

NO_OTHERS = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
"""What the default doesn't cover: no other site shows our page within its own, or gets what is typed here."""


class Guard:
    """The keys of one server."""

    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(32)
        self.word = secrets.token_urlsafe(32)
        self.port = 0
        """Known when the server listens; no request is answered before."""

    @property
    def origin(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def _cookie(self) -> str:
        return f"xlkijiji-{self.port}"  # cookies don't know ports, so one server's would replace another's

    def attach(self, app: Flask) -> None:
        """Let every request of `app` pass here."""
        app.before_request(self._check)
        app.after_request(self._harden)

    def _check(self) -> AnyResponse | None:
        if request.host != f"127.0.0.1:{self.port}":
            abort(403)
        given = request.args.get("key", "")
        if request.method == "GET" and request.path == "/" and given and _same(given, self.key):
            # the key leaves the address bar and the history's newest entry
            answer = redirect("/", 303)
            answer.set_cookie(self._cookie, self.key, httponly=True, samesite="Strict", path="/")
            return answer
        if not _same(request.cookies.get(self._cookie, ""), self.key):
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
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _same(one: str, other: Any) -> bool:
    return hmac.compare_digest(one.encode(), str(other).encode())
