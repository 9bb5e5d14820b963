"""A sentence in the browser, for what was started from a menu: nobody sees the terminal of that."""

from __future__ import annotations

import webbrowser
from html import escape
from pathlib import Path

from xlkijiji.messages import language, tell
from xlkijiji.paths import cache_dir

__all__ = ["show_notice"]

_PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>xlkijiji</title><style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;
padding:0 1rem;color:#1d2733}}h1{{font-size:1.3rem;color:#1f4e78}}</style><h1>{title}</h1><p>{text}</p></html>
"""


def show_notice(text: str) -> Path:
    """Show `text` as a page of its own; the page's file."""
    path = cache_dir() / "notice.html"
    path.write_text(_PAGE.format(lang=language(), title=escape(tell("notice-title")), text=escape(text)), "utf-8")
    webbrowser.open(path.as_uri())
    return path
