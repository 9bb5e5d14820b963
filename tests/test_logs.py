"""The log: one event is one line, from many processes at once, and nothing that is hidden shows in it."""

from __future__ import annotations

import html
import io
import json
import logging
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlkijiji import logs

PAIR = re.compile(r'([\w.-]+)=("(?:[^"\\]|\\.)*"|[^ "=\\]+)(?: |$)')
POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes and umask are POSIX things")
DESCRIPTION = (
    "Bucket truck, 2012 Ford F-550 XLT, very clean inside.\n\n"
    'Lift: "Altec" AT37G, 42\' working height; hydraulics serviced in May.\n'
    "Diesel, 4x4, 118,000 km – no rust, one owner, always stored inside.\r\n"
    "Camion nacelle très propre, prêt à travailler dès aujourd’hui."
)


def parse(line: str) -> dict[str, str]:
    """A line of the log as `time`, `level`, `logger` and its pairs; fails for a line that isn't wholly of this form."""
    when, level, logger, rest = line.split(" ", 3)
    pairs: dict[str, str] = {"time": when, "level": level, "logger": logger}
    at = 0
    while at < len(rest):
        found = PAIR.match(rest, at)
        assert found, f"not a pair: {rest[at:]}"
        key, value = found.groups()
        assert key not in pairs
        pairs[key] = json.loads(value) if value.startswith('"') else value
        at = found.end()
    return pairs


class Written:
    """A logger of its own whose lines can be looked at."""

    def __init__(self) -> None:
        self.stream = io.StringIO(newline="")
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(logs.Formatter())
        self.log = logging.Logger("xlkijiji.here", logging.INFO)
        self.log.addHandler(handler)

    @property
    def lines(self) -> list[str]:
        """What was written, split as any reader of text would split it."""
        return self.stream.getvalue().splitlines()

    @property
    def last(self) -> dict[str, str]:
        """The last event, of which there must be one line."""
        return parse(self.lines[-1])


@pytest.fixture
def written() -> Written:
    return Written()


# --- the form of a line


