"""LDIF (RFC 2849) as `ldapsearch` and `ldifde` write it: from the bytes of a file to entries, with line numbers.

Nothing is guessed. A line that cannot be read, a file that ends inside an entry, an attribute that stands
elsewhere or was cut by the server: each is an error that names the line, because half an entry would look like
an account from which somebody had removed something.
"""

from __future__ import annotations

import codecs
import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from syncagent.errors import Doubtful, Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from syncagent.core.directory import Values

BLOCK = 1 << 20
"""How many bytes are read at once."""

UTF_8 = b""
UTF_8_MARKED = codecs.BOM_UTF8
UTF_16 = codecs.BOM_UTF16_LE

_GAP = re.compile(rb"\n(?:\r?\n)+")
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)((?:;[^:;]*)*)(::|:<|:) *(.*)", re.DOTALL)
_SAID = re.compile(r"# (numEntries|numResponses|pagedresults|result): ?(.*)")
_MADE_BY_LDAPSEARCH = "# LDAPv3"
_PSEUDO = frozenset({"search", "result", "ref", "control", "pagedresults", "matcheddn", "text", "version"})
_SHARED = 4096


class Record(NamedTuple):
    """What stands between two blank lines: the number of its first line, and its bytes with the blank lines after."""

    line: int
    raw: bytes


class Attribute(NamedTuple):
    """An attribute that is read: its name, and how its bytes become text (None: they are UTF-8)."""

    name: str
    text: Callable[[bytes], str] | None = None


class Entry(NamedTuple):
    """An entry: the line of its record, its name, and the values of the attributes that are read."""

    line: int
    dn: str
    values: dict[str, Values]


class _Head(NamedTuple):
    """What a line begins with, once understood. `known` maps values as written to values as read, to share them."""

    attribute: Attribute
    base64: bool
    plain: bool
    known: dict[str, Values]


# ── bytes to records ─────────────────────────────────────────────────────────


def mark_of(start: bytes) -> bytes:
    """Given the first bytes of a file, return the byte order mark: UTF_16, UTF_8_MARKED, or UTF_8 for none."""
    return next((mark for mark in (UTF_16, UTF_8_MARKED) if start.startswith(mark)), UTF_8)


def records(blocks: Iterable[bytes], file: str) -> Iterator[Record]:
    """Given the bytes of a file in blocks, yield its records; put together they are the file, in UTF-8.

    Raises:
        Misconfigured: the file is not the UTF-16 it says it is, holds NUL bytes, or ends inside a line or entry.
    """
    line = 1
    rest = b""
    for block in _utf_8(blocks, file):
        rest += block
        start = 0
        for gap in _GAP.finditer(rest):
            end = gap.end()
            if end == len(rest):  # more blank lines may follow
                break
            yield Record(line, rest[start:end])
            line += rest.count(b"\n", start, end)
            start = end
        rest = rest[start:]
    if rest:
        _check_end(rest, line, file)
        yield Record(line, rest)


def _utf_8(blocks: Iterable[bytes], file: str) -> Iterator[bytes]:
    line = 1
    decoder: codecs.IncrementalDecoder | None = None
    for number, block in enumerate(blocks):
        start = block
        if number == 0:
            mark = mark_of(block)
            start = block[len(mark) :]
            if mark == UTF_16:
                decoder = codecs.getincrementaldecoder("utf-16-le")()
        try:
            plain = decoder.decode(start).encode() if decoder else start
        except UnicodeDecodeError as error:
            raise _damaged(file, line, "tệp hỏng mã UTF-16", "the UTF-16 text is damaged") from error
        if b"\0" in plain:
            line += plain.count(b"\n", 0, plain.index(b"\0"))
            raise _damaged(
                file, line, "có byte NUL (tệp hỏng, hoặc UTF-16 thiếu BOM)", "a NUL byte (damaged, or UTF-16 without BOM)"
            )
        line += plain.count(b"\n")
        yield plain
    if decoder and decoder.getstate()[0]:
        raise _damaged(file, line, "tệp bị cắt giữa một ký tự", "the file is cut inside a character")


def _check_end(raw: bytes, line: int, file: str) -> None:
    last = line + raw.count(b"\n")
    if not raw.endswith(b"\n"):
        raise _damaged(
            file,
            last,
            "dòng cuối không có dấu xuống dòng: tệp bị cắt",
            "the last line has no line break: the file is cut",
        )
    if not raw.endswith((b"\n\n", b"\n\r\n")) and re.search(rb"(?im)^dn:", raw):
        raise Misconfigured(
            Text(
                "Tệp kết thúc giữa một mục, có thể đã bị cắt: sau mục cuối phải có một dòng trống. Hãy xuất lại; nếu mục "
                "cuối chắc chắn đầy đủ, hãy thêm dòng trống ở cuối tệp.",
                "The file ends inside an entry and may be cut: a blank line must follow the last entry. Export it again; if "
                "the last entry is surely complete, add a blank line at the end of the file.",
            ),
            where=f"{file}:{last - 1}",
        )


