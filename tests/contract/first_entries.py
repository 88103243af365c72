"""What every directory of the contract holds at first: as an export, and as a server is given it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

from syncagent.sample.accounts import Entry

PASSWORD = "Mat.khau-2026"  # noqa: S105 - of servers that live as long as a test

ACTIVE_DIRECTORY = """\
dn: DC=ninhbinh,DC=gov,DC=vn
objectClass: top
objectClass: domain
objectClass: domainDNS
objectGUID:: AAAAAAAAAAAAAAAAAAAAAQ==
lockoutThreshold: 5
minPwdLength: 8

dn: OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: top
objectClass: organizationalUnit
OU: Mail
objectGUID:: AAAAAAAAAAAAAAAAAAAAAg==

dn:: T1U9c252LE9VPU1haWwsREM9bmluaGJpbmgsREM9Z292LERDPXZu
objectClass: top
objectClass: organizationalUnit
OU: snv
objectGUID:: AAAAAAAAAAAAAAAAAAAAAw==

dn: CN=Tin tuc,OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: top
objectClass: group
cn: Tin tuc
sAMAccountName: tintuc
mail: tintuc@ninhbinh.gov.vn
proxyAddresses: SMTP:tintuc@ninhbinh.gov.vn
objectGUID:: AAAAAAAAAAAAAAAAAAAABA==

dn:: Q049VHLhuqduIFRo4buLIEjDsmEsT1U9c252LE9VPU1haWwsREM9bmluaGJpbmgsREM9Z292LERDPXZu
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn:: VHLhuqduIFRo4buLIEjDsmE=
displayName:: VHLhuqduIFRo4buLIEjDsmE=
sAMAccountName: hoatt
userPrincipalName: hoatt.snv@ninhbinh.gov.vn
mail: hoatt.snv@ninhbinh.gov.vn
proxyAddresses: SMTP:hoatt.snv@ninhbinh.gov.vn
proxyAddresses: smtp:hoa@ninhbinh.gov.vn
proxyAddresses: X500:/o=tinh/cn=hoatt
userAccountControl: 66048
lastLogonTimestamp: 134170000000000000
lastLogon: 134170000000000000
pwdLastSet: 133800000000000000
whenCreated: 20200102030405.0Z
title:: Q2h1ecOqbiB2acOqbg==
thumbnailPhoto:: /9j/4AAQSkZJRg==
objectGUID:: AAAAAAAAAAAAAAAAAAAABQ==

dn:: Q049VGhp4bq/dCBi4buLLENOPVRy4bqnbiBUaOG7iyBIw7JhLE9VPXNudixPVT1NYWlsLERDPW5
 pbmhiaW5oLERDPWdvdixEQz12bg==
objectClass: top
objectClass: msExchActiveSyncDevices
cn:: VGhp4bq/dCBi4buL
objectGUID:: AAAAAAAAAAAAAAAAAAAABg==

"""

OPENLDAP = """\
dn: dc=ninhbinh,dc=gov,dc=vn
objectClass: dcObject
objectClass: organization
dc: ninhbinh
o: Ninh Binh
entryUUID: 00000000-0000-0000-0000-000000000001

dn: ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: organizationalUnit
ou: Mail
entryUUID: 00000000-0000-0000-0000-000000000002

dn: ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: organizationalUnit
ou: snv
entryUUID: 00000000-0000-0000-0000-000000000003

dn: cn=tintuc,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: groupOfNames
objectClass: obmGroup
objectClass: uidObject
cn: tintuc
uid: tintuc
mail: tintuc@ninhbinh.gov.vn
member: uid=hoatt,ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
entryUUID: 00000000-0000-0000-0000-000000000004

dn: uid=hoatt,ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: inetOrgPerson
objectClass: obmUser
uid: hoatt
cn:: VHLhuqduIFRo4buLIEjDsmE=
sn:: VHLhuqduIFRo4buL
displayName:: VHLhuqduIFRo4buLIEjDsmE=
mail: hoatt.snv@ninhbinh.gov.vn
mailAlias: hoa@ninhbinh.gov.vn
mailAccess: PERMIT
description: Tang 2
title:: Q2h1ecOqbiB2acOqbg==
createTimestamp: 20200102030405Z
pwdLastSuccess: 20260301030405Z
jpegPhoto:: /9j/4AAQSkZJRg==
entryUUID: 00000000-0000-0000-0000-000000000005

dn: cn=devices,uid=hoatt,ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: applicationProcess
cn: devices
entryUUID: 00000000-0000-0000-0000-000000000006

"""

FIRST_ENTRIES = {"active-directory": ACTIVE_DIRECTORY, "openldap": OPENLDAP}

_SUFFIX = "dc=ninhbinh,dc=gov,dc=vn"
_OF_THE_SERVER = frozenset({
    "objectguid", "entryuuid", "whencreated", "createtimestamp", "lastlogon", "lastlogontimestamp", "pwdlastset",
    "pwdlastsuccess",
})  # fmt: skip
_NAMES = frozenset({"dn", "member"})


def loadable(first: str, root: str) -> Iterator[Entry]:
    """Given first entries, yield them as a server takes them, below a root that is there and stands for the domain.

    What only the server sets is left out; accounts get a password, so that they can log in. The entry below an account
    is none of a mobile device on a live directory, for those go with the account.
    """
    for record in first.replace("\n ", "").strip().split("\n\n")[1:]:
        values: dict[str, list[str | bytes]] = {}
        for line in record.split("\n"):
            name, _, written = line.partition(":")
            raw = b64decode(written[2:]) if written.startswith(": ") else written.strip().encode()
            if name.lower() not in _OF_THE_SERVER:
                values.setdefault(name, []).append(_moved(raw, root) if name in _NAMES else raw)
        (dn,) = values.pop("dn")
        if b"msExchActiveSyncDevices" in values["objectClass"]:
            values["objectClass"] = [b"nTFRSSubscriptions"]
        if b"user" in values["objectClass"]:
            values["unicodePwd"] = [f'"{PASSWORD}"'.encode("utf-16-le")]
        if b"inetOrgPerson" in values["objectClass"]:
            values["userPassword"] = [PASSWORD]
        yield Entry(str(dn), {name: tuple(many) for name, many in values.items()})


def _moved(dn: bytes, root: str) -> str:
    text = dn.decode()
    assert text.lower().endswith(_SUFFIX)
    return text[: -len(_SUFFIX)] + root
