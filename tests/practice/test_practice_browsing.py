"""Finding ads by words, category, price, order and page, and looking at their photos."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from person import Person
from practice_client import CHAIRS, HEAVY_TRUCKS, Client, picture

from xlkijiji.practice import PracticeSite, search
from xlkijiji.practice.search import Query, query_of


def titles(client: Client, **query: str) -> list[str]:
    page = client.get(f"/b-search.html?{urlencode(query)}").page
    return [str(title).strip() for title in page.xpath("//span[starts-with(@class, 'adTitle-')]/text()")]


@pytest.fixture
def ads(dealer: Client) -> list[int]:
    """Four ads: two chairs with a price, one without, and a truck."""
    fields = [
        ("Oak chair, plain", CHAIRS, "FIXED", "40.00"),
        ("Oak chair, carved", CHAIRS, "FIXED", "120.50"),
        ("Oak chair, broken", CHAIRS, "GIVE_AWAY", ""),
        ("Truck with oak bed", HEAVY_TRUCKS, "FIXED", "9000"),
    ]
    return [
        dealer.post_ad(
            category,
            **{"postAdForm.title": title, "postAdForm.priceType": kind, "postAdForm.priceAmount": price},
        )
        for title, category, kind, price in fields
    ]


@pytest.mark.usefixtures("ads")
def test_ads_are_found_by_category_price_and_order(visitor: Client) -> None:
    below = "Buy & Sell > Furniture"
    assert titles(visitor, category=below) == ["Oak chair, broken", "Oak chair, carved", "Oak chair, plain"]
    assert titles(visitor, category=below, sort="cheapest") == [
        "Oak chair, plain",
        "Oak chair, carved",
        "Oak chair, broken",
    ]
    assert titles(visitor, keywords="oak", sort="dearest")[0] == "Truck with oak bed"
    assert titles(visitor, lowest="40,50", highest="120.50") == ["Oak chair, carved"]
    assert titles(visitor, category="Furniture") == []
    assert "Nothing fits" in visitor.get("/b-search.html?keywords=elm").text


@pytest.mark.usefixtures("ads")
def test_found_ads_are_paged(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(search.find.__kwdefaults__, "per_page", 2)
    first = visitor.get("/b-search.html?keywords=oak&sort=cheapest").page
    (following,) = first.xpath("//a[@rel='next']/@href")
    assert [titles(visitor, keywords="oak", page=str(page)) for page in (1, 2, 99)] == [
        ["Truck with oak bed", "Oak chair, broken"],
        ["Oak chair, carved", "Oak chair, plain"],
        ["Oak chair, carved", "Oak chair, plain"],
    ]
    second = visitor.get(following).page
    assert second.xpath("//span[starts-with(@class, 'adTitle-')]/text()")[0].strip() == "Truck with oak bed"


@pytest.mark.usefixtures("ads")
def test_categories_below_are_counted_and_lead_on(visitor: Client) -> None:
    page = visitor.get("/b-search.html").page
    links = page.xpath("//ul[starts-with(@class, 'below-')]/li/a")
    assert [(link.text, link.getnext().text) for link in links] == [("Buy & Sell", "3"), ("Cars & Vehicles", "1")]
    deeper = visitor.get(links[0].get("href")).page
    assert deeper.xpath("//ul[starts-with(@class, 'below-')]/li/a/text()") == ["Furniture"]


def test_a_live_ad_leads_back_to_its_category(dealer: Client, site: PracticeSite) -> None:
    dealer.post_ad()
    page = dealer.get(site.ads()[0]["url"]).page
    links = page.xpath("//nav[starts-with(@class, 'crumbs-')]/a/@href")
    assert len(links) == 3
    assert "1 ad found" in dealer.get(links[-1]).text


def test_what_an_address_says_wrongly_counts_as_not_said() -> None:
    assert query_of({"lowest": "cheap", "highest": "-1", "sort": "x", "page": "0", "category": " > "}) == Query()


def test_a_reader_leafs_through_the_photos(person: Person, dealer: Client) -> None:
    photos = [dealer.upload(picture(colour=colour)).json["normalUrl"] for colour in ("red", "green", "blue")]
    dealer.post_ad(images=",".join(photos))
    person.driver.get(person.site.ads()[0]["url"])

    def large() -> str:
        return str(person.find("[data-part=large] img").get_attribute("src")).removeprefix(person.site.url)

    assert large() == photos[0]
    person.find("[aria-label='Next photo']").click()
    assert large() == photos[1]
    person.find("[data-testid=gallery] li:last-child a").click()
    assert large() == photos[2]
    assert person.find("[data-testid=gallery] a[aria-current] img").get_attribute("alt") == "Photo 3 of 3"
    person.find("[aria-label='Next photo']").click()
    person.find("[aria-label='Previous photo']").click()
    assert large() == photos[2]
