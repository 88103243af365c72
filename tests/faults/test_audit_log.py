"""F30: an audit log of 10,000 records that somebody altered, cut, rewound or forked is found out, every time.

The log lies in a real state, its checkpoint in the state and in a second place. Each harm is done with SQL, by somebody
who knows the format and links what he can; the product and a reader of its own look at the result.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from figures import Figures
from logs import a_log, chained, holds

from syncagent.cli.starting import sample_files
from syncagent.connectors.copies import FileCopy
from syncagent.errors import Refused
from syncagent.runs.agent import Agent
from syncagent.runs.audit import checkpoint, look
from syncagent.runs.auditor import export, verify
from syncagent.sample.starter import starter
from syncagent.store import audit
from syncagent.trust.chain import EMPTY, Head, Record, follow, link
from syncagent.trust.checkpoint import Checkpoint, disagreement
from syncagent.wiring import agent_of, now, settings_of, shipped_directory

SIZE = 10_000
CHECKPOINT_AT = 9_000
"""Of the state that is put back; what was decided since is in the second place only."""

State = sqlite3.Connection
Harm = Callable[[State, int], None]


def _alter(state: State, seq: int) -> None:
    state.execute("UPDATE audit SET body = replace(body, '{', '{ ') WHERE seq = ?", (seq,))


def _alter_and_link(state: State, seq: int) -> None:
    """The record gets the hash it ought to have; the next one does not fit then, or the checkpoint."""
    record = Record(*state.execute("SELECT * FROM audit WHERE seq = ?", (seq,)).fetchone())
    forged = link(_hash(state, seq - 1), seq, record.at, "failed", record.body)
    state.execute("UPDATE audit SET kind = 'failed', hash = ? WHERE seq = ?", (forged, seq))


def _drop(state: State, seq: int) -> None:
    state.execute("DELETE FROM audit WHERE seq = ?", (seq,))


def _drop_and_close(state: State, seq: int) -> None:
    """The numbers have no gap afterwards."""
    _drop(state, seq)
    for later in range(seq + 1, SIZE + 1):
        state.execute("UPDATE audit SET seq = ? WHERE seq = ?", (later - 1, later))


def _insert(state: State, seq: int) -> None:
    """One more record, well linked to the one before it."""
    for later in range(SIZE, seq - 1, -1):
        state.execute("UPDATE audit SET seq = ? WHERE seq = ?", (later + 1, later))
    (forged,) = chained(["{}"], Head(seq - 1, _hash(state, seq - 1)))
    state.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", forged)


def _swap(state: State, seq: int) -> None:
    other = seq + 1 if seq < SIZE else seq - 1
    for before, after in ((seq, 0), (other, seq), (0, other)):
        state.execute("UPDATE audit SET seq = ? WHERE seq = ?", (after, before))


def _truncate(state: State, seq: int) -> None:
    state.execute("DELETE FROM audit WHERE seq >= ?", (seq,))


def _rewind(state: State, seq: int) -> None:
    """All is as it was: the checkpoints of later days are gone from the state, too."""
    _truncate(state, seq)
    state.execute("DELETE FROM checkpoints WHERE size >= ?", (seq,))


def _fork(state: State, seq: int) -> None:
    """As long as before, well linked, with other records from one on."""
    before = Head(seq - 1, _hash(state, seq - 1))
    _truncate(state, seq)
    forged = chained(("{}" for _ in range(SIZE - seq + 1)), before)
    state.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", forged)


def _fork_of_a_backup(state: State, seq: int) -> None:
    """A backup was put back and work went on, longer than before; no checkpoint of the state knows."""
    _rewind(state, seq)
    forged = chained(("{}" for _ in range(SIZE - seq + 11)), Head(seq - 1, _hash(state, seq - 1)))
    state.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", forged)


def _hash(state: State, seq: int) -> str:
    found: list[tuple[str]] = state.execute("SELECT hash FROM audit WHERE seq = ?", (seq,)).fetchall()
    return found[0][0] if found else EMPTY.hash


HARMS: dict[str, Harm] = {
    "alter": _alter,
    "alter and link": _alter_and_link,
    "drop": _drop,
    "drop and close the gap": _drop_and_close,
    "insert": _insert,
    "swap": _swap,
    "truncate": _truncate,
    "rewind": _rewind,
    "fork": _fork,
    "fork of a backup": _fork_of_a_backup,
}
FOUND_AT_ONCE = {"truncate", "rewind", "fork", "fork of a backup"}
"""A run follows the chain from its newest checkpoint on; what was altered before that is for `audit verify`."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """An agent whose audit log has 10,000 records, with checkpoints in the state and in a second place."""
    folder = tmp_path_factory.mktemp("office")
    files = sample_files(starter(now().date(), shipped_directory("active-directory")), "two")
    files["syncagent.yaml"] += "\naudit: {copies: [{file: copy.jsonl}]}\n"
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "identity.key").chmod(0o600)
    settings, place = settings_of(str(folder / "syncagent.yaml"), folder)
    with agent_of(settings, place) as agent:
        for first, last in ((1, CHECKPOINT_AT), (CHECKPOINT_AT + 1, SIZE)):
            with agent.store.writing() as connection:
                audit.extend(connection, (("done", {"n": n}) for n in range(first, last + 1)), agent.clock())
            checkpoint(agent)
        yield agent


def _state(office: Agent) -> Path:
    """The file of the state, beside which the stop switch would lie."""
    assert office.switch
    return office.switch.with_suffix("")


def _harmed(office: Agent, harm: Harm, seq: int) -> None:
    with closing(sqlite3.connect(_state(office))) as state, state:
        harm(state, seq)


def _refused(office: Agent) -> bool:
    """Whether the product finds something, and a reader written from the format alone agrees."""
    try:
        found = bool(verify(office).doubts)
    except Refused:
        found = True
    (copy,) = office.copies
    shown = [*export(office)]
    shown[1:1] = [json.dumps({"checkpoint": line}) for line in copy.every()]
    assert holds(shown, office.signer.public.hex) is not found
    return found


@pytest.mark.parametrize("tries", [4, pytest.param(150, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", HARMS)
def test_every_harm_is_found(office: Agent, name: str, tries: int, tmp_path: Path, figures: Figures) -> None:
    """Alter, drop, insert, swap, truncate, rewind, fork: at the first, at the last and at any other record."""
    chance = random.Random(name)  # noqa: S311 - a reproducible test
    places = [1, 2, CHECKPOINT_AT, SIZE, *(chance.randint(3, SIZE - 1) for _ in range(tries - 4))]
    sound = tmp_path / "sound.db"
    shutil.copy(_state(office), sound)
    missed = []
    try:
        assert not _refused(office)
        for seq in places:
            _harmed(office, HARMS[name], seq)
            at_once = bool(look(office).doubts)
            if not _refused(office) or (name in FOUND_AT_ONCE and not at_once):
                missed.append(seq)
            shutil.copy(sound, _state(office))
    finally:
        shutil.copy(sound, _state(office))

    assert missed == []
    if tries > 4:
        figures.note(f"audit log of {SIZE} records: {name}", len(places), tries)


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.long)])
def test_every_single_record_counts(step: int, figures: Figures) -> None:
    """At each of the 10,000 places: altered, dropped, doubled or swapped, and cut or forked from there on."""
    log = a_log(SIZE)
    last = Checkpoint("origin", SIZE, log[-1].hash, "")
    tried = 0
    for seq in range(1, SIZE, step):
        before = Head(seq - 1, log[seq - 2].hash if seq > 1 else EMPTY.hash)
        this, following = log[seq - 1], log[seq : seq + 2]
        for harmed in (
            [this._replace(body="{}"), *following],
            following,
            [this, this, *following],
            [following[0], this],
            [*chained(["{}"], before), *following],
        ):
            with pytest.raises(Refused):
                follow(harmed, before)
        assert disagreement(last, "origin", before, "")
        assert follow(log[seq - 1 : seq + 2], before).size == min(seq + 2, SIZE)
        tried += 6

    if step == 1:
        figures.note("audit log: places where harm was done", tried, 6 * (SIZE - 1))


@pytest.mark.long
def test_a_million_records_are_verified_in_ten_seconds(office: Agent, tmp_path: Path, figures: Figures) -> None:
    """The whole log of decades is read between two cups of tea: reading, linking and comparing, in one pass."""
    million = 1_000_000
    sound = tmp_path / "sound.db"
    shutil.copy(_state(office), sound)
    try:
        with closing(sqlite3.connect(_state(office))) as state, state:
            head = Head(SIZE, _hash(state, SIZE))
            body = '{"action":"update","plan_id":"20260310-0001-abcdef","subject":"NB000001"}' + " " * 300
            more = chained((body for _ in range(million - SIZE)), head)
            state.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", more)
        started = time.process_time()
        found = verify(office)
        seconds = time.process_time() - started
    finally:
        shutil.copy(sound, _state(office))

    assert found.head.size == million
    figures.note("audit log: records verified per second of processor time", int(million / seconds), 100_000)
    assert seconds < 10


def test_a_copy_that_a_crash_cut_off_is_no_contradiction(office: Agent, tmp_path: Path) -> None:
    """The power failed while a checkpoint was written to the second place: the next one stands on a line of its own."""
    (copy,) = office.copies
    path = tmp_path / "copy.jsonl"
    whole = copy.every()[-1]
    path.write_text(f"{whole}\n{whole[:200]}", encoding="utf-8")
    cut = FileCopy(path)

    first = cut.newest()
    cut.keep(whole, now())

    assert first == cut.newest() == whole
    assert cut.every() == (whole, whole)
