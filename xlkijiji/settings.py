"""What an office user may set, on the workbook's Settings sheet. Never a password."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from xlkijiji.errors import SettingsError
from xlkijiji.grid_address import GRID_LABEL, parse_grid_url
from xlkijiji.inventory import cell_number, cell_text, header_key, split_list
from xlkijiji.manners import parse_quiet_hours

__all__ = ["FIELDS", "PRACTICE_URL", "SITE_URL", "Field", "MailSettings", "Settings"]

SITE_URL = "https://www.kijiji.ca"
PRACTICE_URL = "http://127.0.0.1:8765"

MAIL_TO, MAIL_SERVER, MAIL_USER = "E-mail summary to", "Mail server", "Mail user"
STARTTLS_PORT, TLS_PORT = 587, 465
"""The ports for handing in mail: encrypted after a plain greeting (RFC 6409), and from the first byte (RFC 8314)."""

_NO_MAIL_SERVER = (
    f"Settings, '{MAIL_SERVER}': it is blank, so no summary can be sent. Put in your mail provider's server, such as "
    f"smtp.example.com:{STARTTLS_PORT}, or clear '{MAIL_TO}', then try again."
)

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
"""The e-mail addresses that every mail server takes: no quotes, no letters beyond ASCII."""
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True)
class Field:
    """One setting: its name here, its label and default on the sheet, and a sentence about it."""

    name: str
    label: str
    default: str | int
    note: str
    choices: tuple[str, ...] = ()


FIELDS: tuple[Field, ...] = (
    Field(
        "practice_mode",
        "Practice mode",
        "Yes",
        "Yes: ads go to the practice site on this computer, and nobody else sees them. No: they go to Kijiji.",
        choices=("Yes", "No"),
    ),
    Field("practice_url", "Practice site", PRACTICE_URL, "The address of the practice site, always on this computer."),
    Field(
        "account", "Kijiji account", "", "The e-mail address that you sign in with. The password is never kept here."
    ),
    Field(
        "pictures_folder",
        "Pictures folder",
        "pictures",
        "Where the files named under Photos are: a full path, or a folder beside this workbook.",
    ),
    Field(
        "category",
        "Category",
        "",
        "For rows that have none. Blank: the category that the site suggests for the title.",
    ),
    Field(
        "location",
        "Location",
        "",
        "For rows that have none: postal code, or street and city. Blank: the place that the site fills in for you.",
    ),
    Field(
        "description_footer",
        "Description footer",
        "",
        "Put at the end of every ad's text. {Column} is filled in from the row, such as: Stock {SKU}. Blank: nothing.",
    ),
    Field("for_sale_by", "For sale by", "Owner", "For rows that have none.", choices=("Owner", "Dealer")),
    Field(
        "pause_seconds",
        "Pause between ads (s)",
        20,
        "Seconds between two ads on Kijiji; the practice site has no pause.",
    ),
    Field(
        "ads_per_minute",
        "Ads per minute",
        2,
        "At most so many ads on Kijiji in a minute. 0: only the pause counts.",
    ),
    Field(
        "quiet_hours",
        "Quiet hours",
        "",
        "No ad is posted on Kijiji in these hours, such as 22:00-07:00; a run waits until they end. Blank: none.",
    ),
    Field("stop_after", "Stop after (ads)", 25, "A run ends after so many ads; the next click goes on. 0: no limit."),
    Field(
        "show_browser",
        "Show the browser",
        "Yes",
        "Yes: you see the browser at work. No: hidden, in practice mode only.",
        choices=("Yes", "No"),
    ),
    Field(
        "draft_mode",
        "Draft mode",
        "No",
        "Yes: each ad is filled in, and you press Post Your Ad in the browser, or leave the page to skip the row.",
        choices=("Yes", "No"),
    ),
    Field(
        "browser",
        "Browser",
        "",
        "Chrome, Chromium, Edge, Firefox, or a program's full path. Blank: the first of them that is found.",
    ),
    Field(
        "grid_url",
        GRID_LABEL,
        "",
        "The address of a Selenium Grid whose browsers are used, such as http://192.168.1.20:4444. Blank: the browser "
        "on this computer.",
    ),
    Field(
        "mail_to",
        MAIL_TO,
        "",
        "Who gets a summary when a run ends: e-mail addresses, separated by ; or a comma. Blank: no e-mail.",
    ),
    Field(
        "mail_server",
        MAIL_SERVER,
        "",
        "Your mail provider's server for sending, such as smtp.example.com:587. Without a number it is 587.",
    ),
    Field(
        "mail_user",
        MAIL_USER,
        "",
        "The user that signs in there. Blank: no sign-in. The password is never kept here: "
        "'xlkijiji password --mail USER' stores it.",
    ),
    Field(
        "tell_when_done",
        "Tell me when done",
        "No",
        "When a run ends. Sound: a short tone. Notification: the system's own small window.",
        choices=("No", "Sound", "Notification"),
    ),
)


@dataclass(frozen=True)
class MailSettings:
    """Who gets the summary of a run, and which server takes it. The password is in the system's key store only."""

    recipients: tuple[str, ...]
    host: str
    """A name or an IP address."""
    port: int
    security: Literal["starttls", "tls"]
    """tls: encrypted from the first byte. starttls: after the server's greeting; without it nothing is sent, unless
    the server is on this computer."""
    user: str
    """Blank: no sign-in."""
    sender: str
    """The address that the summary comes from."""


