"""A workbook with a sheet for each unit: of a plan its actions, of a report its rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from syncagent.core.names import fold
from syncagent.core.unit import WITHIN
from syncagent.report import sheets, words
from syncagent.report.inputs import unit_names
from syncagent.report.outline import by_unit, counts_of
from syncagent.report.table import NONE, Table, counted, said
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.core.plan import Envelope, Plan
    from syncagent.report.table import Row

_HEADS: Final = (Text("Đơn vị", "Unit"), Text("Cơ quan", "Agency"))
"""What the column is called that says to which unit a row belongs."""
_OF_NONE: Final = Text("Không thuộc đơn vị nào", "Of no unit")
_SHEET: Final = Text("Trang", "Sheet")
_BEFORE: Final = 3
"""How many sheets of a plan stand before those of the units: summary, units, findings."""


def of_plan(plan: Plan, envelope: Envelope) -> tuple[Table, ...]:
    """Return a plan's tables with one of actions for each unit, by name, and a table that says which sheet is whose."""
    parts = by_unit(plan.actions, unit_names(plan))
    kinds = [kind for kind, _ in counts_of(plan.actions)]
    index = [
        (
            counted(number),
            said(part.name),
            said(part.unit),
            *(counted(dict(part.counts).get(kind, 0)) for kind in kinds),
            counted(len(part.actions)),
        )
        for number, part in enumerate(parts, start=_BEFORE + 1)
    ]
    columns = (
        _SHEET,
        words.HEADINGS["unit"],
        Text("Mã đơn vị", "Key"),
        *(words.KINDS[kind] for kind in kinds),
        words.HEADINGS["total"],
    )
    each = [replace(sheets.actions(replace(plan, actions=part.actions)), title=_tab(said(part.name))) for part in parts]
    return (
        sheets.summary(plan, envelope),
        Table(words.HEADINGS["by-unit"], columns, tuple(index), ()),
        sheets.findings(plan),
        *each,
        sheets.changes(plan),
        sheets.calendar(plan),
    )


def of_report(table: Table) -> tuple[Table, ...]:
    """Return a report with one table for each unit, by name, after one that says which sheet is whose.

    Raises:
        ValueError: no column of the report says to which unit a row belongs.
    """
    where = next((number for number, head in enumerate(table.columns) if head in _HEADS), None)
    if where is None:
        message = f"no column for units: {table.title.en}"
        raise ValueError(message)
    found: dict[Text, list[Row]] = defaultdict(list)
    for row in table.rows:
        unit = row[where]
        found[unit if unit.vi and unit != NONE else _OF_NONE].append(row)
    units = sorted(found, key=lambda unit: (unit == _OF_NONE, fold(unit.vi), unit))
    index = [(counted(number), unit, counted(len(found[unit]))) for number, unit in enumerate(units, start=2)]
    head = (_SHEET, table.columns[where], Text("Số dòng", "Rows"))
    whole = Table(table.title, head, tuple(index), (table.title, *table.notes))
    return (whole, *(Table(_tab(unit), table.columns, tuple(found[unit]), ()) for unit in units))


def _tab(unit: Text) -> Text:
    """Return what a unit's sheet is called: a room by its own name, for a name is short there."""
    return Text(unit.vi.rpartition(WITHIN)[2], unit.en.rpartition(WITHIN)[2])