def test_an_event_is_a_line_of_pairs(written: Written) -> None:
    with logs.context(run="ab12cd34", record="BT005"):
        logs.event(written.log, "posted", step="Photo 2 of 3", seconds=1.23449, ad=1700000001, url=None)
    (line,) = written.lines
    time, rest = line.split(" ", 1)
    assert rest == (
        'INFO xlkijiji.here event=posted run=ab12cd34 record=BT005 step="Photo 2 of 3" seconds=1.234 ad=1700000001'
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", time)
    assert abs(datetime.fromisoformat(time) - datetime.now().astimezone()) < timedelta(minutes=1)


def test_an_ordinary_call_is_a_message_with_the_context(written: Written) -> None:
    with logs.context(run="ab12cd34"):
        written.log.warning("the %s failed again: %s", "progress display", OSError("no room"))
    assert written.lines[0].endswith(
        'WARNING xlkijiji.here message="the progress display failed again: no room" run=ab12cd34'
    )


def test_a_traceback_is_on_its_line(written: Written) -> None:
    try:
        int("x\ny")
    except ValueError:
        written.log.exception("record %s: unforeseen error", "BT005")
    (line,) = written.lines
    trace = parse(line)["traceback"]
    assert trace.startswith("Traceback (most recent call last):\n")
    assert trace.splitlines()[-1] == r"ValueError: invalid literal for int() with base 10: 'x\ny'"


def test_a_level_that_is_off_costs_no_line(written: Written) -> None:
    logs.event(written.log, "looked", level=logging.DEBUG, page="My Ads")
    assert written.lines == []


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def test_what_cannot_be_shown_breaks_nothing(written: Written) -> None:
    logs.event(written.log, "odd", thing=Broken(), **{"a key\n=": 1, "": 2})
    assert written.last["thing"] == "<Broken without a text>"
    assert written.last["a_key__"] == "1"
    written.log.info("%d of %d", "one")
    assert written.last["message"] == "%d of %d ('one',)"
    written.log.info(Broken())
    assert written.last["message"] == "<Broken without a text>"
    written.log.info("%s", Broken())
    assert "message" in written.last
    written.log.exception("outside of any handler")
    assert written.last["message"] == "outside of any handler"


@given(st.text(), st.text(), st.text())
def test_any_text_comes_back_from_its_one_line(name: str, step: str, context: str) -> None:
    written = Written()
    with logs.context(where=context):
        logs.event(written.log, name, step=step)
        written.log.info("%s", step)
    event, message = map(parse, written.lines)
    assert (event["event"], event["step"], event["where"]) == (name, step, context)
    assert (message["message"], message["where"]) == (step, context)


@given(st.text(st.characters(categories=["Cs"]), min_size=1, max_size=1), st.text())
def test_half_a_character_can_be_written_to_a_file(half: str, rest: str) -> None:
    written = Written()
    logs.event(written.log, "odd", text=half + rest)
    written.stream.getvalue().encode("utf-8")
    assert written.last["text"] == half + rest


@given(st.text(), st.text())
def test_an_exception_with_any_text_is_one_line(text: str, cause: str) -> None:
    written = Written()
    try:
        try:
            raise KeyError(cause)
        except KeyError as error:
            raise ValueError(text) from error
    except ValueError:
        written.log.exception("failed")
    assert len(written.lines) == 1
    whole = written.last["traceback"] + "\n"
    assert whole.endswith(f"\nValueError: {text}\n" if text else "\nValueError\n")
    assert f"\nKeyError: {cause!r}\n" in f"\n{written.last['traceback']}\n"


# --- context


def test_context_is_the_threads_own(written: Written) -> None:
    both_in = threading.Barrier(2, timeout=30)

    def work(record: str) -> None:
        with logs.context(record=record):
            both_in.wait()
            logs.event(written.log, "inside", thread=record)
            both_in.wait()
        logs.event(written.log, "outside")

    with logs.context(run="of the main thread"):
        threads = [threading.Thread(target=work, args=(name,)) for name in ("BT001", "BT002")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    events = [parse(line) for line in written.lines]
    inside = [event for event in events if event["event"] == "inside"]
    assert {event["record"] for event in inside} == {"BT001", "BT002"}
    assert all(event["record"] == event["thread"] for event in inside)
    assert [event.keys() & {"record", "run"} for event in events if event["event"] == "outside"] == [set(), set()]


def test_inner_context_overrides_and_ends_also_by_an_exception(written: Written) -> None:
    def fail() -> None:
        with logs.context(record="BT002", step=1):
            logs.event(written.log, "inner", step=2)
            raise KeyError

    with logs.context(run="r", record="BT001"):
        with pytest.raises(KeyError):
            fail()
        logs.event(written.log, "outer")
    inner, outer = map(parse, written.lines)
    assert (inner["run"], inner["record"], inner["step"]) == ("r", "BT002", "2")
    assert outer["record"] == "BT001"
    assert "step" not in outer


# --- secrets

WRITINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "repr": repr,
    "ascii": ascii,
    "in a dict": lambda text: repr({"pw": text}),
    "repr in repr": lambda text: repr(KeyError(repr(text))),
    "bytes": lambda text: repr(text.encode()),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps({"body": json.dumps(text)}),
    "JSON with all letters": lambda text: json.dumps(text, ensure_ascii=False),
    "URL": lambda text: "/?pw=" + quote(text, safe=""),
    "HTML": html.escape,
    "inside other text": lambda text: f"xyz{text}xyz",
}


SECRETS = ["hunter2", " pa\"ss'wo\\rd%&<> ", "pässwörd-😀é", "abcd efgh ijkl mnop", "l1ne\nbreak"]


def _say_everywhere(written: Written, shown: str) -> None:
    """Log `shown` in each place that a line has."""
    logs.event(written.log, f"event {shown}", field=shown, many=[shown], **{f"key {shown}": 1})
    with logs.context(note=shown):
        written.log.warning("signing in with %s", shown)
    try:
        try:
            raise OSError(shown)
        except OSError as error:
            error.add_note(f"note: {shown}")
            raise ExceptionGroup(f"group {shown}", [ValueError(shown), KeyError(shown)]) from error
    except ExceptionGroup:
        written.log.exception("failed", stack_info=True)


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_shows_nowhere(secret: str, writing: str, written: Written) -> None:
    logs.hide(secret)
    _say_everywhere(written, WRITINGS[writing](secret))
    assert len(written.lines) == 3
    text = written.stream.getvalue()
    for part in re.findall(r"[a-z0-9]+", secret):
        if len(part) > 2:
            assert part not in text
    assert text.count("[hidden]") >= 8


@settings(max_examples=40)  # each leaves one more secret to look for
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12))
def test_any_password_is_hidden_whole_in_any_writing(middle: str) -> None:
    secret = f"Kj7{middle}7jK"
    logs.hide(secret)
    for writing in WRITINGS.values():
        written = Written()
        logs.event(written.log, "signing in", field=writing(secret))
        assert "[hidden]" in written.last["field"]
        assert "Kj7" not in written.last["field"]
        assert "7jK" not in written.last["field"]


