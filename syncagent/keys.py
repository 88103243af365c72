"""The secrets and keys that the configuration names, read from where they are or made once."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from syncagent.errors import Misconfigured
from syncagent.runs.secrets import KeyPlace
from syncagent.secret_ref import SecretRef, read_secret
from syncagent.store.store import file_of
from syncagent.text import Text
from syncagent.trust import kept
from syncagent.trust.pseudonyms import Pseudonyms
from syncagent.trust.signing import SigningKey

if TYPE_CHECKING:
    from pathlib import Path

    from syncagent.settings import Settings
    from syncagent.trust.secret import Secret


def secrets_of(settings: Settings, folder: Path) -> tuple[Path, KeyPlace]:
    """Return the file of the store of secrets, and where its key is."""
    key = settings.secrets.key
    path, name = folder / (key.file or ""), key.keyring or ""
    read = partial(read_secret, key, folder, os.environ)
    if key.keyring:
        place = KeyPlace(read, partial(kept.is_in_key_ring, name), partial(kept.into_key_ring, name))
    elif key.file:
        place = KeyPlace(read, path.exists, lambda value: kept.replace_file(path, value.octets() + b"\n"))
    else:
        place = KeyPlace(read, lambda: True, None)
    return folder / settings.secrets.file, place


def secret_of(place: SecretRef, settings: Settings, folder: Path) -> Secret:
    """Return a secret from where the configuration says it is.

    Raises:
        Misconfigured: it is not there, or others may read its file.
        Refused: its value in the store was changed.
    """
    return read_secret(place, folder, os.environ, settings.secrets)


def pseudonyms_of(settings: Settings, folder: Path, *, lasting: bool) -> Pseudonyms:
    """Return the pseudonyms under the configured key, else under the one that lies beside the state.

    Args:
        settings: the configuration.
        folder: where its relative paths start.
        lasting: whether a key that is not there yet is made and kept; otherwise it serves this once.

    Raises:
        Misconfigured: the key is not where the configuration says, or too short.
    """
    if settings.roster.identity_key:
        return Pseudonyms(secret_of(settings.roster.identity_key, settings, folder).octets())
    beside = _beside_the_state(settings, "key", "roster.identity_key")
    if not lasting and not (folder / str(beside.file)).exists():
        return Pseudonyms(secrets.token_hex(32).encode())
    return Pseudonyms(_made_once(beside, folder))


def signer_of(settings: Settings, folder: Path) -> SigningKey:
    """Return the agent's key, which signs plans: the configured one, else the one that lies beside the state.

    Raises:
        Misconfigured: the key is not where the configuration says, or is none.
    """
    if settings.signing_key:
        return SigningKey.from_secret(secret_of(settings.signing_key, settings, folder).octets(), "signing_key")
    beside = _beside_the_state(settings, "signing", "signing_key")
    return SigningKey.from_secret(_made_once(beside, folder), str(beside.file))


def _beside_the_state(settings: Settings, ending: str, setting: str) -> SecretRef:
    if not file_of(settings.state):
        raise Misconfigured(
            Text(
                f"Trạng thái nằm trên máy chủ dùng chung, nên mọi máy phải dùng cùng một khóa: hãy khai {setting}.",
                f"The state lies on a server that hosts share, so all must use the same key: set {setting}.",
            ),
            where=setting,
        )
    return SecretRef(file=f"{file_of(settings.state)}.{ending}")


def _made_once(secret: SecretRef, folder: Path) -> bytes:
    """Return the key in a file; one that is not there yet is made, whole before it gets its name."""
    path = folder / str(secret.file)
    if not path.exists():
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key counts
            os.link(partial, path)
        partial.unlink()
    return read_secret(secret, folder, os.environ).octets()
