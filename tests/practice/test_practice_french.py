"""The French pages: every word is there, a cookie keeps the language, and a whole ad is posted in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from person import Person, console_errors
from practice_client import CHAIRS, HEAVY_TRUCKS, Client, picture
from selenium.webdriver.common.by import By

import xlkijiji.practice
from xlkijiji.practice import PracticeSite, account_pages, reference, rules, sign_in_app
from xlkijiji.practice.search import SORTS
from xlkijiji.practice.words import SCRIPT_WORDS, french, say, say_money, speak

PACKAGE = Path(xlkijiji.practice.__file__).parent
IN_TEMPLATES = re.compile(r"""_\((?:'([^']+)'|"([^"]+)")""")
IN_CODE = re.compile(r'\bsay\(\s*"([^"]+)"')
ENGLISH_TOOLS = {"rehearsal.html", "captcha.html"}
"""Pages that no poster meets."""


SAME_IN_BOTH = {"Ontario", "Québec", "A1A 1A1", "captcha –", "/p-captcha.html"}


def asked_for() -> set[str]:
    """Every English text that is looked up in the table."""
    found = {*rules.PRICE_TYPES.values(), *rules.AD_TYPES.values(), *SORTS.values(), *account_pages.DELETE_REASONS}
    found |= {extra.label for extra in (*rules.FEATURES, *rules.PACKAGES)} | {rules.BLOCKED, sign_in_app.WRONG_PASSWORD}
    for file in PACKAGE.rglob("*.html"):
        found |= {one or other for one, other in IN_TEMPLATES.findall(file.read_text(encoding="utf-8"))}
    for pattern in ("*.py", "*.js"):
        for file in PACKAGE.rglob(pattern):
            found |= set(IN_CODE.findall(file.read_text(encoding="utf-8")))
    return found


def test_every_text_has_its_french() -> None:
    assert asked_for() - french().keys() == set()


def test_every_field_has_a_french_label() -> None:
    labels = {attribute.label for attribute in reference.attributes().values()}
    assert labels - french().keys() == set()


def test_an_account_may_be_kept_in_french(tmp_path: Path) -> None:
    with PracticeSite(tmp_path / "french", upload_seconds=0, locale="fr_CA") as site:
        client = Client(site)
        assert client.get("/?siteLocale=en_CA").page.get("lang") == "fr-CA"
        assert "Mot de passe" in client.get("/t-login.html").text
    with pytest.raises(ValueError, match="de_DE"):
        PracticeSite(tmp_path / "german", locale="de_DE")


def test_placeholders_are_the_same_in_both_languages() -> None:
    for english, words in french().items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", words)), english


def test_what_the_scripts_say_is_sent_to_them() -> None:
    said = {
        text for file in (PACKAGE / "static").glob("*.js") for text in IN_CODE.findall(file.read_text(encoding="utf-8"))
    }
    assert said == set(SCRIPT_WORDS)


@pytest.mark.parametrize("file", sorted((PACKAGE / "templates").glob("*.html")), ids=lambda file: file.name)
def test_no_page_has_words_outside_of_the_table(file: Path) -> None:
    text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<script.*?</script>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    words = {word.strip() for word in re.findall(r">([^<>]+)<", text) if re.search(r"[A-Za-z]{3}", word)}
    words |= set(re.findall(r'(?:aria-label|placeholder|title)="([A-Z][^"]+)"', text))
    assert file.name in ENGLISH_TOOLS or words <= SAME_IN_BOTH, words


def test_amounts_are_written_as_in_each_language() -> None:
    try:
        speak("fr_CA")
        assert say_money(125000) == "1\u00a0250,00\u00a0$"
        assert say("{n} ads", n=3) == "3 annonces"
        speak("de_DE")
        assert say_money(125000) == "$1,250.00"
    finally:
        speak("en_CA")


def test_a_cookie_keeps_the_language_on_both_origins(site: PracticeSite, visitor: Client) -> None:
    page = visitor.get("/?siteLocale=fr_CA")
    assert page.page.get("lang") == "fr-CA"
    assert "Ce n'est pas Kijiji" in page.page.text_content()
    sign_in = visitor.get("/t-login.html")
    assert sign_in.url.startswith(site.sign_in_url)
    assert "Mot de passe" in sign_in.text
    assert "incorrect. Veuillez" in visitor.sign_in(password="wrong").text
    assert "Mes annonces" in visitor.sign_in().text
    assert visitor.get("/nope").page.get("lang") == "fr-CA"
    assert visitor.get("/?siteLocale=en_CA").page.get("lang") == "en-CA"
    assert "My Ads" in visitor.get("/").text
    assert visitor.get("/?siteLocale=xx").page.get("lang") == "en-CA"
    assert Client(site).get("/").page.get("lang") == "en-CA"


