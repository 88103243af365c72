"""The attributes of Exchange that mail accounts have, as additions to the schema of an Active Directory.

Names, syntaxes and ranges are Exchange's. Identifiers are Exchange's where a public text gives them, else of the
arc for examples (RFC 5612): no test depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

_AD = "1.2.840.113556.1.2"
_EXCHANGE = "1.2.840.113556.1.4.7000.102"
_EXAMPLE = "1.3.6.1.4.1.32473.2"


class Syntax(Enum):
    """attributeSyntax and oMSyntax (MS-ADTS 3.1.1.2.2.2)."""

    TEXT = ("2.5.5.12", 64)
    FLAG = ("2.5.5.8", 1)
    NUMBER = ("2.5.5.9", 2)
    LARGE = ("2.5.5.16", 65)
    BYTES = ("2.5.5.10", 4)
    MOMENT = ("2.5.5.11", 24)
    NAME = ("2.5.5.1", 127)


class Attribute(NamedTuple):
    """An attributeSchema entry; `longest` is its rangeUpper."""

    name: str
    identifier: str
    syntax: Syntax = Syntax.TEXT
    longest: int = 0
    single: bool = True


ATTRIBUTES = (
    Attribute("mailNickname", f"{_AD}.447", longest=64),
    Attribute("targetAddress", f"{_AD}.352", longest=1123),
    Attribute("homeMDB", f"{_AD}.244", Syntax.NAME),
    Attribute("msExchHomeServerName", f"{_EXCHANGE}.47"),
    Attribute("msExchHideFromAddressLists", f"{_EXCHANGE}.73", Syntax.FLAG),
    Attribute("msExchMailboxGuid", f"{_EXCHANGE}.11058", Syntax.BYTES, 16),
    Attribute("msExchRecipientDisplayType", f"{_EXCHANGE}.50730", Syntax.NUMBER),
    Attribute("msExchRecipientTypeDetails", f"{_EXCHANGE}.50855", Syntax.LARGE),
    Attribute("msExchWhenMailboxCreated", f"{_EXCHANGE}.51580", Syntax.MOMENT),
    Attribute("msExchGenericForwardingAddress", f"{_EXCHANGE}.51620", longest=1123),
    Attribute("altRecipient", f"{_EXAMPLE}.1", Syntax.NAME),
    Attribute("deliverAndRedirect", f"{_EXAMPLE}.2", Syntax.FLAG),
    Attribute("publicDelegates", f"{_EXAMPLE}.3", Syntax.NAME, single=False),
    Attribute("mDBUseDefaults", f"{_EXAMPLE}.4", Syntax.FLAG),
    Attribute("mDBStorageQuota", f"{_EXAMPLE}.5", Syntax.NUMBER),
    Attribute("mDBOverQuotaLimit", f"{_EXAMPLE}.6", Syntax.NUMBER),
    Attribute("mDBOverHardQuotaLimit", f"{_EXAMPLE}.7", Syntax.NUMBER),
    Attribute("msExchUserAccountControl", f"{_EXAMPLE}.8", Syntax.NUMBER),
    Attribute("msExchVersion", f"{_EXAMPLE}.9", Syntax.LARGE),
    *(Attribute(f"extensionAttribute{n}", f"{_AD}.{422 + n}", longest=1024) for n in range(1, 11)),
    *(Attribute(f"extensionAttribute{n}", f"{_AD}.{588 + n}", longest=2048) for n in range(11, 16)),
)
_DISTINGUISHED_NAME = "KwwCh3McAIVK"
"""oMObjectClass of Object(DS-DN), 1.3.12.2.1011.28.0.714 in base64."""


def additions(schema: str) -> str:
    """Given the DN of the schema, return LDIF that adds the attributes."""
    return "\n".join("\n".join(_lines(attribute, schema)) + "\n" for attribute in ATTRIBUTES)


def allowances(schema: str) -> str:
    """Given the DN of the schema, return LDIF that lets recipients have the attributes; they must be there already."""
    allowed = [f"mayContain: {attribute.name}" for attribute in ATTRIBUTES]
    head = [f"dn: CN=Mail-Recipient,{schema}", "changetype: modify", "add: mayContain"]
    return "\n".join([*head, *allowed]) + "\n"


def devices(schema: str) -> Iterator[str]:
    """Given the DN of the schema, yield LDIF for a container below a mailbox and its mobile devices, one by one."""
    for number, (name, above) in enumerate(
        (("msExchActiveSyncDevices", "user"), ("msExchActiveSyncDevice", "msExchActiveSyncDevices")), 100
    ):
        dn = f"CN={name},{schema}"
        yield (
            f"dn: {dn}\nchangetype: add\nobjectClass: classSchema\nlDAPDisplayName: {name}\n"
            f"governsID: {_EXAMPLE}.{number}\nobjectClassCategory: 1\nsubClassOf: top\npossSuperiors: {above}\n"
            f"rDNAttID: cn\ndefaultObjectCategory: {dn}\n"
        )


def _lines(attribute: Attribute, schema: str) -> Iterator[str]:
    code, om_syntax = attribute.syntax.value
    yield f"dn: CN={attribute.name},{schema}"
    yield "changetype: add"
    yield "objectClass: attributeSchema"
    yield f"lDAPDisplayName: {attribute.name}"
    yield f"attributeID: {attribute.identifier}"
    yield f"attributeSyntax: {code}"
    yield f"oMSyntax: {om_syntax}"
    yield f"isSingleValued: {str(attribute.single).upper()}"
    if attribute.longest:
        yield "rangeLower: 1"
        yield f"rangeUpper: {attribute.longest}"
    if attribute.syntax is Syntax.NAME:
        yield f"oMObjectClass:: {_DISTINGUISHED_NAME}"
    yield "searchFlags: 0"
    yield "isMemberOfPartialAttributeSet: TRUE"
