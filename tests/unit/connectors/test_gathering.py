"""From entries to a snapshot: what is an account, what is taken, what may not be touched, what proves nothing."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from syncagent.connectors.attribute import as_bytes, attributes
from syncagent.connectors.gathering import Contents, Gathering
from syncagent.connectors.ldif.read import Reader
from syncagent.connectors.ldif.records import records
from syncagent.connectors.source import a_file, a_server
from syncagent.core import dn as names
from syncagent.core.account import Account, LastUse
from syncagent.core.directory import Directory
from syncagent.errors import Misconfigured
from syncagent.mapping.directory import read_directory

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BASE = "OU=Mail,DC=ninhbinh,DC=vn"
MAPPINGS = Path(__file__).parents[3] / "mappings/directories"
PLACE = f"dn: {BASE}\nobjectClass: organizationalUnit\nou: Mail\n\n"


def _directory(name: str = "active-directory") -> Directory:
    return read_directory((MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def _guid(number: int) -> str:
    return base64.b64encode(UUID(int=number).bytes_le).decode()


def _user(number: int, *lines: str, name: str = "", place: str = BASE) -> str:
    head = (
        f"dn: CN={name or f'u{number}'},{place}", "objectClass: top", "objectClass: user",
        f"objectGUID:: {_guid(number)}", f"cn: {name or f'u{number}'}", f"sAMAccountName: u{number}",
    )  # fmt: skip
    return "\n".join((*head, *lines)) + "\n\n"


def _contents(text: str, *, pseudonym: object = None, directory: Directory | None = None, base: str = BASE) -> Contents:
    directory = directory or _directory()
    gathering = Gathering("main", directory, base, a_file("d.ldif"), pseudonym)  # type: ignore[arg-type]  # a lambda or None
    reader = Reader("d.ldif", attributes(directory))
    return gathering.contents(reader.read(records([text.encode()], "d.ldif")), ZONE)


def _only(text: str, **options: object) -> Account:
    accounts = _contents(PLACE + text, **options).snapshot.accounts  # type: ignore[arg-type]  # as _contents has them
    assert len(accounts) == 1
    return accounts[0]


def test_an_account_carries_the_mapped_attributes_and_no_others() -> None:
    """Attributes are under the mapping's spelling; what the agent reads for other ends is not among them."""
    found = _only(
        _user(1, "SAMACCOUNTTYPE: 805306368", "DISPLAYNAME: An", "primaryGroupID: 513", "memberOf: CN=g,DC=vn")
    )

    assert found.attributes == {
        "objectGUID": (str(UUID(int=1)),), "cn": ("u1",), "sAMAccountName": ("u1",), "displayName": ("An",),
    }  # fmt: skip
    assert (found.guid, found.dn, found.login) == (str(UUID(int=1)), f"CN=u1,{BASE}", "u1")


def test_the_line_of_every_entry_is_known() -> None:
    """The record of an account is found again by its identity."""
    contents = _contents("\n" + PLACE + _user(1) + "\n" + _user(2))

    assert contents.lines == {str(UUID(int=1)): 6, str(UUID(int=2)): 14}


