"""Posting an ad: the title and category step, the details form, what it sends, and editing."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from xlkijiji.practice import reference, rules
from xlkijiji.practice.context import check_xsrf, needs_sign_in, signed_in, the_practice, the_session
from xlkijiji.practice.rules import Draft
from xlkijiji.practice.store import Ad, AdFields, Photo

pages = Blueprint("posting", __name__)


@pages.get("/p-select-category.html")
@needs_sign_in
def select_category() -> ResponseReturnValue:
    """Title first, then one suggested category and the tree of all of them."""
    tree = reference.category_tree(reference.categories().values())
    return render_template("select_category.html", tree=tree, shortest=rules.TITLE_LENGTH[0])


@pages.get("/p-suggest-category.json")
@needs_sign_in
def category_suggestion() -> ResponseReturnValue:
    """The category that fits a `title` best."""
    category = reference.suggest_category(request.args.get("title", ""))
    return jsonify(id=category.id, path=category.path)


@pages.get("/p-suggest-location.json")
@needs_sign_in
def location_suggestions() -> ResponseReturnValue:
    """What the location typeahead offers for the text `q`."""
    places = reference.find_places(request.args.get("q", ""))
    return jsonify([{"label": place.label, "locationId": place.location_id} for place in places])


@pages.get("/p-post-ad.html")
@needs_sign_in
def details_form() -> ResponseReturnValue:
    """The details form of `categoryId`; without one, the title and category step."""
    if not request.args.get("categoryId"):
        return select_category()
    category = reference.categories().get(request.args.get("categoryId", default=0, type=int))
    if category is None:
        abort(404, "There is no such category.")
    location_id, location = _prefilled_location()
    draft = rules.new_draft(category, title=request.args.get("adTitle", ""), location_id=location_id, location=location)
    return _render_form(draft)


@pages.get("/p-edit-ad.html")
@needs_sign_in
def edit_form() -> ResponseReturnValue:
    """The details form of one of the account's own live ads (`adId`)."""
    ad = _own_ad(request.args.get("adId", default=0, type=int))
    return _render_form(rules.draft_of_ad(ad), ad=ad)


@pages.post("/p-submit-ad.html")
@needs_sign_in
def submit() -> ResponseReturnValue:
    """Take a details form: publish the ad, or show the form again with its errors.

    A form with an `adId` changes that ad in place.
    """
    check_xsrf()
    category = reference.categories().get(request.form.get("categoryId", default=0, type=int))
    if category is None:
        abort(400, "There is no such category.")
    ad = _own_ad(request.form.get("adId", default=0, type=int)) if request.form.get("adId") else None
    if ad and ad.fields.category_id != category.id:
        abort(400, "The category of an ad cannot be changed. Delete it and post it again.")
    draft = Draft(category, MultiDict(request.form), _own_photos())
    fields = rules.check(draft)
    if fields is None:
        return _render_form(draft, ad=ad)
    store = the_practice().store
    if ad:
        return redirect(store.change_ad(ad.id, fields).path)
    new = store.add_ad(the_session().account, fields, live_path(fields))
    return redirect(new.path if new.state == "active" else f"/p-checkout.html?adId={new.id}")


@pages.get("/p-checkout.html")
@needs_sign_in
def checkout() -> ResponseReturnValue:
    """Where an ad that costs something ends up: it is not live until a person pays here."""
    return render_template("checkout.html", ad=_own_ad(request.args.get("adId", default=0, type=int), "unpaid"))


@pages.post("/p-checkout.html")
@needs_sign_in
def pay() -> ResponseReturnValue:
    """Pay with practice money. The site's table keeps the amount, so that a test sees a poster that pays."""
    check_xsrf()
    ad = _own_ad(request.form.get("adId", default=0, type=int), "unpaid")
    return redirect(the_practice().store.pay_ad(ad.id).path)


def live_path(fields: AdFields) -> str:
    """The live page's path up to the ad's id: `/v-<category>/<city>/<slug>`."""
    category = reference.slug(reference.categories()[fields.category_id].name, fallback="other")
    city = reference.slug(reference.places()[fields.location_id].name, fallback="canada")
    return f"/v-{category}/{city}/{reference.slug(fields.title)}"


def _render_form(draft: Draft, *, ad: Ad | None = None) -> ResponseReturnValue:
    return render_template(
        "details_form.html",
        draft=draft,
        category=draft.category,
        ad=ad,
        rules=rules,
        attribute_name=rules.ATTRIBUTE_NAME.format,
    )


def _prefilled_location() -> tuple[int | None, str]:
    """The location a new form starts with: asked for, else of the account's last ad, else the account's home."""
    practice = the_practice()
    asked = request.args.get("locationId", default=0, type=int)
    if asked in reference.places():
        return asked, ""
    last = practice.store.ads(account=the_session().account, newest_first=True, per_page=1)
    if last:
        return last[0].fields.location_id, last[0].fields.location
    return practice.options.home_location, ""


def _own_ad(ad_id: int, state: str = "active") -> Ad:
    ad = the_practice().store.ad(ad_id)
    session = signed_in()
    if ad is None or session is None or ad.account != session.account or ad.state != state:
        abort(404, "This ad is not among your ads.")
    return ad


def _own_photos() -> list[Photo]:
    """The submitted photos that this account uploaded; any other id is as good as none."""
    photos = the_practice().store.photos(rules.posted_photo_ids(request.form))
    return [photo for photo in photos if photo.account == the_session().account]
