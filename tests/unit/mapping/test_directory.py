"""A directory file: how one kind of directory holds accounts, as data without surprises."""

from __future__ import annotations

import pytest
import world

from syncagent.core.directory import Directory
from syncagent.core.notation import BitSwitch, Syntax, ValueSwitch
from syncagent.core.password_policy import Notation, Setting, SettingField
from syncagent.errors import Misconfigured
from syncagent.mapping.directory import FACTS, read_directory

ACTIVE_DIRECTORY = (world.MAPPINGS / "directories" / "active-directory.yaml").read_text(encoding="utf-8")
OPENLDAP = (world.MAPPINGS / "directories" / "openldap.yaml").read_text(encoding="utf-8")
BARE = """
version: 1
name: bare
account: {object_class: inetOrgPerson, add_object_classes: [inetOrgPerson], rdn: uid, display: cn}
container: {object_class: organizationalUnit, rdn: ou}
identity: {attribute: entryUUID, syntax: text}
key: employeeNumber
stamp: description
login: {attribute: uid}
address: mail
addresses: {attribute: mail}
log_in: {attribute: locked, on: "no", off: "yes"}
write: {}
"""


def _changed(old: str, new: str) -> Directory:
    assert old in ACTIVE_DIRECTORY
    return read_directory(ACTIVE_DIRECTORY.replace(old, new, 1), "d.yaml")


def test_active_directory_is_read_as_its_schema_says() -> None:
    """MS-ADTS: objectGUID names an account, bit 2 of userAccountControl disables it, pwdLastSet 0 means change."""
    found = read_directory(ACTIVE_DIRECTORY, "d.yaml")

    assert (found.identity, found.identity_syntax) == ("objectGUID", Syntax.GUID)
    assert found.log_in == BitSwitch("userAccountControl", 0x2, 0x200)
    assert found.must_change == ValueSwitch("pwdLastSet", "0", "-1")
    assert found.not_classes == {"computer"}
    assert [(time.attribute, time.accuracy_days) for time in found.last_use] == [
        ("lastLogonTimestamp", 14),
        ("lastLogon", 0),
    ]
    assert ("adminCount", "1") in found.protected
    assert {"512", "544"} <= found.protected_groups
    assert found.principal
    assert found.principal.follows_address


def test_where_a_directory_holds_its_password_policies_is_data() -> None:
    """MS-ADTS: the domain entry, and Password Settings Objects by precedence; slapo-ppolicy: accounts name theirs."""
    domain, fine = read_directory(ACTIVE_DIRECTORY, "d.yaml").password_policies
    (ppolicy,) = read_directory(OPENLDAP, "d.yaml").password_policies

    assert (domain.of_all, fine.of_all, ppolicy.of_all) == (True, False, False)
    assert domain.settings[Setting.COMPLEXITY] == SettingField("pwdProperties", Notation.BIT, bit=1)
    assert fine.attributes()[-2:] == ("msDS-PSOAppliesTo", "msDS-PasswordSettingsPrecedence")
    assert ppolicy.settings[Setting.LOCKOUT_THRESHOLD].needs == ValueSwitch("pwdLockout", "TRUE", "FALSE")
    assert {"pwdLockout", "pwdCheckQuality", "pwdPolicySubentry"} <= set(ppolicy.attributes())
    assert fine.set_in.vi.startswith("Active Directory Administrative Center")


def test_openldap_locks_by_a_value() -> None:
    """Design §2: entryUUID names an account of OpenLDAP; the switch of a log-in may be a value instead of a bit."""
    found = read_directory(OPENLDAP, "d.yaml")

    assert found.identity == "entryUUID"
    assert isinstance(found.log_in, ValueSwitch)


def test_what_a_directory_does_not_say_is_none() -> None:
    """Contract §6: what is not mapped is no evidence; a file need not map more than an account is made of."""
    found = read_directory(BARE, "d.yaml")

    assert found.log_in == ValueSwitch("locked", "no", "yes")
    assert (found.principal, found.receives, found.must_change, found.password_set) == (None, None, None, None)
    assert (found.created, found.quota, found.last_use, found.forwarding) == (None, None, (), ())
    assert (found.locked_out, found.message, found.password_policies) == (None, None, ())
    assert (found.protected, found.protected_groups, found.write) == ((), frozenset(), {})


