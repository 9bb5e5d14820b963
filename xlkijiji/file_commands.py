"""`xlkijiji adopt` and `xlkijiji upgrade`: commands that make a workbook of one that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xlkijiji.errors import XlkijijiError
from xlkijiji.messages import tell, use
from xlkijiji.spoken_commands import ask, fail, speak

__all__ = ["adopt", "upgrade"]


def adopt(
    path: Annotated[Path, typer.Argument()],
    to: Path | None = None,
    column: list[str] | None = None,
    sheet: str = "",
    add_missing: bool = False,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
    language: str = "",
) -> None:
    """Make a workbook with the buttons of a person's own inventory."""
    from rich.console import Console
    from rich.text import Text

    from xlkijiji.adopt.making import default_target, refuse_target, where_buttons_are, write_adopted
    from xlkijiji.adopt.matching import parse_choices
    from xlkijiji.adopt.our_workbook import OurWorkbook
    from xlkijiji.adopt.planning import make_plan
    from xlkijiji.adopt.preview import preview_sentences, preview_table
    from xlkijiji.adopt.source import read_source

    console = Console()
    spoken = speak(language)
    try:
        source = read_source(path.expanduser().resolve())
        target = to or default_target(source.path)
        refuse_target(target)
        ours = OurWorkbook.in_language(spoken)
        choices = parse_choices(column or [])
        plan = make_plan(source, choices, sheet=sheet, settings_name=ours.settings, add_missing=add_missing)
        console.print(preview_table(plan))
        for sentence in preview_sentences(plan):
            console.print(Text(sentence))
        if not yes and not ask(tell("adopt-ask", target=target)):
            console.print(Text(tell("adopt-not-made")))
            raise typer.Exit(1)
        made = write_adopted(source, plan, target, ours)
    except (XlkijijiError, OSError, ValueError) as error:
        raise fail(error) from None
    said = tell("adopt-made", path=made, name=source.path.name, pictures=made.parent / "pictures")
    console.print(Text(f"{said} {where_buttons_are(made)}"), soft_wrap=True)


def upgrade(path: Annotated[Path, typer.Argument()]) -> None:
    """Bring a closed workbook of an older version up to date."""
    from xlkijiji.adopt.upgrading import upgrade_file

    try:
        outcome = upgrade_file(path)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None
    use(outcome.language)
    if outcome.backup is None:
        for sentence in outcome.left:
            typer.echo(sentence)
        typer.echo(tell("upgrade-none", name=path.name))
        return
    for sentence in (*outcome.done, *outcome.left):
        typer.echo(sentence)
    typer.echo(tell("upgrade-done", name=path.name, backup=outcome.backup.name))
