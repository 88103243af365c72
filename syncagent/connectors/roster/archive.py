"""The parts of a workbook: a zip archive that is measured before anything in it is unpacked.

A workbook of 336 kB can unpack to gigabytes. Sizes are those the archive states; unpacking stops there, and
the checksum of a part that is larger does not agree. No part may have a document type, so none declares
an entity.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # ships no types
from defusedxml.ElementTree import DefusedXMLParser, ParseError  # type: ignore[import-untyped]  # same

from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ENTRIES = 2_000
"""Parts of a workbook; one of a hundred sheets has a few hundred."""
MOST_UNPACKED = 200_000_000
"""Bytes of all parts; a hundred thousand people of sixteen columns take ninety million."""
MOST_RATIO = 100
"""Bytes unpacked per byte stored; sheets of people reach twenty. Parts under a megabyte are harmless."""
MOST_COLUMNS = 1_000
"""Columns of a sheet that hold anything."""
_SMALL = 1_000_000
_LARGEST_DIRECTORY = 1_000_000

_END = b"PK\x05\x06"
_END_SIZE = 22
_END_64 = b"PK\x06\x07"
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = 0x1
_LINKS = frozenset({"externalLink", "connections", "queryTable"})
_CHUNK = 1 << 16
_PROLOG = 4096
_MOST_ELEMENTS = 100_000
_DEEPEST = 100
_LONGEST_TOKEN = 1_000_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    EOFError,
    LookupError,
    ValueError,
    NotImplementedError,
    OSError,
)


class Handler(Protocol):
    """What is told of a part while it is read; tags carry their namespace before a closing brace."""

    depth: int
    """How many elements are open; the handler counts them."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        ...

    def data(self, text: str) -> None:
        """Take some of the text of an element."""
        ...

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        ...


