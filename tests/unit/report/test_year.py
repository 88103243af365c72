"""A year to print: twelve months, each day off with its name and document, what falls due, and no more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
import world
from offices import column

from syncagent.core.duties import duties
from syncagent.core.periods import Length, Period, Special
from syncagent.report.as_calendar import page
from syncagent.report.table import period_name
from syncagent.report.year import Year, listed
from syncagent.text import Language, Text

DELETIONS = {date(2026, 4, 16): 3, date(2026, 4, 17): 1, date(2026, 12, 14): 1200}
_CELL = re.compile(r'<td class="([a-z -]*)">(\d+)((?:<span class="mark[ a-z]*">.</span>)*)</td>')


def _year(number: int = 2026, law: str = "danang-2017", deletions: dict[date, int] | None = None) -> Year:
    policy = world.policy(law, account_review=Length.HALF_YEAR)
    whole = Period(number)
    return Year(number, policy, duties(policy.reports(), whole.first, whole.last, policy.calendar), deletions or {})


def _cells(made: str) -> list[list[tuple[str, int, str]]]:
    """What stands in each month: how a day is drawn, its number, its marks."""
    months = made.split("<caption>")[1:]
    return [[(drawn, int(n), re.sub("<[^>]*>", "", marks)) for drawn, n, marks in _CELL.findall(m)] for m in months]


def test_every_day_of_the_year_stands_in_its_month() -> None:
    """Twelve months, Monday first, each with its days and no other."""
    months = _cells(page(_year(2028), "vi"))

    assert [[number for _, number, _ in month] for month in months] == [
        list(range(1, Period(2028, Length.MONTH, month).last.day + 1)) for month in range(1, 13)
    ]


def test_days_off_and_make_up_days_are_drawn_as_such() -> None:
    """2 January is off, Saturday the 10th worked, Sunday 26 April a holiday and its Monday off; weekends are faint."""
    months = _cells(page(_year(), "vi"))
    drawn = {(month, number): how for month, days in enumerate(months, 1) for how, number, _ in days}

    assert [drawn[1, 2], drawn[1, 10], drawn[1, 11], drawn[1, 12]] == ["off", "made-up", "weekend", ""]
    assert [drawn[4, 25], drawn[4, 26], drawn[4, 27], drawn[4, 28]] == ["weekend", "off weekend", "off", ""]


def test_what_falls_due_has_its_mark() -> None:
    """DN-34 on 9 July, a deletion on 16 April; a day with both carries both marks."""
    months = _cells(page(_year(law="ninhbinh-2025", deletions=DELETIONS), "vi"))
    marked = {(month, number): marks for month, days in enumerate(months, 1) for _, number, marks in days if marks}

    assert marked == {(4, 16): "✕", (4, 17): "✕", (6, 30): "●", (12, 14): "●✕", (12, 31): "●"}


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "vi",
            [
                "<b>Thứ Sáu 02/01</b> Nghỉ hoán đổi, làm bù ngày 10/01/2026",
                "– 12729/VPCP-KGVX ngày 25/12/2025",
                "<b>Chủ nhật 19/07</b> Số lượng hộp thư; Tỷ lệ sử dụng hộp thư cá nhân, 06 tháng đầu năm 2026: ",
                "Sở Thông tin và Truyền thông → Ủy ban nhân dân thành phố; ngày làm việc cuối 17/07/2026 (hạn rơi ",
                "<b>Tháng 4:</b> 16/04 (3), 17/04 (1)",
                "<b>Tháng 12:</b> 14/12 (1.200)",
            ],
        ),
        (
            "en",
            [
                "<b>Friday 2 Jan</b> Day off, made up on 2026-01-10",
                "<b>Tuesday 24 Nov</b> Vietnam Cultural Day",
                "last working day 2026-07-17 (due on a day off)",
                "<b>April:</b> 16 Apr (3), 17 Apr (1)",
                "14 Dec (1,200)",
            ],
        ),
    ],
)
def test_the_lists_below_say_what_each_day_is(language: Language, wanted: list[str]) -> None:
    """Names and documents of days off, reports with their parties, deletions by count and day: no name of anybody."""
    made = page(_year(deletions=DELETIONS), language)

    assert [one for one in wanted if one not in made] == []
    assert f'<html lang="{language}">' in made
    assert "NOT CONFIRMED" not in made
    assert "CHƯA XÁC NHẬN" not in made


def test_an_unconfirmed_year_says_so_above_the_months() -> None:
    """Contract §6: the days of 2027 follow the general rule until the government publishes them."""
    made = page(_year(2027), "vi")

    assert "<b>CHƯA XÁC NHẬN.</b> Lịch nghỉ năm 2027 chưa được xác nhận" in made
    assert made.index("CHƯA XÁC NHẬN") < made.index("<caption>")
    assert listed(_year(2027)).notes[0].en.startswith("The days off of 2027 are not confirmed")
    assert listed(_year(2026)).notes == ()


def test_a_text_without_days_and_a_year_without_deletions_say_so() -> None:
    """Bình Định orders no report and nothing is to be deleted: the page says none, twice."""
    policy = world.policy("binhdinh-kkt-2017")
    made = page(Year(2026, policy, (), {}), "vi")

    assert made.count("<p>Không có.</p>") == 2


def test_nothing_in_a_calendar_becomes_markup() -> None:
    """The file is the customer's: what it says is text, an identity number in it is replaced."""
    policy = world.policy()
    special = {date(2026, 3, 2): Special(Text("<b>x</b>\u202e", "y"), "số 036090001234")}
    policy = replace(policy, calendar=replace(policy.calendar, special=special))
    made = page(Year(2026, policy, (), {}), "vi")

    assert "&lt;b&gt;x&lt;/b&gt;" in made
    assert "\u202e" not in made
    assert "036090001234" not in made
    assert "<script" not in made


def test_the_list_of_special_days_is_in_the_order_of_days() -> None:
    """text, CSV and XLSX hold the same: days off, make-up days, reports and deletions with their ground."""
    table = listed(_year(law="ninhbinh-2025", deletions=DELETIONS))

    assert column(table, "Day") == sorted(column(table, "Day"))
    rows = {row[0].vi: [cell.vi for cell in row[1:]] for row in table.rows}
    assert rows["10/01/2026"] == [
        "Thứ Bảy", "ngày làm bù", "Làm bù cho ngày 02/01/2026", "12729/VPCP-KGVX ngày 25/12/2025",
    ]  # fmt: skip
    assert rows["16/04/2026"] == ["Thứ Năm", "xóa hộp thư", "3 hộp thư", "–"]
    assert rows["31/12/2026"][1] == "hạn báo cáo"
    assert table.title.vi == "Lịch làm việc năm 2026"


@pytest.mark.parametrize(
    ("period", "vi", "en"),
    [
        ("2026", "năm 2026", "2026"),
        ("2026-H1", "06 tháng đầu năm 2026", "first half of 2026"),
        ("2026-H2", "06 tháng cuối năm 2026", "second half of 2026"),
        ("2026-Q4", "quý IV/2026", "quarter IV of 2026"),
        ("2026-05", "tháng 05/2026", "2026-05"),
    ],
)
def test_a_period_is_called_as_in_an_administrative_text(period: str, vi: str, en: str) -> None:
    """A report names its period in both languages."""
    assert period_name(Period.parse(period)) == Text(vi, en)
