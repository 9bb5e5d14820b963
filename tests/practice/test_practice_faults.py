"""Each fault that a rehearsal can switch on: what it does, how often, and what the site's table then says."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
from practice_client import CHAIRS, XSRF, Answer, Client, picture, sha256s

from xlkijiji.practice import PracticeSite
from xlkijiji.practice.database import Database
from xlkijiji.practice.faults import KINDS, OVERLAYS, Faults

FORM = f"/p-post-ad.html?categoryId={CHAIRS}"


def outcomes(site: PracticeSite) -> list[str]:
    return [submit["outcome"] for submit in site.submits()]


def listed(client: Client) -> list[int]:
    """The ad ids on the first page of My Ads."""
    page = client.get("/m-my-ads/active/1").page
    ids = page.xpath("//*[starts-with(@data-testid, 'listing-id-')]/@data-testid")
    return [int(name.removeprefix("listing-id-")) for name in ids]


def ask(site: PracticeSite, body: Any, **headers: str) -> urllib.request.Request:
    """A request that switches faults over HTTP."""
    return urllib.request.Request(
        site.url + "/practice/faults.json",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"} | headers,
    )


def status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


# --- counting --------------------------------------------------------------------------------------------------------


def test_a_fault_strikes_as_often_as_was_said(site: PracticeSite, visitor: Client) -> None:
    site.fault("wrong_password", 2)
    answers = [visitor.sign_in() for _ in range(3)]
    assert ["incorrect" in answer.text for answer in answers] == [True, True, False]
    assert answers[2].url == site.url + "/"
    assert site.faults() == []


def test_a_fault_without_a_count_strikes_until_it_is_switched_off(site: PracticeSite, visitor: Client) -> None:
    site.fault("wrong_password", None)
    assert all("incorrect" in visitor.sign_in().text for _ in range(3))
    assert site.faults() == [{"name": "wrong_password", "value": "", "times": None}]
    site.fault("wrong_password", 0)
    assert site.faults() == []
    assert visitor.sign_in().url == site.url + "/"


def test_many_requests_at_once_never_take_the_same_strike(tmp_path: Path) -> None:
    faults = Faults(Database(tmp_path / "site.sqlite3"))
    faults.set("upload_slow", 20, "1.5")
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: faults.take("upload_slow"), range(60)))
    assert sorted(taken, key=str) == ["1.5"] * 20 + [None] * 40


def test_faults_survive_a_restart(tmp_path: Path) -> None:
    with PracticeSite(tmp_path) as site:
        site.fault("limit", 3, 5)
    assert PracticeSite(tmp_path).faults() == [{"name": "limit", "value": "5", "times": 3}]


@pytest.mark.parametrize(
    ("name", "times", "value"),
    [
        ("no_such", 1, None),
        ("wrong_password", -1, None),
        ("wrong_password", 1, "why"),
        ("limit", 1, "many"),
        ("session_lost", 1, "home"),
        ("overlay", 1, "curtain"),
    ],
)
def test_what_cannot_be_is_refused(site: PracticeSite, name: str, times: int, value: str | None) -> None:
    with pytest.raises(ValueError, match=name):
        site.fault(name, times, value)
    assert site.faults() == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_default_is_a_value_that_may_be(site: PracticeSite, kind: Any) -> None:
    site.fault(kind.name)
    assert site.faults() == [{"name": kind.name, "value": kind.default, "times": 1}]


def test_an_older_file_is_brought_up_to_date(tmp_path: Path) -> None:
    with PracticeSite(tmp_path, upload_seconds=0) as site:
        client = Client(site)
        client.sign_in()
        client.post_ad()
        before, port = site.ads(), int(site.url.rsplit(":", 1)[1])
    with sqlite3.connect(tmp_path / "practice.sqlite3") as db:  # back to what the file was before there were faults
        for column in ("remove_at", "hidden_looks", "hidden_until", "video"):
            db.execute(f"ALTER TABLE ads DROP COLUMN {column}")
        for table in ("faults", "captchas", "submits"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 0")
    db.close()
    with PracticeSite(tmp_path, upload_seconds=0, port=port) as site:
        assert site.ads() == before
        site.fault("duplicate_removed", 1, 0)
        client = Client(site)
        client.sign_in()
        client.post_ad()
        assert [ad["state"] for ad in site.ads()] == ["active", "removed"]
        assert [len(ad["photos"]) for ad in site.ads()] == [1, 1]


# --- switching over HTTP ---------------------------------------------------------------------------------------------


def test_faults_are_switched_and_told_over_http(site: PracticeSite, visitor: Client) -> None:
    assert status_of(ask(site, [{"name": "limit", "times": 2, "value": 3}, {"name": "upload_401"}])) == 200
    expected = [{"name": "limit", "value": "3", "times": 2}, {"name": "upload_401", "value": "", "times": 1}]
    assert site.faults() == visitor.get("/practice/faults.json").json == expected
    assert status_of(ask(site, {"name": "nonsense"})) == 422
    assert status_of(ask(site, {"name": "limit", "often": 3})) == 422
    clear = urllib.request.Request(site.url + "/practice/faults.json", method="DELETE")
    assert status_of(clear) == 200
    assert site.faults() == []


def test_another_site_cannot_switch_faults(site: PracticeSite, visitor: Client) -> None:
    body = {"name": "upload_401"}
    assert status_of(ask(site, body, Origin="https://example.com")) == 403
    assert status_of(ask(site, body, **{"Content-Type": "text/plain"})) == 415
    assert status_of(ask(site, body, Host="example.com")) == 400
    form = {"name": "upload_401", "times": "1"}
    assert visitor.post("/practice/", form).status == 403
    assert visitor.post("/practice/", form, headers={"Origin": "https://example.com"}).status == 403
    assert site.faults() == []


def test_a_person_switches_faults_at_a_page_of_their_own(site: PracticeSite, visitor: Client) -> None:
    assert "/practice/" in visitor.get("/").page.xpath("//footer//a/@href")
    here = {"Origin": site.url}
    page = visitor.post("/practice/", {"name": "limit", "value": "4", "times": ""}, headers=here)
    assert site.faults() == [{"name": "limit", "value": "4", "times": None}]
    assert "until switched off" in page.text
    assert "must" not in page.text
    wrong = visitor.post("/practice/", {"name": "limit", "value": "<b>", "times": "1"}, headers=here)
    assert wrong.status == 422
    assert "&lt;b&gt;" in wrong.text
    assert "<b>" not in wrong.text
    visitor.post("/practice/", {"clear": "yes"}, headers=here)
    assert site.faults() == []


# --- while posting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "request_page"),
    [
        ("form", lambda client: client.get(FORM)),
        ("submit", lambda client: client.submit({"postAdForm.title": "A thing"})),
        ("my_ads", lambda client: client.get("/m-my-ads/active/1")),
        ("edit", lambda client: client.get("/p-edit-ad.html?adId=1")),
    ],
)
def test_the_session_ends_at_the_very_request(
    site: PracticeSite, dealer: Client, place: str, request_page: Callable[[Client], Answer]
) -> None:
    site.fault("session_lost", 1, place)
    assert "My Account" in dealer.get("/").text
    assert request_page(dealer).url.startswith(site.sign_in_url + "/login")
    assert "My Account" not in dealer.get("/").text
    dealer.sign_in()
    assert not request_page(dealer).url.startswith(site.sign_in_url)


def test_a_session_lost_at_the_click_accepts_nothing_but_is_counted(site: PracticeSite, dealer: Client) -> None:
    form = dealer.form(CHAIRS)
    site.fault("session_lost", 1, "submit")
    dealer.submit(form)
    assert site.ads() == []
    assert outcomes(site) == ["signed out"]


def test_uploads_fail_in_three_ways(site: PracticeSite, dealer: Client) -> None:
    site.fault("upload_401")
    assert [dealer.upload(picture()).status for _ in range(2)] == [401, 200]
    site.fault("session_lost", 1, "upload")
    assert dealer.upload(picture()).status == 401
    assert "My Account" not in dealer.get("/").text
    dealer.sign_in()
    site.fault("upload_slow", 1, 0.4)
    start = time.monotonic()
    assert dealer.upload(picture()).status == 200
    assert time.monotonic() - start >= 0.4


def test_a_stuck_upload_gets_no_answer_while_the_site_runs_on(site: PracticeSite, dealer: Client) -> None:
    site.fault("upload_stuck")
    ended: list[str] = []

    def upload() -> None:
        try:
            dealer.upload(picture())
        except (RemoteDisconnected, ConnectionError, urllib.error.URLError) as error:
            ended.append(type(error).__name__)

    waiting = threading.Thread(target=upload)
    waiting.start()
    while site.faults():
        threading.Event().wait(0.01)
    assert Client(site).get("/").status == 200
    waiting.join(0.3)
    assert waiting.is_alive()
    site.stop()
    waiting.join(10)
    assert len(ended) == 1


@pytest.mark.parametrize("how", ["closed", "500", "empty"])
def test_an_ad_is_accepted_although_no_answer_says_so(site: PracticeSite, dealer: Client, how: str) -> None:
    form = dealer.form(CHAIRS)
    site.fault("no_answer", 1, how)
    if how == "closed":
        with pytest.raises((RemoteDisconnected, ConnectionError, urllib.error.URLError)):
            dealer.submit(form)
    else:
        answer = dealer.submit(form)
        assert answer.status == (500 if how == "500" else 200)
        assert ("This is not Kijiji" in answer.text) == (how == "500")
    assert [ad["state"] for ad in site.ads()] == ["active"]
    assert listed(dealer) == [site.ads()[0]["id"]]
    assert outcomes(site) == ["accepted"]


def test_an_answer_that_hangs_ends_when_the_poster_goes(site: PracticeSite, dealer: Client) -> None:
    form = dealer.form(CHAIRS)
    site.fault("no_answer", 1, "hanging")
    dealer.timeout = 0.5
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        dealer.submit(form)
    dealer.timeout = 30
    assert len(listed(dealer)) == len(site.ads()) == 1


def test_a_form_is_refused_for_a_field_of_choice(site: PracticeSite, dealer: Client) -> None:
    site.fault("refused", 1, "pstad-descrptn=No <links>, please.")
    form = dealer.form(CHAIRS)
    assert dealer.submit(form).errors == {"pstad-descrptn": "No <links>, please."}
    assert site.ads() == []
    assert dealer.submit(form).errors == {}
    assert outcomes(site) == ["refused", "accepted"]


def test_the_limit_is_told_on_the_form_and_after_the_click(site: PracticeSite, dealer: Client) -> None:
    site.fault("limit", 2, 1)
    says = "//*[@id='PostingLimitMessage']"
    form = dealer.form(CHAIRS)
    assert dealer.get(FORM).page.xpath(says) == []
    dealer.post_ad()
    assert "reached your limit of 1 free ad" in dealer.get(FORM).page.xpath(f"string({says})")
    assert "reached your limit" in dealer.submit(form).page.xpath(f"string({says})")
    assert len(site.ads()) == 1
    assert site.faults() == [{"name": "limit", "value": "1", "times": 1}]  # only a click takes a strike
    site.fault("limit", 0, 1)
    site.fault("limit", 1, "1 click")
    assert dealer.get(FORM).page.xpath(says) == []
    assert dealer.submit(form).page.xpath(says)
    assert outcomes(site) == ["accepted", "limit", "limit"]


def test_a_dealer_s_ad_costs_a_fee_and_waits_unpaid(site: PracticeSite, dealer: Client) -> None:
    site.fault("fee", 1, "25.00")
    page = dealer.get(FORM).page
    assert page.xpath("string(//*[@id='TotalPrice'])") == "$25.00"
    assert page.xpath("string(//button[@data-testid='checkout-post-btn'])") == "+ Add to Shopping Cart"
    answer = dealer.submit(dealer.form(CHAIRS))
    assert "/p-checkout.html" in answer.url
    assert [(ad["state"], ad["total"], ad["total_paid"]) for ad in site.ads()] == [("unpaid", 25, 0)]
    assert dealer.get(FORM).page.xpath("string(//*[@id='TotalPrice'])") == "$0.00"


def test_a_blocked_account_is_told_so(site: PracticeSite, dealer: Client) -> None:
    sentence = "There was an issue posting your ad, please contact Customer Service."
    site.fault("blocked")
    form = dealer.form(CHAIRS)
    assert sentence not in dealer.get(FORM).text
    assert sentence in dealer.submit(form).text
    site.fault("blocked", 1, "form")
    assert sentence in dealer.get(FORM).text
    assert site.ads() == []


def test_a_duplicate_is_live_then_removed(site: PracticeSite, dealer: Client) -> None:
    site.fault("duplicate_removed", 1, 0.5)
    ad_id = dealer.post_ad()
    assert listed(dealer) == [ad_id]
    url = site.ads()[0]["url"]
    assert dealer.get(url).status == 200
    while site.ads()[0]["state"] == "active":
        threading.Event().wait(0.02)
    assert "Oops... Too late!" in dealer.get(url).text
    assert listed(dealer) == []
    inactive = dealer.get("/m-my-ads/inactive")
    assert f"listing-id-{ad_id}" in inactive.text
    assert "Removed" in inactive.text
    ad = site.ads()[0]
    assert (ad["state"], ad["photos"][0]["sha256"]) == ("removed", sha256s([picture()])[0])


def test_my_ads_lags_by_looks_or_by_seconds(site: PracticeSite, dealer: Client) -> None:
    first = dealer.post_ad()
    site.fault("my_ads_lag", 1, 2)
    second = dealer.post_ad()
    assert [listed(dealer) for _ in range(3)] == [[first], [second, first], [second, first]]
    site.fault("my_ads_lag", 1, "0.4s")
    third = dealer.post_ad()
    assert listed(dealer) == [second, first]
    assert dealer.get(site.ads()[-1]["url"]).status == 200
    while third not in listed(dealer):
        threading.Event().wait(0.02)


# --- pages -----------------------------------------------------------------------------------------------------------


def test_an_id_changes_while_names_stay(site: PracticeSite, dealer: Client) -> None:
    site.fault("renamed_id", 1, "PriceAmount")
    assert dealer.get("/").status == 200
    assert site.faults()  # no such id there: nothing was taken
    page = dealer.get(FORM).page
    amount = page.xpath("//input[@name='postAdForm.priceAmount']")[0]
    assert page.xpath("//*[@id='PriceAmount']") == []
    assert page.xpath(f"//label[@for='{amount.get('id')}']")
    assert json.loads(page.get("data-renamed")) == {"PriceAmount": amount.get("id")}
    assert dealer.get(FORM).page.xpath("//*[@id='PriceAmount']")


def test_pages_are_slow_and_the_sign_in_host_too(site: PracticeSite, visitor: Client) -> None:
    for url in (site.url + "/", site.sign_in_url + "/login"):
        site.fault("slow_pages", 1, 0.4)
        start = time.monotonic()
        assert visitor.get(url).status == 200
        assert time.monotonic() - start >= 0.4
    start = time.monotonic()
    visitor.get("/")
    assert time.monotonic() - start < 0.4


def test_the_server_fails_where_it_was_told_to(site: PracticeSite, dealer: Client) -> None:
    form = dealer.form(CHAIRS)
    site.fault("http_500", 1, "/p-submit-ad.html")
    assert dealer.get(FORM).status == 200
    answer = dealer.submit(form)
    assert answer.status == 500
    assert "This is not Kijiji" in answer.text
    assert site.ads() == []
    assert dealer.submit(form).status == 200
    assert outcomes(site) == ["http_500", "accepted"]


def test_a_connection_is_reset(site: PracticeSite, dealer: Client) -> None:
    site.fault("connection_reset", 1, "/m-my-ads")
    assert dealer.get("/").status == 200
    with pytest.raises((ConnectionResetError, urllib.error.URLError)):
        dealer.get("/m-my-ads/active/1")
    assert dealer.get("/m-my-ads/active/1").status == 200


@pytest.mark.parametrize("which", OVERLAYS)
def test_a_page_is_covered_once(site: PracticeSite, visitor: Client, which: str) -> None:
    site.fault("overlay", 1, f"{which} /b-search")
    covers = "//*[@data-overlay]/@data-overlay"
    assert visitor.get("/").page.xpath(covers) == []
    assert visitor.get("/b-search.html").page.xpath(covers) == [which]
    assert visitor.get("/b-search.html").page.xpath(covers) == []


# --- checks for a person ---------------------------------------------------------------------------------------------


def solve(client: Client, page: Answer) -> Answer:
    """Press the button in the captcha's frame of a page."""
    source = page.page.xpath("string(//iframe[contains(@title, 'captcha')]/@src)")
    assert client.get(source).status == 200
    return client.post("/p-captcha-frame.html", {"check": source.partition("check=")[2]})


