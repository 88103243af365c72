"""On which days reports are due, for which period, and when one counts as made."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import world

from syncagent.core.duties import Before, Due, Duty, OnDay, Report, ReportClause, duties, review_every, usual_length
from syncagent.core.periods import Length
from syncagent.text import Text

ONE = timedelta(days=1)


def _due(law: str, first: date, last: date) -> list[tuple[str, str, str, str]]:
    found = duties(world.regulation(law).reports, first, last, world.calendar())
    return [(duty.clause.cite.rule, f"{duty.day}", f"{duty.working}", str(duty.period)) for duty in found]


YEAR_2026 = (date(2026, 1, 1), date(2026, 12, 31))


def test_ninh_binh_reports_before_15_december() -> None:
    """NB-42 (Điều 11.7): 14 December is the last good day, a Monday in 2026, a Sunday in 2025; it is the year's."""
    assert _due("ninhbinh-2025", *YEAR_2026) == [("NB-42", "2026-12-14", "2026-12-14", "2026")]
    assert _due("ninhbinh-2025", date(2025, 12, 1), date(2025, 12, 31)) == [
        ("NB-42", "2025-12-14", "2025-12-12", "2025")
    ]


def test_da_nang_reports_twice_a_year_and_twice_over() -> None:
    """DN-34 (Điều 11.2.h) before 10/7 and 10/01, DN-30 (11.1.d) before 20/7 and 20/01, on what has ended by then."""
    assert _due("danang-2017", *YEAR_2026) == [
        ("DN-34", "2026-01-09", "2026-01-09", "2025"),
        ("DN-30", "2026-01-19", "2026-01-19", "2025"),
        ("DN-34", "2026-07-09", "2026-07-09", "2026-H1"),
        ("DN-30", "2026-07-19", "2026-07-17", "2026-H1"),
    ]


def test_the_district_reports_on_the_5th_and_the_10th_of_each_quarters_last_month() -> None:
    """Q4-26 (Điều 14.2) and Q4-27 (14.1): on the day itself; 5 September and 5 December 2026 are Saturdays."""
    assert _due("hcmc-quan4-2013", *YEAR_2026) == [
        (rule, f"2026-{month:02d}-{day:02d}", f"2026-{month:02d}-{working:02d}", f"2026-Q{month // 3}")
        for month, fifth in ((3, 5), (6, 5), (9, 4), (12, 4))
        for rule, day, working in (("Q4-26", 5, fifth), ("Q4-27", 10, 10))
    ]


@pytest.mark.parametrize("law", ["bentre-2016", "binhdinh-kkt-2017"])
def test_a_text_without_days_makes_nothing_due(law: str) -> None:
    """BT-20, BT-28 (Điều 11.2.h, 14.2) name no day, and none is invented."""
    assert _due(law, date(2026, 1, 1), date(2029, 12, 31)) == []


@pytest.mark.parametrize(
    ("law", "day"),
    [
        ("ninhbinh-2025", date(2026, 12, 14)),
        ("danang-2017", date(2026, 7, 9)),
        ("danang-2017", date(2026, 7, 19)),
        ("danang-2017", date(2027, 1, 9)),
        ("danang-2017", date(2027, 1, 19)),
        ("hcmc-quan4-2013", date(2026, 3, 5)),
        ("hcmc-quan4-2013", date(2026, 3, 10)),
    ],
)
def test_the_last_good_day_and_no_other(law: str, day: date) -> None:
    """Contract §6: “before D” is good until D−1; from that day to that day one report is due, beside it none."""
    assert len(_due(law, day, day)) == 1
    assert _due(law, day - ONE, day - ONE) == []
    assert _due(law, day + ONE, day + ONE) == []


def test_a_due_day_in_tet_names_the_working_day_before_it() -> None:
    """Tết 2026 is 16 to 20 February: what is due on Thursday the 19th must be ready on Friday the 13th."""
    clause = _clause(Due(Before(2, 20), Length.MONTH, ended=True))

    (duty,) = duties([clause], date(2026, 2, 1), date(2026, 2, 28), world.calendar())

    assert (duty.day, duty.working, str(duty.period)) == (date(2026, 2, 19), date(2026, 2, 13), "2026-01")


