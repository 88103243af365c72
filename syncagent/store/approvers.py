"""Whose signature counts: the approvers and their public keys, each entry under the agent's signature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select, update

from syncagent.errors import Refused
from syncagent.store.store import lineage_of
from syncagent.store.tables import approvers
from syncagent.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syncagent.trust.signing import PublicKey, SigningKey

_KIND = "application/vnd.syncagent.approver.v1+json"


class Approver(NamedTuple):
    """A person's key; moments are ISO 8601, and `revoked_at` is empty while the key counts."""

    key_id: str
    name: str
    public_key: str
    added_by: str
    added_at: str
    revoked_by: str = ""
    revoked_at: str = ""


def keep(connection: Connection, approver: Approver, signer: SigningKey) -> None:
    """Store an approver, or what became of one, under the agent's signature."""
    row = {**approver._asdict(), "signature": signer.signature(_KIND, _statement(connection, approver))}
    known = connection.execute(update(approvers).where(approvers.c.key_id == approver.key_id).values(row)).rowcount
    if not known:
        connection.execute(insert(approvers).values(row))


def everyone(connection: Connection, key: PublicKey) -> tuple[Approver, ...]:
    """Return all approvers, those whose keys were revoked too, in the order in which they were added.

    Raises:
        Refused: an entry does not bear the signature of the agent's key: it was changed, or made by somebody else.
    """
    rows = connection.execute(select(approvers).order_by(approvers.c.added_at, approvers.c.key_id)).mappings()
    found: list[Approver] = []
    for row in rows:
        approver = Approver(**{name: row[name] for name in Approver._fields})
        if not key.holds(_KIND, _statement(connection, approver), row["signature"]):
            raise Refused(
                Text(
                    f"Dòng đăng ký của người duyệt “{approver.name}” không mang chữ ký của khóa ký hiện dùng: nó đã bị "
                    "sửa, hoặc khóa ký (signing_key) không phải khóa cũ. Hãy đặt lại khóa cũ, hoặc khôi phục trạng "
                    "thái từ bản sao lưu.",
                    f"The entry of approver “{approver.name}” does not bear the signature of the present signing key: "
                    "it was changed, or signing_key is not the key used so far. Put the old key back, or restore the "
                    "state from a backup.",
                )
            )
        found.append(approver)
    return tuple(found)


def _statement(connection: Connection, approver: Approver) -> bytes:
    """Return what the agent signs of an approver: everything it knows, and in which state."""
    parts = {"lineage": lineage_of(connection), **approver._asdict()}
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
