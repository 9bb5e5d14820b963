"""What the value of a single cell means: as text, as a number, as a list.

Nothing here knows a column, Excel, a file format or the site.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable

__all__ = ["cell_number", "cell_text", "is_blank", "on_one_line", "split_list"]


def is_blank(value: object) -> bool:
    """True for None, NaN, NaT, and text of nothing but blanks."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, float):
        return math.isnan(value)
    kind = type(value)
    if kind.__module__ in {"numpy", "decimal"}:  # not any object with __float__: a stranger's may do whatever it likes
        number = _as_float(value)
        return number is not None and math.isnan(number)
    # pandas' NaT and NA are singletons that are not equal to themselves, or refuse to say
    return kind.__name__ in {"NaTType", "NAType"}


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BARE_OBJECT = re.compile(r"<.+ at 0x[0-9a-fA-F]+>")
"""What Python shows of an object without a text of its own."""
_NOTHING = frozenset({"nan", "snan", "nat"})
"""What numpy and Decimal show of no value; a text of the person's own is never asked about."""


def cell_text(value: object) -> str:
    """A cell's value as a person reads it: `5.0` is `5`, a date is `2026-11-23`, a blank is ``''``.

    Control characters other than tab and line ends are dropped, and blanks at both ends. An object without a text of
    its own is a blank, and a list its parts with commas.
    """
    if isinstance(value, str):  # nearly all cells, so it comes first; printable text has no control characters
        return (value if value.isprintable() else _CONTROL.sub("", value)).strip()
    if is_blank(value):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(filter(None, map(cell_text, value)))
    number = _as_float(value)
    if number is not None and number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = _CONTROL.sub("", value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()
    return "" if _BARE_OBJECT.fullmatch(text) or text.casefold() in _NOTHING else text


_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
"""Where a line may break: not at the blank that French has before a colon."""


def on_one_line(text: str) -> str:
    """`text` with single blanks for line ends and for several blanks."""
    return _BLANKS.sub(" ", text).strip()


def _as_float(value: object) -> float | None:
    if isinstance(value, (bool, str)):
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # numpy's and Decimal's numbers have __float__; others raise
    except (TypeError, ValueError, OverflowError):
        return None


def cell_number(value: object) -> float | None:
    """The number in a cell, also when it was typed as text: ``$1,299.95``, ``1 299,95 $``, ``12 500``; else None."""
    if isinstance(value, bool) or is_blank(value):
        return None
    number = _as_float(value)
    if number is None:
        number = _number_in_text(cell_text(value))
    return number if number is not None and math.isfinite(number) else None


def _number_in_text(text: str) -> float | None:
    bare = re.sub(r"(?i)\bcad\b|ca\$|\$", "", text)
    bare = re.sub(r"[\s\u00a0\u202f']", "", bare)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", bare):  # 12,500.00
        bare = bare.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d{1,2}", bare):  # 1299,95 as written in Québec
        bare = bare.replace(",", ".")
    return float(bare) if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", bare) else None


def split_list(value: object, separators: str = ";,|\n") -> list[str]:
    """The parts of a cell that holds a list, without blanks and without repeats, in order."""
    if not isinstance(value, (list, tuple)):
        whole = cell_text(value)
        if not whole:
            return []
        value = re.split(f"[{re.escape(separators)}]", whole)
    parts: Iterable[object] = value
    return list(dict.fromkeys(text for part in parts if (text := cell_text(part))))
