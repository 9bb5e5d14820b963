"""A second stand-in for the site, with other markup than the practice site's: what the bot must not depend on.

Made from the facts about 2018 to 2022: sign-in on the same origin, `ad-id-` rows, no packages, no total, a location
that is not filled in beforehand, thumbnails that come slowly, My Ads that lags behind. `Faults` switches the rest.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, make_response, redirect, request
from markupsafe import Markup, escape
from other_pages import DETAILS, DRAW_LATE, EXTRAS, HOME, LIVE, MY_ADS, PACKAGES, PAGE, SELECT, SIGN_IN
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as AnyResponse

PICTURES = ("cover.jpg", "left side é.png", "right.bmp")
USER, PASSWORD = "seller@example.com", "open sesame"
PLACES = ["Toronto, ON M5V 3L9", "Toronto, ON M4B 1B3", "Montréal, QC H2X 1Y4", "London, ON N6A 1A1"]


@dataclass
class Faults:
    """What goes wrong, or differs; all off by default."""

    sign_in_host: str = ""
    """The sign-in is on this host instead."""
    captcha_at_sign_in: bool = False
    captcha_on_form: bool = False
    total: str | None = None
    """Text of #TotalPrice; None: there is none."""
    total_late: str = ""
    """What it reads some seconds later."""
    total_style: str = ""
    extras: bool = False
    """The form offers paid extras."""
    dealer: bool = False
    limit: bool = False
    blocked: bool = False
    refuse: dict[str, str] = field(default_factory=dict)
    """Field id → message with which the server refuses the form."""
    after: str = "posted"
    """Where the click leads: posted, live, nowhere, thanks, error, silent (accepted, page stays), limit."""
    lag: int = 1
    """How many looks at My Ads a new ad stays unseen."""
    swallow: bool = False
    """The click is answered as usual, and no ad appears."""
    without: tuple[str, ...] = ()
    """Parts of the form that are missing: title, price, tags, files, terms, condition."""
    modal: bool = False
    drawn_anew: bool = False
    """The form draws its title anew when the price type is set, without what it held."""
    upload_error: str = ""
    upload_status: int = 200
    list_late: int = 0
    """Milliseconds after which My Ads asks for its rows by script; 0: they are in the page."""
    list_silent: bool = False
    """My Ads doesn't say that there are no ads."""
    list_fails_on: int = 0
    """The page of My Ads that fails."""
    sign_out_at_form: int = 0
    """So many times the session is lost when the form is opened."""
    french: bool = False
    tag_key: str = ","
    extra_checked: bool = False
    package: str = ""
    """A package step before the form, on it, or after it."""
    package_text: str = "Free $0.00"
    stale_places: tuple[str, ...] = ()
    """Places that the list shows until the answer comes, and when there is none."""
    place_closes: str = ""
    """The field for the location closes once a place is chosen, and shows its name, or an 'other' one."""
    postal_code: str = ""
    """HTML of an older form's field in the stead of the location."""
    old_error: str = ""
    """An error that the form shows from the beginning."""
    required_html: str = ""
    """A field that only the browser itself insists on."""


@dataclass
class Ad:
    """One accepted ad."""

    id: str
    form: dict[str, list[str]]
    photos: list[str]
    looks_left: int
    deleted: bool = False

    @property
    def title(self) -> str:
        return self.form["postAdForm.title"][0]


