"""The log: one line for each event, whatever happened, in one file that all processes share.

    2026-11-25T09:31:19.123-05:00 INFO xlkijiji.batch event=posted run=ab12cd34 record=BT005 step="Photo 2 of 3"

After time, level and logger come `key=value` pairs (logfmt). A value with blanks, quotes, `=`, backslashes or anything
unprintable is written as a JSON string, so line breaks are `\\n` in it, and one event is one line; that holds for a
`traceback` too, which is the last pair. Code that calls `log.info("…", …)` gets its text as `message="…"`.

Nothing secret is in it: `hide` a password once, and log nothing of a record but within `hiding(its description)`. Each
value is searched before it is quoted, also the text of exceptions.
"""

from __future__ import annotations

import contextlib
import html
import json
import logging
import os
import re
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import cached_property
from types import MappingProxyType, TracebackType

from xlkijiji import paths

__all__ = [
    "HIDDEN",
    "Formatter",
    "configure",
    "context",
    "event",
    "hide",
    "hiding",
    "last_lines",
    "redacted",
    "writings_of",
]

FILES = 5
MAX_BYTES = 2_000_000
"""Of each of the files; a line more at most."""

HIDDEN = "[hidden]"
SHORTEST_SECRET = 4
"""Characters. A shorter text is in so many words that hiding it would only show where it is."""
SHORTEST_TEXT = 8
"""Letters and digits. The site's shortest description has 10 characters, hardly fewer of them letters."""
LONGEST_SHOWN = 30
"""Letters and digits in a row that a description may have in common with a line: a name is less, a sentence more."""
LEFT_TEXTS = 4

log = logging.getLogger(__name__)

_FIELDS = "xlkijiji_fields"
_context: ContextVar[Mapping[str, object]] = ContextVar("xlkijiji_log_context", default=MappingProxyType({}))


# --- writing


def configure(*, max_bytes: int = MAX_BYTES, files: int = FILES) -> None:
    """Send what this process logs to `paths.log_file()`; a second call changes nothing.

    Ours from INFO up, libraries from WARNING up; Python's warnings too, and what ends a thread or the process. All
    processes must use the same `max_bytes` and `files` (the newest included). Raises OSError when there can be no
    folder for the log. A line that can't be written later, to a full disk for instance, is lost, and no run fails.
    """
    from concurrent_log_handler import ConcurrentRotatingFileHandler  # not before a process wants to write

    root = logging.getLogger()
    if any(isinstance(handler.formatter, Formatter) for handler in root.handlers):
        return
    handler = ConcurrentRotatingFileHandler(
        paths.log_file(),
        maxBytes=max_bytes,
        backupCount=files - 1,
        encoding="utf-8",
        newline="",  # the same lines on each system
        chmod=0o600 if os.name == "posix" else None,
    )
    handler.setFormatter(Formatter())
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for ours in ("xlkijiji", "__main__"):  # the second is what a module started with `python -m` is called
        logging.getLogger(ours).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # or a line that can't be written goes to standard error, with nothing hidden
    sys.excepthook = _process_broke_off
    threading.excepthook = _thread_broke_off


