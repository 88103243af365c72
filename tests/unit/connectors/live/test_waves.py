"""Which actions go together: order matters only among those that concern each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from syncagent.connectors.live.waves import waves
from syncagent.core.account import AccountRef
from syncagent.core.action import Action, ActionKind, Change, Operation, Review
from syncagent.core.stamp import AccountKind
from syncagent.mapping.directory import read_directory

BASE = "OU=Mail,DC=vn"
DIRECTORY = read_directory(
    (Path(__file__).parents[4] / "mappings/directories/active-directory.yaml").read_text(encoding="utf-8"), "ad.yaml"
)


def _action(name: str, *changes: Change, guid: str = "", needs: tuple[str, ...] = ()) -> Action:
    ref = AccountRef("main", guid, f"CN={guid},{BASE}") if guid else None
    return Action(
        name, ActionKind.UPDATE, "main", AccountKind.PERSONAL, name, "snv", "", "", ref, date(2026, 3, 10), Review.NONE,
        needs_order=False, because=(), changes=changes, stamp=None, needs=needs,
    )  # fmt: skip


def _modify(guid: str, attribute: str = "title", before: str = "", after: str = "x") -> Change:
    values = {attribute: ((before,) if before else (), (after,))}
    return Change(Operation.MODIFY, f"CN={guid},{BASE}", values)


def _add(name: str, place: str = BASE, address: str = "") -> Change:
    attributes = {"mail": ((), (address,)), "title": ((), ("x",))} if address else {"title": ((), ("x",))}
    return Change(Operation.ADD, f"CN={name},{place}", attributes)


def _rename(guid: str, to: str) -> Change:
    return Change(Operation.RENAME, f"CN={guid},{BASE}", {}, new_dn=to)


PLACE = Change(Operation.ENSURE_CONTAINER, f"OU=snv,{BASE}", {})
GRANT = Change(Operation.GRANT, f"CN=Tin,{BASE}", {"member": ((), ("x",))}, entry="g")


@pytest.mark.parametrize(
    ("actions", "wanted"),
    [
        ([], []),
        ([_action("a", _modify("1"), guid="1"), _action("b", _modify("2"), guid="2")], ["ab"]),
        ([_action("a", PLACE, _add("x", f"OU=snv,{BASE}")), _action("b", PLACE, _add("y", f"OU=snv,{BASE}"))], ["ab"]),
        ([_action("a", GRANT, guid="1"), _action("b", GRANT, guid="2")], ["ab"]),
        ([_action("a", _modify("1"), guid="1"), _action("b", _modify("1"), guid="1")], ["a", "b"]),
        ([_action("a", _modify("1"), guid="1"), _action("b", _modify("2"), guid="2", needs=("a",))], ["a", "b"]),
        ([_action("a", _add("Hòa")), _action("b", _add("HOA"))], ["a", "b"]),
        ([_action("a", _rename("1", f"CN=9,{BASE}"), guid="1"), _action("b", _add("1"))], ["a", "b"]),
        ([_action("a", _add("x", f"CN=1,{BASE}")), _action("b", _rename("1", f"CN=9,{BASE}"), guid="1")], ["a", "b"]),
        (
            [
                _action("a", _modify("1", "proxyAddresses", "smtp:A@x.vn", "smtp:b@x.vn"), guid="1"),
                _action("b", _add("y", address="a@x.vn")),
                _action("c", _add("z", address="c@x.vn")),
            ],
            ["ac", "b"],
        ),
        ([_action("a"), _action("b", needs=("a",)), _action("c", needs=("b",)), _action("d")], ["ad", "b", "c"]),
    ],
)
def test_actions_that_concern_each_other_stand_one_after_the_other(actions: list[Action], wanted: list[str]) -> None:
    """The same account, name (without marks), log-in, address, or what is needed; not the same group or new place."""
    found = waves(actions, DIRECTORY)

    assert ["".join(action.id for action in wave) for wave in found] == wanted


def test_no_action_is_lost_or_doubled() -> None:
    """Every action stands in exactly one wave, whatever it needs."""
    actions = [_action(f"{n}", needs=(f"{n - 7}",)) for n in range(50)]
    actions = [replace(action, needs=action.needs if int(action.id) > 7 else ()) for action in actions]

    found = [action.id for wave in waves(actions, DIRECTORY) for action in wave]

    assert sorted(found, key=int) == [str(n) for n in range(50)]
