"""What the installers say stands in the catalogues, in both languages, and nothing beside it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from odd_sentences import KEY, ODD, odd_script, said
from spoken_installers import keys_of, spoken

from xlkijiji import messages

INSTALLERS = Path(__file__).parents[2] / "installers"
SCRIPTS = ("install.sh", "Install xlkijiji.cmd", "uninstall.cmd", "speaking.cmd")
SPEAKS = re.compile(
    r"(?:^|[\s;&|({@])(?:echo|printf|say|tell|give_up|cat|msg|set /p)\b(?P<said>[^#\n]*)", re.IGNORECASE
)
NO_WORDS = re.compile(
    r"installer-[a-z-]+"  # a key
    r"|\$\([^)]*\)|[$%]\w+[:%]?|%~?\d|\$\d"  # what is filled in
    r"|\\n|%s|[<>]+\S*|\boff\b"
)


def code_of(script: str) -> str:
    """A script without its comments."""
    return re.sub(r"^(?:rem\b|#).*|\s(?:#|rem) .*", "", script, flags=re.IGNORECASE | re.MULTILINE)


def texts_of(script: str) -> list[str]:
    """What a script says by itself: the words behind its commands for saying."""
    lines = code_of(script).splitlines()
    found = [match["said"].split("||")[0] for line in lines for match in SPEAKS.finditer(line)]
    return [text.strip() for text in found if re.search(r"[^\W\d_]{2,}", NO_WORDS.sub("", text))]


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_sentence_stands_in_a_script(name: str) -> None:
    source = (INSTALLERS / name).read_text(encoding="utf-8")
    assert texts_of(source) == []
    assert code_of(source).isascii(), "French stands in the catalogue"


@pytest.mark.parametrize(
    "line",
    [
        "echo Done.",
        'if exist "%old%" echo The disk is full.',
        "    printf '%s\\n' 'Is the disk full?'",
        'printf "\\nThe file $wheel is damaged.\\n" >&2',
        'give_up "The disk is full."',
        "[ -n \"$own\" ] || give_up 'The disk is full.'",
        'echo "Terminé."',
        "set /p answer=Shall the old one be removed?",
    ],
)
def test_a_sentence_that_is_added_to_a_script_is_found(line: str) -> None:
    assert texts_of(f"#!/bin/sh\n{line}\n")


@pytest.mark.parametrize("name", SCRIPTS[:3])
def test_each_sentence_is_in_the_script_in_both_languages_and_fills_in_what_the_script_sets(name: str) -> None:
    source = (INSTALLERS / name).read_text(encoding="utf-8")
    text = spoken(INSTALLERS / name).decode("cp1252" if name.endswith(".cmd") else "utf-8")
    assert "@sentences@" not in text
    for key in keys_of(source):
        for language in messages.LANGUAGES:
            assert re.search(rf"^ *:?{language}[:-]{key}\b", text, re.MULTILINE), key
    catalogue = {entry.id: entry.string for entry in messages.load("fr")}
    for variable in {name for key in keys_of(source) for name in re.findall(r"\{(\w+)\}", catalogue[key])}:
        assert re.search(rf'(?:^|[\s"]){variable}=', source, re.MULTILINE), variable


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_any_sign_in_a_sentence_or_a_folder_is_said_by_sh_as_it_is(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = '/home/a & b (1)%x^y!z/$HOME/it\'s "q"'
    function = "tell() {\n    case $language:$1 in\n        # @sentences@\n    esac\n}\n"
    source = f"language=$1 program=$2\n{function}tell {KEY}\n"
    script = odd_script("odd.sh", source, tmp_path, monkeypatch)
    done = subprocess.run(["sh", "-c", script, "sh", language, folder], capture_output=True, timeout=60, check=True)
    assert done.stdout.decode().replace("\n", " ").rstrip() == said(language, folder)


def test_an_english_sentence_that_not_every_window_shows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as inside:
        inside.setitem(ODD, "en", "Unpacking…")
        with pytest.raises(UnicodeEncodeError):
            odd_script("odd.cmd", f"call :tell {KEY}\n", tmp_path, inside)
