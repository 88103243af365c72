"""What is due as a table: the day, the working day before it, the ground, the parties, the command, what is made."""

from __future__ import annotations

from datetime import date

import world
from offices import column, words_of

from syncagent.core.duties import duties
from syncagent.core.periods import Length
from syncagent.report.due import due
from syncagent.report.table import Table


def _due(law: str, first: date, last: date, made: dict[tuple[str, str], date] | None = None) -> Table:
    policy = world.policy(law, account_review=Length.HALF_YEAR)
    return due(policy, duties(policy.reports(), first, last, policy.calendar), made or {}, first, last)


def test_each_report_due_is_a_row_with_its_command() -> None:
    """NB-42: the whole row, and the yearly address list (NB-41) and NB-35, which have no day, at the end."""
    made = {("counts", "2026"): date(2026, 12, 1)}
    table = _due("ninhbinh-2025", date(2026, 12, 1), date(2026, 12, 20), made)

    assert table.title.vi == "Báo cáo đến hạn từ 01/12/2026 đến 20/12/2026, 162/2025/QĐ-UBND"
    assert [[cell.vi for cell in row] for row in table.rows] == [
        [
            "14/12/2026", "14/12/2026", "năm 2026", "Số lượng hộp thư", "Điều 11 khoản 7 (NB-42)",
            "Cơ quan, đơn vị → Sở Khoa học và Công nghệ",
            "syncagent report counts --period 2026 --format xlsx --out counts-2026.xlsx", "01/12/2026",
        ],
        [
            "14/12/2026", "14/12/2026", "năm 2026", "Tỷ lệ sử dụng hộp thư cá nhân", "Điều 11 khoản 7 (NB-42)",
            "Cơ quan, đơn vị → Sở Khoa học và Công nghệ",
            "syncagent report usage --period 2026 --format xlsx --out usage-2026.xlsx", "chưa",
        ],
        *(
            [
                "không định ngày", "–", "–", title, "Điều 10 khoản 1 điểm đ (NB-35)",
                "Sở Khoa học và Công nghệ → Ủy ban nhân dân tỉnh",
                f"syncagent report {name} --format xlsx --out {name}.xlsx", "–",
            ]
            for name, title in (("counts", "Số lượng hộp thư"), ("usage", "Tỷ lệ sử dụng hộp thư cá nhân"))
        ),
        [
            "không định ngày", "–", "–", "Danh sách địa chỉ thư điện tử công vụ", "Điều 11 khoản 5 (NB-41)",
            "Cơ quan, đơn vị → Cổng, trang thông tin điện tử của cơ quan",
            "syncagent report addresses --format xlsx --out addresses.xlsx", "–",
        ],
    ]  # fmt: skip


def test_a_due_day_off_says_so_and_names_the_working_day() -> None:
    """DN-30: 19 July 2026 is a Sunday; the last working day is Friday the 17th."""
    table = _due("danang-2017", date(2026, 7, 1), date(2026, 7, 31))

    assert column(table, "Last working day")[2:4] == ["2026-07-17 (due on a day off)"] * 2
    assert column(table, "Period")[:4] == ["first half of 2026"] * 4


def test_the_notes_hold_what_is_ordered_and_the_hours_of_an_incident() -> None:
    """DN-33 (Điều 11.2.h): within eight hours, by people; each clause is in the notes in its own words."""
    notes = "\n".join(note.en for note in _due("danang-2017", date(2026, 7, 1), date(2026, 7, 31)).notes)

    assert "After an incident: within 8 hours, the Centre for IT infrastructure → the department" in notes
    assert "(DN-34): The Centre reports on operation and use" in notes
    assert "TCVN 14423:2026" in notes
    assert "not confirmed" not in notes
    assert "incident" not in words_of(_due("ninhbinh-2025", date(2026, 7, 1), date(2026, 7, 31)))


def test_every_year_that_is_not_confirmed_is_named() -> None:
    """Contract §6: working days warn for a year whose swaps are not published."""
    notes = _due("ninhbinh-2025", date(2026, 7, 1), date(2028, 7, 31)).notes

    assert notes[-1].en.startswith("The days off of 2027, 2028 are not confirmed")
