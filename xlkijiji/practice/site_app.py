"""The first origin: the classifieds site itself, put together from its pages."""

from __future__ import annotations

from flask import Flask

from xlkijiji.practice import (
    account_pages,
    browse_pages,
    captcha_pages,
    json_views,
    photo_pages,
    posting_pages,
    rehearsal_pages,
)
from xlkijiji.practice.assets import add_assets
from xlkijiji.practice.context import Practice, attach
from xlkijiji.practice.pictures import MAX_BYTES
from xlkijiji.practice.trouble import add_trouble


def create_site_app(practice: Practice) -> Flask:
    """The WSGI app of the site's origin."""
    app = Flask(__name__, static_folder=None)
    # Room for a photo one byte too large plus its envelope, so that it is refused with a sentence about photos.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES + 64 * 1024
    attach(app, practice)
    add_trouble(app)
    add_assets(app)
    for pages in (
        browse_pages,
        account_pages,
        posting_pages,
        photo_pages,
        captcha_pages,
        rehearsal_pages,
        json_views,
    ):
        app.register_blueprint(pages.pages)
    return app
