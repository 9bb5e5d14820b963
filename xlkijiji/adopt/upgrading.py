"""A workbook that an older version of xlkijiji made, or adopted, brought up to date where it lies.

What the person has in it stays: items, settings, formats, sheets. Only what is missing is added, and the macros are
replaced where they differ. The file as it was is kept beside it.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from xlkijiji import data_io
from xlkijiji.adopt.added_columns import add_columns, header_pixels
from xlkijiji.adopt.buttons import Button, add_buttons, buttons_of
from xlkijiji.adopt.code import VBA_PART, our_modules, put_code
from xlkijiji.adopt.geometry import Geometry
from xlkijiji.adopt.graft import graft_sheet, sheet_names
from xlkijiji.adopt.matching import Choices
from xlkijiji.adopt.our_workbook import INVENTORY_CODE, SETTINGS_CODE, OurWorkbook, code_names, sheet_with_code
from xlkijiji.adopt.planning import make_plan
from xlkijiji.adopt.quiet_lists import quieten_lists
from xlkijiji.adopt.references import DoesNotFitError, Layout, fit_formulas, layout_of
from xlkijiji.adopt.settings_rows import SettingsRows
from xlkijiji.adopt.source import Source, SourceSheet, sheets_of
from xlkijiji.adopt.styles import Styles
from xlkijiji.column_words import ColumnWords, find_settings_sheet
from xlkijiji.errors import InventoryError
from xlkijiji.file_replacement import replace_file
from xlkijiji.inventory import BY_NAME, cell_text, header_key, match_header
from xlkijiji.messages import speaking, tell
from xlkijiji.runlock import RunLock
from xlkijiji.settings import FIELDS, VERSION_KEY, label_keys, sheet_language, workbook_version
from xlkijiji.sheet_names import INVENTORY, RUNS, is_called
from xlkijiji.workbook.runs_sheet import run_column
from xlkijiji.workbook.template import SHEETS
from xlkijiji.workbook.vba_project import ModuleKind
from xlkijiji.workbook.vba_reader import read_modules
from xlkijiji.xlsx_parts import Parts, sheet_part

__all__ = ["Upgrade", "upgrade_file", "upgraded"]

_OUR_MACROS = "XlKijiji"
"""The module by which a workbook of ours is known."""
_GAP = 6


@dataclass(frozen=True)
class Upgrade:
    """What was done to a file."""

    done: tuple[str, ...]
    """In sentences; empty where nothing was to be done."""
    left: tuple[str, ...]
    """What could not be added, in sentences."""
    backup: Path | None
    """The file as it was; None where nothing was to be done."""
    language: str
    """The one that the workbook is in, and these sentences."""


def upgrade_file(path: Path) -> Upgrade:
    """Bring the closed workbook at `path` up to date, in the language that it is in, and keep it as it was beside it.

    Raises InventoryError when it is open, a run is on for it, it isn't a workbook of ours or is one of a newer version,
    or has macros of the person's own; it is then as it was.
    """
    path = path.expanduser().resolve()
    if not path.is_file():
        raise InventoryError(tell("adopt-no-file", path=path))
    lock = RunLock(str(path))
    if not lock.acquire():
        raise InventoryError(tell("upgrade-running", name=path.name))
    try:
        data_io.refuse_if_open(path)
        before = path.read_bytes()
        # who may not read the workbook may not read its copy
        mode = stat.S_IMODE(path.stat().st_mode) | stat.S_IWUSR
        language = _language(path, before)
        content, done, left = upgraded(path, before, OurWorkbook.in_language(language))
        if not done:
            return Upgrade((), tuple(left), None, language)
        backup = _backup_path(path)
        replace_file(backup, before, mode=mode)
        if not replace_file(path, content, only_if=lambda: path.read_bytes() == before):
            raise InventoryError(tell("upgrade-changed", name=path.name))
        return Upgrade(tuple(done), tuple(left), backup, language)
    finally:
        lock.release()


def _backup_path(path: Path) -> Path:
    """A name that is free, so that no backup takes the place of an older one."""
    stem, number = f"{path.stem}.before-upgrade", 1
    backup = path.with_name(f"{stem}{path.suffix}")
    while backup.exists():
        number += 1
        backup = path.with_name(f"{stem}-{number}{path.suffix}")
    return backup


def _language(path: Path, content: bytes) -> str:
    """The language of the labels on its Settings sheet, whatever it is to be spoken to in."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return sheet_language(_labels(Parts(file)))
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError) as error:
        raise InventoryError(tell("adopt-damaged", name=path.name)) from error


