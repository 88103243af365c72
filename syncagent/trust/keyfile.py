"""A private key in its owner's file, under a passphrase.

The passphrase becomes a key by scrypt (RFC 7914), and AES-256-GCM keeps the private key under it; everything else
in the file is associated data, so that nothing in it can be changed. Nobody but the owner may read the file.
"""

from __future__ import annotations

import base64
import json
import os
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from syncagent.errors import Misconfigured, Refused
from syncagent.text import Text
from syncagent.trust.signing import KEY_BYTES, PublicKey, SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHORTEST_PASSPHRASE = 12
"""Characters; whoever steals the file can try as many as scrypt lets him."""

_COST = 2**17
"""128 MB and half a second (OWASP Password Storage, 2024)."""

_COSTS = frozenset(2**power for power in range(16, 21))
_BLOCK, _LANES = 8, 1
_SALT_BYTES, _NONCE_BYTES = 16, 12
_LARGEST_FILE = 4096
_PARTS = {"format", "public_key", "kdf", "cipher", "sealed"}
_KDF_PARTS, _CIPHER_PARTS = {"name", "n", "r", "p", "salt"}, {"name", "nonce"}


class Use(NamedTuple):
    """What a key is for: a file made for one use is refused for another.

    `format` names it in the file. `public` gives the public half (hex) of 32 private bytes; `checked` raises
    ValueError for a text that is none.
    """

    format: str
    public: Callable[[bytes], str]
    checked: Callable[[str], object]


SIGNING = Use("syncagent/key/1", lambda seed: SigningKey(seed).public.hex, PublicKey.from_hex)


def make(path: Path, passphrase: str, chance: Callable[[int], bytes]) -> PublicKey:
    """Make a key pair for signing, keep the private half in a new file, and return the public half; as `made`."""
    return PublicKey.from_hex(made(path, passphrase, chance, SIGNING))


def public_key(path: Path) -> PublicKey:
    """Return the public half of the key for signing in a file; as `read_public`."""
    return PublicKey.from_hex(read_public(path, SIGNING))


def unlock(path: Path, passphrase: str) -> SigningKey:
    """Return the private key for signing in a file; as `unlocked`."""
    return SigningKey(unlocked(path, passphrase, SIGNING))


