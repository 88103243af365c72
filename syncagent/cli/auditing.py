"""Verbs about the audit log: log, verify, checkpoint, export, accept-restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncagent.cli.face import Face, deliver_lines, within_reason
from syncagent.cli.passphrase import PASSPHRASE_FILE
from syncagent.cli.trusting import KEY_FILE, unlocked
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from syncagent.runs.agent import Agent
    from syncagent.runs.auditor import Entry
    from syncagent.trust.checkpoint import Checkpoint
    from syncagent.trust.export import Verified
    from syncagent.trust.signing import PublicKey

_CONTRADICTED = 5
_LONGEST = 100
_LONG = frozenset({"digest", "policy", "roster", "guid", "key_id", "abandoned"})
"""Facts that nobody reads in a line; JSON has them."""


@click.group(help="Nhật ký kiểm toán: mọi quyết định, mọi thao tác / The audit log: all that was decided or done.")
def audit() -> None:
    """Group the verbs about the audit log."""


@audit.command(help="Xem nhật ký / Show the records, oldest first.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=within_reason,
    metavar="DATE",
    help="Từ ngày, YYYY-MM-DD / From this day on.",
)
@click.option("--kind", default="", metavar="KIND", help="Loại: plan, approve, done… / Only records of this kind.")
@click.option(
    "--subject",
    default="",
    metavar="WHO",
    help="Mã người, địa chỉ, DN, mã kế hoạch, số yêu cầu / A person, address, DN, plan or request.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Dạng / Form: text or JSON lines."
)
@click.pass_obj
def log(face: Face, since: datetime | None, kind: str, subject: str, form: str) -> None:
    """Show records."""
    import json

    from syncagent.runs.auditor import log as ask

    with face.agent() as agent:
        for entry in ask(agent, since.date() if since else None, kind, subject):
            if form == "json":
                shown = {"seq": entry.seq, "at": entry.at.isoformat(), "kind": entry.kind, "facts": entry.facts}
                click.echo(json.dumps({**shown, "hash": entry.hash}, ensure_ascii=False))
            else:
                at = entry.at.astimezone(agent.zone)
                click.echo(f"{entry.seq:>7}  {at:%Y-%m-%d %H:%M:%S}  {entry.kind:<14}  {_summary(entry)}")


def _summary(entry: Entry) -> str:
    """Return the facts of a record in a line; changes are told by the names of what they changed."""
    from syncagent.report.visible import visible

    parts = []
    for name, value in entry.facts.items():
        if name in _LONG:
            continue
        if name == "changes" and isinstance(value, list):
            shown = ",".join(sorted({attribute for change in value for attribute in change["attributes"]}))
        elif isinstance(value, list):
            shown = str(len(value))
        elif isinstance(value, dict):
            shown = ",".join(f"{key}:{count}" for key, count in value.items())
        else:
            shown = str(value)
        if shown:
            parts.append(f"{name}={shown if len(shown) <= _LONGEST else shown[:_LONGEST] + '…'}")
    return visible(" ".join(parts))


def _public_key(_: click.Context, __: click.Parameter, text: str | None) -> PublicKey | None:
    from syncagent.trust.signing import PublicKey

    try:
        return PublicKey.from_hex(text) if text else None
    except ValueError as error:
        message = "khóa công khai gồm 64 chữ số thập lục phân viết thường / a public key has 64 lower-case hex digits"
        raise click.BadParameter(message) from error


@audit.command(
    help="Kiểm tra mọi bản ghi, mốc kiểm tra và bản sao của chúng; FILE: một bản xuất, không cần trạng thái; "
    "--against: đối chiếu một thư mục / Check every record, checkpoint and copy; FILE: an export, without any state; "
    "--against: a directory, of which every change must be explained by one record."
)
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--public-key",
    "key",
    callback=_public_key,
    metavar="HEX",
    help="Khóa công khai của phần mềm / The agent's public key; else the one in FILE is believed.",
)
@click.option(
    "--copy",
    "copies",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Mốc kiểm tra ở nơi thứ hai / Checkpoints from a second place, to check an export against.",
)
@click.option("--against", "target", metavar="TARGET", help="Tên một đích trong cấu hình / Name of a target.")
@click.pass_obj
def verify(face: Face, file: str | None, key: PublicKey | None, copies: Sequence[str], target: str | None) -> int:
    """Check the audit log, an export of it, or a directory against it."""
    if (file and target) or ((key or copies) and not file):
        message = "FILE [--public-key HEX] [--copy FILE] | --against TARGET"
        raise click.UsageError(message)
    if target:
        return _against(face, target)
    if file:
        return _say_verified(face, _of_file(file, key, copies))
    from syncagent.runs.auditor import verify as check

    with face.agent() as agent:
        return _say_verified(face, check(agent))


def _of_file(file: str, key: PublicKey | None, copies: Sequence[str]) -> Verified:
    from pathlib import Path

    from syncagent.errors import Misconfigured
    from syncagent.trust.export import verified
    from syncagent.wiring import checkpoints_in

    also = [envelope for copy in copies for envelope in checkpoints_in(Path(copy))]
    try:
        with Path(file).open(encoding="utf-8") as lines:
            return verified(lines, key, also)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            Text("Không đọc được tệp, hoặc không phải UTF-8.", "The file cannot be read, or is not UTF-8."), where=file
        ) from error


def _say_verified(face: Face, found: Verified) -> int:
    head = found.head
    covered = found.newest.size if found.newest else 0
    face.say(
        Text(
            f"Trạng thái {found.origin}: {head.size} bản ghi nối tiếp nhau đúng; bản ghi cuối {head.hash}.",
            f"State {found.origin}: {head.size} records, each linked to the one before; the last is {head.hash}.",
        )
    )
    face.say(
        Text(
            f"Mốc kiểm tra có chữ ký đúng: {found.checkpoints}; {head.size - covered} bản ghi mới hơn mốc cuối.",
            f"Checkpoints whose signature holds: {found.checkpoints}; records after the newest: {head.size - covered}.",
        )
    )
    for record in found.restores:
        face.say(
            Text(
                f"Bản ghi {record.seq}, {record.at[:19]}: đã khai báo khôi phục bản sao lưu (xem audit log --kind "
                f"{record.kind}).",
                f"Record {record.seq}, {record.at[:19]}: a restored backup was declared (see audit log --kind "
                f"{record.kind}).",
            )
        )
    for doubt in found.doubts:
        face.warn(Text(f"KHÔNG KHỚP: {doubt.vi}", f"CONTRADICTION: {doubt.en}"))
    return _CONTRADICTED if found.doubts else 0


def _against(face: Face, target: str) -> int:
    with face.agent() as agent:
        return say_against(face, agent, target)


def say_against(face: Face, agent: Agent, target: str) -> int:
    """Say what stands in a target that no record explains, and return the exit code."""
    from syncagent.report.as_unexplained import lines
    from syncagent.runs.auditor import against

    found = against(agent, target)
    for one in found.open:
        for line in lines(one, face.language):
            click.echo(line)
    face.say(
        Text(
            f"Đích “{target}”: {found.accounts} tài khoản, {found.deeds} thao tác đã ghi; {len(found.open)} điều không "
            "có bản ghi nào giải thích.",
            f"Target “{target}”: accounts: {found.accounts}, recorded deeds: {found.deeds}, not explained by any "
            f"record: {len(found.open)}.",
        )
    )
    return _CONTRADICTED if found.open else 0


@audit.command(help="Ký một mốc kiểm tra và lưu vào mọi nơi / Sign a checkpoint now, and keep it in every place.")
@click.pass_obj
def checkpoint(face: Face) -> None:
    """Sign a checkpoint."""
    from syncagent.cli.log import event
    from syncagent.runs.audit import assured
    from syncagent.runs.audit import checkpoint as sign

    with face.agent() as agent:
        assured(agent)
        made = sign(agent)
        key = agent.signer.public.hex
    event("checkpoint", size=made.size)
    _say_checkpoint(face, made)
    face.say(Text(f"Khóa công khai: {key}", f"Public key: {key}"))


def _say_checkpoint(face: Face, made: Checkpoint) -> None:
    face.say(
        Text(
            f"Mốc kiểm tra: {made.size} bản ghi, bản ghi cuối {made.hash}.",
            f"Checkpoint: {made.size} records, the last is {made.hash}.",
        )
    )


@audit.command(help="Xuất nhật ký để kiểm tra ở nơi khác / Write the whole log to a file that is checked anywhere.")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False))
@click.pass_obj
def export(face: Face, file: str) -> None:
    """Write the log to a file."""
    from syncagent.runs.auditor import export as lines

    with face.agent() as agent:
        count = deliver_lines(lines(agent), file)
    face.say(Text(f"Đã ghi {count} dòng vào {file}.", f"Lines written to {file}: {count}."))


@audit.command(
    "accept-restore",
    help="Khai báo rằng trạng thái vừa được khôi phục từ bản sao lưu / Declare that the state was put back from a "
    "backup; what it no longer knows is given up, on record.",
)
@click.option("--by", required=True, metavar="NAME", help="Người quyết định / Who decides.")
@click.option("--reason", required=True, metavar="WHY", help="Lý do / Why.")
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def accept_restore(face: Face, by: str, reason: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Declare a restored backup."""
    from syncagent.cli.log import event
    from syncagent.runs.restore import accept_restore as declare

    with face.agent() as agent:
        made = declare(agent, by, reason, unlocked(key_file, passphrase_file))
    if made is None:
        face.say(
            Text(
                "Không có gì trái với trạng thái này: không cần khai báo, không ghi gì vào nhật ký.",
                "Nothing contradicts this state: there is nothing to declare, and nothing was recorded.",
            )
        )
        return
    event("restore-accepted", size=made.size)
    _say_checkpoint(face, made)
    face.say(
        Text(
            "Hãy đối chiếu từng thư mục: syncagent audit verify --against ĐÍCH",
            "Now compare each directory: syncagent audit verify --against TARGET",
        )
    )


VERBS = (audit,)
