"""The Active Directory behind the model of Exchange: a real Samba, or one in memory where no law is about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import ldap3
from ldap3.utils.conv import escape_filter_chars
from servers.samba import Samba

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

    def add(self, entry: Entry) -> Entry:
        self.entries[entry.guid] = entry
        return entry

    def find(self, identity: str) -> Entry | None:
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
            if given:
                attributes[name.lower()] = list(given)
            else:
                attributes.pop(name.lower(), None)

    def holders(self, address: str) -> set[str]:
        wanted = address.casefold()
        return {
            entry.guid
            for entry in self.entries.values()
            if wanted in map(str.casefold, entry.attributes.get("proxyaddresses", ()))
        }


_NAMES = ("mailNickname", "sAMAccountName", "userPrincipalName", "mail")
_OCTETS = frozenset({"msexchmailboxguid"})


class LiveDirectory:
    """A running Samba, over LDAPS as its administrator."""

    def __init__(self, samba: Samba) -> None:
        server = ldap3.Server(
            samba.ldaps_url, tls=ldap3.Tls(ca_certs_file=str(samba.ca), validate=2), get_info=ldap3.NONE
        )
        self._line = ldap3.Connection(server, samba.admin, samba.password, auto_bind=True, check_names=False)
        self._base = samba.base_dn

    def find(self, identity: str) -> Entry | None:
        try:
            octets = "".join(f"\\{octet:02x}" for octet in UUID(identity).bytes_le)
            asked = f"(objectGUID={octets})"
        except ValueError:
            asked = "".join(f"({name}={escape_filter_chars(identity)})" for name in ("distinguishedName", *_NAMES))
            by_address = f"(proxyAddresses=smtp:{escape_filter_chars(identity)})"
            asked = f"(|{asked}{by_address}(canonicalName={escape_filter_chars(identity)}))"
        found = self._search(asked)
        if not found and "/" in identity:
            found = [entry for entry in self._search("(objectClass=*)") if entry.canonical == identity]
        return found[0] if found else None

    def modify(self, guid: str, values: Mapping[str, Sequence[str]]) -> None:
        entry = self.find(guid)
        if entry is None:
            raise LookupError(guid)
        changes: dict[str, Any] = {
            name: [(ldap3.MODIFY_REPLACE, [bytes.fromhex(v) if name.lower() in _OCTETS else v for v in given])]
            for name, given in values.items()
        }
        if changes and not self._line.modify(entry.dn, changes):
            raise RuntimeError(f"{entry.dn}: {self._line.result}")

    def holders(self, address: str) -> set[str]:
        return {entry.guid for entry in self._search(f"(proxyAddresses={escape_filter_chars(address)})")}

    def _search(self, asked: str) -> list[Entry]:
        self._line.search(self._base, asked, attributes=["*"])
        return [
            Entry(
                str(UUID(bytes_le=found["raw_attributes"]["objectGUID"][0])),
                found["dn"],
                _texts(found["raw_attributes"]),
            )
            for found in self._line.response or ()
            if found["type"] == "searchResEntry" and found["raw_attributes"].get("objectGUID")
        ]

    def close(self) -> None:
        self._line.unbind()


def _texts(raw: Mapping[str, Sequence[bytes]]) -> dict[str, Values]:
    return {
        name.lower(): [value.hex() if name.lower() in _OCTETS else value.decode(errors="replace") for value in values]
        for name, values in raw.items()
    }
