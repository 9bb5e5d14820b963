"""Scripts that run inside the page: one round trip where single Selenium calls would take dozens."""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["script"]


@cache
def script(name: str) -> str:
    """The text of `name`.js behind the functions of dom.js, as `execute_script` takes it."""
    folder = resources.files(__name__)
    return "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in ("dom", name))
