"""A workbook is measured before it is unpacked: bombs are refused at once, honest files pass."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest
from rosters import CANONICAL, HEADINGS, book, package, relationships, rows

from syncagent.connectors.roster import sheet
from syncagent.connectors.roster.archive import MOST_ENTRIES, MOST_UNPACKED, Archive
from syncagent.connectors.roster.xlsx import read_xlsx
from syncagent.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable

PERSON = rows(HEADINGS, ["P1", "An", "u", "working"])
HONEST = package(book(PERSON))
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _read(data: bytes) -> int:
    return len(list(read_xlsx(data, "people.xlsx", CANONICAL.people).records))


def _refusal(data: bytes) -> str:
    with pytest.raises(Misconfigured) as refused:
        _read(data)
    assert refused.value.where.startswith("people.xlsx")
    return refused.value.says.en


# ── bombs ────────────────────────────────────────────────────────────────────


def _ratio() -> bytes:
    return package({**book(PERSON), "xl/media/a.xml": b"<a>" + b" " * 60_000_000 + b"</a>"})


def _total() -> bytes:
    hardly_packed = bytes(range(256)) * 300 + b" " * 3_000_000
    return package({**book(PERSON), **{f"xl/media/{n}.bin": hardly_packed for n in range(MOST_UNPACKED // 3_000_000)}})


def _entries() -> bytes:
    return package({**book(PERSON), **{f"xl/media/{n}": b"" for n in range(MOST_ENTRIES)}}, zipfile.ZIP_STORED)


def _directory() -> bytes:
    return package({f"{n:0500d}": b"" for n in range(3000)}, zipfile.ZIP_STORED)


def _entities() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE sst [<!ENTITY l0 "ha">{laughs}]>'
    return package(book(PERSON, strings="<si><t>a</t></si>") | {"xl/sharedStrings.xml": f"{doctype}<sst>&l9;</sst>"})


def _external_entity() -> bytes:
    doctype = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return package(book(PERSON) | {"xl/worksheets/sheet1.xml": f"{doctype}<worksheet>&x;</worksheet>"})


def _doctype_elsewhere() -> bytes:
    return package(book(PERSON) | {"docProps/core.xml": '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>'})


def _deep() -> bytes:
    tags = [f"t{n:05d}" for n in range(30_000)]
    return package(book(PERSON) | {"xl/worksheets/sheet1.xml": "".join(f"<{tag}>" for tag in tags)})


def _long_token() -> bytes:
    value = "".join(f"{n:07d}" for n in range(500_000))
    return package(book(PERSON) | {"xl/worksheets/sheet1.xml": f'<worksheet a="{value}"/>'})


def _long_cell() -> bytes:
    return package(book(rows(HEADINGS, ["P1", "x" * 40_000, "u", "working"])))


def _far_column() -> bytes:
    return package(book(f'{PERSON}<row r="9"><c r="XFD9" t="str"><v>x</v></c></row>'))


def _far_row() -> bytes:
    return package(book(f'{PERSON}<row r="99999999"><c r="A99999999" t="str"><v>x</v></c></row>'))


@pytest.mark.parametrize(
    "bomb",
    [
        *(_ratio, _total, _entries, _directory, _entities, _external_entity, _doctype_elsewhere),
        *(_deep, _long_token, _long_cell, _far_column, _far_row),
    ],
)
def test_a_bomb_is_refused_at_once(bomb: Callable[[], bytes]) -> None:
    """Whatever would unpack, nest or spin out to more than a roster is refused within a second and 30 MB."""
    data = bomb()
    assert len(data) < 20_000_000
    tracemalloc.start()
    begun = time.perf_counter()

    says = _refusal(data)

    spent = time.perf_counter() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "more than a roster can need" in says or "declares a DTD" in says
    assert spent < 1
    assert peak < 30_000_000


def test_more_styles_or_strings_than_any_program_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of a workbook is counted while it is read."""
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in range(100_001))
    assert "cut or damaged" in _refusal(package(book(PERSON, styles=f"<cellXfs>{formats}</cellXfs>")))

    monkeypatch.setattr(sheet, "_MOST_STRINGS", 10)

    assert _read(package(book(PERSON, strings="<si/>" * 10))) == 1
    assert "more than a roster can need" in _refusal(package(book(PERSON, strings="<si/>" * 11)))


