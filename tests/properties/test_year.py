"""A year of a province, one day after the other, under each regulation: the laws hold, and the texts are followed."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import oracle
import pytest
import world
from oracle import DAY, Habit, Happening, Holder, Letter, Office, Post

from syncagent.core import dn as names_of
from syncagent.core.account import Account
from syncagent.core.action import Action
from syncagent.core.addresses import fold_address
from syncagent.core.decide import decide
from syncagent.core.directory import decode
from syncagent.core.document import NO_DOCUMENT, Document
from syncagent.core.ledger import Ledger
from syncagent.core.names import needs_an_eye
from syncagent.core.person import PersonRow
from syncagent.core.rehearse import after, remembered
from syncagent.core.request import Request
from syncagent.core.snapshot import Snapshot
from syncagent.core.stamp import State
from syncagent.core.unit import Unit, UnitKind, UnitStatus
from syncagent.core.where import Where

FIRST = date(2026, 1, 5)
DAYS = 365
PEOPLE = 5_000 if os.environ.get("SYNCAGENT_HYPOTHESIS") == "faults" else 500
AGENCIES = 12

_STATES = {"create", "lock", "unlock", "disable", "withdraw", "delete", "restore", "reset_password"}
_DESTRUCTIVE = {"disable", "withdraw", "delete"}
_OFF = frozenset(
    day for day in (date(2019, 1, 1) + n * DAY for n in range(11 * 365)) if not world.calendar().is_working(day)
)


# ── a population ─────────────────────────────────────────────────────────────


def _offices() -> list[Office]:
    """Agencies with a room each; one is dissolved by a whole decision, one is only said to be."""
    closed = {3: (FIRST + 100 * DAY, "whole"), 5: (FIRST + 60 * DAY, "none")}
    found: list[Office] = []
    for n in range(AGENCIES):
        day, decision = closed.get(n, (None, "whole"))
        found.append(Office(f"so{n}", f"so{n}", f"so{n}", day, decision))
        if n not in closed:
            found.append(Office(f"so{n}-vp", f"vp{n}", f"so{n}"))
    return found


def _names(chance: Random) -> Iterator[str]:
    """Yield names of which no two make one address, whatever the pattern."""
    heads = [
        "b",
        "c",
        "d",
        "g",
        "h",
        "k",
        "l",
        "m",
        "n",
        "ph",
        "qu",
        "r",
        "s",
        "t",
        "th",
        "tr",
        "v",
        "x",
        "ch",
        "kh",
        "nh",
        "gi",
    ]
    tails = [
        "a",
        "e",
        "i",
        "o",
        "u",
        "an",
        "en",
        "in",
        "on",
        "un",
        "anh",
        "inh",
        "ong",
        "ung",
        "at",
        "ac",
        "oc",
        "uc",
        "am",
        "em",
        "im",
        "om",
        "ang",
        "eng",
    ]
    middle = ["Ba", "Cao", "Du", "Gia", "Ha", "Ke", "La", "Mai", "Nam", "Oanh", "Phi", "Sa", "Ta", "Uy", "Vi", "Xa"]
    seen: set[str] = set()
    while True:
        ten = chance.choice(heads) + chance.choice(tails)
        name = f"{chance.choice(middle)} {chance.choice(middle)} {ten.title()}"
        initials = "".join(word[0] for word in name.lower().split()[:-1])
        forms = {ten + initials, initials + ten}
        if not forms & seen and not needs_an_eye(name):
            seen |= forms
            yield name


def _habit(chance: Random, begins: date) -> Habit:
    """Return how somebody uses the mailbox: never, daily, now and then, or no more from some day on."""
    kind = chance.choices(["never", "often", "seldom", "stops"], [25, 35, 15, 25])[0]
    every = chance.randint(60, 130) if kind == "seldom" else chance.randint(1, 20)
    return Habit(
        first=None if kind == "never" else max(begins, FIRST) + chance.choice([1, 2, 4, 20, 70, 120]) * DAY,
        last=max(begins, FIRST) + chance.randint(10, 200) * DAY if kind == "stops" else date.max,
        every=every,
        exact=chance.random() < 0.5,
        lag=chance.randint(9, 14),
        changes=chance.random() < 0.8,
        renews=chance.choice([0, 0, 80, 170]),
    )


_LIVES = {
    "stays": 30, "leaves": 14, "leaves without a decision": 4, "decision comes later": 3, "moves": 12,
    "moves without a decision": 3, "moves twice": 4, "returns": 9, "long leave": 7, "rotates": 5, "seconded": 6,
    "suspended": 3,
}  # fmt: skip


def _posts(chance: Random, begins: date, units: Sequence[str]) -> tuple[Post, ...]:
    """Return somebody's posts over the year."""
    life = chance.choices(list(_LIVES), list(_LIVES.values()))[0]
    here, there, third = chance.sample(units, 3)
    one = max(begins, FIRST) + chance.randint(0, 200) * DAY
    two = one + chance.choice([1, 20, 60, 88, 91, 92, 93, 95, 130]) * DAY
    first = Post(begins, here, chance.choice(["recruited", "contracted", "received"]))
    leaving = chance.choice(["retired", "resigned", "dismissed", "died", "moved_out"])
    whole = chance.choices(["whole", "number"], [5, 1])[0]
    left = Post(one, here, leaving, "left")
    away = chance.choice(["maternity_leave", "unpaid_leave", "study"])
    later: dict[str, list[Post]] = {
        "stays": [],
        "leaves": [left],
        "leaves without a decision": [replace(left, decision=chance.choice(["none", "number"]))],
        "decision comes later": [replace(left, decision="none"), replace(left, day=two)],
        "moves": [Post(one, there, "transferred", decision=whole)],
        "moves without a decision": [Post(one, there, "transferred", decision="none")],
        "moves twice": [
            Post(one, there, "transferred"),
            Post(two, chance.choice([here, third]), "transferred", decision=whole),
        ],
        "returns": [
            left,
            Post(two, chance.choice([here, there]), "received", decision=chance.choice(["whole", "whole", "none"])),
        ],
        "long leave": [Post(one, here, away, "on_leave"), Post(one + 181 * DAY, here, "appointed")],
        "rotates": [Post(one, there, "rotated", decision=whole)],
        "seconded": [Post(one, chance.choice([here, there]), "seconded", "seconded"), Post(two, here, "appointed")],
        "suspended": [Post(one, here, "suspended", "suspended")],
    }
    return (first, *(post for post in later[life] if post.day > begins))


