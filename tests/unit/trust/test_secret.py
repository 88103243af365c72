"""A secret shows itself to nobody who does not ask for it by name (F23)."""

from __future__ import annotations

import base64
import copy
import gc
import json
import pickle
from dataclasses import dataclass

import pytest

from syncagent.trust.secret import HIDDEN, Secret, redacted

VALUE = 'Bí mật "số" 1\\n'


@dataclass(frozen=True)
class _Holder:
    password: Secret


def test_no_form_of_a_secret_shows_it() -> None:
    """repr, str, format, f-string, percent, and the repr of whatever holds it."""
    secret = Secret(VALUE)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", format(secret, ">20"), "%s" % secret]  # noqa: UP031 - that, too
    shown += [repr(_Holder(secret)), repr([secret]), repr({"a": secret})]

    assert not any("mật" in one for one in shown)
    assert str(secret) == HIDDEN


@pytest.mark.parametrize("writes", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps], ids=lambda one: one.__name__)
def test_a_secret_is_written_nowhere(writes: object) -> None:
    """Pickle, copies and JSON refuse it, and their message does not hold it."""
    with pytest.raises(TypeError) as raised:
        writes(Secret(VALUE))  # type: ignore[operator]

    assert "mật" not in str(raised.value)


def test_who_asks_by_name_gets_it() -> None:
    """As text, as octets, compared with another of the same value; an empty one is false."""
    secret = Secret(VALUE)

    assert secret.reveal() == VALUE
    assert secret.octets() == VALUE.encode()
    assert secret == Secret(VALUE.encode())
    assert hash(secret) == hash(Secret(VALUE))
    assert secret not in (Secret("other"), VALUE)
    assert not Secret("")


def test_a_text_is_freed_of_every_spelling() -> None:
    """As written, as JSON and Python escape it, as octets of a message, in base64 and hex; others stay."""
    secret = Secret(VALUE)
    raw = VALUE.encode()
    spelled = [VALUE, repr(VALUE), json.dumps(VALUE), json.dumps(VALUE, ensure_ascii=False), repr(raw), raw.hex()]
    spelled.append(base64.b64encode(raw).decode())

    for text in spelled:
        told = redacted(f"before {text} after")
        assert HIDDEN in told
        assert "mật" not in told
        assert raw.hex() not in told
        assert told.startswith("before ")
        assert told.endswith(" after")
    assert secret


def test_octets_that_are_no_text_are_found_too() -> None:
    """A password as Active Directory takes it, in UTF-16; and one that is no UTF-8 at all."""
    quoted = Secret('"Mat-khau1"'.encode("utf-16-le"))
    key = Secret(b"\xff\xfe\xfd\xfc")

    assert "M\\x00" not in redacted(f"sent {quoted.octets()!r}")
    assert redacted(f"key {key.octets()!r}") == f"key b'{HIDDEN}'"


def test_only_living_secrets_of_some_length_are_looked_for() -> None:
    """A value that is gone is nobody's; one of three letters would mask half of every word."""
    gone, short = Secret("long gone"), Secret("abc")
    del gone
    gc.collect()

    assert redacted("long gone, abc") == "long gone, abc"
    assert short
