"""What all tests share: xlkijiji's own folders are never the user's."""

from __future__ import annotations

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
