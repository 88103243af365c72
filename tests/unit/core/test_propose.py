"""From steps to actions: several directories, oversize values, adoption."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import world
from world import TODAY, account, changed, codes, kinds, only, plan_of, request, row

from syncagent.core.action import ActionKind, Operation, Review
from syncagent.core.person import PersonRow
from syncagent.core.policy import Adoption, Policy, Target
from syncagent.core.regulation import InternalMove
from syncagent.mapping.directory import read_directory

SOMEBODY = row("P0", "Bùi Văn Lâm", "snv")
ACCOUNTS, LEDGER = world.settled([row(), SOMEBODY], today=date(2026, 2, 16))
MINE = account(ACCOUNTS, "P1")


def _split(*, home: tuple[str, ...], other: tuple[str, ...]) -> Policy:
    """Two directories; the tests read only “main”."""
    directory = world.directory()
    targets = {
        "main": Target("main", directory, world.BASE, units=home, live=False),
        "other": Target("other", directory, "OU=Mail,DC=namdinh,DC=gov,DC=vn", units=other, live=False),
    }
    return world.policy(targets=targets)


def test_a_unit_that_no_target_takes_gets_no_accounts_but_a_way_out() -> None:
    """Contract §3: targets.*.units say whose accounts live where; nobody is put somewhere by guess."""
    policy = _split(home=("snv",), other=("giaothuy",))

    plan = plan_of([row(), SOMEBODY], [account(ACCOUNTS, "P0")], with_policy=policy)

    assert kinds(plan) == []
    [finding] = [f for f in plan.findings if f.subject == "P1"]
    assert "targets.*.units" in finding.message.vi


def test_rooms_follow_the_target_of_their_agency() -> None:
    """Contract §3: a pattern covers a unit and everything below it."""
    plan = plan_of([row(unit="skhcn-vp"), SOMEBODY], [], with_policy=_split(home=("skh*", "snv"), other=("*thuy",)))

    assert {(str(a.kind), a.subject, a.target) for a in plan.actions} == {
        ("create", "P0", "main"), ("create", "P1", "main"),
    }  # fmt: skip


def test_a_move_between_directories_is_no_rename() -> None:
    """Design §4: the account stays as it is, and a person is told that this takes a migration."""
    moved = row(unit="giaothuy", event="transferred", effective_date=TODAY, document=world.DECISION)

    plan = plan_of(
        [moved, SOMEBODY], ACCOUNTS, ledger=LEDGER, with_policy=_split(home=("skhcn", "snv"), other=("giaothuy",))
    )

    assert "P1" not in [action.subject for action in plan.actions]
    assert codes(plan, "P1") == ["manual-steps"]


def test_a_move_between_directories_is_no_new_issue_either() -> None:
    """The literal reading of a move closes one mailbox and issues another: never the first half of it alone."""
    moved = row(unit="giaothuy", event="transferred", effective_date=TODAY, document=world.DECISION)
    policy = replace(_split(home=("skhcn", "snv"), other=("giaothuy",)), internal_move=InternalMove.REISSUE)

    plan = plan_of([moved, SOMEBODY], ACCOUNTS, ledger=LEDGER, with_policy=policy)

    assert "P1" not in [action.subject for action in plan.actions]
    assert codes(plan, "P1") == ["manual-steps"]


def test_somebody_whose_home_is_where_the_account_is_is_kept_in_step() -> None:
    """Several directories change nothing for who lives in the right one."""
    titled = row(position="Phó Giám đốc")

    plan = plan_of(
        [titled, SOMEBODY], ACCOUNTS, ledger=LEDGER, with_policy=_split(home=("skhcn", "snv"), other=("giaothuy",))
    )

    assert (only(plan).kind, only(plan).subject) == (ActionKind.UPDATE, "P1")


def test_an_entry_that_has_its_name_already_is_not_renamed() -> None:
    """Only what differs changes: where the name shown was edited by hand and the entry's own was not, it stays."""
    edited = replace(MINE, attributes={**MINE.attributes, "displayName": ("Ai đó",)})

    plan = plan_of([row(), SOMEBODY], [account(ACCOUNTS, "P0"), edited], ledger=LEDGER)

    assert (only(plan).kind, only(plan).subject) == (ActionKind.UPDATE, "P1")
    assert [change.operation for change in only(plan).changes] == [Operation.MODIFY]


