"""An audit log for tests, and a verifier of its own: the fifteen lines that docs/reference/audit.md promises."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from syncagent.trust.chain import EMPTY, Head, Record, link
from syncagent.trust.checkpoint import Checkpoint, sealed
from syncagent.trust.signing import SigningKey

KEY = SigningKey(b"\x01" * 32)
KEYS = {KEY.public.id: KEY.public}
ORIGIN = "801913a2-feee-4782-8a1e-c33853858f22"
AT = "2026-03-10T01:00:00+00:00"


def chained(bodies: Iterable[str], head: Head = EMPTY) -> list[Record]:
    """Records with these bodies, each linked to the one before."""
    found: list[Record] = []
    size, last = head
    for body in bodies:
        size += 1
        last = link(last, size, AT, "done", body)
        found.append(Record(size, AT, "done", body, last))
    return found


def a_log(size: int, word: str = "x") -> list[Record]:
    return chained(json.dumps({"n": n, "word": word}) for n in range(1, size + 1))


def signed(records: list[Record], origin: str = ORIGIN, key: SigningKey = KEY, at: str = AT) -> str:
    """A checkpoint over all of some records."""
    return sealed(Checkpoint(origin, len(records), records[-1].hash if records else EMPTY.hash, at), key)


def holds(lines: Iterable[str], public_key: str) -> bool:
    """Whether an export is whole and agrees with its checkpoints; written from the format alone."""
    key, wanted, last, size = (
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)),
        dict[int, str](),
        "0" * 64,
        0,
    )
    for line in map(json.loads, lines):
        if "checkpoint" in line:
            seal = json.loads(line["checkpoint"])
            kind, said = seal["payloadType"].encode(), base64.b64decode(seal["payload"])
            try:
                key.verify(
                    base64.b64decode(seal["signatures"][0]["sig"]),
                    b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(said), said),
                )
            except InvalidSignature:
                return False
            wanted[json.loads(said)["size"]] = json.loads(said)["hash"]
        elif "seq" in line:
            parts = [part.encode() for part in (last, str(line["seq"]), line["at"], line["kind"], line["body"])]
            told = b"syncagent/audit/1" + b"".join(len(part).to_bytes(8, "big") + part for part in parts)
            size, last = size + 1, hashlib.sha256(told).hexdigest()
            if (line["seq"], line["hash"]) != (size, last) or wanted.pop(size, last) != last:
                return False
    return not wanted
