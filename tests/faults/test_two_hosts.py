"""F27: two agents on one state and one directory, one of them asleep, cut off or killed at every step: one effect."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import COMMAND, Desk
from figures import Figures
from servers.postgresql import PostgreSql

from syncagent.cli.starting import DEMO_DAY
from syncagent.errors import LeaseHeld, Refused, SyncError
from syncagent.runs.agent import Agent
from syncagent.runs.apply import apply
from syncagent.wiring import agent_of, settings_of

pytestmark = pytest.mark.server

ROUNDS = int(os.environ.get("SYNCAGENT_ROUNDS", "200"))


class Hook:
    """Counts the steps of one agent and lets something happen at one of them."""

    def __init__(self, at: int, happens: Callable[[], None]) -> None:
        self.left, self.happens = at, happens

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.happens()


class HookedStore:
    """A store that steps before a transaction, before its commit, and after it."""

    def __init__(self, store: Any, hook: Hook) -> None:
        self._store, self._hook = store, hook

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def writing(self) -> Any:
        self._hook.step()
        with self._store.writing() as connection:
            yield connection
            self._hook.step()
        self._hook.step()


class HookedTarget:
    """A target of small batches that steps before and after each."""

    def __init__(self, target: Any, hook: Hook) -> None:
        self._target, self._hook = target, hook
        self.name, self.batch, self.patience = target.name, 8, 0.0

    def read(self) -> Any:
        return self._target.read()

    def directory_id(self) -> str:
        found: str = self._target.directory_id()
        return found

    def carry_out(self, actions: Sequence[Any], marker: str, *others: Any) -> Any:
        self._hook.step()
        outcomes = self._target.carry_out(actions, marker, *others)
        self._hook.step()
        return outcomes

    def resolve(self, action: Any, marker: str) -> Any:
        return self._target.resolve(action, marker)


@pytest.fixture(scope="session")
def template(prepared: Path, postgresql: PostgreSql, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sample with its state on a server and a plan made: a folder, and the database to be copied."""
    folder, database = tmp_path_factory.mktemp("shared") / "desk", postgresql.fresh()
    subprocess.run(["cp", "-a", str(prepared), str(folder)], check=True)
    for path in folder.glob("*.db*"):
        if path.suffix != ".key":
            path.unlink()
    _on_server(folder, postgresql.url(database))
    Desk(folder).run("plan", "--as-of", DEMO_DAY.isoformat())
    return folder, database


def _on_server(folder: Path, state: str) -> None:
    path = folder / "syncagent.yaml"
    settings = {"state": f'"{state}"', "signing_key": "{file: agent.key}"}
    written = path.read_text(encoding="utf-8").splitlines()
    lines = [one for one in written if one.partition(":")[0] not in settings]
    path.write_text("\n".join([*lines, *(": ".join(one) for one in settings.items()), ""]), encoding="utf-8")
    (folder / "agent.key").write_text("5" * 64)
    (folder / "agent.key").chmod(0o600)


@pytest.fixture
def make_pair(template: tuple[Path, str], postgresql: PostgreSql, tmp_path: Path) -> Callable[[], tuple[Desk, str]]:
    """Make copies of it, one after the other: a desk and its database."""

    def make() -> tuple[Desk, str]:
        database = postgresql.fresh("", like=template[1])
        folder = tmp_path / database
        subprocess.run(["cp", "-a", str(template[0]), str(folder)], check=True)
        _on_server(folder, postgresql.url(database))
        return Desk(folder), database

    return make


def _opened(desk: Desk) -> Any:
    settings, place = settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)
    return agent_of(settings, place)


def _applied(agent: Agent, hook: Hook | None = None) -> SyncError | None:
    """Apply, and return what it ended with."""
    if hook:
        targets: Any = {name: HookedTarget(target, hook) for name, target in agent.targets.items()}
        store: Any = HookedStore(agent.store, hook)
        agent = replace(agent, store=store, targets=targets)
    try:
        apply(agent, "latest")
    except SyncError as error:
        return error
    return None