def test_what_is_no_account_is_still_there() -> None:
    """Containers, groups, contacts and computers hold places, names, log-ins and addresses."""
    text = (
        "dn: DC=ninhbinh, DC=vn\nobjectClass: domainDNS\nlockoutThreshold: 5\nminPwdLength: 8\n\n"
        + PLACE
        + f"dn: CN=Users,DC=ninhbinh,DC=vn\nobjectClass: container\nlockoutThreshold: 7\nobjectGUID:: {_guid(9)}\n\n"
        + f"dn: CN=Tin tức,{BASE}\nobjectClass: group\nsAMAccountName: TinTức\nproxyAddresses: smtp:Tin@x.vn\n"
        + "proxyAddresses: SMTP:tintuc@x.vn\nproxyAddresses: X500:/o=x@y\nproxyAddresses: sip:tin@sip.vn\n\n"
        + f"dn: CN=Ngoài,{BASE}\nobjectClass: contact\nmail: Ngoai@other.vn\n\n"
        + f"dn: CN=PC1,{BASE}\nobjectClass: user\nobjectClass: computer\nsAMAccountName: PC1$\n\n"
        + _user(1)
    )

    found = _contents(text).snapshot

    assert [account.login for account in found.accounts] == ["u1"]
    assert found.containers == {"dc=ninhbinh,dc=vn", BASE.lower(), "cn=users,dc=ninhbinh,dc=vn"}
    assert found.logins == {"tintuc": f"CN=Tin tức,{BASE}", "pc1$": f"CN=PC1,{BASE}"}
    assert set(found.addresses) == {"tin@x.vn", "tintuc@x.vn", "ngoai@other.vn"}
    assert [policy.settings for policy in found.password_policies] == [{"lockout_threshold": 5, "shortest_password": 8}]
    assert {name.partition(",")[0] for name in found.names} == {
        "dc=ninhbinh", "ou=mail", "cn=users", "cn=tin tuc", "cn=ngoai", "cn=pc1", "cn=u1",
    }  # fmt: skip


def test_names_with_escapes_are_compared_whole() -> None:
    """A comma inside a name does not part it; the folded name is what the core would fold it to."""
    found = _contents(PLACE + _user(1, name="Trần\\, Hòa")).snapshot

    assert names.folded(f"CN=Trần\\, Hòa,{BASE}") in found.names


def test_open_ldap_is_read_by_its_own_mapping() -> None:
    """Addresses without prefixes, an identity that is text, organisations as places."""
    text = (
        "dn: dc=vn\nobjectClass: dcObject\nobjectClass: organization\ndc: vn\no: x\n\n"
        "dn: uid=an,dc=vn\nobjectClass: inetOrgPerson\nuid: an\nentryUUID: 11-22\nmail: An@x.vn\nmailAlias: b@x.vn\n"
        "mailAccess: REJECT\npwdAccountLockedTime: 000001010000Z\n\n"
        "dn: cn=g,dc=vn\nobjectClass: groupOfNames\nmailAlias: g@x.vn\nmember: uid=an,dc=vn\n\n"
    )

    found = _contents(text, directory=_directory("openldap"), base="dc=vn").snapshot

    assert [(a.guid, a.addresses, a.enabled, a.receives) for a in found.accounts] == [
        ("11-22", ("an@x.vn", "b@x.vn"), False, False)
    ]
    assert found.addresses == {"g@x.vn": "cn=g,dc=vn"}
    assert found.containers == {"dc=vn"}


# ── password policies ────────────────────────────────────────────────────────

_SYSTEM = "CN=Password Settings Container,CN=System,DC=ninhbinh,DC=vn"
_DOMAIN = "dn: DC=ninhbinh,DC=vn\nobjectClass: domainDNS\nlockoutThreshold: 13\n\n"


def _pso(name: str, precedence: int, *to: str, threshold: str = "5") -> str:
    lines = (
        f"dn: CN={name},{_SYSTEM}", "objectClass: top", "objectClass: msDS-PasswordSettings", f"cn: {name}",
        f"msDS-PasswordSettingsPrecedence: {precedence}", f"msDS-LockoutThreshold: {threshold}",
        *(f"msDS-PSOAppliesTo: {dn}" for dn in to),
    )  # fmt: skip
    return "\n".join(lines) + "\n\n"


def _governed(text: str, directory: str = "active-directory", base: str = BASE) -> dict[str, set[str] | None]:
    """Which accounts, by their log-in names, each policy governs."""
    found = _contents(text, directory=_directory(directory), base=base).snapshot
    logins = {account.guid: account.login for account in found.accounts}
    return {
        names.rdn_value(policy.dn): None if policy.accounts is None else {logins[guid] for guid in policy.accounts}
        for policy in found.password_policies
    }


