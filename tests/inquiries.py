"""Requests of a small world with what has become of them: what lists and letters are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import world

from syncagent.core.account import Account
from syncagent.core.answer import Answer, Progress, progress
from syncagent.core.decide import decide
from syncagent.core.ledger import Ledger
from syncagent.core.person import PersonRow
from syncagent.core.policy import Policy
from syncagent.core.request import Request
from syncagent.core.survey import View, survey
from syncagent.core.unit import Unit

PEOPLE = (world.row(), world.row("P0", "Bùi Văn Lâm", "snv"))
OPENED = date(2026, 2, 16)
ACCOUNTS, LEDGER = world.settled(PEOPLE, today=OPENED)


def come(
    *requests: Request,
    people: Iterable[PersonRow] = PEOPLE,
    units: Iterable[Unit] = world.UNITS,
    accounts: Iterable[Account] = ACCOUNTS,
    ledger: Ledger = LEDGER,
    policy: Policy | None = None,
    today: date = world.TODAY,
    answers: Mapping[str, Answer] | None = None,
) -> tuple[View, tuple[Progress, ...]]:
    """What was seen, and how far the requests have come."""
    chosen = policy or world.policy()
    roster = world.admitted(people, units, requests, ledger, today)
    snapshots = [world.snapshot(*accounts)]
    view = survey(roster, snapshots, ledger, chosen, today)
    return view, progress(view, decide(roster, snapshots, ledger, chosen, today), ledger, answers or {})


def shut(
    accounts: Iterable[Account], ledger: Ledger, subject: str, state: str, since: date, why: str, **parts: Any
) -> tuple[tuple[Account, ...], Ledger]:
    """A directory and ledger in which somebody's mailbox is locked or closed."""
    mine = world.account(accounts, subject)
    closed = world.changed(world.restamped(mine, state=state, since=since, why=why, **parts), userAccountControl="514")
    assert closed.stamp
    place = mine.target, mine.guid
    known = {**ledger.accounts, place: ledger.accounts[place]._replace(stamp=closed.stamp)}
    return (closed, *(one for one in accounts if one is not mine)), replace(ledger, accounts=known)


def from_anybody(policy: Policy) -> Policy:
    """A regulation under which anybody may ask for anything."""
    regulation = policy.regulation
    requests = {kind: rule._replace(asker=None, units_asker=None) for kind, rule in regulation.requests.items()}
    return replace(policy, regulation=replace(regulation, asker=None, requests=requests))
