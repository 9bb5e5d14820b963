"""The site as it was from 2018 to 2022 (era 2), and what both eras share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from person import Person
from practice_client import ACCOUNT, CHAIRS, PASSWORD, Client, picture
from selenium import webdriver

from xlkijiji.practice import PracticeSite


@pytest.fixture
def old_site(tmp_path: Path) -> Iterator[PracticeSite]:
    with PracticeSite(tmp_path / "old", upload_seconds=0, era=2) as running:
        yield running


@pytest.fixture
def owner(old_site: PracticeSite) -> Client:
    """A client that is signed in with the older form."""
    client = Client(old_site)
    page = client.get("/t-login.html").page
    service = page.xpath("string(//input[@name='service']/@value)")
    assert page.xpath("//input[@id='emailOrNickname']")
    assert page.xpath("//button[starts-with(@class, 'signInButton-')]")
    assert not page.xpath("//*[@id='username' or @id='login-submit']")
    fields = {"service": service, "emailOrNickname": ACCOUNT, "password": PASSWORD}
    assert client.post(old_site.sign_in_url + "/login", fields).url == old_site.url + "/"
    return client


def form(client: Client, code: str) -> dict[str, str]:
    filled = client.form(CHAIRS) | {"postAdForm.postalCode": code}
    return {name: value for name, value in filled.items() if name not in ("location", "locationId")}


def test_an_era_must_be_one_there_was(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="era 1"):
        PracticeSite(tmp_path, era=1)


def test_an_ad_is_placed_by_its_postal_code(old_site: PracticeSite, owner: Client) -> None:
    page = owner.get(f"/p-post-ad.html?categoryId={CHAIRS}").page
    assert page.xpath("//input[@id='PostalCode' and @name='postAdForm.postalCode']")
    assert not page.xpath("//*[@id='location']")
    for wrong in ("", "K1A", "k1a 0b1", "K1A0B1", "D1A 0B1"):
        assert list(owner.submit(form(owner, wrong)).errors) == ["PostalCode"]
    answer = owner.submit(form(owner, "K1A 0B1"))
    (ad,) = old_site.ads()
    assert answer.url == ad["url"] + "?posted=true&adActivated=true"
    assert "You have successfully posted your ad!" in answer.text
    assert "successfully" not in owner.get(ad["url"]).text
    assert ad["location"] == "K1A 0B1, Ottawa, ON"
    assert owner.get("/m-my-ads/active/1").page.xpath("//*[@data-qa-id]/@data-qa-id") == [f"ad-id-{ad['id']}"]
    edit = owner.get(f"/p-edit-ad.html?adId={ad['id']}").page
    assert edit.xpath("string(//*[@id='PostalCode']/@value)") == "K1A 0B1"


def test_the_scripts_of_the_older_form_work(browser: webdriver.Chrome, old_site: PracticeSite, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture())
    browser.delete_all_cookies()
    person = Person(browser, old_site).sign_in("#emailOrNickname", "button[class^=signInButton]")
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photo)
    person.find("#PostalCode").send_keys("K1A 0B1")
    assert person.submit() == {}
    assert old_site.ads()[0]["price"] == 12.5


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/static/1/site.css", 404), ("/login?service=x", 200)])
def test_the_sign_in_host_always_says_that_it_is_a_rehearsal(
    site: PracticeSite, visitor: Client, path: str, status: int
) -> None:
    answer = visitor.get(site.sign_in_url + path)
    assert answer.status == status
    assert "This is not Kijiji" in answer.text
    assert "Post ad" not in answer.text


def test_a_wrong_method_on_the_sign_in_host_is_a_page_too(site: PracticeSite, visitor: Client) -> None:
    answer = visitor.post(site.sign_in_url + "/", {})
    assert answer.status == 405
    assert "This is not Kijiji" in answer.text
