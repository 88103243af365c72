"""Counts, changes and use: what there is now, what a period did, and who is using a mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import world
from offices import PEOPLE, TODAY, UNITS, changed, restamped, row_of, settled, view_of, words_of

from syncagent.core.account import Account, LastUse
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.ledger import Ledger
from syncagent.core.outcome import Done, History
from syncagent.core.periods import Period
from syncagent.core.person import PersonType
from syncagent.core.stamp import State
from syncagent.report.numbers import changes, counts, usage

QUARTER = Period.parse("2026-Q1")
NOTHING = History(date(2025, 12, 10))


@pytest.fixture(scope="module")
def office() -> tuple[tuple[Account, ...], Ledger]:
    """Four people and two units, everybody in step since 5 January."""
    return settled()


# ── counts ───────────────────────────────────────────────────────────────────


def _carried_out() -> Iterator[Action]:
    """Every kind of action there is, upon P3 of Sở Nội vụ, as plans make them."""
    plan = world.plan_of(PEOPLE, (), units=UNITS)
    made = next(action for action in plan.actions if action.subject == "P3")
    for kind in ActionKind:
        yield replace(made, id=f"a-{kind}", kind=kind)


def test_mailboxes_are_counted_by_agency_kind_and_state(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Q4-26, NB-42: rooms count with their agency, as the directory is now; the unclear stand apart."""
    accounts = restamped(office[0], "P3", state=State.DISABLED, since=date(2026, 2, 1), why="left")
    accounts = changed(accounts, "P4", stamp=None, key="P4")
    stranger = replace(accounts[0], guid="g9", dn=f"CN=x,{world.BASE}", stamp=None, key="", address="x@ninhbinh.gov.vn")
    view = view_of([*accounts, stranger], policy=world.policy("hcmc-quan4-2013"))
    table = counts(view, QUARTER, NOTHING)

    assert table.title.vi == "Số lượng hộp thư, quý I/2026, ngày 10/03/2026"
    assert "Điều 14 khoản 2" in table.notes[0].vi
    assert "1 accounts of nobody" in table.notes[-1].en
    assert [[cell.en for cell in row] for row in table.rows] == [
        ["Sở Khoa học và Công nghệ", "agency mailbox", "1", "0", "0", "0", "0", "1", *"0000000"],
        ["Sở Khoa học và Công nghệ", "department mailbox", "1", "0", "0", "0", "0", "1", *"0000000"],
        ["Sở Khoa học và Công nghệ", "personal mailbox", "2", "0", "0", "0", "0", "2", *"0000000"],
        ["Sở Nội vụ", "personal mailbox", "0", "0", "1", "0", "0", "1", *"0000000"],
        ["Ủy ban nhân dân xã Giao Thủy", "personal mailbox", "0", "0", "0", "0", "1", "1", *"0000000"],
        ["Total", "–", "4", "0", "1", "0", "1", "6", *"0000000"],
    ]


