"""What was done, as the audit log keeps it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
import world

from syncagent.core.deed import deed_of, facts_of
from syncagent.core.outcome import Outcome, Result
from syncagent.text import Text

DAY = date(2026, 3, 10)
CREATE = world.only(world.plan_of([world.row()]))


def test_a_deed_comes_back_as_it_was_kept() -> None:
    """Who, what, where, and every change with its values before and after: nothing is lost on the way through JSON."""
    outcome = Outcome(CREATE.id, Result.DONE, guid="g1", dn="cn=A")

    found = deed_of(7, json.loads(json.dumps(facts_of("p1", CREATE, outcome, DAY))))

    assert (found.seq, found.plan_id, found.action_id, found.target) == (7, "p1", CREATE.id, "main")
    assert (found.kind, found.subject, found.guid, found.dn) == (CREATE.kind, "P1", "g1", "cn=A")
    assert found.changes == CREATE.changes


def test_a_new_password_is_a_fact_and_no_value() -> None:
    """Law 11: that a password was set is recorded; the password stands nowhere."""
    facts = facts_of("p1", CREATE, Outcome(CREATE.id, Result.DONE), DAY)

    assert any(change["sets_password"] for change in facts["changes"])
    assert "unicodePwd" not in json.dumps(facts)
    assert "userPassword" not in json.dumps(facts)


@pytest.mark.parametrize("result", [result for result in Result if result is not Result.DONE])
def test_what_was_not_done_changes_nothing(result: Result) -> None:
    """A conflict, a failure, an unknown end: the reason is kept, and no change that a directory would have to show."""
    says = Text("có người đã sửa", "somebody changed it")

    facts = facts_of("p1", CREATE, Outcome(CREATE.id, result, says), DAY)

    assert "changes" not in facts
    assert facts["says"] == "somebody changed it"


def test_what_an_action_wrote_before_it_failed_is_recorded() -> None:
    """Law 12: an action that was cut off has changed something, and the record says what."""
    outcome = Outcome(CREATE.id, Result.FAILED, Text("", ""), written=CREATE.changes[:1])

    found = deed_of(7, facts_of("p1", CREATE, outcome, DAY))

    assert found.changes == CREATE.changes[:1] != CREATE.changes


def test_an_account_that_was_there_before_is_named_without_the_outcome() -> None:
    """Where the outcome does not say which account it was, the plan does."""
    accounts, ledger = world.settled([world.row()])
    leave = world.only(world.plan_of([world.leaver()], accounts, ledger=ledger))
    assert leave.account

    facts = facts_of("p1", leave, Outcome(leave.id, Result.FAILED, Text("", "")), DAY)

    assert (facts["guid"], facts["dn"]) == leave.account[1:]


@pytest.mark.parametrize("facts", [{}, {"plan_id": 7}, {"changes": None}])
def test_what_is_no_deed_is_refused(facts: dict[str, Any]) -> None:
    """A record of another form is never taken for something done."""
    whole = facts_of("p1", CREATE, Outcome(CREATE.id, Result.DONE), DAY)
    damaged = whole | facts if "changes" in facts else facts

    with pytest.raises(ValueError, match="record 3 is no deed"):
        deed_of(3, damaged)
