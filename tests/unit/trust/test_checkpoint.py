"""Signed checkpoints."""

from __future__ import annotations

import json

import pytest
from logs import AT, KEY, KEYS, ORIGIN, a_log, signed

from syncagent.errors import Refused
from syncagent.trust.chain import Head
from syncagent.trust.checkpoint import PAYLOAD_TYPE, Checkpoint, abandoned, disagreement, opened
from syncagent.trust.signing import SigningKey

LOG = a_log(5)
CHECKPOINT = Checkpoint(ORIGIN, 5, LOG[-1].hash, AT)


def test_a_checkpoint_says_what_was_signed() -> None:
    """State, size, hash and moment come back as they were."""
    found = opened(signed(LOG), KEYS)

    assert found == CHECKPOINT
    assert found.head == Head(5, LOG[-1].hash)


def test_a_strange_key_does_not_count() -> None:
    """Whoever has another key cannot say what the log was."""
    with pytest.raises(Refused, match="not the agent's"):
        opened(signed(LOG, key=SigningKey(b"\x02" * 32)), KEYS)


@pytest.mark.parametrize("position", range(0, 400, 7))
def test_every_changed_byte_is_refused(position: int) -> None:
    """One byte of the envelope is another: nothing of it is believed."""
    raw = bytearray(signed(LOG).encode())
    raw[position % len(raw)] ^= 1

    with pytest.raises(Refused):
        opened(raw.decode("latin-1"), KEYS)


@pytest.mark.parametrize("payload", [b"{}", b"[]", b"7", b"x", b'{"origin":"a","size":"x","hash":"","at":""}'])
def test_what_is_signed_must_be_a_checkpoint(payload: bytes) -> None:
    """A signature under something else makes no checkpoint of it."""
    with pytest.raises(Refused, match="no checkpoint"):
        opened(KEY.seal(PAYLOAD_TYPE, payload), KEYS)


def test_a_signature_of_another_type_is_none() -> None:
    """What the agent signed as a plan cannot be shown as a checkpoint."""
    said = json.dumps(CHECKPOINT._asdict()).encode()

    with pytest.raises(Refused, match="no checkpoint"):
        opened(KEY.seal("application/vnd.syncagent.plan+json", said), KEYS)


def test_what_contradicts_a_chain() -> None:
    """Another state, a longer log than there is, another record: each is named; a prefix of the chain is fine."""
    head, last = Head(5, LOG[-1].hash), LOG[-1].hash

    assert disagreement(CHECKPOINT, ORIGIN, head, last) is None
    assert disagreement(CHECKPOINT._replace(size=3, hash=LOG[2].hash), ORIGIN, head, LOG[2].hash) is None
    assert "belongs to state" in getattr(disagreement(CHECKPOINT, "another", head, last), "en", "")
    assert "counts 6 records" in getattr(disagreement(CHECKPOINT._replace(size=6), ORIGIN, head, ""), "en", "")
    assert "is not the one" in getattr(disagreement(CHECKPOINT, ORIGIN, head, LOG[0].hash), "en", "")


def test_a_checkpoint_is_given_up_by_its_signed_form() -> None:
    """Two checkpoints of the same size on two branches are told apart."""
    assert abandoned(signed(LOG)) != abandoned(signed(a_log(5, "y")))
