"""Runs the workbook's real VBA in pyopenvba's interpreter, on a stand-in for a Windows PC or a Mac.

The interpreter runs VBA and has Excel's objects, and leaves out everything that reaches the machine. That outside is
supplied here, and only that: files, environment, AppleScript, WScript.Shell. What crosses it is recorded in order in
`Machine.events`. No line of the VBA is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyopenvba import ExcelFile
from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.apps.excel._bridge import ExcelBridge
from pyopenvba.apps.excel._io import load_workbook
from pyopenvba.apps.excel._model import Application, Workbook
from pyopenvba.interpreter import _ast as vba_ast
from pyopenvba.interpreter._intrinsics import INTRINSICS
from pyopenvba.interpreter._objects import VBAObject, member, method, setter
from pyopenvba.interpreter._preprocess import strip_directives
from pyopenvba.interpreter._runtime import Frame, Interpreter, ModuleRuntime
from pyopenvba.interpreter._values import VBAInt, error, to_text
from pyopenvba.vba import VBAModuleKind

WINDOWS_CONSTANTS = {"VBA7": True, "Win32": True, "Win64": True, "Mac": False}
MAC_CONSTANTS = {"VBA7": True, "Win32": False, "Win64": False, "Mac": True, "MAC_OFFICE_VERSION": 16}
FILE_NOT_FOUND = 53


@dataclass
class Machine:
    """What lies outside of Excel: the workbook's place, files (path to text), environment, and how Python ends."""

    folder: str
    book: str
    files: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    exit_code: int = 0
    complaint: str = ""
    """What the shell or Python writes to its standard error."""
    refuses_programs: bool = False
    """As on a managed PC, where Office may not start programs."""
    script_installed: bool = True
    """The Mac's AppleScript file, which `xlwings runpython install` puts in place."""
    events: list[tuple[str, Any]] = field(default_factory=list)

    separator = "\\"
    operating_system = "Windows (64-bit) NT 10.00"
    application_path = r"C:\Program Files\Microsoft Office\root\Office16"
    constants: dict[str, Any] = field(default_factory=lambda: dict(WINDOWS_CONSTANTS))

    @property
    def full_name(self) -> str:
        return self.folder + self.separator + self.book

    def of_kind(self, kind: str) -> list[Any]:
        return [content for happened, content in self.events if happened == kind]

    def click(self, workbook: Path) -> None:
        """Open `workbook` as this machine's file and run PostNew, as a click on its button does."""
        self.call(workbook, "PostNew")

    def call(self, workbook: Path, macro: str, *arguments: object) -> None:
        """The same with any macro of the workbook."""
        _excel(self, workbook).run(macro, *arguments)


@dataclass
class Mac(Machine):
    """A Mac with Excel in its sandbox."""

    separator = "/"
    operating_system = "Macintosh (Intel) Version 14.5 (Build 23F79)"
    application_path = "/Applications/Microsoft Excel.app/Contents"
    constants: dict[str, Any] = field(default_factory=lambda: dict(MAC_CONSTANTS))


class _Application(Application):
    vba_type_name = "Application"
    machine: Machine

    @member
    def OperatingSystem(self) -> object:  # noqa: N802  # Excel's name for it, here and below
        return self.machine.operating_system

    @member
    def Path(self) -> object:  # noqa: N802
        return self.machine.application_path

    @member
    def Hwnd(self) -> object:  # noqa: N802
        return VBAInt(4711, "Long")

    @setter("StatusBar")
    def _record_status_bar(self, value: object) -> None:
        self.status_bar = value
        self.machine.events.append(("status bar", value))


class _Workbook(Workbook):
    """A workbook whose path has the machine's separators, not those of the computer that runs the test."""

    vba_type_name = "Workbook"

    @member
    def FullName(self) -> object:  # noqa: N802
        application: Any = self.application
        return application.machine.full_name


class _Shell(VBAObject):
    """WScript.Shell."""

    vba_type_name = "IWshShell3"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    @method
    def Run(self, *arguments: object) -> object:  # noqa: N802
        command = to_text(arguments[0])
        self.machine.events.append(("command", command))
        log = re.search(r'2> "([^"]*)"', command)
        if log:
            self.machine.files[log[1]] = self.machine.complaint
        return VBAInt(self.machine.exit_code, "Long")

    @method
    def Popup(self, *arguments: object) -> object:  # noqa: N802
        self.machine.events.append(("popup", to_text(arguments[0])))
        return VBAInt(1, "Long")

    @method
    def ExpandEnvironmentStrings(self, Text: object) -> object:  # noqa: N802, N803
        known = self.machine.environment
        return re.sub(r"%([^%]+)%", lambda found: known.get(found[1].upper(), found[0]), to_text(Text))


class _ModuleScope(VBAObject):
    """A standard module as the left side of a dot, which the interpreter doesn't know: `xlwings.GetConfig(…)`."""

    vba_type_name = "Module"

    def __init__(self, module: ModuleRuntime) -> None:
        self.module = module

    def vba_get(self, name: str, args: Sequence[object] = (), named: dict[str, object] | None = None) -> object:
        self.module.initialise()
        if name.lower() in self.module.constants:
            return self.module.constants[name.lower()]
        return self.module.interpreter.call_named(name, list(args), named or {}, self.module)


class _Bridge(ExcelBridge):
    def global_object(self, name: str) -> object:
        interpreter = self.application.interpreter
        module = interpreter.modules.get(name) if interpreter else None
        if module and not module.is_class:
            return _ModuleScope(module)
        return super().global_object(name)


