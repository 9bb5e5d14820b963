"""The house's own rules: which room may import which, and how large a module may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import xlkijiji

PACKAGE = Path(xlkijiji.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
SEPARATE = {"kijiji", "workbook", "calc", "practice"}
ALLOWED_IN = {
    "xlwings": {"workbook", "calc", "demo"},
    "selenium": {"kijiji", "kijiji_bot"},
    "flask": {"practice", "office_page"},
    "uno": {"calc"},
}


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    room = _room(path)
    for name in _imports(path):
        top, *rest = name.split(".")
        if top in ALLOWED_IN:
            assert room in ALLOWED_IN[top], f"{room} imports {name}"
        if top == "xlkijiji" and rest and room in SEPARATE:
            other = "kijiji" if rest[0] == "kijiji_bot" else rest[0]
            assert other not in SEPARATE - {room}, f"{room} imports {name}"
        if top == "xlwings":
            assert rest[:1] != ["pro"], "xlwings/pro has another licence"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
