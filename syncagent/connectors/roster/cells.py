"""Cells as values: what the core knows of a row, and a fault for every cell that cannot be understood.

No message repeats a cell that holds a digit: a birth date or an identification number in the wrong column
stays where it is. What was read once is remembered; rosters repeat themselves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from syncagent.connectors.roster import legacy
from syncagent.connectors.roster.table import Unreadable
from syncagent.core.document import Document
from syncagent.core.finding import Fault, FindingCode
from syncagent.core.names import Cleaned, clean, unreadable
from syncagent.core.privacy import holds_identity_number
from syncagent.core.where import Where
from syncagent.errors import Misconfigured
from syncagent.mapping.columns import Answer, spelling
from syncagent.text import Text
from syncagent.trust.pseudonyms import identity_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum

    from syncagent.connectors.roster.table import Cell, Record, Table

    E = TypeVar("E", bound=StrEnum)
    T = TypeVar("T")

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")
_DAY_FIRST = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_YEARS = range(1900, 2201)
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_PLAIN = re.compile(f"[ -~{legacy.LETTERS}]*")
_LOST_ZEROS = range(10**9, 10**11)
"""Identification numbers whose leading zeros a workbook dropped; provinces are 001 to 096."""
_ZERO_LOST = 11
_PARTED = re.compile(r"[;,\n]")
_REMEMBERED = 50_000
_LONGEST_SHOWN = 40


class Cells:
    """The cells of one table; `begin` turns to the next record, whose faults and notes gather here."""

    def __init__(self, table: Table, pseudonym: Callable[[str], str] | None) -> None:
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self.where = Where(table.file)
        self._headings = {column: table.headings[at] for column, at in table.at.items()}
        self._columns = table.columns
        self._encodings = [
            (at, found) for column, at in table.at.items() if (found := table.columns.encodings.get(column))
        ]
        self._pseudonym = pseudonym
        self._at = {**dict.fromkeys(table.columns.headings.values(), len(table.headings)), **table.at}
        self._cells: list[Cell] = []
        self._faulty: set[str] = set()
        self._texts: dict[Cell, str] = {}
        self._names: defaultdict[str, dict[Cell, str]] = defaultdict(dict)
        self._days: dict[Cell, date] = {}
        self._words: dict[str, dict[str, StrEnum | None]] = {column: {} for column in table.columns.words}

    def begin(self, record: Record) -> None:
        """Turn to a record."""
        self.where = Where(self.where.file, record.line)
        self.faults = []
        self.notes = []
        self._faulty.clear()
        self._cells = [*record.cells, ""]  # the last stands for every column that the file does not have
        for at, encoding in self._encodings:
            cell = self._cells[at]
            if isinstance(cell, str):
                self._cells[at] = legacy.decode(cell, encoding)

    # ── values ───────────────────────────────────────────────────────────────

    def text(self, column: str) -> str:
        """Return a cell as clean text; a fault and nothing if an identification number stands in it."""
        known = self._texts.get(self._cells[self._at[column]])
        if known is not None:
            return known
        raw = self._raw(column)
        text = _tidy(raw).text
        if holds_identity_number(text):
            return self._numbered(column)
        if legacy.lost(text):
            self._letters_lost(column)
        else:
            _remember(self._texts, raw, text)
        return text

    def name(self, column: str) -> str:
        """Return the cell of a personal name, with a note if it was repaired."""
        names = self._names[column]
        known = names.get(self._cells[self._at[column]])
        if known is not None:
            return known
        raw = self._raw(column)
        name, repaired = _tidy(legacy.recase(raw) if column in self._columns.encodings else raw)
        if holds_identity_number(name):
            return self._numbered(column)
        if legacy.lost(name) or "?" in name:
            self._letters_lost(column)
        elif legacy.garbled(name):
            self._fault(
                column,
                "có ký hiệu lạ do chuyển mã sai (TCVN3, VNI hoặc chuyển mã hai lần); hãy nhập lại",
                "holds symbols of a wrong conversion (TCVN3, VNI or converted twice); type it again",
                FindingCode.NAME_NOT_CLEAN,
            )
        elif repaired:
            self.notes.append(
                Fault(
                    FindingCode.NAME_NOT_CLEAN,
                    Text(
                        f"Cột “{self._headings[column]}” có ký tự ẩn, dấu tổ hợp rời hoặc chữ dễ nhầm (Ð "
                        f"thay cho Đ); đã đọc thành “{name}”. Nên sửa ở danh sách gốc.",
                        f"Column “{self._headings[column]}” holds invisible characters, loose marks or "
                        f"look-alikes (Ð for Đ); read as “{name}”. It should be corrected at the source.",
                    ),
                    self.where,
                )
            )
        else:
            _remember(names, raw, name)
        return name

    def _letters_lost(self, column: str) -> None:
        self._fault(
            column,
            "có dấu hỏi thay cho chữ tiếng Việt: tệp đã được lưu bằng bảng mã thiếu chữ; hãy lưu lại từ tệp gốc dạng "
            "“CSV UTF-8”",
            "holds question marks in place of Vietnamese letters: the file was saved in an encoding that lacks them; "
            "save it again from the original as “CSV UTF-8”",
        )

    def day(self, column: str) -> date | None:
        """Return a cell as a day: ISO, dd/mm/yyyy or as the column map says; None if empty or faulty."""
        known = self._days.get(self._cells[self._at[column]])
        if known:
            return known
        cell = self._cell(column)
        if isinstance(cell, str):
            if not (text := cell.strip()):
                return None
            day = self._parsed(text)
        else:
            day = cell if isinstance(cell, date) else None
        if day is None:
            self._fault(
                column,
                "không phải ngày có thật viết dạng dd/mm/yyyy hoặc yyyy-mm-dd",
                "is not a real date written dd/mm/yyyy or yyyy-mm-dd",
            )
        elif day.year not in _YEARS:
            self._fault(column, "có năm ngoài khoảng 1900–2200", "has a year outside 1900–2200")
            return None
        else:
            self._days[cell] = day
        return day

    def word(self, column: str, kind: type[E]) -> E | None:
        """Return the meaning of a cell that holds one of a few words; None if it is empty or faulty."""
        raw = self._raw(column)
        if not raw:
            return None
        known = self._words[column]
        if raw not in known:
            known[raw] = self._columns.words[column].get(spelling(raw))
        meaning = known[raw]
        if isinstance(meaning, kind):
            return meaning
        if raw.strip():
            shown = _shown(raw)
            self._fault(
                column,
                f"có giá trị không hiểu được{shown}; hãy sửa, hoặc khai báo từ này ở mục values của bảng ánh xạ cột",
                f"holds an unknown value{shown}; correct it, or name the word under values of the column map",
            )
        return None

    def answer(self, column: str) -> bool | None:
        """Return a cell of yes or no; None if it is empty or faulty."""
        answer = self.word(column, Answer)
        return None if answer is None else answer is Answer.YES

    def integer(self, column: str) -> int | None:
        """Return a cell as a whole number; None if it is empty or faulty."""
        text = self._raw(column).strip()
        if not text:
            return None
        if _INTEGER.fullmatch(text):
            return int(text)
        self._fault(column, "không phải số nguyên", "is not a whole number")
        return None

    def document(self) -> Document:
        """Return the decision that the row names."""
        return Document(self.text("decision_number"), self.day("decision_date"), self.text("signed_by"))

    def identity(self, column: str) -> str:
        """Return a cell that may hold an identification number: then its pseudonym, else the text as it is.

        Raises:
            Misconfigured: there is such a number, but no key to hide it.
        """
        cell = self._cell(column)
        if isinstance(cell, str) and cell.isascii() and cell.isalnum() and not cell.isdecimal():
            return self.text(column)
        text = _tidy(self._raw(column)).text
        if (isinstance(cell, int) and cell in _LOST_ZEROS) or _lost_zeros(text):
            return self._without_zeros(column)
        number = identity_number(text)
        return self._hidden(column, number) if number else self.text(column)

    def identities(self, column: str) -> tuple[str, ...]:
        """Return a cell that may name several people, parted by semicolons or commas, each as `identity` does; sorted.

        Raises:
            Misconfigured: there is an identification number, but no key to hide it.
        """
        parts = [_tidy(part).text for part in _PARTED.split(self._raw(column))]
        if len(parts) == 1:
            one = self.identity(column)
            return (one,) if one else ()
        if any(map(_lost_zeros, parts)):
            self._without_zeros(column)
            return ()
        numbers = {part: identity_number(part) for part in parts if part}
        found = {self._hidden(column, number) if number else part for part, number in numbers.items()}
        if any(map(holds_identity_number, found)):
            self._numbered(column)
            return ()
        return tuple(sorted(found))

    def _without_zeros(self, column: str) -> str:
        self._fault(
            column,
            "có số đã mất các số 0 ở đầu; hãy định dạng cột là Text và nhập đủ chữ số",
            "holds a number that lost its leading zeros; format the column as Text and enter all digits",
        )
        return ""

    def _hidden(self, column: str, number: str) -> str:
        if self._pseudonym is None:
            raise Misconfigured(
                Text(
                    f"Cột “{self._headings[column]}” có số định danh cá nhân (12 chữ số) nhưng chưa có khóa "
                    "tạo bí danh. Hãy đặt roster.identity_key trong cấu hình, trỏ tới một khóa bí mật.",
                    f"Column “{self._headings[column]}” holds a personal identification number (12 digits), "
                    "but there is no key for pseudonyms. Set roster.identity_key in the configuration to a "
                    "secret.",
                ),
                where=str(self.where),
            )
        return self._pseudonym(number)

    # ── what must be there ───────────────────────────────────────────────────

    def needed(self, column: str, value: T) -> T:
        """Return the value; a fault if there is none and no other fault has said why."""
        if not value:
            self._fault(column, "đang để trống", "is empty")
        return value

    def key(self, column: str, value: str) -> str:
        """Return the value as a key, or a key made of file and line if it cannot be one.

        Real keys hold no colon, so this row is never taken for somebody else's.
        """
        if ":" in self.needed(column, value) or unreadable(value):
            self._fault(
                column,
                "có dấu hai chấm hoặc ký tự không dùng được trong mã",
                "holds a colon or a character that cannot stand in a key",
            )
            value = ""
        return value or f"row:{self.where}"

    # ── below ────────────────────────────────────────────────────────────────

    def _cell(self, column: str) -> str | int | date:
        """Return a cell as the file has it; an empty text and a fault if it holds an error."""
        cell: Cell = self._cells[self._at[column]]
        if isinstance(cell, Unreadable):
            self._fault(column, cell.why.vi, cell.why.en)
            return ""
        return cell

    def _raw(self, column: str) -> str:
        """Return a cell of text as the file has it."""
        cell = self._cells[self._at[column]]
        if isinstance(cell, str):
            return cell
        cell = self._cell(column)
        if isinstance(cell, str):
            return cell
        if isinstance(cell, int):
            return str(cell)
        self._fault(
            column,
            "chứa một ngày mà bảng tính tự đổi ra; hãy định dạng cột là Text và nhập lại",
            "holds a date that the spreadsheet made of a text; format the column as Text and type it again",
        )
        return ""

    def _numbered(self, column: str) -> str:
        self._fault(
            column,
            "có số định danh cá nhân (12 chữ số liền nhau); hãy xóa số đó, chỉ ghi ở cột mã người",
            "holds a personal identification number (12 digits together); remove it, it belongs in the key only",
        )
        return ""

    def _parsed(self, text: str) -> date | None:
        for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_ISO, (1, 2, 3))):
            if found := pattern.fullmatch(text):
                year, month, day = (int(found[group]) for group in order)
                return _real(year, month, day)
        for form in self._columns.dates:
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
            except ValueError:
                continue
        return None

    def _fault(self, column: str, vi: str, en: str, code: FindingCode = FindingCode.QUARANTINED) -> None:
        """Keep the first fault of a column."""
        if column not in self._faulty:
            self._faulty.add(column)
            heading = self._headings.get(column, column)
            self.faults.append(Fault(code, Text(f"Cột “{heading}” {vi}.", f"Column “{heading}” {en}."), self.where))


def _remember(known: dict[Cell, str], cell: str, value: str) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[cell] = value


def _tidy(text: str) -> Cleaned:
    """Return the text cleaned; that of plain letters, most of a roster, needs no look at each character."""
    if text.isascii() or _PLAIN.fullmatch(text):
        return Cleaned(" ".join(text.split()), repaired=False)
    return clean(text)


def _lost_zeros(text: str) -> bool:
    """Whether an identification number stands here that a spreadsheet took for a number."""
    return len(text) == _ZERO_LOST and text.isdecimal()


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shown(text: str) -> str:
    """Return a word for a message, or nothing if it could be a date or a number of a person."""
    tidy = " ".join(text.split())
    return f" “{tidy[:_LONGEST_SHOWN]}”" if tidy.isprintable() and not any(map(str.isdigit, tidy)) else ""
