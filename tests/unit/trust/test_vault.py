"""The store of secrets: what is changed, moved or put under another key does not open."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from syncagent.errors import Misconfigured, Refused
from syncagent.trust import vault
from syncagent.trust.secret import Secret

KEY = "ab" * 32
VALUE = "Mật khẩu của tác tử"


def _chance() -> Callable[[int], bytes]:
    numbers = count()
    return lambda size: next(numbers).to_bytes(size, "big")


def _filled() -> vault.Vault:
    chance = _chance()
    return vault.empty(KEY, chance).with_secret("ad", Secret(VALUE), chance).with_secret("b.d", Secret("2"), chance)


def _changed(change: Callable[[dict[str, Any]], object]) -> str:
    parts: dict[str, Any] = json.loads(_filled().written())
    change(parts)
    return json.dumps(parts)


def test_a_secret_is_read_back() -> None:
    """After writing and reading; a later value takes the place of the earlier one; nothing shows a value."""
    chance = _chance()
    found = vault.opened(_filled().with_secret("ad", Secret("new"), chance).written(), Secret(KEY))

    assert found.names == ("ad", "b.d")
    assert found.get("ad").reveal() == "new"
    assert found.get("b.d").reveal() == "2"
    assert repr(found) == f"Vault({found.key_id})"
    assert "new" not in found.written()
    assert KEY not in found.written()


def test_every_single_bit_of_a_value_counts() -> None:
    """Each bit of nonce, ciphertext and tag changed: refused, with the name and without the value."""
    for part in ("nonce", "sealed"):
        raw = base64.b64decode(json.loads(_filled().written())["secrets"]["ad"][part])
        for place in range(len(raw) * 8):
            wrong = bytearray(raw)
            wrong[place // 8] ^= 1 << place % 8
            text = base64.b64encode(wrong).decode()
            written = _changed(lambda parts, part=part, text=text: parts["secrets"]["ad"].update({part: text}))  # type: ignore[misc]
            with pytest.raises(Refused, match="“ad”"):
                vault.opened(written, Secret(KEY)).get("ad")


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts["secrets"].update(ad=parts["secrets"]["b.d"]),
        lambda parts: parts["secrets"]["ad"].update(sealed="not base64!"),
        lambda parts: parts["secrets"]["ad"].update(nonce=""),
    ],
    ids=["swapped", "no base64", "no nonce"],
)
def test_a_value_that_was_moved_or_cut_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    """A value belongs to its name."""
    with pytest.raises(Refused, match="“ad”"):
        vault.opened(_changed(change), Secret(KEY)).get("ad")


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.update(version=2),
        lambda parts: parts.update(algorithm="none"),
        lambda parts: parts.update(more=1),
        lambda parts: parts.pop("salt"),
        lambda parts: parts.update(key_id="0" * 32),
        lambda parts: parts.update(key_id="x"),
    ],
)
def test_a_file_of_another_form_or_key_is_no_store(change: Callable[[dict[str, Any]], object]) -> None:
    """Another version or algorithm, more or less than there should be, another key: said, and the way out."""
    with pytest.raises(Misconfigured, match=r"backup|put that one back"):
        vault.opened(_changed(change), Secret(KEY))


def test_under_another_key_everything_is_sealed_anew() -> None:
    """The old key no longer opens it, the new one all of it; the nonces are others, too."""
    before = _filled()
    after = before.under("cd" * 32, _chance())

    assert after.key_id != before.key_id
    assert not after.is_under(KEY)
    assert [after.get(name) for name in after.names] == [before.get(name) for name in before.names]
    with pytest.raises(Misconfigured, match=before.key_id and after.key_id):
        vault.opened(after.written(), Secret(KEY))
    assert vault.opened(after.written(), Secret(f"{'cd' * 32}\n{KEY}\n")).get("ad").reveal() == VALUE
    assert vault.opened(after.written(), Secret(f"{KEY}\n{'cd' * 32}")).get("ad").reveal() == VALUE


def test_a_store_with_a_spoilt_value_is_not_carried_over() -> None:
    """A rotation loses nothing silently."""
    spoilt = vault.opened(_changed(lambda parts: parts["secrets"]["ad"].update(nonce="")), Secret(KEY))

    with pytest.raises(Refused, match="“ad”"):
        spoilt.under("cd" * 32, _chance())


def test_a_passphrase_is_stretched_however_it_was_typed() -> None:
    """Composed or decomposed letters are the same passphrase; another salt gives another key."""
    composed, decomposed = "mật khẩu dài của kho", "mật khẩu dài của kho"
    first = vault.empty(composed, _chance()).with_secret("ad", Secret("1"), _chance())

    assert vault.opened(first.written(), Secret(decomposed)).get("ad").reveal() == "1"
    assert vault.empty(composed, lambda size: b"\xff" * size).key_id != first.key_id


@pytest.mark.parametrize("kept", ["", "\n\n", "short", f"{KEY}\nshort"])
def test_what_is_no_key_is_refused(kept: str) -> None:
    """No line at all, or one that is neither 64 digits nor a passphrase of some length; it is not repeated."""
    with pytest.raises(Misconfigured, match="64 hexadecimal digits") as raised:
        vault.opened(_filled().written(), Secret(kept))

    assert "short" not in str(raised.value)


@pytest.mark.parametrize(("name", "value"), [("a b", "1"), ("", "1"), ("../x", "1"), ("x" * 81, "1"), ("x", "")])
def test_names_and_values_must_be_some(name: str, value: str) -> None:
    """A name is a word; an empty value is no secret."""
    with pytest.raises(Refused):
        _filled().with_secret(name, Secret(value), _chance())


def test_a_name_that_is_not_there_is_said() -> None:
    """With the command that keeps it."""
    with pytest.raises(Misconfigured, match="secret set gone"):
        _filled().get("gone")


def test_a_new_key_is_a_key() -> None:
    """Of 256 bits, as it is kept."""
    assert vault.lines(vault.new_key(lambda size: b"\1" * size)) == ["01" * 32]
