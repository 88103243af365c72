"""A sheet for each unit: every row stands on one of them, and the first says which is whose."""

from __future__ import annotations

from io import BytesIO

import plans
import pytest
from openpyxl import load_workbook

from syncagent.report import as_table, per_unit
from syncagent.report.table import NONE, Table, said
from syncagent.text import Text

_UNIT, _NAME = Text("Đơn vị", "Unit"), Text("Họ tên", "Name")


def test_a_plan_has_a_sheet_for_each_unit_with_its_actions() -> None:
    """No action is lost or stands twice; the sheet that the second one names is the unit's."""
    plan = plans.full()
    found = per_unit.of_plan(plan, plans.envelope(plan))
    index, each = found[1], found[3:-2]

    assert sorted(row[0].en for table in each for row in table.rows) == sorted(action.id for action in plan.actions)
    assert len(each) == len({action.unit for action in plan.actions})
    for row in index.rows:
        sheet = found[int(row[0].en) - 1]
        assert row[1].vi.endswith(sheet.title.vi)
        assert int(row[-1].en) == len(sheet.rows) == sum(int(cell.en) for cell in row[3:-1])


def test_the_workbook_names_each_sheet_once() -> None:
    """Names that are cut stay apart by their number; a hostile name is no formula and no trouble."""
    plan = plans.hostile()
    tables = per_unit.of_plan(plan, plans.envelope(plan))

    book = load_workbook(BytesIO(as_table.workbooks(tables, "vi")))

    assert len(set(book.sheetnames)) == len(tables) == len(plans.HOSTILE) + 5
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_report_is_parted_by_its_column_of_units() -> None:
    """By name, accents aside; rows of no unit last; the notes stand once, with the list of sheets."""
    rows = [(said("A"), said("Sở Y tế › Văn phòng")), (said("B"), NONE), (said("C"), said("")), (said("D"), said("Đ"))]
    table = Table(Text("Danh sách", "List"), (_NAME, _UNIT), tuple(rows), (Text("Ghi chú", "Note"),))

    whole, *each = per_unit.of_report(table)

    assert [[cell.en for cell in row] for row in whole.rows] == [
        ["2", "Đ", "1"], ["3", "Sở Y tế › Văn phòng", "1"], ["4", "Of no unit", "2"],
    ]  # fmt: skip
    assert [one.title.en for one in each] == ["Đ", "Văn phòng", "Of no unit"]
    assert sorted(row for one in each for row in one.rows) == sorted(rows)
    assert whole.notes == (table.title, *table.notes)


def test_a_report_without_units_is_not_parted() -> None:
    """What says of no row to which unit it belongs is refused, not put on one sheet."""
    with pytest.raises(ValueError, match="no column for units"):
        per_unit.of_report(Table(_NAME, (_NAME,), (), ()))
