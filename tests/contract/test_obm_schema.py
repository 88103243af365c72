"""The schema of OBM in the test server: what an OBM site keeps in its directory can be kept there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from servers import slapd
from servers.client import ldap, load
from servers.fixtures import FreshSlapd

pytestmark = pytest.mark.server

SCHEMA = (Path(slapd.__file__).parent / "obm_schema.ldif").read_text(encoding="utf-8")
DOMAIN = "dc=ninhbinh.gov.vn,dc=local"
PLACES = ("users", "groups", "mailShare", "hosts", "servicesConfiguration", "contacts", "sysusers")
TREE = f"""\
dn: uid=hoatt,ou=users,{DOMAIN}
objectClass: posixAccount
objectClass: shadowAccount
objectClass: inetOrgPerson
objectClass: obmUser
objectClass: obmSamba
uid: hoatt
uidNumber: 1001
gidNumber: 1000
homeDirectory: /home/hoatt
loginShell: /bin/bash
shadowExpire: 1798736400
cn:: VHLhuqduIFRo4buLIEjDsmE=
sn:: VHLhuqduIFRo4buL
personalTitle: Mme
organizationName: UBND
mail: hoatt.snv@ninhbinh.gov.vn
mailAlias: hoa@ninhbinh.gov.vn
mailAlias: tthoa@ninhbinh.gov.vn
mailBox: hoatt@ninhbinh.gov.vn
mailBoxServer: lmtp:10.0.0.1:24
mailAccess: PERMIT
mailLocalOnly: local_only
webAccess: REJECT
hiddenUser: FALSE
direction: snv
delegation: snv
obmDomain: ninhbinh.gov.vn

dn: cn=snv,ou=groups,{DOMAIN}
objectClass: posixGroup
objectClass: obmGroup
cn: snv
gidNumber: 1001
mail: snv@ninhbinh.gov.vn
mailBox: hoatt@ninhbinh.gov.vn
externalContactEmail: ban@example.vn
member: uid=hoatt,ou=users,{DOMAIN}
obmDomain: ninhbinh.gov.vn

dn: cn=congbao,ou=mailShare,{DOMAIN}
objectClass: obmMailShare
cn: congbao
mailBox: +congbao@ninhbinh.gov.vn
mailBoxServer: lmtp:10.0.0.1:24
description: x
delegation: snv
obmDomain: ninhbinh.gov.vn

dn: cn=mail1,ou=hosts,{DOMAIN}
objectClass: device
objectClass: obmHost
cn: mail1
ipHostNumber: 10.0.0.1
ftpLogin: obm
ftpPassword: x
ftpRoot: /var/lib/obm
obmDomain: ninhbinh.gov.vn

dn: cn=mailServer,ou=servicesConfiguration,{DOMAIN}
objectClass: obmMailServer
cn: mailServer
myDestination: ninhbinh.gov.vn
imapHost: mail1
smtpInHost: mail1
smtpOutHost: mail1
obmDomain: ninhbinh.gov.vn

dn: cn=settings,ou=servicesConfiguration,{DOMAIN}
objectClass: obmSettings
cn: settings
obmLang: vi
obmDomain: ninhbinh.gov.vn

dn: cn=backup,ou=servicesConfiguration,{DOMAIN}
objectClass: obmBackup
cn: backup
ftpHost: mail1
obmDomain: ninhbinh.gov.vn

dn: cn=contacts,ou=servicesConfiguration,{DOMAIN}
objectClass: obmContactService
cn: contacts
lastUpdate: 2026-03-10T08:00:00Z
obmDomain: ninhbinh.gov.vn

dn: cn=ban,ou=contacts,{DOMAIN}
objectClass: inetOrgPerson
objectClass: obmContact
cn: ban
sn: ban
obmUID: 7
URL: https://example.vn
workUrl: https://example.vn
company: x
mailAlias: ban@example.vn
obmDomain: ninhbinh.gov.vn

dn: uid=cyrus,ou=sysusers,{DOMAIN}
objectClass: posixAccount
objectClass: inetOrgPerson
objectClass: obmSystemUser
uid: cyrus
uidNumber: 103
gidNumber: 8
homeDirectory: /var/spool/cyrus
cn: Administrator Cyrus
sn: Cyrus
obmDomain: ninhbinh.gov.vn
"""
UNUSED = {"myNetwork", "relayhost", "smarthost", "localRestrictionSender", "toLocalDomain"}
"""Attributes that OBM defines and no class of its own takes."""


def test_every_kind_of_entry_of_obm_is_taken(fresh_slapd: FreshSlapd) -> None:
    """Users, groups, shares, hosts, services, contacts below dc=local, with every attribute their classes take."""
    server = fresh_slapd("dc=local")
    units = (f"dn: ou={place},{DOMAIN}\nobjectClass: organizationalUnit\n\n" for place in PLACES)
    load(server, f"dn: {DOMAIN}\nobjectClass: dcObject\nobjectClass: organization\no: x\n\n{''.join(units)}{TREE}")

    shown = ldap(server, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", DOMAIN, "(obmDomain=NinhBinh.gov.vn)")

    loaded, written = (sorted(re.findall("^dn: .*", text, re.MULTILINE)) for text in (shown, TREE))
    assert loaded == written
    assert set(re.findall(r"^(\w+):", TREE, re.MULTILINE)) - {"organizationName"} <= set(re.findall(r"\w+", shown))
    attributes = set(re.findall(r"olcAttributeTypes: .* NAME '(\w+)'", SCHEMA))
    classes = set(re.findall(r"olcObjectClasses: .* NAME '(\w+)'", SCHEMA))
    assert (len(attributes), len(classes)) == (30, 11)
    assert attributes | classes <= set(re.findall(r"\w+", shown)) | UNUSED


@pytest.mark.parametrize(
    ("attribute", "first", "second"),
    [("mailAccess", "PERMIT", "REJECT"), ("hiddenUser", "FALSE", "TRUE"), ("obmDomain", "a.vn", "b.vn")],
)
def test_what_obm_keeps_once_cannot_be_kept_twice(
    fresh_slapd: FreshSlapd, attribute: str, first: str, second: str
) -> None:
    """A second value of an attribute with one value is refused (19 constraintViolation)."""
    server = fresh_slapd()
    entry = f"dn: uid=a,{server.base_dn}\nobjectClass: account\nobjectClass: obmUser\n"

    with pytest.raises(RuntimeError, match=r"Constraint violation \(19\)"):
        load(server, f"{entry}{attribute}: {first}\n{attribute}: {second}\n")
    load(server, f"{entry}{attribute}: {first}\n")
