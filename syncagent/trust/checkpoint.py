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
from syncagent.trust.signing import verify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.trust.signing import SigningKey

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
    return key.sign(PAYLOAD_TYPE, payload.encode())


def opened(envelope: str, keys: Mapping[str, bytes]) -> Checkpoint:
    """Given the signed form and the public keys that count, by key id, return what it says.

    Raises:
        Refused: none of the keys signed it, or it is no checkpoint.
    """
    try:
        said = json.loads(verify(envelope, PAYLOAD_TYPE, keys))
        return Checkpoint(str(said["origin"]), int(said["size"]), str(said["hash"]), str(said["at"]))
    except (ValueError, KeyError, TypeError) as error:  # signed, yet no checkpoint: no version of the agent does that
        raise Refused(
            Text("Đây không phải là một mốc kiểm tra.", "This is no checkpoint."),
        ) from error
