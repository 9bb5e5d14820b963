"""Selectors as data: a renamed id is survived, and a person's own file replaces single fields, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from on_each_page import on_each_page
from other_site import PICTURES
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji import doctor
from xlkijiji.errors import SettingsError
from xlkijiji.kijiji.selectors import load_selectors, own_selectors_file
from xlkijiji.kijiji.site import Site
from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

ROW = {
    "sku": "BT7",
    "title": "Bucket truck of 2016",
    "description": "With an aerial lift of 55 feet.",
    "price": 24500,
    "category": "339",
    "photos": PICTURES[0],
    "tags": "bucket; hydro",
    "year": 2016,
    "kilometers": 120000,
    "location": "M5V 3L9",
    "phone": "416-555-0123",
}
ID = re.compile(r"#([\w-]+)")
BY_ID = {
    (page, field): candidates
    for page, fields in load_selectors().pages.items()
    for field, candidates in fields.items()
    if ID.search(candidates[0].css)
}
RENAME = """
const ids = %s;
const rename = () => {
  for (const id of ids) {
    const element = document.getElementById(id);
    if (element) element.id = `renamed-${id}`;
  }
};
// once the site's own scripts hold what they need
addEventListener("load", () => setTimeout(rename));
"""


def _bot(practice: PracticeSite, driver: WebDriver, pictures: Path, **more: object) -> KijijiBot:
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    timeouts = {"page_timeout": 6, "confirm_timeout": 10}
    return KijijiBot(user, password, base_url=practice.url, images_dir=pictures, driver=driver, **timeouts, **more)


@pytest.mark.parametrize(("page", "field"), BY_ID, ids=".".join)
def test_a_field_that_is_found_by_its_id_has_another_candidate_or_says_why_not(page: str, field: str) -> None:
    first, *others = BY_ID[page, field]
    gone = set(ID.findall(first.css))
    survivors = [
        one for one in others if any(not gone & set(ID.findall(part)) for part in re.split(r",(?![^(]*\))", one.css))
    ]
    assert survivors or first.only


def test_a_single_candidate_that_rests_on_no_id_needs_no_reason() -> None:
    assert len(BY_ID) > 12
    assert all(not one.only for both, many in BY_ID.items() for one in many if both != ("details_form", "total"))


@pytest.mark.parametrize(
    "ids",
    [
        ["username"],
        ["password"],
        ["login-submit"],
        ["AdTitleForm"],
        ["CategorySuggestion"],
        ["MainForm"],
        ["PostAdMainForm"],
        ["categoryId"],
        ["postad-title"],
        ["pstad-descrptn"],
        ["PriceAmount"],
        ["priceType1"],
        ["pstad-tagsInput"],
        ["MediaUploadedImages"],
        ["FileUploadInput"],
        ["location"],
        ["LocationSelector-menu"],
        ["PhoneNumber"],
        ["YoutubeVideoURL"],
        ["caryear_i"],
        ["forsaleby_s"],
    ],
    ids=lambda ids: ids[0],
)
def test_an_ad_is_posted_whole_when_one_id_was_renamed(
    practice: PracticeSite, driver: WebDriver, pictures: Path, ids: list[str]
) -> None:
    count = len(practice.ads())
    with on_each_page(driver, RENAME % ids):
        bot = _bot(practice, driver, pictures)
        if ids[0] in {"username", "password", "login-submit"}:
            bot.logout()
        row = {**ROW, "category": ""} if ids[0] in {"AdTitleForm", "CategorySuggestion"} else ROW
        result = bot.post_ad(row)
    assert result["success"], result
    (ad,) = practice.ads()[count:]
    assert (ad["title"], ad["price"]) == (ROW["title"], 24500)
    # the category that the site suggests has no field for the kilometres
    more = "" if row["category"] else "\n\nKilometers: 120000"
    assert ad["description"] == f"{ROW['description']}{more}"
    assert ad["tags"] == ["bucket", "hydro"]
    assert len(ad["photos"]) == 1
    assert "M5V 3L9" in ad["location"]


# --- a person's own file


def _own(css: str, field: str = "title", page: str = "details_form") -> str:
    return f'format = 1\n[{page}]\n{field} = [{{ css = "{css}", hidden = true, known = 2026-11-25, sure = "C" }}]\n'


def test_an_own_file_replaces_one_field_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(_own("#new-title"), encoding="utf-8")
    mine, shipped = load_selectors(path), load_selectors()
    assert [one["css"] for one in mine.candidates("details_form", "title")] == ["#new-title"]
    assert mine.candidates("details_form", "price") == shipped.candidates("details_form", "price")
    assert mine.candidates("sign_in", "username") == shipped.candidates("sign_in", "username")


def test_the_file_in_the_data_folder_is_used_without_being_named() -> None:
    own_selectors_file().write_text(_own("#new-title"), encoding="utf-8")
    assert load_selectors().candidates("details_form", "title")[0]["css"] == "#new-title"


def test_the_doctor_tells_of_an_own_file_and_of_a_broken_one() -> None:
    path = own_selectors_file()
    path.write_text(_own("#new-title"), encoding="utf-8")
    assert [one.text for one in doctor._selectors()] == [f"your own selectors {path} replace details_form.title"]
    path.write_text(_own("#x", field="titel"), encoding="utf-8")
    assert [one.good for one in doctor.examine() if "details_form.titel" in one.text] == [False]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (_own("#x", field="titel"), ["details_form.titel", "perhaps 'title'"]),
        (_own("#x", page="detail_form"), ["[detail_form]", "perhaps 'details_form'"]),
        (_own(" "), ["details_form.title", "css is empty"]),
        (_own("#x").replace('"C"', '"D"'), ["details_form.title", "A, B or C"]),
        ("[details_form", ["TOML"]),
    ],
    ids=["field", "page", "empty", "sure", "toml"],
)
def test_a_broken_own_file_is_refused_with_its_place(tmp_path: Path, text: str, parts: list[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_selectors(path)
    for part in [str(path), *parts]:
        assert part in str(caught.value)


def test_an_own_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_selectors(tmp_path / "none.toml")


def test_a_selector_that_only_the_browser_can_judge_is_refused_too(
    practice: PracticeSite, driver: WebDriver, pictures: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(_own("#title["), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mine\.toml.*details_form\.title"):
        _bot(practice, driver, pictures, selectors_file=path).login()


def test_the_bot_goes_by_the_own_file(
    practice: PracticeSite, driver: WebDriver, pictures: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(_own("#PhoneNumber", field="description"), encoding="utf-8")
    count = len(practice.ads())
    # the description goes where the file says, so that the site's own field stays empty
    result = _bot(practice, driver, pictures, selectors_file=path).post_ad({**ROW, "phone": ""})
    assert not result["success"]
    assert "description" in result["message"].casefold()
    assert len(practice.ads()) == count


@pytest.mark.parametrize(
    ("html", "page", "field"),
    [
        ("<form><label>Email me offers <input type=email></label></form>", "sign_in", "username"),
        ("<label><input type=checkbox> I agree to get offers by mail</label>", "details_form", "terms"),
        ("<form><label>Title of your review <input></label></form>", "details_form", "title"),
        ("<form><label>Call me back <input type=tel></label></form>", "details_form", "phone"),
        ("<p>Total <b class=total>$0.00</b></p>", "details_form", "total"),
    ],
    ids=["newsletter", "offers", "review", "call", "total"],
)
def test_a_guess_does_not_take_what_is_something_else(driver: WebDriver, html: str, page: str, field: str) -> None:
    driver.get("data:text/html," + html)
    site = Site(driver, "http://127.0.0.1", page_timeout=5, person_watches=False, on_step=lambda _text: None)
    assert site.find(page, field) is None
