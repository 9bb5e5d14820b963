"""The examples' folder, and a screen for the one that has a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from xlkijiji.demo.desktop import screen

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="session")
def docs() -> Path:
    """The folder of the documentation."""
    return DOCS


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return DOCS / "examples"


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen in memory, also where there is a real one: the person at it keeps the mouse.

    One for the session, as Tk never lets go of a screen, and ends the process when one goes away under it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DISPLAY", raising=False)
        with screen(show=False) as name:
            yield name
