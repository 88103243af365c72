"""A live directory that was read before is asked only for what changed since; the result is that of a whole read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from contract.conftest import ZONE, mapping
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from servers.client import clear
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.connectors.ad.kind import ActiveDirectory
from syncagent.connectors.ldap.answers import Result
from syncagent.connectors.ldap.requests import Add, Delete, Edit, Modify, Rename, Write
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import Session, open_session
from syncagent.connectors.live import held
from syncagent.connectors.live.target import LiveTarget
from syncagent.connectors.openldap.kind import OpenLdap
from syncagent.core import dn as names
from syncagent.core.snapshot import Snapshot
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

PASSWORD = "Mat.khau-2026"  # noqa: S105 - of servers that live as long as a test
REFINT = 0.3  # seconds in which it has certainly done its work
Batches = list[list[tuple[str, int, int]]]
STAMPS = [
    b"syncagent/1 kind=agency key=snv state=active since=2025-12-23 why=adopted",
    b"syncagent/1 kind=personal key=P1 state=active since=2025-12-23 why=adopted",
    b"syncagent/1 kind=",
]
NUMBERS = count(1)


@dataclass
class World:
    """A small branch on a server: units, people, groups in each other; `hand` is somebody else who edits."""

    server: Samba | Slapd
    base: str
    root: str
    hand: Session
    is_ad: bool
    rest: int
    done: list[str] = field(default_factory=list)

    def opened(self) -> LiveTarget:
        """A target that has read nothing yet."""
        kind = ActiveDirectory() if self.is_ad else OpenLdap(self.rest)
        directory = mapping("active-directory" if self.is_ad else "openldap")
        there = Server((self.server.ldaps_url,), self.server.ca)
        bind = Simple(self.server.admin, Secret(self.server.password))
        return LiveTarget("main", there, bind, directory, self.base, ZONE, kind, root=self.root)

    def fill(self) -> None:
        """Two units with people, a group in a group, and somebody who is in it."""
        self.write(self.unit(self.base), self.unit(self.base))
        first, second = self.dns("organizationalUnit")[1:3]
        self.write(*(self.account(first) for _ in range(4)), self.account(second))
        people = self.dns("person")
        self.write(self.group(self.base, people[0]))
        self.write(self.group(second, self.dns("group")[0]))

    def write(self, *writes: Write) -> None:
        """Edit; what the server refuses is no edit."""
        for one, answer in zip(writes, self.hand.write(writes), strict=True):
            if isinstance(answer, Result) and answer.code == 0:
                self.done.append(type(one).__name__)

    def dns(self, kind: str = "") -> list[str]:
        """Who is there, those above first."""
        found = [
            entry.dn
            for entry in self.hand.read(self.base, attributes=("objectClass",))
            if kind.encode().lower() in b" ".join(entry.attributes["objectClass"]).lower()
        ]
        return sorted(found, key=lambda dn: (dn.count(","), dn))

    def account(self, above: str) -> Add:
        name = f"u{next(NUMBERS)}"
        values = {"sn": [b"Le"], "title": [b"Chuyen vien"], "mail": [f"{name}@ninhbinh.gov.vn".encode()]}
        if self.is_ad:
            return Add(f"CN={name},{above}", {"objectClass": [b"user"], "sAMAccountName": [name.encode()], **values})
        own = {"objectClass": [b"inetOrgPerson"], "cn": [name.encode()], "userPassword": [PASSWORD.encode()]}
        return Add(f"uid={name},{above}", {**own, **values})

    def group(self, above: str, member: str) -> Add:
        kind = b"group" if self.is_ad else b"groupOfNames"
        return Add(f"cn=g{next(NUMBERS)},{above}", {"objectClass": [kind], "member": [member.encode()]})

    def unit(self, above: str) -> Add:
        return Add(f"ou=p{next(NUMBERS)},{above}", {"objectClass": [b"organizationalUnit"]})

    def edit(self, what: str, first: int, second: int) -> None:
        """One edit of a kind, of whatever comes at these places in the lists of what is there."""
        everything = self.dns()[1:]
        if not everything:
            self.write(self.account(self.base))
            return
        units = self.dns("organizationalUnit")
        people, groups = self.dns("person") or everything, self.dns("group") or everything
        unit, other_unit = units[first % len(units)], units[second % len(units)]
        person, other_person = people[first % len(people)], people[second % len(people)]
        group, anybody = groups[second % len(groups)], everything[first % len(everything)]
        below = sorted((dn for dn in everything if names.under(dn, unit)), key=len, reverse=True)
        rdn, stamp = ("cn", "msDS-cloudExtensionAttribute20") if self.is_ad else ("uid", "description")
        kept = f"{anybody.partition(',')[0]}"
        edits: dict[str, Callable[[], list[Write]]] = {
            "add": lambda: [self.account(unit)],
            "add unit": lambda: [self.unit(unit)],
            "add group": lambda: [self.group(unit, other_person)],
            "title": lambda: [_set(person, "title", b"T%d" % second)],
            "stamp": lambda: [_set(person, stamp, STAMPS[second % len(STAMPS)])],
            "protect": lambda: [_set(person, "adminCount", b"%d" % (second % 2))],
            "describe a group": lambda: [_set(group, "description", b"x%d" % second)],
            "join": lambda: [Modify(group, [(Edit.ADD, "member", [anybody.encode()])])],
            "leave": lambda: [Modify(group, [(Edit.DELETE, "member", [anybody.encode()])])],
            "rename": lambda: [Rename(person, f"{rdn}=r{next(NUMBERS)}")],
            "move": lambda: [Rename(person, person.partition(",")[0], other_unit)],
            "rename a unit": lambda: [Rename(one, f"ou=q{next(NUMBERS)}") for one in units[1:][first % 3 :][:1]],
            "move anything": lambda: [Rename(anybody, kept, other_unit)],
            "move out": lambda: [Rename(anybody, kept, self.server.base_dn)],
            "rename a group": lambda: [Rename(group, f"cn=h{next(NUMBERS)}")],
            "delete": lambda: [Delete(anybody)],
            "delete below": lambda: [Delete(dn) for dn in below],
            "policy": lambda: self.policy(person, second),
        }
        self.write(*edits[what]())

    def policy(self, person: str, number: int) -> list[Write]:
        if self.is_ad:
            domain = _set(self.server.base_dn, "lockoutThreshold", b"%d" % (number % 7))
            values = {
                "msDS-PasswordSettingsPrecedence": b"10", "msDS-PasswordReversibleEncryptionEnabled": b"FALSE",
                "msDS-PasswordHistoryLength": b"3", "msDS-PasswordComplexityEnabled": b"TRUE",
                "msDS-MinimumPasswordLength": b"8", "msDS-MinimumPasswordAge": b"0",
                "msDS-MaximumPasswordAge": b"-9223372036854775808", "msDS-LockoutThreshold": b"5",
                "msDS-LockoutObservationWindow": b"-18000000000", "msDS-LockoutDuration": b"-18000000000",
            }  # fmt: skip
            place = f"CN=Password Settings Container,CN=System,{self.server.base_dn}"
            of_some = {"objectClass": [b"msDS-PasswordSettings"], "msDS-PSOAppliesTo": [person.encode()]}
            return [domain, Add(f"CN=pso{next(NUMBERS)},{place}", {**of_some, **{k: [v] for k, v in values.items()}})]
        dn = f"cn=default,ou=policies,{self.server.base_dn}"
        return [_set(dn, "pwdMaxFailure", b"%d" % (3 + number % 3)), _set(person, "pwdPolicySubentry", dn.encode())]


def _set(dn: str, name: str, value: bytes) -> Modify:
    return Modify(dn, [(Edit.REPLACE, name, [value])])


EDITS = (
    "add", "add unit", "add group", "title", "stamp", "protect", "describe a group", "join", "leave", "rename", "move",
    "rename a unit", "move anything", "move out", "rename a group", "delete", "delete below", "policy",
)  # fmt: skip
EDIT = st.tuples(st.sampled_from(EDITS), st.integers(0, 20), st.integers(0, 20))


@contextmanager
def world(server: Samba | Slapd, *, narrow: bool, rest: int = 30) -> Iterator[World]:
    """A new branch, which is all that is read or only where the accounts are."""
    rdn = f"ou=W{next(NUMBERS)}"
    base = f"{rdn},{server.base_dn}"
    there = Server((server.ldaps_url,), server.ca)
    with open_session(there, Simple(server.admin, Secret(server.password))) as hand:
        found = World(server, base, base if narrow else "", hand, isinstance(server, Samba), rest)
        found.write(Add(base, {"objectClass": [b"organizationalUnit"]}))
        try:
            found.fill()
            yield found
        finally:
            clear(server, base)
            for entry in list(hand.read(server.base_dn, "(|(objectClass=msDS-PasswordSettings)(cn=g*)(cn=h*)(ou=p*))")):
                if not entry.dn.lower().startswith("ou=policies"):
                    hand.write([Delete(entry.dn)])


def plain(found: Snapshot) -> Snapshot:
    """A snapshot without where it came from, values in one order."""

    def in_order(values: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {name: tuple(sorted(them)) for name, them in values.items()}

    accounts = tuple(replace(one, attributes=in_order(dict(one.attributes))) for one in found.accounts)
    return replace(found, accounts=accounts, watermark={})


@pytest.fixture(params=["samba", "slapd"])
def server(request: pytest.FixtureRequest) -> Samba | Slapd:
    found: Samba | Slapd = request.getfixturevalue(request.param)
    return found


def holds(server: Samba | Slapd, batches: Batches, *, narrow: bool, rest: int) -> list[str]:
    """Edit and read in turn; return why it was read as a whole each time, if it was."""
    with world(server, narrow=narrow, rest=rest) as there:
        target = there.opened()
        target.read()
        how = []
        for batch in batches:
            for edit in batch:
                there.edit(*edit)
            time.sleep(0 if rest else REFINT)
            found, whole = target.read(), there.opened().read()
            how.append(str(found.watermark.get("because", "")))

            assert plain(found) == plain(whole), (batch, how)
    return how


BATCHES = st.lists(st.lists(EDIT, min_size=1, max_size=4), min_size=1, max_size=4)
SETTINGS = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(batches=BATCHES, narrow=st.booleans(), rest=st.sampled_from([0, 30]))
@settings(SETTINGS, max_examples=15)
def test_what_changed_is_all_that_changed(server: Samba | Slapd, batches: Batches, *, narrow: bool, rest: int) -> None:
    """Issue 4: after any edits of somebody else, reading what changed gives what reading everything gives."""
    holds(server, batches, narrow=narrow, rest=rest)


@pytest.mark.long
@given(batches=BATCHES, narrow=st.booleans(), rest=st.sampled_from([0, 30]))
@settings(SETTINGS, max_examples=300)
def test_what_changed_is_all_that_changed_at_length(
    server: Samba | Slapd, batches: Batches, *, narrow: bool, rest: int
) -> None:
    """The same, many times."""
    for because in holds(server, batches, narrow=narrow, rest=rest):
        event(because or "incremental")


def test_everything_is_read_again_now_and_then(server: Samba | Slapd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights of the agent's account leave no trace in entries: after some reads, or some hours, a read is whole."""
    with world(server, narrow=True) as there:
        target = there.opened()

        found = [target.read().watermark.get("because", "") for _ in range(held.READS + 3)]
        monkeypatch.setattr(held, "SECONDS", 0)
        late = target.read().watermark["because"]

    often = f"{held.READS} reads since the last whole one"
    assert found == ["the first read", *[""] * held.READS, often, ""]
    assert "hours" in str(late)


