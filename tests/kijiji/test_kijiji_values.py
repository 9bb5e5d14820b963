"""What may stand in a column, per category; and what the form has no field for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlkijiji.inventory import cell_text, match_header
from xlkijiji.kijiji.attributes import all_attributes, column_for, fields_of, other_choice
from xlkijiji.kijiji.categories import all_categories, resolve_category
from xlkijiji.kijiji.listing import Defaults, Listing, make_listing, to_record
from xlkijiji.kijiji.phone import is_phone, split_phone
from xlkijiji.kijiji_bot import KijijiBot

CAR, TRUCK, CHAIR = "174", "339", "Buy & Sell > Furniture > Chairs & Recliners"
ROW = {"sku": "BT1", "title": "Bucket truck", "description": "A good one, {fuel}.", "price": 5}


def _row(category: str, cells: dict[str, Any]) -> dict[str, Any]:
    vehicle = {"year": 2016, "km": 9} if category in {CAR, TRUCK} else {}
    known = {match_header(header) for header in cells} - {None, "sku"}
    kept = {name: value for name, value in (ROW | vehicle).items() if match_header(name) not in known}
    return kept | {"category": category} | cells


def _problems(category: str, **cells: Any) -> dict[str, str]:
    row = _row(category, cells)
    found = KijijiBot("a@example.com", "x").check(row)
    return {problem.column: str(problem) for problem in found if problem.column != "Photos"}


def _all_warnings(category: str, footer: str = "", **cells: Any) -> list[str]:
    row = _row(category, cells)
    return list(map(str, KijijiBot("a@example.com", "x", description_footer=footer).warnings(row)))


def _warnings(category: str, footer: str = "", **cells: Any) -> list[str]:
    """Those about what the row has."""
    return [text for text in _all_warnings(category, footer, **cells) if not text.endswith("without it.")]


def _listing(category: str, footer: str = "", **cells: Any) -> Listing:
    return make_listing(to_record(_row(category, cells), None), Defaults(footer=footer))


@pytest.mark.parametrize(
    ("category", "header", "value", "part"),
    [
        (CAR, "Colour", "purplish", "Did you mean 'Purple'?"),
        (CAR, "Make", "Hodna", "Did you mean 'Honda'?"),
        (CAR, "VIN", "abc", "17 letters"),
        (CAR, "VIN", "1HTMMAAL67H4OOOOO", "I, O"),
        (CAR, "CARFAX link", "see below", "https://"),
        (CAR, "Year", 1899, "from 1900"),
        (CAR, "Year", dt.date.today().year + 3, "from 1900"),
        (CAR, "Kilometers", "many", "whole number"),
        (CAR, "Kilometers", -5, "whole number"),
        (
            CAR,
            "Condition",
            "New",
            "none of the site's choices in Cars & Trucks. Choose: Used - Like new, Used - Good, Used - Fair, "
            "Lease Takeover, Damaged, Salvage.",
        ),
        (CAR, "Trim", "x" * 501, "has 501 characters"),
        (CAR, "Ad type", "Wantd", "Offering or Wanted"),
        (CHAIR, "Video", "https://vimeo.com/12345", "no address of a video on YouTube"),
        (CHAIR, "Video", "https://www.youtube.com/@somebody", "Share button"),
        (CHAIR, "Video", "https://youtu.be/dQw4w9WgXcQ https://youtu.be/dQw4w9WgXcW", "Share button"),
        (CHAIR, "Video", "https://youtube.com.example.com/watch?v=dQw4w9WgXcQ", "Share button"),
        (CHAIR, "Payment", "gold; cash", "'gold' is none"),
        (CHAIR, "Hand-over", "Shiping", "Choose: Willing"),
        (CHAIR, "Condition", "Shiny", "Used - Good"),
        (CHAIR, "For sale by", "Nobody", "Owner"),
        (CHAIR, "Phone", "416 555", "ext. 12"),
    ],
)
def test_a_value_that_the_form_refuses_is_told(category: str, header: str, value: object, part: str) -> None:
    assert part in _problems(category, **{header: value}).get(header, ""), _problems(category, **{header: value})


@pytest.mark.parametrize(
    ("category", "cells"),
    [
        (CAR, {"Colour": "purple", "Make": "HONDA", "Fuel type": "diesel", "Transmission": "auto", "doors": "4 doors"}),
        (CAR, {"Body type": "SUV", "Drivetrain": "AWD", "VIN": "1htmm aal6-7h412345", "Condition": "Used - Good"}),
        (CAR, {"CARFAX link": "https://www.carfax.ca/x", "Year": dt.date.today().year + 1, "km": "120,000 km"}),
        (CAR, {"Make": "Trabant", "Fuel type": "Steam", "Model": "Civic", "No. of doors": 6}),
        (CHAIR, {"Video": "https://www.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ&t=9s"}),
        (CAR, {"YouTube link": "youtube.com/shorts/dQw4w9WgXcQ"}),
        (CHAIR, {"Payment": "cash, Offer cashless payment", "Hand-over": "pickup; shipping; Delivery"}),
        (CHAIR, {"Payment": "cashaccepted", "Ad type": "I’m offering", "Phone": "+1 (416) 555-0123 ext. 12"}),
        (CHAIR, {"Colour": "purplish", "VIN": "a chair has none", "Make": "Hodna"}),
    ],
)
def test_values_as_people_write_them_pass(category: str, cells: dict[str, Any]) -> None:
    told = _problems(category, **cells)
    assert not set(told) & {*cells, "Kilometers"}, told


def test_all_problems_of_a_row_are_told_at_once() -> None:
    told = _problems(CAR, Colour="purplish", VIN="abc", Year=1, Phone="x", location="Otawa", **{"Ad type": "Wantd"})
    assert {"Colour", "VIN", "Year", "Phone", "Location", "Ad type"} <= set(told)


@given(data=st.data(), category=st.sampled_from(sorted(all_categories())))
def test_every_choice_of_every_list_passes_by_code_and_label(data: st.DataObject, category: str) -> None:
    lists = [code for code in fields_of(resolve_category(category)) or () if all_attributes()[code].values]
    if not lists:
        return
    code = data.draw(st.sampled_from(sorted(lists)))
    value, label = data.draw(st.sampled_from(sorted(all_attributes()[code].values.items())))
    header = column_for(code).header
    for text in (value, label, label.upper()):
        assert header not in _problems(category, **{header: text})


@given(data=st.data(), text=st.text(max_size=12))
def test_any_word_is_refused_taken_or_put_under_other(data: st.DataObject, text: str) -> None:
    lists = [code for code, attribute in all_attributes().items() if attribute.values]
    code = data.draw(st.sampled_from(sorted(lists)))
    category = next((one for one in all_categories().values() if code in (fields_of(one) or ())), None)
    if category is None:
        return
    header = column_for(code).header
    told = _problems(category.id, **{header: text}).get(header, "")
    assert not told or told.endswith(".")
    if not told and cell_text(text) and not column_for(code).multi and not column_for(code).open:
        (wish,) = [wish for wish in _listing(category.id, **{header: text}).wishes if wish.header == header]
        assert set(wish.words) & set(all_attributes()[code].values)


def test_a_word_that_the_list_lacks_goes_under_other_and_into_the_description() -> None:
    listing = _listing(CAR, Make="Trabant")
    (make,) = [wish for wish in listing.wishes if wish.header == "Make"]
    assert make.words == ["Trabant", other_choice("carmake_s")]
    assert listing.description == "A good one, {fuel}.\n\nMake: Trabant"
    assert (
        "Make: 'Trabant' is none of the choices that are known. 'Other' is chosen." in _warnings(CAR, Make="Trabant")[0]
    )


def test_what_has_no_field_is_put_at_the_end_once() -> None:
    cells = {"fuel": "Diesel", "Equipment type": "Bucket\ntruck", "Condition": "Used - Good", "Cost": 900}
    listing = _listing(TRUCK, "Stock {sku}\nCall us", **cells)
    assert listing.description == (
        "A good one, Diesel.\n\nEquipment type: Bucket truck\nCondition: Used - Good\n\nStock BT1\nCall us"
    )
    assert [text.split(":")[0] for text in _warnings(TRUCK, **cells)] == ["Fuel type", "Equipment type", "Condition"]
    again = _listing(TRUCK, "Stock {sku}\nCall us", **cells | {"description": listing.description, "fuel": ""})
    assert again.description == listing.description


def test_a_category_that_has_the_field_leaves_the_description_alone() -> None:
    cells = {"fuel": "Diesel", "Colour": "Red", "description": "A good car, as it is."}
    assert _listing(CAR, **cells).description == "A good car, as it is."
    assert _warnings(CAR, **cells) == []


def test_the_open_form_knows_better_than_the_tables() -> None:
    listing = _listing("", Colour="Red", **{"Equipment type": "Bucket"})
    assert listing.description.endswith("\n\nEquipment type: Bucket")
    told = listing.described_without({"Colour", "Equipment type"})
    assert told.description.endswith("\n\nColour: Red\nEquipment type: Bucket")
    truck = _listing(TRUCK, Condition="Used - Good")
    assert truck.description.endswith("\n\nCondition: Used - Good")
    assert truck.described_without(()).description == "A good one, {fuel}."


def test_the_length_is_that_of_the_whole() -> None:
    long = "x" * 9_990
    assert "Description" not in _problems(TRUCK, description=long)
    assert "are added to it" in _problems(TRUCK, description=long, fuel="Diesel")["Description"]


def test_a_footer_alone_is_no_description() -> None:
    bot = KijijiBot("a@example.com", "x", description_footer="We are open every day.")
    assert "Description: the cell is blank" in " ".join(map(str, bot.check(ROW | {"description": " "})))


def test_placeholders_without_a_column_are_told() -> None:
    (told,) = _warnings(CAR, "Stock {Stok}", description="A good car, as it is.")
    assert told.startswith("Description footer on the Settings sheet: '{Stok}' names no column")


def test_the_stock_number_is_a_column_of_its_own_or_the_sku() -> None:
    def stock(category: str, **cells: Any) -> list[str]:
        return [wish.text for wish in _listing(category, **cells).wishes if wish.attributes == ("stock_s",)]

    assert stock(CAR) == ["BT1"]
    assert stock(CAR, **{"Stock #": "S-7"}) == ["S-7"]
    assert stock(CHAIR) == []
    assert _listing(CHAIR, description="A good chair").description == "A good chair"
    assert _listing(CHAIR, description="A good chair", **{"Stock #": "S-7"}).description.endswith("Stock #: S-7")


@pytest.mark.parametrize(
    ("cell", "number", "extension"),
    [
        ("416-555-0123", "416-555-0123", ""),
        ("416 555 0123 ext. 12", "416 555 0123", "12"),
        ("416 555 0123 x12", "416 555 0123", "12"),
        ("(416) 555-0123, poste 4", "(416) 555-0123", "4"),
        ("416/555/0123 #9", "416-555-0123", "9"),
        ("+1   (416)   555 - 0123", "+1 (416) 555 - 0123", ""),
        ("+44 (0) 20 7946 0958 12", "+4402079460958" + "12", ""),
    ],
)
def test_phone_numbers(cell: str, number: str, extension: str) -> None:
    assert split_phone(cell) == (number, extension)
    assert is_phone(cell) is (len([sign for sign in number if sign.isdigit()]) <= 15)


def test_an_extension_goes_into_the_description() -> None:
    listing = _listing(CAR, description="A good car, as it is.", phone="416 555 0123 ext 12")
    assert (listing.phone, listing.description) == (
        "416 555 0123",
        "A good car, as it is.\n\nPhone: 416 555 0123 ext 12",
    )


def test_tags_are_added_once_and_told() -> None:
    assert _listing(CAR, tags="Truck, truck, TRUCK, boom lift").tags == ("Truck", "boom lift")
    assert "has a tag twice" in _warnings(CAR, description="A good car, as it is.", tags="Truck, truck")[0]
    assert "Tags" not in _problems(CAR, tags="a,A,b,B,c,C,d,e")
    assert "31 characters" in _warnings(CAR, description="A good car, as it is.", tags="x" * 31)[0]


def test_a_price_that_is_not_shown_is_told() -> None:
    (told,) = _warnings(CAR, description="A good car, as it is.", price_type="Free")
    assert told.startswith("Price: '5' isn't shown with the price type")
    (told,) = _warnings(CAR, description="A good car, as it is.", location="Otawa, ON")
    assert "Did you mean Ottawa, ON?" in told


@pytest.mark.parametrize("header", ["VIN", "CARFAX link"])
def test_what_only_an_old_table_asks_for_is_a_warning(header: str) -> None:
    assert header not in _problems(CAR, **{header: ""})
    (told,) = [text for text in _all_warnings(CAR, **{header: ""}) if text.startswith(header)]
    assert told.endswith("if you can: the site's form may refuse ads in Cars & Trucks without it.")