def test_a_check_at_sign_in_is_solved_by_a_second_browser(site: PracticeSite, visitor: Client) -> None:
    site.fault("captcha_at_sign_in")
    waiting = visitor.sign_in()
    assert waiting.url.startswith(site.sign_in_url + "/p-verify.html")
    assert "captcha" in waiting.page.xpath("string(//iframe/@title)")
    assert visitor.get(waiting.url).url == waiting.url
    assert "My Account" not in visitor.get("/").text

    other = Client(site)
    other.sign_in()
    assert "Thank you" in solve(other, other.get("/p-captcha.html")).text
    assert visitor.get(waiting.url).url == site.url + "/"
    assert "My Account" in visitor.get("/").text
    assert site.captchas() == []


def test_an_ad_waits_for_its_check_and_is_accepted_once(site: PracticeSite, dealer: Client) -> None:
    site.fault("captcha_at_post")
    waiting = dealer.submit(dealer.form(CHAIRS))
    assert waiting.url.startswith(site.url + "/p-verify.html")
    assert site.ads() == []
    captcha = site.captchas()[0]
    assert (captcha["account"], captcha["place"]) == ("dealer@example.com", "post")

    person = Client(site)  # not even signed in: the address is enough
    page = person.get(captcha["url"])
    solve(person, page)
    person.post("/p-captcha-frame.html", {"check": captcha["url"].partition("check=")[2]})
    assert len(site.ads()) == 1
    assert dealer.get(waiting.url).url == site.ads()[0]["url"]
    assert outcomes(site) == ["captcha"]


