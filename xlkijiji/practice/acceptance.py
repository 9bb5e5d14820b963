"""Accepting an ad: what a click on the form's button leads to, at once or after a check that a person has solved."""

from __future__ import annotations

import json
from dataclasses import asdict

from xlkijiji.practice import reference
from xlkijiji.practice.context import the_practice
from xlkijiji.practice.faults import Faults
from xlkijiji.practice.store import Ad, AdFields, Later


def accept(account: str, fields: AdFields) -> Ad:
    """Put an ad into the table: live, or unpaid when it costs something."""
    practice = the_practice()
    return practice.store.add_ad(account, fields, live_path(fields), later=_later(practice.faults))


def path_after(ad: Ad) -> str:
    """Where the poster is sent after the ad was accepted."""
    if ad.state == "unpaid":
        return f"/p-checkout.html?adId={ad.id}"
    return ad.path + ("?posted=true&adActivated=true" if the_practice().options.era == 2 else "")


def live_path(fields: AdFields) -> str:
    """The live page's path up to the ad's id: `/v-<category>/<city>/<slug>`."""
    category = reference.slug(reference.categories()[fields.category_id].name, fallback="other")
    city = reference.slug(reference.places()[fields.location_id].name, fallback="canada")
    return f"/v-{category}/{city}/{reference.slug(fields.title)}"


def written(fields: AdFields) -> str:
    """The fields as text, for keeping them while a person solves a check."""
    return json.dumps(asdict(fields), ensure_ascii=False)


def read(text: str) -> AdFields:
    """The fields that `written` wrote."""
    return AdFields(**json.loads(text))


def limit_reached(account: str, *, at_click: bool) -> int | None:
    """The account's limit when it has as many active ads already, else None. A click uses one strike of the fault."""
    practice = the_practice()
    active = practice.store.count_ads(account=account, state="active")

    def fits(value: str) -> bool:
        number, _, only_click = value.partition(" ")
        return active >= int(number) and (at_click or not only_click)

    value = practice.faults.take("limit", fits) if at_click else practice.faults.peek("limit", fits)
    return None if value is None else int(value.partition(" ")[0])


def fee_cents() -> int:
    """What an ad of this account costs by itself: nothing, unless it is a dealer's."""
    return round(float(the_practice().faults.peek("fee") or 0) * 100)


def _later(faults: Faults) -> Later:
    removed = faults.take("duplicate_removed")
    lag = faults.take("my_ads_lag") or "0"
    in_seconds = lag.endswith("s")
    return Later(
        removed_after=None if removed is None else float(removed),
        hidden_looks=0 if in_seconds else int(lag),
        hidden_seconds=float(lag[:-1]) if in_seconds else None,
    )
