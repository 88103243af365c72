"""Registered keys in the state, each entry under the agent's signature: whoever writes the database adds nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import insert, select, update

from syncagent.errors import Refused
from syncagent.store.store import lineage_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Table

    from syncagent.trust.signing import PublicKey, SigningKey


class Entry(Protocol):
    """What a registry keeps of one key: a named tuple with the columns of its table, the signature aside."""

    @property
    def key_id(self) -> str:
        """The name of the key."""
        ...

    def _asdict(self) -> dict[str, Any]: ...


def keep(connection: Connection, table: Table, kind: str, entry: Entry, signer: SigningKey) -> None:
    """Store an entry, or what became of one, under the agent's signature; `kind` is the type of what is signed."""
    parts = entry._asdict()
    row = {**parts, "signature": signer.signature(kind, _statement(connection, parts))}
    known = connection.execute(update(table).where(table.c.key_id == entry.key_id).values(row)).rowcount
    if not known:
        connection.execute(insert(table).values(row))


def entries(connection: Connection, table: Table, kind: str, key: PublicKey) -> Iterator[Mapping[str, Any]]:
    """Yield every entry, in the order in which they were added, without its signature.

    Raises:
        Refused: an entry does not bear the signature of the agent's key: it was changed, or made by somebody else.
    """
    rows = connection.execute(select(table).order_by(table.c.added_at, table.c.key_id)).mappings()
    for row in rows:
        parts = {name: value for name, value in row.items() if name != "signature"}
        if not key.holds(kind, _statement(connection, parts), row["signature"]):
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
        yield parts


def _statement(connection: Connection, parts: Mapping[str, Any]) -> bytes:
    """Return what the agent signs of an entry: everything it knows, and in which state."""
    whole = {"lineage": lineage_of(connection), **parts}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
