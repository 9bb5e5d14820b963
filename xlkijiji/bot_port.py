"""A bot, and what it can do: the only contract between a run and whatever posts for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from xlkijiji.errors import InventoryError
from xlkijiji.inventory import Record, cell_number, cell_text
from xlkijiji.messages import LANGUAGES, tell
from xlkijiji.plain_words import plain, plain_or_unknown
from xlkijiji.validators import Problem

__all__ = ["Bot", "BotPort", "waits_for_person"]

LISTING_DELAY = 2.0
"""Seconds after the click within which a new ad shows where `find_ad` looks, for a bot that doesn't say."""


class Bot(Protocol):
    """What posts ads. Only `post_ad` is needed; `BotPort` lists what else is used where a bot has it."""

    @property
    def post_ad(self) -> Callable[..., Mapping[str, Any]]:
        """`post_ad(record)` posts one ad; it gives `success`, `message`, `ad_url`, and maybe `ad_id`, `error_kind`."""


class BotPort:
    """A bot, with what it can do found out once.

    Used where they exist: `login() -> bool`, `logout()`, `check(record) -> list of problems`,
    `warnings(record) -> list of what doesn't keep the record from being posted`,
    `find_ad`, `delete_ad`, `live_ads() -> ids of all ads that are on the site`, and the keyword `before_submit` of
    `post_ad`.

    `post_ad` gives a mapping with `success`, and maybe `warning`: what a person has to look at though the ad is live;
    `remarks`: a list of sentences about what `warnings` couldn't know, for *Last error* and the report of the run.
    Where `before_submit` is not a parameter of it, its word is taken:
    whatever error it raises means that nothing was submitted, so it must raise none after the site has accepted; an
    answer without `success`, or an interrupt, is no word: then nobody knows. `before_submit(ids_before=[…])` is called
    right before the click that can't be undone, with the ids under My Ads where they are known; once more before
    another click; from the bot's own thread; and what it raises must go through, as it forbids the click.

    `find_ad(record)` gives a mapping with `ad_id` or `ad_url` of the record's ad (also `removed`: the site took it off
    again), True for one without a number, None when there is surely none; it raises UnknownOutcome where several may be
    it. Anything else leaves the row unsure. Its keyword `ids_before`, where it has one, gets the ids (as text) of ads
    that aren't this record's. `delete_ad(ad_id)` gives a mapping with `success`, or True or None when the ad is gone,
    also when it was gone before.

    A bot that lets a person press the button calls `before_submit` before it tells them so, with `within=` the seconds
    within which they can press (and again with `title=…` when they give the ad another one). It sees to it that nobody
    can press after that, nor later than `search.LATE_CLICK_SECONDS` after the run was killed. Its waiting should end
    when somebody stops the run: a `post_ad` with a parameter `stopping` gets a callable that says so.

    Three attributes: `account` (str) names the account for the journal; `listing_delay` (seconds, else 2) is how long
    after `before_submit` a new ad may take to show where `find_ad` and `live_ads` look, whatever happens to the bot;
    `recheck_delay` (seconds, else the same) how long after its posting an ad is looked for once more with `live_ads`,
    as a site may take off a duplicate again.

    Raises InventoryError for an object without `post_ad`.
    """

    def __init__(self, bot: Any) -> None:
        self._bot = bot
        if not callable(getattr(bot, "post_ad", None)):
            raise InventoryError("Nothing can be posted: the bot has no post_ad(record). Give run_batch one that has.")
        named, self._takes_before_submit = _takes_keyword(self._bot.post_ad, "before_submit")
        self._takes_stopping, _any = _takes_keyword(self._bot.post_ad, "stopping")
        self.tells_submit = named
        """Does the bot say when it submits? One that takes any keyword may never call it."""
        self.account = cell_text(getattr(bot, "account", ""))
        """Whose ads these are, for the journal; '' when the bot has no name for it."""
        delay = cell_number(getattr(bot, "listing_delay", None))
        self.listing_delay = LISTING_DELAY if delay is None else max(0.0, delay)
        """Seconds within which a new ad shows where `find_ad` looks."""
        recheck = cell_number(getattr(bot, "recheck_delay", None))
        self.recheck_delay = self.listing_delay if recheck is None else max(0.0, recheck)
        """Seconds after which an ad that is still there stays."""

    def has(self, name: str) -> bool:
        """Can the bot do this?"""
        return callable(getattr(self._bot, name, None))

    def login(self) -> bool:
        """Sign in where that is a thing; True also for a bot that needs none."""
        return not self.has("login") or self._bot.login() is not False

    def logout(self) -> None:
        """Sign out where that is a thing."""
        if self.has("logout"):
            self._bot.logout()

    def check(self, record: Record) -> list[object]:
        """The site's own objections to `record`, known before a browser starts."""
        found = (self._bot.check(record) or ()) if self.has("check") else ()
        return [one if isinstance(one, Problem) else plain_or_unknown(one) for one in found]

    def warnings(self, record: Record) -> list[object]:
        """What a person should know of `record`, and what doesn't keep it from being posted."""
        found = (self._bot.warnings(record) or ()) if self.has("warnings") else ()
        return [one for one in found if isinstance(one, Problem) or plain(one)]

    def find_ad(self, record: Record, ids_of_others: Collection[str] = ()) -> Any:
        """The ad of `record` on the site, as the bot gives it; `ids_of_others` are known to be other ads."""
        _named, taken = _takes_keyword(self._bot.find_ad, "ids_before")
        return self._bot.find_ad(record, ids_before=ids_of_others) if taken else self._bot.find_ad(record)

    def live_ads(self) -> frozenset[str]:
        """The ids of all ads of the account that are on the site."""
        return frozenset(map(cell_text, self._bot.live_ads()))

    def delete_ad(self, ad_id: str) -> Any:
        """Take an ad off the site; what the bot says to it."""
        return self._bot.delete_ad(ad_id)

    def post_ad(self, record: Record, before_submit: Callable[..., None], stopping: Callable[[], bool]) -> Any:
        """Post, and be told right before the click where the bot can tell; `stopping` is for one that waits."""
        more: dict[str, Any] = {"stopping": stopping} if self._takes_stopping else {}
        if self._takes_before_submit:
            more["before_submit"] = before_submit
        return self._bot.post_ad(record, **more)


def waits_for_person(step: str) -> bool:
    """Does a step say that a person is to do something? The words for it begin the same everywhere."""
    return step.startswith(tuple(tell("waiting-for-you", language) for language in LANGUAGES))


def _takes_keyword(function: Callable[..., Any], name: str) -> tuple[bool, bool]:
    """Has `function` a parameter of this name; and may it be given at all, also by a `**` that takes everything?"""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some callables written in C don't say
        return False, False
    parameter = parameters.get(name)
    named = parameter is not None and parameter.kind in {
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    }
    return named, named or any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
