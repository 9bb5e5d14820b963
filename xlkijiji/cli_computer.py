"""The commands of `xlkijiji` about this computer: install, uninstall, open, page, doctor."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xlkijiji.errors import XlkijijiError
from xlkijiji.messages import use

__all__ = ["commands", "fail"]

commands = typer.Typer()


def speak_as_the_system() -> None:
    """Use the language of this person's system, where there is a catalogue for it."""
    from xlkijiji.system_language import system_language

    use(system_language())


def fail(error: Exception) -> typer.Exit:
    """Say on the terminal what went wrong; to be raised."""
    typer.secho(str(error), fg=typer.colors.RED, err=True)
    return typer.Exit(1)


@commands.command()
def install(
    workbook: Annotated[
        Path | None, typer.Argument(help="Your workbook; else one is made in your Documents folder.")
    ] = None,
) -> None:
    """Make xlkijiji ready for this user: Excel's xlwings learns which Python to start, a workbook, the menu."""
    from xlkijiji.install import install_for_user

    speak_as_the_system()
    try:
        for line in install_for_user(workbook):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command()
def uninstall(
    remembered: Annotated[
        bool | None,
        typer.Option("--remembered/--keep-remembered", help="Also what xlkijiji remembers of your ads; else it asks."),
    ] = None,
) -> None:
    """Take away what 'install' brought. Workbooks and pictures stay, and the journal of your ads unless you say so."""
    from xlkijiji.messages import tell
    from xlkijiji.uninstall import uninstall_for_user

    speak_as_the_system()
    try:
        if remembered is None:
            remembered = sys.stdin.isatty() and typer.confirm(tell("uninstall-remembered"), default=False)
        for line in uninstall_for_user(remembered_too=remembered):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command(hidden=True)
def busy() -> None:
    """Fail while a run or the office page is on: so the installers ask before they replace the program."""
    from xlkijiji.busy import refuse_while_busy

    speak_as_the_system()
    try:
        refuse_while_busy()
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command("open")
def open_workbook(
    path: Annotated[Path, typer.Argument(help="The workbook, an .xlsm file.")],
    menu: Annotated[bool, typer.Option("--menu", hidden=True)] = False,
) -> None:
    """Open a workbook in LibreOffice Calc with its buttons ready; returns when the workbook is closed."""
    from xlkijiji import calc

    try:
        calc.open_and_keep(path)
    except (calc.CalcError, XlkijijiError, OSError) as error:
        if menu:  # nobody sees the terminal of what a menu starts
            from xlkijiji.office_page.notice import show_notice

            speak_as_the_system()
            show_notice(str(error))
        raise fail(error) from None


@commands.command()
def page() -> None:
    """Open the office page in your browser: what the buttons do, where Excel may not start programs itself."""
    from xlkijiji.office_page.server import open_page

    speak_as_the_system()
    try:
        open_page()
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command()
def doctor(
    workbook: Annotated[Path | None, typer.Argument(help="Your workbook; else that of the installation.")] = None,
    browser: Annotated[str, typer.Option(help="Chrome, Chromium, Edge, Firefox or a path; else the first found.")] = "",
    site: Annotated[bool, typer.Option("--site", help="Look at the site's pages instead; posts nothing.")] = False,
    account: Annotated[str, typer.Option(help="Your Kijiji e-mail address (with --site).")] = "",
    practice_site: Annotated[str, typer.Option(help="Look at the practice site at this address (with --site).")] = "",
    category: Annotated[str, typer.Option(help="Number of the category whose form is looked at (with --site).")] = "",
    to: Annotated[Path | None, typer.Option(help="Folder for the two report files (with --site).")] = None,
    offline: Annotated[
        bool, typer.Option("--offline", envvar="XLKIJIJI_OFFLINE", help="Don't look whether Kijiji can be reached.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each finding.")] = False,
    language: Annotated[str, typer.Option(help="en or fr; else the system's.")] = "",
) -> None:
    """Look whether everything is here that a click on Post New needs, and say what to do.

    With --site: sign in, open each page of the site, and report which of xlkijiji's selectors match. Posts nothing.
    """
    if site:
        _look_at_site(account, practice_site, category, to, browser)
    from xlkijiji.doctor import examine, report

    if language:
        use(language)
    else:
        speak_as_the_system()
    if as_json:
        for finding in examine(browser, workbook, network=not offline):
            print(json.dumps(asdict(finding)), flush=True)
        return

    def say(line: str, good: bool) -> None:
        typer.secho(line, fg=None if good else typer.colors.RED)

    raise typer.Exit(0 if report(say, browser, workbook, network=not offline) else 1)


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
        raise fail(error) from None
    raise typer.Exit(0 if good else 1)
