"""Whether a log-in and its password belong together, and which groups of interest the account is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from syncagent.connectors.base import LoggedOn
from syncagent.connectors.ldap.escape import equal
from syncagent.connectors.ldap.server import Simple
from syncagent.connectors.ldap.session import open_session
from syncagent.core.dn import same
from syncagent.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.trust.secret import Secret

_DISABLED: Final = 0x2
_LONGEST = 256


class _Manner(NamedTuple):
    """How a kind of directory writes people: their class, what they log in with, who is in a group."""

    people: str
    logins: tuple[str, ...]
    guid: str
    members: tuple[str, ...]
    state: str


_IN_CHAIN: Final = "1.2.840.113556.1.4.1941"  # MS-ADTS 3.1.1.3.4.4.3: through groups in groups
_MANNERS: Final[Mapping[str, _Manner]] = {
    "active-directory": _Manner(
        "(objectCategory=person)(objectClass=user)",
        ("sAMAccountName", "userPrincipalName"),
        "objectGUID",
        (f"member:{_IN_CHAIN}:",),
        "userAccountControl",
    ),
    "openldap": _Manner(
        "(objectClass=person)", ("uid",), "entryUUID", ("member", "uniqueMember"), "pwdAccountLockedTime"
    ),
}


class _One(NamedTuple):
    """The one entry that a log-in stands for."""

    dn: str
    guid: str
    login: str
    name: str


class LogOn:
    """A door of the console over a directory server.

    Args:
        server: where it is; nothing goes there in the clear.
        bind: who searches.
        kind: how it writes people.
        base: the DN under which people are searched; empty for the whole directory.
        groups: DNs of the groups that matter.
    """

    def __init__(
        self,
        server: Server,
        bind: Bind,
        kind: Literal["active-directory", "openldap"],
        base: str,
        groups: tuple[str, ...],
    ) -> None:
        self._server = server
        self._bind = bind
        self._manner = _MANNERS[kind]
        self._base = base
        self._groups = groups

    def enter(self, login: str, password: Secret) -> LoggedOn | None:
        """Return the account of a log-in and its password; None if they do not belong together.

        An empty password never gets as far as a server, which would take the bind for an anonymous one (RFC 4513
        §5.1.2).

        Raises:
            SyncError: the directory does not answer, or the agent's own account is refused.
        """
        if not password.octets().strip() or b"\0" in password.octets():
            return None
        with open_session(self._server, self._bind) as session:
            one = self._found(session, login)
            if one is None or not self._opens(one, password):
                return None
            return LoggedOn(one.guid, one.login, one.name, self._groups_of(session, one))

    def look(self, login: str) -> LoggedOn | None:
        """Return the account as it is now; None if there is none that may log in.

        Raises:
            SyncError: as `enter`.
        """
        with open_session(self._server, self._bind) as session:
            one = self._found(session, login)
            return LoggedOn(one.guid, one.login, one.name, self._groups_of(session, one)) if one else None

    def _opens(self, one: _One, password: Secret) -> bool:
        """Whether the server lets this account in by this password, and takes it for no other."""
        try:
            with open_session(self._server, Simple(one.dn, password)):
                return True
        except Misconfigured:  # refused: the agent's own session over the same settings is open
            return False

    def _found(self, session: Session, login: str) -> _One | None:
        if not login or len(login) > _LONGEST or not login.isprintable():
            return None
        manner = self._manner
        either = "".join(equal(name, login) for name in manner.logins)
        asked = (manner.guid, manner.logins[0], "displayName", "cn", manner.state)
        base = self._base or (session.root_dse.get("defaultNamingContext") or session.root_dse["namingContexts"])[0]
        entries = list(session.read(base, f"(&{manner.people}(|{either}))", asked))
        if len(entries) != 1 or self._closed(entries[0]):
            return None
        entry = entries[0]
        name = _first(entry, "displayName") or _first(entry, "cn")
        return _One(entry.dn, self._guid(entry), _first(entry, manner.logins[0]) or login, name)

    def _closed(self, entry: Entry) -> bool:
        state = _first(entry, self._manner.state)
        if self._manner.state == "userAccountControl":
            return not state.isdigit() or bool(int(state) & _DISABLED)
        return bool(state)

    def _guid(self, entry: Entry) -> str:
        raw = entry.attributes[self._manner.guid][0]
        return str(UUID(bytes_le=raw)) if self._manner.guid == "objectGUID" else raw.decode()

    def _groups_of(self, session: Session, one: _One) -> frozenset[str]:
        either = "".join(equal(name, one.dn) for name in self._manner.members)
        return frozenset(
            group
            for group in self._groups
            if (found := session.find(group, filter=f"(|{either})")) and same(found.dn) == same(group)
        )


def _first(entry: Entry, name: str) -> str:
    values = entry.attributes.get(name, ())
    return values[0].decode("utf-8", "replace") if values else ""