@pytest.mark.parametrize("fact", ["birth_date", "person_id", "phone", "", "full_name.__class__", "0"])
def test_a_template_shows_known_facts_only(fact: str) -> None:
    """Design §4.17: identity numbers, birth dates and telephones reach no directory; templates run no code."""
    with pytest.raises(Misconfigured) as refused:
        _changed('"{full_name}"', f'"{{full_name}} {{{fact}}}"')

    assert f"displayName: unknown facts {fact}; known are agency_name, full_name" in refused.value.says.en
    assert refused.value.where == f"d.yaml:{ACTIVE_DIRECTORY.partition('write:')[0].count(chr(10)) + 1}"


def test_every_known_fact_may_be_shown() -> None:
    """Docs, mappings: a template may join several facts with any text."""
    template = "-".join(f"{{{fact}}}" for fact in sorted(FACTS))

    assert _changed('"{full_name}"', f'"{template}"').write["displayName"] == template


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"{full_name}"', '"{full_name"', "write"),
        ("off: 0x2,", "off: 0,", "log_in"),
        ("syntax: guid", "syntax: uuid", "identity.syntax"),
        ("per_mb: 1024", "per_mb: 0", "quota.per_mb"),
        ("add_object_classes: [top, person, organizationalPerson, user]", "add_object_classes: []", "account."),
        ("key: employeeID", "keys: employeeID", "key: this key is missing"),
        (
            "lockout_threshold:",
            "lockout_limit:",
            "password_policies.0.settings: 'lockout_limit' is not a valid Setting",
        ),
        ("notation: bit, bit: 0x1", "notation: bit", "password_policies.0.settings.complexity: a bit goes with"),
        ("{attribute: minPwdLength}", "{attribute: minPwdLength, bit: 1}", "password_policies.0.settings.shortest_"),
        (
            "    applies_to: msDS",
            "    chosen_by: x\n    applies_to: msDS",
            "password_policies.1.chosen_by: a policy lists",
        ),
    ],
)
def test_a_fault_is_named(old: str, new: str, key: str) -> None:
    """Contract §2, `check`: what would break while planning is refused while reading."""
    with pytest.raises(Misconfigured) as refused:
        _changed(old, new)

    assert refused.value.says.en.startswith(key)
    assert refused.value.where.startswith("d.yaml:")


@pytest.mark.parametrize("field", ["{full_name:d}", "{full_name!z}", "{full_name:{phone}}"])
def test_a_template_has_no_forms(field: str) -> None:
    """Contract §2, `check`: what would break while planning is refused while reading."""
    text = world._text("directories/active-directory.yaml")  # noqa: SLF001 - in this sketch only

    with pytest.raises(Misconfigured, match="displayName"):
        read_directory(text.replace('"{full_name}"', f'"{field}"'), "d.yaml")


def test_a_directory_may_have_no_containers() -> None:
    """Where accounts lie side by side, no unit becomes an entry."""
    text = BARE.replace("container: {object_class: organizationalUnit, rdn: ou}\n", "")

    found = read_directory(text, "d.yaml")

    assert (found.container_class, found.container_rdn) == ("", "")


def test_a_directory_may_be_written_by_a_service() -> None:
    """Decision 051: OBM's mapping names the calls of its API, several for one field, and what every new account has."""
    found = world.obm()
    service = found.provisioning

    assert service
    assert (service.system, service.creates, service.changes) == ("obm", ("POST users",), "PATCH users/{id}")
    assert service.calls["pwdAccountLockedTime"] == ("PATCH users/{id} password", "LDAP modify")
    assert service.calls["mail"] == ("PUT users/{id}",)
    assert service.new == {"profile": "user", "mail_server": "{mail_server}"}
    assert (found.login.stays, found.closes_log_in) == (True, True)
    assert (read_directory(BARE, "bare.yaml").provisioning, read_directory(BARE, "bare.yaml").login.stays) == (
        None,
        False,
    )
    with pytest.raises(Misconfigured, match=r"provisioning"):
        read_directory(BARE + "provisioning: {system: other, calls: {change: x}}\n", "bare.yaml")
