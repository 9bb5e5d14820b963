"""What the workbook's buttons call: note who called, start a worker of its own, return.

Excel on Windows waits for this process, so it does nothing else (xlwings' RunPython waits [xlwings source]).
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

from xlkijiji.clicked_rows import hand_on
from xlkijiji.errors import InventoryError
from xlkijiji.logs import configure
from xlkijiji.messages import is_chosen, language, tell, use
from xlkijiji.paths import log_file
from xlkijiji.system_language import system_language

__all__ = [
    "check_setup",
    "check_sheet",
    "post_all",
    "post_new",
    "post_selected",
    "sign_in",
    "start_detached",
    "stop_run",
]


def post_new() -> None:
    """Post New: start a run for the calling workbook's active sheet, or say that one is on."""
    _start_worker("post")


def post_all() -> None:
    """Post All: have the worker ask what would be replaced; while it asks, this click is the answer."""
    _start_worker("all")


def post_selected() -> None:
    """Post Selected: start a run for the rows that are selected now in the calling workbook's active sheet."""
    _start_worker("selected")


def sign_in() -> None:
    """Sign In: open the browser that later runs use, for the person to sign in there."""
    _start_worker("sign-in")


def check_setup() -> None:
    """Check Setup: have everything looked at that posting needs (what `xlkijiji doctor` does)."""
    _start_worker("setup")


def check_sheet() -> None:
    """Check Sheet: have every row of the calling workbook's active sheet checked, or say that a run is on."""
    _start_worker("check")


def _start_worker(job: str) -> None:
    clicked = time.time()
    from xlkijiji.workbook.session import caller_rows, calling_host  # imports xlwings: not before a button needs it

    try:
        _speak_at_first()
        configure()
        host = calling_host(with_selection=job == "selected", clicked=clicked)
        from xlkijiji.question import Question
        from xlkijiji.runlock import RunLock

        if RunLock(host.fullname).held_elsewhere():
            # an answer needs no word from here: the worker shows what it makes of it
            if not (job == "all" and Question(host.fullname, host.sheet, host.pid).answer(clicked)):
                _say(tell("already-running"))
            return
        if host.selection:
            with contextlib.suppress(InventoryError):  # the worker says what is wrong with such a selection
                hand_on(host.fullname, clicked, caller_rows(host))
        words = [*("--job", job), *("--language", language())]
        start_detached([sys.executable, "-m", "xlkijiji.worker", *words, *host.as_arguments()])
    except Exception:  # a traceback would reach the person, as xlwings' own message box
        logging.getLogger(__name__).exception("the button could not start a run")
        _say(tell("not-started"))


def stop_run() -> None:
    """Stop: ask the run of the calling workbook to end after the record in hand."""
    from xlkijiji.workbook.session import calling_host  # imports xlwings: not before a button needs it

    try:
        _speak_at_first()
        configure()
        host = calling_host()
        from xlkijiji.runlock import RunLock

        _say(tell("stopping") if RunLock(host.fullname).request_stop() else tell("not-running"))
    except Exception:  # a traceback would reach the person, as xlwings' own message box
        logging.getLogger(__name__).exception("the button could not stop the run")
        _say(tell("stop-not-reached"))


def _speak_at_first() -> None:
    """Until the workbook's own language is read: the system's, where nobody has chosen one, as in what Excel starts."""
    if not is_chosen():
        use(system_language())


def _say(text: str) -> None:
    from xlkijiji.workbook.session import tell_caller

    try:
        tell_caller(text)
    except Exception:
        logging.getLogger(__name__).exception("the status bar could not be written")
        sys.exit(text)  # xlwings shows in a message box what a failing command writes to its standard error


def start_detached(command: list[str]) -> int:
    """Start `command` so that it outlives this process and the program that started us; its process id.

    It has no console and starts in the home folder, so that it keeps no folder in use. What it writes to its standard
    error, such as why it could not even begin, goes into a file beside the log: Windows lets nobody rotate an open one.
    """
    with log_file().with_name("stderr.log").open("ab") as errors:
        return _start(command, {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": errors})


def _start(command: list[str], options: dict[str, object]) -> int:
    options["cwd"] = Path.home()
    if sys.platform != "win32":
        return subprocess.Popen(command, start_new_session=True, **options).pid  # type: ignore[call-overload, no-any-return]  # noqa: S603 — our own interpreter and module
    return _start_detached_windows(command, options)


def _start_detached_windows(command: list[str], options: dict[str, object]) -> int:
    """As `start_detached`: without a window, and out of Office's job object where that is allowed."""
    windowless = Path(command[0]).with_name("pythonw.exe")
    if os.path.basename(command[0]).lower() == "python.exe" and windowless.exists():  # noqa: PTH119 — a Windows path, also when tested elsewhere
        command = [str(windowless), *command[1:]]
    detached = 0x00000008 | 0x00000200  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP [Windows documentation]
    breakaway = 0x01000000  # CREATE_BREAKAWAY_FROM_JOB: refused with "access denied" by jobs that forbid it
    try:
        return subprocess.Popen(command, creationflags=detached | breakaway, **options).pid  # type: ignore[call-overload, no-any-return]  # noqa: S603 — our own interpreter and module
    except PermissionError:
        return subprocess.Popen(command, creationflags=detached, **options).pid  # type: ignore[call-overload, no-any-return]  # noqa: S603 — our own interpreter and module
