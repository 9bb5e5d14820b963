"""Axes of charts in a file that Calc has saved, so that they are still what they were when it is opened again.

Calc saves an axis of texts with the word that its kind may be chosen by the cells. Where these hold dates, as the weeks
of a Dashboard do, Calc and Excel would choose one with a place for each *day* and hair-thin bars.
"""

from __future__ import annotations

import re

from .package import Parts

_CHARTS = re.compile(r"xl/charts/chart\d+\.xml")
_TEXT_AXIS = re.compile(rb"<c:catAx>.*?</c:catAx>", re.DOTALL)
_CHOSEN, _FIXED = b'<c:auto val="1"/>', b'<c:auto val="0"/>'


def repair_axes(parts: Parts) -> None:
    """Let each axis of texts stay one: what Calc shows by days it saves as another kind of axis."""
    for name in parts.names():
        if _CHARTS.fullmatch(name):
            parts.write(name, _TEXT_AXIS.sub(lambda axis: axis[0].replace(_CHOSEN, _FIXED), parts.read(name)))