def test_of_two_secrets_the_longer_is_hidden_whole(written: Written) -> None:
    logs.hide("tiger-in-tank")
    logs.hide("tiger-in-tank-2026")
    logs.event(written.log, "one", text="tiger-in-tank-2026", other="tiger-in-tank")
    assert (written.last["text"], written.last["other"]) == ("[hidden]", "[hidden]")


@pytest.mark.parametrize("short", ["", " ", "\n\t", "a", "BT0", " abc "])
def test_what_is_too_short_for_a_secret_changes_nothing(short: str, written: Written) -> None:
    logs.hide(short)
    logs.event(written.log, "posted", record="BT005", text="a b abc")
    assert (written.last["record"], written.last["text"]) == ("BT005", "a b abc")


# --- descriptions


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_description_shows_nowhere(writing: str, written: Written) -> None:
    with logs.hiding(DESCRIPTION):
        _say_everywhere(written, WRITINGS[writing](DESCRIPTION))
    text = written.stream.getvalue()
    for part in ("2012 Ford", "Altec", "working height", "hydraulics", "one owner", "nacelle", "travailler", "aujourd"):
        assert part not in text, f"{part} of {text}"
    assert "signing in with" in text
    assert len(written.lines) == 3


def test_each_long_line_of_a_description_and_a_cut_off_one_are_hidden(written: Written) -> None:
    with logs.hiding(DESCRIPTION):
        for line in filter(None, DESCRIPTION.splitlines()):
            logs.event(written.log, "refused", text=f"not accepted: {line!r}")
            assert re.fullmatch(r"not accepted: .?\[hidden\]\W*", written.last["text"])
            logs.event(written.log, "refused", text=f"not accepted: {line[3:-3]}…")
            assert re.fullmatch(r"not accepted: .?\[hidden\]\W*", written.last["text"])


SEPARATORS = st.sampled_from(
    [" ", " ", "\n", "\r\n", "\t", ". ", "é", " – ", '"', "' ", "\\", "/", "\x00", "😀", " 日本 "]
)
ESCAPE = r"\\+(x..|u....|U.{8}|[nrt])|%[0-9A-F]{2}|&#?\w+;|KeyError|body"
WORDS = st.text("abcdefghnrtuvxABCDNU0123456789", min_size=1, max_size=9)


