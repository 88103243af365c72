"""Whoever writes the database, or the roster's file of requests, signs nothing: what they put in lets nothing pass."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk
from signers import BOTH, give_key, register

from syncagent.core.action import ActionKind
from syncagent.errors import Doubtful
from syncagent.runs.approve import hold
from syncagent.runs.plan import make_plan
from syncagent.trust.chain import link
from syncagent.wiring import agent_of, now, settings_of

if TYPE_CHECKING:
    from syncagent.core.plan import Plan

TODAY = now().date().isoformat()
BINH, DUNG = BOTH
HELD = "NB000001"
ADDRESS_OF_NAM = "nambv.giaothuy@ninhbinh.gov.vn"


def _write(desk: Desk, statement: str, *values: str) -> None:
    state = sqlite3.connect(desk.folder / "syncagent.db")
    with state:
        state.execute(statement, values)
    state.close()


def _forge(desk: Desk, kind: str, facts: dict[str, Any]) -> None:
    """Append a record to the audit log as somebody does who knows how its chain is made."""
    state = sqlite3.connect(desk.folder / "syncagent.db")
    with state:
        seq, last = state.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        body = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        at = now().isoformat()
        values = (seq + 1, at, kind, body, link(last, seq + 1, at, kind, body))
        state.execute("INSERT INTO audit (seq, at, kind, body, hash) VALUES (?, ?, ?, ?, ?)", values)
    state.close()


def _plan(desk: Desk) -> Plan:
    with agent_of(*settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)) as agent:
        return make_plan(agent)[0]


def _is_touched(desk: Desk) -> bool:
    return HELD in {action.subject for action in _plan(desk).actions}


def _add_row(desk: Desk, **told: str) -> None:
    """Write a row into the roster's own file of requests."""
    requests = desk.folder / "requests.csv"
    text = requests.read_text(encoding="utf-8")
    told = {"subject": HELD, "received_on": TODAY, "reason": "lộ mật khẩu", **told}
    row = ",".join(told.get(name, "") for name in text.splitlines()[0].split(","))
    requests.write_text(f"{text}{row}\n", encoding="utf-8")


def _held(desk: Desk) -> Desk:
    """Approvers are registered, then somebody who would be acted on is put on hold."""
    register(desk, BINH)
    _add_row(desk, kind="emergency_delete", request_id="E1", document_number="9/CV")
    assert _is_touched(desk)
    _hold(desk, "7/CAT")
    assert not _is_touched(desk)
    return desk


def _hold(desk: Desk, document: str) -> None:
    with agent_of(*settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)) as agent:
        hold(agent, HELD, document, "Công an tỉnh")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE holds SET released_by = 'Lê Văn Bình', released_at = '2020-01-01T00:00:00+00:00'",
        "DELETE FROM holds",
        "UPDATE holds SET subject = 'somebody else'",
    ],
    ids=["released", "deleted", "renamed"],
)
def test_a_hold_stands_whatever_became_of_its_row(desk: Desk, statement: str) -> None:
    """Law 3: only a release that an approver signed lifts a hold, once anybody has a key."""
    _write(_held(desk), statement)

    assert not _is_touched(desk)
    assert "7/CAT" in desk.run("status").stdout


def test_a_forged_release_lifts_nothing_and_a_copied_one_neither(desk: Desk) -> None:
    """Law 3: a record without a signature, or with that of an earlier release, is none; a signed one lifts."""
    _held(desk)
    _forge(desk, "release", {"subject": "nb000001", "by": BINH})
    _write(desk, "UPDATE holds SET released_by = 'x', released_at = 'x'")
    assert not _is_touched(desk)

    _hold(desk, "8/CAT")
    desk.run("release", HELD, *give_key(desk, BINH))
    assert _is_touched(desk)
    newest = desk.run("audit", "log", "--kind", "release", "--format", "json").stdout.splitlines()[-1]
    _hold(desk, "10/CAT")
    _forge(desk, "release", json.loads(newest)["facts"])
    _write(desk, "UPDATE holds SET released_by = 'x', released_at = 'x'")

    assert not _is_touched(desk)


