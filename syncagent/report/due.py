"""The reports that are due as a table: until when, what, on which ground, from whom to whom, by which command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.duties import Report
from syncagent.report.table import NONE, Table, on_day, open_years, period_name, said, title_of
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from syncagent.core.duties import Duty, ReportClause
    from syncagent.core.periods import Period
    from syncagent.core.policy import Policy
    from syncagent.report.table import Row


def due(
    policy: Policy, duties: Iterable[Duty], made: Mapping[tuple[str, str], date], today: date, until: date
) -> Table:
    """Given what is due in a span of days and which reports were made when, list one report a row, soonest first.

    What the text orders without a day stands at the end.
    """
    rows = [
        _row(duty.clause, report, duty.period, (on_day(duty.day), working_day(duty)), duty.made_on(report, made))
        for duty in duties
        for report in duty.clause.served_by
    ]
    no_day = (Text("không định ngày", "no day set"), NONE)
    rows += [
        _row(clause, report, None, no_day, None)
        for clause in policy.reports()
        if not clause.due
        for report in clause.served_by
    ]
    columns = (
        Text("Hạn cuối", "Last day"), Text("Ngày làm việc cuối", "Last working day"), Text("Kỳ", "Period"),
        Text("Báo cáo", "Report"), Text("Căn cứ", "Ground"), Text("Bên lập → nơi nhận", "From → to"),
        Text("Lệnh", "Command"), Text("Đã lập", "Made"),
    )  # fmt: skip
    of, name = policy.regulation.document, title_of(Report.DUE)
    title = Text(f"{name.vi} từ {vi(today)} đến {vi(until)}, {of}", f"{name.en} from {today} to {until}, {of}")
    orders = [_order(clause) for clause in policy.reports()]
    notes = (*orders, *_incident(policy), *open_years(policy, range(today.year, until.year + 1)))
    return Table(title, columns, tuple(rows), notes)


def working_day(duty: Duty) -> Text:
    """Return the last day on which offices work until a report is due, and that the day itself is a day off."""
    if duty.working == duty.day:
        return on_day(duty.working)
    return Text(f"{vi(duty.working)} (hạn rơi vào ngày nghỉ)", f"{duty.working} (due on a day off)")


def command(report: Report, period: Period | None) -> str:
    """Return what is typed to make a report; what has no period goes without."""
    of = f" --period {period}" if period else ""
    name = f"{report}-{period}" if period else report
    return f"syncagent report {report}{of} --format xlsx --out {name}.xlsx"


def ground(clause: ReportClause) -> Text:
    """Return the rule and article of a report."""
    return said(f"{clause.cite.article} ({clause.cite.rule})")


def way(clause: ReportClause) -> Text:
    """Return who reports to whom."""
    return Text(f"{clause.by.vi} → {clause.to.vi}", f"{clause.by.en} → {clause.to.en}")


def _row(
    clause: ReportClause, report: Report, period: Period | None, days: tuple[Text, Text], made: date | None
) -> Row:
    done = on_day(made) if made or period is None else Text("chưa", "not yet")
    named = period_name(period) if period else NONE
    return (*days, named, title_of(report), ground(clause), way(clause), said(command(report, period)), done)


def _order(clause: ReportClause) -> Text:
    of = ground(clause)
    return Text(f"{of.vi}: {clause.cite.text.vi}", f"{of.en}: {clause.cite.text.en}")


def _incident(policy: Policy) -> Sequence[Text]:
    clause = policy.regulation.incident
    if clause is None:
        return ()
    return (
        Text(
            f"Khi xảy ra sự cố: trong {clause.hours:02d} giờ, {clause.by.vi} → {clause.to.vi}, {clause.cite.article} "
            f"({clause.cite.rule}). {clause.cite.text.vi}",
            f"After an incident: within {clause.hours} hours, {clause.by.en} → {clause.to.en}, {clause.cite.article} "
            f"({clause.cite.rule}). {clause.cite.text.en}",
        ),
    )
