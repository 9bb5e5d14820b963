"""Which account may be used where: what belongs to the real site never goes to a rehearsal, nor the reverse."""

from __future__ import annotations

import logging

import keyring
import keyring.errors

from xlkijiji.errors import SettingsError
from xlkijiji.kijiji.hosts import is_loopback
from xlkijiji.logs import hide
from xlkijiji.messages import tell

__all__ = [
    "PRACTICE_ACCOUNT",
    "PRACTICE_PASSWORD",
    "SERVICE",
    "kept_password",
    "refuse_practice_account",
    "refuse_real_one",
]

log = logging.getLogger(__name__)

SERVICE = "xlkijiji"
"""The name under which the operating system's key store keeps passwords of ours."""
PRACTICE_ACCOUNT, PRACTICE_PASSWORD = "dealer@example.com", "practice"
"""Those of the practice site, which this room doesn't import; a test compares them."""


def kept_password(account: str) -> str | None:
    """The password in the operating system's key store, which no log shows from then on; None when it has none, or
    when there is no key store."""
    try:
        password = keyring.get_password(SERVICE, account)
    except keyring.errors.KeyringError as error:
        log.info("no key store: %s", error)
        return None
    hide(password or "")
    return password


def refuse_practice_account(username: str, password: str | None, base_url: str) -> None:
    """Raises SettingsError when the practice site's account or password is to be used anywhere but on this computer."""
    if is_loopback(base_url):
        return
    if username.strip().casefold() == PRACTICE_ACCOUNT or password == PRACTICE_PASSWORD:
        raise SettingsError(tell("practice-account-on-kijiji"))


def refuse_real_one(username: str, password: str, base_url: str) -> None:
    """Raises SettingsError when a password that is kept for Kijiji is to be typed into a site on this computer."""
    if (
        is_loopback(base_url)
        and username.strip().casefold() != PRACTICE_ACCOUNT
        and kept_password(username) == password
    ):
        raise SettingsError(tell("real-password-here"))
