"""Builds `vbaProject.bin` from text sources, without Excel.

The form is the one that [MS-OVBA] gives for files that no VBA editor has written: `_VBA_PROJECT` is seven bytes with
version 0xFFFF, there are no caches and no `__SRP_` streams, and every MODULEOFFSET is 0. Excel then compiles the
sources itself. xlwings' own workbook `quickstart_standalone.xlsm` has the same form.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from xlkijiji.messages import tell
from xlkijiji.workbook.compound_file import write_compound_file
from xlkijiji.workbook.ovba import compress, obfuscate

__all__ = ["ModuleKind", "VbaModule", "build_vba_project", "load_modules", "plain_lines", "read_module"]

CODE_PAGE = 1252
PROJECT_NAME = "VBAProject"
PROJECT_ID = "{2B6E7A54-6C1D-4F0E-9C37-5A0D1E4B8F21}"
ENGLISH = 0x0409

# A reader of the file finds libraries by their GUID; the paths are hints, and wrong on a Mac without harm. Excel's and
# VBA's own libraries belong to every project and are not listed.
REFERENCES = (
    (
        "stdole",
        r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation",
    ),
    (
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#"
        r"C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
    ),
)


_SENTENCE = re.compile(r'"tell:(?P<key>[a-z-]+)(?:\((?P<name>\w+)\))?"')
"""In the place of a sentence for people: the key of its message, and the name of what the macro fills in itself."""


class ModuleKind(Enum):
    """What a module is to the PROJECT stream."""

    DOCUMENT = "Document"
    STANDARD = "Module"
    CLASS = "Class"


@dataclass(frozen=True)
class VbaModule:
    """A module: its name, its kind, and its source with the Attribute lines on top and any line ends."""

    name: str
    kind: ModuleKind
    source: str

    def plain_lines(self) -> list[str]:
        """What a person sees of it in the editor: the lines without attributes, as `vba_reader` gives them."""
        return plain_lines(self.source)

    def code(self) -> bytes:
        """The source as the project stores it: code page 1252, lines ended by CRLF, one line end at the end.

        Raises ValueError for a character that the code page doesn't have.
        """
        text = "\r\n".join(self.source.splitlines()) + "\r\n"
        try:
            return text.encode("cp1252")
        except UnicodeEncodeError as error:
            raise ValueError(f"Module {self.name}: {text[error.start]!r} is not in code page 1252.") from error


def plain_lines(source: str) -> list[str]:
    """The lines of a module's source without its attributes and without blanks at their ends."""
    lines = [line.rstrip() for line in source.splitlines() if not line.startswith("Attribute ")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def read_module(path: Path) -> VbaModule:
    """The module in a `.bas` or `.cls` file whose Attribute lines are as in a project's stream (no VERSION block).

    Its sentences are in the language in use.

    Raises ValueError when the file doesn't name its module, or names another than the file's own name.
    """
    source = path.read_text(encoding="cp1252")
    named = re.match(r'Attribute VB_Name = "(\w{1,31})"', source)
    if not named or named[1] != path.stem:
        raise ValueError(f'{path.name} must begin with the line: Attribute VB_Name = "{path.stem}"')
    if path.suffix == ".bas":
        kind = ModuleKind.STANDARD
    elif re.search(r"^Attribute VB_PredeclaredId = True", source, re.MULTILINE):
        kind = ModuleKind.DOCUMENT
    else:
        kind = ModuleKind.CLASS
    return VbaModule(named[1], kind, _SENTENCE.sub(_sentence, source))


def _sentence(found: re.Match[str]) -> str:
    """The sentence as a literal of VBA, in which a quotation mark is doubled."""
    names = {found["name"]: f"{{{found['name']}}}"} if found["name"] else {}
    return '"' + tell(found["key"], **names).replace('"', '""') + '"'


def load_modules(folder: Path) -> list[VbaModule]:
    """All modules in `folder`: ThisWorkbook first, then the sheets, the standard modules and the classes, by name."""
    modules = [read_module(path) for path in folder.iterdir() if path.suffix in {".bas", ".cls"}]
    kinds = list(ModuleKind)
    return sorted(
        modules, key=lambda module: (kinds.index(module.kind), module.name != "ThisWorkbook", module.name.casefold())
    )


def build_vba_project(modules: Sequence[VbaModule]) -> bytes:
    """The bytes of `vbaProject.bin` with `modules` in their order; same modules, same bytes.

    Raises ValueError when two modules share a name, or a source has a character outside code page 1252.
    """
    names = [module.name.casefold() for module in modules]
    if len(set(names)) != len(names):
        raise ValueError("Two modules of a VBA project can't have the same name.")
    streams = {module.name: compress(module.code()) for module in modules}
    return write_compound_file(
        {
            "VBA": {
                "dir": compress(_dir_stream(modules)),
                "_VBA_PROJECT": struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0),
                **streams,
            },
            "PROJECT": _project_stream(modules),
            "PROJECTwm": _name_map(modules),
        }
    )


