"""Pages on which a person without a terminal makes a workbook with buttons of their own file.

Choose the file, look at what each column is used as and correct it, make the workbook in the Documents folder, open it.
The file that is handed in is a copy, kept in xlkijiji's own folder for a day at most; the person's is never touched.
"""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import typer
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from xlkijiji.adopt.making import free_target, write_adopted
from xlkijiji.adopt.our_workbook import OurWorkbook
from xlkijiji.adopt.planning import Plan, choose_sheet, make_plan
from xlkijiji.adopt.preview import preview_sentences, why
from xlkijiji.adopt.source import FORMATS, Source, read_source
from xlkijiji.errors import InventoryError
from xlkijiji.inventory import COLUMNS, STATUS, column_letter
from xlkijiji.messages import LANGUAGES, language, tell
from xlkijiji.paths import data_dir
from xlkijiji.sheet_names import SETTINGS

__all__ = ["pages"]

pages = Blueprint("adopt", __name__, url_prefix="/adopt")

KEPT_SECONDS = 24 * 3600.0
_TOKEN = re.compile(r"[\w-]{16,32}", re.ASCII)
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
EXAMPLES = 3
"""How many values of each column are shown, so that a person sees what it holds."""


@dataclass
class Row:
    """One of the person's columns, as the page shows it."""

    column: int
    letter: str
    header: str
    examples: str
    chosen: str
    """Canonical name; '' leaves it alone."""
    why: str


@dataclass
class View:
    """What the page with the columns shows."""

    name: str
    sheets: list[str]
    sheet: str
    rows: list[Row]
    problem: str = ""
    missing: bool = False
    """Blank columns are to be added for what is missing."""
    sentences: list[str] = field(default_factory=list)


def _lang() -> str:
    wish = request.cookies.get("lang", "")
    if wish in LANGUAGES:
        return wish
    return request.accept_languages.best_match(LANGUAGES) or language()


def _render(page: str, **values: object) -> str:
    lang = _lang()

    def say(key: str) -> str:
        return tell(key, lang)

    word = current_app.extensions["xlkijiji"].guard.word
    return render_template(page, lang=lang, say=say, word=word, **values)


@pages.get("/")
def start() -> str:
    """Choose a file."""
    _forget_old_files()
    return _render("adopt_file.html", problem="", endings=",".join(FORMATS))


@pages.post("/")
def take_file() -> Response | tuple[str, int]:
    """Keep a copy of the file that was handed in, or named by its path, and show its columns."""
    sent, typed = request.files.get("file"), request.form.get("path", "").strip().strip('"')
    given = sent.filename if sent and sent.filename else typed
    name = _NOT_IN_NAMES.sub("_", Path(given.replace("\\", "/")).name).strip(" .")
    token = secrets.token_urlsafe(16)
    try:
        if not name:
            raise InventoryError(tell("adopt-page-no-file", _lang()))
        target = data_dir("adopt", token) / name
        if sent and sent.filename:
            sent.save(target)
        else:
            shutil.copyfile(Path(typed).expanduser(), target)
        source = read_source(target)
        choose_sheet(source, {}, "")
    except InventoryError as error:
        return _refused(token, str(error))
    except OSError:
        return _refused(token, tell("adopt-no-file", _lang(), path=typed))
    return redirect(url_for("adopt.columns", token=token), 303)


def _refused(token: str, problem: str) -> tuple[str, int]:
    shutil.rmtree(data_dir("adopt") / token, ignore_errors=True)
    return _render("adopt_file.html", problem=problem, endings=",".join(FORMATS)), 400


def _kept(token: str) -> Source:
    folder = data_dir("adopt") / token
    if not _TOKEN.fullmatch(token) or not folder.is_dir():
        abort(404)
    return read_source(next(folder.iterdir()))


