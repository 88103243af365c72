"""The verbs of a merger of provinces: assess, decisions import, plan, map, status, certify, verify."""

from __future__ import annotations

import getpass
import re
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.cli.face import AS_OF, deliver
from syncagent.cli.migrating_mail import mail
from syncagent.cli.stopping import freeze, resume
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from syncagent.cli.face import Face
    from syncagent.report.table import Table
    from syncagent.runs.migrate import Merging
    from syncagent.store.runs import Pace
    from syncagent.text import Language

_BY = click.option("--by", default=getpass.getuser, metavar="NAME", help="Người ghi / Who records it.")
_FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "xlsx"]),
    default="text",
    help="Dạng; xlsx cần --out / Form; xlsx needs --out.",
)
_OUT = click.option("--out", metavar="FILE", help="Ghi vào tệp / Write to a file instead of stdout.")
_UNSAFE = re.compile(r"[^\w.-]+")
_CENTRAL = "chung"
"""The name of the file with what no unit can answer."""


@click.group(help="Sáp nhập tỉnh: nhiều hệ thống thư thành một / A merger of provinces: their mail systems become one.")
def migrate() -> None:
    """Group the verbs of a merger."""


@migrate.command(
    help="Kiểm kê hệ thống cũ, chất lượng dữ liệu, trùng tên, việc của từng đơn vị; không ghi gì / What the old "
    "systems hold, how good the data are, where names meet, what each unit must decide; writes nothing."
)
@_FORM
@_OUT
@click.option(
    "--per-unit", metavar="DIR", help="Ghi cho mỗi đơn vị một tệp để gửi đi / One file for each unit, to send out."
)
@AS_OF
@click.pass_obj
def assess(face: Face, form: str, out: str | None, per_unit: str | None, as_of: datetime | None) -> None:
    """Assess the merger."""
    from syncagent.core.collisions import collisions
    from syncagent.core.inquiry import asked, effort, undecided
    from syncagent.core.inventory import flaws
    from syncagent.report import merger_tables as tables
    from syncagent.runs.migrate import merging

    _needs_file(form, out)
    with face.agent() as agent:
        found = merging(agent, as_of.date() if as_of else None)
    merger, units = found.merger, found.view.roster.units
    questions = asked(merger, found.fates, found.pairings, found.view)
    open_units = undecided(merger, found.population, found.pairings, found.rulings)
    met = collisions(found.population, found.pairings, found.view)
    shown = (
        tables.inventory(merger, found.population, found.pairings),
        tables.quality(merger, flaws(merger, found.population, found.pairings)),
        tables.matrix(met),
        tables.same_addresses(met),
        tables.open_units(open_units),
        tables.efforts(effort(questions, merger.crosswalk.minutes), units),
        tables.counts(found.fates, Text("Nếu thực hiện hôm nay", "If it were done today"), gone=found.gone()),
        tables.still_open(found.vanished, found.missing, found.fates),
    )
    _show(face, found, shown, form, out)
    if per_unit is not None:
        files: dict[str, Table] = {}
        for unit in sorted({one.unit for one in questions} | {""}):
            theirs = [one for one in questions if one.unit == unit]
            name = _UNSAFE.sub("-", unit) or _CENTRAL
            files[name] = tables.questions(theirs, units, unit, () if unit else open_units)
        _write_all(face, files, Path(per_unit))


@migrate.group(help="Ý kiến của thủ trưởng các đơn vị / What the heads of the units decide.")
def decisions() -> None:
    """Group the verbs about answers of unit heads."""


@decisions.command(
    "import",
    help="Ghi mọi câu trả lời của một tệp đơn vị gửi về, hoặc không ghi dòng nào / Record all answers of a file.",
)
@click.argument("file", metavar="FILE")
@_BY
@AS_OF
@click.pass_obj
def import_(face: Face, file: str, by: str, as_of: datetime | None) -> None:
    """Record the answers of a file."""
    from syncagent.cli.log import event
    from syncagent.runs.migrate_rulings import import_rulings

    with face.agent() as agent:
        taken = import_rulings(agent, Path(file), by, as_of.date() if as_of else None)
    event("rulings", recorded=taken.recorded, known=taken.known)
    face.say(
        Text(
            f"Đã ghi {taken.recorded} câu trả lời; {taken.known} câu đã ghi từ trước.",
            f"Answers recorded: {taken.recorded}; recorded before: {taken.known}.",
        )
    )


