"""A table that people read, print or open in a spreadsheet: every cell is a text in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syncagent.core.duties import Report
from syncagent.core.periods import Length
from syncagent.core.remarks import of_open_years
from syncagent.report import words
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from syncagent.core.action import Cite
    from syncagent.core.periods import Period, Term
    from syncagent.core.policy import Policy
    from syncagent.core.survey import View

Row = tuple[Text, ...]

NONE: Final = Text("–", "–")

TITLES: Final[Mapping[Report, Text]] = {
    Report.ADDRESSES: Text("Danh sách địa chỉ thư điện tử công vụ", "Official mail addresses"),
    Report.DEFAULT_PASSWORDS: Text(
        "Hộp thư chưa đổi mật khẩu mặc định", "Mailboxes with an unchanged default password"
    ),
    Report.OLD_PASSWORDS: Text("Hộp thư không đổi mật khẩu", "Mailboxes with an unchanged password"),
    Report.COUNTS: Text("Số lượng hộp thư", "Mailboxes"),
    Report.CHANGES: Text("Thay đổi của hộp thư", "Changes of mailboxes"),
    Report.USAGE: Text("Tỷ lệ sử dụng hộp thư cá nhân", "Use of personal mailboxes"),
    Report.REVIEW: Text("Rà soát tài khoản", "Account review"),
    Report.DELETIONS: Text("Lịch xóa hộp thư", "Calendar of deletions"),
    Report.DUE: Text("Báo cáo đến hạn", "Reports due"),
    Report.CALENDAR: Text("Lịch làm việc", "Working calendar"),
}

_QUARTERS = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Table:
    """One report: what it is, the heading of each column, the cells row by row, and what must be known to read it."""

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...]


def titled(view: View, title: Text, columns: tuple[Text, ...], rows: Iterable[Row], notes: tuple[Text, ...]) -> Table:
    """Return a table that says for which day and unit it is, and whether its regulation is in force by then."""
    regulation, today = view.policy.regulation, view.today
    if today < regulation.in_force:
        early = Text(
            f"{regulation.document} có hiệu lực từ {vi(regulation.in_force)}.",
            f"{regulation.document} is in force from {regulation.in_force}.",
        )
        notes = (*notes, early)
    of = f" – {view.roster.units.full_name(view.within)}" if view.within else ""
    named = Text(f"{title.vi}{of}, ngày {vi(today)}", f"{title.en}{of}, on {today}")
    return Table(named, columns, tuple(rows), notes)


def basis(view: View, report: Report) -> tuple[Text, ...]:
    """Return the clauses of this regulation that a report serves; none where it orders none."""
    return tuple(cited(view, clause.cite) for clause in view.policy.regulation.reports if report in clause.served_by)


def cited(view: View, cite: Cite) -> Text:
    """Return what a clause orders, as the ground of a report."""
    of = view.policy.regulation.document
    return Text(
        f"Căn cứ {cite.article} ({of}; {cite.rule}): {cite.text.vi}",
        f"{cite.article} ({of}; {cite.rule}): {cite.text.en}",
    )


def open_years(policy: Policy, years: Iterable[int]) -> tuple[Text, ...]:
    """Say of which years the days off are not confirmed yet, or not known."""
    return tuple(one.text for one in of_open_years(policy.calendar, years))


def said(text: str) -> Text:
    """Return a name, an address or a number of a document: the same in both languages."""
    return Text(text, text)


def on_day(day: date | None) -> Text:
    """Return a day as each language writes it, a dash where it is not known."""
    return Text(vi(day), f"{day}") if day else NONE


def counted(count: int) -> Text:
    """Return a count as each language writes it."""
    return Text(words.number(count, "vi"), words.number(count, "en"))


def span(least: str, most: str) -> Text:
    """Return two bounds as a range, one number where they agree."""
    return said(least if least == most else f"{least}–{most}")


def title_of(report: Report, period: Period | None = None) -> Text:
    """Return what a report is called, with the period it is for."""
    title, named = TITLES[report], period_name(period) if period else None
    return Text(f"{title.vi}, {named.vi}", f"{title.en}, {named.en}") if named else title


def period_name(period: Period) -> Text:
    """Return a reporting period as an administrative text names it."""
    year, number = period.year, period.number
    if period.length is Length.YEAR:
        return Text(f"năm {year}", f"{year}")
    if period.length is Length.HALF_YEAR:
        half = Text("đầu", "first") if number == 1 else Text("cuối", "second")
        return Text(f"06 tháng {half.vi} năm {year}", f"{half.en} half of {year}")
    if period.length is Length.QUARTER:
        return Text(f"quý {_QUARTERS[number - 1]}/{year}", f"quarter {_QUARTERS[number - 1]} of {year}")
    return Text(f"tháng {number:02d}/{year}", f"{year}-{number:02d}")


def lasting(term: Term) -> Text:
    """Return a term of months or calendar days in words."""
    if term.months:
        return Text(f"{term.months:02d} tháng", f"{term.months} months")
    return Text(f"{term.days:02d} ngày", f"{term.days} days")
