"""`xlkijiji …`: what the buttons do, from a terminal, and what is done once: install, new, sign-in password, practice.

Each command imports what it needs when it runs, so that `xlkijiji --help` is quick.
"""

from __future__ import annotations

import getpass
import sys
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
    real: Annotated[
        bool | None,
        typer.Option("--kijiji/--practice", help="Where to post; else as the Settings sheet says, or to practice."),
    ] = None,
    account: Annotated[str, typer.Option(help="Your Kijiji e-mail address; else that of the Settings sheet.")] = "",
    pictures: Annotated[Path | None, typer.Option(help="Pictures folder; usually 'pictures' beside the file.")] = None,
    workers: Annotated[int, typer.Option(help="Browsers at a time, on the practice site; on Kijiji it is one.")] = 1,
    draft: Annotated[
        bool | None,
        typer.Option(
            "--draft/--no-draft",
            help="Fill in each ad, and let you press the button in the browser or leave the page; else as the Settings "
            "sheet says.",
        ),
    ] = None,
) -> None:
    """Post the rows of a closed file, with a progress bar; what the button does for an open workbook."""
    from xlkijiji import logs
    from xlkijiji.terminal import post_file

    logs.configure()
    try:
        result = post_file(path, mode, real=real, account=account, pictures=pictures, workers=workers, draft=draft)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None
    raise typer.Exit(0 if result["success"] and not result["failed_posts"] else 1)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A closed inventory: .xlsm, .xlsx or .csv.")],
    mode: Annotated[str, typer.Option(help="new: rows that Post New would take. all: every row.")] = "new",
    pictures: Annotated[Path | None, typer.Option(help="Pictures folder; usually 'pictures' beside the file.")] = None,
) -> None:
    """Say what is wrong with the rows of a closed file, without a browser and without posting anything."""
    from xlkijiji import logs
    from xlkijiji.terminal import check_file

    logs.configure()
    try:
        blocked = check_file(path, mode, pictures)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None
    raise typer.Exit(1 if blocked else 0)


@app.command()
def stop(path: Annotated[Path, typer.Argument(help="The workbook or file that a run is on for.")]) -> None:
    """Ask the run of a workbook to end after the record in hand; what the Stop button does."""
    from xlkijiji.messages import tell
    from xlkijiji.runlock import RunLock

    asked = RunLock(str(path.expanduser().resolve())).request_stop()
    typer.echo(tell("stopping") if asked else tell("not-running"))
    raise typer.Exit(0 if asked else 1)


@app.command()
def stats(
    practice: Annotated[bool, typer.Option("--practice", help="Of the practice site instead of Kijiji.")] = False,
    account: Annotated[str | None, typer.Option(help="Of one account only.")] = None,
) -> None:
    """Show how the runs went so far: counts, success rate, times, errors by kind, and the latest runs."""
    from xlkijiji.journal_report import show_statistics

    try:
        show_statistics(_journal_path(practice), account)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None


@app.command()
def forget(
    skus: Annotated[list[str], typer.Argument(help="Stock numbers whose ads are not on the site any more.")],
    practice: Annotated[bool, typer.Option("--practice", help="On the practice site instead of Kijiji.")] = False,
    account: Annotated[str | None, typer.Option(help="Of this account, where the journal knows several.")] = None,
) -> None:
    """Tell the journal that you took these ads off the site, so that their rows may be posted again."""
    from xlkijiji.journal_report import forget_records

    try:
        for line in forget_records(_journal_path(practice), skus, account):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None


@app.command()
def journal(
    action: Annotated[str, typer.Argument(help="show: what it knows of each record. check, repair, path.")] = "show",
    practice: Annotated[bool, typer.Option("--practice", help="Of the practice site instead of Kijiji.")] = False,
) -> None:
    """Show, check or repair the journal: xlkijiji's own record of what is on the site."""
    from xlkijiji.journal_report import journal_lines

    try:
        for line in journal_lines(_journal_path(practice), action):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None


def _journal_path(practice: bool) -> Path:
    from dataclasses import replace

    from xlkijiji.jobs import journal_file
    from xlkijiji.settings import Settings

    return journal_file(replace(Settings(), practice_mode=practice))


@app.command()
def password(
    account: Annotated[str, typer.Argument(help="Your Kijiji e-mail address; with --mail, the mail user.")],
    mail: Annotated[bool, typer.Option("--mail", help="The password of the mail server, for summaries.")] = False,
) -> None:
    """Keep your Kijiji password in the operating system's key store; without one you sign in by hand."""
    import keyring
    import keyring.errors

    from xlkijiji.kijiji.credentials import SERVICE
    from xlkijiji.notify import MAIL_SERVICE

    try:
        keyring.set_password(
            MAIL_SERVICE if mail else SERVICE, account, getpass.getpass("Password (it is not shown): ")
        )
    except keyring.errors.KeyringError as error:
        typer.secho(f"This computer has no key store ({error}).", fg=typer.colors.RED, err=True)
        typer.echo(
            "Without one, summaries can't be sent by a mail server that wants a sign-in."
            if mail
            else "You can post without one: sign in by hand in the browser window that opens at the first click."
        )
        raise typer.Exit(1) from None
    typer.echo("Kept.")


