"""The hash chain of the audit log: whoever changes, drops, inserts or swaps a record breaks every later link."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Refused
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

GENESIS = "0" * 64
"""The hash before the first record."""


class Record(NamedTuple):
    """A record: its number from 1, the moment (ISO 8601, UTC), what happened, what is known of it (JSON), its hash."""

    seq: int
    at: str
    kind: str
    body: str
    hash: str


class Head(NamedTuple):
    """How long a chain is, and the hash of its last record; of that many records it says all."""

    size: int
    hash: str


EMPTY = Head(0, GENESIS)


def link(previous: str, seq: int, at: str, kind: str, body: str) -> str:
    """Given the hash of the record before and what this one says, return its own hash (SHA-256, hex).

    Every part is preceded by its length, so that no two records give the same bytes.
    """
    digest = hashlib.sha256(b"syncagent/audit/1")
    for part in (previous, str(seq), at, kind, body):
        raw = part.encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def follow(records: Iterable[Record], head: Head = EMPTY) -> Head:
    """Given records in their order and where the chain stood before them, return where it stands after them.

    Raises:
        Refused: a record is missing, was inserted, swapped or altered; the message names the first that does not fit.
    """
    size, last = head
    for seq, at, kind, body, known in records:
        if seq != size + 1:
            raise _broken(
                size + 1,
                Text(f"sau bản ghi {size} là bản ghi {seq}", f"record {size} is followed by record {seq}"),
            )
        try:
            last = link(last, seq, at, kind, body)
        except UnicodeEncodeError:  # half a surrogate pair, which no text holds
            last = ""
        if last != known:
            raise _broken(
                seq,
                Text(
                    "nội dung không khớp mã băm, hoặc không nối tiếp bản ghi trước",
                    "it does not have its hash, or does not continue the record before it",
                ),
            )
        size = seq
    return Head(size, last)


def _broken(seq: int, why: Text) -> Refused:
    return Refused(
        Text(
            f"Nhật ký kiểm toán đã bị sửa từ bản ghi {seq}: {why.vi}.",
            f"The audit log was tampered with from record {seq} on: {why.en}.",
        )
    )
