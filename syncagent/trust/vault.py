"""The store of secrets: one file, each value sealed by AES-256-GCM (NIST SP 800-38D) under a key kept elsewhere.

What goes with a value is the version of the file, its name and the id of the key, so that values cannot change places
or files. A key is 64 hexadecimal digits, or a passphrase, which scrypt (RFC 7914) stretches. Where it is kept, several
may stand one a line: the first seals, any of them opens; so a new key is laid down before the old one goes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from syncagent.errors import Misconfigured, Refused
from syncagent.text import Text
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY_BYTES = 32
SHORTEST_PASSPHRASE = 16
"""Characters: whoever steals the store can try as many passphrases as scrypt lets him."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_HEX_KEY = re.compile(r"[0-9a-f]{64}")
_NONCE_BYTES, _SALT_BYTES = 12, 16
_COST, _BLOCK, _LANES = 2**15, 8, 3  # 32 MB, a fifth of a second at every start (OWASP Password Storage, 2024)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Sealed(_Strict):
    """One value as it stands in the file, in base64."""

    nonce: str
    sealed: str


class _File(_Strict):
    """The file."""

    format: Literal["syncagent/secrets"]
    version: Literal[1]
    algorithm: Literal["AES-256-GCM"]
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    secrets: dict[str, _Sealed]


