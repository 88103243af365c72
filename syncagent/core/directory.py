"""How a canonical account is written as the attributes of one kind of directory, and read back.

The names and the encodings come from `mappings/directories/*.yaml` as data; this module only knows the few
ways in which directories encode things: bits, FILETIMEs, generalised times, prefixed address lists. Reading
and writing stand side by side, because a phantom difference is always one of them forgetting the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from syncagent.core import stamp as stamps
from syncagent.core.account import Account, LastUse
from syncagent.core.attributes import Attributes
from syncagent.core.notation import BitSwitch, Syntax, TimeField, ValueSwitch
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from syncagent.core.mailbox import Mailbox
    from syncagent.core.notation import AddressList, Follower, Forward, Megabytes, Values
    from syncagent.core.password_policy import PolicySource
    from syncagent.core.provisioning import Provisioning
    from syncagent.core.stamp import Stamp

T = TypeVar("T")

_FILETIME_EPOCH, _FILETIMES = datetime(1601, 1, 1, tzinfo=UTC), 10_000_000
"""When FILETIMEs begin, and how many of them make a second (MS-DTYP 2.3.3)."""
_GUID_BYTES = 16
_NEVER_FILETIMES = frozenset({"", "0", "-1", "9223372036854775807"})


@dataclass(frozen=True, slots=True)
class Directory:
    """One kind of directory, as data.

    `write` maps attributes to templates over the facts of a person or unit; a fact that the roster leaves
    empty never clears an attribute. `longest` is the greatest length the schema allows. `locked_out` is when the
    directory itself locked an account, `message` how large a message may be that its holder sends. `rights` are
    attributes of groups and mailboxes that list the DNs of those who have a right there. `mailbox` is the mail system
    behind the directory, None where it reads the directory itself. `birth` is the attribute with the day of birth.
    `provisioning` is the service that writes the directory, None where the agent does. `closes_log_in` says that nobody
    logs in to an account that does not receive, whatever `log_in` shows. `forward` is where the new address is written
    when an old system sends mail on, None where it cannot by itself.
    """

    name: str
    account_class: str
    not_classes: frozenset[str]
    add_classes: Values
    rdn: str
    display: str
    container_class: str
    container_rdn: str
    identity: str
    identity_syntax: Syntax
    key: str
    stamp: str
    login: Follower
    principal: Follower | None
    address: str
    addresses: AddressList
    log_in: BitSwitch | ValueSwitch
    receives: ValueSwitch | None
    must_change: ValueSwitch | None
    password_set: TimeField | None
    last_use: tuple[TimeField, ...]
    created: TimeField | None
    protected: tuple[tuple[str, str], ...]
    protected_groups: frozenset[str]
    forwarding: Values
    quota: Megabytes | None
    write: Mapping[str, str]
    longest: Mapping[str, int]
    locked_out: TimeField | None = None
    message: Megabytes | None = None
    password_policies: tuple[PolicySource, ...] = ()
    rights: Values = ()
    mailbox: Mailbox | None = None
    birth: str = ""
    provisioning: Provisioning | None = None
    closes_log_in: bool = False
    forward: Forward | None = None

    def technical(self) -> frozenset[str]:
        """Return the attributes that hold identities, moments and flags: what looks like a number there is none."""
        switches = (self.log_in, self.receives, self.must_change)
        moments = (self.password_set, self.created, self.locked_out, *self.last_use)
        box = self.mailbox
        own = {box.identity, *box.proofs} - {self.address} if box else set()
        return frozenset({self.identity, *own, *(part.attribute for part in (*switches, *moments) if part)})

    def attributes(self) -> dict[str, str]:
        """Return every attribute the agent reads, by its lower-case name."""
        named = [
            self.identity, self.key, self.stamp, self.login.attribute, self.address, self.addresses.attribute,
            self.log_in.attribute, self.rdn, *self.forwarding, *self.write,
            *(attribute for attribute, _ in self.protected),
            *(time.attribute for time in self.last_use),
        ]  # fmt: skip
        named += [
            part.attribute
            for part in (
                self.principal, self.receives, self.must_change, self.password_set, self.created, self.quota,
                self.locked_out, self.message,
            )
            if part
        ]  # fmt: skip
        named += [self.birth] if self.birth else []
        named += sorted(self.mailbox.attributes) if self.mailbox else []
        named += self.provisioning.new if self.provisioning else ()
        named += [self.forward.attribute] if self.forward else []
        return {name.lower(): name for name in named}


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Shape:
    """An account as it should be. What is None stays as it is found.

    `facts` fill the templates of the mapping; `default_password` says that a new default password is set, which
    the holder must change; `opens` ends a lock of the directory's own; `quota_mb` is written for new accounts only;
    `kept` is what a mailbox held before it was closed.
    """

    stamp: Stamp
    address: str
    aliases: Values
    login: str | None = None
    key: str | None = None
    facts: Mapping[str, str] | None = None
    default_password: bool = False
    opens: bool = False
    quota_mb: int | None = None
    kept: Mapping[str, Values] = field(default_factory=dict)


# ── reading ──────────────────────────────────────────────────────────────────


def moment(value: str, syntax: Syntax) -> datetime | None:
    """Given an encoded time, return it in UTC, to the second; None stands for never.

    Raises:
        ValueError: the value is not a time in this syntax.
    """
    if syntax is Syntax.FILETIME:
        if value in _NEVER_FILETIMES:
            return None
        return _FILETIME_EPOCH + timedelta(seconds=int(value) // _FILETIMES)
    if not value:
        return None
    if syntax is Syntax.DAY:
        return datetime.combine(written_day(value), time(), UTC)
    digits = value.partition(".")[0].rstrip("Z")
    return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}+00:00")


def written_day(value: str) -> date:
    """Given a day as people and exports write it, YYYY-MM-DD or dd/mm/yyyy, return it.

    Raises:
        ValueError: it is none; the message does not repeat it.
    """
    day, _, rest = value.strip().partition("/")
    month, _, year = rest.partition("/")
    try:
        return date(int(year), int(month), int(day)) if rest else date.fromisoformat(day)
    except ValueError:
        pass
    raise ValueError("not a day")


def decode(
    directory: Directory,
    target: str,
    dn: str,
    values: Mapping[str, Values],
    zone: tzinfo,
    unseen: frozenset[str] = frozenset(),
) -> Account:
    """Given an entry's mapped attributes as text, return the account.

    Args:
        directory: the kind of directory.
        target: the name of the target it was read from.
        dn: the entry's name.
        values: attribute values under the mapping's spelling of the names; identities are already text.
        zone: the zone whose calendar days count (contract §6).
        unseen: attributes that no entry of this read carries: their absence here proves nothing.

    Raises:
        ValueError: a value does not follow its syntax; the message names the attribute.
    """
    get = values.get

    def first(attribute: str) -> str:
        found = get(attribute)
        return found[0] if found else ""

    def day(time: TimeField | None) -> date | None:
        found = get(time.attribute) if time else None
        return _day(time, found[0], zone) if time and found else None

    primary, aliases, receives = _addresses(directory, values)
    principal = first(directory.principal.attribute).lower() if directory.principal else ""
    also = {first(directory.address).lower(), principal} - {primary, "", *aliases}
    log_in = directory.log_in
    if isinstance(log_in, BitSwitch):
        closed = ""
        enabled = not int(first(log_in.attribute) or "0") & log_in.off
    else:
        closed = log_in.off
        enabled = not log_in.says_no(first(log_in.attribute))
    locks = directory.locked_out
    if directory.receives:
        receives = not directory.receives.says_no(first(directory.receives.attribute))
    enabled = enabled and (receives or not directory.closes_log_in)
    mailbox = directory.mailbox
    if mailbox:
        receives = mailbox.arrives(values)
    stamp, damaged = _stamp(values.get(directory.stamp, ()))
    birth_date = None
    if directory.birth:
        birth_date = _birth(directory.birth, first(directory.birth))
        values = {name: found for name, found in values.items() if name != directory.birth}
    return Account(
        target=target,
        guid=first(directory.identity),
        dn=dn,
        key=first(directory.key),
        login=first(directory.login.attribute),
        address=primary,
        aliases=aliases,
        enabled=enabled,
        receives=receives,
        stamp=stamp,
        stamp_damaged=damaged,
        attributes=Attributes.of(values),
        must_change=_must_change(directory.must_change, values),
        password_set=day(directory.password_set),
        last_use=_last_use(
            [(day(use), use.accuracy_days) for use in directory.last_use if use.attribute not in unseen]
        ),
        created=day(directory.created),
        protected=_marked(directory.protected, values),
        forwards_to=tuple([_bare(value) for name in directory.forwarding if name in values for value in values[name]]),
        quota_mb=_megabytes(directory.quota, values),
        message_mb=_megabytes(directory.message, values),
        locked_out=day(locks) if locks and first(locks.attribute) not in (closed, "", "0") else None,
        also=tuple(sorted(name for name in also if "@" in name)) if also else (),
        held=mailbox.held(values) if mailbox else "",
        birth_date=birth_date,
    )


def _day(time: TimeField, value: str, zone: tzinfo) -> date | None:
    try:
        found = moment(value, time.syntax) if value else None
    except (ValueError, OverflowError) as error:
        message = f"{time.attribute}: {error}"
        raise ValueError(message) from error
    return _once(found.astimezone(zone).date()) if found else None


def _birth(attribute: str, value: str) -> date | None:
    try:
        return written_day(value) if value else None
    except ValueError as error:
        message = f"{attribute}: {error}"
        raise ValueError(message) from None


@lru_cache(maxsize=1 << 15)
def _once(found: T) -> T:
    """Return a day, a last use or a size as it was first met: ten thousands of accounts share some thousand."""
    return found


def _marked(marks: tuple[tuple[str, str], ...], values: Mapping[str, Values]) -> Text | None:
    """Return the first mark that an entry carries, as its attribute and value, if it carries one."""
    for attribute, value in marks:
        if value in values.get(attribute, ())[:1]:
            return Text(f"{attribute}={value}", f"{attribute}={value}")
    return None


def _bare(value: str) -> str:
    """Return the address without its prefix, in lower case; the DN of an entry stays as it is."""
    return value.rpartition(":")[2].lower() if is_address(value) else value


def _lower(text: str) -> str:
    """Return a text in lower case: the same object where it is."""
    lower = text.lower()
    return text if text == lower else lower


def is_address(value: str) -> bool:
    """Whether mail is forwarded to an address, and not to an entry: a DN ends in the name of its root."""
    return "@" in value.rpartition(",")[2]


def _megabytes(size: Megabytes | None, values: Mapping[str, Values]) -> int | None:
    if size is None or not (found := values.get(size.attribute)):
        return None
    megabytes: int = _once(int(found[0]) // size.per_mb)
    return megabytes


def _must_change(switch: ValueSwitch | None, values: Mapping[str, Values]) -> bool | None:
    if switch is None or (switch.off and not values.get(switch.attribute)):
        return None
    return values.get(switch.attribute, ("",))[0] == switch.on


def _last_use(seen: list[tuple[date | None, int]]) -> LastUse | None:
    """Given the days of use that attributes show and how exact each is, return the latest, by the most exact."""
    if not seen:
        return None
    latest, exact = max([(on, -accuracy) for on, accuracy in seen if on], default=(None, 0))
    use: LastUse = _once(LastUse(latest, -exact))
    return use


def _stamp(values: Sequence[str]) -> tuple[Stamp | None, bool]:
    """Return the stamp and whether it is damaged: unreadable, or one of several, of which none can be believed."""
    marks = [value for value in values if stamps.is_stamp(value)]
    if not marks:
        return None, False
    found = stamps.parse(marks[0]) if len(marks) == 1 else None
    return found, found is None


def _addresses(directory: Directory, values: Mapping[str, Values]) -> tuple[str, Values, bool]:
    """Return the primary address, the others, and whether the mailbox receives.

    Of several primary values the one that `address` shows is believed, else the first in the alphabet.
    """
    rules = directory.addresses
    shown = _lower(values.get(directory.address, ("",))[0])
    listed = values.get(rules.attribute, ())
    if len(listed) == 1 and rules.primary and listed[0] == rules.primary + shown:  # so it is with most
        return shown, (), True
    live: set[str] = set()
    held: set[str] = set()
    others: list[str] = []
    held_primary = rules.held.upper()
    for value in listed:
        if rules.primary and value.startswith(rules.primary):
            live.add(value[len(rules.primary) :].lower())
        elif rules.held and value.startswith(held_primary):
            held.add(value[len(held_primary) :].lower())
        elif rules.held and value.startswith(rules.held):
            others.append(value[len(rules.held) :].lower())
        elif value[: len(rules.other)].lower() == rules.other and ("@" in value or rules.other):
            others.append(value[len(rules.other) :].lower())
    primaries = live or held
    primary = shown if shown in primaries or not primaries else min(primaries)
    return primary, tuple(sorted({*others, *live, *held} - {primary})), bool(live) or not held


# ── writing ──────────────────────────────────────────────────────────────────


def encode(
    directory: Directory, shape: Shape, found: Mapping[str, Values], stamped: Stamp | None = None
) -> dict[str, Values]:
    """Given how an account should be and its attributes as found, return the attributes as they should be.

    `stamped` is the stamp that was read from the attributes, so that an equal one is not written anew.

    Only attributes that the shape speaks of are returned; an empty tuple means that the attribute goes.
    Values the agent does not own (X500: and SIP: addresses, other lines of a description) are kept.
    """
    state = shape.stamp.state
    wanted: dict[str, Values] = {}
    if shape.stamp != stamped:
        foreign = tuple(value for value in found.get(directory.stamp, ()) if not stamps.is_stamp(value))
        wanted[directory.stamp] = (*foreign, str(shape.stamp))
    _encode_log_in(directory, shape, found, wanted)
    _encode_addresses(directory, shape, found, wanted)
    if directory.receives:
        switch = directory.receives
        wanted[switch.attribute] = _one(switch.on if state.receives else switch.off)
    if shape.default_password and directory.must_change:
        wanted[directory.must_change.attribute] = _one(directory.must_change.on)
    _encode_names(directory, shape, found, wanted)
    if shape.quota_mb is not None and directory.quota and shape.quota_mb > (_megabytes(directory.quota, found) or 0):
        wanted[directory.quota.attribute] = _one(str(shape.quota_mb * directory.quota.per_mb))
    if shape.facts is not None:
        for attribute, template in directory.write.items():
            value = template.format_map(shape.facts).strip()
            if value:
                wanted[attribute] = (value,)
    if mailbox := directory.mailbox:
        if mailbox.there(found) or state.receives:
            return wanted | mailbox.wanted(state, found, shape.kept)
        return {name: values for name, values in wanted.items() if name not in mailbox.attributes}
    return wanted


def too_long(directory: Directory, wanted: Mapping[str, Values]) -> dict[str, int]:
    """Return the attributes whose value is longer than the schema allows, with the allowed length."""
    limits = directory.longest
    return {
        name: limits[name]
        for name, values in wanted.items()
        if name in limits and any(len(value) > limits[name] for value in values)
    }


def _one(value: str) -> Values:
    return (value,) if value else ()


def _encode_names(directory: Directory, shape: Shape, found: Mapping[str, Values], wanted: dict[str, Values]) -> None:
    if shape.key is not None:
        wanted[directory.key] = _one(shape.key)
    if shape.login is not None:
        wanted[directory.login.attribute] = _one(shape.login)
    if directory.principal and (shape.login is not None or directory.principal.follows_address):
        current = found.get(directory.principal.attribute, ("",))[0]
        same = current.lower() == shape.address
        wanted[directory.principal.attribute] = _one(current if same else shape.address)


def _encode_log_in(directory: Directory, shape: Shape, found: Mapping[str, Values], wanted: dict[str, Values]) -> None:
    """Open or close the account; a lock of the directory's own stays until the mailbox is opened by a letter."""
    switch = directory.log_in
    can_log_in = shape.stamp.state.can_log_in
    if directory.closes_log_in and not shape.stamp.state.receives:
        return
    locks = directory.locked_out
    locked = locks is not None and found.get(locks.attribute, ("",))[0] not in _NEVER_FILETIMES
    if locks and locked and shape.opens:
        wanted[locks.attribute] = ("0",) if locks.syntax is Syntax.FILETIME else ()
    if isinstance(switch, ValueSwitch):
        theirs = locks and locked and locks.attribute == switch.attribute and found[locks.attribute] != (switch.off,)
        if not (theirs and can_log_in and not shape.opens):
            wanted[switch.attribute] = _one(switch.on if can_log_in else switch.off)
        return
    bits = int(found.get(switch.attribute, (str(switch.new),))[0])
    bits = bits & ~switch.off if can_log_in else bits | switch.off
    wanted[switch.attribute] = (str(bits),)