def _letters(chance: Random, key: str, posts: Sequence[Post], *, holds: bool = True) -> tuple[Letter, ...]:
    """Return the written requests about somebody; many arrive around the days on which terms pass."""
    found: list[Letter] = []

    def write(kind: str, day: date, **columns: object) -> None:
        letter = Letter(f"{key}-{len(found)}", day, kind, proper=chance.random() < 0.92, complete=chance.random() < 0.9)
        found.append(replace(letter, **columns))  # type: ignore[arg-type]

    if chance.random() < 0.55:
        return ()
    for _ in range(chance.choice([1, 1, 2, 3])):
        near = max(chance.choice(posts).day, FIRST)
        day = near + chance.choice([0, 1, 4, 5, 29, 31, 32, 33, 88, 89, 91, 92, 93, 94, 97, 130, 181, 182, 184]) * DAY
        day += chance.randint(0, 3) * DAY
        kind = chance.choice(
            ["lock", "unlock", "unlock", "reset_password", "cancel", "create", "exempt", "exempt", "hold", "change"]
        )
        later = day + chance.choice([0, 1, 3, 5, 6, 30, 100, 150]) * DAY
        if kind == "exempt":
            write(kind, day, until=chance.choice([None, later, later + 60 * DAY]))
        elif kind == "hold":
            if not holds:  # that of a unit would bind everybody in it
                continue
            write(kind, day, until=chance.choice([None, None, later]))
            write("release", later)
        elif kind == "lock":
            write(kind, day)
            write("unlock", later)
        elif kind == "cancel":
            write(kind, day)
            write("create", later + DAY)
        else:
            write(kind, day)
    return tuple(found)


