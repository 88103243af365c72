"""Secrets are asked for without an echo, or taken from where the caller says; never without somebody to give them."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from syncagent.cli.passphrase import passphrase, value
from syncagent.errors import Refused


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A terminal at which somebody answers every question; how each was asked."""
    found: list[dict[str, Any]] = []

    def prompt(_: str, **how: Any) -> str:
        found.append(how)
        return "mot cau dai"

    monkeypatch.delenv("SYNCAGENT_PASSPHRASE", raising=False)
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr(click, "prompt", prompt)
    return found


def test_on_a_terminal_it_is_asked_for_without_an_echo(asked: list[dict[str, Any]]) -> None:
    """Twice where it is new, so that no slip of a finger locks anybody out; on stderr, so that output stays data."""
    given = [passphrase(None, new=True), passphrase(None, new=False), value(None)]

    assert [one.reveal() for one in given] == ["mot cau dai"] * 3
    assert [one["confirmation_prompt"] for one in asked] == [True, False, True]
    assert all(one["hide_input"] and one["err"] for one in asked)


def test_a_file_comes_first_then_the_environment(
    asked: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked then."""
    path = tmp_path / "passphrase"
    path.write_text("from a file\n", encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("SYNCAGENT_PASSPHRASE", "from the environment")

    assert passphrase(str(path), new=False).reveal() == "from a file"
    assert passphrase(None, new=False).reveal() == "from the environment"
    assert value(str(path)).reveal() == "from a file"
    assert asked == []


def test_without_a_terminal_nobody_is_asked(asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase is refused; a value is all of standard input without the last line break."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"gia tri\n")))

    with pytest.raises(Refused, match="--passphrase-file"):
        passphrase(None, new=False)
    assert value(None).reveal() == "gia tri"
    assert asked == []