def test_a_part_larger_than_it_says_is_refused() -> None:
    """A directory that understates the size of a part is found out by the checksum, after the stated size."""
    data = bytearray(package(book(PERSON + rows(*[["P", "An", "u", "working"]] * 50_000))))
    entry = next(e for e in zipfile.ZipFile(io.BytesIO(data)).infolist() if e.filename.endswith("sheet1.xml"))
    size = struct.pack("<L", entry.file_size)
    at = data.rindex(size)
    data[at : at + 4] = struct.pack("<L", 1000)

    assert "cut or damaged" in _refusal(bytes(data))


# ── what is not a workbook ───────────────────────────────────────────────────


def test_an_honest_workbook_passes() -> None:
    """The parts that the other tests damage are whole in themselves."""
    assert _read(HONEST) == 1
    assert _read(package(book(PERSON), zipfile.ZIP_STORED)) == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "cut or damaged"),
        (b"person_id,full_name\n", "cut or damaged"),
        (b"PK\x05\x06", "cut or damaged"),
        (HONEST[:-22], "cut or damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "protected by a password or in the old .xls"),
        (HONEST.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"), "protected by a password"),
        (package(book(PERSON), zipfile.ZIP_BZIP2), "cut or damaged"),
        (package({"a.xml": "<a/>"}), "cut or damaged"),
        (package(book(PERSON) | {"xl/workbook.xml": "<workbook"}), "cut or damaged"),
        (package(book(PERSON) | {"xl/workbook.xml": ""}), "cut or damaged"),
        (package({k: v for k, v in book(PERSON).items() if "sheet1" not in k}), "cut or damaged"),
        (package(book()), "no sheet"),
        (HONEST[:-22] + b"PK\x06\x07" + b"\0" * 16 + HONEST[-22:], "more than a roster can need"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, says: str) -> None:
    """Text, old and protected workbooks, other archives and incomplete ones each get their sentence."""
    assert says in _refusal(data)


def test_two_parts_of_one_name_are_refused() -> None:
    """Which of them counts, programs do not agree on."""
    buffer = io.BytesIO(HONEST)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", "<workbook/>")

    assert "cut or damaged" in _refusal(buffer.getvalue())


@pytest.mark.parametrize("step", [1, 7])
def test_a_cut_workbook_is_refused(step: int) -> None:
    """Wherever the file ends too early, its directory is missing."""
    for cut in range(0, len(HONEST), step * 13):
        _refusal(HONEST[:cut])


def test_a_changed_byte_changes_no_cell() -> None:
    """A workbook with one wrong byte is refused, or read as if the byte were right: it was none that counts."""
    whole = [list(record.cells) for record in read_xlsx(HONEST, "people.xlsx", CANONICAL.people).records]
    for at in range(0, len(HONEST), 3):
        damaged = bytearray(HONEST)
        damaged[at] ^= 0x41
        try:
            found = [list(r.cells) for r in read_xlsx(bytes(damaged), "people.xlsx", CANONICAL.people).records]
        except Misconfigured:
            continue
        assert found == whole


# ── links ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "relation",
    [
        f'<Relationship Id="x" Type="{LINK}/externalLink" Target="externalLinks/externalLink1.xml"/>',
        f'<Relationship Id="x" Type="{LINK}/connections" Target="connections.xml"/>',
        f'<Relationship Id="x" Type="{LINK}/oleObject" Target="file:///x" TargetMode="External"/>',
    ],
)
def test_links_to_other_files_are_refused(relation: str) -> None:
    """Values of other workbooks and data sources are not in this file; nobody can say how old they are."""
    assert "links to other files" in _refusal(
        package(book(PERSON) | {"xl/externalLinks/_rels/a.xml.rels": relationships(relation)})
    )


def test_hyperlinks_are_harmless() -> None:
    """Spreadsheets make a link of every address that is typed; nobody follows it."""
    link = f'<Relationship Id="x" Type="{LINK}/hyperlink" Target="mailto:a@b.vn" TargetMode="External"/>'

    assert _read(package(book(PERSON) | {"xl/worksheets/_rels/sheet1.xml.rels": relationships(link)})) == 1


def test_macros_are_not_looked_at() -> None:
    """A workbook with macros is read like any other."""
    assert _read(package(book(PERSON) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})) == 1


def test_relations_name_parts_from_their_own_folder() -> None:
    """Targets are relative to the part, or absolute."""
    archive = Archive(package(book(PERSON, styles="<cellXfs/>")), "people.xlsx")

    assert [(one.kind, one.part) for one in archive.relations("xl/workbook.xml")] == [
        ("worksheet", "xl/worksheets/sheet1.xml"),
        ("styles", "xl/styles.xml"),
    ]
    assert archive.relations("xl/worksheets/sheet1.xml") == []
