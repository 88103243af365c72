"""Requests that lead somewhere, and those that are said aloud because they lead nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import world
from world import TODAY, account, codes, kinds, only, plan_of, request, row

from syncagent.core.ledger import Fulfilled

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
PEOPLE = [row(), SOMEBODY]
ACCOUNTS, LEDGER = world.settled(PEOPLE, today=date(2026, 2, 16))
MINE = account(ACCOUNTS, "P1")


@pytest.mark.parametrize("subject", ["P1", "p1", MINE.address, MINE.address.upper(), MINE.login, MINE.dn])
def test_a_request_finds_its_subject_by_any_of_its_names(subject: str) -> None:
    """Contract §4: person, unit or address; letter case is no reason to lose a lock."""
    asked = request("lock", subject, TODAY, document_number="9/SKHCN", reason="lộ mật khẩu")

    action = only(plan_of(PEOPLE, ACCOUNTS, ledger=LEDGER, requests=[asked]))

    assert (str(action.kind), action.subject) == ("lock", "P1")


def test_a_request_for_nobody_is_said() -> None:
    """A lock ordered for a mistyped person is not silently dropped."""
    asked = request("lock", "P11", TODAY, document_number="9/SKHCN", reason="lộ mật khẩu")

    plan = plan_of(PEOPLE, ACCOUNTS, ledger=LEDGER, requests=[asked])

    assert (kinds(plan), codes(plan)) == ([], ["manual-steps"])
    assert "“P11”" in plan.findings[0].message.vi


def test_a_request_that_the_regulation_does_not_know_is_said() -> None:
    """Ninh Bình knows no `exempt`: nobody is exempted, and somebody is told."""
    plan = plan_of(PEOPLE, ACCOUNTS, ledger=LEDGER, requests=[request("exempt", "P1", TODAY)])

    assert (kinds(plan), codes(plan, "P1")) == ([], ["manual-steps"])


@pytest.mark.parametrize(("law", "told"), [("danang-2017", ["manual-steps"]), ("bentre-2016", [])])
def test_another_size_is_known_only_where_somebody_may_decide_on_it(law: str, told: list[str]) -> None:
    """BT-08, Điều 5: the director may let a mailbox be larger; DN-18, Điều 7.1 knows no such case."""
    policy = world.policy(law)
    accounts, ledger = world.settled(PEOPLE, with_policy=policy)
    letter = request("exempt", "P1", TODAY, value="quota", from_unit="skhcn", document_number="31/QĐ-STTTT")

    plan = plan_of(PEOPLE, accounts, ledger=ledger, requests=[letter], with_policy=policy)

    assert codes(plan, "P1") == told


def test_a_number_used_again_for_a_later_request_is_said() -> None:
    """A request is carried out once; its number on a newer letter does not make it one of the old ones."""
    done = replace(LEDGER, fulfilled={"R1": Fulfilled(date(2026, 3, 2))})
    old = request("lock", "P1", date(2026, 3, 1), reason="x", document_number="9/SKHCN")
    new = replace(old, received_on=TODAY)

    settled = plan_of(PEOPLE, ACCOUNTS, ledger=done, requests=[old])
    again = plan_of(PEOPLE, ACCOUNTS, ledger=done, requests=[new])

    assert (kinds(settled), codes(settled)) == ([], [])
    assert (kinds(again), codes(again, "P1")) == ([], ["manual-steps"])


def test_two_requests_of_one_number_concern_their_subjects_but_do_nothing() -> None:
    """Law 2: which of the two was meant depends on nothing but their order in the file; so neither counts."""
    pair = [request("lock", "P1", TODAY, reason="x"), request("unlock", "P1", TODAY)]

    plans = [plan_of(PEOPLE, ACCOUNTS, ledger=LEDGER, requests=order) for order in (pair, pair[::-1])]

    assert [kinds(plan) for plan in plans] == [[], []]
    assert "quarantined" in codes(plans[0], "P1")
    assert plans[0] == plans[1]


def test_on_one_day_the_cautious_request_counts() -> None:
    """Nobody knows which came first: a lock goes before an unlock, a hold before a release (law 3)."""
    both = [
        request("unlock", "P1", TODAY, "R9", document_number="9/SKHCN"),
        request("lock", "P1", TODAY, "R10", document_number="10/SKHCN", reason="x"),
    ]

    action = only(plan_of(PEOPLE, ACCOUNTS, ledger=LEDGER, requests=both))

    assert str(action.kind) == "lock"
    assert set(action.fulfils) == {"R9", "R10"}


def test_a_request_received_later_is_not_there_yet() -> None:
    """Contract §6: `--as-of` is the clock; what had not arrived by that day asks nothing."""
    asked = request("lock", "P1", date(2026, 3, 11), document_number="9/SKHCN", reason="x")

    plan = plan_of(PEOPLE, ACCOUNTS, ledger=LEDGER, requests=[asked])

    assert (kinds(plan), codes(plan)) == ([], [])
