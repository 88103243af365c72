"""The directory of an OBM site as OBM lays it out: one global part, one part for each domain."""

from __future__ import annotations

SUFFIX = "dc=local"
IMAP_HOST, OTHER_IMAP_HOST, SMTP_HOST = "mail1", "mail2", "smtp1"
"""Names of the hosts of every domain, as OBM's host table has them."""

_PLACES = ("users", "groups", "mailShare", "hosts", "servicesConfiguration", "contacts", "sysusers")

GLOBAL = """\
dn: {suffix}
objectClass: dcObject
objectClass: organization
dc: local
o: OBM

dn: ou=policies,{suffix}
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,{suffix}
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 100

dn: ou=sysusers,{suffix}
objectClass: organizationalUnit
ou: sysusers

dn: uid=cyrus,ou=sysusers,{suffix}
objectClass: posixAccount
objectClass: shadowAccount
objectClass: inetOrgPerson
objectClass: obmSystemUser
uid: cyrus
uidNumber: 103
gidNumber: 8
homeDirectory: /var/spool/cyrus
cn: Administrator Cyrus
sn: Cyrus
userPassword: {password}

dn: {agent}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: syncagent
userPassword: {password}
"""


def global_tree(agent: str, password: str) -> str:
    """Return the global part as LDIF: the system users, the agent, and a password policy that can lock."""
    return GLOBAL.format(suffix=SUFFIX, agent=agent, password=password)


def domain_dn(domain: str) -> str:
    """Return the DN of a domain: one dc with dots."""
    return f"dc={domain},{SUFFIX}"


def user_dn(login: str, domain: str) -> str:
    """Return the DN of a user."""
    return f"uid={login.lower()},ou=users,{domain_dn(domain)}"


def domain_tree(domain: str) -> str:
    """Return the part of a domain as LDIF: its places, its hosts, its mail service, its group of all users."""
    top = domain_dn(domain)
    entries = [f"dn: {top}\nobjectClass: dcObject\nobjectClass: organization\ndc: {domain}\no: {domain}\n"]
    entries += [f"dn: ou={place},{top}\nobjectClass: organizationalUnit\nou: {place}\n" for place in _PLACES]
    entries += [
        f"dn: cn={host},ou=hosts,{top}\nobjectClass: device\nobjectClass: obmHost\ncn: {host}\n"
        f"ipHostNumber: 127.0.0.1\nobmDomain: {domain}\n"
        for host in (IMAP_HOST, OTHER_IMAP_HOST, SMTP_HOST)
    ]
    entries.append(
        f"dn: cn=mailServer,ou=servicesConfiguration,{top}\nobjectClass: obmMailServer\ncn: mailServer\n"
        f"myDestination: {domain}\nimapHost: {IMAP_HOST}\nsmtpInHost: {SMTP_HOST}\nobmDomain: {domain}\n"
    )
    entries.append(
        f"dn: cn=users,ou=groups,{top}\nobjectClass: posixGroup\nobjectClass: obmGroup\ncn: users\n"
        f"gidNumber: 1000\nobmDomain: {domain}\n"
    )
    return "\n".join(entries)
