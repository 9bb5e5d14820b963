"""Workbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlkijiji.messages import tell

from . import keeper
from .connection import import_uno, property_values
from .errors import WorkbookError
from .missing import says_what_is_missing
from .names import Names
from .office import documents
from .sheets import Sheets
from .stand_in import load

if TYPE_CHECKING:
    from .apps import App

# Calc's names of the file formats, by the ending.
FILTERS = {
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".csv": "Text - txt - csv (StarCalc)",
}
# Separator and quote as character codes, the encoding (76 is UTF-8), and the first line.
_CSV_UTF8 = "44,34,76,1"


@says_what_is_missing
class Books(base_classes.Books):
    """The open workbooks of one LibreOffice."""

    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def api(self) -> Any:
        """LibreOffice's desktop."""
        return self.app.xl

    def _all(self) -> list[Book]:
        return [Book(self.app, document) for document in documents(self.app.connection)]

    @property
    def active(self) -> Book:
        """The workbook whose window was used last, or else the first.

        Raises:
            WorkbookError: none is open.
        """
        books = self._all()
        if not books:
            raise WorkbookError(tell("calc-no-workbook"))
        current = self.app.xl.getCurrentComponent()
        uid = getattr(current, "RuntimeUID", None)
        return next((book for book in books if book.uid == uid), books[0])

    def __call__(self, name_or_index: str | int) -> Book:
        """The workbook of that name, in any case, or of that number, counted from 1.

        Raises:
            KeyError: there is none.
        """
        books = self._all()
        if isinstance(name_or_index, str):
            books = [book for book in books if book.name.lower() == name_or_index.lower()]
            name_or_index = 1
        if not 1 <= name_or_index <= len(books):
            raise KeyError(name_or_index)
        return books[name_or_index - 1]

    def __contains__(self, key: str | int) -> bool:
        try:
            self(key)
        except KeyError:
            return False
        return True

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Book]:
        return iter(self._all())

    def __getitem__(self, key: slice) -> list[Book]:
        return self._all()[key]

    def add(self) -> Book:
        """A new, empty workbook in a window of its own."""
        document = self.app.xl.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
        return Book(self.app, document)

    def open(self, fullname: str, *options: Any, **named: Any) -> Book:
        """Open a file. Its macros may run, and `RunPython` starts Python as in Excel.

        Of xlwings' options only `read_only` (the third) and `password` (the fifth) mean something in Calc.

        Raises:
            WorkbookError: LibreOffice cannot read it.
        """
        names = ("update_links", "read_only", "format", "password")
        given = {**dict(zip(names, options, strict=False)), **named}
        document = load(
            self.app.connection,
            Path(fullname),
            read_only=bool(given.get("read_only")),
            password=given.get("password"),
        )
        keeper.keep(self.app.connection, document)
        return Book(self.app, document)


@says_what_is_missing
class Book(base_classes.Book):
    """An open workbook."""

    def __init__(self, app: App, document: Any) -> None:
        self._app = app
        self.xl = document

    @property
    def app(self) -> App:
        """The LibreOffice in which it is open."""
        return self._app

    @property
    def api(self) -> Any:
        """Calc's document, `com.sun.star.sheet.SpreadsheetDocument`."""
        return self.xl

    @property
    def uid(self) -> str:
        """Calc's number of this open document. It stays the same after Save As."""
        return str(self.xl.RuntimeUID)

    @property
    def name(self) -> str:
        """The file's name with its ending; Calc's title ("Untitled 1") when it was never saved."""
        return Path(self.fullname).name

    @property
    def fullname(self) -> str:
        """The whole path of the file; the title when it was never saved."""
        url = self.xl.URL
        if not url:
            return str(self.xl.Title)
        return str(import_uno().fileUrlToSystemPath(url)) if url.startswith("file:") else str(url)

    @property
    def sheets(self) -> Sheets:
        """Its sheets."""
        return Sheets(self)

    @property
    def names(self) -> Names:
        """Its defined names."""
        return Names(self, self.xl.NamedRanges)

    def activate(self) -> None:
        """Make it the active workbook."""
        controller = self.xl.CurrentController
        if controller is not None:
            controller.Frame.activate()

    def bring_to_front(self) -> None:
        """Raise its window and give it the focus."""
        self.activate()
        window = self.xl.CurrentController.Frame.ContainerWindow
        if hasattr(window, "IsMinimized"):
            window.IsMinimized = False
        window.setVisible(True)
        window.toFront()
        window.setFocus()

    def close(self) -> None:
        """Close it without saving."""
        self.xl.setModified(False)
        self.xl.close(True)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save it, or save it as `path`, whose ending chooses the format. The macros of an .xlsm stay as they are.

        Raises:
            WorkbookError: the format is unknown, or the file cannot be written; the sentence says which.
        """
        if path is None and self.xl.hasLocation() and password is None:
            target = Path(self.fullname)
            arguments: tuple[Any, ...] = ()
        else:
            # Never saved and no path: as in Excel, under its title in the working directory.
            target = Path(path or (self.fullname if self.xl.hasLocation() else f"{self.name}.xlsx")).absolute()
            filter_name = FILTERS.get(target.suffix.lower())
            if filter_name is None:
                raise WorkbookError(tell("calc-no-such-format", name=target.name, endings=", ".join(FILTERS)))
            arguments = property_values(FilterName=filter_name, Overwrite=True)
            if target.suffix.lower() == ".csv":
                arguments += property_values(FilterOptions=_CSV_UTF8)
            if password is not None:
                arguments += property_values(Password=password)
        keeper.keep_macros(self.app.connection, self.xl)
        try:
            if path is None and not arguments:
                self.xl.store()
            else:
                self.xl.storeAsURL(target.as_uri(), arguments)
        except Exception as error:
            if "IOException" in type(error).__name__:
                raise WorkbookError(tell("calc-not-saved", path=target)) from error
            raise
        keeper.put_back(self.app.connection, self.xl)

    def run_macro(self, name: str, arguments: Sequence[Any]) -> Any:
        """Run `Module.Sub` or `Sub` of this workbook and return what it returns.

        Raises:
            KeyError: no module has it.
        """
        wanted_module, _, sub = name.rpartition(".")
        pattern = re.compile(rf"^\s*(?:Public\s+)?(?:Sub|Function)\s+{re.escape(sub)}\b", re.IGNORECASE | re.MULTILINE)
        libraries = self.xl.BasicLibraries
        for library in libraries.ElementNames:
            modules = libraries.getByName(library)
            for module in modules.ElementNames:
                if wanted_module.lower() in ("", module.lower()) and pattern.search(modules.getByName(module)):
                    url = f"vnd.sun.star.script:{library}.{module}.{sub}?language=Basic&location=document"
                    script = self.xl.getScriptProvider().getScript(url)
                    return script.invoke(tuple(arguments), (), ())[0]
        raise KeyError(f"The workbook {self.name} has no macro {name}.")
