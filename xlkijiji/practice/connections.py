"""Ends of a connection that no web framework offers: cut hard in the middle of a request, or left without an answer."""

from __future__ import annotations

import os
import socket
import struct
import threading
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

CUT, IS_GONE = "practice.cut_connection", "practice.client_is_gone"
"""Names in the WSGI environment, under which a request finds what it can do with its connection."""


class _Task(WSGITask):  # type: ignore[misc]  # waitress comes without types
    """One request, which can reach its own connection."""

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment."""
        environment: dict[str, Any] = super().get_environment()
        environment[CUT] = self.channel.cut
        environment[IS_GONE] = self.channel.check_client_disconnected
        return environment


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress comes without types
    """A connection that can be cut; for `server.channel_class`."""

    task_class = _Task

    def cut(self) -> None:
        """Reset the connection: the browser gets no answer, and what the page then sends is dropped."""
        # With this option a close sends a reset instead of a proper goodbye.
        layout = "hh" if os.name == "nt" else "ii"
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(layout, 1, 0))
        done = threading.Event()

        def close() -> None:
            self.handle_close()
            done.set()

        # The server's own thread closes: it may be waiting for this very socket.
        self.server.trigger.pull_trigger(close)
        done.wait(60)  # a busy computer may let that thread wait