def test_a_value_that_the_directory_would_refuse_is_not_sent() -> None:
    """Directories limit attributes (AD: title 128); the rest of the change goes on, the finding names the limit."""
    long = row(position="Chuyên viên " * 20, agreed_address="thanh-nn.skhcn@ninhbinh.gov.vn", document=world.DECISION)

    plan = plan_of([long, SOMEBODY], ACCOUNTS, ledger=LEDGER)

    action = only(plan)
    assert action.kind is ActionKind.READDRESS
    assert "title" not in action.changes[0].attributes
    assert [f.message.en for f in plan.findings if f.code == "manual-steps"] == [
        "Values of P1 are longer than the directory allows (title ≤ 128); shorten them in the roster."
    ]


def test_a_newcomer_whose_values_are_too_long_waits() -> None:
    """A half-filled new account is no account: nothing is made until the roster is put right."""
    plan = plan_of([row(position="Chuyên viên " * 20), SOMEBODY], [account(ACCOUNTS, "P0")])

    assert "P1" not in [action.subject for action in plan.actions]
    assert codes(plan, "P1") == ["manual-steps"]


@pytest.mark.parametrize(("adoption", "review"), [(Adoption.REVIEW, Review.ONE), (Adoption.AUTO, Review.NONE)])
def test_adoption_waits_for_a_person_unless_configured_otherwise(adoption: Adoption, review: Review) -> None:
    """Contract §3 `adoption`: taking over an account is reviewed by default."""
    unmarked = changed(MINE, **{world.directory().stamp: ""})

    plan = plan_of([row(), SOMEBODY], [unmarked, account(ACCOUNTS, "P0")], with_policy=world.policy(adoption=adoption))

    adopted = next(action for action in plan.actions if action.subject == "P1")
    assert (adopted.kind, adopted.review) == (ActionKind.ADOPT, review)


def test_adopting_a_leaver_is_reviewed_like_closing_even_where_adoption_is_automatic() -> None:
    """Law 5: an adoption that closes a mailbox is a disable in all but name."""
    unmarked = changed(MINE, **{world.directory().stamp: ""})

    plan = plan_of(
        [world.leaver(), SOMEBODY],
        [unmarked, account(ACCOUNTS, "P0")],
        with_policy=world.policy(adoption=Adoption.AUTO),
    )

    adopted = next(action for action in plan.actions if action.subject == "P1")
    assert (adopted.kind, adopted.review) == (ActionKind.ADOPT, Review.ONE)
    assert adopted.needs_order


def test_a_leaver_without_document_whose_account_is_not_ours_is_left_alone() -> None:
    """Law 3: neither adopted nor closed."""
    unmarked = changed(MINE, **{world.directory().stamp: ""})

    plan = plan_of([row(status="left", event="retired"), SOMEBODY], [unmarked, account(ACCOUNTS, "P0")])

    assert "P1" not in [action.subject for action in plan.actions]
    assert "leaver-without-document" in codes(plan, "P1")


def test_a_new_issue_takes_a_whole_decision() -> None:
    """Domain §1.8 row 4 b: it closes a mailbox, so number, date and signer must all be there."""
    half = world.DECISION._replace(signer="")
    moved = row(unit="snv", event="transferred", effective_date=TODAY, document=half)

    plan = plan_of(
        [moved, SOMEBODY], ACCOUNTS, ledger=LEDGER, with_policy=world.policy(internal_move=InternalMove.REISSUE)
    )

    assert kinds(plan) == []
    assert codes(plan, "P1") == ["needs-order"]


