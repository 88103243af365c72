"""A directory in a process of its own: what it was told stays told when the agent is killed.

It takes one write after the other, as a server does, and an agent may die before, between and after them.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Client, Listener
from pathlib import Path
from traceback import print_exc
from typing import Any

from syncagent.connectors import changes
from syncagent.connectors.memory import MemoryTarget
from syncagent.core.action import Action, Operation
from syncagent.core.outcome import Outcome, Result


def _steps(action: Action) -> Iterator[Action]:
    """Yield an action write by write; the places that an entry needs are made together with it."""
    made = tuple(change for change in action.changes if change.operation is Operation.ENSURE_CONTAINER)
    own = [change for change in action.changes if change.operation is not Operation.ENSURE_CONTAINER]
    for number, change in enumerate(own):
        yield replace(action, changes=(*made, change) if number == 0 else (change,))


@dataclass
class Elsewhere:
    """The agent's end: a target of small batches, which asks over a socket and steps before and after each request."""

    name: str
    path: Path
    step: Callable[[], None]
    batch: int = 3
    patience: float = 0.0

    def _ask(self, *request: Any) -> Any:
        self.step()
        with Client(str(self.path), "AF_UNIX") as line:
            line.send(request)
            answer = line.recv()
        self.step()
        return answer

    def read(self) -> Any:
        return self._ask("read")

    def directory_id(self) -> str:
        return ""

    def clock(self) -> None:
        """Tell no time."""

    def carry_out(self, actions: Sequence[Action], marker: str, passwords: Any, stop: Any) -> list[Outcome]:
        del passwords, stop
        done: set[str] = set()
        outcomes = []
        for action in actions:
            lacking = [need for need in action.needs if need in {one.id for one in actions} - done]
            outcome = changes.not_tried(action, lacking[0]) if lacking else self._write(action, marker)
            done |= {action.id} if outcome.result is Result.DONE else set()
            outcomes.append(outcome)
        return outcomes

    def _write(self, action: Action, marker: str) -> Outcome:
        outcome: Outcome | None = None
        for one in _steps(action):
            outcome = self._ask("write", one, marker)
            if outcome.result is not Result.DONE:
                break
        assert outcome
        return outcome

    def resolve(self, action: Action, marker: str) -> Any:
        return self._ask("resolve", action, marker)


@contextmanager
def directory(entries: MemoryTarget, path: Path) -> Iterator[Callable[[], tuple[MemoryTarget, Counter[Any]]]]:
    """Run a directory that holds what a target holds; asked, it shows itself and how often it took each write."""
    path.unlink(missing_ok=True)
    with Listener(str(path), "AF_UNIX") as listener:
        pid = os.fork()
        if pid == 0:
            try:
                _serve(entries, listener)
            finally:
                print_exc()
                os._exit(1)
        try:
            yield lambda: _shown(path)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _shown(path: Path) -> Any:
    with Client(str(path), "AF_UNIX") as line:
        line.send(("show",))
        return line.recv()


def _serve(target: MemoryTarget, listener: Listener) -> None:
    taken: Counter[Any] = Counter()
    while True:
        with listener.accept() as line, suppress(EOFError, OSError):  # whoever asked is dead
            request = line.recv()
            line.send(_answer(target, taken, *request))


def _answer(target: MemoryTarget, taken: Counter[Any], what: str, *words: Any) -> Any:
    if what == "read":
        return target.read()
    if what == "show":
        return target, taken
    if what == "resolve":
        return target.resolve(*words)
    action, marker = words
    outcome = changes.attempted(target.entries, action, marker)
    if outcome.result is Result.DONE:
        last = action.changes[-1]
        taken[marker, action.id, last.operation, last.dn, tuple(last.attributes)] += 1
    return outcome