def test_what_may_pass_passes_by_a_signature_and_once(desk: Desk) -> None:
    """F9, F32: a roster that shrank is let pass by an approver; by a row or a forged record it is not, nor again."""
    register(desk, BINH)
    _plan(desk)
    people = desk.folder / "people.csv"
    whole = people.read_text(encoding="utf-8")
    half = "".join(whole.splitlines(keepends=True)[:8])
    people.write_text(half, encoding="utf-8")
    digest = next(word for word in desk.run("plan", expect=4).stderr.split() if word.startswith("sha256:")).rstrip(
        ".,;"
    )

    _write(desk, "INSERT INTO acceptances (digest, by, reason, at, used_at) VALUES (?, 'x', 'x', '2026', '')", digest)
    _forge(desk, "roster-accept", {"digest": digest, "by": BINH, "reason": "đúng"})
    with pytest.raises(Doubtful):
        _plan(desk)
    desk.run("roster", "accept", digest, "--reason", "đúng", *give_key(desk, BINH))
    _plan(desk)
    people.write_text(whole, encoding="utf-8")
    _plan(desk)
    people.write_text(half, encoding="utf-8")
    _write(desk, "UPDATE acceptances SET used_at = ''")
    with pytest.raises(Doubtful):
        _plan(desk)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM approvers",
        "DELETE FROM approvers WHERE name = 'Phạm Thị Dung'",
    ],
)
def test_nobody_takes_an_approver_out_behind_the_log(desk: Desk, statement: str) -> None:
    """F32: without approvers a bare name would count again."""
    register(desk, BINH, DUNG)
    _plan(desk)
    _write(desk, statement)

    refused = desk.run("approve", "latest", "--by", BINH, "--order", "1", expect=5)

    assert "khác với nhật ký kiểm toán" in refused.stderr
    assert "khác với nhật ký kiểm toán" in desk.run("plan", expect=5).stderr


def test_a_revoked_key_is_not_brought_back(desk: Desk) -> None:
    """F32: the entry as it was before the revocation bears the agent's signature, too; the log knows better."""
    register(desk, BINH, DUNG)
    state = sqlite3.connect(desk.folder / "syncagent.db")
    (signature,) = state.execute("SELECT signature FROM approvers WHERE name = ?", (DUNG,)).fetchone()
    state.close()
    desk.run("approver", "revoke", DUNG, *give_key(desk, BINH))
    _write(desk, "UPDATE approvers SET revoked_by = '', revoked_at = '', signature = ? WHERE name = ?", signature, DUNG)

    desk.run("plan", expect=5)


def test_a_requested_release_is_signed(desk: Desk) -> None:
    """Law 3: a hold asked for by letter is lifted by a release that an approver recorded, not by a clerk or a file."""
    register(desk, BINH)
    _add_row(desk, kind="emergency_delete", request_id="E1", document_number="9/CV")
    _add_row(desk, kind="hold", request_id="H1", received_on="2026-01-05")
    assert not _is_touched(desk)
    _add_row(desk, kind="release", request_id="H2", document_number="7/TA", reason="")
    columns = ["--kind", "release", "--subject", HELD, "--received-on", TODAY, "--document-number", "7/TA"]

    unsigned = _plan(desk)
    refused = desk.run("request", "add", *columns, "--by", BINH, expect=5)
    imported = desk.run("request", "import", "requests.csv", "--by", BINH, expect=5)
    desk.run("request", "import", "requests.csv", *give_key(desk, BINH))

    assert HELD not in {action.subject for action in unsigned.actions}
    assert any("chưa có chữ ký của người duyệt" in one.message.vi for one in unsigned.findings if one.subject == HELD)
    assert "--key-file" in refused.stderr
    assert "--key-file" in imported.stderr
    assert _is_touched(desk)


def test_whoever_asked_from_a_mailbox_does_not_approve_the_deletion(desk: Desk) -> None:
    """F32, NB-36: an asker whom only the roster's file knows, by the mailbox the letter came from, is no approver."""
    register(desk, BINH, "Bùi Văn Nam")
    _add_row(desk, kind="emergency_delete", request_id="E1", document_number="9/CV", from_address=ADDRESS_OF_NAM)
    deletion = next(action for action in _plan(desk).actions if action.subject == HELD)
    for by in (BINH, "Bùi Văn Nam"):
        desk.run("approve", "latest", *give_key(desk, by), "--order", "1", "--only", deletion.id)

    waiting = desk.run("status").stdout

    assert deletion.kind is ActionKind.DELETE
    assert "khác với người yêu cầu" in waiting


def test_a_new_state_before_a_directory_that_was_managed_is_announced(desk: Desk) -> None:
    """Law 7: what only a lost state knew, addresses once issued and holds among it, is not silently forgotten."""
    with agent_of(*settings_of(str(desk.folder / "syncagent.yaml"), desk.folder)) as agent:
        targets = {name: replace(target, live=True) for name, target in agent.policy.targets.items()}
        live = replace(agent, policy=replace(agent.policy, targets=targets))
        make_plan(live)
        said = [notice.says.vi for notice in live.notices]
        live.notices.clear()
        make_plan(live)

    assert len(said) == 1
    assert "Trạng thái này mới" in said[0]
    assert not live.notices
