"""What binds an account whatever the regulation says: holds, and orders that cannot be read (law 3).

Somebody who writes a hold spells the subject as they know it: a key, an address, a log-in name, a unit, a DN.
Every such spelling binds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.core import dn as names_of_entries
from syncagent.core.addresses import fold_address
from syncagent.core.ledger import Hold
from syncagent.core.request import RequestKind
from syncagent.core.unit import unit_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.action import Action
    from syncagent.core.request import Request
    from syncagent.core.unit import Units


class Standing(NamedTuple):
    """The holds that stand, and whom faulty requests concern, both by the name compared (`known_by`)."""

    holds: Mapping[str, Hold]
    doubted: frozenset[str]

    @classmethod
    def of(cls, recorded: Iterable[Hold], requests: Iterable[Request], doubted: Iterable[str], today: date) -> Standing:
        """Given holds recorded in the state, written requests, and subjects of faulty ones, return what binds."""
        holds = requested_holds(requests, today)
        holds |= {known_by(hold.subject): hold for hold in recorded}
        return cls(holds, frozenset(known_by(subject) for subject in doubted))

    def over(self, names: Iterable[str]) -> Hold | None:
        """Return the hold on one of these names, None if there is none."""
        return next((self.holds[name] for name in sorted(names) if name in self.holds), None)


def known_by(name: str) -> str:
    """Return the form in which names are compared: case, marks and blanks around separators aside."""
    return names_of_entries.folded(name) if "=" in name else fold_address(name)


def names_of(action: Action, account: Account | None, units: Units) -> frozenset[str]:
    """Return everything by which somebody may name what an action touches, as `known_by` gives it.

    A unit stands for everybody in it and below it, and for those who were in it when the agent last acted.
    """
    found = {action.subject, action.address, action.previous_address}
    found |= _of_units({action.unit}, units)
    named = frozenset(known_by(name) for name in found if name)
    return named | names_of_account(account, units) if account else named


def names_of_account(account: Account, units: Units) -> frozenset[str]:
    """Return everything by which somebody may name an account, as `known_by` gives it."""
    found = {account.dn, account.login, account.guid, account.key, *account.addresses}
    if account.stamp:
        found |= {account.stamp.subject} | _of_units({account.stamp.unit}, units)
    return frozenset(known_by(name) for name in found if name)


def _of_units(homes: set[str], units: Units) -> set[str]:
    lines = {above.unit for home in homes for above in units.line(home)} | homes
    return lines | {unit_key(unit) for unit in lines}


def requested_holds(requests: Iterable[Request], today: date) -> dict[str, Hold]:
    """Return the holds that written requests have placed by today and not released, by the name compared.

    A release lifts what was asked for on an earlier day; on one day nobody knows which came first, so the hold
    stands.
    """
    asked = [request for request in requests if request.received_on <= today]
    released: dict[str, date] = {}
    for request in asked:
        if request.kind is RequestKind.RELEASE:
            subject = known_by(request.subject)
            released[subject] = max(request.received_on, released.get(subject, request.received_on))
    standing: dict[str, Hold] = {}
    for request in sorted(asked, key=lambda one: (one.received_on, one.request_id)):
        subject = known_by(request.subject)
        lifted = subject in released and released[subject] > request.received_on
        over = request.until is not None and request.until < today
        if request.kind is RequestKind.HOLD and not lifted and not over:
            standing[subject] = Hold(request.subject, request.document, request.from_unit, requested=True)
    return standing
