"""Fonts of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .connection import uniform, uno_type
from .missing import says_what_is_missing

if TYPE_CHECKING:
    from .looks import Look

_BOLD = 150.0  # com.sun.star.awt.FontWeight
_NORMAL = 100.0


def calc_color(color: tuple[int, int, int] | list[int] | int | str) -> int:
    """A colour as xlwings takes it, (r, g, b), "#rrggbb" or Excel's number (blue first), → Calc's 0xRRGGBB."""
    if isinstance(color, str):
        return int(color.removeprefix("#"), 16)
    red, green, blue = (color & 255, color >> 8 & 255, color >> 16 & 255) if isinstance(color, int) else color
    return int(red) << 16 | int(green) << 8 | int(blue)


def rgb(number: int) -> tuple[int, int, int]:
    """Calc's 0xRRGGBB → (red, green, blue)."""
    return number >> 16 & 255, number >> 8 & 255, number & 255


@says_what_is_missing
class Font(base_classes.Font):
    """The font of a range. A part that differs between its cells is None."""

    def __init__(self, cells: Look) -> None:
        self._range = cells

    @property
    def api(self) -> Any:
        """Calc's range; its properties named Char… are the font."""
        return self._range.xl

    def _set(self, name: str, value: Any) -> None:
        self._range.writable().setPropertyValue(name, value)

    @property
    def bold(self) -> bool | None:
        """Whether it is bold."""
        weight = uniform(self.api, "CharWeight")
        return None if weight is None else bool(weight >= _BOLD)

    @bold.setter
    def bold(self, value: bool) -> None:
        self._set("CharWeight", _BOLD if value else _NORMAL)

    @property
    def italic(self) -> bool | None:
        """Whether it is italic."""
        slant = uniform(self.api, "CharPosture")
        return None if slant is None else slant.value != "NONE"

    @italic.setter
    def italic(self, value: bool) -> None:
        self._set("CharPosture", uno_type(f"com.sun.star.awt.FontSlant.{'ITALIC' if value else 'NONE'}"))

    @property
    def size(self) -> float | None:
        """Its size in points."""
        height = uniform(self.api, "CharHeight")
        return None if height is None else float(height)

    @size.setter
    def size(self, value: float) -> None:
        self._set("CharHeight", float(value))

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Its colour as (red, green, blue); None for Calc's automatic colour."""
        number = uniform(self.api, "CharColor")
        return None if number is None or number == -1 else rgb(number)

    @color.setter
    def color(self, value: tuple[int, int, int] | int | str | None) -> None:
        self._set("CharColor", -1 if value is None else calc_color(value))

    @property
    def name(self) -> str | None:
        """The name of its family."""
        name = uniform(self.api, "CharFontName")
        return None if name is None else str(name)

    @name.setter
    def name(self, value: str) -> None:
        self._set("CharFontName", value)
