"""Where an ad may be, before any browser."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlkijiji.kijiji.places import Place, PlaceError, all_places, place_to_type, unlikely_place
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice.reference import find_places

TOWNS = sorted((place for place in all_places().values() if not place.inside), key=lambda place: int(place.id))

CODE = r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ -]?[0-9][ABCEGHJ-NPRSTV-Z][0-9]"


def _bot(**more: str) -> KijijiBot:
    return KijijiBot("seller@example.com", "x", base_url="http://127.0.0.1:9", **more)


def _said(bot: KijijiBot, **cells: str) -> list[str]:
    return [str(problem) for problem in bot.check(cells) if problem.column.startswith("Location")]


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        ("1700185", "Ottawa, ON"),
        ("Ontario > Ottawa / Gatineau Area > Ottawa", "Ottawa, ON"),
        ("canada › ontario › sudbury", "Sudbury, ON"),
        ("City of Toronto", "City of Toronto"),
        ("Toronto", "Toronto"),
        ("GATINEAU", "GATINEAU"),
        ("waterloo", "waterloo"),
        ("Québec", "Québec"),
        ("k1a0b1", "K1A 0B1"),
        ("Toronto, ON M5V 3L9", "Toronto, ON M5V 3L9"),
        ("12 Main St, Ottawa", "12 Main St, Ottawa"),
        ("12 Main St Ottawa Ontario", "12 Main St Ottawa Ontario"),
        ("5 Rue X, Gatineau, Québec, Canada", "5 Rue X, Gatineau, Québec, Canada"),
        ("North Shore, BC", "North Shore, BC"),
        ("Wawa, ON", "Wawa, ON"),
        ("Otawa, ON", "Otawa, ON"),
        (" ", ""),
    ],
)
def test_a_place_is_typed_as_the_sites_list_may_know_it(cell: str, typed: str) -> None:
    assert place_to_type(cell) == typed


@pytest.mark.parametrize(
    ("cell", "rule", "advice"),
    [
        ("Otawa", "no place", "Did you mean: Ottawa, ON?"),
        ("Atlantis", "no place", "Wawa, ON"),
        ("99 Main St", "no place", "postal code"),
        ("12345", "no location's number", "A1A 1A1"),
        ("K1A OB1", "no Canadian postal code", "Did you mean 'K1A 0B1'?"),
        ("D1A 0B1", "no Canadian postal code", "letters D, F"),
        ("W1A 0B1", "no Canadian postal code", "A1A 1A1"),
        ("Ontario", "whole province", "Ottawa, ON"),
        ("1700184", "area", "Gatineau; Ottawa"),
        ("North Shore", "one of 2 places", "British Columbia > Greater Vancouver Area > North Shore"),
        ("Ontario > Otawa", "no place", "Ottawa, ON"),
        ("x" * 201, "201 characters", "postal code"),
        ("!!!", "no place", "postal code"),
    ],
)
def test_what_is_no_place_is_told_with_what_may_be_meant(cell: str, rule: str, advice: str) -> None:
    with pytest.raises(PlaceError) as caught:
        place_to_type(cell)
    assert rule in caught.value.rule
    assert advice in caught.value.advice


def test_a_wrong_location_keeps_the_row_back_whether_it_is_the_rows_or_the_settings() -> None:
    assert _said(_bot(), location="Otawa")[0].startswith("Location: 'Otawa' is no place")
    assert _said(_bot(default_location="Otawa"))[0].startswith("Location on the Settings sheet: 'Otawa'")
    assert _said(_bot(default_location="Otawa"), location="Ottawa") == []


@given(place=st.sampled_from(TOWNS))
def test_every_town_is_known_by_id_and_path_and_found_by_the_practice_sites_list(place: Place) -> None:
    typed = place_to_type(place.id)
    assert place_to_type(place.full_name) == typed
    assert place.id in {str(found.location_id) for found in find_places(typed)}


@given(
    code=st.from_regex(r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ -]?[0-9][ABCEGHJ-NPRSTV-Z][0-9]", fullmatch=True)
)
def test_every_code_of_canada_post_passes(code: str) -> None:
    plain = re.sub(r"[ -]", "", code)
    assert place_to_type(code.lower()) == f"{plain[:3]} {plain[3:]}"


@given(text=st.text(max_size=40))
def test_any_text_is_a_place_or_a_sentence(text: str) -> None:
    try:
        typed, sentence = place_to_type(text), ""
    except PlaceError as error:
        typed, sentence = "", str(error)
    assert typed or sentence.endswith(("?", ".")) or not text.strip()


@given(town=st.text(st.characters(categories=["L"]), min_size=1, max_size=20), code=st.sampled_from(["ON", "QC", "NU"]))
def test_a_town_that_the_table_lacks_passes_with_its_province(town: str, code: str) -> None:
    assert place_to_type(f"{town} ville, {code}")


def test_a_likely_slip_is_told_though_it_passes() -> None:
    assert unlikely_place("Otawa, ON") == "Ottawa, ON"
    assert unlikely_place("3 Main St, Otawa, ON") == "Ottawa, ON"
    assert unlikely_place("Wawa, ON") == unlikely_place("Ottawa, ON") == unlikely_place("K1A 0B1") == ""
