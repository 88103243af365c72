"""What a target promises when something is not as the plan saw it: conflicts, needs, lost answers, repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from syncagent.core import dn as names
from syncagent.core.action import ActionKind, Change, Operation
from syncagent.core.examination import Health
from syncagent.core.outcome import Result
from syncagent.core.stamp import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract.conftest import Desk

    from syncagent.core.account import Account
    from syncagent.core.action import Action

KINDS = ("create", "update", "readdress", "move", "lock", "disable", "delete")


def _prepared(desk: Desk, kind: str) -> Action:
    """An action of the kind; whatever it is done to is there."""
    if kind == "create":
        return desk.create()
    desk.apply(desk.create("P1"), marker="before")
    found = desk.account()
    if kind == "delete":
        return desk.delete(found)
    if kind == "update":
        return desk.change(ActionKind.UPDATE, found, desk.marked(found, document="99/QĐ-SNV"))
    if kind == "readdress":
        stamp = desk.marked(found, unit="snv", aliases=(desk.alias(found.address),))
        to = f"{names.split(found.dn)[0]},{desk.directory.container_rdn}=snv,{desk.base}"
        return desk.change(ActionKind.READDRESS, found, stamp, address="thanhnn.snv@ninhbinh.gov.vn", to=to)
    if kind == "move":
        to = f"{names.split(found.dn)[0]},{desk.directory.container_rdn}=snv,{desk.base}"
        return desk.change(ActionKind.MOVE, found, desk.marked(found), to=to)
    state = {"lock": State.LOCKED, "disable": State.DISABLED}[kind]
    return desk.change(ActionKind(kind), found, desk.marked(found, state=state))


# ── law 10: a human's edit between plan and apply is never overwritten ───────


@pytest.mark.parametrize("kind", ["update", "readdress", "lock", "disable", "delete"])
def test_an_edit_by_hand_is_left_alone(desk: Desk, kind: str) -> None:
    """If anything an action changes is no longer what the plan saw, nothing of the action is written."""
    action = _prepared(desk, kind)
    desk.by_hand(desk.account(), desk.directory.stamp, "syncagent/1 by hand")
    before = desk.shown()

    outcome = desk.apply(action)[0]

    assert outcome.result is Result.CONFLICT
    assert outcome.says.vi
    assert desk.directory.stamp in outcome.says.en
    assert desk.shown() == before


def test_an_edit_of_something_else_is_no_conflict(desk: Desk) -> None:
    """What an action does not speak of may change meanwhile and stays as the human wants it."""
    action = _prepared(desk, "lock")
    desk.by_hand(desk.account(), "title", "Trưởng phòng")

    outcome = desk.apply(action)[0]

    assert outcome.result is Result.DONE
    assert desk.account().attributes["title"] == ("Trưởng phòng",)


def test_a_difference_in_letter_case_is_an_edit(desk: Desk) -> None:
    """Values are compared as written: a change of letter case by hand is seen, too."""
    desk.apply(desk.create(), marker="before")
    found = desk.account()
    change = Change(Operation.MODIFY, found.dn, {"displayName": (("NGUYỄN NGỌC THÀNH",), ("Nguyễn Thành",))})

    outcome = desk.apply(desk.action(ActionKind.UPDATE, (change,), found.stamp, found.ref, found.address))[0]

    assert outcome.result is Result.CONFLICT


def test_an_entry_moved_by_hand_is_left_alone(desk: Desk) -> None:
    """An account that stands elsewhere than the plan saw it is not changed; the sentence names both places."""
    action = _prepared(desk, "lock")
    found = desk.account()
    to = f"{names.split(found.dn)[0]},{desk.directory.container_rdn}=snv,{desk.base}"
    desk.apply(desk.change(ActionKind.MOVE, found, desk.marked(found), to=to), marker="by hand")

    outcome = desk.apply(action)[0]

    assert outcome.result is Result.CONFLICT
    assert found.dn in outcome.says.en
    assert to in outcome.says.en
    assert desk.account().enabled


def test_an_account_that_is_gone_is_a_conflict(desk: Desk) -> None:
    """An account somebody deleted meanwhile is reported, not made again (law 8)."""
    action = _prepared(desk, "lock")
    desk.apply(desk.delete(desk.account()), marker="by hand")

    outcome = desk.apply(action)[0]

    assert outcome.result is Result.CONFLICT
    assert len(desk.opened().read().accounts) == 1


# ── names and addresses have one holder ──────────────────────────────────────


def test_a_name_that_differs_in_marks_only_is_taken(desk: Desk) -> None:
    """Names are compared as Active Directory does, without marks and case (F12)."""
    desk.apply(desk.create("P1", "Lê Hòa", "hoal"), marker="before")
    second = desk.create("P2", "Lê Văn", "lev")
    taken = desk.account().dn.replace("Hòa", "Hoa").upper()
    changes = [replace(c, dn=taken) if c.operation is Operation.ADD else c for c in second.changes]

    outcome = desk.apply(replace(second, changes=tuple(changes)))[0]

    assert outcome.result is Result.CONFLICT
    assert taken in outcome.says.vi
    assert [a.login for a in desk.opened().read().accounts if a.stamp] == ["hoal"]


@pytest.mark.parametrize("who", ["thanhnn", "tintuc"])
def test_a_login_that_is_held_is_a_conflict(desk: Desk, who: str) -> None:
    """A log-in name of another account, or of a group, is never given twice."""
    desk.apply(desk.create(), marker="before")
    second = desk.create("P2", "Lê Văn", "lev", unit="snv")
    changed = []
    for change in second.changes:
        values = dict(change.attributes)
        values[desk.directory.login.attribute] = ((), (who.upper(),))
        changed.append(replace(change, attributes=values) if change.operation is Operation.ADD else change)

    outcome = desk.apply(replace(second, changes=tuple(changed)))[0]

    assert outcome.result is Result.CONFLICT
    assert who in outcome.says.en


@pytest.mark.parametrize("address", ["hoa@ninhbinh.gov.vn", "tintuc@ninhbinh.gov.vn", "hoatt.snv@ninhbinh.gov.vn"])
def test_an_address_that_is_held_is_a_conflict(desk: Desk, address: str) -> None:
    """An address that an account or a group came to hold meanwhile is never given twice (law 7)."""
    desk.apply(desk.create(), marker="before")
    found = desk.account()
    action = desk.change(ActionKind.READDRESS, found, desk.marked(found), address=address)

    outcome = desk.apply(action)[0]

    assert outcome.result is Result.CONFLICT
    assert address in outcome.says.vi
    assert desk.account() == found


def test_an_address_that_was_given_up_is_free(desk: Desk) -> None:
    """What an account no longer holds may be given within the same plan."""
    stranger = desk.stranger()
    away = desk.change(ActionKind.UPDATE, stranger, desk.stamp("P7"), address="hoatt.stc@ninhbinh.gov.vn")
    moved = {
        name: values
        for change in away.changes
        for name, values in change.attributes.items()
        if name != desk.directory.stamp
    }
    attribute = desk.directory.addresses.attribute
    before, after = moved.get(attribute, (stranger.attributes[attribute], stranger.attributes[attribute]))
    moved[attribute] = before, tuple(value for value in after if "hoa@" not in value)
    give_up = replace(away, changes=(Change(Operation.MODIFY, stranger.dn, moved),))
    desk.apply(desk.create(), marker="before")
    found = desk.account()
    take = desk.change(ActionKind.READDRESS, found, desk.marked(found), address="hoa@ninhbinh.gov.vn")

    outcomes = desk.apply(give_up, take)

    assert [outcome.result for outcome in outcomes] == [Result.DONE, Result.DONE]
    assert desk.account().address == "hoa@ninhbinh.gov.vn"


# ── what an action needs ─────────────────────────────────────────────────────


def test_what_needs_a_failed_action_is_not_tried(desk: Desk) -> None:
    """A refused action stops those that need it, through the whole chain; the others go on."""
    desk.apply(desk.create(), marker="before")
    doomed = replace(desk.delete(desk.account()), id="first")
    desk.by_hand(desk.account(), desk.directory.stamp)
    second = desk.create("P2", "Lê Văn", "lev", needs=("first",))
    third = desk.create("P3", "Lê Nam", "len", needs=(second.id,))
    free = desk.create("P4", "Lê Bắc", "leb")

    outcomes = desk.apply(doomed, second, third, free)

    assert [outcome.result for outcome in outcomes] == [
        Result.CONFLICT, Result.NOT_TRIED, Result.NOT_TRIED, Result.DONE,
    ]  # fmt: skip
    assert "first" in outcomes[1].says.vi
    assert sorted(a.login for a in desk.opened().read().accounts) == ["hoatt", "leb", "thanhnn"]


def test_a_need_of_an_earlier_batch_is_no_hindrance(desk: Desk) -> None:
    """What is not in the batch was settled before: the caller does not ask for what it may not have."""
    outcome = desk.apply(desk.create(needs=("long ago",)))[0]

    assert outcome.result is Result.DONE


# ── whole or not at all ──────────────────────────────────────────────────────


def test_an_action_is_carried_out_whole_or_not_at_all(desk: Desk) -> None:
    """If the last change of an action is refused, its first ones have not happened either."""
    action = _prepared(desk, "readdress")
    rename = replace(action.changes[-1], new_dn=desk.stranger().dn)
    before = desk.shown()

    outcome = desk.apply(replace(action, changes=(*action.changes[:-1], rename)))[0]

    assert outcome.result is Result.CONFLICT
    assert desk.shown() == before


def test_an_entry_with_others_below_it_is_not_deleted(desk: Desk) -> None:
    """An account with entries below it (mobile devices) is refused, not swept away (exchange §2)."""
    before = desk.shown()

    outcome = desk.apply(desk.delete(desk.stranger()))[0]

    assert outcome.result is Result.FAILED
    assert "1 " in outcome.says.vi
    assert desk.shown() == before


def test_what_lies_below_a_renamed_entry_goes_with_it(desk: Desk) -> None:
    """An account that moves takes the entries below it along, and cannot be deleted at its new place either."""
    found = desk.stranger()
    to = f"{names.split(found.dn)[0]},{desk.base}"
    old = [name for name in desk.opened().read().names if name.endswith("," + names.folded(found.dn))]

    move = desk.change(ActionKind.MOVE, found, desk.stamp("P7"), to=to)
    there = replace(
        found, dn=to, attributes={**found.attributes, **{n: v[1] for n, v in move.changes[0].attributes.items()}}
    )
    outcomes = desk.apply(move, desk.delete(there))

    left = desk.opened().read().names
    assert [outcome.result for outcome in outcomes] == [Result.DONE, Result.FAILED]
    assert len(old) == 1
    assert not left.intersection(old)
    assert old[0].replace(names.folded(found.dn), names.folded(to)) in left


def test_a_person_is_no_place(desk: Desk) -> None:
    """Nothing of ours is put below an account."""
    desk.apply(desk.create("P2", "Lê Văn", "lev"), marker="before")
    found = desk.account("P2")
    to = f"{names.split(found.dn)[0]},{desk.stranger().dn}"

    outcome = desk.apply(desk.change(ActionKind.MOVE, found, desk.marked(found), to=to))[0]

    assert outcome.result is Result.CONFLICT
    assert desk.account("P2") == found


def test_a_place_that_is_there_is_made_once(desk: Desk) -> None:
    """Two plans that both want a container find one in the end, the second without a conflict."""
    one, other = desk.create("P1"), desk.create("P2", "Lê Văn", "lev")

    outcomes = [*desk.apply(one), *desk.apply(other)]

    containers = [dn for dn in desk.opened().read().containers if "skhcn" in dn]
    assert [outcome.result for outcome in outcomes] == [Result.DONE, Result.DONE]
    assert len(containers) == 1


def test_a_place_that_is_gone_is_a_conflict(desk: Desk) -> None:
    """A new entry is not put where no container is."""
    create = desk.create()
    bare = tuple(c for c in create.changes if c.operation is not Operation.ENSURE_CONTAINER)

    outcome = desk.apply(replace(create, changes=bare))[0]

    assert outcome.result is Result.CONFLICT
    assert "skhcn" in outcome.says.en


def test_nothing_follows_a_deletion(desk: Desk) -> None:
    """An action that goes on with an account it has deleted is refused whole."""
    desk.apply(desk.create(), marker="before")
    found = desk.account()
    delete = desk.delete(found)
    update = Change(Operation.MODIFY, found.dn, {"title": (found.attributes["title"], ("x",))})

    outcome = desk.apply(replace(delete, changes=(*delete.changes, update)))[0]

    assert outcome.result is Result.CONFLICT
    assert desk.account() == found


def test_an_attribute_the_mapping_does_not_know_is_refused(desk: Desk) -> None:
    """Nobody can tell whether a human changed an attribute that is not read, so it is not written either."""
    found = desk.stranger()
    change = Change(Operation.MODIFY, found.dn, {"carLicense": ((), ("35A-12345",))})

    outcome = desk.apply(desk.action(ActionKind.UPDATE, (change,), None, found.ref, ""))[0]

    assert outcome.result is Result.FAILED
    assert "carLicense" in outcome.says.vi
    assert desk.stranger() == found


# ── a lost answer ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_not_happened_may_be_carried_out(desk: Desk, kind: str) -> None:
    """Before an action, reading says that it has not happened (F33)."""
    action = _prepared(desk, kind)

    assert desk.resolve(action) is None


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_happened_is_found_by_reading(desk: Desk, kind: str) -> None:
    """After an action whose answer was lost, reading gives the same outcome as the answer (F33)."""
    action = _prepared(desk, kind)
    answer = desk.apply(action)[0]

    found = desk.resolve(action)

    assert answer.result is Result.DONE
    assert found == answer._replace(password_set=False)  # that is not to be read


@pytest.mark.parametrize("kind", ["update", "readdress", "lock", "disable", "delete"])
def test_neither_before_nor_after_is_for_a_person(desk: Desk, kind: str) -> None:
    """If somebody changed the account since, nothing is claimed, nothing is repeated, and a person is told where."""
    action = _prepared(desk, kind)
    desk.by_hand(desk.account(), desk.directory.stamp, "syncagent/1 by hand")

    found = desk.resolve(action)

    assert found
    assert found.result is Result.NEEDS_HUMAN
    assert desk.directory.stamp in found.says.en


@pytest.mark.parametrize("kind", ["update", "lock"])
def test_an_account_gone_since_is_a_conflict(desk: Desk, kind: str) -> None:
    """A vanished account shows neither the state before nor the result."""
    action = _prepared(desk, kind)
    desk.apply(desk.delete(desk.account()), marker="by hand")

    found = desk.resolve(action)

    assert found
    assert found.result is Result.CONFLICT


def test_a_create_whose_name_somebody_took_is_a_conflict(desk: Desk) -> None:
    """If another entry bears the name, the create has not happened and cannot."""
    create = desk.create()
    other = desk.create("P2")
    desk.apply(replace(other, id="theirs"), marker="theirs")

    found = desk.resolve(create)

    assert found
    assert found.result is Result.CONFLICT


def test_a_create_is_found_again_under_another_identity(desk: Desk) -> None:
    """If the new account was loaded elsewhere and exported again, its stamp tells that the create has happened."""
    create = desk.create()
    made = desk.apply(create, marker="elsewhere")[0]

    found = desk.resolve(create)

    assert found
    assert (found.result, found.guid) == (Result.DONE, made.guid)


def test_a_repeated_create_makes_one_account(desk: Desk) -> None:
    """The same action of the same plan, carried out twice, makes one account (law 9)."""
    create = desk.create()
    first = desk.apply(create)[0]

    second = desk.apply(create)[0]

    assert second == first._replace(password_set=False)  # that of the first time stays
    assert len([a for a in desk.opened().read().accounts if a.stamp]) == 1


def test_another_plan_makes_another_identity(desk: Desk) -> None:
    """The identity of a new account comes from plan and action: after a deletion it is not given again (law 8)."""
    create = desk.create()
    first = desk.apply(create)[0]
    desk.apply(desk.delete(desk.account()))

    second = desk.apply(create, marker="sha256:plan-2")[0]

    assert second.result is Result.DONE
    assert second.guid != first.guid


@pytest.mark.parametrize("cut", range(4))
def test_an_interrupted_plan_is_taken_up_where_it_stopped(desk: Desk, cut: int) -> None:
    """Some actions done, then a crash, then resolve and resume: the same directory as without the crash (law 9)."""
    actions = [desk.create(f"P{n}", f"Lê Số {n}", f"sol{n}") for n in range(1, 4)]
    desk.apply(*actions[:cut])

    resumed = [action for action in actions if desk.resolve(action) is None]
    desk.apply(*resumed)

    read = desk.opened().read()
    assert resumed == actions[cut:]
    assert sorted(a.key for a in read.accounts if a.stamp) == ["P1", "P2", "P3"]


def steps(desk: Desk) -> list[Callable[[], Action]]:
    """The life of an account as actions, each made from what the one before left."""

    def changed(kind: ActionKind, **parts: object) -> Callable[[], Action]:
        def make() -> Action:
            found = desk.account()
            return desk.change(kind, found, desk.marked(found, **parts))

        return make

    return [
        desk.create,
        changed(ActionKind.LOCK, state=State.LOCKED),
        changed(ActionKind.UNLOCK, state=State.ACTIVE),
        changed(ActionKind.DISABLE, state=State.DISABLED),
        lambda: desk.delete(desk.account()),
    ]


def test_an_answer_can_be_lost_at_every_step(desk: Desk) -> None:
    """Through a whole life, every action is found undone before it and done after it, whatever came earlier."""
    for step in steps(desk):
        action = step()
        before = desk.resolve(action)
        outcome = desk.apply(action)[0]
        after = desk.resolve(action)

        assert before is None
        assert outcome.result is Result.DONE
        assert after == outcome._replace(password_set=False)  # which is not to be read


# ── rights on other entries ──────────────────────────────────────────────────


def _group(desk: Desk) -> tuple[str, str]:
    return next((entry, dn) for entry, dn in desk.opened().read().shared.items() if "tuc" in names.folded(dn))


def _right(desk: Desk, found: Account, operation: Operation) -> Change:
    entry, dn = _group(desk)
    values = ((), (found.dn,)) if operation is Operation.GRANT else ((found.dn,), ())
    return Change(operation, dn, {"member": values}, entry=entry)


def _member_of(desk: Desk, found: Account) -> list[str]:
    held = desk.opened().read().rights.get(names.same(found.dn), ())
    return [f"{right.attribute} {names.folded(right.dn)}" for right in held]


def _given(desk: Desk) -> Account:
    """P1, a member of the group of news."""
    desk.apply(desk.create("P1"), marker="before")
    found = desk.account()
    change = _right(desk, found, Operation.GRANT)
    outcomes = desk.apply(desk.action(ActionKind.RESTORE, (change,), found.stamp, found.ref, ""), marker="given")
    assert [outcome.result for outcome in outcomes] == [Result.DONE]
    return found


def test_a_right_is_given_and_taken(desk: Desk) -> None:
    """NB-50, Điều 10.2.b: membership comes and goes; other members and the entry's other values stay."""
    others = dict(desk.opened().read().rights)
    found = _given(desk)

    given = _member_of(desk, found)
    taken = desk.action(ActionKind.UPDATE, (_right(desk, found, Operation.REVOKE),), found.stamp, found.ref, "")
    outcome = desk.apply(taken, marker="taken")[0]

    assert [one.partition(" ")[0] for one in given] == ["member"]
    assert outcome.result is Result.DONE
    assert _member_of(desk, found) == []
    assert {holder: rights for holder, rights in desk.opened().read().rights.items() if rights} == others
    assert desk.account().attributes == found.attributes


