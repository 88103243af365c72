"""Who is in a protected group, directly or through other groups (design §5: never in a plan)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncagent.core import dn as names_of
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values


def relative_id(raw: bytes) -> str:
    """Given a security identifier, binary or as text `S-1-5-…`, return its last part (MS-DTYP 2.4.2)."""
    if raw.startswith(b"S-1-"):
        return raw.rpartition(b"-")[2].decode()
    return str(int.from_bytes(raw[-4:], "little"))


def written_sid(raw: bytes) -> str:
    """Given a security identifier in binary, return it as people write it, `S-1-5-…` (MS-DTYP 2.4.2.1, 2.4.2.2)."""
    parts = (raw[at : at + 4] for at in range(8, len(raw), 4))
    return "-".join(
        map(str, ("S", raw[0], int.from_bytes(raw[2:8], "big"), *(int.from_bytes(p, "little") for p in parts)))
    )


def _inside(group: str) -> Text:
    return Text(f"thành viên của {group}", f"member of {group}")


@dataclass(slots=True)
class Groups:
    """The groups of one directory.

    A group is protected if the relative identifier of its objectSid, its log-in name or its cn is one of
    `directory.protected_groups`, or if it is a member of such a group. Groups may contain each other.
    `lacking` ends the sentence about a group of which only the name was met.
    """

    directory: Directory
    lacking: Text
    _listed: dict[str, Values] = field(default_factory=dict)
    _inside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _named: dict[str, str] = field(default_factory=dict)
    _by_id: dict[str, str] = field(default_factory=dict)
    _reasons: dict[str, Text] | None = None
    _same: dict[str, str] = field(default_factory=dict)

    def add(self, dn: str, values: Mapping[str, Values]) -> None:
        """Add an entry that is no account; one that nobody is a member of does no harm."""
        name = names_of.same(dn)
        self._listed[name] = values.get("member", ()) + values.get("uniqueMember", ())
        for above in values.get("memberOf", ()):
            self._inside[names_of.same(above)].append(name)
        called = {
            *values.get("objectSid", ()),
            *values.get(self.directory.login.attribute, ()),
            *values.get("cn", ()),
        }
        if called & self.directory.protected_groups:
            self._named[name] = dn
        self._by_id |= dict.fromkeys(values.get("objectSid", ()), name)

    def members(self) -> Iterable[tuple[str, Text]]:
        """Return everybody whom a protected group lists, directly or not, by `core.dn.same`, and why."""
        return self._settled().items()

    def reason(self, member_of: Values, primary: Values) -> Text | None:
        """Return why an account is protected by what it says itself; None if it is not.

        Args:
            member_of: the groups it names.
            primary: the relative identifier of its primary group, which lists nobody (MS-ADA3 2.120).

        A group that was not read may be protected or lie inside one that is: its members are left alone.
        """
        reasons = self._settled()
        found = next((reasons[name] for group in member_of if (name := self.compared(group)) in reasons), None)
        for one in primary:
            if one in self.directory.protected_groups:
                found = found or Text(f"nhóm chính {one}", f"primary group {one}")
            found = found or reasons.get(self._by_id.get(one, ""))
        if not found:
            found = next((self._missing(group) for group in member_of if self._is_missing(group)), None)
        return found

    def everybody(self, listed: Values) -> frozenset[str]:
        """Given the DNs of users and groups, return these and everybody inside, by `core.dn.same`."""
        return frozenset(self._with_members({self.compared(dn): _inside(dn) for dn in listed}))

    def above(self, member_of: Values, primary: Values) -> set[str]:
        """Return the groups an account says it is in, its primary group included, by `core.dn.same`."""
        return {self.compared(group) for group in member_of} | {self._by_id.get(one, "") for one in primary}

    def _missing(self, group: str) -> Text:
        return Text(f"nhóm {group} {self.lacking.vi}", f"group {group} {self.lacking.en}")

    def _is_missing(self, group: str) -> bool:
        return bool(self.directory.protected_groups) and self.compared(group) not in self._listed

    def _settled(self) -> Mapping[str, Text]:
        """Return the reason of everybody and every group that a protected group contains, itself included."""
        if self._reasons is None:
            self._reasons = self._with_members({name: _inside(dn) for name, dn in sorted(self._named.items())})
        return self._reasons

    def _with_members(self, found: dict[str, Text]) -> dict[str, Text]:
        """Give everybody inside the groups found what the group has."""
        waiting = list(found)
        for group in waiting:  # grows while it is walked
            members = [self.compared(member) for member in self._listed.get(group, ())]
            for member in (*members, *self._inside.get(group, ())):
                if member not in found:
                    found[member] = found[group]
                    waiting.append(member)
        return found

    def compared(self, dn: str) -> str:
        """Return a name as `core.dn.same` gives it; the same names come often."""
        if dn not in self._same:
            self._same[dn] = names_of.same(dn)
        return self._same[dn]
