"""The stamp: what an account carries of its state, and which of two disagreeing ones counts (design §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncagent.core.stamp import AccountKind, Alias, Stamp, State, is_stamp, later, parse

STAMP = Stamp(
    kind=AccountKind.PERSONAL,
    key="P 1=ü",
    state=State.DISABLED,
    since=date(2026, 3, 1),
    why="left",
    unit="skhcn",
    issued=date(2020, 1, 1),
    password=date(2025, 6, 1),
    row=date(2026, 2, 28),
    document="12/QĐ-SNV",
    aliases=(Alias("cu@ninhbinh.gov.vn", date(2026, 5, 1)),),
)


def test_a_stamp_is_one_readable_line() -> None:
    """Design §3: the state, its date and its document stand on the entry itself, for people and for the agent."""
    assert str(STAMP) == (
        "syncagent/1 kind=personal key=P%201%3D%C3%BC state=disabled since=2026-03-01 why=left unit=skhcn"
        " issued=2020-01-01 password=2025-06-01 row=2026-02-28 document=12/Q%C4%90-SNV"
        " alias=cu@ninhbinh.gov.vn:2026-05-01"
    )
    assert parse(str(STAMP)) == STAMP


def test_what_is_not_known_is_not_written() -> None:
    """A short stamp fits where a directory allows few characters."""
    least = Stamp(AccountKind.AGENCY, "snv", State.ACTIVE, date(2026, 1, 5), "issued")

    assert str(least) == "syncagent/1 kind=agency key=snv state=active since=2026-01-05 why=issued"
    assert parse(str(least)) == least


@pytest.mark.parametrize(
    ("kind", "subject"),
    [(AccountKind.PERSONAL, "snv"), (AccountKind.AGENCY, "unit:snv"), (AccountKind.DEPARTMENT, "unit:snv")],
)
def test_a_unit_and_a_person_of_one_key_are_two_subjects(kind: AccountKind, subject: str) -> None:
    """NB-04: personal and unit mailboxes are different kinds, whatever their keys."""
    assert replace(STAMP, kind=kind, key="snv").subject == subject


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Chuyên viên",
        "syncagent/1",
        "syncagent/2 kind=personal key=P1 state=active since=2026-01-05 why=issued",
        "syncagent/1 kind=robot key=P1 state=active since=2026-01-05 why=issued",
        "syncagent/1 kind=personal key=P1 state=asleep since=2026-01-05 why=issued",
        "syncagent/1 kind=personal key=P1 state=active since=yesterday why=issued",
        "syncagent/1 kind=personal key=P1 state=active since=2026-02-30 why=issued",
        "syncagent/1 kind=personal key=P1 state=active why=issued",
        "syncagent/1 kind=personal key=P1 state=active since=2026-01-05 why=issued password=never",
        "syncagent/1 kind=personal key=P1 state=active since=2026-01-05 why=issued alias=x@y",
        "syncagent/1  kind=personal state=active since=2026-01-05 why=issued",
    ],
)
def test_a_damaged_or_unknown_stamp_is_no_stamp(text: str) -> None:
    """A mark edited by hand is never half understood; the account is then left alone."""
    assert parse(text) is None


def test_a_word_of_a_later_version_is_passed_over() -> None:
    """An older agent still reads what it knows."""
    assert parse(f"{STAMP} mood=fine") == STAMP


def test_only_our_own_line_of_a_description_is_a_stamp() -> None:
    """OpenLDAP keeps the stamp as one of several values; the others belong to people."""
    assert is_stamp(str(STAMP))
    assert is_stamp("syncagent/9 whatever")
    assert not is_stamp("Ghi chú về syncagent/1")


@pytest.mark.parametrize(
    ("state", "log_in", "receives"),
    [
        (State.ACTIVE, True, True),
        (State.LOCKED, False, True),
        (State.WITHDRAWN, False, False),
        (State.DISABLED, False, False),
        (State.DELETED, False, False),
    ],
)
def test_the_states_are_those_of_the_design(state: State, *, log_in: bool, receives: bool) -> None:
    """Design §3 with NB-18 and NB-27: a locked mailbox still receives, a disabled one does not."""
    assert state.can_log_in is log_in
    assert state.receives is receives


def test_the_later_date_wins() -> None:
    """Design §3: if entry and ledger disagree, the later date wins, so nothing is brought forward."""
    again = replace(STAMP, since=date(2026, 3, 9), document="15/QĐ")

    assert later(STAMP, again) == again
    assert later(again, STAMP) == again


@pytest.mark.parametrize("milder", [State.ACTIVE, State.LOCKED, State.WITHDRAWN])
def test_on_one_day_the_state_that_harms_less_wins(milder: State) -> None:
    """Design §3: losing a memory must never bring a deletion forward; neither must a tie."""
    mild = replace(STAMP, state=milder)

    assert later(STAMP, mild).state is milder
    assert later(mild, STAMP).state is milder


def test_every_date_and_alias_is_kept_until_the_later_of_the_two() -> None:
    """Terms run from the later date; a former address receives until the later of its days."""
    other = replace(
        STAMP,
        issued=None,
        password=date(2026, 1, 1),
        row=date(2026, 2, 1),
        aliases=(Alias("cu@ninhbinh.gov.vn", date(2026, 6, 1)), Alias("xua@ninhbinh.gov.vn", date(2026, 4, 1))),
    )

    for found in (later(STAMP, other), later(other, STAMP)):
        assert found.issued == date(2020, 1, 1)
        assert found.password == date(2026, 1, 1)
        assert found.row == date(2026, 2, 28)
        assert found.aliases == (
            Alias("cu@ninhbinh.gov.vn", date(2026, 6, 1)),
            Alias("xua@ninhbinh.gov.vn", date(2026, 4, 1)),
        )


def test_two_records_without_a_date_have_none() -> None:
    """What neither knows stays unknown."""
    bare = Stamp(AccountKind.PERSONAL, "P1", State.ACTIVE, date(2026, 1, 5), "issued")
    other = replace(bare, why="adopted")

    assert later(bare, other).issued is None
    assert later(bare, bare) == bare
