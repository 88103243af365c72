"""What the personnel offices of the sample province have on file: dates, decisions, requests, accounts."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from syncagent.core.names import needs_an_eye
from syncagent.core.periods import Calendar, Term, due_after
from syncagent.core.person import Event, PersonType
from syncagent.core.stamp import AccountKind, Reason, Stamp, State
from syncagent.core.unit import UnitKind
from syncagent.sample import decisions, names
from syncagent.sample.accounts import Mailbox, Registry
from syncagent.sample.people import ADULT_DAYS, Post

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from syncagent.core.document import Document
    from syncagent.core.request import RequestKind
    from syncagent.core.unit import Unit
    from syncagent.sample.names import FullName
    from syncagent.sample.people import Employee
    from syncagent.sample.units import Agency

IN_FORCE = date(2025, 12, 10)
"""When the regulation of the sample province came into force: no window starts earlier (contract §6)."""
MERGER = date(2025, 7, 1)
"""When the communes and agencies of today were formed."""

REQUEST_COLUMNS = (
    "request_id", "received_on", "channel", "from_unit", "from_address", "kind", "subject", "value", "reason",
    "document_number", "document_date", "until",
)  # fmt: skip
"""The columns of `requests.csv` (contract §4)."""

_DAY = timedelta(days=1)
_TWO_YEARS = timedelta(days=730)
_ORDINARY = Post("", "Chuyên viên", 2, PersonType.WORKER)
_SEVERAL_ROWS, _SINCE_MERGER = 0.3, 0.75
"""Up to which drawn number somebody has several rows, and up to which one of the merger."""
_OLD = 160
"""Accounts and rows that are not part of a story are older than this many days."""


@dataclass(slots=True)
class Office:
    """Where the stories of people are written down.

    `dissolved` is a room that was closed lately. `holders` are, by agency, names whose address, as the
    regulation builds it, is held: whoever joins with such a name clashes. `turns` counts how often a story
    was told, so that its variants alternate.
    """

    as_of: date
    rng: Random
    agencies: Sequence[Agency]
    registry: Registry
    dissolved: str
    requests: list[dict[str, str]] = field(default_factory=list)
    holders: dict[str, list[FullName]] = field(default_factory=lambda: defaultdict(list))
    turns: Counter[str] = field(default_factory=Counter)

    def ago(self, least: int, most: int) -> date:
        """Return some day from `most` to `least` days ago; negative numbers are days to come."""
        return self.as_of - timedelta(days=self.rng.randint(least, most))

    def turn(self, story: str, variants: int) -> int:
        """Return 0, 1, … `variants` - 1 in turn."""
        self.turns[story] += 1
        return (self.turns[story] - 1) % variants

    def decision(self, effective: date, agency: Agency | None = None) -> Document:
        """Return a decision about a person that takes effect on a day."""
        return decisions.of_person(self.rng, effective, agency)

    def ask(self, kind: RequestKind, subject: str, agency: Agency, value: str = "", reason: str = "") -> None:
        """Note a written request of an agency, received within the last two days."""
        received = self.ago(0, 2)
        office = "UBND" if agency.kind is UnitKind.COMMUNE else agency.key.upper()
        self.requests.append(
            {
                **dict.fromkeys(REQUEST_COLUMNS, ""),
                "request_id": f"YC{self.as_of:%Y}-{len(self.requests) + 1:04d}",
                "received_on": received.isoformat(),
                "channel": "công văn",
                "from_unit": agency.key,
                "from_address": self.registry.unit_address(agency.key),
                "kind": kind.value,
                "subject": subject,
                "value": value,
                "reason": reason,
                "document_number": f"{self.rng.randint(11, 1990)}/{office}-VP",
                "document_date": (received - _DAY).isoformat(),
            }
        )

    # ── people ───────────────────────────────────────────────────────────────

    def past(self, employee: Employee, post: Post | None = None, before: date | None = None) -> date:
        """Write the rows of the years until now and return when the last of them took effect.

        Most people hold one decision of the merger, some an older one, some several.
        """
        latest = (before or self.as_of) - timedelta(days=100)
        post = post or employee.post
        kind = self.rng.random()
        if kind < _SEVERAL_ROWS and (began := self._day(employee, latest - _TWO_YEARS)):
            first = Event.RECRUITED if post.rank > _ORDINARY.rank else Event.CONTRACTED
            then = Event.APPOINTED if post.rank > _ORDINARY.rank else Event.RECRUITED
            lower = _ORDINARY._replace(unit=post.unit, type=post.type)
            employee.row(began, self._decision(employee, began), first, post=lower)
            rose = latest - timedelta(days=self.rng.randint(0, 600))
            employee.row(rose, self._decision(employee, rose), then, post=post)
            return rose
        if kind < _SINCE_MERGER and latest > MERGER:
            employee.row(MERGER, self._decision(employee, MERGER), post=post)
            return MERGER
        began = self._day(employee, latest) or latest
        event = (Event.RECRUITED, Event.RECEIVED, Event.CONTRACTED)[self.rng.randrange(3)]
        employee.row(began, self._decision(employee, began), event, post=post)
        return began

    def _day(self, employee: Employee, latest: date) -> date | None:
        """Return some day of somebody's working life until `latest`, None if they were too young then."""
        life = (latest - employee.birth_date).days - ADULT_DAYS
        return latest - timedelta(days=self.rng.randint(0, life)) if life >= 0 else None

    def _decision(self, employee: Employee, day: date) -> Document:
        return decisions.of_person(self.rng, day, employee.agency)

    def elsewhere(self, employee: Employee) -> Post:
        """Return a post in a room of another agency."""
        while (other := self.rng.choice(self.agencies)).key == employee.agency.key:
            pass
        room = self.rng.choice(other.rooms)
        return Post(other.room_key(room), "Chuyên viên", 2, employee.post.type)

    def next_door(self, employee: Employee) -> Post:
        """Return the same post in another room of the same agency."""
        rooms = [employee.agency.room_key(room) for room in employee.agency.rooms]
        others = [room for room in rooms if room != employee.post.unit]
        return employee.post._replace(unit=self.rng.choice(others))

    def claim(self, employee: Employee, *, uncertain: bool = False) -> None:
        """Give somebody who comes a name whose address is free, and take that address."""
        draw = names.draw_uncertain if uncertain else names.draw
        if uncertain:
            employee.name = draw(self.rng)
        while _unclear(employee.name) or not self.registry.is_free(address := self.wished(employee)):
            employee.name = draw(self.rng)
        self.registry.take(address)

    def wished(self, employee: Employee) -> str:
        """Return the address the regulation builds for somebody where they are now."""
        return self.registry.built(*employee.name, employee.post.unit)

    def namesake(self, agency: Agency) -> FullName:
        """Return a name whose address somebody of an agency holds."""
        while _unclear(name := self.rng.choice(self.holders[agency.key])):
            pass
        return name

    # ── accounts ─────────────────────────────────────────────────────────────

    def mailbox(self, employee: Employee, row: date, post: Post | None = None) -> Mailbox:
        """Return an ordinary mailbox, taken over long ago, in step with the row of that day."""
        post = post or employee.post
        address, agreed = self.registry.grant(*employee.name, post.unit)
        if agreed and self.rng.getrandbits(1):
            employee.rows[-1]["agreed_address"] = address
        if not agreed:
            self.holders[post.unit.partition("-")[0]].append(employee.name)
        created = self.ago(_OLD, 900)
        return Mailbox(
            name=employee.name.text,
            given_name=employee.name.given_name,
            unit=post.unit,
            position=post.position,
            address=address,
            key=employee.pseudonym,
            stamp=Stamp(
                AccountKind.PERSONAL, employee.pseudonym, State.ACTIVE, self.ago(80, 84), Reason.ADOPTED,
                unit=post.unit, issued=created, row=row,
            ),
            created=created,
            password=self.ago(5, 150),
            used=self.ago(0, 12),
        )  # fmt: skip

    def unit_mailbox(self, unit: Unit) -> Mailbox:
        """Return the mailbox of an agency or department, in step."""
        created = self.ago(_OLD, 250)
        kind = AccountKind.DEPARTMENT if unit.kind is UnitKind.DEPARTMENT else AccountKind.AGENCY
        return Mailbox(
            name=unit.name,
            unit=unit.unit,
            address=self.registry.unit_address(unit.unit),
            stamp=Stamp(kind, unit.unit, State.ACTIVE, self.ago(80, 84), Reason.ADOPTED, issued=created),
            created=created,
            password=self.ago(5, 150),
            used=self.ago(0, 3),
            quota_mb=5120,
        )


def passed(since: date, months: int, as_of: date) -> bool:
    """Whether a term of months from `since` has passed by `as_of`, so that what follows it is due."""
    return due_after(max(since, IN_FORCE), Term(months=months), Calendar()) <= as_of


def _unclear(name: FullName) -> bool:
    """Whether nobody has decided yet which syllables of a name are the tên."""
    return needs_an_eye(name.text) and not name.given_name
