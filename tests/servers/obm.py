"""An OBM site: its provisioning API over a real OpenLDAP and a real Cyrus.

The API is our own, built from what is known of OBM 3.0 to 3.1.x: a queue with one worker that looks at nothing before
it carries it out, answers that say success where there was none, and LDAP and Cyrus that are not rolled back.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID, uuid5

from servers.client import ldap, load
from servers.cyrus import Cyrus
from servers.obm_database import Batch, Database, Domain, Operation, User
from servers.obm_http import Fate, listening, wait_until
from servers.obm_tree import SUFFIX, domain_tree, global_tree
from servers.obm_worker import Worker
from servers.pki import Authority
from servers.slapd import Slapd, agent_of

T = TypeVar("T")
_PLAIN, _TLS = 8086, 8443
_NAMESPACE = UUID("6fa459ea-ee8a-4ca4-894e-db77e160355e")
_BASES = {(3, 0): ("/obm-sync/provisioning/v1",), (3, 1, 3): ("/provisioning/v1", "/v1")}
_NO_COLUMNS: dict[str, Any] = {
    "archived": False, "hidden": False, "nomad_enabled": False, "nomad_allowed": False, "nomad_local_copy": False,
    "samba_allowed": False, "mails": [], "addresses": [], "phones": [], "faxes": [], "mail_quota": 0,
    "mail_server": None,
}  # fmt: skip


class _Script(NamedTuple):
    method: str
    path: re.Pattern[str]
    fate: Fate
    skip: Iterator[int]


@dataclass(eq=False)
class Obm:
    """A running site; `worker` holds what may go wrong in a batch, `fails` scripts what goes wrong over HTTP.

    `generation` (3, 0) is served below `/obm-sync/provisioning/v1`, (3, 1, 3) below `/v1`, and below `/provisioning/v1`
    as behind a reverse proxy. `url` is by TLS. `asked` lists what was asked, without the base. `echo` is how passwords
    are shown: `NONE` as they are, else hashed by this.
    """

    address: str
    slapd: Slapd
    cyrus: Cyrus
    ca: Path
    generation: tuple[int, ...] = (3, 1, 3)
    echo: str = "NONE"
    latency: float = 0.0
    global_domain: str = "global.virt"
    database: Database = field(default_factory=Database)
    asked: list[tuple[str, str]] = field(default_factory=list)
    running: Batch | None = None
    faults: list[BaseException | None] = field(default_factory=list)
    agent: ClassVar[str] = "syncagent"
    password: ClassVar[str] = "Dong-bo.2026"  # noqa: S105 - of servers that live as long as a test
    _queue: deque[tuple[Batch, list[Operation]]] = field(default_factory=deque)
    _scripts: list[_Script] = field(default_factory=list)
    _meanwhile: list[tuple[str, str, Callable[[], object]]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _free: threading.Event = field(default_factory=threading.Event)
    _gone: bool = False
    _servers: list[Any] = field(default_factory=list)
    _domains: Iterator[int] = field(default_factory=lambda: count(1))
    worker: Worker = field(init=False)

    @classmethod
    def start(cls, folder: Path, addresses: tuple[str, str, str], authority: Authority) -> Obm:
        """Given a new folder and an address each for the API, LDAP and IMAP, return a running site without domains."""
        agent = agent_of(SUFFIX)
        slapd = Slapd.start(folder, addresses[1], authority, SUFFIX, global_tree(agent, Slapd.password))
        unique = "olcOverlay={5}unique,olcDatabase={2}mdb,cn=config"  # OBM has one login in several domains
        ldap(slapd, "ldapdelete", unique, who="cn=config")
        cyrus = Cyrus.start(addresses[2], authority, slapd, agent)
        obm = cls(addresses[0], slapd, cyrus, authority.path)
        obm.worker = Worker(obm.database, slapd, cyrus, obm.generation)
        obm._free.set()
        obm._servers = [
            listening(obm, _PLAIN, None),
            listening(obm, _TLS, authority.issue(addresses[0])),
        ]
        for server in obm._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        threading.Thread(target=obm._work, daemon=True).start()
        return obm

    def remove(self) -> None:
        """End everything."""
        self._gone = True
        self._wake.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self.worker.close()
        self.cyrus.remove()
        self.slapd.kill()

    # ── the site ──

    @property
    def url(self) -> str:
        """Return where the API is, by TLS."""
        return f"https://{self.address}:{_TLS}{_BASES[self.generation][0]}"

    def of_generation(self, generation: tuple[int, ...]) -> None:
        """Become OBM 3.0, or 3.1.3."""
        self.generation = self.worker.generation = generation

    def domain(self, profile: str = "admin") -> Domain:
        """Return a new domain with one user, the agent, in OBM's database and in LDAP."""
        name = f"d{next(self._domains)}.gov.vn"
        found = Domain(str(uuid5(_NAMESPACE, name)), name, ("alias." + name,))
        load(self.slapd, domain_tree(name))
        self.insert(found, str(uuid5(_NAMESPACE, "agent@" + name)), self.agent, profile=profile, password=self.password)
        self.database.domains[found.uuid] = found
        return found

    def insert(self, domain: Domain, ext_id: str, login: str, **columns: Any) -> User:
        """Put a user into the database alone, as it was before the agent came."""
        row = {**_NO_COLUMNS, "id": ext_id, "login": login, "lastname": login, "profile": "user", **columns}
        domain.users[ext_id] = User(row, next(self.database.uids))
        return domain.users[ext_id]

    def provide(self, domain: Domain, ext_id: str, login: str, **columns: Any) -> None:
        """Make a user as OBM itself makes one: database, LDAP, Cyrus.

        Raises:
            RuntimeError: it did not succeed.
        """
        body = {"id": ext_id, "login": login, "lastname": login, "profile": "user", **columns}
        batch = self.alone(lambda: self.batch(domain))
        batch.operations.append(Operation(0, "POST", "USER", {}, json.dumps(body, ensure_ascii=False)))
        self.alone(lambda: self.enqueue(batch))
        wait_until(lambda: batch.finished)
        if batch.operations[0].error:
            raise RuntimeError(batch.operations[0].error)

    # ── what goes wrong ──

    def fails(self, fate: Fate, method: str, path: str, times: int = 1, after: int = 0) -> None:
        """Let the next requests of a method whose path (without base and domain) matches meet a fate, after so many."""
        self._scripts += [_Script(method, re.compile(path), fate, iter(range(after))) for _ in range(times)]

    def when(self, method: str, path: str, do: Callable[[], object]) -> None:
        """Let something happen before the next request of a method whose path ends so is answered."""
        self._meanwhile.append((method, path, do))

    def fate(self, method: str, path: str) -> Fate | None:
        """Return what happens to a request."""
        below = "/" + path.strip("/").partition("/")[2]
        with self._lock:
            for happening in [one for one in self._meanwhile if one[0] == method and below.endswith(one[1])]:
                self._meanwhile.remove(happening)
                happening[2]()
            for one in self._scripts:
                if one.method == method and one.path.search(below):
                    if next(one.skip, None) is not None:
                        return None
                    self._scripts.remove(one)
                    return one.fate
        return None

    def well(self) -> None:
        """Forget all scripts, and wait until nothing is left to carry out."""
        self._scripts.clear()
        self.idle()

    def as_ever(self) -> None:
        """Forget all scripts and mend everything."""
        self._scripts.clear()
        self._meanwhile.clear()
        self.asked.clear()
        self.faults.clear()
        self._free.set()
        self.latency, self.echo = 0.0, "NONE"
        self.of_generation((3, 1, 3))
        self.worker.satellite_works = self.worker.cyrus_works = self.worker.cyrus_obeys = True
        self.worker.ldap_follows = True
        self.worker.dies_after = None

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Let the worker be busy with somebody else's batch for as long as this lasts."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def busy_for(self, seconds: float) -> None:
        """Let the worker be busy with somebody else's batch for some time."""
        self._free.clear()
        timer = threading.Timer(seconds, self._free.set)
        timer.daemon = True
        timer.start()

    def crash(self) -> None:
        """Restart the server: what waited in its memory is gone, the batches are idle."""
        with self._lock:
            self._queue.clear()

    def idle(self) -> None:
        """Wait until nothing is left to carry out."""
        wait_until(lambda: not self._queue and self.running is None)

    # ── what HTTP asks ──

    def within(self, path: str) -> str | None:
        """Return the path below the base, None for any other place."""
        bases = (base for base in _BASES[self.generation] if path == base or path.startswith(base + "/"))
        base = next(bases, None)
        return None if base is None else path.removeprefix(base).rstrip("/")

    def delay(self) -> None:
        """Take as long as the network does."""
        if self.latency:
            time.sleep(self.latency)

    def alone(self, do: Callable[[], T]) -> T:
        """Do something while nobody else is at the tables."""
        with self._lock:
            return do()

    def batch(self, domain: Domain) -> Batch:
        """Return a new batch."""
        batch = Batch(next(self.database.numbers), domain.uuid)
        self.database.batches[batch.id] = batch
        return batch

    def enqueue(self, batch: Batch) -> None:
        """Put a batch into the queue, with the operations it has now."""
        self._queue.append((batch, list(batch.operations)))
        self._wake.set()

    def _work(self) -> None:
        while not self._gone:
            self._wake.wait(0.5)
            self._wake.clear()
            while self._queue and not self._gone:
                self._free.wait(0.5)
                if not self._free.is_set():
                    continue
                with self._lock:
                    if not self._queue:
                        break
                    self.running, operations = self._queue.popleft()
                try:
                    self.worker.run(self.running, operations)
                except Exception as error:  # noqa: BLE001 - a fault of our own ends the test, not the thread
                    self.faults.append(error)
                    self.running.status = "ERROR"
                self.running = None