def test_a_fine_grained_policy_governs_whom_it_lists_and_whoever_is_in_a_group_it_lists() -> None:
    """MS-ADTS 3.1.1.4.5.36: directly, through groups in groups, by memberOf, or by the primary group."""
    text = (
        _DOMAIN + PLACE + _pso("P", 1, f"CN=u1,{BASE}", f"CN=ngoài,{BASE}", "CN=Nhân viên,DC=ninhbinh,DC=vn", "CN=mất")
        + f"dn: CN=ngoài,{BASE}\nobjectClass: group\nmember: CN=trong,{BASE}\n\n"
        + f"dn: CN=trong,{BASE}\nobjectClass: group\nmember: cn=U2, {BASE}\n\n"
        + "dn: CN=Nhân viên,DC=ninhbinh,DC=vn\nobjectClass: group\nobjectSid: S-1-5-21-1-2-3-1200\n\n"
        + _user(1) + _user(2) + _user(3, f"memberOf: CN=trong,{BASE}") + _user(4, "primaryGroupID: 1200")
        + _user(5, "memberOf: CN=mất") + _user(6, "primaryGroupID: 513")
    )  # fmt: skip

    assert _governed(text) == {"ninhbinh": None, "P": {"u1", "u2", "u3", "u4", "u5"}}


def test_one_policy_governs_an_account() -> None:
    """MS-ADTS 3.1.1.4.5.36: a policy for the user goes before one for the group, then the lowest precedence."""
    group = f"CN=nhóm,{BASE}"
    text = (
        PLACE + _pso("a", 30, f"CN=u1,{BASE}") + _pso("b", 20, group) + _pso("c", 10, group) + _pso("d", 5)
        + _pso("e", 40, f"CN=u1,{BASE}")
        + f"dn: {group}\nobjectClass: group\nmember: CN=u1,{BASE}\nmember: CN=u2,{BASE}\n\n" + _user(1) + _user(2)
    )  # fmt: skip

    assert _governed(text) == {"a": {"u1"}, "b": set(), "c": {"u2"}, "d": set(), "e": set()}


def test_a_policy_with_a_damaged_number_is_refused_with_its_line() -> None:
    """Doubt refuses: a policy that cannot be read may differ from the text."""
    with pytest.raises(Misconfigured) as caught:
        _contents(PLACE + _pso("P", 1, threshold="nhiều"))

    assert caught.value.where == "d.ldif:5"
    assert "msDS-LockoutThreshold" in caught.value.says.vi


def _person(number: int, *lines: str) -> str:
    head = (f"dn: uid=u{number},dc=vn", "objectClass: inetOrgPerson", f"uid: u{number}", f"entryUUID: {number}")
    return "\n".join((*head, *lines)) + "\n\n"


@pytest.mark.parametrize(
    ("second", "governed"),
    [
        ("pwdPolicySubentry: CN=Hai, dc=vn", {"mot": {"u1"}, "hai": {"u2"}, "ba": set()}),
        ("cn: x", {"mot": {"u1"}, "hai": None, "ba": None}),
    ],
    ids=["everybody names one", "one may be the default"],
)
def test_an_account_of_open_ldap_names_its_policy(second: str, governed: dict[str, set[str] | None]) -> None:
    """slapo-ppolicy(5): the others follow the default, which stands in the server's configuration only."""
    policies = "".join(
        f"dn: cn={name},dc=vn\nobjectClass: device\nobjectClass: pwdPolicy\ncn: {name}\npwdMaxFailure: 5\n\n"
        for name in ("mot", "hai", "ba")
    )
    text = "dn: dc=vn\nobjectClass: dcObject\nobjectClass: organization\ndc: vn\no: x\n\n" + policies
    text += _person(1, "pwdPolicySubentry: cn=mot,dc=vn") + _person(2, second)

    assert _governed(text, "openldap", "dc=vn") == governed


# ── personal identification numbers ──────────────────────────────────────────


