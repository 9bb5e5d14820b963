"""The buttons without the workbook's macros: the office page starts these where a company forbids Excel to do so.

Two short programs, each with xlwings' objects in its one thread:

* `python -m xlkijiji.press post` does to the workbook in front what its button does. Its exit code is 0, or it says
  on its standard error in a sentence why not.
* `python -m xlkijiji.press watch` answers each line that it reads, which names a language, with one line of JSON about
  the workbook in front, until there is no more to read.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from xlkijiji import addin, calc, messages
from xlkijiji.errors import XlkijijiError
from xlkijiji.logs import configure
from xlkijiji.messages import tell
from xlkijiji.paths import question_files
from xlkijiji.settings import Settings

__all__ = ["BUTTONS", "buttons", "main"]

BUTTONS: Mapping[str, str] = {
    "post": "post_new",
    "all": "post_all",
    "selected": "post_selected",
    "check": "check_sheet",
    "stop": "stop_run",
    "sign-in": "sign_in",
}
"""Name of a job → the function of `addin` that its button calls."""

LANGUAGE_VARIABLE = "XLKIJIJI_LANGUAGE"

log = logging.getLogger("xlkijiji.press")  # also when it runs as a program


def buttons() -> list[str]:
    """The jobs that there is a button for."""
    return [job for job, function in BUTTONS.items() if function in addin.__all__]


def _find_program() -> None:
    """Let xlwings talk to Excel where there is one, else to the Calc that `xlkijiji open` started.

    Raises XlkijijiError when there is no such Calc.
    """
    if sys.platform in {"win32", "darwin"}:
        return
    pipe = calc.running_pipe()
    if pipe is None:
        raise XlkijijiError(tell("page-no-calc"))
    os.environ[calc.PIPE_VARIABLE] = pipe  # for the worker too
    calc.activate(pipe)


def press(job: str) -> None:
    """Do what the button of `job` does, to the workbook in front. Raises XlkijijiError, or CalcError."""
    from xlkijiji.workbook.front import become_caller  # imports xlwings, which takes half a second

    _find_program()
    host = become_caller()
    log.info("%s pressed on the office page for %s", job, host.fullname)
    getattr(addin, BUTTONS[job])()


def look() -> dict[str, Any]:
    """The workbook in front, in words for the page: names, status bar, whether a run is on, and whether it asks."""
    from xlkijiji.runlock import RunLock
    from xlkijiji.workbook.front import front_host, settings_of_front, status_in_front

    _find_program()
    host = front_host()
    try:
        settings = Settings.from_labels(settings_of_front())
    except XlkijijiError:  # a wrong setting is told by the run that needs it
        settings = None
    lock = RunLock(host.fullname)
    free = lock.acquire(0)
    lock.release()
    return {
        "book": host.fullname.replace("\\", "/").rpartition("/")[2],
        "path": host.fullname,
        "sheet": host.sheet,
        "status": status_in_front(),
        "running": not free,
        "practice": settings.practice_url if settings is not None and settings.practice_mode else "",
        "asking": question_files(host.fullname)[0].exists(),
    }


def watch(questions: TextIO, answers: TextIO) -> None:
    """Answer each line of `questions`, a language, with what `look` sees, or with the problem that it had."""
    for line in questions:
        messages.use(line.strip())
        try:
            seen = look()
        except (XlkijijiError, calc.CalcError) as error:
            seen = {"problem": str(error)}
        except Exception:  # Excel may refuse any call while it is busy, and be well at the next look
            log.exception("the workbook in front could not be looked at")
            seen = {"problem": tell("page-busy")}
        answers.write(json.dumps(seen) + "\n")
        answers.flush()


def main(arguments: list[str]) -> int:
    """Entry point of `python -m xlkijiji.press JOB`."""
    (job,) = arguments
    configure()
    messages.use(os.environ.get(LANGUAGE_VARIABLE, messages.language()))
    if job == "watch":
        watch(sys.stdin, sys.stdout)
        return 0
    try:
        press(job)
    except (XlkijijiError, calc.CalcError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
