"""Post All: what it says beforehand is what it does, saying it changes nothing, and only a second click is a yes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from journal_bots import SiteBot
from posting_bots import at_noon

from xlkijiji import addin, doctor, jobs, messages, post_all
from xlkijiji.errors import InventoryError, SettingsError
from xlkijiji.journal import Journal
from xlkijiji.paths import HOME_VARIABLE, question_files
from xlkijiji.post_all import Foreseen, foresee, may_go_on
from xlkijiji.posting import run_batch
from xlkijiji.practice import DEFAULT_ACCOUNTS
from xlkijiji.question import Question
from xlkijiji.records import InventoryTable, table_from_grid
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings
from xlkijiji.side_jobs import setup_page
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.session import STATUS_BAR_LONGEST, Host

SITE = "https://www.kijiji.ca"
HEADERS = ["SKU", "Title", "Description", "Price", "Posting status", "Ad id"]


def sheet(*rows: tuple[str, str]) -> InventoryTable:
    """Rows of (posting status, ad id)."""
    grid = [[f"A{at}", f"Truck {at}", "It runs very well", 5, *row] for at, row in enumerate(rows)]
    return table_from_grid([HEADERS, *grid], "Sheet 'Inventory'", first_row=3)


class PracticeBot(SiteBot):
    """Under the account of practice mode."""

    account = next(iter(DEFAULT_ACCOUNTS))


ROWS = st.lists(
    st.sampled_from(
        [
            ("", ""),
            ("Posted 2026-01-01", "77"),
            ("Posted 2026-01-01", ""),
            ("Error: x", ""),
            ("Error: Unsure – look", ""),
        ]
    ),
    min_size=1,
    max_size=6,
)


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, earlier=st.sets(st.integers(0, 5)), only=st.sets(st.integers(0, 5)))
def test_what_is_said_is_what_the_run_does_and_the_journal_stays_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], earlier: set[int], only: set[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("home")))
        bot, path = PracticeBot(), jobs.journal_file(Settings())
        with Journal(path) as journal:
            if earlier:
                blank = sheet(*[("", "")] * len(rows)).frame
                run_batch(blank, "new", bot, journal=journal, only=earlier, clock=at_noon)
            before, known = dict(bot.ads), journal.records()
            foreseen = foresee(sheet(*rows), Settings(), only)
            assert journal.records() == known
            result = run_batch(sheet(*rows).frame, "all", bot, journal=journal, only=only, clock=at_noon)
        touched = {entry["record_id"] for entry in result["results"]}
        said = {str(sku) for sku, _number in {*foreseen.replaced, *foreseen.first, *foreseen.unsure}}
        assert touched == said
        gone = set(before) - set(bot.ads)
        assert gone <= set(foreseen.replaced.values())
        assert {old for old in foreseen.replaced.values() if old in before} == gone


def test_without_a_journal_yet_nothing_is_made_for_the_question() -> None:
    foreseen = foresee(sheet(("", ""), ("Posted 2026-01-01", "77")), Settings(), {0, 1})
    assert (set(foreseen.first), dict(foreseen.replaced)) == ({("A0", 0)}, {("A1", 0): "77"})
    assert not jobs.journal_file(Settings()).exists()


def test_in_draft_mode_it_does_not_even_ask() -> None:
    with pytest.raises(SettingsError, match="Draft mode posts only"):
        foresee(sheet(("", "")), replace(Settings(), draft_mode=True), {0})


def test_the_question_names_each_kind_and_zero_replacements_too() -> None:
    some = Foreseen({("A", 0): "1", ("B", 0): ""}, frozenset({("C", 0)}), frozenset({("D", 0)}), "me", SITE)
    assert str(some) == (
        "2 ads would be replaced (deleted and posted anew), 1 row posted for the first time, 1 row looked for under My "
        "Ads first"
    )
    assert str(Foreseen({}, frozenset({("C", 0)}), frozenset(), "me", SITE)).startswith("0 ads would be replaced")
    assert not Foreseen({}, frozenset(), frozenset(), "me", SITE)


# --- the second click


class View:
    """The status bar; `at` does something when it says the n-th thing."""

    def __init__(self, at: dict[int, Callable[[], object]] | None = None, *, shows: bool = True) -> None:
        self.said: list[str] = []
        self._at = at or {}
        self._shows = shows

    def show(self, text: str) -> None:
        self.said.append(text)
        self._at.get(len(self.said), lambda: None)()

    def settle(self, _seconds: float) -> bool:
        return self._shows


@pytest.fixture
def book(tmp_path: Path) -> str:
    """A workbook's name."""
    return str(tmp_path / "inventory.xlsm")


SOME = Foreseen({("A", 0): "1"}, frozenset(), frozenset(), "me", SITE)


def _ask(view: View, book: str) -> bool:
    lock = RunLock(book)
    assert lock.acquire()
    try:
        return may_go_on(cast("LiveView", view), lock, Host(book, "Inventory"), SOME, "And so on.")
    finally:
        lock.release()


def _click(book: str, seconds_later: float) -> None:
    """Post All is clicked, so many seconds from now."""
    assert Question(book, "Inventory").answer(time.time() + seconds_later)


