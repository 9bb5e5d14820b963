"""The window of the examples: real widgets on a real X server, and a real mouse."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
import threading
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from pathlib import Path
from tkinter import ttk
from types import ModuleType
from typing import Any

import pytest
from PIL import ImageGrab
from posting_bots import PlainBot, trucks

from xlkijiji.demo.desktop import click, wait_until_drawn
from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch

LONGEST_SECONDS = 30.0
_KEPT: list[tk.Tk] = []
"""Roots of earlier tests. Tcl aborts the process when one is collected in another thread, so none ever is."""


@pytest.fixture
def module(examples: Path) -> ModuleType:
    """The example, imported as a reader's own module would be."""
    spec = importlib.util.spec_from_file_location("tk_window_example", examples / "tk_window.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def root(display: str) -> Iterator[tk.Tk]:
    """A window on the screen. An error in any of Tk's callbacks fails the test."""
    made = tk.Tk()
    _KEPT.append(made)
    errors: list[BaseException] = []
    made.report_callback_exception = lambda _kind, error, _trace: errors.append(error)
    made.update()  # a window that goes before it was ever drawn makes Tk complain about its theme
    yield made
    if _is_there(made):
        made.destroy()
    assert errors == []


def _is_there(root: tk.Tk) -> bool:
    try:
        return bool(root.winfo_exists())
    except tk.TclError:  # the application has been destroyed
        return False


def _run_until(root: tk.Tk, condition: Callable[[], bool]) -> None:
    """Let Tk work, as in a program, until `condition`."""
    deadline = time.monotonic() + LONGEST_SECONDS

    def look() -> None:
        if condition() or time.monotonic() > deadline:
            root.quit()
        else:
            root.after(10, look)

    root.after(0, look)  # a quit before mainloop is forgotten
    root.mainloop()
    assert condition()


def _is_enabled(button: ttk.Button) -> bool:
    return not button.instate(["disabled"])


def _click(display: str, button: ttk.Button) -> None:
    click(display, *_middle(button))


def _middle(button: ttk.Button) -> tuple[int, int]:
    return button.winfo_rootx() + button.winfo_width() // 2, button.winfo_rooty() + button.winfo_height() // 2


class WatchedBar(ttk.Progressbar):
    """A progress bar that notes its values, and the thread of each change."""

    def configure(self, cnf: Any = None, **options: Any) -> Any:
        self.__dict__.setdefault("seen", []).append((options.get("value"), threading.get_ident()))
        return super().configure(cnf, **options)


class WatchedLabel(ttk.Label):
    """A label that notes its texts, and the thread of each change."""

    def configure(self, cnf: Any = None, **options: Any) -> Any:
        self.__dict__.setdefault("seen", []).append((options.get("text"), threading.get_ident()))
        return super().configure(cnf, **options)


class WaitingBot(PlainBot):
    """Keeps the record `at` (from 1) in hand until it is let go."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at
        self.has_it = threading.Event()
        self.let_go = threading.Event()

    def post_ad(self, record: Record) -> dict[str, Any]:
        if len(self.table) + 1 == self._at:
            self.has_it.set()
            assert self.let_go.wait(LONGEST_SECONDS)
        return super().post_ad(record)


def test_the_handler_shows_a_run_in_order_and_in_tks_thread(module: ModuleType, root: tk.Tk) -> None:
    bar, label = WatchedBar(root), WatchedLabel(root)
    bar.pack()
    label.pack()
    handler = module.BatchProgressHandler(bar, label)
    stock = trucks(*["pending"] * 60, title=[*["Bucket truck"] * 59, ""])  # the last row has a mistake
    results: list[dict[str, Any]] = []
    idents: list[int] = []

    def job() -> None:
        idents.append(threading.get_ident())
        results.append(run_batch(stock, "new", PlainBot(), progress_cb=handler))

    run = threading.Thread(target=job)
    run.start()
    _run_until(root, lambda: str(label["text"]).startswith("Done"))
    run.join(LONGEST_SECONDS)

    (result,) = results
    assert (result["successful_posts"], result["failed_posts"]) == (59, 1)
    assert label["text"] == result["message"]
    assert bar["value"] == 100
    said = [f"Processing record {n}/60: BT{n:03}" for n in range(1, 61)]
    assert [text for text, _ in label.seen] == [*said, result["message"]]  # type: ignore[attr-defined]  # set in configure
    values = [value for value, _ in bar.seen if value is not None]  # type: ignore[attr-defined]  # set in configure
    assert values == [100 * n / 60 for n in range(1, 61)] + [100.0]
    threads = {ident for _, ident in [*label.seen, *bar.seen]}  # type: ignore[attr-defined]  # set in configure
    assert threads == {threading.get_ident()}
    assert idents != [threading.get_ident()]


def test_the_handler_waits_for_tk_to_look(module: ModuleType, root: tk.Tk) -> None:
    bar, label = ttk.Progressbar(root), ttk.Label(root, text="before")
    handler = module.BatchProgressHandler(bar, label)
    thread = threading.Thread(target=handler, args=(50.0, "half"))
    thread.start()
    thread.join(LONGEST_SECONDS)
    assert (bar["value"], label["text"]) == (0, "before")
    handler.show_reports()
    assert (bar["value"], label["text"]) == (50, "half")


def test_a_report_to_a_window_that_is_gone_does_no_harm(
    module: ModuleType, root: tk.Tk, capfd: pytest.CaptureFixture[str]
) -> None:
    frame = ttk.Frame(root)
    handler = module.BatchProgressHandler(ttk.Progressbar(frame), ttk.Label(frame))
    frame.destroy()
    handler(50.0, "half")
    looked = threading.Event()
    root.after(3 * module.POLL_MS, looked.set)
    _run_until(root, looked.is_set)
    assert capfd.readouterr().err == ""


def test_start_runs_the_job_and_shows_its_end(module: ModuleType, root: tk.Tk) -> None:
    bot, stock = PlainBot(), trucks("pending", "sold", "")
    window = module.PostingWindow(
        root, lambda progress, stop: run_batch(stock, "new", bot, progress_cb=progress, stop=stop.is_set)
    )
    assert not _is_enabled(window.stop_button)
    window.start_button.invoke()
    assert not _is_enabled(window.start_button)
    assert _is_enabled(window.stop_button)
    _run_until(root, lambda: _is_enabled(window.start_button))
    assert bot.ids == ["BT001", "BT003"]
    assert window.result["message"] == "Done: 2 posted, 0 failed, 1 skipped."
    assert window.status_label["text"] == window.result["message"]
    assert window.progress_bar["value"] == 100
    assert not _is_enabled(window.stop_button)


def test_a_click_on_stop_ends_the_run_after_the_record_in_hand(module: ModuleType, root: tk.Tk, display: str) -> None:
    bot, stock = WaitingBot(at=2), trucks(*[""] * 5)
    asked: list[threading.Event] = []

    def job(progress: Callable[[float, str], None], stop: threading.Event) -> dict[str, Any]:
        asked.append(stop)
        return run_batch(stock, "new", bot, progress_cb=progress, stop=stop.is_set)

    window = module.PostingWindow(root, job)
    root.update()
    wait_until_drawn(display, *_middle(window.start_button))
    _click(display, window.start_button)
    _run_until(root, lambda: bot.has_it.is_set() and "2/5" in str(window.status_label["text"]))
    assert window.progress_bar["value"] == 40

    _click(display, window.stop_button)
    _run_until(root, lambda: asked[0].is_set())
    assert bot.ids == ["BT001"]  # the second one is still in hand
    assert window.stop_button["text"] == "Stopping…"
    bot.let_go.set()
    _run_until(root, lambda: _is_enabled(window.start_button))
    assert bot.ids == ["BT001", "BT002"]
    assert window.result["ended"] == "stopped"
    assert window.status_label["text"] == window.result["message"]
    assert "3 of 5 records remain" in window.result["message"]

    # the next run goes on where this one stopped, and isn't stopped by the old click
    _click(display, window.start_button)
    _run_until(root, lambda: len(asked) == 2 and _is_enabled(window.start_button))
    assert bot.ids == ["BT001", "BT002", "BT003", "BT004", "BT005"]
    assert window.progress_bar["value"] == 100
    assert window.stop_button["text"] == "Stop"


def test_closing_the_window_lets_the_record_in_hand_end(module: ModuleType, root: tk.Tk) -> None:
    bot, stock = WaitingBot(at=1), trucks("", "")
    window = module.PostingWindow(
        root, lambda progress, stop: run_batch(stock, "new", bot, progress_cb=progress, stop=stop.is_set)
    )
    window.start_button.invoke()
    _run_until(root, bot.has_it.is_set)
    root.tk.call(*root.tk.splitlist(root.protocol("WM_DELETE_WINDOW")))  # what a window manager's X does
    assert _is_there(root)
    bot.let_go.set()
    root.after(int(LONGEST_SECONDS * 1000), root.quit)
    root.mainloop()
    assert not _is_there(root)
    assert bot.ids == ["BT001"]
    assert stock["posting_status"].tolist()[1] == ""


def test_a_window_that_is_destroyed_stops_its_run(module: ModuleType, root: tk.Tk) -> None:
    bot, stock = WaitingBot(at=1), trucks("", "")
    window = module.PostingWindow(
        root, lambda progress, stop: run_batch(stock, "new", bot, progress_cb=progress, stop=stop.is_set)
    )
    window.start_button.invoke()
    assert bot.has_it.wait(LONGEST_SECONDS)
    root.destroy()
    bot.let_go.set()
    window.wait()
    assert bot.ids == ["BT001"]


def test_what_a_refused_or_broken_run_says_is_shown(module: ModuleType, root: tk.Tk) -> None:
    jobs: list[Callable[[], Any]] = [
        lambda: run_batch(trucks("").drop(columns="title"), "new", PlainBot()),
        lambda: 1 / 0,
    ]
    window = module.PostingWindow(root, lambda _progress, _stop: jobs.pop(0)())
    for expected in ("'Title'", "division by zero"):
        window.start_button.invoke()
        _run_until(root, lambda: _is_enabled(window.start_button))
        assert expected in str(window.status_label["text"])
    assert window.result is None


def test_the_example_as_a_program(module: ModuleType, root: tk.Tk, examples: Path, display: str) -> None:
    # without a window manager every window is in the same corner, so a twin tells where its parts are
    twin = module.PostingWindow(root, dict)
    root.update()
    start, bar = _middle(twin.start_button), twin.progress_bar
    end_of_bar = (bar.winfo_rootx() + bar.winfo_width() - 8, bar.winfo_rooty() + bar.winfo_height() // 2)
    blue = (0x2F, 0x6F, 0xB2)
    root.destroy()

    program = subprocess.Popen([sys.executable, str(examples / "tk_window.py")], stdout=subprocess.PIPE, text=True)
    try:
        wait_until_drawn(display, *start)
        click(display, *start)
        deadline, pause = time.monotonic() + LONGEST_SECONDS, threading.Event()
        while ImageGrab.grab(xdisplay=display).getpixel(end_of_bar) != blue:
            assert time.monotonic() < deadline, "the bar never got full"
            pause.wait(0.05)
        program.send_signal(signal.SIGINT)  # as Ctrl+C does; nothing can click a window's X without a window manager
        printed, _ = program.communicate(timeout=LONGEST_SECONDS)
    finally:
        program.kill()
    assert program.returncode == 0
    rows = printed.splitlines()[1:]
    assert [row.split()[0] for row in rows] == [f"D{n}" for n in range(1, 7)]
    assert all("Posted 2" in row for row in rows), printed
