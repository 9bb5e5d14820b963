"""The bot on the practice site: two origins, packages, today's sign-in; judged by the site's own table."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from other_site import PICTURES
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.kijiji_bot import KijijiBot
from xlkijiji.posting import run_batch
from xlkijiji.practice import DEFAULT_ACCOUNTS, PracticeSite

ROW = {
    "sku": "BT7",
    "title": "Bucket truck 2016, très élevé 🚛",
    "description": "Reach {reach}.\r\nÉquipement complet 🚛, stock {sku}.",
    "reach": "55 ft",
    "price": 24500.0,
    "category": "Cars & Vehicles > Heavy Equipment > Heavy Trucks",
    "photos": ";".join(PICTURES),
    "tags": "bucket; hydro; 55 ft",
    "for_sale_by": "Dealer",
    "year": 2016.0,
    "kilometers": 120000.0,
    "colour": "WHITE",
    "location": "M5V 3L9",
    "phone": "416-555-0123",
}

CAR = {
    "sku": "C9",
    "title": "Honda Civic 2016, winter tires",
    "description": "One owner, no rust.",
    "price": 9500,
    "category": "Cars & Vehicles > Cars & Trucks",
    "photos": PICTURES[0],
    "make": "Honda",
    "model": "civic",
    "trim": "EX",
    "body_type": "Sedan",
    "condition": "Used - Good",
    "YouTube": "youtu.be/dQw4w9WgXcQ",
    "VIN": "2hgfc 2f59-gh512345",
    "CARFAX link": "https://www.carfax.ca/report/7",
    "year": 2016,
    "kilometers": "98,000 km",
    "for_sale_by": "Owner",
    "location": "M5V 3L9",
}


@pytest.fixture
def bot(practice: PracticeSite, driver: WebDriver, pictures: Path) -> KijijiBot:
    """A bot of the practice site's dealer."""
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    return KijijiBot(
        user, password, base_url=practice.url, images_dir=pictures, driver=driver, page_timeout=10, confirm_timeout=10
    )


def test_an_ad_is_posted_whole_revised_and_deleted(practice: PracticeSite, bot: KijijiBot, pictures: Path) -> None:
    before = len(practice.ads())
    result = bot.post_ad(ROW)
    assert result["success"], result
    (ad,) = practice.ads()[before:]
    assert (str(ad["id"]), ad["url"]) == (result["ad_id"], result["ad_url"])
    assert ad["title"] == ROW["title"]
    assert ad["description"].splitlines() == ["Reach 55 ft.", "Équipement complet 🚛, stock BT7."]
    assert (ad["price"], ad["price_type"], ad["category_id"]) == (24500, "FIXED", 339)
    assert ad["attributes"] == {
        "caryear_i": "2016",
        "carmileageinkms_i": "120000",
        "carcolor_s": "white",
        "forsaleby_s": "delr",
        "stock_s": "BT7",
    }
    assert ad["tags"] == ["bucket", "hydro", "55 ft"]
    assert "M5V 3L9" in ad["location"]
    assert [photo["sha256"] for photo in ad["photos"]] == [
        hashlib.sha256((pictures / name).read_bytes()).hexdigest() for name in PICTURES
    ]
    assert ad["total_paid"] == 0

    assert bot.revise_ad({**ROW, "price": 19999.5}, result["ad_id"])["success"]
    assert practice.ads()[-1]["price"] == 19999.5
    assert len(practice.ads()[-1]["photos"]) == len(PICTURES)

    deleted = bot.delete_ad(result["ad_id"])
    assert deleted["success"], deleted
    assert practice.ads()[-1]["state"] == "deleted"


def test_a_revised_ad_has_the_tags_of_its_row_and_no_others(practice: PracticeSite, bot: KijijiBot) -> None:
    posted = bot.post_ad({**ROW, "title": "Bucket truck with tags", "tags": "one; two; three; four; five"})
    assert posted["success"], posted
    for tags in ("six; two; seven", "", "last"):
        revised = bot.revise_ad({**ROW, "title": "Bucket truck with tags", "tags": tags}, posted["ad_id"])
        assert (revised["success"], revised["notes"]) == (True, []), revised
        assert sorted(practice.ads()[-1]["tags"]) == sorted(tag.strip() for tag in tags.split(";") if tag.strip())


