"""A whole sample province: roster, requests and directory, made from a seed, with all that is planted in it.

It is made up, but true to shape: the agencies and communes of Ninh Bình, names as frequent as they are,
accounts that are in step with the roster except where a situation was planted. Whatever stands in
`situations` with a consequence must appear in a plan, and nothing else may.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from syncagent.core.person import PersonType
from syncagent.core.unit import Unit, UnitKind, Units, UnitStatus
from syncagent.core.where import Where
from syncagent.sample import decisions, names, stories, surroundings, units
from syncagent.sample.accounts import Registry
from syncagent.sample.office import MERGER, Office
from syncagent.sample.people import CLERK, Employee, Post, hire
from syncagent.sample.roles import cast
from syncagent.sample.sample import Sample
from syncagent.sample.situations import Rates, Situation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from syncagent.core.directory import Directory
    from syncagent.sample.units import Agency

SMALLEST = 100
"""Fewer people than this do not fill the agencies a province needs."""

_FIRST_NUMBER, _NUMBERS = 10_000, 1_000_000
_DISSOLVED = ("ttttkcn", "Trung tâm Thông tin và Thống kê khoa học")
_MERGED = ("ttltls", "Trung tâm Lưu trữ lịch sử")
_OPENED = ("ttdmst", "Trung tâm Đổi mới sáng tạo")
_STATUS = {
    Situation.UNIT_DISSOLVED: UnitStatus.DISSOLVED,
    Situation.UNIT_MERGED: UnitStatus.MERGED,
    Situation.UNIT_OPENED: UnitStatus.ACTIVE,
}
_SHARED = (
    ("mayquet", "Máy quét"), ("hoptructuyen", "Phòng họp trực tuyến"), ("saoluu", "Sao lưu dữ liệu"),
    ("duongdaynong", "Đường dây nóng"), ("hotrokythuat", "Hỗ trợ kỹ thuật"), ("giamsat", "Giám sát mạng"),
)  # fmt: skip
"""Accounts that nobody in the roster holds: their log-in and their name."""


def generate(
    size: int = 2000,
    seed: int = 2025,
    *,
    as_of: date,
    directory: Directory,
    communes: str,
    rates: Rates | None = None,
    identity_numbers: bool = False,
    pseudonym: Callable[[str], str] = str,
) -> Sample:
    """Given a size and a seed, return a sample province as it is on a day.

    Args:
        size: how many people the roster names, at least 100.
        seed: equal seeds give equal samples, byte for byte.
        as_of: the day for which the situations are true. No deletion can be due before 11/03/2026, three
            months after the regulation came into force; closed mailboxes wait until then.
        directory: how accounts are written; the entries around them are those of Active Directory.
        communes: CSV text with the columns `code, type, name, full_name, abbreviation`.
        rates: how often each situation occurs.
        identity_numbers: give people 12-digit numbers that nobody can have (they begin with 999) as keys.
        pseudonym: what the directory holds in place of a key.

    Raises:
        ValueError: fewer than 100 people, or more situations than people.
        KeyError: the table of communes lacks a column.
    """
    if size < SMALLEST:
        raise ValueError(f"a sample province has at least {SMALLEST} people, not {size}")
    rng = Random(seed)  # noqa: S311 - a sample must be repeatable, not secret
    counts = (rates or Rates()).counts(size)
    agencies = units.agencies(size, communes)
    missing = counts[Situation.MISSING]
    numbers = rng.sample(range(_FIRST_NUMBER, _NUMBERS), size + missing)
    keys = [f"999{number:09d}" if identity_numbers else f"NB{number:06d}" for number in numbers]
    staff = _staff(agencies, keys[missing:], as_of, rng, pseudonym)
    everybody = [employee for theirs in staff for employee in theirs]
    rivals = cast(staff, counts, rng)
    tree, special = _tree(agencies, as_of, rng)
    for employee in everybody:
        if employee.situation is Situation.UNIT_LEFT_BEHIND:
            employee.post = employee.post._replace(unit=special[Situation.UNIT_MERGED])
    registry = Registry(directory, Units(tree), rng)
    registry.take(surroundings.group_address(registry))
    office = Office(as_of, rng, agencies, registry, special[Situation.UNIT_DISSOLVED])
    situations = _unit_mailboxes(office, special)
    stories.tell(office, everybody, rivals)
    situations |= {employee.pseudonym: employee.situation for employee in everybody}
    situations |= {_missing(office, pseudonym(key)): Situation.MISSING for key in keys[:missing]}
    situations |= {_shared(office, n): Situation.UNMANAGED for n in range(counts[Situation.UNMANAGED])}
    situations["main:lockout_threshold"] = Situation.LOCKOUT_DIFFERS
    holders = _holders(everybody)
    registry.name_holders({unit: employee.pseudonym for unit, employee in holders.items()})
    present = [unit for unit in tree if unit != special[Situation.UNIT_OPENED]]
    return Sample(
        people=[row for employee in everybody for row in employee.rows],
        units=[units.unit_row(_held(unit, holders)) for unit in tree.values()],
        requests=office.requests,
        entries=[
            *surroundings.above(registry, present),
            *registry.entries,
            *surroundings.beside(registry, registry.entries),
        ],
        situations=situations,
    )


def _staff(
    agencies: Sequence[Agency], keys: list[str], as_of: date, rng: Random, pseudonym: Callable[[str], str]
) -> list[list[Employee]]:
    """Return the people of each agency: at least two, the others by weight."""
    total = sum(agency.weight for agency in agencies)
    found: list[list[Employee]] = []
    cumulated, start = 0.0, 0
    spare = len(keys) - 2 * len(agencies)
    for number, agency in enumerate(agencies, start=1):
        cumulated += agency.weight
        end = 2 * number + round(spare * cumulated / total)
        theirs = keys[start:end]
        found.append(hire(agency, theirs, [pseudonym(key) for key in theirs], as_of, rng))
        start = end
    return found


def _tree(agencies: Sequence[Agency], as_of: date, rng: Random) -> tuple[dict[str, Unit], dict[Situation, str]]:
    """Return all units by key, and which of them was dissolved, merged, opened."""
    tree: dict[str, Unit] = {}
    for agency in agencies:
        tree |= {unit.unit: unit for unit in agency.units(MERGER, decisions.of_province(rng, MERGER))}
    special: dict[Situation, str] = {}
    for situation, agency, (abbreviation, name) in (
        (Situation.UNIT_DISSOLVED, agencies[0], _DISSOLVED),
        (Situation.UNIT_MERGED, agencies[1], _MERGED),
        (Situation.UNIT_OPENED, agencies[0], _OPENED),
    ):
        key = f"{agency.key}-{abbreviation}"
        effective = as_of - timedelta(days=rng.randint(3, 12))
        tree[key] = Unit(
            key, name, Where("units.csv"), abbreviation, parent=agency.key, kind=UnitKind.DEPARTMENT,
            status=_STATUS[situation], effective_date=effective,
            document=decisions.of_province(rng, effective), mailbox=True,
        )  # fmt: skip
        special[situation] = key
    return tree, special


def _unit_mailboxes(office: Office, special: Mapping[Situation, str]) -> dict[str, Situation]:
    """Open the mailboxes of all units but the one just founded, and return what is true of each."""
    marked = {unit: situation for situation, unit in special.items()}
    found: dict[str, Situation] = {}
    for unit in office.registry.units:
        if unit.mailbox:
            found[unit.key] = marked.get(unit.unit, Situation.IN_STEP)
            if found[unit.key] is not Situation.UNIT_OPENED:
                office.registry.open(office.unit_mailbox(unit))
    return found


def _holders(staff: Sequence[Employee]) -> dict[str, Employee]:
    """Return who answers for the mailbox of each unit: the clerk of the agency, else somebody who stays."""
    found: dict[str, Employee] = {}
    for employee in staff:
        if employee.situation is Situation.IN_STEP:
            found.setdefault(employee.post.unit, employee)
            if employee.post.position == CLERK or employee.agency.key not in found:
                found[employee.agency.key] = employee
    return found


def _held(unit: Unit, holders: Mapping[str, Employee]) -> Unit:
    held = (holders[unit.unit].key,) if unit.mailbox and unit.unit in holders else ()
    return replace(unit, mailbox_holders=held)


def _missing(office: Office, key: str) -> str:
    """Open a managed account of somebody who stands in no row, and return the key."""
    agency = office.rng.choice(office.agencies)
    post = Post(agency.room_key(agency.rooms[0]), "Chuyên viên", 2, PersonType.OFFICIAL)
    gone = Employee(key, key, names.draw(office.rng), office.as_of, "", agency, post)
    office.registry.open(office.mailbox(gone, office.past(gone)))
    return key


def _shared(office: Office, number: int) -> str:
    """Open an account that belongs to a device or a service, and return its address."""
    stem, name = _SHARED[number % len(_SHARED)]
    place, again = divmod(number // len(_SHARED), len(office.agencies))[::-1]
    agency = office.agencies[place].key
    mailbox = office.unit_mailbox(office.registry.units[agency])
    mailbox.address = f"{stem}{again or ''}.{agency}@{office.registry.scheme.domain}"
    mailbox.name, mailbox.marked = f"{name} {again or ''}".strip(), False
    office.registry.open(mailbox)
    return mailbox.address