def _encode_addresses(
    directory: Directory, shape: Shape, found: Mapping[str, Values], wanted: dict[str, Values]
) -> None:
    rules = directory.addresses
    receives = shape.stamp.state.receives
    before = found.get(rules.attribute, ())
    if receives or not rules.held:
        primary = [rules.primary + shape.address] if rules.primary else []
        others = [rules.other + alias for alias in shape.aliases]
    else:
        primary = [rules.held.upper() + shape.address]
        others = [rules.held + alias for alias in shape.aliases]
    wanted[rules.attribute] = before if before == (*primary, *others) else _merged(rules, [*primary, *others], before)
    shown = found.get(directory.address, ("",))[0]
    if receives or not rules.held:
        wanted[directory.address] = (shown,) if shown.lower() == shape.address else _one(shape.address)
    else:
        wanted[directory.address] = ()


def _merged(rules: AddressList, wished: list[str], before: Values) -> Values:
    """Return the wished addresses after those that are not ours; what is there already stays as it is, in its order."""
    ours = (rules.primary.lower(), rules.other.lower(), rules.held.lower())
    foreign = [value for value in before if not value.lower().startswith(ours)] if all(ours) else []
    after = _as_spelled([*foreign, *wished], before)
    return before if sorted(after) == sorted(before) else after


def _as_spelled(wished: list[str], before: Values) -> Values:
    """Return the wished values in the letter case the directory already shows; prefixes keep their meaning."""
    known = {(value.partition(":")[0], value.casefold()): value for value in before}
    return tuple(known.get((value.partition(":")[0], value.casefold()), value) for value in wished)


def identity_text(raw: bytes, syntax: Syntax) -> str:
    """Given the bytes of an identity attribute, return it as text; GUIDs in Microsoft's mixed byte order.

    Raises:
        ValueError: a GUID is not sixteen bytes, or a text identity is not UTF-8.
    """
    if syntax is not Syntax.GUID:
        return raw.decode("utf-8")
    if len(raw) != _GUID_BYTES:
        message = f"a GUID has {_GUID_BYTES} bytes, not {len(raw)}"
        raise ValueError(message)
    parts = (raw[3::-1], raw[5:3:-1], raw[7:5:-1], raw[8:10], raw[10:])
    return "-".join(part.hex() for part in parts)
