"""No byte of a plan or of an approval can be another: whichever it is, and whatever it becomes, it is refused."""

from __future__ import annotations

import csv
import re
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import plans as sample
import pytest
from desk import Desk
from figures import Figures
from sqlalchemy import Connection, Table, delete, insert, select, text, update

from syncagent.core.action import ActionKind
from syncagent.core.plan import Plan
from syncagent.core.record import to_bytes
from syncagent.errors import Doubtful, Refused
from syncagent.runs.agent import Agent
from syncagent.runs.apply import apply
from syncagent.runs.approve import approve
from syncagent.runs.approvers import add, revoke
from syncagent.runs.plan import make_plan
from syncagent.runs.signer import Signer
from syncagent.runs.verdicts import verdicts
from syncagent.store import plans
from syncagent.store.plans import StoredPlan
from syncagent.store.tables import approvers, decisions
from syncagent.store.tables import plans as plans_table
from syncagent.trust.signing import SigningKey
from syncagent.wiring import agent_of, now, settings_of

TODAY = now().date()
BITS = tuple(1 << bit for bit in range(8))
ALL = tuple(range(1, 256))
BINH, DUNG = (Signer(name, SigningKey(bytes([seed] * 32))) for name, seed in (("Lê Văn Bình", 1), ("Phạm Thị Dung", 2)))


def changes(content: bytes, turns: Sequence[int]) -> Iterator[bytes]:
    """Yield the content with each byte turned into others, taken out, and doubled."""
    for at, byte in enumerate(content):
        head, tail = content[:at], content[at + 1 :]
        yield from (head + bytes([byte ^ turn]) + tail for turn in turns)
        yield head + tail
        yield content[: at + 1] + content[at:]


def _stored(plan: Plan, key: SigningKey) -> tuple[bytes, StoredPlan]:
    """A plan as the state keeps it, and its exact bytes."""
    envelope = sample.envelope(plan)
    record = to_bytes(plan, envelope)
    return record, StoredPlan(
        envelope.plan_id, envelope.serial, envelope.digest, envelope.created_at.isoformat(), plan.as_of.isoformat(),
        len(plan.actions), zlib.compress(record, 3), "", key.public.id, key.signature(plans.KIND, record),
    )  # fmt: skip


SMALL = sample.plan([sample.action(1, ActionKind.DELETE)])


@pytest.mark.parametrize(
    ("plan", "turns", "at_least"),
    [
        pytest.param(SMALL, BITS, 15_000, id="small"),
        pytest.param(SMALL, ALL, 400_000, id="small, every value", marks=pytest.mark.long),
        pytest.param(replace(sample.large(30), skips=()), BITS, 400_000, id="50 KB", marks=pytest.mark.long),
    ],
)
def test_every_change_of_a_byte_of_a_plan_is_refused(
    plan: Plan, turns: Sequence[int], at_least: int, figures: Figures
) -> None:
    """Issue 5, item 4: every byte of what was signed, the wording and the header as much as the actions."""
    key, tried = SigningKey(b"a" * 32), 0
    record, stored = _stored(plan, key)
    assert plans.opened(stored, key.public)[0] == plan

    for changed in changes(record, turns):
        tried += 1
        with pytest.raises(Refused):
            plans.opened(stored._replace(record=zlib.compress(changed, 0)), key.public)

    figures.note(f"bytes of a plan changed ({len(record) // 1000} KB, {len(turns)} ways)", tried, at_least)


def test_every_change_of_what_is_kept_of_a_plan_is_refused_or_changes_nothing() -> None:
    """The compressed bytes themselves: unused bits at the end may turn, what they say may not."""
    key = SigningKey(b"a" * 32)
    record, stored = _stored(SMALL, key)
    harmless = 0

    for changed in changes(stored.record, BITS):
        try:
            again, envelope = plans.opened(stored._replace(record=changed), key.public)
        except Refused:
            continue
        harmless += 1
        assert to_bytes(again, envelope) == record

    assert harmless < 10


