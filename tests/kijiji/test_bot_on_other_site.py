"""The bot on a site that shares nothing with the practice site but the facts; judged by the site's own table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from other_site import PASSWORD, PICTURES, USER, OtherSite
from PIL import Image
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from xlkijiji.errors import AccountBlocked, BatchStopped, FeeDue, LimitReached, PersonNeeded, SiteError, UnknownOutcome
from xlkijiji.kijiji_bot import KijijiBot


@pytest.fixture
def site(other: OtherSite) -> OtherSite:
    """The stand-in with no ads and no faults."""
    other.reset()
    return other


@pytest.fixture
def bot(site: OtherSite, driver: WebDriver, pictures: Path) -> Iterator[KijijiBot]:
    """A bot of the site's seller, in a browser that may be signed in already."""
    with _bot(site, driver, pictures) as bot:
        yield bot


def _bot(site: OtherSite, driver: WebDriver, pictures: Path, **more: Any) -> KijijiBot:
    given: dict[str, Any] = {"page_timeout": 8, "confirm_timeout": 6, "default_location": "Toronto", **more}
    password = given.pop("password", PASSWORD)
    return KijijiBot(USER, password, base_url=site.url, images_dir=pictures, driver=driver, **given)


def _row(**more: Any) -> dict[str, Any]:
    return {
        "sku": "BT1",
        "title": "Échelle télescopique 🪜 12 pi",
        "description": "First line.\r\nSecond line, sku {sku}. 🚛",
        "price": "$1,299.95",
        "category": "Farming Equipment",
        "photos": "; ".join(PICTURES),
        "tags": "ladder, tools",
        "condition": "Used - Good",
        "for_sale_by": "Dealer",
        "location": "m5v3l9",
        "phone": "416-555-0123",
        **more,
    }


def test_every_field_and_photo_arrives_once(site: OtherSite, bot: KijijiBot, pictures: Path) -> None:
    old = site.put("Échelle télescopique 🪜 12 pi")
    calls: list[list[str]] = []
    assert bot.check(_row()) == []
    result = bot.post_ad(_row(), before_submit=lambda ids_before: calls.append(ids_before))
    assert result["success"], result
    (ad,) = [ad for ad in site.live() if ad is not old]
    assert result["ad_id"] == ad.id
    assert result["ad_url"] == f"{site.url}/v-gear/here/thing/{ad.id}"
    assert calls == [[old.id]]
    held = {name: values for name, values in ad.form.items() if any(values)}
    expected = {
        "postAdForm.title": ["Échelle télescopique 🪜 12 pi"],
        "postAdForm.description": ["First line.\r\nSecond line, sku BT1. 🚛"],
        "postAdForm.priceAmount": ["1299.95"],
        "postAdForm.priceType": ["FIXED"],
        "postAdForm.adType": ["OFFER"],
        "postAdForm.attributeMap[condition_s]": ["usedgood"],
        "postAdForm.attributeMap[forsaleby_s]": ["delr"],
        "postAdForm.tags": ["ladder", "tools"],
        "postAdForm.phoneNumber": ["416-555-0123"],
        "postAdForm.confirmedTerms": ["on"],
        "location": ["Toronto, ON M5V 3L9"],
    }
    assert {name: held.get(name) for name in expected} == expected
    assert "featuresForm.topAd" not in held
    assert ad.photos == [hashlib.sha256((pictures / name).read_bytes()).hexdigest() for name in PICTURES]
    assert site.submits == 1


@pytest.mark.parametrize("after", ["posted", "live", "nowhere", "thanks", "error", "silent", "limit"])
def test_an_ad_is_believed_wherever_the_click_leads(
    site: OtherSite, driver: WebDriver, pictures: Path, after: str
) -> None:
    site.faults.after = after
    site.faults.lag = 2 if after in {"posted", "silent"} else 1
    with _bot(site, driver, pictures, page_timeout=4) as bot:
        result = bot.post_ad(_row(photos="cover.jpg"))
    assert result["success"], result
    assert [ad.id for ad in site.live()] == [result["ad_id"]]
    assert site.submits == 1


def test_an_old_error_on_the_form_is_no_refusal(site: OtherSite, driver: WebDriver, pictures: Path) -> None:
    site.faults.old_error = "Please pick a year"
    site.faults.after = "silent"
    with _bot(site, driver, pictures) as bot:
        result = bot.post_ad(_row(photos="cover.jpg"))
    assert result["success"], result
    assert site.submits == 1