class Elements:
    """A handler that keeps the attributes of elements, in order, each with its name."""

    def __init__(self, *names: str) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []
        self.depth = 0
        self._names = names

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Keep the element if it is one of those wanted."""
        self.depth += 1
        name = tag.rpartition("}")[2]
        if name in self._names:
            self.found.append((name, attributes))
            if len(self.found) > _MOST_ELEMENTS:
                raise ValueError("too many elements")

    def data(self, text: str) -> None:
        """Pass over the text."""

    def end(self, _tag: str) -> None:
        """Close the element."""
        self.depth -= 1


class Relation(NamedTuple):
    """How one part names another: id, last word of the type, and the name of the other part."""

    id: str
    kind: str
    part: str


class Archive:
    """A workbook that passed the measures; gives its parts as XML events, some at a time."""

    def __init__(self, data: bytes, file: str) -> None:
        """Measure the archive.

        Raises:
            Misconfigured: not a workbook, cut, encrypted, too large when unpacked, or linked to other files.
        """
        self.file = file
        if data.startswith(_OLE):
            raise self.refused(
                "được bảo vệ bằng mật khẩu hoặc ở định dạng .xls cũ; hãy lưu lại thành .xlsx không mật khẩu",
                "is protected by a password or in the old .xls format; save it as .xlsx without a password",
            )
        self._check_end(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise self.broken() from error
        self._check_entries(self._zip.infolist())
        for name in self._zip.namelist():
            if name.endswith((".xml", ".rels")):
                next(self.events(name, Elements(), _PROLOG))
            if name.endswith(".rels"):
                self._check_links(name)

    def events(self, part: str, handler: Handler, chunk: int = _CHUNK) -> Iterator[None]:
        """Tell the handler of a part, yielding whenever it may have something to take away.

        Raises:
            Misconfigured: the part is missing, damaged, has a document type, or is absurdly deep or long.
        """
        refusal = None  # raised outside: what it was raised from may repeat a cell
        parser = DefusedXMLParser(target=handler, forbid_dtd=True)
        parser.parser.ordered_attributes = False  # told directly, a fifth faster than by ElementTree
        parser.parser.StartElementHandler = handler.start
        parser.parser.EndElementHandler = handler.end
        fed = 0
        try:
            with self._zip.open(part) as stream:
                while data := stream.read(chunk):
                    parser.feed(data)
                    fed += len(data)
                    if handler.depth > _DEEPEST or fed - parser.parser.CurrentByteIndex > _LONGEST_TOKEN:
                        raise self.too_large()
                    yield
                parser.feed(b"")
                parser.close()
        except DefusedXmlException:
            refusal = self.refused(
                "có khai báo DTD hoặc thực thể XML; hãy lưu lại bằng Excel hoặc LibreOffice",
                "declares a DTD or XML entities; save it again with Excel or LibreOffice",
            )
        except _BROKEN:
            refusal = self.broken()
        if refusal:
            raise refusal

    def read(self, part: str, handler: Handler) -> None:
        """Tell the handler of a whole part."""
        for _ in self.events(part, handler):
            pass

    def relations(self, part: str) -> list[Relation]:
        """Return the parts that this part names (of the archive itself for an empty name)."""
        folder, _, name = part.rpartition("/")
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        if listing not in self._zip.NameToInfo:
            return []
        return [
            Relation(
                found.get("Id", ""),
                _kind(found),
                posixpath.normpath(posixpath.join("/", folder, found.get("Target", "")))[1:],
            )
            for found in self._listed(listing)
        ]

    def broken(self) -> Misconfigured:
        """Return the error of an archive that is not whole."""
        return self.refused(
            "không phải tệp .xlsx nguyên vẹn: bị cắt hoặc hỏng; hãy xuất lại",
            "is not a whole .xlsx file: cut or damaged; export it again",
        )

    def too_large(self) -> Misconfigured:
        """Return the error of an archive that no honest program writes."""
        return self.refused(
            f"chứa nhiều hơn mức một danh sách có thể cần (cho phép {MOST_UNPACKED:,} byte khi giải nén, "
            f"{MOST_ENTRIES:,} phần, tỷ lệ nén {MOST_RATIO}, {MOST_COLUMNS:,} cột); hãy sao chép dữ liệu sang một tệp "
            "mới rồi lưu lại",
            f"holds more than a roster can need (allowed are {MOST_UNPACKED:,} bytes unpacked, {MOST_ENTRIES:,} parts, "
            f"ratio {MOST_RATIO}, {MOST_COLUMNS:,} columns); copy the data to a new file and save it",
        )

    def refused(self, vi: str, en: str) -> Misconfigured:
        """Return an error that names the file."""
        return Misconfigured(Text(f"Tệp này {vi}.", f"This file {en}."), where=self.file)

    def _check_end(self, data: bytes) -> None:
        """Raise unless the archive ends in a directory of sensible size; it is read before it is counted."""
        at = len(data) - _END_SIZE
        if not (data[at : at + 4] == _END and data[-2:] == b"\0\0"):
            at = data.rfind(_END, max(0, len(data) - _END_SIZE - 0xFFFF))
        if at < 0 or at + _END_SIZE > len(data):
            raise self.broken()
        size = int.from_bytes(data[at + 12 : at + 16], "little")
        if size > _LARGEST_DIRECTORY or data[max(0, at - 20) : at].startswith(_END_64):
            raise self.too_large()

    def _check_entries(self, entries: list[zipfile.ZipInfo]) -> None:
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise self.refused(
                "được bảo vệ bằng mật khẩu; hãy lưu lại không mật khẩu",
                "is protected by a password; save it without one",
            )
        if (
            len(entries) > MOST_ENTRIES
            or sum(entry.file_size for entry in entries) > MOST_UNPACKED
            or any(entry.file_size > max(_SMALL, MOST_RATIO * entry.compress_size) for entry in entries)
        ):
            raise self.too_large()
        known = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        if len({entry.filename for entry in entries}) < len(entries) or not known.issuperset(
            entry.compress_type for entry in entries
        ):
            raise self.broken()

    def _check_links(self, listing: str) -> None:
        """Raise if the workbook takes values from elsewhere. Hyperlinks in cells are not followed."""
        for found in self._listed(listing):
            if _kind(found) in _LINKS or (found.get("TargetMode") == "External" and _kind(found) != "hyperlink"):
                raise self.refused(
                    "có liên kết tới tệp hoặc nguồn dữ liệu khác; hãy bỏ liên kết (chỉ giữ giá trị) rồi lưu lại",
                    "has links to other files or data sources; break them (keep the values) and save again",
                )

    def _listed(self, listing: str) -> list[dict[str, str]]:
        found = Elements("Relationship")
        self.read(listing, found)
        return [attributes for _, attributes in found.found]


def _kind(relation: dict[str, str]) -> str:
    return relation.get("Type", "").rpartition("/")[2]