@app.command("sign-in")
def sign_in(
    browser: Annotated[str, typer.Option(help="The 'Browser' of your Settings sheet, where it isn't blank.")] = "",
    practice_site: Annotated[str, typer.Option(help="At the practice site with this address instead.")] = "",
) -> None:
    """Open the browser that the runs use, and wait until you have signed in there; they need no password then."""
    from xlkijiji import logs
    from xlkijiji.settings import Settings
    from xlkijiji.terminal import sign_in as sign_in_by_hand

    logs.configure()
    labels = {"Practice mode": "Yes" if practice_site else "No", "Practice site": practice_site, "Browser": browser}
    try:
        sign_in_by_hand(Settings.from_labels(labels))
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None


@app.command()
def practice(
    port: Annotated[int, typer.Option(help="Port of the site on this computer.")] = 8765,
    data_dir: Annotated[Path | None, typer.Option(help="Where the site keeps its ads.")] = None,
    era: Annotated[int, typer.Option(min=2, max=3, help="2: as in 2018 to 2022; 3: as today.")] = 3,
) -> None:
    """Run the practice site on this computer until Ctrl+C. Its page /practice/ switches on what can go wrong."""
    from xlkijiji import paths
    from xlkijiji import practice as site

    try:
        site.serve(data_dir or paths.data_dir("practice"), port=port, sign_in_port=port + 1, era=era)
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
def selftest(
    to: Annotated[Path, typer.Option(help="Folder for the report and its pictures.")] = Path("xlkijiji-selftest"),
    by_itself: Annotated[bool, typer.Option("--by-itself", help="Ask nobody to click; run the macros.")] = False,
) -> None:
    """Try the whole way from the click to the ad in your Excel or Calc, on a practice site of its own, and report."""
    from xlkijiji.selftest.run import run_selftest

    def ask(label: str) -> None:
        typer.secho(f"Please click {label} in the workbook now (you have two minutes).", bold=True)

    def say(kept: bool, promise: str, seen: str) -> None:
        typer.secho(f"{'kept  ' if kept else 'BROKEN'}  {promise}", fg=None if kept else typer.colors.RED)
        typer.echo(f"        {seen}")

    try:
        kept = run_selftest(to, None if by_itself else ask, say)
    except (XlkijijiError, OSError, RuntimeError) as error:
        raise _fail(error) from None
    typer.echo(f"The report: {to.expanduser().resolve() / 'report.html'}")
    raise typer.Exit(0 if kept else 1)


@app.command()
def doctor(
    browser: Annotated[str, typer.Option(help="Chrome, Chromium, Edge, Firefox or a path; else the first found.")] = "",
    site: Annotated[bool, typer.Option("--site", help="Look at the site's pages instead; posts nothing.")] = False,
    account: Annotated[str, typer.Option(help="Your Kijiji e-mail address (with --site).")] = "",
    practice_site: Annotated[str, typer.Option(help="Look at the practice site at this address (with --site).")] = "",
    category: Annotated[str, typer.Option(help="Number of the category whose form is looked at (with --site).")] = "",
    to: Annotated[Path | None, typer.Option(help="Folder for the two report files (with --site).")] = None,
) -> None:
    """Look whether everything is here that a click on Post New needs, and say what to do.

    With --site: sign in, open each page of the site, and report which of xlkijiji's selectors match. Posts nothing.
    """
    if site:
        _look_at_site(account, practice_site, category, to, browser)
    from xlkijiji.doctor import report

    def say(line: str, good: bool) -> None:
        typer.secho(line, fg=None if good else typer.colors.RED)

    raise typer.Exit(0 if report(say, browser) else 1)


def _look_at_site(account: str, practice_site: str, category: str, to: Path | None, browser: str) -> None:
    from xlkijiji import logs
    from xlkijiji.settings import Settings
    from xlkijiji.terminal import show_site

    logs.configure()
    labels = {"Practice mode": "Yes" if practice_site else "No", "Kijiji account": account, "Browser": browser}
    try:
        settings = Settings.from_labels({**labels, "Practice site": practice_site, "Show the browser": "No"})
        good = show_site(settings, category, to)
    except (XlkijijiError, OSError) as error:
        raise _fail(error) from None
    raise typer.Exit(0 if good else 1)


@app.command("log")
def show_log(
    to_terminal: Annotated[bool, typer.Option("--print", help="Print its last lines here instead.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines, with --print.")] = 50,
    only_path: Annotated[bool, typer.Option("--path", help="Only say where it is.")] = False,
) -> None:
    """Open the log of all runs, which has the details of what went wrong."""
    from xlkijiji import logs, paths

    try:
        path = paths.log_file()
        if only_path:
            typer.echo(path)
        elif not path.exists():
            typer.echo("There is no log yet: nothing has been run on this computer.")
        elif to_terminal:
            for line in logs.last_lines(lines):
                # a terminal that lacks a character gets its number
                typer.echo(line.encode(sys.stdout.encoding, "backslashreplace").decode(sys.stdout.encoding))
        elif typer.launch(str(path)):
            raise OSError(f"No program opened the log. Open it yourself: {path}")
    except OSError as error:
        raise _fail(error) from None


@app.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(__version__)


def main() -> None:
    """Entry point of `python -m xlkijiji`."""
    app()