def made(path: Path, passphrase: str, chance: Callable[[int], bytes], use: Use) -> str:
    """Make a key pair, keep the private half in a new file under a passphrase, and return the public half (hex).

    Args:
        path: a file that is not there yet.
        passphrase: at least `SHORTEST_PASSPHRASE` characters.
        chance: gives so many unguessable bytes.
        use: what it is for.

    Raises:
        Refused: the passphrase is too short, or the file is there already: a key is never overwritten.
        Misconfigured: the file cannot be written.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refused(
            Text(
                f"Mật khẩu của khóa quá ngắn; hãy dùng ít nhất {SHORTEST_PASSPHRASE} ký tự.",
                f"The passphrase of the key is too short; use at least {SHORTEST_PASSPHRASE} characters.",
            )
        )
    seed, salt, nonce = chance(KEY_BYTES), chance(_SALT_BYTES), chance(_NONCE_BYTES)
    public = use.public(seed)
    header: dict[str, Any] = {
        "format": use.format,
        "public_key": public,
        "kdf": {"name": "scrypt", "n": _COST, "r": _BLOCK, "p": _LANES, "salt": _text(salt)},
        "cipher": {"name": "AES-256-GCM", "nonce": _text(nonce)},
    }
    sealed = AESGCM(_stretched(passphrase, salt, _COST)).encrypt(nonce, seed, _canonical(header))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_canonical({**header, "sealed": _text(sealed)}) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise Refused(
            Text(
                "Tệp này đã có; khóa không bao giờ bị ghi đè. Hãy chọn tên tệp khác.",
                "The file is there already; a key is never overwritten. Choose another name.",
            ),
            where=str(path),
        ) from error
    except OSError as error:
        raise Misconfigured(
            Text(f"Không ghi được tệp khóa: {error.strerror}.", f"The key file cannot be written: {error.strerror}."),
            where=str(path),
        ) from error
    return public


def read_public(path: Path, use: Use) -> str:
    """Return the public half (hex) of the key in a file; no passphrase is needed.

    Raises:
        Misconfigured: it cannot be read, others may read it, or it is no key file for this use.
    """
    return str(_read(path, use)["public_key"])


def opened(written: bytes, name: str, passphrase: str) -> SigningKey:
    """Return the private key for signing in a key file that somebody handed over for this moment.

    Args:
        written: all of the file; nothing of it is kept.
        name: its name, for messages.
        passphrase: its owner's.

    Raises:
        Misconfigured: it is no key file for signing.
        Refused: the passphrase is wrong, or the file was changed.
    """
    return SigningKey(_opened(_parts(written, name, SIGNING), name, passphrase))


def public_of(written: bytes, name: str) -> PublicKey:
    """Return the public half of the key in a key file that somebody handed over.

    Raises:
        Misconfigured: it is no key file for signing.
    """
    return PublicKey.from_hex(str(_parts(written, name, SIGNING)["public_key"]))


def unlocked(path: Path, passphrase: str, use: Use) -> bytes:
    """Return the private key in a file.

    Raises:
        Misconfigured: the file cannot be read, others may read it, or it is no key file for this use.
        Refused: the passphrase is wrong, or the file was changed.
    """
    return _opened(_read(path, use), str(path), passphrase)


def _opened(parts: dict[str, Any], where: str, passphrase: str) -> bytes:
    header = {name: part for name, part in parts.items() if name != "sealed"}
    stretched = _stretched(passphrase, _raw(parts["kdf"]["salt"]), parts["kdf"]["n"])
    try:
        seed = AESGCM(stretched).decrypt(_raw(parts["cipher"]["nonce"]), _raw(parts["sealed"]), _canonical(header))
    except InvalidTag as error:
        raise Refused(
            Text(
                "Mật khẩu của khóa không đúng, hoặc tệp khóa đã bị sửa.",
                "The passphrase of the key is wrong, or the key file was changed.",
            ),
            where=where,
        ) from error
    return seed


def _stretched(passphrase: str, salt: bytes, cost: int) -> bytes:
    """Return the key that a passphrase gives; in whichever way its letters were typed (NFC)."""
    composed = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=32, n=cost, r=_BLOCK, p=_LANES).derive(composed)


def _read(path: Path, use: Use) -> dict[str, Any]:
    """Return the parts of a key file, each of the kind and within the bounds it must have."""
    try:
        with path.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise Misconfigured(
                    Text(
                        f"Người khác có thể đọc tệp khóa {path.name}; hãy chạy: chmod 600 {path.name}",
                        f"Others may read the key file {path.name}; run: chmod 600 {path.name}",
                    ),
                    where=str(path),
                )
            written = file.read(_LARGEST_FILE)
    except OSError as error:
        raise Misconfigured(
            Text(f"Không đọc được tệp khóa: {error.strerror}.", f"The key file cannot be read: {error.strerror}."),
            where=str(path),
        ) from error
    return _parts(written, str(path), use)


def _parts(written: bytes, where: str, use: Use) -> dict[str, Any]:
    """Return the parts of a key file as it was read."""
    parts = _understood(written, use) if len(written) <= _LARGEST_FILE else None
    if parts is None:
        raise Misconfigured(
            Text(
                f"Đây không phải tệp khóa ({use.format}), hoặc tệp đã bị hỏng; hãy lấy lại từ bản sao lưu.",
                f"This is no key file ({use.format}), or it is damaged; take it from a backup.",
            ),
            where=where,
        )
    return parts


def _understood(written: bytes, use: Use) -> dict[str, Any] | None:
    """Return the parts of a key file, None unless it is written exactly as `make` writes it."""
    try:
        parts: dict[str, Any] = json.loads(written)
        return parts if _is_sound(parts, use) and _canonical(parts) + b"\n" == written else None
    except (ValueError, RecursionError):
        return None


def _is_sound(parts: Any, use: Use) -> bool:  # noqa: ANN401 - what a file says, before it is understood
    if not isinstance(parts, dict) or parts.keys() != _PARTS or parts["format"] != use.format:
        return False
    kdf, cipher = parts["kdf"], parts["cipher"]
    if not isinstance(kdf, dict) or kdf.keys() != _KDF_PARTS:
        return False
    if not isinstance(cipher, dict) or cipher.keys() != _CIPHER_PARTS:
        return False
    if (kdf["name"], kdf["r"], kdf["p"], cipher["name"]) != ("scrypt", _BLOCK, _LANES, "AES-256-GCM"):
        return False
    texts = (parts["public_key"], kdf["salt"], cipher["nonce"], parts["sealed"])
    if not all(isinstance(part, str) for part in texts) or type(kdf["n"]) is not int or kdf["n"] not in _COSTS:
        return False
    use.checked(parts["public_key"])
    return (len(_raw(kdf["salt"])), len(_raw(cipher["nonce"])), len(_raw(parts["sealed"]))) == (
        _SALT_BYTES,
        _NONCE_BYTES,
        KEY_BYTES + 16,
    )


def _canonical(parts: dict[str, Any]) -> bytes:
    return json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
