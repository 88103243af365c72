"""Verbs about written requests: add, import, list, reply."""

from __future__ import annotations

import getpass
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, DAY, Face, deliver, within_reason
from syncagent.cli.passphrase import PASSPHRASE_FILE
from syncagent.cli.trusting import KEY_FILE, unlocked
from syncagent.text import Text, vi

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syncagent.core.answer import Progress
    from syncagent.report.letter import Letter
    from syncagent.report.table import Table
    from syncagent.text import Language

_BY = click.option("--by", default=getpass.getuser, metavar="NAME", help="Người ghi / Who records it.")
_UNSAFE = re.compile(r"[^\w.-]+")
_NAMELESS = "request"
"""The name of a draft whose request number holds nothing that a file name may begin with."""


@click.group(help="Văn bản yêu cầu của các cơ quan / Written requests of agencies, and the answers to them.")
def request() -> None:
    """Group the verbs about requests."""


@request.command(
    help="Ghi một yêu cầu; các giá trị viết như trong requests.csv / Record one request; values as in requests.csv."
)
@click.option("--kind", required=True, metavar="KIND", help="Loại, xem docs/reference/files.md / What is asked for.")
@click.option(
    "--subject", required=True, metavar="WHO", help="Mã người, mã đơn vị hoặc địa chỉ / A person, unit or address."
)
@click.option("--received-on", required=True, metavar="DATE", help="Ngày nhận / Day of receipt.")
@click.option("--id", "request_id", default="", metavar="NUMBER", help="Số yêu cầu / Its number; else the next one.")
@click.option("--from-unit", default="", metavar="UNIT", help="Mã đơn vị gửi / Key of the unit that asks.")
@click.option("--from-address", default="", metavar="ADDRESS", help="Địa chỉ gửi / The address it came from.")
@click.option("--channel", default="", metavar="HOW", help="Hình thức gửi / How it came, as letter, mail, form.")
@click.option("--value", default="", metavar="ADDRESS", help="agree_address: địa chỉ / The address agreed on.")
@click.option("--reason", default="", metavar="WHY", help="Lý do / Why.")
@click.option("--document-number", default="", metavar="NUMBER", help="Số văn bản / Number of the letter.")
@click.option("--document-date", default="", metavar="DATE", help="Ngày văn bản / Day of the letter.")
@click.option("--until", default="", metavar="DATE", help="hold, exempt: ngày cuối / Last day of a hold or a reason.")
@_BY
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def add(face: Face, /, by: str, key_file: str | None, passphrase_file: str | None, **columns: str) -> None:
    """Record one request."""
    from syncagent.cli.log import event
    from syncagent.core.spoken import ASKED
    from syncagent.runs.requests import add as record

    with face.agent() as agent:
        found, deadline, known = record(agent, columns, by, unlocked(key_file, passphrase_file))
        calendar = agent.policy.calendar
    event("recorded", request=found.request_id, kind=str(found.kind))
    asked = ASKED[found.kind]
    until = Text(f" Trả lời trước hết ngày {vi(deadline)}.", f" Answer by {deadline}.") if deadline else Text("", "")
    face.say(
        Text(
            f"Đã ghi yêu cầu {found.request_id}: {asked.vi} ({found.kind}).{until.vi}",
            f"Recorded as request {found.request_id}: {asked.en} ({found.kind}).{until.en}",
        )
    )
    face.warn_of_open_years(calendar, [deadline])
    if not known:
        face.warn(
            Text(
                f"Chú ý: hiện không có người, đơn vị, địa chỉ, tài khoản hay nhóm nào tên “{found.subject}”.",
                f"Mind: there is no person, unit, address, account or group called “{found.subject}” now.",
            )
        )


@request.command(
    "import",
    help="Ghi mọi dòng của một tệp requests, hoặc không dòng nào / Record all rows of a requests file, or none.",
)
@click.argument("file", metavar="FILE")
@_BY
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def import_(face: Face, file: str, by: str, key_file: str | None, passphrase_file: str | None) -> None:
    """Record the requests of a file."""
    from syncagent.cli.log import event
    from syncagent.runs.requests import import_file

    with face.agent() as agent:
        found, skipped = import_file(agent, Path(file), by, unlocked(key_file, passphrase_file))
    event("imported", requests=len(found), skipped=skipped)
    face.say(
        Text(
            f"Đã ghi {len(found)} yêu cầu; {skipped} dòng đã ghi từ trước.",
            f"Requests recorded: {len(found)}; rows that were recorded before: {skipped}.",
        )
    )


