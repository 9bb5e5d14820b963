"""What an office user may set, on the workbook's Settings sheet. Never a password."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from xlkijiji.errors import SettingsError
from xlkijiji.grid_address import parse_grid_url
from xlkijiji.inventory import cell_number, cell_text, header_key, split_list
from xlkijiji.manners import parse_quiet_hours
from xlkijiji.messages import LANGUAGES, language, tell

__all__ = [
    "FIELDS",
    "PRACTICE_URL",
    "SITE_URL",
    "VERSION_KEY",
    "VERSION_NOTE_KEY",
    "Field",
    "MailSettings",
    "Settings",
    "label_keys",
    "sheet_language",
    "spoken_language",
    "workbook_version",
]

SITE_URL = "https://www.kijiji.ca"
PRACTICE_URL = "http://127.0.0.1:8765"

MAIL_TO, MAIL_SERVER, MAIL_USER = "E-mail summary to", "Mail server", "Mail user"
STARTTLS_PORT, TLS_PORT = 587, 465
"""The ports for handing in mail: encrypted after a plain greeting (RFC 6409), and from the first byte (RFC 8314)."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
"""The e-mail addresses that every mail server takes: no quotes, no letters beyond ASCII."""
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


YES_NO = ("choice-yes", "choice-no")
LANGUAGE_NAMES = ("choice-english", "choice-french")
"""In the order of `messages.LANGUAGES`."""


@dataclass(frozen=True)
class Field:
    """One setting: its name here, and its label, default and sentence on the sheet. Its words are messages."""

    name: str
    label_key: str
    default: str | int
    """Of a choice, the key of its word."""
    note_key: str
    choice_keys: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What stands before the value, in the language in use."""
        return tell(self.label_key)

    @property
    def note(self) -> str:
        """What the setting does, in the language in use."""
        return tell(self.note_key)

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that its list offers, in the language in use; none where any text may stand."""
        return tuple(map(tell, self.choice_keys))

    @property
    def shown_default(self) -> str | int:
        """The default as it stands in the cell, in the language in use."""
        return tell(self.default) if self.choice_keys and isinstance(self.default, str) else self.default


FIELDS: tuple[Field, ...] = (
    Field("practice_mode", "setting-practice-mode", "choice-yes", "about-practice-mode", YES_NO),
    Field("practice_url", "setting-practice-url", PRACTICE_URL, "about-practice-url"),
    Field("account", "setting-account", "", "about-account"),
    Field("pictures_folder", "setting-pictures-folder", "pictures", "about-pictures-folder"),
    Field("category", "setting-category", "", "about-category"),
    Field("location", "setting-location", "", "about-location"),
    Field("description_footer", "setting-footer", "", "about-footer"),
    Field("for_sale_by", "setting-for-sale-by", "choice-owner", "about-for-sale-by", ("choice-owner", "choice-dealer")),
    Field("pause_seconds", "setting-pause", 20, "about-pause"),
    Field("ads_per_minute", "setting-per-minute", 2, "about-per-minute"),
    Field("quiet_hours", "setting-quiet-hours", "", "about-quiet-hours"),
    Field("stop_after", "setting-stop-after", 25, "about-stop-after"),
    Field("show_browser", "setting-show-browser", "choice-yes", "about-show-browser", YES_NO),
    Field("draft_mode", "setting-draft-mode", "choice-no", "about-draft-mode", YES_NO),
    Field("browser", "setting-browser", "", "about-browser"),
    Field("grid_url", "setting-grid", "", "about-grid"),
    Field("mail_to", "setting-mail-to", "", "about-mail-to"),
    Field("mail_server", "setting-mail-server", "", "about-mail-server"),
    Field("mail_user", "setting-mail-user", "", "about-mail-user"),
    Field(
        "tell_when_done",
        "setting-tell-when-done",
        "choice-no",
        "about-tell-when-done",
        ("choice-no", "choice-sound", "choice-notification"),
    ),
    Field("language", "setting-language", "choice-own-language", "about-language", LANGUAGE_NAMES),
)
BY_NAME = {field.name: field for field in FIELDS}
VERSION_KEY, VERSION_NOTE_KEY = "setting-version", "about-version"
"""Of the line that says which xlkijiji made the workbook: for information, so it is no field."""


def label_keys(message: str) -> frozenset[str]:
    """What a label may be, in each language, as `header_key` leaves it."""
    return frozenset(header_key(tell(message, language)) for language in LANGUAGES)


def spoken_language(labels: Mapping[str, object]) -> str:
    """The language that a Settings sheet asks for; where it doesn't say, the one that the sheet itself is in.

    Without such a sheet it is the one that is spoken already. `labels` are what stands beside each label. A word that
    is no language counts as none: `Settings.from_labels` refuses it.
    """
    asked = _LANGUAGE_WORDS.get(header_key(_value_of(_by_key(labels), BY_NAME["language"])))
    return asked or sheet_language(labels)