def test_an_identification_number_goes_no_further() -> None:
    """A key of twelve digits is replaced everywhere the account shows it; a staff number stays (law 11)."""
    found = _only(_user(1, "employeeID: 037185001234"), pseudonym=lambda number: f"id-{number[-2:]}")

    assert (found.key, found.attributes["employeeID"]) == ("id-34", ("id-34",))
    assert "037185001234" not in repr(found)
    assert _only(_user(1, "employeeID: NV0371850012"), pseudonym=lambda _: "wrong").key == "NV0371850012"


def test_an_identification_number_in_a_forwarding_goes_no_further() -> None:
    """Law 11: a finding shows where mail goes; the account itself bears no number and may be touched."""
    found = _only(_user(1, "altRecipient: CN=An 037185001234,DC=vn"), pseudonym=lambda number: f"id-{number[-2:]}")

    assert found.forwards_to == ("CN=An id-34,DC=vn",)
    assert found.protected is None
    assert "037185001234" not in repr(found)


def test_an_identification_number_without_a_key_is_refused() -> None:
    """Without a key for pseudonyms nothing is read further, and the number is not in the message."""
    with pytest.raises(Misconfigured) as caught:
        _only(_user(1, "employeeID: 037185001234"))

    assert caught.value.where == "d.ldif:5"
    assert "identity_key" in caught.value.says.vi
    assert "037185001234" not in str(caught.value) + "".join(caught.value.lines("vi"))


# ── evidence ─────────────────────────────────────────────────────────────────


def test_an_attribute_nobody_carries_proves_nothing() -> None:
    """If no account carries a time of last use, its absence is no evidence; if one does, absence means never."""
    unread = _only(_user(1))
    read = _contents(PLACE + _user(1) + _user(2, "lastLogonTimestamp: 133700000000000000")).snapshot.accounts

    assert unread.last_use is None
    assert [account.last_use for account in read] == [LastUse(None, 0), LastUse(date(2024, 9, 5), 14)]


# ── protection ───────────────────────────────────────────────────────────────


def _group(name: str, rid: int, *lines: str) -> str:
    sid = base64.b64encode(b"\x01\x05\0\0\0\0\0\x05" + b"\x15\0\0\0" * 4 + rid.to_bytes(4, "little")).decode()
    return (
        "\n".join((f"dn: CN={name},{BASE}", "objectClass: group", f"cn: {name}", f"objectSid:: {sid}", *lines)) + "\n\n"
    )


ADMINS = f"CN=Domain Admins,{BASE}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_user(1), ""),
        (_user(1, "adminCount: 1"), "adminCount=1"),
        (_user(1) + _group("Domain Admins", 512, f"member: CN=u1,{BASE}"), f"member of {ADMINS}"),
        (_user(1) + _group("Domain Admins", 512, f"member: cn=U1, {BASE.lower()}"), f"member of {ADMINS}"),
        (_user(1, f"memberOf: {ADMINS}") + _group("Domain Admins", 512), f"member of {ADMINS}"),
        (_user(1, "primaryGroupID: 512"), "primary group 512"),
        (_user(1, "primaryGroupID: 513"), ""),
        (_user(1, f"memberOf: {ADMINS}"), f"group {ADMINS} is not in the export"),
        (_user(1, "memberOf: CN=IT,DC=vn") + _group("Domain Admins", 512), "group CN=IT,DC=vn is not in the export"),
        (_user(1) + _group("Users", 513, f"member: CN=u1,{BASE}"), ""),
        (_user(1, "primaryGroupID: 1200") + _group("IT", 1200, f"memberOf: {ADMINS}") + _group("Domain Admins", 512),
         f"member of {ADMINS}"),
        (_user(1) + _group("IT", 1200, f"member: CN=u1,{BASE}") + _group("Domain Admins", 512, f"member: CN=IT,{BASE}"),
         f"member of {ADMINS}"),
        (_user(1) + _group("A", 1201, f"member: CN=u1,{BASE}", f"member: CN=B,{BASE}")
         + _group("B", 1202, f"member: CN=A,{BASE}"), ""),
        (_user(1) + _group("A", 1201, f"member: CN=u1,{BASE}", f"member: CN=B,{BASE}")
         + _group("B", 1202, f"member: CN=A,{BASE}", f"member: CN=B,{BASE}", f"memberOf: {ADMINS}")
         + _group("Domain Admins", 512, f"member: CN=A,{BASE}"), f"member of {ADMINS}"),
        (_user(1) + f"dn: CN=544,{BASE}\nobjectClass: group\ncn: 544\nmember: CN=u1,{BASE}\n\n",
         f"member of CN=544,{BASE}"),
        (_user(1) + f"dn: CN=x,{BASE}\nobjectClass: group\nsAMAccountName: 519\nmember: CN=u1,{BASE}\n\n",
         f"member of CN=x,{BASE}"),
        (_user(1) + f"dn: CN=x,{BASE}\nobjectClass: group\nobjectSid: S-1-5-32-544\nmember: CN=u1,{BASE}\n\n",
         f"member of CN=x,{BASE}"),
    ],
)  # fmt: skip
def test_members_of_protected_groups_are_protected(text: str, says: str) -> None:
    """By member, memberOf or primary group, through other groups and circles; the reason names the group (F16)."""
    reason = _only(text).protected

    assert (reason.en if reason else "") == says


