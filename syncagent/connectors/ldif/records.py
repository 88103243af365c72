"""From the bytes of an LDIF file to its records and back: encodings, blank lines, line numbers, where it ends.

`ldapsearch` writes UTF-8, `ldifde -u` UTF-16 with a byte order mark. A file that ends inside a line was cut. One that
ends without a blank line after the last entry may have been: that entry is open, and nothing is done to it.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK = 1 << 20
"""How many bytes are read at once."""

UTF_8 = b""
UTF_8_MARKED = codecs.BOM_UTF8
UTF_16 = codecs.BOM_UTF16_LE

_GAP = re.compile(rb"\n(?:\r?\n)+")
_BEGINS_ENTRY = re.compile(rb"(?im)^dn:")


class Record(NamedTuple):
    """What stands between blank lines: the number of its first line, and its bytes, the blank lines after it too."""

    line: int
    raw: bytes

    @property
    def is_entry(self) -> bool:
        """Whether it names an entry; the others hold comments and what ldapsearch says at its end."""
        return self.raw.startswith(b"dn:") or _BEGINS_ENTRY.search(self.raw) is not None

    @property
    def is_open(self) -> bool:
        """Whether it is an entry that no blank line closes: lines of it may be missing."""
        return self.is_entry and not self.raw.endswith((b"\n\n", b"\n\r\n"))

    def line_of(self, wanted: str) -> int:
        """Return the number of the line in the file where an unfolded line of the record begins."""
        lines = self.text().replace("\n ", "\0").split("\n")
        at = [line.replace("\0", "") for line in lines].index(wanted)
        return self.line + at + sum(line.count("\0") for line in lines[:at])

    def text(self) -> str:
        """Return the record as text with plain line breaks; bytes that are not UTF-8 become lone surrogates."""
        return self.raw.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def mark_of(start: bytes) -> bytes:
    """Given the first bytes of a file, return its byte order mark: UTF_16, UTF_8_MARKED, or UTF_8 for none."""
    return next((mark for mark in (UTF_16, UTF_8_MARKED) if start.startswith(mark)), UTF_8)


def records(blocks: Iterable[bytes], file: str) -> Iterator[Record]:
    """Given the bytes of a file in blocks, yield its records; put together they are the file, in UTF-8.

    Raises:
        Misconfigured: the file is not the UTF-16 it says it is, holds NUL bytes, or ends inside a line.
    """
    line = 1
    rest = b""
    for block in _utf_8(blocks, file):
        rest += block
        start = 0
        for gap in _GAP.finditer(rest):
            end = gap.end()
            if rest[end : end + 2] in {b"", b"\r"}:  # more blank lines may follow
                break
            yield Record(line, rest[start:end])
            line += rest.count(b"\n", start, end)
            start = end
        rest = rest[start:]
    if rest:
        if not rest.endswith(b"\n"):
            raise damaged(
                file,
                line + rest.count(b"\n"),
                "dòng cuối không có dấu xuống dòng, tệp bị cắt",
                "the last line has no line break, the file is cut",
            )
        yield Record(line, rest)


def encoded(mark: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Given pieces in UTF-8, yield them as a byte order mark says, the mark first: the reverse of reading."""
    yield mark
    for piece in pieces:
        yield piece.decode().encode("utf-16-le") if mark == UTF_16 else piece


def damaged(file: str, line: int, vietnamese: str, english: str) -> Misconfigured:
    """Return the error that a file cannot be read, and where."""
    return Misconfigured(
        Text(
            f"Không đọc được LDIF: {vietnamese}. Hãy xuất lại tệp từ thư mục.",
            f"Not readable as LDIF: {english}. Export the file from the directory again.",
        ),
        where=f"{file}:{line}",
    )


def _utf_8(blocks: Iterable[bytes], file: str) -> Iterator[bytes]:
    line = 1
    mark = b""
    decoder = codecs.getincrementaldecoder("utf-16-le")()
    for number, block in enumerate(blocks):
        if number == 0:
            mark = mark_of(block)
        start = block.removeprefix(mark) if number == 0 else block
        try:
            plain = decoder.decode(start).encode() if mark == UTF_16 else start
        except UnicodeDecodeError as error:
            raise damaged(file, line, "tệp hỏng mã UTF-16", "the UTF-16 text is damaged") from error
        if b"\0" in plain:
            raise damaged(
                file,
                line + plain.count(b"\n", 0, plain.index(b"\0")),
                "có byte NUL (tệp hỏng, hoặc UTF-16 thiếu BOM)",
                "there is a NUL byte (damaged, or UTF-16 without its mark)",
            )
        line += plain.count(b"\n")
        yield plain
    if decoder.getstate()[0]:
        raise damaged(file, line, "tệp bị cắt giữa một ký tự", "the file is cut inside a character")