def _process_broke_off(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _broke_off("the process", error)


def _thread_broke_off(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
        _broke_off(f"the thread {found.thread.name if found.thread else '?'}", found.exc_value)


def _broke_off(what: str, error: BaseException) -> None:
    log.critical("an error that nobody caught ended %s", what, exc_info=error)
    if sys.stderr is not None:  # pythonw has none
        sys.stderr.write(redacted("".join(traceback.format_exception(error))))


def event(log: logging.Logger, name: str, /, *, level: int = logging.INFO, **fields: object) -> None:
    """Log one event: `name` says what happened, `fields` the details. None is left out; a float gets three decimals."""
    if log.isEnabledFor(level):
        log.log(level, name, extra={_FIELDS: fields}, stacklevel=2)


@contextlib.contextmanager
def context(**fields: object) -> Iterator[None]:
    """Add `fields` to each line that this thread logs within the block; inner blocks and events override outer ones."""
    token = _context.set(MappingProxyType({**_context.get(), **fields}))
    try:
        yield
    finally:
        _context.reset(token)


class Formatter(logging.Formatter):
    """A record as one line, without what is hidden; it raises nothing, whatever the record's values do."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line end."""
        own: Mapping[str, object] | None = getattr(record, _FIELDS, None)
        pairs = [("message", _message(record)) if own is None else ("event", record.msg)]
        pairs += {**_context.get(), **(own or {})}.items()
        if record.exc_info and record.exc_info[0] is not None:
            pairs.append(("traceback", self.formatException(record.exc_info)))
        elif record.exc_text:
            pairs.append(("traceback", record.exc_text))
        if record.stack_info:
            pairs.append(("stack", record.stack_info))
        when = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
        words = [when, _word(record.levelname), _word(record.name)]
        words += [
            f"{_word(redacted(key))}={_quoted(redacted(_text(value)))}" for key, value in pairs if value is not None
        ]
        return " ".join(words)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a call whose values don't fit its text must still be seen, and break nothing
        return " ".join(map(_text, [record.msg, *([record.args] if record.args else [])]))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.3f}"
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - any object may be logged, also one that is broken; the run goes on
        return f"<{type(value).__name__} without a text>"


def _word(text: str) -> str:
    """A key, level or logger: one word in any case."""
    return text if text.isidentifier() else re.sub(r"[^\w.-]", "_", text) or "_"


def _quoted(text: str) -> str:
    if text and text.isprintable() and not re.search(r'[ "=\\]', text):
        return text
    # json leaves some line ends as they are (U+0085, U+2028), and halves of characters that no file can hold
    return re.sub(r"[^\x20-\x7e]", _printable, json.dumps(text, ensure_ascii=False))


def _printable(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


# --- reading


def last_lines(count: int) -> list[str]:
    """The last `count` (1 or more) lines of the log, oldest first; older files are read too when they are needed.

    Raises OSError when a file is there and can't be read.
    """
    newest = paths.log_file()
    lines: list[str] = []
    for path in (newest, *(newest.with_name(f"{newest.name}.{number}") for number in range(1, FILES))):
        if len(lines) >= count:
            break
        with contextlib.suppress(FileNotFoundError):  # the newest is gone for a moment when files are renamed
            lines = [*path.read_text(encoding="utf-8", errors="replace").splitlines(), *lines]
    return lines[-count:]


# --- hiding


_guard = threading.RLock()  # the garbage collector may run code that logs at any moment, in the same thread
_secrets: set[str] = set()
_secrets_pattern: re.Pattern[str] | None = None


def hide(secret: str) -> None:
    """Show `[hidden]` for `secret`, such as a password, in all that this process logs from now on.

    It is found inside other text, and also as repr, JSON, URLs and HTML write it, with its blanks or without; not in
    base64. One of less than 4 characters is not hidden. One that is a common word, as the practice password is, hides
    that word.
    """
    global _secrets_pattern
    parts = secret.split()
    if sum(map(len, parts)) < SHORTEST_SECRET:
        return
    with _guard:
        _secrets.add(" ".join(parts))
        longest_first = sorted(_secrets, key=len, reverse=True)  # or a secret within a longer one leaves its rest
        _secrets_pattern = re.compile("|".join(writings_of(one).pattern for one in longest_first))


def writings_of(secret: str) -> re.Pattern[str]:
    """A pattern that finds `secret` as it is, and as repr, JSON, URLs and HTML write it."""
    return re.compile("".join(map(_any_writing, " ".join(secret.split()))))


def _any_writing(character: str) -> str:
    """A pattern for one character of a secret in each way that something may have written it."""
    if character == " ":
        # the bar is before each line of an exception group
        return r"(?i:[\s+|]|(?:%|\\+x)[0-9a-f]{2}|\\+u[0-9a-f]{4}|\\+[fnrtv]|&\#?\w+;)*"
    if character.isascii() and character.isalnum():
        return character
    code = ord(character)
    encoded = character.encode("utf-8", "surrogatepass")
    pair = character.encode("utf-16-be", "surrogatepass").hex()  # JSON's way, one or two times four digits
    numbers = [rf"\\+x0*{code:x}", "".join(rf"\\+u{pair[at : at + 4]}" for at in range(0, len(pair), 4))]
    numbers += [rf"\\+U{code:08x}", *("".join(f"{lead}{byte:02x}" for byte in encoded) for lead in (r"\\+x", "%"))]
    numbers += [rf"&\#x0*{code:x};", rf"&\#0*{code};", re.escape(html.escape(character))]
    return rf"(?:\\*{re.escape(character)}|(?i:{'|'.join(numbers)}))"


class _HiddenText:
    """A text of which no long run of words is shown.

    Words are compared rather than characters, since an exception may show any part of the text, and in any writing.
    They are found when the first line is logged: a long description takes longer to read than a record to be noted.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def joined(self) -> str:
        """All words, with a blank between them."""
        return " ".join(word for word, _start, _end in _words(self._text))

    @cached_property
    def needed(self) -> int:
        """As many letters and digits are hidden: the whole text, when it is short; 0 when it is too short to hide."""
        letters = len(self.joined.replace(" ", ""))
        return min(letters, LONGEST_SHOWN) if letters >= SHORTEST_TEXT else 0

    def end_of_run(self, words: list[str], start: int) -> int:
        """Where the words end that are in a row in this text too; `start` when they are too few.

        The first and the last one may be part of a word: texts are cut off anywhere.
        """
        end, letters = start, 0
        run = words[start]
        while run in self.joined:
            letters += len(words[end])
            end += 1
            if end == len(words):
                break
            run += f" {words[end]}"
        return end if letters >= self.needed else start


_in_hand: list[_HiddenText] = []
_left: deque[_HiddenText] = deque(maxlen=LEFT_TEXTS)


@contextlib.contextmanager
def hiding(*texts: str) -> Iterator[None]:
    """Keep `texts`, such as a description, out of what any thread logs within the block: whole, in part, or escaped.

    More than about one line of them shows as `[hidden]`. They stay hidden for some blocks more, since an exception
    that leaves the block is logged outside of it, and other threads may be late.
    """
    known = [_HiddenText(text) for text in texts if len(text) >= SHORTEST_TEXT]
    with _guard:
        _in_hand.extend(known)
    try:
        yield
    finally:
        with _guard:
            for one in known:
                _in_hand.remove(one)
            _left.extend(known)


_PIECE = re.compile(
    r"(?P<word>[a-zA-Z0-9]+|[^\W_])"  # other letters one by one, as escapes would have them
    r"|(?P<units>(?:\\+u[0-9a-fA-F]{4})+)"  # JSON's way
    r"|(?P<bytes>(?:(?:\\+x|%)[0-9a-fA-F]{2})+)"  # repr of text or bytes; URLs
    r"|\\+(?:U(?P<code>[0-9a-fA-F]{8})|[abfnrtv])"
    r"|(?P<entity>&\#?\w{2,8};)"  # HTML
)


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of `text`, the same however it is escaped, each with its start and end in `text`."""
    for found in _PIECE.finditer(text):
        letters = found["word"] or "".join(filter(str.isalnum, _unescaped(found)))
        for word in [letters] if letters.isascii() and letters else letters:
            yield word.lower(), found.start(), found.end()


def _unescaped(found: re.Match[str]) -> str:
    if found["units"]:
        return bytes.fromhex("".join(re.findall("u(.{4})", found["units"]))).decode("utf-16-be", "replace")
    if found["bytes"]:
        some = bytes.fromhex("".join(re.findall("[x%](..)", found["bytes"])))
        try:
            return some.decode("utf-8")
        except UnicodeDecodeError:
            return some.decode("latin-1")
    if found["entity"]:
        return html.unescape(found["entity"])
    code = int(found["code"] or "0", 16)
    return chr(code) if code <= sys.maxunicode else ""


def redacted(text: str) -> str:
    """`text` as it may be shown: `[hidden]` for secrets and for what `hiding` keeps out."""
    if _secrets_pattern is not None:
        text = _secrets_pattern.sub(HIDDEN, text)  # first, or half of a secret could go with a text, and half stay
    with _guard:
        noted = [*_in_hand, *_left]
    texts = [one for one in noted if one.needed]
    if not texts or len(text) < min(one.needed for one in texts):
        return text
    pieces = list(_words(text))
    words = [word for word, _start, _end in pieces]
    shown, at, here = [], 0, 0
    while here < len(words):
        end = max(one.end_of_run(words, here) for one in texts)
        if end > here:
            shown += [text[at : pieces[here][1]], HIDDEN]
            at = pieces[end - 1][2]
        here = max(end, here + 1)
    return "".join([*shown, text[at:]])
