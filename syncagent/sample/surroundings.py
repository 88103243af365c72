"""What stands in a directory besides mail accounts: the domain, containers, groups, contacts, computers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.sample.accounts import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncagent.sample.accounts import Registry, Values

LOCKOUT_THRESHOLD = 10
"""What the directory enforces; the regulation wants 13 (Điều 7 khoản 2 điểm a)."""

_DOMAIN_SID = (21, 1_112_021_375, 860_360_866, 2_025_162_042)
_DOMAIN_ADMINS, _DOMAIN_USERS, _FIRST_FREE = 512, 513, 1103
_GLOBAL_SECURITY, _GLOBAL_MAIL = "-2147483646", "2"


def group_address(registry: Registry) -> str:
    """Return the address of the group of everybody in the first agency."""
    return f"toanthe.{next(iter(registry.units)).abbreviation}@{registry.scheme.domain}"


def above(registry: Registry, units: Sequence[str]) -> Iterator[Entry]:
    """Yield the domain, the containers above the units, and those of the units, each after its parent."""
    root, base = registry.scheme.root, registry.scheme.base
    yield Entry(
        root,
        {
            "objectClass": ("top", "domain", "domainDNS"),
            "dc": (names_of.rdn_value(root),),
            "objectSid": (_sid(),),
            "lockoutThreshold": (str(LOCKOUT_THRESHOLD),),
            "lockoutDuration": ("0",),
            "minPwdLength": ("9",),
        },
    )
    for dn in (f"CN=Users,{root}", f"CN=Computers,{root}"):
        yield Entry(dn, {"objectClass": ("top", "container"), "cn": (names_of.rdn_value(dn),)})
    for dn in (base, f"OU=lien-he,{base}", *(registry.container(unit) for unit in units)):
        yield Entry(dn, {"objectClass": ("top", "organizationalUnit"), "ou": (names_of.rdn_value(dn),)})


def beside(registry: Registry, accounts: Sequence[Entry]) -> Iterator[Entry]:
    """Given the accounts, yield groups with some of them as members, contacts, and computers.

    One administrator is a member of Domain Admins, the others of a group in it.
    """
    users, base, first = f"CN=Users,{registry.scheme.root}", registry.scheme.base, next(iter(registry.units))
    admins = tuple(entry.dn for entry in accounts if "adminCount" in entry.attributes)
    protected: dict[str, Values] = {"adminCount": ("1",)}
    inner = f"CN=Quan tri he thong thu,{users}"
    direct = (*admins[:1], inner)
    yield _group(registry, f"CN=Domain Admins,{users}", _DOMAIN_ADMINS, direct, protected)
    yield _group(registry, inner, _FIRST_FREE, admins[1:], protected)
    yield _group(registry, f"CN=Domain Users,{users}", _DOMAIN_USERS, (), {})
    members = tuple(entry.dn for entry in accounts if entry.dn.endswith(f",OU={first.unit},{base}"))
    shown: dict[str, Values] = {
        "mail": (group_address(registry),),
        "proxyAddresses": (f"SMTP:{group_address(registry)}",),
        "groupType": (_GLOBAL_MAIL,),
    }
    name = f"Toàn thể {first.name}"
    yield _group(registry, names_of.child("CN", name, base), _FIRST_FREE + 1, members[:20], shown)
    for number, host in enumerate(("moha.gov.vn", "mst.gov.vn", "most.gov.vn"), start=1):
        name = f"Đầu mối liên hệ {number}"
        yield Entry(
            names_of.child("CN", name, f"OU=lien-he,{base}"),
            {
                "objectClass": ("top", "person", "organizationalPerson", "contact"),
                "cn": (name,),
                "displayName": (name,),
                "objectGUID": (registry.identity(),),
                "mail": (f"vanthu@{host}",),
            },
        )
    for number, container in enumerate((f"CN=Computers,{registry.scheme.root}", base), start=1):
        name = f"MT-VANTHU-{number:02d}"
        yield Entry(
            names_of.child("CN", name, container),
            {
                "objectClass": ("top", "person", "organizationalPerson", "user", "computer"),
                "cn": (name,),
                "sAMAccountName": (f"{name}$",),
                "userAccountControl": ("4096",),
                "objectGUID": (registry.identity(),),
            },
        )


def _group(registry: Registry, dn: str, rid: int, members: tuple[str, ...], more: dict[str, Values]) -> Entry:
    name = names_of.rdn_value(dn)
    attributes: dict[str, Values] = {
        "objectClass": ("top", "group"),
        "cn": (name,),
        "sAMAccountName": (name,),
        "objectGUID": (registry.identity(),),
        "objectSid": (_sid(rid),),
        "groupType": (_GLOBAL_SECURITY,),
        **more,
    }
    if members:
        attributes["member"] = members
    return Entry(dn, attributes)


def _sid(*relative: int) -> bytes:
    """Return a security identifier of this domain in binary form (MS-DTYP 2.4.2.2)."""
    parts = (*_DOMAIN_SID, *relative)
    head = bytes([1, len(parts)]) + (5).to_bytes(6, "big")
    return head + b"".join(part.to_bytes(4, "little") for part in parts)
