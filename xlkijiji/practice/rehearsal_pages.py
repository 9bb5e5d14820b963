"""Switching faults on and off: a page for a person, and a JSON address for tests. The real site has nothing like it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from xlkijiji.practice.context import the_practice
from xlkijiji.practice.faults import KINDS, fault_as_dict

pages = Blueprint("rehearsal", __name__, url_prefix="/practice")


@pages.get("/")
def switches() -> ResponseReturnValue:
    """Every fault there is, with what is switched on."""
    return _page("")


@pages.post("/")
def switch() -> ResponseReturnValue:
    """Switch one fault (`name`, `value`, `times`; no times means until it is switched off), or all off (`clear`)."""
    # A browser always says where a form comes from; who doesn't is no person at this page.
    if request.headers.get("Origin") is None:
        abort(403, "Please use the page of this site, or /practice/faults.json.")
    practice = the_practice()
    if request.form.get("clear"):
        practice.faults.clear()
        return redirect("/practice/")
    typed = request.form.get("times", "").strip()
    try:
        practice.faults.set(request.form.get("name", ""), int(typed) if typed else None, request.form.get("value", ""))
    except ValueError as error:
        return _page(str(error)), 422
    return redirect("/practice/")


def _page(error: str) -> str:
    practice = the_practice()
    return render_template(
        "rehearsal.html",
        kinds=KINDS,
        faults=practice.faults.left(),
        captchas=practice.memory.captchas.open(),
        submits=practice.memory.submits.all(),
        ads=practice.store.count_ads(),
        error=error,
    )


@pages.get("/faults.json")
def faults() -> ResponseReturnValue:
    """The faults that are still switched on."""
    return jsonify([fault_as_dict(fault) for fault in the_practice().faults.left()])


@pages.post("/faults.json")
def set_faults() -> ResponseReturnValue:
    """Switch faults: one object `{"name", "times", "value"}` or a list of them; DELETE switches all off."""
    # Another site's page could send a form here unasked, but no JSON.
    sent: Any = request.get_json()
    practice = the_practice()
    try:
        for fault in sent if isinstance(sent, list) else [sent]:
            if not isinstance(fault, dict) or fault.keys() - {"name", "times", "value"}:
                raise ValueError("A fault is an object with name, times and value.")
            practice.faults.set(str(fault.get("name", "")), fault.get("times", 1), fault.get("value"))
    except ValueError as error:
        return jsonify(error=str(error)), 422
    return faults()


@pages.delete("/faults.json")
def clear_faults() -> ResponseReturnValue:
    """Switch every fault off."""
    the_practice().faults.clear()
    return faults()
