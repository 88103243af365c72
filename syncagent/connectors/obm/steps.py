"""From one change of a plan to the operations that carry it out on OBM, one after the other.

What closes an account goes before its stamp where a term begins with it, so that no term runs before the mailbox is
closed; a lock goes after its stamp, so that one without the other is locked again. What opens goes before its stamp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.connectors.obm.entry import LOCKED
from syncagent.connectors.obm.operations import Kind
from syncagent.connectors.obm.shown import asked
from syncagent.connectors.obm.user import LOCK
from syncagent.core import dn as names_of
from syncagent.core.action import Operation
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.obm.user import Attributes, User
    from syncagent.core.action import Change

_MAILS, _QUOTA, _ARCHIVED, _LOGIN = "mails", "mail_quota", "archived", "login"


class Step(NamedTuple):
    """One operation: its kind, the fields it changes, and the attributes of the plan that it stands for."""

    kind: Kind
    fields: Attributes
    of: frozenset[str] = frozenset()

    @property
    def takes_password(self) -> bool:
        """Whether it sets the password that came with the action; new addresses can take one along."""
        return self.kind in {Kind.CREATE, Kind.READDRESS, Kind.UNLOCK, Kind.RESET_PASSWORD}


def steps(change: Change, user: User | None) -> list[Step]:
    """Given a change and the user as it is now, return the operations in their order.

    Raises:
        Rejected: OBM knows no such change.
    """
    names = frozenset(change.attributes)
    if change.operation is Operation.ADD:
        fields = asked(change.attributes, None)
        made = Step(Kind.CREATE, _only(fields, *(fields.keys() - {LOCK})), names - {LOCK})
        return [made, *([_one(Kind.LOCK, fields, LOCK)] if LOCK in fields else [])]
    if change.operation is Operation.DELETE:
        login = names_of.rdn_value(change.dn)
        return [Step(Kind.EXPUNGE, {_LOGIN: ((login,), ()), **asked(change.attributes, user)}, names)]
    if change.operation is Operation.MODIFY:
        return _modifying(change, asked(change.attributes, user), user)
    raise Rejected(
        Text(
            f"OBM không có thao tác {change.operation}; hãy lập kế hoạch mới.",
            f"OBM knows no {change.operation}; plan again.",
        ),
        where=change.dn,
    )


def _modifying(change: Change, fields: Attributes, user: User | None) -> list[Step]:
    own = {_MAILS, _QUOTA, _ARCHIVED, _LOGIN, LOCK}
    others = {name: values for name, values in fields.items() if name not in own}
    update = [Step(Kind.UPDATE, others, frozenset(others))] if others else []
    archives = fields.get(_ARCHIVED, ((), ()))[1] == ("true",)
    found: list[Step] = []
    if _ARCHIVED in fields and not archives:
        found.append(_one(Kind.UNARCHIVE, fields, _ARCHIVED))
    if _MAILS in fields:
        login = {_LOGIN: ((user.login,), (user.login,))} if user else {}
        named = frozenset({"mail", "mailAlias", "uid"})
        found.append(Step(Kind.READDRESS, {**login, **_only(fields, _MAILS, _LOGIN)}, named))
    if _QUOTA in fields:
        found.append(_one(Kind.SET_LIMITS, fields, _QUOTA))
    if LOCK in fields:
        locks = fields[LOCK][1] == (LOCKED,)
        found += [*update, _one(Kind.LOCK, fields, LOCK)] if locks else [_one(Kind.UNLOCK, fields, LOCK)]
        update = [] if locks else update
    elif change.sets_password:
        found.append(Step(Kind.RESET_PASSWORD, {}))
    if archives:
        found.append(_one(Kind.ARCHIVE, fields, _ARCHIVED))
    return [*found, *update]


def _one(kind: Kind, fields: Attributes, name: str) -> Step:
    return Step(kind, _only(fields, name), frozenset({name}))


def _only(fields: Attributes, *names: str) -> Attributes:
    return {name: fields[name] for name in names if name in fields}
