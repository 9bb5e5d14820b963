"""The Settings sheet: defaults, what is understood, and what is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlkijiji.errors import SettingsError
from xlkijiji.settings import FIELDS, SITE_URL, Settings


def test_a_workbook_without_a_settings_sheet_rehearses() -> None:
    settings = Settings.from_labels({})
    assert settings == Settings()
    assert settings.practice_mode
    assert settings.base_url != SITE_URL


def test_every_default_on_the_sheet_is_the_default_in_the_code() -> None:
    assert Settings.from_labels({field.label: field.default for field in FIELDS}) == Settings()


def test_labels_match_without_regard_to_case_and_blanks() -> None:
    settings = Settings.from_labels(
        {"PRACTICE  mode": "no", "kijiji account ": "me@example.com", "Stop after (ads)": 5.0}
    )
    assert (settings.practice_mode, settings.account, settings.stop_after) == (False, "me@example.com", 5)
    assert settings.base_url == SITE_URL


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Practice mode", "perhaps"),
        ("For sale by", "the bank"),
        ("Pause between ads (s)", "soon"),
        ("Pause between ads (s)", -1),
        ("Practice site", "http://example.com:8765"),
        ("Practice site", "https://www.kijiji.ca"),
        ("Practice site", "http://127.0.0.1"),
        ("Practice site", "http://127.0.0.1:abc"),
        ("Practice site", "http://127.0.0.1.example.com:80"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_label(label: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_labels({label: value})
    assert label in str(caught.value)
    assert str(value) in str(caught.value)


def test_pictures_are_beside_the_workbook_unless_the_path_is_full(tmp_path: Path) -> None:
    assert Settings().images_dir(tmp_path) == tmp_path / "pictures"
    assert Settings(pictures_folder=str(tmp_path / "p")).images_dir(Path("/elsewhere")) == tmp_path / "p"