@migrate.command(
    help="Lập kế hoạch một đợt: hệ thống mới, bí danh, khóa và xóa ở hệ thống cũ; chưa ghi gì / Plan one wave: the new "
    "system, aliases, what is locked and deleted on the old ones; writes nothing yet."
)
@click.option("--wave", required=True, type=int, metavar="N", help="Số thứ tự đợt, từ 1 / Number of the wave, from 1.")
@_FORM
@_OUT
@AS_OF
@click.pass_obj
def plan(face: Face, wave: int, form: str, out: str | None, as_of: datetime | None) -> None:
    """Plan a wave."""
    from syncagent.cli.log import event
    from syncagent.report import merger_tables as tables
    from syncagent.runs.migrate import plan_wave

    _needs_file(form, out)
    with face.agent() as agent:
        planned = plan_wave(agent, wave, as_of.date() if as_of else None)
    found = planned.merging
    declared = found.merger.waves[wave - 1].counts
    shown = (
        tables.counts(
            planned.fates, Text(f"Số lượng của đợt {wave}", f"Numbers of wave {wave}"), declared, found.gone(wave)
        ),
        tables.wave(planned.fates, wave, found.merger, found.view.roster.units),
    )
    _show(face, found, shown, form, out)
    if not declared:
        face.warn(
            Text(
                f"Chú ý: đợt {wave} chưa khai số lượng (migration.waves); các phanh tính như mọi ngày.",
                f"Mind: wave {wave} declares no numbers (migration.waves); the brakes count as on any day.",
            )
        )
    for trip in planned.plan.brakes.tripped:
        face.warn(Text(f"Phanh: {trip.says.vi}", f"Brake: {trip.says.en}"))
    event("wave", plan_id=planned.envelope.plan_id, wave=wave, actions=len(planned.plan.actions))
    count, plan_id = len(planned.plan.actions), planned.envelope.plan_id
    face.warn(
        Text(
            f"Kế hoạch {plan_id}: {count} thao tác, {len(planned.plan.findings)} điều cần xem. Xem: syncagent show "
            f"{plan_id}; rồi approve và apply như mọi kế hoạch.",
            f"Plan {plan_id}: {count} actions, {len(planned.plan.findings)} findings. See: syncagent show {plan_id}; "
            "then approve and apply it like any plan.",
        )
    )
    if count:
        face.warn(_takes(count, planned.pace))


def _takes(count: int, pace: Pace | None) -> Text:
    """Return how long so many actions take at the pace of the applies before."""
    if pace is None:
        return Text(
            "Chưa ước tính được thời gian: chưa có lần apply nào từ 10 thao tác. Hãy diễn tập, hoặc bắt đầu bằng "
            "một đợt nhỏ.",
            "The time cannot be estimated: no apply of ten actions or more yet. Rehearse, or begin with a small wave.",
        )
    minutes = max(1, ceil(pace.minutes(count)))
    return Text(
        f"Ước tính {minutes} phút, theo {pace.actions} thao tác của {pace.runs} lần apply gần đây "
        f"({pace.actions / max(pace.seconds, 1):.1f} thao tác/giây); chưa tính thời gian chép thư.",
        f"Estimate: {minutes} min, by {pace.actions} actions of the last {pace.runs} applies "
        f"({pace.actions / max(pace.seconds, 1):.1f} a second); copying mail comes on top.",
    )


@migrate.command(
    "map",
    help="Bảng địa chỉ cũ và mới của mọi tài khoản; bảng chuyển hướng cho máy chủ cũ / Old and new address of every "
    "account; redirect tables for the old servers.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "xlsx", "postfix", "exchange"]),
    default="text",
    help="Dạng; postfix: virtual_alias_maps, exchange: CSV; xlsx cần --out / Form; xlsx needs --out.",
)
@click.option("--system", default="", metavar="NAME", help="Chuyển hướng của một hệ thống / Redirects of one system.")
@_OUT
@AS_OF
@click.pass_obj
def map_(face: Face, form: str, system: str, out: str | None, as_of: datetime | None) -> None:
    """Write the map of addresses."""
    from syncagent.report import as_table, redirects
    from syncagent.report import merger_tables as tables
    from syncagent.runs.migrate import merging

    _needs_file(form, out)
    with face.agent() as agent:
        found = merging(agent, as_of.date() if as_of else None)
    if form in {"postfix", "exchange"}:
        table = redirects.moves(found.fates, found.gone(), system)
        deliver(redirects.postfix(table) if form == "postfix" else redirects.exchange(table), out)
        return
    forms: dict[str, Callable[[Table, Language], str | bytes]] = {
        "text": as_table.text,
        "csv": as_table.comma_separated,
        "xlsx": as_table.workbook,
    }
    shown = tables.on_day_of(tables.address_map(found.fates, found.merger), found.view.today)
    deliver(forms[form](shown, face.language), out)


