"""Rights end with the service and come back with the mailbox (NB-50, Điều 10.2.b)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import world
from world import TODAY, account, kinds, leaver, plan_of, row

from syncagent.core import dn as names
from syncagent.core.account import Account
from syncagent.core.action import Operation
from syncagent.core.ledger import Hold, Ledger
from syncagent.core.plan import Plan
from syncagent.core.regulation import InternalMove
from syncagent.core.rehearse import after
from syncagent.core.snapshot import Right, Snapshot
from syncagent.text import Text

OTHER = row("P0", "Bùi Văn Lâm", "snv")
UNITS = tuple(replace(u, mailbox=True) if u.unit == "skhcn" else u for u in world.UNITS)
ACCOUNTS, LEDGER = world.settled([row(), OTHER], units=UNITS, today=date(2026, 2, 16))
MINE, BOX = account(ACCOUNTS, "P1"), account(ACCOUNTS, "unit:skhcn")
NEWS = Right("guid-news", f"CN=Tin tuc,OU=skhcn,{world.BASE}", "member")
SENDS = Right(BOX.guid, BOX.dn, "publicDelegates")


def _plan(people: list[Any], accounts: tuple[Account, ...] = ACCOUNTS, **parts: Any) -> Plan:
    rights = parts.pop("rights", (NEWS, SENDS))
    ledger = parts.pop("ledger", LEDGER)
    parts.setdefault("shared", {NEWS.entry: NEWS.dn, BOX.guid: BOX.dn})
    mine = account(accounts, "P1")
    return plan_of(people, accounts, units=UNITS, ledger=ledger, rights={names.same(mine.dn): rights}, **parts)


def _rights(plan: Plan, operation: Operation) -> list[str]:
    changes = [change for action in plan.actions for change in action.changes if change.operation is operation]
    return sorted(change.entry for change in changes)


def _gone() -> tuple[tuple[Account, ...], Ledger]:
    plan = _plan([leaver(), OTHER])
    return world.applied(plan, ACCOUNTS, LEDGER, TODAY)


def test_what_was_taken_comes_back_with_the_mailbox() -> None:
    """A returner gets the rights back that the closing took; those whose group is gone, or held again, are passed."""
    accounts, ledger = _gone()
    back = row(event="recruited", effective_date=date(2026, 3, 12), document=world.DECISION)

    plan = _plan([back, OTHER], accounts, rights=(), ledger=ledger, today=date(2026, 3, 12))
    without = _plan(
        [back, OTHER], accounts, rights=(SENDS,), ledger=ledger, today=date(2026, 3, 12), shared={BOX.guid: BOX.dn}
    )
    done = world.applied(plan, accounts, ledger, date(2026, 3, 12))[1]

    assert kinds(plan) == ["restore"]
    assert _rights(plan, Operation.GRANT) == sorted([NEWS.entry, BOX.guid])
    assert "NB-50" in [reason.rule for reason in plan.actions[0].because]
    assert _rights(without, Operation.GRANT) == []
    assert ledger.rights["main", MINE.guid] == tuple(sorted((NEWS, SENDS)))
    assert done.rights["main", MINE.guid] == ()


def test_whoever_comes_back_elsewhere_gets_nothing_of_the_old_unit() -> None:
    """NB-50, Điều 10.2.b: rights of units left behind end; what belongs to no unit comes back."""
    far = Right("guid-all", f"CN=Toan tinh,{world.BASE}", "member")
    plan = _plan([leaver(), OTHER], rights=(NEWS, far), shared={NEWS.entry: NEWS.dn, far.entry: far.dn})
    accounts, ledger = world.applied(plan, ACCOUNTS, LEDGER, TODAY)
    back = row(unit="snv", event="recruited", effective_date=date(2026, 3, 12), document=world.DECISION)

    again = _plan(
        [back, OTHER], accounts, rights=(), ledger=ledger, today=date(2026, 3, 12),
        shared={NEWS.entry: NEWS.dn, far.entry: far.dn},
    )  # fmt: skip

    assert _rights(again, Operation.GRANT) == [far.entry]


def test_a_group_that_was_renamed_meanwhile_is_found_by_its_identity() -> None:
    """Design §4.9: entries are known by identity, not by name."""
    accounts, ledger = _gone()
    back = row(event="recruited", effective_date=date(2026, 3, 12), document=world.DECISION)
    renamed = NEWS.dn.replace("Tin tuc", "Ban tin")

    plan = _plan(
        [back, OTHER], accounts, rights=(), ledger=ledger, today=date(2026, 3, 12), shared={NEWS.entry: renamed}
    )

    [change] = [c for action in plan.actions for c in action.changes if c.operation is Operation.GRANT]
    assert change.dn == renamed
    assert change.attributes == {"member": ((), (account(accounts, "P1").dn,))}


def test_the_unit_whose_mailbox_it_is_and_a_mailbox_that_is_not_ours() -> None:
    """Law 3: rights on accounts that are not ours, or protected, are not touched."""
    for other in (replace(BOX, stamp=None), replace(BOX, protected=Text("vì", "since"))):
        accounts = tuple(other if one.guid == BOX.guid else one for one in ACCOUNTS)

        plan = _plan([leaver(), OTHER], accounts)

        assert _rights(plan, Operation.REVOKE) == [NEWS.entry]


def test_a_text_that_says_nothing_of_rights_takes_none() -> None:
    """Only where a clause orders it."""
    regulation = replace(world.regulation(), rights=None)

    plan = _plan([leaver(), OTHER], with_policy=world.policy(regulation=regulation))

    assert kinds(plan) == ["disable"]
    assert _rights(plan, Operation.REVOKE) == []


def test_a_hold_on_a_group_spares_the_group_alone() -> None:
    """Law 3: what is held stays as it is; the leaver's mailbox is closed all the same."""
    holds = {NEWS.dn.casefold(): Hold(NEWS.dn, "8/TTr-TT", "Thanh tra tỉnh")}

    plan = _plan([leaver(), OTHER], ledger=replace(LEDGER, holds=holds))

    assert kinds(plan) == ["disable"]
    assert _rights(plan, Operation.REVOKE) == [BOX.guid]
    [finding] = [finding for finding in plan.findings if finding.code == "held"]
    assert (finding.subject, finding.candidates) == (NEWS.dn, ("revoke",))
    assert "disable" not in finding.message.vi + finding.message.en
    assert "the right of P1 there is not taken" in finding.message.en


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Tin-Tuc@NinhBinh.gov.vn", NEWS.entry),
        ("TIN.TUC", NEWS.entry),
        ("tin tuc", NEWS.entry),
        (NEWS.entry.upper(), NEWS.entry),
        ("GIAOTHUY", NEWS.entry),
        (BOX.address.upper(), BOX.guid),
        (BOX.guid, BOX.guid),
    ],
)
def test_a_hold_on_a_group_or_a_units_mailbox_binds_by_every_name(name: str, entry: str, *, recorded: bool) -> None:
    """Law 3: mail address, log-in name, name, identity, and for a group the unit in whose container it lies."""
    news = NEWS._replace(dn=f"CN=Tin tuc,OU=nhom,OU=giaothuy,{world.BASE}")
    letter = world.request("hold", name, TODAY, document_number="8/TTr-TT")
    ledger = replace(LEDGER, holds={name.casefold(): Hold(name, "8/TTr-TT", "Thanh tra tỉnh")}) if recorded else LEDGER

    plan = _plan(
        [leaver(), OTHER],
        rights=(news, SENDS),
        shared={news.entry: news.dn, BOX.guid: BOX.dn},
        addresses={"tin-tuc@ninhbinh.gov.vn": news.dn, "lien-he@ninhbinh.gov.vn": f"CN=Lien he,{world.BASE}"},
        logins={"tin.tuc": news.dn},
        ledger=ledger,
        requests=() if recorded else [letter],
    )

    assert kinds(plan) == ["disable"]
    assert _rights(plan, Operation.REVOKE) == [BOX.guid if entry == NEWS.entry else NEWS.entry]
    assert [finding.code for finding in plan.findings] == ["held"]


