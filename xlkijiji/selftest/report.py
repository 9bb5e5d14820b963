"""What the acceptance kit found, as a page to look at and a file to compare.

The page is in the language of whoever started the kit. The file says it in the same words, and names facts and
promises as they are named in the code, so that whoever gets it can compare it with another one in any language.
"""

from __future__ import annotations

import json
import locale
import platform
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

from jinja2 import Environment

from xlkijiji import __version__
from xlkijiji.messages import language, tell

__all__ = ["Check", "Report"]


@dataclass
class Check:
    """One promise, and what was seen of it."""

    name: str
    """What the promise is called in the file, the same in every language."""
    promise: str
    kept: bool
    seen: str
    pictures: list[str] = field(default_factory=list)
    """File names beside the report."""


FACTS = {
    "Program": "selftest-fact-program",
    "System": "selftest-fact-system",
    "Language and country": "selftest-fact-language",
    "Started": "selftest-fact-started",
    "Pictures": "selftest-fact-pictures",
}
"""What the page calls those facts that aren't names of programs."""
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
            "Language and country": ".".join(filter(None, locale.getlocale())) or tell("selftest-not-set"),
            "Started": started,
        }

    @property
    def kept(self) -> int:
        """How many promises were kept."""
        return sum(check.kept for check in self.checks)

    @staticmethod
    def _verdict(check: Check) -> str:
        word = tell("selftest-page-kept") if check.kept else tell("selftest-page-broken")
        return tell("labelled", label=word, text=check.promise)

    def add(self, check: Check) -> None:
        """Take in a check, and write the report as it is by now: a crash later leaves what was seen before."""
        self.checks.append(check)
        page = Environment(autoescape=True).from_string(_PAGE.read_text(encoding="utf-8"))
        program = self.facts["Program"]
        html = page.render(
            language=language(),
            title=tell("selftest-page-title", program=program),
            headline=tell("selftest-page-headline", kept=self.kept, total=len(self.checks), program=program),
            facts={tell(FACTS[name]) if name in FACTS else name: value for name, value in self.facts.items()},
            checks=[(one, self._verdict(one)) for one in self.checks],
            picture=tell("selftest-picture"),
        )
        (self._folder / "report.html").write_text(html, encoding="utf-8")
        whole = {"facts": self.facts, "checks": [asdict(one) for one in self.checks]}
        (self._folder / "report.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
