"""The French workbook: built from the same source, and read back by what reads the English one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from xlkijiji import __version__, data_io, install, messages
from xlkijiji.closed_settings import settings_labels
from xlkijiji.errors import SettingsError
from xlkijiji.inventory import COLUMNS, posted_status, price_type_code
from xlkijiji.records import read_records
from xlkijiji.settings import FIELDS, Settings, spoken_language, workbook_version
from xlkijiji.workbook.template import build_workbook

ROWS = [
    {
        "No de stock": "007",
        "Titre": "Camion nacelle",
        "Description": "Un camion de {Année}, no {No de stock}, {SKU}.",
        "Prix": 1299.95,
        "Type de prix": "Échange",
        "État": "Usagé - Comme neuf",
        "À vendre par": "Concessionnaire",
        "Année": 2016,
        "Carburant": "diesel",
    }
]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "inventaire.xlsm"
    build_workbook(path, ROWS, {"Compte Kijiji": "moi@example.com", "pause_seconds": 5}, language="fr")
    return path


def test_its_sheets_and_headers_are_french(workbook: Path) -> None:
    book = CalamineWorkbook.from_path(workbook)
    assert book.sheet_names == [
        "Inventaire",
        "Paramètres",
        "Opérations",
        "Tableau de bord",
        "Mode d’emploi",
        "Listes",
    ]
    headers = book.get_sheet_by_name("Inventaire").to_python(skip_empty_area=False)[2]
    assert headers[:4] == ["No de stock", "Titre", "État de publication", "Description"]
    with messages.speaking("fr"):
        assert {column.header for column in COLUMNS} == set(headers) - {"Carburant"}


def test_the_language_of_the_program_is_as_it_was(workbook: Path) -> None:
    assert messages.language() == "en"


def test_a_row_means_the_same_as_in_english(workbook: Path) -> None:
    """Choices arrive in the site's words, and a description finds columns by either name."""
    frame = data_io.load_inventory(workbook)
    (record,) = read_records(frame)
    assert record["condition"] == "Used - Like new"
    assert record["for_sale_by"] == "Dealer"
    assert price_type_code(record["price_type"]) == price_type_code(record.raw["price_type"]) == "SWAP_TRADE"
    assert record["description"] == "Un camion de 2016, no 007, 007."
    assert record["Carburant"] == "diesel"


def test_a_status_is_saved_under_its_french_header(workbook: Path) -> None:
    frame = data_io.load_inventory(workbook)
    frame["posting_status"] = posted_status(dt.date(2026, 11, 23))
    data_io.save_inventory(frame, workbook)
    rows = CalamineWorkbook.from_path(workbook).get_sheet_by_name("Inventaire").to_python(skip_empty_area=False)
    assert dict(zip(rows[2], rows[3], strict=True))["État de publication"] == "Posted 2026-11-23"


def test_the_settings_are_understood_and_ask_for_french(workbook: Path) -> None:
    labels = settings_labels(workbook)
    assert Settings.from_labels(labels) == Settings(account="moi@example.com", pause_seconds=5, language="fr")
    assert spoken_language(labels) == "fr"
    assert workbook_version(labels) == __version__


def test_french_words_are_understood_on_a_settings_sheet() -> None:
    settings = Settings.from_labels({"Mode d'essai": "non", "À vendre par": "concessionnaire", "Language": "français"})
    assert (settings.practice_mode, settings.for_sale_by, settings.language) == (False, "Dealer", "fr")


@pytest.mark.parametrize(
    ("labels", "language"),
    [
        ({}, "en"),
        ({"Practice mode": "Yes"}, "en"),
        ({"Mode d’essai": "Oui"}, "fr"),
        ({"Mode d’essai": "Oui", "Langue": "English"}, "en"),
        ({"Practice mode": "Yes", "Language": "Français"}, "fr"),
        ({"Mode d’essai": "Oui", "Langue": "Deutsch"}, "fr"),
    ],
)
def test_the_language_is_the_one_asked_for_else_that_of_the_sheet(labels: dict[str, object], language: str) -> None:
    assert spoken_language(labels) == language


def test_a_language_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingsError, match="'Language': 'Deutsch' is not one of English, Français"):
        Settings.from_labels({"Language": "Deutsch"})


def test_no_label_means_two_settings() -> None:
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            assert len({field.label.casefold() for field in FIELDS}) == len(FIELDS)


def test_new_makes_the_french_workbook(tmp_path: Path) -> None:
    created = install.create_workbook(tmp_path / "stock.xlsm", "fr")
    build_workbook(tmp_path / "again.xlsm", language="fr")
    assert created.read_bytes() == (tmp_path / "again.xlsm").read_bytes()
    assert (tmp_path / "pictures").is_dir()
