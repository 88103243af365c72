"""F27 by the thousand: two to five agents on one state, asleep, killed, cut off or behind a dead network: one effect.

Each agent is a fork with a session of its own; some reach the server through a relay that is killed or falls silent.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from traceback import print_exc
from typing import Any

import pytest
from desk import Desk
from faults.test_two_hosts import Hook, HookedStore, HookedTarget
from figures import Figures
from little import little_province
from servers.postgresql import PostgreSql

from syncagent.cli.starting import DEMO_DAY
from syncagent.errors import Refused, SyncError
from syncagent.runs.agent import Agent
from syncagent.runs.apply import apply
from syncagent.runs.plan import make_plan
from syncagent.store.store import open_store
from syncagent.wiring import agent_of, settings_of

pytestmark = [
    pytest.mark.server,
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),  # of a worker that has threads
]

SEEDS = int(os.environ.get("SYNCAGENT_SEEDS", "2000"))
_STEPS = 50
_FAULTS = ("sleep", "sleep", "kill", "cut", "sleep and cut", "network gone", "network silent", "nothing")
_SOCKET = ".s.PGSQL.5432"


@contextmanager
def _relay(folder: Path, server: Path) -> Iterator[int]:
    """Run a relay to the server's socket, as a process that can be killed or stopped; give its id."""
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / _SOCKET))
        listener.listen()
        pid = os.fork()
        if pid == 0:
            try:
                _pass_on(listener, str(server / _SOCKET))
            finally:
                os._exit(0)
    try:
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _pass_on(listener: socket.socket, server: str) -> None:
    others: dict[socket.socket, socket.socket] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listener:
                    near, far = listener.accept()[0], socket.socket(socket.AF_UNIX)
                    far.connect(server)
                    others |= {near: far, far: near}
                    ready.register(near, selectors.EVENT_READ)
                    ready.register(far, selectors.EVENT_READ)
                    continue
                one: Any = key.fileobj
                if one not in others:
                    continue
                data = one.recv(65_536)
                if data:
                    others[one].sendall(data)
                    continue
                for end in (one, others.pop(one)):
                    others.pop(end, None)
                    ready.unregister(end)
                    end.close()


@dataclass
class Province:
    """A little province whose state is on a server, put back to its beginning before each round."""

    folder: Path
    agent: Agent
    server: PostgreSql
    template: str
    before: bytes
    calm: list[bytes] = field(default_factory=list)

    @contextmanager
    def begun(self) -> Iterator[str]:
        """A round begins with a state of its own."""
        (self.folder / "directory.ldif").write_bytes(self.before)
        database = self.server.fresh("", like=self.template)
        try:
            yield database
        finally:
            self.server.ask(f"DROP DATABASE {database} WITH (FORCE)")

    @contextmanager
    def opened(self, database: str, through: Path | None = None) -> Iterator[Agent]:
        """An agent with a session of its own, perhaps through a relay."""
        url = self.server.url(database)
        store = open_store(url.replace(str(self.server.folder), str(through)) if through else url, self.folder, "x")
        try:
            yield replace(self.agent, store=store)
        finally:
            store.close()

    def settled(self, database: str) -> tuple[list[bytes], int]:
        """Finish: nothing is left to do, nothing was done twice; return the entries, and how much was done."""
        with self.opened(database) as agent:
            with suppress(Refused):
                apply(agent, "latest")
            assert make_plan(agent, DEMO_DAY)[0].actions == ()
        done = self.server.ask("SELECT plan_id, action_id FROM journal WHERE state = 'done'", database)
        assert len(done) == len(set(done))
        return sorted((self.folder / "directory.ldif").read_bytes().split(b"\n\n")), len(done)

    def agents(self, database: str, chance: Random) -> int:
        """Let two to five agents apply the same plan, each with its own fault; return how many there were."""
        number = chance.choice((2, 2, 3, 4, 5))
        with ExitStack() as stack:
            running = []
            for n in range(number):
                fault, at = chance.choice(_FAULTS), chance.randint(1, _STEPS)
                through, relay = None, 0
                if "network" in fault:
                    through = self.folder.parent / f"relay{n}"
                    relay = stack.enter_context(_relay(through, self.server.folder))
                    stack.callback(_remove, through)
                running.append(self._started(database, fault, at, through, relay))
                time.sleep(chance.choice((0, 0.02, 0.1, 0.2)))
            for pid in chance.sample(running, number):
                time.sleep(chance.choice((0, 0.02, 0.1)))
                os.kill(pid, signal.SIGCONT)
            for pid in running:
                _wait(pid)
        return number

    def _started(self, database: str, fault: str, at: int, through: Path | None, relay: int) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            os._exit(self._work(database, fault, at, through, relay))
        except BaseException:  # noqa: BLE001 - told to the test, which is another process
            print_exc()
            os._exit(99)

    def _work(self, database: str, fault: str, at: int, through: Path | None, relay: int) -> int:
        """Be an agent; return its exit code."""

        def happens() -> None:
            if "cut" in fault:
                self.server.end_sessions(database)
            if "network" in fault:
                os.kill(relay, signal.SIGKILL if "gone" in fault else signal.SIGSTOP)
            if "silent" in fault:  # for a while, then for good
                subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -9 {relay}"])
            if "sleep" in fault:
                os.kill(os.getpid(), signal.SIGSTOP)
            if "kill" in fault:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with self.opened(database, through) as agent:
                hook = Hook(at, happens)
                targets: Any = {name: HookedTarget(target, hook) for name, target in agent.targets.items()}
                store: Any = HookedStore(agent.store, hook)
                apply(replace(agent, store=store, targets=targets), "latest")
        except SyncError as error:
            return error.exit_code
        return 0


