"""Explain: everything known of one person, unit, address or account, and what every rule says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.addresses import fold_address
from syncagent.core.decide import decide
from syncagent.core.explanation import Explanation
from syncagent.core.holds import Standing, known_by, names_of_account, names_of_unit
from syncagent.core.names import fold
from syncagent.core.survey import survey
from syncagent.errors import Misconfigured
from syncagent.runs.plan import read_all
from syncagent.text import Text

if TYPE_CHECKING:
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.case import Case
    from syncagent.runs.agent import Agent
    from syncagent.runs.plan import Readings


def explain(agent: Agent, name: str, as_of: date | None = None) -> Explanation:
    """Given a person's key or full name, a unit, an address, a log-in or a DN, return everything known of it.

    Raises:
        Misconfigured: nothing or several people have this name, or a file must be edited.
        Doubtful: the roster or a snapshot cannot be trusted.
        TargetError: a target does not answer.
    """
    today = as_of or agent.today()
    name = agent.known_as(name)
    read = read_all(agent, today)
    subject, found = _resolve(read, name)
    view = survey(read.roster, read.snapshots, read.ledger, agent.policy, today, explained=subject)
    plan = decide(read.roster, read.snapshots, read.ledger, agent.policy, today)
    case: Case | None = view.cases.get(subject)
    owned = view.matches.current.get(subject)
    account = owned.account if owned else found
    verdicts = tuple(case.verdicts or ()) if case else ()
    spoken = {(verdict.rule, verdict.article) for verdict in verdicts}
    spoken |= {(reason.rule, reason.article) for a in plan.actions if a.subject == subject for reason in a.because}
    names = {subject, name, *(account.addresses if account else ())}
    standing = Standing.of(read.ledger, read.roster, today)
    known = {known_by(one) for one in names}
    known |= names_of_unit(case.unit.unit, read.roster.units) if case else set()
    known |= names_of_account(account, read.roster.units) if account else set()
    return Explanation(
        subject=subject,
        as_of=today,
        person=read.roster.people.get(subject),
        unit=case.unit if case else None,
        account=account,
        known=tuple(known for known in read.ledger.accounts.values() if known.stamp.subject == subject),
        addresses=tuple(sorted(address for address, owner in read.ledger.issued.items() if owner == subject)),
        holds=tuple(sorted({hold for name, hold in standing.holds.items() if name in known})),
        verdicts=verdicts,
        silent=tuple(c for c in agent.policy.regulation.cites() if (c.rule, c.article) not in spoken),
        actions=tuple(action for action in plan.actions if action.subject == subject),
        findings=tuple(finding for finding in plan.findings if finding.subject in names),
        skip=next((skip for skip in plan.skips if skip.subject in names), None),
    )


def _resolve(read: Readings, name: str) -> tuple[str, Account | None]:
    """Return the subject a name stands for, and the account it was found by."""
    roster = read.roster
    if name in roster.people or name in roster.coming or name in roster.quarantined:
        return name, None
    if name in roster.units:
        return roster.units[name].key, None
    if name in {unit.key for unit in roster.units}:
        return name, None
    folded = fold_address(name)
    for snapshot in read.snapshots:
        for account in snapshot.accounts:
            names = (account.dn, account.login, account.guid, account.key, *account.addresses)
            if any(fold_address(one) == folded for one in names):
                return (account.stamp.subject if account.stamp else account.key or account.dn), account
    if owner := read.ledger.issued.get(folded):
        return owner, None
    called = sorted(key for key, person in roster.people.items() if fold(person.current.full_name) == fold(name))
    if len(called) == 1:
        return called[0], None
    if called:
        raise Misconfigured(
            Text(
                f"{len(called)} người tên “{name}”: {', '.join(called)}. Hãy ghi mã người.",
                f"“{name}” is the name of {len(called)} people: {', '.join(called)}. Give the key.",
            )
        )
    raise Misconfigured(
        Text(
            f"Không có người, đơn vị, địa chỉ hay tài khoản nào tên “{name}”.",
            f"No person, unit, address or account is called “{name}”.",
        )
    )
