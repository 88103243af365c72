"""Whoever writes the database, or the roster's file of requests, signs nothing: what they put in lets nothing pass."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk
from signers import BOTH, PASSPHRASE, give_key, register

from syncagent.core.action import ActionKind
from syncagent.core.holds import known_by
from syncagent.errors import Doubtful
from syncagent.runs.approve import hold
from syncagent.runs.plan import make_plan
from syncagent.store.store import lineage_of
from syncagent.store.watch import done_within
from syncagent.trust import keyfile
from syncagent.trust.chain import link
from syncagent.wiring import agent_of, now, settings_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from syncagent.core.plan import Plan
    from syncagent.runs.agent import Agent

TODAY = now().date().isoformat()
BINH, DUNG = BOTH
HELD = "NB000001"
ADDRESS_OF_NAM = "nambv.giaothuy@ninhbinh.gov.vn"


def _write(desk: Desk, statement: str, *values: str) -> None:
    state = sqlite3.connect(desk.folder / "syncagent.db")
    with state:
        state.execute(statement, values)
    state.close()


def _forge(desk: Desk, kind: str, facts: dict[str, Any], at: str = "") -> None:
    """Append a record to the audit log as somebody does who knows how its chain is made."""
    state = sqlite3.connect(desk.folder / "syncagent.db")
    with state:
        seq, last = state.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        body = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        at = at or now().isoformat()
        values = (seq + 1, at, kind, body, link(last, seq + 1, at, kind, body))
        state.execute("INSERT INTO audit (seq, at, kind, body, hash) VALUES (?, ?, ?, ?, ?)", values)
    state.close()


def _agent(desk: Desk) -> AbstractContextManager[Agent]:
    return agent_of(*settings_of(str(desk.folder / "syncagent.yaml"), desk.folder))


def _plan(desk: Desk) -> Plan:
    with _agent(desk) as agent:
        return make_plan(agent)[0]


def _is_touched(desk: Desk) -> bool:
    return HELD in {action.subject for action in _plan(desk).actions}


def _add_row(desk: Desk, **told: str) -> None:
    """Write a row into the roster's own file of requests."""
    requests = desk.folder / "requests.csv"
    text = requests.read_text(encoding="utf-8")
    told = {"subject": HELD, "received_on": TODAY, "reason": "lộ mật khẩu", "from_unit": "skhcn", **told}
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
    with _agent(desk) as agent:
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
    with _agent(desk) as agent:
        targets = {name: replace(target, live=True) for name, target in agent.policy.targets.items()}
        live = replace(agent, policy=replace(agent.policy, targets=targets))
        make_plan(live)
        said = [notice.says.vi for notice in live.notices]
        live.notices.clear()
        make_plan(live)

    assert len(said) == 1
    assert "Trạng thái này mới" in said[0]
    assert not live.notices


def _facts(desk: Desk, kind: str) -> list[dict[str, Any]]:
    state = sqlite3.connect(desk.folder / "syncagent.db")
    found = [
        json.loads(body) for (body,) in state.execute("SELECT body FROM audit WHERE kind = ? ORDER BY seq", (kind,))
    ]
    state.close()
    return found


def test_copied_records_do_not_make_a_revoked_key_count(desk: Desk) -> None:
    """Law 3, F32: a key is added once; between a copy of that record and one of the revocation it signs nothing."""
    register(desk, BINH, DUNG)
    _add_row(desk, kind="emergency_delete", request_id="E1", document_number="9/CV")
    _hold(desk, "7/CAT")
    desk.run("approver", "revoke", DUNG, *give_key(desk, BINH))
    key = keyfile.unlock(desk.folder / f"{DUNG}.key", PASSPHRASE)
    at = now().isoformat()
    said = {"subject": known_by(HELD), "by": DUNG}
    with _agent(desk) as agent, agent.store.reading() as connection:
        whole = {"lineage": lineage_of(connection), "kind": "release", "at": at, **said}
    payload = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    envelope = key.seal("application/vnd.syncagent.decision.v1+json", payload)

    _forge(desk, "approver-add", _facts(desk, "approver-add")[1])
    _forge(desk, "release", {**said, "envelope": envelope}, at)
    _forge(desk, "approver-revoke", _facts(desk, "approver-revoke")[0])
    _write(desk, "UPDATE holds SET released_by = 'x', released_at = 'x'")

    assert not _is_touched(desk)


