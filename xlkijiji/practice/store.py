"""The sessions, photos and ads of the practice site, kept in its SQLite file, so that a restart loses nothing."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlkijiji.practice.database import Database, moment

FIRST_AD_ID = 1_700_000_000
LARGEST_GAP = 900
"""Ad ids have ten digits and grow, with gaps: other people post in between. Nothing may count on the next number."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; `xsrf` must come back in every form that changes something."""

    token: str
    account: str
    xsrf: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it arrived; `sha256` is of the bytes received, `width` and `height` are in pixels."""

    id: str
    account: str
    name: str
    format: str
    sha256: str
    bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AdFields:
    """What a person can say about an ad, once the rules of the site are met. Money is in cents."""

    title: str
    description: str
    price_cents: int | None
    price_type: str | None
    ad_type: str
    category_id: int
    attributes: Mapping[str, str | list[str]]
    tags: Sequence[str]
    location_id: int
    location: str
    phone: str
    features: Sequence[str]
    total_cents: int
    photo_ids: Sequence[str]
    video: str = ""


@dataclass(frozen=True, slots=True)
class Ad:
    """An ad with its history; `path` is the site-relative URL of its live page."""

    id: int
    account: str
    state: str
    fields: AdFields
    photos: tuple[Photo, ...]
    paid_cents: int
    path: str
    created_at: str
    updated_at: str
    deleted_at: str | None
    delete_reason: str | None


State = str | tuple[str, ...] | None
"""One state of ads, several, or (None) all."""


@dataclass(frozen=True, slots=True)
class Later:
    """What happens to an ad after it was accepted, as when the site finds a duplicate or lists it late. In seconds."""

    removed_after: float | None = None
    hidden_looks: int = 0
    hidden_seconds: float | None = None


class Store:
    """The site's tables of sessions, photos and ads, and the folder with the photos' bytes."""

    def __init__(self, database: Database, photos_dir: Path) -> None:
        """`photos_dir` is created when missing."""
        self.photos_dir = photos_dir
        photos_dir.mkdir(parents=True, exist_ok=True)
        self._open = database.open

    # --- signing in -------------------------------------------------------------------------------------------------

    def issue_ticket(self, account: str) -> str:
        """A ticket that the sign-in host hands to the site; it can be redeemed once."""
        ticket = f"ST-{secrets.token_urlsafe(24)}"
        with self._open(to_write=True) as db:
            db.execute("INSERT INTO tickets VALUES (?, ?, ?)", (ticket, account, moment()))
        return ticket

    def redeem_ticket(self, ticket: str) -> Session | None:
        """Exchange a ticket for a session; None when there is no such ticket, or it was used before."""
        with self._open(to_write=True) as db:
            row = db.execute("DELETE FROM tickets WHERE ticket = ? RETURNING account", (ticket,)).fetchone()
            if row is None:
                return None
            session = Session(secrets.token_urlsafe(24), row["account"], secrets.token_hex(16))
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?)", (session.token, session.account, session.xsrf, moment())
            )
        return session

    def session(self, token: str) -> Session | None:
        """The session of a cookie, or None when it is unknown or has ended."""
        with self._open() as db:
            row = db.execute("SELECT token, account, xsrf FROM sessions WHERE token = ?", (token,)).fetchone()
        return Session(**row) if row else None

    def end_session(self, token: str) -> None:
        """Sign a browser out."""
        with self._open(to_write=True) as db:
            db.execute("DELETE FROM sessions WHERE token = ?", (token,))

    # --- photos -----------------------------------------------------------------------------------------------------

    def add_photo(self, photo: Photo) -> None:
        """Remember an uploaded photo, not yet part of any ad."""
        with self._open(to_write=True) as db:
            db.execute(
                "INSERT INTO photos VALUES (:id, :account, :name, :format, :sha256, :bytes, :width, :height, :now)",
                {name: getattr(photo, name) for name in Photo.__slots__} | {"now": moment()},
            )

    def photos(self, ids: Sequence[str]) -> list[Photo]:
        """The photos with these ids, in this order; unknown ids are left out."""
        with self._open() as db:
            rows = [
                db.execute(f"SELECT {_PHOTO_COLUMNS} FROM photos WHERE id = ?", (photo_id,)).fetchone()  # noqa: S608 - the columns are a constant
                for photo_id in ids
            ]
        return [Photo(**row) for row in rows if row]

    # --- ads --------------------------------------------------------------------------------------------------------

    def add_ad(self, account: str, fields: AdFields, path: str, *, later: Later | None = None) -> Ad:
        """Accept an ad: unpaid when it costs something, else active. `path` gets the new id appended.

        The same fields twice make two ads: the site does not protect a poster from posting twice.
        """
        later = later or Later()
        now = moment()
        with self._open(to_write=True) as db:
            last = db.execute("SELECT max(id) FROM ads").fetchone()[0] or FIRST_AD_ID
            ad_id = last + 1 + secrets.randbelow(LARGEST_GAP)
            row = _ad_row(fields) | {
                "id": ad_id,
                "account": account,
                "state": "unpaid" if fields.total_cents else "active",
                "path": f"{path}/{ad_id}",
                "created_at": now,
                "updated_at": now,
                "remove_at": _in_seconds(later.removed_after),
                "hidden_looks": later.hidden_looks,
                "hidden_until": _in_seconds(later.hidden_seconds),
            }
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            db.execute(f"INSERT INTO ads ({names}) VALUES ({marks})", row)  # noqa: S608 - the names are our own columns
            _link_photos(db, ad_id, fields.photo_ids)
            return _read_ad(db, ad_id)

    def change_ad(self, ad_id: int, fields: AdFields) -> Ad:
        """Edit an ad in place: id, URL, account, first day and what was bought stay.

        Raises KeyError when there is no such ad.
        """
        row = {name: value for name, value in _ad_row(fields).items() if name not in ("features", "total_cents")}
        sets = ", ".join(f"{name} = :{name}" for name in row)
        with self._open(to_write=True) as db:
            db.execute(f"UPDATE ads SET {sets}, updated_at = :now WHERE id = :id", row | {"now": moment(), "id": ad_id})  # noqa: S608 - the names are our own columns
            db.execute("DELETE FROM ad_photos WHERE ad_id = ?", (ad_id,))
            _link_photos(db, ad_id, fields.photo_ids)
            return _read_ad(db, ad_id)

    def pay_ad(self, ad_id: int) -> Ad:
        """Record that the fee of an unpaid ad was paid, which puts it live."""
        with self._open(to_write=True) as db:
            db.execute(
                "UPDATE ads SET state = 'active', paid_cents = total_cents WHERE id = ? AND state = 'unpaid'", (ad_id,)
            )
            return _read_ad(db, ad_id)

    def delete_ad(self, ad_id: int, reason: str) -> None:
        """Take an ad off the site; its row stays, with the reason and the time."""
        with self._open(to_write=True) as db:
            db.execute(
                "UPDATE ads SET state = 'deleted', deleted_at = ?, delete_reason = ? WHERE id = ? AND state = 'active'",
                (moment(), reason, ad_id),
            )

    def look_at_my_ads(self, account: str) -> None:
        """Count a look at My Ads: an ad that waits for so many looks is listed from the next one on."""
        waits = "account = ? AND hidden_looks > 0"
        with self._open() as db:
            if not db.execute(f"SELECT 1 FROM ads WHERE {waits} LIMIT 1", (account,)).fetchone():  # noqa: S608 - a constant
                return
        with self._open(to_write=True) as db:
            db.execute(f"UPDATE ads SET hidden_looks = hidden_looks - 1 WHERE {waits}", (account,))  # noqa: S608 - a constant

    def _remove_due(self) -> None:
        """Take off the site what was to be removed by now."""
        due = "state = 'active' AND remove_at <= ?"
        with self._open() as db:
            if not db.execute(f"SELECT 1 FROM ads WHERE {due} LIMIT 1", (moment(),)).fetchone():  # noqa: S608 - a constant
                return
        with self._open(to_write=True) as db:
            db.execute(f"UPDATE ads SET state = 'removed', deleted_at = remove_at WHERE {due}", (moment(),))  # noqa: S608 - a constant

    def ad(self, ad_id: int) -> Ad | None:
        """The ad with this id in whatever state, or None."""
        self._remove_due()
        with self._open() as db:
            try:
                return _read_ad(db, ad_id)
            except KeyError:
                return None

    def ads(
        self,
        *,
        account: str | None = None,
        state: State = None,
        listed: bool = False,
        newest_first: bool = False,
        page: int = 1,
        per_page: int | None = None,
    ) -> list[Ad]:
        """Ads in the order they were posted (or the reverse), of one account and state where given, paged from 1.

        `listed` leaves out those that My Ads does not show yet.
        """
        self._remove_due()
        where, values = _ads_where(account, state, listed)
        order = "DESC" if newest_first else "ASC"
        limit = -1 if per_page is None else per_page
        offset = 0 if per_page is None else (page - 1) * per_page
        with self._open() as db:
            query = f"SELECT id FROM ads WHERE {where} ORDER BY id {order} LIMIT ? OFFSET ?"  # noqa: S608 - only constants are put in
            ids = [row["id"] for row in db.execute(query, (*values, limit, offset))]
            return [_read_ad(db, ad_id) for ad_id in ids]

    def count_ads(self, *, account: str | None = None, state: State = None, listed: bool = False) -> int:
        """How many ads there are, of one account and state where given; `listed` as for `ads`."""
        self._remove_due()
        where, values = _ads_where(account, state, listed)
        with self._open() as db:
            return int(db.execute(f"SELECT count(*) FROM ads WHERE {where}", values).fetchone()[0])  # noqa: S608 - only constants are put in


_PHOTO_COLUMNS = ", ".join(Photo.__slots__)


def _in_seconds(seconds: float | None) -> str | None:
    return None if seconds is None else moment(seconds_from_now=seconds)


def _ads_where(account: str | None, state: State, listed: bool) -> tuple[str, list[str]]:
    conditions = ["1 = 1"]
    values: list[str] = []
    for column, allowed in (("account", account), ("state", state)):
        if allowed is not None:
            several = (allowed,) if isinstance(allowed, str) else allowed
            conditions.append(f"{column} IN ({', '.join('?' * len(several))})")
            values += several
    if listed:
        conditions.append("hidden_looks = 0 AND coalesce(hidden_until, '') <= ?")
        values.append(moment())
    return " AND ".join(conditions), values


def _ad_row(fields: AdFields) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(fields, name) for name in AdFields.__slots__ if name != "photo_ids"}
    for name in ("attributes", "tags", "features"):
        row[name] = json.dumps(row[name], ensure_ascii=False)
    return row


def _link_photos(db: sqlite3.Connection, ad_id: int, photo_ids: Sequence[str]) -> None:
    db.executemany(
        "INSERT INTO ad_photos VALUES (?, ?, ?)",
        [(ad_id, position, photo_id) for position, photo_id in enumerate(photo_ids, start=1)],
    )


def _read_ad(db: sqlite3.Connection, ad_id: int) -> Ad:
    row = db.execute("SELECT * FROM ads WHERE id = ?", (ad_id,)).fetchone()
    if row is None:
        raise KeyError(ad_id)
    photos = tuple(
        Photo(**photo)
        for photo in db.execute(
            f"SELECT {_PHOTO_COLUMNS} FROM photos JOIN ad_photos ON photo_id = id WHERE ad_id = ? ORDER BY position",  # noqa: S608 - the columns are a constant
            (ad_id,),
        )
    )
    data = dict(row)
    for name in ("attributes", "tags", "features"):
        data[name] = json.loads(data[name])
    fields = AdFields(
        **{name: data[name] for name in AdFields.__slots__ if name != "photo_ids"},
        photo_ids=[photo.id for photo in photos],
    )
    history = {name: data[name] for name in Ad.__slots__ if name not in ("fields", "photos")}
    return Ad(fields=fields, photos=photos, **history)