def test_much_that_changed_is_read_whole(server: Samba | Slapd) -> None:
    """Where much has changed, asking for each entry is no faster than asking for all."""
    with world(server, narrow=True) as there:
        target = there.opened()
        target.read()
        there.write(*(there.account(there.base) for _ in range(60)))

        found, whole = target.read(), there.opened().read()

    assert found.watermark["because"] == "much has changed"
    assert plain(found) == plain(whole)


def test_only_what_changed_is_made_anew(server: Samba | Slapd) -> None:
    """An account that nobody touched is the very same object; so little is done where little has changed."""
    with world(server, narrow=True) as there:
        target = there.opened()
        before = target.read()
        there.edit("title", 1, 1)

        after = target.read()

    same = [one is other for one, other in zip(before.accounts, after.accounts, strict=True)]
    assert (len(same), same.count(False)) == (5, 1)
    assert after.others is before.others


def test_a_deletion_is_no_database_that_was_put_back(server: Samba | Slapd) -> None:
    """Who changed a moment ago and is deleted or moved out now has not gone back in time: what changed is enough."""
    with world(server, narrow=True, rest=0) as there:
        target = there.opened()
        target.read()
        there.edit("title", 1, 1)
        there.edit("title", 2, 1)
        target.read()
        first, second = there.dns("person")[1:3]
        there.write(Delete(first), Rename(second, second.partition(",")[0], server.base_dn))
        time.sleep(REFINT)

        found, whole = target.read(), there.opened().read()

    assert found.watermark["read"] == "incremental"
    assert (len(found.accounts), plain(found)) == (3, plain(whole))