def sheet_language(labels: Collection[str]) -> str:
    """The language in which most of the settings' labels are; where they don't say, the one that is spoken already."""
    keys = set(map(header_key, labels))

    def known(which: str) -> int:
        return sum(header_key(tell(field.label_key, which)) in keys for field in FIELDS)

    return max((language(), *LANGUAGES), key=known)  # the first of those that are equal


def workbook_version(labels: Mapping[str, object]) -> str:
    """The version of xlkijiji that made the workbook, of what stands beside each label; blank where it doesn't say."""
    keys = label_keys(VERSION_KEY)
    return next((cell_text(value) for label, value in labels.items() if header_key(label) in keys), "")


def _by_key(labels: Mapping[str, object]) -> dict[str, object]:
    return {header_key(label): value for label, value in labels.items()}


def _value_of(by_key: Mapping[str, object], field: Field) -> object:
    """What stands beside the field's label, in whichever language it is."""
    return next((by_key[key] for key in sorted(label_keys(field.label_key)) if key in by_key), None)


_LANGUAGE_WORDS = {
    header_key(word): code
    for code, key, more in zip(LANGUAGES, LANGUAGE_NAMES, (("anglais",), ("francais", "French")), strict=True)
    for word in (code, tell(key), *more)
}


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
    """`No`, `Sound` or `Notification`."""
    language: str = LANGUAGES[0]
    """One of `messages.LANGUAGES`."""

    @classmethod
    def from_labels(cls, values: Mapping[str, object]) -> Settings:
        """Settings from what stands beside each label; a label that is missing or blank has its default.

        Raises SettingsError for a value that can't be used; the sentence names the setting.
        """
        by_key = _by_key(values)
        chosen: dict[str, Any] = {}
        for field in FIELDS:
            text = cell_text(_value_of(by_key, field))
            if not text and field.name == "language":
                chosen[field.name] = spoken_language(values)
            else:
                chosen[field.name] = _convert(field, text or str(field.shown_default))
        settings = cls(**chosen)
        if settings.mail_to and not settings.mail_server:
            raise SettingsError(_no_mail_server())
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
            raise SettingsError(_no_mail_server())
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


def _no_mail_server() -> str:
    return tell(
        "setting-no-mail-server",
        label=BY_NAME["mail_server"].label,
        port=STARTTLS_PORT,
        other=BY_NAME["mail_to"].label,
    )


def _convert(field: Field, text: str) -> Any:
    if field.name == "language":
        return _choice(field, text, _LANGUAGE_WORDS)
    if field.choice_keys == YES_NO:
        return _choice(field, text, {"yes": True, "oui": True, "true": True, "no": False, "non": False, "false": False})
    if field.choice_keys:
        return _choice(field, text, _english_words(field))
    if isinstance(field.default, int):
        number = cell_number(text)
        if number is None or number < 0:
            raise SettingsError(tell("setting-not-a-number", label=field.label, text=text))
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


def _english_words(field: Field) -> dict[str, str]:
    """The field's words in any language, as `header_key` leaves them, to the English one."""
    return {
        header_key(tell(key, language)): tell(key, LANGUAGES[0]) for key in field.choice_keys for language in LANGUAGES
    }


def _practice_address(field: Field, text: str) -> str:
    """An http address on this computer: the practice site is nowhere else, and its password is public."""
    try:
        parts = urlsplit(text)
        good = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"} and bool(parts.port)
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise SettingsError(tell("setting-not-here", label=field.label, text=text, example=PRACTICE_URL))
    return text.rstrip("/")


def _choice(field: Field, text: str, choices: Mapping[str, Any]) -> Any:
    key = header_key(text)
    if key not in choices:
        raise SettingsError(tell("setting-no-choice", label=field.label, text=text, choices=", ".join(field.choices)))
    return choices[key]


def _recipients(text: str) -> tuple[str, ...]:
    addresses = tuple(split_list(text, ";,\n"))
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise SettingsError(tell("setting-no-mail-address", label=BY_NAME["mail_to"].label, text=address))
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
            tell("setting-bad-mail-server", label=BY_NAME["mail_server"].label, text=text, port=STARTTLS_PORT)
        )
    return host, port


def _is_host(host: str) -> bool:
    if ":" in host:
        ipaddress.IPv6Address(host)  # raises ValueError when it is none
        return True
    return bool(_HOST_NAME.fullmatch(host))


def _mail_user(text: str) -> str:
    if not text.isprintable() or " " in text:
        raise SettingsError(tell("setting-bad-mail-user", label=BY_NAME["mail_user"].label, text=text))
    return text


_MAIL_CHECKS = {"mail_to": _recipients, "mail_server": _host_and_port, "mail_user": _mail_user}