@settings(max_examples=300)
@given(st.lists(st.tuples(WORDS, SEPARATORS), min_size=10, max_size=60), st.sampled_from(sorted(WRITINGS)), st.data())
def test_any_part_of_a_description_is_hidden_in_any_writing(
    pieces: list[tuple[str, str]], writing: str, data: st.DataObject
) -> None:
    """At most a few words at a cut remain."""
    description = "".join(word + separator for word, separator in pieces)
    if writing == "URL":
        description = description.replace("\\", "-")  # such a URL and `\\n` as repr has it can't be told apart
    whole = WRITINGS[writing](description)
    start = data.draw(st.integers(0, len(whole)))
    part = whole[start : data.draw(st.integers(start, len(whole)))]
    with logs.hiding(description):
        written = Written()
        logs.event(written.log, "failed", text=f"<{part}>")
    visible = re.sub(ESCAPE, " ", written.last["text"].replace("[hidden]", ""))
    assert len(re.findall(r"[a-zA-Z0-9]", visible)) < logs.LONGEST_SHOWN + 25, visible


def test_a_short_description_is_hidden_as_a_whole_and_a_tiny_one_is_not(written: Written) -> None:
    with logs.hiding("Runs great!!", "BT005", "", "  "):
        logs.event(written.log, "typed", record="BT005", text="Typed 'Runs great!!' into the form", part="it runs well")
    assert written.last["record"] == "BT005"
    assert written.last["text"] == "Typed '[hidden]!!' into the form"
    assert written.last["part"] == "it runs well"


def test_a_description_stays_hidden_for_an_exception_that_leaves_the_block_and_for_other_threads(
    written: Written,
) -> None:
    def fail() -> None:
        with logs.hiding(DESCRIPTION):
            thread = threading.Thread(target=written.log.info, args=(DESCRIPTION,))
            thread.start()
            thread.join()
            raise ValueError(DESCRIPTION)

    try:
        fail()
    except ValueError:
        written.log.exception("broken off")
    assert len(written.lines) == 2
    assert "Altec" not in written.stream.getvalue()


def test_a_name_that_a_description_has_too_is_shown(written: Written) -> None:
    with logs.hiding(DESCRIPTION):
        logs.event(written.log, "looking", title="2012 Ford F-550")
    assert written.last["title"] == "2012 Ford F-550"


# --- the file, written by real processes

PREPARE = """
import logging, os, sys, threading, warnings
from xlkijiji import logs
log = logging.getLogger("xlkijiji.here")
"""


