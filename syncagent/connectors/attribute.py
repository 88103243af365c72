"""The attributes that are read of a directory, how their bytes become text and text their bytes."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from syncagent.connectors.groups import relative_id
from syncagent.core.directory import identity_text
from syncagent.core.notation import Syntax
from syncagent.trust.pseudonyms import is_identity_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values

_ASIDE = ("objectClass", "memberOf", "primaryGroupID", "objectSid", "member", "uniqueMember", "cn")


class Attribute(NamedTuple):
    """An attribute that is read: its name, how its bytes become text (None: they are UTF-8), and what it is for.

    `aside` attributes say what kind of entry it is and what it belongs to; the others make up an account.
    """

    name: str
    text: Callable[[bytes], str] | None = None
    aside: bool = False


def attributes(directory: Directory) -> dict[str, Attribute]:
    """Return the attributes to read, by lower-case name: those of the mapping, and what kind, group and rule need."""
    of_policies = chain.from_iterable(source.attributes() for source in directory.password_policies)
    found = {name.lower(): Attribute(name, aside=True) for name in (*_ASIDE, *of_policies, *directory.rights)}
    found["objectsid"] = Attribute("objectSid", relative_id, aside=True)
    found |= {lower: Attribute(name) for lower, name in directory.attributes().items()}
    identity = directory.identity
    found[identity.lower()] = Attribute(identity, partial(identity_text, syntax=directory.identity_syntax))
    return found


def shown(directory: Directory) -> tuple[str, ...]:
    """Return the attributes whose values stand in plans: names of an account, and where its mail goes."""
    principal = (directory.principal.attribute,) if directory.principal else ()
    names = (directory.rdn, directory.login.attribute, directory.address, directory.addresses.attribute)
    return (*names, *principal, *directory.forwarding)


def as_bytes(directory: Directory, attribute: str, value: str) -> bytes:
    """Given a value as text, return it as the directory holds it: the reverse of reading."""
    if attribute == directory.identity and directory.identity_syntax is Syntax.GUID:
        return UUID(value).bytes_le
    return value.encode()


def pseudonymous(key: Values, pseudonym: Callable[[str], str]) -> Values:
    """Given the values of a key attribute, return them with pseudonyms for personal identification numbers."""
    return tuple(pseudonym(value.strip()) if is_identity_number(value.strip()) else value for value in key)
