"""The periodic reports: who is published, chased, counted, reviewed and deleted when, and who is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import world

from syncagent.core.account import Account, LastUse
from syncagent.core.action import ActionKind
from syncagent.core.ledger import Hold, Ledger
from syncagent.core.person import PersonRow
from syncagent.core.policy import Policy
from syncagent.core.stamp import Reason, State
from syncagent.core.survey import View, survey
from syncagent.core.unit import Unit, UnitStatus
from syncagent.report import tables
from syncagent.report.table import Table
from syncagent.text import Text

TODAY = world.TODAY
PEOPLE = (
    world.row(),
    world.row("P2", "Đặng Thị Hòa", "skhcn-vp", line=3, phone="0912345678", birth_date=date(1980, 2, 1)),
    world.row("P3", "Trần Văn Bình", "snv", line=4),
    world.row("P4", "Lê Thị Cúc", "giaothuy", line=5),
)
UNITS = tuple(replace(u, mailbox=u.unit in {"skhcn", "skhcn-vp"}) for u in world.UNITS)


def _view(
    accounts: Iterable[Account],
    people: Iterable[PersonRow] = PEOPLE,
    *,
    ledger: Ledger = world.EMPTY,
    units: Iterable[Unit] = UNITS,
    today: date = TODAY,
    policy: Policy | None = None,
    requests: tuple[object, ...] = (),
) -> View:
    roster = world.admitted(people, units, requests, ledger, today)  # type: ignore[arg-type]
    return survey(roster, [world.snapshot(*accounts)], ledger, policy or world.policy(), today)


@pytest.fixture(scope="module")
def office() -> tuple[tuple[Account, ...], Ledger]:
    """Four people and two units, everybody in step since 5 January."""
    return world.settled(PEOPLE, units=UNITS)


def _with(accounts: Iterable[Account], subject: str, **changes: object) -> tuple[Account, ...]:
    """The accounts with some facts of one of them changed."""
    return tuple(
        replace(a, **changes) if a.stamp and a.stamp.subject == subject else a  # type: ignore[arg-type]
        for a in accounts
    )


def _stamped(accounts: Iterable[Account], subject: str, **parts: object) -> tuple[Account, ...]:
    return tuple(world.restamped(a, **parts) if a.stamp and a.stamp.subject == subject else a for a in accounts)


def _column(table: Table, name: str) -> list[str]:
    place = [column.en for column in table.columns].index(name)
    return [row[place].en for row in table.rows]


def _row(table: Table, cell: str) -> dict[str, str]:
    row = next(row for row in table.rows if cell in [one.en for one in row])
    return {column.en: one.en for column, one in zip(table.columns, row, strict=True)}


def _words(table: Table) -> str:
    texts = (table.title, *table.columns, *table.notes, *(cell for row in table.rows for cell in row))
    return "\n".join(f"{text.vi}\n{text.en}" for text in texts)


# ── the public list ──────────────────────────────────────────────────────────


def test_the_public_list_names_units_and_people_and_nothing_else(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-41 (Điều 11.5): agencies, rooms and people with unit, name, address; no key, phone or birth date."""
    table = tables.addresses(_view(office[0]))

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
    assert not any(secret in _words(table) for secret in ("0912345678", "1980", "P2"))


@pytest.mark.parametrize("state", [State.LOCKED, State.DISABLED, State.WITHDRAWN])
def test_only_open_mailboxes_are_published(office: tuple[tuple[Account, ...], Ledger], state: State) -> None:
    """Domain §1.8 row 17: a mailbox that is locked or closed is not on the list."""
    table = tables.addresses(_view(_stamped(office[0], "P3", state=state)))

    assert "binhtv.snv@ninhbinh.gov.vn" not in _words(table)
    assert len(table.rows) == 5


