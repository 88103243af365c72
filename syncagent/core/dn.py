"""Distinguished names as text (RFC 4514): escape, split, compare."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from syncagent.core.names import strip_marks

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPECIAL = re.compile(r'[\\"+,;<>=]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # servers take some for blanks, and cut blanks off
_SPLIT = re.compile(r"(?<!\\)((?:\\\\)*),")
_SEVERAL = re.compile(r"(?<!\\)(?:\\\\)*\+")
_BLANK_AROUND = re.compile(r"\s*([+=])\s*")
_UNUSUAL = re.compile(r" [,+=]|[,+=] |[\\\x00-\x1f\x7f]")
_ESCAPED = re.compile(r"((?:\\[0-9a-fA-F]{2})+)|\\(.)", re.DOTALL)


def escape(value: str) -> str:
    """Return an attribute value as it stands in a DN."""
    text = _SPECIAL.sub(r"\\\g<0>", value)
    text = _CONTROL.sub(lambda found: f"\\{ord(found.group()):02X}", text)
    if value[:1] in {" ", "#"}:
        text = "\\" + text
    if value.endswith(" ") and len(value) > 1:
        text = text[:-1] + "\\ "
    return text


def child(rdn: str, value: str, parent: str) -> str:
    """Return the DN of the entry `rdn=value` under `parent`."""
    return f"{rdn}={escape(value)},{parent}"


def split(dn: str) -> tuple[str, str]:
    """Return the first RDN and the rest of a DN; the rest is empty at the root."""
    if "\\" not in dn:
        first, _, rest = dn.partition(",")
        return first.strip(" "), rest.strip(" ")
    found = _SPLIT.search(dn)
    if not found:
        return _trimmed(dn), ""
    return _trimmed(dn[: found.start()] + found.group(1)), _trimmed(dn[found.end() :])


def parent(dn: str) -> str:
    """Return the DN of the entry above, empty at the root."""
    return split(dn)[1]


def rdn_value(dn: str) -> str:
    """Return the value of the first RDN, unescaped."""
    return _ESCAPED.sub(_meant, _trimmed(split(dn)[0].partition("=")[2]))


def same(dn: str) -> str:
    """Return the form in which two spellings of one DN are equal: case, escapes and blanks around separators aside."""
    if _UNUSUAL.search(dn) or dn.count("=") != dn.count(",") + 1:
        dn = ",".join(map(_respelled, _rdns(dn)))
    return dn.strip(" ").casefold()


def folded(dn: str) -> str:
    """Return the form in which Active Directory compares names in one container: case and marks aside.

    Names that differ only by diacritics are one name to AD (Microsoft KB 938447).
    """
    first, comma, above = dn.partition(",")
    if "\\" in dn or '"' in dn or not comma:
        return strip_marks(same(dn))
    return f"{strip_marks(same(first))},{_folded_above(above)}"


@lru_cache(maxsize=1 << 12)
def _folded_above(dn: str) -> str:
    """Return what stands above an entry in folded form: thousands of entries stand in one place."""
    return strip_marks(same(dn))


def spelled_alike(dn: str, other: str) -> bool:
    """Whether two DNs name one place and spell its own value alike; a server spells the types in its own way."""
    return same(dn) == same(other) and rdn_value(dn) == rdn_value(other)


def under(dn: str, base: str) -> bool:
    """Whether `dn` is `base` or lies below it."""
    ours, theirs = same(dn), same(base)
    return ours == theirs or ours.endswith("," + theirs)


def _trimmed(text: str) -> str:
    """Return text without the blanks around it, except one that is escaped."""
    bare = text.strip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return f"{bare} " if backslashes % 2 else bare


def _meant(escaped: re.Match[str]) -> str:
    octets, char = escaped.groups()
    return bytes.fromhex(octets.replace("\\", "")).decode("utf-8", "replace") if octets else char


def _rdns(dn: str) -> Iterator[str]:
    while dn:
        rdn, dn = split(dn)
        yield rdn


def _respelled(rdn: str) -> str:
    """Return an RDN escaped as `escape` does; one of several values stays as it is, blanks around separators aside."""
    kind, mark, value = rdn.partition("=")
    if _SEVERAL.search(value):
        return _BLANK_AROUND.sub(r"\1", rdn)
    return f"{kind.strip()}{mark}{escape(rdn_value(rdn))}"
