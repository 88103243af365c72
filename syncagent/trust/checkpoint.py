"""A checkpoint: the agent's signature under where the audit log stood.

Kept in a second place it tells a restored backup, a shortened and a rewritten log from the true one, which a chain
alone cannot.
"""

from __future__ import annotations

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
