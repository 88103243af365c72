"""Distinguished names as text (RFC 4514): escape, split, compare."""

from __future__ import annotations

import re

from syncagent.core.names import strip_marks

_SPECIAL = re.compile(r'([\\"+,;<>=])')
_SPLIT = re.compile(r"(?<!\\)((?:\\\\)*),")
_BLANK_AROUND = re.compile(r"\s*([,+=])\s*")
_HAS_BLANK_AROUND = re.compile(r"\s[,+=]|[,+=]\s")
_HEX_RUN = re.compile(r"(?:\\[0-9a-fA-F]{2})+")


def escape(value: str) -> str:
    """Return an attribute value as it stands in a DN."""
    text = _SPECIAL.sub(r"\\\1", value).replace("\0", "\\00")
    if text[:1] in {" ", "#"}:
        text = "\\" + text
    if text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1] + "\\ "
    return text


def child(rdn: str, value: str, parent: str) -> str:
    """Return the DN of the entry `rdn=value` under `parent`."""
    return f"{rdn}={escape(value)},{parent}"


def split(dn: str) -> tuple[str, str]:
    """Return the first RDN and the rest of a DN; the rest is empty at the root."""
    found = _SPLIT.search(dn)
    if not found:
        return dn.strip(), ""
    return (dn[: found.start()] + found.group(1)).strip(), dn[found.end() :].strip()


def parent(dn: str) -> str:
    """Return the DN of the entry above, empty at the root."""
    return split(dn)[1]


def rdn_value(dn: str) -> str:
    """Return the value of the first RDN, unescaped."""
    value = split(dn)[0].partition("=")[2]
    value = _HEX_RUN.sub(lambda run: bytes.fromhex(run.group().replace("\\", "")).decode("utf-8", "replace"), value)
    return re.sub(r"\\(.)", r"\1", value)


def same(dn: str) -> str:
    """Return the form in which two spellings of one DN are equal: case and blanks around separators aside."""
    if _HAS_BLANK_AROUND.search(dn):
        dn = _BLANK_AROUND.sub(r"\1", dn)
    return dn.strip().casefold()


def folded(dn: str) -> str:
    """Return the form in which Active Directory compares names in one container: case and marks aside.

    Names that differ only by diacritics are one name to AD (Microsoft KB 938447).
    """
    return strip_marks(same(dn))


def spelled_alike(dn: str, other: str) -> bool:
    """Whether two DNs name one place and spell its own value alike; a server spells the types in its own way."""
    return same(dn) == same(other) and rdn_value(dn) == rdn_value(other)


def under(dn: str, base: str) -> bool:
    """Whether `dn` is `base` or lies below it."""
    ours, theirs = same(dn), same(base)
    return ours == theirs or ours.endswith("," + theirs)
