"""Addresses: the shapes of the five regulations, one namespace over everything ever issued, log-in names.

An address is compared in folded form, over all targets, kinds, aliases, groups, contacts and everything the
Ledger remembers. Whoever holds an address keeps it; it is never issued to anybody else (design §4.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.names import strip_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncagent.core.names import Syllables

LONGEST_LOCAL_PART = 64
"""RFC 5321 §4.5.3.1.1, in octets; local parts are ASCII here."""

NAME_TOKENS = frozenset({"ten", "initials", "ho", "dem"})
UNIT_NAME = frozenset({"abbreviation", "name"})
UNIT_TOKENS = UNIT_NAME | {"suffix", "parent"}
_ONE_LETTER = frozenset({"initials"})

SEVERAL = "several holders"
RESERVED = "reserved"

_PART = re.compile(r"\{([a-z]+)(?::([1-9]))?\}|([^{}]+)")
_LOCAL = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_LOGIN_WIDTH = 20


class Part(NamedTuple):
    """A piece of a pattern: literal text, or a token with how many letters of each syllable it takes (0: all)."""

    text: str
    token: str = ""
    width: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """How an address is built, as `{ten}{initials}.{suffix}`.

    Tokens of a name: `ten` (the given name in full), `initials` (one letter per other syllable), `ho` (first
    syllable), `dem` (the syllables between); `{ho:2}` takes two letters, `{dem:1}` one letter of each. Tokens of
    a unit: `suffix` (what personal addresses carry), `abbreviation`, `name` (a department's, without its agency's),
    `parent` (the agency's abbreviation).
    """

    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Given the text of a pattern, return it.

        Raises:
            ValueError: an unknown token, or braces that do not match.
        """
        parts: list[Part] = []
        at = 0
        while at < len(text):
            found = _PART.match(text, at)
            if not found:
                message = f"{text!r}: braces do not match at character {at + 1}"
                raise ValueError(message)
            token, width, literal = found.groups()
            if token and token not in NAME_TOKENS | UNIT_TOKENS:
                known = ", ".join(sorted(NAME_TOKENS | UNIT_TOKENS))
                message = f"{text!r}: unknown token {{{token}}}; known are {known}"
                raise ValueError(message)
            parts.append(Part(literal or "", token or "", int(width or 0)))
            at = found.end()
        return cls(tuple(parts))

    def render(self, name: Syllables | None, unit: Mapping[str, str]) -> str:
        """Given a folded name and the words of a unit, return the local part."""
        return "".join(self._word(part, name, unit) for part in self.parts)

    def tail(self, unit: Mapping[str, str], name: frozenset[str] = NAME_TOKENS) -> str:
        """Return what follows the name, a person's or a unit's: the part of an address that says where it belongs."""
        last = max((n for n, part in enumerate(self.parts) if part.token in name), default=-1)
        return "".join(self._word(part, None, unit) for part in self.parts[last + 1 :])

    def _word(self, part: Part, name: Syllables | None, unit: Mapping[str, str]) -> str:
        if not part.token:
            return part.text
        if part.token in UNIT_TOKENS:
            return unit.get(part.token, "")
        if name is None:
            return ""
        words = {"ten": (name.ten,), "initials": name.others, "ho": name.others[:1], "dem": name.others[1:]}
        width = 1 if part.token in _ONE_LETTER else part.width
        return "".join(word[: width or None] for word in words[part.token])


def fold_address(address: str) -> str:
    """Return the form in which addresses are compared."""
    return strip_marks(address.strip()).casefold()


def is_local_part(text: str) -> bool:
    """Whether a local part has the shape and length the agent issues: `[a-z0-9._-]`, at most 64 octets."""
    return len(text) <= LONGEST_LOCAL_PART and bool(_LOCAL.fullmatch(text))


@dataclass(slots=True)
class Namespace:
    """Every address that is taken, in folded form, with its owner: a subject, an account, another entry."""

    owners: dict[str, str] = field(default_factory=dict)

    def take(self, address: str, owner: str) -> None:
        """Record that `owner` holds `address`; an address with two holders belongs to neither."""
        folded = fold_address(address)
        known = self.owners.setdefault(folded, owner)
        if known != owner:
            self.owners[folded] = SEVERAL

    def owner(self, address: str) -> str:
        """Return who holds the address, empty if nobody ever did."""
        return self.owners.get(fold_address(address), "")

    def free_for(self, address: str, subject: str) -> bool:
        """Whether the address may be issued to `subject`: nobody holds it, or only the subject ever did."""
        return self.owner(address) in {"", subject}


def still_fits(address: str, domain: str, tail: str) -> bool:
    """Whether an address in use says the right unit and domain, so that its holder keeps it.

    A clash that was settled by agreement gives an address that is not the pattern's (NB-13), so only the tail
    that names the unit is compared.
    """
    local, _, at = address.partition("@")
    stem = local.removesuffix(tail)
    return at == domain and local.endswith(tail) and bool(stem) and "." not in stem


def propose(
    forms: Iterable[Pattern],
    name: Syllables,
    unit: Mapping[str, str],
    domain: str,
    namespace: Namespace,
    subject: str,
) -> tuple[str, ...]:
    """Given the forms for clashes, return the free addresses they make, in the order of the forms.

    Each is short, can be remembered and contains the holder's name (NB-13, Điều 5.4); a person chooses.
    """
    found: dict[str, None] = {}
    for form in forms:
        local = form.render(name, unit)
        address = f"{local}@{domain}"
        if is_local_part(local) and name.ten in local and namespace.free_for(address, subject):
            found[address] = None
    return tuple(found)


def login_for(local: str, taken: set[str]) -> str:
    """Given a wished log-in name and those taken (folded), return a free one of at most 20 characters.

    sAMAccountName is limited to 20 characters and unique without regard to case and marks, so it cannot be the
    local part. It is no address: a number at its end harms nobody.
    """
    stem = strip_marks(local).casefold()
    wished = stem[:_LOGIN_WIDTH].rstrip(".-_")
    number = 1
    while wished in taken:
        number += 1
        tail = str(number)
        wished = stem[: _LOGIN_WIDTH - len(tail)].rstrip(".-_") + tail
    return wished
