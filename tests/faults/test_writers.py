"""Four writers and a human on the same entries at the same time: no edit is lost, none is done twice.

Every value that anybody writes into `title` is written once in its life. So what became of each can be told: it was
taken away by the one action whose plan saw it, or by the human's next edit, or it is there in the end.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, cycle
from typing import NamedTuple

import pytest
from contract.conftest import TARGETS, Desk, mapping
from figures import Figures
from servers.client import ldap
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.connectors.ldap.requests import Edit, Modify
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import Session, open_session
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Doubtful
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

KINDS = {"samba": "active-directory", "slapd": "openldap"}
WRITERS, ACCOUNTS = 4, 3
PAUSE = 0.15  # seconds between two edits of the human: less than an agent needs to read, plan and write
WRITTEN = "written and confirmed by the server"
SHARED, COUNTED, HUMANS = "title", "givenName", "telephoneNumber"
"""What all write, what counts the agents' edits, and what the human alone writes and no mapping knows."""


class Written(NamedTuple):
    """One action of one writer: what its plan saw, what it wanted, and what became of it."""

    guid: str
    before: str
    after: str
    outcome: Outcome

    @property
    def happened(self) -> bool:
        """Whether the server took the edit; somebody may have been there again before it was read back."""
        return self.outcome.result is Result.DONE or WRITTEN in self.outcome.says.en


