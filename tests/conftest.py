"""What all tests share: xlkijiji's own folders are never the user's."""

from __future__ import annotations

from itertools import chain, zip_longest
from pathlib import Path

import pytest
from hypothesis import settings

# how long an example takes is no matter of right or wrong, and differs with whatever else a machine does
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has folders of its own for data and log."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XLKIJIJI_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def english_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands speak the system's language, and the tests read English unless they say otherwise."""
    monkeypatch.setenv("LANGUAGE", "en")


BUSY_ROOMS = ("chaos", "e2e")
LONG_ROOMS = ("kills", "kijiji", "practice", "grid", "installers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files are begun in this order, several at once: one with a screen and Calc beside one that waits for a site.

    The long ones come first, so that nothing long is left over for the end.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    busy = [path for path in files if path.parent.name in BUSY_ROOMS]
    long = [path for room in LONG_ROOMS for path in files if path.parent.name == room]
    rest = [path for path in files if path not in {*busy, *long}]
    order = [path for path in chain(*zip_longest(busy, [*long, *rest])) if path is not None]
    items[:] = [item for path in order for item in files[path]]
