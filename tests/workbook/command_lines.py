"""What becomes of the commands that xlwings' RunPython starts: the words that Python would be started with."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import xlwings


def windows_words(command: str, environment: dict[str, str]) -> list[str]:
    """The words of the last program in a `cmd.exe /C …` line, without its redirection.

    As cmd.exe does: variables first, then `^`, `&` and `>`, which mean something outside of double quotes only, where
    a backslash before a quote counts for nothing. Then as Microsoft's C runtime cuts a command line into words.
    """
    line = command.removeprefix("cmd.exe /C ")
    line = re.sub(r"%([^%]+)%", lambda found: environment.get(found[1].upper(), found[0]), line)
    last, quoted, at = "", False, 0
    while at < len(line):
        character = line[at]
        if character == '"':
            quoted = not quoted
        elif not quoted and character == "^":
            at += 1
            character = line[at : at + 1]
        elif not quoted and character == "&":
            last, character = "", ""
        elif not quoted and line.startswith("2>", at):
            break
        last += character
        at += 1
    return _runtime_words(last)


def _runtime_words(line: str) -> list[str]:
    """Microsoft's rules ("Parsing C command-line arguments"): 2n backslashes and a quote are n and a quote that
    toggles, 2n + 1 are n and a plain quote; two quotes inside of quotes are a plain one."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    at = 0
    while at < len(line):
        found = re.compile(r'(\\*)"').match(line, at)
        if found:
            count = len(found[1])
            word = (word or "") + "\\" * (count // 2)
            at = found.end()
            if count % 2:
                word += '"'
            elif quoted and line.startswith('"', at):
                word += '"'
                at += 1
            else:
                quoted = not quoted
        elif line[at] in " \t" and not quoted:
            if word is not None:
                words.append(word)
            word = None
            at += 1
        else:
            word = (word or "") + line[at]
            at += 1
    return words if word is None else [*words, word]


def mac_shell_line(parameter: str) -> str:
    """The line that xlwings' AppleScript hands to the shell for `parameter`, put together as its own text says."""
    script = next(Path(xlwings.__file__).parent.glob("*.applescript")).read_text(encoding="utf-8")
    names = re.search(r"set \{(.*?)\} to SplitString", script)
    expression = re.search(r"set ShellCommand to (.*?)\n\ttry", script, re.DOTALL)
    assert names
    assert expression
    values = dict(zip(names[1].split(", "), parameter.split("|"), strict=False))
    pieces = re.findall(r'"(?:[^"\\]|\\.)*"|\w+', expression[1])
    return "".join(re.sub(r"\\(.)", r"\1", piece[1:-1]) if piece.startswith('"') else values[piece] for piece in pieces)


def shell_words(line: str, recorder: Path) -> list[str] | None:
    """Run `line` in the shell; the words that the program `recorder` was started with, or None when it wasn't."""
    subprocess.run(  # a line that is taken for a redirection leaves its file there
        ["/bin/sh", "-c", f"{line}\nwait"], check=False, capture_output=True, timeout=30, cwd=recorder.parent
    )
    record = recorder.with_suffix(".json")
    return json.loads(record.read_text()) if record.exists() else None


def write_recorder(path: Path) -> Path:
    """A program that writes its words down beside itself, to stand where Python would."""
    record = str(path.with_suffix(".json"))
    program = f"import json, pathlib, sys; pathlib.Path({record!r}).write_text(json.dumps(sys.argv[1:]))"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(program)} "$@"\n')
    path.chmod(0o755)
    return path
