"""What the acceptance kit found, as a page to look at and a file to compare."""

from __future__ import annotations

import json
import locale
import platform
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

from jinja2 import Environment

from xlkijiji import __version__

__all__ = ["Check", "Report"]


@dataclass
class Check:
    """One promise, and what was seen of it."""

    promise: str
    kept: bool
    seen: str
    pictures: list[str] = field(default_factory=list)
    """File names beside the report."""


_PAGE = Path(__file__).with_name("report.html.jinja")


class Report:
    """Collects the checks of one go, and writes `report.html` and `report.json` into its folder."""

    def __init__(self, folder: Path, program: str, started: str) -> None:
        self._folder = folder
        self.checks: list[Check] = []
        self.facts = {
            "Program": program,
            "System": platform.platform(),
            "xlkijiji": __version__,
            "Python": platform.python_version(),
            "xlwings": metadata.version("xlwings"),
            "Language and country": ".".join(filter(None, locale.getlocale())) or "not set",
            "Started": started,
        }

    @property
    def kept(self) -> int:
        """How many promises were kept."""
        return sum(check.kept for check in self.checks)

    def add(self, check: Check) -> None:
        """Take in a check, and write the report as it is by now: a crash later leaves what was seen before."""
        self.checks.append(check)
        page = Environment(autoescape=True).from_string(_PAGE.read_text(encoding="utf-8"))
        html = page.render(facts=self.facts, checks=self.checks, kept=self.kept)
        (self._folder / "report.html").write_text(html, encoding="utf-8")
        whole = {"facts": self.facts, "checks": [asdict(one) for one in self.checks]}
        (self._folder / "report.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
