"""A real LibreOffice without windows, and sheets made for a test by XlsxWriter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter
import xlwings as xw

from xlkijiji import calc


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[calc.Office]:
    """LibreOffice, for all tests of this folder."""
    with calc.Office.start(tmp_path_factory.mktemp("profile"), headless=True) as running:
        yield running


@pytest.fixture
def opened(
    office: calc.Office, tmp_path: Path
) -> Iterator[Callable[[Callable[[xlsxwriter.Workbook], object]], xw.Book]]:
    """Fill a new workbook with XlsxWriter, and have it open in Calc."""
    books: list[calc.OpenWorkbook] = []

    def open_filled(fill: Callable[[xlsxwriter.Workbook], object]) -> xw.Book:
        path = tmp_path / f"stock {len(books)}.xlsx"
        with xlsxwriter.Workbook(path) as workbook:
            fill(workbook)
        books.append(calc.open_workbook(path, office=office, hidden=True))
        return books[-1].book

    yield open_filled
    for book in books:
        if not book.keeper.closed.is_set():
            book.close()
