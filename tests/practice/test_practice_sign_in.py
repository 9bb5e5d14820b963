"""Signing in happens on a second origin, and every page that needs it asks for it."""

from __future__ import annotations

import socket
from urllib.parse import quote

import pytest
from practice_client import ACCOUNT, CHAIRS, Client

from xlkijiji.practice import PracticeSite


def test_the_right_password_leads_back_signed_in(visitor: Client, site: PracticeSite) -> None:
    answer = visitor.sign_in()
    assert answer.url == site.url + "/"
    assert answer.page.xpath("//header//a[text()='My Account']/@href") == ["/m-my-ads/active/1"]


@pytest.mark.parametrize(
    ("username", "password"),
    [(ACCOUNT, "wrong"), (ACCOUNT, ""), ("", ""), ("nobody@example.com", "practice"), (ACCOUNT, "prâctice")],
)
def test_a_wrong_password_is_said_and_signs_nobody_in(visitor: Client, username: str, password: str) -> None:
    answer = visitor.sign_in(username, password)
    assert "your username or password is incorrect" in answer.page.xpath("string(//*[@role='alert'])")
    assert "/login" in visitor.get("/m-my-ads/active/1").url


@pytest.mark.parametrize(
    "path",
    [
        "/p-select-category.html",
        "/p-post-ad.html",
        "/p-post-ad.html?categoryId=245&adTitle=A+chair",
        "/p-edit-ad.html?adId=1",
        "/m-my-ads/active/1",
        "/m-my-ads/inactive",
    ],
)
def test_a_signed_out_browser_comes_back_to_the_page_it_asked_for(
    visitor: Client, site: PracticeSite, path: str
) -> None:
    page = visitor.get(path)
    assert page.url.startswith(site.sign_in_url + "/login?service=")
    service = page.page.xpath("string(//input[@name='service']/@value)")
    fields = {"service": service, "username": ACCOUNT, "password": "practice"}
    assert visitor.post(site.sign_in_url + "/login", fields).url == site.url + path


def test_a_ticket_opens_the_site_once(dealer: Client, visitor: Client, site: PracticeSite) -> None:
    with socket.create_connection(("127.0.0.1", int(site.sign_in_url.rsplit(":", 1)[1]))) as raw:
        body = f"username={quote(ACCOUNT)}&password=practice".encode()
        head = f"POST /login HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        raw.sendall(head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body)
        answer = b"".join(iter(lambda: raw.recv(4096), b"")).decode()
    address = next(line.split(" ", 1)[1] for line in answer.splitlines() if line.startswith("Location:"))
    assert visitor.get(address).url == site.url + "/"
    assert Client(site).get(address).url.startswith(site.sign_in_url)


@pytest.mark.parametrize(
    "service", ["https://example.com/", "//example.com", "http://127.0.0.1:1/t-login.html", "javascript:alert(1)", ""]
)
def test_no_ticket_goes_to_another_address(visitor: Client, site: PracticeSite, service: str) -> None:
    fields = {"service": service, "username": ACCOUNT, "password": "practice"}
    assert visitor.post(site.sign_in_url + "/login", fields).url == site.url + "/"


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com/", "/\\example.com", "example.com"])
def test_no_sign_in_ends_elsewhere(dealer: Client, site: PracticeSite, target: str) -> None:
    assert dealer.get(f"/t-login.html?targetUrl={quote(target, safe='')}").url == site.url + "/"


def test_signing_out_ends_the_session(dealer: Client, site: PracticeSite) -> None:
    cookie = next(cookie.value for cookie in dealer.jar if cookie.name == "practice_session")
    assert "Sign In" in dealer.get("/m-logout.html").text
    stolen = Client(site).get("/m-my-ads/active/1", headers={"Cookie": f"practice_session={cookie}"})
    assert stolen.url.startswith(site.sign_in_url)


def test_a_session_lost_before_the_form_is_sent_posts_nothing(dealer: Client, site: PracticeSite) -> None:
    fields = dealer.form(CHAIRS)
    dealer.get("/m-logout.html")
    assert dealer.submit(fields).url.startswith(site.sign_in_url)
    assert site.ads() == []
