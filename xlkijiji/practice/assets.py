"""Style sheet and scripts, with the build number worked into their class names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Flask, Response, abort

from xlkijiji.practice.context import the_practice

_STATIC = Path(__file__).with_name("static")
_TYPES = {".css": "text/css", ".js": "text/javascript"}
BUILD_MARK = "-BUILD"
"""Stands in the static files where a page's class names have the build number."""


@cache
def _assets() -> dict[str, str]:
    """Every static file by name, read once: a request can only name one of these."""
    return {path.name: path.read_text(encoding="utf-8") for path in _STATIC.iterdir() if path.suffix in _TYPES}


def add_assets(app: Flask) -> None:
    """Serve the static files on an origin."""
    app.add_url_rule("/static/<int:build>/<name>", endpoint="asset", view_func=asset)


def asset(build: int, name: str) -> Response:
    """One static file; `build` is part of the address so that browsers fetch it anew after a new build.

    A page that was opened before a new build still gets what belongs to it.
    """
    text = _assets().get(name)
    if text is None or not the_practice().is_build(build):
        abort(404)
    response = Response(
        text.replace(BUILD_MARK, f"-{build}"), content_type=f"{_TYPES[Path(name).suffix]}; charset=utf-8"
    )
    response.headers["Cache-Control"] = "max-age=3600"
    return response