def test_a_hold_on_a_unit_binds_the_rights_on_its_mailbox() -> None:
    """Law 3: whoever leaves another unit keeps what they have on the mailbox of a unit that is held."""
    holds = {"skhcn": Hold("skhcn", "8/TTr-TT", "Thanh tra tỉnh")}
    theirs = account(ACCOUNTS, "P0")

    plan = plan_of(
        [row(), leaver("P0", full_name="Bùi Văn Lâm", unit="snv")],
        ACCOUNTS,
        units=UNITS,
        ledger=replace(LEDGER, holds=holds),
        rights={names.same(theirs.dn): (SENDS,)},
        shared={BOX.guid: BOX.dn},
    )

    assert [(str(action.kind), action.subject) for action in plan.actions] == [("disable", "P0")]
    assert _rights(plan, Operation.REVOKE) == []


def test_a_hold_on_a_group_keeps_a_right_from_coming_back() -> None:
    """Law 3: the returner's mailbox is given back all the same."""
    accounts, ledger = _gone()
    back = row(event="recruited", effective_date=date(2026, 3, 12), document=world.DECISION)
    holds = {NEWS.dn.casefold(): Hold(NEWS.dn, "8/TTr-TT", "Thanh tra tỉnh")}

    plan = _plan([back, OTHER], accounts, rights=(), ledger=replace(ledger, holds=holds), today=date(2026, 3, 12))

    assert (kinds(plan), _rights(plan, Operation.GRANT)) == (["restore"], [BOX.guid])
    [finding] = [finding for finding in plan.findings if finding.code == "held"]
    assert "the right of P1 there is not given back" in finding.message.en


