"""Numbered clashes, as Đà Nẵng wants them (DN-09, DN-10; Điều 3 khoản 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import world
from hypothesis import given
from hypothesis import strategies as st
from world import codes, plan_of, row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from syncagent.core.person import PersonRow

POLICY = world.policy("danang-2017")
BY_DAY = date(2026, 3, 2)
NAMES = ("Nguyễn Văn Dũng", "Ngô Văn Dũng", "Nông Vũ Dũng", "Nguyễn Viết Dương", "Nghiêm Vĩnh Dương")
"""Names of two addresses: three give dungnv, two duongnv."""


def asks(
    person_id: str, received: date | None = BY_DAY, rank: int | None = None, name: str = NAMES[0], agreed: str = ""
) -> PersonRow:
    """Somebody whose agency asks for a mailbox."""
    return row(person_id, name, received_on=received, rank=rank, agreed_address=agreed)


def given_to(people: Sequence[PersonRow], holders: int = 0) -> dict[str, str]:
    """Who gets which address when so many people of the name hold one already."""
    first = [row(f"H{n}") for n in range(holders)]
    held = [replace(one, full_name="Ngọ Vương Dũng", received_on=date(2026, 1, n + 1)) for n, one in enumerate(first)]
    accounts, ledger = world.settled(held, with_policy=POLICY) if held else ((), world.EMPTY)
    plan = plan_of([*held, *people], accounts, ledger=ledger, with_policy=POLICY)
    return {action.subject: action.address.partition("@")[0] for action in plan.actions if action.kind == "create"}


def test_whoever_asked_first_keeps_the_plain_form_and_the_later_ones_are_numbered() -> None:
    """DN-09: dungnv, dungnv1, dungnv2 by the day of the request; the rank of another day does not matter."""
    found = given_to([asks("P1", date(2026, 3, 5), rank=9), asks("P2", date(2026, 3, 3)), asks("P3", date(2026, 3, 4))])

    assert found == {"P1": "dungnv2", "P2": "dungnv", "P3": "dungnv1"}


def test_holders_keep_what_they_have() -> None:
    """DN-09: two hold dungnv and dungnv1, so the next ones start at 2."""
    found = given_to([asks("P1", date(2026, 3, 5)), asks("P2", date(2026, 3, 3))], holders=2)

    assert found == {"P1": "dungnv3", "P2": "dungnv2"}


def test_on_one_day_the_higher_rank_keeps_the_plain_form() -> None:
    """DN-10: who has no rank stands below who has one."""
    found = given_to([asks("P1"), asks("P2", rank=0), asks("P3", rank=4)])

    assert found == {"P1": "dungnv2", "P2": "dungnv1", "P3": "dungnv"}


@pytest.mark.parametrize(
    ("people", "given_first"),
    [
        ([asks("P1"), asks("P2")], {}),
        ([asks("P1", rank=3), asks("P2", rank=3)], {}),
        ([asks("P1", None), asks("P2", None)], {}),
        ([asks("P1", date(2026, 3, 3)), asks("P2", date(2026, 3, 4)), asks("P3", date(2026, 3, 4))], {"P1": "dungnv"}),
        ([asks("P1"), asks("P2"), asks("P3", date(2026, 3, 4))], {"P3": "dungnv2"}),
    ],
)
def test_those_the_text_cannot_tell_apart_wait(people: list[PersonRow], given_first: dict[str, str]) -> None:
    """Domain §1.8 row 32: equal day and rank, or no day at all, are for people to decide; whoever is later goes on."""
    plan = plan_of(people, with_policy=POLICY)

    assert {a.subject: a.address.partition("@")[0] for a in plan.actions} == given_first
    waiting = {person.person_id for person in people} - set(given_first)
    assert {subject for subject in waiting if codes(plan, subject) == ["address-clash"]} == waiting


def test_who_proves_no_day_comes_last() -> None:
    """DN-09: whoever has a day asked first as far as anybody can tell."""
    assert given_to([asks("P1", None, rank=9), asks("P2")]) == {"P1": "dungnv1", "P2": "dungnv"}


def test_somebody_alone_needs_no_day() -> None:
    """DN-08: where nobody else bears the name, nobody's turn matters."""
    assert given_to([asks("P1", None)]) == {"P1": "dungnv"}
    assert given_to([asks("P1", None)], holders=1) == {"P1": "dungnv1"}


def test_an_agreed_name_is_no_numbered_one() -> None:
    """DN-09 speaks of built addresses; what people agreed on by name stands, and the others are numbered around it."""
    found = given_to([asks("P1", agreed="dung-cntt@danang.gov.vn"), asks("P2", date(2026, 3, 3))])

    assert found == {"P1": "dung-cntt", "P2": "dungnv"}


def test_a_name_that_makes_no_address_gets_no_number() -> None:
    """RFC 5321: more than 64 characters are no local part, with a number or without."""
    plan = plan_of([asks("P1", name=f"Nguyễn Văn {'a' * 70}")], with_policy=POLICY)

    assert plan.actions == ()
    assert codes(plan, "P1") == ["address-clash"]


def test_a_number_never_meets_another_address() -> None:
    """DN-09: dungnv1 is reserved for somebody else, so the next free number is taken."""
    ledger = replace(world.EMPTY, issued={"dungnv@danang.gov.vn": "X", "DUNGNV1@danang.gov.vn": "Y"})

    plan = plan_of([asks("P1")], ledger=ledger, with_policy=POLICY)

    assert [action.address for action in plan.actions] == ["dungnv2@danang.gov.vn"]


_PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.none() | st.integers(0, 3).map(lambda days: BY_DAY + timedelta(days=days)),
        st.none() | st.integers(0, 2),
    ),
    min_size=1,
    max_size=6,
)


@given(people=_PEOPLE, holders=st.integers(0, 2), order=st.randoms(use_true_random=False))
def test_numbers_follow_the_days_of_the_requests_whatever_the_order_of_rows(
    people: list[tuple[str, date | None, int | None]], holders: int, order: Random
) -> None:
    """DN-09, DN-10 and law 2, for any people: no address twice, none to a later request before an earlier one."""
    rows = [asks(f"P{n}", received, rank, name) for n, (name, received, rank) in enumerate(people)]
    shuffled = list(rows)
    order.shuffle(shuffled)

    found = given_to(rows, holders)

    assert given_to(shuffled, holders) == found
    assert len(set(found.values())) == len(found)
    for stem in ("dungnv", "duongnv"):
        alike = [one for one in rows if ("Dũng" in one.full_name) is (stem == "dungnv")]
        taken = holders if stem == "dungnv" else 0
        for one in alike:
            equal = [other for other in alike if _turn(other) == _turn(one)]
            number = taken + sum(_turn(other) < _turn(one) for other in alike)
            expected = f"{stem}{number or ''}" if len(equal) == 1 else None
            assert found.get(one.person_id) == expected


def _turn(row: PersonRow) -> tuple[date, int]:
    """Return when somebody's turn is by the text: the day, then the higher rank; whoever proves no day comes last."""
    return (row.received_on, 1 if row.rank is None else -row.rank) if row.received_on else (date.max, 0)