def test_an_ad_that_never_shows_is_unsure(site: OtherSite, driver: WebDriver, pictures: Path) -> None:
    site.put("Échelle télescopique 🪜 12 pi")  # an old ad of the same title proves nothing
    site.faults.swallow = True
    with _bot(site, driver, pictures, confirm_timeout=2) as bot:
        result = bot.post_ad(_row())
    assert (result["success"], result["error_kind"]) == (False, "unknown")
    assert result["message"].startswith("Unsure")
    assert site.submits == 1


def test_the_sites_refusal_names_field_and_words(site: OtherSite, bot: KijijiBot) -> None:
    site.faults.refuse = {"caryear_i": "Please pick a year"}
    result = bot.post_ad(_row())
    assert (result["success"], result["error_kind"]) == (False, "record")
    assert "Year: 'Please pick a year'" in result["message"]
    assert site.live() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"limit": True}, LimitReached),
        ({"blocked": True}, AccountBlocked),
        ({"dealer": True}, FeeDue),
        ({"total": "Total: $4.95"}, FeeDue),
        ({"captcha_on_form": True}, PersonNeeded),
        ({"package": "before", "package_text": "$9.99 a week"}, FeeDue),
        ({"package": "on", "package_text": "$10.00, free photos", "total": "$0.00"}, FeeDue),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value.__name__,
)
def test_what_ends_a_run(site: OtherSite, bot: KijijiBot, fault: dict[str, Any], error: type[Exception]) -> None:
    for name, value in fault.items():
        setattr(site.faults, name, value)
    with pytest.raises(error):
        bot.post_ad(_row())
    assert site.live() == []
    assert site.submits <= (1 if error is AccountBlocked else 0)


@pytest.mark.parametrize(
    "fault",
    [
        {"modal": True},
        {"drawn_anew": True},
        {"total": "0,00 $"},
        {"french": True},
        {"tag_key": "Enter"},
        {"tag_key": "button"},
        {"extra_checked": True, "total": "Total: $0.00"},
        {"without": ("terms", "condition")},
        {"sign_out_at_form": 1},
        {"package": "before"},
        {"package": "on", "total": "$0.00"},
        {"total": "Total (1) 0.00", "extras": True},
        {"total": "", "total_late": "$0.00", "extras": True},
        {"total": "", "total_style": "display: none"},
        {"package": "after"},
    ],
    ids=lambda value: "-".join(map(str, next(iter(value.items())))),
)
def test_what_the_bot_copes_with(site: OtherSite, bot: KijijiBot, fault: dict[str, Any]) -> None:
    for name, value in fault.items():
        setattr(site.faults, name, value)
    result = bot.post_ad(_row(photos="cover.jpg"))
    assert result["success"], result
    (ad,) = site.live()
    assert site.submits == 1
    assert (ad.title, ad.form["postAdForm.tags"]) == ("Échelle télescopique 🪜 12 pi", ["ladder", "tools"])
    assert "featuresForm.topAd" not in ad.form


def test_a_dialog_that_opens_right_before_the_click_is_closed_and_the_button_clicked_once(
    site: OtherSite, driver: WebDriver, bot: KijijiBot
) -> None:
    def open_dialog() -> None:
        driver.execute_script(
            """
            const veil = document.createElement("div");
            veil.style = "position: fixed; inset: 0; background: white; z-index: 9";
            veil.innerHTML = '<button data-qa-id="ModalCloseButton">x</button>';
            veil.querySelector("button").onclick = () => veil.remove();
            document.body.append(veil);
            """
        )

    result = bot.post_ad(_row(photos="cover.jpg"), before_submit=open_dialog)
    assert result["success"], result
    assert (len(site.live()), site.submits) == (1, 1)


@pytest.mark.parametrize(("part", "field"), [("title", "title"), ("price", "price"), ("files", "photo_input")])
def test_a_missing_field_is_named_with_its_page(
    site: OtherSite, driver: WebDriver, pictures: Path, part: str, field: str
) -> None:
    site.faults.without = (part,)
    with _bot(site, driver, pictures, page_timeout=2) as bot:
        result = bot.post_ad(_row())
    assert (result["success"], result["error_kind"]) == (False, "site")
    assert "'details_form'" in result["message"]
    assert f"'{field}'" in result["message"]
    assert site.submits == 0


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"upload_error": "Image is too small"}, "record"),
        ({"upload_status": 401}, "site"),
        ({"required_html": "<label>Size <input required></label>"}, "record"),
    ],
    ids=["photo refused", "photo lost", "required by the browser"],
)
def test_nothing_is_clicked_when_the_form_is_not_whole(
    site: OtherSite, bot: KijijiBot, fault: dict[str, Any], kind: str
) -> None:
    for name, value in fault.items():
        setattr(site.faults, name, value)
    result = bot.post_ad(_row())
    assert (result["success"], result["error_kind"]) == (False, kind)
    assert site.submits == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"extras": True},
        {"package": "on"},
        {"total": ""},
        {"total": "", "total_style": "display: none", "extras": True},
        {"required_html": "<div class='checkoutTotal-8'>To pay: $12.00</div>"},
    ],
    ids=["extras", "package", "empty", "hidden", "another total"],
)
def test_what_could_cost_needs_a_total(
    site: OtherSite, driver: WebDriver, pictures: Path, fault: dict[str, Any]
) -> None:
    for name, value in fault.items():
        setattr(site.faults, name, value)
    with _bot(site, driver, pictures, page_timeout=5) as bot:
        result = bot.post_ad(_row(photos="cover.jpg"))
    assert (result["success"], result["error_kind"], site.submits) == (False, "site", 0)
    assert "'details_form' has no field 'total'" in result["message"]


