"""A sample small enough to read: a dozen people of four units, one for each main situation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from syncagent.core.document import Document
from syncagent.core.person import Event, PersonType, Status
from syncagent.core.stamp import AccountKind, Reason, Stamp, State
from syncagent.core.unit import UnitKind, Units
from syncagent.sample import surroundings
from syncagent.sample.accounts import Mailbox, Registry
from syncagent.sample.leaving import close
from syncagent.sample.names import FullName
from syncagent.sample.office import MERGER, REQUEST_COLUMNS, passed
from syncagent.sample.people import Employee, Post
from syncagent.sample.sample import Sample
from syncagent.sample.situations import Situation
from syncagent.sample.units import Agency, Room, unit_row

if TYPE_CHECKING:
    from syncagent.core.directory import Directory
    from syncagent.core.unit import Unit

_SKHCN = Agency(
    "skhcn", "Sở Khoa học và Công nghệ", UnitKind.AGENCY, "Giám đốc", "Phó Giám đốc",
    (Room("ttcdstt", "Trung tâm Chuyển đổi số và Truyền thông", mailbox=True),), 1,
)  # fmt: skip
_SNV = Agency("snv", "Sở Nội vụ", UnitKind.AGENCY, "Giám đốc", "Phó Giám đốc", (), 1)
_GIAO_THUY = Agency("giaothuy", "Ủy ban nhân dân xã Giao Thủy", UnitKind.COMMUNE, "Chủ tịch", "Phó Chủ tịch", (), 1)
_CENTRE = "skhcn-ttcdstt"
_RULES = Document("541/QĐ-UBND", MERGER - timedelta(days=4), "Chủ tịch Ủy ban nhân dân tỉnh")


def starter(as_of: date, directory: Directory) -> Sample:
    """Given a day, return the sample that a new installation starts from; it is the same but for its dates.

    Args:
        as_of: the day for which the situations are true.
        directory: how accounts are written.
    """
    tree = {unit.unit: unit for agency in (_SKHCN, _SNV, _GIAO_THUY) for unit in agency.units(MERGER, _RULES)}
    desk = _Desk(as_of, Registry(directory, Units(tree), Random(1)))  # noqa: S311 - repeatable, not secret
    for unit in tree.values():
        if unit.mailbox:
            desk.open_unit(unit)
    staff = [*_stay(desk), *_come(desk), *_move(desk), *_go(desk)]
    holders = dict(zip(tree, ("NB000001", "NB000001", "NB000005", "NB000004"), strict=True))
    desk.registry.name_holders(holders)
    held = [replace(unit, mailbox_holders=(holders[unit.unit],)) for unit in tree.values()]
    return Sample(
        people=[row for employee in staff for row in employee.rows],
        units=[unit_row(unit) for unit in held],
        requests=[_letter(as_of)],
        entries=[
            *surroundings.above(desk.registry, list(tree)),
            *desk.registry.entries,
            *surroundings.beside(desk.registry, desk.registry.entries),
        ],
        situations={unit.key: Situation.IN_STEP for unit in tree.values() if unit.mailbox}
        | {employee.key: employee.situation for employee in staff}
        | {"main:lockout_threshold": Situation.LOCKOUT_DIFFERS},
    )


@dataclass(slots=True)
class _Desk:
    as_of: date
    registry: Registry
    people: int = 0
    decisions: int = 120

    def ago(self, days: int) -> date:
        return self.as_of - timedelta(days=days)

    def decision(self, effective: date) -> Document:
        self.decisions += 1
        return Document(f"{self.decisions}/QĐ-SNV", effective - timedelta(days=3), "Giám đốc Sở Nội vụ")

    def person(self, name: str, unit: str, position: str, situation: Situation, rank: int = 2) -> Employee:
        """Return the next person, with a made-up birthday."""
        self.people += 1
        agency = next(one for one in (_SKHCN, _SNV, _GIAO_THUY) if unit.startswith(one.key))
        post = Post(unit, position, rank, PersonType.OFFICIAL)
        key = f"NB{self.people:06d}"
        born = date(1966 + 2 * self.people, self.people % 12 + 1, self.people)
        return Employee(key, key, FullName(name), born, "", agency, post, situation)

    def mailbox(self, employee: Employee, unit: str = "", row: date = MERGER) -> Mailbox:
        """Write the row of the merger, and return the mailbox that is in step with it."""
        post = employee.post._replace(unit=unit or employee.post.unit)
        if row == MERGER:
            employee.row(MERGER, self.decision(MERGER), post=post)
        address, _ = self.registry.grant(*employee.name, post.unit)
        created = self.ago(200)
        stamp = Stamp(
            AccountKind.PERSONAL,
            employee.key,
            State.ACTIVE,
            self.ago(80),
            Reason.ADOPTED,
            post.unit,
            created,
            row=row,
        )
        return Mailbox(
            employee.name.text, post.unit, address, stamp, created, employee.key, position=post.position,
            password=self.ago(30), used=self.ago(1),
        )  # fmt: skip

    def open_unit(self, unit: Unit) -> None:
        kind = AccountKind.DEPARTMENT if unit.kind is UnitKind.DEPARTMENT else AccountKind.AGENCY
        created = self.ago(200)
        stamp = Stamp(kind, unit.unit, State.ACTIVE, self.ago(80), Reason.ADOPTED, issued=created)
        address = self.registry.unit_address(unit.unit)
        self.registry.open(
            Mailbox(unit.name, unit.unit, address, stamp, created, password=self.ago(30), used=self.ago(1))
        )


def _stay(desk: _Desk) -> list[Employee]:
    """Write of those who stay: in step, appointed, on leave, not marked as ours, never logged on."""
    director = desk.person("Nguyễn Ngọc Thành", "skhcn", "Giám đốc", Situation.IN_STEP, rank=8)
    desk.registry.open(desk.mailbox(director))

    appointed = desk.person("Bùi Văn Nam", "giaothuy", "Phó Chủ tịch", Situation.APPOINTED, rank=7)
    mailbox = desk.mailbox(appointed)
    appointed.rows[-1] |= {"position": "Chuyên viên", "rank": "2"}
    mailbox.position = "Chuyên viên"
    appointed.row(desk.ago(6), desk.decision(desk.ago(6)), Event.APPOINTED)
    desk.registry.open(mailbox)

    mother = desk.person("Đinh Thị Nhung", "giaothuy", "Chuyên viên", Situation.ON_LEAVE)
    desk.registry.open(desk.mailbox(mother))
    mother.row(desk.ago(20), desk.decision(desk.ago(20)), Event.MATERNITY_LEAVE, Status.ON_LEAVE)

    unmarked = desk.person("Đặng Quốc Việt", "giaothuy", "Văn thư", Situation.UNMARKED)
    mailbox = desk.mailbox(unmarked)
    mailbox.marked = False
    desk.registry.open(mailbox)

    idle = desk.person("Hoàng Đức Anh", "snv", "Chuyên viên", Situation.PASSWORD_DEFAULT)
    issued = desk.ago(64)
    idle.row(issued, desk.decision(issued), Event.RECRUITED)
    mailbox = desk.mailbox(idle, row=issued)
    mailbox.created, mailbox.password, mailbox.used = issued, None, None
    mailbox.stamp = replace(mailbox.stamp, since=issued, why=Reason.ISSUED, issued=issued, password=issued)
    desk.registry.open(mailbox)
    if not passed(issued, 1, desk.as_of):
        idle.situation = Situation.PASSWORD_FRESH
    return [director, appointed, mother, unmarked, idle]


def _come(desk: _Desk) -> list[Employee]:
    """Write of those who come: one gets a mailbox, one has the name of somebody who is there already."""
    joiner = desk.person("Trần Thị Hồng Lan", _CENTRE, "Chuyên viên", Situation.JOINER)
    joiner.row(desk.ago(4), desk.decision(desk.ago(4)), Event.RECRUITED)
    namesake = desk.person("Nguyễn Ngọc Thanh", "skhcn", "Chuyên viên", Situation.JOINER_CLASH)
    row = namesake.row(desk.ago(3), desk.decision(desk.ago(3)), Event.CONTRACTED)
    row["received_on"] = desk.ago(1).isoformat()
    return [joiner, namesake]


def _move(desk: _Desk) -> list[Employee]:
    """Write of those who move: to another agency, and to a room of the same one."""
    found = []
    for name, before, after, situation in (
        ("Đỗ Minh Quân", "giaothuy", "skhcn", Situation.MOVER),
        ("Vũ Thị Thu Hà", "skhcn", _CENTRE, Situation.MOVER_ROOM),
    ):
        mover = desk.person(name, after, "Chuyên viên", situation)
        mailbox = desk.mailbox(mover, before)
        mover.row(desk.ago(5), desk.decision(desk.ago(5)), Event.TRANSFERRED)
        desk.registry.open(mailbox)
        found.append(mover)
    return found


def _go(desk: _Desk) -> list[Employee]:
    """Write of those who go: with a document and without, and two whose mailboxes are closed already."""
    retired = desk.person("Phạm Văn Hùng", "skhcn", "Chuyên viên chính", Situation.LEAVER, rank=3)
    retired.birth_date = desk.ago(22_400)
    desk.registry.open(desk.mailbox(retired))
    row = retired.row(desk.ago(2), desk.decision(desk.ago(2)), Event.RETIRED, Status.LEFT)
    row["received_on"] = desk.ago(1).isoformat()

    unproved = desk.person("Lê Thị Hương", "snv", "Chuyên viên", Situation.LEAVER_UNDOCUMENTED)
    desk.registry.open(desk.mailbox(unproved))
    unproved.row(desk.ago(9), Document(), Event.RESIGNED, Status.LEFT)

    found = [retired, unproved]
    for name, days, situation in (
        ("Ngô Thị Oanh", 30, Situation.LEAVER_WAITING),
        ("Mai Xuân Trường", 125, Situation.LEAVER_DUE),
    ):
        gone = desk.person(name, "snv", "Chuyên viên", situation)
        left = desk.ago(days)
        mailbox = desk.mailbox(gone)
        decision = desk.decision(left)
        gone.row(left, decision, Event.MOVED_OUT, Status.LEFT)
        close(mailbox, left, left, decision.number)
        desk.registry.open(mailbox)
        if situation is Situation.LEAVER_DUE and not passed(left, 3, desk.as_of):
            gone.situation = Situation.LEAVER_WAITING
        found.append(gone)
    return found


def _letter(as_of: date) -> dict[str, str]:
    """Return the letter that asks for the newcomer's mailbox (Mẫu 01)."""
    return {
        **dict.fromkeys(REQUEST_COLUMNS, ""),
        "request_id": "YC-0001",
        "received_on": (as_of - timedelta(days=1)).isoformat(),
        "channel": "công văn",
        "from_unit": "skhcn",
        "from_address": "skhcn@ninhbinh.gov.vn",
        "kind": "create",
        "subject": "NB000006",
        "reason": "Cấp mới hộp thư cho người mới được tuyển dụng",
        "document_number": "15/SKHCN-VP",
        "document_date": (as_of - timedelta(days=2)).isoformat(),
    }