def upgraded(path: Path, content: bytes, ours: OurWorkbook) -> tuple[bytes, list[str], list[str]]:
    """The workbook's bytes, up to date, and in sentences what was done to it, and what could not be.

    Raises InventoryError; see above. All is in the language of `ours`.
    """
    try:
        with speaking(ours.language), zipfile.ZipFile(io.BytesIO(content)) as file:
            parts = Parts(file)
            new_code = _code_is_old(path, parts)
            _refuse_newer(path, parts, ours)
            styles = Styles(parts, ours.parts)
            wanted: dict[str, str] = {}
            source = Source(path, content, tuple(sheets_of(content)))
            columns, inventory = _add_missing_columns(source, parts, styles)
            buttons = _add_missing_buttons(source, parts, ours)
            places = _places(source, parts, ours, inventory)
            sheets, left = _add_missing_sheets(parts, ours, styles, wanted, places)
            steps = [columns, buttons, sheets, _quieten_lists(parts), _bring_settings_up_to_date(parts, ours)]
            styles.save()
            if new_code or wanted:
                put_code(parts, wanted)
            done = [tell("upgrade-code")] if new_code else []
            return parts.write(), done + [sentence for step in steps for sentence in step], left
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, ValueError) as error:
        raise InventoryError(tell("adopt-damaged", name=path.name)) from error


def _code_is_old(path: Path, parts: Parts) -> bool:
    """Do the macros differ from ours? Those of the person's own would be lost, so they are refused."""
    if not parts.has(VBA_PART):
        raise InventoryError(tell("upgrade-not-ours", name=path.name))
    there = read_modules(parts.read(VBA_PART))
    if _OUR_MACROS not in there:
        raise InventoryError(tell("upgrade-not-ours", name=path.name))
    ours = {module.name: module.plain_lines() for module in our_modules()}
    for name, (kind, lines) in there.items():
        if name not in ours and (kind != ModuleKind.DOCUMENT.value or any(map(_does_something, lines))):
            raise InventoryError(tell("upgrade-own-macros", name=path.name, module=name))
    return any(name not in there or there[name][1] != lines for name, lines in ours.items())


def _refuse_newer(path: Path, parts: Parts, ours: OurWorkbook) -> None:
    """A workbook of a newer version would lose what only that one knows."""
    there, here = workbook_version(_labels(parts)), workbook_version(_labels(ours.parts))
    if _numbers(there) > _numbers(here):
        raise InventoryError(tell("upgrade-newer", name=path.name, there=there, here=here))


def _numbers(version: str) -> tuple[int, ...]:
    """0.1 and 0.1.0 are the same version."""
    numbers = list(map(int, re.findall(r"\d+", version)))
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _does_something(line: str) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith("'") and not text.casefold().startswith("option ")


def _inventory_sheet(parts: Parts, words: ColumnWords) -> str:
    names = sheet_names(parts)
    if words.sheet in names:
        return words.sheet
    named = (name for name in names if is_called(name, INVENTORY))
    return sheet_with_code(parts, INVENTORY_CODE) or next(named, names[0])


def _settings_sheet(parts: Parts) -> str | None:
    return find_settings_sheet(sheet_names(parts)) or sheet_with_code(parts, SETTINGS_CODE)


def _labels(parts: Parts) -> Mapping[str, str | int]:
    """What stands beside each label of the Settings sheet; empty where there is none."""
    settings = _settings_sheet(parts)
    rows = SettingsRows(parts, settings).rows() if settings is not None else []
    return {label: value for _row, label, value, _note in rows}


def _words(parts: Parts) -> ColumnWords:
    return ColumnWords.from_labels(_labels(parts))


def _add_missing_columns(source: Source, parts: Parts, styles: Styles) -> tuple[list[str], Layout]:
    """What was done, and where the columns of the items are afterwards."""
    words = _words(parts)
    sheet = _inventory_sheet(parts, words)
    choices: Choices = {header: name for name, header in words.chosen.items() if header}
    plan = make_plan(source, choices, sheet=sheet, own_settings=True)
    there = plan.proposal.columns | {name: plan.added.column(name) for name in plan.added.names}
    layout = Layout(sheet, plan.proposal.header_row, there)
    if not plan.added.names:
        return [], layout
    add_columns(parts, plan.added, styles)
    columns = ", ".join(BY_NAME[name].header for name in plan.added.names)
    return [tell("upgrade-columns", columns=columns)], layout


def _add_missing_buttons(source: Source, parts: Parts, ours: OurWorkbook) -> list[str]:
    """Right of the last button of the sheet with the items; where a person has removed them all, none is added."""
    sheet = _inventory_sheet(parts, _words(parts))
    part = sheet_part(parts, sheet)
    present = buttons_of(parts, part)
    known = {button.macro for button in present}
    missing = [button for button in ours.buttons() if button.macro not in known]
    if not present or not missing:
        return []
    geometry = Geometry(parts.tree(part))
    _left, _dx, row, top, column, right, last_row, bottom = present[-1].anchor
    height = bottom - top + sum(geometry.height(one + 1) for one in range(row, last_row))
    left = geometry.left(column + 1) + right + _GAP
    needed = sum(button.width + _GAP for button in missing)
    for start, end in _texts(source, sheet, geometry, range(row, last_row + 1)):
        if start < left + needed and end > left:
            left = end + _GAP
    placed: list[Button] = []
    for button in missing:
        anchor = geometry.anchor(1, left, row + 1, top, button.width, height)
        placed.append(replace(button, anchor=anchor))
        left += button.width + _GAP
    add_buttons(parts, part, placed)
    return [tell("upgrade-buttons", captions=", ".join(button.caption for button in missing))]


