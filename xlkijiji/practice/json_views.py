"""The site's own table for tests and rehearsals. The real site has nothing like it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from xlkijiji.practice import reference
from xlkijiji.practice.captchas import captcha_as_dict
from xlkijiji.practice.context import the_practice
from xlkijiji.practice.store import Ad

pages = Blueprint("practice", __name__, url_prefix="/practice")


def ad_as_dict(ad: Ad, site_url: str) -> dict[str, Any]:
    """One ad as plain data: money in dollars, photos in their order with the hash of the bytes that arrived."""
    fields = ad.fields
    return {
        "id": ad.id,
        "url": site_url + ad.path,
        "account": ad.account,
        "state": ad.state,
        "title": fields.title,
        "description": fields.description,
        "price": None if fields.price_cents is None else fields.price_cents / 100,
        "price_type": fields.price_type,
        "ad_type": fields.ad_type,
        "category_id": fields.category_id,
        "category": reference.categories()[fields.category_id].full_name,
        "attributes": dict(fields.attributes),
        "tags": list(fields.tags),
        "location": fields.location,
        "location_id": fields.location_id,
        "phone": fields.phone,
        "video": fields.video,
        "features": list(fields.features),
        "photos": [
            {
                "name": photo.name,
                "sha256": photo.sha256,
                "width": photo.width,
                "height": photo.height,
                "order": order,
                "url": f"{site_url}/photos/{photo.id}/normal",
            }
            for order, photo in enumerate(ad.photos, start=1)
        ],
        "total": fields.total_cents / 100,
        "total_paid": ad.paid_cents / 100,
        "created_at": ad.created_at,
        "updated_at": ad.updated_at,
        "deleted_at": ad.deleted_at,
        "delete_reason": ad.delete_reason,
    }


@pages.get("/ads.json")
def ads() -> ResponseReturnValue:
    """Every ad there ever was, oldest first."""
    practice = the_practice()
    return jsonify([ad_as_dict(ad, practice.url) for ad in practice.store.ads()])


@pages.get("/submits.json")
def submits() -> ResponseReturnValue:
    """Every form that arrived by a click on its button, oldest first, whatever became of it."""
    return jsonify(the_practice().memory.submits.all())


@pages.get("/captchas.json")
def captchas() -> ResponseReturnValue:
    """The checks that wait for a person, each with the address at which to solve it."""
    practice = the_practice()
    return jsonify([captcha_as_dict(captcha, practice.url) for captcha in practice.memory.captchas.open()])


@pages.get("/health")
def health() -> ResponseReturnValue:
    """That the site is up, and where its sign-in host is."""
    practice = the_practice()
    return jsonify(
        ok=True, url=practice.url, sign_in_url=practice.sign_in_url, ads=practice.store.count_ads(state="active")
    )