@pages.get("/<token>")
def columns(token: str) -> str:
    """What each column is used as."""
    source = _kept(token)
    view = _view(source, request.args.get("sheet", ""), lambda _column, proposed: proposed)
    _plan(source, view, {row.header: row.chosen or None for row in view.rows})
    return _render("adopt_columns.html", view=view, token=token, known=_known())


@pages.post("/<token>")
def make(token: str) -> Response | str:
    """Look again at what was corrected, or make the workbook of it."""
    source = _kept(token)
    view = _view(
        source, request.form.get("sheet", ""), lambda column, _proposed: request.form.get(f"column-{column}", "")
    )
    view.missing = "missing" in request.form
    plan = _plan(source, view, {row.header: row.chosen or None for row in view.rows})
    if plan is None or request.form.get("action") != "make":
        return _render("adopt_columns.html", view=view, token=token, known=_known())
    folder = Path(platformdirs.user_documents_dir())
    try:
        made = write_adopted(source, plan, free_target(folder, source.path.stem), OurWorkbook.in_language(_lang()))
    except InventoryError as error:
        view.problem = str(error)
        return _render("adopt_columns.html", view=view, token=token, known=_known())
    shutil.rmtree(source.path.parent, ignore_errors=True)
    return redirect(url_for("adopt.made", name=made.name), 303)


@pages.get("/made/<name>")
def made(name: str) -> str:
    """Where the new workbook is."""
    path = _made(name)
    return _render("adopt_made.html", path=path, pictures=path.parent / "pictures")


@pages.post("/made/<name>/open")
def open_made(name: str) -> Response:
    """Show the new workbook in Excel, or on Linux in Calc with its buttons ready."""
    path = _made(name)
    if sys.platform == "linux":
        subprocess.Popen(  # noqa: S603 - our own interpreter, and no shell reads the arguments
            [sys.executable, "-m", "xlkijiji", "open", str(path)], start_new_session=True, stdin=subprocess.DEVNULL
        )
    else:
        typer.launch(str(path))
    return redirect(url_for("adopt.made", name=name), 303)


def _made(name: str) -> Path:
    path = Path(platformdirs.user_documents_dir()) / name
    if Path(name).name != name or path.suffix != ".xlsm" or not path.is_file():
        abort(404)
    return path


def _view(source: Source, wanted: str, chosen: Callable[[int, str], str]) -> View:
    problem = ""
    try:
        sheet, proposal = choose_sheet(source, {}, wanted)
    except InventoryError as error:  # a sheet that was clicked and has no headers; the file itself was taken before
        problem = str(error)
        sheet, proposal = choose_sheet(source, {}, "")
    body = sheet.grid[proposal.header_row :]
    known = {column.name for column in COLUMNS}
    rows = []
    for match in proposal.matches:
        values = [str(cells[match.column - 1]) for cells in body if len(cells) >= match.column]
        examples = " · ".join(value for value in values[:EXAMPLES] if value.strip())
        choice = chosen(match.column, match.name or "")
        changed = choice != (match.name or "")
        letter = column_letter(match.column)
        reason = why("chosen" if changed else match.how, _lang())
        rows.append(Row(match.column, letter, match.header, examples[:80], choice if choice in known else "", reason))
    return View(source.path.name, [one.name for one in source.sheets if one.visible], sheet.name, rows, problem)


def _plan(source: Source, view: View, choices: dict[str, str | None]) -> Plan | None:
    """The plan behind what is shown; what stands in its way goes onto the page."""
    settings = tell(SETTINGS, _lang())
    try:
        plan = make_plan(source, choices, sheet=view.sheet, settings_name=settings, add_missing=view.missing)
    except InventoryError as error:
        view.problem = view.problem or str(error)
        return None
    view.sentences = preview_sentences(plan, _lang())
    return plan


def _known() -> list[tuple[str, str]]:
    """What a person may choose: canonical name and header."""
    return [
        (column.name, tell(column.header_key, _lang()))
        for column in COLUMNS
        if not column.ours and column.name != STATUS
    ]


def _forget_old_files() -> None:
    for folder in data_dir("adopt").iterdir():
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