def _one_effect(desk: Desk, database: str, postgresql: PostgreSql, without_crash: bytes, where: object) -> None:
    """The directory is as if only one had worked, the journal tells everything once, and nothing is left to do."""
    with _opened(desk) as agent, suppress(Refused):
        apply(agent, "latest")
    done = postgresql.ask("SELECT plan_id, action_id FROM journal WHERE state = 'done'", database)
    again = desk.plan(DEMO_DAY.isoformat())["actions"]
    assert (desk.folder / "directory.ldif").read_bytes() == without_crash, where
    assert again == [], where
    assert len(done) == len(set(done)) > 20, where


@pytest.mark.parametrize("every", [20, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "cut", [True, pytest.param(False, marks=pytest.mark.long)], ids=["session-ended", "only-asleep"]
)
def test_the_other_takes_over_at_every_step(
    make_pair: Callable[[], tuple[Desk, str]],
    postgresql: PostgreSql,
    without_crash: bytes,
    figures: Figures,
    *,
    cut: bool,
    every: int,
) -> None:
    """At each step of one agent the other one begins: refused while the lock stands, and the only one once it is lost.

    The one that lost it goes on without knowing, and is stopped before it writes or records anything more.
    """
    at, happened, tried = 1 - every, True, 0
    while happened:
        at += every
        tried += 1
        happened = False
        desk, database = make_pair()
        other: SyncError | None = None

        def meanwhile(desk: Desk = desk, database: str = database) -> None:
            nonlocal happened, other
            happened = True
            if cut:
                postgresql.end_sessions(database)
            with _opened(desk) as second:
                other = _applied(second)

        with _opened(desk) as first:
            ended = _applied(first, Hook(at, meanwhile))
        if happened and not cut:
            assert ended is None, at
            assert other is None or isinstance(other, LeaseHeld | Refused), at
        elif happened:
            assert other is None or isinstance(other, Refused), (at, other)  # refused: all was done before
            assert ended is None or ended.exit_code in {5, 6, 7}, (at, ended)
        _one_effect(desk, database, postgresql, without_crash, at)
    assert at > 15
    if every == 1:
        how = "its session ended" if cut else "it asleep"
        figures.note(f"steps of one agent at which another takes over with {how}", tried, 16)


def _round(desk: Desk, database: str, postgresql: PostgreSql, chance: random.Random) -> None:
    """Two or three processes apply; each is stopped, killed or cut off at some moment, and woken later."""
    running = []
    for _ in range(chance.choice((2, 2, 3))):
        command = [str(COMMAND), "apply", "latest"]
        running.append(subprocess.Popen(command, cwd=desk.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        time.sleep(chance.uniform(0.3, 1.5))
        happens = chance.choice(("sleep", "kill", "cut", "sleep and cut"))
        if "sleep" in happens:
            running[-1].send_signal(signal.SIGSTOP)
        if "cut" in happens:
            postgresql.end_sessions(database)
        if happens == "kill":
            running[-1].kill()
    for process in chance.sample(running, len(running)):
        process.send_signal(signal.SIGCONT)
    for process in running:
        assert process.wait(timeout=60) in {0, 5, 6, 7, -signal.SIGKILL}


def _rounds(make_pair: Any, postgresql: PostgreSql, without_crash: bytes, seeds: range) -> None:
    for seed in seeds:
        desk, database = make_pair()
        _round(desk, database, postgresql, random.Random(seed))  # noqa: S311 - a fixed sample
        _one_effect(desk, database, postgresql, without_crash, seed)


def test_processes_asleep_killed_and_cut_off(
    make_pair: Callable[[], tuple[Desk, str]], postgresql: PostgreSql, without_crash: bytes
) -> None:
    """Real processes, a few chosen rounds."""
    _rounds(make_pair, postgresql, without_crash, range(2))


@pytest.mark.long
def test_many_rounds_of_processes(
    make_pair: Callable[[], tuple[Desk, str]], postgresql: PostgreSql, without_crash: bytes, figures: Figures
) -> None:
    """The same, many times."""
    _rounds(make_pair, postgresql, without_crash, range(ROUNDS))
    figures.note("rounds of 2 to 3 agents asleep, killed or cut off on one PostgreSQL state", ROUNDS, 200)
