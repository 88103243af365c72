"""The periodic reports: who is published and reviewed, and deleted when, and who is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import world
from offices import PEOPLE, TODAY, UNITS, changed, column, restamped, row_of, settled, view_of, words_of

from syncagent.core.account import Account, LastUse
from syncagent.core.action import ActionKind
from syncagent.core.ledger import Hold, Ledger
from syncagent.core.periods import Period
from syncagent.core.stamp import Reason, State
from syncagent.core.unit import UnitStatus
from syncagent.report import tables
from syncagent.text import Text

HALF = Period.parse("2026-H1")


@pytest.fixture(scope="module")
def office() -> tuple[tuple[Account, ...], Ledger]:
    """Four people and two units, everybody in step since 5 January."""
    return settled()


# ── the public list ──────────────────────────────────────────────────────────


def test_the_public_list_names_units_and_people_and_nothing_else(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-41 (Điều 11.5): agencies, rooms and people with unit, name, address; no key, phone or birth date."""
    table = tables.addresses(view_of(office[0]))

    assert [[cell.en for cell in row] for row in table.rows] == [
        ["Sở Khoa học và Công nghệ", "agency mailbox", "skhcn@ninhbinh.gov.vn"],
        ["Sở Khoa học và Công nghệ", "Nguyễn Ngọc Thành", "thanhnn.skhcn@ninhbinh.gov.vn"],
        [
            "Sở Khoa học và Công nghệ › Văn phòng Sở Khoa học và Công nghệ",
            "department mailbox",
            "vp.skhcn@ninhbinh.gov.vn",
        ],
        [
            "Sở Khoa học và Công nghệ › Văn phòng Sở Khoa học và Công nghệ",
            "Đặng Thị Hòa",
            "hoadt.skhcn@ninhbinh.gov.vn",
        ],
        ["Sở Nội vụ", "Trần Văn Bình", "binhtv.snv@ninhbinh.gov.vn"],
        ["Ủy ban nhân dân xã Giao Thủy", "Lê Thị Cúc", "cuclt.giaothuy@ninhbinh.gov.vn"],
    ]
    assert table.title == Text(
        "Danh sách địa chỉ thư điện tử công vụ, ngày 10/03/2026", "Official mail addresses, on 2026-03-10"
    )
    assert "Điều 11 khoản 5" in table.notes[0].vi
    assert not any(secret in words_of(table) for secret in ("0912345678", "1980", "P2"))


@pytest.mark.parametrize("state", [State.LOCKED, State.DISABLED, State.WITHDRAWN])
def test_only_open_mailboxes_are_published(office: tuple[tuple[Account, ...], Ledger], state: State) -> None:
    """Domain §1.8 row 17: a mailbox that is locked or closed is not on the list."""
    table = tables.addresses(view_of(restamped(office[0], "P3", state=state)))

    assert "binhtv.snv@ninhbinh.gov.vn" not in words_of(table)
    assert len(table.rows) == 5