def _damaged(file: str, line: int, vietnamese: str, english: str) -> Misconfigured:
    return Misconfigured(
        Text(
            f"Không đọc được LDIF: {vietnamese}. Hãy xuất lại tệp từ thư mục.",
            f"Not readable as LDIF: {english}. Export the file from the directory again.",
        ),
        where=f"{file}:{line}",
    )


# ── records to entries ───────────────────────────────────────────────────────


@dataclass(slots=True)
class Reader:
    """Reads the entries of one file and keeps the book of what the file says about itself.

    `file` is the name for messages; `attributes` are those that are read, by their lower-case names. Names are
    compared without case; everything else an entry carries is passed over.
    """

    file: str
    attributes: Mapping[str, Attribute]
    entries: int = 0
    _heads: dict[str, _Head | None] = field(default_factory=dict)
    _lists: dict[Values, Values] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _begun: bool = False
    _searching: bool = False

    def read(self, found: Iterable[Record]) -> Iterator[Entry]:
        """Given the records of the file, yield its entries.

        Raises:
            Misconfigured: a record cannot be read; the message names the line and what to do.
            Doubtful: the file holds no entries, or says itself that it is not complete.
        """
        for record in found:
            entry = self._entry(record)
            if entry:
                self.entries += 1
                yield entry
        self._check_complete()

    def _entry(self, record: Record) -> Entry | None:
        raw = record.raw
        text = raw.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\n ", "").strip("\n")
        lines = text.split("\n")
        if not lines[0].startswith("dn:"):
            lines = self._after_preamble(record, lines)
            if not lines:
                return None
        values: dict[str, Values] = {}
        several: dict[str, list[str]] = {}
        heads = self._heads
        for line in lines:
            start, blank, written = line.partition(": ")
            try:
                head = heads[start]
            except KeyError:
                head, written = self._meet(record, line)
            else:
                if not blank:
                    head, written = self._meet(record, line)
            if head is None:
                continue
            value = head.known.get(written)
            if value is None:
                if head.plain and written.isascii() and written[:1] != " ":
                    value = (written,)
                else:
                    value = self._value(record, line, head, written)
                if len(head.known) < _SHARED:
                    head.known[written] = value
            name = head.attribute.name
            if name not in values:
                values[name] = value
            elif name in several:
                several[name] += value
            else:
                several[name] = [*values[name], *value]
        for name, many in several.items():
            values[name] = self._shared(tuple(many))
        dn = values.pop("dn")
        if len(dn) > 1:
            self._refuse(
                record, lines[0], "hai dòng dn: trong một mục (thiếu dòng trống)", "two dn: lines in one entry (no blank line)"
            )
        if "=" not in dn[0]:
            self._refuse(record, lines[0], "dn: trống hoặc không phải tên phân biệt", "dn: is empty or not a name")
        return Entry(record.line, dn[0], values)

    def _value(self, record: Record, line: str, head: _Head, written: str) -> Values:
        """Return one value as text, remembered if it may come again."""
        attribute = head.attribute
        try:
            if head.base64:
                raw = a2b_base64(written.strip(" ").encode(), strict_mode=True)
                text = attribute.text(raw) if attribute.text else raw.decode()
            else:
                text = written.lstrip(" ")
                if attribute.text or not text.isascii():
                    raw = text.encode("utf-8", "surrogateescape")
                    text = attribute.text(raw) if attribute.text else raw.decode()
        except NotBase64:
            self._refuse(record, line, f"{attribute.name}: base64 hỏng", f"{attribute.name}: damaged base64")
        except ValueError:
            self._refuse(
                record,
                line,
                f"{attribute.name}: giá trị không đúng dạng hoặc không phải UTF-8",
                f"{attribute.name}: the value has the wrong form or is not UTF-8",
            )
        return (text,)

    def _shared(self, values: Values) -> Values:
        known = self._lists.get(values)
        if known is not None:
            return known
        if len(self._lists) < _SHARED:
            self._lists[values] = values
        return values

    # ── lines met for the first time ──

    def _meet(self, record: Record, line: str) -> tuple[_Head | None, str]:
        """Return what a line begins with, None if it is passed over, and its value as written."""
        if line.startswith("#"):
            self._note(line)
            return None, ""
        found = _LINE.fullmatch(line)
        if not found:
            self._refuse(record, line, "dòng không có dạng “thuộc tính: giá trị”", "a line is not “attribute: value”")
        name, options, colon, written = found.groups()
        kept = [option for option in options.lower().split(";")[1:] if option != "binary"]
        if any(option.startswith("range=") for option in kept):
            raise Doubtful(
                Text(
                    f"{name} chỉ có một phần giá trị (range): tệp xuất chưa đầy đủ. Hãy xuất lại không giới hạn số giá trị.",
                    f"{name} holds only a range of its values: the export is not complete. Export it without a limit.",
                ),
                where=f"{self.file}:{_line_of(record, line)}",
            )
        if colon == ":<":
            self._refuse(
                record, line, f"{name}: giá trị nằm ở tệp khác (“:<”)", f"{name}: the value lies in another file (“:<”)"
            )
        if name.lower() in {"changetype", "control"}:
            self._check_change(record, line, name.lower(), written)
            return None, ""
        attribute = None if kept else self.attributes.get(name.lower())
        if name.lower() == "dn":
            attribute = Attribute("dn")
        head = _Head(attribute, colon == "::", colon == ":" and not attribute.text, {}) if attribute else None
        start = f"{name}{options}{colon[1:]}"
        if start in self._heads:
            head = self._heads[start]
        self._heads[start] = head
        return head, written

    def _check_change(self, record: Record, line: str, name: str, written: str) -> None:
        if name == "changetype" and written.strip().lower() == "add":
            return
        self._refuse(
            record,
            line,
            f"{name}: {written} – đây là tệp thay đổi, không phải tệp xuất toàn bộ thư mục",
            f"{name}: {written} – this is a file of changes, not an export of a directory",
        )

    def _after_preamble(self, record: Record, lines: list[str]) -> list[str]:
        """Return the lines from `dn:` on; none for a record of comments or of what ldapsearch says at its end."""
        for number, line in enumerate(lines):
            if line.startswith("#"):
                self._note(line)
                continue
            if not line:
                continue
            found = _LINE.fullmatch(line)
            name = found[1].lower() if found else ""
            if name == "dn":
                return lines[number:]
            if name not in _PSEUDO or (name == "control" and not self._searching):
                self._refuse(record, line, "mục không bắt đầu bằng dn:", "the entry does not begin with dn:")
            if found:
                self._note_pseudo(record, line, name, found[4])
        return []

    # ── what the file says of itself ──

    def _note(self, comment: str) -> None:
        if comment == _MADE_BY_LDAPSEARCH:
            self._begun = True
        elif found := _SAID.fullmatch(comment):
            self._said[found[1]] = found[2].strip()

    def _note_pseudo(self, record: Record, line: str, name: str, written: str) -> None:
        if name == "version" and written.strip() != "1":
            self._refuse(record, line, "chỉ đọc được LDIF version: 1", "only LDIF version: 1 is read")
        if name == "search":
            self._searching = True
            self._said.pop("result", None)
        elif name in {"result", "pagedresults"}:
            self._said[name] = written.strip()

    def _check_complete(self) -> None:
        said = self._said
        result = said.get("result", "").partition(" ")[0]
        if (self._searching or result) and result != "0":
            raise self._incomplete(
                f"ldapsearch kết thúc với mã “{said.get('result', '?')}”",
                f"ldapsearch ended with result “{said.get('result', '?')}”",
            )
        if said.get("pagedresults", "").removeprefix("cookie="):
            raise self._incomplete("thiếu các trang cuối", "the last pages are missing")
        if self._begun and "numResponses" not in said:
            raise self._incomplete("thiếu phần cuối do ldapsearch ghi", "the end that ldapsearch writes is missing")
        if "numEntries" in said and said["numEntries"] != str(self.entries):
            raise self._incomplete(
                f"numEntries ghi {said['numEntries']} nhưng có {self.entries} mục",
                f"numEntries says {said['numEntries']}, but there are {self.entries} entries",
            )
        if not self.entries:
            raise self._incomplete("không có mục nào", "there are no entries")

    def _incomplete(self, vietnamese: str, english: str) -> Doubtful:
        return Doubtful(
            Text(
                f"Tệp thư mục không đầy đủ: {vietnamese}. Chưa lập kế hoạch nào; hãy xuất lại toàn bộ thư mục.",
                f"The directory file is not complete: {english}. Nothing was planned; export the whole directory again.",
            ),
            where=self.file,
        )

    def _refuse(self, record: Record, line: str, vietnamese: str, english: str) -> NoReturn:
        raise _damaged(self.file, _line_of(record, line), vietnamese, english)


def _line_of(record: Record, wanted: str) -> int:
    """Return the number of the line in the file where an unfolded line of a record begins."""
    text = record.raw.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    number = record.line
    for line in text.replace("\n ", "\0").split("\n"):
        if line.replace("\0", "") == wanted:
            return number
        number += 1 + line.count("\0")
    return record.line
