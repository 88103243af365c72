"""A snapshot after edits of single accounts is the one that gathering everything would give, or none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from syncagent.connectors.gathering import Entry, Gathering
from syncagent.connectors.replacing import replaced
from syncagent.connectors.source import a_server
from syncagent.core.snapshot import Snapshot
from syncagent.mapping.directory import read_directory

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BASE = "OU=Mail,DC=ninhbinh,DC=vn"
FILE = Path(__file__).parents[3] / "mappings/directories/active-directory.yaml"
DIRECTORY = read_directory(FILE.read_text(encoding="utf-8"), FILE.name)
STAMP = "msDS-cloudExtensionAttribute20"
OF_A_UNIT = "syncagent/1 kind=agency key=snv state=active since=2025-12-23 why=adopted"
GROUP = f"CN=g,{BASE}"


def user(number: int, values: dict[str, tuple[str, ...]] | None = None, **aside: tuple[str, ...]) -> Entry:
    found = {"objectGUID": (f"guid{number}",), "cn": (f"u{number}",), "sAMAccountName": (f"u{number}",)}
    return Entry(
        number, f"CN=u{number},{BASE}", found | (values or {}), {"objectClass": ("top", "person", "user")} | aside
    )


PLACE = Entry(90, BASE, {"objectGUID": ("ou",)}, {"objectClass": ("organizationalUnit",)})
ADMINS = Entry(91, GROUP, {"objectGUID": ("g",)}, {"objectClass": ("group",), "objectSid": ("512",), "cn": ("g",)})
BEFORE = (user(1, {"title": ("a",)}), user(2), user(3, memberOf=(GROUP,)), user(4, publicDelegates=(f"CN=u1,{BASE}",)))


def gathered(*entries: Entry) -> Snapshot:
    gathering = Gathering("main", DIRECTORY, BASE, a_server(), lambda number: f"p-{len(number)}")
    return gathering.contents((PLACE, ADMINS, *entries), ZONE).snapshot


def edited(*edits: tuple[Entry | None, Entry | None]) -> Snapshot | None:
    return replaced(gathered(*BEFORE), edits, DIRECTORY, ZONE)


def test_without_an_edit_it_is_the_same() -> None:
    """Nothing changed: the very same snapshot."""
    last = gathered(*BEFORE)

    assert replaced(last, [], DIRECTORY, ZONE) is last


@pytest.mark.parametrize(
    "new",
    [
        user(1, {"title": ("b",)}),
        user(1, {"mail": ("a@b.vn",), "proxyAddresses": ("SMTP:a@b.vn",)}),
        user(1, {STAMP: (OF_A_UNIT,)}),
        user(1, {"adminCount": ("1",)}),
        user(1, objectClass=("user", "person", "top")),
    ],
    ids=["title", "addresses", "unit", "protected", "order"],
)
def test_an_edit_of_one_account_is_made_there(new: Entry) -> None:
    """The account, whether it is a unit's mailbox, and whether it is protected are as gathering gives them."""
    found = edited((BEFORE[0], new))

    assert found == gathered(new, *BEFORE[1:])


def test_a_mailbox_that_is_no_units_any_more_gives_no_rights() -> None:
    """Who lost the mark of a unit's mailbox is no longer one; who lists delegates still gives rights."""
    of_unit = (user(1, {STAMP: (OF_A_UNIT,)}), replace_values(BEFORE[3], {STAMP: (OF_A_UNIT,)}))
    last = gathered(of_unit[0], *BEFORE[1:3], of_unit[1])

    found = replaced(last, [(of_unit[0], user(1)), (of_unit[1], BEFORE[3])], DIRECTORY, ZONE)

    assert found == gathered(user(1), *BEFORE[1:])
    assert found is not None
    assert set(found.shared) == {"g", "guid4"}


def replace_values(entry: Entry, values: dict[str, tuple[str, ...]]) -> Entry:
    return entry._replace(values={**entry.values, **values})


def test_who_is_in_a_protected_group_stays_protected() -> None:
    """The group did not change, so neither does the reason."""
    new = replace_values(BEFORE[2], {"title": ("b",)})

    found = edited((BEFORE[2], new))

    assert found == gathered(*BEFORE[:2], new, BEFORE[3])
    assert found is not None
    assert found.accounts[2].protected


@pytest.mark.parametrize(
    "edit",
    [
        (None, user(5)),
        (BEFORE[0], None),
        (BEFORE[0], BEFORE[0]._replace(dn=f"CN=other,{BASE}")),
        (BEFORE[0], user(1, memberOf=(GROUP,))),
        (BEFORE[0], user(1, primaryGroupID=("512",))),
        (BEFORE[0], user(1, objectClass=("top", "person", "contact"))),
        (BEFORE[3], user(4, publicDelegates=(f"CN=u2,{BASE}",))),
        (BEFORE[0], user(1, {"objectGUID": ("a", "b")})),
        (BEFORE[0], user(1, {"mail": ("001099001234@b.vn",)})),
        (BEFORE[0], user(1, {"whenCreated": ("yesterday",)})),
        (BEFORE[0], user(1, {"lastLogon": ("134170000000000000",)})),
        (PLACE, PLACE),
    ],
    ids=[
        "new", "gone", "renamed", "group", "primary", "class", "delegate", "identities", "number", "wrong", "use",
        "no-account",
    ],
)  # fmt: skip
def test_an_edit_that_bears_on_others_is_left_to_gathering(edit: tuple[Entry | None, Entry | None]) -> None:
    """Whoever else may be concerned, and every fault, needs everything to be looked at."""
    assert edited(edit) is None


def test_whether_a_group_protects_is_not_known_of_who_was_marked() -> None:
    """The mark hid the reason of the group; without the mark nobody knows."""
    marked = replace_values(BEFORE[2], {"adminCount": ("1",)})
    last = gathered(*BEFORE[:2], marked, BEFORE[3])

    assert replaced(last, [(marked, BEFORE[2])], DIRECTORY, ZONE) is None
    assert replace(last, watermark={}) == last