def test_whoever_is_in_doubt_is_not_published(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Locked by hand, not receiving, without address, left, not taken over, faulty, to come, missing, doubtful."""
    accounts, _ = office
    marked = world.account(accounts, "P3")
    twin = replace(marked, guid="g9", dn=f"CN=x,{world.BASE}", stamp=None, key="P3", address="khac@ninhbinh.gov.vn")
    coming = world.row("P3", "Trần Văn Bình", "snv", effective_date=date(2026, 9, 1))
    kept = PEOPLE[:2] + PEOPLE[3:]
    views = [
        view_of(changed(accounts, "P3", enabled=False)),
        view_of(changed(accounts, "P3", receives=False)),
        view_of(changed(accounts, "P3", address="")),
        view_of(changed(accounts, "P3", stamp=None, key="P3")),
        view_of(accounts, (*kept, world.leaver("P3", full_name="Trần Văn Bình", unit="snv"))),
        view_of(accounts, (*kept, world.row("P3", "Trần Văn Bình", "khong-co"))),
        view_of(accounts, (*kept, coming)),
        view_of(accounts, kept),
        view_of([*accounts, twin]),
    ]
    closed = tuple(
        replace(u, status=UnitStatus.DISSOLVED, document=world.DECISION) if u.unit == "skhcn-vp" else u for u in UNITS
    )

    assert [len(tables.addresses(view).rows) for view in views] == [5] * len(views)
    assert "vp.skhcn@" not in words_of(tables.addresses(view_of(accounts, units=closed)))


# ── review ───────────────────────────────────────────────────────────────────


def test_every_account_is_reviewed(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Managed, former, missing, doubtful, faulty, to come, nobody's: each account of the directory has a row."""
    accounts, _ = office
    accounts = restamped(accounts, "P2", state=State.DISABLED, why=Reason.LEFT, document="9/QĐ", since=date(2026, 2, 1))
    accounts = restamped(accounts, "P3", state=State.LOCKED, why="default-password-lock")
    by_hand = changed(accounts, "P1", enabled=False)
    one = world.account(accounts, "P1")

    def plain(number: int, **changes: object) -> Account:
        changes = {"stamp": None, "key": "", "address": f"a{number}@ninhbinh.gov.vn", **changes}
        return replace(one, guid=f"g{number}", dn=f"CN={number},{world.BASE}", **changes)  # type: ignore[arg-type]

    assert one.stamp
    reissued = replace(one.stamp, state=State.DISABLED, why=Reason.REISSUED)
    coming = world.row("P5", "Vũ Thị Mai", "snv", effective_date=date(2026, 9, 1))
    people = (*PEOPLE[:3], coming, world.row("P6", unit="khong-co"))
    extra = [
        plain(1), plain(2, enabled=False, address=""), plain(3, stamp=reissued, key="P1"), plain(4, stamp_damaged=True),
        plain(5, key="P5"), plain(6, key="P6"), plain(7, stamp=replace(one.stamp, why="ngoài lề", key="P7")),
    ]  # fmt: skip
    table = tables.review(view_of([*by_hand, *extra], people), HALF, with_last_use=False)

    assert len(table.rows) == len(by_hand) + len(extra)
    shown = {row[0].en: [cell.en for cell in (*row[3:7], *row[8:])] for row in table.rows}
    first = row_of(table, "hoadt.skhcn@ninhbinh.gov.vn")
    assert (first["Kind"], first["Directory"], first["Activated"]) == ("personal mailbox", "main", "2026-01-05")
    assert shown["thanhnn.skhcn@ninhbinh.gov.vn"][3:5] == ["managed", "Active; locked in the directory itself"]
    assert shown["hoadt.skhcn@ninhbinh.gov.vn"][4:] == ["Disabled", "2026-02-01", "no longer works here", "9/QĐ"]
    assert shown["binhtv.snv@ninhbinh.gov.vn"][4:7] == ["Locked", "2026-01-05", "NB-23, Điều 7 khoản 2 điểm đ"]
    assert shown["cuclt.giaothuy@ninhbinh.gov.vn"][3] == "missing from the roster"
    assert shown["a1@ninhbinh.gov.vn"][3:] == ["linked to nobody", "Active", "–", "–", "–"]
    assert shown[f"CN=2,{world.BASE}"][4] == "locked in the directory itself"
    assert shown["a3@ninhbinh.gov.vn"][3] == "former mailbox after a new issue"
    assert shown["a4@ninhbinh.gov.vn"][3] == "unclear whose"
    assert shown["a5@ninhbinh.gov.vn"][:4] == ["P5", "Vũ Thị Mai", "Sở Nội vụ", "not taken over yet"]
    assert shown["a6@ninhbinh.gov.vn"][:4] == ["P6", "", "", "faulty row, quarantined"]
    assert shown["a7@ninhbinh.gov.vn"][6] == "ngoài lề"
    assert table.title.en == "Account review, first half of 2026, on 2026-03-10"


def test_the_last_use_is_shown_only_if_it_is_asked_for(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Activity of a person is sensitive data (Luật 91/2025/QH15; domain §4.4)."""
    accounts = tuple(replace(a, last_use=None) for a in office[0])
    accounts = changed(accounts, "P1", last_use=LastUse(date(2026, 2, 3), 14))
    accounts = changed(accounts, "P2", last_use=LastUse(date(2026, 2, 4), 0))
    accounts = changed(accounts, "P3", last_use=LastUse(None, 0))
    accounts = changed(accounts, "P4", last_use=LastUse(date(2026, 8, 1), 0))
    view = view_of(accounts, today=date(2026, 7, 1))
    without = tables.review(view, HALF, with_last_use=False)
    shown = tables.review(view, HALF, with_last_use=True)

    assert "2026-02-03" not in words_of(without)
    assert without.notes == ()
    assert row_of(shown, "Nguyễn Ngọc Thành")["Last used"] == "2026-02-03 (+14)"
    assert row_of(shown, "Đặng Thị Hòa")["Last used"] == "2026-02-04"
    assert row_of(shown, "Trần Văn Bình")["Last used"] == "never used"
    assert row_of(shown, "Lê Thị Cúc")["Last used"] == "2026-08-01: clock in doubt"
    assert row_of(shown, "unit:skhcn")["Last used"] == "no evidence"
    assert "sensitive" in shown.notes[0].en


# ── deletions ────────────────────────────────────────────────────────────────


def test_the_calendar_shows_the_day_on_which_a_plan_deletes(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-28 (Điều 7.4): three months after the lock; the day shown is the first on which a plan deletes."""
    accounts, ledger = office
    gone = (*PEOPLE[:2], world.leaver("P3", full_name="Trần Văn Bình", unit="snv"), PEOPLE[3])
    before = row_of(tables.deletions(view_of(accounts, gone, ledger=ledger), ledger), "Trần Văn Bình")
    plan = world.plan_of(gone, accounts, units=UNITS, ledger=ledger)
    accounts, ledger = world.applied(plan, accounts, ledger, TODAY)
    shown = row_of(tables.deletions(view_of(accounts, gone, ledger=ledger), ledger), "Trần Văn Bình")
    due = date.fromisoformat(shown["Day"])
    on_the_day = row_of(tables.deletions(view_of(accounts, gone, ledger=ledger, today=due), ledger), "Trần Văn Bình")

    def kinds(day: date) -> list[str]:
        return world.kinds(world.plan_of(gone, accounts, units=UNITS, ledger=ledger, today=day))

    assert shown == {
        "Day": "2026-06-11", "Name or mailbox": "Trần Văn Bình", "Unit": "Sở Nội vụ",
        "Address": "binhtv.snv@ninhbinh.gov.vn", "Rule": "NB-28, Điều 7 khoản 4", "Remark": "–",
    }  # fmt: skip
    assert (before["Day"], before["Remark"]) == ("2026-06-11", "once carried out: disable")
    assert (on_the_day["Day"], on_the_day["Remark"]) == ("2026-06-11", "due, in today's plan")
    assert "delete" in kinds(due)
    assert "delete" not in kinds(due - timedelta(days=1))


def test_what_is_held_or_protected_is_marked(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Nothing on hold is deleted, nor what is protected: the calendar says so beside the day."""
    accounts, ledger = office
    gone = (*PEOPLE[:2], world.leaver("P3", full_name="Trần Văn Bình", unit="snv"), PEOPLE[3])
    held = replace(ledger, holds={"snv": Hold("snv", "8/TTr", "A")})
    table = tables.deletions(view_of(accounts, gone, ledger=held), held)
    guarded = changed(accounts, "P3", protected=Text("quản trị", "administrator"))
    by_hand = tables.deletions(view_of(guarded, gone, ledger=ledger), ledger)

    assert column(table, "Remark") == ["On hold by a document"]
    assert column(by_hand, "Remark") == ["Protected account, to be done by hand"]


def test_who_works_again_or_is_missing_has_no_day(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Missing is not left: a closed mailbox without a row is counted, and no day is set for it."""
    accounts = restamped(office[0], "P3", state=State.DISABLED, why=Reason.LEFT, since=date(2026, 2, 1))
    back = tables.deletions(view_of(accounts), world.EMPTY)
    missing = tables.deletions(view_of(accounts, (*PEOPLE[:2], PEOPLE[3])), world.EMPTY)

    assert back.rows == missing.rows == ()
    assert len(back.notes) == 1
    assert missing.notes[1].en.startswith("1 closed mailboxes")


def test_a_lock_that_ends_in_a_deletion_is_in_the_calendar_unless_a_reason_was_given() -> None:
    """Q4-15 (Điều 8.1.b) deletes what was locked for not being used; where a clause exempts, a stated reason helps."""
    law = world.policy("hcmc-quan4-2013")
    accounts, _ = world.settled(PEOPLE, units=UNITS, with_policy=law, today=date(2025, 10, 1))
    accounts = restamped(accounts, "P3", state=State.LOCKED, why="idle-lock", since=date(2026, 1, 5))
    accounts = changed(accounts, "P3", last_use=LastUse(date(2025, 11, 3), 0), enabled=False, must_change=False)
    away = (*PEOPLE[:2], world.row("P3", "Trần Văn Bình", "snv", status="on_leave"), PEOPLE[3])
    spares = tuple(
        replace(term, exempts=True) if term.does is ActionKind.DELETE else term for term in law.regulation.terms
    )
    mild = replace(law, regulation=replace(law.regulation, terms=spares))

    shown = tables.deletions(view_of(accounts, away, policy=law), world.EMPTY)
    assert column(shown, "Rule") == ["Q4-15, Điều 8 khoản 1 điểm b"]
    assert column(shown, "Day") == ["2026-05-05"]
    assert tables.deletions(view_of(accounts, away, policy=mild), world.EMPTY).rows == ()


def test_a_regulation_that_is_not_in_force_yet_says_so(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Before 10 December 2025 nothing is planned under the Ninh Bình text; a report of that time says so."""
    early = tables.addresses(view_of(office[0], today=date(2025, 12, 9)))

    assert early.notes[-1].en == "162/2025/QĐ-UBND is in force from 2025-12-10."