def _texts(source: Source, sheet: str, geometry: Geometry, rows: range) -> list[tuple[int, int]]:
    """From where to where, in pixels, the texts in these rows (from 0) reach, from left to right."""
    grid = next(one.grid for one in source.sheets if one.name == sheet)
    cells = {(column, cell_text(cell)) for row in rows if row < len(grid) for column, cell in enumerate(grid[row], 1)}
    lefts = [(geometry.left(column), header_pixels(text)) for column, text in cells if text]
    return sorted((left, left + width) for left, width in lefts)


def _places(source: Source, parts: Parts, ours: OurWorkbook, inventory: Layout) -> list[tuple[Layout, Layout]]:
    """Where the sheets and columns that our formulas speak of are: in our workbook, and in this one.

    A sheet that this one doesn't have yet will be as ours.
    """
    known = {name: code for name, code in code_names(parts).items() if code}
    mine, theirs = list(sheets_of(ours.content)), source.sheets
    found = []
    for which, code in SHEETS.items():
        name = next((name for name, known_code in code_names(ours.parts).items() if known_code == code), "")
        there = next((one for one, known_code in known.items() if known_code == code), None) or next(
            (one for one in sheet_names(parts) if is_called(one, which)), None
        )
        if which == INVENTORY:
            found.append((layout_of(name, _grid(mine, name), match_header), inventory))
        elif which == RUNS:
            layout = layout_of(name, _grid(mine, name), run_column)
            found.append((layout, layout_of(there, _grid(theirs, there), run_column) if there else layout))
        else:
            found.append((Layout(name), Layout(there or name)))
    return found


def _grid(sheets: Iterable[SourceSheet], name: str) -> list[list[object]]:
    return next((one.grid for one in sheets if one.name == name), [])


def _add_missing_sheets(
    parts: Parts,
    ours: OurWorkbook,
    styles: Styles,
    wanted: dict[str, str],
    places: Sequence[tuple[Layout, Layout]],
) -> tuple[list[str], list[str]]:
    """Sheets that a new workbook has, where this one was made by xlkijiji: what was added, and what was not.

    Their formulas count the inventory and the runs, which may lie elsewhere here: see `references`. An adopted workbook
    gets the Settings sheet alone.
    """
    codes, names = code_names(parts), sheet_names(parts)
    called = {code: which for which, code in SHEETS.items()}
    added, left = [], []
    for name, code in code_names(ours.parts).items():
        of_ours = INVENTORY_CODE in codes.values() and not any(is_called(one, called[code]) for one in names)
        no_settings = code == SETTINGS_CODE and find_settings_sheet(sheet_names(parts)) is None
        if code not in codes.values() and (of_ours or no_settings):
            try:
                fit_formulas(ours.parts.tree(sheet_part(ours.parts, name)), places)
            except DoesNotFitError as error:
                left.append(tell("upgrade-sheet-left", name=name, sheet=error.sheet, column=error.column))
                continue
            part = graft_sheet(parts, ours.parts, name, name, styles)
            tree = parts.tree(part)
            fit_formulas(tree, places)
            parts.replace_tree(part, tree)
            wanted[name] = code
            added.append(name)
    return [tell("upgrade-sheets", names=", ".join(added))] if added else [], left


def _quieten_lists(parts: Parts) -> list[str]:
    asked = quieten_lists(parts, sheet_part(parts, _inventory_sheet(parts, _words(parts))))
    return [tell("upgrade-lists")] if asked else []


def _bring_settings_up_to_date(parts: Parts, ours: OurWorkbook) -> list[str]:
    settings = _settings_sheet(parts)
    if settings is None:
        return []
    rows, present = SettingsRows(parts, settings), SettingsRows(parts, settings).labels()
    added, sentences = [], []
    for row, label, value, note in SettingsRows(ours.parts, ours.settings).rows():
        there = next((present[key] for key in sorted(_keys_of(label)) if key in present), None)
        if there is None:
            number = rows.append(label, value, note)
            rows.copy_rule(ours.parts, ours.settings, row, number)
            added.append(label)
        elif header_key(label) in label_keys(VERSION_KEY) and rows.value(there) != value:
            sentences.append(tell("upgrade-version", before=rows.value(there), now=value))
            rows.set_value(there, value)
    if added:
        sentences.insert(0, tell("upgrade-settings", labels=", ".join(added)))
    return sentences


def _keys_of(label: str) -> frozenset[str]:
    """What one of our labels is called in each language: somebody may have typed another one's."""
    messages = (VERSION_KEY, *(field.label_key for field in FIELDS))
    return next(keys for keys in map(label_keys, messages) if header_key(label) in keys)
