"""A real LibreOffice without windows, for what only a spreadsheet program can tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xlkijiji import calc


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[calc.Office]:
    """LibreOffice, for all tests of this folder."""
    with calc.Office.start(tmp_path_factory.mktemp("profile"), headless=True) as running:
        yield running
