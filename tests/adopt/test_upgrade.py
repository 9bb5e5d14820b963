"""Workbooks of earlier versions, as they were made then, brought up to date."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from adopt_compare import parts_of, relations_of, sheet_parts
from typer.testing import CliRunner

from xlkijiji import __version__, messages
from xlkijiji.adopt.buttons import buttons_of
from xlkijiji.adopt.code import our_modules
from xlkijiji.adopt.elements import main
from xlkijiji.adopt.our_workbook import OurWorkbook
from xlkijiji.adopt.settings_rows import SettingsRows
from xlkijiji.adopt.source import sheets_of
from xlkijiji.cli import app
from xlkijiji.closed_settings import settings_labels
from xlkijiji.data_io import load_inventory
from xlkijiji.install import template_path
from xlkijiji.inventory import column_letter
from xlkijiji.runlock import RunLock
from xlkijiji.settings import FIELDS, VERSION_KEY, Settings
from xlkijiji.workbook import template, template_settings
from xlkijiji.workbook.template import build_workbook
from xlkijiji.workbook.vba_project import ModuleKind, VbaModule, build_vba_project
from xlkijiji.workbook.vba_reader import read_modules
from xlkijiji.xlsx_cells import edit_sheet
from xlkijiji.xlsx_parts import Parts, sheet_part, workbook_part

OLD = sorted((Path(__file__).parent / "data").glob("*.xlsm"))
ROWS = {(4, 1): "A1", (4, 2): "Crane", (4, 3): "Posted 2026-01-01", (4, 4): "Big and yellow", (4, 5): 900}


def filled(source: Path, target: Path) -> Path:
    """A workbook of then, with an item and a setting typed in."""
    with zipfile.ZipFile(source) as file:
        parts = Parts(file)
        for sheet, edits in (("Inventory", ROWS), ("Settings", {(6, 2): "dealer@example.com"})):
            part = sheet_part(parts, sheet)
            parts.replace(part, edit_sheet(parts.read(part), edits).xml)
        target.write_bytes(parts.write())
    return target


def with_project(source: Path, project: bytes) -> None:
    """Put another VBA project into the workbook."""
    with zipfile.ZipFile(source) as file:
        parts = Parts(file)
        parts.replace("xl/vbaProject.bin", project)
        content = parts.write()
    source.write_bytes(content)


def upgrade(path: Path) -> tuple[int, str]:
    """The command's exit code, and what it says."""
    with messages.speaking("en"):  # afterwards too, whichever language the command spoke
        result = CliRunner().invoke(app, ["upgrade", str(path)])
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize("old", OLD, ids=lambda path: path.stem)
def test_an_old_workbook_gets_what_is_missing_and_keeps_what_is_in_it(old: Path, tmp_path: Path) -> None:
    path = filled(old, tmp_path / "inventory.xlsm")
    before = path.read_bytes()
    code, said = upgrade(path)
    assert code == 0, said
    assert "kept as inventory.before-upgrade.xlsm" in said
    assert (tmp_path / "inventory.before-upgrade.xlsm").read_bytes() == before
    new, ours = parts_of(path), OurWorkbook(template_path())
    there = read_modules(new["xl/vbaProject.bin"])
    for module in our_modules():
        assert there[module.name] == (module.kind.value, module.plain_lines())
    labels = settings_labels(path)
    assert labels["Kijiji account"] == "dealer@example.com"
    expected = settings_labels(template_path())
    assert {label: value for label, value in labels.items() if label != "Kijiji account"} == {
        label: value for label, value in expected.items() if label != "Kijiji account"
    } | {label: labels[label] for label in labels if label not in expected}
    assert Settings.from_labels(labels).account == "dealer@example.com"
    frame = load_inventory(path)
    assert frame.iloc[0][["sku", "title", "posting_status", "price"]].tolist() == [
        "A1",
        "Crane",
        "Posted 2026-01-01",
        900,
    ]
    assert {"attempts", "last_error"} <= set(frame.columns)
    with zipfile.ZipFile(path) as file:
        macros = {button.macro for button in buttons_of(Parts(file), sheet_parts(new)["Inventory"])}
    assert macros >= {button.macro for button in ours.buttons()}
    assert upgrade(path) == (0, "inventory.xlsm is up to date; nothing was changed.")