def population(seed: int, size: int) -> list[Holder]:
    """Return people and unit mailboxes; the same seed gives the same ones."""
    chance = Random(seed)  # noqa: S311 - a population, not a secret
    names = _names(chance)
    units = [office.unit for office in _offices()]
    found: list[Holder] = []
    for n in range(size):
        key = f"P{n:04}"
        begins = FIRST + (chance.randint(1, 250) if chance.random() < 0.2 else -n) * DAY
        posts = _posts(chance, begins, units)
        name = next(names)
        if n and chance.random() < 0.03:  # somebody of the same name in the same agency
            name, posts = found[-1].name, (replace(posts[0], unit=found[-1].posts[0].unit), *posts[1:])
        found.append(
            Holder(key, name, posts, _habit(chance, begins), _letters(chance, key, posts), chance.randint(0, 9))
        )
    for n in range(AGENCIES):
        key, founding = f"unit:so{n}", (Post(FIRST, f"so{n}", ""),)
        found.append(Holder(key, "", founding, _habit(chance, FIRST), _letters(chance, key, founding, holds=False)))
    return found


# ── the same population in the product's own words ───────────────────────────


def _document(decision: str, day: date) -> Document:
    if decision == "none":
        return NO_DOCUMENT
    return Document(f"{day:%d%m}/QĐ-SNV", day, "Giám đốc") if decision == "whole" else Document(f"{day:%d%m}/QĐ-SNV")


def _rows(holders: Iterable[Holder]) -> list[PersonRow]:
    people = [(holder, post) for holder in holders if not holder.is_unit for post in holder.posts]
    return [
        world.row(
            holder.key, holder.name, post.unit, status=post.status, event=post.event, effective_date=post.day,
            document=_document(post.decision, post.day), rank=holder.rank, line=line,
        )
        for line, (holder, post) in enumerate(people, 2)
    ]  # fmt: skip


def _units(offices: Iterable[Office]) -> list[Unit]:
    return [
        Unit(
            office.unit,
            f"Đơn vị {office.unit}",
            Where("units.csv", line),
            office.abbreviation,
            parent="" if office.unit == office.agency else office.agency,
            kind=UnitKind.AGENCY if office.unit == office.agency else UnitKind.DEPARTMENT,
            status=UnitStatus.DISSOLVED if office.closed else UnitStatus.ACTIVE,
            effective_date=office.closed,
            document=_document(office.decision, office.closed) if office.closed else NO_DOCUMENT,
            mailbox=office.unit == office.agency,
        )
        for line, office in enumerate(offices, 2)
    ]


def _requests(holders: Iterable[Holder], law: oracle.Law) -> list[Request]:
    found: list[Request] = []
    for holder in holders:
        for letter in holder.letters:
            post = holder.post(letter.day) or holder.posts[0]
            known = {one.unit.removesuffix("-vp") for one in holder.posts}
            other = next(f"so{n}" for n in range(AGENCIES) if f"so{n}" not in known)
            asker = post.unit.removesuffix("-vp") if letter.proper else other
            tail = ".q4" if law.units_by_letter else ""
            locked_out = law.units_by_letter and holder.is_unit and letter.kind == "unlock"
            own = "" if locked_out else f"{asker}{tail}@{law.domain}"
            found.append(
                world.request(
                    letter.kind, holder.key, letter.day, letter.number, until=letter.until, from_unit=asker,
                    from_address=own if letter.proper else "ai@gmail.com",
                    document_number="9/CV" if letter.complete else "", reason="lý do" if letter.complete else "",
                )
            )  # fmt: skip
    return found


# ── the year ─────────────────────────────────────────────────────────────────