def test_choices_that_come_later_and_price_types(site: OtherSite, bot: KijijiBot) -> None:
    result = bot.post_ad(
        _row(price_type="Swap / Trade", price=None, make="HONDA", model="civic", kilometers="120,000 km")
    )
    assert result["success"], result
    form = site.live()[0].form
    assert form["postAdForm.attributeMap[carmake_s]"] == ["honda"]
    assert form["postAdForm.attributeMap[carmodel_s]"] == ["civic"]
    assert form["postAdForm.attributeMap[carmileageinkms_i]"] == ["120000"]
    assert form["postAdForm.priceType"] == ["SWAP_TRADE"]
    assert "postAdForm.priceAmount" not in form


def test_tags_that_are_words_of_the_form_are_added_too(site: OtherSite, bot: KijijiBot) -> None:
    result = bot.post_ad(_row(tags="Owner, free, location", photos="cover.jpg"))
    assert result["success"], result
    assert site.live()[0].form["postAdForm.tags"] == ["Owner", "free", "location"]


def test_a_tag_that_is_not_taken_is_not_found_among_the_labels(site: OtherSite, bot: KijijiBot) -> None:
    site.faults.tag_key = "no key"
    result = bot.post_ad(_row(tags="Owner", photos="cover.jpg"))
    assert (result["success"], result["error_kind"], site.submits) == (False, "site", 0)
    assert "Tags" in result["message"]


@pytest.mark.parametrize("cell", ["M5V 3L9", "London"])
def test_places_used_lately_are_not_taken_for_the_answer(site: OtherSite, bot: KijijiBot, cell: str) -> None:
    site.faults.stale_places = ("Montréal, QC H2X 1Y4",)
    result = bot.post_ad(_row(location=cell, photos="cover.jpg"))
    assert result["success"], result
    assert cell in site.live()[0].form["location"][0]


def test_a_postal_code_that_the_site_does_not_know_is_told(site: OtherSite, bot: KijijiBot) -> None:
    site.faults.stale_places = ("Montréal, QC H2X 1Y4", "London, ON N6A 1A1")
    result = bot.post_ad(_row(location="V6B 1A1", photos="cover.jpg"))
    assert (result["success"], result["error_kind"], site.submits) == (False, "record", 0)
    assert "Location: 'V6B 1A1'" in result["message"]
    assert "Montréal" in result["message"]


@pytest.mark.parametrize(("shows", "posted"), [("same", True), ("other", False)])
def test_a_place_is_read_back_where_the_field_has_closed(
    site: OtherSite, bot: KijijiBot, shows: str, posted: bool
) -> None:
    site.faults.place_closes = shows
    result = bot.post_ad(_row(photos="cover.jpg"))
    assert (result["success"], site.submits) == (posted, int(posted)), result
    assert posted or "Location" in result["message"]


@pytest.mark.parametrize("keeps", [True, False])
def test_an_older_postal_code_is_read_back(site: OtherSite, bot: KijijiBot, keeps: bool) -> None:
    forgets = "" if keeps else """ onchange="this.value = ''" """
    site.faults.without = ("place",)
    site.faults.postal_code = f'<input id="PostalCode" name="postAdForm.postalCode"{forgets}>'
    result = bot.post_ad(_row(photos="cover.jpg"))
    assert (result["success"], site.submits) == (keeps, int(keeps)), result
    assert keeps or "Location" in result["message"]


def test_a_value_that_the_form_does_not_offer(site: OtherSite, driver: WebDriver, pictures: Path) -> None:
    with _bot(site, driver, pictures, page_timeout=2) as bot:
        result = bot.post_ad(_row(make="Trabant"))
    assert (result["success"], result["error_kind"]) == (False, "record")
    assert "Make: 'Trabant'" in result["message"]
    assert "Ford, Honda" in result["message"]


