"""Verbs by which passwords reach those they are for: handover officer, list, open, letter."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.cli.passphrase import PASSPHRASE_FILE
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncagent.cli.face import Face
    from syncagent.report.handover_list import Entry
    from syncagent.report.letter import Office
    from syncagent.runs.agent import Agent
    from syncagent.runs.handover import Opened, Waiting
    from syncagent.text import Language
    from syncagent.trust.sealing import OpeningKey, SealingKey

_BY = click.option("--by", default=getpass.getuser, metavar="NAME", help="Người thực hiện / Who does this.")
_UNIT = click.option("--unit", required=True, metavar="UNIT", help="Mã đơn vị, hoặc office / A unit's key, or office.")
_KEY = click.option(
    "--key-file", required=True, metavar="FILE", help="Tệp khóa của người giao / The officer's key file."
)
_IDS = click.option(
    "--id", "ids", multiple=True, type=int, metavar="NUMBER", help="Chỉ các số này / Only these numbers of the list."
)


@click.group(help="Giao mật khẩu mặc định cho người dùng / Handing default passwords to those they are for.")
def handover() -> None:
    """Group the verbs about passwords on their way."""


# ── officers ─────────────────────────────────────────────────────────────────


@handover.group(help="Người giao mật khẩu của từng đơn vị / Who hands over the passwords of a unit.")
def officer() -> None:
    """Group the verbs about officers."""


@officer.command(help="Tạo cặp khóa của chính mình / Make a key pair of your own; needs no state.")
@click.argument("file")
@PASSPHRASE_FILE
@click.pass_obj
def key(face: Face, file: str, passphrase_file: str | None) -> None:
    """Make a key pair."""
    made = _made(Path(file), passphrase_file)
    face.say(
        Text(
            f"Đã tạo khóa {made.id} trong tệp {file}. Gửi khóa công khai này cho người quản trị hệ thống thư:",
            f"Key {made.id} is in the file {file}. Send this public key to those who run the mail system:",
        )
    )
    click.echo(made.hex)


@officer.command(
    help="Đăng ký khóa của người giao mật khẩu; office là bộ phận quản trị hệ thống thư / Register the key of whoever "
    "hands over a unit's passwords; office stands for those who run the mail system."
)
@click.argument("unit")
@click.argument("name")
@click.option(
    "--key-file", metavar="FILE", help="Tệp khóa; tạo mới nếu chưa có / The key file; made if it is not there."
)
@click.option("--public-key", metavar="HEX", help="Khóa công khai của người đó / The officer's public key.")
@PASSPHRASE_FILE
@_BY
@click.option(
    "--by-key-file",
    metavar="FILE",
    help="Tệp khóa của người duyệt ký việc này / The key of the approver who signs.",
)
@click.option(
    "--by-passphrase-file", metavar="FILE", help="Tệp mật khẩu của khóa ấy / The file with the passphrase of that key."
)
@click.pass_obj
def add(
    face: Face,
    unit: str,
    name: str,
    key_file: str | None,
    public_key: str | None,
    passphrase_file: str | None,
    by: str,
    by_key_file: str | None,
    by_passphrase_file: str | None,
) -> None:
    """Register an officer."""
    from syncagent.cli.log import event
    from syncagent.cli.trusting import unlocked as signing
    from syncagent.runs.handover import add_officer
    from syncagent.trust.keyfile import read_public
    from syncagent.trust.sealing import OPENING, SealingKey

    if bool(key_file) == bool(public_key):
        message = "--key-file FILE hoặc --public-key HEX / one of the two"
        raise click.UsageError(message)
    with face.agent() as agent:
        if key_file and not Path(key_file).exists():
            found = _made(Path(key_file), passphrase_file)
        elif key_file:
            found = SealingKey.from_hex(read_public(Path(key_file), OPENING))
        else:
            found = _given(public_key or "")
        added = add_officer(agent, unit, name, found, by, signing(by_key_file, by_passphrase_file))
    event("officer-added", unit=unit, key_id=added.key_id)
    face.say(
        Text(
            f"{added.name} giao mật khẩu của {unit}, khóa {added.key_id}.",
            f"{added.name} hands over the passwords of {unit}, key {added.key_id}.",
        )
    )


def _given(public_key: str) -> SealingKey:
    from syncagent.trust.sealing import SealingKey

    try:
        return SealingKey.from_hex(public_key.strip().lower())
    except ValueError as error:
        message = "--public-key: 64 chữ số thập lục phân của một khóa X25519 / 64 hex digits of an X25519 key"
        raise click.BadParameter(message) from error


def _made(path: Path, passphrase_file: str | None) -> SealingKey:
    from syncagent.cli.passphrase import new_key
    from syncagent.trust.sealing import OPENING, SealingKey

    return SealingKey.from_hex(new_key(path, passphrase_file, OPENING))


@officer.command("list", help="Danh sách người giao mật khẩu / Who hands over passwords.")
@click.pass_obj
def officers(face: Face) -> None:
    """List the officers."""
    from syncagent.runs.handover import listed_officers

    with face.agent() as agent:
        found = listed_officers(agent)
    for one in found:
        state = (
            Text(f"thu hồi {one.revoked_at[:10]}", f"revoked {one.revoked_at[:10]}")
            if one.revoked_at
            else Text("đang dùng", "in use")
        )
        click.echo(f"{one.key_id}  {one.unit}  {one.name}  {state.within(face.language)}")
    if not found:
        face.say(
            Text(
                "Chưa có ai. Đăng ký bằng: syncagent handover officer add office TÊN --public-key KHÓA",
                "Nobody yet. Register with: syncagent handover officer add office NAME --public-key HEX",
            )
        )


@officer.command(help="Thu hồi một khóa; mật khẩu đang chờ mở bằng khóa đó mất hiệu lực / Take a key out of use.")
@click.argument("key_id", metavar="KEY")
@_BY
@click.pass_obj
def revoke(face: Face, key_id: str, by: str) -> None:
    """Revoke a key."""
    from syncagent.cli.log import event
    from syncagent.runs.handover import revoke_officer

    with face.agent() as agent:
        found, lost = revoke_officer(agent, key_id, by)
    event("officer-revoked", unit=found.unit, key_id=key_id)
    face.say(
        Text(
            f"Khóa {key_id} của {found.name} ({found.unit}) đã thu hồi. Mật khẩu không mở được nữa, cần đặt lại: "
            f"{lost}.",
            f"Key {key_id} of {found.name} ({found.unit}) is revoked. Passwords that cannot be opened now and must be "
            f"set anew: {lost}.",
        )
    )


# ── passwords ────────────────────────────────────────────────────────────────


@handover.command("list", help="Ai đang chờ nhận mật khẩu, hạn đến bao giờ / Who waits for a password, until when.")
@click.option("--unit", default="", metavar="UNIT", help="Chỉ của đơn vị này / Only this unit officer's.")
@click.option("--all", "everything", is_flag=True, help="Cả đã giao, quá hạn, mất hiệu lực / Those settled, too.")
@click.option("--format", "form", type=click.Choice(["text", "csv"]), default="text", help="Dạng danh sách / Form.")
@click.pass_obj
def list_(face: Face, unit: str, form: str, *, everything: bool) -> None:
    """List passwords on their way."""
    from syncagent.report import as_table, handover_list
    from syncagent.runs.handover import listed

    with face.agent() as agent:
        found = [_entry(agent, one) for one in listed(agent, unit)]
    table = handover_list.table(one for one in found if everything or one.waits)
    shown = as_table.comma_separated if form == "csv" else as_table.text
    click.echo(shown(table, face.language), nl=form == "text")


def _entry(agent: Agent, one: Waiting) -> Entry:
    from datetime import datetime

    from syncagent.report.handover_list import Entry

    row = one.row
    sealed, expires = (
        datetime.fromisoformat(moment).astimezone(agent.zone).date() for moment in (row.sealed_at, row.expires_at)
    )
    return Entry(
        number=row.id,
        name=one.name,
        unit=one.unit,
        address=row.address,
        officer_of=row.unit,
        sealed_on=sealed,
        expires_on=expires,
        opened_by=row.opened_by,
        opened_on=datetime.fromisoformat(row.opened_at).astimezone(agent.zone).date() if row.opened_at else None,
        void=bool(row.void_at),
        expired=row.expired(agent.clock()),
        settled=one.settled,
    )


@handover.command(
    "open",
    help="Mở mật khẩu, mỗi mật khẩu một lần, có ghi nhật ký / Open passwords, each only once, on record.",
)
@_UNIT
@_KEY
@PASSPHRASE_FILE
@_IDS
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Dạng / Form.")
@click.pass_obj
def open_(face: Face, unit: str, key_file: str, passphrase_file: str | None, ids: tuple[int, ...], form: str) -> None:
    """Open passwords."""
    from syncagent.cli.log import event
    from syncagent.runs.handover import opened, to_open

    with face.agent() as agent:
        owner = _public(key_file)
        chosen = to_open(agent, unit, owner, ids)
        found = opened(agent, chosen, _unlocked(key_file, passphrase_file))
    event("opened", unit=unit, passwords=len(found))
    if form == "json":
        click.echo(json.dumps([_shown(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one.address}  {one.password.reveal()}  {one.name}  {one.unit}".rstrip())


def _shown(one: Opened) -> dict[str, str]:
    return {"name": one.name, "unit": one.unit, "address": one.address, "password": one.password.reveal()}


def _public(key_file: str) -> SealingKey:
    from syncagent.trust.keyfile import read_public
    from syncagent.trust.sealing import OPENING, SealingKey

    return SealingKey.from_hex(read_public(Path(key_file), OPENING))


def _unlocked(key_file: str, passphrase_file: str | None) -> OpeningKey:
    from syncagent.cli.passphrase import passphrase
    from syncagent.trust.keyfile import unlocked
    from syncagent.trust.sealing import OPENING, OpeningKey

    return OpeningKey(unlocked(Path(key_file), passphrase(passphrase_file, new=False).reveal(), OPENING))


@handover.command(help="In phiếu bàn giao mật khẩu, mỗi người một trang / A slip to print, one page for each person.")
@_UNIT
@_KEY
@PASSPHRASE_FILE
@_IDS
@click.option("--out", required=True, metavar="FILE", help="Tệp PDF, chưa có / The PDF file, not there yet.")
@click.pass_obj
def letter(face: Face, unit: str, key_file: str, passphrase_file: str | None, ids: tuple[int, ...], out: str) -> None:
    """Write passwords as slips."""
    from syncagent.cli.log import event
    from syncagent.runs.handover import opened, to_open
    from syncagent.trust import kept
    from syncagent.wiring import office_of

    settings, _ = face.settings()
    path = Path(out)
    with face.agent() as agent:
        chosen = to_open(agent, unit, _public(key_file), ids)
        owner = _unlocked(key_file, passphrase_file)
        kept.make_file(path, b"")  # a name that cannot be written costs no password
        try:
            found = opened(
                agent,
                chosen,
                owner,
                lambda known: kept.replace_file(path, _slips(agent, known, office_of(settings), face.language)),
            )
        except BaseException:
            path.unlink()
            raise
    event("opened", unit=unit, passwords=len(found), letter=True)
    face.say(
        Text(
            f"Đã ghi {len(found)} phiếu vào {out}. In, giao tận tay, rồi xóa tệp này.",
            f"{len(found)} slips are in {out}. Print them, hand them over in person, and delete this file.",
        )
    )


def _slips(agent: Agent, found: Sequence[Opened], office: Office, language: Language) -> bytes:
    from syncagent.report.password_letter import Slip, slips

    pages = [Slip(one.name, one.unit, one.address, one.password.reveal, one.sealed_at) for one in found]
    return slips(pages, agent.policy.regulation, office, language, agent.clock())


VERBS = (handover,)
