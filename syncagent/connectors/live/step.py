"""One write of an action, and an account as it was just read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from syncagent.connectors.ldap.requests import Write
    from syncagent.core.action import Change
    from syncagent.core.notation import Values

NO_SUCH_ATTRIBUTE = 16
VALUE_EXISTS = 20
CLASS_VIOLATION = 65
ENTRY_EXISTS = 68
ASSERTION_FAILED = 122


class Seen(NamedTuple):
    """An account as it was just read: identity, name, values as plans show them, and values as the server holds them.

    The two kinds of values stand in the same order; they differ where a pseudonym replaces an identity number.
    """

    guid: str
    dn: str
    values: Mapping[str, Values]
    raw: Mapping[str, tuple[bytes, ...]]


class Step(NamedTuple):
    """One write.

    `write` makes it from the account as it was just read, None if it is not there; it returns None if nothing is left
    to do, and raises Conflict or Rejected if it may not be done. `differs` is asked afterwards, with the account as it
    then is, what of it is not as it should be; empty if all is. `settled` are result codes that say that it is so
    already. `on` is the DN of the entry that is written, if it is not the account; `adds` that of an account that has
    no identity before. `sets_password` says that a new password is in force once the server has confirmed the write,
    `change` which change of the action then stands.
    """

    write: Callable[[Seen | None], Write | None]
    differs: Callable[[Seen | None], str]
    settled: frozenset[int] = frozenset()
    on: str = ""
    adds: str = ""
    sets_password: bool = False
    change: Change | None = None


def nothing_differs(_: Seen | None) -> str:
    """Return that all is as it should be, for writes that do not concern the account itself."""
    return ""