def test_a_hold_that_the_log_alone_has_is_released_by_a_signature(desk: Desk) -> None:
    """Whoever has a key is not locked out by a row that somebody deleted."""
    _write(_held(desk), "DELETE FROM holds")

    desk.run("release", HELD, *give_key(desk, BINH))

    assert _is_touched(desk)


@pytest.mark.parametrize("statement", ["DELETE FROM requests", "UPDATE requests SET until = '2026-01-06'"])
def test_a_hold_asked_for_stands_whatever_became_of_its_row(desk: Desk, statement: str) -> None:
    """Law 3: holds are honoured whoever records them; until they end, or an approver signs their release."""
    register(desk, BINH)
    _add_row(desk, kind="emergency_delete", request_id="E1", document_number="9/CV")
    letter = ("--received-on", "2026-01-05", "--document-number", "7/TA", "--by", "Văn thư", "--until", "2199-12-31")
    desk.run("request", "add", "--kind", "hold", "--subject", HELD, *letter)
    assert not _is_touched(desk)

    _write(desk, statement)

    assert not _is_touched(desk)


def test_an_unsigned_release_asks_for_nothing_more_once_a_signed_one_does(desk: Desk) -> None:
    """A clerk's release of the time before signatures were asked for leaves nobody in doubt for good."""
    register(desk, BINH)
    _add_row(desk, kind="emergency_delete", request_id="E1", document_number="9/CV")
    _add_row(desk, kind="release", request_id="H1", received_on="2026-01-05", document_number="7/TA", reason="")
    assert not _is_touched(desk)

    columns = ("--kind", "release", "--subject", HELD, "--received-on", TODAY, "--document-number", "7/TA")
    desk.run("request", "add", *columns, *give_key(desk, BINH))

    assert _is_touched(desk)


def test_a_no_and_a_deed_count_whatever_became_of_their_rows(desk: Desk) -> None:
    """Law 5, F26: a rejected plan stays rejected; one that was carried out is carried out once."""
    register(desk, BINH)
    _plan(desk)
    desk.run("approve", "latest", *give_key(desk, BINH), "--order", "1")
    before = (desk.folder / "directory.ldif").read_bytes()
    desk.run("apply", "latest")
    (desk.folder / "directory.ldif").write_bytes(before)
    _write(desk, "DELETE FROM journal")

    again = desk.run("apply", "latest", expect=5)
    _plan(desk)
    desk.run("approve", "latest", *give_key(desk, BINH), "--order", "1")
    desk.run("reject", "latest", *give_key(desk, BINH), "--reason", "sai")
    _write(desk, "DELETE FROM decisions WHERE verdict = 'reject'")
    rejected = desk.run("apply", "latest", expect=5)

    assert "mỗi phê duyệt chỉ dùng một lần" in again.stderr
    assert "từ chối" in rejected.stderr
    assert (desk.folder / "directory.ldif").read_bytes() == before


def test_whoever_recorded_a_request_is_who_the_log_says(desk: Desk) -> None:
    """F32: another name put into the row makes the asker no approver of the deletion."""
    register(desk, BINH, DUNG)
    letter = ("--received-on", TODAY, "--document-number", "9/CV", "--reason", "lộ mật khẩu", "--from-unit", "skhcn")
    desk.run("request", "add", "--kind", "emergency_delete", "--subject", HELD, *letter, "--by", DUNG)
    deletion = next(action for action in _plan(desk).actions if action.subject == HELD)
    for by in (BINH, DUNG):
        desk.run("approve", "latest", *give_key(desk, by), "--order", "1", "--only", deletion.id)

    _write(desk, "UPDATE requests SET recorded_by = 'ai đó'")

    assert "khác với người yêu cầu" in desk.run("status").stdout


def test_a_forged_old_deed_does_not_hide_what_was_done_since(desk: Desk) -> None:
    """F7: the windows count what was done lately, wherever it stands in the log."""
    register(desk, BINH)
    _plan(desk)
    desk.run("approve", "latest", *give_key(desk, BINH), "--order", "1")
    desk.run("apply", "latest")

    def counted(today: date | None) -> dict[ActionKind, dict[int, int]]:
        with _agent(desk) as agent, agent.store.reading() as connection:
            return done_within(connection, [1, 30], now(), today)

    day = date.fromisoformat(TODAY)
    before = counted(None), counted(day)
    old = _facts(desk, "done")[0] | {"day": "2020-01-01"}
    _forge(desk, "done", old, "2020-01-01T00:00:00+00:00")

    assert before[0]
    assert (counted(None), counted(day)) == before
