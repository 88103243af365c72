"""Where single secrets are kept: readable by nobody else, or refused with what puts it right."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from syncagent.errors import Misconfigured
from syncagent.trust import kept
from syncagent.trust.secret import Secret

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def _file(folder: Path, text: str = "value\r\n", mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_file_holds_one_secret(tmp_path: Path) -> None:
    """A final line break does not belong to it, blanks do."""
    assert kept.from_file(_file(tmp_path, " value \r\n")).reveal() == " value "


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    """The message names the command."""
    with pytest.raises(Misconfigured, match="chmod 600 key"):
        kept.from_file(_file(tmp_path, mode=mode))


@posix
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns a file reads it at any time; root's may be read."""
    path = _file(tmp_path)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if owner == 0:
        os.chown(path, 12345, -1)

    with pytest.raises(Misconfigured, match="chown"):
        kept.from_file(path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """File, variable, credential: each with its name."""
    with pytest.raises(Misconfigured, match="gone"):
        kept.from_file(tmp_path / "gone")
    with pytest.raises(Misconfigured, match="GONE"):
        kept.from_environment("GONE", {"GONE": ""})
    with pytest.raises(Misconfigured, match="gone"):
        kept.from_systemd("gone", {"CREDENTIALS_DIRECTORY": str(tmp_path)})


@pytest.mark.parametrize("name", ["../key", "/etc/passwd", "a/b"])
def test_a_credential_is_a_name(tmp_path: Path, name: str) -> None:
    """No path leads out of systemd's folder; without systemd there is none at all."""
    _file(tmp_path)

    with pytest.raises(Misconfigured, match="LoadCredentialEncrypted"):
        kept.from_systemd(name, {"CREDENTIALS_DIRECTORY": str(tmp_path / "sub")})
    with pytest.raises(Misconfigured, match="LoadCredentialEncrypted"):
        kept.from_systemd("key", {})


# ── the key ring ─────────────────────────────────────────────────────────────


class _RingError(Exception):
    pass


def _ring(module: str, *, locked: bool = False) -> object:
    """A back end as `keyring` gives it, from a module of this name."""
    held: dict[tuple[str, str], str] = {}

    class Ring:
        def get_password(self, service: str, name: str) -> str | None:
            if locked:
                raise _RingError(held)
            return held.get((service, name))

        def set_password(self, service: str, name: str, value: str) -> None:
            held[service, name] = value

    Ring.__module__ = module
    return Ring()


def _installed(monkeypatch: pytest.MonkeyPatch, ring: object) -> None:
    found, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    found.__spec__ = errors.__spec__ = __spec__
    found.get_keyring = lambda: ring  # type: ignore[attr-defined]
    errors.KeyringError = _RingError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", found)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


@pytest.mark.parametrize("module", ["Windows", "SecretService", "macOS", "kwallet", "libsecret"])
def test_the_system_keeps_secrets(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Windows' vault (DPAPI), the Secret Service, the Keychain, KWallet."""
    _installed(monkeypatch, _ring(f"keyring.backends.{module}"))
    before = kept.is_in_key_ring("key")
    with pytest.raises(Misconfigured, match="“key”"):
        kept.from_key_ring("key")
    kept.into_key_ring("key", Secret("value"))

    assert not before
    assert kept.is_in_key_ring("key")
    assert kept.from_key_ring("key").reveal() == "value"


@pytest.mark.parametrize(
    "module", ["keyrings.alt.file", "keyring.backends.null", "keyring.backends.fail", "keyring.backends.Windows.x"]
)
def test_a_ring_that_is_a_plain_file_is_refused(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Only back ends of operating systems are trusted; the refused one is named."""
    _installed(monkeypatch, _ring(module))

    with pytest.raises(Misconfigured, match=module):
        kept.into_key_ring("key", Secret("value"))


def test_of_several_rings_the_first_that_keeps_secrets_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `keyring` chains together may begin with a plain one."""

    class Chain:
        backends = (_ring("keyrings.alt.file"), _ring("keyring.backends.SecretService"))

    _installed(monkeypatch, Chain())
    kept.into_key_ring("key", Secret("value"))

    assert kept.from_key_ring("key").reveal() == "value"


def test_a_locked_ring_and_none_at_all_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the other places where a key may be."""
    _installed(monkeypatch, _ring("keyring.backends.SecretService", locked=True))
    with pytest.raises(Misconfigured, match="it refuses"):
        kept.from_key_ring("key")
    monkeypatch.setattr(kept, "find_spec", lambda _: None)

    with pytest.raises(Misconfigured, match=r"syncagent\[keyring\] is not installed"):
        kept.from_key_ring("key")


# ── writing ──────────────────────────────────────────────────────────────────


@posix
def test_what_is_written_is_the_owners_alone(tmp_path: Path) -> None:
    """New files and replaced ones, whatever the umask; a new one never takes the place of another."""
    path = tmp_path / "store"
    before = os.umask(0)
    try:
        kept.make_file(path, b"1")
        kept.replace_file(path, b"2")
    finally:
        os.umask(before)

    assert path.read_bytes() == b"2"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Misconfigured, match="not overwritten"):
        kept.make_file(path, b"3")
    assert [one.name for one in tmp_path.iterdir()] == ["store"]


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves what was there, and nothing beside it."""
    path = _file(tmp_path, "before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Misconfigured, match="No space left"):
        kept.replace_file(path, b"after")
    with pytest.raises(Misconfigured, match="No space left"):
        kept.make_file(tmp_path / "new", b"after")
    assert path.read_bytes() == b"before"
    assert not (tmp_path / ".key.partial").exists()


def test_a_systemd_credential_is_read(tmp_path: Path) -> None:
    """As LoadCredential= lays it down; its mode is systemd's affair."""
    _file(tmp_path, mode=0o440)

    assert kept.from_systemd("key", {"CREDENTIALS_DIRECTORY": str(tmp_path)}).reveal() == "value"
