"""One site and one nursery for all kill tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kill_harness import Nursery, Office, Site


@pytest.fixture(scope="session")
def kill_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site's process."""
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """The process that forks the runs."""
    one = Nursery()
    yield one
    one.close()


@pytest.fixture
def office(kill_site: Site, nursery: Nursery, tmp_path: Path) -> Office:
    """An inventory, a journal, and the site."""
    return Office(kill_site, nursery, tmp_path / "office")


@pytest.fixture(scope="session")
def soak() -> int:
    """How many kills there shall be in all; `make soak` wants thousands."""
    return int(os.environ.get("XLKIJIJI_SOAK_KILLS", "360"))
