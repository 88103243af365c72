"""The Active Directory behind the model of Exchange: a real Samba, or one in memory where no law is about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from servers.samba import Samba

from syncagent.connectors.ldap.answers import Result
from syncagent.connectors.ldap.escape import equal
from syncagent.connectors.ldap.requests import Edit, Modify
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import Session, open_session
from syncagent.trust.secret import Secret

Values = list[str]


@dataclass(slots=True)
class Entry:
    """A user; attribute names are in lower case, values are text, those of octets in hexadecimal digits."""

    guid: str
    dn: str
    attributes: dict[str, Values] = field(default_factory=dict)

    def first(self, attribute: str) -> str:
        return next(iter(self.attributes.get(attribute.lower(), ())), "")

    @property
    def canonical(self) -> str:
        """The name as Exchange shows it: `ninhbinh.gov.vn/Mail/An`."""
        parts = [part.split("=", 1) for part in self.dn.split(",")]
        domain = ".".join(value for kind, value in parts if kind.upper() == "DC")
        return "/".join([domain, *(value for kind, value in reversed(parts) if kind.upper() != "DC")])


class DirectoryBehind(Protocol):
    """Where Exchange keeps its recipients."""

    def find(self, identity: str) -> Entry | None:
        """Return whom an identity names: objectGUID, DN, canonical name, alias, log-in name, or an address."""
        ...

    def modify(self, guid: str, values: Mapping[str, Sequence[str]]) -> None:
        """Replace the values of attributes; those of octets in hexadecimal digits, none takes the attribute away."""
        ...

    def holders(self, address: str) -> set[str]:
        """Return the objectGUIDs of those who have a proxy address, case aside."""
        ...


@dataclass(slots=True)
class MemoryDirectory:
    """Entries in memory."""

    entries: dict[str, Entry] = field(default_factory=dict)
    _holders: dict[str, set[str]] = field(default_factory=dict)

    def add(self, entry: Entry) -> Entry:
        self.entries[entry.guid] = entry
        return entry

    def find(self, identity: str) -> Entry | None:
        if identity in self.entries:
            return self.entries[identity]
        wanted = identity.casefold()
        for entry in self.entries.values():
            names = (entry.guid, entry.dn, entry.canonical, *map(entry.first, _NAMES))
            addresses = (address.split(":", 1)[-1] for address in entry.attributes.get("proxyaddresses", ()))
            if wanted in map(str.casefold, (*names, *addresses)):
                return entry
        return None

    def modify(self, guid: str, values: Mapping[str, Sequence[str]]) -> None:
        attributes = self.entries[guid].attributes
        for name, given in values.items():
            if name.lower() == "proxyaddresses":
                for address in attributes.get("proxyaddresses", ()):
                    self._holders[address.casefold()].discard(guid)
                for address in given:
                    self._holders.setdefault(address.casefold(), set()).add(guid)
            if given:
                attributes[name.lower()] = list(given)
            else:
                attributes.pop(name.lower(), None)

    def holders(self, address: str) -> set[str]:
        return self._holders.get(address.casefold(), set()) & self.entries.keys()


_NAMES = ("mailNickname", "sAMAccountName", "userPrincipalName", "mail")
_OCTETS = frozenset({"msexchmailboxguid"})


@dataclass(slots=True)
class LiveDirectory:
    """A running Samba, over a session as its administrator."""

    session: Session
    base: str

    def find(self, identity: str) -> Entry | None:
        try:
            octets = "".join(f"\\{octet:02x}" for octet in UUID(identity).bytes_le)
            asked = f"(objectGUID={octets})"
        except ValueError:
            names = "".join(equal(name, identity) for name in ("distinguishedName", *_NAMES))
            asked = f"(|{names}{equal('proxyAddresses', f'smtp:{identity}')})"
        found = self._search(asked)
        if not found and "/" in identity:
            found = [entry for entry in self._search("(objectClass=user)") if entry.canonical == identity]
        return found[0] if found else None

    def modify(self, guid: str, values: Mapping[str, Sequence[str]]) -> None:
        entry = self.find(guid)
        if entry is None:
            raise LookupError(guid)
        edits = tuple(
            (Edit.REPLACE, name, tuple(_octets(name, one) for one in given)) for name, given in values.items()
        )
        if edits:
            (ended,) = self.session.write([Modify(entry.dn, edits)])
            if not isinstance(ended, Result) or ended.code:
                raise RuntimeError(f"{entry.dn}: {ended}")

    def holders(self, address: str) -> set[str]:
        return {entry.guid for entry in self._search(equal("proxyAddresses", address))}

    def _search(self, asked: str) -> list[Entry]:
        return [
            Entry(str(UUID(bytes_le=found.attributes["objectGUID"][0])), found.dn, _texts(found.attributes))
            for found in self.session.read(self.base, asked, ("*",))
            if found.attributes.get("objectGUID")
        ]


@contextmanager
def live_directory(samba: Samba) -> Iterator[LiveDirectory]:
    """Give the directory of a Samba, as Exchange writes to it."""
    there = Server((samba.ldaps_url,), ca_file=samba.ca)
    with open_session(there, Simple(samba.admin, Secret(samba.password))) as session:
        yield LiveDirectory(session, samba.base_dn)


def _octets(name: str, value: str) -> bytes:
    return bytes.fromhex(value) if name.lower() in _OCTETS else value.encode()


def _texts(raw: Mapping[str, Sequence[bytes]]) -> dict[str, Values]:
    return {
        name.lower(): [value.hex() if name.lower() in _OCTETS else value.decode(errors="replace") for value in values]
        for name, values in raw.items()
    }
