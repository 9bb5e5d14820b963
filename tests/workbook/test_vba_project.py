"""The VBA project in the committed workbook: its form, and what readers that didn't write it find there."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zipfile
from importlib import metadata
from pathlib import Path

import olefile
import pytest
import xlwings
from hypothesis import example, given
from hypothesis import strategies as st
from pyopenvba.cfb import CFB
from pyopenvba.vba import parse_project_stream, parse_vba_project

from xlkijiji.workbook.compound_file import write_compound_file
from xlkijiji.workbook.ovba import compress, obfuscate
from xlkijiji.workbook.template import SHEETS, VBA_FOLDER
from xlkijiji.workbook.vba_project import ModuleKind, VbaModule, build_vba_project, load_modules, read_module

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # olevba uses old names of pyparsing
    from oletools.olevba import VBA_Parser, decompress_stream

COMMITTED = Path(__file__).parents[2] / "workbook_template.xlsm"
WHEEL = Path(xlwings.__file__).parent


def vba_part(workbook: Path) -> bytes:
    with zipfile.ZipFile(workbook) as parts:
        return parts.read("xl/vbaProject.bin")


@pytest.fixture(scope="module")
def project() -> olefile.OleFileIO:
    return olefile.OleFileIO(io.BytesIO(vba_part(COMMITTED)))


def own_sources() -> dict[str, str]:
    return {module.name: module.code().decode("cp1252") for module in load_modules(VBA_FOLDER)}


def test_project_has_no_caches(project: olefile.OleFileIO) -> None:
    """Excel must compile the sources itself: version 0xFFFF in seven bytes, and nothing compiled anywhere."""
    assert project.openstream("VBA/_VBA_PROJECT").read() == bytes.fromhex("CC61FFFF000000")
    assert not [name for name in project.listdir() if name[-1].startswith("__SRP_")]
    assert {name[-1] for name in project.listdir()} == {*own_sources(), "dir", "_VBA_PROJECT", "PROJECT", "PROJECTwm"}


def test_every_module_begins_with_its_source(project: olefile.OleFileIO) -> None:
    """MODULEOFFSET is 0 for each module, and the stream decompresses from its first byte."""
    directory = bytes(decompress_stream(bytearray(project.openstream("VBA/dir").read())))
    offsets = [
        struct.unpack_from("<I", directory, at + 6)[0]
        for at in range(len(directory))
        if directory[at : at + 6] == struct.pack("<HI", 0x0031, 4)
    ]
    assert offsets == [0] * len(own_sources())
    for name, source in own_sources().items():
        content = decompress_stream(bytearray(project.openstream(f"VBA/{name}").read()))
        assert bytes(content).decode("cp1252") == source


def test_olevba_reads_our_sources() -> None:
    """oletools, which didn't write the project, finds the same names and sources."""
    found = {}
    for _, _, name, code in VBA_Parser(str(COMMITTED)).extract_macros():
        found[name.rpartition(".")[0]] = code
    assert {name: source.replace("\r\n", "\n") for name, source in own_sources().items()} == {
        name: code.replace("\r\n", "\n") for name, code in found.items()
    }


def test_pyopenvba_reads_our_sources_and_finds_nothing_wrong() -> None:
    """pyopenvba, which didn't write the project, finds the same names, sources and libraries, and no inconsistency."""
    container = CFB.from_bytes(vba_part(COMMITTED))
    found = parse_vba_project(container)
    assert {module.name: module.source for module in found.modules} == own_sources()
    assert found.validate(container) == []
    assert [reference.name for reference in found.references] == ["stdole", "Office"]
    declared = parse_project_stream(container.get_stream("PROJECT"))
    assert declared.standard_modules == ["XlKijiji", "xlwings"]
    assert declared.class_modules == ["Dictionary"]
    assert [name for name, _ in declared.document_modules] == ["ThisWorkbook", *sorted(SHEETS.values())]
    assert declared.protection is not None
    assert not declared.protection.has_password


def test_module_names_match_the_code_names_of_the_sheets() -> None:
    """A document module without its sheet, or the other way round, is what Excel repairs."""
    with zipfile.ZipFile(COMMITTED) as parts:
        text = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    for name in ("ThisWorkbook", *SHEETS.values()):
        assert f'codeName="{name}"' in text


def test_xlwings_module_is_the_one_of_the_installed_version() -> None:
    """Workbook VBA and package must be of the same xlwings version, and the module is xlwings' own, unchanged."""
    assert (VBA_FOLDER / "xlwings.bas").read_bytes() == (WHEEL / "xlwings.bas").read_bytes()
    assert f'XLWINGS_VERSION As String = "{metadata.version("xlwings")}"' in own_sources()["xlwings"]


def test_dictionary_module_is_the_one_of_xlwings_standalone_workbook() -> None:
    shipped = {
        name: code
        for _, _, name, code in VBA_Parser(str(WHEEL / "quickstart_standalone.xlsm")).extract_macros()
        if name == "Dictionary.cls"
    }
    assert shipped["Dictionary.cls"].splitlines() == own_sources()["Dictionary"].splitlines()


def test_licences_lie_beside_the_sources() -> None:
    xlwings_licence = metadata.distribution("xlwings").read_text("licenses/LICENSE.txt")
    assert (VBA_FOLDER / "LICENSE-xlwings.txt").read_text().split() == str(xlwings_licence).split()
    assert "MIT License" in (VBA_FOLDER / "LICENSE-Dictionary.txt").read_text()


