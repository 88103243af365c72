"""Undo: what a plan changed is given back, and no deletion comes sooner for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import world
from hypothesis import given
from life import Events, Life, history

from syncagent.core.account import Account
from syncagent.core.action import ActionKind
from syncagent.core.outcome import Outcome, Result
from syncagent.core.plan import Plan
from syncagent.core.stamp import State
from syncagent.core.undo import undone

LEFT_AS_THEY_ARE = {ActionKind.DELETE, ActionKind.RESET_PASSWORD, ActionKind.HAND_OVER, ActionKind.ADOPT}


def _applied(events: Events) -> Iterator[tuple[Life, Plan, tuple[Account, ...]]]:
    """Run a history; yield it after each plan was applied, with the plan and the accounts there were before."""
    life = Life()
    for days, mutations in events:
        life.today += timedelta(days=days)
        for what, who, variant in mutations:
            life.mutate(what, who, variant)
        plan, before = life.plan(), life.accounts
        life.apply(plan)
        yield life, plan, before


def _undo(life: Life, plan: Plan, before: tuple[Account, ...]) -> Plan:
    """The plan that takes everything of a plan back that was just applied."""
    was = {account.guid for account in before}
    made = {
        account.stamp.subject: account.guid for account in life.accounts if account.guid not in was and account.stamp
    }
    outcomes = {
        action.id: Outcome(action.id, Result.DONE, guid=action.account.guid if action.account else made[action.subject])
        for action in plan.actions
    }
    return undone("p1", plan, outcomes, *life.parts())


def _value(account: Account) -> tuple[object, ...]:
    """What an account is like, besides the day on which it was closed and what only its holder changes."""
    stamp = account.stamp
    switch = {"pwdLastSet", world.directory().stamp}
    rest = {name: values for name, values in account.attributes.items() if name not in switch}
    known = (
        replace(stamp, since=stamp.issued, why="")
        if stamp and stamp.issued and stamp.state is not State.ACTIVE
        else stamp
    )
    return account.dn, str(known), sorted(rest.items())


@given(history)
def test_what_a_plan_changed_is_given_back(events: Events) -> None:
    """Issue “Safe apply”, undo: each account is as it was, each new one is disabled, the rest is listed."""
    for life, plan, before in _applied(events):
        back = _undo(life, plan, before)

        undone_life = replace(life)
        undone_life.apply(back)

        then = {account.guid: account for account in before}
        now = {account.guid: account for account in undone_life.accounts}
        listed = {candidate for finding in back.findings for candidate in finding.candidates}
        done = {(action.account.guid if action.account else ""): action for action in plan.actions}
        for guid, account in now.items():
            if guid not in then:
                held = account.stamp is not None and account.stamp.subject in {f.subject for f in back.findings}
                assert held or (account.stamp and account.stamp.state is State.DISABLED)
            elif guid in done and done[guid].kind not in LEFT_AS_THEY_ARE and done[guid].id not in listed:
                held = any(finding.code == "held" for finding in back.findings)
                assert held or _value(account) == _value(then[guid])
        assert {action.id for action in plan.actions if action.kind in LEFT_AS_THEY_ARE} <= listed
        assert not [action for action in back.actions if action.kind is ActionKind.DELETE]


@given(history)
def test_undoing_brings_no_deletion_forward(events: Events) -> None:
    """Law 6: a mailbox that is closed again is closed since today, so that every term begins anew."""
    for life, plan, before in _applied(events):
        back = _undo(life, plan, before)

        for action in back.actions:
            assert action.stamp
            assert action.stamp.state is State.ACTIVE or action.stamp.since == life.today
