"""Where a single secret is kept: in a file that others cannot read, in the environment, by systemd, in the key ring."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from syncagent.errors import Misconfigured
from syncagent.text import Text
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

RING: Final = "syncagent"
"""The service under which the system's key ring knows our secrets."""

_KEEPS_SECRETS: Final = (  # key rings of operating systems; every other back end may be a plain file
    "keyring.backends.SecretService",
    "keyring.backends.Windows",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
    "keyring.backends.macOS",
)


def from_file(path: Path) -> Secret:
    """Return what a file holds; a final line break does not belong to it.

    Raises:
        Misconfigured: it is not there, others may read it, or it belongs to somebody else.
    """
    try:
        with path.open("rb") as file:
            if os.name == "posix":
                _check_ours(path, os.fstat(file.fileno()))
            return Secret(file.read().rstrip(b"\r\n"))
    except OSError as error:
        raise _unreadable(path, error) from error


def _check_ours(path: Path, found: os.stat_result) -> None:
    if found.st_mode & 0o077:
        raise Misconfigured(
            Text(
                f"Tệp bí mật {path.name} cho người khác đọc; hãy chạy: chmod 600 {path.name}",
                f"Secret file {path.name} can be read by others; run: chmod 600 {path.name}",
            ),
            where=str(path),
        )
    if found.st_uid not in {0, os.geteuid()}:
        raise Misconfigured(
            Text(
                f"Tệp bí mật {path.name} thuộc về người dùng khác; hãy đổi chủ bằng chown.",
                f"Secret file {path.name} belongs to another user; change its owner with chown.",
            ),
            where=str(path),
        )


def from_environment(name: str, environment: Mapping[str, str]) -> Secret:
    """Return what a variable of the environment holds.

    Raises:
        Misconfigured: it is not set.
    """
    if value := environment.get(name, ""):
        return Secret(value)
    raise Misconfigured(Text(f"Biến môi trường {name} chưa đặt.", f"Environment variable {name} is not set."))


def from_systemd(name: str, environment: Mapping[str, str]) -> Secret:
    """Return a credential that systemd gave to this service (systemd.exec, LoadCredential=).

    Raises:
        Misconfigured: the program was not started by systemd, or got no such credential.
    """
    root = environment.get("CREDENTIALS_DIRECTORY", "")
    if not root or Path(name).name != name:
        raise Misconfigured(
            Text(
                f"Không có credential “{name}” của systemd; hãy khai LoadCredentialEncrypted={name}:… trong dịch vụ.",
                f"There is no systemd credential “{name}”; name it in the service: LoadCredentialEncrypted={name}:…",
            )
        )
    path = Path(root) / name
    try:
        return Secret(path.read_bytes().rstrip(b"\r\n"))
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> Misconfigured:
    return Misconfigured(
        Text(f"Không đọc được bí mật: {error.strerror}.", f"The secret cannot be read: {error.strerror}."),
        where=str(path),
    )


# ── the system's key ring ────────────────────────────────────────────────────


def from_key_ring(name: str) -> Secret:
    """Return what the system's key ring holds (Windows Credential Manager, Secret Service, KWallet, Keychain).

    Raises:
        Misconfigured: there is none of this name, or no key ring that keeps it from others.
    """
    value = _asked("get_password", name)
    if value:
        return Secret(value)
    raise Misconfigured(
        Text(
            f"Kho khóa của hệ thống không có “{name}” (dịch vụ {RING}).",
            f"The system's key ring holds no “{name}” (service {RING}).",
        )
    )


def into_key_ring(name: str, value: Secret) -> None:
    """Keep a value in the system's key ring.

    Raises:
        Misconfigured: there is no key ring that keeps it from others.
    """
    _asked("set_password", name, value.reveal())


def is_in_key_ring(name: str) -> bool:
    """Whether the system's key ring holds something under this name.

    Raises:
        Misconfigured: there is no key ring that keeps it from others.
    """
    return bool(_asked("get_password", name))


def _asked(what: str, *words: str) -> Any:  # noqa: ANN401 - keyring's answer
    ring = _ring()
    try:
        return getattr(ring, what)(RING, *words)
    except import_module("keyring.errors").KeyringError as error:
        raise _no_ring(Text("nó từ chối", "it refuses")) from error


def _ring() -> Any:  # noqa: ANN401 - keyring is optional
    if not find_spec("keyring"):
        raise _no_ring(Text("chưa cài syncagent[keyring]", "syncagent[keyring] is not installed"))
    found = import_module("keyring").get_keyring()
    for ring in getattr(found, "backends", [found]):
        if type(ring).__module__ in _KEEPS_SECRETS:
            return ring
    plain = type(found).__module__
    raise _no_ring(Text(f"{plain} không giữ bí mật được", f"{plain} does not keep secrets"))


def _no_ring(why: Text) -> Misconfigured:
    return Misconfigured(
        Text(
            f"Không dùng được kho khóa của hệ thống: {why.vi}. Hãy đặt khóa trong tệp hoặc credential của systemd.",
            f"The system's key ring cannot be used: {why.en}. Keep the key in a file or as a systemd credential.",
        )
    )


# ── writing ──────────────────────────────────────────────────────────────────


def make_file(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read; one that is there is never touched.

    Raises:
        Misconfigured: it is there already, or cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _poured(file, content)
        _settle(path.parent)
    except FileExistsError as error:
        raise Misconfigured(
            Text("Tệp này đã có; không ghi đè.", "The file is there already; it is not overwritten."), where=str(path)
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file, whole or not at all, by one that only its owner may read.

    Raises:
        Misconfigured: it cannot be written; what was there is still there.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with suppress(FileNotFoundError):
            partial.unlink()
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _poured(file, content)
        partial.replace(path)
        _settle(path.parent)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise _unwritable(path, error) from error


def _poured(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Make a new name in a folder durable, where the system knows how."""
    if os.name == "posix":
        there = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(there)
        finally:
            os.close(there)


def _unwritable(path: Path, error: OSError) -> Misconfigured:
    return Misconfigured(
        Text(f"Không ghi được tệp: {error.strerror}.", f"The file cannot be written: {error.strerror}."),
        where=str(path),
    )
