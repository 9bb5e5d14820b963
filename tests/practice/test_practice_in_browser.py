"""The scripts of the posting pages, in a real Chromium; what happened is read from the site's own table."""

from __future__ import annotations

from pathlib import Path

import pytest
from person import Person, console_errors, is_stale
from practice_client import CHAIRS, CLASSIC_CARS, HEAVY_TRUCKS, Client, picture, sha256s
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PLAIN_VALUE = "arguments[0].value = arguments[1];"
PLAIN_VALUE_THEN_EVENTS = (
    PLAIN_VALUE
    + """
for (const type of ["input", "change"]) arguments[0].dispatchEvent(new Event(type, { bubbles: true }));
"""
)
VALUE_AS_TYPED = """
const prototype = Object.getPrototypeOf(arguments[0]);
Object.getOwnPropertyDescriptor(prototype, "value").set.call(arguments[0], arguments[1]);
for (const type of ["input", "change"]) arguments[0].dispatchEvent(new Event(type, { bubbles: true }));
"""

NOTE_CLASSES = """
window.classesSeen = [];
new MutationObserver((changes) => {
  for (const change of changes) window.classesSeen.push(change.target.className);
}).observe(document.getElementById("MediaUploadedImages"), { subtree: true, attributeFilter: ["class"] });
"""
SUBMIT_AS_SOON_AS_A_PHOTO_IS_CHOSEN = """
const button = document.querySelector("[data-testid=checkout-post-btn]");
document.querySelector("input[type=file]").addEventListener("change", () => button.click());
"""


def test_the_models_follow_the_make(person: Person) -> None:
    person.open_form(CLASSIC_CARS)

    def models() -> list[str]:
        return [option.text for option in person.driver.find_elements(By.CSS_SELECTOR, "#carmodel_s option")]

    assert not person.find("#carmodel_s").is_enabled()
    assert models() == ["Select a make first"]
    person.find("#carmake_s option[value=mazda]").click()
    person.until(lambda: person.find("#carmodel_s").is_enabled())
    assert models()[0] == "Select"
    assert {"Mazda3", "MX-5", "Other"} <= set(models())
    person.find("#carmodel_s option[value=mx5]").click()
    person.find("#carmake_s option[value=lotus]").click()
    person.until(lambda: person.find("#carmodel_s").is_enabled())
    assert models() == ["Select", "Other"]
    errors = person.submit()
    assert "carmodel_s" in errors, "what was chosen of another make is gone"
    assert models() == ["Select", "Other"]
    assert person.find("#carmodel_s").is_enabled()
    assert console_errors(person.driver) == []


def test_a_person_posts_an_ad_from_the_title_to_the_live_page(person: Person, photos: list[Path]) -> None:
    person.find("a[data-testid=header-link-post-ad]").click()
    next_button = person.find("button[aria-controls=CategorySuggestion]")
    person.find("#AdTitleForm").send_keys("Seven77")
    assert not next_button.is_enabled()
    person.find("#AdTitleForm").send_keys(" Freightliner")
    next_button.click()
    person.until(lambda: person.find("#CategorySuggestion").is_displayed())
    suggestion = person.find("#CategorySuggestion span[class*=categoryName-]")
    assert suggestion.text == "Cars & Vehicles › Heavy Equipment › Heavy Trucks"
    for name in ("Cars & Vehicles", "Heavy Equipment", "Heavy Trucks"):
        found = person.driver.find_elements(By.CSS_SELECTOR, "#CategorySuggestion span[class*=categoryName-]")
        next(button for button in found if button.text == name).click()
    person.until(lambda: "categoryId=339" in person.driver.current_url)
    assert person.find("#postad-title").get_attribute("value") == "Seven77 Freightliner"

    person.fill()
    person.find("#caryear_i").send_keys("2015")
    person.find("#carmileageinkms_i").send_keys("120000")
    person.find("#carcolor_s option[value=black]").click()
    person.add_photos(*photos)
    person.find("button[data-testid=package-0-bottom-select]").click()
    person.find("label[for=PostAdConfirmationOfTerms]").click()
    assert person.find("#TotalPrice").text == "$0.00"
    assert person.submit() == {}
    (ad,) = person.site.ads()
    assert person.driver.current_url == ad["url"]
    assert ad["attributes"] == {
        "caryear_i": "2015",
        "carmileageinkms_i": "120000",
        "forsaleby_s": "delr",
        "carcolor_s": "black",
    }
    assert [photo["sha256"] for photo in ad["photos"]] == sha256s([file.read_bytes() for file in photos])


