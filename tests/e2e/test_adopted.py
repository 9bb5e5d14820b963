"""A person's own file, adopted, in front of the person: the button on their sheet posts their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter
from desk import Desk, eventually
from PIL import Image
from typer.testing import CliRunner

from xlkijiji import calc
from xlkijiji.cli import app
from xlkijiji.demo.desktop import click, wait_until_drawn
from xlkijiji.practice import PracticeSite

TITLES = {"T1": "Hydraulic pole saw T1", "T2": "Hydraulic pole saw T2"}


def their_file(path: Path) -> None:
    """An inventory as an office keeps it: own headers, a filter, a formula, a chart elsewhere."""
    with xlsxwriter.Workbook(path) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DDEEFF"})
        stock, totals = book.add_worksheet("Stock"), book.add_worksheet("Totals")
        headers = ["Ref", "Item name", "Details", "Asking price", "Photos", "Category", "Location", "Cost", "Margin"]
        stock.write_row(0, 0, headers, bold)
        for row, (ref, title) in enumerate(TITLES.items(), 1):
            cells = [ref, title, "Long enough for the site. Stock {Ref}.", 450, f"{ref}.png", "Power Tools", "H2X 1Y4"]
            stock.write_row(row, 0, [*cells, 300])
            stock.write_formula(row, 8, f"=D{row + 1}-H{row + 1}", None, 150)
        stock.autofilter(0, 0, 2, 8)
        stock.write_comment("B2", "the yellow one")
        totals.write_formula("A1", "=SUM(Stock!D2:D3)", None, 900)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Stock!$D$2:$D$3"})
        totals.insert_chart("B2", chart)


@pytest.fixture
def adopted(
    display: str, office: calc.Office, office_home: Path, site: PracticeSite, tmp_path: Path
) -> Iterator[Callable[[], Desk]]:
    """The file, adopted by the command and open, with the settings that a test needs typed into its sheet."""
    desks: list[Desk] = []

    def open_adopted() -> Desk:
        their_file(tmp_path / "their stock.xlsx")
        answer = CliRunner().invoke(app, ["adopt", str(tmp_path / "their stock.xlsx"), "--yes"])
        assert answer.exit_code == 0, answer.output
        for ref in TITLES:
            Image.new("RGB", (640, 480), (90, 90, 160)).save(tmp_path / "pictures" / f"{ref}.png")
        opened = calc.open_workbook(tmp_path / "their stock.xlsm", office=office)
        calc.place_window(opened, 0, 0, 1600, 900)
        one = Desk(display, site, opened, office_home)
        one._runs = set((office_home / "data" / "runs").glob("*.json"))
        desks.append(one)
        settings = one.book.sheets["Settings"]
        labels = {str(row[0]): at for at, row in enumerate(settings.used_range.options(ndim=2).value, 1)}
        settings.range((labels["Practice site"], 2)).value = site.url
        settings.range((labels["Show the browser"], 2)).value = "No"
        return one

    yield open_adopted
    for one in desks:
        one.leave()


def test_the_button_on_their_own_sheet_posts_their_rows(adopted: Callable[[], Desk]) -> None:
    one = adopted()
    stock = one.book.sheets["Stock"]
    stock.activate()
    formulas = stock.range("A1:I3").formula
    calc.focus_window(one.opened)
    button = calc.button_centre(one.opened, "Post New")
    wait_until_drawn(one.display, *button)
    click(one.display, *button)
    # their own sheet has no line above it that says where the ads go
    eventually(lambda: "no ad went to Kijiji" in one.status_bar, "the last word says that it was practice")
    eventually(lambda: len(one.new_results()) > 0, "the run ends")

    def statuses() -> list[str]:
        return [str(row[0] or "") for row in stock.range("J2:J3").options(ndim=2).value]

    eventually(lambda: all(text.startswith("Posted 20") for text in statuses()), "both rows say Posted")
    assert one.ads_by_title() == dict.fromkeys(TITLES.values(), 1)
    texts = {ad["title"]: ad["description"] for ad in one.site.ads()}
    assert "Stock T1." in texts[TITLES["T1"]], "their own header fills in the text"
    assert stock.range("A1:I3").formula == formulas, "nothing of theirs has changed"
    eventually(lambda: one.worker() is None, "the worker ends")
