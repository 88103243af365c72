"""How Exchange says things: sizes, errors, which letters an alias may have."""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

from servers.powershell_values import Failure, PsObject

UNLIMITED: Final = "Unlimited"
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_TYPED: Final = re.compile(r"^\s*([\d.]+)\s*(B|KB|MB|GB|TB)?\s*(?:\(([\d,.]+) bytes\))?\s*$", re.IGNORECASE)
_ALIAS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\u00ff-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\u00ff-]+)*"
)
_LONGEST_ALIAS: Final = 64


def octets(size: str) -> int | None:
    """Given a size as it is typed or shown, return octets, rounded up to kilobytes; None is unlimited."""
    if size.casefold() == UNLIMITED.casefold():
        return None
    found = _TYPED.match(size)
    if not found:
        raise failure("ParameterBindingException", f'Cannot convert value "{size}" to type "ByteQuantifiedSize".', "")
    if found[3]:
        return int(re.sub(r"\D", "", found[3]))
    number = float(found[1]) * 1024 ** _UNITS.index((found[2] or "B").upper())
    return -(-int(number) // 1024) * 1024


def shown(size: int | None) -> str:
    """Return octets as Exchange shows them: `1.5 GB (1,610,612,736 bytes)`."""
    if size is None:
        return UNLIMITED
    unit = max((n for n in range(len(_UNITS)) if size >= 1024**n), default=0)
    return f"{size / 1024**unit:.4g} {_UNITS[unit]} ({size:,} bytes)"


def is_alias(alias: str) -> bool:
    """Whether an alias has only the letters that Exchange allows: of ASCII some, and U+00A1 to U+00FF."""
    return bool(_ALIAS.fullmatch(alias)) and len(alias) <= _LONGEST_ALIAS


def failure(kind: str, message: str, cmdlet: str, category: str = "NotSpecified") -> Failure:
    """Return an error as Exchange's remote sessions give it; `kind` is the name of the exception."""
    head = f"[Server=EX01,RequestId={uuid4()},TimeStamp=11/23/2026 02:53:02 AM]"
    return Failure(message, f"{head} [FailureCategory=Cmdlet-{kind}] 5E4B0DA3,{cmdlet}", category)


def not_found(identity: object, cmdlet: str) -> Failure:
    """Return the error of a cmdlet that does not find an object."""
    says = (
        f"The operation couldn't be performed because object '{identity}' couldn't be found on 'dc1.ninhbinh.gov.vn'."
    )
    return failure("ManagementObjectNotFoundException", says, cmdlet, "InvalidData")


def properties(of: dict[str, object], text: str = "") -> PsObject:
    """Return a deserialized object."""
    return PsObject(of, text)