@pytest.mark.parametrize("script", [PLAIN_VALUE, PLAIN_VALUE_THEN_EVENTS])
def test_a_value_that_react_would_not_see_was_never_typed(person: Person, photos: list[Path], script: str) -> None:
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photos[0])
    person.driver.execute_script(script, person.find("#postad-title"), "Another title altogether")
    person.driver.execute_script(script, person.find("#pstad-descrptn"), "Another text altogether")
    assert person.submit() == {}
    (ad,) = person.site.ads()
    assert (ad["title"], ad["description"]) == ("A thing for sale", "It is in good shape.")


def test_a_value_set_as_react_sees_it_counts(person: Person, photos: list[Path]) -> None:
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photos[0])
    person.driver.execute_script(VALUE_AS_TYPED, person.find("#pstad-descrptn"), "Line one\nline two 🚚")
    assert person.submit() == {}
    assert person.site.ads()[0]["description"] == "Line one\nline two 🚚"


def test_a_box_ticked_without_a_click_is_not_ticked(person: Person, photos: list[Path]) -> None:
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photos[0])
    person.driver.execute_script("arguments[0].checked = true", person.find("#priceType3"))
    person.driver.execute_script("arguments[0].checked = true", person.find("#fulfillment_s-delivery"))
    person.find("label[for=fulfillment_s-shipping]").click()
    assert person.submit() == {}
    (ad,) = person.site.ads()
    assert ad["price_type"] == "FIXED"
    assert ad["attributes"]["fulfillment_s"] == ["shipping"]


def test_the_amount_belongs_to_a_fixed_price(person: Person, photos: list[Path]) -> None:
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photos[0])
    amount = person.find("#PriceAmount")
    person.find("#priceType3").click()
    assert not amount.is_enabled()
    person.find("label[for=priceType1]").click()
    assert amount.is_enabled()
    person.find("label[for=priceType2]").click()
    assert person.submit() == {}
    (ad,) = person.site.ads()
    assert (ad["price"], ad["price_type"]) == (None, "GIVE_AWAY")


def test_a_location_counts_only_when_its_suggestion_is_clicked(person: Person, photos: list[Path]) -> None:
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photos[0])
    assert not person.find("#location").is_displayed()
    person.find("[aria-label='Change my location']").click()
    person.find("#location").send_keys("K1A 0A6", Keys.ENTER, Keys.TAB)
    assert list(person.submit()) == ["location"]
    person.find("#location").send_keys(Keys.END, " ")
    person.until(lambda: person.count("div[id^=LocationSelector] [role=option]#LocationSelector-item-0"))
    person.find("#LocationSelector-item-0").click()
    assert person.count(".field-message.error") == 0
    assert person.submit() == {}
    assert person.site.ads()[0]["location"] == "K1A 0A6, Ottawa, ON"


def test_tags_are_added_by_enter_comma_and_button_and_five_at_most(person: Person, photos: list[Path]) -> None:
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photos[0])
    tags = person.find("#pstad-tagsInput")
    tags.send_keys("one", Keys.ENTER, "two,three")
    person.find("button[class*=addButton-]").click()
    tags.send_keys("four", Keys.ENTER, "five", Keys.ENTER)
    assert not tags.is_enabled()
    person.find("[aria-label='Remove two']").click()
    tags.send_keys("only typed")
    assert person.submit() == {}
    assert person.site.ads()[0]["tags"] == ["one", "three", "four", "five"]


def test_photos_arrive_by_themselves_and_can_be_removed(person: Person, tmp_path: Path, photos: list[Path]) -> None:
    webp = tmp_path / "photo.webp"
    webp.write_bytes(picture(kind="WEBP"))
    person.open_form(CHAIRS)
    person.fill()
    assert person.count("ol#MediaUploadedImages li.pic-placeholder") == 10
    person.driver.execute_script(NOTE_CLASSES)
    person.add_photos(*photos)
    assert person.driver.execute_script("return window.classesSeen") == ["uploading thumbnail"] * 3 + ["thumbnail"] * 3
    assert person.count("li.pic-placeholder") == 7
    person.find("input[type=file]").send_keys(str(webp))
    person.until(lambda: person.count(".field-message.error[data-for=FileUploadInput]") == 1)
    assert "photo.webp" in person.find(".field-message.error[data-for=FileUploadInput]").text
    assert person.count("li.thumbnail") == 3
    person.driver.find_elements(By.CSS_SELECTOR, "[aria-label='Remove photo']")[1].click()
    assert person.submit() == {}
    kept = [photos[0].read_bytes(), photos[2].read_bytes()]
    assert [photo["sha256"] for photo in person.site.ads()[0]["photos"]] == sha256s(kept)


