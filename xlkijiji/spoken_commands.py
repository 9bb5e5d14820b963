"""Commands that speak the language of the person's system: their help is in the catalogues, and so is what they say.

`SpokenTyper` is Typer with such commands. The help of a command, and of each of its arguments and options, is looked
up when it is shown, under the keys of `help_key`; so a docstring in the code is for whoever reads the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from xlkijiji import messages
from xlkijiji.errors import system_refusal
from xlkijiji.messages import LANGUAGES, tell, use
from xlkijiji.spoken_mistakes import breaking_off_in_words, mistakes_in_words, refuse_unknown_command
from xlkijiji.system_language import system_language

__all__ = ["SpokenTyper", "ask", "fail", "help_keys", "speak"]

FRAME = {
    "ARGUMENTS_PANEL_TITLE": "help-arguments",
    "OPTIONS_PANEL_TITLE": "help-options",
    "COMMANDS_PANEL_TITLE": "help-commands",
    "REQUIRED_LONG_STRING": "help-required",
    "DEFAULT_STRING": "help-default",
    "ENVVAR_STRING": "help-variable",
}
"""What Typer writes around each help, by the name that it has in `typer.rich_utils`."""
FILLED_IN = {"help-default", "help-variable"}
"""Those in which Typer fills in a value."""


YES = {"y", "yes", "o", "oui"}
"""What means yes to `ask`, in either language: who answers may have another one in mind than the question."""


def ask(question: str) -> bool:
    """Ask a question in the language in use; anything but a yes, also nothing, is a no.

    Raises typer.Abort when the person breaks off, or there is nobody to answer.
    """
    answer = typer.prompt(tell("yes-or-no", question=question), default="", show_default=False, prompt_suffix=" ")
    return str(answer).strip().casefold() in YES


def fail(error: Exception) -> typer.Exit:
    """Say on the terminal what went wrong; to be raised.

    Raises BrokenPipeError where nobody reads on, as behind `| head`: Typer then ends quietly.
    """
    if isinstance(error, BrokenPipeError):
        raise error
    text = str(error)
    if isinstance(error, OSError) and error.errno is not None:  # it has the system's words, and none of ours
        text = system_refusal(error)
    typer.secho(text, fg=typer.colors.RED, err=True)
    return typer.Exit(1)


def speak(language: str) -> str:
    """Go on in the language that the person asked for ('': in the one that is spoken already), which is returned.

    Raises typer.Exit, having said what to do, for one that there is not.
    """
    if language and language not in LANGUAGES:
        raise fail(ValueError(tell("language-unknown", language=language)))
    use(language or messages.language())
    return messages.language()


def help_key(command: Any, parameter: Any = None) -> str:
    """The key of a command's help, or of that of one of its arguments or options."""
    parts = ("command", command.name, *([parameter.name.replace("_", "-")] if parameter is not None else []))
    return "-".join(parts)


def help_keys(group: Any) -> Iterator[str]:
    """The keys of everything that the help of a group of commands asks for."""
    yield "commands"
    for command in group.commands.values():
        yield help_key(command)
        yield from (help_key(command, one) for one in _shown(command))


def _shown(command: Any) -> list[Any]:
    return [one for one in command.params if not one.hidden and "--help" not in one.opts]


def _frame_in_words() -> None:
    from typer import rich_utils  # slow to import, and only help needs it

    for name, key in FRAME.items():
        setattr(rich_utils, name, tell(key, value="{}") if key in FILLED_IN else tell(key))


def _put_into_words(command: Any) -> None:
    """The texts of one command's own page of help, in the language in use."""
    command.help = tell(help_key(command))
    for one in _shown(command):
        one.help = tell(help_key(command, one))


class _SpokenFrame:
    """What the help of a command and that of the whole group have alike; Typer's own class stands behind it."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The first line of the help, and what a mistake in the arguments is answered with."""
        pieces = " ".join(self.collect_usage_pieces(ctx))  # type: ignore[attr-defined]  # Typer's
        formatter.write_usage(ctx.command_path, pieces, prefix=tell("help-usage") + " ")

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        option = super().get_help_option(ctx)  # type: ignore[misc]  # Typer's
        if option is not None:
            option.help = tell("help-help")
        return option


class SpokenCommand(_SpokenFrame, TyperCommand):
    """A command whose help is in the catalogues, and so is what it says of mistakes in its arguments."""

    def parse_args(self, ctx: Any, args: Any) -> Any:
        """What stands behind the command's name."""

        def about(parameter: Any) -> str:
            return tell(help_key(self, parameter)) if parameter in _shown(self) else ""

        with mistakes_in_words(ctx, about):
            return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The whole help."""
        _frame_in_words()
        _put_into_words(self)
        super().format_help(ctx, formatter)


class SpokenGroup(_SpokenFrame, TyperGroup):
    """All commands together; whichever is asked for, from here on the language of the person's system is spoken.

    A command that is about one workbook goes on in the language of that workbook.
    """

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """The first step of each command, however it was started."""
        use(system_language())
        return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: Any, args: Any) -> Any:
        """What stands behind the program's name."""
        if not args:  # then the help is shown, which some versions of Typer raise as a mistake
            return super().parse_args(ctx, args)
        with mistakes_in_words(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: Any) -> Any:
        """Which command is meant."""
        refuse_unknown_command(self, ctx, args[0])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """The command itself."""
        with breaking_off_in_words():
            return super().invoke(ctx)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What stands behind the program's name in the first line of its help."""
        self.subcommand_metavar = tell("help-command")
        return super().collect_usage_pieces(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The whole help, with a line about each command."""
        _frame_in_words()
        for command in self.commands.values():
            _put_into_words(command)
        self.help = tell("commands")
        super().format_help(ctx, formatter)


class SpokenTyper(typer.Typer):
    """A Typer whose commands have their help in the catalogues."""

    def __init__(self, **more: Any) -> None:
        super().__init__(cls=SpokenGroup, add_completion=False, pretty_exceptions_enable=False, **more)

    def command(self, name: str | None = None, **more: Any) -> Callable[[Any], Any]:
        """Like Typer's own."""
        return super().command(name, cls=SpokenCommand, **more)
