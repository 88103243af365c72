"""CSV is read in every encoding the contract names, and refused when anything of it is in doubt."""

from __future__ import annotations

import codecs
import unicodedata

import pytest
from rosters import CANONICAL, HEADINGS, VIETNAMESE, as_csv

from syncagent.connectors.roster.csv_text import read_csv
from syncagent.errors import Misconfigured
from syncagent.mapping.columns import ColumnMap, read_columns

NAME = "Đặng Thị Hoà Ưởng"
ROWS = [HEADINGS, ["P1", NAME, "skhcn", "working"], ["P2", "Lê Ư", "snv", "left"]]
TEXT = as_csv(ROWS)


def _cells(data: bytes | str, columns: ColumnMap = CANONICAL) -> list[tuple[int, list[object]]]:
    content = data if isinstance(data, bytes) else data.encode()
    return [(record.line, list(record.cells)) for record in read_csv(content, "people.csv", columns.people).records]


def _refusal(data: bytes | str, columns: ColumnMap = CANONICAL) -> Misconfigured:
    with pytest.raises(Misconfigured) as refused:
        _cells(data, columns)
    return refused.value


BOTH = [(2, ROWS[1]), (3, ROWS[2])]


# ── encodings ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
)
def test_unicode_in_every_form(data: bytes) -> None:
    """UTF-8 and UTF-16, with and without a byte order mark, give the same records."""
    assert _cells(data) == BOTH


def _cp1258(text: str) -> bytes:
    """Return text as Windows-1258 writes it: toned letters in two parts where the page has no single one."""
    found = b""
    for char in text:
        for form in (char, _base_and_tone(char)):
            try:
                found += form.encode("cp1258")
                break
            except UnicodeEncodeError:
                continue
        else:
            raise AssertionError(char)
    return found


def _base_and_tone(char: str) -> str:
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = unicodedata.normalize("NFD", char)
    tone = "".join(part for part in parts if part in tones)
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones)) + tone


def test_cp1258_is_composed() -> None:
    """Windows-1258 writes tones after their letters; they are read in NFC, so that no name counts as repaired."""
    data = _cp1258(TEXT)
    with pytest.raises(UnicodeDecodeError):
        data.decode()

    assert _cells(data) == BOTH


def test_a_guess_counts_only_with_the_headings() -> None:
    """What is neither UTF-8 nor marked is concluded only if all required headings come out of it."""
    damaged = _cp1258(TEXT).replace(b"status", b"state")

    fault = _refusal(damaged)

    assert "not UTF-8, UTF-16 or cp1258" in fault.says.en
    assert fault.where == "people.csv:2"


@pytest.mark.parametrize(
    "name",
    [
        "NguyÔn V¨n Dòng".encode("latin-1"),
        "Ñoã Vaên Duõng".encode("latin-1"),
        "François".encode("cp1252"),
        b"Nguy\xe1\xbb",
        b"Nguy\x81n",
    ],
)
def test_other_eight_bit_text_is_refused(name: bytes) -> None:
    """TCVN3, VNI and western text are valid Windows-1258 as well; letters that no Vietnamese word has tell."""
    fault = _refusal(as_csv([HEADINGS, ["P1", "NAME", "u", "working"]]).encode().replace(b"NAME", name))

    assert "declare encoding" in fault.says.en
    assert fault.where == "people.csv:2"


def test_one_wrong_byte_does_not_turn_a_file_into_cp1258() -> None:
    """A damaged UTF-8 file is refused at the line of the damage, although every byte is some character."""
    fault = _refusal(TEXT.encode().replace("Lê".encode(), "Lê".encode()[:-1]))

    assert "not UTF-8" in fault.says.en
    assert fault.where == "people.csv:3"


@pytest.mark.parametrize("cut", [1, 3])
def test_half_a_character_of_utf16_is_refused(cut: int) -> None:
    """An odd number of bytes is no UTF-16."""
    fault = _refusal(TEXT.encode("utf-16")[:-cut])

    assert "not UTF-16" in fault.says.en
    assert fault.where == "people.csv:3"


def test_nul_is_refused_with_its_line() -> None:
    """A NUL in a text comes from a damaged disk or program."""
    assert _refusal(TEXT.replace("Lê", "L\0")).where == "people.csv:3"


def test_declared_legacy_text_is_read_as_the_fonts_see_it() -> None:
    """Under a declared encoding, eight-bit text is Windows-1252, headings included; wrong bytes are refused."""
    columns = read_columns("version: 1\nname: x\npeople:\n  encoding: tcvn3\n  headings: {full_name: [Họ tên]}\n", "x")
    text = TEXT.replace("full_name", "Hä tªn").replace(NAME, "NguyÔn V¨n Dòng").replace("Lê Ư", "Lª \xad")

    cells = _cells(text.encode("latin-1"), columns)

    assert cells[0][1][1] == "NguyÔn V¨n Dòng"
    assert _cells(text, columns) == cells
    assert _refusal(text.encode("latin-1") + b"\x81", columns).where == "people.csv:4"