def test_a_key_that_somebody_removed_is_written_again() -> None:
    """Design §3.2: the stamp proves whose account it is; the directory's own key follows the roster."""
    keyless = changed(MINE, employeeID="")

    action = only(plan_of([row(), SOMEBODY], [keyless, account(ACCOUNTS, "P0")], ledger=LEDGER))

    assert (action.kind, action.changes[0].attributes) == (ActionKind.UPDATE, {"employeeID": ((), ("P1",))})


def test_an_openldap_entry_is_named_by_its_log_in() -> None:
    """RFC 4514 names by uid are unique by nature: two people of one name need no number."""
    openldap = read_directory((world.MAPPINGS / "directories/openldap.yaml").read_text("utf-8"), "openldap.yaml")
    policy = world.policy(targets={"main": Target("main", openldap, world.BASE, live=False)})

    action = only(plan_of([SOMEBODY], [], with_policy=policy))

    assert action.changes[-1].dn == f"uid=lambv.snv,ou=snv,{world.BASE}"


REISSUE = world.policy(internal_move=InternalMove.REISSUE)


def _moved(to: str, day: date) -> PersonRow:
    return row(unit=to, event="transferred", effective_date=day, document=world.DECISION)


def test_a_locked_mailbox_is_not_traded_for_an_open_one() -> None:
    """NB-24: a lock ends on a written request; a move under the literal reading is no way around it."""
    letter = request("lock", "P1", TODAY, document_number="9/SKHCN", reason="lộ mật khẩu")

    ordered = plan_of([_moved("snv", TODAY), SOMEBODY], ACCOUNTS, ledger=LEDGER, requests=[letter], with_policy=REISSUE)
    locked, remembered = world.applied(ordered, ACCOUNTS, LEDGER, TODAY, REISSUE)
    again = plan_of([_moved("snv", TODAY), SOMEBODY], locked, ledger=remembered, requests=[letter], with_policy=REISSUE)

    assert (kinds(ordered), ordered.actions[0].address) == (["lock"], "thanhnn.skhcn@ninhbinh.gov.vn")
    assert (kinds(again), codes(again, "P1")) == ([], ["needs-order"])


def test_who_returns_before_the_old_mailbox_is_deleted_keeps_the_one_they_have() -> None:
    """Laws 1 and 7: the old address still belongs to the mailbox that waits; a person decides, nothing half happens."""
    there = plan_of([_moved("snv", TODAY), SOMEBODY], ACCOUNTS, ledger=LEDGER, with_policy=REISSUE)
    both, remembered = world.applied(there, ACCOUNTS, LEDGER, TODAY, REISSUE)
    day = date(2026, 3, 16)

    back = plan_of([_moved("skhcn", day), SOMEBODY], both, ledger=remembered, today=day, with_policy=REISSUE)

    assert kinds(back) == []
    assert codes(back, "P1") == ["address-clash"]


def test_a_corrected_name_that_changes_no_address_is_no_new_issue() -> None:
    """Law 8 and NB-27: whoever works on under the same address keeps the mailbox, also under the literal reading."""
    renamed = row(full_name="Nguyễn Ngọc Thanh", event="renamed", effective_date=TODAY, document=world.DECISION)
    letter = request("change", "P1", TODAY, document_number="8/CV", reason="cải chính họ tên", from_unit="skhcn")

    plan = plan_of([renamed, SOMEBODY], ACCOUNTS, ledger=LEDGER, requests=[letter], with_policy=REISSUE)

    assert {"disable", "create"}.isdisjoint(kinds(plan))