@migrate.command(help="Tiến độ: theo hệ thống, đợt, đơn vị; việc còn mở / How far it is, and what is open.")
@_FORM
@_OUT
@AS_OF
@click.pass_obj
def status(face: Face, form: str, out: str | None, as_of: datetime | None) -> None:
    """Show how far the merger is."""
    from syncagent.report import merger_tables as tables
    from syncagent.runs.migrate import merging

    _needs_file(form, out)
    with face.agent() as agent:
        found = merging(agent, as_of.date() if as_of else None)
    shown = (
        *tables.sums(found.fates, found.merger, found.view.roster.units, found.gone()),
        tables.still_open(found.vanished, found.missing, found.fates),
    )
    _show(face, found, shown, form, out)


@migrate.command(
    help="Chứng nhận có chữ ký: mỗi tài khoản cũ có đúng một kết quả / A signed certificate that each old account has "
    "exactly one end, and of what is open."
)
@click.argument("file", metavar="FILE")
@AS_OF
@click.pass_obj
def certify(face: Face, file: str, as_of: datetime | None) -> None:
    """Certify the merger."""
    from syncagent.report import as_table
    from syncagent.report import merger_tables as tables
    from syncagent.runs.migrate import certify as certified

    with face.agent() as agent:
        written, found, complete = certified(agent, as_of.date() if as_of else None)
    deliver(written, file)
    open_table = tables.still_open(found.vanished, found.missing, found.fates)
    deliver(as_table.text(open_table, face.language), None)
    count = len(found.fates.accounts)
    if complete:
        face.say(
            Text(f"Đã chứng nhận {count} tài khoản; không còn việc mở.", f"Certified {count} accounts; nothing open.")
        )
    else:
        face.say(
            Text(
                f"Đã chứng nhận {count} tài khoản, nhưng còn việc mở ở trên; tệp ghi rõ là chưa hoàn thành.",
                f"Certified {count} accounts, but what stands above is open; the file says that it is not complete.",
            )
        )


@migrate.command(help="Kiểm tra một chứng nhận ở bất kỳ đâu / Check a certificate anywhere; needs no state.")
@click.argument("file", metavar="FILE")
@click.option(
    "--public-key", default="", metavar="HEX", help="Khóa công khai của phần mềm / The agent's; else the one in FILE."
)
@click.pass_obj
def verify(face: Face, file: str, public_key: str) -> int:
    """Check a certificate."""
    from syncagent.files import read_text
    from syncagent.trust.certificate import verified
    from syncagent.trust.signing import PublicKey

    try:
        key = PublicKey.from_hex(public_key) if public_key else None
    except ValueError as error:
        message = f"--public-key: {error}"
        raise click.UsageError(message) from error
    found = verified(read_text(Path(file)), key)
    for doubt in found.doubts:
        face.warn(doubt)
    if found.doubts:
        return 5
    count, state = len(found.said["accounts"]), bool(found.said["complete"])
    done = Text("hoàn thành", "complete") if state else Text("chưa hoàn thành", "not complete")
    face.say(
        Text(
            f"Chữ ký đúng (khóa {found.key_id}); {count} tài khoản, các tổng khớp; {done.vi}.",
            f"The signature holds (key {found.key_id}); {count} accounts, the sums agree; {done.en}.",
        )
    )
    return 0


# ── shown ────────────────────────────────────────────────────────────────────


def _needs_file(form: str, out: str | None) -> None:
    if form == "xlsx" and out in {None, "-"}:
        message = "--format xlsx cần --out FILE / needs --out FILE"
        raise click.UsageError(message)


def _show(face: Face, found: Merging, tables: Sequence[Table], form: str, out: str | None) -> None:
    """Write several tables, one after the other, on one page, or on a sheet each."""
    from syncagent.report import as_table
    from syncagent.text import vi

    language: Language = face.language
    today, name = found.view.today, found.merger.crosswalk.document
    title = Text(f"Sáp nhập theo {name}, ngày {vi(today)}", f"Merger by {name}, on {today}")
    if form == "html":
        deliver(as_table.pages(title, tables, language), out)
    elif form == "xlsx":
        deliver(as_table.workbooks(tables, language), out)
    else:
        parts = [title.within(language), *(as_table.text(table, language) for table in tables)]
        deliver("\n\n\n".join(parts), out)


def _write_all(face: Face, files: dict[str, Table], folder: Path) -> None:
    from syncagent.errors import Misconfigured
    from syncagent.report import as_table

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            Text(f"Không tạo được thư mục: {error.strerror}.", f"The folder cannot be made: {error.strerror}."),
            where=str(folder),
        ) from error
    for name, table in files.items():
        deliver(as_table.workbook(table, face.language), str(folder / f"{name}.xlsx"))
    face.warn(Text(f"Đã ghi {len(files)} tệp vào {folder}.", f"Wrote {len(files)} files to {folder}."))


for verb in (mail, freeze, resume):
    migrate.add_command(verb)

VERBS = (migrate,)
