"""A unit's part of a plan as tables: what it is, and never to be taken for a plan."""

from __future__ import annotations

from dataclasses import replace

import plans

from syncagent.core.action import ActionKind, Because
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.plan import Plan
from syncagent.report.extract import IS_NO_PLAN, Extract, placed, tables, titled
from syncagent.text import Text


def _extract(plan: Plan) -> Extract:
    return Extract("skhcn", "Sở Khoa học và Công nghệ", plan, plans.envelope(plan), 0)


def test_an_extract_says_on_every_table_what_it_is_and_of_which_plan() -> None:
    """Cover, actions and findings each say it is no plan; the cover names the digest of the plan it was taken from."""
    plan = plans.full()
    cover, actions, findings, _ = tables(_extract(plan))

    assert cover.rows[0][1] == IS_NO_PLAN
    assert IS_NO_PLAN in actions.notes
    assert IS_NO_PLAN in findings.notes
    assert plans.envelope(plan).digest in {row[1].en for row in cover.rows}
    assert titled(_extract(plan)).en == "Extract of the mail account plan: Sở Khoa học và Công nghệ"
    assert all(len(row) == len(table.columns) for table in tables(_extract(plan)) for row in table.rows)


def test_a_rehearsal_is_said_before_anything_else() -> None:
    """Whoever gets the extract of a rehearsal knows it at once."""
    plan = plans.full()
    rehearsed = replace(plan, as_of=plan.as_of.replace(year=2027))

    assert "REHEARSAL" in tables(_extract(rehearsed))[0].rows[1][1].en
    assert "REHEARSAL" not in str(tables(_extract(plan)))


def test_an_action_says_what_a_unit_must_know() -> None:
    """Old and new address, what follows, each document once, the article with its reason; a room by its own name."""
    plan = plans.full()
    rows = {row[0].en: row for row in tables(_extract(plan))[1].rows}
    moved = next(action for action in plan.actions if action.id == "a0020")
    twice = replace(moved, because=(*moved.because, Because("NB-1", "Điều 1", Text("x", "y"), "123/QĐ-SNV")))

    assert rows["a0020"][4].en == "anhntn.skhcn@ninhbinh.gov.vn → anhntn.snv@ninhbinh.gov.vn"
    assert rows["a0020"][7].en == "the former address ends 2026-06-11"
    assert rows["a0020"][9].vi.startswith("Điều 7 khoản 4: Chuyển công tác")
    assert rows["a0006"][2].vi == "Trung tâm Chuyển đổi số và Truyền thông"
    assert tables(_extract(replace(plan, actions=(twice,))))[1].rows[0][8].en == "123/QĐ-SNV"


def test_whom_else_a_finding_concerns_is_not_sent_out() -> None:
    """Candidates and places in files are of the plan, for they name others (Luật 91/2025/QH15)."""
    said = str(tables(_extract(plans.full()))[2])

    assert plans.BASE not in said
    assert "people.csv" not in said


def test_a_finding_is_placed_by_its_unit_its_action_or_its_person() -> None:
    """A unit's mailbox by its key; somebody with an action where the plan puts them, else where the roster does."""
    subjects = ["unit:snv", "P1", "P2", "ai@do.vn"]
    findings = [Finding(FindingCode.HELD, Severity.INFO, one, Text("x", "y")) for one in subjects]
    plan = plans.plan([plans.action(1, ActionKind.LOCK, unit="syt")], findings)

    assert placed(plan, {"P1": "stc", "P2": "stc"}) == ["snv", "syt", "stc", ""]