def test_the_list_under_which_an_ad_was_confirmed_serves_the_next_ad_once(
    practice: PracticeSite, driver: WebDriver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    steps: list[str] = []
    bot = KijijiBot(user, password, base_url=practice.url, images_dir=pictures, driver=driver, on_step=steps.append)
    seen: list[set[str]] = []

    def post(number: int) -> None:
        row = {**ROW, "title": f"Bucket truck in a row, number {number}"}
        assert bot.post_ad(row, before_submit=lambda ids_before: seen.append(set(ids_before)))["success"]

    def live() -> set[str]:
        return {str(ad["id"]) for ad in practice.ads() if ad["state"] == "active"}

    post(1)
    before_second = live()
    looks = steps.count("Looking at My Ads…")
    post(2)
    assert steps.count("Looking at My Ads…") == looks
    assert seen[1] == before_second, "all that is live, the ad before it too"

    monkeypatch.setattr("xlkijiji.kijiji.ads.REMEMBERED_SECONDS", 0.0)
    post(3)
    assert steps.count("Looking at My Ads…") == looks + 1, "what is too old is not believed"
    monkeypatch.undo()
    bot.live_ads()
    before_fourth = live()
    post(4)
    assert steps.count("Looking at My Ads…") == looks + 2, "nor is it after anything else"
    assert seen[3] == before_fourth


def test_photos_are_counted_as_they_arrive(practice: PracticeSite, driver: WebDriver, pictures: Path) -> None:
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    steps: list[str] = []
    bot = KijijiBot(user, password, base_url=practice.url, images_dir=pictures, driver=driver, on_step=steps.append)
    practice.fault("upload_slow", 1, "6")  # long after the rest of the form is filled in
    row = {**ROW, "title": "Bucket truck with three photos", "photos": ";".join(PICTURES)}
    assert bot.post_ad(row)["success"]
    told = [step for step in steps if step.startswith("Uploading")]
    assert told[0] == "Uploading photos 0/3…"
    assert told[-1] == "Uploading photos 2/3…"
    assert told == sorted(set(told)), "each once, and ever more"
    assert steps.index(told[-1]) < steps.index("Posting…")


def test_a_category_without_a_form_is_named(practice: PracticeSite, bot: KijijiBot) -> None:
    before = len(practice.ads())
    result = bot.post_ad({**ROW, "category": "99999"})
    assert (result["success"], result["error_kind"]) == (False, "record")
    assert result["message"].startswith("Category: the site shows no form for its category 99999.")
    assert len(practice.ads()) == before


def test_a_form_that_the_site_got_twice_is_told(practice: PracticeSite, driver: WebDriver, pictures: Path) -> None:
    ((user, password),) = DEFAULT_ACCOUNTS.items()
    row = {**ROW, "title": "Bucket truck that came twice"}

    def once_more(text: str) -> None:
        if text.startswith("Looking for the new ad"):
            # as a browser does by itself when the connection breaks off before there is an answer
            with KijijiBot(user, password, base_url=practice.url, images_dir=pictures, headless=True) as other:
                assert other.post_ad(row)["success"]

    bot = KijijiBot(user, password, base_url=practice.url, images_dir=pictures, driver=driver, on_step=once_more)
    df = pd.DataFrame([row | {"posting_status": ""}])
    result = run_batch(df, "new", bot, pictures)
    first, second = practice.ads()[-2:]
    assert result["results"][0]["ad_id"] == str(first["id"])
    status = df["posting_status"][0]
    assert status.startswith("Posted 2")
    assert f"another new ad of this title ({second['id']}). Look there, and delete the one too many." in status


def test_a_car_is_posted_whole(practice: PracticeSite, bot: KijijiBot) -> None:
    assert bot.check(CAR) == []
    result = bot.post_ad(CAR)
    assert result["success"], result
    assert practice.ads()[-1]["video"] == "https://youtu.be/dQw4w9WgXcQ"
    assert practice.ads()[-1]["attributes"] == {
        "carmake_s": "honda",
        "carmodel_s": "civic",
        "cartrim_s": "EX",
        "carbodytype_s": "sedan",
        "vehicletype_s": "used",
        "vin_s": "2HGFC2F59GH512345",
        "carprooflink_s": "https://www.carfax.ca/report/7",
        "caryear_i": "2016",
        "carmileageinkms_i": "98000",
        "forsaleby_s": "ownr",
        "stock_s": "C9",
    }


@pytest.mark.parametrize(
    ("cells", "attributes", "told"),
    [
        ({"model": "S2000"}, {"carmake_s": "honda", "carmodel_s": "othrmdl"}, "Model: S2000"),
        (
            {"category": "Powerboats & Motorboats", "make": "Yamaha", "model": "AR210"},
            {"boatsmake_s": "other", "boatsmodel_s": "AR210"},
            "Make: Yamaha",
        ),
    ],
    ids=["a model that the make's list lacks", "a list of which the tables know nothing"],
)
def test_a_word_that_only_the_open_form_lacks_goes_under_other(
    practice: PracticeSite, bot: KijijiBot, cells: dict[str, str], attributes: dict[str, str], told: str
) -> None:
    # the model stands before its make, on which it depends
    row = {"model": "", **CAR, "title": f"{cells['model']}, one owner", **cells}
    result = bot.post_ad(row)
    assert result["success"], result
    (header, _, word) = told.partition(": ")
    assert f"Posted as 'Other', and told in the description: {header} ('{word}')." in result["message"]
    ad = practice.ads()[-1]
    assert attributes.items() <= ad["attributes"].items()
    assert told in ad["description"].splitlines()


def test_a_slip_in_a_model_is_told_with_the_choices_of_the_form(practice: PracticeSite, bot: KijijiBot) -> None:
    count = len(practice.submits())
    result = bot.post_ad({**CAR, "model": "Civvic"})
    assert (result["success"], result["error_kind"], len(practice.submits())) == (False, "record", count)
    assert "Choose one of: Accord, Civic, CR-V" in result["message"]


def test_two_ads_of_one_title_have_their_own_ids(practice: PracticeSite, bot: KijijiBot) -> None:
    known: list[list[str]] = []
    row = {**ROW, "photos": PICTURES[0], "title": "Spare jacks, one pair"}
    first = bot.post_ad(row, before_submit=lambda ids_before: known.append(ids_before))
    second = bot.post_ad(row, before_submit=lambda ids_before: known.append(ids_before))
    assert first["success"], first
    assert second["success"], second
    assert first["ad_id"] != second["ad_id"]
    assert first["ad_id"] not in known[0]
    assert first["ad_id"] in known[1]


def test_what_the_site_suggests_without_a_category(practice: PracticeSite, bot: KijijiBot) -> None:
    row = {**ROW, "category": "", "title": "Heavy truck with a bucket", "photos": PICTURES[0]}
    result = bot.post_ad(row)
    assert result["success"], result
    assert practice.ads()[-1]["category"].startswith("Cars & Vehicles")


def test_wrong_password(practice: PracticeSite, driver: WebDriver, bot: KijijiBot) -> None:
    assert bot.login()
    bot.logout()
    other = KijijiBot("dealer@example.com", "no", base_url=practice.url, driver=driver, page_timeout=10)
    assert not other.login()
