"""Verbs by which people decide: approve, reject, roster accept, hold, release."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.cli.face import Face

_BY = click.option("--by", required=True, metavar="NAME", help="Người quyết định / Who decides.")


def _counts(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        brake, _equals, count = value.rpartition("=")
        if not brake or not (count.isascii() and count.isdigit()):
            message = f"{value!r} is not BRAKE=COUNT, as disable-count=37"
            raise click.BadParameter(message)
        found[brake] = int(count)
    return found


@click.command(help="Duyệt một kế hoạch, hoặc một phần / Approve a plan, or the actions chosen from it.")
@click.argument("plan_name", metavar="PLAN")
@_BY
@click.option("--order", default="", metavar="NUMBER", help="Số văn bản yêu cầu / Number of the written order.")
@click.option("--only", multiple=True, metavar="ID", help="Chỉ duyệt các thao tác này / Approve only these actions.")
@click.option("--except", "but", multiple=True, metavar="ID", help="Trừ các thao tác này / Approve all but these.")
@click.option(
    "--accept-brake",
    "accepted",
    multiple=True,
    callback=_counts,
    metavar="BRAKE=COUNT",
    help="Chấp nhận đúng số này của một phanh / Let a tripped brake pass, with its exact count.",
)
@click.pass_obj
def approve(
    face: Face,
    plan_name: str,
    by: str,
    order: str,
    only: tuple[str, ...],
    but: tuple[str, ...],
    accepted: dict[str, int],
) -> None:
    """Record an approval."""
    from syncagent.cli.log import event
    from syncagent.runs.approve import approve as record

    chosen, excepted = _ids(only), _ids(but)
    with face.agent() as agent:
        decision, waiting = record(agent, plan_name, by, order=order, only=chosen, but=excepted, accepted=accepted)
    event("approved", plan_id=decision.plan_id, actions=len(decision.actions))
    face.say(
        Text(
            f"{decision.by} đã duyệt {len(decision.actions)} thao tác của kế hoạch {decision.plan_id}. Thực hiện bằng: "
            f"syncagent apply {decision.plan_id}",
            f"{decision.by} approved {len(decision.actions)} actions of plan {decision.plan_id}. Carry out with: "
            f"syncagent apply {decision.plan_id}",
        )
    )
    if waiting:
        face.say(
            Text(
                f"{waiting} thao tác của kế hoạch còn chờ người duyệt khác, hoặc chờ nêu đích danh.",
                f"Actions that still wait for another approver, or to be named: {waiting}.",
            )
        )


def _ids(values: tuple[str, ...]) -> list[str]:
    return [part for value in values for part in value.replace(",", " ").split()]


@click.command(help="Từ chối một kế hoạch / Reject a plan; it can never be applied.")
@click.argument("plan_name", metavar="PLAN")
@_BY
@click.option("--reason", required=True, metavar="WHY", help="Lý do / Why.")
@click.pass_obj
def reject(face: Face, plan_name: str, by: str, reason: str) -> None:
    """Record a rejection."""
    from syncagent.cli.log import event
    from syncagent.runs.approve import reject as record

    with face.agent() as agent:
        decision = record(agent, plan_name, by, reason)
    event("rejected", plan_id=decision.plan_id)
    face.say(
        Text(
            f"{decision.by} đã từ chối kế hoạch {decision.plan_id}.",
            f"{decision.by} rejected plan {decision.plan_id}.",
        )
    )


@click.group(help="Danh sách nhân sự / The personnel roster.")
def roster() -> None:
    """Group the verbs about the roster."""


@roster.command(help="Cho một danh sách bất thường qua một lần / Let a doubtful roster pass once.")
@click.argument("digest")
@_BY
@click.option("--reason", required=True, metavar="WHY", help="Vì sao danh sách đúng / Why it is right.")
@click.pass_obj
def accept(face: Face, digest: str, by: str, reason: str) -> None:
    """Record that a roster may pass."""
    from syncagent.runs.approve import accept_roster

    with face.agent() as agent:
        accept_roster(agent, digest, by, reason)
    face.say(
        Text(
            "Danh sách được cho qua một lần. Lập kế hoạch bằng: syncagent plan",
            "The roster may pass once. Make the plan with: syncagent plan",
        )
    )


@click.command(help="Giữ nguyên một người, đơn vị hoặc địa chỉ / Legal hold: nothing is done to the subject.")
@click.argument("subject")
@click.option("--document", required=True, metavar="NUMBER", help="Số văn bản / The document that orders it.")
@click.option("--by", default=getpass.getuser, metavar="NAME", help="Người quyết định / Who decides.")
@click.pass_obj
def hold(face: Face, subject: str, document: str, by: str) -> None:
    """Place a hold."""
    from syncagent.runs.approve import hold as place

    with face.agent() as agent:
        known = place(agent, subject, document, by)
        subject = agent.known_as(subject)
    face.say(Text(f"“{subject}” được giữ nguyên theo {document}.", f"“{subject}” is on hold by {document}."))
    if not known:
        face.warn(
            Text(
                f"Chú ý: hiện không có người, đơn vị, địa chỉ, tài khoản hay nhóm nào tên “{subject}”; hãy kiểm tra "
                "chính tả.",
                f"Mind: there is no person, unit, address, account or group called “{subject}” now; check the "
                "spelling.",
            )
        )


@click.command(help="Gỡ lệnh giữ / Lift the holds on a subject.")
@click.argument("subject")
@click.option("--by", default=getpass.getuser, metavar="NAME", help="Người quyết định / Who decides.")
@click.pass_obj
def release(face: Face, subject: str, by: str) -> None:
    """Lift a hold."""
    from syncagent.runs.approve import release as lift

    with face.agent() as agent:
        lift(agent, subject, by)
        subject = agent.known_as(subject)
    face.say(Text(f"Đã gỡ lệnh giữ “{subject}”.", f"“{subject}” is no longer on hold."))


VERBS = (approve, reject, roster, hold, release)