def test_a_click_after_a_moment_is_a_yes(book: str) -> None:
    view = View({2: lambda: _click(book, 2.0)})
    assert _ask(view, book)
    assert view.said[0].startswith("xlkijiji: Post All: 1 ad would be replaced")
    assert "within 60 s" in view.said[0]
    assert "Sheet 'Inventory' of 'inventory.xlsm'." in view.said[0]
    assert view.said[0].endswith("And so on.")
    assert not Question(book, "Inventory").answer(time.time()), "it can't be answered any more"


@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_what_is_asked_for_comes_within_what_excels_status_bar_takes(spoken: str, book: str) -> None:
    many = Foreseen(
        {(f"R{at}", 0): f"{at}" for at in range(200)},
        frozenset({("F", at) for at in range(200)}),
        frozenset({("U", at) for at in range(200)}),
        "dealer@example.com",
        "https://www.kijiji.ca",
    )
    with messages.speaking(spoken):
        question = messages.tell("post-all-question", what=many, seconds=60, sheet="S" * 31, book="B" * 99)
    assert len("xlkijiji: ") + question.index("S" * 31) <= STATUS_BAR_LONGEST, "only where it's asked may be cut off"


def test_the_second_half_of_a_double_click_is_none(book: str) -> None:
    view = View({2: lambda: _click(book, -1.0), 3: lambda: RunLock(book).request_stop()})
    assert not _ask(view, book)
    assert "within 5" in view.said[1], "it counts down"


def test_an_answer_to_an_earlier_question_is_none(book: str) -> None:
    asked, answered = question_files(book)
    asked.touch()
    answered.touch()
    os.utime(answered, (time.time() + 50, time.time() + 50))
    view = View({2: lambda: RunLock(book).request_stop()})
    assert not _ask(view, book)


def test_no_answer_is_no(book: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_all, "ANSWER_SECONDS", 0)
    assert not _ask(View(), book)


def test_a_question_that_cannot_be_shown_is_not_asked(book: str) -> None:
    with pytest.raises(InventoryError, match="did not take the question"):
        _ask(View(shows=False), book)


@pytest.mark.parametrize(("button", "answers"), [(addin.post_all, True), (addin.post_new, False)])
def test_only_post_all_answers_the_question(
    book: str, monkeypatch: pytest.MonkeyPatch, button: Callable[[], None], answers: bool
) -> None:
    said: list[str] = []
    monkeypatch.setattr("xlkijiji.workbook.session.calling_host", lambda **_wishes: Host(book, "Inventory"))
    monkeypatch.setattr("xlkijiji.workbook.session.tell_caller", said.append)
    lock, question = RunLock(book), Question(book, "Inventory")
    assert lock.acquire()
    with question.asked():
        button()
        assert question_files(book)[1].exists() is answers
    lock.release()
    assert len(said) == (not answers), "whoever doesn't answer is told that something is on"


@pytest.mark.parametrize(("sheet_in_front", "pid"), [("Other", 0), ("Inventory", 77)])
def test_a_click_on_another_sheet_or_in_another_program_is_no_answer(
    book: str, monkeypatch: pytest.MonkeyPatch, sheet_in_front: str, pid: int
) -> None:
    said: list[str] = []
    host = Host(book, sheet_in_front, pid)
    monkeypatch.setattr("xlkijiji.workbook.session.calling_host", lambda **_wishes: host)
    monkeypatch.setattr("xlkijiji.workbook.session.tell_caller", said.append)
    lock = RunLock(book)
    assert lock.acquire()
    with Question(book, "Inventory").asked():
        addin.post_all()
        assert not question_files(book)[1].exists()
    lock.release()
    assert said == [messages.tell("already-running")]


def test_the_same_rows_under_another_account_or_at_another_site_are_asked_about_again() -> None:
    rows = sheet(("", ""), ("Posted 2026-01-01", "77"))
    real = replace(Settings(), practice_mode=False, account="me@example.com")
    agreed = foresee(rows, real, {0, 1})
    assert foresee(rows, real, {0, 1}) == agreed
    for other in (replace(real, account="you@example.com"), replace(real, practice_mode=True)):
        now = foresee(rows, other, {0, 1})
        assert now != agreed
        assert urlsplit(other.base_url).netloc in now.change_since(agreed)
        assert "example.com" not in now.change_since(agreed)
    fewer = foresee(rows, real, {0})
    assert fewer.change_since(agreed) == "The sheet has changed since the question."


# --- Check Setup's page


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_page_has_what_is_missing_first_and_takes_no_text_for_markup(tmp_path: Path, language: str) -> None:
    findings = [
        doctor.Finding(True, True, "Python <3>"),
        doctor.Finding(False, False, "no key store"),
        doctor.Finding(False, True, "no browser: install one"),
    ]
    messages.use(language)
    try:
        page = setup_page(findings, tmp_path / "setup.html")
        words = [messages.tell(f"setup-page-{kind}") for kind in ("missing", "note", "good")]
    finally:
        messages.use("en")
    assert f'<html lang="{language}">' in page
    assert page.index("no browser") < page.index("no key store") < page.index("Python &lt;3&gt;")
    assert [page.count(f"<td>{word}</td>") for word in words] == [1, 1, 1]
