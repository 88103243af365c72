"""The reading order of a plan: units by name, gravest first, most urgent first, deletions by month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import plans
import pytest

from syncagent.core.action import ActionKind
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.report import outline
from syncagent.report.inputs import rows, unit_names
from syncagent.report.outline import by_agency, by_code, by_unit, deletions
from syncagent.text import Text


def test_units_stand_in_the_order_of_their_names() -> None:
    """Marks do not matter for the order, rooms follow their agency, every action stands in one unit."""
    parts = by_unit(plans.one_of_each(), plans.UNITS)
    found = [action.id for part in parts for action in part.actions]

    assert [part.name for part in parts] == [
        "Sở Khoa học và Công nghệ",
        "Sở Khoa học và Công nghệ › Trung tâm Chuyển đổi số và Truyền thông",
        "Sở Nội vụ",
        "Sở Nông nghiệp và Môi trường",
        "Sở Tài chính",
        "Sở Y tế",
        "Ủy ban nhân dân phường Hoa Lư",
    ]
    assert sorted(found) == sorted(action.id for action in plans.one_of_each())


def test_a_unit_without_a_known_name_is_called_by_its_key() -> None:
    """A plan whose header lost the names can still be read."""
    assert by_unit(plans.one_of_each(), {})[0].name == "phoalu"
    assert by_unit(plans.one_of_each(), {"phoalu": ""})[0].name == "phoalu"


def test_rooms_follow_their_agency_and_are_counted_with_it() -> None:
    """An agency's rooms stay together even where another agency's name begins alike."""
    names = {
        "syt": "Sở Y tế",
        "stc": "Sở Y tế dự phòng",
        "snv": "Sở Y tế › Phòng Nghiệp vụ › Tổ 1",
    }
    agencies = by_agency(by_unit(plans.one_of_each(), names))
    health = next(agency for agency in agencies if agency.name == "Sở Y tế")

    assert [agency.name for agency in agencies][-2:] == ["Sở Y tế dự phòng", "ttcdstt"]
    assert [unit.unit for unit in health.units] == ["syt", "snv"]
    assert [unit.room for unit in health.units] == ["", "Phòng Nghiệp vụ › Tổ 1"]
    assert [agency.key for agency in agencies][-3:] == ["syt", "stc", ""]
    assert len(health.actions) == 7
    assert health.weights == (1, 2, 0, 3, 1)


def test_the_gravest_action_of_a_unit_comes_first() -> None:
    """A deletion is never hidden below a hundred creates; an adoption that closes stands with closings."""
    parts = {part.unit: part for part in by_unit(plans.one_of_each(), plans.UNITS)}

    assert [action.id for action in parts["syt"].actions] == ["a0011", "a0021", "a0004", "a0022"]
    assert [action.id for action in parts["stc"].actions] == ["a0024", "a0009", "a0002"]
    assert parts["syt"].counts == (
        (ActionKind.DELETE, 1),
        (ActionKind.DISABLE, 1),
        (ActionKind.READDRESS, 1),
        (ActionKind.CREATE, 1),
    )


def test_findings_stand_by_severity_and_code() -> None:
    """Review first, then warnings, then what is for the record; one part per code, none lost."""
    made = plans.plan(findings=plans.every_finding())
    parts = by_code(made)

    assert [part.severity for part in parts] == sorted((part.severity for part in parts), key=list(Severity).index)
    assert sum(len(part.findings) for part in parts) == len(made.findings)
    assert {part.code for part in parts} == set(FindingCode)
    assert len({(part.severity, part.code) for part in parts}) == len(parts)


def test_the_same_code_of_two_severities_makes_two_parts() -> None:
    """A missing person with an open mailbox is more urgent than one whose mailbox is closed already."""
    says = Text("vắng", "missing")
    found = [
        Finding(FindingCode.MISSING_FROM_ROSTER, severity, "P1", says)
        for severity in (Severity.WARNING, Severity.REVIEW)
    ]

    assert [part.severity for part in by_code(plans.plan(findings=found))] == [
        Severity.REVIEW,
        Severity.WARNING,
    ]


def test_the_calendar_holds_what_is_deleted_now_and_later() -> None:
    """Deletions of this plan stand on its own day, later ones on the day that follows from the actions."""
    months = deletions(plans.full())
    found = {month.first: [(one.on, one.action.id, one.now) for one in month.deletions] for month in months}
    later = date(2026, 6, 11)

    assert found == {
        date(2026, 3, 1): [(plans.TODAY, "a0011", True)],
        date(2026, 6, 1): [(later, name, False) for name in ("a0008", "a0021", "a0024")],
    }


def test_a_deletion_that_was_due_long_ago_happens_now() -> None:
    """A term that passed in winter is not shown in a month that is over."""
    late = replace(plans.action(1, ActionKind.DELETE), due=date(2025, 12, 1))

    assert [month.first for month in deletions(plans.plan([late]))] == [date(2026, 3, 1)]


@pytest.mark.parametrize(
    ("message", "candidates", "expected"),
    [
        ("P1 đã rời đi.", ("CN=P1",), ("P1", " đã rời đi.", ("CN=P1",))),
        ("Địa chỉ của P1 đã được cấp.", (), ("P1", ": Địa chỉ của P1 đã được cấp.", ())),
        ("P1 chọn a@b hoặc c@d.", ("a@b", "e@f", "c@d"), ("P1", " chọn a@b hoặc c@d.", ("e@f",))),
    ],
)
def test_a_finding_says_nothing_twice(
    message: str, candidates: tuple[str, ...], expected: tuple[str, str, tuple[str, ...]]
) -> None:
    """The subject stands once, and what the sentence names already is not listed behind it."""
    finding = Finding(FindingCode.HELD, Severity.INFO, "P1", Text(message, message), candidates)

    assert tuple(outline.sentence_of(finding, "vi")) == expected


def test_waiting_findings_are_counted() -> None:
    """Only findings that wait for a decision count as such."""
    made = plans.plan(findings=plans.every_finding())

    assert outline.to_decide(made) == sum(finding.severity is Severity.REVIEW for finding in made.findings)


def test_the_sources_of_a_plan_are_listed_without_the_names_of_units() -> None:
    """Each source has a row with its facts, hashes cut short, truth in words; the policy comes last."""
    found = [tuple(row) for row in rows(plans.full(), "vi")]

    assert found == [
        ("danh sách nhân sự", "mã kiểm tra sha256:a1a1a1a1a1a1…, xuất lúc 2026-03-09T16:30:00+07:00"),
        ("danh sách nhân sự › người", "tệp people.csv, số dòng 8160, sha256 b2b2b2b2b2b2…"),
        ("danh sách nhân sự › đơn vị", "tệp units.csv, số dòng 151, sha256 c3c3c3c3c3c3…"),
        ("thư mục › main", "loại ldif, tệp directory.ldif, số mục 8431, đọc đủ có"),
        ("quy chế và cấu hình", "sha256:d4d4d4d4d4d4…"),
    ]


def test_the_names_of_units_come_from_the_header_of_the_plan() -> None:
    """A stored plan still knows its units by name; a plan without them says nothing."""
    assert unit_names(plans.full()) == plans.UNITS
    assert unit_names(replace(plans.full(), inputs={})) == {}
