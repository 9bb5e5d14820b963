"""The installers as people get them: the scripts in installers/ with their sentences, English and French.

They run before there is a Python that could read the catalogues, so each of them holds keys (`tell installer-done`) and
a place for the sentences. Here those are put in, in both languages; the script chooses where it runs. `{name}` in a
text becomes the script's own variable of that name.
"""

from __future__ import annotations

import re
import string
import textwrap
from pathlib import Path

from xlkijiji.messages import LANGUAGES, load

__all__ = ["keys_of", "spoken"]

PLACE = re.compile(r"^ *(?:rem|#) @sentences@\n", re.MULTILINE)
KEY = re.compile(r"\binstaller-[a-z-]+")
BATCH_PAGE = "cp1252"
"""The code page of the scripts for cmd; installers/speaking.cmd says why, and switches to it for French."""
WIDTH = 79
"""A window of a Mac's Terminal has 80 columns, and breaks longer lines inside of words."""


def keys_of(script: str) -> list[str]:
    """The keys that a script asks for, in the order of their first places."""
    return list(dict.fromkeys(KEY.findall(script)))


def spoken(path: Path) -> bytes:
    """The script at `path` with its sentences.

    Raises KeyError for a key that the catalogues don't have, and UnicodeEncodeError for a sentence that cmd could not
    show: French outside of the code page, or English outside of ASCII, as cmd reads that in any.
    """
    source = path.read_text(encoding="utf-8")
    for_cmd = path.suffix == ".cmd"
    if for_cmd:
        source += "\n" + path.with_name("speaking.cmd").read_text(encoding="utf-8")
    entry = _for_cmd if for_cmd else _for_sh
    entries = [
        entry(language, key, lines)
        for language in LANGUAGES
        for key, lines in _sentences(language, keys_of(source)).items()
    ]
    text, places = PLACE.subn(lambda _: "".join(entries), source)
    if places != 1:
        raise ValueError(f"{path.name} has {places} places for its sentences instead of one.")
    return text.replace("\n", "\r\n").encode(BATCH_PAGE) if for_cmd else text.encode()


def _sentences(language: str, keys: list[str]) -> dict[str, list[str]]:
    """key → its lines, as `{name}` still."""
    texts = {entry.id: entry.string for entry in load(language)}
    return {
        key: [
            line
            for part in texts[key].splitlines()
            for line in textwrap.wrap(part, WIDTH, break_long_words=False, break_on_hyphens=False)
        ]
        for key in keys
    }


def _pieces(line: str) -> list[tuple[str, str | None]]:
    """(text, name of what is filled in behind it or None) of one line."""
    return [(text, name) for text, name, _spec, _conversion in string.Formatter().parse(line)]


def _for_sh(language: str, key: str, lines: list[str]) -> str:
    """A branch of `case`, with a quoted word for each line."""
    words = ["".join(_quoted(text) + f'"${name}"' * bool(name) for text, name in _pieces(line)) for line in lines]
    return f"        {language}:{key}) printf '%s\\n' {' '.join(words)} ;;\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", r"'\''") + "'" if text else ""


def _for_cmd(language: str, key: str, lines: list[str]) -> str:
    """What follows a label. A quotation mark of the text begins nothing; one around a variable keeps its & a text."""
    if language == LANGUAGES[0]:
        "".join(lines).encode("ascii")
    escaped = [
        "".join(
            re.sub(r'[\^&|<>"]', r"^\g<0>", text.replace("%", "%%")) + f'"%{name}%"' * bool(name)
            for text, name in _pieces(line)
        )
        for line in lines
    ]
    return "".join([f"\n:{language}-{key}\n", *(f"echo {line}\n" for line in escaped), "exit /b 0\n"])
