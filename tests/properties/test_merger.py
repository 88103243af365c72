"""The laws of a merger, for any small population: nobody lost, no address of two, and waves in any order."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from merging import Merged, merge, merger, old, ruling
from world import TODAY, UNITS, ZONE, policy, row, snapshot

from syncagent.core.account import Account
from syncagent.core.addresses import fold_address
from syncagent.core.decide import decide
from syncagent.core.fates import remembering
from syncagent.core.ledger import Ledger
from syncagent.core.merger import Fate, Wave
from syncagent.core.person import PersonRow
from syncagent.core.questions import Ruling
from syncagent.core.rehearse import after, remembered

BOXED = tuple(replace(unit, mailbox=unit.unit in {"skhcn", "snv", "giaothuy"}) for unit in UNITS)
NAMES = ("Nguyễn Văn An", "Nguyễn Vân An", "Trần Thị Bình", "Lê Đức An", "H'Hen Niê")
WORDS = ("an", "binh", "annv.skhcn", "annv.snv", "skhcn", "stttt", "snv", "quangtrung", "binhtt.giaothuy")
KEYS = tuple(f"NB{n}" for n in range(6))
HOMES = ("skhcn", "skhcn-vp", "snv", "giaothuy")
SYSTEMS = ("hanam", "namdinh", "ninhbinh")


def _address(system: str, word: str) -> str:
    return f"{word}@{system}.gov.vn"


ADDRESSES = st.builds(_address, st.sampled_from(SYSTEMS), st.sampled_from(WORDS))


@st.composite
def people(draw: st.DrawFn) -> list[PersonRow]:
    found: list[PersonRow] = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1)):
        given_ = draw(st.lists(ADDRESSES, max_size=2))
        name, unit = draw(st.sampled_from(NAMES)), draw(st.sampled_from(HOMES))
        found.append(row(key, name, unit, previous_address=" ".join(given_), line=2 + len(found)))
    return found


@st.composite
def accounts(draw: st.DrawFn) -> list[Account]:
    found = []
    for system in SYSTEMS:
        for word in draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=4)):
            columns = {
                "staff_number": draw(st.sampled_from(("", *KEYS))),
                "aliases": ";".join(draw(st.lists(ADDRESSES, max_size=2))),
                "kind": draw(st.sampled_from(("", "", "", "system"))),
                "unit": draw(st.sampled_from(("", "Sở Nội vụ", "Phường Quang Trung"))),
            }
            found.append(old(system, _address(system, word), draw(st.sampled_from(NAMES)), **columns))
    return found


@st.composite
def rulings(draw: st.DrawFn) -> list[Ruling]:
    found = {}
    for address in draw(st.lists(ADDRESSES, max_size=3)):
        choice = draw(st.sampled_from(("belongs", "issue", "retire", "exclude", "hold")))
        subject = draw(st.sampled_from((*KEYS, "unit:skhcn"))) if choice in {"belongs", "issue"} else ""
        system = address.partition("@")[2].partition(".")[0]
        found[system, address] = ruling(system, address, choice, subject)
    return [*found.values()]


def _names(found: Merged) -> dict[str, set[str]]:
    """Whose each address is on the new system: the new one, and the old ones that lead there."""
    owners: dict[str, set[str]] = defaultdict(set)
    for one in found.fates.accounts:
        for address in (one.new, *one.aliases):
            owners[fold_address(address)].add(one.subject)
    for newcomer in found.fates.newcomers:
        owners[fold_address(newcomer.new)].add(newcomer.subject)
    owners.pop("", None)
    return owners


@given(people(), accounts(), rulings())
def test_nobody_is_lost_and_no_address_is_of_two(
    staff: list[PersonRow], there: list[Account], decided: list[Ruling]
) -> None:
    """Every account has exactly one of six ends; a new address or an alias is one subject's, and was nobody else's."""
    found = merge(staff, there, *decided, units=BOXED)

    assert Counter(one.name for one in found.fates.accounts) == dict.fromkeys(found.population.accounts, 1)
    assert {address: owners for address, owners in _names(found).items() if len(owners) > 1} == {}
    foreign = {
        fold_address(address): one.subject or "nobody"
        for one in found.fates.accounts
        for address in one.account.addresses
    }
    for one in found.fates.accounts:
        moves = one.fate in {Fate.CONVERTED, Fate.MERGED, Fate.ISSUED}
        assert bool(one.new) is moves
        assert (one.into is not None) is (one.fate is Fate.MERGED)
        if moves:
            assert foreign.get(fold_address(one.new), one.subject) == one.subject
    converted = Counter(one.subject for one in found.fates.accounts if one.fate is Fate.CONVERTED)
    assert set(converted.values()) <= {1}


@given(people(), accounts(), rulings(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_read_changes_nothing(
    staff: list[PersonRow], there: list[Account], decided: list[Ruling], chance: st.DataObject
) -> None:
    """Law 2."""
    shuffled = [chance.sample(one, len(one)) for one in (staff, there, decided)]  # type: ignore[attr-defined]  # a Random

    assert (
        merge(staff, there, *decided, units=BOXED).fates
        == merge(shuffled[0], shuffled[1], *shuffled[2], units=BOXED).fates
    )


@given(people(), accounts(), st.permutations(["skhcn", "snv", "giaothuy"]))
def test_the_order_of_waves_changes_nobodys_address(
    staff: list[PersonRow], there: list[Account], order: list[str]
) -> None:
    """Whoever moves first gets what they would have got last: addresses are decided for all of them at once."""
    waves = merger(*(Wave((unit,)) for unit in order))
    wanted = _addresses(merge(staff, there, units=BOXED, with_merger=waves))
    moved: tuple[Account, ...] = ()
    ledger = Ledger()
    for unit in order:
        found = merge(staff, there, units=BOXED, with_merger=waves, ledger=ledger, there=moved)
        known = remembering(ledger, found.population, found.pairings)
        plan = decide(found.roster, [snapshot(*moved)], known, policy(), TODAY)
        theirs = [one for one in plan.actions if any(up.unit == unit for up in found.roster.units.line(one.unit))]
        moved = after(snapshot(*moved), theirs, policy(), ZONE).accounts
        ledger = remembered(ledger, theirs, TODAY)

        assert _addresses(merge(staff, there, units=BOXED, with_merger=waves, ledger=ledger, there=moved)) == wanted


def _addresses(found: Merged) -> dict[str, str]:
    """The address of everybody who gets one, or has it already."""
    return {subject: address.address for subject, address in found.view.addresses.items() if address.address}
