"""The verb of the periodic reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, DAY, Face, a_workbook_needs_a_file, deliver, sheets_need_a_workbook, within_reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from syncagent.core.duties import Report
    from syncagent.core.periods import Period
    from syncagent.report.table import Table
    from syncagent.runs.agent import Agent
    from syncagent.text import Language

NAMES = (
    "addresses",
    "default-passwords",
    "old-passwords",
    "counts",
    "changes",
    "usage",
    "review",
    "deletions",
    "due",
    "calendar",
)
_WITH_LAST_USE = "review"
_DUE = "due"
_A_YEAR = 12


def _period(_: click.Context, __: click.Parameter, text: str | None) -> Period | None:
    from syncagent.core.periods import Period

    try:
        return Period.parse(text) if text else None
    except ValueError as error:
        message = f"{text}: kỳ được ghi như / a period is written as 2026, 2026-H1, 2026-Q3, 2026-11"
        raise click.BadParameter(message) from error


@click.command(
    help="Báo cáo định kỳ theo quy chế; không ghi gì vào thư mục / The periodic reports of the regulation; writes to "
    f"no target. NAME: {', '.join(NAMES)}."
)
@click.argument("name", metavar="NAME", type=click.Choice(NAMES))
@click.option(
    "--period",
    callback=_period,
    metavar="PERIOD",
    help="Kỳ báo cáo: 2026, 2026-H1, 2026-Q3, 2026-11 / Reporting period; default: the one in which the day lies.",
)
@AS_OF
@click.option(
    "--until",
    type=DAY,
    callback=within_reason,
    metavar="DATE",
    help="Đến ngày (due); mặc định 12 tháng tới / Last day (due); default: the coming twelve months.",
)
@click.option(
    "--unit",
    default="",
    metavar="UNIT",
    help="Chỉ một đơn vị và các đơn vị bên dưới (trừ due, calendar) / One unit and those below it only (not due, "
    "calendar).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "html", "xlsx"]),
    default="text",
    help="Dạng báo cáo; xlsx cần --out / Form of the report; xlsx needs --out.",
)
@click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")
@click.option("--by-unit", is_flag=True, help="Mỗi đơn vị một trang tính (xlsx) / A sheet for each unit (xlsx).")
@click.option(
    "--with-last-use",
    is_flag=True,
    help="Kèm ngày dùng lần cuối, dữ liệu nhạy cảm (review) / With the day of last use, which is sensitive (review).",
)
@click.pass_obj
def report(
    face: Face,
    name: str,
    period: Period | None,
    as_of: datetime | None,
    until: datetime | None,
    unit: str,
    form: str,
    out: str | None,
    *,
    by_unit: bool,
    with_last_use: bool,
) -> None:
    """Make one report."""
    from syncagent.cli.log import event
    from syncagent.core.duties import Report
    from syncagent.core.periods import add_months
    from syncagent.report import as_calendar, as_table
    from syncagent.runs import report as reports

    a_workbook_needs_a_file(form, out)
    sheets_need_a_workbook(form, by_unit=by_unit)
    if with_last_use and name != _WITH_LAST_USE:
        message = f"--with-last-use chỉ dùng với {_WITH_LAST_USE} / goes with {_WITH_LAST_USE} only"
        raise click.UsageError(message)
    if (until and name != _DUE) or (period and name == _DUE):
        message = f"--until chỉ dùng với {_DUE}, --period với báo cáo khác / only {_DUE} takes --until, others --period"
        raise click.UsageError(message)
    kind = Report(name)
    of_all = kind in {Report.DUE, Report.CALENDAR}
    if unit and of_all:
        message = f"--unit không dùng với {name} / does not go with {name}"
        raise click.UsageError(message)
    if by_unit and of_all:
        message = f"--by-unit không dùng với {name} / does not go with {name}"
        raise click.UsageError(message)
    forms: dict[str, Callable[[Table, Language], str | bytes]] = {
        "text": as_table.text,
        "csv": as_table.comma_separated,
        "html": as_table.page,
        "xlsx": _sheet_for_each_unit if by_unit else as_table.workbook,
    }
    with face.agent() as agent:
        started = agent.clock()
        today = as_of.date() if as_of else agent.today()
        of = period or reports.usual_period(agent, kind, today)
        last = until.date() if until else add_months(today, _A_YEAR)
        _refuse_nonsense(agent, kind, of, today, last)
        made = reports.report(agent, kind, today, of, until=last, with_last_use=with_last_use, unit=unit)
        if kind is Report.CALENDAR and form == "html":
            deliver(as_calendar.page(reports.year(agent, of.year), face.language), out)
        else:
            deliver(forms[form](made, face.language), out)
        if out not in {None, "-"} and not of_all and not unit:
            reports.remember(agent, kind, of, today, started, len(made.rows))
    event("reported", report=name, rows=len(made.rows), last_use=with_last_use)


def _sheet_for_each_unit(table: Table, language: Language) -> bytes:
    from syncagent.report import as_table, per_unit

    return as_table.workbooks(per_unit.of_report(table), language)


def _refuse_nonsense(agent: Agent, kind: Report, period: Period, today: date, until: date) -> None:
    """Refuse a period that has not begun, that is no year where a year is printed, or that no calendar is known for.

    Raises:
        click.UsageError: it makes no sense for this report.
    """
    from syncagent.core.duties import Report
    from syncagent.core.periods import Length

    known = agent.policy.calendar.years
    years: set[int] = set()
    if kind is Report.CALENDAR:
        years = {period.year}
        wrong = period.length is not Length.YEAR
        message = f"--period {period}: lịch được in theo năm / a calendar is printed for a year"
    elif kind is Report.DUE:
        years = {today.year, until.year}
        wrong = until < today
        message = f"--until {until} trước ngày {today} / is before {today}"
    else:
        wrong = period.first > today
        message = f"--period {period}: kỳ chưa bắt đầu vào ngày {today} / the period has not begun on {today}"
    if wrong:
        raise click.UsageError(message)
    if years - known:
        message = f"Chỉ biết lịch nghỉ các năm {min(known)}–{max(known)} / days off are known for these years only"
        raise click.UsageError(message)


VERBS = (report,)
