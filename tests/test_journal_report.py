"""What `stats` and `journal` print: words, the workbook of a button's run, and nothing where nobody reads on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from journal_bots import SiteBot, new_journal
from posting_bots import at_noon, trucks

from xlkijiji import jobs, messages
from xlkijiji.journal import Journal
from xlkijiji.journal_report import show_statistics
from xlkijiji.settings import Settings


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    messages.use("en")


class OpenBot(SiteBot):
    """As `make_bot` gives it."""

    def __enter__(self) -> OpenBot:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


def test_the_journal_knows_the_workbook_of_a_buttons_run(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "make_bot", lambda *_arguments: OpenBot())
    workbook = str(tmp_path / "stock.xlsm")
    jobs.carry_out(
        trucks(""),
        "new",
        Settings(),
        folder=tmp_path,
        workbook=workbook,
        on_step=lambda _text: None,
        progress=lambda _share, _text: None,
        stop=lambda: False,
    )
    with Journal(jobs.journal_file(Settings())) as journal:
        assert [run["workbook"] for run in journal.query("SELECT workbook FROM runs")] == [workbook]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["failures: mistakes in the row", "new rows", "all rows", "stock.xlsm", "shared.xlsx"]),
        ("fr", ["échecs\u00a0: erreurs dans la ligne", "nouvelles lignes", "toutes les lignes", "stock.xlsm"]),
    ],
)
def test_kinds_and_modes_have_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, words: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    with new_journal(tmp_path) as journal:
        for workbook, mode in (
            (r"C:\office\stock.xlsm", "new"),
            ("https://x.sharepoint.com/d/shared.xlsx", "all"),
            ("", "some"),
        ):
            journal.end_run(journal.begin_run("a", workbook, mode, at_noon()), "done", {})
        with journal._written() as database:
            for kind in ("record", "martian"):
                database.execute(
                    "INSERT INTO outcomes (run_id, account, record_id, at, error_kind, tries, seconds)"
                    " VALUES ('r', 'a', 'x', '2026', ?, 1, 1)",
                    (kind,),
                )
        path = journal.path
    messages.use(language)
    show_statistics(path)
    shown = capsys.readouterr().out
    for word in [*words, "some", "–", "martian"]:
        assert word in shown, shown


@pytest.mark.parametrize("command", ["journal", "stats"])
def test_a_reader_who_has_seen_enough_ends_it_quietly(own_home: Path, command: str) -> None:
    with Journal(jobs.journal_file(Settings())) as journal:
        run = journal.begin_run("a", "", "new")
        journal.plan("a", run, [(f"S{number:05}", "A title") for number in range(3000)])
    process = subprocess.Popen(
        [sys.executable, "-m", "xlkijiji", command, "--practice"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(30)
