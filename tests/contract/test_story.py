"""The story of one account, through every kind of action a plan may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core import dn as names
from syncagent.core.action import ActionKind
from syncagent.core.outcome import Outcome, Result
from syncagent.core.stamp import Reason, State

if TYPE_CHECKING:
    from contract.conftest import Desk

NEW_NAME = "Nguyễn Ngọc Thành Nam"


def _done(outcomes: list[Outcome]) -> bool:
    return [outcome.result for outcome in outcomes] == [Result.DONE]


def test_the_life_of_an_account(desk: Desk) -> None:  # noqa: PLR0915 - a life is told in one piece
    """What an approved action says is what the directory shows afterwards, and its identity never changes (law 8)."""
    # A new colleague: the place is made, the account carries what the plan says.
    create = desk.create()
    assert _done(desk.apply(create))
    account = desk.account()
    identity = account.guid
    assert desk.in_step(account, create)
    assert (account.address, account.login, account.key) == ("thanhnn.skhcn@ninhbinh.gov.vn", "thanhnn", "P1")
    assert (account.enabled, account.receives, account.must_change) == (True, True, True)
    assert account.created == desk.born
    assert account.stamp == create.stamp
    assert names.same(names.parent(account.dn)) in desk.opened().read().containers
    assert names.folded(account.dn) in desk.opened().read().names

    # A new position is written down.
    facts = {
        "full_name": "Nguyễn Ngọc Thành",
        "given_name": "Thành",
        "surname": "Nguyễn Ngọc",
        "surname_or_name": "Nguyễn Ngọc",
        "unit": "skhcn",
    }
    facts |= {
        "position": "Phó Giám đốc",
        "unit_name": "Sở KH&CN",
        "agency_name": "Sở KH&CN",
        "mail_nickname": "thanhnn",
    }
    update = desk.change(ActionKind.UPDATE, account, desk.marked(account), facts=facts)
    assert _done(desk.apply(update))
    account = desk.account()
    assert desk.in_step(account, update)
    assert account.attributes["title"] == ("Phó Giám đốc",)

    # Another unit: another address, the old one still receives, another place in the tree.
    stamp = desk.marked(account, unit="stc", aliases=(desk.alias(account.address),))
    rdn = names.split(account.dn)[0]
    elsewhere = f"{rdn},{desk.directory.container_rdn}=stc,{desk.base}"
    readdress = desk.change(ActionKind.READDRESS, account, stamp, address="thanhnn.stc@ninhbinh.gov.vn", to=elsewhere)
    assert _done(desk.apply(readdress))
    account = desk.account()
    assert desk.in_step(account, readdress)
    assert names.spelled_alike(account.dn, elsewhere)
    assert account.addresses == ("thanhnn.stc@ninhbinh.gov.vn", "thanhnn.skhcn@ninhbinh.gov.vn")

    # Another name: the entry is called anew where people see its name, and the attribute with it.
    login_names_it = desk.directory.rdn == desk.directory.login.attribute
    value = "thanhnnn" if login_names_it else NEW_NAME
    called = names.child(desk.directory.rdn, value, names.parent(elsewhere))
    move = desk.change(ActionKind.MOVE, account, desk.marked(account), to=called)
    assert _done(desk.apply(move))
    account = desk.account()
    assert names.spelled_alike(account.dn, called)
    assert account.attributes[desk.directory.rdn] == (value,)

    # On leave: no log-in, but mail arrives.
    stamp = desk.marked(account, state=State.LOCKED, why="NB-18")
    lock = desk.change(ActionKind.LOCK, account, stamp)
    assert _done(desk.apply(lock))
    account = desk.account()
    assert (account.enabled, account.receives, account.stamp) == (False, True, stamp)

    # Gone: neither log-in nor mail, the addresses stay taken.
    stamp = desk.marked(account, state=State.DISABLED, why=Reason.LEFT)
    disable = desk.change(ActionKind.DISABLE, account, stamp)
    assert _done(desk.apply(disable))
    account = desk.account()
    assert (account.enabled, account.receives, account.stamp) == (False, False, stamp)
    assert account.addresses == ("thanhnn.stc@ninhbinh.gov.vn", "thanhnn.skhcn@ninhbinh.gov.vn")

    # Back again, as before.
    stamp = desk.marked(account, state=State.ACTIVE, why=Reason.RETURNED)
    restore = desk.change(ActionKind.RESTORE, account, stamp, default_password=True)
    assert _done(desk.apply(restore))
    account = desk.account()
    assert (account.enabled, account.receives, account.must_change) == (True, True, True)
    assert account.addresses == ("thanhnn.stc@ninhbinh.gov.vn", "thanhnn.skhcn@ninhbinh.gov.vn")
    assert account.guid == identity

    # The end. The stranger who was there from the beginning is still there, untouched.
    stranger = desk.stranger()
    outcome = desk.apply(desk.delete(account))[0]
    assert (outcome.result, outcome.guid, outcome.dn) == (Result.DONE, identity, account.dn)
    left = desk.opened().read()
    assert [one.login for one in left.accounts] == ["hoatt"]
    assert names.folded(called) not in left.names
    assert left.accounts == (stranger,)


def test_taking_over_keeps_what_is_not_ours(desk: Desk) -> None:
    """An adopted account keeps other people's values: X500 addresses, other lines of a description, other bits."""
    found = desk.stranger()
    stamp = desk.stamp("P7", why=Reason.ADOPTED)

    outcomes = desk.apply(desk.change(ActionKind.ADOPT, found, stamp, key="P7"))

    assert _done(outcomes)
    account = desk.account("P7")
    assert (account.guid, account.key, account.stamp) == (found.guid, "P7", stamp)
    assert account.addresses == found.addresses
    assert account.last_use == found.last_use
    if desk.directory.name == "active-directory":
        assert "X500:/o=tinh/cn=hoatt" in account.attributes["proxyAddresses"]
        assert account.attributes["userAccountControl"] == ("66048",)
    else:
        assert account.attributes["description"] == ("Tang 2", str(stamp))


def test_reading_twice_shows_the_same(desk: Desk) -> None:
    """A read changes nothing and depends on nothing but the directory."""
    desk.apply(desk.create())

    one, other = desk.shown(), desk.shown()

    assert one == other
    assert len(one.accounts) == 2


def test_everything_in_one_plan(desk: Desk) -> None:
    """Many actions of one plan, containers included, are each carried out once and in order."""
    actions = [desk.create(f"P{n}", f"Lê Văn Số {n}", f"sol{n}", unit="syt") for n in range(1, 6)]

    outcomes = desk.apply(*actions)

    read = desk.opened().read()
    assert [outcome.action_id for outcome in outcomes] == [action.id for action in actions]
    assert {outcome.result for outcome in outcomes} == {Result.DONE}
    assert sorted(account.key for account in read.accounts if account.stamp) == [f"P{n}" for n in range(1, 6)]
    assert {outcome.guid for outcome in outcomes} <= {account.guid for account in read.accounts}
    assert names.same(f"{desk.directory.container_rdn}=syt,{desk.base}") in read.containers
