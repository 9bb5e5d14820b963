"""Pages on which a person without a terminal makes a workbook with buttons of their own file.

Choose the file, look at what each column is used as and correct it, make the workbook in the Documents folder, open it.
The file that is handed in is a copy, kept in xlkijiji's own folder for a day at most; the person's is never touched.
"""

from __future__ import annotations

import functools
import re
import secrets
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import platformdirs
import typer
from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from xlkijiji.adopt.making import free_target, where_buttons_are, write_adopted
from xlkijiji.adopt.matching import Choices
from xlkijiji.adopt.our_workbook import OurWorkbook
from xlkijiji.adopt.planning import MissingColumns, NoHeaders, Plan, choose_sheet, make_plan
from xlkijiji.adopt.preview import preview_sentences, why
from xlkijiji.adopt.source import FORMATS, Source, read_source
from xlkijiji.errors import InventoryError, XlkijijiError
from xlkijiji.inventory import COLUMNS, STATUS, cell_text, column_letter
from xlkijiji.kijiji.attributes import column_named
from xlkijiji.messages import language, tell
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
    unused: str
    """What it is when none of our columns is chosen, in words."""
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


def _render(page: str, **values: object) -> str:
    word = current_app.extensions["xlkijiji"].guard.word
    return render_template(page, lang=language(), say=tell, word=word, **values)


def _ask_for_file(problem: str) -> str:
    return _render("adopt_file.html", problem=problem, endings=",".join(FORMATS))


@pages.get("/")
def start() -> str:
    """Choose a file."""
    _forget_old_files()
    return _ask_for_file("")


@pages.errorhandler(XlkijijiError)
def refuse(error: XlkijijiError) -> tuple[str, int]:
    """The file can't be taken: say why, and ask for another."""
    return _ask_for_file(_on_a_page(error)), 400


def _on_a_page(error: XlkijijiError) -> str:
    """The words of an error, without advice for a terminal."""
    if isinstance(error, NoHeaders):
        return tell("adopt-page-no-headers")
    if isinstance(error, MissingColumns):
        return tell("adopt-page-missing-columns", sheet=error.sheet, columns=error.columns)
    return str(error)


@pages.post("/")
def take_file() -> Response | tuple[str, int]:
    """Keep a copy of the file that was handed in, or named by its path, and show its columns."""
    sent, typed = request.files.get("file"), request.form.get("path", "").strip().strip('"')
    given = sent.filename if sent and sent.filename else typed
    name = _NOT_IN_NAMES.sub("_", Path(given.replace("\\", "/")).name).strip(" .")
    token = secrets.token_urlsafe(16)
    try:
        if not name:
            raise InventoryError(tell("adopt-page-no-file"))
        target = data_dir("adopt", token) / name
        if sent and sent.filename:
            sent.save(target)
        else:
            shutil.copyfile(Path(typed).expanduser(), target)
        choose_sheet(_read(target), {}, "")
    except XlkijijiError:
        _forget(token)
        raise
    except OSError:
        _forget(token)
        return _ask_for_file(tell("adopt-no-file", path=typed)), 400
    return redirect(url_for("adopt.columns", token=token), 303)


@functools.lru_cache(maxsize=2)
def _read(path: Path) -> Source:
    """A file of ours, which nobody changes, read once for all looks at it: some have to be converted by Excel first."""
    return read_source(path)


def _forget(token: str) -> None:
    shutil.rmtree(data_dir("adopt") / token, ignore_errors=True)


def _kept(token: str) -> Source:
    """The file that was handed in; a page that asks for it once more where it is gone."""
    folder = data_dir("adopt") / token
    files = list(folder.iterdir()) if _TOKEN.fullmatch(token) and folder.is_dir() else []
    if not files:
        abort(make_response(_ask_for_file(tell("adopt-page-gone")), 404))
    return _read(files[0])


@pages.get("/<token>")
def columns(token: str) -> str:
    """What each column is used as."""
    source = _kept(token)
    view = _view(source, request.args.get("sheet", ""), lambda _column, proposed: proposed)
    _plan(source, view)
    return _render("adopt_columns.html", view=view, token=token, known=_known())


@pages.post("/<token>")
def make(token: str) -> Response | str:
    """Look again at what was corrected, or make the workbook of it."""
    source = _kept(token)
    view = _view(
        source, request.form.get("sheet", ""), lambda column, _proposed: request.form.get(f"column-{column}", "")
    )
    view.missing = "missing" in request.form
    plan = _plan(source, view)
    if plan is None or request.form.get("action") != "make":
        return _render("adopt_columns.html", view=view, token=token, known=_known())
    folder = Path(platformdirs.user_documents_dir())
    try:
        made = write_adopted(source, plan, free_target(folder, source.path.stem), OurWorkbook.in_language(language()))
    except InventoryError as error:
        view.problem = _on_a_page(error)
        return _render("adopt_columns.html", view=view, token=token, known=_known())
    _forget(token)
    return redirect(url_for("adopt.made", name=made.name), 303)


@pages.get("/made/<name>")
def made(name: str) -> str:
    """Where the new workbook is."""
    path = _made(name)
    return _render("adopt_made.html", path=path, pictures=path.parent / "pictures", buttons=where_buttons_are(path))


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
        problem = _on_a_page(error)
        sheet, proposal = choose_sheet(source, {}, "")
    body = sheet.grid[proposal.header_row :]
    known = {column.name for column in COLUMNS}
    rows = []
    for match in proposal.matches:
        values = [cell_text(cells[match.column - 1]) for cells in body if len(cells) >= match.column]
        examples = " · ".join(
            islice(dict.fromkeys(textwrap.shorten(one, 40, placeholder="…") for one in values if one), EXAMPLES)
        )
        choice = chosen(match.column, match.name or "")
        changed = choice != (match.name or "")
        letter = column_letter(match.column)
        how = "chosen" if changed else match.how
        unused = why("left" if column_named(match.header) is None else "field")
        reason = "" if how in {"left", "field"} else why(how)  # the list says so itself
        choice = choice if choice in known else ""
        rows.append(Row(match.column, letter, match.header, examples, choice, unused, reason))
    return View(source.path.name, [one.name for one in source.sheets if one.visible], sheet.name, rows, problem)


def _plan(source: Source, view: View) -> Plan | None:
    """The plan behind what is shown; what stands in its way goes onto the page."""
    choices: Choices = {row.column: row.chosen or None for row in view.rows}  # two columns may have the same header
    settings = tell(SETTINGS)
    try:
        plan = make_plan(source, choices, sheet=view.sheet, settings_name=settings, add_missing=view.missing)
    except InventoryError as error:
        view.problem = view.problem or _on_a_page(error)
        return None
    view.sentences = preview_sentences(plan)
    return plan


def _known() -> list[tuple[str, str]]:
    """What a person may choose: canonical name and header."""
    return [(column.name, column.header) for column in COLUMNS if not column.ours and column.name != STATUS]


def _forget_old_files() -> None:
    for folder in data_dir("adopt").iterdir():
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
