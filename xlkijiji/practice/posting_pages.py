"""Posting an ad: the title and category step, the details form, what it sends, and editing."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from xlkijiji.practice import acceptance, captcha_pages, reference, rules
from xlkijiji.practice.captchas import Captcha
from xlkijiji.practice.context import check_xsrf, needs_sign_in, signed_in, the_practice, the_session, wait_while_asked
from xlkijiji.practice.rules import Draft
from xlkijiji.practice.store import Ad, AdFields, Photo
from xlkijiji.practice.trouble import note_outcome, withheld
from xlkijiji.practice.words import say

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


@pages.get("/p-models.json")
@needs_sign_in
def model_choices() -> ResponseReturnValue:
    """What the list `attribute` offers once `make` is chosen, after a while, as the real site asks for it too."""
    name = request.args.get("attribute", "")
    if name not in reference.DEPENDS_ON:
        abort(404)
    wait_while_asked(the_practice().options.models_seconds)
    found = reference.models(name, request.args.get("make", ""))
    return jsonify([{"value": value, "label": say(label)} for value, label in found])


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
    draft.era = the_practice().options.era
    practice, account = the_practice(), the_session().account
    if practice.faults.strikes("captcha_at_post", "before".__eq__):
        practice.memory.captchas.ask(account, "form")
    if practice.faults.peek("blocked", "form".__eq__):
        draft.refusal = rules.BLOCKED
    return _render_form(draft, limit=acceptance.limit_reached(account, at_click=False))


@pages.get("/p-edit-ad.html")
@needs_sign_in
def edit_form() -> ResponseReturnValue:
    """The details form of one of the account's own live ads (`adId`)."""
    ad = _own_ad(request.args.get("adId", default=0, type=int))
    return _render_form(rules.draft_of_ad(ad, era=the_practice().options.era), ad=ad)


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
    draft = Draft(category, MultiDict(request.form), _own_photos(), era=the_practice().options.era)
    fields = rules.check(draft)
    if fields is not None and (refused := the_practice().faults.take("refused")):
        field_id, _, sentence = refused.partition("=")
        draft.errors[field_id] = sentence
    if fields is None or draft.errors:
        note_outcome("refused")
        return _render_form(draft, ad=ad)
    if ad:
        note_outcome("edited")
        return withheld(redirect(the_practice().store.change_ad(ad.id, fields).path))
    return _post(draft, fields)


def _post(draft: Draft, fields: AdFields) -> ResponseReturnValue:
    """Accept a new ad that keeps the rules, unless something about its account stands in the way."""
    practice, account = the_practice(), the_session().account
    if practice.memory.captchas.open(account, "form"):
        note_outcome("captcha")
        return _render_form(draft)
    if (limit := acceptance.limit_reached(account, at_click=True)) is not None:
        note_outcome("limit")
        return _render_form(draft, limit=limit)
    if practice.faults.strikes("blocked"):
        note_outcome("blocked")
        draft.refusal = rules.BLOCKED
        return _render_form(draft)
    if fee := acceptance.fee_cents():
        practice.faults.take("fee")
        fields = replace(fields, total_cents=fields.total_cents + fee)
    if practice.faults.strikes("captcha_at_post", "after".__eq__):
        note_outcome("captcha")
        captcha = practice.memory.captchas.ask(account, "post", payload=acceptance.written(fields))
        return redirect(captcha_pages.waiting_path(captcha))
    note_outcome("accepted")
    return withheld(redirect(acceptance.path_after(acceptance.accept(account, fields))))


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


def _render_form(draft: Draft, *, ad: Ad | None = None, limit: int | None = None) -> ResponseReturnValue:
    """The form as filled in so far; `limit` is how many ads the account may have, where it has as many."""
    waiting: list[Captcha] = []
    if ad is None:
        waiting = the_practice().memory.captchas.open(the_session().account, "form")
        draft.fee_cents = acceptance.fee_cents()
    return render_template(
        "details_form.html",
        draft=draft,
        category=draft.category,
        ad=ad,
        rules=rules,
        attribute_name=rules.ATTRIBUTE_NAME.format,
        depends_on=reference.DEPENDS_ON,
        captcha=waiting[-1] if waiting else None,
        limit=limit,
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
