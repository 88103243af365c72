"""CSV: bytes to text to records, each with the line where it begins. A cut file is refused, not half read."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.roster.legacy import LETTERS
from syncagent.connectors.roster.table import Record, misfit, table
from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.connectors.roster.table import Table
    from syncagent.mapping.columns import Columns

_DELIMITERS = (",", ";", "\t")
_VIETNAMESE = frozenset(LETTERS)
_PUNCTUATION = frozenset("\u00a0–—‘’“”…°")


class _Decoded(NamedTuple):
    """A text, and whether its encoding was concluded from the text alone."""

    text: str
    guessed: bool = False


def read_csv(data: bytes, file: str, columns: Columns) -> Table:
    """Given the bytes of a CSV file, return it as a table.

    UTF-8 and UTF-16 are recognised, cp1258 is tried; what was concluded counts only if the headings fit. The
    delimiter is the one with which the headings fit.

    Raises:
        Misconfigured: the encoding is not one of these, the file is cut, a required column is missing.
    """
    text, guessed = _decode(data, file, columns)
    if (nul := text.find("\0")) >= 0:
        raise _fault(file, _line(text, nul), "có ký tự NUL: tệp hỏng", "holds a NUL character: the file is damaged")
    skipped = 0
    delimiters: tuple[str, ...] = _DELIMITERS
    if text[:4].lower() == "sep=" and text[4:5] in _DELIMITERS and text[5:6] in {"\r", "\n"}:
        delimiters = (text[4],)
        skipped = 7 if text[5:7] == "\r\n" else 6
    heads = [(delimiter, _head(text, skipped, delimiter)) for delimiter in delimiters]
    delimiter, head = min(heads, key=lambda pair: misfit(pair[1], columns))
    if head is None:
        raise _fault(file, 1, "không có dòng tiêu đề: tệp trống hoặc hỏng", "has no headings: empty or damaged")
    if guessed and misfit(head, columns)[0]:
        raise _unknown(file, _line(data, _first_foreign(data)))
    if text[-1] not in "\r\n":
        raise Misconfigured(
            Text(
                "Dòng cuối không có dấu xuống dòng: tệp có thể bị cắt. Hãy xuất lại; nếu tệp đã đủ, thêm "
                "một dấu xuống dòng ở cuối.",
                "The last line has no line break: the file may be cut. Export it again; if it is complete, "
                "add a line break at the end.",
            ),
            where=f"{file}:{_line(text, len(text))}",
        )
    records = _records(text, skipped, delimiter, file)
    return table(file, columns, next(record for record in records if any(record.cells)), records, sparse=False)


# ── bytes to text ────────────────────────────────────────────────────────────


def _decode(data: bytes, file: str, columns: Columns) -> _Decoded:
    """Return the text of the file; the error of a wrong byte names its line and repeats nothing of it."""
    encoding, guessed = _marked(data)
    text, bad = _strictly(data, encoding)
    if text is not None:
        return _Decoded(text, guessed)
    line = _line(data, bad)
    if encoding != "utf-8-sig":
        raise _fault(file, line, "không đúng mã UTF-16: tệp bị cắt hoặc hỏng", "is not UTF-16: cut or damaged")
    if columns.encodings:
        text, bad = _strictly(data, "cp1252")  # fonts of that time redraw the characters of Windows-1252
        if text is None:
            raise _unknown(file, _line(data, bad))
        return _Decoded(text, guessed=True)
    if not _VIETNAMESE.isdisjoint(data.decode("utf-8", "ignore")):
        raise _fault(
            file,
            line,
            "có byte hỏng, không phải UTF-8; hãy xuất lại tệp",
            "holds bytes that are not UTF-8; export it again",
        )
    text, _ = _strictly(data, "cp1258")
    if text is None:
        raise _unknown(file, line)
    text = unicodedata.normalize("NFC", text)
    if strange := {char for char in text if not char.isascii()} - _VIETNAMESE - _PUNCTUATION:
        raise _unknown(file, _line(text, min(map(text.find, strange))))
    return _Decoded(text, guessed=True)


def _marked(data: bytes) -> tuple[str, bool]:
    """Return the encoding that a mark at the beginning or the NUL bytes show, and whether it is a guess."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    even, odd, pairs = data[:4096:2].count(0), data[1:4096:2].count(0), min(len(data), 4096) // 2
    if not even and odd > pairs // 3:
        return "utf-16-le", True
    if not odd and even > pairs // 3:
        return "utf-16-be", True
    return "utf-8-sig", False


def _strictly(data: bytes, encoding: str) -> tuple[str | None, int]:
    """Return the text, or None and where the first wrong byte stands; the exception holds all bytes."""
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return None, error.start


def _first_foreign(data: bytes) -> int:
    return next((at for at, byte in enumerate(data) if byte > 0x7F), 0)  # noqa: PLR2004 - the end of ASCII


# ── text to records ──────────────────────────────────────────────────────────


def _records(text: str, start: int, delimiter: str, file: str) -> Iterator[Record]:
    """Yield the records; a line inside quotation marks belongs to the record that opened them."""
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter, strict=True)
    before = 1 if start else 0
    line = before + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            break
        yield Record(line, cells)
        line = before + reader.line_num + 1
    raise _fault(
        file,
        line,
        "có dấu ngoặc kép không đóng hoặc đặt sai chỗ, hoặc ô quá dài: tệp bị cắt hoặc hỏng",
        "has a quotation mark that is not closed or misplaced, or a huge cell: cut or damaged",
    )


def _head(text: str, start: int, delimiter: str) -> Record | None:
    """Return the first record that holds anything, or None if it cannot be read with this delimiter."""
    try:
        return next((record for record in _records(text, start, delimiter, "") if any(record.cells)), None)
    except Misconfigured:
        return None


def _line(text: str | bytes, at: int) -> int:
    """Return the line of a position, counted as editors count."""
    before = text[:at] if isinstance(text, bytes) else text[:at].encode()
    return before.count(b"\n") + 1


def _unknown(file: str, line: int) -> Misconfigured:
    return _fault(
        file,
        line,
        "có ký tự không thuộc UTF-8, UTF-16 hay cp1258. Hãy xuất lại bằng UTF-8; nếu là TCVN3 (ABC) hoặc "
        "VNI, khai báo encoding trong bảng ánh xạ cột",
        "is not UTF-8, UTF-16 or cp1258. Export as UTF-8; if it is TCVN3 (ABC) or VNI, declare encoding in "
        "the column map",
    )


def _fault(file: str, line: int, vi: str, en: str) -> Misconfigured:
    return Misconfigured(Text(f"Dòng này {vi}.", f"This line {en}."), where=f"{file}:{line}")
