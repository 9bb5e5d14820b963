"""Where things are on the screen, so that a real mouse can reach them."""

from __future__ import annotations

from typing import Any

from .errors import CalcError


def button_centre(book: Any, label: str) -> tuple[int, int]:
    """The centre of a form button of the active sheet, in pixels of the screen.

    Args:
        book: an `xw.Book` of the engine "calc", or Calc's document.
        label: the text on the button; the case and stray blanks do not matter.

    Raises:
        CalcError: the sheet has no such button, or it cannot be seen (scrolled away, or no window).
    """
    document = book.api if hasattr(book, "api") else book
    controller = document.CurrentController
    if controller is None:
        raise CalcError("The workbook has no window, so its buttons are nowhere on the screen.")
    control = controller.getControl(_button(controller.getActiveSheet(), label))
    context = control.getAccessibleContext()
    place, size = context.getLocationOnScreen(), context.getSize()
    x, y = place.X + size.Width // 2, place.Y + size.Height // 2
    area = controller.Frame.ComponentWindow.getAccessibleContext()
    corner, extent = area.getLocationOnScreen(), area.getSize()
    if not (corner.X <= x < corner.X + extent.Width and corner.Y <= y < corner.Y + extent.Height):
        raise CalcError(f"The button {label!r} is outside of the window. Scroll the sheet to it.")
    return x, y


def button_labels(book: Any) -> list[str]:
    """The texts on the form buttons of the active sheet."""
    document = book.api if hasattr(book, "api") else book
    sheet = document.CurrentController.getActiveSheet() if document.CurrentController else document.Sheets.getByIndex(0)
    return [str(model.Label) for model in _buttons(sheet)]


def _buttons(sheet: Any) -> list[Any]:
    page = sheet.DrawPage
    shapes = [page.getByIndex(index) for index in range(page.Count)]
    models = [shape.Control for shape in shapes if shape.supportsService("com.sun.star.drawing.ControlShape")]
    return [model for model in models if hasattr(model, "Label")]


def _button(sheet: Any, label: str) -> Any:
    wanted = label.strip().casefold()
    for model in _buttons(sheet):
        if model.Label.strip().casefold() == wanted:
            return model
    raise CalcError(f"The sheet {sheet.Name} has no button {label!r}.")
