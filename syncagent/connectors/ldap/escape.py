"""Values inside LDAP filters (RFC 4515 §3). Names are escaped by `core.dn`."""

from __future__ import annotations

import re

_PLAIN = re.compile(rb"[^0-9A-Za-z@._-]")


def escape(value: str | bytes) -> str:
    """Return an assertion value in which nothing can be read as part of the filter."""
    octets = value.encode() if isinstance(value, str) else value
    return _PLAIN.sub(lambda found: b"\\%02x" % found.group()[0], octets).decode()


def equal(attribute: str, value: str | bytes) -> str:
    """Return the filter for entries whose attribute holds this value, exactly one term whatever the value is."""
    return f"({attribute}={escape(value)})"
