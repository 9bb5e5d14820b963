"""The commands of `xlkijiji` about this computer: install, uninstall, open, page, doctor."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xlkijiji.errors import XlkijijiError
from xlkijiji.messages import tell
from xlkijiji.spoken_commands import SpokenTyper, ask, fail, speak

__all__ = ["commands"]

commands = SpokenTyper()


@commands.command()
def install(workbook: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Do once for a person what the installer ends with."""
    from xlkijiji.install import install_for_user

    try:
        for line in install_for_user(workbook):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command()
def uninstall(
    remembered: Annotated[bool | None, typer.Option("--remembered/--keep-remembered")] = None,
) -> None:
    """Take away what `install` brought."""
    from xlkijiji.uninstall import uninstall_for_user

    try:
        if remembered is None:
            remembered = sys.stdin.isatty() and ask(tell("uninstall-remembered"))
        for line in uninstall_for_user(remembered_too=remembered):
            typer.echo(line)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command(hidden=True)
def busy() -> None:
    """Fail while a run or the office page is on: so the installers ask before they replace the program."""
    from xlkijiji.busy import refuse_while_busy

    try:
        refuse_while_busy()
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command("open")
def open_workbook(
    path: Annotated[Path, typer.Argument()], menu: Annotated[bool, typer.Option("--menu", hidden=True)] = False
) -> None:
    """Open a workbook in Calc, and keep its buttons served until it is closed."""
    from xlkijiji import calc

    try:
        calc.open_and_keep(path)
    except (calc.CalcError, XlkijijiError, OSError) as error:
        if menu:  # nobody sees the terminal of what a menu starts
            from xlkijiji.office_page.notice import show_notice

            show_notice(str(error))
        raise fail(error) from None


@commands.command()
def page() -> None:
    """Open the office page."""
    from xlkijiji.office_page.server import open_page

    try:
        open_page(typer.echo)
    except (XlkijijiError, OSError) as error:
        raise fail(error) from None


@commands.command()
def doctor(
    workbook: Annotated[Path | None, typer.Argument()] = None,
    browser: str = "",
    site: Annotated[bool, typer.Option("--site")] = False,
    account: str = "",
    practice_site: str = "",
    category: str = "",
    to: Path | None = None,
    offline: Annotated[bool, typer.Option("--offline", envvar="XLKIJIJI_OFFLINE")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    language: str = "",
) -> None:
    """Look whether everything is here that a click needs; with `--site`, which selectors match on the live pages."""
    speak(language)
    if site:
        _look_at_site(account, practice_site, category, to, browser)
    from xlkijiji.doctor import examine, report

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
