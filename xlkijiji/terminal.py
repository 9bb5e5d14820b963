"""A run over a closed file, shown in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from xlkijiji import data_io
from xlkijiji.bots import make_bot
from xlkijiji.errors import InventoryError
from xlkijiji.posting import run_batch
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings

__all__ = ["post_file", "progress_bar"]


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


def post_file(path: Path, mode: str, *, real: bool, account: str, pictures: Path | None) -> dict[str, Any]:
    """Post the rows of a closed inventory file and save its statuses; run_batch's result.

    Raises InventoryError when the file can't be read, is open in a spreadsheet program, or a run is on for it, and
    SettingsError when the account is missing.
    """
    path = path.expanduser().resolve()
    settings = replace(Settings(), practice_mode=not real, account=account)
    if pictures is not None:
        settings = replace(settings, pictures_folder=str(pictures.expanduser().resolve()))
    lock = RunLock(str(path))
    if not lock.acquire():
        raise InventoryError(f"A run is already on for {path.name}. Wait until it has ended.")
    try:
        data_io.refuse_if_open(path)
        frame = data_io.load_inventory(path)
        with progress_bar("posting") as update, make_bot(settings, path.parent, lambda _text: None) as bot:
            result = run_batch(
                frame,
                mode,
                bot,
                settings.images_dir(path.parent),
                update,
                path,
                pause_seconds=settings.pause_seconds if real else 0,
                stop_after=settings.stop_after if real else 0,
            )
    finally:
        lock.release()
    console = Console()
    console.print(result["message"])
    for row in result["results"]:
        console.print(f"  {row['record_id']}: {row['status_update']}", style="green" if row["success"] else "red")
    return result
