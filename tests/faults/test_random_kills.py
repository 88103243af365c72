"""Law 9 by the thousand: kill -9 at random, again while recovering, and the end is as if nothing had happened.

One round costs two forks: the agent is opened once, and each of its lives is a child process with real SQLite and a
real file, or a directory in another process that keeps what it was told.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from traceback import format_exc, print_exc
from typing import Any

import pytest
from elsewhere import Elsewhere, directory
from figures import Figures
from little import little_province

from syncagent.cli.starting import DEMO_DAY
from syncagent.connectors.memory import MemoryTarget
from syncagent.errors import Refused
from syncagent.runs.agent import Agent
from syncagent.runs.apply import apply
from syncagent.runs.auditor import against, verify
from syncagent.runs.plan import make_plan
from syncagent.wiring import agent_of, settings_of

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of a worker that has threads

Asks = Callable[[], Any]

KILLS = int(os.environ.get("SYNCAGENT_RANDOM_KILLS", "20000"))
_FEW = 12
_AT_A_STEP, _ANEW, _MORE = 0.6, 0.2, (0, 0, 1, 1, 2, 3)
"""How many are killed at a step and not at a moment; how many go on by a new plan; how often one is killed again."""
_WHERE = {"file": "a file", "elsewhere": "a directory that takes write after write"}
_IDENTITY = re.compile(rb"(?m)^objectGUID:.*\n(?: .*\n)*")
_KEPT = {
    "accounts": "SELECT target, guid, subject, stamp FROM accounts",
    "addresses": "SELECT address, owner FROM addresses",
    "rights": "SELECT target, guid, entry, attribute, dn FROM rights",
    "fulfilled": "SELECT request_id, plan_id, action_id, day, did FROM fulfilled",
    "journal": "SELECT plan_id, action_id, state, guid, dn FROM journal WHERE state <> 'intent'",
}
"""What the state must remember, whenever it happened."""


@dataclass
class Fuse:
    """Kills its own process at a step."""

    left: int

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class FusedStore:
    """A store that steps before a transaction, before its commit, and after it."""

    def __init__(self, store: Any, fuse: Fuse) -> None:
        self._store, self.fuse = store, fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def writing(self) -> Any:
        self.fuse.burn()
        with self._store.writing() as connection:
            yield connection
            self.fuse.burn()
        self.fuse.burn()


class FusedFile:
    """A directory in a file that takes small batches, with a step before and after each."""

    batch, patience = 7, 0.0

    def __init__(self, target: Any, fuse: Fuse) -> None:
        self._target, self._fuse = target, fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def carry_out(self, *words: Any) -> Any:
        self._fuse.burn()
        outcomes = self._target.carry_out(*words)
        self._fuse.burn()
        return outcomes


@dataclass(frozen=True)
class End:
    """What there is in the end, after so many steps: the directory, what is remembered, what was recorded as done."""

    steps: int
    directory: object
    kept: dict[str, list[tuple[object, ...]]]
    done: Counter[tuple[str, str]]


@dataclass
class Rounds:
    """The little province, put back to its beginning before each round."""

    folder: Path
    agent: Agent
    kind: str
    files: dict[str, bytes]
    entries: MemoryTarget
    kills: int = 0
    longest: float = 0.0

    @classmethod
    def of(cls, folder: Path, agent: Agent, kind: str) -> Rounds:
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        place = agent.policy.targets["main"]
        entries = MemoryTarget.of(agent.targets["main"].read(), place.directory, place.base, agent.zone)
        apply(agent, "latest")  # so that children inherit every import and every compiled statement
        agent.store.close()
        return cls(folder, agent, kind, files, entries)

    def put_back(self) -> None:
        for path in self.folder.iterdir():
            if path.name not in self.files:
                path.unlink()
        for name in ("syncagent.db", "directory.ldif"):
            (self.folder / name).write_bytes(self.files[name])

    @contextmanager
    def begun(self) -> Iterator[Asks | None]:
        """A round begins; where the directory is elsewhere, with what asks it."""
        self.put_back()
        with ExitStack() as stack:
            asks = stack.enter_context(directory(self.entries, self.socket)) if self.kind == "elsewhere" else None
            yield asks

    @property
    def socket(self) -> Path:
        return self.folder.parent / "directory.socket"

    def fused(self, fuse: Fuse) -> Agent:
        target: Any = FusedFile(self.agent.targets["main"], fuse)
        if self.kind == "elsewhere":
            target = Elsewhere("main", self.socket, fuse.burn)
        store: Any = FusedStore(self.agent.store, fuse)
        return replace(self.agent, store=store, targets={"main": target})

    def life(self, chance: Random, steps: int, *, anew: bool) -> None:
        """Let an agent live until it is killed, at a step or at a moment, unless it is done before."""
        at_a_step = chance.random() < _AT_A_STEP
        self.live(chance.randint(1, steps) if at_a_step else 0, chance.uniform(0, self.longest), anew=anew)

    def live(self, at: int, seconds: float = 0.0, *, anew: bool) -> bool:
        """Let an agent live until that step, or for so long if there is none; return whether it was killed."""
        pid = os.fork()
        if pid == 0:
            _work(self.fused(Fuse(at)), anew=anew)
        if not at:
            time.sleep(seconds)
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "an agent failed"
        self.kills += os.WIFSIGNALED(status)
        return os.WIFSIGNALED(status)

    def end(self, asks: Asks | None, *, anew: bool) -> End:
        """Let an agent finish, and look at everything there is: nothing is left to do, and the log explains it all."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            fuse = Fuse(0)
            _finish(self.fused(fuse), fuse, writing, anew=anew)
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            found = answer.read()
        assert os.waitpid(pid, 0)[1] == 0, found.decode(errors="replace")
        steps, *left = pickle.loads(found)  # noqa: S301 - of our own child
        assert left == [[], (), ()], left
        with closing(sqlite3.connect(self.folder / "syncagent.db")) as state:
            kept = {name: sorted(state.execute(query)) for name, query in _KEPT.items()}
            records = [json.loads(body) for (body,) in state.execute("SELECT body FROM audit WHERE kind = 'done'")]
        done = Counter((facts["plan_id"], facts["action_id"]) for facts in records)
        if asks is None:
            return End(steps, (self.folder / "directory.ldif").read_bytes(), kept, done)
        target, taken = asks()
        shown = sorted((one.dn, one.guid, sorted(one.attributes.items())) for one in target.read().accounts)
        assert max(taken.values()) == 1, taken
        return End(steps, shown, kept, done)


