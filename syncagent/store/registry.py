"""Registered keys in the state, each under the agent's signature: whoever writes the database adds nobody.

Nor does anybody take one out, or bring a revoked one back: each coming and going stands in the audit log as well.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import insert, select, update

from syncagent.errors import Refused
from syncagent.store import audit
from syncagent.store.store import lineage_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table

    from syncagent.trust.signing import PublicKey, SigningKey


class Entry(Protocol):
    """What a registry keeps of one key: a named tuple with the columns of its table, the signature aside."""

    @property
    def key_id(self) -> str:
        """The name of the key."""
        ...

    def _asdict(self) -> dict[str, Any]: ...


def keep(connection: Connection, table: Table, noun: str, entry: Entry, signer: SigningKey) -> None:
    """Store an entry, or what became of one, under the agent's signature; the noun says who is registered."""
    parts = entry._asdict()
    row = {**parts, "signature": signer.signature(_kind(noun), _statement(connection, parts))}
    known = connection.execute(update(table).where(table.c.key_id == entry.key_id).values(row)).rowcount
    if not known:
        connection.execute(insert(table).values(row))


def entries(connection: Connection, table: Table, noun: str, key: PublicKey) -> list[Mapping[str, Any]]:
    """Return every entry, in the order in which they were added, without its signature.

    Raises:
        Refused: an entry does not bear the signature of the agent's key, so that it was changed or made by somebody
            else; or the audit log knows of other keys.
    """
    found: list[Mapping[str, Any]] = []
    rows = connection.execute(select(table).order_by(table.c.added_at, table.c.key_id)).mappings()
    for row in rows:
        parts = {name: value for name, value in row.items() if name != "signature"}
        if not key.holds(_kind(noun), _statement(connection, parts), row["signature"]):
            name = row["name"]
            raise Refused(
                Text(
                    f"Dòng đăng ký khóa của “{name}” không mang chữ ký của khóa ký hiện dùng: nó đã bị sửa, hoặc khóa "
                    "ký (signing_key) không phải khóa cũ. Hãy đặt lại khóa cũ, hoặc khôi phục trạng thái từ bản sao "
                    "lưu.",
                    f"The registered key of “{name}” does not bear the signature of the present signing key: the entry "
                    "was changed, or signing_key is not the key used so far. Put the old key back, or restore the "
                    "state from a backup.",
                )
            )
        found.append(parts)
    _as_recorded(connection, noun, {parts["key_id"]: not parts["revoked_at"] for parts in found})
    return found


def _as_recorded(connection: Connection, noun: str, found: Mapping[str, bool]) -> None:
    """Raise unless the audit log knows these keys and no other, and agrees which of them count.

    A key is added once, and revoked for good: a copy of its first record brings it back no more.
    """
    recorded: dict[str, bool] = {}
    for record in audit.records(connection, kinds=(f"{noun}-add", f"{noun}-revoke")):
        key_id = str(json.loads(record.body)["key_id"])
        recorded[key_id] = record.kind == f"{noun}-add" and recorded.get(key_id, True)
    if other := sorted(name for name in {*found, *recorded} if found.get(name) is not recorded.get(name)):
        names = ", ".join(other)
        raise Refused(
            Text(
                f"Danh sách khóa đã đăng ký khác với nhật ký kiểm toán ({len(other)} khóa: {names}): có dòng bị xóa, "
                "thêm hoặc phục hồi ngoài chương trình. Hãy khôi phục trạng thái từ bản sao lưu.",
                f"The registered keys are not those of the audit log ({len(other)}: {names}): entries were taken out, "
                "put in or brought back behind the program. Restore the state from a backup.",
            )
        )


def _kind(noun: str) -> str:
    """Return the type of what is signed."""
    return f"application/vnd.syncagent.{noun}.v1+json"


def _statement(connection: Connection, parts: Mapping[str, Any]) -> bytes:
    """Return what the agent signs of an entry: everything it knows, and in which state."""
    whole = {"lineage": lineage_of(connection), **parts}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
