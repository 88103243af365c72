"""The audit log as a file that is checked anywhere, without the agent's state: `syncagent/audit/1`.

Lines of JSON: what it is, then every checkpoint, then every record. The checkpoints come first, so that a reader knows
which of the hashes it meets were signed.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from syncagent.errors import Refused
from syncagent.text import Text
from syncagent.trust.chain import GENESIS, Head, Record, follow
from syncagent.trust.checkpoint import RESTORE, Checkpoint, abandoned, disagreement, opened
from syncagent.trust.signing import PublicKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FORMAT = "syncagent/audit/1"


class Verified(NamedTuple):
    """What was found of an audit log: which state's it is, where its chain stands, which checkpoints hold.

    `newest` is the one that covers most records, `restores` are the records by which somebody declared that an older
    state was put back, `doubts` what disagrees.
    """

    origin: str
    head: Head
    checkpoints: int
    newest: Checkpoint | None
    restores: tuple[Record, ...]
    doubts: tuple[Text, ...]


def written(
    origin: str, at: str, keys: Iterable[PublicKey], envelopes: Iterable[str], records: Iterable[Record]
) -> Iterator[str]:
    """Yield the lines of an export, made at a moment (ISO 8601, UTC), without their line breaks."""
    header = {"format": FORMAT, "origin": origin, "exported_at": at, "public_keys": {key.id: key.hex for key in keys}}
    yield json.dumps(header, sort_keys=True)
    for envelope in envelopes:
        yield json.dumps({"checkpoint": envelope})
    for record in records:
        yield json.dumps(record._asdict(), ensure_ascii=False)


def verified(lines: Iterable[str], key: PublicKey | None = None, also: Iterable[str] = ()) -> Verified:
    """Given the lines of an export, check every link and every signature.

    Args:
        lines: as `written` gave them.
        key: the agent's public key as somebody knows it; None believes the one in the file.
        also: checkpoints from a second place, in their signed form.

    Raises:
        Refused: it is no export, or a record is missing, was inserted, swapped or altered.
    """
    numbered = enumerate(lines, start=1)
    header = _read(*next(numbered, (1, "")))
    if header.get("format") != FORMAT:
        raise _no_export(1)
    try:
        origin = str(header["origin"])
        keys = {one.id: one for one in ([key] if key else map(PublicKey.from_hex, header["public_keys"].values()))}
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise _no_export(1) from error
    envelopes = [*also]
    first: list[tuple[int, dict[str, Any]]] = []
    for number, line in numbered:
        found = _read(number, line)
        if found.keys() != {"checkpoint"}:
            first.append((number, found))
            break
        envelopes.append(str(found["checkpoint"]))
    rest = chain(first, ((number, _read(number, line)) for number, line in numbered))
    return examined(origin, envelopes, keys, (_record(number, found) for number, found in rest))


def examined(
    origin: str, envelopes: Iterable[str], keys: Mapping[str, PublicKey], records: Iterable[Record]
) -> Verified:
    """Given all checkpoints of a state in their signed form and all its records, check every link and signature.

    Raises:
        Refused: a record is missing, was inserted, swapped or altered.
    """
    read = [(envelope, _opened(envelope, keys)) for envelope in envelopes]
    hashes = {one.size: "" for _, one in read if isinstance(one, Checkpoint)} | {0: GENESIS}
    restores: list[Record] = []

    def watched() -> Iterator[Record]:
        for record in records:
            if record.seq in hashes:
                hashes[record.seq] = record.hash
            if record.kind == RESTORE:
                restores.append(record)
            yield record

    head = follow(watched())
    declared = frozenset().union(*map(declared_in, restores))
    doubts: list[Text] = []
    sound: list[Checkpoint] = []
    for envelope, one in read:
        why = disagreement(one, origin, head, hashes[one.size]) if isinstance(one, Checkpoint) else one
        if why is None and isinstance(one, Checkpoint):
            sound.append(one)
        elif why and abandoned(envelope) not in declared:
            doubts.append(why)
    newest = max(sound, key=lambda one: one.size, default=None)
    return Verified(origin, head, len(sound), newest, tuple(restores), tuple(doubts))


def declared_in(record: Record) -> frozenset[str]:
    """Given a record by which a restore was declared, return the checkpoints it gives up, as `abandoned` names them.

    Raises:
        Refused: the record is not of that form.
    """
    try:
        return frozenset(map(str, json.loads(record.body)["abandoned"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(
            Text(f"Không hiểu bản ghi {record.seq}.", f"Record {record.seq} cannot be understood."),
        ) from error


def _opened(envelope: str, keys: Mapping[str, PublicKey]) -> Checkpoint | Text:
    try:
        return opened(envelope, keys)
    except Refused as refusal:
        return refusal.says


def _read(number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _no_export(number) from error
    if not isinstance(found, dict):
        raise _no_export(number)
    return found


def _record(number: int, found: Mapping[str, Any]) -> Record:
    if found.keys() != set(Record._fields):
        raise _no_export(number)
    record = Record(**found)
    if type(record.seq) is not int or not all(isinstance(part, str) for part in record[1:]):
        raise _no_export(number)
    return record


def _no_export(number: int) -> Refused:
    return Refused(
        Text(
            f"Dòng {number} không đúng dạng {FORMAT}; tệp bị cắt, bị sửa, hoặc không phải bản xuất nhật ký.",
            f"Line {number} is not {FORMAT}; the file was cut or changed, or is no export of the audit log.",
        )
    )
