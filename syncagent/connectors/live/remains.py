"""What is left of a deleted account, as the account it would be again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors import changes
from syncagent.core import dn as names_of
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.kind import Kind
    from syncagent.core.account import Account


def remains(session: Session, kind: Kind, branch: Branch, guid: str, dn: str) -> Account | Text:
    """Given the identity of a deleted account and where it would stand, return it, or why it cannot be brought back.

    Raises:
        Misconfigured: a value cannot be understood.
        Unavailable: the connection is lost or time is up.
    """
    found = kind.remains(session, branch, guid)
    if isinstance(found, Text):
        return found
    rdn = branch.directory.rdn
    values = {name: raw for name, raw in found.attributes.items() if name.lower() != rdn.lower()}
    values[rdn] = (names_of.rdn_value(dn).encode(),)  # a deleted entry is called by its identity
    accounts = branch.snapshot([branch.gathered(found._replace(dn=dn, attributes=values), 1)]).accounts
    return accounts[0] if accounts else changes.not_deleted(dn)