def _work(agent: Agent, *, anew: bool) -> None:
    """Be an agent: apply what was planned; or plan anew first, which settles what was interrupted."""
    try:
        if anew:
            make_plan(agent, DEMO_DAY)
        with suppress(Refused):  # all was done before
            apply(agent, "latest")
    except BaseException:  # noqa: BLE001 - told to the test, which is another process
        print_exc()
        os._exit(1)
    os._exit(0)


def _finish(agent: Agent, fuse: Fuse, answer: int, *, anew: bool) -> None:
    """Be an agent that finishes, then looks what is left to do, what cannot be proved and what nobody can explain."""
    try:
        if anew:
            make_plan(agent, DEMO_DAY)
        with suppress(Refused):  # all was done before
            apply(agent, "latest")
        burnt = -fuse.left
        left = [(str(one.kind), one.subject) for one in make_plan(agent, DEMO_DAY)[0].actions]
        os.write(answer, pickle.dumps((burnt, left, verify(agent).doubts, against(agent, "main").open)))
    except BaseException:  # noqa: BLE001 - told to the test, which is another process
        os.write(answer, format_exc().encode())
        os._exit(1)
    os._exit(0)


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return little_province(tmp_path_factory.mktemp("little")).folder


@pytest.fixture
def little(_made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_made, tmp_path / "little"))


def _unnamed(directory: object) -> object:
    """The directory without identities: another plan makes the same mailbox under another one."""
    if isinstance(directory, bytes):
        return _IDENTITY.sub(b"", directory)
    return [(dn, [pair for pair in pairs if pair[0] != "objectGUID"]) for dn, _, pairs in directory]  # type: ignore[attr-defined]  # rows


def _same(found: End, calm: End, where: object, *, anew: bool) -> None:
    if anew:
        assert _unnamed(found.directory) == _unnamed(calm.directory), where
        assert max(found.done.values()) == 1, where
    else:
        assert found == replace(calm, steps=found.steps), where


def _killed(rounds: Rounds, calm: End, kills: int) -> int:
    """Rounds until so many agents were killed; return how many were."""
    for seed in count():
        if rounds.kills >= kills:
            break
        chance = Random(seed)  # noqa: S311 - a fixed sample
        anew = chance.random() < _ANEW
        with rounds.begun() as asks:
            rounds.life(chance, calm.steps, anew=False)
            for _ in range(chance.choice(_MORE)):
                rounds.life(chance, calm.steps, anew=anew)
            found = rounds.end(asks, anew=anew)
        _same(found, calm, (rounds.kind, seed), anew=anew)
    return rounds.kills


@pytest.fixture(params=["file", "elsewhere"])
def rounds(request: pytest.FixtureRequest, little: Path) -> Iterator[Rounds]:
    settings, folder = settings_of(str(little / "syncagent.yaml"), little)
    with agent_of(settings, folder) as agent:
        yield Rounds.of(little, agent, request.param)


@pytest.fixture
def calm(rounds: Rounds) -> End:
    """The end without a crash."""
    with rounds.begun() as asks:
        begun = time.monotonic()
        found = rounds.end(asks, anew=False)
        rounds.longest = time.monotonic() - begun
    assert len(found.done) > 20
    return found


@pytest.mark.parametrize("every", [19, pytest.param(1, marks=pytest.mark.long)])
def test_killed_at_a_step_and_planned_anew(rounds: Rounds, calm: End, figures: Figures, every: int) -> None:
    """Laws 9 and 12: a new plan goes on from what was written, and what was written is nobody else's doing."""
    for at in range(1, calm.steps, every):
        with rounds.begun() as asks:
            assert rounds.live(at, anew=False)
            found = rounds.end(asks, anew=True)
        _same(found, calm, at, anew=True)
    if every == 1:
        figures.note(f"steps at which apply was killed and planned anew over {_WHERE[rounds.kind]}", rounds.kills, 40)


def test_killed_at_random(rounds: Rounds, calm: End) -> None:
    """Law 9, some of them: nothing lost, nothing twice, the end is that without a crash, and the log explains it."""
    assert _killed(rounds, calm, _FEW) >= _FEW


@pytest.mark.long
def test_killed_at_random_by_the_thousand(rounds: Rounds, calm: End, figures: Figures) -> None:
    """The same, many times."""
    killed = _killed(rounds, calm, KILLS // 2)
    figures.note(f"random kill -9 of apply, plan and recovery over {_WHERE[rounds.kind]}", killed, 10_000)
