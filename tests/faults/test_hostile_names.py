"""Names and values that try to be something else: written, read back and found exactly, or refused and not written."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple
from unicodedata import normalize
from uuid import UUID

import pytest
from contract.conftest import DOMAIN, TARGETS, Desk, mapping
from figures import Figures
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers.client import ldap
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.connectors.ldap.requests import Delete, Rename
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import open_session
from syncagent.core import compare
from syncagent.core import dn as names
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.directory import Shape, encode
from syncagent.core.mailbox import Difference
from syncagent.core.outcome import Outcome, Result
from syncagent.core.privacy import hide_identity_numbers, holds_identity_number
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

KINDS = {"samba": "active-directory", "slapd": "openldap"}
VALUES = ("displayName", "title")

PIECES = (
    "Nguyễn", normalize("NFD", "Nguyễn"), "Đặng Thị Hoà", "Hòa", "Ư", normalize("NFD", "ữ"), "H'Hen Niê", "Y Điêng",
    " ", "  ", "\t", "\n", "\r\n", "\0", "\x1b[31m", "\x7f", "\x85", "\xa0", "\u3000", "\u200b", "\u200d", "\ufeff",
    "\u202e", "\u2066", "\u2069", "\u0301", "#", "#04024869", ",", "+", "=", ";", "<", ">", '"', "'", "\\", "\\\\",
    "\\2C", "\\,", "\\00", "\\20", "\\c3\\a1", "*", "(", ")", "&", "|", "!", "~", "/", "\\2a", ")(uid=*", "*)(cn=*",
    "CN=x", "OU=Mail", ",OU=Mail,DC=x", "uid=x+cn=y", "cn=a,cn=b", "<GUID=1>", "<SID=S-1-5-32-544>", "\nDEL:", "CNF:",
    "\nCNF:1", ":", ": ", ":: QQ==", "- ", "\ndn: cn=x", "\n-\nadd: title",
    "🧑‍💻", "🌾", "𝐀𝐝𝐦𝐢𝐧", "аdmin", "ａｄｍｉｎ", "ﬁ", "ß", "ẞ", "ı", "İ", "ſ", "K", "Å", "ǅ", "٣", "١٢", "中文", "ไทย",
    "%00", "%n", "$(id)", "${x}", "{SSHA}", "{{7*7}}", "syncagent/1", "SMTP:a@b", "Administrator", "Domain Admins",
)  # fmt: skip
"""Vietnamese composed or not, blanks, controls, bidi, syntax of DN, filter and LDIF, look-alikes, letters that fold."""

_text = st.text(st.characters(codec="utf-8"), max_size=12)
_joined = st.lists(st.one_of(st.sampled_from(PIECES), _text), min_size=1, max_size=4).map("".join)
_long = st.builds(lambda piece, times: piece * times, st.sampled_from(PIECES), st.sampled_from((17, 33, 65, 300)))
hostile = st.one_of(st.sampled_from(PIECES), _joined, _joined, _long)


class Case(NamedTuple):
    """The name and the value with which somebody comes, and those that follow."""

    name: str
    value: str
    next_value: str
    next_name: str


cases = st.lists(st.builds(Case, hostile, hostile, hostile, hostile), min_size=10, max_size=25)


class Shown(NamedTuple):
    """What an entry holds: the value in its name, and its values, as octets."""

    name: bytes
    values: frozenset[bytes]


@dataclass
class Front:
    """A server, and what it should hold: by identity, what was done there."""

    desk: Desk
    server: Samba | Slapd
    numbers: count[int] = field(default_factory=count)
    tried: int = 0
    results: set[Result] = field(default_factory=set)

    @property
    def rdn(self) -> str:
        return self.desk.directory.rdn

    # ── actions ──

    def create(self, container: str, case: Case) -> Action:
        number = next(self.numbers)
        login = case.name if self.rdn == self.desk.directory.login.attribute else f"hostile{number}"
        subject, address = f"H{number}", f"hostile{number}@{DOMAIN}"
        stamp, place = self.desk.stamp(subject), self.desk.place()
        shape = Shape(
            stamp, address, (), login, subject, self.desk.facts("Lê Văn") | {"mail_nickname": f"hostile{number}"},
            default_password=True,
        )  # fmt: skip
        wanted = encode(self.desk.directory, shape, {}) | dict.fromkeys(VALUES, (case.value,))
        attributes: Difference = {"objectClass": ((), self.desk.directory.add_classes)}
        attributes |= {name: ((), values) for name, values in wanted.items() if values}
        attributes[self.rdn] = ((), (case.name,))
        add = Change(Operation.ADD, names.child(self.rdn, case.name, container), attributes, sets_password=True)
        above = compare.missing_containers(container, place, frozenset({names.same(place.base)}))
        return self.desk.action(ActionKind.CREATE, (*above, add), stamp, None, address)

    def update(self, found: Account, case: Case) -> Action:
        attributes = {name: (found.attributes.get(name, ()), (case.next_value,)) for name in VALUES}
        change = Change(Operation.MODIFY, found.dn, attributes)
        return self.desk.action(ActionKind.UPDATE, (change,), found.stamp, found.ref, found.address)

    def rename(self, found: Account, case: Case) -> Action:
        to = names.child(self.rdn, case.next_name, names.parent(found.dn))
        change = Change(Operation.RENAME, found.dn, {}, new_dn=to)
        return self.desk.action(ActionKind.MOVE, (change,), found.stamp, found.ref, found.address)

    def carried_out(self, actions: Sequence[Action]) -> list[Outcome]:
        """Carry out actions; whatever did not succeed says why, in both languages."""
        outcomes = self.desk.apply(*actions) if actions else []
        self.tried += len(actions)
        for outcome in outcomes:
            self.results.add(outcome.result)
            assert outcome.result in {Result.DONE, Result.CONFLICT, Result.FAILED}, outcome
            assert outcome.result is Result.DONE or (outcome.says.vi and outcome.says.en)
        return outcomes

    # ── looking ──

    def there(self, container: str) -> dict[str, tuple[str, Shown]]:
        """What OpenLDAP's own command sees below a container: name and values by identity."""
        words = ("-LLL", "-o", "ldif-wrap=no", "-b", container, "-s", "one", "(objectClass=person)")
        wanted = (self.rdn, *VALUES, self.desk.directory.identity)
        found: dict[str, tuple[str, Shown]] = {}
        code = 0 if self.holds(container) else 32
        for record in ldap(self.server, "ldapsearch", *words, *wanted, code=code).split("\n\n"):
            values: dict[str, list[bytes]] = {}
            for line in filter(None, record.split("\n")):
                name, _, written = line.partition(":")
                raw = b64decode(written[2:]) if written.startswith(": ") else written[1:].encode()
                values.setdefault(name.lower(), []).append(raw)
            if "dn" in values:
                identity = values[self.desk.directory.identity.lower()][0]
                guid = str(UUID(bytes_le=identity)) if isinstance(self.server, Samba) else identity.decode()
                (bearer,) = values[self.rdn.lower()]
                shown = frozenset(one for value in VALUES for one in values.get(value.lower(), ()))
                found[guid] = values["dn"][0].decode(), Shown(bearer, shown)
        return found

    def holds(self, container: str) -> bool:
        return bool(ldap(self.server, "ldapsearch", "-LLL", "-b", self.desk.base, f"(ou={_value(container)})", "ou"))

    def attack(self, batch: Sequence[Case]) -> None:
        """Create, change and rename with each case in turn, and see after each round what is there."""
        container = f"{self.desk.directory.container_rdn}=batch{next(self.numbers)},{self.desk.base}"
        made = self.carried_out([self.create(container, case) for case in batch])
        expected = {
            outcome.guid: Shown(case.name.encode(), frozenset({case.value.encode()}))
            for case, outcome in zip(batch, made, strict=True)
            if outcome.result is Result.DONE
        }
        where = {outcome.guid: case for case, outcome in zip(batch, made, strict=True)}
        self.check(container, expected)
        for act, left in ((self.update, _updated), (self.rename, _renamed)):
            found = [one for one in self.desk.opened().read().accounts if one.guid in expected]
            assert len(found) == len(expected)
            outcomes = self.carried_out([act(one, where[one.guid]) for one in found])
            for one, outcome in zip(found, outcomes, strict=True):
                if outcome.result is Result.DONE:
                    expected[one.guid] = left(expected[one.guid], where[one.guid])
            self.check(container, expected)
        self.clear(container)

    def clear(self, container: str) -> None:
        """Take away what was made; Samba cannot bury every name, so all get a plain one before."""
        there = Server((self.server.ldaps_url,), self.server.ca)
        with open_session(there, Simple(self.server.admin, Secret(self.server.password))) as session:
            dns = {guid: dn for guid, (dn, _) in self.there(container).items()}
            session.write([Rename(dn, f"{self.rdn}={guid}", None) for guid, dn in dns.items()])
            session.write([Delete(f"{self.rdn}={guid},{container}") for guid in dns])
            session.write([Delete(container)])
        assert not self.holds(container)

    def check(self, container: str, expected: dict[str, Shown]) -> None:
        """Everything that was done is there to the octet, nothing else is, and we ourselves read it so, too.

        A name that reads as an identification number, as escaped octets do at times, is shown without it (law 11).
        """
        there = self.there(container)
        read = {one.guid: one for one in self.desk.opened().read().accounts if names.under(one.dn, container)}
        assert {guid: shown for guid, (_, shown) in there.items()} == expected
        assert {guid: one.dn for guid, one in read.items()} == {
            guid: hide_identity_numbers(dn, lambda _: "…") for guid, (dn, _) in there.items()
        }
        for guid, one in read.items():
            masked = holds_identity_number(there[guid][0])
            assert masked or names.rdn_value(one.dn).encode() == expected[guid].name
            assert {value.encode() for name in VALUES for value in one.attributes[name]} == expected[guid].values


