"""Where a choice is named to a person, it has the word of their sheet's own list, in the language in use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from xlkijiji import messages
from xlkijiji.inventory import BY_NAME, price_type_code, price_type_word
from xlkijiji.kijiji.attributes import all_attributes, choices_of, column_named
from xlkijiji.kijiji.form_fields import FormField, _refuse
from xlkijiji.kijiji.listing import Defaults, make_listing, to_record
from xlkijiji.kijiji_bot import KijijiBot

CHAIR = "Buy & Sell > Furniture > Chairs & Recliners"
CAR = "174"
ROW: dict[str, Any] = {"sku": "A1", "title": "A good chair", "description": "As good as new.", "price": 5}


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    messages.use("en")


def _said(category: str, **cells: Any) -> str:
    bot, row = KijijiBot("a@example.com", "x"), ROW | {"category": category} | cells
    wanted = {BY_NAME[name].header for name in ("price", "price_type")} | {"Condition", "For sale by"}
    return " ".join(str(one) for one in [*bot.check(row), *bot.warnings(row)] if one.column in wanted)


@pytest.mark.parametrize(
    ("language", "typed", "told"),
    [
        (
            "en",
            "Free",
            "isn't shown with the price type Free. Leave it blank, or choose the price type Fixed instead of Free.",
        ),
        ("en", "GIVE_AWAY", "instead of Free."),
        (
            "fr",
            "Gratuit",
            "avec le type de prix Gratuit. Laissez la cellule vide, ou choisissez le type de prix Fixe "
            "au lieu de Gratuit.",
        ),
        ("fr", "Free", "Fixe au lieu de Gratuit."),
        ("fr", "contact", "Fixe au lieu de Sur demande."),
    ],
)
def test_a_price_type_is_named_as_the_sheet_does(language: str, typed: str, told: str) -> None:
    messages.use(language)
    assert told in _said(CHAIR, price_type=typed)


@pytest.mark.parametrize(
    ("language", "category", "column", "typed", "told"),
    [
        ("en", CHAIR, "condition", "Shiny", "Choose: New, Used - Like new, Used - Good, Used - Fair."),
        (
            "fr",
            CHAIR,
            "condition",
            "Brillant",
            "Choisissez\u00a0: Neuf, Usagé - Comme neuf, Usagé - Bon, Usagé - Acceptable.",
        ),
        ("en", CHAIR, "for_sale_by", "Nobody", "Choose: Owner, Dealer."),
        ("fr", CHAIR, "for_sale_by", "Personne", "Choisissez\u00a0: Propriétaire, Concessionnaire."),
        ("fr", CHAIR, "for_sale_by", "Propriétair", "Vouliez-vous dire «\u00a0Propriétaire\u00a0»?"),
        ("fr", CHAIR, "condition", "Used - Goood", "Vouliez-vous dire «\u00a0Usagé - Bon\u00a0»?"),
        ("fr", CAR, "condition", "New", "«\u00a0Neuf\u00a0» n’est pas un des choix du site dans Cars & Trucks."),
        ("fr", CHAIR, "price_type", "Encan", "Fixe, Gratuit, Sur demande, Échange."),
    ],
)
def test_choices_are_listed_as_the_sheet_lists_them(
    language: str, category: str, column: str, typed: str, told: str
) -> None:
    messages.use(language)
    assert told in _said(category, **{column: typed})


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("category", [CHAIR, CAR])
@pytest.mark.parametrize("column", ["condition", "for_sale_by"])
def test_what_is_listed_is_accepted(language: str, category: str, column: str) -> None:
    messages.use(language)
    known = column_named(column)
    assert known is not None
    code = next(
        iter(make_listing(to_record(ROW | {"category": category, column: "x"}, None), Defaults()).wishes)
    ).attributes[0]
    assert code in all_attributes()
    for word in choices_of(known, code):
        assert _said(category, **{"condition": "Used - Good", "for_sale_by": "Owner"} | {column: word}) == "", word


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_price_types_have_words(language: str) -> None:
    messages.use(language)
    assert [price_type_word(str(price_type_code(word))) for word in BY_NAME["price_type"].choices] == list(
        BY_NAME["price_type"].choices
    )


def test_the_choices_of_the_open_form_are_listed_in_the_sheets_words() -> None:
    messages.use("fr")
    field = FormField("attribute", "État", [], "Used - Good", column="condition", spoken="Usagé - Bon")
    with pytest.raises(Exception, match="«\u00a0Usagé - Bon\u00a0» n’est pas") as refused:
        _refuse(field, {"state": "no_option", "options": ["New", "Used - Fair", "Refurbished"], "at": 0})
    assert str(refused.value).endswith("Neuf, Usagé - Acceptable, Refurbished.")


def test_what_is_put_into_the_text_has_the_sheets_words() -> None:
    messages.use("fr")
    listing = make_listing(to_record(ROW | {"category": "339", "État": "usagé - bon"}, None), Defaults())
    assert listing.description.endswith("\n\nÉtat: Usagé - Bon")
