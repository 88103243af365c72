"""From a folder `mappings/mergers/NAME/` to a Crosswalk: one YAML file and four tables, every fault with its line."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field, field_validator

from syncagent.core.crosswalk import AddressForm, Crosswalk, OldUnit, Share, System, plain
from syncagent.core.questions import Question
from syncagent.core.where import Where
from syncagent.errors import Misconfigured
from syncagent.mapping.clause import Clause
from syncagent.mapping.source import Strict, load
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE = "merger.yaml"
COMMUNES, AGENCIES = "communes.csv", "agencies.csv"
TABLES = {
    COMMUNES: ("code", "type", "name", "full_name", "abbreviation"),
    "old-communes.csv": (
        "system", "code", "name", "district", "valid_until", "new_code", "new_name", "valid_from", "share",
    ),
    "districts.csv": ("system", "code", "name", "abolished_after"),
    AGENCIES: ("system", "name", "abbreviations", "share", "successors", "basis"),
}  # fmt: skip
"""The tables of a merger and their columns, which all must be there in this order."""

_ALL = "*"
_UNDECIDED = "TO DECIDE"
_SHARES = {"whole": Share.WHOLE, "part": Share.DIVIDED}


class _System(Strict):
    name: str = Field(min_length=1)
    domains: list[str] = Field(min_length=1)
    addresses: list[str] = Field(min_length=1)

    @field_validator("addresses")
    @classmethod
    def _forms(cls, texts: list[str]) -> list[str]:
        for text in texts:
            AddressForm.parse(text)
        return texts

    def system(self) -> System:
        """Return it as the core knows it."""
        return System(self.name, tuple(self.domains), tuple(map(AddressForm.parse, self.addresses)))


class MergerFile(Strict):
    """What a merger joins, as data."""

    version: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    document: str
    on: date
    systems: dict[str, _System] = Field(min_length=1)
    minutes: dict[str, int]
    moves: Clause
    unused: Clause

    @field_validator("minutes")
    @classmethod
    def _every_question(cls, minutes: dict[str, int]) -> dict[str, int]:
        if set(minutes) != set(Question):
            message = f"name each of {', '.join(Question)} once"
            raise ValueError(message)
        return minutes


class _Row(NamedTuple):
    """A line of a table: where it stands, and its cells by column."""

    where: Where
    cells: Mapping[str, str]


def read_merger(text: str, file: str, tables: Mapping[str, str]) -> Crosswalk:
    """Given the text of `merger.yaml` and those of the tables by name, return the crosswalk.

    Raises:
        Misconfigured: a file has faults; each is named with its line.
    """
    found = load(text, file, MergerFile)
    rows = {name: list(_rows(name, tables[name])) for name in TABLES}
    faults: list[Misconfigured] = []
    new = {row.cells["code"]: row.cells["full_name"] for row in rows[COMMUNES]}
    faults += [
        _fault(row, f"không có hệ thống “{row.cells['system']}”", f"there is no system “{row.cells['system']}”")
        for name in TABLES
        for row in rows[name]
        if name != COMMUNES and row.cells["system"] not in {*found.systems, *([_ALL] if name == AGENCIES else [])}
    ]
    units = [
        *_communes(rows["old-communes.csv"], new, faults),
        *_districts(rows["districts.csv"], faults),
        *_agencies(rows[AGENCIES], found.systems, faults),
    ]
    twice = Counter(unit.key for unit in units)
    faults += [
        _fault(_Row(unit.where, {}), f"{unit.key} có hai lần", f"{unit.key} stands there twice")
        for unit in units
        if twice[unit.key] > 1
    ]
    if faults:
        raise Misconfigured(faults[0].says, where=faults[0].where, also=faults[1:])
    return Crosswalk(
        name=found.name,
        document=found.document,
        on=found.on,
        systems={name: system.system() for name, system in found.systems.items()},
        units=tuple(units),
        minutes=dict(found.minutes),
        moves=found.moves.cite(),
        unused=found.unused.cite(),
    )


def _communes(rows: Iterable[_Row], new: Mapping[str, str], faults: list[Misconfigured]) -> Iterator[OldUnit]:
    """Yield each old commune once, with the new ones it went to."""
    parts: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        cells = row.cells
        if plain(new.get(cells["new_code"], "")) != plain(cells["new_name"]):
            faults.append(
                _fault(row, f"{cells['new_code']} không có trong {COMMUNES} với tên này", f"not so in {COMMUNES}")
            )
        if cells["share"] not in _SHARES:
            faults.append(_fault(row, "share phải là whole hoặc part", "share must be whole or part"))
        _day(row, "valid_from", faults)
        parts[cells["system"], cells["code"], cells["valid_until"]].append(row)
    for (system, code, _), theirs in parts.items():
        first = theirs[0]
        whole = len(theirs) == 1
        if any((row.cells["share"] == "whole") is not whole for row in theirs):
            faults.append(
                _fault(
                    first,
                    "đơn vị chia cho nhiều nơi phải có nhiều dòng part, đơn vị nguyên vẹn một dòng whole",
                    "what is divided has several rows of share part, what went whole one of share whole",
                )
            )
        yield OldUnit(
            system=system,
            name=first.cells["name"],
            share=Share.WHOLE if whole else Share.DIVIDED,
            where=first.where,
            successors=tuple(row.cells["new_name"] for row in theirs),
            code=code,
            within=first.cells["district"],
            until=_day(first, "valid_until", faults),
        )


def _districts(rows: Iterable[_Row], faults: list[Misconfigured]) -> Iterator[OldUnit]:
    for row in rows:
        cells = row.cells
        until = _day(row, "abolished_after", faults)
        yield OldUnit(cells["system"], cells["name"], Share.ABOLISHED, row.where, code=cells["code"], until=until)


def _agencies(rows: Iterable[_Row], systems: Iterable[str], faults: list[Misconfigured]) -> Iterator[OldUnit]:
    """Yield each agency of each system; a row of one system goes before one of all of them."""
    rows = list(rows)
    own = {(row.cells["system"], plain(row.cells["name"])) for row in rows}
    for row in rows:
        cells = row.cells
        names = _listed(cells["successors"])
        decided = cells["share"] == "whole"
        if not decided and cells["share"] != _UNDECIDED:
            faults.append(_fault(row, f"share phải là whole hoặc {_UNDECIDED}", f"share: whole or {_UNDECIDED}"))
        if decided and len(names) != 1:
            faults.append(_fault(row, "whole cần đúng một successors", "whole needs exactly one of successors"))
        theirs = systems if cells["system"] == _ALL else [cells["system"]]
        for system in theirs:
            if cells["system"] == _ALL and (system, plain(cells["name"])) in own:
                continue
            yield OldUnit(
                system=system,
                name=cells["name"],
                share=Share.WHOLE if decided else Share.UNDECIDED,
                where=row.where,
                successors=names,
                abbreviations=_listed(cells["abbreviations"]),
                basis=cells["basis"],
            )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _rows(file: str, text: str) -> Iterator[_Row]:
    """Yield the rows of a table.

    Raises:
        Misconfigured: its columns are others, or a row has more or fewer cells.
    """
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    columns = TABLES[file]
    line = 1
    try:
        for cells in reader:
            where = Where(file, line)
            if line == 1 and tuple(cells) != columns:
                raise _fault(_Row(where, {}), f"các cột phải là {', '.join(columns)}", f"columns: {', '.join(columns)}")
            if len(cells) != len(columns):
                raise _fault(_Row(where, {}), f"cần {len(columns)} ô", f"a row has {len(columns)} cells")
            if line > 1:
                yield _Row(where, dict(zip(columns, cells, strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _fault(_Row(Where(file, line), {}), "dấu ngoặc kép sai chỗ", "a misplaced quotation mark") from error
    if line == 1:
        raise _fault(_Row(Where(file, 1), {}), "tệp trống", "the file is empty")


def _day(row: _Row, column: str, faults: list[Misconfigured]) -> date | None:
    try:
        return date.fromisoformat(row.cells[column])
    except ValueError:
        faults.append(_fault(row, f"{column} không phải ngày YYYY-MM-DD", f"{column} is not a day, YYYY-MM-DD"))
        return None


def _fault(row: _Row, vietnamese: str, english: str) -> Misconfigured:
    return Misconfigured(Text(f"{vietnamese}.", f"{english}."), where=str(row.where))
