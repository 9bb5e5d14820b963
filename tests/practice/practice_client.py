"""A plain HTTP client for the practice site: what a poster without a browser would send."""

from __future__ import annotations

import hashlib
import io
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode

from lxml import html
from PIL import Image
from urllib3 import encode_multipart_formdata

from xlkijiji.practice import PracticeSite

ACCOUNT, PASSWORD = "dealer@example.com", "practice"
HEAVY_TRUCKS, HEAVY_EQUIPMENT, CHAIRS, FREE_STUFF, CLASSIC_CARS = 339, 340, 245, 17220001, 122
OTTAWA = 1700185
XSRF = "ca.kijiji.xsrf.token"


def picture(width: int = 640, height: int = 480, *, kind: str = "JPEG", colour: str = "teal") -> bytes:
    """The bytes of a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, format=kind)
    return file.getvalue()


@dataclass
class Answer:
    """A response after its redirects."""

    status: int
    url: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> html.HtmlElement:
        return html.document_fromstring(self.text)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def errors(self) -> dict[str, str]:
        """The form's messages by the id of the field they belong to."""
        found = self.page.xpath("//span[@class='field-message error']")
        return {message.get("data-for"): message.text_content() for message in found}


class _KeepGoing(urllib.request.HTTPErrorProcessor):
    """4xx and 5xx are answers here, no exceptions; redirects are still followed."""

    def http_response(self, request: Any, response: Any) -> Any:
        return super().http_response(request, response) if response.status in (301, 302, 303, 307, 308) else response


class Client:
    """One browser without scripts: cookies, redirects, forms."""

    def __init__(self, site: PracticeSite) -> None:
        self.site = site
        self.timeout = 30.0
        # The jar's own rule keeps no cookies of hosts without a dot; an address has dots, but no domain.
        self.jar = CookieJar(DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainLiberal))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar), _KeepGoing()
        )

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send(path, None, dict(headers or {}))

    def post(self, path: str, fields: Any, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send(path, urlencode(fields, doseq=True).encode(), dict(headers or {}))

    def upload(self, data: bytes, name: str = "photo.jpg") -> Answer:
        body, kind = encode_multipart_formdata({"file": (name, data)})
        return self._send("/p-upload-image.html", body, {"Content-Type": kind})

    def sign_in(self, username: str = ACCOUNT, password: str = PASSWORD) -> Answer:
        page = self.get("/t-login.html")
        service = page.page.xpath("string(//input[@name='service']/@value)")
        fields = {"service": service, "username": username, "password": password}
        return self.post(self.site.sign_in_url + "/login", fields)

    def form(self, category_id: int) -> dict[str, Any]:
        """A details form filled in so that it keeps every rule; what is hidden in it comes from the page."""
        page = self.get(f"/p-post-ad.html?categoryId={category_id}").page
        hidden = {
            field.get("name"): field.get("value", "")
            for field in page.xpath("//form[@id='PostAdMainForm']//input[@type='hidden']")
        }
        return hidden | {
            "postAdForm.adType": "OFFER",
            "postAdForm.title": "A thing for sale",
            "postAdForm.description": "It is in good shape.",
            "postAdForm.priceType": "FIXED",
            "postAdForm.priceAmount": "1250.00",
            "postAdForm.attributeMap[forsaleby_s]": "delr",
            "postAdForm.attributeMap[caryear_i]": "2015",
            "postAdForm.attributeMap[carmake_s]": "honda",
            "postAdForm.attributeMap[carmodel_s]": "civic",
            "postAdForm.attributeMap[carmileageinkms_i]": "120000",
            "postAdForm.confirmedTerms": "true",
            "featuresForm.package": "package-0",
            "images": self.upload(picture()).json["normalUrl"],
            "locationId": str(OTTAWA),
            "location": "Ottawa, ON",
        }

    def submit(self, fields: Mapping[str, Any]) -> Answer:
        return self.post("/p-submit-ad.html", fields)

    def post_ad(self, category_id: int = CHAIRS, **changes: Any) -> int:
        """Post an ad, and return its id."""
        answer = self.submit(self.form(category_id) | changes)
        assert answer.errors == {}
        return int(answer.url.rsplit("/", 1)[1])

    def xsrf(self) -> str:
        """The token of this session."""
        page = self.get(f"/p-post-ad.html?categoryId={CHAIRS}").page
        return str(page.xpath(f"string(//input[@name='{XSRF}']/@value)"))

    def _send(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        url = path if path.startswith("http") else self.site.url + path
        request = urllib.request.Request(url, data=body, headers=headers)
        with self._opener.open(request, timeout=self.timeout) as response:
            return Answer(response.status, response.url, response.read(), response.headers)


def sha256s(pictures: Sequence[bytes]) -> list[str]:
    """The hashes that the site should report for these pictures."""
    return [hashlib.sha256(data).hexdigest() for data in pictures]
