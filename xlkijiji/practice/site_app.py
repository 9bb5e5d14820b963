"""The first origin: the classifieds site itself, put together from its pages."""

from __future__ import annotations

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from xlkijiji.practice import account_pages, browse_pages, json_views, photo_pages, posting_pages
from xlkijiji.practice.assets import add_assets
from xlkijiji.practice.context import Practice, attach
from xlkijiji.practice.pictures import MAX_BYTES


def create_site_app(practice: Practice) -> Flask:
    """The WSGI app of the site's origin."""
    app = Flask(__name__, static_folder=None)
    # Room for a photo one byte too large plus its envelope, so that it is refused with a sentence about photos.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES + 64 * 1024
    attach(app, practice)
    add_assets(app)
    for pages in (browse_pages, account_pages, posting_pages, photo_pages, json_views):
        app.register_blueprint(pages.pages)
    app.register_error_handler(HTTPException, error_page)
    return app


def error_page(error: HTTPException) -> ResponseReturnValue:
    """A page for what went wrong, with the status code that a poster can read."""
    return render_template("error.html", error=error), error.code or 500
