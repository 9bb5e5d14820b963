"""No traceback, `None`, `nan` or file of the program reaches a cell, whatever stands in a row or comes from a bot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from journal_bots import SiteBot
from posting_bots import at_noon, trucks

import xlkijiji
from xlkijiji import errors, messages
from xlkijiji.cell_values import cell_text, is_blank
from xlkijiji.inventory import Record
from xlkijiji.inventory_check import check_inventory
from xlkijiji.outcome import Outcome
from xlkijiji.plain_words import plain
from xlkijiji.posting import run_batch
from xlkijiji.records import table_from_grid
from xlkijiji.report import build_report
from xlkijiji.sheet_check import sheet_notes

OF_A_PROGRAM = re.compile(
    r"Traceback|Stacktrace|#0 0x|\bNone\b(?! of\b)|\bNoneType\b|\bnan\b(?!@)|\bNaN\b|\bNaT\b|<NA>|object at 0x"
    r"|xlkijiji[/\\](?:\w+[/\\])*\w+\.py|site-packages|dist-packages|\.venv|pythonw?\.exe|bin/python|\bFile \"",
    re.ASCII,
)
TRACE = f'Traceback (most recent call last):\n  File "{errors.__file__}", line 7, in run\nKeyError: None'


class Mute:
    """An object without a text of its own."""


class Refusing:
    """An object that refuses to be text or a number."""

    def __str__(self) -> str:
        raise RuntimeError(TRACE)

    def __float__(self) -> float:
        raise RuntimeError(TRACE)


NOTHING: list[Any] = [None, float("nan"), pd.NaT, pd.NA, Decimal("NaN"), np.float32("nan"), np.datetime64("NaT")]
ODD: list[Any] = [
    *(*NOTHING, float("inf"), -float("inf"), 10**400, 1e308, b"bytes \xff", Mute(), Refusing(), Mute, len, object()),
    *(
        True,
        -1,
        0,
        "",
        "  ",
        "abc",
        "\x00\x07\x1b[31m",
        "x" * 40_000,
        "line\nline\r\n",
        "=1+1",
        "#REF!",
        "{Stok}",
        "{}{0}%s",
    ),
    *(
        np.int64(5),
        np.array([1, 2]),
        ["a", None],
        {"a": None},
        ("x",),
        {None},
        1 + 2j,
        pd.Timestamp("2026-01-01"),
        "é’«\u00a0»",
    ),
]
CELLS = st.one_of(st.sampled_from(ODD), st.text(max_size=12), st.floats(), st.integers())
OF_PROGRAMS = [
    TRACE,
    errors.__file__,
    f"see {xlkijiji.__file__} line 3",
    "it broke off in xlkijiji/kijiji/ads.py",
    "C:\\x\\xlkijiji\\workbook\\live.py, line 12",
    "/home/anna/.local/share/xlkijiji/.venv/bin/python: exit 1",
    "/usr/bin/python3.11 ended",
    "C:\\Users\\anna\\AppData\\Local\\Programs\\xlkijiji\\python\\pythonw.exe was not found",
    "C:\\x\\Scripts\\python.exe was not found",
    "/usr/lib/python3/dist-packages/uno.py",
    "C:\\Python311\\Lib\\site-packages\\selenium",
    "'NoneType' object has no attribute 'text'",
    "unexpected answer: {'a': None}",
    "unexpected answer: {'a': 1, 'b': None, 'c': 2}",
    "got [None, 1]",
    "got [1, None]",
    "got [None]",
    "got {None, 1}",
    "Answer(code=None, text='')",
    "Message: gone\nStacktrace:\n#0 0x55d1c0a3f4aa <unknown>\n#1 0x55d1bfe91a0c <unknown>",
    "Message: gone\nStacktrace:\n\tGetHandleVerifier [0x00007FF6A0B1E3E5+2787]",
    "#0 0x55d1c0a3f4aa <unknown>",
    "<test_plain_words.Mute object at 0x7f16dffac510>",
]
"""What no person is shown."""
OF_PERSONS = [
    "No.",
    "None of the photos could be uploaded; nothing was posted. Try again.",
    "None of the photos (10) is there [see Photos], and none of them was posted.",
    "The site says: 'None of this'.",
    "Write to nan@example.com",
    "Ottawa / Gatineau",
    "a\nb",
    "There is no picture /home/anna/xlkijiji pictures/a.jpg. Check its name.",
    "There is no picture C:\\Users\\anna\\xlkijiji\\pictures\\python.jpg.",
    "There is no folder /home/anna/snakes/python. Check its name.",
    "The journal /home/anna/.local/share/xlkijiji/journal.sqlite3 is damaged.",
    "xlkijiji/Kijiji could not be reached. Try again.",
    "Type {SKU} or {Title}, such as [2016].",
    "#0 of the series",
]
"""What a person may well be told."""
TEXTS: list[Any] = [*ODD, *OF_PROGRAMS, *OF_PERSONS, "<NA>", "None", "nan"]


def _errors() -> list[BaseException]:
    kinds = [getattr(errors, name) for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    told = [kind for kind in kinds if kind is not errors.SelectorNotFound]
    foreign = [ValueError, OSError, KeyError, RuntimeError, UnicodeError, AssertionError]
    return [
        *(kind(text) for kind in [*told, *foreign] for text in TEXTS),
        errors.SelectorNotFound("", ""),
        ZeroDivisionError(),
    ]


ANSWERS = st.one_of(
    st.sampled_from(_errors()),
    st.sampled_from(ODD),
    st.fixed_dictionaries(
        {},
        optional={
            "success": st.sampled_from([True, False, None]),
            "message": st.sampled_from(TEXTS),
            "warning": st.sampled_from(TEXTS),
            "error_kind": st.sampled_from(["record", "site", "unknown", "draft", "batch", "person", "browser", *TEXTS]),
            "ad_id": st.sampled_from([*NOTHING, "7", 8.0]),
            "ad_url": st.sampled_from([*NOTHING, "https://www.kijiji.ca/v-x/y/z/7"]),
        },
    ),
)


class Odd(SiteBot):
    """Answers whatever it is told to."""

    def __init__(self, **answers: Any) -> None:
        super().__init__()
        self._answers = answers

    def _answer(self, name: str, usual: Any) -> Any:
        answer = self._answers.get(name, usual)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def post_ad(self, _record: Record, before_submit: Any) -> Any:
        if self._answers.get("after"):
            before_submit(ids_before=[])
        return self._answer("post", {"success": True})

    def find_ad(self, *_asked: Any, **_more: Any) -> Any:
        return self._answer("find", None)

    def delete_ad(self, *_asked: Any) -> Any:
        return self._answer("delete", None)

    def login(self) -> Any:
        return self._answer("login", True)

    def check(self, _record: Record) -> Any:
        return self._answer("check", [])

    def warnings(self, _record: Record) -> Any:
        return self._answer("warnings", [])


@pytest.fixture(params=messages.LANGUAGES, autouse=True)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    messages.use(request.param)
    yield request.param
    messages.use("en")


def unfit(text: object) -> list[str]:
    """What of a program stands in a text, outside of what is quoted from the sheet."""
    return OF_A_PROGRAM.findall(re.sub(r"'[^']*'|«\s.*?\s»", "·", str(text), flags=re.DOTALL))


def told_by(df: pd.DataFrame, bot: Any, mode: str) -> list[object]:
    """All that a run writes and says."""
    heard: list[object] = []

    class Watching:
        def record_step(self, _position: int, text: str) -> None:
            heard.append(text)

    result = run_batch(
        df,
        mode,
        bot,
        progress_cb=lambda _at, text: heard.append(text),
        observer=Watching(),
        clock=at_noon,
        sleep=lambda _seconds: None,
    )
    entries = [entry[name] or "" for entry in result["results"] for name in ("message", "status_update", "last_error")]
    warnings = [warning for entry in result["results"] for warning in entry["warnings"]]
    said = build_report(result, workbook="Stock.xlsm", account="dealer@example.com")
    cells = [*df["posting_status"], *df.get("last_error", [])]
    return [*heard, *map(cell_text, cells), *entries, *warnings, result["message"], said.subject, said.text]


QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(
    trouble=ANSWERS,
    where=st.sampled_from(["post", "find", "delete", "login", "check", "warnings"]),
    after=st.booleans(),
    status=st.sampled_from(["", "Error: Unsure – x", "Posted 2026-01-01"]),
    mode=st.sampled_from(["new", "all"]),
)
@example(trouble=errors.BatchStopped(None), where="login", after=False, status="", mode="new")
@example(trouble=[None, Mute(), TRACE], where="check", after=False, status="", mode="new")
@example(trouble={"success": True, "warning": TRACE}, where="post", after=True, status="", mode="new")
def test_whatever_a_bot_does_its_row_is_told_in_words(
    trouble: Any, where: str, after: bool, status: str, mode: str
) -> None:
    df = trucks(status, "", ad_id=["7", ""], last_error=["", ""])
    for text in told_by(df, Odd(**{where: trouble, "after": after}), mode):
        assert not unfit(text), text
    first = str(df["posting_status"][0])
    assert re.fullmatch(r"Posted.*|Removed – .+|Error: [^\s].+|", first, re.DOTALL), first


@QUIET
@given(cells=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=3))
@example(cells=[tuple(NOTHING[:5])])
@example(cells=[(Mute(), Mute(), Refusing(), np.array([1]), b"x")])
def test_whatever_stands_in_a_row_it_is_told_in_words(cells: list[tuple[Any, ...]]) -> None:
    names = ("title", "description", "price", "photos", "category")
    rows = {name: [row[at] for row in cells] for at, name in enumerate(names)}
    df = trucks(*[""] * len(cells), **rows)
    texts = told_by(df, SiteBot(), "new")
    grid = [["SKU", *(name.capitalize() for name in names), "Posting status", "Last error"]]
    table = table_from_grid([*grid, *([f"A{at}", *row, "", ""] for at, row in enumerate(cells))], "Sheet 'Stock'")
    notes = sheet_notes(table, check_inventory(table.frame, SiteBot()))
    texts += [notes.message, *(text for changed in notes.cells.values() for text in changed.values())]
    for text in texts:
        assert not unfit(text), text


@pytest.mark.parametrize("value", TEXTS, ids=lambda value: type(value).__name__)
def test_an_outcome_says_something_whatever_it_is_given(value: Any) -> None:
    for outcome in (
        Outcome.failed(value, "record"),
        Outcome.unsure(value if isinstance(value, str) else ""),
        Outcome.not_replaced("Posted", "7", "site", value),
        Outcome.posted(value, at_noon().date(), warning=value),
    ):
        assert not unfit(outcome.status), outcome.status
        assert not unfit(outcome.message), outcome.message
        assert re.search(r"[^\W\d]", outcome.message), "it says something"


@pytest.mark.parametrize("text", OF_PERSONS)
def test_words_stay_as_they_are(text: str) -> None:
    assert plain(text) == text
    assert not unfit(text)


@pytest.mark.parametrize("text", OF_PROGRAMS)
def test_nothing_of_a_program_is_left(text: str) -> None:
    assert plain(text) == ""
    assert OF_A_PROGRAM.search(text), "the tests above would see it"


@pytest.mark.parametrize("value", NOTHING, ids=lambda value: type(value).__name__)
def test_no_value_is_blank_of_whatever_kind(value: Any) -> None:
    assert cell_text(value) == ""
    assert is_blank(value) or isinstance(value, np.datetime64)


def test_a_persons_own_word_none_is_a_word() -> None:
    assert cell_text("None") == "None"
    df = trucks("", bucket_truck_id=["None"])
    bot = SiteBot()
    run_batch(df, "new", bot, clock=at_noon)
    assert bot.accepted == ["None"]