def _foreign() -> tuple[Account, ...]:
    """Accounts that are nobody's and not ours."""
    return tuple(
        decode(
            world.directory(),
            "main",
            f"CN=dich-vu{n},{world.BASE}",
            {
                "objectGUID": (f"foreign{n}",),
                "sAMAccountName": (f"dich-vu{n}",),
                "cn": (f"dich-vu{n}",),
                "userAccountControl": (("512", "514")[n % 2],),
                "proxyAddresses": (f"SMTP:dich-vu{n}@ninhbinh.gov.vn",),
                "pwdLastSet": ("0",),
            },
            world.ZONE,
        )
        for n in range(3)
    )


def _filetime(day: date) -> str:
    moment = datetime.combine(day, time(8), world.ZONE) - datetime(1601, 1, 1, tzinfo=UTC)
    return str(moment // timedelta(microseconds=1) * 10)


@dataclass
class Year:
    """The province as the product sees it, and what came of it."""

    regulation: str
    holders: Sequence[Holder]
    offices: Sequence[Office]
    ledger: Ledger = field(default_factory=Ledger)
    timeline: dict[str, list[Happening]] = field(default_factory=lambda: defaultdict(list))
    issued: dict[str, str] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    number: int = 0

    def __post_init__(self) -> None:
        self.law = oracle.LAWS[self.regulation](_OFF)
        self.policy = world.policy(self.regulation)
        self.habits = {holder.key: holder.habit for holder in self.holders}
        self.by_key = {holder.key: holder for holder in self.holders}
        self.rows, self.units = _rows(self.holders), _units(self.offices)
        self.requests = _requests(self.holders, self.law)
        self.snapshot = world.snapshot(*_foreign())

    def run(self, days: int) -> None:
        for number in range(days):
            self.day(FIRST + number * DAY)

    def day(self, today: date) -> None:
        """Let people use their mailboxes, decide, check the laws, apply, and decide again."""
        self.snapshot = replace(self.snapshot, accounts=tuple(self._used(one, today) for one in self.snapshot.accounts))
        roster = world.admitted(self.rows, self.units, self.requests, self.ledger, today)
        plan = decide(roster, [self.snapshot], self.ledger, self.policy, today)
        if not plan.actions:
            return
        before = self.snapshot
        self._check(plan.actions, before, today)
        self.snapshot = after(before, plan.actions, self.policy, world.ZONE)
        self.ledger = remembered(self.ledger, plan.actions, today)
        self._identify()
        self._tell(plan.actions, before, today)

        again = decide(roster, [self.snapshot], self.ledger, self.policy, today)
        left = [(str(action.kind), action.subject) for action in again.actions]
        assert not left, f"{today}: deciding again after applying still wants {left}"

    def _used(self, account: Account, today: date) -> Account:
        """Return the account as the directory has it once its holder was there today, if they were."""
        habit = self.habits.get(account.stamp.subject) if account.stamp else None
        if habit is None or not account.enabled or not habit.tries(today):
            return account
        new: dict[str, str] = {}
        own = account.password_set
        if (account.must_change and habit.changes) or (own and habit.renews and (today - own).days >= habit.renews):
            new["pwdLastSet"] = _filetime(today)
        if habit.exact:
            new["lastLogon"] = _filetime(today)
        coarse = account.attributes.get("lastLogonTimestamp", ("0",))[0]
        if int(_filetime(today - (habit.lag - 1) * DAY)) > int(coarse):
            new["lastLogonTimestamp"] = _filetime(today)
        return world.changed(account, **new) if new else account

    def _identify(self) -> None:
        """Give new entries the identity a directory would give them, and read them as a directory shows them."""
        known = dict(self.ledger.accounts)
        accounts: list[Account] = []
        for account in self.snapshot.accounts:
            if not account.guid.startswith("new:"):
                accounts.append(account)
                continue
            self.number += 1
            guid = f"entry{self.number}"
            accounts.append(world.changed(account, objectGUID=guid))
            known["main", guid] = known.pop(("main", account.guid))._replace(guid=guid)
        self.snapshot = replace(self.snapshot, accounts=tuple(accounts))
        self.ledger = replace(self.ledger, accounts=known)

    def _check(self, actions: Sequence[Action], before: Snapshot, today: date) -> None:
        """Prove laws 3 and 6 on the plan of a day."""
        ours = {account.guid: account for account in before.accounts if account.stamp}
        for action in actions:
            assert not oracle.held(self.by_key[action.subject], today), (today, action.subject)
            assert action.account is None or action.account.guid in ours
            assert action.due <= today
            if action.kind == "delete" and self.regulation != "binhdinh-kkt-2017":
                assert action.account
                self._deletable(ours[action.account.guid], today)

    def _deletable(self, account: Account, today: date) -> None:
        assert account.stamp
        if self.regulation == "ninhbinh-2025":
            assert account.stamp.state is State.DISABLED
            assert today >= self.law.after(account.stamp.since, months=3)
        else:
            assert self.regulation == "hcmc-quan4-2013"
            assert account.stamp.state is State.LOCKED
            assert account.last_use
            last = account.last_use.on or account.stamp.issued
            assert last
            assert today >= self.law.after(last + account.last_use.accuracy_days * DAY, months=6)

    def _tell(self, actions: Sequence[Action], before: Snapshot, today: date) -> None:
        """Write down what a day has changed, and prove laws 7 and 8 on it."""
        for action in actions:
            if str(action.kind) in _STATES:
                given = action.address if action.kind == "create" else ""
                self.timeline[action.subject].append((today, str(action.kind), given))
        now = {account.guid: account for account in self.snapshot.accounts if account.stamp}
        for account in before.accounts:
            if account.stamp and account.guid in now:
                self._compare(account, now[account.guid], today)
        for guid, account in now.items():
            assert account.stamp
            subject = account.stamp.subject
            for address in account.addresses:
                assert self.issued.setdefault(fold_address(address), subject) == subject
            if guid not in self.entries[subject]:
                closed = [now[old].stamp for old in self.entries[subject] if old in now]
                assert all(stamp and stamp.why == "reissued" for stamp in closed), (today, subject)
                assert not closed or self.policy.regulation.id == "bentre-2016"
                self.entries[subject].append(guid)

    def _compare(self, old: Account, new: Account, today: date) -> None:
        assert old.stamp
        told = self.timeline[old.stamp.subject]
        if new.address != old.address:
            told.append((today, "readdress", new.address))
        if names_of.parent(new.dn) != names_of.parent(old.dn):
            told.append((today, "move", names_of.rdn_value(names_of.parent(new.dn))))
        told += [(today, "give-up", alias.address) for alias in old.stamp.aliases if alias.address not in new.addresses]


def _shown(holder: Holder, engine: Sequence[Happening], text: Sequence[Happening]) -> str:
    lines = [f"{holder.key} {holder.name}", f"  {holder.habit}"]
    lines += [f"  {post}" for post in holder.posts]
    lines += [f"  {letter}" for letter in holder.letters]
    for title, happenings in (("decided", engine), ("the text", text)):
        lines += [f"  {title}:", *(f"    {day} {what} {address}" for day, what, address in happenings)]
    return "\n".join(lines)


@pytest.mark.parametrize("regulation", sorted(oracle.LAWS))
def test_a_year_day_by_day_keeps_the_laws_and_follows_the_text(regulation: str) -> None:
    """Laws 1, 3, 6, 7 and 8 on every day of a year, and the year equals the naive reading of the regulation."""
    holders, offices = population(2026, PEOPLE), _offices()
    year = Year(regulation, holders, offices)
    year.run(DAYS)
    texts = oracle.Oracle(year.law, offices, holders).run(FIRST, DAYS)

    foreign = [account for account in year.snapshot.accounts if not account.stamp]
    assert foreign == list(_foreign())
    differing = [
        _shown(holder, sorted(year.timeline[holder.key]), sorted(texts[holder.key]))
        for holder in holders
        if sorted(year.timeline[holder.key]) != sorted(texts[holder.key])
    ]
    assert not differing, f"{len(differing)} of {len(holders)} differ:\n" + "\n\n".join(differing[:5])
