"""The catalogues of sentences: whole, alike in both languages, and used by the code as they are."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

import xlkijiji
from xlkijiji import messages

PACKAGE = Path(xlkijiji.__file__).parent


def texts(entry: Message) -> tuple[str, ...]:
    """The forms of one entry's text."""
    return entry.string if isinstance(entry.string, tuple) else (entry.string,)


def entries(language: str) -> dict[str, Message]:
    """key → entry, without the header."""
    return {
        entry.id[0] if isinstance(entry.id, tuple) else entry.id: entry for entry in messages.load(language) if entry.id
    }


def names(text: str) -> set[str]:
    """What a text wants filled in."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


ENGLISH, FRENCH = entries("en"), entries("fr")


def calls() -> Iterator[tuple[str, str, set[str] | None]]:
    """Each `tell("key", name=…)` of the package: where it is, its key, and the names it gives (None: `**values`)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "from xlkijiji.messages import" not in path.read_text(encoding="utf-8"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if (
                isinstance(node.func, ast.Name)
                and node.func.id == "tell"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                given = {word.arg for word in node.keywords} - {"in_language"}
                where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                yield where, str(node.args[0].value), None if None in given else {str(word) for word in given}


def test_both_languages_have_the_same_keys() -> None:
    assert set(ENGLISH) == set(FRENCH)
    assert list(ENGLISH) == [key for key in FRENCH if key in ENGLISH], "in the same order, to be read side by side"


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_key_stands_twice(language: str) -> None:
    lines = (PACKAGE / "messages" / f"{language}.po").read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if line.startswith("msgid ") and line != 'msgid ""']
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_an_entry_is_whole_and_fills_in_the_same_names_in_both_languages(key: str) -> None:
    english, french = texts(ENGLISH[key]), texts(FRENCH[key])
    assert len(english) == len(french)
    assert all(text.strip() for text in english + french)
    assert not ENGLISH[key].fuzzy
    assert not FRENCH[key].fuzzy
    # a singular may leave the number out
    allowed = {"count"} if len(english) > 1 else set()
    assert names(english[-1]) == names(french[-1])
    for text in english + french:
        assert names(english[-1]) - allowed <= names(text) <= names(english[-1])


def test_the_code_asks_for_what_there_is_and_gives_what_is_filled_in() -> None:
    found = list(calls())
    assert found
    for where, key, given in found:
        assert key in ENGLISH, f"{where}: no message {key!r}"
        wanted = set().union(*(names(text) for text in texts(ENGLISH[key])))
        plural = {"count"} if len(texts(ENGLISH[key])) > 1 else set()
        if given is not None:
            assert wanted | plural == given, f"{where}: {key!r} wants {sorted(wanted | plural)}, not {sorted(given)}"


def in_pages() -> set[str]:
    """The keys that the templates of our pages ask for."""
    pages = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.html")]
    return {key for page in pages for key in re.findall(r"\bsay\('([a-z0-9-]+)'\)", page)}


def test_the_pages_ask_for_what_there_is() -> None:
    keys = in_pages()
    assert keys
    assert keys <= set(ENGLISH)
    assert not any(names(text) for key in keys for text in texts(ENGLISH[key])), "a page fills nothing in"


def test_no_message_is_left_over() -> None:
    """A key is asked for by `tell` or by a page, or stands as a word of its own in a table of the code."""
    words = {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(ENGLISH) <= words | in_pages()


def test_a_language_is_chosen_once_for_the_process() -> None:
    assert messages.language() == "en"
    messages.use("fr")
    try:
        assert messages.tell("not-started").startswith("xlkijiji n’a pas pu démarrer.")
        assert messages.tell("not-started", "en").startswith("xlkijiji could not start.")
    finally:
        messages.use("en")
    with pytest.raises(ValueError, match="no catalogue for 'de'"):
        messages.use("de")


def test_a_mistake_of_ours_is_not_shown_to_people() -> None:
    with pytest.raises(LookupError, match="no message 'nonsense'"):
        messages.tell("nonsense")
