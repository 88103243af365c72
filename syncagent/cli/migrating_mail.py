"""The verbs about the mail of old systems: what was moved or archived, and what is open (Điều 13.1)."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, deliver
from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import datetime

    from syncagent.cli.face import Face

_BY = click.option("--by", default=getpass.getuser, metavar="NAME", help="Người ghi / Who records it.")
_INCOMPLETE = 6


@click.group(help="Thư trên hệ thống cũ đã chuyển hay chưa (Điều 13.1) / What became of the old mail (Điều 13.1).")
def mail() -> None:
    """Group the verbs about old mail."""


@mail.command(help="Hồ sơ thư của từng tài khoản cũ, việc còn mở / The record of each old mailbox, and what is open.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "xlsx"]),
    default="text",
    help="Dạng; xlsx cần --out / Form; xlsx needs --out.",
)
@click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")
@AS_OF
@click.pass_obj
def status(face: Face, form: str, out: str | None, as_of: datetime | None) -> None:
    """Show what became of the mail of every account that a wave closes."""
    from syncagent.report import as_table
    from syncagent.report import mail_tables as tables
    from syncagent.runs.migrate_mail import mail_status

    if form == "xlsx" and out in {None, "-"}:
        message = "--format xlsx cần --out FILE / needs --out FILE"
        raise click.UsageError(message)
    with face.agent() as agent:
        found, kept = mail_status(agent, as_of.date() if as_of else None)
    rows = [(one.one, one.record) for one in kept]
    table = tables.mail(rows, found.view.today)
    if form == "xlsx":
        deliver(as_table.workbook(table, face.language), out)
    elif form == "csv":
        deliver(as_table.comma_separated(table, face.language), out)
    else:
        parts = (as_table.text(one, face.language) for one in (tables.mail_sums(rows), table))
        deliver("\n\n\n".join(parts), out)


@mail.command(
    help="Đọc hộp thư cũ và mới qua IMAP, so từng thư mục theo Message-ID, ghi hồ sơ / Read old and new mailboxes by "
    "IMAP, compare folders by Message-ID, record what was found."
)
@click.option("--wave", type=int, default=0, metavar="N", help="Chỉ một đợt / One wave only.")
@click.option("--again", is_flag=True, help="Đọc lại cả hộp thư đã đóng hồ sơ / Read those that are closed, too.")
@_BY
@click.pass_obj
def verify(face: Face, wave: int, by: str, *, again: bool) -> int:
    """Compare old mailboxes with their copies."""
    from syncagent.cli.log import event
    from syncagent.runs.migrate_mail import verify_mail

    with face.agent() as agent:
        done = verify_mail(agent, by, wave, again=again)
    event("mail", compared=done.compared, closed=done.closed, known=done.known, failed=len(done.failed))
    for address, says in done.failed:
        face.warn(Text(f"{address}: {says.vi}", f"{address}: {says.en}"))
    lacking = done.compared - done.closed
    face.say(
        Text(
            f"Đã so {done.compared} hộp thư: {done.closed} đủ, {lacking} còn thiếu; {done.known} đã đóng từ trước; "
            f"{len(done.failed)} chưa đọc được.",
            f"Mailboxes compared: {done.compared}; whole: {done.closed}, lacking: {lacking}; closed before: "
            f"{done.known}; not read: {len(done.failed)}.",
        )
    )
    return _INCOMPLETE if done.failed else 0


@mail.command(
    help="Ghi hồ sơ từ tệp: đã lưu trữ, không giữ theo văn bản, số liệu của lệnh xuất / Record from a file what was "
    "archived, what is not kept by a decision, the numbers of export requests."
)
@click.argument("file", metavar="FILE")
@_BY
@click.pass_obj
def record(face: Face, file: str, by: str) -> None:
    """Record what a file says of mail."""
    from syncagent.cli.log import event
    from syncagent.runs.migrate_mail import record_mail

    with face.agent() as agent:
        count = record_mail(agent, Path(file), by)
    event("mail-recorded", mailboxes=count)
    face.say(Text(f"Đã ghi hồ sơ thư của {count} tài khoản cũ.", f"Recorded the mail of {count} old accounts."))
