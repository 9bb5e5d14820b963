"""Running the practice site: two origins on 127.0.0.1, each with its own port and its own threads."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import waitress
from flask import Flask
from waitress import wasyncore

from xlkijiji.messages import tell
from xlkijiji.practice import reference
from xlkijiji.practice.captchas import captcha_as_dict
from xlkijiji.practice.connections import Channel
from xlkijiji.practice.context import Memory, Practice
from xlkijiji.practice.faults import fault_as_dict
from xlkijiji.practice.json_views import ad_as_dict
from xlkijiji.practice.options import CITY_OF_TORONTO, DEFAULT_ACCOUNTS, DEFAULT_BUILD, ERAS, SiteOptions
from xlkijiji.practice.sign_in_app import create_sign_in_app
from xlkijiji.practice.site_app import create_site_app
from xlkijiji.practice.words import LOCALES

LOOPBACK = "127.0.0.1"
MAX_REQUEST = 64 * 1024 * 1024
"""Bytes; above it a request is not even received. Below it the site says in a sentence what is too large."""

THREADS = 8
"""Per origin; a browser opens at most six connections to one, so slow uploads leave room for the page itself."""

log = logging.getLogger(__name__)


class PortTakenError(OSError):
    """The person asked for a port that another program is using."""


class PracticeSite:
    """A stand-in Kijiji on this computer.

    Use it as a context manager, or with `start()` and `stop()`; what it knows is in `data_dir` and survives both.
    A port of 0 lets the system choose a free one. Raises PortTakenError, and ValueError for an unknown location or era.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        sign_in_port: int = 0,
        accounts: Mapping[str, str] | None = None,
        build: int = DEFAULT_BUILD,
        home_location: int | None = CITY_OF_TORONTO,
        ads_per_page: int = 20,
        upload_seconds: float = 0.2,
        models_seconds: float = 0.2,
        era: int = ERAS[-1],
        locale: str | None = None,
    ) -> None:
        if home_location is not None and home_location not in reference.places():
            raise ValueError(f"{home_location} is not a location in which ads can be placed.")
        if era not in ERAS:
            raise ValueError(f"There is no era {era}; there are: {', '.join(map(str, ERAS))}.")
        if locale not in (None, *LOCALES):
            raise ValueError(f"There is no language {locale}; there are: {', '.join(LOCALES)}.")
        self._options = SiteOptions(
            accounts=dict(DEFAULT_ACCOUNTS if accounts is None else accounts),
            build=build,
            home_location=home_location,
            ads_per_page=ads_per_page,
            upload_seconds=upload_seconds,
            models_seconds=models_seconds,
            era=era,
            locale=locale,
        )
        self._ports = (port, sign_in_port)
        self._memory = Memory(data_dir)
        self._practice: Practice | None = None
        self._origins: list[_Origin] = []

    @property
    def url(self) -> str:
        """The site's address, such as `http://127.0.0.1:8123`."""
        return self._running().url

    @property
    def sign_in_url(self) -> str:
        """The address of the sign-in host."""
        return self._running().sign_in_url

    @property
    def idle_seconds(self) -> float:
        """How long ago the last request came, to either origin."""
        return time.monotonic() - self._running().last_request

    def ads(self) -> list[dict[str, Any]]:
        """The site's own table: every ad there ever was, oldest first, as `/practice/ads.json` gives it."""
        return [ad_as_dict(ad, self.url) for ad in self._memory.store.ads()]

    def submits(self) -> list[dict[str, Any]]:
        """Every click on the form's button that arrived, oldest first, accepted or not (see `Submits.all`)."""
        return self._memory.submits.all()

    def fault(self, name: str, times: int | None = 1, value: object = None) -> None:
        """Let something go wrong so many times (None: until switched off, 0: no more); `faults.KINDS` has the names.

        Raises ValueError for an unknown name or a value it cannot have.
        """
        self._memory.faults.set(name, times, value)

    def new_build(self) -> None:
        """Bring out a new build, as the real site does in the middle of a run: other numbers behind the class names."""
        self._running().renew_build()

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are still switched on: name, value, and how many times they will strike (None: always)."""
        return [fault_as_dict(fault) for fault in self._memory.faults.left()]

    def clear_faults(self) -> None:
        """Switch every fault off."""
        self._memory.faults.clear()

    def captchas(self) -> list[dict[str, Any]]:
        """The checks that wait for a person: account, place, state, and the address at which to solve each."""
        return [captcha_as_dict(captcha, self.url) for captcha in self._memory.captchas.open()]

    def start(self) -> Self:
        """Open both ports and answer from then on. Returns itself."""
        if self._practice is not None:
            raise RuntimeError(tell("practice-running"))
        first = _listen(self._ports[0])
        try:
            second = _listen(self._ports[1])
        except PortTakenError:
            first.close()
            raise
        urls = [f"http://{LOOPBACK}:{listener.getsockname()[1]}" for listener in (first, second)]
        self._practice = Practice(self._options, self._memory, url=urls[0], sign_in_url=urls[1])
        self._origins = [
            _Origin(create_site_app(self._practice), first, "practice-site"),
            _Origin(create_sign_in_app(self._practice), second, "practice-sign-in"),
        ]
        return self

    def stop(self) -> None:
        """Close both ports; harmless when they are closed."""
        if self._practice is not None:
            self._practice.closing.set()
        for origin in self._origins:
            origin.close()
        self._origins, self._practice = [], None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _running(self) -> Practice:
        if self._practice is None:
            raise RuntimeError(tell("practice-not-running"))
        return self._practice


class _Origin:
    """One waitress server with its thread."""

    def __init__(self, app: Flask, listener: socket.socket, name: str) -> None:
        self._channels: dict[int, Any] = {}
        self._server = waitress.create_server(
            app,
            map=self._channels,
            sockets=[listener],
            threads=THREADS,
            ident="practice",
            max_request_body_size=MAX_REQUEST,
            clear_untrusted_proxy_headers=True,
            channel_request_lookahead=1,  # so that a browser that goes away in mid-request is noticed
        )
        self._server.channel_class = Channel
        self._thread = threading.Thread(target=self._server.run, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # Everything is closed by the server's own thread: closing its sockets under its feet would raise in there.
        with contextlib.suppress(OSError):  # woken by the end of a request, it was quicker: all is closed already
            self._server.trigger.pull_trigger(self._close_all)
        self._thread.join()
        self._server.task_dispatcher.shutdown()

    def _close_all(self) -> None:
        wasyncore.close_all(self._channels)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # on Windows it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise PortTakenError(tell("port-taken", port=port)) from error
    return listener


def serve(
    data_dir: Path,
    *,
    port: int = 0,
    sign_in_port: int = 0,
    idle_minutes: float | None = None,
    era: int = ERAS[-1],
) -> None:
    """Run the practice site until SIGTERM or Ctrl+C, or until no request came for `idle_minutes`.

    Prints one line with the address once it answers. Call it from the main thread: it takes over both signals
    while it runs. Raises PortTakenError.
    """
    asked_to_stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        asked_to_stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with PracticeSite(data_dir, port=port, sign_in_port=sign_in_port, era=era) as site:
            print(tell("practice-ready", url=site.url, sign_in_url=site.sign_in_url), flush=True)
            # Short waits, as a wait without an end keeps Ctrl+C from being seen on Windows.
            while not asked_to_stop.wait(0.5):
                if idle_minutes is not None and site.idle_seconds > idle_minutes * 60:
                    log.info("The practice site ends: nobody asked for a page in %s minutes.", idle_minutes)
                    break
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
