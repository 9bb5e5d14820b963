"""What `xlkijiji` says on a terminal, in the language of the person's system: help, answers, refusals."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.errors
import pytest
import typer
from typer.testing import CliRunner

from xlkijiji import jobs, messages
from xlkijiji.cli import app
from xlkijiji.demo.check import find_problems
from xlkijiji.errors import SettingsError
from xlkijiji.journal import Journal
from xlkijiji.kijiji import site_doctor
from xlkijiji.kijiji.selectors import load_selectors
from xlkijiji.kijiji.site_doctor import FieldLook, PageLook, SiteLook
from xlkijiji.messages import tell
from xlkijiji.practice import PortTakenError, PracticeSite
from xlkijiji.selftest.report import Check, Report
from xlkijiji.settings import Settings
from xlkijiji.spoken_commands import help_keys

GROUP: Any = typer.main.get_command(app)
LANGUAGES = pytest.mark.parametrize("language", messages.LANGUAGES)


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    messages.use("en")


@pytest.fixture
def french_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's system speaks French."""
    monkeypatch.setenv("LANGUAGE", "fr_CA:en")


def _run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def _in_one_line(page: str) -> str:
    """A page of help without its frame and its line breaks."""
    return " ".join(re.sub("[─-╿]", " ", page).split())


def _help(monkeypatch: pytest.MonkeyPatch, language: str, *words: str) -> str:
    monkeypatch.setenv("LANGUAGE", language)
    # so wide that no text is broken by the next column's
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("TERMINAL_WIDTH", "400")
    code, page, _trouble = _run(*words, "--help")
    assert code == 0
    return _in_one_line(page)


def _told(key: str, language: str) -> str:
    return _in_one_line(tell(key, language))


# --- help


@LANGUAGES
@pytest.mark.parametrize("name", [None, *GROUP.commands])
def test_each_help_is_that_of_the_catalogue(monkeypatch: pytest.MonkeyPatch, name: str | None, language: str) -> None:
    page = _help(monkeypatch, language, *([name] if name else []))
    if name is None:
        keys = ["commands", *(f"command-{one.name}" for one in GROUP.commands.values() if not one.hidden)]
    else:
        keys = [f"command-{name}"]
        params = [one for one in GROUP.commands[name].params if not one.hidden]
        keys += [f"command-{name}-{one.name.replace('_', '-')}" for one in params]
    for key in [*keys, "help-usage", "help-options", "help-help"]:
        # in the list of all commands, each has the first paragraph of its help
        text = tell(key, language) if name else tell(key, language).split("\n\n")[0]
        assert _in_one_line(text) in page, key
        english = tell(key, "en").split("\n\n")[0]
        if language != "en" and english != tell(key, language).split("\n\n")[0]:
            assert _in_one_line(english) not in page, key


def test_every_key_of_the_help_differs_between_the_languages() -> None:
    assert [key for key in help_keys(GROUP) if tell(key, "en") == tell(key, "fr")] == []