@dataclass(frozen=True)
class Settings:
    """The settings of one workbook, checked."""

    practice_mode: bool = True
    practice_url: str = PRACTICE_URL
    account: str = ""
    pictures_folder: str = "pictures"
    category: str = ""
    location: str = ""
    description_footer: str = ""
    for_sale_by: str = "Owner"
    pause_seconds: float = 20.0
    ads_per_minute: float = 2.0
    quiet_hours: str = ""
    stop_after: int = 25
    show_browser: bool = True
    draft_mode: bool = False
    """The browser is shown then, whatever `show_browser` says."""
    browser: str = ""
    """One of the names in `kijiji.programs.KINDS`, or a path; blank: the first that is found."""
    grid_url: str = ""
    """See `grid_address`; blank: the browser is started on this computer."""
    mail_to: str = ""
    mail_server: str = ""
    mail_user: str = ""
    tell_when_done: str = "No"

    @classmethod
    def from_labels(cls, values: Mapping[str, object]) -> Settings:
        """Settings from what stands beside each label; a label that is missing or blank has its default.

        Raises SettingsError for a value that can't be used; the sentence names the setting.
        """
        by_key = {header_key(label): value for label, value in values.items()}
        chosen: dict[str, Any] = {}
        for field in FIELDS:
            value = by_key.get(header_key(field.label))
            text = cell_text(value) or str(field.default)
            chosen[field.name] = _convert(field, text)
        settings = cls(**chosen)
        if settings.mail_to and not settings.mail_server:
            raise SettingsError(_NO_MAIL_SERVER)
        return settings

    def images_dir(self, workbook_folder: Path) -> Path:
        """The pictures folder as a path; a relative one is beside the workbook."""
        return workbook_folder / Path(self.pictures_folder).expanduser()

    @property
    def base_url(self) -> str:
        """The site to post to."""
        return self.practice_url if self.practice_mode else SITE_URL

    @property
    def mail(self) -> MailSettings | None:
        """How to send the summary of a run; None when nobody wants it.

        Raises SettingsError for values that `from_labels` would have refused.
        """
        recipients = _recipients(self.mail_to)
        if not recipients:
            return None
        if not self.mail_server:
            raise SettingsError(_NO_MAIL_SERVER)
        host, port = _host_and_port(self.mail_server)
        user = _mail_user(self.mail_user)
        return MailSettings(
            recipients,
            host,
            port,
            "tls" if port == TLS_PORT else "starttls",
            user,
            # a user name that is no address can't be a sender
            user if _ADDRESS.fullmatch(user) else recipients[0],
        )


def _convert(field: Field, text: str) -> Any:
    if field.choices == ("Yes", "No"):
        return _choice(field, text, {"yes": True, "oui": True, "true": True, "no": False, "non": False, "false": False})
    if field.choices:
        return _choice(field, text, {choice.casefold(): choice for choice in field.choices})
    if isinstance(field.default, int):
        number = cell_number(text)
        if number is None or number < 0:
            raise SettingsError(
                f"Settings, '{field.label}': '{text}' is not a number of 0 or more. Correct it, then try again."
            )
        return int(number) if field.name == "stop_after" else number
    if field.name == "quiet_hours":
        parse_quiet_hours(text)
    if field.name == "practice_url":
        return _practice_address(field, text)
    if field.name == "grid_url":
        return parse_grid_url(text)
    if field.name in _MAIL_CHECKS and text:
        _MAIL_CHECKS[field.name](text)
    return text


def _practice_address(field: Field, text: str) -> str:
    """An http address on this computer: the practice site is nowhere else, and its password is public."""
    try:
        parts = urlsplit(text)
        good = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"} and bool(parts.port)
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise SettingsError(
            f"Settings, '{field.label}': '{text}' is not an address on this computer, such as {PRACTICE_URL}. "
            "Correct it, then try again."
        )
    return text.rstrip("/")


def _choice(field: Field, text: str, choices: Mapping[str, Any]) -> Any:
    if text.casefold() not in choices:
        raise SettingsError(
            f"Settings, '{field.label}': '{text}' is not one of {', '.join(field.choices)}. Correct it, then try again."
        )
    return choices[text.casefold()]


def _recipients(text: str) -> tuple[str, ...]:
    addresses = tuple(split_list(text, ";,\n"))
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise SettingsError(
                f"Settings, '{MAIL_TO}': '{address}' is not an e-mail address. Put in addresses such as "
                "office@example.com, separated by ; or a comma, then try again."
            )
    return addresses


def _host_and_port(text: str) -> tuple[str, int]:
    """`smtp.example.com`, `smtp.example.com:587`, `192.0.2.7:25` or `[2001:db8::7]:587`; no other part of a URL."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname or "", STARTTLS_PORT if parts.port is None else parts.port
        good = port > 0 and parts.netloc == text and "@" not in text and not text.endswith(":") and _is_host(host)
    except ValueError:  # a port that is no number, or too large, or brackets that don't fit
        good = False
    if not good:
        raise SettingsError(
            f"Settings, '{MAIL_SERVER}': '{text}' is not a mail server. Put in its name, and its port after a colon, "
            f"such as smtp.example.com:{STARTTLS_PORT}, then try again."
        )
    return host, port


def _is_host(host: str) -> bool:
    if ":" in host:
        ipaddress.IPv6Address(host)  # raises ValueError when it is none
        return True
    return bool(_HOST_NAME.fullmatch(host))


def _mail_user(text: str) -> str:
    if not text.isprintable() or " " in text:
        raise SettingsError(
            f"Settings, '{MAIL_USER}': '{text}' has a blank or a line end in it. Put in the user name alone, usually "
            "your e-mail address, then try again."
        )
    return text


_MAIL_CHECKS = {"mail_to": _recipients, "mail_server": _host_and_port, "mail_user": _mail_user}
