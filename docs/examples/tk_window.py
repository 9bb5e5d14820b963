"""A window of your own around `run_batch`: a progress bar, a line of text, a Start and a Stop button.

A run takes minutes, and a window whose thread waits for it is frozen meanwhile: so the run is in a thread of its own.
Widgets may be touched only by the thread that made them, so the handler hands each report over through a queue.

Run it:  python docs/examples/tk_window.py    (needs Tk: on Debian the package python3-tk)
"""

from __future__ import annotations

import queue
import signal
import threading
import tkinter as tk
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from tkinter import ttk
from typing import Any

import pandas as pd

from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch

POLL_MS = 50
"""How often Tk looks for news, in milliseconds: often enough for the eye, and next to no work."""


class BatchProgressHandler:
    """Shows a run in a progress bar and a label; give it to `run_batch` as `progress_cb`.

    Make it in Tk's thread. It may be called from any thread.
    """

    def __init__(self, progress_bar: ttk.Progressbar, status_label: ttk.Label) -> None:
        self._progress_bar = progress_bar
        self._status_label = status_label
        self._reports: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
        self._progress_bar.configure(mode="determinate", maximum=100)
        self._timer = self._progress_bar.after(POLL_MS, self._poll)
        # without this, Tk would call for a bar that is no longer there
        self._progress_bar.bind("<Destroy>", lambda _event: self._progress_bar.after_cancel(self._timer), add=True)

    def __call__(self, percentage: float, message: str) -> None:
        """Take a report. The calling thread touches no widget."""
        self._reports.put((percentage, message))

    def show_reports(self) -> None:
        """Show what was reported until now, in order. For Tk's thread only."""
        for _ in range(self._reports.qsize()):
            percentage, message = self._reports.get()
            self._progress_bar.configure(value=percentage)
            self._status_label.configure(text=message)

    def _poll(self) -> None:
        self._timer = self._progress_bar.after(POLL_MS, self._poll)
        self.show_reports()


Job = Callable[[BatchProgressHandler, threading.Event], dict[str, Any]]
"""What the window runs: it gets who is to hear of it, and what asks it to stop; it gives what run_batch gives."""


class PostingWindow:
    """A small window that runs a job in a thread, shows how far it is, and can stop it."""

    def __init__(self, root: tk.Tk, job: Job) -> None:
        self.result: dict[str, Any] | None = None
        """What the last run gave; None before its end."""
        self._root = root
        self._job = job
        self._stop_asked = threading.Event()
        self._run: Future[dict[str, Any]] | None = None
        self._closing = False
        # not a daemon thread: those are killed when the program ends, be it in the middle of an ad
        self._worker = ThreadPoolExecutor(max_workers=1)

        root.title("Post New")
        root.protocol("WM_DELETE_WINDOW", self.close)
        if root.tk.call("tk", "windowingsystem") == "x11":  # on Windows and Mac, Tk looks like the system already
            style = ttk.Style(root)
            style.theme_use("clam")
            style.configure("TProgressbar", background="#2f6fb2", troughcolor="#f4f2ee")
        frame = ttk.Frame(root, padding=16)
        frame.pack(fill="both", expand=True)
        self.status_label = ttk.Label(frame, text="Ready.\nTwo lines.", wraplength=440)
        self.progress_bar = ttk.Progressbar(frame, length=440)
        self.start_button = ttk.Button(frame, text="Start", command=self.start)
        self.stop_button = ttk.Button(frame, text="Stop", command=self.stop, state="disabled")
        frame.columnconfigure(0, weight=1)
        self.status_label.grid(row=0, columnspan=2, sticky="sw")
        self.progress_bar.grid(row=1, columnspan=2, sticky="ew", pady=12)
        self.start_button.grid(row=2, column=0, sticky="e", padx=8)
        self.stop_button.grid(row=2, column=1)
        # keeps room for two lines, so that no button moves away under the mouse when the text gets longer
        root.update_idletasks()
        frame.rowconfigure(0, minsize=self.status_label.winfo_reqheight())
        self.status_label.configure(text="Ready.")
        self._handler = BatchProgressHandler(self.progress_bar, self.status_label)
        # a window may also go without being asked, as by Quit on a Mac: nobody could stop its run any more
        frame.bind("<Destroy>", lambda _event: self._stop_asked.set())

    def start(self) -> None:
        """Begin a run."""
        self.result = None
        self._stop_asked = threading.Event()
        self.start_button.configure(state="disabled")
        self.stop_button.configure(state="normal")
        self.progress_bar.configure(value=0)
        self.status_label.configure(text="Starting…")
        self._run = self._worker.submit(self._job, self._handler, self._stop_asked)
        self._root.after(POLL_MS, self._watch, self._run)

    def stop(self) -> None:
        """Ask the run to end after the record in hand: an ad that is half posted is of no use to anybody."""
        self._stop_asked.set()
        self.stop_button.configure(text="Stopping…", state="disabled")

    def close(self) -> None:
        """Close the window, after the record in hand if a run is on."""
        if self._run is None or self._run.done():
            self._root.destroy()
        else:
            self._closing = True
            self.stop()

    def wait(self) -> None:
        """Wait until no run is on. For the end of the program, when the window is closed."""
        self._worker.shutdown()

    def _watch(self, run: Future[dict[str, Any]]) -> None:
        if not run.done():
            self._root.after(POLL_MS, self._watch, run)
            return
        self._handler.show_reports()
        self._show_end(run)
        self.stop_button.configure(text="Stop", state="disabled")
        self.start_button.configure(state="normal")
        if self._closing:
            self._root.destroy()

    def _show_end(self, run: Future[dict[str, Any]]) -> None:
        error = run.exception()
        if error is not None:  # run_batch raises none, but a job may do more, such as reading a file
            self.status_label.configure(text=f"The run could not be made: {error}")
            return
        self.result = run.result()
        # a run that was refused, say for a missing column, reports no progress: its message is in the result alone
        self.status_label.configure(text=self.result["message"])


class PretendBot:
    """Stands for a real bot, and is done at once. A `KijijiBot` goes in its place."""

    def post_ad(self, record: Record) -> dict[str, Any]:
        """Pretend to post one ad."""
        return {"success": True, "message": "Posted.", "ad_url": f"https://ads.example.com/{record['sku']}"}


def main() -> None:
    """Open the window, and say in the end what became of the rows."""
    stock = pd.DataFrame(
        [
            {"sku": f"D{number}", "title": f"Dining chair no. {number}", "description": "Beech.", "price": 35}
            for number in range(1, 7)
        ]
    )

    def post_stock(progress: BatchProgressHandler, stop: threading.Event) -> dict[str, Any]:
        # `stop` is asked between two records, and during the pause
        return run_batch(stock, "new", PretendBot(), progress_cb=progress, stop=stop.is_set, pause_seconds=0.7)

    root = tk.Tk()
    window = PostingWindow(root, post_stock)
    # Ctrl+C in the terminal closes the window in good order; Tk alone would print the interrupt and go on
    signal.signal(signal.SIGINT, lambda _number, _frame: root.after(0, window.close))
    root.mainloop()
    window.wait()
    print(stock.to_string(index=False))


if __name__ == "__main__":
    main()
