"""Making, filling and rotating the store: whatever is interrupted, no secret is lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from syncagent.errors import Misconfigured, Refused
from syncagent.runs import secrets
from syncagent.runs.secrets import KeyPlace
from syncagent.trust import kept, vault
from syncagent.trust.secret import Secret


def _chance() -> Callable[[int], bytes]:
    numbers = count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


CHANCE = _chance()


class _Crash(BaseException):
    pass


class _Place:
    """A place for a key that can break down after so many writes, before or after the last of them."""

    def __init__(self, held: str = "", writes: float = float("inf"), *, after: bool = False) -> None:
        self.held, self.left, self.after = held, writes, after

    def write(self, value: Secret) -> None:
        self.left -= 1
        if self.left < 0 and not self.after:
            raise _Crash
        self.held = value.reveal()
        if self.left < 0:
            raise _Crash

    def place(self) -> KeyPlace:
        return KeyPlace(lambda: Secret(self.held), lambda: bool(self.held), self.write)

    def only_to_read(self) -> KeyPlace:
        return KeyPlace(lambda: Secret(self.held), lambda: bool(self.held), None)


def _made(folder: Path, place: _Place) -> Path:
    path = folder / "syncagent.secrets"
    secrets.init(path, place.place(), CHANCE)
    secrets.put(path, place.place(), "ad", Secret("one"), CHANCE)
    secrets.put(path, place.place(), "db", Secret("two"), CHANCE)
    return path


def _values(path: Path, place: _Place) -> dict[str, str]:
    found = vault.opened(path.read_text(encoding="utf-8"), Secret(place.held))
    return {name: found.get(name).reveal() for name in found.names}


def test_a_store_is_made_once_with_its_key(tmp_path: Path) -> None:
    """A key that is there is used; a store that is there stays as it is."""
    place = _Place("ab" * 32)
    path = _made(tmp_path, place)

    assert place.held == "ab" * 32
    assert secrets.names(path, place.place()) == ("ad", "db")
    with pytest.raises(Misconfigured, match="not overwritten"):
        secrets.init(path, place.place(), CHANCE)
    assert _values(path, place) == {"ad": "one", "db": "two"}


def test_a_rotation_changes_the_key_and_every_sealed_value(tmp_path: Path) -> None:
    """Nothing of the old file is in the new one, and the old key opens it no more."""
    place = _Place()
    path = _made(tmp_path, place)
    old_key, old = place.held, vault.opened(path.read_text(encoding="utf-8"), Secret(place.held)).key_id
    key_id = secrets.rotate(path, place.place(), CHANCE)

    assert key_id != old
    assert old_key not in place.held
    assert _values(path, place) == {"ad": "one", "db": "two"}
    with pytest.raises(Misconfigured):
        vault.opened(path.read_text(encoding="utf-8"), Secret(old_key))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("writes", [0, 1])
def test_a_rotation_that_is_interrupted_loses_nothing(tmp_path: Path, writes: int, *, after: bool) -> None:
    """Whichever write of the key is the last, before or after it: the store opens, and the rotation can be repeated."""
    place = _Place()
    path = _made(tmp_path, place)
    place.left, place.after = writes, after
    with pytest.raises(_Crash):
        secrets.rotate(path, place.place(), CHANCE)

    assert _values(path, place) == {"ad": "one", "db": "two"}
    place.left = 2
    secrets.rotate(path, place.place(), CHANCE)
    assert _values(path, place) == {"ad": "one", "db": "two"}
    assert len(place.held.splitlines()) == 1


def test_a_rotation_whose_store_cannot_be_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both keys lie there then."""
    place = _Place()
    path = _made(tmp_path, place)

    def full(*_: object) -> None:
        raise _Crash

    with monkeypatch.context() as patch:
        patch.setattr(kept, "replace_file", full)
        with pytest.raises(_Crash):
            secrets.rotate(path, place.place(), CHANCE)

    assert len(place.held.splitlines()) == 2
    assert _values(path, place) == {"ad": "one", "db": "two"}


def test_where_only_the_administrator_keeps_keys_the_new_one_comes_first(tmp_path: Path) -> None:
    """A new line above the old one, the rotation, then the old line goes; without a new line it is refused."""
    place = _Place("ab" * 32)
    path = _made(tmp_path, place)
    with pytest.raises(Refused, match="line above"):
        secrets.rotate(path, place.only_to_read(), CHANCE)
    place.held = f"{'cd' * 32}\n{'ab' * 32}"
    secrets.rotate(path, place.only_to_read(), CHANCE)
    place.held = "cd" * 32

    assert _values(path, place) == {"ad": "one", "db": "two"}


def test_a_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With the verb that makes one; without a key nothing is made."""
    with pytest.raises(Misconfigured, match="secret init"):
        secrets.names(tmp_path / "gone", _Place("ab" * 32).place())
    with pytest.raises(Misconfigured, match="64 hexadecimal"):
        secrets.init(tmp_path / "new", _Place().only_to_read(), CHANCE)
    assert list(tmp_path.iterdir()) == []
