"""Law 9 on servers: the installed command is killed while it writes, and again while it recovers; its twin is not.

Two provinces live the same life, each on a server of its own. One is never disturbed; in the end both hold the same.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import pytest
from desk import COMMAND
from figures import Figures
from live import SHOWN, TODAY, Province, working
from servers.client import ldap
from servers.fixtures import FreshSamba, FreshSlapd

from syncagent.wiring import shipped_directory

pytestmark = pytest.mark.server

KILLS = int(os.environ.get("SYNCAGENT_LIVE_KILLS", "200"))
_PEOPLE = 100
_OWN = {"objectGUID", "entryUUID", "pwdLastSet"}
"""What each entry has for itself."""


@dataclass
class Twins:
    """Two provinces; `kills` counts how often the agent of the second one was killed."""

    calm: Province
    hard: Province
    chance: Random
    kills: int = 0

    def live(self, change: Callable[[Province], None]) -> None:
        """Let the same happen to both, apply it here in peace and there with kills, and compare."""
        for province in (self.calm, self.hard):
            change(province)
            assert province.desk.plan(TODAY.isoformat())["actions"]
            province.approve_all()
        self.calm.desk.run("apply", "latest")
        for _ in range(self.chance.choice((1, 2, 2, 3))):
            self.kills += self._killed()
        subprocess.run([str(COMMAND), "apply", "latest"], cwd=self.hard.desk.folder, capture_output=True, check=False)

        assert self.hard.desk.plan(TODAY.isoformat())["actions"] == []
        assert _shown(self.hard) == _shown(self.calm)
        assert _done(self.hard) == _done(self.calm)
        self.hard.desk.run("audit", "verify", "--against", "main")

    def _killed(self) -> bool:
        """Start `apply` and kill it when something is sent, or at a moment; return whether it was still there."""
        folder = self.hard.desk.folder
        command = [str(COMMAND), "apply", "latest"]
        if self.chance.random() < 0.5:  # as it sends something to the server or writes to its state
            call = self.chance.choice(("sendto", "sendto", "pwrite64", "fdatasync"))
            inject = f"inject={call}:signal=KILL:when={self.chance.randint(1, 120)}"
            strace = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject, *command]
            code = subprocess.run(strace, cwd=folder, capture_output=True, check=False).returncode
            return code in {-signal.SIGKILL, 128 + signal.SIGKILL}
        running = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            running.wait(self.chance.uniform(0.5, 2.5))
        running.kill()
        return running.wait() == -signal.SIGKILL


def _shown(province: Province) -> list[list[str]]:
    """What stands below the base, wherever that is, without what each entry has for itself."""
    mapping = shipped_directory(province.kind)
    found = ldap(
        province.server, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", province.base, "(objectClass=*)",
        *SHOWN, mapping.stamp, mapping.key, "displayName", "title",
    )  # fmt: skip
    entries = []
    for entry in found.strip().split("\n\n"):
        lines = []
        for name, coded, value in re.findall(r"(?m)^([\w-]+):(:?) (.*)$", entry):
            shown = b64decode(value).decode(errors="replace") if coded and name not in _OWN else value
            if name not in _OWN:
                lines.append(f"{name}: {shown}")
        entries.append(sorted(lines))
    return sorted(entries)


def _done(province: Province) -> list[str]:
    """What was recorded as done, each once; plans have numbers of their own."""
    with closing(sqlite3.connect(province.desk.folder / "syncagent.db")) as state:
        rows = state.execute("SELECT plan_id, action_id FROM journal WHERE state = 'done'").fetchall()
        told = state.execute("SELECT count(*) FROM audit WHERE kind = 'done'").fetchone()[0]
    assert len(rows) == len(set(rows)) == told
    return sorted(action_id for _, action_id in rows)


@pytest.fixture(params=["samba", "slapd"])
def make_twins(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Random], Twins]:
    """Make twins, each with a server of its own, for a directory is read as a whole."""
    fresh: FreshSamba | FreshSlapd = request.getfixturevalue(f"fresh_{request.param}")
    kind = {"samba": "active-directory", "slapd": "openldap"}[request.param]
    numbers = count()

    def made() -> Province:
        server = fresh()
        base = f"ou=Mail,{server.base_dn}"
        ldap(server, "ldapadd", ldif=f"dn: {base}\nobjectClass: organizationalUnit\n")
        return Province.make(tmp_path / f"desk{next(numbers)}", _PEOPLE, server, base, kind)

    return lambda chance: Twins(made(), made(), chance)


def _change(
    province: Province, number: int, back: Sequence[str], leaving: Sequence[str], moving: Sequence[str]
) -> None:
    for person in back:
        province.row(person, status="working", event="recruited", decision_number=f"{number}/QĐ")
    for person in leaving:
        province.row(person, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    for person in moving:
        province.row(person, unit=("snv", "stc")[number % 2], event="transferred")


def _life(twins: Twins, kills: int) -> None:
    """First everybody is issued a mailbox; then people leave, move and come back, each once, or until enough kills."""
    people = working(twins.calm, 48)
    twins.live(lambda _: None)
    back: list[str] = []
    for number in count(1):
        leaving, moving, people = people[:2], people[2:4], people[4:]
        if twins.kills >= kills or not moving:
            break
        twins.live(partial(_change, number=number, back=tuple(back), leaving=leaving, moving=moving))
        back = leaving


@pytest.mark.long
def test_killed_on_a_server(make_twins: Callable[[Random], Twins], figures: Figures) -> None:
    """Law 9: the same directory, the same journal, nothing that nobody can explain; life after life."""
    chance = Random(2026)  # noqa: S311 - a fixed sample
    killed = 0
    where = ""
    while killed < KILLS:
        twins = make_twins(chance)
        _life(twins, KILLS - killed)
        killed += twins.kills
        where = twins.calm.kind
        for province in (twins.calm, twins.hard):
            province.server.kill()  # type: ignore[attr-defined]  # every server can be killed
    figures.note(f"kill -9 of the installed apply and its recovery on {where}", killed, 200)
