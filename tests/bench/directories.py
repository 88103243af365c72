"""Figures of live directories: reads and writes against OpenLDAP's own commands, reading again, memory.

`python tests/bench/directories.py build/bench.json` adds one row per figure: name, value, unit, bar, holds. A ratio is
the median of five rounds, in each of which both sides take their turn on the same server. Both sides connect, bind and
leave; ours ends with decoded text, the commands' output is thrown away. What has a bar does the same work as the
command; a read of the product also counts the names again, which the command does not, and stands beside it.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from servers import crowd
from servers.client import clear, load
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.connectors.ad.kind import ActiveDirectory
from syncagent.connectors.attribute import attributes
from syncagent.connectors.ldap import codes
from syncagent.connectors.ldap.answers import Entry as LdapEntry
from syncagent.connectors.ldap.connection import bound, connected, verifying
from syncagent.connectors.ldap.pages import Reader
from syncagent.connectors.ldap.requests import Add, Edit, Modify, Search, Write
from syncagent.connectors.ldap.server import Server, Simple, addresses
from syncagent.connectors.ldap.session import open_session
from syncagent.connectors.live.target import LiveTarget
from syncagent.connectors.openldap.kind import OpenLdap
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Change, Operation, Review
from syncagent.core.notation import Values
from syncagent.core.outcome import Result
from syncagent.core.plan import BrakeState, Envelope, Plan
from syncagent.core.stamp import AccountKind, Reason, Stamp, State, parse
from syncagent.runs.agent import Agent
from syncagent.runs.conclude import conclude
from syncagent.sample.accounts import Entry
from syncagent.sample.ldif import render
from syncagent.store import journal, plans
from syncagent.store.lease import Lease
from syncagent.store.store import Store, open_store
from syncagent.trust.secret import Secret
from syncagent.trust.signing import SigningKey
from syncagent.wiring import now, shipped_directory

ROUNDS = 5
CREATES, MODIFIES = 1_000, 5_000
CHANGED = 300
REST = 31  # seconds after which OpenLDAP is believed when it says that nothing has changed
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 3, 10)
STAMP = Stamp(AccountKind.PERSONAL, "P1", State.ACTIVE, DAY, Reason.ISSUED, unit="snv", document="1/QD")
Place = Slapd | Samba
Attributes = dict[str, tuple[str | bytes, ...]]


def row(name: str, value: float, unit: str, *, most: float | None = None, least: float | None = None) -> dict[str, Any]:
    """One figure and whether it keeps its bar."""
    holds = (most is None or value <= most) and (least is None or value >= least)
    return {"name": name, "value": round(value, 3), "unit": unit, "bar": most or least, "holds": holds}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def command(place: Place, name: str, *words: str) -> None:
    """Run one of OpenLDAP's commands and throw its output away."""
    bind = ("-x", "-H", place.ldaps_url, "-D", place.admin, "-w", place.password)
    environment = {**os.environ, "LDAPCONF": "/dev/null", "LDAPTLS_CACERT": str(place.ca), "LDAPTLS_REQCERT": "demand"}
    subprocess.run([name, *bind, *words], env=environment, stdout=subprocess.DEVNULL, check=True)


def reading(place: Place, mapping: str, most: float) -> Iterator[dict[str, Any]]:
    """Read everything with the attributes the agent needs, as text: in pages as ldapsearch does, then counted again."""
    wanted = attributes(shipped_directory(mapping))
    names = tuple(one.name for one in wanted.values())
    text = {one.name: one.text or bytes.decode for one in wanted.values()}
    server, bind = Server((place.ldaps_url,), place.ca), Simple(place.admin, Secret(place.password))
    found: set[int] = set()

    def decoded(entries: Iterable[LdapEntry]) -> None:
        number = 0
        for _, held in entries:
            number += 1
            for name, values in held.items():
                [text[name](value) for value in values]
        found.add(number)

    def in_pages() -> None:
        (address,) = addresses(server, bind)
        line = bound(connected(server, address, bind, verifying(server, bind)), server, address, bind)
        search = Search(place.base_dn, attributes=names)
        decoded(Reader(line, time.monotonic() + 600, set()).paged(search, 1000, set()))
        line.close()

    def proved() -> None:
        with open_session(server, bind) as session:
            decoded(session.read(place.base_dn, attributes=names))

    def theirs() -> None:
        options = ("-LLL", "-b", place.base_dn, "-E", "pr=1000/noprompt", "(objectClass=*)")
        command(place, "ldapsearch", *options, *names)

    theirs()
    rounds = [(seconds(in_pages), seconds(theirs), seconds(proved)) for _ in range(ROUNDS)]
    kind = type(place).__name__.lower()
    assert len(found) == 1
    assert max(found) >= crowd.SIZE
    yield row(f"{kind}: read {max(found)} entries as text", statistics.median(one for one, _, _ in rounds), "s")
    yield row(f"{kind}: the same by ldapsearch", statistics.median(other for _, other, _ in rounds), "s")
    yield row(
        f"{kind}: read, times ldapsearch", statistics.median(one / other for one, other, _ in rounds), "×", most=most
    )
    ratio = statistics.median(whole / other for _, other, whole in rounds)
    yield row(f"{kind}: read and counted again, times it", ratio, "×")


