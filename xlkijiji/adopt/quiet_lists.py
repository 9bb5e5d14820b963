"""The lists to choose from of a workbook that an older version made: other words than theirs are no longer asked about.

A person's own lists are left as they are.
"""

from __future__ import annotations

from xlkijiji.adopt.elements import main
from xlkijiji.inventory import COLUMNS
from xlkijiji.messages import LANGUAGES, tell
from xlkijiji.workbook.template_inventory import CATEGORIES_NAME
from xlkijiji.xlsx_parts import Parts

__all__ = ["quieten_lists"]

_ASKS = "showErrorMessage"


def quieten_lists(parts: Parts, sheet: str) -> bool:
    """Take the question off our lists on the sheet whose part is `sheet`; whether any had one."""
    tree = parts.tree(sheet)
    ours = _our_lists()
    asking = [
        rule
        for rule in tree.iter(main("dataValidation"))
        if rule.get(_ASKS) in {"1", "true"} and _words(rule.findtext(main("formula1"), "")) in ours
    ]
    for rule in asking:
        rule.set(_ASKS, "0")
    if asking:
        parts.replace_tree(sheet, tree)
    return bool(asking)


def _our_lists() -> set[tuple[str, ...]]:
    lists = {
        tuple(tell(key, language) for key in column.choice_keys)
        for column in COLUMNS
        for language in LANGUAGES
        if column.choice_keys
    }
    return lists | {(CATEGORIES_NAME,)}


def _words(formula: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in formula.strip().strip('"').split(","))
