"""A closed file from the terminal: it does what the button would, as the workbook's own Settings sheet says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from posting_bots import PlainBot, trucks

from xlkijiji import data_io, jobs, terminal
from xlkijiji.errors import InventoryError, SettingsError, SignInRefused
from xlkijiji.settings import Settings
from xlkijiji.terminal import post_file


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Settings]:
    """The settings with which a bot was asked for."""
    settings: list[Settings] = []

    class Bot(PlainBot):
        account = "dealer@example.com"

        def __enter__(self) -> Bot:
            return self

        def __exit__(self, *_error: object) -> None:
            pass

    def make_bot(one: Settings, *_more: Any) -> Bot:
        settings.append(one)
        return Bot()

    monkeypatch.setenv("XLKIJIJI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(jobs, "make_bot", make_bot)
    return settings


def _workbook(path: Path, **labels: object) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Inventory")
        frame = trucks("")
        sheet.write_row(0, 0, [str(name) for name in frame.columns])
        sheet.write_row(1, 0, ["" if cell is None else cell for cell in frame.iloc[0]])
        settings = book.add_worksheet("Settings")
        settings.write(0, 0, "Settings")
        for row, (label, value) in enumerate(labels.items(), 2):
            settings.write(row, 0, label.replace("_", " "))
            settings.write(row, 1, value)
    return path


def _post(path: Path, real: bool | None = None, account: str = "") -> dict[str, Any]:
    return post_file(path, "new", real=real, account=account, pictures=None)


def test_the_settings_sheet_counts_as_for_the_button(tmp_path: Path, asked: list[Settings]) -> None:
    path = _workbook(
        tmp_path / "stock.xlsx",
        **{"Practice_mode": "No", "Kijiji_account": "shop@example.com", "Location": "M5V 3L9", "Stop_after": 7},
    )
    assert _post(path)["successful_posts"] == 1
    (one,) = asked
    assert (one.practice_mode, one.account, one.location) == (False, "shop@example.com", "M5V 3L9")
    assert data_io.load_inventory(path)["posting_status"][0].startswith("Posted ")


def test_what_is_typed_behind_the_command_stands_above_the_sheet(tmp_path: Path, asked: list[Settings]) -> None:
    path = _workbook(tmp_path / "stock.xlsx", Practice_mode="No", Kijiji_account="shop@example.com")
    _post(path, real=False)
    _post(path, real=True, account="other@example.com")
    assert [one.practice_mode for one in asked] == [True, False]
    assert asked[1].account == "other@example.com"


def test_a_file_without_settings_is_for_practice_unless_told(tmp_path: Path, asked: list[Settings]) -> None:
    path = tmp_path / "stock.csv"
    data_io.save_inventory(trucks(""), path)
    with pytest.raises(SettingsError, match=r"--account you@example\.com"):
        _post(path, real=True)
    assert _post(path)["successful_posts"] == 1
    assert [one.practice_mode for one in asked] == [True]


def test_nobody_is_told_to_be_signed_in_who_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(PlainBot):
        def __enter__(self) -> Refused:
            return self

        def __exit__(self, *_error: object) -> None:
            pass

        def login(self) -> bool:
            return False

    monkeypatch.setattr(terminal, "sign_in_bot", lambda *_rest: Refused())
    with pytest.raises(SignInRefused, match="Start again, and sign in there"):
        terminal.sign_in(Settings())


def test_a_setting_that_cannot_be_read_posts_nothing(tmp_path: Path, asked: list[Settings]) -> None:
    path = _workbook(tmp_path / "stock.xlsx", Practice_mode="perhaps")
    with pytest.raises(SettingsError, match="Practice mode"):
        _post(path)
    path.write_bytes(b"no workbook")
    with pytest.raises(InventoryError, match=r"The Settings sheet of stock\.xlsx can't be read"):
        _post(path)
    assert asked == []