def test_field_errors_and_prices_are_french_and_ids_stay(site: PracticeSite, dealer: Client) -> None:
    dealer.get("/?siteLocale=fr_CA")
    form = dealer.form(HEAVY_TRUCKS)
    wrong = {
        "postAdForm.title": "x",
        "postAdForm.description": "y" * 10_001,
        "postAdForm.priceAmount": "x",
        "postAdForm.attributeMap[caryear_i]": "",
    }
    errors = dealer.submit(form | wrong).errors
    assert errors["postad-title"] == "Veuillez entrer un titre d'au moins 8 caractères."
    assert "10\u00a0000 caractères; celle-ci en a 10\u00a0001" in errors["pstad-descrptn"]
    assert errors["caryear_i"] == "Veuillez entrer : Année."
    assert "1250,00" in errors["PriceAmount"]
    live = dealer.submit(form | {"postAdForm.priceAmount": "1250,50"})
    (ad,) = site.ads()
    assert ad["price"] == 1250.5
    assert live.page.xpath("//dl/dd[contains(., '2015')]/text()") == ["2015"]
    assert "120\u00a0000" in live.text
    edit = f"/p-edit-ad.html?adId={ad['id']}"
    assert dealer.get(edit).page.xpath("string(//input[@id='PriceAmount']/@value)") == "1250,50"
    assert "1\u00a0250,50\u00a0$" in live.text
    assert "Entreprise" in live.text
    assert "1\u00a0250,50\u00a0$" in dealer.get("/m-my-ads/active/1").text
    dealer.get("/?siteLocale=en_CA")
    assert "120,000" in dealer.get(ad["url"]).text
    assert dealer.get(edit).page.xpath("string(//input[@id='PriceAmount']/@value)") == "1250.50"
    assert dealer.submit(form | {"postAdForm.priceAmount": "1250,50"}).errors


def test_stops_are_told_in_french(site: PracticeSite, dealer: Client) -> None:
    dealer.get("/?siteLocale=fr_CA")
    path = f"/p-post-ad.html?categoryId={CHAIRS}"
    for name, value, words in (
        ("limit", 0, "atteint votre limite"),
        ("blocked", "form", "problème lors de la publication de votre annonce"),
        ("fee", "25.00", "+ Ajouter au panier"),
        ("captcha_at_post", "before", "Ce captcha"),
    ):
        site.fault(name, 1, value)
        assert words in dealer.get(path).text
    assert "25,00\u00a0$" in dealer.get(path).text


def test_a_person_posts_and_deletes_an_ad_in_french(person: Person, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture())
    person.driver.get(person.site.url)
    person.find("footer a[hreflang=fr-CA]").click()
    person.find("a[data-testid=header-link-post-ad]").click()
    person.find("#AdTitleForm").send_keys("Une belle chaise")
    assert person.find("button[aria-controls=CategorySuggestion]").text == "Suivant"
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photo)
    assert person.find("[aria-label='Retirer la photo']")
    person.find("label[for=TopAdInPromoteMyAds]").click()
    assert person.find("#TotalPrice").text.replace("\u00a0", " ") == "12,99 $"
    person.find("label[for=TopAdInPromoteMyAds]").click()
    assert person.find("#TotalPrice").text.replace("\u00a0", " ") == "0,00 $"
    assert person.find("button[data-testid=checkout-post-btn]").text == "Publier votre annonce"
    assert person.submit() == {}
    (ad,) = person.site.ads()
    assert (ad["price"], ad["attributes"]["forsaleby_s"]) == (12.5, "delr")
    person.driver.get(person.site.url + "/m-my-ads/active/1")
    person.find("[data-testid=adDeleteButton]").click()
    reasons = person.driver.find_elements(By.CSS_SELECTOR, "[data-testid=pill-option]")
    assert reasons[-1].text == "Je préfère ne pas le dire"
    reasons[-1].click()
    person.driver.find_element(By.XPATH, "//button[text()='Supprimer mon annonce']").click()
    person.until(lambda: person.site.ads()[0]["state"] == "deleted")
    assert person.site.ads()[0]["delete_reason"] == "Prefer not to say"
    assert console_errors(person.driver) == []