class _Interpreter(Interpreter):
    """Adds the file statements, the dialogs' record and CreateObject."""

    def __init__(self, host: ExcelBridge, machine: Machine) -> None:
        super().__init__(host)
        self.machine = machine
        self.open_files: dict[int, list[str]] = {}
        self._intrinsics = {**INTRINSICS, **_outside(machine, self.open_files)}

    def show_message(self, prompt: str, style: int, title: str) -> object:
        self.machine.events.append(("message", prompt))
        return super().show_message(prompt, style, title)

    def create_com(self, class_name: str) -> object:
        if class_name != "WScript.Shell":
            return super().create_com(class_name)
        if self.machine.refuses_programs:
            raise error(70, "Permission denied")
        return _Shell(self.machine)

    def _binary(self, expression: vba_ast.Binary, frame: Frame | None) -> object:
        """As VBA does, take the text of a truth value for that value where one is compared with it."""
        if isinstance(expression.right, vba_ast.Literal) and isinstance(expression.right.value, bool):
            left = self.evaluate(expression.left, frame)
            expression = vba_ast.Binary(
                line=expression.line,
                op=expression.op,
                left=vba_ast.Literal(line=expression.line, value={"True": True, "False": False}.get(str(left), left)),
                right=expression.right,
            )
        return super()._binary(expression, frame)

    def _execute(self, statement: vba_ast.Stmt, frame: Frame) -> None:
        if isinstance(statement, vba_ast.Unsupported):
            self._file_statement(statement.text, frame)
        else:
            super()._execute(statement, frame)

    def _file_statement(self, text: str, frame: Frame) -> None:
        """Open … For Input As, Input #, Line Input #, Close and Kill: all that xlwings' module uses."""

        def value(name: str) -> Any:
            slot = frame.slot(name)
            assert slot is not None, text
            return slot.get()

        def put(name: str, content: str) -> None:
            slot = frame.slot(name)
            assert slot is not None, text
            slot.set(content)

        if found := re.fullmatch(r"Open (\w+) For Input As #? ?(\w+)", text):
            path = to_text(value(found[1]))
            if path not in self.machine.files:
                raise error(FILE_NOT_FOUND, "File not found")
            self.open_files[int(value(found[2]))] = self.machine.files[path].splitlines()
        elif found := re.fullmatch(r"Input # (\w+) , (\w+) , (\w+)", text):
            first, second = re.findall(r'"([^"]*)"', self.open_files[int(value(found[1]))].pop(0))
            put(found[2], first)
            put(found[3], second)
        elif found := re.fullmatch(r"Line Input # (\w+) , (\w+)", text):
            put(found[2], self.open_files[int(value(found[1]))].pop(0))
        elif found := re.fullmatch(r"Close # (\w+)", text):
            del self.open_files[int(value(found[1]))]
        elif found := re.fullmatch(r"Kill (\w+)", text):
            if self.machine.files.pop(to_text(value(found[1])), None) is None:
                raise error(FILE_NOT_FOUND, "File not found")
        else:
            raise NotImplementedError(text)


def _outside(machine: Machine, open_files: dict[int, list[str]]) -> dict[str, Callable[..., object]]:
    """The functions of VBA that reach the machine, as the interpreter wants them."""

    def attributes(path: object) -> object:
        if to_text(path) not in machine.files:
            raise error(FILE_NOT_FOUND, "File not found")
        return VBAInt(32, "Integer")

    def apple_script(script: str) -> object:
        if found := re.fullmatch(r"return POSIX path of \(path to (.*)\) as string", script):
            return {"home folder": machine.environment["HOME"]}[found[1]]
        if found := re.fullmatch(r'return POSIX path of \("([^"]*)"\) as string', script):
            return found[1]
        if found := re.fullmatch(r'set mac_path to POSIX file "([^"]*)" as string', script):
            return found[1]
        raise error(5, "Invalid procedure call or argument")  # what MacScript says to a script that doesn't compile

    def apple_script_task(script: object, handler: object, parameter: object) -> object:
        if not machine.script_installed:
            raise error(5, "Invalid procedure call or argument")
        machine.events.append(("command", to_text(parameter)))
        return ""

    def directory(path: object) -> str:
        return to_text(path).rpartition(machine.separator)[2] if to_text(path) in machine.files else ""

    plain: dict[str, Callable[..., object]] = {
        "environ": lambda name: machine.environment.get(to_text(name).upper(), ""),
        "getattr": attributes,
        "dir": lambda path, *_: directory(path),
        "freefile": lambda: VBAInt(len(open_files) + 1, "Integer"),
        "eof": lambda number: not open_files[int(number)],
        "macscript": lambda script: apple_script(to_text(script)),
        "applescripttask": apple_script_task,
    }
    # the interpreter calls them with itself, the arguments, and those given by name
    return {name: (lambda _, args, __, call=call: call(*args)) for name, call in plain.items()}


def _excel(machine: Machine, workbook: Path) -> ExcelApplication:
    excel = ExcelApplication()
    application = _Application()
    application.machine = machine
    excel.application = application
    excel.interpreter = application.interpreter = _Interpreter(_Bridge(application), machine)
    book = load_workbook(application, workbook)
    book.__class__ = _Workbook
    book.path, book.name = machine.folder, machine.book
    application.workbooks_.books.append(book)
    application.activate_book(book)
    with ExcelFile(workbook) as file:
        for module in file.vba_project().modules:
            if module.kind is VBAModuleKind.standard:
                kind = "standard"
            else:
                kind = "class" if module.name == "Dictionary" else "document"
            # The interpreter can't read a comment behind #Const or #If; this is the one change to the source.
            source = re.sub(r"(?m)^([ \t]*#(?:Const|If)\b[^'\r\n]*)'[^\r\n]*", r"\1", module.source)
            source = strip_directives(source, module=module.name, constants=machine.constants)
            excel.add_module(source, name=module.name, kind=kind)
    return excel
