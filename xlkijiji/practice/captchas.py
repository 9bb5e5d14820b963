"""Checks that only a person may do. Each belongs to an account and is kept by the server, so that any browser of that
account can do it while another one waits."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from xlkijiji.practice.database import Database, moment

PATIENCE = 90.0
"""Seconds after the last look of the waiting page, after which a check is void: nobody waits for its ad any more.
A waiting page looks every second, or once a minute where the browser slows hidden windows down."""


@dataclass(frozen=True, slots=True)
class Captcha:
    """One check; `place` is where it stands (sign-in, form, post), `next` the site's path to go on to once solved."""

    token: str
    account: str
    place: str
    state: str
    payload: str
    next: str

    @property
    def is_done(self) -> bool:
        """Whether the waiting page may go on: solved, and if an ad waited for it, that ad is accepted."""
        return self.state == "solved" and (self.place != "post" or bool(self.next))


_COLUMNS = ", ".join(Captcha.__slots__)


class Captchas:
    """The table of checks."""

    def __init__(self, database: Database, *, patience: float = PATIENCE) -> None:
        self._database = database
        self._patience = patience

    def ask(self, account: str, place: str, *, payload: str = "", next_path: str = "") -> Captcha:
        """A new check; an earlier one of the same account and place is void from then on."""
        captcha = Captcha(secrets.token_urlsafe(18), account, place, "open", payload, next_path)
        with self._database.open(to_write=True) as db:
            db.execute(
                "UPDATE captchas SET state = 'expired' WHERE account = ? AND place = ? AND state = 'open'",
                (account, place),
            )
            db.execute(
                f"INSERT INTO captchas ({_COLUMNS}, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
                (*(getattr(captcha, name) for name in Captcha.__slots__), moment()),
            )
        return captcha

    def get(self, token: str) -> Captcha | None:
        """The check with this token, or None."""
        with self._database.open() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM captchas WHERE token = ?", (token,)).fetchone()  # noqa: S608 - a constant
        return Captcha(**row) if row else None

    def open(self, account: str | None = None, place: str | None = None) -> list[Captcha]:
        """The checks that wait for a person, of one account and place where given."""
        with self._database.open() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM captchas WHERE state = 'open' AND account = coalesce(?, account)"  # noqa: S608 - a constant
                " AND place = coalesce(?, place) ORDER BY seen_at",
                (account, place),
            )
            return [Captcha(**row) for row in rows]

    def seen(self, token: str) -> None:
        """Note that a page still waits for this check."""
        with self._database.open(to_write=True) as db:
            db.execute("UPDATE captchas SET seen_at = ? WHERE token = ? AND state = 'open'", (moment(), token))

    def solve(self, token: str) -> Captcha | None:
        """Count the check as done. Returns it the first time only; None when it is unknown, void or done already."""
        with self._database.open(to_write=True) as db:
            row = db.execute(
                "UPDATE captchas SET state = CASE WHEN place = 'post' AND seen_at < ? THEN 'expired' ELSE 'solved' END"  # noqa: S608 - a constant
                f" WHERE token = ? AND state = 'open' RETURNING {_COLUMNS}",
                (moment(seconds_from_now=-self._patience), token),
            ).fetchone()
        return Captcha(**row) if row and row["state"] == "solved" else None

    def lead_to(self, token: str, next_path: str) -> None:
        """Say where the waiting page goes on to."""
        with self._database.open(to_write=True) as db:
            db.execute("UPDATE captchas SET next = ? WHERE token = ?", (next_path, token))


def captcha_as_dict(captcha: Captcha, site_url: str) -> dict[str, Any]:
    """A check as plain data; whoever opens its `url` can solve it."""
    return {
        "account": captcha.account,
        "place": captcha.place,
        "state": captcha.state,
        "url": f"{site_url}/p-captcha.html?check={captcha.token}",
    }
