"""The text in the status bar of LibreOffice's windows."""

from __future__ import annotations

from .connection import Connection, is_gone
from .office import documents

# VBA's Application.StatusBar cannot be read back in Calc, it gives a truth value. So the text is kept beside it.
_KEPT = "status_bar"


def read_status(connection: Connection) -> str | None:
    """The text that xlkijiji has put there, in whichever process; None when there is none."""
    text = connection.recall(_KEPT)
    return str(text) if text else None


def show_status(connection: Connection, text: str | None) -> None:
    """Show `text` in the status bar of every workbook's window; None gives the bar back to Calc."""
    connection.remember(_KEPT, text or None)
    for document in documents(connection):
        try:
            controller = document.CurrentController
            if controller is None:  # loaded without a window
                continue
            # The controller's own indicator is the one that VBA's StatusBar uses: each takes the other's text away.
            indicator = controller.getStatusIndicator()
            if text:
                indicator.start(text, 0)
            else:
                indicator.end()
        except Exception as error:
            if not is_gone(error):  # being closed right now
                raise
