"""The bots of one run: who is signed in, and who takes the place of one whose browser has gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from xlkijiji.bot_port import Bot, BotPort
from xlkijiji.errors import BrowserGone, InventoryError, SignInRefused, XlkijijiError
from xlkijiji.manners import EndRun

__all__ = ["Crew"]

log = logging.getLogger(__name__)

REFUSED = "Nobody could sign in to the site. Check the account and the password, then try again."
SIGN_OUT_SECONDS = 1.0
"""How long a sign-in that is on in another thread is waited for when the run ends."""
MOST_IN_A_ROW = 1
"""How many bots in a row may be replaced before a record has gone through; one more ends the run."""


class Crew:
    """The bots of one run, all of one account.

    `bots` are those that the caller has; `make_bot` makes further ones. Where there is none to be made, a bot whose
    browser has gone is asked again itself: it may start another browser. Raises InventoryError for what is no bot.
    """

    def __init__(self, bots: Bot | Sequence[Bot], make_bot: Callable[[], Bot] | None, size: int) -> None:
        given = list(bots) if isinstance(bots, (list, tuple)) else [bots]
        if not given:
            raise InventoryError("Nothing can be posted: there is no bot. Give run_batch one that has post_ad(record).")
        self._make_bot = make_bot
        self._ports = [BotPort(bot) for bot in given[: max(1, size)]]
        self._size = max(1, size) if make_bot is not None else min(max(1, size), len(self._ports))
        if self._size < size:
            log.warning("%d workers were asked for, but there are %d bots and no make_bot", size, self._size)
        self._signed_in: list[BotPort] = []
        self._begun: set[BotPort] = set()
        """A sign-in that broke off half-way is tidied up too."""
        self._broken_in_a_row = 0
        self._lock = threading.Lock()

    @property
    def first(self) -> BotPort:
        """The one that is asked about records before anything is posted."""
        return self._ports[0]

    @property
    def size(self) -> int:
        """How many bots may post at the same time."""
        return self._size

    def port(self, number: int) -> BotPort:
        """The bot with this number (from 0), signed in. Raises EndRun when nobody could sign in."""
        # without the lock, which is held while another one signs in: a person may take minutes for that
        if number < len(self._ports) and (port := self._ports[number]) in self._signed_in:
            return port
        with self._lock:
            while len(self._ports) <= number:
                try:
                    self._ports.append(self._another())
                except XlkijijiError as error:
                    raise EndRun("critical", str(error)) from error
            port = self._ports[number]
            if port not in self._signed_in:
                self._sign_in(port)
                self._signed_in.append(port)
            return port

    def instead_of(self, broken: BotPort) -> BotPort | None:
        """A bot in the place of one whose browser has gone; None when it's the second time in a row.

        Raises what making a bot and signing in raises.
        """
        with self._lock:
            self._broken_in_a_row += 1
            if self._broken_in_a_row > MOST_IN_A_ROW:
                return None
            if self._make_bot is None:
                return broken
            self._sign_out(broken)
            other = self._another()
            self._ports[self._ports.index(broken)] = other
            self._begun.add(other)
            try:
                if not other.login():
                    raise SignInRefused(REFUSED)
            except XlkijijiError:
                raise
            except Exception as error:
                log.exception("signing in failed")
                raise SignInRefused(REFUSED) from error
            self._signed_in.append(other)
            return other

    def worked(self) -> None:
        """A record has gone through, so the next bot that breaks is the first in its row."""
        self._broken_in_a_row = 0  # without the lock, as above

    def sign_out(self) -> None:
        """Sign everybody out; a failure is logged."""
        held = self._lock.acquire(timeout=SIGN_OUT_SECONDS)
        try:
            for port in list(self._begun):
                self._sign_out(port)
        finally:
            if held:
                self._lock.release()

    def _another(self) -> BotPort:
        """A new bot, not signed in. Raises XlkijijiError."""
        assert self._make_bot is not None  # noqa: S101 — else `size` had not let us come here
        try:
            return BotPort(self._make_bot())
        except XlkijijiError:
            raise
        except Exception as error:
            log.exception("another bot could not be made")
            raise BrowserGone("Another browser could not be started; the log has the details.") from error

    def _sign_in(self, port: BotPort) -> None:
        self._begun.add(port)
        try:
            if not port.login():
                raise EndRun("critical", REFUSED)
        except XlkijijiError as error:
            raise EndRun("critical", str(error)) from error
        except EndRun:
            raise
        except Exception as error:
            log.exception("signing in failed")
            raise EndRun("critical", REFUSED) from error

    def _sign_out(self, port: BotPort) -> None:
        self._begun.discard(port)
        if port in self._signed_in:
            self._signed_in.remove(port)
        try:
            port.logout()
        except Exception:
            log.exception("signing out failed")