def _run(home: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PREPARE + script],
        env={**os.environ, "XLKIJIJI_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _files(home: Path) -> list[Path]:
    """The log's files, the newest last."""
    older = (home / "log").glob("xlkijiji.log.*")
    return [*sorted(older, key=lambda path: -int(path.suffix[1:])), home / "log" / "xlkijiji.log"]


def _events(home: Path) -> Iterator[dict[str, str]]:
    for path in _files(home):
        text = path.read_bytes().decode("utf-8")
        assert text.endswith("\n")
        yield from map(parse, text.split("\n")[:-1])


def test_ours_is_logged_from_info_and_the_libraries_from_warning(own_home: Path) -> None:
    done = _run(
        own_home,
        """
logs.configure()
logs.configure()
for name in ("xlkijiji.batch", "__main__", "selenium.webdriver", "urllib3.connectionpool", "waitress", "unknown"):
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        logging.getLogger(name).log(level, "é")
warnings.warn("old", DeprecationWarning)
""",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    events = list(_events(own_home))
    said = [(event["logger"], event["level"]) for event in events[:-1]]
    ours = [(name, level) for name in ("xlkijiji.batch", "__main__") for level in ("INFO", "WARNING")]
    others = ("selenium.webdriver", "urllib3.connectionpool", "waitress", "unknown")
    assert said == [*ours, *((name, "WARNING") for name in others)]
    assert "DeprecationWarning: old" in events[-1]["message"]


@POSIX
def test_its_files_are_for_their_owner_only(own_home: Path) -> None:
    script = "os.umask(0); logs.configure(max_bytes=500, files=3)\nfor n in range(30): logs.event(log, 'one', n=n)"
    assert _run(own_home, script).returncode == 0
    files = list((own_home / "log").iterdir())
    assert len([path for path in files if "xlkijiji.log" in path.name]) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_no_line_is_lost_or_torn_when_many_processes_write_and_rotate(own_home: Path) -> None:
    processes, threads, lines = 6, 2, 200
    script = f"""
def work(thread):
    with logs.context(run=sys.argv[1], thread=thread):
        for n in range({lines}):
            if n % 10:
                logs.event(log, "step", n=n, text="é\\n" * (n % 50))
            else:
                try:
                    raise ValueError("x\\ny")
                except ValueError:
                    log.exception("%d", n)
logs.configure(max_bytes=10_000, files=1000)
print("ready", flush=True)
sys.stdin.read()
workers = [threading.Thread(target=work, args=(number,)) for number in range({threads})]
for worker in workers: worker.start()
for worker in workers: worker.join()
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PREPARE + script, str(number)],
            env={**os.environ, "XLKIJIJI_HOME": str(own_home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.close()  # now all write at once
    for one in running:
        assert one.stderr is not None
        assert one.stderr.read() == ""
        assert one.wait(timeout=120) == 0
    seen = [(event["run"], event["thread"], event.get("n") or event["message"]) for event in _events(own_home)]
    expected = [(str(p), str(t), str(n)) for p in range(processes) for t in range(threads) for n in range(lines)]
    assert len(_files(own_home)) > 20
    assert sorted(seen) == sorted(expected)
    # what a thread writes stays in its order, from file to file too
    for run in range(processes):
        order = [int(n) for which, thread, n in seen if (which, thread) == (str(run), "0")]
        assert order == list(range(lines))


def test_only_so_many_files_are_kept(own_home: Path) -> None:
    script = "logs.configure(max_bytes=1000, files=3)\nfor n in range(200): logs.event(log, 'one', n=n)"
    assert _run(own_home, script).returncode == 0
    assert [path.name for path in _files(own_home)] == ["xlkijiji.log.2", "xlkijiji.log.1", "xlkijiji.log"]
    assert all(path.stat().st_size < 1200 for path in _files(own_home))
    numbers = [int(event["n"]) for event in _events(own_home)]
    assert numbers == list(range(numbers[0], 200))


def test_an_error_that_nobody_caught_is_logged_and_its_secret_is_not_said(own_home: Path) -> None:
    done = _run(
        own_home,
        """
logs.configure()
logs.hide("s3cr3t-word")
def fail(): raise ValueError("s3cr3t-word is wrong")
thread = threading.Thread(target=fail, name="view")
thread.start()
thread.join()
threading.Thread(target=sys.exit).start()
fail()
""",
    )
    assert done.returncode == 1
    assert done.stderr.count("ValueError: [hidden] is wrong") == 2
    assert "s3cr3t-word is" not in done.stderr
    events = list(_events(own_home))
    assert [event["message"].rsplit(" ended ")[1] for event in events] == ["the thread view", "the process"]
    assert all(event["traceback"].endswith("ValueError: [hidden] is wrong") for event in events)
    assert all(event["level"] == "CRITICAL" for event in events)


def test_a_log_that_cannot_be_written_ends_nothing_and_tells_no_secret(own_home: Path) -> None:
    (own_home / "log" / "xlkijiji.log").mkdir(parents=True)
    done = _run(own_home, "logs.configure()\nlog.warning('%d s3cr3t-word', 's3cr3t-word')\nprint('went on')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")


def test_the_last_lines_come_from_older_files_too(own_home: Path) -> None:
    script = "logs.configure(max_bytes=1000, files=5)\nfor n in range(200): logs.event(log, 'one', n=n)"
    assert _run(own_home, script).returncode == 0
    kept = [event["n"] for event in _events(own_home)]
    for count in (1, 3, 30, 1000):
        assert [parse(line)["n"] for line in logs.last_lines(count)] == kept[-count:]
    _files(own_home)[-1].unlink()  # as between the renaming and the next line
    assert len(logs.last_lines(5)) == 5
