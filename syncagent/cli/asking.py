"""Verbs that only ask: status, explain, forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, Face, within_reason
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from syncagent.core.duties import Duty, Report
    from syncagent.runs.status import Status


_TWO = 2


@click.command(help="Tình hình: các lần chạy, việc chờ duyệt, lịch xóa / Runs, pending approvals, deletion calendar.")
@click.pass_obj
def status(face: Face) -> None:
    """Show the state of affairs."""
    from syncagent.runs.status import status as ask

    with face.agent() as agent:
        found = ask(agent)
    for line in _status_lines(found):
        face.say(line)


def _status_lines(found: Status) -> list[Text]:
    lines = [Text(f"Trạng thái {found.lineage}", f"State {found.lineage}")]
    if found.doubts:
        from syncagent.runs.audit import read_only

        lines.append(read_only(found.doubts).says)
    if found.applying:
        lines.append(Text("Một kế hoạch đang được thực hiện.", "A plan is being applied."))
    elif found.interrupted:
        listed = ", ".join(found.interrupted)
        lines.append(
            Text(
                f"Bị gián đoạn khi thực hiện: {listed}. Chạy lại syncagent apply để làm tiếp, hoặc plan để xác định.",
                f"Interrupted while applying: {listed}. Run syncagent apply again to go on, or plan to settle it.",
            )
        )
    if not found.plan_id:
        lines.append(Text("Chưa có kế hoạch nào.", "There is no plan yet."))
    elif found.refused:
        lines.append(Text(f"Kế hoạch {found.plan_id}: {found.refused.vi}", f"Plan {found.plan_id}: {found.refused.en}"))
    else:
        lines.append(
            Text(
                f"Kế hoạch {found.plan_id}: {found.ready} thao tác sẵn sàng, {len(found.pending)} chờ duyệt.",
                f"Plan {found.plan_id}: {found.ready} actions ready, {len(found.pending)} wait for approval.",
            )
        )
        lines += [Text(f"  {a}: {why.vi}", f"  {a}: {why.en}") for a, why in list(found.pending.items())[:10]]
    lines.append(Text(f"Lịch xóa ({len(found.deletions)}):", f"Deletion calendar ({len(found.deletions)}):"))
    lines += [
        Text(
            f"  {vi(one.on)}  {one.subject}  khóa từ {vi(one.since)}  {one.document}",
            f"  {one.on}  {one.subject}  disabled since {one.since}  {one.document}",
        )
        for one in found.deletions
    ]
    if found.reports:
        lines.append(Text("Báo cáo đến hạn:", "Reports due:"))
        lines += [_due_line(duty, missing, found.today) for duty, missing in found.reports]
    waiting, late = found.requests
    lines.append(
        Text(
            f"Yêu cầu chờ trả lời: {waiting}, trong đó quá hạn: {late} (syncagent request list).",
            f"Requests waiting for an answer: {waiting}, late: {late} (syncagent request list).",
        )
    )
    if found.holds:
        lines.append(Text("Đang giữ nguyên:", "On hold:"))
        lines += [Text(f"  {h.subject}  {h.document}", f"  {h.subject}  {h.document}") for h in found.holds]
    if found.quarantined:
        shown = ", ".join(found.quarantined)
        lines.append(Text(f"Cách ly: {shown}", f"Quarantined: {shown}"))
    lines.append(Text("Các lần chạy gần đây:", "Last runs:"))
    for run in found.runs:
        counts = ", ".join(f"{name} {count}" for name, count in run.summary.items())
        line = f"  {run.ended_at[:16]}  {run.verb}  {run.plan_id}  {counts}"
        lines.append(Text(line, line))
    return lines


def _due_line(duty: Duty, missing: Sequence[Report], today: date) -> Text:
    from syncagent.report.due import ground, working_day
    from syncagent.report.table import period_name

    late = Text("QUÁ HẠN, chưa lập: ", "OVERDUE, not made: ") if duty.day < today else Text("", "")
    period, by, reports, cite = period_name(duty.period), working_day(duty), ", ".join(missing), ground(duty.clause)
    before = Text(f"  làm trước hết ngày {by.vi}", f"  by the end of {by.en}")
    before = Text("", "") if duty.working == duty.day else before
    return Text(
        f"  {vi(duty.day)}  {late.vi}{reports}, {period.vi}  {cite.vi}{before.vi}",
        f"  {duty.day}  {late.en}{reports}, {period.en}  {cite.en}{before.en}",
    )


@click.command(
    help="Giải thích mọi điều về một đối tượng / Everything known of one person, address or account, and why."
)
@click.argument("subject")
@AS_OF
@click.pass_obj
def explain(face: Face, subject: str, as_of: datetime | None) -> None:
    """Explain one subject."""
    from syncagent.report import as_explanation
    from syncagent.runs.explain import explain as ask

    with face.agent() as agent:
        found = ask(agent, subject, as_of.date() if as_of else None)
    click.echo(as_explanation.render(found, face.language))


@click.command(
    help="Dự báo từng ngày nếu không có gì thay đổi / What the rules will do, day by day, if nothing changes."
)
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    callback=within_reason,
    metavar="DATE",
    help="Đến ngày / Last day.",
)
@AS_OF
@click.pass_obj
def forecast(face: Face, until: datetime, as_of: datetime | None) -> None:
    """Forecast to a day."""
    from syncagent.report import as_forecast
    from syncagent.runs.forecast import forecast as ask

    with face.agent() as agent:
        start = as_of.date() if as_of else agent.today()
        if until.date() < start:
            message = f"--until {until.date()} trước ngày {start} / is before {start}"
            raise click.UsageError(message)
        found = ask(agent, until.date(), start)
    click.echo(as_forecast.render(found, face.language))


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
        message = "--regulation A --regulation B"
        raise click.UsageError(message)
    _, folder = face.settings()
    first, second = (regulation_named(folder, name) for name in names)
    with face.agent() as agent:
        found = ask(agent, first, second, as_of.date() if as_of else None, naming=with_naming)
    click.echo(as_comparison.render(found.first, found.second, found.differences, face.language))


VERBS = (status, explain, forecast, compare)
