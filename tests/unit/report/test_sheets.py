"""A plan as tables: every action, every changed value, every finding, in both languages."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import plans
from openpyxl import load_workbook

from syncagent.core.action import ActionKind, Operation
from syncagent.core.plan import BrakeState
from syncagent.report import as_table, sheets
from syncagent.report.outline import deletions


def test_every_action_finding_and_deletion_stands_in_a_row() -> None:
    """Nothing of a plan is lost on the way into a workbook."""
    plan = plans.full()

    actions, findings = sheets.actions(plan), sheets.findings(plan)

    assert {row[0].en for row in actions.rows} == {action.id for action in plan.actions}
    assert len(actions.rows) == len(plan.actions)
    assert len(findings.rows) == len(plan.findings)
    assert len(sheets.calendar(plan).rows) == sum(len(month.deletions) for month in deletions(plan))
    assert all(
        len(row) == len(table.columns) for table in sheets.sheets(plan, plans.envelope(plan)) for row in table.rows
    )


def test_every_value_that_changes_stands_with_what_was_there_before() -> None:
    """A reviewer sees before and after of each attribute, a new place, a call, a password, and an entry that goes."""
    plan = plans.full()
    rows = sheets.changes(plan).rows
    changes = [change for action in plan.actions for change in action.changes]

    for change in changes:
        for name, (before, after) in change.attributes.items():
            assert any(
                (row[4].en, row[5].en, row[6].en, row[7].en) == (change.dn, name, "\n".join(before), "\n".join(after))
                for row in rows
            )
        assert not change.new_dn or any(row[7].en == change.new_dn for row in rows)
    assert sum(row[5].en == "Password" for row in rows) == sum(change.sets_password for change in changes)


def test_an_entry_that_goes_and_a_call_have_rows_of_their_own() -> None:
    """What changes no attribute is not passed over."""
    action = next(action for action in plans.full().actions if action.kind is ActionKind.DELETE)
    change = next(change for change in action.changes if change.operation is Operation.DELETE)
    bare = replace(change, attributes={})
    called = replace(bare, calls=("Disable-Mailbox",))

    rows = sheets.changes(plans.plan([replace(action, changes=(bare, called))])).rows

    assert [(row[3].en, row[5].en, row[7].en) for row in rows] == [
        ("Delete the entry", "–", "–"), ("Delete the entry", "Call", "Disable-Mailbox"),
    ]  # fmt: skip


def test_the_summary_says_what_holds_the_plan_and_for_which_day_it_is() -> None:
    """A brake, its number, a rehearsal and what is taken back are on the first sheet."""
    plan = replace(plans.full(), undoes="20260301-0001-abcdef", wave=2)
    free = replace(plan, brakes=BrakeState(), undoes="", wave=0)
    rehearsed = replace(plan, as_of=plan.as_of.replace(year=2027))

    held = {row[0].en for row in sheets.summary(plan, plans.envelope(plan)).rows}
    said = str(sheets.summary(plan, plans.envelope(plan)))

    assert all(f"[{trip.name}={trip.count}]" in said for trip in plan.brakes.tripped)
    assert {"Takes back plan", "Wave of the merger"} <= held
    assert "No brake holds this plan." in str(sheets.summary(free, plans.envelope(free)))
    assert "Takes back plan" not in str(sheets.summary(free, plans.envelope(free)))
    assert "Wave of the merger" not in str(sheets.summary(free, plans.envelope(free)))
    assert "REHEARSAL" in str(sheets.summary(rehearsed, plans.envelope(rehearsed)))


def test_the_workbook_has_a_sheet_for_each_and_no_formula() -> None:
    """Law 11: names that look like formulas are text; headings stay in sight and rows can be filtered."""
    plan = plans.hostile()

    book = load_workbook(BytesIO(as_table.workbooks(sheets.sheets(plan, plans.envelope(plan)), "vi")))

    assert book.sheetnames == ["1 Tóm tắt", "2 Phát hiện", "3 Thao tác", "4 Thay đổi trong thư mục", "5 Lịch xóa"]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert book["3 Thao tác"].auto_filter.ref
    assert book["3 Thao tác"].freeze_panes == "A2"
