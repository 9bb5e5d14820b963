"""`xlkijiji …`: what the buttons do, from a terminal, and all else that is asked for by name.

Each command imports what it needs when it runs, so that `xlkijiji --help` is quick. What the help says, and what the
commands print, is in the catalogues; the docstrings here are for whoever reads the code.
"""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from xlkijiji import __version__, file_commands
from xlkijiji.cli_computer import commands
from xlkijiji.errors import XlkijijiError
from xlkijiji.messages import tell
from xlkijiji.spoken_commands import SpokenTyper, fail, speak

__all__ = ["app", "main"]

MODES = ("new", "all")

app = SpokenTyper(no_args_is_help=True)
app.command()(file_commands.adopt)
app.command()(file_commands.upgrade)
app.add_typer(commands)


@app.command()
def new(path: Annotated[Path, typer.Argument()] = Path("inventory.xlsm"), language: str = "") -> None:
    """Make an inventory workbook."""
    from xlkijiji.install import create_workbook

    spoken = speak(language)
    try:
        created = create_workbook(path, spoken)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None
    typer.echo(tell("workbook-created", path=created, pictures=created.parent / "pictures"))


@app.command()
def password(account: Annotated[str, typer.Argument()], mail: Annotated[bool, typer.Option("--mail")] = False) -> None:
    """Keep a password in the operating system's key store."""
    import keyring
    import keyring.errors

    from xlkijiji.kijiji.credentials import SERVICE
    from xlkijiji.notify import MAIL_SERVICE

    try:
        keyring.set_password(MAIL_SERVICE if mail else SERVICE, account, getpass.getpass(tell("password-prompt")))
    except keyring.errors.KeyringError as error:
        typer.secho(tell("no-key-store", error=error), fg=typer.colors.RED, err=True)
        typer.echo(tell("no-key-store-mail") if mail else tell("no-key-store-kijiji"))
        raise typer.Exit(1) from None
    typer.echo(tell("password-kept"))


@app.command("sign-in")
def sign_in(browser: str = "", practice_site: str = "") -> None:
    """Let a person sign in, in the browser that the runs use."""
    from xlkijiji import logs
    from xlkijiji.settings import Settings
    from xlkijiji.terminal import sign_in as sign_in_by_hand

    logs.configure()
    labels = {"Practice mode": "Yes" if practice_site else "No", "Practice site": practice_site, "Browser": browser}
    try:
        sign_in_by_hand(Settings.from_labels(labels))
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@app.command()
def post(
    path: Annotated[Path, typer.Argument()],
    mode: str = "new",
    real: Annotated[bool | None, typer.Option("--kijiji/--practice")] = None,
    account: str = "",
    pictures: Path | None = None,
    workers: int = 1,
    draft: Annotated[bool | None, typer.Option("--draft/--no-draft")] = None,
) -> None:
    """Post the rows of a closed file."""
    from xlkijiji import logs
    from xlkijiji.terminal import post_file

    _refuse_unknown(mode)
    logs.configure()
    try:
        result = post_file(path, mode, real=real, account=account, pictures=pictures, workers=workers, draft=draft)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None
    raise typer.Exit(0 if result["success"] and not result["failed_posts"] else 1)


@app.command()
def check(path: Annotated[Path, typer.Argument()], mode: str = "new", pictures: Path | None = None) -> None:
    """Check the rows of a closed file, as Check Sheet does."""
    from xlkijiji import logs
    from xlkijiji.terminal import check_file

    _refuse_unknown(mode)
    logs.configure()
    try:
        blocked = check_file(path, mode, pictures)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None
    raise typer.Exit(1 if blocked else 0)


def _refuse_unknown(mode: str) -> None:
    if mode not in MODES:
        raise fail(ValueError(tell("mode-unknown", mode=mode)))


@app.command()
def stop(path: Annotated[Path, typer.Argument()]) -> None:
    """Ask the run of a workbook or file to end, as the Stop button does."""
    from xlkijiji.runlock import RunLock

    asked = RunLock(str(path.expanduser().resolve())).request_stop()
    typer.echo(tell("stopping") if asked else tell("not-running"))
    raise typer.Exit(0 if asked else 1)


