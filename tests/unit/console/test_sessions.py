"""Staying logged in, and failing to log in: on a real state, with a door and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from syncagent.connectors.base import LoggedOn
from syncagent.console import sessions
from syncagent.console.desk import Desk, Options
from syncagent.console.rights import Grant, Role
from syncagent.errors import Refused
from syncagent.store.store import open_store
from syncagent.trust.pseudonyms import Pseudonyms
from syncagent.trust.secret import Secret

_GROUPS = {"CN=xem": Grant(Role.VIEWER, ("*",)), "CN=duyet": Grant(Role.APPROVER, ("skhcn",))}
_RIGHT, _WRONG = Secret("dung-roi"), Secret("sai-roi")


@dataclass
class _Door:
    accounts: dict[str, LoggedOn] = field(default_factory=dict)
    asked: int = 0

    def enter(self, login: str, password: Secret) -> LoggedOn | None:
        self.asked += 1
        return self.accounts.get(login) if password == _RIGHT else None

    def look(self, login: str) -> LoggedOn | None:
        return self.accounts.get(login)


@dataclass
class _Here:
    desk: Desk
    door: _Door
    clock: list[datetime]

    def later(self, **span: int) -> None:
        self.clock[0] += timedelta(**span)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[_Here]:
    """A desk over a new state."""
    store = open_store("sqlite:///state.db", tmp_path, "L")
    clock = [datetime(2026, 3, 10, 8, tzinfo=UTC)]
    parts = SimpleNamespace(store=store, clock=lambda: clock[0], pseudonyms=Pseudonyms(b"k" * 32))
    door = _Door(
        {name: LoggedOn(f"guid-{name}", name, name.title(), frozenset({f"CN={name}"})) for name in ("xem", "duyet")}
    )
    idle, approver_idle, longest, window = (timedelta(minutes=count) for count in (15, 5, 480, 30))
    options = Options(
        frozenset({"h"}),
        True,  # noqa: FBT003 - by position
        _GROUPS,
        idle,
        approver_idle,
        longest,
        3,
        20,
        window,
        None,
        "vi",
    )
    numbers = iter(range(1000))
    yield _Here(
        Desk(cast("Any", parts), door, options, lambda: f"token{next(numbers)}", lambda _: None, lambda: 0.0),
        door,
        clock,
    )
    store.close()


@pytest.mark.parametrize(("who", "minutes"), [("xem", 15), ("duyet", 5)])
def test_a_session_that_is_not_used_ends(here: _Here, who: str, minutes: int) -> None:
    """15 minutes, 5 for those who approve (TCVN 14423:2026); what is used goes on; its row is gone afterwards."""
    token = sessions.enter(here.desk, who, _RIGHT, "a").token
    for _ in range(3):
        here.later(minutes=minutes - 1)
        assert sessions.found(here.desk, token)
    here.later(minutes=minutes, seconds=1)

    assert sessions.found(here.desk, token) is None
    here.later(minutes=-minutes)
    assert sessions.found(here.desk, token) is None


def test_no_session_lasts_longer_than_its_hours(here: _Here) -> None:
    """Eight hours in all, however busy somebody is."""
    token = sessions.enter(here.desk, "xem", _RIGHT, "a").token
    for _ in range(48):
        here.later(minutes=10)
        assert sessions.found(here.desk, token)
    here.later(minutes=1)

    assert sessions.found(here.desk, token) is None


def test_the_id_of_a_session_does_not_stand_in_the_state(here: _Here) -> None:
    """Whoever copies the state makes no cookie of it; another id is nobody's."""
    token = sessions.enter(here.desk, "xem", _RIGHT, "a").token
    with here.desk.parts.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sessions").fetchall()

    assert token not in str(rows[0][0])
    assert sessions.found(here.desk, str(rows[0][0])) is None
    assert sessions.found(here.desk, "") is None


def test_attempts_are_counted_before_they_are_made(here: _Here) -> None:
    """Of twenty at once three reach the directory; the right password waits, too; after the window it opens."""
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(sessions.proved, here.desk, "xem", _WRONG, f"a{n}") for n in range(20)]
        results = [one.exception() or one.result() for one in tries]

    assert results == [None] * 20
    assert here.door.asked == 3
    with pytest.raises(Refused):
        sessions.enter(here.desk, "XEM ", _RIGHT, "b")
    assert sessions.enter(here.desk, "duyet", _RIGHT, "a1")
    here.later(minutes=31)
    assert sessions.enter(here.desk, "xem", _RIGHT, "b")


def test_one_address_cannot_try_many_accounts(here: _Here) -> None:
    """Twenty failures from one address, whoever they are about; whoever logs in well is not counted."""
    for _ in range(30):
        assert sessions.enter(here.desk, "xem", _RIGHT, "a")
    for number in range(30):
        sessions.proved(here.desk, f"ai{number}", _WRONG, "a")

    assert here.door.asked == 30 + 20
    with pytest.raises(Refused):
        sessions.enter(here.desk, "duyet", _RIGHT, "a")
    assert sessions.enter(here.desk, "duyet", _RIGHT, "b")


def test_an_account_that_changed_signs_nothing(here: _Here) -> None:
    """Another account of the same name, no group, or none at all: every session of the old one ends."""
    for change in (
        None,
        LoggedOn("guid-other", "duyet", "Duyet", frozenset({"CN=duyet"})),
        LoggedOn("guid-duyet", "duyet", "D", frozenset()),
    ):
        before = here.door.accounts["duyet"]
        session = sessions.enter(here.desk, "duyet", _RIGHT, "a")
        here.door.accounts.pop("duyet")
        if change:
            here.door.accounts["duyet"] = change
        with pytest.raises(Refused):
            sessions.again(here.desk, session, _RIGHT, "a")
        assert sessions.found(here.desk, session.token) is None
        here.door.accounts["duyet"] = before
        here.later(hours=1)
    session = sessions.enter(here.desk, "duyet", _RIGHT, "a")
    with pytest.raises(Refused):
        sessions.again(here.desk, session, _WRONG, "a")
    assert sessions.found(here.desk, session.token)
    assert sessions.again(here.desk, session, _RIGHT, "a").name == "Duyet"
