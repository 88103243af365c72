"""A sealed password opens for one key and one purpose, and not if a single bit is another (G18)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from syncagent.errors import Misconfigured, Refused
from syncagent.trust import keyfile
from syncagent.trust.sealing import OPENING, OpeningKey, Purpose, SealingKey
from syncagent.trust.secret import Secret

PURPOSE = Purpose("snv", "sha256:plan", "A0001")
PASSWORD = "xK7#mP3@wRt9$VnA"  # noqa: S105 - drawn for this test
KEY = OpeningKey(bytes(range(32)))
PASSPHRASE = "mot cau dai kho doan"  # noqa: S105 - of a key that lives as long as a test


def test_its_owner_opens_what_was_sealed() -> None:
    """Two seals of the same password differ, and both open; nothing shows the password or the key."""
    sealed = [KEY.public.seal(Secret(PASSWORD), PURPOSE) for _ in range(2)]

    assert [KEY.open(one, PURPOSE).reveal() for one in sealed] == [PASSWORD] * 2
    assert sealed[0] != sealed[1]
    assert repr(KEY) == f"OpeningKey({KEY.public.id})"
    assert repr(KEY.public) == f"SealingKey({KEY.public.id})"


def test_every_single_bit_counts() -> None:
    """Each of the bits of a seal changed, and each of its ends cut off: it does not open."""
    sealed = KEY.public.seal(Secret(PASSWORD), PURPOSE)
    changed = [
        sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
        for place in range(len(sealed))
        for bit in range(8)
    ]
    cut = [sealed[:length] for length in range(len(sealed))] + [sealed + b"\0"]

    assert len(changed) == 8 * (32 + 16 + len(PASSWORD))
    for one in changed + cut:
        with pytest.raises(Refused) as raised:
            KEY.open(one, PURPOSE)
        assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(
    "other",
    [
        PURPOSE._replace(unit="sct"),
        PURPOSE._replace(digest="sha256:other"),
        PURPOSE._replace(action_id="A0002"),
        Purpose("snvs", "ha256:plan", "A0001"),
    ],
)
def test_a_seal_is_bound_to_unit_plan_and_action(other: Purpose) -> None:
    """Taken to another unit, plan or action it does not open, not even where the parts make the same text."""
    sealed = KEY.public.seal(Secret(PASSWORD), PURPOSE)

    with pytest.raises(Refused, match="A000"):
        KEY.open(sealed, other)


def test_another_key_does_not_open_it() -> None:
    """Nor does whoever has another unit's key."""
    sealed = KEY.public.seal(Secret(PASSWORD), PURPOSE)

    with pytest.raises(Refused):
        OpeningKey(bytes(32)).open(sealed, PURPOSE)


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32, "AB" * 32, "00" * 32, "01" + "00" * 31])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    """Another length, other digits, and the points under which everybody has the same secret (RFC 7748 §6.1)."""
    with pytest.raises(ValueError, match=r"."):
        SealingKey.from_hex(text)


@dataclass
class _Chance:
    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return bytes([self.count]) * size


def test_the_key_lies_in_a_file_of_its_own_kind(tmp_path: Path) -> None:
    """A key file for passwords opens under its passphrase; one for signing is none, nor the other way round."""
    path, signing = tmp_path / "mine.key", tmp_path / "signing.key"
    public = keyfile.made(path, PASSPHRASE, _Chance(), OPENING)
    keyfile.make(signing, PASSPHRASE, _Chance())
    key = OpeningKey(keyfile.unlocked(path, PASSPHRASE, OPENING))

    assert keyfile.read_public(path, OPENING) == public == key.public.hex
    assert key.open(SealingKey.from_hex(public).seal(Secret(PASSWORD), PURPOSE), PURPOSE).reveal() == PASSWORD
    with pytest.raises(Misconfigured, match="opening-key"):
        keyfile.read_public(signing, OPENING)
    with pytest.raises(Misconfigured, match="syncagent/key/1"):
        keyfile.public_key(path)
    with pytest.raises(Refused, match="passphrase"):
        keyfile.unlocked(path, PASSPHRASE + "!", OPENING)
