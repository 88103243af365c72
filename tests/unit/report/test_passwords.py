"""Default passwords and old ones: who is listed from which day, and who is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import world
from offices import PEOPLE, UNITS, changed, column, restamped, row_of, settled, view_of, words_of

from syncagent.core.account import Account
from syncagent.core.ledger import Ledger
from syncagent.core.stamp import State
from syncagent.report.passwords import default_passwords, old_passwords


@pytest.fixture(scope="module")
def office() -> tuple[tuple[Account, ...], Ledger]:
    """Four people and two units, everybody in step since 5 January."""
    return settled()


# ── default passwords ────────────────────────────────────────────────────────


def _unchanged(accounts: Iterable[Account], subject: str = "P3") -> tuple[Account, ...]:
    others = tuple(replace(a, must_change=False) for a in accounts)
    return changed(others, subject, must_change=True)


def test_an_unchanged_default_password_is_listed_until_it_locks(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-23 (Điều 7.2.đ): one month after issue; the day shown is the day on which a plan locks, and no earlier."""
    accounts = _unchanged(office[0])
    locks = date(2026, 2, 6)

    shown = row_of(default_passwords(view_of(accounts, today=locks)), "Trần Văn Bình")

    assert shown == {
        "Name or mailbox": "Trần Văn Bình", "Unit": "Sở Nội vụ", "Address": "binhtv.snv@ninhbinh.gov.vn",
        "State": "Active", "Since": "2026-01-05", "Days": "32", "Locks on": "2026-02-06", "Lockable": "yes",
    }  # fmt: skip
    for day, lockable, kinds in ((locks - timedelta(days=1), "not yet", []), (locks, "yes", ["lock"])):
        table = default_passwords(view_of(accounts, today=day))
        plan = world.plan_of(PEOPLE, accounts, units=UNITS, ledger=office[1], today=day)
        assert column(table, "Lockable") == [lockable]
        assert [kind for kind in world.kinds(plan) if kind == "lock"] == kinds
    assert "Điều 7 khoản 2 điểm đ" in default_passwords(view_of(accounts)).notes[0].vi


def test_da_nang_lists_after_three_days_and_locks_after_three_working_days() -> None:
    """DN-35 (Điều 11.2.h) lists by calendar days, DN-19 (Điều 8.1.a) locks by working days (domain §1.8 row 29)."""
    law = world.policy("danang-2017")
    accounts, _ = world.settled(PEOPLE, units=UNITS, with_policy=law, today=date(2026, 1, 15))
    accounts = _unchanged(accounts)

    def on(day: date) -> tuple[str, str]:
        shown = row_of(default_passwords(view_of(accounts, today=day, policy=law)), "Trần Văn Bình")
        return shown["Over 3 days"], shown["Lockable"]

    # a Thursday: three days end on Sunday, so on Monday 19th; three working days on Tuesday 20th
    assert on(date(2026, 1, 19)) == ("not yet", "not yet")
    assert on(date(2026, 1, 20)) == ("yes", "not yet")
    assert on(date(2026, 1, 21)) == ("yes", "yes")


