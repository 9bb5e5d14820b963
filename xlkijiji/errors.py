"""Everything that can go wrong, in one family.

XlkijijiError                    a foreseen failure; its text is a sentence for the person at the workbook
├── InventoryError               the sheet or file as a whole can't be used: nothing is posted
│   └── NotWritable              an open sheet takes no writes, or its workbook can't be saved
├── SettingsError                a setting is wrong: nothing is posted
├── RecordError                  this row is wrong: the row is told, trying again won't help
├── SiteError                    the site hiccuped before the ad was submitted: it may be tried again
│   └── SelectorNotFound         a page doesn't have a field that should be there
├── DraftNotPosted               draft mode: the person didn't press the button, and nothing is on the site
├── UnknownOutcome               the ad was submitted, and nobody saw what became of it: never try again blindly
├── PersonNeeded                 a captcha or a sign-in waits for the person: the run waits too, then ends
├── JournalError                 the journal can't be read or written: nothing more is posted
└── BatchStopped                 the run can't go on
    ├── SignInRefused            user name or password are wrong
    ├── LimitReached             the site's limit of free ads
    ├── FeeDue                   the site wants money; we never pay
    ├── AccountBlocked           the site refuses this account
    ├── ForeignPage              the signed-in browser was led to a page of another site
    └── BrowserGone              the browser or its driver can't be started, or has gone: once it is replaced

Bots raise these, or give their kind as `error_kind` of a failed answer; `run_batch` decides by kind what happens to
the row and to the run:

kind                 the record           the run
record, draft        told why             goes on
site                 tried again, later   goes on
unknown              unsure; never again  goes on
person               waits for it         waits; after a time-out it ends
browser              tried once more      gets another bot; the second time in a row it ends
  after the click    unsure; never again  goes on; the second time in a row it ends
batch, inventory,    told why             ends
settings, journal
system (unforeseen)  a code, and the log  goes on
"""

from __future__ import annotations

import errno
import socket
from typing import Any, ClassVar

from xlkijiji.messages import tell
from xlkijiji.plain_words import plain_or_unknown

__all__ = [
    "AccountBlocked",
    "BatchStopped",
    "BrowserGone",
    "DraftNotPosted",
    "FeeDue",
    "ForeignPage",
    "InventoryError",
    "JournalError",
    "LimitReached",
    "NotWritable",
    "PersonNeeded",
    "RecordError",
    "SelectorNotFound",
    "SettingsError",
    "SignInRefused",
    "SiteError",
    "UnknownOutcome",
    "XlkijijiError",
    "failure",
    "system_reason",
    "system_refusal",
]


class XlkijijiError(Exception):
    """A foreseen failure. `str(error)` is a plain sentence that says what to do."""

    kind: ClassVar[str] = "error"
    evidence: str = ""
    """Where a picture of the page lies on which it happened; empty when there is none."""

    def __str__(self) -> str:
        return plain_or_unknown(self.args[0] if len(self.args) == 1 else super().__str__())


class InventoryError(XlkijijiError):
    """The sheet or file can't be read as an inventory."""

    kind = "inventory"


class NotWritable(InventoryError):
    """The sheet is protected, or the workbook was opened read-only: statuses could not be kept in it."""


class SettingsError(XlkijijiError):
    """A value on the Settings sheet can't be used."""

    kind = "settings"


class RecordError(XlkijijiError):
    """The row asks for something that can't be posted."""

    kind = "record"


class SiteError(XlkijijiError):
    """The site failed before the ad was submitted; nothing has been posted."""

    kind = "site"


class SelectorNotFound(SiteError):
    """A page of the site doesn't have a field where it was expected.

    `page` and `field` are the names in `kijiji/selectors.toml`.
    """

    def __init__(self, page: str, field: str, hint: str = "") -> None:
        self.page = page
        self.field = field
        text = tell("no-field-on-page", page=page, field=field)
        super().__init__(f"{text} {hint}" if hint else text)


class DraftNotPosted(XlkijijiError):
    """The form was filled in for a person, who didn't press its button; My Ads was looked at, and the ad isn't there.

    The page with the form was left before, so nobody can press any more.
    """

    kind = "draft"


class UnknownOutcome(XlkijijiError):
    """The ad was submitted, and what became of it wasn't seen.

    `ad_id` is the number that the site showed for it meanwhile; empty when it showed none. `browser_gone` says that it
    is the browser that went away, so that a second one in a row ends the run.
    """

    kind = "unknown"

    def __init__(self, message: str, ad_id: str = "", *, browser_gone: bool = False) -> None:
        self.ad_id = ad_id
        self.browser_gone = browser_gone
        super().__init__(message)


class PersonNeeded(XlkijijiError):
    """A step that only the person may do: captcha, verification, sign-in.

    `waited` says that the bot has waited for the person already, or that nobody can see its browser: then the run ends
    at once instead of waiting itself.
    """

    kind = "person"

    def __init__(self, message: str, *, waited: bool = False) -> None:
        self.waited = waited
        super().__init__(message)


class JournalError(XlkijijiError):
    """The journal can't be opened, read or written; without it nobody knows what is posted."""

    kind = "journal"


class BatchStopped(XlkijijiError):
    """The rest of the rows would fail for the same reason, so the run ends."""

    kind = "batch"


class SignInRefused(BatchStopped):
    """The site didn't accept the user name and password."""


class LimitReached(BatchStopped):
    """The account has as many free ads as the site allows."""


class FeeDue(BatchStopped):
    """The site asks for a payment before it posts. xlkijiji never pays."""


class AccountBlocked(BatchStopped):
    """The site refuses to post for this account."""


class ForeignPage(BatchStopped):
    """The site led a signed-in browser, or a form of it would send what it holds, to a page that isn't its own."""


class BrowserGone(BatchStopped):
    """The browser or its driver couldn't be started, or went away before the ad was submitted."""

    kind = "browser"


def system_reason(error: OSError) -> str:
    """Why the system refused, in its own words where it has some."""
    return error.strerror or type(error).__name__


_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # Windows has no quota of that name
_PORT_TAKEN = {errno.EADDRINUSE, errno.EADDRNOTAVAIL}
_NO_NETWORK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
_NO_CONNECTION = (ConnectionRefusedError, ConnectionResetError, ConnectionAbortedError, TimeoutError, socket.gaierror)
_OF_NO_FILE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO}
"""What is no fault of the file, though it may be named."""


def system_refusal(error: OSError) -> str:
    """What the system refused, for an error that has its words and none of ours, and what to do about that."""
    reason = system_reason(error)
    if error.errno in _DISK_FULL:
        key = "system-refused-disk"
    elif error.errno in _PORT_TAKEN:
        key = "system-refused-port"
    elif isinstance(error, _NO_CONNECTION) or error.errno in _NO_NETWORK:
        key = "system-refused-network"
    elif error.filename and error.errno not in _OF_NO_FILE:
        key = "system-refused"
    else:
        key = "system-refused-other"
    return tell(key, reason=tell("labelled", label=error.filename, text=reason) if error.filename else reason)


def failure(error: XlkijijiError, **more: Any) -> dict[str, Any]:
    """The failed result of `post_ad` for `error`: `success`, `message`, `ad_url` (None), `error_kind` and `more`.

    For an unknown outcome also `browser_gone`, and `ad_id` where the site had shown it.
    """
    unknown: dict[str, Any] = {}
    if isinstance(error, UnknownOutcome):
        unknown = {"browser_gone": error.browser_gone} | ({"ad_id": error.ad_id} if error.ad_id else {})
    return {"success": False, "message": str(error), "ad_url": None, "error_kind": error.kind, **more, **unknown}
