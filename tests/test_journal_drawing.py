"""The drawing of the journal's states is the one that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from xlkijiji.journal_record import MOVES

DRAWING = Path(__file__).parents[1] / "docs" / "journal.md"


def test_the_drawing_shows_exactly_the_moves_that_the_journal_allows() -> None:
    text = DRAWING.read_text(encoding="utf-8").split("```mermaid")[1].split("```")[0]
    drawn = re.findall(r"^\s+(\S+) --> (\S+): \S", text, flags=re.MULTILINE)
    assert len(drawn) == len(set(drawn)) == text.count("-->")
    allowed = {(before or "[*]", after) for before, following in MOVES.items() for after in following}
    assert set(drawn) == allowed