def changing(place: Place, mapping: str) -> Iterator[dict[str, Any]]:
    """Read whole, then again when nothing has changed and when some accounts have; weigh what is kept of it."""
    directory, kind = shipped_directory(mapping), type(place).__name__.lower()
    there, bind = Server((place.ldaps_url,), place.ca), Simple(place.admin, Secret(place.password))
    of_kind = OpenLdap() if isinstance(place, Slapd) else ActiveDirectory()

    def fresh() -> LiveTarget:
        return LiveTarget("main", there, bind, directory, place.base_dn, ZONE, of_kind, pseudonym=str)

    target = fresh()
    people = [account.dn for account in target.read().accounts if account.stamp][:CHANGED]
    time.sleep(REST)
    target.read()
    nothing = [seconds(target.read) for _ in range(ROUNDS)]
    some, whole = [], []
    for number in range(ROUNDS):
        write(place, [Modify(dn, [(Edit.REPLACE, "title", [b"%d" % number])]) for dn in people])
        some.append(seconds(target.read))
        assert target.read().watermark["read"] == "incremental"
        whole.append(seconds(fresh().read))
    del target
    full = statistics.median(whole)
    yield row(f"{kind}: whole read of a target", full, "s")
    yield row(f"{kind}: nothing changed", 100 * statistics.median(nothing) / full, "%", most=3)
    yield row(f"{kind}: {CHANGED} accounts changed", 100 * statistics.median(some) / full, "%", most=10)
    yield from weighing(fresh(), kind)


def weighing(target: LiveTarget, kind: str) -> Iterator[dict[str, Any]]:
    """Weigh a snapshot with all that was read for it, and what a target remembers besides it."""
    parse.cache_clear()  # else the stamps of the reads before would cost nothing
    tracemalloc.start()
    snapshot = target.read()
    both = tracemalloc.get_traced_memory()[0]
    del target
    gc.collect()
    alone = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    people = len(snapshot.accounts)
    yield row(f"{kind}: snapshot, per account", alone / people, "B", most=1200)
    yield row(f"{kind}: remembered besides", (both - alone) / people, "B")


def writing(place: Place, size: int) -> Iterator[dict[str, Any]]:
    """Add accounts in rounds, then change one value of all of them by compare-and-swap, again and again."""
    kind = type(place).__name__.lower()
    ou = f"OU=bench,{place.base_dn}"
    load(place, [Entry(ou, {"objectClass": ("organizationalUnit",), "ou": ("bench",)})])
    numbers = count(1)
    ours: list[Entry] = []
    theirs: list[Entry] = []
    adding, swapping = [], []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "changes.ldif")
        for _ in range(ROUNDS):
            mine, other = ([account(kind, ou, next(numbers)) for _ in range(size)] for _ in range(2))
            file.write_text(render(other), encoding="utf-8")
            adds = [Add(dn, {key: list(map(octets, them)) for key, them in held.items()}) for dn, held in mine]
            adding.append((seconds(lambda: write(place, adds)), seconds(lambda: ldif(place, "ldapadd", file))))  # noqa: B023 - called at once
            ours += mine
            theirs += other
        for number in range(ROUNDS):
            before, after = (f"new {number - 1}" if number else "old"), f"new {number}"
            file.write_text(
                "".join(swap(entry.dn, {"title": ((before,), (after,))}) for entry in theirs), encoding="utf-8"
            )
            edits = [(Edit.DELETE, "title", [before.encode()]), (Edit.ADD, "title", [after.encode()])]
            swaps = [Modify(entry.dn, edits) for entry in ours]
            swapping.append((seconds(lambda: write(place, swaps)), seconds(lambda: ldif(place, "ldapmodify", file))))  # noqa: B023 - same
    clear(place, ou)
    done = (("add", "ldapadd", size, adding), ("modify", "ldapmodify", len(ours), swapping))
    for what, command_name, number, rounds in done:
        yield row(f"{kind}: {what}", statistics.median(number / mine for mine, _ in rounds), "/s")
        yield row(f"{kind}: the same by {command_name}", statistics.median(number / other for _, other in rounds), "/s")
        yield row(f"{kind}: {what}, times {command_name}", statistics.median(o / m for m, o in rounds), "×", least=0.9)


