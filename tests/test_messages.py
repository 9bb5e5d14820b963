"""The catalogues of sentences: whole, alike in both languages, and used by the code as they are."""

from __future__ import annotations

import ast
import itertools
import re
import string
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer
from babel.messages.catalog import Message
from spoken_installers import keys_of

import xlkijiji
from xlkijiji import messages
from xlkijiji.cli import app
from xlkijiji.column_words import ColumnWords
from xlkijiji.inventory import CHECKING, ERROR, IN_HAND, POSTED
from xlkijiji.outcome import NOT_REPLACED, SYSTEM_ERROR, UNSURE_WORD, Outcome
from xlkijiji.recovery import NOT_AGAIN
from xlkijiji.sheet_check import MARK
from xlkijiji.spoken_commands import help_keys

PACKAGE = Path(xlkijiji.__file__).parent
INSTALLERS = PACKAGE.parent / "installers"


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


BREAKABLE = re.compile(r"«[ \n]|[ \n]»|[ \n]:|[\d}][ \n]%")
"""A blank at which a line of French may break, and must not: the sign would stand at the beginning or end of one."""


@pytest.mark.parametrize("key", sorted(FRENCH))
def test_no_line_of_french_breaks_before_a_sign(key: str) -> None:
    assert not [text for text in texts(FRENCH[key]) if BREAKABLE.search(text)], "U+00A0 belongs there"


def test_the_french_label_of_a_column_is_understood_with_either_blank() -> None:
    for blank in (" ", "\u00a0", ""):
        words = ColumnWords.from_labels({f"Colonne{blank}: Titre": "Nom de l’objet"})
        assert words.name("Nom de l’objet") == "title"


def test_the_code_asks_for_what_there_is_and_gives_what_is_filled_in() -> None:
    found = list(calls())
    assert found
    for where, key, given in found:
        assert key in ENGLISH, f"{where}: no message {key!r}"
        wanted = set().union(*(names(text) for text in texts(ENGLISH[key])))
        plural = {"count"} if len(texts(ENGLISH[key])) > 1 else set()
        if given is not None:
            assert wanted | plural == given, f"{where}: {key!r} wants {sorted(wanted | plural)}, not {sorted(given)}"


def test_what_is_spoken_inside_is_no_other_thread_s() -> None:
    """Two people before one server: each is answered in the language of their own."""
    both = threading.Barrier(2, timeout=30)

    def speaks(which: str) -> tuple[str, str, str]:
        with messages.speaking(which):
            both.wait()
            first = messages.tell("page-report")
            messages.use({"en": "fr", "fr": "en"}[which])
            both.wait()
            return which, first, messages.tell("page-report")

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(speaks, messages.LANGUAGES))
    assert said == [("en", "Report", "Rapport"), ("fr", "Rapport", "Report")]
    assert messages.language() == "en", "use inside holds until its end"


def in_pages() -> set[str]:
    """The keys that the templates of our pages ask for."""
    pages = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.html")]
    return {key for page in pages for key in re.findall(r"\bsay\('([a-z0-9-]+)'\)", page)}


def test_the_pages_ask_for_what_there_is() -> None:
    keys = in_pages()
    assert keys
    assert keys <= set(ENGLISH)
    assert not any(names(text) for key in keys for text in texts(ENGLISH[key])), "a page fills nothing in"


def in_macros() -> dict[str, set[str]]:
    """The keys that the macros ask for, and what each of them fills in."""
    sources = [path.read_text(encoding="cp1252") for path in (PACKAGE / "workbook" / "vba").glob("*.bas")]
    found = [pair for source in sources for pair in re.findall(r'"tell:([a-z-]+)(?:\((\w+)\))?"', source)]
    return {key: {name} - {""} for key, name in found}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_macros_ask_for_what_there_is_and_can_hold_it(language: str) -> None:
    """A project of VBA is in one code page, and a literal is on one line of at most 1023 characters."""
    keys = in_macros()
    assert keys
    for key, filled in keys.items():
        (text,) = texts(messages.load(language)[key])
        assert names(text) == filled
        assert text.encode("cp1252")
        assert "\n" not in text
        assert len(text) < 900


def in_installers() -> set[str]:
    """The keys that the installers ask for, whose sentences scripts/make_release.py puts into them."""
    scripts = [*INSTALLERS.glob("*.cmd"), INSTALLERS / "install.sh"]
    return {key for path in scripts for key in keys_of(path.read_text(encoding="utf-8"))}