@dataclass(frozen=True, slots=True)
class Vault:
    """An open store; its repr shows no more than the id of its key. Every change gives a new one."""

    _key: Secret
    key_id: str
    _salt: str
    _sealed: Mapping[str, _Sealed]

    def __repr__(self) -> str:
        return f"Vault({self.key_id})"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the secrets, sorted."""
        return tuple(sorted(self._sealed))

    def get(self, name: str) -> Secret:
        """Return a secret.

        Raises:
            Misconfigured: there is none of this name.
            Refused: the value was changed, or stood under another name.
        """
        if name not in self._sealed:
            raise Misconfigured(
                Text(
                    f"Kho bí mật không có “{name}”; hãy ghi bằng: syncagent secret set {name}",
                    f"The store holds no secret “{name}”; keep it with: syncagent secret set {name}",
                )
            )
        one = self._sealed[name]
        try:
            nonce, sealed = (base64.b64decode(part, validate=True) for part in (one.nonce, one.sealed))
            return Secret(AESGCM(self._key.octets()).decrypt(nonce, sealed, _bound(name, self.key_id)))
        except (InvalidTag, ValueError) as error:
            raise Refused(
                Text(
                    f"Giá trị của “{name}” trong kho bí mật đã bị sửa; hãy khôi phục tệp từ bản sao lưu hoặc ghi lại "
                    f"bằng: syncagent secret set {name}",
                    f"The value of “{name}” in the store of secrets was changed; restore the file from a backup, or "
                    f"keep it again with: syncagent secret set {name}",
                )
            ) from error

    def with_secret(self, name: str, value: Secret, chance: Callable[[int], bytes]) -> Vault:
        """Return the store with one more secret, or another value of one.

        Raises:
            Refused: the name is no word of letters, digits, dots and dashes, or the value is empty.
        """
        if not NAME.fullmatch(name):
            raise Refused(
                Text(
                    "Tên bí mật chỉ gồm chữ cái không dấu, chữ số, dấu chấm, gạch nối và gạch dưới, tối đa 80 ký tự.",
                    "A secret's name has letters without marks, digits, dots, dashes and underscores, 80 at most.",
                )
            )
        if not value:
            raise Refused(Text("Giá trị bí mật trống.", "The secret is empty."))
        nonce = chance(_NONCE_BYTES)
        sealed = AESGCM(self._key.octets()).encrypt(nonce, value.octets(), _bound(name, self.key_id))
        row = _Sealed(nonce=base64.b64encode(nonce).decode(), sealed=base64.b64encode(sealed).decode())
        return Vault(self._key, self.key_id, self._salt, {**self._sealed, name: row})

    def under(self, line: str, chance: Callable[[int], bytes]) -> Vault:
        """Return a store with the same secrets, every value sealed anew under another key.

        Raises:
            Refused: a value was changed; nothing of it is carried over.
            Misconfigured: the line is no key.
        """
        found = empty(line, chance)
        for name in self.names:
            found = found.with_secret(name, self.get(name), chance)
        return found

    def is_under(self, line: str) -> bool:
        """Whether this is the key that the store is under."""
        return _id(_stretched(line, self._salt)) == self.key_id

    def written(self) -> str:
        """Return the store as it stands in its file."""
        parts = _File(
            format="syncagent/secrets",
            version=1,
            algorithm="AES-256-GCM",
            key_id=self.key_id,
            salt=self._salt,
            secrets=dict(sorted(self._sealed.items())),
        )
        return json.dumps(parts.model_dump(), indent=2) + "\n"


def new_key(chance: Callable[[int], bytes]) -> Secret:
    """Return a new key as it is kept."""
    return Secret(chance(KEY_BYTES).hex())


def lines(kept: Secret) -> list[str]:
    """Given what is kept as the key, return the keys in it: one a line, the first is the one that seals.

    Raises:
        Misconfigured: there is none, or a passphrase is too short.
    """
    found = [line.strip() for line in kept.octets().decode("utf-8", "replace").splitlines() if line.strip()]
    if not found or any(len(line) < SHORTEST_PASSPHRASE for line in found):
        raise Misconfigured(
            Text(
                "Khóa của kho bí mật (secrets.key) phải là 64 chữ số thập lục phân, hoặc một câu mật khẩu từ "
                f"{SHORTEST_PASSPHRASE} ký tự.",
                "The key of the store of secrets (secrets.key) has 64 hexadecimal digits, or is a passphrase of "
                f"{SHORTEST_PASSPHRASE} characters at least.",
            )
        )
    return found


def empty(line: str, chance: Callable[[int], bytes]) -> Vault:
    """Return a store without secrets, under a key."""
    salt = chance(_SALT_BYTES).hex()
    key = _stretched(line, salt)
    return Vault(key, _id(key), salt, {})


def opened(written: str, kept: Secret) -> Vault:
    """Given the file and what is kept as the key, return the store.

    Raises:
        Misconfigured: the file is no store, or no key that is kept is the one it is under.
    """
    try:
        parts = _File.model_validate_json(written)
    except ValidationError as error:
        raise Misconfigured(
            Text(
                "Đây không phải kho bí mật của phiên bản này, hoặc tệp đã bị hỏng; hãy khôi phục từ bản sao lưu.",
                "This is no store of secrets of this version, or it is damaged; restore it from a backup.",
            )
        ) from error
    for line in lines(kept):
        key = _stretched(line, parts.salt)
        if _id(key) == parts.key_id:
            return Vault(key, parts.key_id, parts.salt, parts.secrets)
    raise Misconfigured(
        Text(
            f"Khóa đang đặt (secrets.key) không phải khóa {parts.key_id} của kho bí mật; hãy đặt lại khóa đúng.",
            f"The key in place (secrets.key) is not key {parts.key_id} of the store of secrets; put that one back.",
        )
    )


def _stretched(line: str, salt: str) -> Secret:
    if _HEX_KEY.fullmatch(line):
        return Secret(bytes.fromhex(line))
    composed = unicodedata.normalize("NFC", line).encode()
    return Secret(Scrypt(salt=bytes.fromhex(salt), length=KEY_BYTES, n=_COST, r=_BLOCK, p=_LANES).derive(composed))


def _id(key: Secret) -> str:
    """Return a name of the key that does not tell it."""
    return hashlib.sha256(b"syncagent/secrets/key/1" + key.octets()).hexdigest()[:32]


def _bound(name: str, key_id: str) -> bytes:
    """Return what goes with a value: version of the file, name, id of the key; each preceded by its length."""
    parts = (b"syncagent/secrets/1", name.encode(), key_id.encode())
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
