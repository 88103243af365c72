"""Verbs about approvers and their keys, and the options by which a person signs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.cli.passphrase import PASSPHRASE_FILE
from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import tzinfo

    from syncagent.cli.face import Face
    from syncagent.runs.agent import Agent
    from syncagent.runs.signer import Signer
    from syncagent.store.approvers import Approver
    from syncagent.trust.signing import PublicKey, SigningKey

KEY_FILE = click.option(
    "--key-file", metavar="FILE", help="Tệp khóa của người quyết định / The key file of whoever decides."
)
_BY = click.option("--by", metavar="NAME", help="Người duyệt ký việc này / The registered approver who signs this.")


def unlocked(key_file: str | None, passphrase_file: str | None) -> SigningKey | None:
    """Return the key in a file, None if no file was named.

    Raises:
        Misconfigured: the file cannot be read, or is no key.
        Refused: the passphrase is wrong, or there is nobody to ask for it.
    """
    from syncagent.cli.passphrase import passphrase
    from syncagent.trust.keyfile import public_key, unlock

    if not key_file:
        return None
    path = Path(key_file)
    public_key(path)  # a file that is none is said before a passphrase is asked for
    return unlock(path, passphrase(passphrase_file, new=False).reveal())


@click.group(help="Người duyệt và khóa của họ / The approvers and their keys.")
def approver() -> None:
    """Group the verbs about approvers."""


@approver.command(help="Tạo cặp khóa của chính mình / Make a key pair of your own; needs no state.")
@click.argument("file")
@PASSPHRASE_FILE
@click.pass_obj
def key(face: Face, file: str, passphrase_file: str | None) -> None:
    """Make a key pair."""
    made = _made(Path(file), passphrase_file)
    face.say(
        Text(
            f"Đã tạo khóa {made.id} trong tệp {file}. Gửi khóa công khai này cho một người duyệt để đăng ký:",
            f"Key {made.id} is in the file {file}. Send this public key to an approver, who registers it:",
        )
    )
    click.echo(made.hex)


def _made(path: Path, passphrase_file: str | None) -> PublicKey:
    from syncagent.cli.passphrase import new_key
    from syncagent.trust.keyfile import SIGNING
    from syncagent.trust.signing import PublicKey

    return PublicKey.from_hex(new_key(path, passphrase_file, SIGNING))


@approver.command(
    help="Đăng ký khóa của một người / Register a person's key. The first approver is added by whoever has the state, "
    "with a key file that is made if it is not there; all later ones by a registered approver, with their public key."
)
@click.argument("name")
@click.option("--public-key", metavar="HEX", help="Khóa công khai của người mới / The new approver's public key.")
@_BY
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def add(
    face: Face, name: str, public_key: str | None, by: str | None, key_file: str | None, passphrase_file: str | None
) -> None:
    """Register an approver."""
    from syncagent.cli.log import event
    from syncagent.runs.approvers import add as register
    from syncagent.trust.keyfile import public_key as public_half

    given = _given(public_key)
    with face.agent() as agent:
        signer = _signer(agent, by, key_file, passphrase_file)
        if given is None:
            path = _first_file(by, key_file)
            given = public_half(path) if path.exists() else _made(path, passphrase_file)
        added = register(agent, name, given, signer)
    event("approver-added", key_id=added.key_id)
    face.say(
        Text(
            f"{added.name} là người duyệt, khóa {added.key_id}, do {added.added_by} thêm. Từ nay chỉ quyết định có "
            "chữ ký mới được tính.",
            f"{added.name} is an approver, key {added.key_id}, added by {added.added_by}. From now on only signed "
            "decisions count.",
        )
    )


def _given(public_key: str | None) -> PublicKey | None:
    from syncagent.trust.signing import PublicKey

    try:
        return PublicKey.from_hex(public_key) if public_key else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--public-key") from error


def _first_file(by: str | None, key_file: str | None) -> Path:
    if by or not key_file:
        raise click.UsageError(
            "Cần --public-key của người mới (syncagent approver key TỆP), hoặc --key-file nếu là người đầu tiên / "
            "Give --public-key of the new approver (syncagent approver key FILE), or --key-file for the very first."
        )
    return Path(key_file)


def _signer(agent: Agent, by: str | None, key_file: str | None, passphrase_file: str | None) -> Signer | None:
    """Return whoever signs; nobody for the very first approver.

    Raises:
        Refused: there are approvers, and none of them signs.
    """
    from syncagent.runs.approvers import registered
    from syncagent.runs.signer import Signer, authorised

    found = unlocked(key_file, passphrase_file) if by else None
    signer = Signer(by, found) if by and found else None
    known = registered(agent)
    if known:
        authorised(known, signer)
    return signer


@approver.command("list", help="Danh sách người duyệt và khóa / The approvers and their keys.")
@click.pass_obj
def list_(face: Face) -> None:
    """List the approvers."""
    from syncagent.runs.approvers import registered

    with face.agent() as agent:
        known = registered(agent)
        own = agent.signer.public
        for one in known:
            face.say(_line(one, agent.zone))
    if not known:
        face.say(
            Text(
                "Chưa có người duyệt nào. Thêm bằng: syncagent approver add TÊN --key-file TỆP_KHÓA",
                "There is no approver yet. Add one with: syncagent approver add NAME --key-file FILE",
            )
        )
    face.say(
        Text(
            f"Khóa ký kế hoạch của phần mềm: {own.id}, khóa công khai {own.hex}",
            f"The agent's own key, which signs plans: {own.id}, public key {own.hex}",
        )
    )


def _line(one: Approver, zone: tzinfo) -> Text:
    from datetime import datetime

    from syncagent.report.words import moment

    added = datetime.fromisoformat(one.added_at).astimezone(zone)
    vi = f"{one.name} · khóa {one.key_id} · {one.added_by} thêm lúc {moment(added, 'vi')}"
    en = f"{one.name} · key {one.key_id} · added by {one.added_by} {moment(added, 'en')}"
    if one.revoked_at:
        revoked = datetime.fromisoformat(one.revoked_at).astimezone(zone)
        vi += f" · {one.revoked_by} thu hồi lúc {moment(revoked, 'vi')}"
        en += f" · revoked by {one.revoked_by} {moment(revoked, 'en')}"
    return Text(vi, en)


@approver.command(help="Thu hồi khóa / Revoke the keys of a person, or one key; nothing they signed counts any more.")
@click.argument("who", metavar="NAME|KEY")
@_BY
@KEY_FILE
@PASSPHRASE_FILE
@click.pass_obj
def revoke(face: Face, who: str, by: str | None, key_file: str | None, passphrase_file: str | None) -> None:
    """Revoke an approver's keys."""
    from syncagent.cli.log import event
    from syncagent.runs.approvers import revoke as withdraw

    with face.agent() as agent:
        revoked = withdraw(agent, who, _signer(agent, by, key_file, passphrase_file))
    for one in revoked:
        event("approver-revoked", key_id=one.key_id)
        face.say(
            Text(
                f"Khóa {one.key_id} của {one.name} đã bị {one.revoked_by} thu hồi.",
                f"Key {one.key_id} of {one.name} is revoked by {one.revoked_by}.",
            )
        )


VERBS = (approver,)
