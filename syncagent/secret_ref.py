"""Where a secret is, as the configuration says it, and fetching it from there: never from the configuration itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from syncagent.errors import Misconfigured
from syncagent.files import read_text
from syncagent.mapping.source import Strict
from syncagent.text import Text
from syncagent.trust import kept
from syncagent.trust.vault import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncagent.trust.secret import Secret
    from syncagent.trust.vault import Vault


class KeyRef(Strict):
    """Where the key of the store of secrets is: never in this file, nor in the store. Exactly one of the four."""

    file: str | None = None
    env: str | None = None
    credential: str | None = Field(None, description="Name of a systemd credential")
    keyring: str | None = Field(None, description="Name in the system's key ring, service syncagent")

    @model_validator(mode="after")
    def _one_place(self) -> KeyRef:
        if len([place for place in (self.file, self.env, self.credential, self.keyring) if place]) != 1:
            message = "give exactly one of file, env, credential, keyring"
            raise ValueError(message)
        return self


class SecretRef(Strict):
    """Where a secret is: never in this file. Exactly one of the five."""

    secret: str | None = Field(None, description="Name in the store of secrets")
    file: str | None = None
    env: str | None = None
    credential: str | None = Field(None, description="Name of a systemd credential")
    keyring: str | None = Field(None, description="Name in the system's key ring, service syncagent")

    @model_validator(mode="after")
    def _one_place(self) -> SecretRef:
        if len([place for place in (self.secret, self.file, self.env, self.credential, self.keyring) if place]) != 1:
            message = "give exactly one of secret, file, env, credential, keyring"
            raise ValueError(message)
        return self


class SecretsSettings(Strict):
    """The store of secrets, and where its key is."""

    file: str = "syncagent.secrets"
    key: KeyRef = KeyRef(file="syncagent.secrets.key")


def read_secret(
    secret: SecretRef | KeyRef, folder: Path, environment: Mapping[str, str], store: SecretsSettings | None = None
) -> Secret:
    """Return a secret from where the configuration says it is.

    Args:
        secret: where it is.
        folder: where relative paths start.
        environment: the variables of the process.
        store: the store of secrets that the configuration names.

    Raises:
        Misconfigured: it is not there, or others may read its file.
        Refused: its value in the store was changed.
    """
    if secret.env:
        return kept.from_environment(secret.env, environment)
    if secret.credential:
        return kept.from_systemd(secret.credential, environment)
    if secret.keyring:
        return kept.from_key_ring(secret.keyring)
    if isinstance(secret, SecretRef) and secret.secret:
        return open_vault(store or SecretsSettings(), folder, environment).get(secret.secret)
    return kept.from_file(folder / (secret.file or ""))


def open_vault(store: SecretsSettings, folder: Path, environment: Mapping[str, str]) -> Vault:
    """Return the store of secrets.

    Raises:
        Misconfigured: there is none, it is damaged, or its key is not where the configuration says.
    """
    path = folder / store.file
    if not path.is_file():
        raise Misconfigured(
            Text(
                "Chưa có kho bí mật; hãy tạo bằng: syncagent secret init",
                "There is no store of secrets; make one with: syncagent secret init",
            ),
            where=str(path),
        )
    return opened(read_text(path), read_secret(store.key, folder, environment))
