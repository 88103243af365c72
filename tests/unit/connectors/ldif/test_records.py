"""From bytes to records: nothing of the file is lost, no line is miscounted, no cut goes unnoticed."""

from __future__ import annotations

import codecs

import pytest

from syncagent.connectors.ldif.records import UTF_16, encoded, mark_of, records
from syncagent.errors import Misconfigured

TEXT = "version: 1\n\n# An\ndn: cn=An\ncn: An\n\n\n\ndn: cn=Bình\ncn: Bì\n nh\n\n"


def _blocks(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_records_put_together_are_the_file(newline: str, size: int) -> None:
    """However the bytes arrive, the records are the same, and together they are the file."""
    content = TEXT.replace("\n", newline).encode()

    found = list(records(_blocks(content, size), "file"))

    assert b"".join(record.raw for record in found) == content
    assert [record.line for record in found] == [1, 3, 9]
    assert [record.is_entry for record in found] == [False, True, True]


def test_lines_may_end_both_ways_in_one_file() -> None:
    """A file put together from a Windows and a Linux export is read like either."""
    content = b"dn: cn=a\r\ncn: a\r\n\r\ndn: cn=b\ncn: b\n\ndn: cn=c\r\n\n"

    found = list(records([content], "file"))

    assert [record.line for record in found] == [1, 4, 7]
    assert b"".join(record.raw for record in found) == content


def test_blank_lines_at_the_beginning_are_counted() -> None:
    """A file that begins with blank lines still names the right line."""
    found = list(records([b"\n\n\ndn: cn=a\ncn: a\n\n"], "file"))

    assert [(record.line, record.raw) for record in found] == [(1, b"\n\n\n"), (4, b"dn: cn=a\ncn: a\n\n")]


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_utf_16_is_read_and_written_back(size: int) -> None:
    """What `ldifde -u` writes becomes UTF-8 and goes back byte by byte, characters beyond 16 bits included."""
    content = codecs.BOM_UTF16_LE + TEXT.replace("An", "An 🌾").replace("\n", "\r\n").encode("utf-16-le")

    blocks = _blocks(content, max(size, 2))
    found = list(records(blocks, "file"))

    assert "dn: cn=Bình" in found[2].text()
    assert mark_of(content) == UTF_16
    assert b"".join(encoded(mark_of(content), [record.raw for record in found])) == content


def test_a_utf_8_mark_is_no_part_of_the_first_line() -> None:
    """Editors on Windows put a mark before UTF-8; it is kept and not read."""
    content = codecs.BOM_UTF8 + b"dn: cn=a\ncn: a\n\n"

    found = list(records([content], "file"))

    assert found[0].raw == b"dn: cn=a\ncn: a\n\n"
    assert b"".join(encoded(mark_of(content), [found[0].raw])) == content


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"dn: cn=a\ncn: a\n\ndn: cn=b\ncn: b", 5, "no line break"),
        (b"dn: cn=a\ncn: \0\n\n", 2, "NUL"),
        ("dn: cn=a\ncn: a\n\n".encode("utf-16-le"), 1, "NUL"),
        (codecs.BOM_UTF16_LE + "dn: cn=a\n".encode("utf-16-le") + b"\x00\xd8a\x00", 1, "UTF-16"),
        (codecs.BOM_UTF16_LE + "dn: cn=a\n\n".encode("utf-16-le") + b"a", 3, "cut inside a character"),
    ],
)
def test_damage_is_named_with_its_line(content: bytes, line: int, says: str) -> None:
    """A file that is cut or damaged is refused; the message names the line and says what to do."""
    with pytest.raises(Misconfigured) as caught:
        list(records([content], "export.ldif"))

    assert caught.value.where == f"export.ldif:{line}"
    assert says in caught.value.says.en
    assert "Hãy xuất lại" in caught.value.says.vi


def test_comments_need_no_blank_line_after_them() -> None:
    """What ldapsearch writes at the end is no entry and ends as it likes."""
    found = list(records([b"dn: cn=a\ncn: a\n\n# numResponses: 2\n# numEntries: 1\n"], "file"))

    assert [record.is_entry for record in found] == [True, False]


def test_a_folded_line_is_found_where_it_begins() -> None:
    """The number of an unfolded line is that of its first part."""
    record = next(records([b"dn: cn=a\n# com\n ment\ncn: a\n b\n c\nsn: d\n\n"], "file"))

    assert [record.line_of(line) for line in ("dn: cn=a", "# comment", "cn: abc", "sn: d")] == [1, 2, 4, 7]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_an_entry_that_no_blank_line_closes_is_open(ending: bytes) -> None:
    """RFC 2849 wants no blank line at the end, but without one lines of the last entry may be missing."""
    closed = [record.is_open for record in records([b"dn: cn=a%b%b" % (ending, ending)], "d.ldif")]
    opened = [record.is_open for record in records([b"dn: cn=a%b%bdn: cn=b%b" % (ending, ending, ending)], "d.ldif")]

    assert closed == [False]
    assert opened == [False, True]
