"""A record of every click on the form's button that arrived, whatever became of it."""

from __future__ import annotations

from typing import Any

from xlkijiji.practice.database import Database, moment


class Submits:
    """The table of submitted forms: one row for each POST of a details form."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def arrived(self, account: str, title: str, edited_ad: str) -> int:
        """Note a form before anything is decided about it. Returns its number."""
        with self._database.open(to_write=True) as db:
            row = db.execute(
                "INSERT INTO submits (account, title, edited_ad, outcome, arrived_at)"
                " VALUES (?, ?, ?, ?, ?) RETURNING number",
                (account, title, edited_ad, "arrived", moment()),
            ).fetchone()
            return int(row["number"])

    def decided(self, number: int, outcome: str) -> None:
        """Note what became of it: accepted, edited, refused, captcha, limit, blocked, signed out, or a fault's name."""
        with self._database.open(to_write=True) as db:
            db.execute("UPDATE submits SET outcome = ? WHERE number = ?", (outcome, number))

    def all(self) -> list[dict[str, Any]]:
        """Every form that arrived, oldest first: number, account, title, edited_ad, outcome, arrived_at."""
        with self._database.open() as db:
            return [dict(row) for row in db.execute("SELECT * FROM submits ORDER BY number")]
