"""What an approver signs: everything the decision says, in one way only."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncagent.core.approval import Decision
from syncagent.core.statement import statement

RECORD = "sha256:" + "a" * 64
YES = Decision(
    plan_id="20260310-0001-abc",
    digest="sha256:" + "b" * 64,
    approves=True,
    by="Lê Văn Bình",
    at=datetime(2026, 3, 10, 8, tzinfo=UTC),
    order_number="45/SKHCN",
    reason="đúng",
    actions=frozenset({"a0002", "a0001"}),
    named=frozenset({"a0001"}),
    accepted={"disable-count": 37, "unit-share:snv": 9},
)


def test_a_statement_says_all_of_a_decision_and_until_when() -> None:
    """Plan, digest, exact bytes, verdict, actions, those named, brakes with counts, order, reason, who, when, until."""
    assert json.loads(statement(YES, RECORD)) == {
        "format": "syncagent/approval/1",
        "plan_id": "20260310-0001-abc",
        "digest": "sha256:" + "b" * 64,
        "record": RECORD,
        "verdict": "approve",
        "name": "Lê Văn Bình",
        "at": "2026-03-10T08:00:00+00:00",
        "expires_at": "2026-03-11T08:00:00+00:00",
        "order_number": "45/SKHCN",
        "reason": "đúng",
        "actions": ["a0001", "a0002"],
        "named": ["a0001"],
        "accepted": {"disable-count": 37, "unit-share:snv": 9},
        "accepted_until": "2026-03-10T12:00:00+00:00",
    }
    assert json.loads(statement(replace(YES, approves=False), RECORD))["verdict"] == "reject"


OTHERWISE: dict[str, Any] = {
    "plan_id": "20260310-0002-abc",
    "digest": "sha256:" + "c" * 64,
    "approves": False,
    "by": "Lê Văn Binh",
    "at": YES.at + timedelta(microseconds=1),
    "order_number": "46/SKHCN",
    "reason": "",
    "actions": YES.actions | {"a0003"},
    "named": YES.actions,
    "accepted": {"disable-count": 37, "unit-share:snv": 10},
}


@pytest.mark.parametrize("name", [field.name for field in fields(Decision) if field.name != "key_id"])
def test_another_decision_is_another_statement(name: str) -> None:
    """Whichever part of a decision is another, the signed bytes are; so are they for another plan's bytes."""
    other: Decision = replace(YES, **{name: OTHERWISE[name]})

    assert statement(other, RECORD) != statement(YES, RECORD)
    assert statement(YES, RECORD[:-1] + "b") != statement(YES, RECORD)


def test_equal_decisions_are_one_statement() -> None:
    """In whichever order brakes and actions were given."""
    same = replace(YES, accepted=dict(reversed(list(YES.accepted.items()))), actions=frozenset(sorted(YES.actions)))

    assert statement(same, RECORD) == statement(YES, RECORD)
