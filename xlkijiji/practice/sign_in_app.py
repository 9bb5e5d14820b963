"""The second origin: the host on which an account's password is typed (`id.kijiji.ca` on the real site)."""

from __future__ import annotations

import hmac

from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from xlkijiji.practice import captcha_pages
from xlkijiji.practice.assets import add_assets
from xlkijiji.practice.context import Practice, attach, the_practice
from xlkijiji.practice.options import DEFAULT_ACCOUNTS
from xlkijiji.practice.trouble import add_trouble

WRONG_PASSWORD = "Sorry, your username or password is incorrect. Please try again."  # noqa: S105 - a sentence, no password
"""The older wording; today's is not known (kijiji-site facts)."""


_USERNAME = {2: "emailOrNickname", 3: "username"}
"""The name and id of the first field, by era."""


def create_sign_in_app(practice: Practice) -> Flask:
    """The WSGI app of the sign-in origin."""
    app = Flask(__name__, static_folder=None)
    app.config["IS_SIGN_IN_HOST"] = True
    attach(app, practice)
    add_trouble(app)
    add_assets(app)
    app.register_blueprint(captcha_pages.pages)
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
    username = request.form.get(_USERNAME[the_practice().options.era], "").strip()
    password = request.form.get("password", "")
    practice = the_practice()
    known = {name.casefold(): (name, secret) for name, secret in practice.options.accounts.items()}
    account, secret = known.get(username.casefold(), ("", ""))
    is_right = bool(account) and hmac.compare_digest(password.encode(), secret.encode())
    if not is_right or practice.faults.strikes("wrong_password"):
        return _sign_in_page(username=username, error=WRONG_PASSWORD)
    if practice.faults.strikes("captcha_at_sign_in"):
        captcha = practice.memory.captchas.ask(account, "sign-in", payload=_service())
        return redirect(captcha_pages.waiting_path(captcha))
    return redirect(captcha_pages.with_ticket(_service(), account))


def _sign_in_page(*, username: str = "", error: str = "") -> ResponseReturnValue:
    # The default account is public, and shown to whoever rehearses; a person's own choice of accounts is not.
    default = next(iter(DEFAULT_ACCOUNTS.items()))
    shown = default if the_practice().options.accounts == DEFAULT_ACCOUNTS else None
    return render_template(
        "sign_in.html",
        service=_service(),
        username=username,
        error=error,
        shown_account=shown,
        username_field=_USERNAME[the_practice().options.era],
    )


def _service() -> str:
    """Where to go after signing in: only ever the site itself, as the ticket goes there."""
    entry = the_practice().url + "/t-login.html"
    service = request.values.get("service", "")
    return service if service == entry or service.startswith(entry + "?") else entry