@pytest.mark.parametrize("name", [name for name in StoredPlan._fields if name != "record"])
def test_every_change_of_what_stands_beside_a_plan_is_refused(name: str) -> None:
    """Its id, number, digest, moment, day, count, predecessor, key and signature: each must be what was signed."""
    key = SigningKey(b"a" * 32)
    _, stored = _stored(SMALL, key)
    value = getattr(stored, name)
    if isinstance(value, int):
        others: list[Any] = [value + 1, value - 1, 0]
    else:
        others = [changed.decode("latin-1") for changed in changes(value.encode(), BITS)] + [value + " ", "x"]

    for other in others:
        with pytest.raises(Refused):
            plans.opened(stored._replace(**{name: other}), key.public)


def test_a_plan_that_another_key_signed_or_that_nobody_signed_is_refused() -> None:
    """However well it is signed; one of a version that did not sign yet says so."""
    ours, theirs = SigningKey(b"a" * 32), SigningKey(b"b" * 32)
    _, stored = _stored(SMALL, theirs)

    with pytest.raises(Refused, match="not with the present signing key"):
        plans.opened(stored, ours.public)
    with pytest.raises(Refused, match="contents that were changed"):
        plans.opened(stored._replace(key_id=ours.public.id), ours.public)
    with pytest.raises(Refused, match="did not sign"):
        plans.opened(stored._replace(key_id="", signature=""), ours.public)


# ── approvals ────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `init` writes, two approvers, and a plan that both have signed."""
    folder = tmp_path_factory.mktemp("office") / "desk"
    Desk(folder.parent).run("init", str(folder))
    with _agent(folder) as agent:
        add(agent, BINH.name, BINH.key.public, None)
        add(agent, DUNG.name, DUNG.key.public, BINH)
        _decide(agent)
    return folder


@pytest.fixture
def office(_office: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    folder = tmp_path / "office"
    shutil.copytree(_office, folder)
    return folder


@contextmanager
def _agent(folder: Path) -> Iterator[Agent]:
    with agent_of(*settings_of(str(folder / "syncagent.yaml"), folder)) as agent:
        yield agent


def _decide(agent: Agent, day: date | None = None) -> str:
    """Plan for a day, and let both sign it."""
    _, envelope = make_plan(agent, day)
    for signer in (BINH, DUNG):
        approve(agent, envelope.plan_id, signer.name, order="45/SKHCN", key=signer.key)
    return envelope.plan_id


def _set(connection: Connection, table: Table, number: int, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == number).values(**values))


@pytest.mark.parametrize(
    ("turns", "at_least"),
    [(BITS[::4], 2_000), pytest.param(ALL, 200_000, marks=pytest.mark.long)],
    ids=["bits", "values"],
)
def test_every_change_of_a_byte_of_an_approval_is_refused(
    office: Path, turns: Sequence[int], at_least: int, figures: Figures
) -> None:
    """Issue 5, item 4: the envelope as it is kept, every byte of it; the plan is refused as a whole."""
    tried = 0
    with _agent(office) as agent, agent.store.reading() as connection:
        plan, envelope = plans.verified(connection, "latest", agent.signer.public)
        assert len(verdicts(agent, connection, plan, envelope).decisions) == 2
        (signed,) = connection.execute(select(decisions.c.envelope).where(decisions.c.id == 1)).scalars()
        for changed in changes(signed.encode(), turns):
            tried += 1
            _set(connection, decisions, 1, envelope=changed.decode("latin-1"))
            with pytest.raises(Refused):
                verdicts(agent, connection, plan, envelope)

    figures.note(f"bytes of an approval changed ({len(turns)} ways)", tried, at_least)


@pytest.mark.parametrize(
    "name", ["digest", "verdict", "by", "at", "order_number", "reason", "actions", "named", "accepted"]
)
def test_every_change_of_what_stands_beside_an_approval_is_refused(office: Path, name: str) -> None:
    """The plain columns say what was signed, letter by letter, or the plan is refused."""
    with _agent(office) as agent, agent.store.reading() as connection:
        plan, envelope = plans.verified(connection, "latest", agent.signer.public)
        (value,) = connection.execute(select(decisions.c[name]).where(decisions.c.id == 1)).scalars()
        tried = [changed.decode("latin-1") for changed in changes(value.encode()[:400], BITS)]
        for changed in [*tried, value + " ", "x", "[]", "{}", "null", "0", '["a0001", "a0001"]']:
            if changed == value:
                continue
            _set(connection, decisions, 1, **{name: changed})
            with pytest.raises(Refused):
                verdicts(agent, connection, plan, envelope)