# ── headings and delimiters ──────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_the_delimiter_is_the_one_with_which_the_headings_fit(delimiter: str, end: str) -> None:
    """Comma, semicolon and tab, with every line break, even if cells hold the others."""
    rows = [HEADINGS, ["P1", "a,b;c\td", "u", "working"]]

    assert _cells(as_csv(rows, delimiter, end)) == [(2, rows[1])]


@pytest.mark.parametrize(("first", "line"), [("sep=;\r\n", 2), ("SEP=;\n", 2)])
def test_the_delimiter_line_of_excel(first: str, line: int) -> None:
    """A line `sep=;` before the headings is obeyed and counted."""
    cells = _cells(first + as_csv(ROWS, ";"))

    assert cells == [(number + line - 1, row) for number, row in BOTH]


@pytest.mark.parametrize("text", ["sep=\n", "sep=|\nperson_id|full_name|unit|status\n"])
def test_another_delimiter_line_is_no_heading(text: str) -> None:
    """What Excel does not write is not obeyed."""
    assert "missing" in _refusal(text).says.en


def test_headings_in_any_order_and_more_than_needed() -> None:
    """Columns are found by their headings; a column nobody knows is passed over, empty ones at the end as well."""
    table = read_csv(
        "Ghi chú,Trạng thái,Đơn vị,Họ và tên,Số hiệu,,\nx,working,u,An,P1,,\n".encode(), "p.csv", VIETNAMESE.people
    )

    assert table.at == {"status": 1, "unit": 2, "full_name": 3, "person_id": 4}
    assert [list(record.cells)[:5] for record in table.records] == [["x", "working", "u", "An", "P1"]]


def test_a_missing_column_is_named_with_those_found() -> None:
    """The message says which columns are missing and what stands there, but shows no digit: it may be a person."""
    fault = _refusal("037201001234,Nguyễn Văn An,u1,12/03/1980\n")

    assert fault.where == "people.csv:1"
    for sentence in fault.says:
        assert "person_id, full_name, unit, status" in sentence
        assert "“Nguyễn Văn An”, “u#”, “##/##/####”" in sentence
        assert not any(map(str.isdigit, sentence))


def test_two_headings_of_one_column_are_refused() -> None:
    """Which of the two counts is for a person to say."""
    fault = _refusal("person_id,full_name,unit,status,Chức vụ,Chức danh\nP1,An,u,working,a,b\n", VIETNAMESE)

    assert "“Chức vụ”, “Chức danh”" in fault.says.en


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n", codecs.BOM_UTF8, b'"person_id,full_name,unit,status\n'])
def test_a_file_without_headings_is_refused(data: bytes) -> None:
    """An empty file is damaged, not a roster of nobody."""
    assert "has no headings" in _refusal(data).says.en


def test_headings_alone_are_a_table_of_nobody() -> None:
    """A file of headings is whole; that nobody is in it is for admission to doubt."""
    assert _cells(as_csv([HEADINGS])) == []


# ── records ──────────────────────────────────────────────────────────────────


def test_a_record_stands_where_it_begins() -> None:
    """Line breaks inside quotation marks belong to the cell; the next record still knows its line."""
    rows = [HEADINGS, ["P1", "An\r\nvà\nBình", "u", "working"], ["P2", "Chi", "u", "working"]]

    assert _cells("\r\n" + as_csv(rows)) == [(3, rows[1]), (6, rows[2])]


def test_lines_that_hold_nothing_are_passed_over() -> None:
    """Blank lines and lines of delimiters only are nobody."""
    assert _cells(TEXT.replace("P2", "\r\n,,,\r\nP2")) == [BOTH[0], (5, ROWS[2])]


@pytest.mark.parametrize(("cells", "says"), [("P3,Chi,u", "3 cells, fewer"), ("P3,Chi,u,working,,x", "6 cells, more")])
def test_a_record_of_another_length_is_refused(cells: str, says: str) -> None:
    """Fewer cells than headings is a cut line, more a displaced one; empty ones at the end are neither."""
    fault = _refusal(f"{TEXT}{cells}\r\n")

    assert says in fault.says.en
    assert fault.where == "people.csv:4"
    assert len(_cells(f"{TEXT}P3,Chi,u,working,,\r\n")) == 3


@pytest.mark.parametrize("row", ['P3,"Chi,u,working', 'P3,"Chi"x,u,working', f"P3,{'x' * 200_000},u,working"])
def test_an_open_quotation_mark_or_a_huge_cell_is_refused(row: str) -> None:
    """A mark that never closes would swallow the rest of the file."""
    fault = _refusal(f"{TEXT}{row}\r\n")

    assert "quotation mark" in fault.says.en
    assert fault.where == "people.csv:4"


def test_a_last_line_without_line_break_is_refused() -> None:
    """Such a file may be cut inside its last cell; the message says what to do if it is not."""
    fault = _refusal(TEXT.rstrip())

    assert "add a line break" in fault.says.en
    assert fault.where == "people.csv:3"