def test_taking_a_right_that_is_gone_is_done_already(desk: Desk) -> None:
    """A leaver's mailbox is closed whether or not somebody took the right before."""
    desk.apply(desk.create("P1"), marker="before")
    found = desk.account()
    modify = desk.change(ActionKind.DISABLE, found, desk.marked(found, state=State.DISABLED))
    action = replace(modify, changes=(*modify.changes, _right(desk, found, Operation.REVOKE)))

    outcome = desk.apply(action)[0]

    assert outcome.result is Result.DONE
    assert desk.account().enabled is False


def test_an_entry_that_gives_rights_and_is_gone_is_a_conflict(desk: Desk) -> None:
    """Nothing of an action is written if the group it speaks of is not there."""
    desk.apply(desk.create("P1"), marker="before")
    found = desk.account()
    modify = desk.change(ActionKind.DISABLE, found, desk.marked(found, state=State.DISABLED))
    gone = replace(_right(desk, found, Operation.REVOKE), entry="00000000-0000-0000-0000-0000000000aa")

    outcome = desk.apply(replace(modify, changes=(*modify.changes, gone)))[0]

    assert outcome.result is Result.CONFLICT
    assert gone.dn in outcome.says.en
    assert desk.account().enabled


def test_rights_follow_a_renamed_account(desk: Desk) -> None:
    """A member stays a member under the new name, and what is taken in one action with a move is taken."""
    found = _given(desk)
    to = f"{names.split(found.dn)[0]},{desk.directory.container_rdn}=snv,{desk.base}"
    desk.apply(desk.change(ActionKind.MOVE, found, desk.marked(found), to=to), marker="moved")
    moved = desk.account()
    followed = _member_of(desk, moved)
    back = desk.change(ActionKind.MOVE, moved, desk.marked(moved), to=found.dn)
    action = replace(back, changes=(_right(desk, moved, Operation.REVOKE), *back.changes))

    outcome = desk.apply(action)[0]

    assert len(followed) == 1
    assert outcome.result is Result.DONE
    assert _member_of(desk, desk.account()) == []
    assert _member_of(desk, moved) == []


