"""The roster's own requests and those recorded in the state are one list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import world
from world import TODAY, codes, kinds, request, row

from syncagent.core.admit import admit
from syncagent.core.decide import decide
from syncagent.core.plan import Plan
from syncagent.core.record import digest_of
from syncagent.core.request import Request
from syncagent.core.where import Where

PEOPLE = (row(), row("P0", "Bùi Văn Lâm", "snv"))
ACCOUNTS, LEDGER = world.settled(PEOPLE, today=date(2026, 2, 16))
LOCK = request("lock", "P1", TODAY, "R1", document_number="9/CV", reason="x")
RESET = request("reset_password", "P0", TODAY, "R2", document_number="8/CV")


def decided(filed: list[Request], recorded: list[Request]) -> Plan:
    """The plan for requests of which some stand in the file and some in the state."""
    rows = world.rows(PEOPLE, requests=filed).with_recorded(recorded)
    policy = world.policy()
    roster = admit(rows, LEDGER, policy.brakes.roster, policy.freshness, TODAY, rows.exported_at)
    return decide(roster, [world.snapshot(*ACCOUNTS)], LEDGER, policy, TODAY)


def elsewhere(found: Request) -> Request:
    """The same request as the state gives it."""
    return replace(found, where=Where("request R1"))


@pytest.mark.parametrize(
    ("filed", "recorded"),
    [
        ([], [LOCK, RESET]),
        ([], [RESET, LOCK]),
        ([LOCK], [RESET]),
        ([RESET], [elsewhere(LOCK)]),
        ([LOCK, RESET], [elsewhere(LOCK)]),
        ([RESET, LOCK], [RESET, elsewhere(LOCK)]),
    ],
)
def test_where_a_request_stands_makes_no_other_plan(filed: list[Request], recorded: list[Request]) -> None:
    """Law 2: in the file, in the state, or in both with the same words, in whatever order: one digest."""
    plan = decided(filed, recorded)

    assert sorted(kinds(plan)) == ["lock", "reset_password"]
    assert digest_of(plan) == digest_of(decided([LOCK, RESET], []))


def test_one_number_with_two_contents_counts_for_neither() -> None:
    """Contract §4: a duplicate key; whichever was meant, nothing is done with either subject."""
    other = replace(LOCK, subject="P0")

    plans = [decided([LOCK], [other]), decided([other], [LOCK])]

    assert [kinds(plan) for plan in plans] == [[], []]
    assert [(codes(plan, "P1"), codes(plan, "P0")) for plan in plans] == [(["quarantined"], ["quarantined"])] * 2
    assert digest_of(plans[0]) == digest_of(plans[1])


def test_two_equal_rows_of_the_file_stay_a_fault_of_the_file() -> None:
    """Every row has a number of its own; recording one of them does not make the file right."""
    assert kinds(decided([LOCK, replace(LOCK, where=Where("requests.csv", 3))], [LOCK])) == []


def test_the_digest_of_the_roster_names_what_was_recorded() -> None:
    """An acceptance fits one roster: its files and the recorded requests, whatever their order, where they differ."""
    rows = world.rows(PEOPLE, requests=[LOCK])
    both = rows.with_recorded([LOCK, RESET])

    assert rows.with_recorded([]) is rows
    assert both.digest == rows.with_recorded([RESET, elsewhere(LOCK)]).digest
    assert len({rows.digest, both.digest, rows.with_recorded([RESET]).digest}) == 3
    assert rows.with_recorded([replace(RESET, reason="quên")]).digest != rows.with_recorded([RESET]).digest
    assert both.sources["recorded"]["rows"] == 2
    assert both.sources["people"] == rows.sources["people"]
