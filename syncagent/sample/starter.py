"""A sample small enough to read: a dozen people of four units, one for each main situation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from syncagent.core.action import ActionKind
from syncagent.core.document import Document
from syncagent.core.person import Event, PersonType, Status
from syncagent.core.stamp import AccountKind, Reason, Stamp, State
from syncagent.core.terms import STATE_AFTER
from syncagent.core.unit import UnitKind, Units
from syncagent.sample import scheme as schemes
from syncagent.sample import surroundings
from syncagent.sample.accounts import Mailbox, Registry
from syncagent.sample.leaving import close
from syncagent.sample.names import FullName
from syncagent.sample.office import REQUEST_COLUMNS, passed
from syncagent.sample.people import Employee, Post
from syncagent.sample.places import NINH_BINH, PLACES
from syncagent.sample.sample import Sample
from syncagent.sample.scheme import Scheme
from syncagent.sample.situations import Situation
from syncagent.sample.units import unit_row

if TYPE_CHECKING:
    from syncagent.core.directory import Directory
    from syncagent.core.regulation import Regulation
    from syncagent.core.unit import Unit
    from syncagent.sample.places import Place


_QUOTA_MB = 2048


def starter(as_of: date, directory: Directory, regulation: Regulation | None = None) -> Sample:
    """Given a day, return the sample that a new installation starts from; it is the same but for its dates.

    What follows from each situation (`Sample.situations`) is foreseen under the regulation of Ninh Bình only.

    Args:
        as_of: the day for which the situations are true.
        directory: how accounts are written.
        regulation: the shipped one under which the sample plays, None for that of Ninh Bình.
    """
    place = PLACES[regulation.id] if regulation else NINH_BINH
    scheme = Scheme.of(regulation.naming) if regulation else schemes.NINH_BINH
    closes = regulation.leaver.does if regulation else ActionKind.DISABLE
    quota = regulation.quota if regulation else None
    tree = {unit.unit: unit for agency in place.agencies for unit in agency.units(place.formed, place.rules)}
    registry = Registry(directory, Units(tree), Random(1), scheme)  # noqa: S311 - repeatable, not secret
    desk = _Desk(as_of, registry, place, closes, quota.size_mb if quota else _QUOTA_MB)
    for unit in tree.values():
        if unit.mailbox:
            desk.open_unit(unit)
    staff = [*_stay(desk), *_come(desk), *_move(desk), *_go(desk)]
    holders = dict(zip(tree, (desk.key(1), desk.key(1), desk.key(5), desk.key(4)), strict=True))
    registry.name_holders(holders)
    held = [replace(unit, mailbox_holders=(holders[unit.unit],)) for unit in tree.values()]
    return Sample(
        people=[row for employee in staff for row in employee.rows],
        units=[unit_row(unit) for unit in held],
        requests=[_letter(desk)],
        entries=[
            *surroundings.above(registry, list(tree)),
            *registry.entries,
            *surroundings.beside(registry, registry.entries),
        ],
        situations={unit.key: Situation.IN_STEP for unit in tree.values() if unit.mailbox}
        | {employee.key: employee.situation for employee in staff}
        | {"main:lockout_threshold": Situation.LOCKOUT_DIFFERS},
    )


@dataclass(slots=True)
class _Desk:
    """Where the people are thought up; `first` with its room, `second` and `local` are the units they work in."""

    as_of: date
    registry: Registry
    place: Place
    closes: ActionKind | None
    quota_mb: int
    people: int = 0
    decisions: int = 120

    @property
    def first(self) -> str:
        return self.place.agencies[0].key

    @property
    def room(self) -> str:
        return self.place.agencies[0].room_key(self.place.agencies[0].rooms[0])

    @property
    def second(self) -> str:
        return self.place.agencies[1].key

    @property
    def local(self) -> str:
        return self.place.agencies[2].key

    def key(self, number: int) -> str:
        return f"{self.place.prefix}{number:06d}"

    def ago(self, days: int) -> date:
        return self.as_of - timedelta(days=days)

    def decision(self, effective: date) -> Document:
        self.decisions += 1
        return Document(f"{self.decisions}/QĐ-{self.place.symbol}", effective - timedelta(days=3), self.place.signer)

    def person(self, name: str, unit: str, position: str, situation: Situation, rank: int = 2) -> Employee:
        """Return the next person, with a made-up birthday."""
        self.people += 1
        agency = next(one for one in self.place.agencies if unit.startswith(one.key))
        post = Post(unit, position, rank, PersonType.OFFICIAL)
        key = self.key(self.people)
        born = date(1966 + 2 * self.people, self.people % 12 + 1, self.people)
        return Employee(key, key, FullName(name), born, "", agency, post, situation)

    def mailbox(self, employee: Employee, unit: str = "", row: date | None = None) -> Mailbox:
        """Write the row of the merger, and return the mailbox that is in step with it."""
        post = employee.post._replace(unit=unit or employee.post.unit)
        if row is None:
            row = self.place.formed
            employee.row(row, self.decision(row), post=post)
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
            password=self.ago(30), used=self.ago(1), quota_mb=self.quota_mb,
        )  # fmt: skip

    def open_unit(self, unit: Unit) -> None:
        kind = AccountKind.DEPARTMENT if unit.kind is UnitKind.DEPARTMENT else AccountKind.AGENCY
        created = self.ago(200)
        stamp = Stamp(kind, unit.unit, State.ACTIVE, self.ago(80), Reason.ADOPTED, issued=created)
        address = self.registry.unit_address(unit.unit)
        self.registry.open(
            Mailbox(
                unit.name,
                unit.unit,
                address,
                stamp,
                created,
                password=self.ago(30),
                used=self.ago(1),
                quota_mb=self.quota_mb,
            )
        )


def _stay(desk: _Desk) -> list[Employee]:
    """Write of those who stay: in step, appointed, on leave, not marked as ours, never logged on."""
    director = desk.person("Nguyễn Ngọc Thành", desk.first, desk.place.agencies[0].head, Situation.IN_STEP, rank=8)
    desk.registry.open(desk.mailbox(director))

    appointed = desk.person("Bùi Văn Nam", desk.local, desk.place.agencies[2].deputy, Situation.APPOINTED, rank=7)
    mailbox = desk.mailbox(appointed)
    appointed.rows[-1] |= {"position": "Chuyên viên", "rank": "2"}
    mailbox.position = "Chuyên viên"
    appointed.row(desk.ago(6), desk.decision(desk.ago(6)), Event.APPOINTED)
    desk.registry.open(mailbox)

    mother = desk.person("Đinh Thị Nhung", desk.local, "Chuyên viên", Situation.ON_LEAVE)
    desk.registry.open(desk.mailbox(mother))
    mother.row(desk.ago(20), desk.decision(desk.ago(20)), Event.MATERNITY_LEAVE, Status.ON_LEAVE)

    unmarked = desk.person("Đặng Quốc Việt", desk.local, "Văn thư", Situation.UNMARKED)
    mailbox = desk.mailbox(unmarked)
    mailbox.marked = False
    desk.registry.open(mailbox)

    idle = desk.person("Hoàng Đức Anh", desk.second, "Chuyên viên", Situation.PASSWORD_DEFAULT)
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
    joiner = desk.person("Trần Thị Hồng Lan", desk.room, "Chuyên viên", Situation.JOINER)
    joiner.row(desk.ago(4), desk.decision(desk.ago(4)), Event.RECRUITED)
    namesake = desk.person("Nguyễn Ngọc Thanh", desk.first, "Chuyên viên", Situation.JOINER_CLASH)
    row = namesake.row(desk.ago(3), desk.decision(desk.ago(3)), Event.CONTRACTED)
    row["received_on"] = desk.ago(1).isoformat()
    return [joiner, namesake]


def _move(desk: _Desk) -> list[Employee]:
    """Write of those who move: to another agency, and to a room of the same one."""
    found = []
    for name, before, after, situation in (
        ("Đỗ Minh Quân", desk.local, desk.first, Situation.MOVER),
        ("Vũ Thị Thu Hà", desk.first, desk.room, Situation.MOVER_ROOM),
    ):
        mover = desk.person(name, after, "Chuyên viên", situation)
        mailbox = desk.mailbox(mover, before)
        mover.row(desk.ago(5), desk.decision(desk.ago(5)), Event.TRANSFERRED)
        desk.registry.open(mailbox)
        found.append(mover)
    return found


def _go(desk: _Desk) -> list[Employee]:
    """Write of those who go: with a document and without, and two whose mailboxes are closed already."""
    retired = desk.person("Phạm Văn Hùng", desk.first, "Chuyên viên chính", Situation.LEAVER, rank=3)
    retired.birth_date = desk.ago(22_400)
    desk.registry.open(desk.mailbox(retired))
    row = retired.row(desk.ago(2), desk.decision(desk.ago(2)), Event.RETIRED, Status.LEFT)
    row["received_on"] = desk.ago(1).isoformat()

    unproved = desk.person("Lê Thị Hương", desk.second, "Chuyên viên", Situation.LEAVER_UNDOCUMENTED)
    desk.registry.open(desk.mailbox(unproved))
    unproved.row(desk.ago(9), Document(), Event.RESIGNED, Status.LEFT)

    found = [retired, unproved]
    for name, days, situation in (
        ("Ngô Thị Oanh", 30, Situation.LEAVER_WAITING),
        ("Mai Xuân Trường", 125, Situation.LEAVER_DUE),
    ):
        gone = desk.person(name, desk.second, "Chuyên viên", situation)
        left = desk.ago(days)
        mailbox = desk.mailbox(gone)
        decision = desk.decision(left)
        gone.row(left, decision, Event.MOVED_OUT, Status.LEFT)
        if desk.closes:
            close(mailbox, left, left, decision.number, STATE_AFTER[desk.closes])
        desk.registry.open(mailbox)
        if situation is Situation.LEAVER_DUE and not passed(left, 3, desk.as_of):
            gone.situation = Situation.LEAVER_WAITING
        found.append(gone)
    return found


def _letter(desk: _Desk) -> dict[str, str]:
    """Return the letter that asks for the newcomer's mailbox (Mẫu 01), from the agency's own mailbox."""
    return {
        **dict.fromkeys(REQUEST_COLUMNS, ""),
        "request_id": "YC-0001",
        "received_on": desk.ago(1).isoformat(),
        "channel": "công văn",
        "from_unit": desk.first,
        "from_address": desk.registry.unit_address(desk.first),
        "kind": "create",
        "subject": desk.key(6),
        "reason": "Cấp mới hộp thư cho người mới được tuyển dụng",
        "document_number": f"15/{desk.first.upper()}-VP",
        "document_date": desk.ago(2).isoformat(),
    }
