"""Verbs that only ask: status, explain, forecast."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, DAY, Face, a_workbook_needs_a_file, deliver, within_reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syncagent.report.table import Table
    from syncagent.text import Language

_TWO = 2

_OUT = click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")


@click.command(help="Tình hình: các lần chạy, việc chờ duyệt, lịch xóa / Runs, pending approvals, deletion calendar.")
@click.pass_obj
def status(face: Face) -> None:
    """Show the state of affairs."""
    from syncagent.cli.standing import lines
    from syncagent.runs.status import status as ask

    with face.agent() as agent:
        found = ask(agent)
        zone, calendar = agent.zone, agent.policy.calendar
    for line in lines(found, zone):
        face.say(line)
    face.warn_of_open_years(calendar, [*(one.on for one in found.deletions), *(duty.day for duty, _ in found.reports)])


@click.command(
    help="Giải thích mọi điều về một đối tượng / Everything known of one person, address or account, and why."
)
@click.argument("subject")
@AS_OF
@click.option("--format", "form", type=click.Choice(["text", "html"]), default="text", help="Dạng / Form.")
@_OUT
@click.pass_obj
def explain(face: Face, subject: str, as_of: datetime | None, form: str, out: str | None) -> None:
    """Explain one subject."""
    from syncagent.report import as_explanation
    from syncagent.runs.explain import explain as ask

    with face.agent() as agent:
        found = ask(agent, subject, as_of.date() if as_of else None)
        calendar = agent.policy.calendar
    deliver((as_explanation.page if form == "html" else as_explanation.render)(found, face.language), out)
    face.warn_of_open_years(
        calendar, [*(one.then and one.then.on for one in found.actions), found.skip and found.skip.next]
    )


@click.command(
    help="Dự báo từng ngày nếu không có gì thay đổi / What the rules will do, day by day, if nothing changes."
)
@click.option(
    "--until",
    required=True,
    type=DAY,
    callback=within_reason,
    metavar="DATE",
    help="Đến ngày / Last day.",
)
@AS_OF
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "html", "xlsx"]),
    default="text",
    help="Dạng; xlsx cần --out / Form; xlsx needs --out.",
)
@_OUT
@click.pass_obj
def forecast(face: Face, until: datetime, as_of: datetime | None, form: str, out: str | None) -> None:
    """Forecast to a day."""
    from syncagent.report import as_forecast, as_table, forecast_calendar
    from syncagent.runs.forecast import forecast as ask

    a_workbook_needs_a_file(form, out)
    with face.agent() as agent:
        start = as_of.date() if as_of else agent.today()
        if until.date() < start:
            message = f"--until {until.date()} trước ngày {start} / is before {start}"
            raise click.UsageError(message)
        found = ask(agent, until.date(), start)
        known = agent.policy.calendar
    face.warn_of_open_years(known, [date(year, 1, 1) for year in range(start.year, until.year + 1)])
    if form == "text":
        deliver(as_forecast.render(found, face.language), out)
        return
    if form == "html":
        deliver(forecast_calendar.page(found, start, until.date(), known, face.language), out)
        return
    forms: dict[str, Callable[[Table, Language], str | bytes]] = {
        "csv": as_table.comma_separated,
        "xlsx": as_table.workbook,
    }
    deliver(forms[form](as_forecast.table(found), face.language), out)


@click.command(
    help="So sánh hai quy chế trên cùng danh sách / How many and which people two regulations treat differently today."
)
@click.option(
    "--regulation",
    "names",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Quy chế, ghi hai lần / A name under mappings/regulations/, or a path; twice.",
)
@click.option("--with-naming", is_flag=True, help="So cả cách đặt tên / Let each build addresses its own way, too.")
@AS_OF
@click.pass_obj
def compare(face: Face, names: tuple[str, ...], as_of: datetime | None, *, with_naming: bool) -> None:
    """Compare two regulations."""
    from syncagent.report import as_comparison
    from syncagent.runs.compare import compare as ask
    from syncagent.wiring import regulation_named

    if len(names) != _TWO:
        message = "cần đúng hai / takes two: --regulation A --regulation B"
        raise click.UsageError(message)
    _, folder = face.settings()
    first, second = (regulation_named(folder, name) for name in names)
    with face.agent() as agent:
        found = ask(agent, first, second, as_of.date() if as_of else None, naming=with_naming)
    click.echo(as_comparison.render(found.first, found.second, found.differences, face.language, naming=with_naming))


VERBS = (status, explain, forecast, compare)
