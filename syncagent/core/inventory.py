"""What the old systems hold, and how good their data are: what can be told of each account by itself."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from syncagent.core.addresses import fold_address
from syncagent.core.names import syllables, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.account import Account
    from syncagent.core.merger import AccountId, Merger, Population
    from syncagent.core.pairing import Pairings


class Flaw(StrEnum):
    """What is wrong or missing in the data of an account."""

    NO_ADDRESS = "no-address"
    OTHER_DOMAIN = "other-domain"
    SHARED_ADDRESS = "shared-address"
    NO_NAME = "no-name"
    UNREADABLE_NAME = "unreadable-name"
    NO_NUMBER = "no-number"
    SHARED_NUMBER = "shared-number"
    NO_UNIT = "no-unit"
    UNKNOWN_UNIT = "unknown-unit"
    FORWARDED_OUTSIDE = "forwarded-outside"
    NEVER_USED = "never-used"
    LOCKED = "locked"
    RECEIVES_NOTHING = "receives-nothing"


def flaws(merger: Merger, population: Population, pairings: Pairings) -> dict[AccountId, tuple[Flaw, ...]]:
    """Given all accounts of the old systems, return what is wrong with the data of each that has something."""
    addresses: Counter[tuple[str, str]] = Counter()
    numbers: Counter[tuple[str, str]] = Counter()
    for name, account in population.accounts.items():
        addresses.update((name.system, one) for one in {fold_address(one) for one in account.addresses})
        numbers[name.system, account.key.casefold()] += 1
    found: dict[AccountId, tuple[Flaw, ...]] = {}
    for name, account in population.accounts.items():
        system, held = name.system, {fold_address(one) for one in account.addresses}
        wrong = {
            Flaw.SHARED_ADDRESS: any(addresses[system, one] > 1 for one in held),
            Flaw.SHARED_NUMBER: bool(account.key) and numbers[system, account.key.casefold()] > 1,
            Flaw.OTHER_DOMAIN: bool(account.address) and not _at_home(account.address, merger.legacies[system].domain),
            **_of_itself(merger, name, account, pairings),
        }
        if theirs := tuple(flaw for flaw in Flaw if wrong[flaw]):
            found[name] = theirs
    return found


def _of_itself(merger: Merger, name: AccountId, account: Account, pairings: Pairings) -> Mapping[Flaw, bool]:
    shown = merger.shown(name.system, account)
    person = name not in pairings.mailboxes
    outside = (one for one in account.forwards_to if "@" in one and not _known(one, merger))
    return {
        Flaw.NO_ADDRESS: not account.address,
        Flaw.NO_NAME: not shown.name,
        Flaw.UNREADABLE_NAME: bool(shown.name) and person and _unreadable(shown.name),
        Flaw.NO_NUMBER: person and not account.key,
        Flaw.NO_UNIT: name not in pairings.old_units and not (shown.unit or shown.agency),
        Flaw.UNKNOWN_UNIT: name not in pairings.old_units and bool(shown.unit or shown.agency),
        Flaw.FORWARDED_OUTSIDE: any(outside),
        Flaw.NEVER_USED: account.last_use is not None and account.last_use.on is None,
        Flaw.LOCKED: not account.enabled,
        Flaw.RECEIVES_NOTHING: not account.receives,
    }


def _unreadable(name: str) -> bool:
    return unreadable(name) is not None or syllables(name) is None


def _known(address: str, merger: Merger) -> bool:
    domains = [domain for system in merger.crosswalk.systems.values() for domain in system.domains]
    return any(_at_home(address, domain) for domain in domains)


def _at_home(address: str, domain: str) -> bool:
    """Whether an address is in a domain or below it, as an@nghiahung.namdinh.gov.vn is."""
    own = address.rpartition("@")[2]
    return own == domain or own.endswith(f".{domain}")