def test_lists_of_ours_stop_asking_and_a_person_s_own_does_not(tmp_path: Path) -> None:
    """Calc turns a hyphen that is typed into a dash, and the box then shows a word that looks the same."""
    path = filled(OLD[0], tmp_path / "inventory.xlsm")
    own = 'type="list" showErrorMessage="1" sqref="Z4:Z9"><formula1>"Red,Blue"</formula1>'
    rules_end = "</dataValidations>"
    with zipfile.ZipFile(path) as file:
        parts = Parts(file)
        part = sheet_part(parts, "Inventory")
        before = parts.read(part).decode()
        parts.replace(part, before.replace(rules_end, f"<dataValidation {own}</dataValidation>{rules_end}").encode())
        content = parts.write()
    path.write_bytes(content)
    code, said = upgrade(path)
    assert code == 0, said
    assert "The lists to choose from take other words without asking." in said
    with zipfile.ZipFile(path) as file:
        parts = Parts(file)
        rules = list(parts.tree(sheet_part(parts, "Inventory")).iter(main("dataValidation")))
    assert len(rules) == before.count("<dataValidation ") + 1
    assert [rule.get("sqref") for rule in rules if rule.get("showErrorMessage") == "1"] == ["Z4:Z9"]


def test_a_new_workbook_has_nothing_to_be_upgraded(tmp_path: Path) -> None:
    build_workbook(tmp_path / "new.xlsm", [{"sku": "A1", "title": "Crane"}])
    before = (tmp_path / "new.xlsm").read_bytes()
    assert upgrade(tmp_path / "new.xlsm") == (0, "new.xlsm is up to date; nothing was changed.")
    assert (tmp_path / "new.xlsm").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["new.xlsm"]


def test_a_french_workbook_is_up_to_date_as_it_is_made(tmp_path: Path) -> None:
    path = tmp_path / "inventaire.xlsm"
    build_workbook(path, [{"sku": "A1", "title": "Grue"}], language="fr")
    before = path.read_bytes()
    assert upgrade(path) == (0, "inventaire.xlsm est à jour; rien n’a été modifié.")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["inventaire.xlsm"]


def test_a_french_workbook_gets_what_it_lacks_in_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, whole = tmp_path / "inventaire.xlsm", tmp_path / "whole.xlsm"
    with monkeypatch.context() as patch:
        patch.setattr(template, "BUTTONS", [one for one in template.BUTTONS if one[0] != "CheckSheet"])
        kept = [field for field in FIELDS if field.name != "draft_mode"]
        patch.setattr(template_settings, "FIELDS", kept)
        patch.setattr(template_settings, "__version__", "0.0.9")
        build_workbook(path, [{"sku": "A1", "title": "Grue"}], {"Compte Kijiji": "moi@example.com"}, language="fr")
    without_sheet(path, "Opérations")
    build_workbook(whole, language="fr")
    code, said = upgrade(path)
    assert code == 0, said
    assert "Vérifier" in said
    assert "Opérations" in said
    assert f"La version du classeur est maintenant {__version__}; c’était 0.0.9." in said
    assert names_of(path) == [*(name for name in names_of(whole) if name != "Opérations"), "Opérations"]
    expected = settings_labels(whole) | {"Compte Kijiji": "moi@example.com"}
    assert settings_labels(path) == expected
    with zipfile.ZipFile(path) as file:
        parts = Parts(file)
        present = buttons_of(parts, sheet_part(parts, "Inventaire"))
        rows = SettingsRows(parts, "Paramètres").rows()
    with zipfile.ZipFile(whole) as file:
        parts = Parts(file)
        wanted = buttons_of(parts, sheet_part(parts, "Inventaire"))
    with messages.speaking("fr"):
        assert sorted(label for _row, label, _value, _note in rows) == sorted(
            [*(field.label for field in FIELDS), messages.tell(VERSION_KEY)]
        )
    assert sorted((one.macro, one.caption) for one in present) == sorted((one.macro, one.caption) for one in wanted)
    assert upgrade(path) == (0, "inventaire.xlsm est à jour; rien n’a été modifié.")


def names_of(path: Path) -> list[str]:
    """The sheets' names, from left to right."""
    return list(sheet_parts(parts_of(path)))