def test_whoever_is_in_doubt_is_not_published(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Locked by hand, not receiving, without address, left, not taken over, faulty, to come, missing, doubtful."""
    accounts, _ = office
    marked = world.account(accounts, "P3")
    twin = replace(marked, guid="g9", dn=f"CN=x,{world.BASE}", stamp=None, key="P3", address="khac@ninhbinh.gov.vn")
    coming = world.row("P3", "Trần Văn Bình", "snv", effective_date=date(2026, 9, 1))
    kept = PEOPLE[:2] + PEOPLE[3:]
    views = [
        _view(_with(accounts, "P3", enabled=False)),
        _view(_with(accounts, "P3", receives=False)),
        _view(_with(accounts, "P3", address="")),
        _view(_with(accounts, "P3", stamp=None, key="P3")),
        _view(accounts, (*kept, world.leaver("P3", full_name="Trần Văn Bình", unit="snv"))),
        _view(accounts, (*kept, world.row("P3", "Trần Văn Bình", "khong-co"))),
        _view(accounts, (*kept, coming)),
        _view(accounts, kept),
        _view([*accounts, twin]),
    ]
    closed = tuple(
        replace(u, status=UnitStatus.DISSOLVED, document=world.DECISION) if u.unit == "skhcn-vp" else u for u in UNITS
    )

    assert [len(tables.addresses(view).rows) for view in views] == [5] * len(views)
    assert "vp.skhcn@" not in _words(tables.addresses(_view(accounts, units=closed)))


# ── default passwords ────────────────────────────────────────────────────────


def _unchanged(accounts: Iterable[Account], subject: str = "P3") -> tuple[Account, ...]:
    others = tuple(replace(a, must_change=False) for a in accounts)
    return _with(others, subject, must_change=True)


def test_an_unchanged_default_password_is_listed_until_it_locks(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-23 (Điều 7.2.đ): one month after issue; the day shown is the day on which a plan locks, and no earlier."""
    accounts = _unchanged(office[0])
    locks = date(2026, 2, 6)

    shown = _row(tables.default_passwords(_view(accounts, today=locks)), "Trần Văn Bình")

    assert shown == {
        "Name or mailbox": "Trần Văn Bình", "Unit": "Sở Nội vụ", "Address": "binhtv.snv@ninhbinh.gov.vn",
        "State": "Active", "Since": "2026-01-05", "Days": "32", "Locks on": "2026-02-06", "Lockable": "yes",
    }  # fmt: skip
    for day, lockable, kinds in ((locks - timedelta(days=1), "not yet", []), (locks, "yes", ["lock"])):
        table = tables.default_passwords(_view(accounts, today=day))
        plan = world.plan_of(PEOPLE, accounts, units=UNITS, ledger=office[1], today=day)
        assert _column(table, "Lockable") == [lockable]
        assert [kind for kind in world.kinds(plan) if kind == "lock"] == kinds
    assert "Điều 7 khoản 2 điểm đ" in tables.default_passwords(_view(accounts)).notes[0].vi


def test_da_nang_lists_after_three_days_and_locks_after_three_working_days() -> None:
    """DN-35 (Điều 11.2.h) lists by calendar days, DN-19 (Điều 8.1.a) locks by working days (domain §1.8 row 29)."""
    law = world.policy("danang-2017")
    accounts, _ = world.settled(PEOPLE, units=UNITS, with_policy=law, today=date(2026, 1, 15))
    accounts = _unchanged(accounts)

    def on(day: date) -> tuple[str, str]:
        shown = _row(tables.default_passwords(_view(accounts, today=day, policy=law)), "Trần Văn Bình")
        return shown["Over 3 days"], shown["Lockable"]

    # a Thursday: three days end on Sunday, so on Monday 19th; three working days on Tuesday 20th
    assert on(date(2026, 1, 19)) == ("not yet", "not yet")
    assert on(date(2026, 1, 20)) == ("yes", "not yet")
    assert on(date(2026, 1, 21)) == ("yes", "yes")


def test_what_cannot_lock_says_so(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Already locked, left, not taken over, nobody's, closed, of unknown age, unsaid: each as it is."""
    accounts = _unchanged(office[0])
    locked = tables.default_passwords(_view(_stamped(accounts, "P3", state=State.LOCKED)))
    left = tables.default_passwords(
        _view(accounts, (*PEOPLE[:2], world.leaver("P3", full_name="Trần Văn Bình", unit="snv")))
    )
    ageless = _with(_stamped(accounts, "P3", password=None, issued=None), "P3", created=None, must_change=True)
    unmarked = _with(accounts, "P3", stamp=None, key="P3", created=date(2026, 3, 20))
    stranger = _with(accounts, "P3", stamp=None, key="")
    closed = _with(_stamped(accounts, "P3", state=State.DISABLED), "P3", must_change=True)
    silent = _with(accounts, "P3", must_change=None)

    assert (_column(locked, "Locks on"), _column(locked, "Lockable")) == (["–"], ["locked already"])
    assert (_column(left, "Locks on"), _column(left, "Lockable")) == (["–"], ["–"])
    unknown = _row(tables.default_passwords(_view(ageless)), "Trần Văn Bình")
    assert (unknown["Since"], unknown["Days"], unknown["Locks on"]) == (
        "–",
        "–",
        "2026-01-11",
    )  # that Saturday is worked
    later = _row(tables.default_passwords(_view(unmarked)), "Trần Văn Bình")
    assert (later["Since"], later["Days"], later["Locks on"]) == ("2026-03-20", "–", "2026-04-21")
    assert [len(tables.default_passwords(_view(one)).rows) for one in (stranger, closed, silent)] == [0, 0, 0]
    assert "Of 1 other mailboxes" in tables.default_passwords(_view(silent)).notes[-1].en


def test_a_stated_reason_exempts_where_the_text_says_so() -> None:
    """Q4-18 (Điều 8.3.b) spares whoever is away; the list says exempt, not lockable. Bến Tre names no term at all."""
    law = world.policy("hcmc-quan4-2013")
    accounts, _ = world.settled(PEOPLE, units=UNITS, with_policy=law, today=date(2025, 10, 1))
    away = (*PEOPLE[:2], world.row("P3", "Trần Văn Bình", "snv", status="on_leave"), PEOPLE[3])
    table = tables.default_passwords(_view(_unchanged(accounts), away, policy=law))
    free = tables.default_passwords(_view(_unchanged(accounts), policy=world.policy("bentre-2016")))

    assert _column(table, "Lockable") == ["exempt"]
    assert [column.en for column in free.columns][-1] == "Days"


# ── counts ───────────────────────────────────────────────────────────────────


def test_mailboxes_are_counted_by_agency_kind_and_state(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Q4-26, NB-42: rooms count with their agency; the quarter's issues and closings; the unclear stand apart."""
    accounts = _stamped(office[0], "P3", state=State.DISABLED, since=date(2026, 2, 1), why="left")
    accounts = _stamped(accounts, "P2", issued=date(2025, 12, 20))
    accounts = _with(accounts, "P4", stamp=None, key="P4")
    stranger = replace(accounts[0], guid="g9", dn=f"CN=x,{world.BASE}", stamp=None, key="", address="x@ninhbinh.gov.vn")
    table = tables.counts(_view([*accounts, stranger], policy=world.policy("hcmc-quan4-2013")))

    assert table.title.vi == "Số lượng hộp thư, tháng 03/2026, quý I/2026, ngày 10/03/2026"
    assert "Điều 14 khoản 2" in table.notes[0].vi
    assert "1 accounts of nobody" in table.notes[-1].en
    assert [[cell.en for cell in row] for row in table.rows] == [
        ["Sở Khoa học và Công nghệ", "agency mailbox", "1", "0", "0", "0", "0", "1", "1", "0"],
        ["Sở Khoa học và Công nghệ", "department mailbox", "1", "0", "0", "0", "0", "1", "1", "0"],
        ["Sở Khoa học và Công nghệ", "personal mailbox", "2", "0", "0", "0", "0", "2", "1", "0"],
        ["Sở Nội vụ", "personal mailbox", "0", "0", "1", "0", "0", "1", "1", "1"],
        ["Ủy ban nhân dân xã Giao Thủy", "personal mailbox", "0", "0", "0", "0", "1", "1", "0", "0"],
        ["Total", "–", "4", "0", "1", "0", "1", "6", "4", "1"],
    ]


def test_whoever_is_missing_counts_with_the_unit_remembered(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """A mailbox does not leave the count because a row is missing; one of an unknown unit is counted as such."""
    accounts = _stamped(office[0], "P3", unit="giai-the")
    table = tables.counts(_view(accounts, PEOPLE[:2]))

    assert _row(table, "(unit unknown)")["Total"] == "1"
    assert _row(table, "Ủy ban nhân dân xã Giao Thủy")["Total"] == "1"


# ── use ──────────────────────────────────────────────────────────────────────


def test_use_is_a_range_where_the_evidence_is_vague(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """BT-28 (Điều 14.2): active of all; an accuracy of 14 days makes a range, no evidence stands apart."""
    accounts = tuple(replace(a, last_use=None) for a in office[0])
    accounts = _with(accounts, "P1", last_use=LastUse(TODAY - timedelta(days=40), 14))
    accounts = _with(accounts, "P2", last_use=LastUse(TODAY - timedelta(days=30), 0))
    accounts = _with(accounts, "P3", last_use=LastUse(TODAY + timedelta(days=1), 0))
    accounts = _with(accounts, "P4", last_use=LastUse(None, 0))
    table = tables.usage(_view(accounts, policy=world.policy("bentre-2016")))

    assert [[cell.en for cell in row] for row in table.rows] == [
        ["Sở Khoa học và Công nghệ", "2", "0", "0", "1–2", "50–100 %", "2", "100 %", "2", "100 %"],
        ["Sở Nội vụ", "1", "1", "0", "0", "–", "0", "–", "0", "–"],
        ["Ủy ban nhân dân xã Giao Thủy", "1", "0", "1", "0", "0 %", "0", "0 %", "0", "0 %"],
        ["Total", "4", "1", "1", "1–2", "33–67 %", "2", "67 %", "2", "67 %"],
    ]
    assert "Điều 14 khoản 2" in table.notes[0].vi
    assert "14 days" in table.notes[1].en
    assert not any(name in _words(table) for name in ("Nguyễn", "thanhnn"))


# ── review ───────────────────────────────────────────────────────────────────


def test_every_account_is_reviewed(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Managed, former, missing, doubtful, faulty, to come, nobody's: each account of the directory has a row."""
    accounts, _ = office
    accounts = _stamped(accounts, "P2", state=State.DISABLED, why=Reason.LEFT, document="9/QĐ", since=date(2026, 2, 1))
    accounts = _stamped(accounts, "P3", state=State.LOCKED, why="default-password-lock")
    by_hand = _with(accounts, "P1", enabled=False)
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
    table = tables.review(_view([*by_hand, *extra], people), with_last_use=False)

    assert len(table.rows) == len(by_hand) + len(extra)
    shown = {row[0].en: [cell.en for cell in row[1:]] for row in table.rows}
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
    accounts = _with(accounts, "P1", last_use=LastUse(date(2026, 2, 3), 14))
    accounts = _with(accounts, "P2", last_use=LastUse(date(2026, 2, 4), 0))
    accounts = _with(accounts, "P3", last_use=LastUse(None, 0))
    accounts = _with(accounts, "P4", last_use=LastUse(date(2026, 8, 1), 0))
    view = _view(accounts, today=date(2026, 7, 1))
    without = tables.review(view, with_last_use=False)
    shown = tables.review(view, with_last_use=True)

    assert "2026-02-03" not in _words(without)
    assert without.notes == ()
    assert _row(shown, "Nguyễn Ngọc Thành")["Last used"] == "2026-02-03 (+14)"
    assert _row(shown, "Đặng Thị Hòa")["Last used"] == "2026-02-04"
    assert _row(shown, "Trần Văn Bình")["Last used"] == "never used"
    assert _row(shown, "Lê Thị Cúc")["Last used"] == "2026-08-01: clock in doubt"
    assert _row(shown, "unit:skhcn")["Last used"] == "no evidence"
    assert "sensitive" in shown.notes[0].en
    assert "second half" in shown.title.en


# ── deletions ────────────────────────────────────────────────────────────────


def test_the_calendar_shows_the_day_on_which_a_plan_deletes(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """NB-28 (Điều 7.4): three months after the lock; the day shown is the first on which a plan deletes."""
    accounts, ledger = office
    gone = (*PEOPLE[:2], world.leaver("P3", full_name="Trần Văn Bình", unit="snv"), PEOPLE[3])
    before = _row(tables.deletions(_view(accounts, gone, ledger=ledger), ledger), "Trần Văn Bình")
    plan = world.plan_of(gone, accounts, units=UNITS, ledger=ledger)
    accounts, ledger = world.applied(plan, accounts, ledger, TODAY)
    shown = _row(tables.deletions(_view(accounts, gone, ledger=ledger), ledger), "Trần Văn Bình")
    due = date.fromisoformat(shown["Day"])
    on_the_day = _row(tables.deletions(_view(accounts, gone, ledger=ledger, today=due), ledger), "Trần Văn Bình")

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
    table = tables.deletions(_view(accounts, gone, ledger=held), held)
    guarded = _with(accounts, "P3", protected=Text("quản trị", "administrator"))
    by_hand = tables.deletions(_view(guarded, gone, ledger=ledger), ledger)

    assert _column(table, "Remark") == ["On hold by a document"]
    assert _column(by_hand, "Remark") == ["Protected account, to be done by hand"]


def test_who_works_again_or_is_missing_has_no_day(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Missing is not left: a closed mailbox without a row is counted, and no day is set for it."""
    accounts = _stamped(office[0], "P3", state=State.DISABLED, why=Reason.LEFT, since=date(2026, 2, 1))
    back = tables.deletions(_view(accounts), world.EMPTY)
    missing = tables.deletions(_view(accounts, (*PEOPLE[:2], PEOPLE[3])), world.EMPTY)

    assert back.rows == missing.rows == ()
    assert len(back.notes) == 1
    assert missing.notes[1].en.startswith("1 closed mailboxes")


def test_a_lock_that_ends_in_a_deletion_is_in_the_calendar_unless_a_reason_was_given() -> None:
    """Q4-15 (Điều 8.1.b) deletes what was locked for not being used; where a clause exempts, a stated reason helps."""
    law = world.policy("hcmc-quan4-2013")
    accounts, _ = world.settled(PEOPLE, units=UNITS, with_policy=law, today=date(2025, 10, 1))
    accounts = _stamped(accounts, "P3", state=State.LOCKED, why="idle-lock", since=date(2026, 1, 5))
    accounts = _with(accounts, "P3", last_use=LastUse(date(2025, 11, 3), 0), enabled=False, must_change=False)
    away = (*PEOPLE[:2], world.row("P3", "Trần Văn Bình", "snv", status="on_leave"), PEOPLE[3])
    spares = tuple(
        replace(term, exempts=True) if term.does is ActionKind.DELETE else term for term in law.regulation.terms
    )
    mild = replace(law, regulation=replace(law.regulation, terms=spares))

    shown = tables.deletions(_view(accounts, away, policy=law), world.EMPTY)
    assert _column(shown, "Rule") == ["Q4-15, Điều 8 khoản 1 điểm b"]
    assert _column(shown, "Day") == ["2026-05-05"]
    assert tables.deletions(_view(accounts, away, policy=mild), world.EMPTY).rows == ()


def test_a_regulation_that_is_not_in_force_yet_says_so(office: tuple[tuple[Account, ...], Ledger]) -> None:
    """Before 10 December 2025 nothing is planned under the Ninh Bình text; a report of that time says so."""
    early = tables.counts(_view(office[0], today=date(2025, 12, 9)))

    assert early.notes[-1].en == "162/2025/QĐ-UBND is in force from 2025-12-10."
