"""The engine and its applications: the LibreOffice at the other end of the pipe is the one app."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from xlwings import base_classes

from .books import Books
from .connection import Connection, connect, import_uno, pipe_in_use, property_values, uno_type
from .missing import says_what_is_missing
from .office import documents, process_of
from .ranges import Range, SeveralAreas
from .sheets import Sheet
from .status import read_status, show_status
from .values import clean, prepare

# Parts of xlwings ask for this, and refuse, or work around, an Excel before 15 (Book.caller does). It stands for the
# features of Excel 2016; the version of LibreOffice itself is `App.office_version`.
_EXCEL_VERSION = "16.0"

_ANSWER_SECONDS = 1.0  # it is running, or it has ended: only `Office.start` waits for one that is starting


class Engine:
    """xlwings' engine "calc"."""

    name = "calc"
    type = "desktop"

    def __init__(self, pipe: str | None = None) -> None:
        self.pipe = pipe

    @property
    def apps(self) -> Apps:
        """The one LibreOffice. It is connected when something is asked of it.

        Raises:
            NotConnectedError: no pipe was named to `activate` or in the environment.
        """
        return Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: object) -> Any:  # noqa: ARG004 - xlwings calls it with both
        """A value on its way into a cell; see `values.prepare`."""
        return prepare(value)

    @staticmethod
    def clean_value_data(
        data: Sequence[Sequence[Any]],
        datetime_builder: Callable[..., Any],
        empty_as: Any,
        number_builder: Callable[[float], Any] | None,
        err_to_str: bool,
    ) -> list[list[Any]]:
        """Values on their way out of cells; see `values.clean`."""
        return clean(data, datetime_builder, empty_as, number_builder, err_to_str)


