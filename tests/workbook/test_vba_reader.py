"""VBA projects as they are found in files, ours and Excel's own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlwings
from hypothesis import given, settings
from hypothesis import strategies as st

from xlkijiji.workbook.ovba import compress, decompress
from xlkijiji.workbook.vba_project import ModuleKind, VbaModule, build_vba_project, load_modules
from xlkijiji.workbook.vba_reader import read_modules

BY_EXCEL = Path(xlwings.__file__).parent / "quickstart.xlsm"


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="ab\n'= ", max_size=9000))
def test_what_was_compressed_comes_back(text: str) -> None:
    assert decompress(compress(text.encode())) == text.encode()


def test_our_own_project_is_read_as_it_was_built() -> None:
    modules = load_modules(Path(__file__).parents[2] / "xlkijiji" / "workbook" / "vba")
    found = read_modules(build_vba_project(modules))
    assert found == {module.name: (module.kind.value, module.plain_lines()) for module in modules}


def test_a_project_that_excel_wrote_is_read() -> None:
    with zipfile.ZipFile(BY_EXCEL) as file:
        found = read_modules(file.read("xl/vbaProject.bin"))
    kinds = {name: kind for name, (kind, _lines) in found.items()}
    assert kinds["ThisWorkbook"] == ModuleKind.DOCUMENT.value
    assert any("RunPython" in line for _kind, lines in found.values() for line in lines)


def test_what_is_no_project_is_told() -> None:
    with pytest.raises(ValueError, match="not a VBA project"):
        read_modules(b"nothing of the kind" * 100)
    module = VbaModule("One", ModuleKind.STANDARD, 'Attribute VB_Name = "One"')
    assert read_modules(build_vba_project([module])) == {"One": ("Module", [])}
