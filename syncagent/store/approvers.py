"""Whose signature counts: the approvers and their public keys, each entry under the agent's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.store import registry
from syncagent.store.tables import approvers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syncagent.trust.signing import PublicKey, SigningKey

_NOUN = "approver"


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
    registry.keep(connection, approvers, _NOUN, approver, signer)


def everyone(connection: Connection, key: PublicKey) -> tuple[Approver, ...]:
    """Return all approvers, those whose keys were revoked too, in the order in which they were added.

    Raises:
        Refused: an entry does not bear the signature of the agent's key: it was changed, or made by somebody
            else; or the audit log knows of other keys.
    """
    return tuple(Approver(**entry) for entry in registry.entries(connection, approvers, _NOUN, key))