def test_an_identification_number_in_a_name_is_hidden_and_the_account_left_alone() -> None:
    """Law 11: such a log-in, address or DN stands in no plan; nobody can act on it before it is renamed."""
    account = _only(_user(1, "sAMAccountName: 037201001234", "mail: 037201001234@ninhbinh.gov.vn", name="037201001234"))

    assert "037201001234" not in repr(account)
    assert account.protected
    assert "rename it first" in account.protected.en


@pytest.mark.parametrize("depth", [1, 2, 12, 400])
def test_groups_in_groups_protect_however_deep(depth: int) -> None:
    """A chain of groups of any length protects whoever stands at its end."""
    chain = [_group("Domain Admins", 512, f"member: CN=g1,{BASE}")]
    chain += [_group(f"g{n}", 2000 + n, f"member: CN=g{n + 1},{BASE}") for n in range(1, depth)]
    chain += [_group(f"g{depth}", 2000 + depth, f"member: CN=u1,{BASE}")]

    contents = _contents(PLACE + "".join(chain) + _user(1) + _user(2))

    assert [bool(account.protected) for account in contents.snapshot.accounts] == [True, False]


# ── damage that only the whole shows ─────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (_user(1) + _user(2, name="u1"), 12, "the same name as the entry in line 5"),
        (_user(1) + _user(2, name="U1", place="ou=mail, dc=ninhbinh,DC=vn"), 12, "the same name"),
        (_user(1) + _user(1, name="u2"), 12, "the same objectGUID as the entry in line 5"),
        (_user(1) + f"dn: CN=g,{BASE}\nobjectClass: group\nobjectGUID:: {_guid(1)}\n\n", 12, "the same objectGUID"),
        (_user(1).replace(f"objectGUID:: {_guid(1)}\n", "") + _user(2), 5, "exactly one objectGUID: 1."),
        (_user(1, f"objectGUID:: {_guid(2)}"), 5, "exactly one objectGUID"),
        (f"dn: CN=x,{BASE}\ncn: x\n\n", 5, "no objectClass"),
        (_user(1, "# lost", "objectClass: top", "objectClass: group"), 5, "two entries run into one"),
        (_user(1, "# lost", "objectClass: organizationalUnit"), 5, "two entries run into one"),
        (_user(1, "whenCreated: yesterday"), 5, "whenCreated"),
        (_user(1, "userAccountControl: on"), 5, "does not follow its syntax"),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_line(text: str, line: int, says: str) -> None:
    """What is twice there, or lacks what makes it one account, is refused with its line and a way out."""
    with pytest.raises(Misconfigured) as caught:
        _contents(PLACE + text)

    assert caught.value.where == f"d.ldif:{line}"
    assert says in caught.value.says.en
    assert "ãy " in caught.value.says.vi