def applying(place: Place, size: int) -> Iterator[dict[str, Any]]:
    """Update accounts as `apply` does: intent, compare-and-swap, read-back, outcome and ledger, batch by batch.

    `ldapmodify` takes the same values away and adds the same, and does nothing else.
    """
    kind = type(place).__name__.lower()
    directory = shipped_directory({"slapd": "openldap", "samba": "active-directory"}[kind])
    ou = f"OU=applied,{place.base_dn}"
    load(place, [Entry(ou, {"objectClass": ("organizationalUnit",), "ou": ("applied",)})])
    people = [account(kind, ou, number) for number in range(1, 2 * size + 1)]
    for person in people:
        person.attributes[directory.stamp] = (str(STAMP),)
    load(place, people)
    there, bind = Server((place.ldaps_url,), place.ca), Simple(place.admin, Secret(place.password))
    of_kind = OpenLdap() if isinstance(place, Slapd) else ActiveDirectory()
    target = LiveTarget("main", there, bind, directory, ou, ZONE, of_kind, pseudonym=str, root=ou)
    found = [one for one in target.read().accounts if one.stamp]
    mine, other = found[:size], found[size:]
    rounds = []
    with tempfile.TemporaryDirectory() as name:
        file, store = Path(name, "changes.ldif"), open_store("sqlite:///state.db", Path(name), "bench")
        before = {directory.stamp: str(STAMP), "title": "old"}
        for number in range(ROUNDS):
            stamp = replace(STAMP, document=f"{number}/QD")
            after = {directory.stamp: str(stamp), "title": f"new {number}"}
            edits = {name: ((before[name],), (after[name],)) for name in before}
            actions = [update(one, n, edits, stamp) for n, one in enumerate(mine)]
            file.write_text("".join(swap(one.dn, edits) for one in other), encoding="utf-8")
            plan = kept(store, actions, number)
            rounds.append(
                (
                    seconds(lambda: apply(store, target, plan, actions)),  # noqa: B023 - called at once
                    seconds(lambda: ldif(place, "ldapmodify", file)),
                )
            )
            before = after
        store.close()
    clear(place, ou)
    yield row(f"{kind}: apply", statistics.median(size / mine for mine, _ in rounds), "/s")
    yield row(f"{kind}: the same by ldapmodify", statistics.median(size / other for _, other in rounds), "/s")
    yield row(f"{kind}: apply, times ldapmodify", statistics.median(o / m for m, o in rounds), "×", least=0.6)


def update(found: Account, number: int, edits: Mapping[str, tuple[Values, Values]], stamp: Stamp) -> Action:
    change = Change(Operation.MODIFY, found.dn, edits)
    return Action(
        f"a{number:05}", ActionKind.UPDATE, "main", AccountKind.PERSONAL, f"P{number}", "snv", found.address, "",
        found.ref, DAY, Review.NONE, needs_order=False, because=(), changes=(change,), stamp=stamp,
    )  # fmt: skip


def kept(store: Store, actions: Sequence[Action], number: int) -> Envelope:
    """Keep a plan in the state, as the journal wants it."""
    plan = Plan(DAY, "bench", "bench", tuple(actions), (), BrakeState((), ()), ())
    found = Envelope(f"bench-{number}", f"sha256:{number}", "bench", number + 1, now(), now())
    with store.writing() as connection:
        plans.save(connection, plan, found, SigningKey(bytes(32)))
    return found