@pytest.mark.parametrize("operation", [Operation.GRANT, Operation.REVOKE])
def test_a_lost_answer_about_a_right_is_found_out(desk: Desk, operation: Operation) -> None:
    """Design §4.13: after a crash reading tells whether the right stands as the action wanted it."""
    found = _given(desk)
    if operation is Operation.GRANT:
        taken = desk.action(ActionKind.UPDATE, (_right(desk, found, Operation.REVOKE),), found.stamp, found.ref, "")
        desk.apply(taken, marker="taken")
    action = desk.action(ActionKind.UPDATE, (_right(desk, found, operation),), found.stamp, found.ref, "")

    before = desk.resolve(action)
    desk.apply(action)
    after = desk.resolve(action)

    assert before is None
    assert after
    assert after.result is Result.DONE


# ── doctor ───────────────────────────────────────────────────────────────────


def test_examining_says_how_things_are_and_changes_nothing(desk: Desk) -> None:
    """Contract §2, doctor: read-only; a sound target has no fault, and each thing looked at is named."""
    desk.apply(desk.create())
    before = desk.shown()

    seen = list(desk.opened().examine(datetime.now(UTC)))

    assert [one.what.en for one in seen if one.health is Health.FAULT] == []
    assert all(one.what.vi and one.says.vi and one.says.en for one in seen)
    assert seen
    assert desk.shown() == before


def test_a_target_tells_its_own_time_or_none(desk: Desk) -> None:
    """F11: what tells the time tells it in UTC and, on one machine, tells ours; a file and memory tell none."""
    told = desk.opened().clock()

    assert told is None or abs(datetime.now(UTC) - told) < timedelta(seconds=60)