def test_our_module_has_no_conditional_compilation() -> None:
    """LibreOffice Calc runs both branches of #If."""
    assert not [line for line in own_sources()["XlKijiji"].splitlines() if line.lstrip().startswith("#")]


@given(st.text(st.characters(codec="cp1252"), max_size=9000).map(lambda text: text.encode("cp1252")))
@example(b"")
@example(b"a" * 4096)
@example(b"a" * 4097)
@example(b"ab" * 9000)
@example(bytes(range(256)) * 40)
def test_compressed_data_comes_back(data: bytes) -> None:
    """What olevba decompresses is what went in, also at the edges of the 4096-byte chunks."""
    if data:  # olevba takes an empty container for a broken one
        assert bytes(decompress_stream(bytearray(compress(data)))) == data
    else:
        assert compress(data) == b"\x01"


def test_data_that_cannot_be_compressed_is_stored_or_refused_but_never_padded() -> None:
    """A whole chunk of noise is stored as it is; for a part of one the format would add zero bytes."""
    noise = hashlib.shake_128(b"noise").digest(4096)
    assert bytes(decompress_stream(bytearray(compress(noise)))) == noise
    with pytest.raises(ValueError, match="can't be compressed"):
        compress(noise[:4000])


def deobfuscated(digits: str) -> bytes:
    """The data in a CMG, DPB or GC line ([MS-OVBA] 2.4.3.3)."""
    encrypted = bytes.fromhex(digits)
    seed = encrypted[0]
    plain = [seed ^ encrypted[2]]
    assert seed ^ encrypted[1] == 2
    for at in range(3, len(encrypted)):
        plain.append(encrypted[at] ^ ((encrypted[at - 2] + plain[-1]) & 0xFF))
    content = bytes(plain[1 + (seed & 6) // 2 :])
    length = struct.unpack_from("<I", content)[0]
    assert length == len(content) - 4
    return content[4:]


def test_protection_lines_say_what_those_of_xlwings_own_workbook_say() -> None:
    """CMG, DPB and GC decode to the same data as in a project that Excel is known to open: open to everybody."""
    known = parse_project_stream(CFB.from_bytes(vba_part(WHEEL / "quickstart_standalone.xlsm")).get_stream("PROJECT"))
    ours = parse_project_stream(CFB.from_bytes(vba_part(COMMITTED)).get_stream("PROJECT"))
    assert known.protection is not None
    assert ours.protection is not None
    for line in ("cmg", "dpb", "gc"):
        assert deobfuscated(getattr(ours.protection, line)) == deobfuscated(getattr(known.protection, line))


@given(st.binary(max_size=12), st.integers(0, 255))
def test_obfuscated_data_comes_back(data: bytes, seed: int) -> None:
    assert deobfuscated(obfuscate(data, "{00000000-0000-0000-0000-000000000000}", seed)) == data


@given(
    st.dictionaries(st.text("abcXYZ_0é", min_size=1, max_size=31), st.binary(max_size=9000), max_size=12).filter(
        lambda streams: len({name.upper() for name in streams}) == len(streams)
    )
)
def test_compound_file_gives_its_streams_back(streams: dict[str, bytes]) -> None:
    """Two readers that didn't write the container find every stream, short or long, in a storage of its own."""
    content = write_compound_file({"Storage": streams, "top": b"t" * 5000})
    with olefile.OleFileIO(io.BytesIO(content), raise_defects=olefile.DEFECT_INCORRECT) as found:
        assert found.openstream("top").read() == b"t" * 5000
        assert {path[1] for path in found.listdir() if path[0] == "Storage"} == set(streams)
        for name, data in streams.items():
            assert found.openstream(f"Storage/{name}").read() == data
    other = CFB.from_bytes(content)
    assert {name: other.get_stream_in_storage("Storage", name) for name in streams} == streams


@pytest.mark.parametrize("name", ["", "a" * 32, "a/b", "a!b"])
def test_compound_file_refuses_names_that_the_format_forbids(name: str) -> None:
    with pytest.raises(ValueError, match="can't be the name"):
        write_compound_file({name: b""})


def test_two_modules_of_one_name_are_refused() -> None:
    module = VbaModule("Same", ModuleKind.STANDARD, "Sub A()\nEnd Sub\n")
    with pytest.raises(ValueError, match="same name"):
        build_vba_project([module, VbaModule("SAME", ModuleKind.CLASS, "")])


def test_a_character_outside_the_code_page_is_refused() -> None:
    with pytest.raises(ValueError, match="not in code page 1252"):
        build_vba_project([VbaModule("M", ModuleKind.STANDARD, "' 漢\n")])


def test_a_source_must_name_its_module(tmp_path: Path) -> None:
    path = tmp_path / "Wanted.bas"
    path.write_text('Attribute VB_Name = "Other"\n')
    with pytest.raises(ValueError, match="must begin with"):
        read_module(path)


def test_line_ends_of_the_source_do_not_matter() -> None:
    """A checkout that turned CRLF into LF builds the same project."""
    for ends in ("\n", "\r\n"):
        source = ends.join(['Attribute VB_Name = "M"', "Sub A()", "End Sub"])
        assert (
            VbaModule("M", ModuleKind.STANDARD, source).code() == b'Attribute VB_Name = "M"\r\nSub A()\r\nEnd Sub\r\n'
        )