def test_a_photo_still_on_its_way_is_not_part_of_the_ad(person: Person, photos: list[Path]) -> None:
    person.open_form(CHAIRS)
    person.fill()
    person.add_photos(photos[0])
    form = person.find("#PostAdMainForm")
    person.driver.execute_script(SUBMIT_AS_SOON_AS_A_PHOTO_IS_CHOSEN)
    person.find("input[type=file]").send_keys(str(photos[1]))
    person.until(lambda: is_stale(form))
    assert [photo["name"] for photo in person.site.ads()[0]["photos"]] == ["photo 1.jpg"]


def test_the_total_follows_what_is_chosen(person: Person) -> None:
    person.open_form(HEAVY_TRUCKS)
    person.find("button[data-testid=package-1-bottom-select]").click()
    person.find("label[for=TopAdInPromoteMyAds]").click()
    assert person.find("#TotalPrice").text == "$32.94"
    person.find("button[data-testid=package-0-bottom-select]").click()
    person.find("label[for=TopAdInPromoteMyAds]").click()
    assert person.find("#TotalPrice").text == "$0.00"


def test_a_refused_form_still_holds_what_was_typed(person: Person, photos: list[Path]) -> None:
    person.open_form(HEAVY_TRUCKS)
    person.fill()
    person.add_photos(photos[0])
    errors = person.submit()
    assert set(errors) == {"caryear_i", "carmileageinkms_i", "package", "PostAdConfirmationOfTerms"}
    person.find("#caryear_i").send_keys("2015")
    assert person.count(".field-message.error[data-for=caryear_i]") == 0
    person.find("#carmileageinkms_i").send_keys("1")
    person.find("button[data-testid=package-0-bottom-select]").click()
    person.find("#PostAdConfirmationOfTerms").click()
    assert person.submit() == {}
    (ad,) = person.site.ads()
    assert (ad["price"], ad["description"], len(ad["photos"])) == (12.5, "It is in good shape.", 1)


def test_an_ad_is_edited_and_deleted_from_my_ads(person: Person, dealer: Client) -> None:
    ad_id = dealer.post_ad()
    person.driver.get(f"{person.site.url}/p-edit-ad.html?adId={ad_id}")
    person.find("#PriceAmount").clear()
    person.find("#PriceAmount").send_keys("7")
    assert person.find("button[data-testid=checkout-post-btn]").text == "Save Changes"
    assert person.submit() == {}
    assert [(ad["id"], ad["price"]) for ad in person.site.ads()] == [(ad_id, 7)]

    person.driver.get(person.site.url + "/m-my-ads/active/1")
    person.find(f"[data-testid=listing-id-{ad_id}] [data-testid=adDeleteButton]").click()
    button = person.driver.find_element(By.XPATH, "//button[text()='Delete My Ad']")
    assert not button.is_enabled()
    reasons = person.driver.find_elements(By.CSS_SELECTOR, "[data-testid=pill-option]")
    assert reasons[-1].text == "Prefer not to say"
    reasons[-1].click()
    button.click()
    person.until(lambda: person.site.ads()[0]["state"] == "deleted")
    person.until(lambda: "deleted" in person.find("dialog").text)
    person.find("[data-testid=ModalCloseButton]").click()
    person.until(lambda: person.count(f"[data-testid=listing-id-{ad_id}]") == 0)
    assert console_errors(person.driver) == []


@pytest.mark.parametrize("locale", ["en_CA", "fr_CA"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_its_window(person: Person, locale: str, width: int) -> None:
    dealer = Client(person.site)
    dealer.sign_in()
    long = "Averyveryverylongwordwithoutanyblanksinitwhichgoesonandonforever"
    changes = {"postAdForm.title": long, "postAdForm.attributeMap[cartrim_s]": long * 5}
    live = f"/v-a/b/c/{dealer.post_ad(CLASSIC_CARS, **changes)}"
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    person.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for path in (
            f"/?siteLocale={locale}",
            "/b-search.html?keywords=very",
            "/b-search.html?category=Cars+%26+Vehicles",
            "/p-select-category.html",
            f"/p-post-ad.html?categoryId={CLASSIC_CARS}",
            "/m-my-ads/active/1",
            live,
            "/practice/",
            "/nope",
            person.site.sign_in_url + "/login",
        ):
            person.driver.get(path if path.startswith("http") else person.site.url + path)
            found = person.driver.execute_script("return document.documentElement.scrollWidth")
            assert found <= width, path
    finally:
        person.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
