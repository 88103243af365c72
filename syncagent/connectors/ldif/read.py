"""From the records of an LDIF file (RFC 2849, as `ldapsearch` and `ldifde` write it) to entries, line by line.

Nothing is guessed: a line that cannot be read, a value that lies elsewhere or was cut by the server, a search
that did not end well are errors that name the line.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from syncagent.connectors.attribute import Attribute
from syncagent.connectors.gathering import Entry
from syncagent.connectors.ldif.records import damaged
from syncagent.errors import Doubtful
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from syncagent.connectors.ldif.records import Record
    from syncagent.core.notation import Values

_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)((?:;[A-Za-z0-9=*-]+)*)(::|:<|:) *(.*)", re.DOTALL)
_SAID = re.compile(r"# (numEntries|numResponses|pagedresults|result): ?(.*)")
_MADE_BY_LDAPSEARCH = "# LDAPv3"
_SAID_BY_LDAPSEARCH = frozenset({"version", "search", "result", "ref", "control", "pagedresults", "matcheddn", "text"})
_SHARED = 4096


_NAME = Attribute("dn", aside=True)


class _Head(dict[str, "Values"]):
    """What a line begins with, once met. Maps values as written to values as read.

    Values that come often are shared by the whole file, those that come once by the attributes of one entry.
    """

    __slots__ = ("aside", "attribute", "base64", "name", "recent")

    def __init__(self, attribute: Attribute, recent: dict[str, Values], *, base64: bool) -> None:
        super().__init__()
        self.attribute = attribute
        self.name = attribute.name
        self.aside = attribute.aside
        self.base64 = base64
        self.recent = recent

    def __missing__(self, written: str) -> Values:
        """Read a value met for the first time.

        Raises:
            ValueError: it is damaged base64, not UTF-8, or not of the attribute's form.
        """
        to_text = self.attribute.text
        if self.base64:
            raw = a2b_base64(written.strip(" ").encode(), strict_mode=True)
            text = to_text(raw) if to_text else raw.decode()
        elif to_text or not written.isascii():
            raw = written.lstrip(" ").encode("utf-8", "surrogateescape")
            text = to_text(raw) if to_text else raw.decode()
        else:
            text = written.lstrip(" ")
        value = self.recent.setdefault(text, (text,))
        if len(self) < _SHARED:
            self[written] = value
        return value


@dataclass(slots=True)
class Reader:
    """Reads the entries of one file and keeps book of what the file says about itself.

    `file` is the name for messages; `attributes` are those that are read, by their lower-case names. Names are
    compared without case; whatever else an entry carries is passed over.
    """

    file: str
    attributes: Mapping[str, Attribute]
    entries: int = 0
    _heads: dict[str, _Head | None] = field(default_factory=dict)
    _recent: dict[str, Values] = field(default_factory=dict)
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
        lines = record.text().replace("\n ", "").strip("\n").split("\n")
        if not lines[0].startswith("dn:"):
            lines = self._after_preamble(record, lines)
            if not lines:
                return None
        values, aside = self._values(record, lines)
        dn, *others = aside.pop("dn")
        if others:
            self._refuse(
                record,
                lines[0],
                "hai dòng dn: trong một mục (thiếu dòng trống)",
                "two dn: lines in one entry (a blank line is missing)",
            )
        if "=" not in dn:
            self._refuse(record, lines[0], "dn: không phải tên phân biệt", "dn: is not a distinguished name")
        return Entry(record.line, dn, values, aside, record.is_open)

    def _values(self, record: Record, lines: list[str]) -> tuple[dict[str, Values], dict[str, Values]]:
        values: dict[str, Values] = {}
        aside: dict[str, Values] = {}
        several: dict[str, list[str]] = {}
        heads = self._heads
        self._recent.clear()
        for line in lines:
            start, blank, written = line.partition(": ")
            try:
                head = heads[start if blank else ""]
            except KeyError:
                head, written = self._meet(record, line)
            if head is None:
                continue
            try:
                value = head[written]
            except ValueError as error:
                self._refuse_value(record, line, head.name, error)
            name, found = head.name, aside if head.aside else values
            if name in found:
                several.setdefault(name, [*found[name]]).append(value[0])
            else:
                found[name] = value
        for name, many in several.items():
            found = aside if name in aside else values
            found[name] = self._shared(tuple(many))
        return values, aside

    def _shared(self, values: Values) -> Values:
        known = self._lists.get(values)
        if known is None and len(self._lists) < _SHARED:
            self._lists[values] = values
        return known or values

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
        if colon == ":<":
            self._refuse(
                record,
                line,
                f"{name}: giá trị nằm ở tệp khác (“:<”)",
                f"{name}: the value lies in another file (“:<”)",
            )
        if name.lower() in {"changetype", "control"}:
            self._check_change(record, line, name.lower(), written)
            return None, ""
        start = f"{name}{options}{colon[1:]}"
        if start not in self._heads:
            self._heads[start] = self._head(record, line, name, options, base64=colon == "::")
        return self._heads[start], written

    def _head(self, record: Record, line: str, name: str, options: str, *, base64: bool) -> _Head | None:
        """Return the head of an attribute that is read; `;binary` says nothing, other options are other values."""
        kept = [option for option in options.lower().split(";")[1:] if option != "binary"]
        if any(option.startswith("range=") for option in kept):
            raise Doubtful(
                Text(
                    f"{name} chỉ có một phần giá trị (range): tệp xuất chưa đầy đủ. Hãy xuất lại không giới hạn số "
                    "giá trị.",
                    f"{name} holds a range of its values only: the export is not complete. Export it without a "
                    "limit on values.",
                ),
                where=f"{self.file}:{record.line_of(line)}",
            )
        attribute = _NAME if name.lower() == "dn" else self.attributes.get(name.lower())
        return _Head(attribute, self._recent, base64=base64) if attribute and not kept else None

    def _check_change(self, record: Record, line: str, name: str, written: str) -> None:
        if name == "changetype" and written.strip().lower() == "add":
            return
        self._refuse(
            record,
            line,
            f"{name}: {written} – đây là tệp thay đổi, không phải bản xuất toàn bộ thư mục",
            f"{name}: {written} – this is a file of changes, not an export of a directory",
        )

    def _after_preamble(self, record: Record, lines: list[str]) -> list[str]:
        """Return the lines from `dn:` on; none for a record of comments or of what ldapsearch says."""
        for number, line in enumerate(lines):
            if line.startswith("#"):
                self._note(line)
                continue
            found = _LINE.fullmatch(line)
            name = found[1].lower() if found and not found[2] else ""
            if name == "dn":
                return lines[number:]
            if found and name in _SAID_BY_LDAPSEARCH and (name != "control" or self._searching):
                self._note_said(record, line, name, found[4].strip())
            elif line:
                self._refuse(record, line, "mục không bắt đầu bằng dn:", "the entry does not begin with dn:")
        return []

    # ── what the file says of itself ──

    def _note(self, comment: str) -> None:
        if comment == _MADE_BY_LDAPSEARCH:
            self._begun = True
        elif found := _SAID.fullmatch(comment):
            self._said[found[1]] = found[2].strip()

    def _note_said(self, record: Record, line: str, name: str, written: str) -> None:
        if name == "version" and written != "1":
            self._refuse(record, line, "chỉ đọc được LDIF version: 1", "only LDIF version: 1 is read")
        if name == "search":
            self._searching = True
            self._said.pop("result", None)
        elif name in {"result", "pagedresults"}:
            self._said[name] = written

    def _check_complete(self) -> None:
        said = self._said
        result = said.get("result", "")
        if (self._searching or result) and result.partition(" ")[0] != "0":
            raise self._incomplete(
                f"ldapsearch kết thúc với kết quả “{result}”", f"ldapsearch ended with result “{result}”"
            )
        if said.get("pagedresults", "").removeprefix("cookie="):
            raise self._incomplete("thiếu các trang cuối", "the last pages are missing")
        if self._begun and "numResponses" not in said:
            raise self._incomplete("thiếu phần cuối do ldapsearch ghi", "the end that ldapsearch writes is missing")
        if said.get("numEntries", str(self.entries)) != str(self.entries):
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
                f"The directory file is not complete: {english}. Nothing was planned; export the whole directory "
                "again.",
            ),
            where=self.file,
        )

    def _refuse_value(self, record: Record, line: str, name: str, error: ValueError) -> NoReturn:
        if isinstance(error, NotBase64):
            self._refuse(record, line, f"{name}: base64 hỏng", f"{name}: damaged base64")
        self._refuse(
            record,
            line,
            f"{name}: giá trị không đúng dạng hoặc không phải UTF-8",
            f"{name}: the value has the wrong form or is not UTF-8",
        )

    def _refuse(self, record: Record, line: str, vietnamese: str, english: str) -> NoReturn:
        raise damaged(self.file, record.line_of(line), vietnamese, english)
