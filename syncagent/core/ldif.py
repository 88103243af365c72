"""A line of LDIF (RFC 2849), the text form of directory entries and of changes to them."""

from __future__ import annotations

import re
from base64 import b64encode

_WIDTH = 76
_SAFE = re.compile(r"(?![ :<])[\x20-\x7e]*(?<! )")
"""What every reader takes as it stands: printable ASCII; no blank, colon or `<` first, no blank last."""


def line(name: str, value: str | bytes) -> str:
    """Given an attribute and one value, return its line, without the line break at the end.

    What is not plain ASCII, or begins or ends in a way that readers would change, is base64; the line is folded at 76
    columns.
    """
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if _SAFE.fullmatch(text):
        written = f"{name}: {text}" if text else f"{name}:"
    else:
        octets = value if isinstance(value, bytes) else value.encode()
        written = f"{name}:: {b64encode(octets).decode('ascii')}"
    if len(written) <= _WIDTH:
        return written
    rest = (written[start : start + _WIDTH - 1] for start in range(_WIDTH, len(written), _WIDTH - 1))
    return "\n ".join((written[:_WIDTH], *rest))
