"""What a directory itself enforces on passwords: its policies, read in the units people use, and how to correct one.

A directory may hold several: the one of the domain, and fine-grained ones that apply to some people (MS-ADTS, Password
Settings Objects; slapo-ppolicy). Reading and writing stand side by side, as in `directory.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.notation import Values, ValueSwitch
    from syncagent.text import Text

_TICKS = 10_000_000
"""Intervals of Active Directory in a second (MS-ADA1, lockoutDuration)."""

_FOREVER = -(2**63)
"""The interval that never ends; zero and what is positive mean the same (MS-ADTS 3.1.1.4.5.17)."""


class Setting(StrEnum):
    """What a policy can order: attempts, minutes, characters, days, and two that are on (1) or off (0)."""

    LOCKOUT_THRESHOLD = "lockout_threshold"
    LOCKOUT_DURATION = "lockout_duration"
    SHORTEST_PASSWORD = "shortest_password"  # noqa: S105 - a word, not a password
    PASSWORD_AGE = "password_age"  # noqa: S105 - same
    COMPLEXITY = "complexity"
    MUST_CHANGE = "must_change"

    def measured(self, number: int) -> float:
        """Return what a number amounts to: no attempts, minutes or days at all mean that the limit is never reached."""
        return math.inf if number == 0 and self in _NEVER_AT_ZERO else number


_NEVER_AT_ZERO = frozenset({Setting.LOCKOUT_THRESHOLD, Setting.LOCKOUT_DURATION, Setting.PASSWORD_AGE})
_SECONDS = {Setting.LOCKOUT_DURATION: 60, Setting.PASSWORD_AGE: 86_400}


class Notation(StrEnum):
    """How a directory writes a setting; an interval is negative and counts tenths of microseconds."""

    NUMBER = "number"
    INTERVAL = "interval"
    SECONDS = "seconds"
    YES_NO = "yes-no"
    BIT = "bit"


class SettingField(NamedTuple):
    """The attribute of a setting and how it is written.

    `absent` is what it means that the attribute is missing (None: nobody knows), `needs` another attribute without
    which the setting has no effect, so that it counts as 0.
    """

    attribute: str
    notation: Notation = Notation.NUMBER
    bit: int = 0
    absent: int | None = None
    needs: ValueSwitch | None = None


@dataclass(frozen=True, slots=True)
class PolicySource:
    """One kind of entry that holds a policy, and where people change it.

    Its policies are for everybody, unless `applies_to` is the attribute that lists users and groups, the lowest
    `precedence` first, or `chosen_by` the attribute of an account that names its policy.
    """

    object_class: str
    set_in: Text
    settings: Mapping[Setting, SettingField]
    applies_to: str = ""
    precedence: str = ""
    chosen_by: str = ""

    @property
    def of_all(self) -> bool:
        """Whether the directory has one such policy, for everybody."""
        return not self.applies_to and not self.chosen_by

    def attributes(self) -> tuple[str, ...]:
        """Return every attribute that is read for such policies."""
        needed = [field.needs.attribute for field in self.settings.values() if field.needs]
        named = (self.applies_to, self.precedence, self.chosen_by)
        return (*(field.attribute for field in self.settings.values()), *needed, *filter(None, named))


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """A policy as found: what it orders, and the identities of the accounts it governs.

    `accounts` None means whoever no other policy governs. Of several that apply to one account the lowest
    `precedence` governs it. `values` are the attributes as read.
    """

    dn: str
    source: PolicySource
    settings: Mapping[Setting, int]
    values: Mapping[str, Values]
    precedence: int = 0
    accounts: frozenset[str] | None = None


def decode_policy(source: PolicySource, dn: str, values: Mapping[str, Values]) -> PasswordPolicy:
    """Given the attributes of an entry that holds a policy, return the policy; what it does not say is left out.

    Raises:
        ValueError: a value is no number; the message names the attribute.
    """
    found: dict[Setting, int] = {}
    for setting, field in source.settings.items():
        number = _number(setting, field, values)
        if number is not None:
            found[setting] = number if _in_effect(field, values) else 0
    return PasswordPolicy(dn, source, found, values, _whole(source.precedence, values.get(source.precedence, ("0",))))


def corrections(policy: PasswordPolicy, setting: Setting, wanted: int, *, written: bool) -> tuple[str, ...]:
    """Return the attributes that make a policy order what is wanted, as `attribute: value`.

    `written` says that the attribute itself may stay, because only what it needs is missing.
    """
    field = policy.source.settings[setting]
    lines: list[str] = []
    if field.needs and not _in_effect(field, policy.values):
        lines.append(f"{field.needs.attribute}: {field.needs.on}")
    if not written:
        lines.append(f"{field.attribute}: {_as_written(setting, field, wanted, policy.values)}")
    return tuple(lines)


def written_number(policy: PasswordPolicy, setting: Setting) -> int | None:
    """Return the number that stands in the entry, whether or not it has an effect."""
    return _number(setting, policy.source.settings[setting], policy.values)


def _in_effect(field: SettingField, values: Mapping[str, Values]) -> bool:
    needs = field.needs
    return needs is None or values.get(needs.attribute, (needs.off,))[0] != needs.off


def _number(setting: Setting, field: SettingField, values: Mapping[str, Values]) -> int | None:
    given = values.get(field.attribute)
    if not given:
        return field.absent
    if field.notation is Notation.YES_NO:
        return int(given[0] == "TRUE")
    number = _whole(field.attribute, given)
    match field.notation:
        case Notation.BIT:
            return int(bool(number & field.bit))
        case Notation.SECONDS:
            return -(-number // _SECONDS[setting])
        case Notation.INTERVAL:
            return 0 if number >= 0 or number == _FOREVER else -(number // (_SECONDS[setting] * _TICKS))
        case _:
            return number


def _whole(attribute: str, given: Values) -> int:
    try:
        return int(given[0])
    except ValueError as error:
        message = f"{attribute}: {error}"
        raise ValueError(message) from error


def _as_written(setting: Setting, field: SettingField, number: int, values: Mapping[str, Values]) -> str:
    match field.notation:
        case Notation.YES_NO:
            return "TRUE" if number else "FALSE"
        case Notation.BIT:
            found = int(values[field.attribute][0])
            return str(found | field.bit if number else found & ~field.bit)
        case Notation.SECONDS:
            return str(number * _SECONDS[setting])
        case Notation.INTERVAL:
            return str(-number * _SECONDS[setting] * _TICKS if number else _FOREVER)
        case _:
            return str(number)
