"""Whatever crashes, fails or is lost: of each account exactly the sealed password that is in force can be opened."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from sqlalchemy import select, text

from syncagent.cli.starting import DEMO_DAY
from syncagent.core.examination import Examination, Health
from syncagent.core.outcome import Outcome, Result
from syncagent.errors import Misconfigured, Refused
from syncagent.runs import handover
from syncagent.runs.agent import Agent
from syncagent.runs.apply import apply
from syncagent.runs.doctor import doctor
from syncagent.runs.recover import recover
from syncagent.store import handovers, officers
from syncagent.store.tables import audit, journal
from syncagent.text import Text
from syncagent.trust.sealing import OpeningKey
from syncagent.trust.secret import Secret
from syncagent.wiring import agent_of, settings_of

KEY = OpeningKey(bytes(range(1, 33)))
OTHER = OpeningKey(bytes(range(2, 34)))
BEGIN = datetime.combine(DEMO_DAY, time(3), UTC)


class Crash(BaseException):
    """Not an error a program may handle: the process is gone."""


@dataclass
class Server:
    """What a directory server keeps of passwords, beside the file that stands for the rest of it.

    `crash` is burnt down by every call; `ends` says how single actions end, by their place in the call.
    """

    in_force: dict[str, str] = field(default_factory=dict)
    crash: int = 0
    ends: Mapping[int, Outcome] = field(default_factory=dict)
    sealed_before: Callable[[str], bool] = lambda _: True

    def burn(self) -> None:
        self.crash -= 1
        if self.crash == 0:
            raise Crash


class Live:
    """A target that takes passwords."""

    def __init__(self, target: Any, server: Server) -> None:
        self._target, self._server = target, server
        self.name, self.batch, self.patience = target.name, 15, 0.0

    def read(self) -> Any:
        return self._target.read()

    def directory_id(self) -> str:
        found: str = self._target.directory_id()
        return found

    def resolve(self, action: Any, marker: str) -> Any:
        return self._target.resolve(action, marker)

    def carry_out(
        self, actions: Sequence[Any], marker: str, passwords: Mapping[str, Secret], stop: Callable[[], bool]
    ) -> list[Outcome]:
        assert not stop()
        self._server.burn()
        ended: list[Outcome] = []
        for place, action in enumerate(actions):
            assert (action.id in passwords) is action.sets_password
            if action.sets_password:
                assert self._server.sealed_before(action.id)
            told = self._server.ends.get(place)
            if told and not told.password_set:
                ended.append(told._replace(action_id=action.id))
                continue
            outcome = self._target.carry_out([action], marker)[0]
            sets = action.sets_password and outcome.result is Result.DONE
            if sets:
                self._server.in_force[action.subject] = passwords[action.id].reveal()
            ended.append(told._replace(action_id=action.id) if told else outcome._replace(password_set=sets))
        self._server.burn()
        return ended


@contextmanager
def _agent(folder: Path, server: Server, at: datetime = BEGIN) -> Iterator[Agent]:
    settings, place = settings_of(str(folder / "syncagent.yaml"), folder)
    with agent_of(settings, place) as agent:
        places = {name: replace(target, live=True) for name, target in agent.policy.targets.items()}
        targets: Any = {name: Live(target, server) for name, target in agent.targets.items()}
        yield replace(agent, policy=replace(agent.policy, targets=places), targets=targets, clock=lambda: at)


def _sealed(agent: Agent, action_id: str) -> bool:
    """Whether another connection sees the sealed password already."""
    with agent.store.reading() as connection:
        return any(row.action_id == action_id and row.sealed for row in handovers.everything(connection))


def _openable(agent: Agent, key: OpeningKey = KEY) -> dict[str, str]:
    """Open what waits, by subject."""
    with suppress(Refused):
        chosen = handover.to_open(agent, officers.OFFICE, key.public)
        found = handover.opened(agent, chosen, key)
        return {one.row.subject: opened.password.reveal() for one, opened in zip(chosen, found, strict=True)}
    return {}


def _register(agent: Agent, unit: str = officers.OFFICE, key: OpeningKey = KEY) -> None:
    handover.add_officer(agent, unit, "Trần Thị Sáu", key.public, "Quản trị")


@pytest.fixture(autouse=True)
def _believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of these tests stands on the day of the sample; which clocks are believed is proved elsewhere."""
    monkeypatch.setattr("syncagent.runs.apply.trust_clocks", lambda *_: None)
    monkeypatch.setattr("syncagent.runs.watch.pass_time", lambda *_: None)


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """A desk with an officer."""
    with _agent(desk.folder, Server()) as agent:
        _register(agent)
    return desk