def _remove(folder: Path) -> None:
    (folder / _SOCKET).unlink()
    folder.rmdir()


def _wait(pid: int) -> None:
    """Wait for an agent, waking it whenever it falls asleep."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            assert code in {0, 5, 6, 7, -signal.SIGKILL}, code
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    message = "an agent does not end"
    raise AssertionError(message)


@pytest.fixture(scope="module")
def province(postgresql: PostgreSql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    folder = little_province(tmp_path_factory.mktemp("hosts")).folder
    for path in folder.glob("*.db*"):
        path.unlink()
    template = postgresql.fresh()
    path = folder / "syncagent.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "state: sqlite:///syncagent.db",
            f'state: "{postgresql.url(template)}"\nsigning_key: {{file: agent.key}}',
        ),
        encoding="utf-8",
    )
    (folder / "agent.key").write_text("5" * 64)
    (folder / "agent.key").chmod(0o600)
    Desk(folder).plan(DEMO_DAY.isoformat())
    settings, place = settings_of(str(path), folder)
    before = (folder / "directory.ldif").read_bytes()
    with agent_of(settings, place) as agent:
        agent.store.close()  # a session is for one process
        found = Province(folder, agent, postgresql, template, before)
        with found.begun() as database:
            found.calm, done = found.settled(database)
        assert done > 20
        assert found.calm != sorted(before.split(b"\n\n"))
        yield found


def _rounds(province: Province, seeds: range) -> int:
    agents = 0
    for seed in seeds:
        chance = Random(seed)  # noqa: S311 - a fixed sample
        with province.begun() as database:
            agents += province.agents(database, chance)
            entries, done = province.settled(database)
        assert entries == province.calm, seed
        assert done > 20, seed
    return agents


def test_two_to_five_agents_have_one_effect(province: Province) -> None:
    """Law 9, F27: a few seeds."""
    assert _rounds(province, range(6)) >= 12


@pytest.mark.long
def test_two_to_five_agents_have_one_effect_for_every_seed(province: Province, figures: Figures) -> None:
    """The same, as often as issue 5 asks for."""
    _rounds(province, range(SEEDS))
    figures.note("seeds of 2 to 5 agents asleep, killed, cut off or without a network on one state", SEEDS, 2_000)