@pytest.mark.parametrize("kind", ["hold", "release"])
def test_a_letter_about_a_group_is_not_said_to_name_nobody(kind: str) -> None:
    """Contract §4: a hold binds every entry whose rights the agent takes; only what binds nothing is said aloud."""
    letter = world.request(kind, NEWS.dn.replace(",", ", ").upper(), TODAY, document_number="8/TTr-TT")
    other = replace(letter, subject=NEWS.dn.replace("Tin tuc", "Khong co"))

    plans = [_plan([leaver(), OTHER], requests=[one]) for one in (letter, other)]

    assert _rights(plans[0], Operation.REVOKE) == ([BOX.guid] if kind == "hold" else sorted([NEWS.entry, BOX.guid]))
    assert [[f.code for f in plan.findings if f.code == "manual-steps"] for plan in plans] == [[], ["manual-steps"]]


def test_a_mailbox_closed_by_a_new_issue_keeps_no_right() -> None:
    """NB-50 with domain §1.8 row 4 b, and law 1: nor one that somebody gives it while it waits for its term."""
    reissue = world.policy(internal_move=InternalMove.REISSUE)
    moved = [row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION), OTHER]
    plan = _plan(moved, with_policy=reissue)
    both, ledger = world.applied(plan, ACCOUNTS, LEDGER, TODAY, reissue)
    old = next(one for one in both if one.guid == MINE.guid)
    waiting: dict[str, Any] = {
        "units": UNITS,
        "ledger": ledger,
        "with_policy": reissue,
        "shared": {NEWS.entry: NEWS.dn},
    }

    again = plan_of(moved, both, **waiting)
    given = plan_of(moved, both, rights={names.same(old.dn): (NEWS,)}, **waiting)

    assert kinds(plan) == ["disable", "create"]
    assert _rights(plan, Operation.REVOKE) == sorted([NEWS.entry, BOX.guid])
    assert plan.actions[0].because[-1].rule == "NB-50"
    assert plan.actions[0].because[-1].document == "12/QĐ-SNV"
    assert kinds(again) == []
    assert [(str(one.kind), one.account and one.account.guid) for one in given.actions] == [("update", MINE.guid)]
    assert _rights(given, Operation.REVOKE) == [NEWS.entry]


def test_an_action_that_was_nothing_but_rights_on_hold_falls() -> None:
    """Law 3 and law 1: nothing is left of it, so nothing is planned."""
    accounts, ledger = _gone()
    holds = {NEWS.dn.casefold(): Hold(NEWS.dn, "8/TTr-TT", "Thanh tra tỉnh")}

    plan = _plan([leaver(), OTHER], accounts, rights=(NEWS,), ledger=replace(ledger, holds=holds))

    assert kinds(plan) == []


def _rehearsed(snapshot: Snapshot, plan: Plan) -> Snapshot:
    return after(snapshot, plan.actions, world.policy(), world.ZONE)


def test_a_forecast_knows_what_was_taken_and_what_follows_a_move() -> None:
    """Law 1: after a plan nothing of it is left to do, in a forecast as in a directory."""
    rights, shared = {names.same(MINE.dn): (NEWS, SENDS)}, {NEWS.entry: NEWS.dn, BOX.guid: BOX.dn}
    first = world.snapshot(*ACCOUNTS, rights=rights, shared=shared)
    leaves = _plan([leaver(), OTHER])
    moves = _plan([row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION), OTHER])
    far = Right("guid-all", f"CN=Toan tinh,{world.BASE}", "member")

    left = _rehearsed(first, leaves)
    moved = _rehearsed(replace(first, rights={names.same(MINE.dn): (NEWS, SENDS, far)}), moves)

    assert left.rights == {names.same(MINE.dn): ()}
    assert _rights(moves, Operation.REVOKE) == sorted([NEWS.entry, BOX.guid])
    assert moved.rights == {names.same(account(moved.accounts, "P1").dn): (far,)}


def test_a_forecast_knows_what_was_given_back() -> None:
    """The same for a right that comes back."""
    accounts, ledger = _gone()
    back = row(event="recruited", effective_date=date(2026, 3, 12), document=world.DECISION)
    plan = _plan([back, OTHER], accounts, rights=(), ledger=ledger, today=date(2026, 3, 12))
    shared = {NEWS.entry: NEWS.dn, BOX.guid: BOX.dn}

    found = _rehearsed(world.snapshot(*accounts, shared=shared), plan)

    assert set(found.rights[names.same(account(accounts, "P1").dn)]) == {NEWS, SENDS}