def test_a_password_is_sealed_before_it_is_sent(ready: Desk) -> None:
    """Another connection reads every seal while nothing was sent yet; afterwards exactly those in force open, once."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        server.sealed_before = lambda action_id: _sealed(agent, action_id)
        ended = apply(agent, "latest").outcomes
        listed = handover.listed(agent)
        opened = _openable(agent)
        again = _openable(agent)

    late = {one.says.en for one in ended if one.result is not Result.DONE}
    assert all("no longer what is ordered" in says for says in late)  # a deletion waits for runs that saw it closed
    assert len(server.in_force) > 5
    assert opened == server.in_force
    assert again == {}
    assert {one.row.subject for one in listed} == set(server.in_force)
    assert all(one.name or one.row.subject.startswith("unit:") for one in listed)


@pytest.mark.parametrize("resumed", [True, False], ids=["applied again", "recovered"])
def test_after_a_crash_what_is_in_force_opens(ready: Desk, resumed: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of pytest
    """Before and after each batch: taken up or settled, the passwords that open are those that the server took."""
    crashed, steps = True, 0
    while crashed:
        steps += 1
        folder = tmp_path / f"again{steps}"
        shutil.copytree(ready.folder, folder)
        server = Server(crash=steps)
        with _agent(folder, server) as agent:
            try:
                apply(agent, "latest")
                crashed = False
            except Crash:
                told = _openable(agent)  # nothing whose fate is not known
                assert told == {subject: server.in_force[subject] for subject in told}
        with _agent(folder, server) as agent:
            before = dict(server.in_force)
            if resumed:
                with suppress(Refused):
                    apply(agent, "latest")
            else:
                recover(agent)
            opened = _openable(agent)
            with agent.store.reading() as connection:
                rows = handovers.everything(connection)
        known = {row.subject for row in rows if row.opened_at}
        assert opened == {subject: server.in_force[subject] for subject in opened}, steps
        assert known == set(server.in_force), steps
        assert resumed or before == server.in_force
    assert steps > 4


NOT_SET = {result: Outcome("", result, Text("a", "a")) for result in Result if result is not Result.DONE}


@pytest.mark.parametrize(
    ("end", "waits"),
    [
        (NOT_SET[Result.CONFLICT], False),
        (NOT_SET[Result.FAILED], False),
        (NOT_SET[Result.NOT_TRIED], False),
        (Outcome("", Result.DONE), False),  # by an attempt before
        (Outcome("", Result.FAILED, Text("a", "a"), password_set=True), True),  # a later step failed
        (Outcome("", Result.CONFLICT, Text("a", "a"), password_set=True), True),
    ],
)
def test_what_is_not_in_force_is_void(ready: Desk, end: Outcome, waits: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """A failed action voids its password, unless the directory had taken it before a later step failed."""
    server = Server(ends=dict.fromkeys(range(10_000), end))
    with _agent(ready.folder, server) as agent, suppress(Refused):
        apply(agent, "latest")
    with _agent(ready.folder, server) as agent:
        opened = _openable(agent)
        with agent.store.reading() as connection:
            rows = handovers.everything(connection)

    assert rows
    assert bool(opened) is waits
    assert {bool(row.void_at) for row in rows} == {not waits}
    assert {row.sealed for row in rows} == {b""}
    assert opened == server.in_force


def test_an_unknown_outcome_opens_nothing_until_it_is_known(ready: Desk) -> None:
    """Lost answers: the list says so; what is read to have happened opens then, what has not is void."""
    lost = NOT_SET[Result.UNKNOWN]
    server = Server(ends={place: lost._replace(password_set=bool(place % 2)) for place in range(10_000)})
    with _agent(ready.folder, server) as agent:
        apply(agent, "latest")
        unclear = handover.listed(agent)
        refused = _openable(agent)
        with pytest.raises(Refused, match="recover"):
            handover.to_open(agent, officers.OFFICE, KEY.public, [unclear[0].row.id])
    with _agent(ready.folder, server) as agent:
        recover(agent)
        opened = _openable(agent)

    assert refused == {}
    assert not any(one.settled for one in unclear)
    assert opened
    assert opened == server.in_force
    assert len(opened) < len(unclear)


def test_a_newer_password_ends_the_earlier_ones(ready: Desk) -> None:
    """Of two that wait for the same subject only the later opens."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        apply(agent, "latest")
        with agent.store.writing() as connection:
            first = handovers.everything(connection)[0]
            handovers.add(
                connection, [first._replace(action_id="A9999", sealed=b"x"), first._replace(subject="P-other")]
            )
            plan = [action for action in _plan(agent) if action.id == first.action_id]
            later = replace(plan[0], id="A9999")
            done = Outcome("A9999", Result.DONE, password_set=True)
            handovers.settle(connection, first.plan_id, first.target, [(later, done)], BEGIN)
            rows = handovers.everything(connection)

    assert [row.id for row in rows if row.void_at] == [first.id]


