"""What every page of the two origins shares: the running site, who is signed in, tokens, and safe ways back."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, cast
from urllib.parse import quote, urlsplit

from flask import Flask, abort, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from xlkijiji.practice.captchas import Captchas
from xlkijiji.practice.connections import IS_GONE
from xlkijiji.practice.database import Database
from xlkijiji.practice.faults import Faults
from xlkijiji.practice.options import SiteOptions
from xlkijiji.practice.store import Session, Store
from xlkijiji.practice.submits import Submits
from xlkijiji.practice.words import is_french, say, speak, words_for_scripts

SESSION_COOKIE = "practice_session"
"""Cookies do not know ports: both origins on 127.0.0.1 see all of them, so each name says whose it is."""

LOCALE_COOKIE = "practice_locale"
XSRF_FIELD = "ca.kijiji.xsrf.token"
BUILD_STEP = 40_961
"""How much larger the number of the next build is; this site's own choice."""
P = ParamSpec("P")


class Memory:
    """All that a site keeps in its folder, whether it runs or not."""

    def __init__(self, data_dir: Path) -> None:
        """Open or create the file and the photos' folder in `data_dir`, which is created when missing."""
        data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(data_dir / "practice.sqlite3")
        self.store = Store(database, data_dir / "photos")
        self.faults = Faults(database)
        self.captchas = Captchas(database)
        self.submits = Submits(database)


@dataclass(slots=True)
class Practice:
    """One running practice site: its settings, its memory, and the addresses of its two origins.

    `build` is the number behind class names, which a new build of the site makes larger. `closing` is set when the site
    ends, so that no answer that was made slow on purpose holds it up; `cuts` has the requests whose connection was cut,
    and when (see trouble.py).
    """

    options: SiteOptions
    memory: Memory
    url: str
    sign_in_url: str
    last_request: float = field(default_factory=time.monotonic)
    closing: threading.Event = field(default_factory=threading.Event)
    cuts: dict[tuple[str, ...], float] = field(default_factory=dict)
    build: int = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the build that was chosen."""
        self.build = self.options.build

    def renew_build(self) -> None:
        """Bring out a new build: later pages have its number, while those that are open keep the assets of theirs."""
        self.build += BUILD_STEP

    def is_build(self, number: int) -> bool:
        """Whether `number` is the present build or an earlier one."""
        return number in range(self.options.build, self.build + 1, BUILD_STEP)

    @property
    def store(self) -> Store:
        """The tables of sessions, photos and ads."""
        return self.memory.store

    @property
    def faults(self) -> Faults:
        """What was switched on to go wrong."""
        return self.memory.faults


def attach(app: Flask, practice: Practice) -> None:
    """Give an app its practice site, and the checks that hold for every request to either origin."""
    app.extensions["practice"] = practice
    app.before_request(_note_request)
    app.before_request(_choose_language)
    app.before_request(_refuse_foreign_hosts)
    app.before_request(_refuse_foreign_forms)
    app.after_request(_add_headers)

    app.jinja_env.globals["_"] = say  # a global, as imported macros see no context

    @app.context_processor
    def shared_names() -> dict[str, Any]:
        return {
            "practice": practice,
            "build": page_build(),
            "c": lambda name: f"{name}-{page_build()}",
            "session": signed_in(),
            "on_site": not on_sign_in_host(),
            "french": is_french(),
            "script_words": words_for_scripts,
            "XSRF_FIELD": XSRF_FIELD,
        }


def the_practice() -> Practice:
    """The practice site that the current request belongs to."""
    return cast(Practice, current_app.extensions["practice"])


def page_build() -> int:
    """The number behind the class names of the page in hand, the same from its first line to its last."""
    return cast(int, g.setdefault("build", the_practice().build))


def on_sign_in_host() -> bool:
    """Whether the request came to the sign-in origin."""
    return bool(current_app.config.get("IS_SIGN_IN_HOST"))


def wait_while_asked(seconds: float) -> None:
    """Let a request wait: until then, until its browser has gone, or until the site ends."""
    practice, is_gone = the_practice(), request.environ.get(IS_GONE, bool)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not is_gone():
        if practice.closing.wait(min(left, 0.2)):
            return


def signed_in() -> Session | None:
    """Whose browser asks, or None when it is signed out."""
    if "session" not in g:
        token = request.cookies.get(SESSION_COOKIE, "")
        g.session = the_practice().store.session(token) if token else None
    return cast(Session | None, g.session)


def the_session() -> Session:
    """The session on a page that needs one. Raises 401 when there is none."""
    session = signed_in()
    if session is None:
        abort(401)
    return session


def needs_sign_in(page: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Send a signed-out browser to the sign-in host; it comes back to the page it asked for."""

    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if signed_in() is None:
            # A form cannot be asked for again with GET, so after a POST the way back is the front door of posting.
            target = request.full_path.rstrip("?") if request.method == "GET" else "/p-select-category.html"
            return redirect(sign_in_address(target))
        return page(*args, **kwargs)

    return guarded


def sign_in_address(target: str) -> str:
    """The sign-in page that leads back to `target`, a path of the site."""
    practice = the_practice()
    service = f"{practice.url}/t-login.html?targetUrl={quote(local_path(target), safe='')}"
    return f"{practice.sign_in_url}/login?service={quote(service, safe='')}"


def local_path(target: str) -> str:
    """The target when it is a path of this site, else the home page: nobody can be led elsewhere."""
    parts = urlsplit(target)
    is_local = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if is_local and "\\" not in target and target.isprintable() else "/"


def check_xsrf() -> None:
    """Refuse a form that does not carry its session's token. Raises 403."""
    sent = request.form.get(XSRF_FIELD, "")
    if not hmac.compare_digest(sent.encode(), the_session().xsrf.encode()):
        abort(403, "This form has no valid token. Open the page again and send it once more.")


def _note_request() -> None:
    the_practice().last_request = time.monotonic()


def _choose_language() -> None:
    asked = request.args.get("siteLocale") or request.cookies.get(LOCALE_COOKIE, "")
    speak(the_practice().options.locale or asked)


def _refuse_foreign_hosts() -> None:
    # A web page elsewhere can point its own name at 127.0.0.1; the browser then sends that name here.
    name = urlsplit(f"//{request.host}").hostname
    if name not in ("127.0.0.1", "localhost"):
        abort(400, "The practice site answers on this computer only, as 127.0.0.1.")


def _refuse_foreign_forms() -> None:
    practice = the_practice()
    origin = request.headers.get("Origin")
    ours = {practice.url, practice.sign_in_url}
    ours |= {address.replace("//127.0.0.1:", "//localhost:") for address in ours}
    if request.method not in ("GET", "HEAD") and origin is not None and origin not in ours:
        abort(403, "This form was sent from another site.")


def _add_headers(response: Any) -> Any:
    practice = the_practice()
    addresses = f"'self' {practice.url} {practice.sign_in_url}"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; img-src 'self' data:; form-action {addresses}; frame-ancestors 'self'; base-uri 'none'"
    )
    if "siteLocale" in request.args:
        response.set_cookie(LOCALE_COOKIE, "fr_CA" if is_french() else "en_CA", httponly=True, samesite="Lax")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if not request.path.startswith(("/static/", "/photos/")):
        response.headers["Cache-Control"] = "no-store"
    return response
