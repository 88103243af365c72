"""The verbs about secrets: made, filled from a file or standard input, used by the configuration, and rotated."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from desk import Desk

from syncagent.cli.starting import DEMO_DAY

AS_OF = DEMO_DAY.isoformat()
MISCONFIGURED, REFUSED, USAGE = 3, 5, 2


def _store(desk: Desk) -> dict[str, object]:
    found: dict[str, object] = json.loads((desk.folder / "syncagent.secrets").read_text(encoding="utf-8"))
    return found


def _key_in_store(desk: Desk) -> str:
    """Keep the identity key in the store, let the configuration say so, and return it."""
    key = (desk.folder / "identity.key").read_text(encoding="ascii")
    desk.run("secret", "init")
    desk.run("secret", "set", "identity", stdin=key)
    desk.edit("syncagent.yaml", "identity_key: {file: identity.key}", "identity_key: {secret: identity}")
    (desk.folder / "identity.key").unlink()
    return key.strip()


def test_the_configuration_names_a_secret_of_the_store(desk: Desk) -> None:
    """Before and after a rotation the same people are recognised; the store shows names and no value."""
    key = _key_in_store(desk)
    before = desk.plan(AS_OF)["digest"]
    first = _store(desk)
    told = desk.run("secret", "rotate").stdout
    second = _store(desk)

    assert desk.plan(AS_OF)["digest"] == before
    assert desk.run("secret", "list").stdout == "identity\n"
    assert first["key_id"] != second["key_id"]
    assert first["secrets"] != second["secrets"]
    assert str(second["key_id"]) in told
    assert key not in json.dumps([first, second])
    assert not list(desk.folder.glob(".*partial"))


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_store_and_key_are_the_owners_alone(desk: Desk) -> None:
    """Modes 0600; a key that others can read is refused with the command that mends it."""
    _key_in_store(desk)
    modes = {name: (desk.folder / name).stat().st_mode & 0o777 for name in _kept(desk.folder)}
    (desk.folder / "syncagent.secrets.key").chmod(0o644)

    assert set(modes.values()) == {0o600}
    assert "chmod 600" in desk.run("plan", expect=MISCONFIGURED).stderr


def _kept(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("syncagent.secrets*")]


def test_a_store_is_not_made_twice_and_not_filled_before(desk: Desk) -> None:
    """Each message says the way on."""
    assert "secret init" in desk.run("secret", "set", "a", stdin="1", expect=MISCONFIGURED).stderr
    desk.run("secret", "init")

    assert "secret set" in desk.run("secret", "init", expect=MISCONFIGURED).stderr
    assert "trống" in desk.run("secret", "set", "a", stdin="\n", expect=REFUSED).stderr
    assert desk.run("secret", "list").stdout == ""


def test_a_value_is_never_an_argument(desk: Desk) -> None:
    """Whoever lists processes would read it."""
    desk.run("secret", "init")

    desk.run("secret", "set", "a", "value", expect=USAGE)
    assert desk.run("secret", "list").stdout == ""


def test_the_key_may_come_from_systemd(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent cannot write there: the new key is laid above the old one, then the store follows."""
    folder = desk.folder / "credentials"
    folder.mkdir()
    (folder / "store-key").write_text("ab" * 32, encoding="ascii")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    path = desk.folder / "syncagent.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\nsecrets: {key: {credential: store-key}}\n", encoding="utf-8")
    _key_in_store(desk)
    refused = desk.run("secret", "rotate", expect=REFUSED).stderr
    (folder / "store-key").write_text(f"{'cd' * 32}\n{'ab' * 32}\n", encoding="ascii")
    desk.run("secret", "rotate")
    (folder / "store-key").write_text("cd" * 32, encoding="ascii")

    assert "dòng trên" in refused
    assert desk.plan(AS_OF)["digest"]
    assert _kept(desk.folder) == ["syncagent.secrets"]
