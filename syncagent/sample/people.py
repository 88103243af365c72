"""Who works in the sample province: name, post, and the rows of the roster that tell their story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.person import PersonType, Status
from syncagent.core.unit import UnitKind
from syncagent.sample import names
from syncagent.sample.situations import Situation
from syncagent.sample.units import titles

if TYPE_CHECKING:
    from random import Random

    from syncagent.core.document import Document
    from syncagent.core.person import Event
    from syncagent.sample.names import FullName
    from syncagent.sample.units import Agency

COLUMNS = (
    "person_id", "full_name", "given_name", "birth_date", "type", "unit", "position", "rank", "primary",
    "status", "event", "effective_date", "decision_number", "decision_date", "signed_by", "received_on",
    "phone", "contact", "agreed_address", "previous_address",
)  # fmt: skip
"""The columns of `people.csv` (contract §4)."""

CLERK = "Văn thư"
"""Who looks after the mailbox of an agency (Điều 9 khoản 2)."""

_BLANK = dict.fromkeys(COLUMNS, "")
_YEAR = 365
ADULT_DAYS = 22 * _YEAR + 6
"""How old people are at least when they start to work."""
_OLDEST = 60 * _YEAR
_DAYS_PER_RANK = 2 * _YEAR
_RARE = 0.003
_LEADERS_PER_AGENCY = 4
_PEOPLE_PER_DEPUTY = 15
_LEAST_FOR_DEPUTY = 4


class Post(NamedTuple):
    """What somebody does: unit, position, rank (higher is higher) and legal type."""

    unit: str
    position: str
    rank: int
    type: PersonType


@dataclass(slots=True)
class Employee:
    """One person: `key` stands in the roster, `pseudonym` in the directory; `post` is the present one."""

    key: str
    pseudonym: str
    name: FullName
    birth_date: date
    phone: str
    agency: Agency
    post: Post
    situation: Situation = Situation.IN_STEP
    rows: list[dict[str, str]] = field(default_factory=list)

    def row(
        self,
        effective: date,
        document: Document,
        event: Event | None = None,
        status: Status = Status.WORKING,
        post: Post | None = None,
    ) -> dict[str, str]:
        """Add a row of the roster and return it, so that rarer columns can be filled in."""
        post = post or self.post
        day = document.signed_on
        added = {
            **_BLANK,
            "person_id": self.key,
            "full_name": self.name.text,
            "given_name": self.name.given_name,
            "birth_date": self.birth_date.isoformat(),
            "type": post.type.value,
            "unit": post.unit,
            "position": post.position,
            "rank": str(post.rank),
            "status": status.value,
            "event": event.value if event else "",
            "effective_date": effective.isoformat(),
            "decision_number": document.number,
            "decision_date": day.isoformat() if day else "",
            "signed_by": document.signer,
            "phone": self.phone,
        }
        self.rows.append(added)
        return added


def hire(agency: Agency, keys: list[str], pseudonyms: list[str], as_of: date, rng: Random) -> list[Employee]:
    """Given an agency and the keys of its people, return them with names and posts."""
    found = []
    for post, key, pseudonym in zip(posts(agency, len(keys)), keys, pseudonyms, strict=True):
        youngest = ADULT_DAYS + _YEAR + post.rank * _DAYS_PER_RANK
        born = as_of - timedelta(days=rng.randrange(youngest, _OLDEST))
        rare = rng.random() < _RARE
        name = rng.choice(names.RARE) if rare else names.draw(rng, muong=agency.muong)
        phone = f"0000{rng.randrange(10**6):06d}"
        found.append(Employee(key, pseudonym, name, born, phone, agency, post))
    return found


def posts(agency: Agency, count: int) -> list[Post]:
    """Return the posts of an agency, its leaders first, the others spread over its rooms."""
    local = agency.kind is UnitKind.COMMUNE
    leading = PersonType.CADRE if local else PersonType.OFFICIAL
    leaders = min(1 + count // _PEOPLE_PER_DEPUTY, _LEADERS_PER_AGENCY)
    found = [
        Post(agency.key, agency.deputy if number else agency.head, 8 - bool(number), leading)
        for number in range(leaders)
    ]
    per_room = -(-(count - leaders) // len(agency.rooms))
    for number in range(count - leaders):
        place, seat = number % len(agency.rooms), number // len(agency.rooms)
        room = agency.rooms[place]
        head, deputy = titles(room.name)
        kind = PersonType.PUBLIC_EMPLOYEE if head == "Giám đốc" and not local else PersonType.OFFICIAL
        if seat == 0:
            post = Post(agency.room_key(room), head, 6, kind)
        elif seat == 1 and per_room >= _LEAST_FOR_DEPUTY:
            post = Post(agency.room_key(room), deputy, 5, kind)
        elif place == 0 and seat == _LEAST_FOR_DEPUTY - 1:
            post = Post(agency.room_key(room), CLERK, 1, PersonType.WORKER)
        elif number % 11 == 0:
            post = Post(agency.room_key(room), "Chuyên viên chính", 3, kind)
        elif number % 13 == 0:
            post = Post(agency.room_key(room), "Kế toán", 2, kind)
        else:
            post = Post(agency.room_key(room), "Chuyên viên", 2, kind)
        found.append(post)
    return found[:count]
