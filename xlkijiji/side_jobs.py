"""The buttons that post nothing: Sign In, and Check Setup."""

from __future__ import annotations

import html
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from xlkijiji import doctor
from xlkijiji.bot_port import waits_for_person
from xlkijiji.bots import ensure_practice_site, sign_in_bot
from xlkijiji.errors import PersonNeeded, SignInRefused
from xlkijiji.messages import language, tell
from xlkijiji.paths import data_dir
from xlkijiji.practice import DEFAULT_ACCOUNTS
from xlkijiji.runlock import RunLock
from xlkijiji.settings import Settings
from xlkijiji.workbook.live import LiveView
from xlkijiji.workbook.session import Host

__all__ = ["SetupCheck", "SignIn", "setup_page"]


class _SideJob:
    """What both have: the status bar, the settings, and Stop."""

    def __init__(self, host: Host, view: LiveView, lock: RunLock) -> None:
        self._host = host
        self._view = view
        self._lock = lock

    @property
    def unexpected(self) -> str:
        """What is said when nobody foresaw what went wrong."""
        return tell("side-job-unexpected")

    def see_all_written(self) -> None:
        """Nothing of this is in a cell."""

    def _end(self, message: str) -> dict[str, Any]:
        self._view.show(f"xlkijiji: {message}")
        return {"message": message}


class SignIn(_SideJob):
    """Opens the browser whose sign-in later runs use, and waits until the person has signed in there."""

    def carry_out(self) -> dict[str, Any]:
        """Wait for the person, for as long as `bots.SIGN_IN_SECONDS` says; `message` tells how it ended.

        Raises SettingsError, SignInRefused, and what else a bot's login raises.
        """
        self._view.show(tell("sign-in-starting"))
        settings = Settings.from_labels(self._view.settings())
        if settings.practice_mode:
            ensure_practice_site(settings.practice_url)
        try:
            with sign_in_bot(settings, self._step(settings), self._lock.stop_requested) as bot:
                done = bot.login()
        except PersonNeeded:
            if self._lock.stop_requested():
                return self._end(tell("sign-in-stopped"))
            raise
        if not done:
            raise SignInRefused(tell("sign-in-refused"))
        if settings.practice_mode:
            return self._end(tell("sign-in-done-practice"))
        return self._end(tell("sign-in-done", host=urlsplit(settings.base_url).hostname))

    def _step(self, settings: Settings) -> Any:
        account, password = next(iter(DEFAULT_ACCOUNTS.items()))  # of the practice site; they are in the README

        def show(text: str) -> None:
            if not waits_for_person(text):
                self._view.show(f"xlkijiji: {text}")
            elif settings.practice_mode:
                self._view.show(f"xlkijiji: {tell('sign-in-practice', account=account, password=password)}")
            else:
                self._view.show(f"xlkijiji: {tell('sign-in-by-hand')}")

        return show


class SetupCheck(_SideJob):
    """Looks at everything that posting needs, as `xlkijiji doctor` does, and opens a page that lists it."""

    def carry_out(self) -> dict[str, Any]:
        """Look, write the page, show it; `message` says how many things are missing, and which is the first."""
        self._view.show(tell("setup-looking", text=""))
        settings = Settings.from_labels(self._view.settings())
        findings: list[doctor.Finding] = []
        path = Path(self._host.fullname)
        # one in the cloud, or that was never saved, is no file
        workbook = path if path.is_file() else None
        for finding in doctor.examine(settings.browser, workbook, network=not doctor.stays_offline()):
            if self._lock.stop_requested():
                return self._end(tell("setup-stopped"))
            findings.append(finding)
            self._view.show(tell("setup-looking", text=finding.text))
        page = data_dir("reports") / "setup.html"
        page.write_text(setup_page(findings, page), encoding="utf-8")
        shown = tell("setup-page-opened")
        if not webbrowser.open(page.as_uri()):
            shown = tell("setup-page-not-opened", path=page)
        missing = [one.text.rstrip(". ") for one in findings if one.needed and not one.good]
        if missing:
            return self._end(tell("setup-missing", count=len(missing), first=f"{missing[0]}.", page=shown))
        return self._end(tell("setup-good", page=shown))


_STYLE = """
body { font: 16px/1.5 Arial, sans-serif; color: #1f2a44; background: #eaf0fa; margin: 2rem; }
main { max-width: 56rem; margin: auto; background: #fff; border-radius: 8px; padding: 1.5rem 2rem; }
h1 { font-size: 1.4rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #d5deee; padding: .5rem .75rem .5rem 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { font-weight: bold; white-space: nowrap; width: 1%; }
.good td:first-child { color: #0b5a23; }
.missing td:first-child { color: #8e1b10; }
.note td:first-child { color: #7a4b00; }
p { color: #5b6780; font-size: .9rem; overflow-wrap: anywhere; }
"""


def setup_page(findings: Sequence[doctor.Finding], path: Path) -> str:
    """The findings as a page of their own, what is missing first; `path` is where it is kept."""
    order = ("missing", "note", "good")
    kinds = [("good" if one.good else "missing" if one.needed else "note", one.text) for one in findings]
    words = {
        "good": tell("setup-page-good"),
        "missing": tell("setup-page-missing"),
        "note": tell("setup-page-note"),
    }
    rows = "\n".join(
        f'<tr class="{kind}"><td>{html.escape(words[kind])}</td><td>{html.escape(text)}</td></tr>'
        for kind, text in sorted(kinds, key=lambda one: order.index(one[0]))
    )
    title = html.escape(tell("setup-page-title"))
    where = html.escape(tell("setup-page-where", path=path))
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body><main><h1>{title}</h1>\n<table>\n{rows}\n</table>\n<p>{where}</p></main></body>\n</html>\n"
    )