def without_sheet(path: Path, name: str) -> None:
    """Take a sheet out of the workbook's list: no program shows it any more."""
    with zipfile.ZipFile(path) as file:
        parts = Parts(file)
        tree = parts.tree(workbook_part(parts))
        sheets = list(tree.iter(main("sheet")))
        gone = next(at for at, sheet in enumerate(sheets) if sheet.get("name") == name)
        sheets[gone].getparent().remove(sheets[gone])
        for own in list(tree.iter(main("definedName"))):
            place = int(own.get("localSheetId", "-1"))
            if place == gone:
                own.getparent().remove(own)
            elif place > gone:
                own.set("localSheetId", str(place - 1))
        parts.replace_tree(workbook_part(parts), tree)
        content = parts.write()
    path.write_bytes(content)


def changed(path: Path, renamed: dict[str, str], cells: dict[tuple[int, int], str]) -> None:
    """Give sheets other names, and cells of the inventory other texts, as a person does."""
    with zipfile.ZipFile(path) as file:
        parts = Parts(file)
        part = sheet_part(parts, "Inventory")
        parts.replace(part, edit_sheet(parts.read(part), cells).xml)
        tree = parts.tree(workbook_part(parts))
        for sheet in tree.iter(main("sheet")):
            sheet.set("name", renamed.get(sheet.get("name"), sheet.get("name")))
        parts.replace_tree(workbook_part(parts), tree)
        content = parts.write()
    path.write_bytes(content)


def headers_of(path: Path) -> dict[str, int]:
    """Each header of the inventory, in row 3 → its column."""
    (inventory,) = [one for one in sheets_of(path.read_bytes()) if one.name == "Inventory"]
    return {str(cell): column for column, cell in enumerate(inventory.grid[2], 1)}


def references(path: Path, sheet: str) -> set[tuple[str, str]]:
    """Each sheet, and the cells of it, that the formulas of a sheet speak of."""
    with zipfile.ZipFile(path) as file:
        parts = Parts(file)
        formulas = [one.text or "" for one in parts.tree(sheet_part(parts, sheet)).iter(main("f"))]
    assert formulas
    found = re.compile(r"('(?:[^']|'')+'|\w+)!(\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?)")
    pairs = [pair for formula in formulas for pair in found.findall(formula)]
    return {(name.strip("'").replace("''", "'"), cells) for name, cells in pairs}


def test_new_sheets_count_the_items_where_they_are(tmp_path: Path) -> None:
    """Their formulas spoke of Inventory and of the letters of a new workbook, whatever the person had made of it."""
    path = tmp_path / "inventory.xlsm"
    build_workbook(path, [{"sku": "A1", "title": "Crane"}])
    before = references(path, "Dashboard") | references(path, "Lists")
    for gone in ("Dashboard", "Lists"):
        without_sheet(path, gone)
    headers = headers_of(path)
    swapped, letters = {}, {}
    for one, other in (("Title", "Phone"), ("Category", "Location")):
        swapped |= {(3, headers[one]): other, (3, headers[other]): one}
        letters[f"${column_letter(headers[one])}$"] = f"${column_letter(headers[other])}$"
    changed(path, {"Inventory": "Stock d'été", "Runs": "Journal"}, swapped)
    code, said = upgrade(path)
    assert code == 0, said
    assert "New sheets: Dashboard, Lists." in said
    after = references(path, "Dashboard") | references(path, "Lists")
    names = {"Inventory": "Stock d'été", "Runs": "Journal"}
    moved = re.compile("|".join(map(re.escape, letters)))
    assert after == {
        (names.get(name, name), moved.sub(lambda one: letters[one[0]], cells) if name == "Inventory" else cells)
        for name, cells in before
    }
    assert {name for name, _cells in after} <= set(names_of(path))
    assert upgrade(path) == (0, "inventory.xlsm is up to date; nothing was changed.")


def test_a_sheet_that_could_only_count_wrongly_is_not_added_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsm"
    build_workbook(path, [{"sku": "A1", "title": "Crane"}])
    for gone in ("Dashboard", "Lists"):
        without_sheet(path, gone)
    changed(path, {}, {(3, headers_of(path)["Category"]): "Colour of it"})
    before = path.read_bytes()
    left = "was not added: it counts the column Category, which the sheet Inventory doesn't have."
    everything = f"The sheet Dashboard {left} The sheet Lists {left} inventory.xlsm is up to date; nothing was changed."
    assert upgrade(path) == (0, everything)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["inventory.xlsm"]


