"""`xlkijiji adopt` and `xlkijiji upgrade`: commands that make a workbook of one that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlkijiji.errors import XlkijijiError

__all__ = ["adopt", "upgrade"]


def adopt(
    path: Annotated[Path, typer.Argument(help="Your inventory: .xlsx, .xlsm without macros, .xls, .ods or .csv.")],
    to: Annotated[Path | None, typer.Option(help="The workbook to be made; else your file's name with .xlsm.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help='Which of your columns is which of ours: "Item name=Title"; "Notes=" leaves it alone.'),
    ] = None,
    sheet: Annotated[str, typer.Option(help="The sheet with the items, where another one is found.")] = "",
    add_missing: Annotated[bool, typer.Option(help="Add required columns that your sheet lacks, blank.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask, make it.")] = False,
    language: Annotated[str, typer.Option(help="Of what is added: en or fr; else the system's.")] = "",
) -> None:
    """Make a workbook with the buttons of your own inventory, which stays as it is."""
    from rich.console import Console
    from rich.text import Text

    from xlkijiji.adopt.making import default_target, write_adopted
    from xlkijiji.adopt.matching import parse_choices
    from xlkijiji.adopt.our_workbook import OurWorkbook
    from xlkijiji.adopt.planning import make_plan
    from xlkijiji.adopt.preview import preview_sentences, preview_table
    from xlkijiji.adopt.source import read_source
    from xlkijiji.messages import tell, use
    from xlkijiji.system_language import system_language

    console = Console()
    spoken = language or system_language()
    try:
        use(spoken)
        source = read_source(path.expanduser().resolve())
        ours = OurWorkbook.in_language(spoken)
        choices = parse_choices(column or [])
        plan = make_plan(source, choices, sheet=sheet, settings_name=ours.settings, add_missing=add_missing)
        console.print(preview_table(plan))
        for sentence in preview_sentences(plan):
            console.print(Text(sentence))
        target = to or default_target(source.path)
        if not yes and not typer.confirm(tell("adopt-ask", target=target)):
            console.print(Text(tell("adopt-not-made")))
            raise typer.Exit(1)
        made = write_adopted(source, plan, target, ours)
    except (XlkijijiError, OSError, ValueError) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from None
    console.print(
        Text(tell("adopt-made", path=made, name=source.path.name, pictures=made.parent / "pictures")), soft_wrap=True
    )


def upgrade(path: Annotated[Path, typer.Argument(help="A closed workbook with the buttons, an .xlsm file.")]) -> None:
    """Bring a workbook of an older version up to date; as it was before, it is kept beside it."""
    from xlkijiji.adopt.upgrading import upgrade_file
    from xlkijiji.messages import tell, use

    try:
        outcome = upgrade_file(path)
    except (XlkijijiError, OSError) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from None
    use(outcome.language)
    if outcome.backup is None:
        for sentence in outcome.left:
            typer.echo(sentence)
        typer.echo(tell("upgrade-none", name=path.name))
        return
    for sentence in (*outcome.done, *outcome.left):
        typer.echo(sentence)
    typer.echo(tell("upgrade-done", name=path.name, backup=outcome.backup.name))
