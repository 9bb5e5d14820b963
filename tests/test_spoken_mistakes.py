"""What is answered to a mistake in what is typed behind `xlkijiji`, and how a question takes its answer."""

from __future__ import annotations

import errno
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
import xlsxwriter
from typer.testing import CliRunner

from xlkijiji import messages, uninstall
from xlkijiji.cli import app
from xlkijiji.errors import system_refusal
from xlkijiji.messages import tell
from xlkijiji.spoken_commands import fail

LANGUAGES = pytest.mark.parametrize("language", messages.LANGUAGES)
OF_CLICK = re.compile(r"No such|Missing|Invalid|unexpected|requires|does not|not a valid|Try '|\bError\b|Aborted|Input")
"""What click and Typer say in English, whatever the system speaks."""
MISTAKES = {
    "pots": ("mistake-command", {"name": "pots"}),
    "nonsense": ("mistake-command", {"name": "nonsense"}),
    "--nonsense": ("mistake-option", {"option": "--nonsense"}),
    "post --mdoe new": ("mistake-option", {"option": "--mdoe"}),
    "post": ("mistake-missing", {"name": "path"}),
    "forget --practice": ("mistake-missing", {"name": "skus"}),
    "post x.csv --mode": ("mistake-value-missing", {"option": "--mode"}),
    "post x.csv --draft=yes": ("mistake-no-value", {"option": "--draft"}),
    "open x.xlsm --menu=yes": ("mistake-no-value", {"option": "--menu"}),
    "post my stock.xlsx": ("mistake-too-many", {}),
    "version 2": ("mistake-too-many", {}),
}


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    messages.use("en")


def _run(*words: str, answer: str | None = None) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words), input=answer)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


# --- mistakes


@LANGUAGES
@pytest.mark.parametrize("typed", MISTAKES)
def test_a_mistake_is_told_in_the_persons_language(monkeypatch: pytest.MonkeyPatch, typed: str, language: str) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    key, filled = MISTAKES[typed]
    code, said, trouble = _run(*typed.split())
    assert (code, said) == (2, "")
    assert tell(key, language, **filled) in trouble
    assert trouble.startswith(tell("help-usage", language))
    assert re.search(tell("mistake-help", language, command=r"\S+( [a-z]+)?"), trouble)
    assert not OF_CLICK.search(trouble) or language == "en", trouble


@LANGUAGES
@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("practice --port many", "command-practice-port"),
        ("practice --era 9", "command-practice-era"),
        ("log --lines 0", "command-log-lines"),
        ("post x.csv --workers two", "command-post-workers"),
    ],
)
def test_a_value_that_does_not_fit_is_answered_with_what_is_wanted(
    monkeypatch: pytest.MonkeyPatch, typed: str, key: str, language: str
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    code, _said, trouble = _run(*typed.split())
    option = next(word for word in typed.split() if word.startswith("--"))
    assert code == 2
    assert tell("mistake-value", language, name=option, about=tell(key, language)) in trouble
    assert not OF_CLICK.search(trouble)


def test_what_was_meant_is_guessed() -> None:
    assert "Did you mean: post?" in _run("pots")[2]
    assert "Did you mean: --mode?" in _run("post", "--mdoe", "new")[2]
    assert "busy" not in _run("bsy")[2], "a command that no help shows"


def test_without_a_word_the_help_is_shown_as_before() -> None:
    code, said, trouble = _run()
    assert code == 2
    assert tell("commands") in " ".join((said + trouble).split())
    assert "See xlkijiji" not in said + trouble


@pytest.mark.parametrize(
    "start",
    [["-m", "xlkijiji"], ["-c", "import sys; from xlkijiji.cli import app; sys.argv[0] = 'xlkijiji'; sys.exit(app())"]],
    ids=["module", "script"],
)
def test_a_mistake_is_answered_alike_however_it_is_started(start: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *start, "post", "--mdoe"],
        env={**os.environ, "LANGUAGE": "fr", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert tell("mistake-option", "fr", option="--mdoe") in done.stderr
    assert not OF_CLICK.search(done.stderr)


# --- questions


def _stock(folder: Path) -> str:
    path = folder / "stock.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Stock")
        sheet.write_row(0, 0, ["SKU", "Title", "Description", "Price"])
        sheet.write_row(1, 0, ["A1", "Cart", "Good", 5])
    return str(path)


@LANGUAGES
@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        *((word, True) for word in ("y", "yes", "o", "oui", "O", "Oui", "YES", " oui ")),
        *((word, False) for word in ("", " ", "n", "no", "non", "ok", "yo", "1")),
    ],
)
def test_adopt_takes_a_yes_in_either_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str, meant: bool, language: str
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    code, said, _trouble = _run("adopt", _stock(tmp_path), answer=f"{answer}\n")
    assert code == (0 if meant else 1)
    assert (tmp_path / "stock.xlsm").exists() == meant
    assert ("[o/N]" if language == "fr" else "[y/N]") in said
    assert not OF_CLICK.search(said)


@pytest.mark.parametrize(("answer", "meant"), [("oui", True), ("y", True), ("", False), ("non", False)])
def test_uninstall_takes_a_yes_in_french(monkeypatch: pytest.MonkeyPatch, answer: str, meant: bool) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    asked: list[bool] = []
    monkeypatch.setattr(uninstall, "uninstall_for_user", lambda *, remembered_too: asked.append(remembered_too) or [])
    person = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("xlkijiji.cli_computer.sys", person)
    code, said, _trouble = _run("uninstall", answer=f"{answer}\n")
    assert (code, asked) == (0, [meant])
    assert "[o/N]" in said


@LANGUAGES
def test_who_breaks_off_at_a_question_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    code, _said, trouble = _run("adopt", _stock(tmp_path), answer="")
    assert code == 1
    assert trouble.strip() == tell("broken-off", language)
    assert not (tmp_path / "stock.xlsm").exists()


# --- what the system refuses


@LANGUAGES
@pytest.mark.parametrize(
    ("error", "key"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x/stock.xlsm"), "system-refused-disk"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "system-refused-port"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "system-refused-network"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "system-refused-network"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "system-refused-network"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "system-refused-network"),
        (OSError(errno.EMFILE, "Too many open files", "/x/stock.xlsm"), "system-refused-other"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/stock.xlsm"), "system-refused"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/x/stock.xlsm"), "system-refused"),
        (OSError(errno.EROFS, "Read-only file system", "/x/stock.xlsm"), "system-refused"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, OSError) else value,
)
def test_what_the_system_refuses_is_answered_with_what_helps_there(
    capsys: pytest.CaptureFixture[str], error: OSError, key: str, language: str
) -> None:
    messages.use(language)
    reason = error.strerror if error.filename is None else tell("labelled", label=error.filename, text=error.strerror)
    assert system_refusal(error) == tell(key, reason=reason)
    assert isinstance(fail(error), typer.Exit)
    assert capsys.readouterr().err.strip() == tell(key, reason=reason)
    advice = {"en": "the file or folder", "fr": "le fichier ou le dossier"}[language]
    assert (advice in tell(key, reason="")) == (key == "system-refused")
