"""The reports of a regulation file: what each text orders, and what such a clause may not say."""

from __future__ import annotations

import pytest
import world

from syncagent.core.duties import Before, Due, OnDay, Report
from syncagent.core.periods import Length, Term
from syncagent.core.person import PersonType
from syncagent.errors import Misconfigured
from syncagent.mapping.regulation import read_regulation

NINH_BINH = (world.MAPPINGS / "regulations" / "ninhbinh-2025.yaml").read_text(encoding="utf-8")
_DUE = "{before: {month: 12, day: 15}, covers: year}"


@pytest.mark.parametrize(
    ("law", "due"),
    [
        ("ninhbinh-2025", {"NB-42": (Due(Before(12, 15), Length.YEAR),)}),
        (
            "danang-2017",
            {
                "DN-30": (
                    Due(Before(7, 20), Length.HALF_YEAR, ended=True),
                    Due(Before(1, 20), Length.YEAR, ended=True),
                ),
                "DN-34": (
                    Due(Before(7, 10), Length.HALF_YEAR, ended=True),
                    Due(Before(1, 10), Length.YEAR, ended=True),
                ),
            },
        ),
        ("bentre-2016", {}),
        (
            "hcmc-quan4-2013",
            {"Q4-26": (Due(OnDay(5), Length.QUARTER),), "Q4-27": (Due(OnDay(10), Length.QUARTER),)},
        ),
        ("binhdinh-kkt-2017", {}),
    ],
)
def test_the_days_are_those_of_the_texts(law: str, due: dict[str, tuple[Due, ...]]) -> None:
    """NB-42, DN-30, DN-34, Q4-26, Q4-27: each with its day; every other report is ordered without one."""
    found = world.regulation(law).reports

    assert {clause.cite.rule: clause.due for clause in found if clause.due} == due


def test_da_nang_has_two_lists_and_eight_hours() -> None:
    """DN-35 (Điều 11.2.h): after 03 days and after 06 months; DN-33: incidents within 08 hours, by the Centre."""
    law = world.regulation("danang-2017")
    lists = {clause.served_by: clause.after for clause in law.reports if clause.cite.rule == "DN-35"}

    assert lists == {(Report.DEFAULT_PASSWORDS,): Term(days=3), (Report.OLD_PASSWORDS,): Term(months=6)}
    assert law.incident
    assert (law.incident.cite.rule, law.incident.hours) == ("DN-33", 8)
    assert law.incident.cite in law.cites()


def test_ben_tre_counts_those_the_text_names() -> None:
    """BT-28 (Điều 14.2) is about cán bộ, công chức, viên chức, not about người lao động."""
    (share,) = [clause for clause in world.regulation("bentre-2016").reports if clause.cite.rule == "BT-28"]

    assert share.types == {PersonType.CADRE, PersonType.OFFICIAL, PersonType.PUBLIC_EMPLOYEE}


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("{before: {month: 2, day: 29}, covers: year}", "day is out of range for month"),
        ("{before: {month: 13, day: 1}, covers: year}", "less than or equal to 12"),
        ("{covers: year}", "give exactly one of before, day"),
        ("{before: {month: 12, day: 15}, day: 5, covers: year}", "give exactly one of before, day"),
        ("{day: 32, covers: quarter}", "less than or equal to 31"),
        ("{day: 5, covers: week}", "Input should be 'year'"),
    ],
)
def test_a_day_that_cannot_be_is_refused(new: str, says: str) -> None:
    """A due day must exist in every year, be given in one way, and name a period there is; the line is named."""
    with pytest.raises(Misconfigured) as refused:
        read_regulation(NINH_BINH.replace(_DUE, new, 1), "r.yaml")

    assert says in refused.value.says.en
    line = int(refused.value.where.partition(":")[2])
    assert NINH_BINH.splitlines()[line - 1].strip() == f"- {_DUE}"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("served_by: [addresses]", "served_by: [everything]", "Input should be 'addresses'"),
        ("served_by: [addresses]", "served_by: []", "at least 1 item"),
        (
            "served_by: [addresses]",
            "served_by: [addresses]\n    after: {months: 1, days: 3}",
            "exactly one positive unit",
        ),
    ],
)
def test_a_clause_names_reports_there_are(old: str, new: str, says: str) -> None:
    """Every order is served by a report that exists; a list has one term."""
    with pytest.raises(Misconfigured) as refused:
        read_regulation(NINH_BINH.replace(old, new, 1), "r.yaml")

    assert says in refused.value.says.en
