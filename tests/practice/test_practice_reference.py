"""The site's tables hang together, and its typeaheads find what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlkijiji.practice import reference


def test_every_attribute_of_every_category_has_a_field() -> None:
    for category in reference.categories().values():
        for attribute in category.attributes:
            assert attribute.control in {"input", "select", "radio", "checkbox"}
            assert bool(attribute.choices) == (attribute.control != "input"), attribute.name


def test_the_tree_leads_to_every_category_within_three_levels() -> None:
    def leaves(tree: reference.Tree, depth: int = 1) -> list[int]:
        assert depth <= 3
        found = []
        for below in tree.values():
            found += [below] if isinstance(below, int) else leaves(below, depth + 1)
        return found

    table = reference.categories()
    assert sorted(leaves(reference.category_tree(table.values()))) == sorted(table)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("K1A 0A6", "K1A 0A6, Ottawa, ON"),
        ("k1a0a6", "K1A 0A6, Ottawa, ON"),
        ("12 Main St, M5V 2T6", "M5V 2T6, City of Toronto, ON"),
        ("Ottawa", "Ottawa, ON"),
        ("ottawa, on", "Ottawa, ON"),
        ("  Ottawa ,  Ontario ", "Ottawa, ON"),
        ("quebec", "Québec City, QC"),
        ("12 Main Street, Ottawa", "12 Main Street, Ottawa, ON"),
        ("vancouver", "Vancouver, BC"),
        ("Toronto", "City of Toronto, ON"),
    ],
)
def test_places_are_found_as_people_write_them(text: str, first: str) -> None:
    assert reference.find_places(text)[0].label == first


@pytest.mark.parametrize("text", ["", "  ", "o", "Atlantis", "Ottawa, BC", "D1A 0A6", ",,,"])
def test_nothing_is_offered_for_other_texts(text: str) -> None:
    assert reference.find_places(text) == []


@pytest.mark.parametrize("place", reference.places().values(), ids=lambda place: place.label)
def test_every_place_is_found_by_its_own_label(place: reference.Location) -> None:
    assert place.id in {found.location_id for found in reference.find_places(place.label)}


@given(st.text())
def test_any_text_can_be_looked_up(text: str) -> None:
    assert len(reference.find_places(text)) <= 5
    assert reference.suggest_category(text).id in reference.categories()
    assert reference.slug(text)


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("2015 Freightliner M2 106", "Heavy Trucks"),
        ("Bucket truck with 55 ft boom", "Heavy Equipment"),
        ("Acoustic guitars", "Guitars"),
        ("Three snowmobiles", "Snowmobiles"),
        ("zzz", "Other"),
    ],
)
def test_a_title_suggests_a_category(title: str, category: str) -> None:
    assert reference.suggest_category(title).name == category