@request.command(
    "list",
    help="Danh sách yêu cầu: hạn trả lời, tình trạng / The requests: by when to answer, and what became of each.",
)
@click.option("--open", "which", flag_value="open", default=True, help="Chưa trả lời (mặc định) / Not answered yet.")
@click.option("--late", "which", flag_value="late", help="Chưa trả lời và quá hạn / Not answered, and late.")
@click.option("--all", "which", flag_value="all", help="Tất cả / All of them.")
@AS_OF
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "html", "xlsx"]),
    default="text",
    help="Dạng danh sách; xlsx cần --out / Form of the list; xlsx needs --out.",
)
@click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")
@click.pass_obj
def list_(face: Face, which: str, as_of: datetime | None, form: str, out: str | None) -> None:
    """List requests."""
    from syncagent.report import as_table, request_list
    from syncagent.runs.requests import listed

    if form == "xlsx" and out in {None, "-"}:
        message = "--format xlsx cần --out FILE / needs --out FILE"
        raise click.UsageError(message)
    with face.agent() as agent:
        found = listed(agent, as_of.date() if as_of else None)
    chosen: dict[str, Callable[[Progress], bool]] = {
        "open": lambda one: one.open,
        "late": lambda one: one.open and one.late is not None,
        "all": lambda _: True,
    }
    table = request_list.table(found.view, filter(chosen[which], found.requests), found.faults)
    forms: dict[str, Callable[[Table, Language], str | bytes]] = {
        "text": as_table.text,
        "csv": as_table.comma_separated,
        "html": as_table.page,
        "xlsx": as_table.workbook,
    }
    deliver(forms[form](table, face.language), out)


@request.command(
    help="Soạn văn bản trả lời, hoặc ghi là đã gửi / Draft the answer to requests of one sender, or record it as sent."
)
@click.argument("numbers", metavar="ID…", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "eml"]),
    default="text",
    help="Dạng bản soạn: chữ, công văn, thư / Form of the draft: text, letter, mail.",
)
@click.option(
    "--out", metavar="DIR", help="Ghi công văn và thư vào thư mục / Write the letter and the mail to a folder."
)
@AS_OF
@click.option("--document-number", default="", metavar="NUMBER", help="Số văn bản trả lời / Number of the answer.")
@click.option(
    "--sent",
    "sent_on",
    type=DAY,
    callback=within_reason,
    metavar="DATE",
    help="Ghi là đã trả lời ngày này; không soạn / Record the answer as sent on that day; drafts nothing.",
)
@click.option("--how", default="", metavar="HOW", help="Hình thức trả lời / How it was sent (with --sent).")
@_BY
@click.pass_obj
def reply(
    face: Face,
    numbers: tuple[str, ...],
    form: str,
    out: str | None,
    as_of: datetime | None,
    document_number: str,
    sent_on: datetime | None,
    how: str,
    by: str,
) -> None:
    """Draft an answer, or record it."""
    from syncagent.cli.log import event

    if sent_on:
        from syncagent.runs.requests import record_answer

        with face.agent() as agent:
            answers = record_answer(agent, numbers, sent_on.date(), by, how=how, document=document_number)
        event("answered", requests=len(answers))
        listed = ", ".join(answer.request_id for answer in answers)
        face.say(
            Text(f"Đã ghi trả lời ngày {vi(sent_on.date())}: {listed}.", f"Answered on {sent_on.date()}: {listed}.")
        )
        return
    found = _drafted(face, numbers, as_of, document_number)
    _deliver(face, found, form, out)


def _drafted(face: Face, numbers: tuple[str, ...], as_of: datetime | None, document_number: str) -> Letter:
    from syncagent.core.request import Stage
    from syncagent.report.letter import letter
    from syncagent.runs.requests import asked
    from syncagent.wiring import office_of

    settings, _ = face.settings()
    with face.agent() as agent:
        found = asked(agent, numbers, as_of.date() if as_of else None)
    for one in found.requests:
        number = one.request.request_id
        if one.answer:
            face.warn(
                Text(
                    f"Chú ý: {number} đã được trả lời ngày {vi(one.answer.sent_on)}.",
                    f"Mind: {number} was answered on {one.answer.sent_on}.",
                )
            )
        elif one.stage in {Stage.PLANNED, Stage.WAITING}:
            face.warn(
                Text(
                    f"Chú ý: {number} chưa làm xong; bản soạn nói đúng như vậy.",
                    f"Mind: {number} is not carried out yet, and the draft says so.",
                )
            )
    if not settings.office:
        face.warn(
            Text(
                "Chú ý: chưa khai báo office trong cấu hình; đầu văn bản để trống.",
                "Mind: there is no office in the configuration; the letterhead is left blank.",
            )
        )
    return letter(found.view, found.requests, found.done, office_of(settings), document_number)


def _deliver(face: Face, found: Letter, form: str, out: str | None) -> None:
    from syncagent.errors import Misconfigured
    from syncagent.report.letter import mail, page, plain

    if out is None:
        forms: dict[str, Callable[[Letter, Language], str | bytes]] = {"text": plain, "html": page, "eml": mail}
        deliver(forms[form](found, face.language), None)
        return
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            Text(f"Không tạo được thư mục: {error.strerror}.", f"The folder cannot be made: {error.strerror}."),
            where=out,
        ) from error
    name = _UNSAFE.sub("-", found.requests[0]).strip("-.") or _NAMELESS
    for ending, draft in ((".html", page(found, face.language)), (".eml", mail(found, face.language))):
        path = Path(out) / f"{name}{ending}"
        deliver(draft, str(path))
        click.echo(str(path))


VERBS = (request,)
