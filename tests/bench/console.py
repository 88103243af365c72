"""Figures of the console: fifty people read a plan of ten thousand actions while that plan is being applied.

`python tests/bench/console.py build/bench.json` adds its rows to those that are there. A real service over TLS, a real
Active Directory behind it. Each reviewer reads a page, thinks for some seconds, reads the next: the plan from its
beginning, another page of it, a search, one unit, one kind. Idle is the same mix, one page at a time, nobody else
there.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.planning import row
from live import Province
from reviewing import CAST, Client, Reviewed, enrol, reviewed
from servers.client import ldap
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.samba_template import Template

PEOPLE = 10_400
REVIEWERS = 50
THINKS = 15.0
"""Seconds that somebody looks at a page of fifty actions, on average."""
LASTS = 120.0
"""Seconds of the load that is measured."""
SLOWEST, TIMES_IDLE = 300.0, 3.0
_SERVICE = """\
  schedule: {plan: every 9 days}
  apply: {window: "mon-sun 00:00-23:59", when: every 20 seconds}
"""
NAMES = ("nguyen", "tran thi", "anh", "binh", "le van")


def path_of(plan: dict[str, Any], chance: random.Random) -> str:
    """One page somebody looks at."""
    units = sorted({action["unit"] for action in plan["actions"] if action["unit"]})
    last = len(plan["actions"]) // 50
    query = chance.choice(
        (
            "",
            f"?page={chance.randint(2, last)}",
            f"?q={chance.choice(NAMES).replace(' ', '+')}",
            f"?unit={chance.choice(units)}",
            "?kind=create&page=3",
        )
    )
    return f"/plans/{plan['plan_id']}{query}"


def timed(client: Client, path: str) -> float:
    """Milliseconds until a page has come; anything else is no figure."""
    started = time.perf_counter()
    status, text = client.get(path)
    taken = (time.perf_counter() - started) * 1000
    if status != 200 or "</html>" not in text:
        message = f"{path}: {status}"
        raise RuntimeError(message)
    return taken


def p95(figures: list[float]) -> float:
    """The time within which nineteen of twenty pages come."""
    return statistics.quantiles(figures, n=20)[-1]


def under_load(clients: list[Client], plan: dict[str, Any]) -> list[float]:
    """Everybody reads and thinks until the time is over; return how long each page took."""
    found: list[float] = []
    end = time.monotonic() + LASTS

    def reads(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - which page is no secret
        while time.monotonic() < end:
            time.sleep(chance.expovariate(1 / THINKS))
            found.append(timed(clients[number], path_of(plan, chance)))

    threads = [threading.Thread(target=reads, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def done(folder: Path) -> int:
    """How many actions have been carried out."""
    with sqlite3.connect(f"file:{folder / 'syncagent.db'}?mode=ro", uri=True) as state:
        return int(state.execute("SELECT count(*) FROM journal WHERE state = 'done'").fetchone()[0])


def measured(console: Reviewed, plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Read alone, then with everybody while the service applies the plan."""
    clients = [console.client(CAST[number % len(CAST)].login) for number in range(REVIEWERS)]
    chance = random.Random(0)  # noqa: S311 - which page is no secret
    timed(clients[0], path_of(plan, chance))
    idle = p95([timed(client, path_of(plan, chance)) for client in clients for _ in range(3)])
    console.province.approve_all()
    folder = console.province.desk.folder
    while not done(folder):
        time.sleep(0.2)
    before, started = done(folder), time.monotonic()
    figures = under_load(clients, plan)
    applied = (done(folder) - before) / (time.monotonic() - started)
    actions = len(plan["actions"])
    yield row(f"console: a page of {actions} actions, idle, p95", idle, "ms", None)
    yield row(f"console: {REVIEWERS} reviewers during an apply, p95", p95(figures), "ms", SLOWEST)
    yield row("console: the same, times idle", p95(figures) / idle, "×", TIMES_IDLE)
    yield row("console: pages read in that time", len(figures), "pages", None)
    yield row("console: actions applied meanwhile", applied, "per s", None)
    if not applied:
        message = "nothing was applied while the pages were read"
        raise RuntimeError(message)


def _at(samba: Samba, authority: Authority, folder: Path) -> Iterator[dict[str, Any]]:
    base = f"OU=Console,{samba.base_dn}"
    ldap(samba, "ldapadd", ldif=f"dn: {base}\nobjectClass: organizationalUnit\nou: Console\n")
    province = Province.make(folder / "desk", PEOPLE, samba, base, "active-directory")
    groups = enrol(samba, base, CAST)
    with reviewed(province, authority, groups, _SERVICE) as console:
        console.service.until(lambda: '"job-done"' in console.service.log, "its first plan")
        plan = json.loads(province.desk.run("show", "latest", "--format", "json").stdout)
        yield from measured(console, plan)


def main(target: Path) -> None:
    """Measure, and add the rows to those that are there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority = Authority.make(folder / "pki")
        with own_address() as address:
            samba = Samba.start(folder / "samba", address, Template.RECYCLE_BIN, authority)
            try:
                rows = list(_at(samba, authority, folder))
            finally:
                samba.kill()
    known = json.loads(target.read_text(encoding="utf-8")) if target.exists() else []
    names = {one["name"] for one in rows}
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([*(one for one in known if one["name"] not in names), *rows], indent=1, ensure_ascii=False)
    target.write_text(f"{text}\n", encoding="utf-8")
    for one in rows:
        sys.stdout.write(f"{one['name']}: {one['value']} {one['unit']}{'' if one['holds'] else '  MISSED'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