def test_what_is_locked_and_what_was_locked_are_two_numbers(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-42, DN-34, Q4-26: one mailbox stands locked from before; another was locked in the period and reopened."""
    accounts = restamped(office[0], "P3", state=State.LOCKED, since=date(2026, 2, 1), why="ordered")
    locked = next(action for action in _carried_out() if action.kind is ActionKind.LOCK)
    table = counts(view_of(accounts), QUARTER, NOTHING)
    then = counts(view_of(accounts), QUARTER, History(date(2025, 12, 10), (Done(TODAY, locked),) * 2))

    assert (row_of(table, "Total")["Locked in the period"], row_of(then, "Total")["Locked in the period"]) == ("0", "2")
    assert [cell.en for cell in table.rows[-1]][3] == [cell.en for cell in then.rows[-1]][3] == "1"


def test_what_a_period_did_is_counted_from_the_journal(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """DN-34 (Điều 11.2.h), Q4-26: issued, changed, locked, reopened, closed, deleted; a password reset is none."""
    done = tuple(Done(TODAY, action) for action in _carried_out())
    table = counts(view_of(office[0]), QUARTER, History(date(2025, 12, 10), done))

    happened = {name.split(" ")[0]: count for name, count in row_of(table, "Sở Nội vụ").items() if "period" in name}
    assert happened == {
        "Issued": "1", "Changed": "3", "Locked": "1", "Reopened": "2", "Closed": "2", "Deleted": "1", "Recovered": "0",
    }  # fmt: skip
    assert row_of(table, "Total")["Closed in the period"] == "2"
    assert row_of(table, "Total")["Total"] == "6"


def test_what_comes_back_from_the_recycle_bin_takes_its_deletion_back(
    office: tuple[tuple[Account, ...], Ledger],
) -> None:
    """Q4-26: neither issued nor reopened, for it comes back as it was deleted."""
    deletion, restore = (
        next(action for action in _carried_out() if action.kind is kind)
        for kind in (ActionKind.DELETE, ActionKind.RESTORE)
    )
    back = replace(restore, changes=(Change(Operation.UNDELETE, "CN=x", {}),))
    history = History(None, (Done(TODAY, deletion), Done(TODAY, back)))
    counted = row_of(counts(view_of(office[0]), QUARTER, history), "Sở Nội vụ")
    listed = [row[1] for row in changes(view_of(office[0]), QUARTER, history).rows]

    happened = {name.split(" ")[0]: count for name, count in counted.items() if "period" in name and count != "0"}
    assert happened == {"Deleted": "1", "Recovered": "1"}
    assert [(one.vi, one.en) for one in listed] == [
        ("xóa", "delete"), ("khôi phục sau khi xóa", "recover after deletion"),
    ]  # fmt: skip


def test_an_adoption_counts_only_where_it_closes(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """To take over an account issues nothing; one that ends disabled takes a mailbox from somebody."""
    adoption = next(action for action in _carried_out() if action.kind is ActionKind.ADOPT)
    assert adoption.stamp
    closing = replace(adoption, stamp=replace(adoption.stamp, state=State.DISABLED))

    def closed(action: Action) -> str:
        table = counts(view_of(office[0]), QUARTER, History(None, (Done(TODAY, action),)))
        return row_of(table, "Sở Nội vụ")["Closed in the period"]

    assert (closed(adoption), closed(closing)) == ("0", "1")


def test_what_is_deleted_still_counts_for_its_agency(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """A period's figures hold agencies that have no mailbox of that kind any more, and units nobody knows."""
    deletion = next(action for action in _carried_out() if action.kind is ActionKind.DELETE)
    done = (Done(TODAY, deletion), Done(TODAY, replace(deletion, unit="giai-the")))
    accounts = tuple(a for a in office[0] if a.stamp and a.stamp.subject != "P3")
    table = counts(view_of(accounts), QUARTER, History(None, done))

    gone = row_of(table, "Sở Nội vụ")
    assert (gone["Total"], gone["Deleted in the period"]) == ("0", "1")
    assert row_of(table, "(unit unknown)")["Deleted in the period"] == "1"


def test_whoever_is_missing_counts_with_the_unit_remembered(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """A mailbox does not leave the count because a row is missing; one of an unknown unit is counted as such."""
    accounts = restamped(office[0], "P3", unit="giai-the")
    table = counts(view_of(accounts, PEOPLE[:2]), QUARTER, NOTHING)

    assert row_of(table, "(unit unknown)")["Total"] == "1"
    assert row_of(table, "Ủy ban nhân dân xã Giao Thủy")["Total"] == "1"


def test_a_report_says_what_its_figures_do_not_hold(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """A period that goes on, a journal that began later, and an empty one: each is said, and nothing else is."""

    def said(today: date, since: date | None) -> list[str]:
        table = counts(view_of(office[0], today=today), QUARTER, History(since))
        return [note.en.split(":")[0].split(",")[0] for note in table.notes[2:-1]]

    assert said(date(2026, 3, 31), date(2026, 1, 1)) == []
    assert said(date(2026, 3, 30), date(2026, 1, 1)) == ["The period has not ended"]
    assert said(date(2026, 3, 31), date(2026, 1, 2)) == ["Events are those of the journal"]
    assert said(date(2026, 3, 30), None) == ["The period has not ended", "The journal is empty"]


# ── changes ──────────────────────────────────────────────────────────────────


def test_changes_are_listed_day_by_day_with_their_documents() -> None:
    """Q4-26 (Điều 14.2) wants every change: the day, what was done, to whom, both addresses, the document."""
    accounts, ledger = settled()
    accounts = changed(accounts, "P1", must_change=False)
    people = (PEOPLE[0], PEOPLE[1], world.leaver("P3", full_name="Trần Văn Bình", unit="snv"), PEOPLE[3])
    moved = (world.row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION), *people[1:])
    plan = world.plan_of(moved, accounts, units=UNITS, ledger=ledger)
    agency = next(a for a in world.plan_of(PEOPLE, (), units=UNITS).actions if a.subject == "unit:skhcn")
    done = [Done(TODAY + timedelta(days=1), action) for action in plan.actions if action.subject in {"P1", "P3"}]
    done.append(Done(TODAY, replace(agency, unit="giai-the")))
    table = changes(
        view_of(accounts, moved, policy=world.policy("hcmc-quan4-2013")), QUARTER, History(None, tuple(done))
    )

    assert [[cell.en for cell in row] for row in table.rows] == [
        ["2026-03-10", "create", "agency mailbox", "giai-the", "skhcn@ninhbinh.gov.vn", "–", "–"],
        [
            "2026-03-11", "change address", "Nguyễn Ngọc Thành", "Sở Nội vụ", "thanhnn.snv@ninhbinh.gov.vn",
            "thanhnn.skhcn@ninhbinh.gov.vn", "12/QĐ-SNV",
        ],
        ["2026-03-11", "disable", "Trần Văn Bình", "Sở Nội vụ", "binhtv.snv@ninhbinh.gov.vn", "–", "12/QĐ-SNV"],
    ]  # fmt: skip
    assert table.title.en == "Changes of mailboxes, quarter I of 2026, on 2026-03-10"
    assert "; Q4-26)" in table.notes[0].en


# ── use ──────────────────────────────────────────────────────────────────────


def _used(accounts: tuple[Account, ...]) -> tuple[Account, ...]:
    accounts = tuple(replace(a, last_use=None) for a in accounts)
    accounts = changed(accounts, "P1", last_use=LastUse(TODAY - timedelta(days=40), 14))
    accounts = changed(accounts, "P2", last_use=LastUse(TODAY - timedelta(days=30), 0))
    accounts = changed(accounts, "P3", last_use=LastUse(TODAY + timedelta(days=1), 0))
    return changed(accounts, "P4", last_use=LastUse(None, 0))


def test_use_is_a_range_where_the_evidence_is_vague(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """BT-28 (Điều 14.2): users of all staff; an accuracy of 14 days makes a range, no evidence stands apart."""
    table = usage(view_of(_used(office[0]), policy=world.policy("bentre-2016")), Period.parse("2026"))

    assert [column.en for column in table.columns[5:]] == [
        "Used, 30 days", "Share, 30 days", "Used, since 2026-01-01", "Share, since 2026-01-01",
        "Used, 90 days", "Share, 90 days", "Used, 180 days", "Share, 180 days",
    ]  # fmt: skip
    assert [[cell.en for cell in row] for row in table.rows] == [
        ["Sở Khoa học và Công nghệ", "2", "2", "0", "0", "1–2", "50–100 %", "2", "100 %", *["2", "100 %"] * 2],
        ["Sở Nội vụ", "1", "1", "1", "0", *["0", "–"] * 4],
        ["Ủy ban nhân dân xã Giao Thủy", "1", "1", "0", "1", *["0", "0 %"] * 4],
        ["Total", "4", "4", "1", "1", "1–2", "33–67 %", *["2", "67 %"] * 3],
    ]
    assert "Điều 14 khoản 2" in table.notes[1].vi
    assert "14 days" in table.notes[2].en
    assert not any(name in words_of(table) for name in ("Nguyễn", "thanhnn"))


def test_whoever_has_no_open_mailbox_does_not_use_one(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """BT-28: a mailbox locked for not being used must not make the share better; leavers are no staff."""
    accounts = restamped(_used(office[0]), "P4", state=State.LOCKED, why="idle-withdraw")
    people = (*PEOPLE[:2], world.leaver("P3", full_name="Trần Văn Bình", unit="snv"), PEOPLE[3])
    table = usage(view_of(accounts, people, policy=world.policy("bentre-2016")), Period.parse("2026"))

    locked = row_of(table, "Ủy ban nhân dân xã Giao Thủy")
    assert (locked["People"], locked["Open mailboxes"], locked["Share, 180 days"]) == ("1", "0", "0 %")
    assert row_of(table, "Total")["People"] == "3"
    assert "Sở Nội vụ" not in words_of(table)


def test_whom_the_text_does_not_name_is_not_counted(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """BT-28 speaks of cán bộ, công chức, viên chức; Ninh Bình (NB-42) of everybody. A faulty row counts by its box."""
    worker = replace(PEOPLE[2], type=PersonType.WORKER)
    unknown = replace(PEOPLE[3], type=None)
    people = (PEOPLE[0], world.row("P2", "Đặng Thị Hòa", "khong-co"), worker, unknown)
    narrow = usage(view_of(office[0], people, policy=world.policy("bentre-2016")), Period.parse("2026"))
    wide = usage(view_of(office[0], people), Period.parse("2026"))

    assert (row_of(narrow, "Total")["People"], row_of(wide, "Total")["People"]) == ("3", "4")
    assert row_of(narrow, "Sở Khoa học và Công nghệ")["Open mailboxes"] == "2"
    assert "contract workers are not counted" in narrow.notes[-1].en
    assert "contract workers" not in words_of(wide)