def test_what_has_no_field_is_told(site: OtherSite, bot: KijijiBot) -> None:
    result = bot.post_ad(_row(fuel_type="Diesel", VIN="1HTMMAAL67H4", video="https://youtu.be/dQw4w9WgXcQ"))
    assert result["success"], result
    video = "Video ('https://youtu.be/dQw4w9WgXcQ')"
    assert result["notes"] == ["Fuel type ('Diesel')", "VIN ('1HTMMAAL67H4')", video]
    assert "Fuel type" in result["message"]
    (text,) = site.live()[0].form["postAdForm.description"]
    assert text.endswith("\r\n\r\nFuel type: Diesel\r\nVIN: 1HTMMAAL67H4\r\nVideo: https://youtu.be/dQw4w9WgXcQ")


def test_the_folder_of_the_sku_is_uploaded_in_order_and_converted(
    site: OtherSite, driver: WebDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLKIJIJI_HOME", str(tmp_path / "home"))
    folder = tmp_path / "pictures" / "BT9"
    folder.mkdir(parents=True)
    for name in ("2.jpg", "10.jpg", "1.webp"):
        Image.new("RGB", (640, 420), "teal").save(folder / name)
    with _bot(site, driver, tmp_path / "pictures") as bot:
        result = bot.post_ad(_row(photos=None, sku="BT9"))
    assert result["success"], result
    (made,) = (tmp_path / "home" / "cache" / "photos").iterdir()
    files = [made, folder / "2.jpg", folder / "10.jpg"]
    assert site.live()[0].photos == [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def test_without_a_category_the_site_suggests_one(site: OtherSite, bot: KijijiBot) -> None:
    result = bot.post_ad(_row(category=None))
    assert result["success"], result
    assert site.live()[0].form["categoryId"] == ["341"]


def test_a_suggested_category_without_a_price_field_is_told(site: OtherSite, driver: WebDriver, pictures: Path) -> None:
    site.faults.without = ("price",)
    with _bot(site, driver, pictures, page_timeout=3) as bot:
        result = bot.post_ad(_row(category=None))
    assert (result["success"], result["error_kind"], site.submits) == (False, "record", 0)
    assert result["message"].startswith("Price: ")


def test_a_category_that_the_tables_lack_may_have_no_price(site: OtherSite, bot: KijijiBot) -> None:
    site.faults.without = ("price",)
    for cells, line in (({}, "Price: $1,299.95"), ({"price": "", "price_type": "contact"}, "Price: Please contact")):
        result = bot.post_ad(_row(category="99123", title=f"Without a field, {len(cells)}", **cells))
        assert result["success"], result
        assert result["remarks"][0].startswith("Price")
        assert line in site.live()[-1].form["postAdForm.description"][0].splitlines()


def test_no_category_and_no_suggestion(site: OtherSite, driver: WebDriver, pictures: Path) -> None:
    with _bot(site, driver, pictures, page_timeout=2) as bot:
        result = bot.post_ad(_row(category=None, title="There is nothing like it"))
    assert (result["success"], result["error_kind"]) == (False, "record")
    assert "Category" in result["message"]


def test_finding_by_title_and_ids(site: OtherSite, bot: KijijiBot) -> None:
    ads = [site.put(f"Generator number {number}") for number in range(5)]
    row = _row(title="Generator number 0")
    assert bot.find_ad(row) == {
        "ad_id": ads[0].id,  # on the third page
        "ad_url": f"{site.url}/v-gear/here/thing/{ads[0].id}",
        "title": "Generator number 0",
    }
    assert bot.find_ad(row, ids_before=[ads[0].id]) is None
    twin = site.put("Generator number 0")
    with pytest.raises(UnknownOutcome, match=twin.id):
        bot.find_ad(row)
    found = bot.find_ad(row, ids_before={ads[0].id})
    assert found is not None
    assert found["ad_id"] == twin.id


def test_a_list_of_ads_that_is_drawn_late_is_waited_for(site: OtherSite, bot: KijijiBot) -> None:
    ads = [site.put(f"Generator number {number}") for number in range(3)]
    site.faults.list_late = 1200
    found = bot.find_ad(_row(title="Generator number 0"))  # on the second page
    assert found is not None
    assert found["ad_id"] == ads[0].id
    calls: list[list[str]] = []
    result = bot.post_ad(_row(title="Generator number 0"), before_submit=lambda ids_before: calls.append(ids_before))
    assert result["success"], result
    assert sorted(calls[0]) == [ad.id for ad in ads]
    assert result["ad_id"] == site.live()[-1].id


@pytest.mark.parametrize("late", [0, 1200])
def test_an_empty_list_that_says_nothing_is_believed_when_it_stays(site: OtherSite, bot: KijijiBot, late: int) -> None:
    site.faults.list_silent = True
    site.faults.list_late = late
    assert bot.find_ad(_row()) is None
    assert bot.post_ad(_row(photos="cover.jpg"))["success"]


def test_a_list_that_cannot_be_read_to_its_end_is_no_answer(site: OtherSite, bot: KijijiBot) -> None:
    for number in range(3):
        site.put(f"Generator number {number}")
    site.faults.list_fails_on = 2
    with pytest.raises(SiteError):
        bot.find_ad(_row(title="Generator number 0"))


def test_deleting_one_ad_on_a_later_page(site: OtherSite, bot: KijijiBot) -> None:
    ads = [site.put(f"Generator number {number}") for number in range(4)]
    assert bot.delete_ad(ads[0].id)["success"]
    assert site.live() == ads[1:]
    assert bot.delete_ad(ads[0].id)["success"]  # it is gone, as wanted
    assert site.live() == ads[1:]


def test_revising_in_place(site: OtherSite, bot: KijijiBot) -> None:
    posted = bot.post_ad(_row())
    result = bot.revise_ad(_row(title="Ladder, price lowered", price=999), posted["ad_id"])
    assert result["success"], result
    (ad,) = site.live()
    assert (ad.id, ad.title, ad.form["postAdForm.priceAmount"]) == (posted["ad_id"], "Ladder, price lowered", ["999"])
    assert len(ad.photos) == 3


def test_an_interrupt_passes_through(site: OtherSite, bot: KijijiBot) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bot.post_ad(_row(), before_submit=interrupt)
    assert site.submits == 0


class TestSignIn:
    """Signing in, from signed out."""

    @pytest.fixture(autouse=True)
    def signed_out(self, driver: WebDriver) -> None:
        driver.delete_all_cookies()

    def test_right_password(self, site: OtherSite, bot: KijijiBot) -> None:
        assert bot.login()
        assert bot.login()  # at once: nothing is typed again
        assert site.passwords_seen == [PASSWORD]
        bot.logout()
        assert bot.login()
        assert site.passwords_seen == [PASSWORD, PASSWORD]

    def test_wrong_password(self, site: OtherSite, driver: WebDriver, pictures: Path) -> None:
        with _bot(site, driver, pictures, password="wrong") as bot:
            assert not bot.login()
            with pytest.raises(BatchStopped) as refused:
                bot.post_ad(_row())
        assert "incorrect" in str(refused.value)
        assert "wrong" not in str(refused.value)

    def test_captcha_needs_a_person(self, site: OtherSite, bot: KijijiBot) -> None:
        site.faults.captcha_at_sign_in = True
        with pytest.raises(PersonNeeded):
            bot.login()

    def test_no_password_and_no_window(self, site: OtherSite, driver: WebDriver, pictures: Path) -> None:
        with _bot(site, driver, pictures, password=None) as bot, pytest.raises(PersonNeeded):
            bot.login()

    @pytest.mark.parametrize("captcha", [False, True])
    def test_the_person_signs_in(self, site: OtherSite, driver: WebDriver, pictures: Path, captcha: bool) -> None:
        site.faults.captcha_at_sign_in = captcha
        asked = []

        def person(step: str) -> None:
            if "Waiting for you" in step:
                asked.append(step)
                site.faults.captcha_at_sign_in = False
                driver.get(f"{site.url}/t-login.html")
                driver.find_element("id", "emailOrNickname").send_keys(USER)
                driver.find_element("id", "password").send_keys(PASSWORD, Keys.ENTER)

        password = PASSWORD if captcha else None
        with _bot(site, driver, pictures, password=password, headless=False, on_step=person) as bot:
            assert bot.login()
            bot.logout()
        assert len(asked) == 1

    def test_nothing_is_typed_on_another_host(
        self, site: OtherSite, bot: KijijiBot, caplog: pytest.LogCaptureFixture
    ) -> None:
        site.faults.sign_in_host = "sign-in.localhost"
        with caplog.at_level("DEBUG"), pytest.raises(BatchStopped, match=r"sign-in\.localhost"):
            bot.login()
        assert site.passwords_seen == []
        assert PASSWORD not in caplog.text

    def test_the_password_is_in_no_log(self, bot: KijijiBot, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("DEBUG"):
            assert bot.login()
        assert "remote_connection" in caplog.text  # the wire is logged, apart from the secret
        assert PASSWORD not in caplog.text
