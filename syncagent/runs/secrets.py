"""The store of secrets and its key: made, filled, and sealed anew under another key, so that no crash loses a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncagent.errors import Misconfigured, Refused
from syncagent.text import Text
from syncagent.trust import kept, vault
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class KeyPlace(NamedTuple):
    """Where the key of the store is: how to read it, whether it is there, and how to keep another one.

    `write` is None where only the administrator can: the environment, systemd.
    """

    read: Callable[[], Secret]
    there: Callable[[], bool]
    write: Callable[[Secret], None] | None


def init(path: Path, place: KeyPlace, chance: Callable[[int], bytes]) -> str:
    """Make an empty store, and its key unless there is one; return the id of the key.

    Raises:
        Misconfigured: the store is there already, or no key is where only the administrator can put one.
    """
    if path.exists():
        raise Misconfigured(
            Text(
                "Kho bí mật đã có; không ghi đè. Ghi thêm bằng: syncagent secret set TÊN",
                "The store of secrets is there already and is not overwritten. Add to it with: syncagent secret set "
                "NAME",
            ),
            where=str(path),
        )
    if place.write and not place.there():
        place.write(vault.new_key(chance))
    made = vault.empty(vault.lines(place.read())[0], chance)
    kept.make_file(path, made.written().encode())
    return made.key_id


def put(path: Path, place: KeyPlace, name: str, value: Secret, chance: Callable[[int], bytes]) -> None:
    """Keep a secret, in place of any of this name.

    Raises:
        Misconfigured: there is no store, it is damaged, its key is missing, or it cannot be written.
        Refused: the name or the value is none.
    """
    kept.replace_file(path, _opened(path, place).with_secret(name, value, chance).written().encode())


def names(path: Path, place: KeyPlace) -> tuple[str, ...]:
    """Return the names of the secrets.

    Raises:
        Misconfigured: there is no store, it is damaged, or its key is missing.
    """
    return _opened(path, place).names


def rotate(path: Path, place: KeyPlace, chance: Callable[[int], bytes]) -> str:
    """Seal every value anew under a new key; return its id.

    The new key is laid down beside the old one before the store changes, and the old one goes after it: whenever this
    is interrupted, the store opens. Where only the administrator puts keys, the new one must stand there already, on
    a line above the old one.

    Raises:
        Misconfigured: there is no store, it is damaged, its key is missing, or something cannot be written.
        Refused: no new key stands above the old one, or a value was changed.
    """
    old, before = _opened(path, place), place.read()
    if place.write is None:
        new = Secret(vault.lines(before)[0])
    else:
        new = vault.new_key(chance)
        place.write(Secret("\n".join([new.reveal(), *vault.lines(before)])))
    if place.write is None and old.is_under(new.reveal()):
        raise Refused(
            Text(
                "Chưa có khóa mới. Hãy đặt khóa mới ở dòng trên khóa cũ (nơi secrets.key chỉ tới), chạy lại lệnh này, "
                "rồi bỏ dòng cũ.",
                "There is no new key. Put one on a line above the old one (where secrets.key points to), run this "
                "again, then take the old line away.",
            )
        )
    found = old.under(new.reveal(), chance)
    kept.replace_file(path, found.written().encode())
    if place.write:
        place.write(new)
    return found.key_id


def _opened(path: Path, place: KeyPlace) -> vault.Vault:
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            Text(
                "Không đọc được kho bí mật; tạo mới bằng: syncagent secret init",
                "The store of secrets cannot be read; make one with: syncagent secret init",
            ),
            where=str(path),
        ) from error
    return vault.opened(written, place.read())
