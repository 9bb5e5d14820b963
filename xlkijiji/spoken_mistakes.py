"""Mistakes in what is typed behind a command, answered in the person's language: what is wrong, and where to look.

Typer, and the click below it, say them in English. `SpokenGroup` and `SpokenCommand` have each of them pass through
here; the exit code stays 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import typer

from xlkijiji.messages import tell

__all__ = ["breaking_off_in_words", "mistakes_in_words", "refuse_unknown_command"]

_MISTAKE: Any = typer.BadParameter.__mro__[1]
"""click's UsageError, from the click that this Typer is built on: newer ones have one of their own."""
_EXIT_CODE = 2


@contextmanager
def mistakes_in_words(context: Any, about: Callable[[Any], str] | None = None) -> Iterator[None]:
    """Say what was typed wrongly, and raise typer.Exit with 2, where click would say it in English.

    `about` gives the help of an argument or option, which says what is wanted there.
    """
    try:
        yield
    except _MISTAKE as error:
        raise _refused(context, _sentence(context, error, about or (lambda _parameter: ""))) from None


@contextmanager
def breaking_off_in_words() -> Iterator[None]:
    """Say that a question was left without an answer, and raise typer.Exit with 1, where Typer says 'Aborted.'."""
    try:
        yield
    except (typer.Abort, EOFError):
        typer.echo(err=True)  # the cursor stands behind the question
        typer.secho(tell("broken-off"), fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from None


def refuse_unknown_command(group: Any, context: Any, name: str) -> None:
    """Raise typer.Exit with 2, having said so, when the group has no command `name`."""
    if group.get_command(context, name) is None:
        shown = [one.name for one in group.commands.values() if not one.hidden]
        raise _refused(context, _or_rather(tell("mistake-command", name=name), get_close_matches(name, shown)))


def _refused(context: Any, sentence: str) -> typer.Exit:
    typer.echo(context.get_usage(), err=True)
    typer.secho(f"{sentence} {tell('mistake-help', command=context.command_path)}", fg=typer.colors.RED, err=True)
    return typer.Exit(_EXIT_CODE)


def _sentence(context: Any, error: Any, about: Callable[[Any], str]) -> str:
    """What is wrong, by the kind of click's error; by their names, as not every click has them at one place."""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return _or_rather(tell("mistake-option", option=error.option_name), sorted(error.possibilities or ()))
    if kind == "MissingParameter":
        return tell("mistake-missing", name=_name(error.param))
    if kind == "BadParameter":
        return tell("mistake-value", name=_name(error.param), about=about(error.param)).rstrip()
    if kind == "BadOptionUsage":
        named = [one for one in context.command.params if error.option_name in (*one.opts, *one.secondary_opts)]
        flag = any(one.is_flag for one in named)
        return tell("mistake-no-value" if flag else "mistake-value-missing", option=error.option_name)
    return tell("mistake-too-many")  # all else that our commands can be given


def _or_rather(sentence: str, names: list[str]) -> str:
    return f"{sentence} {tell('did-you-mean', names=', '.join(names))}" if names else sentence


def _name(parameter: Any) -> str:
    """As the help has it."""
    return str(parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar or parameter.name)