class OtherSite:
    """The stand-in, running on a port of 127.0.0.1 while it is used as a context manager."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.ads: list[Ad] = []
        self.submits = 0
        self.passwords_seen: list[str] = []
        self._photos: dict[str, str] = {}
        self._next = 1500000001
        self._lock = threading.RLock()
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()

    def reset(self) -> None:
        """As on the first day; who is signed in stays so."""
        for each in fields(Faults):
            setattr(self.faults, each.name, getattr(Faults(), each.name))
        self.ads.clear()
        self._photos.clear()
        self.submits = 0
        self.passwords_seen.clear()

    def put(self, title: str) -> Ad:
        """An ad that was there before, posted by hand."""
        return self._accept({"postAdForm.title": [title]}, [], 0)

    def live(self) -> list[Ad]:
        """The ads that are on the site."""
        return [ad for ad in self.ads if not ad.deleted]

    def _accept(self, form: dict[str, list[str]], photos: list[str], looks: int) -> Ad:
        with self._lock:
            self._next += 7
            ad = Ad(str(self._next), form, photos, looks)
            self.ads.append(ad)
            return ad

    def _find(self, ad_id: str) -> Ad:
        return next(ad for ad in self.ads if ad.id == ad_id)

    # --- pages

    def _app(self) -> Flask:
        app = Flask("other_site")
        app.add_url_rule("/", "home", lambda: self._page(HOME))
        app.add_url_rule("/t-login.html", "login", self._sign_in, methods=["GET", "POST"])
        app.add_url_rule("/m-logout.html", "logout", self._sign_out)
        app.add_url_rule("/m-my-ads/active/<int:number>", "my_ads", self._my_ads)
        app.add_url_rule("/rows/<int:number>", "rows", lambda number: make_response(self._rows(number)))
        app.add_url_rule("/my-ads/remove", "remove", self._remove, methods=["POST"])
        app.add_url_rule("/p-select-category.html", "select", lambda: self._guard() or self._page(SELECT))
        app.add_url_rule("/p-post-ad.html", "form", self._form)
        app.add_url_rule("/p-edit-ad.html", "edit", self._form)
        app.add_url_rule("/p-upload-image.html", "upload", self._upload, methods=["POST"])
        app.add_url_rule("/places", "places", self._places)
        app.add_url_rule("/p-submit-ad.html", "submit", self._submit, methods=["POST"])
        app.add_url_rule("/choose-package/<ad_id>", "chosen", self._chosen)
        app.add_url_rule("/v-gear/here/thing/<ad_id>", "live", self._live)
        return app

    def _signed_in(self) -> bool:
        return request.cookies.get("who") == USER

    def _page(self, body: str, status: int = 200, **values: Any) -> Response:
        who = (
            '<a class="x" href="/m-my-ads/active/1">My Account</a>'
            if self._signed_in()
            else '<a href="/t-login.html">Sign In</a>'
        )
        filled = body
        for name, value in values.items():
            filled = filled.replace(f"[[{name}]]", str(value))
        return make_response(PAGE.replace("[[who]]", who).replace("[[body]]", filled), status)

    def _guard(self) -> AnyResponse | None:
        return None if self._signed_in() else redirect(f"/t-login.html?{urlencode({'target': request.full_path})}")

    def _sign_in(self) -> AnyResponse:
        if self.faults.sign_in_host and not request.host.startswith(self.faults.sign_in_host):
            port = request.host.rsplit(":", 1)[-1]
            return redirect(f"http://{self.faults.sign_in_host}:{port}/t-login.html")
        if request.method == "GET":
            return self._page(SIGN_IN, message="", captcha="")
        self.passwords_seen.append(request.form["password"])
        if self.faults.captcha_at_sign_in:
            return self._page(SIGN_IN, message="", captcha='<div class="h-captcha" style="height:80px">Tick me</div>')
        if (request.form["emailOrNickname"], request.form["password"]) != (USER, PASSWORD):
            said = "<p>Sorry, your username or password is incorrect. Please try again.</p>"
            return self._page(SIGN_IN, message=said, captcha="")
        answer = redirect(request.args.get("target") or "/")
        answer.set_cookie("who", USER)
        return answer

    def _sign_out(self) -> AnyResponse:
        answer = redirect("/")
        answer.delete_cookie("who")
        return answer

    def _my_ads(self, number: int) -> AnyResponse:
        if denied := self._guard():
            return denied
        if number == self.faults.list_fails_on:
            return self._page("<h1>Too busy</h1>", status=503)
        late = self.faults.list_late
        rows = Markup("") if late else self._rows(number)
        empty = "" if rows or late or self.faults.list_silent else "<p>You have no active ads.</p>"
        more = DRAW_LATE.replace("[[number]]", str(number)).replace("[[late]]", str(late)) if late else ""
        return self._page(MY_ADS + more, rows=rows, empty=empty)

    def _rows(self, number: int) -> Markup:
        shown = [ad for ad in reversed(self.live()) if ad.looks_left <= 0]
        if number == 1:
            for ad in self.ads:
                ad.looks_left -= 1
        return Markup("").join(
            Markup(
                '<li data-qa-id="ad-id-{0}"><img alt=""><h3><a href="/v-gear/here/thing/{0}?x=1">{1}</a></h3>'
                '<button data-qa-id="adDeleteButton" onclick="ask({0})">Delete</button></li>'
            ).format(ad.id, ad.title)
            for ad in shown[(number - 1) * 2 : number * 2]
        )

    def _remove(self) -> AnyResponse:
        self._find(request.form["id"]).deleted = True
        return redirect("/m-my-ads/active/1")

    def _form(self) -> AnyResponse:
        if self.faults.sign_out_at_form > 0:
            self.faults.sign_out_at_form -= 1
            return self._sign_out_and_redirect()
        if denied := self._guard():
            return denied
        ad_id = request.args.get("adId", "")
        if self.faults.package == "before" and "package" not in request.args:
            return self._packages(f"{request.full_path}&package=0")
        held = self._find(ad_id).form if ad_id else {}
        errors = {"caryear_i": self.faults.old_error} if self.faults.old_error else {}
        return self._draw_form(held, ad_id, request.args.get("categoryId", ""), errors)

    def _packages(self, onward: str) -> Response:
        return self._page(PACKAGES, onward=escape(onward), text=self.faults.package_text)

    def _sign_out_and_redirect(self) -> AnyResponse:
        answer = redirect(f"/t-login.html?{urlencode({'target': request.full_path})}")
        answer.delete_cookie("who")
        return answer

    def _draw_form(self, held: dict[str, list[str]], ad_id: str, category: str, errors: dict[str, str]) -> Response:
        faults = self.faults

        def value(name: str) -> Markup:
            return escape(held.get(name, [""])[0])

        settings = {
            "without": list(faults.without),
            "anew": faults.drawn_anew,
            "tagKey": faults.tag_key,
            "stay": faults.after == "silent",
            "modal": faults.modal,
            "totalLate": faults.total_late,
            "stalePlaces": list(faults.stale_places),
            "placeCloses": faults.place_closes,
        }
        button = (
            "+ Add to Shopping Cart" if faults.dealer else "Publier votre annonce" if faults.french else "Post Your Ad"
        )
        return self._page(
            DETAILS,
            settings=jsonify(settings).get_data(as_text=True),
            id=ad_id,
            category=escape(category or held.get("categoryId", [""])[0]),
            title=value("postAdForm.title"),
            description=value("postAdForm.description"),
            price=value("postAdForm.priceAmount"),
            location=value("location"),
            errors=Markup("").join(
                Markup('<p class="field-message error" data-for="{}">{}</p>').format(*each) for each in errors.items()
            ),
            limit='<div id="PostingLimitMessage">You have reached your limit of 2 ads.</div>' if faults.limit else "",
            total=f'<strong id="TotalPrice" style="{faults.total_style}">{faults.total}</strong>'
            if faults.total is not None
            else "",
            captcha='<div class="g-recaptcha" style="height:90px">I am no robot</div>'
            if faults.captcha_on_form
            else "",
            extras=EXTRAS.replace("[[on]]", "checked" if faults.extra_checked else "")
            if faults.extras or faults.extra_checked
            else "",
            required=faults.required_html,
            postal=faults.postal_code,
            packages=PACKAGES.replace("[[onward]]", "").replace("[[text]]", faults.package_text)
            if faults.package == "on"
            else "",
            button="Save Changes" if ad_id else button,
        )

    def _upload(self) -> AnyResponse:
        if self.faults.upload_status != 200:
            return make_response("no", self.faults.upload_status)
        if self.faults.upload_error:
            return jsonify(error=self.faults.upload_error)
        content = request.files["file"].read()
        with self._lock:
            photo = f"photo{len(self._photos) + 1}"
            self._photos[photo] = hashlib.sha256(content).hexdigest()
        return jsonify(thumbnailUrl=f"/{photo}.jpg", normalUrl=photo)

    def _places(self) -> AnyResponse:
        asked = request.args["q"].casefold()
        return jsonify([place for place in PLACES if asked in place.casefold()])

    def _submit(self) -> AnyResponse:
        if denied := self._guard():
            return denied
        form = {name: request.form.getlist(name) for name in request.form}
        ad_id = form.get("adId", [""])[0]
        if ad_id:
            ad = self._find(ad_id)
            ad.form |= form
            return redirect(f"/v-gear/here/thing/{ad.id}")
        self.submits += 1
        if self.faults.blocked:
            return self._page("<h1>There was an issue posting your ad, please contact Customer Service.</h1>")
        if self.faults.refuse:
            return self._draw_form(form, "", form["categoryId"][0], self.faults.refuse)
        if self.faults.swallow:
            return redirect("/m-my-ads/active/1?posted=true&adActivated=true")
        ad = self._accept(form, [self._photos[photo] for photo in form.get("images", [])], self.faults.lag)
        if self.faults.package == "after":
            ad.deleted = True  # until the package is chosen
            return self._packages(f"/choose-package/{ad.id}")
        return self._after(ad)

    def _chosen(self, ad_id: str) -> AnyResponse:
        ad = self._find(ad_id)
        ad.deleted = False
        return self._after(ad)

    def _after(self, ad: Ad) -> AnyResponse:
        match self.faults.after:
            case "live":
                return redirect(f"/v-gear/here/thing/{ad.id}")
            case "nowhere":
                return redirect("/")
            case "limit":
                return self._page("<p>You have reached your limit of 2 free ads.</p>")
            case "thanks":
                return self._page("<p>You have successfully posted your ad!</p>")
            case "error":
                return self._page("<p>Something went wrong on our side.</p>", status=502)
            case "silent":
                return make_response("", 200)
            case _:
                return redirect(f"/m-my-ads/active/1?posted=true&adActivated=true&adId={ad.id}")

    def _live(self, ad_id: str) -> AnyResponse:
        return self._page(LIVE, title=escape(self._find(ad_id).title))
