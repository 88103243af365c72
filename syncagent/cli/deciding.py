"""Verbs by which people decide: approve, reject, roster accept, directory accept, hold, release."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from syncagent.cli.passphrase import PASSPHRASE_FILE
from syncagent.cli.trusting import KEY_FILE, unlocked
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.cli.face import Face

_BY = click.option("--by", required=True, metavar="NAME", help="Người quyết định / Who decides.")


def _counts(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        brake, _equals, count = value.rpartition("=")
        if not brake or not (count.isascii() and count.isdigit()):
            message = f"“{value}”: ghi PHANH=SỐ, như / write BRAKE=COUNT, as disable-count=37"
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
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def approve(
    face: Face,
    plan_name: str,
    by: str,
    order: str,
    only: tuple[str, ...],
    but: tuple[str, ...],
    accepted: dict[str, int],
    key_file: str | None,
    passphrase_file: str | None,
) -> None:
    """Record an approval."""
    from syncagent.cli.log import event
    from syncagent.runs.approve import approve as record

    chosen, excepted = _ids(only), _ids(but)
    with face.agent() as agent:
        key = unlocked(key_file, passphrase_file)
        decision, ready, waiting = record(
            agent, plan_name, by, order=order, only=chosen, but=excepted, accepted=accepted, key=key
        )
    event("approved", plan_id=decision.plan_id, actions=len(decision.actions))
    face.say(
        Text(
            f"{decision.by} đã duyệt {len(decision.actions)} thao tác của kế hoạch {decision.plan_id}.",
            f"{decision.by} approved {len(decision.actions)} actions of plan {decision.plan_id}.",
        )
    )
    if waiting:
        face.say(
            Text(
                f"{waiting} thao tác còn chờ người duyệt khác, hoặc chờ nêu đích danh: syncagent status",
                f"Actions that still wait for another approver, or to be named: {waiting} (syncagent status).",
            )
        )
    if ready:
        face.say(
            Text(
                f"Thực hiện phần đã đủ người duyệt ({ready} thao tác) bằng: syncagent apply {decision.plan_id}",
                f"Carry out what is approved by enough people ({ready} actions) with: syncagent apply "
                f"{decision.plan_id}",
            )
        )


def _ids(values: tuple[str, ...]) -> list[str]:
    return [part for value in values for part in value.replace(",", " ").split()]


@click.command(help="Từ chối một kế hoạch / Reject a plan; it can never be applied.")
@click.argument("plan_name", metavar="PLAN")
@_BY
@click.option("--reason", required=True, metavar="WHY", help="Lý do / Why.")
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def reject(face: Face, plan_name: str, by: str, reason: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Record a rejection."""
    from syncagent.cli.log import event
    from syncagent.runs.approve import reject as record

    with face.agent() as agent:
        decision = record(agent, plan_name, by, reason, unlocked(key_file, passphrase_file))
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
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def accept(face: Face, digest: str, by: str, reason: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Record that a roster may pass."""
    from syncagent.runs.approve import accept_roster

    with face.agent() as agent:
        accept_roster(agent, digest, by, reason, unlocked(key_file, passphrase_file))
    face.say(
        Text(
            "Danh sách được cho qua một lần. Lập kế hoạch bằng: syncagent plan",
            "The roster may pass once. Make the plan with: syncagent plan",
        )
    )


@roster.command(
    help="Xem trước danh sách như phần mềm hiểu: các cột, những dòng đầu, lỗi; không ghi gì / The roster as it is "
    "understood: columns, the first rows, faults; writes nothing."
)
@click.option(
    "--rows",
    type=click.IntRange(1, 100_000),
    default=10,
    show_default=True,
    metavar="N",
    help="Bao nhiêu dòng đầu / How many rows.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "xlsx"]),
    default="text",
    help="Dạng; xlsx cần --out / Form; xlsx needs --out.",
)
@click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")
@click.pass_obj
def preview(face: Face, rows: int, form: str, out: str | None) -> None:
    """Show the roster before anything is decided by it."""
    from datetime import timedelta

    from syncagent.cli.face import deliver
    from syncagent.core.admit import admit
    from syncagent.core.ledger import Ledger
    from syncagent.errors import Doubtful
    from syncagent.keys import pseudonyms_of
    from syncagent.report import as_table, roster_preview
    from syncagent.wiring import now, policy_of, roster_of

    if form == "xlsx" and not out:
        raise click.UsageError("xlsx cần --out / xlsx needs --out")
    settings, folder = face.settings()
    source = roster_of(settings, folder, pseudonyms_of(settings, folder, lasting=False))
    found = source.read()
    limits = policy_of(settings, folder).brakes.roster
    today = now().astimezone(settings.zone).date()
    doubt: Doubtful | None = None
    tables = [
        roster_preview.headings(source.headings()),
        roster_preview.people(found.people, {unit.unit: unit.name for unit in found.units}, rows),
        roster_preview.places(found.units, rows),
    ]
    try:
        admitted = admit(found, Ledger(), limits, timedelta.max, today, now())
        tables.append(roster_preview.faults(admitted.findings))
    except Doubtful as error:
        doubt = error
    if form == "html":
        deliver(as_table.pages(Text("Xem trước danh sách", "Preview of the roster"), tables, face.language), out)
    elif form == "xlsx":
        deliver(as_table.workbooks(tables, face.language), out)
    else:
        deliver("\n\n\n".join(as_table.text(table, face.language) for table in tables), out)
    if doubt:
        raise doubt


@click.group(help="Máy chủ thư mục / The directory servers.")
def directory() -> None:
    """Group the verbs about the directories."""


@directory.command("accept", help="Cho máy chủ đã phục hồi qua một lần / Let a server that was put back pass once.")
@click.argument("digest")
@_BY
@click.option("--reason", required=True, metavar="WHY", help="Đã xem và thấy gì / What was looked at and found.")
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def accept_directory(
    face: Face, digest: str, by: str, reason: str, key_file: str | None, passphrase_file: str | None
) -> None:
    """Record that a directory server may pass."""
    from syncagent.runs.approve import accept_directory as record

    with face.agent() as agent:
        record(agent, digest, by, reason, unlocked(key_file, passphrase_file))
    face.say(
        Text(
            "Máy chủ được cho qua một lần. Lập kế hoạch bằng: syncagent plan",
            "The server may pass once. Make the plan with: syncagent plan",
        )
    )


@click.command(help="Giữ nguyên một người, đơn vị hoặc địa chỉ / Legal hold: nothing is done to the subject.")
@click.argument("subject")
@click.option("--document", required=True, metavar="NUMBER", help="Số văn bản / The document that orders it.")
@click.option("--by", default=getpass.getuser, metavar="NAME", help="Người quyết định / Who decides.")
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def hold(face: Face, subject: str, document: str, by: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Place a hold."""
    from syncagent.runs.approve import hold as place

    with face.agent() as agent:
        known = place(agent, subject, document, by, unlocked(key_file, passphrase_file))
        subject = agent.known_as(subject)
    if known:
        face.say(Text(f"“{subject}” được giữ nguyên theo {document}.", f"“{subject}” is on hold by {document}."))
        return
    face.say(Text(f"Đã ghi lệnh giữ “{subject}” theo {document}.", f"A hold on “{subject}” by {document} is recorded."))
    face.warn(
        Text(
            f"Chú ý: hiện không có mã người, mã đơn vị, địa chỉ, tài khoản hay nhóm nào là “{subject}”, nên chưa ai "
            "được giữ. Họ tên không đủ: hãy ghi mã người hoặc địa chỉ (xem bằng: syncagent explain), và kiểm tra "
            "chính tả.",
            f"Mind: there is no key of a person, unit, address, account or group “{subject}” now, so nobody is held. "
            "A name is not enough: give the person's key or an address (see: syncagent explain), and check the "
            "spelling.",
        )
    )


@click.command(help="Gỡ lệnh giữ / Lift the holds on a subject.")
@click.argument("subject")
@click.option("--by", default=getpass.getuser, metavar="NAME", help="Người quyết định / Who decides.")
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def release(face: Face, subject: str, by: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Lift a hold."""
    from syncagent.runs.approve import release as lift

    with face.agent() as agent:
        lift(agent, subject, by, unlocked(key_file, passphrase_file))
        subject = agent.known_as(subject)
    face.say(Text(f"Đã gỡ lệnh giữ “{subject}”.", f"“{subject}” is no longer on hold."))


VERBS = (approve, reject, roster, directory, hold, release)