def _value(container: str) -> str:
    return names.rdn_value(container)


def _updated(shown: Shown, case: Case) -> Shown:
    return shown._replace(values=frozenset({case.next_value.encode()}))


def _renamed(shown: Shown, case: Case) -> Shown:
    return shown._replace(name=case.next_name.encode())


@pytest.fixture(params=KINDS)
def front(request: pytest.FixtureRequest) -> Front:
    server: Samba | Slapd = request.getfixturevalue(request.param)
    return Front(TARGETS[request.param](mapping(KINDS[request.param]), request), server)


_checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


@given(batch=cases)
@settings(max_examples=2, suppress_health_check=_checks)
def test_a_hostile_name_is_found_exactly_or_refused(front: Front, batch: list[Case]) -> None:
    """F12, F13: whatever a name or value is made of, the entry is the one that was meant, or there is none."""
    front.attack(batch)


@pytest.mark.parametrize("piece", range(len(PIECES) // 25 + 1))
def test_every_piece_alone_is_found_exactly_or_refused(front: Front, piece: int) -> None:
    """Each of the pieces as a name and as a value, one by one."""
    some = PIECES[piece * 25 : piece * 25 + 25]
    turned = [*some[1:], *some[:1]]

    front.attack([Case(one, one, f" {other}", f"{other} ") for one, other in zip(some, turned, strict=True)])

    assert Result.DONE in front.results


def test_octets_that_read_as_a_number_are_no_other_name(front: Front) -> None:
    """Law 11: control characters, escaped, look like the digits of an identification number; the entry stays found."""
    front.attack([Case("\0" * 17, "x", "y", "plain")])

    assert Result.DONE in front.results


@pytest.mark.long
def test_twenty_thousand_hostile_names(front: Front, figures: Figures) -> None:
    """The same, twenty thousand times on each server."""

    @given(batch=cases)
    @settings(max_examples=2000, suppress_health_check=_checks)
    def attack(batch: list[Case]) -> None:
        if front.tried < 20_000:
            front.attack(batch)

    attack()

    assert front.tried >= 20_000
    assert front.results == {Result.DONE, Result.CONFLICT, Result.FAILED}
    figures.note(f"hostile names and values on {type(front.server).__name__}", front.tried, 20_000)