@pytest.mark.parametrize("word", ["Usage", "default", "required", "Commands", "Show this"])
def test_what_stands_around_the_help_is_french_too(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    for name in ([], ["new"], ["forget"], ["doctor"]):
        assert word not in _help(monkeypatch, "fr", *name)


def test_help_in_one_language_leaves_nothing_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _help(monkeypatch, "en", "new")
    assert _help(monkeypatch, "fr", "new") != before
    assert _help(monkeypatch, "en", "new") == before


@pytest.mark.parametrize(
    "start",
    [["-m", "xlkijiji"], ["-c", "import sys; from xlkijiji.cli import app; sys.argv[0] = 'xlkijiji'; sys.exit(app())"]],
    ids=["module", "script"],
)
def test_it_speaks_the_same_however_it_is_started(start: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *start, "new", "--help"],
        env={**os.environ, "LANGUAGE": "fr", "COLUMNS": "400", "TERMINAL_WIDTH": "400", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert _told("command-new-language", "fr") in _in_one_line(done.stdout)


# --- answers


def test_new_answers_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "inventaire.xlsm"
    code, said, _trouble = _run("new", str(path), "--language", "fr")
    assert code == 0
    assert said.strip() == tell("workbook-created", "fr", path=path, pictures=tmp_path / "pictures")
    assert _run("new", str(path), "--language", "fr")[2].strip() == tell("workbook-is-there", "fr", path=path)


@pytest.mark.usefixtures("french_system")
def test_new_makes_what_the_system_speaks_unless_told(tmp_path: Path) -> None:
    assert "a été créé" in _run("new", str(tmp_path / "un.xlsm"))[1]
    assert "Created " in _run("new", str(tmp_path / "one.xlsm"), "--language", "en")[1]
    assert (tmp_path / "un.xlsm").read_bytes() != (tmp_path / "one.xlsm").read_bytes()


@pytest.mark.parametrize("words", [["new", "x.xlsm"], ["adopt", "x.xlsx"], ["doctor", "--offline"]])
def test_a_language_that_there_is_not_is_refused_with_a_sentence(words: list[str]) -> None:
    code, _said, trouble = _run(*words, "--language", "de")
    assert (code, trouble.strip()) == (1, "xlkijiji doesn't speak 'de'. Use en or fr.")


@pytest.mark.parametrize("command", ["post", "check"])
@pytest.mark.usefixtures("french_system")
def test_a_mode_that_there_is_not_is_refused_with_a_sentence(command: str) -> None:
    code, _said, trouble = _run(command, "x.csv", "--mode", "some")
    assert (code, trouble.strip()) == (1, tell("mode-unknown", "fr", mode="some"))


@pytest.mark.usefixtures("french_system")
def test_what_the_system_refuses_comes_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _said, trouble = _run("new", str(tmp_path / "file" / "below" / "x.xlsm"))
    assert code == 1
    assert trouble.startswith("Le système ne l’a pas permis (")
    assert "Vérifiez" in trouble


@pytest.mark.usefixtures("french_system")
def test_a_run_is_asked_to_stop_in_french(tmp_path: Path) -> None:
    assert _run("stop", str(tmp_path / "x.xlsm")) == (1, tell("not-running", "fr") + "\n", "")


@pytest.mark.usefixtures("french_system")
def test_the_log_is_spoken_of_in_french() -> None:
    assert _run("log")[1].strip() == tell("no-log-yet", "fr")


@pytest.mark.parametrize("mail", [[], ["--mail"]])
@pytest.mark.usefixtures("french_system")
def test_a_password_is_asked_for_and_kept_in_french(monkeypatch: pytest.MonkeyPatch, mail: list[str]) -> None:
    asked: list[str] = []
    monkeypatch.setattr(getpass, "getpass", lambda prompt: asked.append(prompt) or "secret")
    monkeypatch.setattr(keyring, "set_password", lambda *_words: None)
    assert _run("password", "a@example.com", *mail) == (0, tell("password-kept", "fr") + "\n", "")
    assert asked == [tell("password-prompt", "fr")]

    def none(*_words: str) -> None:
        raise keyring.errors.NoKeyringError("none")

    monkeypatch.setattr(keyring, "set_password", none)
    code, said, trouble = _run("password", "a@example.com", *mail)
    assert (code, trouble.strip()) == (1, tell("no-key-store", "fr", error="none"))
    assert said.strip() == tell("no-key-store-mail" if mail else "no-key-store-kijiji", "fr")


@pytest.mark.usefixtures("french_system")
def test_without_a_journal_its_commands_say_so_in_french() -> None:
    path = jobs.journal_file(Settings())
    for command in (["stats"], ["forget", "BT001"], ["journal", "show"]):
        code, said, trouble = _run(*command, "--practice")
        assert (code, said) == (1, "")
        assert trouble.strip() == tell("no-journal-yet", "fr", path=path)
    assert "n’est pas connu" in _run("journal", "nonsense")[2]


@pytest.mark.usefixtures("french_system")
def test_the_journal_and_its_numbers_are_shown_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    path = jobs.journal_file(Settings())
    path.parent.mkdir(parents=True, exist_ok=True)
    with Journal(path) as journal, journal.only_run("a@example.com"):
        run = journal.begin_run("a@example.com", "stock.xlsm", "new")
        journal.plan("a@example.com", run, [("BT001", "Truck")])
    numbers = _in_one_line(_run("stats", "--practice")[1])
    for key in ("stats-all-runs", "stats-records", "stats-rate", "stats-median", "stats-head-ended", "run-end-open"):
        assert _told(key, "fr") in numbers, key
        assert _told(key, "en") not in numbers, key
    assert "BT001  prévue" in _run("journal", "--practice")[1]
    assert _run("journal", "check", "--practice")[1].strip() == tell("journal-is-sound", "fr", path=path)
    assert _run("journal", "repair", "--practice")[1].strip() == tell("journal-was-sound", "fr", path=path)
    assert _run("forget", "--practice", "BT9")[1].strip() == tell("no-ad-to-forget", "fr", sku="BT9")


# --- reports: in the person's language on the screen, in one language where they are sent in


def _look() -> SiteLook:
    fields = (
        FieldLook("details_form", "title", (1, 0), "2026-11-23", "A"),
        FieldLook("details_form", "price", (0, 1), "2026-11-23", "B"),
        FieldLook("details_form", "total", (0,), "2026-11-23", "C"),
        FieldLook("details_form", "package", (0,), "2026-11-23", "C", "site-why-packages"),
    )
    pages = [PageLook("details form", "/p", 200, fields), PageLook("my ads", "", 0, (), "SiteError")]
    return SiteLook("127.0.0.1", "chrome 1", "339", dt.datetime(2026, 11, 23).astimezone(), pages=pages)


def test_a_look_at_the_site_is_shown_in_french_and_sent_in_in_english() -> None:
    before = _look().as_text(), _look().as_dict()
    messages.use("fr")
    look = _look()
    assert [one.verdict for one in look.pages[0].fields] == [
        "le premier",
        "candidat 2 sur 2",
        "MANQUE",
        "absent (seulement dans les catégories à forfaits)",
    ]
    assert look.left_out()[0].startswith("non examiné\u00a0: delete_dialog.reason\u00a0: ne s’ouvre que")
    assert (look.as_text(), look.as_dict()) == before
    assert "not there (only in categories with packages)" in before[0]
    assert before[1]["pages"][0]["fields"][3]["excuse"] == "only in categories with packages"
    assert messages.language() == "fr"


def test_every_field_that_may_be_missing_has_its_reason_in_both_languages() -> None:
    keys = {*site_doctor.NEEDS_MORE.values(), *site_doctor.UNSEEN.values(), *site_doctor.PAGES.values()}
    for key in keys:
        assert tell(key, "fr") != tell(key, "en")


def test_the_report_of_the_acceptance_kit_is_in_the_persons_language(tmp_path: Path) -> None:
    messages.use("fr")
    report = Report(tmp_path, "Calc", "now")
    report.add(Check("opens", tell("selftest-opens"), True, "30 boutons"))
    report.add(Check("asks", tell("selftest-asks"), False, "rien", ["1.png"]))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in (
        'lang="fr"',
        "Promesses tenues dans Calc\u00a0: 1 sur 2",
        "Langue et pays",
        "Tenue\u00a0: Le classeur",
        "ROMPUE\u00a0: Post",
    ):
        assert words in page
    for word in ("Program<", "kept", "BROKEN", "The screen", "Started"):
        assert word not in page
    whole = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [(one["name"], one["kept"]) for one in whole["checks"]] == [("opens", True), ("asks", False)]
    assert "Program" in whole["facts"], "the file names its facts as in the code, whoever is asked"


def test_the_demo_judges_in_the_persons_language(tmp_path: Path) -> None:
    english = find_problems([], {}, tmp_path)
    messages.use("fr")
    french = find_problems([], {}, tmp_path)
    assert len(english) == len(french) > 0
    assert not set(english) & set(french)


def test_a_mistake_in_ones_own_selectors_is_told_in_french(tmp_path: Path) -> None:
    messages.use("fr")
    path = tmp_path / "mine.toml"
    path.write_text('format = 1\n[details_form]\ntitel = [{ css = "#x", known = 2026-11-25, sure = "C" }]\n', "utf-8")
    with pytest.raises(SettingsError, match=r"ce champ n’existe pas; .*, peut-être «\u00a0title\u00a0»"):
        load_selectors(path)


def test_a_port_that_is_taken_is_told_in_french(tmp_path: Path) -> None:
    messages.use("fr")
    with PracticeSite(tmp_path / "one") as site:
        port = int(site.url.rsplit(":", 1)[1])
        with pytest.raises(PortTakenError) as caught:
            PracticeSite(tmp_path / "two", port=port).start()
    assert str(caught.value) == tell("port-taken", "fr", port=port)