def apply(store: Store, target: LiveTarget, plan: Envelope, actions: Sequence[Action]) -> None:
    """Carry out actions in the order of writes that `runs/apply.py` keeps to, after everything was decided."""
    agent = cast("Agent", SimpleNamespace(store=store, clock=now))
    with store.lease() as lease:
        carry_out(agent, lease, target, plan, actions)


def carry_out(agent: Agent, lease: Lease, target: LiveTarget, plan: Envelope, actions: Sequence[Action]) -> None:
    """Carry out actions batch by batch: the intent, the act, the outcome."""
    for start in range(0, len(actions), target.batch):
        batch = actions[start : start + target.batch]
        with agent.store.writing() as connection:
            journal.intend(connection, plan.plan_id, [action.id for action in batch], now(), lease)
        outcomes = target.carry_out(batch, plan.digest)
        conclude(agent, lease, plan, batch, outcomes, DAY)
        assert {outcome.result for outcome in outcomes} == {Result.DONE}, outcomes[0]


def account(kind: str, ou: str, number: int) -> Entry:
    """An account of some twenty values."""
    login = f"bench{number}"
    own: dict[str, Attributes] = {
        "slapd": {"objectClass": ("inetOrgPerson",), "uid": (login,), "employeeNumber": (f"P{number}",)},
        "samba": {"objectClass": ("user",), "sAMAccountName": (login,), "employeeID": (f"P{number}",)},
    }
    rdn = {"slapd": "uid", "samba": "CN"}[kind]
    common: Attributes = {
        "cn": (login,), "sn": ("Nguyễn",), "givenName": ("Hòa",), "displayName": (f"Nguyễn Thị Hòa {number}",),
        "mail": (f"{login}@ninhbinh.gov.vn",), "title": ("old",), "telephoneNumber": (f"0229{number}",),
        "l": ("Hoa Lư",), "street": ("1 Lê Hồng Phong",), "postalCode": ("430000",), "description": ("Sở Nội vụ",),
        "physicalDeliveryOfficeName": ("P. 101",), "mobile": (f"091{number}",), "initials": ("H",),
    }  # fmt: skip
    return Entry(f"{rdn}={login},{ou}", own[kind] | common)


def swap(dn: str, edits: Mapping[str, tuple[Values, Values]]) -> str:
    """One modify as LDIF: of each attribute one value goes and one comes."""
    lines = [f"dn: {dn}", "changetype: modify"]
    for name, (before, after) in edits.items():
        lines += [f"delete: {name}", f"{name}: {before[0]}", "-", f"add: {name}", f"{name}: {after[0]}", "-"]
    return "\n".join(lines[:-1]) + "\n\n"


def octets(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def write(place: Place, writes: Sequence[Write]) -> None:
    with open_session(Server((place.ldaps_url,), place.ca), Simple(place.admin, Secret(place.password))) as session:
        answers = session.write(writes)
    errors = [codes.error(answer, one.dn) for answer, one in zip(answers, writes, strict=True)]
    for error in filter(None, errors):
        raise error


def ldif(place: Place, name: str, file: Path) -> None:
    command(place, name, "-f", str(file))


def main(out: Path) -> None:
    """Measure both servers and add what was found."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name, own_address() as address:
        authority = Authority.make(Path(name, "pki"))
        slapd = Slapd.start(Path(name, "slapd"), address, authority, tree=crowd.of_slapd())
        rows += [
            *reading(slapd, "openldap", 4),
            *changing(slapd, "openldap"),
            *writing(slapd, CREATES),
            *applying(slapd, MODIFIES),
        ]
        slapd.stop()
        samba = Samba.start(Path(name, "samba"), address, crowd.of_samba(), authority)
        rows += [
            *reading(samba, "active-directory", 1.3),
            *changing(samba, "active-directory"),
            *writing(samba, CREATES),
        ]
        rows += applying(samba, MODIFIES)
        samba.stop()
    before = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(before + rows, indent=1) + "\n", encoding="utf-8")
    for one in rows:
        bar = f"(bar {one['bar']}{'' if one['holds'] else ', MISSED'})" if one["bar"] else ""
        sys.stdout.write(f"{one['name']:<40} {one['value']:>9} {one['unit']} {bar}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
