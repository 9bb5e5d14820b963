"""A run in French: nothing English slips through, and a run in English understands what it leaves, and the reverse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from journal_bots import Killed, SiteBot, interrupt, new_journal
from made_up_language import marked, spoken, unmarked
from posting_bots import at_noon, trucks

from xlkijiji import data_io, messages
from xlkijiji.bot_port import waits_for_person
from xlkijiji.errors import (
    BatchStopped,
    BrowserGone,
    DraftNotPosted,
    InventoryError,
    PersonNeeded,
    RecordError,
    SelectorNotFound,
    SiteError,
    UnknownOutcome,
    XlkijijiError,
)
from xlkijiji.inventory import Record, error_status, is_new, is_unsure
from xlkijiji.inventory_check import check_inventory
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.messages import tell
from xlkijiji.posting import run_batch
from xlkijiji.records import table_from_grid
from xlkijiji.report import build_report
from xlkijiji.sheet_check import sheet_notes

ORDERS = pytest.mark.parametrize(("first", "then"), [("fr", "en"), ("en", "fr")])
RUN: dict[str, Any] = {"clock": at_noon, "sleep": lambda _seconds: None}


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    messages.use("en")


# --- what one run leaves is understood by the next, whatever the two speak


@ORDERS
def test_an_unsure_row_is_settled_by_a_run_in_the_other_language(tmp_path: Path, first: str, then: str) -> None:
    bot, df = SiteBot(), trucks("", "")
    bot.points["accepted BT001"] = interrupt
    messages.use(first)
    with new_journal(tmp_path) as journal:
        run_batch(df, "new", bot, journal=journal, **RUN)
        assert is_unsure(df["posting_status"][0])
        assert (first == "fr") == ("l’opération" in df["posting_status"][0])
        messages.use(then)
        run_batch(df, "new", bot, journal=journal, **RUN)
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"] * 2
    assert bot.accepted == ["BT001", "BT002"]


@ORDERS
def test_without_a_journal_too_an_unsure_row_is_looked_for_first(first: str, then: str) -> None:
    bot, df = SiteBot(), trucks("")
    bot.points["accepted BT001"] = interrupt
    messages.use(first)
    run_batch(df, "new", bot, **RUN)
    messages.use(then)
    run_batch(df, "new", bot, **RUN)
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]
    assert bot.accepted == ["BT001"]


@ORDERS
def test_a_killed_run_is_gone_on_with_in_the_other_language(tmp_path: Path, first: str, then: str) -> None:
    bot, df = SiteBot(), trucks("", "")

    def kill() -> None:
        raise Killed

    bot.points["accepted BT001"] = kill
    messages.use(first)
    with new_journal(tmp_path) as journal, pytest.raises(Killed):
        run_batch(df, "new", bot, journal=journal, **RUN)
    stale = trucks("", "")  # the workbook was closed without saving
    messages.use(then)
    with new_journal(tmp_path) as journal:
        result = run_batch(stale, "new", bot, journal=journal, **RUN)
    assert stale["posting_status"].tolist() == ["Posted 2026-11-23"] * 2, result["message"]
    assert bot.accepted == ["BT001", "BT002"]


@ORDERS
def test_a_persons_word_about_an_unsure_row_counts_in_every_language(tmp_path: Path, first: str, then: str) -> None:
    bot = SiteBot()
    bot.points["submit BT001"] = interrupt
    df = trucks("")
    messages.use(first)
    with new_journal(tmp_path) as journal:
        run_batch(df, "new", bot, journal=journal, **RUN)
        assert is_unsure(df["posting_status"][0])
        bot.points.clear()
        messages.use(then)
        df.loc[0, "posting_status"] = "Error: not there"
        run_batch(df, "new", bot, journal=journal, **RUN)
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]


@ORDERS
def test_a_draft_that_was_left_is_shown_again(first: str, then: str) -> None:
    messages.use(first)
    df = trucks("")

    class Drafts(SiteBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:
            if messages.language() == first:
                raise DraftNotPosted(tell("draft-not-posted", why=tell("left-the-page")))
            return super().post_ad(record, before_submit)

    bot = Drafts()
    run_batch(df, "new", bot, **RUN)
    assert df["posting_status"][0].startswith("Error: Draft not posted – ")
    assert is_new(df["posting_status"][0])
    messages.use(then)
    run_batch(df, "new", bot, **RUN)
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]


@ORDERS
def test_an_ad_that_could_not_be_replaced_keeps_its_row(tmp_path: Path, first: str, then: str) -> None:
    bot, df = SiteBot(), trucks("", ad_id=[""])
    with new_journal(tmp_path) as journal:
        run_batch(df, "new", bot, journal=journal, **RUN)

        def refuse() -> None:
            raise SiteError("Non.")

        bot.points["delete"] = refuse
        messages.use(first)
        run_batch(df, "all", bot, journal=journal, **RUN)
        assert df["posting_status"][0].startswith("Posted 2026-11-23 – not replaced: ")
        bot.points.clear()
        messages.use(then)
        run_batch(df, "new", bot, journal=journal, **RUN)
    assert df["posting_status"].tolist() == ["Posted 2026-11-23"]
    assert (bot.deleted, list(bot.ads)) == (["1001"], ["1002"]), "the next click has tried again"


@ORDERS
def test_an_ad_that_the_site_took_off_is_not_posted_again(tmp_path: Path, first: str, then: str) -> None:
    class Removing(SiteBot):
        recheck_delay = 0.0

        def live_ads(self) -> list[str]:
            return []

    bot, df = Removing(), trucks("", ad_id=[""])
    with new_journal(tmp_path) as journal:
        messages.use(first)
        run_batch(df, "new", bot, journal=journal, **RUN)
        assert df["posting_status"][0].startswith("Removed – ")
        messages.use(then)
        run_batch(df, "new", bot, journal=journal, **RUN)
        run_batch(trucks(""), "new", bot, journal=journal, **RUN)
    assert bot.accepted == ["BT001"]


@ORDERS
def test_a_check_takes_back_what_it_wrote_in_the_other_language(first: str, then: str) -> None:
    headers = ["SKU", "Title", "Description", "Price", "Posting status", "Last error"]

    def checked(price: object, status: str, last_error: str) -> dict[str, str]:
        grid = [headers, ["A1", "Truck", "It runs very well", price, status, last_error]]
        table = table_from_grid(grid, tell("sheet-name", name="Inventory"))
        cells = sheet_notes(table, check_inventory(table.frame, SiteBot())).cells.get(0, {})
        return {"posting_status": status, "last_error": last_error} | cells

    messages.use(first)
    bad = checked("abc", "", "")
    assert bad["last_error"].startswith("Check Sheet: Row 2, " if first == "en" else "Check Sheet: Ligne 2, ")
    messages.use(then)
    again = checked("abc", bad["posting_status"], bad["last_error"])
    assert again["last_error"].startswith("Check Sheet: Row 2, " if then == "en" else "Check Sheet: Ligne 2, ")
    assert again["posting_status"] == "Error: " + again["last_error"].removeprefix("Check Sheet: ")
    assert checked(100, again["posting_status"], again["last_error"]) == {"posting_status": "", "last_error": ""}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_words_that_are_read_again_begin_their_sentences_in_every_language(language: str) -> None:
    catalogue = {entry.id: entry.string for entry in messages.load("en") if isinstance(entry.id, str) and entry.id}
    for key, english in catalogue.items():
        assert isinstance(english, str)
        text = messages.load(language).get(key).string
        for words in ("Unsure", "Draft not posted – ", "System error"):
            assert english.startswith(words) == str(text).startswith(words), key
        if english.startswith("Waiting for you"):
            assert waits_for_person(str(text)), key


# --- nothing but the catalogues


def test_the_made_up_language_shows_what_is_not_from_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not unmarked(marked("Type Posted into {column}, then click again."))
    assert unmarked("Error: Rïght, but this is not.") == ["but this is not"]
    with spoken(monkeypatch):
        assert tell("row-number", row=5) == "Röw 5"
        assert tell("rows-not-checked", count=2).startswith("2 röws nöt")
    assert tell("row-number", row=5) == "Row 5"


class Failing(SiteBot):
    """Meets each record with the next trouble."""

    def __init__(self, *troubles: object) -> None:
        super().__init__()
        self._troubles = list(troubles)

    def post_ad(self, record: Record, before_submit: Any) -> Any:
        trouble = self._troubles.pop(0) if self._troubles else None
        if isinstance(trouble, BaseException):
            raise trouble
        return super().post_ad(record, before_submit) if trouble is None else trouble


def said(df: pd.DataFrame, bot: Any, mode: str = "new", **more: Any) -> list[str]:
    """Everything that a run says to people."""
    heard: list[str] = []

    class Watching:
        def record_step(self, _position: int, text: str) -> None:
            heard.append(text)

    result = run_batch(
        df, mode, bot, progress_cb=lambda _at, text: heard.append(text), observer=Watching(), **RUN, **more
    )
    entries = [
        str(entry[name])
        for entry in result["results"]
        for name in ("message", "status_update", "last_error", "warnings")
    ]
    report = build_report(result, workbook="Stock.xlsm", account="dealer@example.com")
    return [*heard, *df["posting_status"], *entries, result["message"], report.subject, report.text]


TROUBLES: list[object] = [
    SiteError("Aïe."),
    RecordError(""),
    UnknownOutcome("Aïe."),
    PersonNeeded("Aïe.", waited=True),
    BatchStopped(""),
    BrowserGone("Aïe."),
    SelectorNotFound("details_form", "title"),
    ZeroDivisionError("x"),
    {"success": False},
    {"success": False, "message": None, "error_kind": "unknown"},
    {"success": True, "message": "", "ad_id": 7, "warning": "Aïe."},
    {"message": "x"},
    KeyboardInterrupt(),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=repr)
def test_a_run_speaks_the_language_of_the_catalogues_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trouble: object
) -> None:
    words = {"title": ["Truck", "Crane", "Truck", ""], "description": ["Good"] * 4, "fuel_type": ["Diesel"] * 4}
    words |= {
        "tags": [""] * 4,
        "equipment_type": ["Truck"] * 4,
        "price": [100, "abc", 100, -1],
        "ad_id": ["", "", "7", ""],
    }
    with spoken(monkeypatch), new_journal(tmp_path) as journal:
        df = trucks("", "Error: Unsure – x", "", "", **words)
        for mode in ("new", "new", "all"):
            for text in said(df, Failing(trouble, trouble), mode, journal=journal):
                assert not unmarked(text), text


def test_a_search_for_an_ad_speaks_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd(SiteBot):
        answer: object = None

        def find_ad(self, *_asked: object, **_more: object) -> Any:
            if isinstance(self.answer, BaseException):
                raise self.answer
            return self.answer

    answers: list[object] = [None, True, 5, {"ad_id": "9"}, {"removed": True, "ad_id": "9"}, UnknownOutcome("Aïe.")]
    answers += [XlkijijiError(""), OSError("x"), {"ad_id": "7", "success": False}]
    with spoken(monkeypatch):
        for answer in answers:
            bot = Odd()
            bot.answer = answer
            df = trucks("Error: Unsure – x", title=["Truck"], description=["Good"], equipment_type=["Truck"])
            for text in said(df, bot):
                assert not unmarked(text), (answer, text)


def test_a_check_of_rows_speaks_it_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture", encoding="ascii")
    good = {"sku": "A", "title": "Bucket Truck", "description": "Runs Well Enough", "price": 5, "photos": "text.jpg"}
    bad: list[dict[str, object]] = [
        *({"sku": name} for name in ("", "a", "#REF!")),
        *({"title": text} for text in ("", "Short", "X" * 70)),
        *({"description": text} for text in ("", "Short", "X" * 10_001, "Stock {Stok} Here")),
        *({"price": price} for price in ("", "abc", -1, 0, 1e12, 1.234)),
        *({"price_type": text} for text in ("Cheap", "Free")),
        *({"category": text} for text in ("Nonsense", "Cars & Vehicles", "Other", "Heavy Truks", "174")),
        *(
            {"location": text}
            for text in ("Nowhereville", "Ontario", "Otawa", "M5V 3O9", "99999999", "Springfield", "X" * 201)
        ),
        *(
            {"photos": text}
            for text in (
                "",
                "gone.jpg",
                "../x.jpg",
                "*.png",
                "https://",
                "C:x.jpg",
                "x",
                ";".join(f"{n}.jpg" for n in range(12)),
            )
        ),
        *({"tags": text} for text in ("A,B,C,D,E,F", "A,A", "X" * 60)),
        *({"phone": text} for text in ("12", "416-555-0123 ext. 12")),
        *({"Year": text, "category": "Heavy Trucks"} for text in ("abc", "1800")),
        *({"VIN": text, "category": "Cars & Trucks"} for text in ("abc",)),
        *({"Video": text} for text in ("abc",)),
        *({"Ad type": text} for text in ("Nonsense",)),
        *({"Colour": text, "category": "Cars & Trucks"} for text in ("Purplish", "Sparkly")),
        *({"condition": text} for text in ("Nonsense",)),
    ]
    rows = [good, {**good, "sku": "B"}, *({**good, "sku": f"C{at}"} | one for at, one in enumerate(bad))]
    grid = [names := list(dict.fromkeys(name for row in rows for name in row))]
    cells: list[list[object]] = [list(grid[0]), *([row.get(name) for name in names] for row in rows)]
    with spoken(monkeypatch):
        table = table_from_grid(cells, tell("sheet-name", name="Stock"))
        bot = KijijiBot("dealer@example.com", "practice", base_url="http://127.0.0.1:8765", images_dir=tmp_path)
        findings = check_inventory(table.frame, bot, tmp_path)
        for finding in findings:
            assert not unmarked(_without_quotes(str(finding))), str(finding)
        assert len({finding.position for finding in findings}) > len(bad) - 5
        notes = sheet_notes(table, findings)
        assert not unmarked(notes.message)


def _without_quotes(text: str) -> str:
    return re.sub(r"'[^']*'", "·", text)


def test_files_speak_it_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = {
        "a.csv": "",
        "b.csv": "SKU,Title\nA,B\n",
        "c.csv": "SKU,Stock No,Title,Description,Price\nA,A,B,C,1\n",
        "d.csv": "Some,Thing\n1,2\n",
        "e.xls": "x",
        "f.txt": "x",
        "g.xlsx": "x",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    with spoken(monkeypatch):
        for name in [*files, "gone.csv", "."]:
            with pytest.raises(InventoryError) as told:
                data_io.load_inventory(tmp_path / name)
            assert not unmarked(str(told.value).replace(str(tmp_path), "·")), str(told.value)


def test_the_blank_before_a_colon_stays_where_no_line_may_break() -> None:
    messages.use("fr")
    status = error_status(tell("problem-of-cell", column="Prix", rule=tell("is-blank"), advice="x\n y"))
    assert status == "Error: Prix\u00a0: la cellule est vide. x y"


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert messages.figure(10_000) == "10,000"
    assert messages.figure(99_999_999.99, 2) == "99,999,999.99"
    messages.use("fr")
    assert messages.figure(1_299.5, 2).replace("\u202f", "\u00a0") == "1\u00a0299,50"