def test_an_approval_of_another_plan_is_refused(office: Path) -> None:
    """Moved over as it is, or with its columns made to fit: it was signed for other bytes."""
    with _agent(office) as agent:
        _, second = make_plan(agent)
        with agent.store.reading() as connection:
            plan, envelope = plans.verified(connection, second.plan_id, agent.signer.public)
            for columns in ({"plan_id": second.plan_id}, {"plan_id": second.plan_id, "digest": second.digest}):
                _set(connection, decisions, 1, **columns)
                with pytest.raises(Refused, match="does not fit its signature"):
                    verdicts(agent, connection, plan, envelope)


def test_an_approval_whose_signature_was_taken_away_counts_for_nothing(office: Path) -> None:
    """A name alone is nothing once somebody has a key; it is said, with the way out."""
    with _agent(office) as agent, agent.store.reading() as connection:
        plan, envelope = plans.verified(connection, "latest", agent.signer.public)
        _set(connection, decisions, 1, envelope="")

        found = verdicts(agent, connection, plan, envelope)

        assert [one.by for one in found.decisions] == [DUNG.name]
        assert "--key-file" in found.lapsed[0].en


@pytest.mark.parametrize("name", [column.name for column in approvers.columns])
def test_every_change_in_the_registry_is_refused(office: Path, name: str) -> None:
    """Whose key it is, who added it and whether it was revoked: nobody becomes an approver behind the agent's back."""
    with _agent(office) as agent, agent.store.reading() as connection:
        plan, envelope = plans.verified(connection, "latest", agent.signer.public)
        row = connection.execute(select(approvers).where(approvers.c.name == BINH.name)).mappings().one()
        for changed in {*changes(row[name].encode(), BITS[:3]), b"2026-03-10T08:00:00+00:00"} - {row[name].encode()}:
            connection.execute(delete(approvers).where(approvers.c.name != DUNG.name))
            connection.execute(insert(approvers).values({**row, name: changed.decode("latin-1")}))
            with pytest.raises(Refused):
                verdicts(agent, connection, plan, envelope)


def test_whoever_is_put_into_the_registry_makes_it_count_for_nobody(office: Path) -> None:
    """A row that the agent did not sign, or signed for another key, is refused, not passed over."""
    with _agent(office) as agent, agent.store.reading() as connection:
        plan, envelope = plans.verified(connection, "latest", agent.signer.public)
        row = connection.execute(select(approvers).where(approvers.c.name == BINH.name)).mappings().one()
        connection.execute(insert(approvers).values({**row, "key_id": "f" * 32, "name": "Ai Đó"}))

        with pytest.raises(Refused, match="Ai Đó"):
            verdicts(agent, connection, plan, envelope)


# ── plans replayed ───────────────────────────────────────────────────────────


@dataclass
class History:
    """A desk that lived through several plans, and its state after each."""

    folder: Path
    states: list[Path]

    def row(self, person: str, day: date, **columns: str) -> None:
        """Let a decision about a person take effect on a day."""
        path = self.folder / "people.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        last = [one for one in rows if one["person_id"] == person][-1]
        number = f"{len(rows)}/QĐ-SNV"
        decided = {"decision_number": number, "decision_date": day.isoformat(), "signed_by": "Giám đốc"}
        rows.append({**last, "effective_date": day.isoformat(), "received_on": "", **decided, **columns})
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    def keep(self) -> None:
        """Remember the state as it is now."""
        copy = self.folder.parent / f"state{len(self.states)}.db"
        shutil.copyfile(self.folder / "syncagent.db", copy)
        self.states.append(copy)


