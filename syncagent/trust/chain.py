"""The hash chain of the audit log: whoever changes, drops, inserts or swaps a record breaks every later link."""

from __future__ import annotations

import hashlib

GENESIS = "0" * 64
"""The hash before the first record."""


def link(previous: str, seq: int, at: str, kind: str, body: str) -> str:
    """Given the hash of the record before and what this one says, return its own hash (SHA-256, hex).

    Every part is preceded by its length, so that no two records give the same bytes.
    """
    digest = hashlib.sha256(b"syncagent/audit/1")
    for part in (previous, str(seq), at, kind, body):
        raw = part.encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
