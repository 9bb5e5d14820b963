"""Formulas in Excel's notation: `=SUM(A1,Other!B2)`, where Calc's own interface wants `=SUM(A1;$Other.B2)`."""

from __future__ import annotations

from typing import Any

_EXCEL_A1 = 1  # com.sun.star.sheet.AddressConvention.XL_A1
_EXCEL_ENGLISH = 4  # com.sun.star.sheet.FormulaLanguage.XL_ENGLISH
_ALL_WORDS = 0x7FFFFFFF  # com.sun.star.sheet.FormulaMapGroup.ALL_EXCEPT_SPECIAL


def _parser(document: Any) -> Any:
    parser = document.createInstance("com.sun.star.sheet.FormulaParser")
    # "English" alone would mean Calc's English, which separates arguments by semicolons.
    mapper = document.createInstance("com.sun.star.sheet.FormulaOpCodeMapper")
    parser.OpCodeMap = mapper.getAvailableMappings(_EXCEL_ENGLISH, _ALL_WORDS)
    parser.FormulaConvention = _EXCEL_A1
    return parser


def to_tokens(document: Any, formula: str, position: Any) -> Any:
    """Calc's tokens of `formula` (with or without `=`); relative references start at `position`, a CellAddress."""
    return _parser(document).parseFormula(formula.removeprefix("="), position)


def write(document: Any, cells: Any, formula: str) -> None:
    """Fill Calc's range `cells` with the formula; relative references shift from its first cell, as in Excel."""
    first = cells.getCellByPosition(0, 0)
    tokens = to_tokens(document, formula, first.CellAddress)
    address = cells.RangeAddress
    for row in range(address.EndRow - address.StartRow + 1):
        for column in range(address.EndColumn - address.StartColumn + 1):
            cells.getCellByPosition(column, row).setTokens(tokens)


def read(document: Any, cells: Any) -> list[list[str]]:
    """What Excel shows in its formula bar for each of the cells: the formula, or else the content as text."""
    texts = [list(row) for row in cells.getFormulaArray()]
    parser = None
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            if not text.startswith("="):
                continue
            cell = cells.getCellByPosition(column, row)
            if cell.Type.value != "FORMULA":  # a text that looks like one
                continue
            parser = parser or _parser(document)
            line[column] = "=" + parser.printFormula(cell.getTokens(), cell.CellAddress)
    return texts
