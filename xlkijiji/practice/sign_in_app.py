"""The second origin: the host on which an account's password is typed (`id.kijiji.ca` on the real site)."""

from __future__ import annotations

import hmac
from urllib.parse import urlencode, urlsplit

from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from xlkijiji.practice.assets import add_assets
from xlkijiji.practice.context import Practice, attach, the_practice
from xlkijiji.practice.options import DEFAULT_ACCOUNTS

WRONG_PASSWORD = "Sorry, your username or password is incorrect. Please try again."  # noqa: S105 - a sentence, no password
"""The older wording; today's is not known (kijiji-site facts)."""


def create_sign_in_app(practice: Practice) -> Flask:
    """The WSGI app of the sign-in origin."""
    app = Flask(__name__, static_folder=None)
    attach(app, practice)
    add_assets(app)
    app.add_url_rule("/", view_func=front_door)
    app.add_url_rule("/login", view_func=login_page, methods=["GET"])
    app.add_url_rule("/login", view_func=login, methods=["POST"])
    return app


def front_door() -> ResponseReturnValue:
    """Nobody has business here without a service to go back to."""
    return redirect(the_practice().url + "/t-login.html")


def login_page() -> ResponseReturnValue:
    """The sign-in form."""
    return _sign_in_page()


def login() -> ResponseReturnValue:
    """Check e-mail and password; the way back carries a ticket that the site redeems once."""
    username, password = request.form.get("username", "").strip(), request.form.get("password", "")
    practice = the_practice()
    known = {name.casefold(): (name, secret) for name, secret in practice.options.accounts.items()}
    account, secret = known.get(username.casefold(), ("", ""))
    if not account or not hmac.compare_digest(password.encode(), secret.encode()):
        return _sign_in_page(username=username, error=WRONG_PASSWORD)
    service = _service()
    joint = "&" if urlsplit(service).query else "?"
    return redirect(service + joint + urlencode({"ticket": practice.store.issue_ticket(account)}))


def _sign_in_page(*, username: str = "", error: str = "") -> ResponseReturnValue:
    # The default account is public, and shown to whoever rehearses; a person's own choice of accounts is not.
    default = next(iter(DEFAULT_ACCOUNTS.items()))
    shown = default if the_practice().options.accounts == DEFAULT_ACCOUNTS else None
    return render_template("sign_in.html", service=_service(), username=username, error=error, shown_account=shown)


def _service() -> str:
    """Where to go after signing in: only ever the site itself, as the ticket goes there."""
    entry = the_practice().url + "/t-login.html"
    service = request.values.get("service", "")
    return service if service == entry or service.startswith(entry + "?") else entry
