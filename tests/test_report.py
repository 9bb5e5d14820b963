"""The summary of a run: what it says, what it leaves out, and that no text can become markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlkijiji.report import MOST_ROWS, build_report

AD = "https://www.kijiji.ca/v-heavy-trucks/ottawa/bucket-truck/1698765432"
UNSURE = "Unsure – the site did not answer. Look at My Ads."


def entry(sku: str, row: int, message: str = "", url: str | None = None, **more: Any) -> dict[str, Any]:
    """One of run_batch's `results`: posted when there is no `message`."""
    return {
        "success": not message,
        "message": message or "Posted",
        "status_update": f"Error: {message}" if message else "Posted 2026-11-23",
        "ad_url": url,
        "ad_id": None,
        "record_id": sku,
        "row": row,
        **more,
    }


def result_of(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    posted = sum(one["success"] for one in entries)
    failed = len(entries) - posted
    return {
        "success": True,
        "total_records": len(entries) + 3,
        "successful_posts": posted,
        "failed_posts": failed,
        "skipped_records": 3,
        "remaining_records": 0,
        "results": list(entries),
        "message": f"Done: {posted} posted, {failed} failed, 3 skipped.",
        "ended": "done",
        **more,
    }


class Page(HTMLParser):
    """A page as a mail program understands it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self._open_rows: list[list[str]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "tr":
            self._open_rows.append([])
            self.rows.append(self._open_rows[-1])
        if tag in {"td", "th"}:
            self._open_rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self._open_rows.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open_rows:
            self._open_rows[-1][-1] += data

    @property
    def links(self) -> list[str]:
        return [value for name, value in self.attributes if name == "href"]


def test_failed_rows_are_listed_with_sku_row_and_reason_and_posted_ones_with_their_ad() -> None:
    result = result_of(
        entry("BT001", 5, url=AD, ad_id="1698765432"),
        entry("BT002", 6, "Price: 'abc' is not a number."),
        entry("BT003", 7, UNSURE, url=f"{AD}3"),
    )
    report = build_report(result, workbook=r"C:\stock\inventory.xlsm", account="dealer@example.com")
    assert report.subject == "Kijiji: 1 posted, 2 failed – inventory.xlsm"
    assert f"* BT001 (row 5): {AD}" in report.text
    assert "* BT002 (row 6): Price: 'abc' is not a number.\n" in report.text
    assert f"* BT003 (row 7): {UNSURE} {AD}3" in report.text
    page = Page(report.html)
    assert ["BT001", "5", "Ad 1698765432"] in page.rows
    assert ["BT002", "6", "Price: 'abc' is not a number."] in page.rows
    assert ["BT003", "7", f"{UNSURE} See the ad"] in page.rows
    assert page.links == [f"{AD}3", AD]  # what needs the person comes first
    for body in (report.text, page.text):
        assert r"C:\stock\inventory.xlsm" in body
        assert "dealer@example.com" in body


@pytest.mark.parametrize(
    ("result", "headline"),
    [
        (result_of(entry("A", 5, url=AD)), "1 ad is posted"),
        (result_of(entry("A", 5, "No photo.")), "1 row needs you"),
        (result_of(), "There was nothing to post"),
        (result_of(entry("A", 5), remaining_records=2, ended="limit"), "1 posted, 2 to go"),
        (result_of(entry("A", 5), remaining_records=2, ended="stopped", success=False), "1 posted, 2 to go"),
        (result_of(entry("A", 5), remaining_records=2, ended="critical", success=False), "The run ended early"),
        ({}, "The run ended early"),
    ],
)
def test_the_headline_says_how_it_went(result: dict[str, Any], headline: str) -> None:
    report = build_report(result, workbook="stock.xlsm", account="")
    assert report.text.startswith(f"{headline}\n")
    assert headline in Page(report.html).text
    assert ("ended early" in report.subject) == ("ended early" in headline)


def test_statistics_are_told_in_words_and_what_is_missing_is_left_out() -> None:
    numbers = {
        "success_rate": 0.5,
        "seconds_per_ad_median": 24.31,
        "seconds_per_ad_p95": 125.0,
        "retries": 1,
        "errors_by_kind": {"record": 2, "neverseen": 1},
        "ads_per_hour": 88.2,
        "duration_s": 3754.2,
    }
    text = build_report(result_of(statistics=numbers, run_id="ab12"), workbook="s.xlsm", account="").text
    for line in (
        "Duration: 1 h 2 min",
        "Success: 50 % of the rows that were tried",
        "Time for each ad: half of them in 24 s or less, 95 % in 2 min 5 s or less",
        "Pace: 88 ads an hour",
        "Tried again after a hiccup: once",
        "Failures: mistakes in the row: 2, neverseen: 1",
        "Run: ab12",
    ):
        assert f"{line}\n" in text
    nothing = dict.fromkeys(numbers)
    text = build_report(result_of(statistics=nothing), workbook="s.xlsm", account="").text
    assert text.endswith("THE RUN\nWorkbook: s.xlsm\n")


def test_an_unforeseen_error_says_what_to_do() -> None:
    assert (
        "the log has the details"
        in build_report(result_of(entry("A", 5, "System error")), workbook="s.xlsm", account="").text
    )


def test_nobody_takes_a_rehearsal_for_the_real_thing() -> None:
    practised = result_of(entry("A", 5, url="http://127.0.0.1:8765/v/1"))
    assert "practice site" in build_report(practised, workbook="s.xlsm", account="").text
    assert "practice site" not in build_report(result_of(entry("A", 5, url=AD)), workbook="s.xlsm", account="").text


def test_a_long_list_is_cut_and_says_so() -> None:
    many = [entry(f"S{number}", number, "No photo.") for number in range(MOST_ROWS + 20)]
    report = build_report(result_of(*many), workbook="s.xlsm", account="")
    for body in (report.text, Page(report.html).text):
        assert f"S{MOST_ROWS - 1}" in body
        assert f"S{MOST_ROWS}" not in body
        assert "… and 20 more: see the sheet." in body
    assert len(report.html.encode()) < 102_000  # where Gmail cuts


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.com/x",
        "https://",
        "https://user:word@example.com/",
        "https://example.com/a b",
        "https://[bad/",
        " vbscript:x",
    ],
)
def test_only_plain_web_addresses_become_links(address: str) -> None:
    report = build_report(result_of(entry("A", 5, url=address)), workbook=address, account=address)
    assert Page(report.html).links == []
    assert "* A (row 5): no link" in report.text


def test_a_workbook_on_the_web_is_a_link_and_goes_by_its_name() -> None:
    place = "https://example.sharepoint.com/sites/yard/Shared%20Documents/my%20stock.xlsm"
    report = build_report(result_of(), workbook=place, account="")
    assert report.subject.endswith("– my stock.xlsm")
    assert Page(report.html).links == [place]


def test_what_a_result_has_besides_stays_out() -> None:
    result = result_of(
        entry("A", 5, "No photo.", description="SECRET TEXT", record={"password": "SECRET"}), password="SECRET"
    )
    report = build_report(result, workbook="s.xlsm", account="a@example.com")
    assert "SECRET" not in report.subject + report.text + report.html


# --- any text

ANY = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</td></tr></table><h1>x",
            '"><img src=x onerror=alert(1)>',
            "' onclick='x",
            "&lt;b&gt;",
            "<!-- ",
            "<![CDATA[",
            'https://example.com/"><b>',
            "a\r\nBcc: all@example.com",
            "\ud800\x00\u202e",
        ]
    ),
)


@st.composite
def results(draw: st.DrawFn) -> dict[str, Any]:
    entries = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "success": st.booleans(),
                    "message": ANY,
                    "status_update": ANY | ANY.map(lambda text: f"Error: Unsure {text}"),
                    "ad_url": ANY | st.none(),
                    "ad_id": ANY | st.none(),
                    "record_id": ANY,
                    "row": ANY | st.integers() | st.none(),
                }
            ),
            max_size=4,
        )
    )
    kinds = draw(st.dictionaries(ANY, ANY | st.integers(), max_size=3))
    return result_of(*entries, message=draw(ANY), run_id=draw(ANY), statistics={"errors_by_kind": kinds})


TAGS = {"html", "head", "meta", "title", "body", "table", "tr", "td", "th", "h1", "h2", "p", "div", "span", "a"}
ATTRIBUTES = {
    *("style", "width", "align", "valign", "role", "cellpadding", "cellspacing", "href"),
    *("lang", "charset", "name", "content"),
}
OUR_STYLE = re.compile(r"[a-zA-Z0-9#%:;,. -]*")


@given(result=results(), workbook=ANY, account=ANY)
def test_no_text_becomes_markup(result: dict[str, Any], workbook: str, account: str) -> None:
    report = build_report(result, workbook=workbook, account=account)
    page = Page(report.html)
    assert set(page.tags) <= TAGS
    assert {name for name, _ in page.attributes} <= ATTRIBUTES
    assert all(link.lower().startswith(("http://", "https://")) for link in page.links)
    assert all(OUR_STYLE.fullmatch(value) for name, value in page.attributes if name == "style")
    # nothing was swallowed either: each tag closes, and what looks like markup is there as text
    assert report.html.count("<td") == report.html.count("</td>") == page.tags.count("td")
    for one in result["results"]:
        if "<script>" in one["record_id"]:
            assert one["record_id"] in page.text
    # one line of a sheet can't pass for a line of the report, nor break a header
    assert report.subject.splitlines() == [report.subject]
    assert len(report.text.splitlines()) == report.text.count("\n")
    assert not any(line.startswith("Bcc:") for line in report.text.splitlines())
    assert (report.subject + report.text + report.html).encode("utf-8")