def test_a_mailbox_unlocked_after_a_move_is_issued_anew_by_the_move() -> None:
    """Domain §1.8 row 4 b: the lock brought the entry in step, not the address; the move still orders the new issue."""
    lock = request("lock", "P1", TODAY, document_number="9/SKHCN", reason="lộ mật khẩu")
    opens = request("unlock", "P1", date(2026, 3, 12), "R2", document_number="10/SNV")
    people = [_moved("snv", TODAY), SOMEBODY]
    locked, remembered = ACCOUNTS, LEDGER
    for _ in range(2):  # the lock first, then what follows the roster
        plan = plan_of(people, locked, ledger=remembered, requests=[lock], with_policy=REISSUE)
        locked, remembered = world.applied(plan, locked, remembered, TODAY, REISSUE)
    mine = account(locked, "P1")

    opened = plan_of(
        people, locked, ledger=remembered, requests=[lock, opens], today=date(2026, 3, 12), with_policy=REISSUE
    )

    assert mine.stamp
    assert (mine.stamp.unit, mine.address) == ("snv", "thanhnn.skhcn@ninhbinh.gov.vn")
    assert kinds(opened) == ["disable", "create"]
    assert {reason.document for action in opened.actions for reason in action.because} == {"12/QĐ-SNV", ""}


def test_whoever_stayed_is_never_issued_another_mailbox() -> None:
    """Law 8 and domain §1.8 row 4 b: a new abbreviation, an agreement and a new name change the address alone."""
    units = tuple(
        replace(unit, abbreviation="khcn", document=world.DECISION) if unit.unit == "skhcn" else unit
        for unit in world.UNITS
    )
    agreement = request("agree_address", "P1", TODAY, document_number="6/CV", value="thanh-nn.skhcn@ninhbinh.gov.vn")
    renamed = row(full_name="Nguyễn Ngọc Minh", event="renamed", effective_date=TODAY, document=world.DECISION)
    letter = request("change", "P1", TODAY, document_number="8/CV", reason="cải chính họ tên")

    plans = [
        plan_of([row(), SOMEBODY], ACCOUNTS, units=units, ledger=LEDGER, with_policy=REISSUE),
        plan_of([row(), SOMEBODY], ACCOUNTS, requests=[agreement], ledger=LEDGER, with_policy=REISSUE),
        plan_of([renamed, SOMEBODY], ACCOUNTS, requests=[letter], ledger=LEDGER, with_policy=REISSUE),
    ]

    assert [kinds(plan) for plan in plans] == [["readdress"]] * 3
    assert [plan.actions[0].because[-1].document for plan in plans] == ["12/QĐ-SNV", "6/CV", "8/CV"]


def test_an_entry_that_somebody_named_otherwise_keeps_its_name() -> None:
    """Design §4: an entry's name follows the display name only where it was that; else nothing moves."""
    named = changed(MINE, dn=f"CN=Phòng họp 3,OU=skhcn,{world.BASE}", displayName="Nguyen Ngoc Thanh")

    action = only(plan_of([row(), SOMEBODY], [named, account(ACCOUNTS, "P0")], ledger=LEDGER))

    assert action.kind is ActionKind.UPDATE
    assert action.changes[0].attributes == {"displayName": (("Nguyen Ngoc Thanh",), ("Nguyễn Ngọc Thành",))}


def test_a_directory_without_containers_keeps_everybody_side_by_side() -> None:
    """OBM knows no units: accounts lie in one place, and a move to another unit moves no entry."""
    flat = replace(world.directory(), container_class="", container_rdn="", rdn="sAMAccountName")
    policy = world.policy(targets={"main": Target("main", flat, world.BASE, live=False)})
    accounts, ledger = world.settled([row()], with_policy=policy, today=date(2026, 2, 16))
    moved = row(unit="snv", event="transferred", effective_date=TODAY, document=world.DECISION)

    made = only(plan_of([row()], with_policy=policy))
    plan = plan_of([moved], accounts, ledger=ledger, with_policy=policy)

    assert [change.operation for change in made.changes] == [Operation.ADD]
    assert made.changes[0].dn.endswith(f",{world.BASE}")
    assert {change.operation for change in only(plan).changes} == {Operation.MODIFY}
