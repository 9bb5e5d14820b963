"""A screen, a mouse and a camera: the user's own display, or one in memory when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageGrab

from xlkijiji.errors import XlkijijiError
from xlkijiji.messages import tell

__all__ = ["DesktopError", "click", "screen", "screenshot", "wait_until_drawn"]

SIZE = "1600x900"
BUTTON_REACH = (40, 9)
"""Pixels from a button's centre that hold its label and nothing else."""
BLANK_COLOURS = 2
"""An empty cell has one colour, with a grid line two; a label has the many shades of smooth letters."""
LOOK_EVERY_SECONDS = 0.3


class DesktopError(XlkijijiError):
    """The demo has no screen, or lacks a program for it."""

    kind = "desktop"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise DesktopError(tell("demo-program-missing", name=name))
    return found


@contextmanager
def screen(*, show: bool) -> Iterator[str]:
    """The name of a display, also in the environment variable DISPLAY meanwhile.

    The user's own display where there is one; otherwise Xvfb, on the first number that is free. Raises DesktopError
    when `show` is asked for and there is nothing to show it on.
    """
    own = os.environ.get("DISPLAY")
    if own:
        yield own
        return
    if show:
        raise DesktopError(tell("demo-no-screen"))
    reader, writer = os.pipe()
    # without -noreset it starts anew when its last window closes, and refuses whoever comes at that moment
    options = ["-screen", "0", f"{SIZE}x24", "-nolisten", "tcp", "-noreset"]
    command = [_program("Xvfb"), "-displayfd", str(writer), *options]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)  # noqa: S603 — Xvfb, found by name
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()  # Xvfb writes the number when it is ready, and closes when it can't
        if not number:
            raise DesktopError(tell("demo-no-xvfb"))
        os.environ["DISPLAY"] = f":{number}"
        yield f":{number}"
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait(10)


def click(display: str, x: int, y: int) -> None:
    """Move the mouse of `display` to (x, y), in pixels, and click its left button."""
    command = [_program("xdotool"), "mousemove", str(x), str(y), "click", "1"]
    subprocess.run(command, check=True, timeout=30, env={**os.environ, "DISPLAY": display})  # noqa: S603 — xdotool, found by name


def wait_until_drawn(display: str, x: int, y: int, timeout: float = 30.0) -> None:
    """Wait until something stands around (x, y) on the screen, and has stopped changing: as a person would.

    A window says where its button will be before it has drawn it, and a click in that moment reaches what is behind.
    Raises DesktopError when there is nothing to see there after `timeout` seconds.
    """
    box = (max(0, x - BUTTON_REACH[0]), max(0, y - BUTTON_REACH[1]), x + BUTTON_REACH[0], y + BUTTON_REACH[1])
    deadline, pause, before = time.monotonic() + timeout, threading.Event(), None
    while time.monotonic() < deadline:
        seen = ImageGrab.grab(xdisplay=display).crop(box).convert("RGB")
        colours = seen.getcolors(maxcolors=seen.width * seen.height) or []
        if len(colours) > BLANK_COLOURS and before is not None and seen.tobytes() == before:
            return
        before = seen.tobytes()
        pause.wait(LOOK_EVERY_SECONDS)
    raise DesktopError(tell("demo-no-button", x=x, y=y))


def screenshot(display: str, path: Path) -> Image.Image:
    """What `display` shows now, saved as PNG."""
    image = ImageGrab.grab(xdisplay=display)
    image.save(path)
    return image
