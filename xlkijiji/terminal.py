"""A run over a closed file, shown in a terminal."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from xlkijiji import data_io, jobs
from xlkijiji.bot_port import waits_for_person
from xlkijiji.bots import checking_bot, make_bot, sign_in_bot
from xlkijiji.closed_settings import settings_labels
from xlkijiji.errors import InventoryError, SettingsError, SignInRefused
from xlkijiji.inventory_check import check_inventory
from xlkijiji.kijiji.site_doctor import SiteLook, page_title
from xlkijiji.messages import tell, use
from xlkijiji.paths import data_dir
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings, spoken_language

__all__ = ["check_file", "post_file", "progress_bar", "show_site", "sign_in"]


@contextmanager
def progress_bar(title: str, total: float = 100.0) -> Iterator[Callable[[float, str], None]]:
    """A progress bar in the terminal; call what it gives with (how much of `total` is done, text)."""
    columns = (
        TextColumn("{task.fields[title]}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>5.1f}%") if total == 100.0 else MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total, title=title)

        def update(done: float, text: str) -> None:
            bar.update(task, completed=done, description=text)

        yield update


def check_file(path: Path, mode: str, pictures: Path | None) -> int:
    """Print what is wrong with the rows of a closed file, and what should be known of them; how many are blocked.

    A workbook's own Settings sheet counts, as for its button. Raises InventoryError when the file can't be read,
    SettingsError for a setting that makes no sense.
    """
    path = path.expanduser().resolve()
    settings = _settings(path, None, "", pictures)
    frame = data_io.load_inventory(path)
    bot = checking_bot(settings, path.parent)
    findings = check_inventory(frame, bot, settings.images_dir(path.parent), mode=mode)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for finding in findings:
        console.print(str(finding), style="red" if finding.blocks else "yellow")
    blocked = len({finding.position for finding in findings if finding.blocks})
    warned = len({finding.position for finding in findings if not finding.blocks})
    console.print(tell("rows-cannot-be-posted", count=blocked, warned=warned))
    return blocked


def post_file(
    path: Path,
    mode: str,
    *,
    real: bool | None,
    account: str,
    pictures: Path | None,
    workers: int = 1,
    draft: bool | None = None,
) -> dict[str, Any]:
    """Post the rows of a closed inventory file and save its statuses; run_batch's result.

    A workbook's own Settings sheet counts, as for its button. `real` says whether to post to Kijiji itself (None: as
    the sheet says, else on the practice site), and `account` and `pictures` stand in the place of the sheet's where
    they are given. `workers` browsers post at the same time; on Kijiji itself, and in draft
    mode, it is always one. `draft` stands in the place of the sheet's Draft mode.

    Raises InventoryError when the file can't be read, is open in a spreadsheet program, or a run is on for it, and
    SettingsError when the account is missing.
    """
    path = path.expanduser().resolve()
    settings = _settings(path, real, account, pictures)
    if not settings.practice_mode and not settings.account:
        raise SettingsError(tell("whose-ads", name=path.name))
    if draft is not None:
        settings = replace(settings, draft_mode=draft)
    one_browser = not settings.practice_mode or settings.draft_mode
    lock = RunLock(str(path))
    if not lock.acquire():
        raise InventoryError(tell("run-is-on-for-file", name=path.name))
    try:
        data_io.refuse_if_open(path)
        frame = data_io.load_inventory(path)
        with progress_bar(tell("progress-posting")) as update:
            result = jobs.carry_out(
                frame,
                mode,
                settings,
                folder=path.parent,
                workbook=str(path),
                on_step=_tell_if_waiting,
                progress=update,
                stop=lock.stop_requested,
                file_path=path,
                workers=1 if one_browser else workers,
            )
        name = jobs.run_name()
        jobs.keep_report_of(str(path), result, name)
        jobs.keep_result(str(path), result, name)
    finally:
        lock.release()
    _show(result)
    return result


def _tell_if_waiting(text: str) -> None:
    """What the person at the terminal is to do, above the progress bar, which takes what goes to stderr."""
    if waits_for_person(text):
        print(text, file=sys.stderr)


def _settings(path: Path, real: bool | None, account: str, pictures: Path | None) -> Settings:
    labels = settings_labels(path) if path.is_file() else {}
    use(spoken_language(labels))
    settings = Settings.from_labels(labels) if labels else Settings()
    if real is not None:
        settings = replace(settings, practice_mode=not real)
    if settings.practice_mode and not labels:
        settings = replace(settings, stop_after=0)  # nobody has set a limit, and a rehearsal needs none
    if account:
        settings = replace(settings, account=account)
    if pictures is not None:
        settings = replace(settings, pictures_folder=str(pictures.expanduser().resolve()))
    return settings


def _show(result: dict[str, Any]) -> None:
    console = Console()
    console.print(result["message"])
    for row in result["results"]:
        console.print(f"  {row['record_id']}: {row['status_update']}", style="green" if row["success"] else "red")
        for warning in row["warnings"]:
            console.print(f"    {warning}", style="yellow", markup=False)


def sign_in(settings: Settings) -> None:
    """Open the browser that later runs use, and wait until the person has signed in there. Raises XlkijijiError."""
    console = Console()
    with sign_in_bot(settings, lambda text: console.print(Text(text, style="dim"))) as bot:
        if not bot.login():
            raise SignInRefused(tell("still-signed-out"))
    console.print(tell("you-are-signed-in"))


def show_site(settings: Settings, category: str = "", folder: Path | None = None) -> bool:
    """Sign in and show which selectors match on the site's pages; True when all that the bot needs is there.

    Two files about it, that can be sent in, are left in `folder`, by default `reports` in xlkijiji's data folder. Posts
    nothing. Raises XlkijijiError, OSError.
    """
    console = Console()
    with make_bot(settings, Path.cwd(), lambda text: console.print(Text(text, style="dim"))) as bot:
        look = bot.look_at_site(category)
        bot.logout()
    console.print(_table(look))
    for line in look.left_out():
        console.print(Text(line, style="dim"))
    paths = _keep(look, folder or data_dir("reports"))
    if look.good:
        console.print(Text(tell("site-look-good"), style="green"))
    else:
        console.print(Text(tell("site-look-bad"), style="red"))
    console.print(Text(tell("site-look-files")))
    for path in paths:
        console.print(Text(f"  {path}"), soft_wrap=True)
    return look.good


def _table(look: SiteLook) -> Table:
    table = Table(title=f"{look.host}, {look.when:%Y-%m-%d %H:%M}", title_justify="left")
    for key in ("site-look-page", "site-look-field", "site-look-found-by", "site-look-known", "site-look-sure"):
        table.add_column(tell(key))
    for page in look.pages:
        if page.trouble:
            trouble = Text(tell("site-look-unread", kind=page.trouble), style="red")
            table.add_row(page_title(page.name), "", trouble, "", "")
        for one in page.fields:
            style = "red" if not one.good else "green" if one.used == 1 else "yellow" if one.used else "dim"
            table.add_row(page_title(page.name), one.field, Text(one.verdict, style=style), one.known, one.sure)
    return table


def _keep(look: SiteLook, folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"site-{dt.datetime.now().astimezone():%Y%m%d-%H%M%S}"
    for_programs, for_people = stem.with_suffix(".json"), stem.with_suffix(".txt")
    for_programs.write_text(json.dumps(look.as_dict(), indent=1), encoding="utf-8")
    for_people.write_text(look.as_text(), encoding="utf-8")
    return for_programs, for_people
