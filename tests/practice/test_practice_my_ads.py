"""Live pages, My Ads with its pages, deleting and editing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from practice_client import CHAIRS, HEAVY_TRUCKS, XSRF, Client, picture

from xlkijiji.practice import PracticeSite


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PracticeSite]:
    """A practice site with two accounts."""
    accounts = {"dealer@example.com": "practice", "other@example.com": "practice"}
    with PracticeSite(tmp_path / "site", upload_seconds=0, ads_per_page=3, accounts=accounts) as running:
        yield running


def rows(client: Client, path: str) -> list[int]:
    """The ad ids of a My Ads page, in its order."""
    ids = client.get(path).page.xpath("//*[starts-with(@data-testid, 'listing-id-')]/@data-testid")
    return [int(name.removeprefix("listing-id-")) for name in ids]


def delete(client: Client, ad_id: int, reason: str = "Prefer not to say") -> int:
    return client.post("/m-delete-ad.html", {"adId": ad_id, "reason": reason, XSRF: client.xsrf()}).status


def test_my_ads_shows_the_newest_first_page_by_page(dealer: Client) -> None:
    ids = [dealer.post_ad() for _ in range(7)][::-1]
    assert [rows(dealer, f"/m-my-ads/active/{page}") for page in (1, 2, 3)] == [ids[:3], ids[3:6], ids[6:]]
    assert dealer.get("/m-my-ads/active/4").status == 404
    second = dealer.get("/m-my-ads/active/2").page
    assert second.xpath("//a[@rel='next']/@href") == ["/m-my-ads/active/3"]
    assert second.xpath("//a[@rel='prev']/@href") == ["/m-my-ads/active/1"]


def test_a_deleted_ad_moves_to_inactive_and_its_page_is_gone(dealer: Client, site: PracticeSite) -> None:
    kept, gone = dealer.post_ad(), dealer.post_ad()
    assert delete(dealer, gone) == 200
    assert rows(dealer, "/m-my-ads/active/1") == [kept]
    assert rows(dealer, "/m-my-ads/inactive") == [gone]
    page = dealer.get(site.ads()[1]["url"])
    assert page.status == 404
    assert "Too late" in page.text
    assert [(ad["state"], ad["delete_reason"]) for ad in site.ads()] == [
        ("active", None),
        ("deleted", "Prefer not to say"),
    ]
    assert delete(dealer, gone) == 404


def test_a_delete_needs_a_reason_a_token_and_the_owner(dealer: Client, site: PracticeSite) -> None:
    ad_id = dealer.post_ad()
    other = Client(site)
    other.sign_in("other@example.com")
    assert delete(dealer, ad_id, "Because") == 422
    assert dealer.post("/m-delete-ad.html", {"adId": ad_id, "reason": "Prefer not to say"}).status == 403
    assert delete(other, ad_id) == 404
    assert site.ads()[0]["state"] == "active"


def test_accounts_see_and_edit_only_their_own_ads(dealer: Client, site: PracticeSite) -> None:
    ad_id = dealer.post_ad()
    other = Client(site)
    other.sign_in("other@example.com")
    assert rows(other, "/m-my-ads/active/1") == []
    assert other.get(f"/p-edit-ad.html?adId={ad_id}").status == 404
    assert other.submit(other.form(CHAIRS) | {"adId": ad_id}).status == 404
    stolen = other.submit(other.form(CHAIRS) | {"images": site.ads()[0]["photos"][0]["url"]})
    assert list(stolen.errors) == ["FileUploadInput"]


def test_an_edit_changes_the_ad_in_place(dealer: Client, site: PracticeSite) -> None:
    ad_id = dealer.post_ad(HEAVY_TRUCKS)
    before = site.ads()[0]
    form = dealer.get(f"/p-edit-ad.html?adId={ad_id}").page
    assert form.xpath("//button[@data-testid='checkout-post-btn']/text()") == ["Save Changes"]
    assert form.xpath("//input[@id='postad-id']/@value") == [str(ad_id)]
    assert form.xpath("//input[@id='caryear_i']/@value") == ["2015"]
    photos = [photo["url"] for photo in before["photos"]] + [dealer.upload(picture(colour="red")).json["normalUrl"]]
    dealer.post_ad(HEAVY_TRUCKS, adId=ad_id, images=",".join(photos[::-1]), **{"postAdForm.priceAmount": "999.99"})
    (after,) = site.ads()
    assert (after["id"], after["url"], after["created_at"]) == (ad_id, before["url"], before["created_at"])
    assert after["price"] == 999.99
    assert [photo["sha256"] for photo in after["photos"]][1] == before["photos"][0]["sha256"]


def test_the_live_page_shows_the_ad_with_its_photos_in_order(visitor: Client, dealer: Client) -> None:
    urls = [dealer.upload(picture(colour=colour)).json for colour in ("red", "green", "blue")]
    title = "A <script>alert(1)</script> chair"
    dealer.post_ad(images=",".join(url["normalUrl"] for url in urls), **{"postAdForm.title": title})
    page = visitor.get(visitor.site.ads()[0]["url"]).page
    assert page.xpath("string(//h1)") == title
    assert page.xpath("//ol[@data-testid='gallery']//img/@src") == [url["thumbnailUrl"] for url in urls]
    assert "$1,250.00" in page.text_content()


def test_the_next_form_is_prefilled_with_the_last_ad_s_location(dealer: Client) -> None:
    def prefilled() -> list[str]:
        return dealer.get(f"/p-post-ad.html?categoryId={CHAIRS}").page.xpath("//input[@name='locationId']/@value")

    assert prefilled() == ["1700273"]
    dealer.post_ad()
    assert prefilled() == ["1700185"]


def test_visitors_can_search_and_browse(visitor: Client, dealer: Client) -> None:
    dealer.post_ad(**{"postAdForm.title": "Élégant oak chair"})
    dealer.post_ad(HEAVY_TRUCKS, **{"postAdForm.title": "Bucket truck of oak"})

    def titles(path: str) -> list[str]:
        return visitor.get(path).page.xpath("//*[starts-with(@class, 'adTitle-')]/text()")

    assert titles("/") == ["Bucket truck of oak", "Élégant oak chair"]
    assert titles("/b-search.html?keywords=elegant+oak") == ["Élégant oak chair"]
    assert titles("/b-search.html?category=Cars+%26+Vehicles") == ["Bucket truck of oak"]


@pytest.mark.parametrize(
    "path",
    ["/", "/b-search.html", "/p-select-category.html", "/p-post-ad.html?categoryId=339", "/m-my-ads/active/1",
     "/m-my-ads/inactive", "/nothing-here", "/v-a/b/c/1", "SIGN-IN/login"],
)  # fmt: skip
def test_every_page_says_that_it_is_a_rehearsal(dealer: Client, site: PracticeSite, path: str) -> None:
    answer = dealer.get(path.replace("SIGN-IN", site.sign_in_url))
    assert "This is not Kijiji" in answer.page.xpath("string(//body/div[1])")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_new_build_renames_the_classes_and_leaves_open_pages_their_assets(site: PracticeSite, dealer: Client) -> None:
    path = f"/p-post-ad.html?categoryId={CHAIRS}"

    def build() -> tuple[str, list[str]]:
        page = dealer.get(path).page
        numbers = set(re.findall(r"-(\d{5,})", " ".join(page.xpath("//@class"))))
        assert numbers == {page.get("data-build")}, "one page has one build"
        return page.get("data-build"), page.xpath("//link[@rel='stylesheet']/@href | //script/@src")

    old, assets = build()
    site.fault("new_build", 1, "/p-post-ad.html")
    second, _ = build()
    site.new_build()
    third, _ = build()
    assert int(old) < int(second) < int(third)
    for address in assets:
        answer = dealer.get(address)
        assert answer.status == 200
        assert second not in answer.text
        assert dealer.get(address.replace(old, third)).status == 200
        assert dealer.get(address.replace(old, str(int(third) + 1))).status == 404
    assert dealer.submit(dealer.form(CHAIRS)).errors == {}


def test_class_names_carry_the_build_s_number(tmp_path: Path) -> None:
    with PracticeSite(tmp_path / "other", build=42) as site:
        client = Client(site)
        client.sign_in()
        page = client.get(f"/p-post-ad.html?categoryId={CHAIRS}").page
        assert len(page.xpath("//button[@class='addButton-42']")) == 1
        css = client.get(page.xpath("string(//link[@rel='stylesheet']/@href)")).text
        assert re.search(r"\.card-42\b", css)
        assert "BUILD" not in css.split("*/", 1)[1]
