"""Draft mode around the bot: who asks for it, what the run makes of a person's click that may come at any moment."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from journal_bots import SiteBot, new_journal, states
from posting_bots import NOON, at_noon, trucks
from typer.testing import CliRunner

from xlkijiji import bots, data_io, jobs, terminal
from xlkijiji.cli import app
from xlkijiji.errors import DraftNotPosted, SettingsError
from xlkijiji.inventory import Record
from xlkijiji.posting import request_stop, run_batch
from xlkijiji.report import build_report
from xlkijiji.search import LATE_CLICK_SECONDS
from xlkijiji.settings import Settings
from xlkijiji.worker import Run

# --- who asks for it


def test_the_settings_sheet_has_it_and_it_is_off() -> None:
    assert not Settings.from_labels({}).draft_mode
    assert Settings.from_labels({"Draft mode": "Yes"}).draft_mode


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a KijijiBot was asked to be."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(bots, "KijijiBot", lambda *_credentials, **more: found.append(more))
    monkeypatch.setattr(bots, "ensure_practice_site", lambda _url: None)
    return found


def test_a_draft_is_shown_whatever_else_is_set(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bots, "has_display", lambda: True)
    bots.make_bot(Settings(draft_mode=True, show_browser=False), tmp_path, print)
    assert [(one["draft"], one["headless"]) for one in asked] == [(True, False)]


def test_a_draft_without_a_screen_is_a_sentence(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bots, "has_display", lambda: False)
    with pytest.raises(SettingsError, match=r"Draft mode.*no screen"):
        bots.make_bot(Settings(draft_mode=True), tmp_path, print)
    assert asked == []


class _Managed(SiteBot):
    def __enter__(self) -> _Managed:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


@pytest.mark.parametrize(("word", "draft"), [("--draft", True), ("--no-draft", False), (None, False)])
def test_the_command_asks_for_it_with_one_browser(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str | None, draft: bool
) -> None:
    given: list[tuple[bool, int]] = []

    def carry_out(_frame: object, _mode: str, settings: Settings, **more: Any) -> dict[str, Any]:
        given.append((settings.draft_mode, more["workers"]))
        more["on_step"]("Waiting for you: press")
        more["on_step"]("Uploading photos 0/3…")
        return {"success": True, "failed_posts": 0, "message": "", "results": []}

    monkeypatch.setattr(terminal.jobs, "carry_out", carry_out)
    path = tmp_path / "stock.csv"
    data_io.save_inventory(trucks(""), path)
    result = CliRunner().invoke(app, ["post", str(path), "--workers", "3", *([word] if word else [])])
    assert result.exit_code == 0, result.output
    assert given == [(draft, 1 if draft else 3)]
    assert "Waiting for you: press" in result.stderr
    assert "Uploading" not in result.output


def test_nothing_is_replaced_by_a_draft(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(jobs, "make_bot", lambda *_arguments: pytest.fail("nothing may begin"))
    with pytest.raises(SettingsError, match="its old one is deleted first"):
        jobs.carry_out(
            trucks(""),
            "all",
            replace(Settings(), draft_mode=True),
            folder=tmp_path,
            workbook="",
            on_step=print,
            progress=print,
            stop=lambda: False,
        )


# --- a person's click, for the run


class Drafts(SiteBot):
    """Waits for a person, who does `act`, which says whether he has pressed."""

    def __init__(self, act: Callable[[Callable[..., None], Callable[[], bool]], bool]) -> None:
        super().__init__()
        self.act = act

    def post_ad(
        self, record: Record, before_submit: Callable[..., None], stopping: Callable[[], bool]
    ) -> dict[str, Any]:
        before_submit(ids_before=["1"], within=600)
        if not self.act(before_submit, stopping):
            raise DraftNotPosted("Draft not posted – you left the page.")
        self.accepted.append(record["sku"])
        return {"success": True, "message": "ok", "ad_url": "u", "ad_id": "77"}


def test_a_run_can_be_stopped_while_a_person_is_waited_for(tmp_path: Path) -> None:
    def stop(_tell: object, stopping: Callable[[], bool]) -> bool:
        assert not stopping()
        request_stop()
        assert stopping()
        return False

    df = trucks("", "")
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", Drafts(stop), journal=journal, clock=at_noon)
        assert states(journal) == {"BT001": "failed", "BT002": "planned"}
    assert result["ended"] == "stopped"
    assert df["posting_status"].tolist() == ["Error: Draft not posted – you left the page.", ""]


def test_the_summaries_tell_of_drafts_that_were_left_out(tmp_path: Path) -> None:
    df = trucks("", "")
    with new_journal(tmp_path) as journal:
        result = run_batch(df, "new", Drafts(lambda *_given: False), journal=journal, clock=at_noon)
    assert "2 drafts were not posted; the next run shows them again." in result["message"]
    assert "drafts that you left out: 2" in build_report(result, workbook="stock.xlsm", account="shop").text


def _killed_while_waiting(tmp_path: Path, **told: Any) -> Path:
    """A folder with the journal as it was on the disk while the person was waited for."""
    folder = tmp_path / "killed"
    folder.mkdir()

    def keep_what_a_kill_would_leave(before_submit: Callable[..., None], _stopping: object) -> bool:
        if told:
            before_submit(**told)
        with (
            contextlib.closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as database,
            contextlib.closing(sqlite3.connect(folder / "journal.sqlite3")) as copy,
        ):
            database.backup(copy)
        return False

    with new_journal(tmp_path) as journal:
        run_batch(trucks(""), "new", Drafts(keep_what_a_kill_would_leave), journal=journal, clock=at_noon)
    with new_journal(folder) as journal:
        assert states(journal) == {"BT001": "submitting"}
    return folder


@pytest.mark.parametrize(("passed", "looked"), [(1, 30 + LATE_CLICK_SECONDS), (598, 30 + 2), (610, 20), (3600, 0.25)])
def test_an_ad_that_a_person_may_have_pressed_late_is_looked_for_so_much_longer(
    tmp_path: Path, passed: float, looked: float
) -> None:
    folder = _killed_while_waiting(tmp_path)
    slept: list[float] = []
    bot = SiteBot()
    bot.listing_delay = 30.0
    with new_journal(folder) as journal:
        now = NOON + dt.timedelta(seconds=passed)
        run_batch(trucks(""), "new", bot, journal=journal, clock=lambda: now, sleep=slept.append)
    assert sum(slept) == looked
    assert bot.accepted == ["BT001"]


def test_an_ad_is_looked_for_by_the_title_that_the_person_gave_it(tmp_path: Path) -> None:
    folder = _killed_while_waiting(tmp_path, ids_before=["1"], title="A title of his own")
    titles: list[str] = []

    class Looks(SiteBot):
        def find_ad(self, record: Record, ids_before: Any = ()) -> dict[str, Any] | None:
            titles.append(record["title"])
            assert "1" in ids_before
            return {"ad_id": "77", "ad_url": "u"}

    df = trucks("")
    bot = Looks()
    with new_journal(folder) as journal:
        run_batch(df, "new", bot, journal=journal, clock=at_noon, sleep=lambda _seconds: None)
        assert states(journal) == {"BT001": "posted"}
    assert set(titles) == {"A title of his own"}
    assert bot.accepted == []


# --- the button's own run


def test_the_status_bar_says_that_a_person_is_waited_for() -> None:
    shown: list[str] = []

    class View:
        def show(self, text: str) -> None:
            shown.append(text)

        def write(self, _position: int, **_values: object) -> None:
            pass

    class Lock:
        def clicked_meanwhile(self) -> bool:
            return False

    run = Run(cast(Any, None), cast(Any, View()), cast(Any, Lock()))
    run.progress(50.0, "Processing record 1/2: BT001")
    run.record_started(0, None)
    run.step("Uploading photos 0/3…")
    run.step("Waiting for you: look at the ad")
    run.step("Looking for the new ad under My Ads…")
    bar = "[50.0%] Processing record 1/2: BT001   █████░░░░░"
    assert shown == [bar, "xlkijiji: Waiting for you: look at the ad", bar]