def test_a_make_up_saturday_is_a_day_to_report_on() -> None:
    """Saturday 22 August 2026 is worked for 31 August: a report due on Sunday the 23rd may wait for it."""
    (duty,) = duties([_clause(Due(Before(8, 24), Length.YEAR))], *YEAR_2026, world.calendar())

    assert (duty.day, duty.working) == (date(2026, 8, 23), date(2026, 8, 22))


def test_the_turn_of_the_year() -> None:
    """Before 1 January is 31 December: the running year is the one that ends, and so is the last that has ended."""
    clause = _clause(Due(Before(1, 1), Length.YEAR), Due(Before(1, 1), Length.YEAR, ended=True))
    found = duties([clause], date(2026, 12, 31), date(2026, 12, 31), world.calendar())

    assert [(duty.day, duty.period.year) for duty in found] == [(date(2026, 12, 31), 2026), (date(2026, 12, 31), 2026)]


@pytest.mark.parametrize(
    ("covers", "ended", "day", "period"),
    [
        (Length.QUARTER, True, date(2026, 3, 31), "2025-Q4"),
        (Length.QUARTER, False, date(2026, 6, 30), "2026-Q2"),
        (Length.HALF_YEAR, False, date(2026, 6, 30), "2026-H1"),
        (Length.MONTH, False, date(2026, 2, 28), "2026-02"),
        (Length.MONTH, True, date(2028, 2, 29), "2028-01"),
    ],
)
def test_a_day_the_month_does_not_have_is_its_last(covers: Length, ended: bool, day: date, period: str) -> None:  # noqa: FBT001 - a column of the table above
    """Contract §6: the 31st of a shorter month is its last day, leap years included."""
    (duty,) = duties([_clause(Due(OnDay(31), covers, ended=ended))], day, day, world.calendar())

    assert str(duty.period) == period


def test_accounts_are_reviewed_by_the_end_of_each_period() -> None:
    """TCVN 14423:2026: every six months for a system of level 3, so by the last day of June and of December."""
    found = duties([review_every(Length.HALF_YEAR)], *YEAR_2026, world.calendar())

    assert [(duty.day, str(duty.period)) for duty in found] == [
        (date(2026, 6, 30), "2026-H1"),
        (date(2026, 12, 31), "2026-H2"),
    ]
    assert found[0].clause.served_by == (Report.REVIEW,)


def test_a_report_on_what_has_ended_is_made_after_its_end() -> None:
    """DN-34: figures drawn on 30 June are not those of the half-year; those of 1 July are."""
    (duty,) = _duties_of("danang-2017", date(2026, 7, 9))
    made = {("counts", "2026-H1"): date(2026, 6, 30), ("usage", "2026-H1"): date(2026, 7, 1)}

    assert duty.missing({}) == (Report.COUNTS, Report.USAGE)
    assert duty.missing(made) == (Report.COUNTS,)
    assert duty.made_on(Report.USAGE, made) == date(2026, 7, 1)
    assert duty.missing({("counts", "2026"): date(2026, 7, 2)}) == (Report.COUNTS, Report.USAGE)


def test_a_report_on_the_running_period_is_made_within_it() -> None:
    """NB-42 is due before its year ends: any day of the year will do."""
    (duty,) = _duties_of("ninhbinh-2025", date(2026, 12, 14))

    assert duty.missing({("counts", "2026"): date(2026, 12, 1), ("usage", "2026"): date(2026, 12, 14)}) == ()


def test_the_usual_period_is_the_shortest_that_is_ordered() -> None:
    """A report without a period is for the one its regulation wants: a half-year in Đà Nẵng, a quarter in Quận 4."""
    usual = {
        law: usual_length(world.regulation(law).reports, Report.COUNTS)
        for law in ("ninhbinh-2025", "danang-2017", "hcmc-quan4-2013", "bentre-2016")
    }

    assert usual == {
        "ninhbinh-2025": Length.YEAR,
        "danang-2017": Length.HALF_YEAR,
        "hcmc-quan4-2013": Length.QUARTER,
        "bentre-2016": Length.YEAR,
    }


def _duties_of(law: str, day: date) -> tuple[Duty, ...]:
    return duties(world.regulation(law).reports, day, day, world.calendar())


def _clause(*due: Due) -> ReportClause:
    cite = world.regulation().in_force_cite
    return ReportClause(cite, Text("a", "a"), Text("b", "b"), (Report.COUNTS,), due)
