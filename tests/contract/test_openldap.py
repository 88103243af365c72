"""What only an OpenLDAP can show: overlays that are not there, or that see the agent's own conditions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from contract.conftest import Desk, live_desk, mapping
from servers.client import ldap, load
from servers.fixtures import FreshBase, FreshSlapd
from servers.slapd import Slapd

from syncagent.connectors.ldap.server import Simple
from syncagent.connectors.openldap.kind import OpenLdap
from syncagent.core import dn as names
from syncagent.core.action import ActionKind, Change, Operation
from syncagent.core.examination import Examination
from syncagent.core.outcome import Result
from syncagent.sample.accounts import Entry
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

REFINT = "olcOverlay={4}refint,olcDatabase={2}mdb,cn=config"


def _desk(slapd: Slapd, root: str) -> Desk:
    return live_desk(slapd, mapping("openldap"), root, OpenLdap(), Simple(slapd.agent, Secret(slapd.password)))


@pytest.fixture
def desk(slapd: Slapd, fresh_base: FreshBase) -> Desk:
    return _desk(slapd, fresh_base(slapd))


@pytest.fixture
def plain(fresh_slapd: FreshSlapd) -> tuple[Desk, Slapd]:
    """A server that keeps no names in groups in step."""
    slapd = fresh_slapd()
    ldap(slapd, "ldapdelete", REFINT, who="cn=config")
    return _desk(slapd, slapd.base_dn), slapd


def _members(slapd: Slapd) -> list[str]:
    found = ldap(slapd, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", slapd.base_dn, "(cn=tintuc)", "member")
    return [names.split(line.removeprefix("member: "))[0] for line in found.splitlines() if line.startswith("member: ")]


def _given(desk: Desk) -> None:
    """P1 is a member of the group of news."""
    desk.apply(desk.create("P1"), marker="before")
    found = desk.account()
    entry, group = next((entry, dn) for entry, dn in desk.shown().shared.items() if "tintuc" in dn)
    change = Change(Operation.GRANT, group, {"member": ((), (found.dn,))}, entry=entry)
    action = desk.action(ActionKind.RESTORE, (change,), found.stamp, found.ref, "")
    assert desk.apply(action, marker="given")[0].result is Result.DONE


def test_names_in_groups_follow_even_if_the_server_does_not_see_to_it(plain: tuple[Desk, Slapd]) -> None:
    """NB-50: without the overlay refint a renamed member would lose its rights, and a deleted one leave its name."""
    desk, slapd = plain
    _given(desk)
    found = desk.account()
    to = names.child("uid", "thanhnnn", names.parent(found.dn))
    before = _members(slapd)

    moved = desk.apply(desk.change(ActionKind.MOVE, found, desk.marked(found), to=to))[0]
    followed = _members(slapd)
    deleted = desk.apply(desk.delete(desk.account()))[0]

    assert (moved.result, deleted.result) == (Result.DONE, Result.DONE)
    assert (before, followed) == (["uid=hoatt", "uid=thanhnn"], ["uid=hoatt", "uid=thanhnnn"])
    assert _members(slapd) == ["uid=hoatt"]


def test_the_last_name_in_a_group_stays(plain: tuple[Desk, Slapd]) -> None:
    """A groupOfNames cannot be empty (RFC 4519 §3.5): its last member is deleted all the same, and the name remains."""
    desk, slapd = plain
    desk.apply(desk.create("P1"), marker="before")
    found = desk.account()
    load(slapd, [Entry(f"cn=rieng,{desk.base}", {"objectClass": ("groupOfNames",), "member": (found.dn,)})])

    outcome = desk.apply(desk.delete(found))[0]

    assert outcome.result is Result.DONE
    assert [account.login for account in desk.shown().accounts] == ["hoatt"]


def test_the_server_keeps_no_password_in_the_clear(desk: Desk, slapd: Slapd) -> None:
    """What is sent over TLS is hashed by the server (`olcPPolicyHashCleartext`); ours would escape its rules."""
    create = desk.create()

    desk.apply(create)

    found = ldap(slapd, "ldapsearch", "-LLL", "-b", desk.account().dn, "-s", "base", "(objectClass=*)", "userPassword")
    assert "userPassword:: e1NTSEF9" in found  # {SSHA}
    assert desk.drawn[create.id] not in found


PPOLICY = "olcOverlay={2}ppolicy,olcDatabase={2}mdb,cn=config"
READ_IT = "olcDatabase={0}config,cn=config"
PASSWORDS = "olcDatabase={2}mdb,cn=config"


def _hashing(desk: Desk) -> Examination:
    return next(one for one in desk.opened().examine(datetime.now(UTC)) if one.what.en == "Hashing of passwords")


def _configured(slapd: Slapd, dn: str, *lines: str) -> None:
    ldap(slapd, "ldapmodify", who="cn=config", ldif="\n".join((f"dn: {dn}", "changetype: modify", *lines, "")))


def test_doctor_says_that_passwords_would_stand_in_the_clear(fresh_slapd: FreshSlapd) -> None:
    """Without olcPPolicyHashCleartext a fault, by the configuration if it may be read, else by what accounts show."""
    slapd = fresh_slapd()
    desk = _desk(slapd, slapd.base_dn)

    hashed = _hashing(desk)
    _configured(slapd, PPOLICY, "replace: olcPPolicyHashCleartext", "olcPPolicyHashCleartext: FALSE")
    create = desk.create()
    desk.apply(create)
    in_the_clear = _hashing(desk)
    _configured(slapd, PASSWORDS, "delete: olcAccess", "olcAccess: {0}", "-", "add: olcAccess",
                f'olcAccess: {{0}}to attrs=userPassword by dn.exact="{slapd.agent}" =wx by anonymous auth')  # fmt: skip
    unknown = _hashing(desk)
    _configured(slapd, READ_IT, "replace: olcAccess", f'olcAccess: to * by dn.exact="{slapd.agent}" read')
    configured = _hashing(desk)
    ldap(slapd, "ldapdelete", PPOLICY, who="cn=config")
    no_policy = _hashing(desk)

    assert [one.health for one in (hashed, in_the_clear, unknown, configured, no_policy)] == [
        "good", "fault", "doubt", "fault", "fault"
    ]  # fmt: skip
    assert "1 of 2 accounts" in in_the_clear.says.en
    assert "olcPPolicyHashCleartext: TRUE" in configured.says.vi
    assert desk.drawn[create.id] not in f"{in_the_clear}{unknown}{configured}"


def test_doctor_believes_the_configuration(fresh_slapd: FreshSlapd) -> None:
    """Where the agent may read it, no account need show its password."""
    slapd = fresh_slapd()
    desk = _desk(slapd, slapd.base_dn)
    _configured(slapd, READ_IT, "replace: olcAccess", f'olcAccess: to * by dn.exact="{slapd.agent}" read')
    _configured(slapd, PASSWORDS, "delete: olcAccess", "olcAccess: {0}", "-", "add: olcAccess",
                f'olcAccess: {{0}}to attrs=userPassword by dn.exact="{slapd.agent}" =wx by anonymous auth')  # fmt: skip

    assert _hashing(desk).health == "good"


def test_many_changes_go_in_few_round_trips(desk: Desk) -> None:
    """A hundred actions that do not concern each other are carried out together, and each is read back."""
    creates = [desk.create(f"P{n}", f"Lê Số {n}", f"sol{n}") for n in range(100)]

    outcomes = desk.apply(*creates)

    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    assert len({outcome.guid for outcome in outcomes}) == 100
    assert len(desk.shown().accounts) == 101
