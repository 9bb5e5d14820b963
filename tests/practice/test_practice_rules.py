"""The server checks every rule of an ad again, whatever the browser did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from practice_client import (
    CHAIRS,
    CLASSIC_CARS,
    FREE_STUFF,
    HEAVY_EQUIPMENT,
    HEAVY_TRUCKS,
    OTTAWA,
    XSRF,
    Client,
    picture,
    sha256s,
)

from xlkijiji.practice import PracticeSite

ATTRIBUTE = "postAdForm.attributeMap[{}]".format


def test_an_ad_arrives_as_it_was_sent(dealer: Client, site: PracticeSite) -> None:
    pictures = [picture(colour=colour) for colour in ("red", "green", "blue")]
    images = [dealer.upload(data, f"{i}.jpg").json["normalUrl"] for i, data in enumerate(pictures)]
    fields = dealer.form(HEAVY_TRUCKS) | {
        "postAdForm.title": "Camion à nacelle 55' – élégant 🚚",
        "postAdForm.description": 'Première ligne\r\n\r\n<b>not bold</b> & = "as is"',
        "postAdForm.priceAmount": "25000.5",
        ATTRIBUTE("carcolor_s"): "black",
        ATTRIBUTE("stock_s"): "BT-005",
        "postAdForm.tags": "boom,bucket, boom",
        "postAdForm.phoneNumber": "613 555-0100",
        "postAdForm.youtubeVideoURL": "https://youtu.be/dQw4w9WgXcQ",
        "images": ",".join(images),
    }
    answer = dealer.submit(fields)
    (ad,) = site.ads()
    assert answer.url == ad["url"] == f"{site.url}/v-heavy-trucks/ottawa/camion-a-nacelle-55-elegant/{ad['id']}"
    expected = {
        "account": "dealer@example.com",
        "state": "active",
        "title": "Camion à nacelle 55' – élégant 🚚",
        "description": 'Première ligne\n\n<b>not bold</b> & = "as is"',
        "price": 25000.5,
        "price_type": "FIXED",
        "ad_type": "OFFER",
        "category_id": 339,
        "category": "Cars & Vehicles > Heavy Equipment > Heavy Trucks",
        "attributes": {
            "caryear_i": "2015",
            "carmileageinkms_i": "120000",
            "forsaleby_s": "delr",
            "carcolor_s": "black",
            "stock_s": "BT-005",
        },
        "tags": ["boom", "bucket"],
        "location": "Ottawa, ON",
        "location_id": OTTAWA,
        "phone": "613 555-0100",
        "video": "https://youtu.be/dQw4w9WgXcQ",
        "total_paid": 0,
    }
    assert {name: ad[name] for name in expected} == expected
    assert [photo["sha256"] for photo in ad["photos"]] == sha256s(pictures)
    assert [photo["order"] for photo in ad["photos"]] == [1, 2, 3]
    assert dealer.get("/practice/ads.json").json == [ad]
    assert "<b>not bold" not in answer.text
    assert answer.page.xpath("//a[@data-testid='video']/@href") == ["https://youtu.be/dQw4w9WgXcQ"]
    edit = dealer.get(f"/p-edit-ad.html?adId={ad['id']}").page
    assert edit.xpath("string(//input[@name='postAdForm.youtubeVideoURL']/@value)") == ad["video"]


BAD_FIELDS: list[tuple[int, str, Any, str]] = [
    (CHAIRS, "postAdForm.title", "Seven77", "postad-title"),
    (CHAIRS, "postAdForm.title", " Seven77 ", "postad-title"),
    (CHAIRS, "postAdForm.title", "x" * 65, "postad-title"),
    (CHAIRS, "postAdForm.description", "nine chrs", "pstad-descrptn"),
    (CHAIRS, "postAdForm.description", "x" * 10_001, "pstad-descrptn"),
    (CHAIRS, "postAdForm.adType", "GIFT", "adType1"),
    (CHAIRS, "postAdForm.priceType", "", "priceType1"),
    (CHAIRS, "postAdForm.phoneNumber", "call me", "PhoneNumber"),
    (CHAIRS, "postAdForm.phoneNumber", "416 555", "PhoneNumber"),
    (CHAIRS, "postAdForm.phoneNumber", "416 555 0123 ext 4", "PhoneNumber"),
    (CHAIRS, "postAdForm.youtubeVideoURL", "https://vimeo.com/12345", "YoutubeVideoURL"),
    (CHAIRS, "postAdForm.youtubeVideoURL", "javascript:alert(1)", "YoutubeVideoURL"),
    (CHAIRS, "postAdForm.tags", "a,b,c,d,e,f", "pstad-tagsInput"),
    (CHAIRS, "locationId", "", "location"),
    (CHAIRS, "locationId", "9004", "location"),  # a province is no place for an ad
    (CHAIRS, "locationId", "Ottawa", "location"),
    (CHAIRS, "location", "", "location"),
    (CHAIRS, "images", "", "FileUploadInput"),
    (CHAIRS, "images", "/photos/" + "0" * 32 + "/normal", "FileUploadInput"),
    (CHAIRS, ATTRIBUTE("forsaleby_s"), "", "forsaleby_s"),
    (CHAIRS, ATTRIBUTE("forsaleby_s"), "dealer", "forsaleby_s"),
    (CHAIRS, ATTRIBUTE("condition_s"), "mint", "condition_s"),
    (CHAIRS, ATTRIBUTE("payment_s"), ["cashless", "shells"], "payment_s"),
    (HEAVY_TRUCKS, ATTRIBUTE("caryear_i"), "", "caryear_i"),
    (HEAVY_TRUCKS, ATTRIBUTE("caryear_i"), "15", "caryear_i"),
    (HEAVY_TRUCKS, ATTRIBUTE("caryear_i"), str(datetime.now(UTC).year + 3), "caryear_i"),
    (HEAVY_TRUCKS, ATTRIBUTE("caryear_i"), "1899", "caryear_i"),
    (HEAVY_TRUCKS, ATTRIBUTE("caryear_i"), "02015", "caryear_i"),
    (HEAVY_TRUCKS, ATTRIBUTE("carmileageinkms_i"), "120,000", "carmileageinkms_i"),
    (HEAVY_TRUCKS, ATTRIBUTE("stock_s"), "x" * 501, "stock_s"),
    (CLASSIC_CARS, ATTRIBUTE("carmodel_s"), "f150", "carmodel_s"),  # a Ford
    (CLASSIC_CARS, ATTRIBUTE("carmake_s"), "", "carmake_s"),
    (HEAVY_TRUCKS, "featuresForm.package", "", "package"),
    (HEAVY_TRUCKS, "featuresForm.package", "package-9", "package"),
    (HEAVY_TRUCKS, "postAdForm.confirmedTerms", "", "PostAdConfirmationOfTerms"),
]


@pytest.mark.parametrize(("category", "name", "value", "field_id"), BAD_FIELDS)
def test_a_broken_rule_is_said_at_its_field(
    dealer: Client, site: PracticeSite, category: int, name: str, value: Any, field_id: str
) -> None:
    answer = dealer.submit(dealer.form(category) | {name: value})
    # without a make there is no model either
    assert [one for one in answer.errors if one != "carmodel_s" or field_id == one] == [field_id]
    assert len(answer.errors[field_id]) > 15
    assert site.ads() == []


@pytest.mark.parametrize(
    ("typed", "price"),
    [("0.01", 0.01), ("1", 1), ("1250.5", 1250.5), ("99999999.99", 99999999.99), (" 12 ", 12)]
    + [(bad, None) for bad in ("", "0", "-5", "1,250", "$5", "1.234", "1e3", "abc", "100000000", "٣", "5 000", "0.00")],
)
def test_a_fixed_price_is_dollars_and_cents(
    dealer: Client, site: PracticeSite, typed: str, price: float | None
) -> None:
    answer = dealer.submit(dealer.form(CHAIRS) | {"postAdForm.priceAmount": typed})
    assert ("PriceAmount" in answer.errors) == (price is None)
    assert [ad["price"] for ad in site.ads()] == ([] if price is None else [price])


@pytest.mark.parametrize("price_type", ["GIVE_AWAY", "CONTACT", "SWAP_TRADE"])
def test_other_types_of_price_have_no_amount(dealer: Client, site: PracticeSite, price_type: str) -> None:
    dealer.post_ad(**{"postAdForm.priceType": price_type, "postAdForm.priceAmount": "12"})
    (ad,) = site.ads()
    assert (ad["price"], ad["price_type"]) == (None, price_type)


def test_a_category_without_prices_has_none(dealer: Client, site: PracticeSite) -> None:
    assert "PriceAmount" not in dealer.get(f"/p-post-ad.html?categoryId={FREE_STUFF}").text
    dealer.post_ad(FREE_STUFF)
    (ad,) = site.ads()
    assert (ad["price"], ad["price_type"], ad["attributes"]) == (None, None, {})


@given(title=st.text(), description=st.text(max_size=200), tag=st.text())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_published_or_shown_again(
    dealer: Client, site: PracticeSite, title: str, description: str, tag: str
) -> None:
    """No text makes the server fail, and a text that was refused stands in the form again."""
    before = len(site.ads())
    fields = dealer.form(CHAIRS) | {"postAdForm.title": title, "postAdForm.description": description}
    answer = dealer.submit(fields | {"postAdForm.tags": tag})
    assert answer.status == 200
    kept = title.encode("utf-8", "replace").decode().strip()
    if answer.errors:
        assert len(site.ads()) == before
        assert not 8 <= len(kept.replace("\r\n", "\n")) <= 64 or set(answer.errors) - {"postad-title"}
    else:
        assert site.ads()[-1]["title"] == kept


def test_a_refused_form_keeps_what_was_typed(dealer: Client) -> None:
    fields = dealer.form(HEAVY_TRUCKS) | {
        "postAdForm.title": "Short",
        "postAdForm.description": "\nTwo <lines>\nof text",
        ATTRIBUTE("carcolor_s"): "black",
        "postAdForm.tags": "boom,bucket",
        "postAdForm.priceType": "CONTACT",
    }
    page = dealer.submit(fields).page
    assert page.xpath("string(//input[@id='postad-title']/@value)") == "Short"
    assert "Two <lines>\nof text" in page.xpath("string(//textarea[@id='pstad-descrptn'])").replace("\r\n", "\n")
    assert page.xpath("//select[@id='carcolor_s']/option[@selected]/@value") == ["black"]
    assert page.xpath("//input[@name='postAdForm.tags']/@value") == ["boom,bucket"]
    assert page.xpath("//input[@name='postAdForm.priceType'][@checked]/@value") == ["CONTACT"]
    assert page.xpath("//input[@name='postAdForm.attributeMap[forsaleby_s]'][@checked]/@value") == ["delr"]
    assert page.xpath("//ol[@id='MediaUploadedImages']/li[@class='thumbnail']/@data-normal-url") == [fields["images"]]
    assert page.xpath("//input[@name='locationId']/@value") == [str(OTTAWA)]


def test_the_same_form_sent_twice_makes_two_ads(dealer: Client, site: PracticeSite) -> None:
    """The site does not protect a poster from itself: that is the poster's own task."""
    fields = dealer.form(CHAIRS)
    first, second = dealer.submit(fields), dealer.submit(fields)
    assert first.url != second.url
    assert [ad["url"] for ad in site.ads()] == [first.url, second.url]


