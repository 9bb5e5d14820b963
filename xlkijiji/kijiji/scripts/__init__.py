"""Scripts that run inside the page: one round trip where single Selenium calls would take dozens."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

__all__ = ["script"]

_NEEDS = re.compile(r"// needs: (.+)")


@cache
def script(name: str) -> str:
    """The text of `name`.js as `execute_script` takes it: behind dom.js, and behind the parts that it says it needs."""
    folder = resources.files(__name__)
    text = folder.joinpath(f"{name}.js").read_text(encoding="utf-8")
    needs = _NEEDS.match(text)
    parts = ["dom", *(needs[1].split(", ") if needs else [])]
    return "\n".join([*(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in parts), text])
