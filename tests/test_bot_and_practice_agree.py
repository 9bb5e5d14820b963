"""The check before the browser and the practice site's own rules: what the one asks for, the other does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from xlkijiji.kijiji.attributes import all_attributes, column_for, fields_of
from xlkijiji.kijiji.categories import all_categories, resolve_category
from xlkijiji.kijiji.listing import Defaults, Listing, make_listing, to_record
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import reference, rules
from xlkijiji.practice.rules import ATTRIBUTE_NAME, Draft
from xlkijiji.practice.store import Photo

PHOTO = Photo("0" * 32, "a@example.com", "a.jpg", "JPEG", "", 1, 640, 480)
TYPED = {
    "caryear_i": "2016",
    "carmileageinkms_i": "120000",
    "vin_s": "1HTMMAAL67H412345",
    "carprooflink_s": "https://www.carfax.ca/report/7",
    "carmodel_s": "Other",
    "motorcyclesmodel_s": "Other",
    "boatsmake_s": "Other",
}
"""What a person types where the tables have no list, or none that is whole."""
CATEGORIES = sorted(all_categories())


def _value(code: str) -> str:
    values = all_attributes()[code].values
    return TYPED.get(code) or next(iter(values.values()), "A thing")


def _row(category: str) -> dict[str, Any]:
    """A row with all that the category asks for."""
    row = {
        "sku": "7",
        "title": "A thing for sale",
        "description": "It is in good shape.",
        "price": 40,
        "category": category,
        "location": "M5V 3L9",
    }
    return row | {column_for(code).header: _value(code) for code in resolve_category(category).required}


def _told(row: dict[str, Any]) -> dict[str, str]:
    found = KijijiBot("a@example.com", "x").check(row)
    return {problem.column: str(problem) for problem in found if problem.column != "Photos"}


def _warned(row: dict[str, Any]) -> set[str]:
    return {problem.column for problem in KijijiBot("a@example.com", "x").warnings(row)}


def _errors(listing: Listing) -> set[str]:
    """What the practice site says to the form as the bot fills it in."""
    assert listing.category is not None
    category = reference.categories()[int(listing.category.id)]
    draft = rules.new_draft(category, title=listing.title, location_id=1700273, location="Toronto, ON")
    values = draft.values
    values["postAdForm.description"] = listing.description
    values["postAdForm.priceAmount"] = listing.price
    values["postAdForm.phoneNumber"] = listing.phone
    values["featuresForm.package"] = "package-0"
    values["postAdForm.confirmedTerms"] = "true"
    values["postAdForm.youtubeVideoURL"] = next((w.typed for w in listing.wishes if w.column.field == "video"), "")
    here = {attribute.name: attribute for attribute in category.attributes}
    for wish in listing.wishes:
        if code := next((code for code in wish.attributes if code in here), ""):
            labels = {label: value for value, label in here[code].choices} | {v: v for v in here[code].values}
            chosen = next((labels[word] for word in wish.words if word in labels), wish.typed)
            values[ATTRIBUTE_NAME.format(code)] = chosen
    draft = Draft(category, MultiDict(values), [PHOTO])
    rules.check(draft)
    return set(draft.errors)


def test_both_ask_for_the_same_in_each_category() -> None:
    for category in all_categories().values():
        theirs = reference.categories()[int(category.id)]
        assert set(category.required) == set(theirs.required), category.full_name
        assert fields_of(category) == {attribute.name for attribute in theirs.attributes}, category.full_name


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_row_that_passes_the_check_is_taken_and_one_that_lacks_a_value_is_told_before(category: str) -> None:
    row = _row(category)
    assert _told(row) == {}
    assert _errors(make_listing(to_record(row, None), Defaults())) == set()
    for code in resolve_category(category).required:
        header = column_for(code).header
        if code == "forsaleby_s":  # a setting where the row has nothing
            continue
        less = {name: value for name, value in row.items() if name != header}
        assert header in (_warned(less) if column_for(code).unsure else _told(less)), header


@given(
    year=st.one_of(st.integers(1800, 2100), st.text("0123456789", max_size=6)),
    phone=st.text("0123456789 ()+-.x", max_size=24),
    vin=st.text("0123456789ABCIOQ- ", max_size=19),
)
def test_years_phone_numbers_and_vins_that_pass_the_check_are_taken(year: object, phone: str, vin: str) -> None:
    row = _row("174") | {"Year": year, "phone": phone, "VIN": vin}
    told = _told(row)
    if told:
        assert set(told) <= {"Year", "Phone", "phone", "VIN"}, told
        return
    without = set() if vin.strip(" -") else {"vin_s"}  # told as a warning
    assert _errors(make_listing(to_record(row, None), Defaults())) == without


@pytest.mark.parametrize(
    "address",
    [
        "youtu.be/dQw4w9WgXcQ?si=x",
        "https://m.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?list=a&v=dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/embed/dQw4w9WgXcQ?start=1",
        "https://www.youtube.com/live/dQw4w9WgXcQ/",
        "https://www.youtube.com/watch?v=short",
        "https://youtube.com/",
        "https://youtu.be/dQw4w9WgXcQ9",
        "https://vimeo.com/12345678901",
        "ftp://youtu.be/dQw4w9WgXcQ",
    ],
)
def test_an_address_of_a_video_is_the_same_to_both(address: str) -> None:
    row = _row("339") | {"Video": address}
    told = {"YoutubeVideoURL" for column in _told(row) if column == "Video"}
    assert told == _errors(make_listing(to_record(row, None), Defaults()))


@pytest.mark.parametrize("year", [1899, 1900, 2016])
@pytest.mark.parametrize("phone", ["416 555", "416 555 0123", "+44 20 7946 0958", "1234567890123456"])
def test_each_limit_is_the_same_on_both_sides(year: int, phone: str) -> None:
    row = _row("339") | {"Year": year, "phone": phone}
    told = {"caryear_i" if column == "Year" else "PhoneNumber" for column in _told(row)}
    assert told == _errors(make_listing(to_record(row, None), Defaults()))