def test_what_cannot_lock_says_so(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Already locked, left, not taken over, nobody's, closed, of unknown age, unsaid: each as it is."""
    accounts = _unchanged(office[0])
    locked = default_passwords(view_of(restamped(accounts, "P3", state=State.LOCKED)))
    left = default_passwords(
        view_of(accounts, (*PEOPLE[:2], world.leaver("P3", full_name="Trần Văn Bình", unit="snv")))
    )
    ageless = changed(restamped(accounts, "P3", password=None, issued=None), "P3", created=None, must_change=True)
    unmarked = changed(accounts, "P3", stamp=None, key="P3", created=date(2026, 3, 20))
    stranger = changed(accounts, "P3", stamp=None, key="")
    closed = changed(restamped(accounts, "P3", state=State.DISABLED), "P3", must_change=True)
    silent = changed(accounts, "P3", must_change=None)

    assert (column(locked, "Locks on"), column(locked, "Lockable")) == (["–"], ["locked already"])
    assert (column(left, "Locks on"), column(left, "Lockable")) == (["–"], ["–"])
    unknown = row_of(default_passwords(view_of(ageless)), "Trần Văn Bình")
    assert (unknown["Since"], unknown["Days"], unknown["Locks on"]) == (
        "–",
        "–",
        "2026-01-11",
    )  # that Saturday is worked
    later = row_of(default_passwords(view_of(unmarked)), "Trần Văn Bình")
    assert (later["Since"], later["Days"], later["Locks on"]) == ("2026-03-20", "–", "2026-04-21")
    assert [len(default_passwords(view_of(one)).rows) for one in (stranger, closed, silent)] == [0, 0, 0]
    assert "Of 1 other mailboxes" in default_passwords(view_of(silent)).notes[-1].en


def test_a_stated_reason_exempts_where_the_text_says_so() -> None:
    """Q4-18 (Điều 8.3.b) spares whoever is away; the list says exempt, not lockable. Bến Tre names no term at all."""
    law = world.policy("hcmc-quan4-2013")
    accounts, _ = world.settled(PEOPLE, units=UNITS, with_policy=law, today=date(2025, 10, 1))
    away = (*PEOPLE[:2], world.row("P3", "Trần Văn Bình", "snv", status="on_leave"), PEOPLE[3])
    table = default_passwords(view_of(_unchanged(accounts), away, policy=law))
    free = default_passwords(view_of(_unchanged(accounts), policy=world.policy("bentre-2016")))

    assert column(table, "Lockable") == ["exempt"]
    assert [column.en for column in free.columns][-1] == "Days"


# ── old passwords ────────────────────────────────────────────────────────────


def _own(accounts: Iterable[Account], subject: str, password_set: date | None) -> tuple[Account, ...]:
    others = tuple(replace(a, must_change=True) for a in accounts)
    return changed(others, subject, must_change=False, password_set=password_set)


@pytest.mark.parametrize(
    ("law", "password_set", "last_good"),
    [
        ("ninhbinh-2025", date(2026, 1, 5), date(2026, 7, 6)),
        ("danang-2017", date(2026, 1, 5), date(2026, 7, 6)),
        ("danang-2017", date(2025, 8, 15), date(2026, 2, 23)),
        ("hcmc-quan4-2013", date(2026, 1, 5), date(2026, 4, 6)),
    ],
    ids=["Ninh Bình, 05/07 is a Sunday", "Đà Nẵng, the same", "Đà Nẵng over Tết", "Quận 4, 05/04 is a Sunday"],
)
def test_an_old_password_is_listed_from_the_day_after_the_term(
    office: tuple[tuple[Account, ...], Ledger], law: str, password_set: date, last_good: date
) -> None:
    """DN-35 (Điều 11.2.h) after six months, NB-30 (8.2.a) six, Q4-20 (8.3.b) three; never on the last good day."""
    accounts = _own(office[0], "P3", password_set)
    due = last_good + timedelta(days=1)

    def on(day: date) -> list[str]:
        return column(old_passwords(view_of(accounts, today=day, policy=world.policy(law))), "Overdue since")

    assert on(last_good) == []
    assert on(due) == [f"{due}"]


def test_the_list_of_old_passwords_agrees_with_the_plan(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-30: whom a plan reports as `password-overdue`, the list names, and the day is the same."""
    accounts = _own(office[0], "P3", date(2025, 12, 20))
    for today in (date(2026, 6, 22), date(2026, 6, 23)):
        plan = world.plan_of(PEOPLE, accounts, units=UNITS, ledger=office[1], today=today)
        found = [finding.subject for finding in plan.findings if finding.code == "password-overdue"]
        listed = old_passwords(view_of(accounts, today=today))
        assert (found == ["P3"]) == (len(listed.rows) == 1) == (today.day == 23)


def test_what_the_row_of_an_old_password_says(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Name, unit, address, state, the day and the age; the ground is the clause that orders the list."""
    accounts = _own(office[0], "P3", date(2026, 1, 5))
    table = old_passwords(view_of(accounts, today=date(2026, 7, 20), policy=world.policy("danang-2017")))

    assert row_of(table, "Trần Văn Bình") == {
        "Name or mailbox": "Trần Văn Bình", "Unit": "Sở Nội vụ", "Address": "binhtv.snv@ninhbinh.gov.vn",
        "State": "Active", "Set on": "2026-01-05", "Days": "196", "Overdue since": "2026-07-07",
    }  # fmt: skip
    assert table.title.vi == "Hộp thư không đổi mật khẩu quá 06 tháng, ngày 20/07/2026"
    assert [note.en.split(":")[0] for note in table.notes] == [
        "Điều 11 khoản 2 điểm h thứ hai (3712/QĐ-UBND; DN-35)",
        "Điều 8 khoản 1 điểm a (3712/QĐ-UBND; DN-20)",
    ]


def test_whose_password_is_not_judged(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """A default password is another list's, a closed or nobody's mailbox none's; an unknown day is counted."""
    old = date(2025, 1, 5)
    late = date(2026, 9, 1)
    default = changed(_own(office[0], "P3", old), "P3", must_change=True)
    closed = restamped(_own(office[0], "P3", old), "P3", state=State.DISABLED)
    stranger = changed(_own(office[0], "P3", old), "P3", stamp=None, key="")
    silent = _own(office[0], "P3", None)

    assert [old_passwords(view_of(one, today=late)).rows for one in (default, closed, stranger, silent)] == [()] * 4
    assert "Of 1 other mailboxes" in old_passwords(view_of(silent, today=late)).notes[-1].en
    assert len(old_passwords(view_of(default, today=late)).notes) == 1


def test_a_text_without_a_term_has_no_old_passwords(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """BT-25 (Điều 12.2.e) encourages changing passwords only: nothing is overdue, and the list says why."""
    accounts = _own(office[0], "P3", date(2020, 1, 5))
    table = old_passwords(view_of(accounts, policy=world.policy("bentre-2016")))

    assert table.rows == ()
    assert "The text sets no period" in words_of(table)
    assert table.title.en == "Mailboxes with an unchanged password, on 2026-03-10"
