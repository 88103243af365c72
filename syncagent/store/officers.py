"""Those who hand passwords over, and the keys that passwords are sealed to, each under the agent's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.store import registry
from syncagent.store.tables import officers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syncagent.trust.signing import PublicKey, SigningKey

_NOUN = "officer"

OFFICE: Final = "office"
"""Stands for the unit of those who run the mail system: they hand over what no unit's own officer does."""


class Officer(NamedTuple):
    """Somebody who hands over the passwords of a unit and those below it; `revoked_at` is empty while they do."""

    key_id: str
    unit: str
    name: str
    public_key: str
    added_by: str
    added_at: str
    revoked_by: str = ""
    revoked_at: str = ""


def keep(connection: Connection, officer: Officer, signer: SigningKey) -> None:
    """Store an officer, or what became of one, under the agent's signature."""
    registry.keep(connection, officers, _NOUN, officer, signer)


def everyone(connection: Connection, key: PublicKey) -> tuple[Officer, ...]:
    """Return all officers, the revoked ones too, in the order of their units and of time.

    Raises:
        Refused: an entry does not bear the signature of the agent's key: somebody put a key of his own there; or
            the audit log knows of other keys.
    """
    found = (Officer(**entry) for entry in registry.entries(connection, officers, _NOUN, key))
    return tuple(sorted(found, key=lambda one: (one.unit, one.added_at)))


def in_office(connection: Connection, key: PublicKey) -> dict[str, Officer]:
    """Return who hands over passwords now, by unit; a unit has one at most.

    Raises:
        Refused: an entry does not bear the signature of the agent's key.
    """
    return {one.unit: one for one in everyone(connection, key) if not one.revoked_at}
