"""The certificate of a merger: a statement under the agent's signature, which is checked anywhere without its state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from syncagent.core.conservation import FORMAT, disagreements
from syncagent.errors import Refused
from syncagent.text import Text
from syncagent.trust.signing import PublicKey, Sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.trust.signing import SigningKey

PAYLOAD_TYPE = "application/vnd.syncagent.merger.v1+json"


class Verified(NamedTuple):
    """What a certificate says, who signed it, and what in it contradicts itself."""

    said: Mapping[str, Any]
    key_id: str
    doubts: tuple[Text, ...]


def written(said: Mapping[str, Any], key: SigningKey) -> str:
    """Return a statement with the agent's signature: one line of JSON, with the public key and the envelope (DSSE)."""
    payload = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    envelope = key.seal(PAYLOAD_TYPE, payload.encode())
    return json.dumps({"format": FORMAT, "public_key": key.public.hex, "envelope": envelope}, sort_keys=True)


def verified(text: str, key: PublicKey | None = None) -> Verified:
    """Given a certificate, check its signature, and count again what it says.

    Args:
        text: as `written` gave it.
        key: the agent's public key as somebody knows it; None believes the one in the file.

    Raises:
        Refused: it is no certificate, or was changed after it was signed.
    """
    try:
        found = json.loads(text)
        known = key or PublicKey.from_hex(found["public_key"])
        seal = Sealed.read(found["envelope"], PAYLOAD_TYPE)
        if found["format"] != FORMAT or not seal.signed_by(known):
            raise _refused()
        said = json.loads(seal.payload)
        return Verified(said, seal.key_id, tuple(disagreements(said)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _refused() from error


def _refused() -> Refused:
    return Refused(
        Text(
            f"Đây không phải chứng nhận {FORMAT} do khóa này ký: tệp bị sửa, bị cắt, hoặc do khóa khác ký.",
            f"This is no certificate {FORMAT} signed with this key: it was changed or cut, or another key signed it.",
        )
    )
