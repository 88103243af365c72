"""`show --unit` and sheets for each unit, as they are typed: a unit is sent its own part, and nothing else."""

from __future__ import annotations

import re

import pytest
from desk import Desk
from openpyxl import load_workbook

from syncagent.core.unit import unit_key

DAY = "2026-03-10"


def _below(made: dict[str, object], unit: str) -> set[str]:
    names = made["inputs"]["units"]  # type: ignore[index]  # a plan as JSON
    return {key for key, name in names.items() if (name + " › ").startswith(names[unit] + " › ")}


def test_an_extract_holds_exactly_what_concerns_a_unit(desk: Desk) -> None:
    """Each action of the unit and those below it stands there, none of another's; the plan's digest is named."""
    desk.edit("units.csv", "Trung tâm Chuyển đổi số và Truyền thông", "Trung tâm Chuyển đổi số")
    made = desk.plan(DAY)
    theirs = _below(made, "skhcn")
    inside = {one["id"] for one in made["actions"] if one["unit"] in theirs}
    outside = {one["address"] for one in made["actions"] if one["unit"] not in theirs}
    page = desk.run("show", "latest", "--unit", unit_key("SKHCN"), "--format", "html").stdout
    desk.run("show", "latest", "--unit", "skhcn", "--format", "xlsx", "--out", "skhcn.xlsx")
    text = desk.run("--lang", "en", "show", "latest", "--unit", "skhcn").stdout
    book = load_workbook(desk.folder / "skhcn.xlsx")
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]

    assert inside
    assert outside
    assert set(re.findall(r"<td[^>]*>(a\d+)</td>", page)) == inside
    assert not [address for address in outside if address in page]
    assert inside <= {str(row[0]) for row in rows}
    for shown in (page, text, str(rows)):
        assert made["digest"] in shown
    assert "BẢN TRÍCH để gửi đơn vị, không phải kế hoạch" in page
    assert "AN EXTRACT for the unit, and no plan" in text


def test_an_extract_is_no_plan(desk: Desk) -> None:
    """Nothing that `show` could read, or a directory could be given, is made of a part; no such unit is told."""
    desk.plan(DAY)
    for form in ("json", "ldif", "signed", "csv", "summary"):
        assert "--unit" in desk.run("show", "latest", "--unit", "skhcn", "--format", form, expect=2).stderr
    desk.run("show", "latest", "--unit", "skhcn", "--format", "html", "--out", "part.html")

    assert "part.html" in desk.run("show", "part.html", expect=3).stderr
    assert "“khong-co”" in desk.run("show", "latest", "--unit", "khong-co", expect=3).stderr


def test_findings_of_no_unit_are_counted_for_the_sender(desk: Desk) -> None:
    """Whoever sends extracts to all units knows what none of them holds."""
    made = desk.plan(DAY)
    said = desk.run("--lang", "en", "show", "latest", "--unit", "skhcn").stderr

    assert "main:lockout_threshold" in {one["subject"] for one in made["findings"]}
    assert "belong to no known unit, and stand in no extract: 1." in said


@pytest.mark.parametrize("verb", ["plan --as-of 2026-03-10", "show latest"])
def test_a_plan_with_a_sheet_for_each_unit(desk: Desk, verb: str) -> None:
    """On request, for a new plan and for a stored one; another form has no sheets."""
    made = desk.plan(DAY)
    desk.run(*verb.split(), "--format", "xlsx", "--by-unit", "--out", "plan.xlsx")
    book = load_workbook(desk.folder / "plan.xlsx")

    assert len(book.sheetnames) == len({one["unit"] for one in made["actions"]}) + 5
    assert "--by-unit" in desk.run(*verb.split(), "--by-unit", expect=2).stderr


def test_a_report_with_a_sheet_for_each_unit(desk: Desk) -> None:
    """Each open mailbox on the sheet of its unit; a report of no mailboxes has none to part."""
    desk.run("report", "addresses", "--format", "xlsx", "--by-unit", "--out", "list.xlsx")
    whole, *each = load_workbook(desk.folder / "list.xlsx")
    rows = desk.run("report", "addresses", "--format", "csv").stdout.splitlines()[1:]

    assert len(each) == sum(str(row[0]).isdigit() for row in whole.iter_rows(min_row=2, values_only=True))
    assert sum(sheet.max_row - 1 for sheet in each) == len(rows)
    for name in ("due", "calendar"):
        desk.run("report", name, "--by-unit", "--format", "xlsx", "--out", "x.xlsx", expect=2)


def test_the_summary_to_sign(desk: Desk) -> None:
    """One page of HTML with the digest of the plan, and the name of each mailbox that it deletes."""
    made = desk.plan(DAY)
    page = desk.run("show", "latest", "--format", "summary").stdout

    assert "Tóm tắt kế hoạch hộp thư công vụ" in page
    assert made["digest"] in page
    assert [one["address"] for one in made["actions"] if one["kind"] == "delete" and one["address"] not in page] == []