def test_an_identity_of_the_wrong_length_is_damage() -> None:
    """An objectGUID has sixteen bytes."""
    with pytest.raises(Misconfigured) as caught:
        _contents(PLACE + _user(1).replace(_guid(1), "AAAA"))

    assert caught.value.where == "d.ldif:8"


def test_a_file_of_another_branch_is_refused() -> None:
    """If nothing lies under the base, the configuration names the wrong file or the wrong base."""
    with pytest.raises(Misconfigured) as caught:
        _contents(PLACE + _user(1), base="OU=Mail,DC=hanam,DC=vn")

    assert "OU=Mail,DC=hanam,DC=vn" in caught.value.says.vi


def test_an_identity_goes_back_as_it_came() -> None:
    """Reading and writing of identities are each other's reverse, in Microsoft's order of bytes."""
    text = "00112233-4455-6677-8899-aabbccddeeff"

    assert as_bytes(_directory(), "objectGUID", text).hex() == "33221100554477668899aabbccddeeff"
    assert as_bytes(_directory("openldap"), "entryUUID", text) == text.encode()
    assert as_bytes(_directory(), "cn", "Hòa") == "Hòa".encode()


# ── from a server ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        (_user(1) + _user(2, name="U1"), f"CN=U1,{BASE}", f"as the entry cn=u1,{BASE.lower()}. Run again"),
        (_user(1).replace(f"objectGUID:: {_guid(1)}\n", ""), f"CN=u1,{BASE}", "the right to read this attribute"),
        (f"dn: CN=x,{BASE}\ncn: x\n\n", f"CN=x,{BASE}", "the right to read all attributes"),
        (_user(1, "objectClass: organizationalUnit"), f"CN=u1,{BASE}", "Correct it in the directory"),
        (_user(1, "whenCreated: yesterday"), f"CN=u1,{BASE}", "then run again"),
        (_user(1, "employeeID: 037185001234", name="037185001234"), f"CN=…,{BASE}", "identity_key"),
    ],
)  # fmt: skip
def test_damage_on_a_server_is_named_with_its_entry(text: str, where: str, says: str) -> None:
    """A server has no lines: the entry is named, and the right that the agent lacks or what to mend."""
    gathering = Gathering("main", _directory(), BASE, a_server(), None)

    with pytest.raises(Misconfigured) as caught:
        gathering.contents(Reader("", attributes(_directory())).read(records([(PLACE + text).encode()], "")), ZONE)

    assert caught.value.where == where
    assert says in caught.value.says.en
    assert caught.value.says.vi.startswith("Máy chủ thư mục")
    assert "export" not in caught.value.says.en
    assert "037185001234" not in str(caught.value)


def test_a_branch_that_shows_nothing_is_a_right_that_lacks() -> None:
    """An account without rights sees an empty directory: nothing is planned over it."""
    gathering = Gathering("main", _directory(), "OU=Khac,DC=vn", a_server(), None)

    with pytest.raises(Misconfigured) as caught:
        gathering.contents(Reader("", attributes(_directory())).read(records([(PLACE + _user(1)).encode()], "")), ZONE)

    assert caught.value.where == "OU=Khac,DC=vn"
    assert "right to read this branch" in caught.value.says.en


def test_a_group_on_a_server_that_cannot_be_read_protects_its_members() -> None:
    """A hidden group may be a protected one (F16)."""
    gathering = Gathering("main", _directory(), BASE, a_server(), None)
    text = PLACE + _user(1, "memberOf: CN=IT,DC=vn")

    found = gathering.contents(Reader("", attributes(_directory())).read(records([text.encode()], "")), ZONE)

    reason = found.snapshot.accounts[0].protected
    assert reason
    assert reason.en == "group CN=IT,DC=vn cannot be read"
