"""Verbs around a plan: check, plan, show, apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, Face, a_workbook_needs_a_file, deliver, sheets_need_a_workbook
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from syncagent.core.plan import Envelope, Plan
    from syncagent.core.regulation import Regulation
    from syncagent.runs.agent import Agent

_CHANGES_PENDING = 10
_INTERRUPTED = 130
_REFUSED = 5
_INCOMPLETE = 6

_FORMS = ["text", "json", "html", "summary", "xlsx", "csv", "ldif"]
_SIGNED = "signed"
_OF_A_UNIT = ("text", "html", "xlsx")

_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    help="Dạng báo cáo; summary là một trang HTML để ký; xlsx cần --out / Form of the report; summary is one page of "
    "HTML to sign; xlsx needs --out.",
)
_BY_UNIT = click.option(
    "--by-unit", is_flag=True, help="Mỗi đơn vị một trang tính (xlsx) / A sheet for each unit (xlsx)."
)
_OUT = click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")
_SKIPS = click.option(
    "--with-skips",
    is_flag=True,
    help="Liệt kê cả người không thay đổi (JSON) / List whoever was left alone (JSON).",
)


@click.command(help="Kiểm tra cấu hình, quy chế và danh sách / Validate configuration, mappings and roster.")
@click.option(
    "--drift",
    is_flag=True,
    help="Đối chiếu thêm các thư mục với những gì đã thực hiện; 5 nếu lệch / Compare the directories with what was "
    "applied, too; exit 5 if they differ.",
)
@click.pass_obj
def check(face: Face, *, drift: bool) -> int:
    """Read everything a plan would read, and say what is wrong with it."""
    from datetime import timedelta

    from syncagent.core.admit import admit
    from syncagent.core.ledger import Ledger
    from syncagent.core.routing import admit_routes
    from syncagent.keys import pseudonyms_of
    from syncagent.targets import targets_of
    from syncagent.wiring import now, policy_of, recorded_requests, roster_of

    settings, folder = face.settings()
    policy = policy_of(settings, folder)
    pseudonyms = pseudonyms_of(settings, folder, lasting=False)
    source = roster_of(settings, folder, pseudonyms)
    rows = source.read().with_recorded(recorded_requests(settings, folder))
    today = now().astimezone(settings.zone).date()
    roster = admit(rows, Ledger(), policy.brakes.roster, timedelta.max, today, now())
    admit_routes(policy.targets, rows.units, roster.units)
    for before, after in source.legacy_sample():
        click.echo(f"  {before}  →  {after}")
    for file, names in source.unused():
        listed = ", ".join(f"“{name}”" for name in names)
        face.say(Text(f"{file}: các cột không dùng đến: {listed}.", f"{file}: columns that are not used: {listed}."))
    for finding in roster.findings:
        where = f"{finding.where}: " if finding.where else ""
        click.echo(f"{where}{finding.message.within(face.language)} [{finding.code}]")
    for name, target in targets_of(settings, folder, policy, pseudonyms).items():
        accounts = target.read().accounts
        face.say(
            Text(
                f"Thư mục “{name}” đọc được: {len(accounts)} tài khoản.",
                f"Directory “{name}” is readable; accounts: {len(accounts)}.",
            )
        )
        _warn_of_domains(face, name, [account.address for account in accounts], policy.regulation)
    age = now() - rows.exported_at
    if age > policy.freshness:
        face.warn(
            Text(
                f"Chú ý: danh sách đã cũ {age.days} ngày (cho phép {policy.freshness.days}); plan sẽ từ chối.",
                f"Mind: the roster is {age.days} days old ({policy.freshness.days} allowed); plan will refuse it.",
            )
        )
    people, faulty = len(roster.people) + len(roster.coming), len(roster.quarantined)
    face.say(
        Text(
            f"Cấu hình, quy chế {policy.regulation.id} và danh sách đọc được: {people} người, "
            f"{len(roster.units.by_key)} đơn vị, {len(roster.requests)} yêu cầu; {faulty} người hoặc đơn vị có dòng "
            f"lỗi, {len(roster.findings)} điều cần xem.",
            f"Configuration, regulation {policy.regulation.id} and roster are readable. People: {people}, units: "
            f"{len(roster.units.by_key)}, requests: {len(roster.requests)}, faulty: {faulty}, findings: "
            f"{len(roster.findings)}.",
        )
    )
    if not drift:
        return 0
    from syncagent.cli.auditing import say_against

    with face.agent() as agent:
        return max(say_against(face, agent, name) for name in sorted(agent.targets))


def _warn_of_domains(face: Face, target: str, addresses: Iterable[str], regulation: Regulation) -> None:
    """Say that most addresses of a directory are of another domain than the regulation issues: is it the right one?"""
    from collections import Counter

    ours = regulation.naming.domain
    counted = Counter(address.rpartition("@")[2].lower() for address in addresses if address)
    if 2 * counted[ours] >= counted.total():
        return
    others = ", ".join(f"{domain} ({count})" for domain, count in sorted(counted.items()) if domain != ours)
    face.warn(
        Text(
            f"Chú ý: quy chế {regulation.id} cấp địa chỉ @{ours}, nhưng phần lớn hộp thư của thư mục “{target}” thuộc "
            f"tên miền khác: {others}. Vừa đổi regulation thì hãy đổi cả targets.{target}.directory và danh sách "
            "(docs/how-to/change-the-regulation.md).",
            f"Mind: regulation {regulation.id} issues addresses @{ours}, but most mailboxes of directory “{target}” "
            f"are of another domain: {others}. After a change of regulation, change targets.{target}.directory and the "
            "roster, too (docs/how-to/change-the-regulation.md).",
        )
    )


@click.command(
    help="Lập kế hoạch và lưu lại; không ghi gì vào thư mục / Decide, and keep the plan; writes to no target."
)
@AS_OF
@_FORMAT
@_OUT
@_SKIPS
@_BY_UNIT
@click.option("--exit-code", is_flag=True, help="Trả về 10 nếu có thay đổi / Exit 10 if changes are pending.")
@click.pass_obj
def plan(
    face: Face,
    as_of: datetime | None,
    form: str,
    out: str | None,
    *,
    with_skips: bool,
    by_unit: bool,
    exit_code: bool,
) -> int:
    """Make a plan and show it."""
    from syncagent.cli.log import event
    from syncagent.runs.plan import make_plan

    a_workbook_needs_a_file(form, out)
    sheets_need_a_workbook(form, by_unit=by_unit)
    with face.agent() as agent:
        made, envelope = make_plan(agent, as_of.date() if as_of else None)
        shown = render(face, agent, made, envelope, form, with_skips=with_skips, by_unit=by_unit)
    event(
        "planned",
        plan_id=envelope.plan_id,
        serial=envelope.serial,
        actions=len(made.actions),
        findings=len(made.findings),
        brakes="tripped" if made.brakes.tripped else "clear",
    )
    deliver(shown, out)
    if out not in {None, "-"}:
        face.say(
            Text(
                f"Kế hoạch {envelope.plan_id} ({len(made.actions)} thao tác, {len(made.findings)} điều cần xem) đã ghi "
                f"vào {out}. Xem xong thì duyệt: syncagent approve {envelope.plan_id} --by TÊN",
                f"Plan {envelope.plan_id} is in {out}; actions: {len(made.actions)}, findings: {len(made.findings)}. "
                f"Once reviewed: syncagent approve {envelope.plan_id} --by NAME",
            )
        )
    return _CHANGES_PENDING if exit_code and made.actions else 0


@click.command(
    help="Xem lại một kế hoạch và chữ ký của nó / Show a plan, and whether its signature holds: id, unique prefix, "
    "`latest`, or a file (JSON, signed)."
)
@click.argument("plan_name", metavar="PLAN")
@click.option(
    "--format",
    "form",
    type=click.Choice([*_FORMS, _SIGNED]),
    default="text",
    help="Dạng báo cáo; summary là một trang HTML để ký, signed là kế hoạch kèm chữ ký / Form of the report; summary "
    "is one page of HTML to sign, signed the plan with its signature.",
)
@_OUT
@_SKIPS
@_BY_UNIT
@click.option(
    "--unit",
    default="",
    metavar="UNIT",
    help="Trích để gửi đơn vị: chỉ thao tác và phát hiện của đơn vị đó và các đơn vị bên dưới (text, html, xlsx) / An "
    "extract to send out: actions and findings of one unit and those below it only (text, html, xlsx).",
)
@click.pass_obj
def show(face: Face, plan_name: str, form: str, out: str | None, unit: str, *, with_skips: bool, by_unit: bool) -> None:
    """Render a stored plan again, or what of it concerns one unit."""
    from syncagent.runs.plan_file import shown, signed

    a_workbook_needs_a_file(form, out)
    sheets_need_a_workbook(form, by_unit=by_unit)
    if unit and (form not in _OF_A_UNIT or by_unit):
        message = f"--unit chỉ dùng với --format {', '.join(_OF_A_UNIT)} / goes with these forms only"
        raise click.UsageError(message)
    with face.agent() as agent:
        made, envelope, says = shown(agent, plan_name)
        face.warn(says)
        if unit:
            deliver(_extracted(face, agent, made, envelope, unit, form), out)
        elif form == _SIGNED:
            deliver(signed(agent, envelope.plan_id), out)
        else:
            deliver(render(face, agent, made, envelope, form, with_skips=with_skips, by_unit=by_unit), out)


def _extracted(face: Face, agent: Agent, made: Plan, envelope: Envelope, unit: str, form: str) -> str | bytes:
    """Return what of a plan concerns a unit; say how many findings no extract holds."""
    from syncagent.report import as_table
    from syncagent.report.extract import tables, titled
    from syncagent.runs.extract import extract

    found = extract(agent, made, _for_people(agent, made, envelope), unit)
    if found.unplaced:
        face.warn(
            Text(
                f"{found.unplaced} phát hiện của kế hoạch chưa rõ thuộc đơn vị nào nên không có trong bản trích nào.",
                f"Findings of the plan that belong to no known unit, and stand in no extract: {found.unplaced}.",
            )
        )
    parts = tables(found)
    if form == "xlsx":
        return as_table.workbooks(parts, face.language)
    if form == "html":
        return as_table.pages(titled(found), parts, face.language)
    return "\n\n".join(as_table.text(part, face.language) for part in parts)


@click.command(help="Thực hiện đúng những gì đã duyệt / Carry out exactly what was approved; resumes if interrupted.")
@click.argument("plan_name", metavar="PLAN")
@click.pass_obj
def apply(face: Face, plan_name: str) -> int:
    """Apply the approved actions of a plan."""
    from dataclasses import replace

    from syncagent.cli.signals import finishing

    with face.agent() as agent, finishing() as interrupted:
        return apply_and_say(face, replace(agent, interrupted=interrupted), plan_name)


def apply_and_say(face: Face, agent: Agent, plan_name: str) -> int:
    """Apply a plan, say what became of it, and return the exit code."""
    from collections import Counter

    from syncagent.cli.log import event
    from syncagent.core.outcome import Result
    from syncagent.core.spoken import RESULTS
    from syncagent.runs.apply import apply as carry_out

    done = carry_out(agent, plan_name)
    counted = Counter(str(outcome.result) for outcome in done.outcomes)
    event("applied", plan_id=done.envelope.plan_id, **{name.replace("-", "_"): n for name, n in counted.items()})
    for outcome in done.outcomes:
        if outcome.result is not Result.DONE:
            how = RESULTS[outcome.result].within(face.language)
            click.echo(f"{outcome.action_id} {how} [{outcome.result}]: {outcome.says.within(face.language)}", err=True)
        elif note := outcome.says.within(face.language):
            click.echo(f"{outcome.action_id}: {note}", err=True)
    waiting = len(done.waiting)
    vi_waiting, en_waiting = (f"; {waiting} thao tác còn chờ duyệt", f"; {waiting} still wait") if waiting else ("", "")
    face.say(
        Text(
            f"Đã thực hiện {counted['done']} trên {len(done.outcomes)} thao tác của kế hoạch "
            f"{done.envelope.plan_id}{vi_waiting}.",
            f"{counted['done']} of {len(done.outcomes)} actions of plan {done.envelope.plan_id} "
            f"carried out{en_waiting}.",
        )
    )
    if done.stopped:
        face.warn(
            Text(
                f"Đã dừng sau bước đang làm: {done.stopped.vi}. Làm tiếp bằng: syncagent apply {done.envelope.plan_id}",
                f"Stopped after the current step: {done.stopped.en}. Go on with: syncagent apply "
                f"{done.envelope.plan_id}",
            )
        )
        return _INTERRUPTED
    if done.complete:
        return 0
    return _REFUSED if done.untouched else _INCOMPLETE


def render(
    face: Face,
    agent: Agent,
    made: Plan,
    envelope: Envelope,
    form: str,
    *,
    with_skips: bool = False,
    by_unit: bool = False,
) -> str | bytes:
    """Return a plan in one of its forms; what people read shows moments in their zone, and commands as they count."""
    if form == "json":
        from syncagent.report import as_json

        return as_json.render(made, envelope, with_skips=with_skips)
    if form == "ldif":
        from syncagent.report import as_ldif

        return as_ldif.render(made, envelope, {name: one.directory for name, one in agent.policy.targets.items()})
    envelope = _for_people(agent, made, envelope)
    if form == "html":
        from syncagent.report import as_html
        from syncagent.report.inputs import unit_names

        return as_html.render(made, envelope, face.language, unit_names(made))
    if form == "summary":
        from syncagent.report import as_summary

        return as_summary.render(made, envelope, face.language)
    if form in {"xlsx", "csv"}:
        from syncagent.report import as_table, per_unit, sheets

        if form == "csv":
            return as_table.comma_separated(sheets.actions(made), face.language)
        parts = per_unit.of_plan(made, envelope) if by_unit else sheets.sheets(made, envelope)
        return as_table.workbooks(parts, face.language)
    from syncagent.report import as_text

    return as_text.render(made, envelope, face.language, width=face.width, color=face.color)


def _for_people(agent: Agent, made: Plan, envelope: Envelope) -> Envelope:
    from dataclasses import replace

    from syncagent.runs.verdicts import keyed

    created, expires = (moment.astimezone(agent.zone) for moment in (envelope.created_at, envelope.expires_at))
    return replace(envelope, created_at=created, expires_at=expires, keyed=keyed(agent, made))


@click.command(help="Lập kế hoạch đảo lại một kế hoạch đã thực hiện / Propose the plan that takes an applied one back.")
@click.argument("plan_name", metavar="RUN")
@_FORMAT
@_OUT
@click.pass_obj
def undo(face: Face, plan_name: str, form: str, out: str | None) -> None:
    """Make the inverse of an applied plan and show it; it is approved and applied like any other."""
    from syncagent.cli.log import event
    from syncagent.runs.undo import make_undo

    a_workbook_needs_a_file(form, out)
    with face.agent() as agent:
        made, envelope = make_undo(agent, plan_name)
        shown = render(face, agent, made, envelope, form)
    event("undo", plan_id=envelope.plan_id, undoes=made.undoes, actions=len(made.actions))
    deliver(shown, out)


VERBS = (check, plan, show, apply, undo)