@pytest.mark.parametrize(("version", "refused"), [("99.0", True), ("0.10.2", True), ("0.0.9", False), ("0.1", False)])
def test_a_workbook_of_a_newer_version_is_left_as_it_is(
    version: str, refused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "inventory.xlsm"
    with monkeypatch.context() as patch:
        patch.setattr(template_settings, "__version__", version)
        build_workbook(path)
    before = path.read_bytes()
    code, said = upgrade(path)
    assert code == (1 if refused else 0)
    assert (f"inventory.xlsm is of xlkijiji {version}, and this is {__version__}" in said) == refused
    assert (path.read_bytes() == before) == refused


def test_who_may_not_read_a_workbook_may_not_read_what_is_kept_of_it(tmp_path: Path) -> None:
    path = filled(OLD[0], tmp_path / "inventory.xlsm")
    path.chmod(0o600)
    assert upgrade(path)[0] == 0
    for one in (path, tmp_path / "inventory.before-upgrade.xlsm"):
        assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_an_adopted_workbook_is_upgraded_too(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "stock.xlsx") as book:
        book.add_worksheet("Stock").write_row(0, 0, ["Ref", "Item name", "Description", "Price"])
    assert CliRunner().invoke(app, ["adopt", str(tmp_path / "stock.xlsx"), "--yes"]).exit_code == 0
    made = tmp_path / "stock.xlsm"
    assert upgrade(made) == (0, "stock.xlsm is up to date; nothing was changed.")
    old = VbaModule("XlKijiji", ModuleKind.STANDARD, 'Attribute VB_Name = "XlKijiji"\nPublic Sub PostNew()\nEnd Sub')
    there = read_modules(parts_of(made)["xl/vbaProject.bin"])
    with_project(made, build_vba_project([old]))
    code, said = upgrade(made)
    assert code == 0, said
    assert read_modules(parts_of(made)["xl/vbaProject.bin"]) == there


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("Mine", 'Attribute VB_Name = "Mine"\nSub Mine()\nEnd Sub'),
        ("ThisWorkbook", 'Attribute VB_Name = "ThisWorkbook"\nPrivate Sub Workbook_Open()\nEnd Sub'),
    ],
)
def test_macros_of_the_person_s_own_are_never_lost(module: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsm"
    shutil.copyfile(OLD[0], path)
    kind = ModuleKind.DOCUMENT if module == "ThisWorkbook" else ModuleKind.STANDARD
    with_project(path, build_vba_project([VbaModule(module, kind, source), *our_modules()]))
    before = path.read_bytes()
    code, said = upgrade(path)
    assert code == 1
    assert f"has macros of your own (module {module})" in said
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["inventory.xlsm"]


def test_a_workbook_that_is_open_busy_or_not_ours_is_left_alone(tmp_path: Path) -> None:
    path = filled(OLD[0], tmp_path / "inventory.xlsm")
    before = path.read_bytes()
    (tmp_path / "~$inventory.xlsm").touch()
    assert "inventory.xlsm is open in Excel" in upgrade(path)[1]
    (tmp_path / "~$inventory.xlsm").unlink()
    # another process, as a run is one
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from xlkijiji.runlock import RunLock; lock = RunLock(sys.argv[1]); assert lock.acquire(); "
            "print('held', flush=True); sys.stdin.read()",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert "A run is on for inventory.xlsm" in upgrade(path)[1]
    holder.communicate("", timeout=30)
    assert path.read_bytes() == before
    with xlsxwriter.Workbook(tmp_path / "theirs.xlsx") as book:
        book.add_worksheet()
    assert "has no buttons of xlkijiji" in upgrade(tmp_path / "theirs.xlsx")[1]
    assert RunLock(str(path)).acquire(), "no lock is left behind"


def test_backups_never_take_each_other_s_place(tmp_path: Path) -> None:
    path = filled(OLD[0], tmp_path / "inventory.xlsm")
    assert upgrade(path)[0] == 0
    shutil.copyfile(OLD[1], path)
    assert "kept as inventory.before-upgrade-2.xlsm" in upgrade(path)[1]
    assert relations_of(parts_of(tmp_path / "inventory.before-upgrade.xlsm"), "xl/workbook.xml")
