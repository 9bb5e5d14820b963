"""Starting the office page, finding one that is on already, and ending it."""

from __future__ import annotations

import contextlib
import http.client
import importlib
import importlib.util
import json
import logging
import os
import threading
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

import waitress
from filelock import FileLock
from flask import Flask, Response, abort, g, make_response, request

from xlkijiji import logs
from xlkijiji.messages import LANGUAGES, speaking, tell
from xlkijiji.office_page.guard import DOOR_HEADER, DOOR_PATH
from xlkijiji.office_page.pages import chosen_language
from xlkijiji.office_page.parts import Parts
from xlkijiji.paths import data_dir

__all__ = ["create_app", "open_page", "page_is_on", "running_address"]

log = logging.getLogger(__name__)

BLUEPRINTS = ("pages", "adopt_pages")
"""Modules of this room with a blueprint `pages`; one that isn't there is left out."""
IDLE_SECONDS = 15 * 60.0
"""An open page asks every few seconds, and a browser lets one in the background do so once a minute."""
THREADS = 6


def create_app(parts: Parts) -> Flask:
    """The page's WSGI app."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 * 1024  # a workbook that is to be set up
    app.extensions["xlkijiji"] = parts
    parts.guard.attach(app)
    for name in BLUEPRINTS:
        if importlib.util.find_spec(f"xlkijiji.office_page.{name}") is not None:
            app.register_blueprint(importlib.import_module(f"xlkijiji.office_page.{name}").pages)

    @app.before_request
    def speak() -> None:
        g.speaking = contextlib.ExitStack()
        g.speaking.enter_context(speaking(chosen_language()))

    @app.after_request
    def keep_language(answer: Response) -> Response:
        if request.args.get("lang") in LANGUAGES:
            answer.set_cookie("lang", request.args["lang"], samesite="Strict", path="/")
        return answer

    @app.teardown_request
    def fall_silent(_error: BaseException | None) -> None:
        if "speaking" in g:  # a request that is refused has none
            g.pop("speaking").close()

    @app.post(DOOR_PATH)
    def new_address() -> Response:
        if parts.ended.is_set():
            abort(410)
        answer = make_response(parts.guard.new_address())
        answer.mimetype = "text/plain"
        return answer

    @app.errorhandler(403)
    def refused(_error: Exception) -> Response:
        answer = make_response(tell("page-refused", chosen_language()), 403)
        answer.mimetype = "text/plain"
        return answer

    return app


def open_page(say: Callable[[str], object]) -> None:
    """Show the page in the person's browser; where none is on yet, serve it until it is left.

    `say` is given a sentence where no browser opens. Raises OSError.
    """
    logs.configure()
    serving = None
    with _one_at_a_time():  # two clicks at once must not start two
        address = running_address()
        if address is None:
            serving = _Serving()
            address = serving.announce()
    if not webbrowser.open(address):
        log.warning("no browser shows the office page")
        say(tell("page-open-yourself", address=address))
    if serving is not None:
        serving.until_left()


def page_is_on() -> bool:
    """Is a page of this person's on, in whichever process?"""
    return running_address() is not None


class _Serving:
    """The page, served by a thread of its own."""

    def __init__(self) -> None:
        self._parts = Parts()
        self._last_request = time.monotonic()
        app = create_app(self._parts)
        app.before_request(self._note_request)
        self._server = waitress.create_server(app, host="127.0.0.1", port=0, threads=THREADS, ident=None)
        self._parts.guard.port = self._server.effective_port
        threading.Thread(target=self._server.run, daemon=True, name="office page").start()
        log.info("the office page is on, on port %s", self._parts.guard.port)

    def _note_request(self) -> None:
        self._last_request = time.monotonic()

    def announce(self) -> str:
        """Let later starts find this page; its address for a browser. Only to be called by one process at a time."""
        guard = self._parts.guard
        _keep({"origin": guard.origin, "door": guard.door})
        return guard.new_address()

    def until_left(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """Return when the person has left the page, or nobody has had it open for so long."""
        try:
            while not self._is_left(idle_seconds):
                pass
        finally:
            with _one_at_a_time():
                self._parts.ended.set()
                if _kept().get("door") == self._parts.guard.door:  # else a newer page's, started since the end began
                    _state_file().unlink()
            self._server.task_dispatcher.shutdown()  # after the answers that are on their way
            self._parts.watcher.close()
        log.info("the office page has ended")

    def _is_left(self, idle_seconds: float) -> bool:
        while (left := self._last_request + idle_seconds - time.monotonic()) > 0:
            if self._parts.ended.wait(left):
                return True
        with _one_at_a_time():
            if self._last_request + idle_seconds > time.monotonic():
                return False  # another start has just opened this page
            self._parts.ended.set()
            return True


def _one_at_a_time() -> FileLock:
    return FileLock(data_dir() / "office-page.lock")


def _state_file() -> Path:
    return data_dir() / "office-page.json"


def _kept() -> dict[str, str]:
    """What the newest page left; nothing where there is none, or its file is damaged."""
    try:
        kept = json.loads(_state_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep(state: dict[str, str]) -> None:
    """Leave it where only this person's programs can read it."""
    path = _state_file()
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(state, file)


def running_address() -> str | None:
    """An address, with a new key, of a page that is on already and goes on."""
    kept = _kept()
    try:
        host = kept["origin"].removeprefix("http://")
        with contextlib.closing(http.client.HTTPConnection(host, timeout=5)) as line:  # never by a proxy
            line.request("POST", DOOR_PATH, headers={DOOR_HEADER: kept["door"]})
            answer = line.getresponse()
            return answer.read().decode() if answer.status == 200 else None
    except (OSError, ValueError, KeyError, AttributeError, http.client.HTTPException):
        return None  # none was started, or it was killed since
