"""Which password policy governs which account (MS-ADTS 3.1.1.4.5.36; slapo-ppolicy, pwdPolicySubentry)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import dn as names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncagent.connectors.groups import Groups
    from syncagent.core.notation import Values
    from syncagent.core.password_policy import PasswordPolicy


class Governed(NamedTuple):
    """An account as far as policies go: its identity, its name, its groups, and the policy it names itself."""

    guid: str
    dn: str
    member_of: Values
    primary: Values
    chosen: Values


def governing(
    policies: Iterable[PasswordPolicy], governed: Iterable[Governed], groups: Groups
) -> tuple[PasswordPolicy, ...]:
    """Given the policies of a directory, return them with the accounts that each governs, in the order of their names.

    A policy that names users and groups governs those of them no policy of lower precedence does; users go before
    groups. A policy that accounts name governs these; one that nobody names may be the default of those who name none.
    """
    named = sorted(policies, key=lambda policy: names_of.same(policy.dn))
    if all(policy.source.of_all for policy in named):
        return tuple(named)
    accounts = list(governed)
    listing = sorted((policy for policy in named if policy.source.applies_to), key=lambda policy: policy.precedence)
    theirs: dict[str, set[str]] = defaultdict(set)
    if listing:
        _share_out(listing, accounts, groups, theirs)
    by_themselves: dict[str, set[str]] = defaultdict(set)
    for account in accounts:
        for chosen in account.chosen:
            by_themselves[names_of.same(chosen)].add(account.guid)
    unchosen = any(not account.chosen for account in accounts)

    def those_of(policy: PasswordPolicy) -> frozenset[str] | None:
        if policy.source.of_all:
            return None
        if policy.source.applies_to:
            return frozenset(theirs[policy.dn])
        found = by_themselves.get(names_of.same(policy.dn))
        return frozenset(found or ()) if found or not unchosen else None

    return tuple(replace(policy, accounts=those_of(policy)) for policy in named)


def _share_out(
    listing: Sequence[PasswordPolicy], accounts: Sequence[Governed], groups: Groups, theirs: dict[str, set[str]]
) -> None:
    listed = [policy.values.get(policy.source.applies_to, ()) for policy in listing]
    users = [frozenset(map(names_of.same, dns)) for dns in listed]
    everybody = [groups.everybody(dns) for dns in listed]
    for account in accounts:
        name = names_of.same(account.dn)
        inside = {name} | groups.above(account.member_of, account.primary)
        direct = (policy for policy, named in zip(listing, users, strict=True) if name in named)
        through = (policy for policy, all_of in zip(listing, everybody, strict=True) if not inside.isdisjoint(all_of))
        if winner := next(direct, None) or next(through, None):
            theirs[winner.dn].add(account.guid)
