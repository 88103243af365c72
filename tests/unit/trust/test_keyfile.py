"""A private key in a file: for its owner only, under a passphrase, and not a byte of it may be another."""

from __future__ import annotations

import json
import os
import unicodedata
from functools import cache
from pathlib import Path
from secrets import token_bytes
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from syncagent.errors import Misconfigured, Refused
from syncagent.trust import keyfile
from syncagent.trust.signing import SigningKey

PASSPHRASE = "Hồ Tây 12 cây số"  # noqa: S105 - of throw-away keys


@cache
def _content() -> bytes:
    """A key file; scrypt takes half a second, so one serves all."""
    with TemporaryDirectory() as folder:
        keyfile.make(Path(folder) / "key", PASSPHRASE, token_bytes)
        return (Path(folder) / "key").read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A key file of one's own."""
    return _written(tmp_path / "binh.key", _content())


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_a_key_comes_back_under_its_passphrase_however_it_was_typed(path: Path) -> None:
    """The key that opens is the one that was made; composed and decomposed letters are the same passphrase."""
    opened = keyfile.unlock(path, unicodedata.normalize("NFD", PASSPHRASE))

    assert opened.public.hex == keyfile.public_key(path).hex


def test_a_wrong_passphrase_opens_nothing(path: Path) -> None:
    """One letter is enough; the refusal does not repeat it."""
    with pytest.raises(Refused) as refused:
        keyfile.unlock(path, PASSPHRASE + "s")

    assert "passphrase" in refused.value.says.en
    assert PASSPHRASE not in str(refused.value)


def test_what_is_made_is_for_its_owner_only_and_hides_the_key(tmp_path: Path) -> None:
    """Mode 0600 whatever the umask, parameters in the open and as strong as they must be, no seed in any form."""
    seed = bytes(range(100, 132))
    before = os.umask(0)
    try:
        public = keyfile.make(tmp_path / "key", PASSPHRASE, lambda count: seed[:count])
    finally:
        os.umask(before)
    content = (tmp_path / "key").read_bytes()

    parts = json.loads(content)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert public.hex == parts["public_key"] == SigningKey(seed).public.hex
    assert (parts["kdf"]["name"], parts["kdf"]["n"], parts["kdf"]["r"]) == ("scrypt", 131072, 8)
    assert seed not in content
    assert seed.hex().encode() not in content
    assert PASSPHRASE.encode() not in content


def test_a_short_passphrase_and_a_file_that_is_there_are_refused(tmp_path: Path, path: Path) -> None:
    """Eleven characters are too few; a key is never overwritten; a folder that is not there is said."""
    with pytest.raises(Refused, match="at least 12"):
        keyfile.make(tmp_path / "new", "x" * 11, token_bytes)
    with pytest.raises(Refused, match="never overwritten"):
        keyfile.make(path, PASSPHRASE, token_bytes)
    with pytest.raises(Misconfigured, match="cannot be written"):
        keyfile.make(tmp_path / "no" / "key", PASSPHRASE, token_bytes)

    assert not (tmp_path / "new").exists()
    assert path.read_bytes() == _content()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o660])
def test_a_file_that_others_may_touch_is_refused(path: Path, mode: int) -> None:
    """Whoever can read it can try passphrases; the message says the way out."""
    path.chmod(mode)

    with pytest.raises(Misconfigured, match=r"chmod 600 binh\.key"):
        keyfile.unlock(path, PASSPHRASE)


def _spoilt(**parts: Any) -> bytes:
    """The key file with other parts; `kdf__n` is n of kdf."""
    found = json.loads(_content())
    for name, value in parts.items():
        outer, _, inner = name.partition("__")
        if inner:
            found[outer] = {**found[outer], inner: value}
        else:
            found[outer] = value
    return json.dumps(found, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", b"[]", b"[" * 100_000, _content()[:-1], _content() + b" ", b"\xff",
        _spoilt(more=1), _spoilt(format="syncagent/key/2"), _spoilt(public_key="x"), _spoilt(sealed=""),
        _spoilt(kdf=1), _spoilt(kdf__more=1), _spoilt(kdf__name="x"), _spoilt(kdf__r=9), _spoilt(kdf__p=64),
        _spoilt(kdf__n=1024), _spoilt(kdf__n=2**30), _spoilt(kdf__n=True), _spoilt(kdf__n="131072"),
        _spoilt(kdf__salt=1), _spoilt(kdf__salt="AAAA"), _spoilt(kdf__salt="ế"),
        _spoilt(cipher=[]), _spoilt(cipher__name="AES-128-CBC"), _spoilt(cipher__more=1), _spoilt(cipher__nonce="AAAA"),
    ],
)  # fmt: skip
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Cut, prolonged, unknown or missing parts, a cost that is no protection or none can pay: none is tried."""
    path = _written(tmp_path / "key", content)

    for look in (keyfile.public_key, lambda there: keyfile.unlock(there, PASSPHRASE)):
        with pytest.raises(Misconfigured, match="no key file"):
            look(path)
    with pytest.raises(Misconfigured, match="cannot be read"):
        keyfile.public_key(tmp_path / "none")


def _changes(content: bytes, step: int) -> list[bytes]:
    return [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in range(0, len(content), step)]


@pytest.mark.parametrize("step", [29, pytest.param(1, marks=pytest.mark.long)])
def test_every_byte_of_a_key_file_is_protected(tmp_path: Path, step: int) -> None:
    """Whichever byte is another, the parameters and the public half included, the key does not open."""
    for number, content in enumerate(_changes(_content(), step)):
        with pytest.raises((Misconfigured, Refused)):
            keyfile.unlock(_written(tmp_path / str(number), content), PASSPHRASE)


def test_a_key_that_was_handed_over_is_opened_in_memory(tmp_path: Path) -> None:
    """The same file, passphrase and faults as on disk; its public half needs no passphrase; a large one is none."""
    path = tmp_path / "a.key"
    public = keyfile.make(path, "mười hai con giáp", token_bytes)
    written = path.read_bytes()

    assert keyfile.opened(written, "a.key", "mười hai con giáp").public.id == public.id
    assert keyfile.public_of(written, "a.key").id == public.id
    with pytest.raises(Refused, match="passphrase"):
        keyfile.opened(written, "a.key", "sai mật khẩu rồi")
    for broken in (b"", b"{}", written[:-1], written + b" " * 5000):
        with pytest.raises(Misconfigured, match=r"a\.key"):
            keyfile.opened(broken, "a.key", "mười hai con giáp")
