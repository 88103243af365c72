"""What the five texts order, day by day: naive on purpose, and nothing of the product in it.

One loop over the days, one over the people; every term is counted here, from the page on time (Civil Code 2015,
Điều 147-148) and the articles themselves. The only data from outside are the days off.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)
COARSE = 14
"""Days by which lastLogonTimestamp may be behind the truth."""

OPEN, LOCKED, DISABLED, WITHDRAWN = "open", "locked", "disabled", "withdrawn"
AWAY = {"on_leave", "suspended", "seconded"}
LONG_LEAVE = {"maternity_leave", "unpaid_leave", "study", "suspended", "seconded"}
LEAVINGS = {"retired", "resigned", "dismissed", "died", "moved_out"}
ARRIVALS = {"recruited", "received", "contracted"}
ABOUT_ACCESS = {"lock", "unlock", "reset_password", "create"}

_CLOSED_BY = {"disable": DISABLED, "withdraw": WITHDRAWN, "lock": LOCKED}
_MOOT = {
    "ordered": {"lock", "unlock"},
    "cancelled": ABOUT_ACCESS | {"cancel"},
    "unlock": {"lock", "unlock", "reset_password"},
    "restore": ABOUT_ACCESS,
    "reset_password": {"reset_password"},
}
"""Letters that have nothing left to ask for after a step, by its reason or its name."""

Happening = tuple[date, str, str]
"""A day, what happens, and the address where one is given out or given up."""


def last_day(day: date, off: Collection[date], months: int = 0, days: int = 0, working: int = 0) -> date:
    """Return the last day of a term: the day of the event is not counted, an end on a day off moves on."""
    for _ in range(working):
        day += DAY
        while day in off:
            day += DAY
    if working:
        return day
    end = day + days * DAY
    if months:
        year, month, number = day.year, day.month, day.day
        for _ in range(months):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        first_of_next = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
        end = min(date(year, month, 1) + (number - 1) * DAY, first_of_next - DAY)
    while end in off:
        end += DAY
    return end


@dataclass(frozen=True)
class Habit:
    """How somebody uses the mailbox: when they try to log in, and what they do about passwords.

    `exact` says that the server that is read saw the logons itself; of the others only the coarse day is known, which
    moves when it is `lag` days old. `renews` is after how many days one's own password is changed again (0: never).
    """

    first: date | None = None
    last: date = date.max
    every: int = 1
    exact: bool = True
    lag: int = COARSE
    changes: bool = True
    renews: int = 0

    def tries(self, day: date) -> bool:
        """Whether the holder tries to log in on this day."""
        if self.first is None or not self.first <= day <= self.last:
            return False
        return (day - self.first).days % self.every == 0


@dataclass(frozen=True)
class Post:
    """What the personnel list says of somebody from one day on; `decision` is whole, number or none."""

    day: date
    unit: str
    event: str
    status: str = "working"
    decision: str = "whole"


@dataclass(frozen=True)
class Letter:
    """A written request; `proper` says that it comes from whoever may ask, `complete` that number and reason stand."""

    number: str
    day: date
    kind: str
    until: date | None = None
    proper: bool = True
    complete: bool = True


@dataclass(frozen=True)
class Holder:
    """A person with their posts, or a unit with a mailbox (then `name` is empty and the only post its founding)."""

    key: str
    name: str
    posts: tuple[Post, ...]
    habit: Habit = Habit()
    letters: tuple[Letter, ...] = ()
    rank: int = 0

    @property
    def is_unit(self) -> bool:
        return not self.name

    def post(self, day: date) -> Post | None:
        """Return the post that counts on this day."""
        return max((post for post in self.posts if post.day <= day), key=lambda post: post.day, default=None)


@dataclass(frozen=True)
class Office:
    """A unit: what it adds to addresses, and from when it is closed, with the whole decision or without."""

    unit: str
    abbreviation: str
    agency: str
    closed: date | None = None
    decision: str = "whole"


@dataclass
class Box:
    """A mailbox: since when in which state and why, its days, its addresses, and what the directory shows of use."""

    address: str
    place: str
    since: date
    row: date
    state: str = OPEN
    why: str = ""
    opened: date = date.min
    default_since: date = date.min
    default: bool = True
    changed: date = date.min
    seen: date | None = None
    coarse: date | None = None
    former: dict[str, date] = field(default_factory=dict)

    def unused_since(self) -> date:
        """Return the latest day on which it may have been in use; whoever was never in counts from the opening.

        Of a locked one only the day of its last default password is on record; counting from there is never too early.
        """
        opened = self.opened if self.state == OPEN else self.default_since
        if self.seen and (not self.coarse or self.seen >= self.coarse):
            return max(self.seen, opened)
        return max(self.coarse + COARSE * DAY, opened) if self.coarse else opened

    @property
    def never_used(self) -> bool:
        return self.seen is None and self.coarse is None


Due = tuple[date, str, str, bool]
"""When a term is over, its name, what it orders, and whether a reason for not using the mailbox stops it."""


class Law:
    """One regulation, as its text is read (domain §1.6 to §1.8, §4.3)."""

    domain = ""
    letters: frozenset[str] = frozenset()
    transfers: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset({"seconded", "suspended", "renamed"})
    names_agency = True
    reissues = False
    numbered = False
    alias_months = 3
    leaver = WITHDRAWN
    cancel = "withdraw"
    asks_sender = False
    wants_reason = False
    units_by_letter = False
    gate: Mapping[str, int] = {}

    def __init__(self, off: Collection[date]) -> None:
        self.off = off

    def local(self, name: str) -> str:
        """Return what the address of this name begins with: the tên, then the initials of the others."""
        *others, ten = name.lower().split()
        return ten + "".join(word[0] for word in others)

    def after(self, day: date, months: int = 0, days: int = 0, working: int = 0) -> date:
        """Return the day on which what follows a term is due: the day after its last."""
        return last_day(day, self.off, months, days, working) + DAY

    def terms(self, box: Box) -> list[Due]:  # noqa: ARG002 - each text of its own says which
        """Return the terms that run for an open or locked mailbox; none where the text has none."""
        return []

    def deletes(self, box: Box, day: date) -> bool:  # noqa: ARG002 - only one text deletes after a term
        """Whether a closed mailbox is to be deleted today."""
        return False


class NinhBinh(Law):
    """162/2025/QĐ-UBND."""

    domain = "ninhbinh.gov.vn"
    asks_sender = True
    letters = frozenset({"create", "change", "lock", "unlock", "reset_password"})
    transfers = frozenset({"transferred"})
    silent = Law.silent | {"rotated"}
    leaver = DISABLED

    def terms(self, box: Box) -> list[Due]:
        """Điều 7.2.đ: a default password not changed one month after it was given."""
        if box.state == OPEN and box.default:
            return [(self.after(box.default_since, months=1), "default", "lock", False)]
        return []

    def deletes(self, box: Box, day: date) -> bool:
        """Điều 7.4: three months after sending and receiving were closed."""
        return box.state == DISABLED and day >= self.after(box.since, months=3)


class DaNang(Law):
    """3712/QĐ-UBND of 2017."""

    domain = "danang.gov.vn"
    letters = frozenset({"create", "change", "cancel", "lock", "unlock", "reset_password", "exempt"})
    transfers = frozenset({"transferred", "rotated"})
    names_agency = False
    numbered = True
    asks_sender = True

    def terms(self, box: Box) -> list[Due]:
        """Điều 8.1.a: three working days, six months; Điều 4.4: three months without access."""
        found: list[Due] = []
        if box.state == OPEN and box.default:
            found.append((self.after(box.default_since, working=3), "default", "lock", False))
        if box.state == OPEN and not box.default:
            found.append((self.after(box.changed, months=6), "own", "lock", False))
        if box.state == OPEN or box.why in {"default", "own"}:
            found.append((self.after(box.unused_since(), months=3), "idle", "withdraw", True))
        return found


class BenTre(Law):
    """05/2016/QĐ-UBND."""

    domain = "bentre.gov.vn"
    asks_sender = True
    letters = DaNang.letters
    transfers = frozenset({"transferred", "rotated"})
    reissues = True

    def local(self, name: str) -> str:
        """Điều 4.2: initials first, then the tên."""
        *others, ten = name.lower().split()
        return "".join(word[0] for word in others) + ten

    def terms(self, box: Box) -> list[Due]:
        """Điều 7.1.a: never used after 90 days; Điều 7.2: no access for 180 days."""
        found: list[Due] = []
        if box.state == OPEN and box.never_used:
            found.append((self.after(box.opened, days=90), "never", "lock", True))
        if box.state == OPEN or box.why == "never":
            found.append((self.after(box.unused_since(), days=180), "withdrawn", "withdraw", True))
        return found


class Quan4(Law):
    """03/2013/QĐ-UBND."""

    domain = "tphcm.gov.vn"
    letters = frozenset({"create", "change", "cancel", "unlock", "reset_password", "exempt"})
    transfers = frozenset({"transferred", "rotated"})
    names_agency = False
    asks_sender = True
    alias_months = 6
    wants_reason = True
    units_by_letter = True
    gate: Mapping[str, int] = {"password": 5}

    def local(self, name: str) -> str:
        """Điều 4.1.b: initials and tên, one tail for the whole district."""
        *others, ten = name.lower().split()
        return "".join(word[0] for word in others) + ten + ".q4"

    def terms(self, box: Box) -> list[Due]:
        """Điều 8.1.a: over three months; 8.1.b: over six, once locked; 8.3.b: the first password not changed."""
        found: list[Due] = []
        if box.state == OPEN:
            found.append((self.after(box.unused_since(), months=3), "idle", "lock", True))
        if box.state == OPEN and box.default:
            found.append((self.after(box.default_since, months=3), "password", "lock", True))
        if box.state == LOCKED and box.why == "idle":
            found.append((self.after(box.unused_since(), months=6), "unused", "delete", False))
        return found


class BinhDinh(Law):
    """647/QĐ-BQL of 2017: no terms, no locks; mailboxes go on a written order."""

    domain = "binhdinh.gov.vn"
    asks_sender = True
    letters = frozenset({"create", "change", "cancel", "unlock", "reset_password"})
    silent = Law.silent | {"rotated"}
    leaver = ""
    cancel = "delete"
    alias_months = 12

    def terms(self, box: Box) -> list[Due]:  # noqa: ARG002 - the text has no term
        """Return none: the text has none."""
        return []


LAWS: dict[str, type[Law]] = {
    "ninhbinh-2025": NinhBinh,
    "danang-2017": DaNang,
    "bentre-2016": BenTre,
    "hcmc-quan4-2013": Quan4,
    "binhdinh-kkt-2017": BinhDinh,
}


@dataclass
class Decision:
    """What is done with one holder today, before it is known who gets which address."""

    what: str = ""
    why: str = ""
    wants: str = ""
    moves: bool = False
    reissue: bool = False
    locked: bool = False


class Oracle:
    """The province under one law, one day after the other."""

    def __init__(self, law: Law, offices: Sequence[Office], holders: Sequence[Holder]) -> None:
        self.law = law
        self.offices = {office.unit: office for office in offices}
        self.holders = holders
        self.boxes: dict[str, Box] = {}
        self.left_behind: dict[str, list[Box]] = defaultdict(list)
        self.gone: dict[str, tuple[date, date]] = {}
        self.done: set[str] = set()
        self.owner: dict[str, str] = {}
        self.timeline: dict[str, list[Happening]] = defaultdict(list)

    def run(self, first: date, days: int) -> dict[str, list[Happening]]:
        """Return what happens to whom on which day."""
        for number in range(days):
            self.day(first + number * DAY)
        return self.timeline

    def day(self, today: date) -> None:
        """Let everybody use their mailbox, then decide for all, then carry it out."""
        for holder in self.holders:
            if holder.key in self.boxes:
                _use(self.boxes[holder.key], holder.habit, today)
        decided = {holder.key: self._decide(holder, today) for holder in self.holders}
        granted = self._grant({key: found.wants for key, found in decided.items() if found and found.wants}, today)
        for holder in self.holders:
            decision = decided[holder.key]
            if decision and not held(holder, today):
                self._carry_out(holder, decision, granted.get(holder.key, ""), today)

    # ── deciding ─────────────────────────────────────────────────────────────

    def _decide(self, holder: Holder, today: date) -> Decision | None:
        post, box = holder.post(today), self.boxes.get(holder.key)
        if post is None:
            return None
        office = self.offices[post.unit]
        closed = office.closed is not None and office.closed <= today
        ended = (closed and office.decision == "whole") if holder.is_unit else self._has_left(post)
        cancelled = self._newest(holder, today, "cancel")
        if box and cancelled and cancelled.complete and box.state != _CLOSED_BY.get(self.law.cancel):
            return Decision(self.law.cancel, "cancelled")
        if ended:
            return self._end(box, today)
        if box is None:
            return self._join(holder, post, today, closed=closed)
        if box.state in {DISABLED, WITHDRAWN}:
            return self._return(holder, post, box, today, closed=closed)
        decision = self._in_service(holder, post, box, today)
        stays = closed or holder.is_unit or post.status == "left"  # said to have left, but nobody has proved it
        if not stays and decision.what in {"", "lock", "unlock", "reset_password"}:
            self._in_step(holder, post, box, decision, today)
        return decision

    def _has_left(self, post: Post) -> bool:
        return post.status == "left" and post.event in LEAVINGS and post.decision == "whole"

    def _end(self, box: Box | None, today: date) -> Decision | None:
        if box is None or not self.law.leaver:
            return None
        if box.state in {DISABLED, WITHDRAWN}:
            return Decision("delete", "left") if self.law.deletes(box, today) else None
        return Decision({DISABLED: "disable", WITHDRAWN: "withdraw"}[self.law.leaver], "left")

    def _join(self, holder: Holder, post: Post, today: date, *, closed: bool) -> Decision | None:
        asked = self._newest(holder, today, "create")
        usual = post.status == "working" and post.event not in self.law.silent | LONG_LEAVE
        if closed or post.status == "left" or not (asked or usual or holder.is_unit):
            return None
        if holder.key in self.gone:
            row, deleted = self.gone[holder.key]
            if not post.day > row and not (asked and asked.day >= deleted and today > deleted):
                return None
        days = [asked.day] if asked else []
        opened = self._still_wanted(holder, today, [*days, post.day] if usual or holder.is_unit else days)
        if opened is None:
            return None
        locked = self._locked_since(holder, opened, today)
        return Decision("create", wants=self._address(holder, post.unit), locked=locked)

    def _return(self, holder: Holder, post: Post, box: Box, today: date, *, closed: bool) -> Decision | None:
        asked = self._newest(holder, today, "create", "unlock", since=box.since + DAY)
        after = box.row if box.why == "left" else box.since
        again = post.event in ARRIVALS | self.law.transfers and post.decision != "none" and post.day > after
        if post.status == "left" or (holder.is_unit and closed) or not (asked or again):
            return None
        days = [*([asked.day] if asked else []), *([post.day] if again else [])]
        opened = self._still_wanted(holder, today, days, box.since)
        if opened is None:
            return None
        decision = Decision("restore", locked=self._locked_since(holder, opened, today))
        if not closed and self._elsewhere(box, post.unit):
            decision.wants = self._address(holder, post.unit)
        decision.moves = not closed and box.place != post.unit
        return decision

    def _still_wanted(self, holder: Holder, today: date, days: Sequence[date], ended: date = date.min) -> date | None:
        """Return the first of the days on which the mailbox was wanted and not cancelled that day or later."""
        cancelled = self._newest(holder, today, "cancel", since=ended + DAY)
        return next((day for day in days if not cancelled or day > cancelled.day), None)

    def _locked_since(self, holder: Holder, day: date, today: date) -> bool:
        """Whether a letter of that day or later locks what is opened today: the newest order stands."""
        newest = self._newest(holder, today, "lock", "unlock", since=day)
        return newest is not None and newest.kind == "lock"

    def _in_service(self, holder: Holder, post: Post, box: Box, today: date) -> Decision:
        newest = self._newest(holder, today, "lock", "unlock")
        if box.state == OPEN and newest and newest.kind == "lock":
            return Decision("lock", "ordered")
        if box.state == LOCKED and newest and newest.kind == "unlock" and newest.day > box.since:
            opens = box.since + self.law.gate.get(box.why, 0) * DAY
            return Decision("unlock") if today >= opens else Decision()
        for due, why, what, excusable in sorted(self.law.terms(box)):
            if today >= due and not (excusable and self._excused(holder, post, today)):
                return Decision(what, why)
        if box.state == OPEN and self._newest(holder, today, "reset_password"):
            return Decision("reset_password")
        return Decision()

    def _excused(self, holder: Holder, post: Post, today: date) -> bool:
        letters = self._open(holder, today)
        given = any(
            one.kind == "exempt"
            and (one.until is None or one.until >= today)
            and (one.complete or not self.law.wants_reason)
            for one in letters
        )
        return given or (not holder.is_unit and (post.status in AWAY or post.event in LONG_LEAVE))

    def _in_step(self, holder: Holder, post: Post, box: Box, decision: Decision, today: date) -> None:
        """Let address and place follow the unit, where a decision or a request of the agency orders it."""
        asked = self._newest(holder, today, "change")
        if post.event in self.law.silent and box.row < post.day and not (asked and asked.day >= post.day):
            return
        if self._elsewhere(box, post.unit):
            ordered = post.event in self.law.transfers | ARRIVALS and post.decision != "none"
            if not (asked or ordered):
                return
            decision.wants = self._address(holder, post.unit)
            open_after = decision.what == "unlock" or (box.state == OPEN and decision.what != "lock")
            if self.law.reissues:
                waits = any(former.address == decision.wants for former in self.left_behind[holder.key])
                decision.reissue = open_after and post.decision == "whole" and not waits
                free = self.owner.get(decision.wants, holder.key) == holder.key
                decision.moves = not open_after and free and box.place != post.unit
                if not decision.reissue:
                    decision.wants = ""
                return
        decision.moves = box.place != post.unit

    def _elsewhere(self, box: Box, unit: str) -> bool:
        return self.law.names_agency and self._agency(box.address) != self.offices[unit].agency

    @staticmethod
    def _agency(address: str) -> str:
        return address.partition("@")[0].rpartition(".")[2]

    def _address(self, holder: Holder, unit: str) -> str:
        office = self.offices[unit]
        if holder.is_unit:
            local = office.abbreviation + (".q4" if isinstance(self.law, Quan4) else "")
        else:
            local = self.law.local(holder.name) + (f".{office.agency}" if self.law.names_agency else "")
        return f"{local}@{self.law.domain}"

    def _open(self, holder: Holder, today: date) -> list[Letter]:
        """Return the letters that were received, may be acted on and were not yet; on one day a lock counts last."""
        found = [
            letter
            for letter in holder.letters
            if letter.day <= today
            and letter.kind in self.law.letters
            and letter.number not in self.done
            and (letter.proper or not self.law.asks_sender)
            and (letter.complete or not (self.law.units_by_letter and holder.is_unit and letter.kind == "unlock"))
        ]
        return sorted(found, key=lambda letter: (letter.day, letter.kind == "lock", letter.number))

    def _newest(self, holder: Holder, today: date, *kinds: str, since: date = date.min) -> Letter | None:
        found = [letter for letter in self._open(holder, today) if letter.kind in kinds and letter.day >= since]
        return found[-1] if found else None

    # ── who gets which address ───────────────────────────────────────────────

    def _grant(self, wanted: dict[str, str], today: date) -> dict[str, str]:
        """Return who gets which address; never one of somebody else, and equal wishes wait or are numbered.

        Whoever is held wants an address all the same; they only do not get it yet.
        """
        holders = {holder.key: holder for holder in self.holders}
        times = Counter(wanted.values())
        granted: dict[str, str] = {}
        taken = dict(self.owner)

        def turn(key: str) -> tuple[date, int, str]:
            post = holders[key].post(today)
            return (post.day if post else today), -holders[key].rank, key

        for key in sorted(wanted, key=turn):
            address = wanted[key]
            if self.law.numbered:
                local, number = address.partition("@")[0], 0
                while taken.get(address, key) != key:
                    number += 1
                    address = f"{local}{number}@{self.law.domain}"
            elif taken.get(address, key if times[address] == 1 else "") != key:
                continue
            taken[address] = key
            granted[key] = address
        granted = {key: address for key, address in granted.items() if not held(holders[key], today)}
        self.owner |= {address: key for key, address in granted.items()}
        return granted

    # ── carrying out ─────────────────────────────────────────────────────────

    def _carry_out(self, holder: Holder, decision: Decision, granted: str, today: date) -> None:
        post = holder.post(today)
        assert post
        if decision.reissue and granted:
            self.left_behind[holder.key].append(self.boxes.pop(holder.key))
            self._tell(today, holder.key, "withdraw")
        if decision.reissue or decision.what == "create":
            if granted:
                self._create(holder, post, granted, today, locked=decision.locked)
                return
            decision.moves = False
        box = self.boxes.get(holder.key)
        if box is None:
            return
        if decision.what:
            self._tell(today, holder.key, decision.what)
        if decision.what == "delete":
            del self.boxes[holder.key]
            self.gone[holder.key] = (post.day if decision.why == "left" else today, today)
            self._settle(holder, today, _MOOT.get(decision.why, set()))
            return
        self._change_state(holder, box, decision, today)
        self._follow(holder, box, decision, granted, today)

    def _change_state(self, holder: Holder, box: Box, decision: Decision, today: date) -> None:
        post, what = holder.post(today), decision.what
        assert post
        if what in _CLOSED_BY:
            box.state, box.since, box.why = _CLOSED_BY[what], today, decision.why
            box.row = post.day if decision.why == "left" else box.row
            self._settle(holder, today, _MOOT.get(decision.why, set()))
        if what == "restore":  # what asked for its end before does not end it again
            self._settle(holder, today, {"cancel"})
        if what in {"unlock", "restore"}:
            box.state, box.since, box.why, box.opened = OPEN, today, "", today
            box.row = post.day if what == "restore" else box.row
        if decision.locked:
            box.state, box.why = LOCKED, "ordered"
        if what in {"unlock", "restore", "reset_password"}:
            box.default, box.default_since = True, today
            self._settle(holder, today, _MOOT[what])

    def _follow(self, holder: Holder, box: Box, decision: Decision, granted: str, today: date) -> None:
        post = holder.post(today)
        assert post
        if granted and granted != box.address:
            box.former[box.address] = last_day(today, self.law.off, months=self.law.alias_months)
            box.former.pop(granted, None)
            box.address, box.row = granted, post.day
            self._tell(today, holder.key, "readdress", granted)
            self._settle(holder, today, {"change"})
        if decision.moves and (granted or not decision.wants):
            box.place = post.unit
            self._tell(today, holder.key, "move", post.unit)
        for address in [one for one, end in box.former.items() if end < today]:
            if box.state in {OPEN, LOCKED} or decision.what:
                del box.former[address]
                self._tell(today, holder.key, "give-up", address)

    def _create(self, holder: Holder, post: Post, address: str, today: date, *, locked: bool) -> None:
        box = Box(address, post.unit, since=today, row=post.day, opened=today, default_since=today)
        if locked:
            box.state, box.why = LOCKED, "ordered"
        self.boxes[holder.key] = box
        self._tell(today, holder.key, "create", address)
        self._settle(holder, today, ABOUT_ACCESS | {"cancel", "change"})

    def _settle(self, holder: Holder, today: date, kinds: Collection[str]) -> None:
        self.done |= {letter.number for letter in self._open(holder, today) if letter.kind in kinds}

    def _tell(self, today: date, key: str, what: str, address: str = "") -> None:
        self.timeline[key].append((today, what, address))


def held(holder: Holder, today: date) -> bool:
    """Whether a hold stands: placed, not over, and not released by a numbered document on a later day."""
    lifting = [one for one in holder.letters if one.kind == "release" and one.complete]
    released = [letter.day for letter in lifting if letter.day <= today]
    return any(
        letter.kind == "hold"
        and letter.day <= today
        and (letter.until is None or letter.until >= today)
        and not any(day > letter.day for day in released)
        for letter in holder.letters
    )


def _use(box: Box, habit: Habit, today: date) -> None:
    """Let the holder log in and see to the password."""
    if box.state != OPEN or not habit.tries(today):
        return
    if box.default and habit.changes:
        box.default, box.changed = False, today
    elif not box.default and habit.renews and (today - box.changed).days >= habit.renews:
        box.changed = today
    if habit.exact:
        box.seen = today
    if box.coarse is None or (today - box.coarse).days >= habit.lag:
        box.coarse = today
