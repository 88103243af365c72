"""A user's entry in OBM's LDAP directory: read to verify what the API says, written for the lock alone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.ldap import codes
from syncagent.connectors.ldap.requests import Edit, Modify, Scope
from syncagent.connectors.obm.user import LOCK
from syncagent.core import dn as names_of
from syncagent.errors import Conflict
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.session import Session

SUFFIX = "dc=local"  # wired into OBM's provisioning
LOCKED = "000001010000Z"
"""Locked until somebody takes it back (draft-behera-ldap-password-policy §5.3.3)."""

_USES = ("pwdLastSuccess", "authTimestamp")
_ASKED = ("uid", "mail", "mailAlias", "mailAccess", "mailBox", "hiddenUser", LOCK, *_USES)
_USERS = "(objectClass=obmUser)"
_OTHERS = "(&(|(mail=*)(mailAlias=*))(|(objectClass=obmGroup)(objectClass=obmMailShare)))"


class Seen(NamedTuple):
    """A user's entry.

    Attributes:
        dn: its name.
        addresses: those by which mail reaches it, in lower case.
        permits: whether mail and IMAP are permitted (`mailAccess`).
        lock: the values of `pwdAccountLockedTime`.
        used: when somebody last bound with its password, None if the directory does not keep that.
    """

    dn: str
    addresses: frozenset[str]
    permits: bool
    lock: tuple[str, ...]
    used: datetime | None


def place(domain: str) -> str:
    """Return the DN below which the users of a domain are."""
    return f"ou=users,dc={names_of.escape(domain)},{SUFFIX}"


def find(session: Session, login: str, domain: str) -> Seen | None:
    """Return the entry of a login, None if there is none.

    Raises:
        Doubtful: the answer makes no sense.
        Unavailable: no answer.
    """
    found = session.find(names_of.child("uid", login.lower(), place(domain)), _ASKED)
    return _seen(found) if found else None


def every(session: Session, domain: str) -> Iterator[tuple[str, Seen]]:
    """Yield all entries of users of a domain with their logins.

    Raises:
        Doubtful, Unavailable: not everything came; nothing that was yielded counts.
    """
    for entry in session.read(place(domain), _USERS, _ASKED, Scope.LEVEL):
        yield entry.attributes["uid"][0].decode("utf-8", "replace").lower(), _seen(entry)


def others(session: Session, domain: str) -> dict[str, str]:
    """Return the addresses of groups and shared mailboxes of a domain, in lower case, each with its holder's DN.

    Raises:
        Doubtful, Unavailable: not everything came.
    """
    top = names_of.parent(place(domain))
    return {
        value.decode("utf-8", "replace").lower(): found.dn
        for found in session.read(top, _OTHERS, ("mail", "mailAlias"))
        for values in found.attributes.values()
        for value in values
    }


def lock(session: Session, seen: Seen) -> None:
    """Lock an entry, if its lock is still as it was seen.

    Raises:
        Conflict, Rejected, Unavailable, Unknown: the directory's answer.
    """
    old = [value.encode() for value in seen.lock]
    away = [(Edit.DELETE, LOCK, old)] if old else []
    _write(session, Modify(seen.dn, [*away, (Edit.ADD, LOCK, [LOCKED.encode()])]))


def unlock(session: Session, seen: Seen) -> None:
    """Take the lock from an entry, if it is still as it was seen.

    Raises:
        Conflict, Rejected, Unavailable, Unknown: the directory's answer.
    """
    _write(session, Modify(seen.dn, [(Edit.DELETE, LOCK, [value.encode() for value in seen.lock])]))


def _write(session: Session, change: Modify) -> None:
    (end,) = session.write([change])
    if error := codes.error(end, change.dn):
        raise error


def gone(login: str) -> Conflict:
    """Return the error about a user who has no entry where one is needed."""
    return Conflict(
        Text(
            f"{login} không có mục trong LDAP của OBM (đã lưu trữ?); hãy lập kế hoạch mới.",
            f"{login} has no entry in OBM's LDAP (archived?); plan again.",
        )
    )


def _seen(entry: Entry) -> Seen:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(value.decode("utf-8", "replace") for value in entry.attributes.get(name, ()))

    addresses = frozenset(address.lower() for name in ("mail", "mailAlias") for address in texts(name))
    used = [moment for name in _USES for value in texts(name) if (moment := _moment(value))]
    return Seen(entry.dn, addresses, texts("mailAccess") == ("PERMIT",), texts(LOCK), max(used, default=None))


def _moment(value: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(value[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return None
