"""What one record's dealing with a bot needs of the run around it, as plain values and callables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from xlkijiji.bot_port import BotPort
from xlkijiji.ledger import Ledger

__all__ = ["Neighbours", "Patience", "Surroundings"]


@dataclass(frozen=True)
class Neighbours:
    """What is known of the other records' ads, when a record looks for its own."""

    ad_ids: frozenset[str] = frozenset()
    namesake: bool = False
    """Another record with the same title may be on the site, and which ad is its is not known."""


@dataclass(frozen=True)
class Patience:
    """How often a record is tried in one run, and how long a person is waited for. Times in seconds."""

    site_tries: int = 3
    """Tries when the site hiccups before the click; between them twice as long each time, with some chance in it."""
    first_wait: float = 1.0
    longest_wait: float = 30.0
    person_timeout: float = 300.0
    person_poll: float = 5.0


@dataclass
class Surroundings:
    """What an attempt needs of the run around it."""

    now: Callable[[], dt.datetime]
    sleep: Callable[[float], None]
    stopping: Callable[[], bool]
    step: Callable[[str], None]
    neighbours: Callable[[], Neighbours]
    another_bot: Callable[[BotPort], BotPort | None]
    """A bot in the place of one whose browser has gone; None when it was the second in a row."""
    patience: Patience
    ledger: Ledger