def test_the_installers_ask_for_what_there_is() -> None:
    """What they fill in, and how it is said, is tested in tests/installers."""
    keys = in_installers()
    assert keys
    assert keys <= set(ENGLISH)


def in_help() -> set[str]:
    """The keys that the help of the commands asks for."""
    return set(help_keys(typer.main.get_command(app)))


def test_the_help_of_the_commands_asks_for_what_there_is() -> None:
    keys = in_help()
    assert keys
    assert keys <= set(ENGLISH)
    assert not any(names(text) for key in keys for text in texts(ENGLISH[key])), "help fills nothing in"


def test_no_message_is_left_over() -> None:
    """A key is asked for by `tell`, a page, a macro, an installer or a command's help, or is in a table of the code."""
    words = {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(ENGLISH) <= words | in_pages() | in_macros().keys() | in_installers() | in_help()


FIXED = [
    POSTED,
    f"{ERROR}:",
    CHECKING,
    IN_HAND,
    "Uploading photos",
    NOT_REPLACED,
    NOT_AGAIN,
    MARK.strip(),
    SYSTEM_ERROR,
]


def test_the_words_that_stay_english_are_declared_and_are_the_same_in_french() -> None:
    for word in (*FIXED, UNSURE_WORD, "Removed –", "pending"):
        assert f"`{word}" in str(messages.__doc__), word
    with messages.speaking("fr"):
        assert Outcome.taken_off("7").status.startswith("Removed –")
        assert Outcome.unsure("x").status.startswith(f"{ERROR}: {UNSURE_WORD}")
        assert Outcome.unforeseen(ZeroDivisionError()).status == f"{ERROR}: {SYSTEM_ERROR}"
        assert Outcome.kept(POSTED, "x", "site").status.startswith(f"{POSTED}{NOT_REPLACED}")
    for key, entry in ENGLISH.items():
        for word in (UNSURE_WORD, "Draft not posted"):
            assert len({text.startswith(word) for text in (*texts(entry), *texts(FRENCH[key]))}) == 1, key


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


# --- nothing is said past the catalogues

ELSEWHERE = {
    "demo/sample.py": "a sample's items",
    "practice/": "what the stand-in for Kijiji says on its pages: a site's words, English and French by its own table",
}
"""Modules and rooms that are not looked through, and why."""
ALL_THE_SAME = {"practice/server.py", "practice/__main__.py"}
"""Modules of those rooms that speak to whoever started them."""
ALLOWED = {
    "Rem Attribute ": "Basic, for LibreOffice",
    "Nothing can be posted: the bot has no post_ad": "told to a programmer who gave run_batch something else",
    "Nothing can be posted: there is no bot.": "same",
    "The inventory must be a pandas DataFrame": "same",
    "The mode {} isn't known.": "same",
    "The journal has no table {}.": "same",
    "Long enough for the site. Stock {SKU}.": "the text of an ad that the acceptance kit posts",
    "CREATE TABLE ": "SQL",
    "INSERT ": "SQL",
    "SELECT ": "SQL",
    "UPDATE ": "SQL",
}
"""Beginnings of sentences that stand in the code, and why."""
NOT_SAID = {
    "AttributeError",
    "IndexError",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "TypeError",
    "ValueError",
    "logs.event",
    "re.compile",
}
"""Calls whose texts no person at a workbook sees: mistakes of a programmer, patterns, the log."""
SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,][A-Za-z']{2,}){2}.*[.…?!](?:\s|$)", re.DOTALL)


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of each literal that isn't a docstring, nor for the log; `{}` for what is filled in."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                passed.add(id(statement.value))
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.startswith(("log.", "_log.")) or called in NOT_SAID:
                passed.update(map(id, ast.walk(node)))
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            passed.update(map(id, node.values))
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def looked_through() -> list[str]:
    """All modules but those that stand in `ELSEWHERE`, by themselves or with their room."""
    names = (path.relative_to(PACKAGE).as_posix() for path in sorted(PACKAGE.rglob("*.py")))
    return [name for name in names if name in ALL_THE_SAME or not {name, f"{name.split('/')[0]}/"} & ELSEWHERE.keys()]


def test_what_stands_elsewhere_is_still_there() -> None:
    assert all((PACKAGE / name).exists() for name in {*ELSEWHERE, *ALL_THE_SAME})


@pytest.mark.parametrize("name", looked_through())
def test_no_sentence_stands_in_the_code(name: str) -> None:
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
    found = [
        f"{line}: {text}"
        for line, text in literals(tree)
        if SENTENCE.search(text) and not text.strip().startswith(tuple(ALLOWED))
    ]
    assert not found, "these belong into the catalogues"


# --- each one says what to do

VERBS = (
    "Add|Allow|Ask|Change|Check|Choose|Clear|Click|Close|Compare|Connect|Copy|Correct|Delete|Do|End|Fill|Give|Install|Leave|"
    "Look|Make|Name|Open|Pay|Post|Press|Put|Remove|Rename|Replace|Report|Run|Save|Scroll|Show|Sign|Start|Take|Try|Type|"
    "Unlock|Use|Wait|Write"
)
ADVICE = re.compile(rf"(?:^|[.;:,–] |\bor |\band |\bthen |[Pp]lease )(?:{VERBS}|{VERBS.lower()})\b")
SAYS_NO_MORE = {
    "bot-did-not-say": "the row is unsure then, and what to do about that is said behind it",
    "ended-nothing-deleted": "for a thread that comes late: the run is over, and has said what became of it",
    "ended-nothing-noted": "same",
    "ended-nothing-submitted": "same",
    "no-journal": "nothing is to be done: the next run makes one",
    "posted-but-not-there": "as bot-did-not-say",
    "run-limit-reached": "the end of a run says behind it that the next click goes on",
    "stopped-as-asked": "same",
    "stays-empty": "it follows no-field-on-page, which says what to do",
    **dict.fromkeys(
        (
            "selectors-candidate",
            "selectors-css-empty",
            "selectors-format",
            "selectors-hidden",
            "selectors-known",
            "selectors-no-fields",
            "selectors-no-list",
            "selectors-sure",
            "selectors-text",
        ),
        "own-selectors-unusable is around it, with its advice",
    ),
}
"""Messages without an advice, and why."""
TOLD_BY = {"PhotoError", "PortTakenError", "_NotSent", "EndRun", "Outcome.failed", "Outcome.kept", "Outcome.unsure"}
"""What else a person is told of a failure by: errors of other families, and how a row or a run ended."""


def family(*roots: str) -> set[str]:
    """The names of these classes, and of all that the package derives from them."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    found = set(roots)
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


FAILURES = family("XlkijijiError", "CalcError") | TOLD_BY


def asked_for(argument: ast.expr) -> list[str]:
    """The messages, one or another, that an argument may be."""
    if isinstance(argument, ast.IfExp):
        return asked_for(argument.body) + asked_for(argument.orelse)
    if isinstance(argument, ast.Call) and ast.unparse(argument.func) == "tell":
        key = argument.args[0]
        return [str(key.value)] if isinstance(key, ast.Constant) else []
    return []


def raised() -> Iterator[tuple[str, ...]]:
    """The messages that are told together as the text of an error of ours, or of the end of a row or a run."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in FAILURES:
                yield from itertools.product(*filter(None, map(asked_for, node.args)))


def test_every_error_of_ours_is_looked_at() -> None:
    assert {"SelftestError", "DesktopError", "SignedOutError", "WorkbookClosed", "ProtectedSheetError"} <= FAILURES


@pytest.mark.parametrize("keys", sorted(set(raised()) - {()}), ids=" ".join)
def test_an_error_says_what_to_do(keys: tuple[str, ...]) -> None:
    text = ". ".join(texts(ENGLISH[key])[-1] for key in keys)
    assert ADVICE.search(text) or names(text) & {"advice", "why", "error"} or keys[0] in SAYS_NO_MORE, text


GOES_WELL = {
    f"installer-{name}"
    for name in ("begins", "minutes", "tools", "python", "packages", "workbook", "done", "as-before", "not-installed")
}
"""What an installer says of its progress, and behind the sentence of a failure."""


@pytest.mark.parametrize("key", sorted(in_installers() - GOES_WELL))
def test_a_failure_of_an_installer_says_what_to_do(key: str) -> None:
    (text,) = texts(ENGLISH[key])
    assert ADVICE.search(text)
    assert "?" not in text, "a question leaves open what to do"


def test_what_says_no_more_is_still_there() -> None:
    assert set(SAYS_NO_MORE) <= {key for keys in raised() for key in keys}
    assert set(GOES_WELL) <= set(ENGLISH)