@says_what_is_missing
class Apps(base_classes.Apps):
    """The applications: exactly one, while the pipe answers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _app(self) -> App:
        return App(self._engine, connect(pipe_in_use(self._engine.pipe), _ANSWER_SECONDS))

    def keys(self) -> list[int]:
        """The process id of the one app."""
        return [self._app().pid]

    def add(self, spec: object = None, add_book: object = None, xl: object = None, visible: object = None) -> App:
        """Not here: an office is started with `Office.start`, which must know the profile."""
        raise NotImplementedError(
            "xlwings cannot start another LibreOffice. Open the workbook with: xlkijiji open FILE."
        )

    @staticmethod
    def cleanup() -> None:
        """Nothing is left behind here; Excel on Windows leaves hidden processes."""

    def __iter__(self) -> Iterator[App]:
        yield self._app()

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        app = self._app()
        if pid != app.pid:
            raise KeyError(pid)
        return app


@says_what_is_missing
class App(base_classes.App):
    """One LibreOffice."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self.engine = engine
        self.connection = connection

    @property  # type: ignore[misc]  # xlwings lets it be set; which LibreOffice this is never changes
    def xl(self) -> Any:
        """LibreOffice's desktop, `com.sun.star.frame.Desktop`."""
        return self.connection.desktop

    api = xl

    @property
    def books(self) -> Books:
        """The open workbooks."""
        return Books(self)

    @property
    def pid(self) -> int:
        """LibreOffice's process id."""
        return process_of(self.connection)

    @property
    def version(self) -> str:
        """The version of Excel whose features the engine has; at least 15, as `Book.caller` wants."""
        return _EXCEL_VERSION

    @property
    def office_version(self) -> str:
        """The version of LibreOffice, such as "7.4.7.2"."""
        provider = self.connection.service("com.sun.star.configuration.ConfigurationProvider")
        access = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationAccess",
            property_values(nodepath="/org.openoffice.Setup/Product"),
        )
        return str(access.getByName("ooSetupVersionAboutBox"))

    @property
    def path(self) -> str:
        """Where LibreOffice's program is."""
        substitution = self.connection.service("com.sun.star.util.PathSubstitution")
        return str(import_uno().fileUrlToSystemPath(substitution.getSubstituteVariableValue("$(prog)")))

    @property
    def selection(self) -> Range | None:
        """The selected cells of the active sheet; None when something else is selected, such as a button."""
        book = self.books.active
        controller = book.xl.CurrentController
        selected = controller.getSelection()
        if selected is None or not hasattr(selected, "supportsService"):
            return None
        if selected.supportsService("com.sun.star.sheet.SheetCellRanges") and selected.Count:
            areas = [selected.getByIndex(number) for number in range(selected.Count)]
            return SeveralAreas([Range.of(Sheet(book, area.Spreadsheet), area.RangeAddress) for area in areas])
        if not selected.supportsService("com.sun.star.table.CellRange"):
            return None
        return Range.of(Sheet(book, selected.Spreadsheet), selected.RangeAddress)

    def activate(self, steal_focus: bool = False) -> None:
        """Bring the window of the active workbook to the front, if it may take the focus."""
        if steal_focus:
            for book in self.books[:1]:
                book.bring_to_front()

    @property
    def visible(self) -> bool:
        """Whether a window of a workbook can be seen."""
        return any(bool(window.isVisible()) for window in self._windows())

    @visible.setter
    def visible(self, value: bool) -> None:
        for window in self._windows():
            window.setVisible(bool(value))

    def _windows(self) -> list[Any]:
        controllers = [document.CurrentController for document in documents(self.connection)]
        return [controller.Frame.ContainerWindow for controller in controllers if controller is not None]

    # Calc has no such switches. What was set can be read back by every process, and changes nothing: locking the
    # display (lockControllers) would freeze the window for good if this process died in between.

    def _switch(self, name: str) -> bool:
        value = self.connection.recall(f"switch/{name}")
        return True if value is None else bool(value)

    @property
    def screen_updating(self) -> bool:
        """Kept, without effect."""
        return self._switch("screen_updating")

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        self.connection.remember("switch/screen_updating", int(bool(value)))

    @property
    def display_alerts(self) -> bool:
        """Kept, without effect: nothing that the engine does opens a dialog."""
        return self._switch("display_alerts")

    @display_alerts.setter
    def display_alerts(self, value: bool) -> None:
        self.connection.remember("switch/display_alerts", int(bool(value)))

    @property
    def enable_events(self) -> bool:
        """Kept, without effect."""
        return self._switch("enable_events")

    @enable_events.setter
    def enable_events(self, value: bool) -> None:
        self.connection.remember("switch/enable_events", int(bool(value)))

    @property
    def calculation(self) -> str:
        """ "automatic" or "manual", of the active workbook."""
        return "automatic" if self.books.active.xl.isAutomaticCalculationEnabled() else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        if value not in {"automatic", "manual", "semiautomatic"}:
            raise ValueError(f"calculation is 'automatic' or 'manual', not {value!r}.")
        for book in self.books:
            book.xl.enableAutomaticCalculation(value != "manual")

    def calculate(self) -> None:
        """Compute what is out of date in every open workbook."""
        for book in self.books:
            book.xl.calculate()

    @property
    def status_bar(self) -> str | bool:
        """The text that was put into the status bar by this engine, in any process; False when there is none.

        What VBA puts there (`Application.StatusBar = …`) is shown, but cannot be read.
        """
        return read_status(self.connection) or False

    @status_bar.setter
    def status_bar(self, value: str | bool | None) -> None:
        show_status(self.connection, value if isinstance(value, str) else None)

    def run(self, macro: str, args: Sequence[Any]) -> Any:
        """Run a macro of an open workbook, named `'Book.xlsm'!Module.Sub` or `'Book.xlsm'!Sub`.

        Raises:
            KeyError: no such workbook or macro is there.
        """
        match = re.fullmatch(r"'(?P<book>.+)'!(?P<macro>[\w.]+)", macro)
        book = self.books(match["book"]) if match else self.books.active
        return book.run_macro(match["macro"] if match else macro, args)

    def quit(self) -> None:
        """Close every workbook without saving, and end LibreOffice."""
        for document in documents(self.connection):
            document.setModified(False)
            document.close(True)
        self.connection.desktop.terminate()

    def kill(self) -> None:
        """End LibreOffice's process at once."""
        os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def alert(
        self,
        prompt: str,
        title: str | None,
        buttons: str | None,
        mode: str | None,
        callback: object,  # noqa: ARG002 - only xlwings Server has one
    ) -> str:
        """Show a message box over the active workbook, and wait for the answer: "ok", "cancel", "yes" or "no"."""
        kinds = {None: "MESSAGEBOX", "info": "INFOBOX", "critical": "ERRORBOX"}
        button_sets = {None: 1, "ok": 1, "ok_cancel": 2, "yes_no": 3, "yes_no_cancel": 4}
        answers = {0: "cancel", 1: "ok", 2: "yes", 3: "no"}
        window = self.books.active.xl.CurrentController.Frame.ContainerWindow
        kind = uno_type(f"com.sun.star.awt.MessageBoxType.{kinds[mode]}")
        toolkit = self.connection.service("com.sun.star.awt.Toolkit")
        box = toolkit.createMessageBox(window, kind, button_sets[buttons], title or "", prompt)
        return answers[box.execute()]
