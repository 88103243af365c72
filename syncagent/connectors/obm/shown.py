"""A user of OBM in the words of the mapping, and what a plan changes of one in the words of OBM's API.

The mapping's `mail` and `mailAlias` are the first and the others of the API's `mails`, its `uid` is the login, and its
description has several values, one of them the stamp; the rest is the same in both.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from syncagent.core.stamp import is_stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.connectors.obm.site import Account
    from syncagent.connectors.obm.user import Attributes, User, Values

IDENTITY: Final = "id"
_MAIL, _OTHERS, _LOGIN, _DESCRIPTION = "mail", "mailAlias", "uid", "description"
_USED, _CREATED = "lastBind", "timecreate"
_OWN: Final = frozenset({"mails", "login", _DESCRIPTION, "mail_quota", "nomad_mail"})
_BETWEEN = " | "
"""What parts the values of a description: OBM has one, which people write into as well."""


class Mails(NamedTuple):
    """The addresses of a user: the first, and the others in the order of the alphabet."""

    first: Values
    others: Values


def shown(account: Account) -> dict[str, Values]:
    """Return a user as the mapping names it. A quota or a forwarding that is not in force is left out."""
    user = account.user
    values = {name: held for name, held in account.fields.items() if name not in _OWN}
    mails = mails_of(user)
    used = account.entry.used if account.entry else None
    values |= {
        IDENTITY: (user.ext_id,),
        _LOGIN: (user.login,),
        _MAIL: mails.first,
        _OTHERS: mails.others,
        _DESCRIPTION: _parted(user.fields.get(_DESCRIPTION, ())),
        "mail_quota": tuple(value for value in user.fields.get("mail_quota", ()) if value != "0"),
        "nomad_mail": user.fields.get("nomad_mail", ()) if user.fields.get("nomad_enabled") == ("true",) else (),
        _USED: (f"{used.astimezone(UTC):%Y%m%d%H%M%SZ}",) if used else (),
        _CREATED: _moment(user.created),
    }
    return {name: held for name, held in values.items() if held}


def asked(attributes: Mapping[str, tuple[Values, Values]], user: User | None) -> Attributes:
    """Given the attributes of a change and the user as it is now, None if there is none, return OBM's fields.

    Addresses that mean the same as those that are there are written as they are there.
    """
    fields = {name: values for name, values in attributes.items() if name not in {_MAIL, _OTHERS, _LOGIN, _DESCRIPTION}}
    if _LOGIN in attributes:
        fields["login"] = attributes[_LOGIN]
    if _DESCRIPTION in attributes:
        before, after = attributes[_DESCRIPTION]
        fields[_DESCRIPTION] = (_joined(before), _joined(after))
    if attributes.keys() & {_MAIL, _OTHERS}:
        now = mails_of(user) if user else Mails((), ())
        first, others = attributes.get(_MAIL, (now.first,) * 2), attributes.get(_OTHERS, (now.others,) * 2)
        before, after = (_as_there(Mails(first[side], others[side]), user) for side in (0, 1))
        fields["mails"] = (before, after)
    return {name: (_plain(name, before, user), after) for name, (before, after) in fields.items()}


def mails_of(user: User) -> Mails:
    """Return the addresses that reach a user, in lower case; stored short, one of them may stand for several."""
    every = tuple(address.lower() for address in user.effective)
    return Mails(every[:1], tuple(sorted(set(every[1:]) - set(every[:1]))))


def _as_there(mails: Mails, user: User | None) -> Values:
    if user and mails == mails_of(user):
        return user.fields.get("mails", ())
    return (*mails.first, *mails.others)


def _plain(name: str, before: Values, user: User | None) -> Values:
    """Return a value before as the API has it: no quota is 0 there."""
    return ("0",) if name == "mail_quota" and not before and user else before


def _parted(description: Values) -> Values:
    """Return a description with the stamp as a value of its own: what people wrote stands before it."""
    for text in description:
        said, between, stamp = text.rpartition(_BETWEEN)
        if between and is_stamp(stamp):
            return (said, stamp)
    return description


def _joined(values: Values) -> Values:
    return (_BETWEEN.join(values),) if values else ()


def _moment(written: str) -> Values:
    """Return a moment of the API as a generalised time, nothing for one that makes no sense."""
    with suppress(ValueError):
        return (f"{datetime.strptime(written, '%Y-%m-%dT%H:%M:%S.%f%z').astimezone(UTC):%Y%m%d%H%M%SZ}",)
    return ()
