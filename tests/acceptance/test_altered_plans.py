"""A stored plan whose bytes were altered is believed nowhere: not to act on, not to show, not to report from."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from desk import Desk

from syncagent.cli.starting import DEMO_DAY
from syncagent.core.record import digest_of, from_bytes, to_bytes

DAY = DEMO_DAY.isoformat()


@contextmanager
def _state(desk: Desk) -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(desk.folder / "syncagent.db") as connection:
        yield connection
    connection.close()


def _applied(desk: Desk) -> str:
    """Plan, approve and apply; return the plan's id."""
    plan_id: str = desk.plan(DAY)["plan_id"]
    for by in "AB":
        desk.run("approve", "latest", "--by", by, "--order", "1/A")
    desk.run("apply", "latest")
    return plan_id


def _alter(desk: Desk) -> None:
    """Let the newest plan say another address, with digest and all: all that can be done without the agent's key."""
    with _state(desk) as state:
        ((plan_id, record),) = state.execute("SELECT plan_id, record FROM plans ORDER BY serial DESC LIMIT 1")
        plan, envelope = from_bytes(zlib.decompress(record))
        first, *others = plan.actions
        forged = replace(plan, actions=(replace(first, address="ai.do@ninhbinh.gov.vn"), *others))
        digest = digest_of(forged)
        written = zlib.compress(to_bytes(forged, replace(envelope, digest=digest)))
        state.execute("UPDATE plans SET record = ?, digest = ? WHERE plan_id = ?", (written, digest, plan_id))
        state.execute("UPDATE decisions SET digest = ? WHERE plan_id = ?", (digest, plan_id))


READERS = {
    "show": ("show", "latest"),
    "show signed": ("show", "latest", "--format", "signed"),
    "approve": ("approve", "latest", "--by", "C", "--order", "1/A"),
    "reject": ("reject", "latest", "--by", "C", "--reason", "sai"),
    "apply": ("apply", "latest"),
    "undo": ("undo", "latest"),
    "report": ("report", "changes", "--period", DAY[:4], "--as-of", DAY),
    "answer": ("request", "reply", "YC-0001"),
    "handover": ("handover", "list"),
}


def test_no_verb_believes_an_altered_plan(desk: Desk) -> None:
    """Issue 5, item 4: one byte otherwise, and exit code 5, whatever the plan is read for."""
    plan_id = _applied(desk)
    with _state(desk) as state:
        ((action_id,),) = state.execute("SELECT action_id FROM journal WHERE state = 'done' LIMIT 1")
        state.execute(
            "INSERT OR REPLACE INTO fulfilled VALUES ('YC-0001', ?, ?, ?, 'delete')", (plan_id, action_id, DAY)
        )
        state.execute(
            "INSERT INTO handovers VALUES (1, ?, ?, 'main', 'skhcn', 'P1', 'a@b.vn', 'k', x'00', ?, ?, '', '', '')",
            (plan_id, action_id, f"{DAY}T00:00:00+00:00", f"{DAY}T00:00:00+00:00"),
        )
    directory = (desk.folder / "directory.ldif").read_bytes()
    for name in ("show", "report", "answer", "handover"):
        desk.run(*READERS[name])

    _alter(desk)

    for words in READERS.values():
        refused = desk.run("--lang", "en", *words, expect=5)
        assert f"Plan {plan_id} has contents that were changed" in refused.stderr, words
        assert refused.stdout == ""
    assert (desk.folder / "directory.ldif").read_bytes() == directory


def test_what_an_altered_plan_had_begun_is_not_told_from_it(desk: Desk) -> None:
    """Recovery reads the target by what the plan says it sent: by another plan it would settle the wrong thing."""
    plan_id = _applied(desk)
    with _state(desk) as state:
        ((action_id,),) = state.execute("SELECT action_id FROM journal WHERE state = 'intent' LIMIT 1")
        state.execute("DELETE FROM journal WHERE action_id = ? AND state <> 'intent'", (action_id,))
    _alter(desk)

    for words in (("plan", "--as-of", DAY), ("undo", plan_id)):
        refused = desk.run("--lang", "en", *words, expect=5).stderr
        assert f"Plan {plan_id} has contents that were changed" in refused
        assert "restore the state from a backup" in refused


def test_a_plan_that_nobody_signed_is_believed_nowhere(desk: Desk) -> None:
    """To take the signature away is no way around it."""
    _applied(desk)
    with _state(desk) as state:
        state.execute("UPDATE plans SET key_id = '', signature = ''")

    for words in (READERS["show"], READERS["report"]):
        assert "did not sign" in desk.run("--lang", "en", *words, expect=5).stderr
