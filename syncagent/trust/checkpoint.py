"""A checkpoint: the agent's signature under where the audit log stood.

Kept in a second place it tells a restored backup, a shortened and a rewritten log from the true one, which a chain
alone cannot.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Refused
from syncagent.text import Text
from syncagent.trust.chain import Head
from syncagent.trust.signing import Sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.trust.signing import PublicKey, SigningKey

PAYLOAD_TYPE = "application/vnd.syncagent.checkpoint+json"
RESTORE = "accept-restore"
"""The kind of the record by which somebody declares that an older state was put back."""


class Checkpoint(NamedTuple):
    """Of which state (its lineage), how many records, the hash of the last one, and the moment (ISO 8601, UTC)."""

    origin: str
    size: int
    hash: str
    at: str

    @property
    def head(self) -> Head:
        """Return where it says the chain stood."""
        return Head(self.size, self.hash)


def sealed(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return a checkpoint with the agent's signature: a DSSE envelope as one line of JSON."""
    payload = json.dumps(checkpoint._asdict(), sort_keys=True, separators=(",", ":"))
    return key.seal(PAYLOAD_TYPE, payload.encode())


def opened(envelope: str, keys: Mapping[str, PublicKey]) -> Checkpoint:
    """Given the signed form and the public keys that count, by their ids, return what it says.

    Raises:
        Refused: none of the keys signed it, or it is no checkpoint.
    """
    try:
        seal = Sealed.read(envelope, PAYLOAD_TYPE)
        said = json.loads(seal.payload)
        found = Checkpoint(str(said["origin"]), int(said["size"]), str(said["hash"]), str(said["at"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(Text("Đây không phải là một mốc kiểm tra.", "This is no checkpoint.")) from error
    key = keys.get(seal.key_id)
    if key is None:
        raise Refused(
            Text(
                f"Mốc kiểm tra được ký bằng khóa {seal.key_id}, không phải khóa của phần mềm.",
                f"The checkpoint is signed by key {seal.key_id}, which is not the agent's.",
            )
        )
    if not seal.signed_by(key):
        raise Refused(
            Text("Chữ ký của mốc kiểm tra không đúng.", "The signature of the checkpoint does not hold."),
        )
    return found


def disagreement(checkpoint: Checkpoint, origin: str, head: Head, hash_then: str) -> Text | None:
    """Return how a checkpoint contradicts the chain of a state, None if it does not.

    Args:
        checkpoint: as it was signed.
        origin: the state's lineage.
        head: where its chain stands now.
        hash_then: the hash of the record that the checkpoint speaks of, empty if there is none.
    """
    if checkpoint.origin != origin:
        return Text(
            f"mốc kiểm tra {checkpoint.at[:19]} thuộc trạng thái {checkpoint.origin}, trạng thái này là {origin}",
            f"the checkpoint of {checkpoint.at[:19]} belongs to state {checkpoint.origin}, this one is {origin}",
        )
    if checkpoint.size > head.size:
        return Text(
            f"mốc kiểm tra {checkpoint.at[:19]} ghi {checkpoint.size} bản ghi, nhật ký chỉ có {head.size}",
            f"the checkpoint of {checkpoint.at[:19]} counts {checkpoint.size} records, the log has {head.size}",
        )
    if checkpoint.hash != hash_then:
        return Text(
            f"bản ghi {checkpoint.size} không phải bản ghi mà mốc kiểm tra {checkpoint.at[:19]} đã ký",
            f"record {checkpoint.size} is not the one that the checkpoint of {checkpoint.at[:19]} signed",
        )
    return None


def abandoned(envelope: str) -> str:
    """Return how a record names a checkpoint that is given up: the SHA-256 of its signed form, hex."""
    return hashlib.sha256(envelope.encode()).hexdigest()
