"""Which part of a directory an agent looks after, and how its entries are turned into what plans speak of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from syncagent.connectors.attribute import Attribute, as_bytes, attributes, pseudonymous
from syncagent.connectors.gathering import Entry as Gathered
from syncagent.connectors.gathering import Gathering
from syncagent.connectors.ldap.escape import equal
from syncagent.connectors.live.step import Seen
from syncagent.connectors.replacing import replaced
from syncagent.connectors.source import a_server
from syncagent.core import dn as names_of
from syncagent.core.attributes import Attributes
from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.held import Before, Held
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values
    from syncagent.core.snapshot import Snapshot

_SHARED = 4096  # values of an attribute; one that has more is somebody's own


@dataclass(frozen=True)
class Branch:
    """The accounts under `base` in one naming context, read from `root` down.

    `beside` are attributes that the kind of server needs besides those of the mapping.
    """

    target: str
    directory: Directory
    base: str
    root: str
    context: str
    zone: tzinfo
    pseudonym: Callable[[str], str] | None
    beside: tuple[str, ...] = ()

    @cached_property
    def known(self) -> dict[str, Attribute]:
        """The attributes that say something, by lower-case name."""
        return attributes(self.directory)

    @cached_property
    def _shared(self) -> defaultdict[str, dict[tuple[bytes, ...], Values]]:
        """Values that many entries have, kept once for all: units, positions, object classes, groups."""
        return defaultdict(dict)

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The attributes to ask for."""
        named = [attribute.name for attribute in self.known.values()]
        return (*named, *(name for name in self.beside if name.lower() not in self.known))

    @cached_property
    def links(self) -> tuple[str, ...]:
        """The attributes with names of other entries: who is in which group, who has which right, which policy."""
        of_policies = (name for one in self.directory.password_policies for name in (one.applies_to, one.chosen_by))
        named = ("memberOf", "member", "uniqueMember", *self.directory.rights, *self.directory.forwarding, *of_policies)
        return tuple(self.known[name].name for name in dict.fromkeys(filter(None, map(str.lower, named))))

    @property
    def identity(self) -> str:
        """The attribute that is an entry's permanent identity."""
        return self.directory.identity

    def identified(self, guid: str) -> str:
        """Return the filter for the one entry of an identity."""
        return equal(self.identity, self.raw_identity(guid))

    def raw_identity(self, guid: str) -> bytes:
        """Return an identity as the server holds it."""
        return as_bytes(self.directory, self.identity, guid)

    def guid(self, found: Entry) -> str:
        """Return the identity of an entry as text; empty if it may not be read."""
        raw = found.attributes.get(self.identity, ())
        text = self.known[self.identity.lower()].text
        return text(raw[0]) if raw and text else ""

    def gathered(self, found: Entry, number: int) -> Gathered:
        """Return an entry with text for octets, and with pseudonyms for identification numbers in its key.

        Raises:
            Misconfigured: a value is not text, or no identity; the message names the entry and the attribute.
        """
        values: dict[str, Values] = {}
        aside: dict[str, Values] = {}
        own: dict[Values, Values] = {}
        for name, raw in found.attributes.items():
            attribute = self.known.get(name.lower())
            if attribute is None:
                continue
            shared = self._shared[attribute.name]
            held = shared.get(raw)
            if held is not None:
                (aside if attribute.aside else values)[attribute.name] = held
                continue
            text = attribute.text
            try:
                held = tuple([text(value) if text else value.decode() for value in raw])
            except ValueError as error:
                raise Misconfigured(
                    Text(
                        f"{name}: giá trị không đúng dạng hoặc không phải UTF-8. Hãy sửa trong thư mục rồi chạy lại.",
                        f"{name}: a value has the wrong form or is not UTF-8. Correct it in the directory, then run "
                        "again.",
                    ),
                    where=a_server().where(number, found.dn),
                ) from error
            held = own.setdefault(held, held)  # two names of a person are often one text
            if len(shared) < _SHARED:
                shared[raw] = held
            (aside if attribute.aside else values)[attribute.name] = held
        key = self.directory.key
        if self.pseudonym and key in values:
            values[key] = pseudonymous(values[key], self.pseudonym)
        return Gathered(number, found.dn, Attributes(values), aside)

    def snapshot(self, entries: Iterable[Gathered]) -> Snapshot:
        """Return what entries are together.

        Raises:
            Misconfigured: as Gathering.contents says.
        """
        return self._gathering().contents(entries, self.zone).snapshot

    def together(self, held: Held, before: Before | None) -> Snapshot:
        """Return what the entries held are together; `before` is what has changed since the last time.

        Raises:
            Misconfigured: as Gathering.contents says.
        """
        gathering = self._gathering()
        if held.snapshot and before is not None:
            edits = [(old, held.entries.get(key)) for key, old in before.items()]
            if found := replaced(held.snapshot, edits, self.directory, self.zone):
                return found
            gathering.decoded = {account.guid: account for account in held.snapshot.accounts}
        return gathering.contents(held.ordered(), self.zone).snapshot

    def _gathering(self) -> Gathering:
        return Gathering(self.target, self.directory, self.base, a_server(), self.pseudonym)

    def seen(self, found: Entry) -> Seen:
        """Return an account as it was just read.

        Raises:
            Misconfigured: a value is not text.
        """
        return Seen(self.guid(found), found.dn, self.gathered(found, 0).values, found.attributes)


def context_of(session: Session, base: str) -> str:
    """Return the naming context that holds the base.

    Raises:
        Misconfigured: the server has none that does.
    """
    contexts = session.root_dse.get("namingContexts", ())
    holding = [context for context in contexts if names_of.under(base, context)]
    if not holding:
        raise Misconfigured(
            Text(
                f"máy chủ không giữ {base} (có: {'; '.join(contexts)}). Hãy sửa base trong cấu hình.",
                f"the server does not hold {base} (it has: {'; '.join(contexts)}). Correct base in the configuration.",
            ),
            where=session.url,
        )
    return max(holding, key=len)