def _plan(agent: Agent) -> tuple[Any, ...]:
    from syncagent.runs.approve import find_plan  # noqa: PLC0415 - of this helper alone

    with agent.store.reading() as connection:
        return find_plan(agent, connection, "latest")[0].actions


def test_seven_days_and_no_longer(ready: Desk) -> None:
    """At the last second it opens, at the next it does not, and what was sealed is forgotten with the next apply."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        apply(agent, "latest")
        last, first = (one.row.id for one in handover.listed(agent)[:2])
    with _agent(ready.folder, server, BEGIN + timedelta(days=7)) as late:
        with pytest.raises(Refused, match="seven days"):
            handover.to_open(late, officers.OFFICE, KEY.public, [first])
        assert _openable(late) == {}
    with _agent(ready.folder, server, BEGIN + timedelta(days=7, seconds=-1)) as agent:
        assert len(handover.opened(agent, handover.to_open(agent, officers.OFFICE, KEY.public, [last]), KEY)) == 1
        with agent.store.writing() as connection:
            handovers.forget_expired(connection, BEGIN + timedelta(days=7))
            assert {row.sealed for row in handovers.everything(connection)} == {b""}


def test_a_key_that_somebody_put_into_the_state_opens_nothing(ready: Desk) -> None:
    """Whoever writes the database registers no officer: every entry bears the agent's signature, or all is refused."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        with agent.store.writing() as connection:
            connection.execute(text("UPDATE officers SET key_id = :id, public_key = :key"), _half(OTHER))
        with pytest.raises(Refused, match="signature"):
            apply(agent, "latest")

    assert server.in_force == {}


def _half(key: OpeningKey) -> dict[str, str]:
    return {"id": key.public.id, "key": key.public.hex}


def test_only_the_units_own_officer_opens(ready: Desk) -> None:
    """The nearest officer up the tree has a password, nobody else; a stolen key of another unit opens nothing."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        units = {action.unit for action in _plan(agent) if action.sets_password}
        unit = min(units)
        _register(agent, unit, OTHER)
        apply(agent, "latest")
        theirs = handover.listed(agent, unit)
        with pytest.raises(Refused, match="not the one in use"):
            handover.to_open(agent, unit, KEY.public)
        with pytest.raises(Misconfigured, match="no password number"):
            handover.to_open(agent, unit, OTHER.public, [10_000])
        chosen = handover.to_open(agent, unit, OTHER.public)
        with pytest.raises(Refused, match="does not open"):
            handover.opened(agent, chosen, KEY)
        moved = chosen[0]._replace(row=chosen[0].row._replace(action_id=chosen[0].row.action_id + "1"))
        with pytest.raises(Refused, match="does not open"):
            handover.opened(agent, [moved], OTHER)
        assert handover.listed(agent, unit) == theirs
        found = handover.opened(agent, chosen, OTHER)
        with pytest.raises(Refused, match="just now"):
            handover.opened(agent, chosen, OTHER)
        with pytest.raises(Refused, match="opens only once"):
            handover.to_open(agent, unit, OTHER.public, [chosen[0].row.id])

    assert {one.row.key_id for one in theirs} == {OTHER.public.id}
    assert {one.password.reveal() for one in found} == {server.in_force[one.row.subject] for one in theirs}


def test_if_what_comes_before_fails_nothing_counts_as_opened(ready: Desk) -> None:
    """A slip that cannot be written costs no password."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        apply(agent, "latest")
        chosen = handover.to_open(agent, officers.OFFICE, KEY.public)

        def breaks(_: object) -> None:
            raise Crash

        with pytest.raises(Crash):
            handover.opened(agent, chosen, KEY, breaks)
        assert _openable(agent) == server.in_force


