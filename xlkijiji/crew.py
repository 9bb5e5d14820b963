"""The bots of one run: who is signed in, and who takes the place of one whose browser has gone."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence

from xlkijiji.bot_port import Bot, BotPort
from xlkijiji.errors import BrowserGone, InventoryError, SettingsError, SignInRefused, XlkijijiError
from xlkijiji.journal_record import account_key
from xlkijiji.manners import EndRun
from xlkijiji.messages import tell

__all__ = ["Crew"]

log = logging.getLogger(__name__)

SIGN_OUT_SECONDS = 1.0
"""How long a sign-in that is on in another thread is waited for when the run ends."""
MOST_IN_A_ROW = 1
"""How many bots in a row may be replaced before a record has gone through; one more ends the run."""


class Crew:
    """The bots of one run, all of one account.

    `bots` are those that the caller has; `make_bot` makes further ones. Where there is none to be made, a bot whose
    browser has gone is asked again itself: it may start another browser. Raises InventoryError for what is no bot, and
    SettingsError for bots of several accounts: the journal, and the lock of a run, are one account's.
    """

    def __init__(self, bots: Bot | Sequence[Bot], make_bot: Callable[[], Bot] | None, size: int) -> None:
        given = list(bots) if isinstance(bots, (list, tuple)) else [bots]
        if not given:
            raise InventoryError("Nothing can be posted: there is no bot. Give run_batch one that has post_ad(record).")
        self._make_bot = make_bot
        self._ports = [BotPort(bot) for bot in given[: max(1, size)]]
        for port in self._ports[1:]:
            self._refuse_other_account(port)
        self._size = max(1, size) if make_bot is not None else min(max(1, size), len(self._ports))
        if self._size < size:
            log.warning("%d workers were asked for, but there are %d bots and no make_bot", size, self._size)
        self._numbers = {port: number for number, port in enumerate(self._ports)}
        self._signed_in: list[BotPort] = []
        self._begun: set[BotPort] = set()
        """A sign-in that broke off half-way is tidied up too."""
        self._broken_in_a_row = 0
        self._broken_at: Counter[int] = Counter()
        """How often in a row the bot of this number broke, while others may go on well."""
        self._gone: set[BotPort] = set()
        """Counted already, when nobody could take over, and not yet replaced."""
        self._over = False
        self._counting = threading.Lock()
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
            if self._over:
                raise EndRun("interrupted", "")
            while len(self._ports) <= number:
                try:
                    self._ports.append(self._another(len(self._ports)))
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
        number = self._numbers[broken]
        # one that was made already, and whose sign-in had to wait for a person
        waiting = self._ports[number] is not broken
        if not waiting and self._count(broken, replacing=True):
            return None
        with self._lock:
            if self._over:
                return None
            if self._make_bot is None:
                return broken
            other = self._ports[number]
            if not waiting:
                self._sign_out(broken)
                other = self._another(number)
                self._ports[number] = other
                self._begun.add(other)
            try:
                if not other.login():
                    raise SignInRefused(tell("nobody-could-sign-in"))
            except XlkijijiError:
                raise
            except Exception as error:
                log.exception("signing in failed")
                raise SignInRefused(tell("nobody-could-sign-in")) from error
            if self._over:  # the run was given up meanwhile, and everybody else is signed out
                self._sign_out(other)
                return None
            self._signed_in.append(other)
            return other

    def broke(self, port: BotPort) -> bool:
        """This bot's browser has gone after a click, so nobody took over; was it the second one in a row?"""
        return self._count(port, replacing=False)

    def worked(self, port: BotPort) -> None:
        """A record has gone through, so the next bot that breaks is the first in its row."""
        with self._counting:
            self._broken_in_a_row = 0
            self._broken_at[self._numbers[port]] = 0
            self._gone.discard(port)

    def _count(self, port: BotPort, *, replacing: bool) -> bool:
        """One more has gone, unless this one was counted when it went; is it one too many?"""
        # a lock of its own: the other one is held while somebody signs in, and a person may take minutes for that
        with self._counting:
            counted = port in self._gone
            if replacing:
                self._gone.discard(port)
            else:
                self._gone.add(port)
            if replacing and counted:
                return False
            number = self._numbers[port]
            self._broken_in_a_row += 1
            self._broken_at[number] += 1
            return max(self._broken_in_a_row, self._broken_at[number]) > MOST_IN_A_ROW

    def sign_out(self) -> None:
        """Sign everybody out, for good; a failure is logged."""
        self._over = True
        held = self._lock.acquire(timeout=SIGN_OUT_SECONDS)
        try:
            for port in list(self._begun):
                self._sign_out(port)
        finally:
            if held:
                self._lock.release()

    def _another(self, number: int) -> BotPort:
        """A new bot, not signed in, with this number. Raises XlkijijiError."""
        assert self._make_bot is not None  # noqa: S101 — else `size` had not let us come here
        try:
            port = BotPort(self._make_bot())
        except XlkijijiError:
            raise
        except Exception as error:
            log.exception("another bot could not be made")
            raise BrowserGone(tell("no-other-browser")) from error
        self._refuse_other_account(port)
        self._numbers[port] = number
        return port

    def _refuse_other_account(self, port: BotPort) -> None:
        ours, other = self.first.account, port.account
        if account_key(other) != account_key(ours):
            raise SettingsError(tell("several-accounts", ours=ours, other=other))

    def _sign_in(self, port: BotPort) -> None:
        self._begun.add(port)
        try:
            if not port.login():
                raise EndRun("critical", tell("nobody-could-sign-in"))
        except XlkijijiError as error:
            raise EndRun("critical", str(error)) from error
        except EndRun:
            raise
        except Exception as error:
            log.exception("signing in failed")
            raise EndRun("critical", tell("nobody-could-sign-in")) from error

    def _sign_out(self, port: BotPort) -> None:
        self._begun.discard(port)
        if port in self._signed_in:
            self._signed_in.remove(port)
        try:
            port.logout()
        except (Exception, KeyboardInterrupt):  # an interrupt of the bot's own, when there's nothing left to break off
            log.exception("signing out failed")
