"""What adopting a file would do, in the words that the person reads before it is done."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from xlkijiji.adopt.planning import Plan
from xlkijiji.inventory import BY_NAME, column_letter
from xlkijiji.messages import tell

__all__ = ["preview_sentences", "preview_table", "why"]

_WHY = {
    "name": "adopt-how-name",
    "alias": "adopt-how-alias",
    "chosen": "adopt-how-chosen",
    "guess": "adopt-how-guess",
    "double": "adopt-how-double",
    "field": "adopt-how-field",
    "left": "adopt-how-left",
}
_COLOURS = {"guess": "yellow", "double": "yellow", "left": "dim"}


def why(how: str) -> str:
    """Why a column is used as it is, in words."""
    return tell(_WHY[how])


def preview_table(plan: Plan) -> Table:
    """The person's columns, and what each is used as."""
    proposal = plan.proposal
    title = tell("adopt-preview", sheet=proposal.sheet, name=plan.source.name, row=proposal.header_row)
    table = Table(title=title, title_justify="left")
    for heading in ("", tell("adopt-head-theirs"), tell("adopt-head-ours"), tell("adopt-head-how")):
        table.add_column(heading)
    for match in proposal.matches:
        ours = "" if match.name is None else BY_NAME[match.name].header
        style = _COLOURS.get(match.how, "")
        cells = (column_letter(match.column), match.header, ours, why(match.how))
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def preview_sentences(plan: Plan) -> list[str]:
    """What is added, and what the person should know."""
    sentences = list(plan.notes)
    missing = plan.proposal.missing
    if missing:
        sentences.append(tell("adopt-blank-columns", columns=_headers(missing)))
    if "photos" not in plan.proposal.columns:
        sentences.append(tell("adopt-no-photos", column=BY_NAME["photos"].header, sku=BY_NAME["sku"].header))
    added = _headers(plan.added.names)
    first = column_letter(plan.added.first)
    return [tell("adopt-added", first=first, columns=added, settings=plan.settings_sheet), *sentences]


def _headers(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(BY_NAME[name].header for name in names)