@dataclass
class Struggle:
    """One server under attack; `seen_by_human` is what stood in `title` before each of the human's edits."""

    desk: Desk
    server: Samba | Slapd
    dns: dict[str, str] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    by_human: dict[str, list[str]] = field(default_factory=dict)
    seen_by_human: dict[str, list[str]] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    broken: list[BaseException] = field(default_factory=list)

    def prepare(self) -> None:
        """Make the accounts; each begins with the value `start` and the count 0."""
        creates = [self.desk.create(f"P{n}", f"Lê Số {n}", f"sol{n}") for n in range(ACCOUNTS)]
        assert {one.result for one in self.desk.apply(*creates)} == {Result.DONE}
        found = [account for account in self.desk.opened().read().accounts if account.stamp]
        starts = [self.update(self.desk, one, "start", "0") for one in found]
        assert {one.result for one in self.desk.apply(*starts)} == {Result.DONE}
        self.dns = {account.guid: account.dn for account in found}
        self.by_human = {guid: [] for guid in self.dns}
        self.seen_by_human = {guid: [] for guid in self.dns}

    @staticmethod
    def update(desk: Desk, found: Account, shared: str, counted: str) -> Action:
        changed = {SHARED: (shared,), COUNTED: (counted,)}
        attributes = {name: (found.attributes.get(name, ()), after) for name, after in changed.items()}
        change = Change(Operation.MODIFY, found.dn, attributes)
        return desk.action(ActionKind.UPDATE, (change,), found.stamp, found.ref, found.address)

    # ── who writes ──

    def agent(self, number: int, operations: int) -> None:
        """Read, plan one edit of every account, carry them out; again, until so many were tried."""
        desk, values = replace(self.desk, marker=f"writer {number}", drawn={}), count()
        tried = 0
        while tried < operations and not self.broken:
            try:
                found = [account for account in desk.opened().read().accounts if account.guid in self.dns]
            except Doubtful:  # too much is being written; nothing was planned
                continue
            actions = [
                self.update(desk, one, f"agent {number}.{next(values)}", str(int(one.attributes[COUNTED][0]) + 1))
                for one in found
            ]
            for one, action, outcome in zip(found, actions, desk.apply(*actions), strict=True):
                before, after = one.attributes[SHARED][0], action.changes[0].attributes[SHARED][1][0]
                self.written.append(Written(one.guid, before, after, outcome))
            tried += len(actions)

    def human(self) -> None:
        """Set both attributes without asking what stands there, of one account after the other, and look before."""
        there = Server((self.server.ldaps_url,), self.server.ca, receive_timeout=30, total_timeout=3600)
        with open_session(there, Simple(self.server.admin, Secret(self.server.password))) as session:
            for number, (guid, dn) in enumerate(cycle(self.dns.items())):
                self.seen_by_human[guid].append(self.value(session, dn, SHARED))
                mine = f"human {number}"
                edits = [(Edit.REPLACE, name, [mine.encode()]) for name in (SHARED, HUMANS)]
                answer = session.write([Modify(dn, edits)])[0]
                assert getattr(answer, "code", None) == 0, answer
                self.by_human[guid].append(mine)
                if self.ended.wait(PAUSE):
                    return

    @staticmethod
    def value(session: Session, dn: str, name: str) -> str:
        found = session.find(dn, (name,))
        assert found
        return found.attributes[name][0].decode()

    def fight(self, operations: int) -> None:
        """Let everybody write at the same time, until the agents have tried so many edits together."""

        def safely(work: object, *words: int) -> None:
            try:
                work(*words)  # type: ignore[operator]  # one of the two above
            except BaseException as error:  # noqa: BLE001 - told to the test, which is in another thread
                self.broken.append(error)

        agents = [
            threading.Thread(target=safely, args=(self.agent, number, operations // WRITERS))
            for number in range(WRITERS)
        ]
        human = threading.Thread(target=safely, args=(self.human,))
        for thread in (*agents, human):
            thread.start()
        for thread in agents:
            thread.join()
        self.ended.set()
        human.join()
        assert self.broken == []

    # ── what must hold ──

    def check(self, guid: str) -> None:
        """See that all edits of one account fit into one history."""
        mine = [one for one in self.written if one.guid == guid]
        done = [one for one in mine if one.happened]
        next_after = {one.before: one.after for one in done}
        now = next(one for one in self.desk.opened().read().accounts if one.guid == guid)
        alone = ldap(self.server, "ldapsearch", "-LLL", "-b", now.dn, "-s", "base", "(objectClass=*)", HUMANS)

        assert max(Counter(one.before for one in done).values()) == 1, "two actions took the same value away"
        assert now.attributes[COUNTED] == (str(len(done)),)
        begins, found = ["start", *self.by_human[guid]], [*self.seen_by_human[guid], now.attributes[SHARED][0]]
        for begin, end in zip(begins, found, strict=True):  # from one of the human's edits to the next
            value = begin
            while value != end and value in next_after:
                value = next_after[value]
            assert value == end, f"after {begin!r} stood {end!r}, which no plan that saw it wanted"
        refused = {one.after for one in mine} - {one.after for one in done}
        assert refused.isdisjoint({*found, *next_after})
        assert f"{HUMANS}: {self.by_human[guid][-1]}" in alone


@pytest.fixture(params=KINDS)
def struggle(request: pytest.FixtureRequest) -> Iterator[Struggle]:
    server: Samba | Slapd = request.getfixturevalue(request.param)
    found = Struggle(TARGETS[request.param](mapping(KINDS[request.param]), request), server)
    found.prepare()
    yield found
    found.ended.set()


def _no_edit_is_lost(struggle: Struggle, operations: int) -> None:
    struggle.fight(operations)

    results = Counter(one.outcome.result for one in struggle.written)
    assert set(results) == {Result.DONE, Result.CONFLICT}
    assert sum(results.values()) >= operations
    assert all(struggle.by_human.values())
    for guid in struggle.dns:
        struggle.check(guid)


def test_four_writers_and_a_human_lose_no_edit(struggle: Struggle) -> None:
    """F25, laws 9 and 10: an action takes away what its plan saw, once, and nothing else; all others are conflicts."""
    _no_edit_is_lost(struggle, 200)


@pytest.mark.long
def test_ten_thousand_edits_of_four_writers_and_a_human(struggle: Struggle, figures: Figures) -> None:
    """The same, ten thousand times on each server."""
    _no_edit_is_lost(struggle, 10_000)
    tried = len(struggle.written)
    figures.note(f"edits of four writers and a human on {type(struggle.server).__name__}", tried, 10_000)