@app.command()
def stats(practice: Annotated[bool, typer.Option("--practice")] = False, account: str | None = None) -> None:
    """Show the numbers of the runs so far."""
    from xlkijiji.journal_report import show_statistics

    try:
        show_statistics(_journal_path(practice), account)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@app.command()
def forget(
    skus: Annotated[list[str], typer.Argument()],
    practice: Annotated[bool, typer.Option("--practice")] = False,
    account: str | None = None,
) -> None:
    """Tell the journal that records have no ad any more."""
    from xlkijiji.journal_report import forget_records

    try:
        for line in forget_records(_journal_path(practice), skus, account):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@app.command()
def journal(
    action: Annotated[str, typer.Argument()] = "show", practice: Annotated[bool, typer.Option("--practice")] = False
) -> None:
    """Show, check or repair the journal."""
    from xlkijiji.journal_report import journal_lines

    try:
        for line in journal_lines(_journal_path(practice), action):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


def _journal_path(practice: bool) -> Path:
    from dataclasses import replace

    from xlkijiji.jobs import journal_file
    from xlkijiji.settings import Settings

    return journal_file(replace(Settings(), practice_mode=practice))


@app.command()
def practice(
    port: int = 8765, data_dir: Path | None = None, era: Annotated[int, typer.Option(min=2, max=3)] = 3
) -> None:
    """Run the practice site until Ctrl+C."""
    from xlkijiji import paths
    from xlkijiji import practice as site

    try:
        site.serve(data_dir or paths.data_dir("practice"), port=port, sign_in_port=port + 1, era=era)
    except OSError as error:
        raise fail(error) from None


@app.command()
def demo(show: Annotated[bool, typer.Option("--show")] = False, folder: Path = Path("demo")) -> None:
    """Do the main job with a real mouse, and judge it."""
    from xlkijiji.demo.run import run_demo

    try:
        problems = run_demo(folder, show=show)
    except (XlkijijiError, OSError, RuntimeError) as error:
        raise fail(error) from None
    raise typer.Exit(1 if problems else 0)


@app.command()
def selftest(
    to: Path = Path("xlkijiji-selftest"), by_itself: Annotated[bool, typer.Option("--by-itself")] = False
) -> None:
    """Try each promise in the Excel or Calc of this computer."""
    from xlkijiji.selftest.run import run_selftest

    def ask(label: str) -> None:
        typer.secho(tell("selftest-please-click", label=label), bold=True)

    words = [tell("selftest-kept"), tell("selftest-broken")]
    width = max(map(len, words))

    def say(kept: bool, promise: str, seen: str) -> None:
        word = words[0] if kept else words[1]
        typer.secho(f"{word.ljust(width)}  {promise}", fg=None if kept else typer.colors.RED)
        typer.echo(f"{'':{width}}  {seen}")

    try:
        kept = run_selftest(to, None if by_itself else ask, say)
    except (XlkijijiError, OSError, RuntimeError) as error:
        raise fail(error) from None
    typer.echo(tell("selftest-report-is", path=to.expanduser().resolve() / "report.html"))
    raise typer.Exit(0 if kept else 1)


@app.command("log")
def show_log(
    to_terminal: Annotated[bool, typer.Option("--print")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 50,
    only_path: Annotated[bool, typer.Option("--path")] = False,
) -> None:
    """Open the log of all runs, or print its end."""
    from xlkijiji import logs, paths

    try:
        path = paths.log_file()
        if only_path:
            typer.echo(path)
        elif not path.exists():
            typer.echo(tell("no-log-yet"))
        elif to_terminal:
            for line in logs.last_lines(lines):
                # a terminal that lacks a character gets its number
                typer.echo(line.encode(sys.stdout.encoding, "backslashreplace").decode(sys.stdout.encoding))
        elif typer.launch(str(path)):
            raise OSError(tell("log-not-opened", path=path))
    except OSError as error:
        raise fail(error) from None


@app.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(__version__)


def main() -> None:
    """Entry point of `python -m xlkijiji`."""
    app()
