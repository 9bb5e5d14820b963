"""Pages that anybody can read: home, search, and the live page of an ad."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from xlkijiji.practice import reference, rules
from xlkijiji.practice.context import signed_in, the_practice
from xlkijiji.practice.search import SEPARATOR, SORTS, find, query_of
from xlkijiji.practice.store import Ad
from xlkijiji.practice.words import say, say_money, say_number

pages = Blueprint("browse", __name__)


@pages.app_template_filter("money")
def money(cents: int) -> str:
    """Cents as the site shows them: `$1,250.00`."""
    return say_money(cents)


@pages.app_template_filter("price")
def shown_price(ad: Ad) -> str:
    """The price of an ad as readers see it."""
    if ad.fields.price_cents is not None:
        return money(ad.fields.price_cents)
    return say(rules.PRICE_TYPES.get(ad.fields.price_type or "", ""))


@pages.app_template_filter("day")
def day(moment: str) -> str:
    """The day of a stored time, `2026-01-31`."""
    return moment[:10]


@pages.get("/")
def home() -> ResponseReturnValue:
    """The newest ads, and the ways to the others."""
    ads = the_practice().store.ads(state="active", newest_first=True, per_page=12)
    return render_template("home.html", ads=ads, groups=_groups())


@pages.get("/b-search.html")
def search() -> ResponseReturnValue:
    """Live ads that hold all the words (`keywords`), below a `category`, between two prices, sorted, page by page."""
    query = query_of(request.args)
    found = find(the_practice().store.ads(state="active", newest_first=True), query)

    def address(page: int) -> str:
        return f"/b-search.html?{urlencode({**request.args, 'page': page})}"

    return render_template(
        "search.html", found=found, query=query, groups=_groups(), address=address, sorts=SORTS, separator=SEPARATOR
    )


@pages.get("/v-<category>/<city>/<words>/<int:ad_id>")
def live_ad(category: str, city: str, words: str, ad_id: int) -> ResponseReturnValue:
    """An ad as its readers see it. The id alone decides; the words before it are for people."""
    del category, city, words
    ad = the_practice().store.ad(ad_id)
    if ad is None or ad.state != "active":
        return render_template("gone.html"), 404
    category_of_ad = reference.categories()[ad.fields.category_id]
    table = reference.attributes()
    facts = []
    for name, value in ad.fields.attributes.items():
        values = value if isinstance(value, list) else [value]
        facts.append((table[name].label, ", ".join(_shown_fact(table[name], one) for one in values)))
    session = signed_in()
    details: dict[str, Any] = {"ad": ad, "category": category_of_ad, "facts": facts}
    return render_template("live_ad.html", mine=session is not None and session.account == ad.account, **details)


def _shown_fact(attribute: reference.Attribute, value: str) -> str:
    """A stored value in the reader's language; years alone are numbers whose thousands stand together."""
    if attribute.name.endswith("_i") and attribute.name != "caryear_i":
        return say_number(int(value))
    return say(attribute.shown(value))


def _groups() -> list[str]:
    return list(reference.category_tree(reference.categories().values()))