@pytest.fixture
def history(office: Path) -> History:
    """Everything the starter asks for, somebody leaves, comes back, and moves; one signed plan is overtaken."""
    found = History(office, [])
    found.keep()
    with _agent(office) as agent:
        apply(agent, "latest")
    found.keep()
    lives = [
        {"status": "left", "event": "retired"},
        {"status": "working", "event": "received"},
        {"unit": "snv", "event": "transferred"},
    ]
    for number, life in enumerate(lives, start=1):
        day = TODAY + timedelta(days=number)
        found.row("NB000001", day, **life)
        with _agent(office) as agent:
            _decide(agent, day)
            found.keep()
            done = apply(agent, _decide(agent, day))
        assert done.complete
        assert done.outcomes
        found.keep()
    return found


def test_every_plan_of_the_past_replayed_in_every_state_does_nothing(history: History, figures: Figures) -> None:
    """F26: signatures and all, in the state of any moment: refused, or nothing of it fits, and no byte is written."""
    database, directory = history.folder / "syncagent.db", history.folder / "directory.ldif"
    last = history.states[-1]
    with _agent(history.folder) as agent, agent.store.reading() as connection:
        past = [dict(row) for row in connection.execute(select(plans_table).order_by(plans_table.c.serial)).mappings()]
        votes = [dict(row) for row in connection.execute(select(decisions)).mappings()]
    before, tried = directory.read_bytes(), 0

    for state in history.states:
        for replayed in past:
            shutil.copyfile(state, database)
            with _agent(history.folder) as agent:
                with agent.store.writing() as connection:
                    _put_back(connection, past, votes)
                try:
                    ended = apply(agent, replayed["plan_id"])
                except (Refused, Doubtful):
                    tried += 1
                else:
                    assert ended.untouched, (state, replayed["plan_id"])
                    tried += 1
            assert directory.read_bytes() == before, (state, replayed["plan_id"])

    assert state == last
    figures.note("plans replayed, times states", tried, 7 * 8)


def _put_back(connection: Connection, past: Sequence[dict[str, Any]], votes: Sequence[dict[str, Any]]) -> None:
    """Put in whatever plans and decisions a state does not know."""
    known = set(connection.execute(select(plans_table.c.plan_id)).scalars())
    missing = [row for row in past if row["plan_id"] not in known]
    for row in missing:
        connection.execute(insert(plans_table).values(row))
    held = set(connection.execute(select(decisions.c.id)).scalars())
    for vote in votes:
        if vote["id"] not in held:
            connection.execute(insert(decisions).values(vote))


@pytest.mark.parametrize(
    ("column", "value", "says"), [("lineage", "another", "another state"), ("digest", "sha256:0", "stands before it")]
)
def test_a_plan_of_another_state_or_out_of_its_row_is_refused(office: Path, column: str, value: str, says: str) -> None:
    """The lineage it names is not this state's; the plan before it is not the one it was made after."""
    with _agent(office) as agent:
        make_plan(agent)
        with agent.store.writing() as connection:
            if column == "lineage":
                connection.execute(text("UPDATE meta SET value = :value WHERE name = 'lineage'"), {"value": value})
            else:
                connection.execute(text("UPDATE plans SET digest = :value WHERE serial = 1"), {"value": value})
        with agent.store.reading() as connection, pytest.raises(Refused, match=re.escape(says)):
            plans.verified(connection, "latest", agent.signer.public)


def test_an_approval_of_yesterday_and_a_revoked_key_count_for_nothing(office: Path) -> None:
    """After a day, and from the revocation on, whenever it was signed; it says why, and others still count."""
    with _agent(office) as agent:
        late = replace(agent, clock=lambda: now() + timedelta(hours=25))
        with agent.store.reading() as connection:
            plan, envelope = plans.verified(connection, "latest", agent.signer.public)
            old = verdicts(late, connection, plan, envelope)
        revoke(agent, BINH.name, DUNG)
        with agent.store.reading() as connection:
            left = verdicts(agent, connection, plan, envelope)

    assert old.decisions == ()
    assert ["24 hours" in reason.en for reason in old.lapsed] == [True, True]
    assert [one.by for one in left.decisions] == [DUNG.name]
    assert [reason.en for reason in left.lapsed] == [f"the key with which {BINH.name} signed was revoked"]