def test_what_a_revoked_key_was_to_open_is_void(ready: Desk) -> None:
    """Nothing is sealed to it any more; without another officer no password is set at all."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        apply(agent, "latest")
        waiting = len(handover.listed(agent))
        _, lost = handover.revoke_officer(agent, KEY.public.id, "Quản trị")
        with pytest.raises(Misconfigured, match="no key"):
            handover.revoke_officer(agent, KEY.public.id, "Quản trị")
        with pytest.raises(Refused, match="not the one in use"):
            handover.to_open(agent, officers.OFFICE, KEY.public)
        with pytest.raises(Refused, match="make a new one"):
            _register(agent)
        _register(agent, key=OTHER)
        assert _openable(agent, OTHER) == {}
        known = {one.key_id: bool(one.revoked_at) for one in handover.listed_officers(agent)}
        assert known == {KEY.public.id: True, OTHER.public.id: False}

    assert lost == waiting == len(server.in_force)


def test_without_an_officer_no_password_is_set(desk: Desk) -> None:
    """What sets one is not tried, and says which command registers somebody; the rest is carried out."""
    server = Server()
    with _agent(desk.folder, server) as agent:
        done = apply(agent, "latest")
        kinds = {action.id: action.sets_password for action in _plan(agent)}

    told = [one for one in done.outcomes if "handover officer add office" in one.says.en]
    assert {one.action_id for one in told} == {action_id for action_id, sets in kinds.items() if sets}
    assert {one.result for one in told} == {Result.NOT_TRIED}
    assert any(one.result is Result.DONE for one in done.outcomes)
    assert server.in_force == {}


def test_who_is_an_officer_is_registered_once(ready: Desk) -> None:
    """A unit has one officer at a time, and must be in the roster; everything is on record, without a password."""
    server = Server()
    with _agent(ready.folder, server) as agent:
        with pytest.raises(Refused, match="officer revoke"):
            _register(agent, key=OTHER)
        with pytest.raises(Refused, match="no unit"):
            _register(agent, "khong-co", OTHER)
        apply(agent, "latest")
        opened = _openable(agent)
        with agent.store.reading() as connection:
            kept = connection.execute(select(audit.c.kind, audit.c.body)).all()
            states = connection.execute(select(journal.c.says_vi, journal.c.dn)).all()
            dump = "\n".join(map(str, [*kept, *states, *connection.execute(text("SELECT * FROM handovers"))]))

    assert [row.kind for row in kept].count("password-open") == len(opened)
    assert "officer-add" in {row.kind for row in kept}
    assert not any(password in dump for password in opened.values())


def test_doctor_says_whether_anybody_hands_passwords_over(desk: Desk) -> None:
    """On a live target it is worth a look if the office has nobody; of files nothing is said."""
    with _agent(desk.folder, Server()) as agent:
        without = _examined(agent)
        _register(agent)
        registered = _examined(agent)
    settings, place = settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)
    with agent_of(settings, place) as agent:
        on_a_file = _examined(agent)

    assert [one.health for one in without] == [Health.DOUBT]
    assert "handover officer add office" in without[0].says.en
    assert [(one.health, one.says.vi) for one in registered] == [(Health.GOOD, "Trần Thị Sáu.")]
    assert on_a_file == []


def _examined(agent: Agent) -> list[Examination]:
    return [one for one in doctor(replace(agent, targets={})).found[""] if one.what.en == "Handing over passwords"]


def test_on_a_file_nothing_is_sealed(ready: Desk) -> None:
    """A file holds no passwords, so there is none to hand over."""
    settings, place = settings_of(str(ready.folder / "syncagent.yaml"), ready.folder)
    with agent_of(settings, place) as agent:
        assert apply(agent, "latest").complete
        assert handover.listed(agent) == ()
