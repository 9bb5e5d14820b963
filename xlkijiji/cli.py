"""`xlkijiji …`: what the buttons do, from a terminal, and what is done once: install, new, sign-in password, practice.

Each command imports what it needs when it runs, so that `xlkijiji --help` is quick.
"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from xlkijiji import __version__
from xlkijiji.errors import XlkijijiError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Post the rows of an inventory workbook on Kijiji, each once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _fail(error: Exception) -> typer.Exit:
    typer.secho(str(error), fg=typer.colors.RED, err=True)
    return typer.Exit(1)


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="Where to create the workbook.")] = Path("inventory.xlsm"),
) -> None:
    """Create an inventory workbook with the Post New button."""
    from xlkijiji.install import create_workbook

    try:
        created = create_workbook(path)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None
    typer.echo(f"Created {created}. Put its pictures into the folder {created.parent / 'pictures'}.")


@app.command()
def install() -> None:
    """Tell Excel's xlwings which Python to start, for this user only."""
    from xlkijiji.install import install_for_user

    try:
        for line in install_for_user():
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None


@app.command("open")
def open_workbook(path: Annotated[Path, typer.Argument(help="The workbook, an .xlsm file.")]) -> None:
    """Open a workbook in LibreOffice Calc with its buttons ready; returns when the workbook is closed."""
    from xlkijiji import calc

    try:
        calc.open_and_keep(path)
    except (calc.CalcError, XlkijijiError, OSError) as error:
        raise _fail(error) from None


@app.command()
def post(
    path: Annotated[Path, typer.Argument(help="A closed inventory: .xlsm, .xlsx or .csv.")],
    mode: Annotated[str, typer.Option(help="new: rows not posted yet. all: every row.")] = "new",
    real: Annotated[bool, typer.Option("--kijiji", help="Post to Kijiji itself, not to the practice site.")] = False,
    account: Annotated[str, typer.Option(help="Your Kijiji e-mail address (with --kijiji).")] = "",
    pictures: Annotated[Path | None, typer.Option(help="Pictures folder; usually 'pictures' beside the file.")] = None,
) -> None:
    """Post the rows of a closed file, with a progress bar; what the button does for an open workbook."""
    from xlkijiji.terminal import post_file

    try:
        result = post_file(path, mode, real=real, account=account, pictures=pictures)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None
    raise typer.Exit(0 if result["success"] and not result["failed_posts"] else 1)


@app.command()
def password(account: Annotated[str, typer.Argument(help="Your Kijiji e-mail address.")]) -> None:
    """Keep your Kijiji password in the operating system's key store; without one you sign in by hand."""
    import keyring
    import keyring.errors

    from xlkijiji.bots import SERVICE

    try:
        keyring.set_password(SERVICE, account, getpass.getpass("Password (it is not shown): "))
    except keyring.errors.KeyringError as error:
        typer.secho(f"This computer has no key store ({error}).", fg=typer.colors.RED, err=True)
        typer.echo("You can post without one: sign in by hand in the browser window that opens at the first click.")
        raise typer.Exit(1) from None
    typer.echo("Kept.")


@app.command()
def practice(
    port: Annotated[int, typer.Option(help="Port of the site on this computer.")] = 8765,
    data_dir: Annotated[Path | None, typer.Option(help="Where the site keeps its ads.")] = None,
) -> None:
    """Run the practice site on this computer until Ctrl+C."""
    from xlkijiji import paths
    from xlkijiji import practice as site

    try:
        site.serve(data_dir or paths.data_dir("practice"), port=port, sign_in_port=port + 1)
    except OSError as error:
        raise _fail(error) from None


@app.command()
def demo(
    show: Annotated[bool, typer.Option("--show", help="Show the windows on your screen.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo leaves its files.")] = Path("demo"),
) -> None:
    """Click Post New in a sample workbook, with a real mouse, and check what the practice site got."""
    from xlkijiji.demo.run import run_demo

    try:
        problems = run_demo(folder, show=show)
    except (XlkijijiError, OSError, RuntimeError) as error:
        raise _fail(error) from None
    raise typer.Exit(1 if problems else 0)


@app.command()
def doctor() -> None:
    """Look whether everything is here that a click on Post New needs, and say what to do."""
    from xlkijiji.doctor import report

    def say(line: str, good: bool) -> None:
        typer.secho(line, fg=None if good else typer.colors.RED)

    raise typer.Exit(0 if report(say) else 1)


@app.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(__version__)


def main() -> None:
    """Entry point of `python -m xlkijiji`."""
    app()