def test_a_check_that_nobody_waits_for_any_more_posts_nothing(site: PracticeSite, dealer: Client) -> None:
    site.fault("captcha_at_post", 2)
    form = dealer.form(CHAIRS)
    left, _ = dealer.submit(form), dealer.submit(form)
    answer = solve(dealer, left)
    assert "Too late" in answer.text
    assert dealer.get(left.url).status == 410
    assert site.ads() == []
    assert len(site.captchas()) == 1


def test_a_check_may_stand_on_the_form(site: PracticeSite, dealer: Client) -> None:
    site.fault("captcha_at_post", 1, "before")
    page = dealer.get(FORM)
    assert "captcha" in page.page.xpath("string(//iframe/@title)")
    form = dealer.form(CHAIRS)
    assert dealer.submit(form).page.xpath("//iframe")
    assert site.ads() == []
    solve(dealer, page)
    assert not dealer.get(FORM).page.xpath("//iframe")
    assert dealer.submit(form).url == site.ads()[0]["url"]
    assert outcomes(site) == ["captcha", "accepted"]


def test_an_unknown_check_is_no_page(visitor: Client) -> None:
    assert visitor.get("/p-captcha.html?check=x").status == 404
    assert visitor.post("/p-captcha-frame.html", {"check": "x"}).status == 404
    assert "Nothing to do" in visitor.get("/p-captcha.html").text


def test_a_delete_needs_a_session_too(site: PracticeSite, dealer: Client) -> None:
    ad_id, token = dealer.post_ad(), dealer.xsrf()
    site.fault("session_lost", 1, "delete")
    assert dealer.post("/m-delete-ad.html", {"adId": ad_id, "reason": "Prefer not to say", XSRF: token}).status == 401
    assert site.ads()[0]["state"] == "active"
