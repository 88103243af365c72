"""What the console knows of units: read from the roster now and then, and never a hindrance."""

from __future__ import annotations

import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from syncagent.console.desk import Desk, Options
from syncagent.errors import Misconfigured
from syncagent.text import Text


class _Roster:
    """Rows that can be changed, or made unreadable; counts how often it was read."""

    def __init__(self) -> None:
        self.parent, self.broken = "skhcn", False
        self.read_again = threading.Event()

    def read(self) -> object:
        self.read_again.set()
        if self.broken:
            raise Misconfigured(Text("hỏng", "broken"))
        units = [("skhcn", "", "Sở"), ("vp", self.parent, "Văn phòng"), ("a", "b", "A"), ("b", "a", "B")]
        return SimpleNamespace(
            units=[SimpleNamespace(unit=key, parent=parent, name=name) for key, parent, name in units],
            people=[SimpleNamespace(person_id="P1", unit="vp")],
        )


def _desk(roster: _Roster, clock: list[float]) -> Desk:
    span = timedelta(minutes=5)
    options = Options(frozenset(), secure=True, roles={}, idle=span, approver_idle=span, longest=span, tries=3,
                      address_tries=9, window=span, stop_secret=None, language="vi")  # fmt: skip
    parts = SimpleNamespace(roster=roster)
    return Desk(cast("Any", parts), cast("Any", None), options, str, lambda _: None, lambda: clock[0])


def test_units_are_known_with_those_above_them() -> None:
    """A room stands under its agency; a circle in a faulty roster ends; people and units' mailboxes have a home."""
    desk = _desk(_Roster(), [0.0])

    assert list(desk.above("vp")) == ["skhcn"]
    assert list(desk.above("a")) == ["b", "a"]
    assert list(desk.above("nowhere")) == []
    assert desk.units()["vp"] == "Sở › Văn phòng"
    assert (desk.home("P1"), desk.home("unit:skhcn"), desk.home("P2")) == ("vp", "skhcn", "")


def test_a_roster_is_read_again_beside_the_pages_and_a_broken_one_changes_nothing() -> None:
    """After a minute pages have what was known while it is read anew; what cannot be read counts for nothing."""
    roster, clock = _Roster(), [0.0]
    desk = _desk(roster, clock)
    assert list(desk.above("vp")) == ["skhcn"]
    roster.read_again.clear()
    roster.broken, clock[0] = True, 61.0
    assert list(desk.above("vp")) == ["skhcn"]
    assert roster.read_again.wait(5)
    roster.read_again.clear()
    roster.broken, roster.parent, clock[0] = False, "snv", 122.0
    desk.above("vp")
    assert roster.read_again.wait(5)
    for thread in threading.enumerate():
        if thread.name == "console-roster":
            thread.join(5)
    assert list(desk.above("vp")) == ["snv"]