def _record(identifier: int, content: bytes = b"") -> bytes:
    return struct.pack("<HI", identifier, len(content)) + content


def _both(identifier: int, unicode_identifier: int, text: str) -> bytes:
    """A text in the code page and again in UTF-16, as most texts of the dir stream stand."""
    return _record(identifier, text.encode("cp1252")) + _record(unicode_identifier, text.encode("utf-16-le"))


def _dir_stream(modules: Sequence[VbaModule]) -> bytes:
    """The plain dir stream ([MS-OVBA] 2.3.4.2)."""
    return b"".join(
        [
            _project_information(),
            *(_reference(name, library) for name, library in REFERENCES),
            _record(0x000F, struct.pack("<H", len(modules))),  # PROJECTMODULES
            _record(0x0013, struct.pack("<H", 0xFFFF)),  # PROJECTCOOKIE
            *(_module_record(module) for module in modules),
            _record(0x0010),  # end of the stream
        ]
    )


def _project_information() -> bytes:
    return b"".join(
        [
            _record(0x0001, struct.pack("<I", 3)),  # PROJECTSYSKIND: 64-bit Windows
            _record(0x0002, struct.pack("<I", ENGLISH)),  # PROJECTLCID
            _record(0x0014, struct.pack("<I", ENGLISH)),  # PROJECTLCIDINVOKE
            _record(0x0003, struct.pack("<H", CODE_PAGE)),  # PROJECTCODEPAGE
            _record(0x0004, PROJECT_NAME.encode("ascii")),  # PROJECTNAME
            _both(0x0005, 0x0040, ""),  # PROJECTDOCSTRING
            _record(0x0006) + _record(0x003D),  # PROJECTHELPFILEPATH
            _record(0x0007, struct.pack("<I", 0)),  # PROJECTHELPCONTEXT
            _record(0x0008, struct.pack("<I", 0)),  # PROJECTLIBFLAGS
            struct.pack("<HIIH", 0x0009, 4, 1, 0),  # PROJECTVERSION 1.0: the size counts only the major number
            _both(0x000C, 0x003C, ""),  # PROJECTCONSTANTS
        ]
    )


def _reference(name: str, library: str) -> bytes:
    """REFERENCENAME and REFERENCEREGISTERED ([MS-OVBA] 2.3.4.2.2)."""
    content = library.encode("cp1252")
    return _both(0x0016, 0x003E, name) + _record(0x000D, struct.pack("<I", len(content)) + content + bytes(6))


def _module_record(module: VbaModule) -> bytes:
    """One MODULE record ([MS-OVBA] 2.3.4.2.3.2)."""
    return b"".join(
        [
            _both(0x0019, 0x0047, module.name),
            _both(0x001A, 0x0032, module.name),  # the name of its stream
            _both(0x001C, 0x0048, ""),  # MODULEDOCSTRING
            _record(0x0031, struct.pack("<I", 0)),  # MODULEOFFSET: the source begins at once, no cache before it
            _record(0x001E, struct.pack("<I", 0)),  # MODULEHELPCONTEXT
            _record(0x002C, struct.pack("<H", 0xFFFF)),  # MODULECOOKIE
            _record(0x0021 if module.kind is ModuleKind.STANDARD else 0x0022),
            _record(0x002B),
        ]
    )


def _project_stream(modules: Sequence[VbaModule]) -> bytes:
    """The PROJECT stream ([MS-OVBA] 2.3.1): a text like an .ini file."""
    lines = [
        f'ID="{PROJECT_ID}"',
        *(
            f"{module.kind.value}={module.name}{'/&H00000000' if module.kind is ModuleKind.DOCUMENT else ''}"
            for module in modules
        ),
        f'Name="{PROJECT_NAME}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{obfuscate(bytes(4), PROJECT_ID)}"',  # not protected
        f'DPB="{obfuscate(bytes(1), PROJECT_ID)}"',  # no password
        f'GC="{obfuscate(bytes([0xFF]), PROJECT_ID)}"',  # visible
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
    ]
    return "".join(line + "\r\n" for line in lines).encode("cp1252")


def _name_map(modules: Sequence[VbaModule]) -> bytes:
    """The PROJECTwm stream: each name in the code page and in UTF-16, both ended by zero."""
    pairs = (module.name.encode("cp1252") + b"\0" + module.name.encode("utf-16-le") + b"\0\0" for module in modules)
    return b"".join(pairs) + b"\0\0"
