"""A run over a closed file, shown in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from xlkijiji import data_io, jobs
from xlkijiji.errors import InventoryError
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


def post_file(
    path: Path, mode: str, *, real: bool, account: str, pictures: Path | None, workers: int = 1
) -> dict[str, Any]:
    """Post the rows of a closed inventory file and save its statuses; run_batch's result.

    `workers` browsers post at the same time; on Kijiji itself it is always one.

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
        with progress_bar("posting") as update:
            result = jobs.carry_out(
                frame,
                mode,
                settings if real else replace(settings, stop_after=0),
                folder=path.parent,
                workbook=str(path),
                on_step=lambda _text: None,
                progress=update,
                stop=lock.stop_requested,
                file_path=path,
                workers=1 if real else workers,
            )
        jobs.keep_result(str(path), result)
    finally:
        lock.release()
    console = Console()
    console.print(result["message"])
    for row in result["results"]:
        console.print(f"  {row['record_id']}: {row['status_update']}", style="green" if row["success"] else "red")
    return result