def test_ad_ids_have_ten_digits_and_grow(dealer: Client) -> None:
    ids = [dealer.post_ad() for _ in range(4)]
    assert ids == sorted(ids)
    assert {len(str(ad_id)) for ad_id in ids} == {10}


@pytest.mark.parametrize("token", [None, "", "0" * 32, "é"])
def test_a_form_without_its_token_is_refused(dealer: Client, site: PracticeSite, token: str | None) -> None:
    fields = dealer.form(CHAIRS) | {XSRF: token}
    if token is None:
        del fields[XSRF]
    assert dealer.submit(fields).status == 403
    assert site.ads() == []


def test_a_form_from_another_site_is_refused(dealer: Client, site: PracticeSite) -> None:
    answer = dealer.post("/p-submit-ad.html", dealer.form(CHAIRS), headers={"Origin": "https://example.com"})
    assert answer.status == 403
    assert site.ads() == []


@pytest.mark.parametrize("host", ["example.com", "kijiji.ca", "127.0.0.1.example.com"])
def test_other_host_names_are_refused(visitor: Client, host: str) -> None:
    assert visitor.get("/practice/ads.json", headers={"Host": host}).status == 400


def test_paid_extras_wait_for_a_payment(dealer: Client, site: PracticeSite) -> None:
    """An ad that costs something is not live, and a poster that pays is found out."""
    extras = {"featuresForm.topAd": "true", "featuresForm.package": "package-1"}
    answer = dealer.submit(dealer.form(HEAVY_EQUIPMENT) | extras)
    (ad,) = site.ads()
    assert "/p-checkout.html" in answer.url
    assert (ad["state"], ad["total"], ad["total_paid"]) == ("unpaid", 32.94, 0)
    dealer.post("/p-checkout.html", {XSRF: dealer.xsrf(), "adId": ad["id"]})
    (ad,) = site.ads()
    assert (ad["state"], ad["total_paid"]) == ("active", 32.94)


def test_an_unknown_category_is_no_form(dealer: Client) -> None:
    assert dealer.get("/p-post-ad.html?categoryId=999999").status == 404
    assert dealer.submit(dealer.form(CHAIRS) | {"categoryId": "999999"}).status == 400
