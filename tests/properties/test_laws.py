"""The laws of design §8 over random histories of a province."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st
from life import PEOPLE, Events, Life, history

from syncagent.core.action import Action
from syncagent.core.decide import decide
from syncagent.core.ledger import Ledger
from syncagent.core.plan import Plan
from syncagent.core.policy import Policy
from syncagent.core.record import digest_of
from syncagent.core.regulation import InternalMove
from syncagent.core.stamp import State

Check = Callable[[Life, Plan], None]


def _live(events: Events, check: Check | None = None, policy: Policy | None = None) -> None:
    """Run a history, let `check(life, plan)` look at every plan, apply it, and prove law 1 each time."""
    life = Life(policy=policy or world.policy())
    for days, mutations in events:
        life.today += timedelta(days=days)
        for what, who, variant in mutations:
            life.mutate(what, who, variant)
        plan = life.plan()
        if check:
            check(life, plan)
        life.apply(plan)
        again = life.plan()
        assert [(str(a.kind), a.subject, a.changes) for a in again.actions] == []


@given(history)
def test_deciding_again_after_applying_finds_nothing_to_do(events: Events) -> None:
    """Law 1: same day, same inputs, nothing left to do."""
    _live(events)


@given(history)
def test_deciding_again_after_applying_finds_nothing_to_do_when_moves_are_reissues(events: Events) -> None:
    """Law 1 under the literal reading of a move (domain §1.8 row 4 b)."""
    _live(events, None, world.policy(internal_move=InternalMove.REISSUE))


@given(history)
def test_deciding_again_after_applying_finds_nothing_to_do_with_exchange_behind(events: Events) -> None:
    """Law 1 where a mail system owns the addresses and closes the mailboxes (design §4.12)."""
    place = replace(world.policy().targets["main"], directory=world.with_exchange())
    _live(events, None, world.policy(targets={"main": place}))


@given(history, st.randoms(use_true_random=False))
def test_the_order_of_inputs_does_not_matter(events: Events, chance: Random) -> None:
    """Law 2: shuffled rows, units, requests and accounts give the same digest."""

    def check(life: Life, plan: Plan) -> None:
        people, requests, accounts, units = (
            life.people(),
            list(life.requests),
            list(life.accounts),
            list(world.UNITS),
        )
        for one in (people, requests, accounts, units):
            chance.shuffle(one)
        people = [replace(row, where=row.where._replace(line=n)) for n, row in enumerate(people)]
        roster = world.admitted(people, units, requests, life.ledger, life.today)
        shuffled = decide(roster, [world.snapshot(*accounts)], life.ledger, life.policy, life.today)

        assert digest_of(shuffled) == digest_of(plan)

    _live(events, check)


@given(history)
def test_what_is_held_quarantined_or_not_ours_is_never_touched(events: Events) -> None:
    """Law 3: no action on anybody held, quarantined or ambiguous; an unmarked account is only ever adopted."""

    def check(life: Life, plan: Plan) -> None:
        roster, *_ = life.parts()
        ours = {a.guid for a in life.accounts if a.stamp}
        for action in plan.actions:
            assert action.subject.casefold() not in life.ledger.holds
            assert action.subject not in roster.quarantined
            if action.account and action.account.guid not in ours:
                assert action.kind == "adopt"

    _live(events, check)


@given(history)
def test_no_destructive_action_comes_before_its_due_day(events: Events) -> None:
    """Law 6: deletion never before three calendar months have passed since the disabling (NB-28)."""

    def check(life: Life, plan: Plan) -> None:
        for action in plan.actions:
            assert action.due <= life.today
            if action.kind == "delete" and not action.fulfils:
                since = _disabled_since(life, action)
                months = (life.today.year - since.year) * 12 + life.today.month - since.month
                passed = months > 3 or (months == 3 and life.today.day > min(since.day, 28))
                assert passed, (since, life.today)
            if action.kind == "disable" and action.stamp and action.stamp.why == "left":
                row = life.rows[action.subject][-1]
                assert row.document.complete
                assert row.takes_effect
                assert row.takes_effect <= life.today

    _live(events, check)


def _disabled_since(life: Life, action: Action) -> date:
    """The day on which the account to be deleted was disabled; it must be."""
    (stamp,) = [account.stamp for account in life.accounts if action.account and account.guid == action.account.guid]
    assert stamp
    assert stamp.state is State.DISABLED
    return stamp.since


def _deleted(plan: Plan) -> set[str]:
    return {action.account.guid for action in plan.actions if action.kind == "delete" and action.account}


@given(history)
def test_no_address_is_ever_issued_to_two_people(events: Events) -> None:
    """Law 7: over a whole history, deletions and returns included, an address has one holder for good."""

    def check(life: Life, plan: Plan) -> None:
        for action in plan.actions:
            if action.stamp:
                known = life.issued.setdefault(action.address, action.subject)
                assert known == action.subject

    _live(events, check)


@given(history)
def test_a_person_keeps_the_account_through_move_rename_and_return(events: Events) -> None:
    """Law 8: as long as a person's account exists, it is the same object; nobody is deleted and created at once."""

    def check(life: Life, plan: Plan) -> None:
        created = {a.subject for a in plan.actions if a.kind == "create"}
        deleted = {a.subject for a in plan.actions if a.kind == "delete"}
        assert not created & deleted
        holders = {a.stamp.subject for a in life.accounts if a.stamp}
        assert not created & holders

    _live(events, check)


@pytest.mark.parametrize("lost", ["ledger", "stamps"])
@given(events=history)
def test_losing_a_memory_never_brings_a_deletion_forward(lost: str, events: Events) -> None:
    """Design §3: with the ledger or the stamps gone, no account is deleted that would not be deleted with both."""

    def check(life: Life, plan: Plan) -> None:
        if lost == "ledger":
            poorer = decide(*life.parts(replace(Ledger(), holds=life.ledger.holds, fulfilled=life.ledger.fulfilled)))
        else:
            bare = Life(life.rows, life.requests, life.accounts, life.ledger, life.today)
            for person in PEOPLE:
                bare.interfere(person, "stamp_removed")
            poorer = bare.plan()
        assert _deleted(poorer) <= _deleted(plan)

    _live(events, check)


@given(history, st.data())
def test_a_cut_roster_never_takes_a_mailbox_that_the_whole_one_leaves(events: Events, data: Any) -> None:
    """Law 13: with any rows missing, whoever was acted on before keeps what the whole roster leaves them.

    A row that was never acted on and is cut away cannot be known to be missing; the checksum file of a roster
    proves completeness against that (docs/explanation/safety.md).
    """

    def check(life: Life, plan: Plan) -> None:
        whole = {a.account.guid for a in plan.actions if a.destructive and a.account}
        acted = {a.stamp.subject: a.stamp.row for a in life.accounts if a.stamp}
        kept = [row for row in life.people() if data.draw(st.booleans())]
        cut_off = [row for row in life.people() if row not in kept]
        unknown = {
            row.person_id for row in cut_off if (acted.get(row.person_id) or date.min) < (row.takes_effect or date.max)
        }
        if not kept:
            return
        roster = world.admitted(kept, world.UNITS, life.requests, life.ledger, life.today)
        cut = decide(roster, [world.snapshot(*life.accounts)], life.ledger, life.policy, life.today)
        for action in cut.actions:
            if action.destructive and action.account and action.subject not in unknown:
                assert action.account.guid in whole, action.subject

    _live(events, check)
