"""What a run keeps: in its file on the way, and after Ctrl+C."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from posting_bots import PlainBot, adds_up, at_noon, trucks

from xlkijiji import data_io
from xlkijiji.inventory import Record
from xlkijiji.posting import run_batch

# --- the file


def test_the_file_is_saved_on_the_way_and_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "trucks.csv"
    df = trucks(*[""] * 20)
    df.to_csv(path, index=False)
    posted_in_file: list[int] = []

    class Looking(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            saved = data_io.load_inventory(path)["posting_status"]
            posted_in_file.append(int(saved.str.startswith("Posted").sum()))
            return super().post_ad(record)

    run_batch(df, "new", Looking(), file_path=path)

    assert posted_in_file == [n // 2 * 2 for n in range(20)]
    assert data_io.load_inventory(path)["posting_status"].str.startswith("Posted").all()


@pytest.mark.parametrize(("every", "seen"), [(3, [0, 0, 0, 3, 3]), (0.5, [0, 0, 2, 2, 4]), (0, [0] * 5)])
def test_the_interval_of_saving_is_a_share_or_a_count(tmp_path: Path, every: float, seen: list[int]) -> None:
    path = tmp_path / "trucks.csv"
    df = trucks(*[""] * 5)
    df.to_csv(path, index=False)
    posted_in_file: list[int] = []

    class Looking(PlainBot):
        def post_ad(self, record: Record) -> dict[str, Any]:
            posted_in_file.append(path.read_text().count("Posted"))
            return super().post_ad(record)

    run_batch(df, "new", Looking(), file_path=path, persist_every=every)

    assert posted_in_file == seen
    assert path.read_text().count("Posted") == 5


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    df, bot = trucks("", ""), PlainBot()

    result = run_batch(df, "new", bot, file_path=tmp_path / "no folder" / "trucks.xlsx")

    assert bot.ids == ["BT001", "BT002"]
    assert result["success"] is True
    assert "could not be saved" in result["message"]
    assert "could not be saved" in caplog.text


# --- interrupts


class InterruptedBot(PlainBot):
    """Ctrl+C falls into the second record, before or after the click."""

    def __init__(self, *, after_click: bool) -> None:
        super().__init__()
        self.after_click = after_click

    def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:  # type: ignore[override]
        if record["sku"] == "BT002" and not self.after_click:
            raise KeyboardInterrupt
        before_submit()
        answer = super().post_ad(record)
        if record["sku"] == "BT002":
            raise KeyboardInterrupt
        return answer


def test_an_interrupt_before_the_click_leaves_the_row_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "trucks.csv"
    df, bot = trucks("", "pending", ""), InterruptedBot(after_click=False)
    df.to_csv(path, index=False)

    result = run_batch(df, "new", bot, file_path=path, persist_every=0, clock=at_noon)

    assert df["posting_status"].tolist() == ["Posted 2026-11-23", "pending", ""]
    assert data_io.load_inventory(path)["posting_status"].tolist() == ["Posted 2026-11-23", "pending", ""]
    assert result["success"] is False
    assert result["message"] == (
        "Interrupted after 1 of 3 records: 1 posted, 0 failed. 2 of 3 records remain; run it again to go on."
    )
    assert adds_up(result, df)


def test_an_interrupt_after_the_click_leaves_the_row_unsure() -> None:
    df, bot = trucks("", "", ""), InterruptedBot(after_click=True)

    result = run_batch(df, "new", bot)
    run_batch(df, "new", PlainBot())

    assert bot.ids == ["BT001", "BT002"]
    assert df["posting_status"][1].startswith(
        "Error: Unsure – the run was interrupted while the ad was being submitted"
    )
    assert df["posting_status"][2].startswith("Posted")
    assert (result["successful_posts"], result["failed_posts"], result["remaining_records"]) == (1, 1, 1)


class PlainInterruptedBot(PlainBot):
    """Has no way to tell whether it submitted: Ctrl+C falls after the site took the second ad."""

    interrupting = True

    def post_ad(self, record: Record, **_more: Any) -> dict[str, Any]:
        answer = super().post_ad(record)
        if record["sku"] == "BT002" and self.interrupting:
            self.interrupting = False
            raise KeyboardInterrupt
        return answer


class FindingBot(PlainInterruptedBot):
    """Can look for an ad by its title, too."""

    def find_ad(self, record: Record) -> dict[str, Any] | None:
        return next(({"ad_id": row["id"]} for row in self.table if row["title"] == record["title"]), None)


@pytest.mark.parametrize(
    ("bot", "later"),
    [(PlainInterruptedBot(), "Error: Unsure – the run was"), (FindingBot(), "Posted 2026-11-23")],
    ids=["plain", "finding"],
)
def test_an_interrupt_in_a_bot_that_cannot_tell_is_never_posted_blindly(bot: PlainBot, later: str) -> None:
    df = trucks("", "", "")

    result = run_batch(df, "new", bot, clock=at_noon)
    assert df["posting_status"][1].startswith(
        "Error: Unsure – the run was interrupted while the ad was being posted. Look at My Ads"
    )
    assert (result["success"], result["successful_posts"], result["failed_posts"]) == (False, 1, 1)
    run_batch(df, "new", bot, clock=at_noon)

    assert bot.ids == ["BT001", "BT002", "BT003"]
    assert df["posting_status"][1].startswith(later)


def test_an_interrupt_in_a_callback_loses_nothing() -> None:
    def interrupt(share: float, _text: str) -> None:
        if share > 60:
            raise KeyboardInterrupt

    df, bot = trucks("", "", ""), PlainBot()
    with pytest.raises(KeyboardInterrupt):
        run_batch(trucks(), "new", bot, progress_cb=interrupt)

    result = run_batch(
        df, "new", bot, progress_cb=lambda share, text: interrupt(share if "record 2" in text else 0, "")
    )

    assert bot.ids == ["BT001"]
    assert df["posting_status"].tolist()[1:] == ["", ""]
    assert result["success"] is False


def test_an_unforeseen_error_after_the_click_leaves_the_row_unsure() -> None:
    class Dies(PlainBot):
        def post_ad(self, _record: Record, before_submit: Any) -> dict[str, Any]:  # type: ignore[override]
            before_submit()
            raise OSError("secret")

    df = trucks("")

    run_batch(df, "new", Dies())

    assert df["posting_status"][0].startswith("Error: Unsure – something unforeseen went wrong after the ad was submit")


def test_the_end_of_the_program_is_not_held_up_and_loses_nothing(tmp_path: Path) -> None:
    class Exits(PlainBot):
        def post_ad(self, record: Record, before_submit: Any) -> dict[str, Any]:  # type: ignore[override]
            before_submit()
            super().post_ad(record)
            raise SystemExit(3)

    path = tmp_path / "trucks.csv"
    df = trucks("", "")
    df.to_csv(path, index=False)

    with pytest.raises(SystemExit):
        run_batch(df, "new", Exits(), file_path=path)

    first, second = data_io.load_inventory(path)["posting_status"]
    assert first.startswith("Error: Unsure")
    assert second == ""
