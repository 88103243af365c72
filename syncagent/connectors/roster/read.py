"""A roster in files or a database: people, units and, where they are kept there, requests."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syncagent.connectors.roster import legacy
from syncagent.connectors.roster.convert import people_of, requests_of, units_of
from syncagent.connectors.roster.csv_text import read_csv
from syncagent.connectors.roster.query import RosterQuery, contents
from syncagent.connectors.roster.xlsx import read_xlsx
from syncagent.core.roster import RosterRows
from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from syncagent.connectors.roster.file import Content
    from syncagent.connectors.roster.table import Table
    from syncagent.mapping.columns import ColumnMap, Columns


@dataclass(frozen=True, slots=True)
class RosterFile:
    """Where one part of the roster lies and in which format."""

    path: Path
    kind: Literal["csv", "xlsx"]


class FileRoster:
    """A RosterSource over files and queries.

    Args:
        people, units, requests: where they are; requests are optional, and in a file.
        columns: how they are written.
        pseudonym: turns a personal identification number into its pseudonym; without it a number is an error.
    """

    def __init__(
        self,
        people: RosterFile | RosterQuery,
        units: RosterFile | RosterQuery,
        columns: ColumnMap,
        *,
        requests: RosterFile | None = None,
        pseudonym: Callable[[str], str] | None = None,
    ) -> None:
        self._parts: list[tuple[RosterFile | RosterQuery, Columns]] = [(people, columns.people), (units, columns.units)]
        if requests:
            self._parts.append((requests, columns.requests))
        self._pseudonym = pseudonym

    def read(self) -> RosterRows:
        """Return all rows; the export is as old as the file of the people: units and requests are kept by hand.

        Raises:
            Misconfigured: a file is missing, refused, broken, cut, or lacks a column.
        """
        read = self._contents()
        tables = [_table(part, content, columns) for (part, columns), content in zip(self._parts, read, strict=True)]
        people = people_of(tables[0], self._pseudonym)
        units = units_of(tables[1], self._pseudonym)
        _check_unicode(tables[0], "full_name", [row.full_name for row in people])
        _check_unicode(tables[1], "name", [unit.name for unit in units])
        requests, faults = requests_of(tables[2], self._pseudonym) if tables[2:] else ((), ())
        counts = len(people), len(units), len(requests) + len({fault.where for _, fault in faults})
        return RosterRows(
            people=people,
            units=units,
            requests=requests,
            exported_at=read[0].modified,
            digest=_digest(read),
            sources={
                table.columns.part: {"file": content.file, "sha256": content.sha256, "rows": count}
                for table, content, count in zip(tables, read, counts, strict=False)
            },
            faults=faults,
        )

    def unused(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the headings of each file that mean no column: extra ones do no harm, misspelt ones do.

        Raises:
            Misconfigured: as `read`.
        """
        found = []
        for (part, columns), content in zip(self._parts, self._contents(), strict=True):
            read = _table(part, content, columns)
            known = set(read.at.values())
            names = [" ".join(name.split()) for at, name in enumerate(read.headings) if at not in known]
            found.append((content.file, tuple(name for name in names if name and not any(map(str.isdigit, name)))))
        return tuple((file, names) for file, names in found if names)

    def headings(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Return for each file how it heads the columns that are read, in its order: heading and column.

        Raises:
            Misconfigured: as `read`.
        """
        found = []
        for (part, columns), content in zip(self._parts, self._contents(), strict=True):
            read = _table(part, content, columns)
            ordered = sorted((at, name) for name, at in read.at.items())
            found.append((content.file, tuple((" ".join(read.headings[at].split()), name) for at, name in ordered)))
        return tuple(found)

    def legacy_sample(self) -> tuple[tuple[str, str], ...]:
        """Return a few cells before and after decoding, for a person to judge; empty if all is Unicode.

        Raises:
            Misconfigured: as `read`.
        """
        parts = zip(self._parts, self._contents(), strict=True)
        declared = [_table(part, content, columns) for (part, columns), content in parts if columns.encodings]
        return legacy.sample(pair for table in declared for pair in _decoded(table))

    def _contents(self) -> list[Content]:
        return contents([part for part, _ in self._parts])


_PRIVATE = frozenset({"person_id", "birth_date", "phone", "contact", "mailbox_holder", "subject"})


def _table(part: RosterFile | RosterQuery, content: Content, columns: Columns) -> Table:
    read = read_xlsx if isinstance(part, RosterFile) and part.kind == "xlsx" else read_csv
    return read(content.data, content.file, columns)


def _digest(contents: Iterable[Content]) -> str:
    """Return one name for the bytes of all files, in order; lengths keep them apart."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(b"%d:" % len(content.data))
        digest.update(content.data)
    return f"sha256:{digest.hexdigest()}"


def _decoded(table: Table) -> Iterator[tuple[str, str]]:
    """Yield the cells of declared columns before and after, those of birth dates and numbers excepted."""
    for record in table.records:
        for column, encoding in table.columns.encodings.items():
            cell = record.cells[table.at[column]] if column in table.at and column not in _PRIVATE else ""
            if isinstance(cell, str):
                after = legacy.decode(cell, encoding)
                yield cell, legacy.recase(after) if column == "full_name" else after


def _check_unicode(table: Table, column: str, names: Iterable[str]) -> None:
    """Raise if the names look like text from before Unicode that nobody declared; it is never guessed."""
    if column not in table.columns.encodings and legacy.undeclared(names):
        raise Misconfigured(
            Text(
                "Nhiều tên trong tệp giống chữ TCVN3 (ABC), VNI hoặc bị chuyển mã sai. Hãy xuất lại bằng "
                f"Unicode (UTF-8), hoặc khai báo encoding: tcvn3 | vni ở phần {table.columns.part} của bảng ánh "
                "xạ cột.",
                "Many names in the file look like TCVN3 (ABC), VNI or a wrong conversion. Export as "
                f"Unicode (UTF-8), or declare encoding: tcvn3 | vni under {table.columns.part} in the column map.",
            ),
            where=table.file,
        )
