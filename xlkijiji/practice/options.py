"""What a rehearsal can choose about the practice site before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DEFAULT_ACCOUNTS: Mapping[str, str] = MappingProxyType({"dealer@example.com": "practice"})
"""Public on purpose: this password opens nothing but a rehearsal on the same computer."""

DEFAULT_BUILD = 1154397290
"""The number behind class names. The real site changes it with each build, so nothing may rely on it."""

CITY_OF_TORONTO = 1700273

ERAS = (2, 3)
"""Generations of the real site: 2 is that of 2018 to 2022, 3 the one since 2023 (kijiji-site facts)."""


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """One rehearsal's settings; they hold for as long as the site runs.

    `accounts` maps an e-mail address to its password. `home_location` is the location id that a first ad's form is
    pre-filled with; None leaves it empty, and then the person or the bot must choose one. `upload_seconds` is how long
    the server thinks about each photo, so that a bot that does not wait for thumbnails loses them here too;
    `models_seconds` how long it thinks about a make's models, so that a bot that takes the list as it stands finds it
    empty. `era` is the generation of the real site that this one looks like, one of ERAS. `locale` is the
    language of every page whatever `siteLocale` and the footer ask for, as of an account that is kept in French.
    """

    accounts: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_ACCOUNTS))
    build: int = DEFAULT_BUILD
    home_location: int | None = CITY_OF_TORONTO
    ads_per_page: int = 20
    upload_seconds: float = 0.2
    models_seconds: float = 0.2
    era: int = 3
    locale: str | None = None
