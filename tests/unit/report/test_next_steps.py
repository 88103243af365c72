"""What a person does next, and the commands exactly as they are typed."""

from __future__ import annotations

from dataclasses import replace

import plans
import pytest

from syncagent.core.action import ActionKind, Review
from syncagent.core.approval import Decision, check, chosen
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.plan import BrakeState, Plan, Trip
from syncagent.report.next_steps import approval, next_steps
from syncagent.text import Text

_SAYS = Text("nhiều quá", "too many")
_ID = "p-20260310-9f3c21"


def _commands(made: Plan) -> list[str]:
    return [step.command for step in next_steps(made, plans.envelope(made), "vi") if step.command]


def _unreviewed(made: Plan) -> Plan:
    return replace(made, actions=tuple(replace(action, review=Review.NONE) for action in made.actions))


def test_nothing_to_do_is_said_in_one_sentence() -> None:
    """A plan without actions and findings asks for nothing."""
    made = plans.plan()
    steps = list(next_steps(made, plans.envelope(made), "vi"))

    assert [step.says.vi for step in steps] == ["Không có thao tác nào để duyệt hay thực hiện."]
    assert _commands(made) == []


def test_findings_alone_are_settled_and_planned_again() -> None:
    """Whatever waits for a decision comes first, even where nothing is to be approved."""
    made = plans.plan(findings=[Finding(FindingCode.NEEDS_ORDER, Severity.REVIEW, "P1", _SAYS)])

    assert _commands(made) == ["syncagent plan"]


def test_a_plan_is_rejected_or_approved_and_then_applied() -> None:
    """The usual way: reject if it is wrong, approve with the order's number, apply."""
    made = plans.plan([plans.action(1, ActionKind.CREATE)])

    assert _commands(made) == [
        f"syncagent reject {_ID} --by TÊN --reason LÝ_DO",
        f"syncagent approve {_ID} --by TÊN --order SỐ_VĂN_BẢN",
        f"syncagent apply {_ID}",
    ]


def test_where_decisions_are_signed_the_command_names_the_key() -> None:
    """Contract §2: once keys exist, whoever decides signs; what is copied must work as it stands."""
    made = plans.plan([plans.action(1, ActionKind.CREATE)])
    envelope = replace(plans.envelope(made), keyed=True)

    assert [step.command for step in next_steps(made, envelope, "en") if step.command] == [
        f"syncagent reject {_ID} --by NAME --reason WHY --key-file KEY_FILE",
        f"syncagent approve {_ID} --by NAME --order NUMBER --key-file KEY_FILE",
        f"syncagent apply {_ID}",
    ]


def test_a_plan_that_nobody_reviews_is_applied_at_once() -> None:
    """On a file-backed directory nothing waits for approval, and no order's number is asked for."""
    made = _unreviewed(plans.plan([plans.action(1, ActionKind.CREATE)]))
    steps = list(next_steps(made, plans.envelope(made), "vi"))

    assert [tuple(step) for step in steps] == [
        (Text("Không cần duyệt. Thực hiện:", "No approval is needed. Apply:"), f"syncagent apply {_ID}")
    ]


def test_the_way_past_a_brake_names_it_and_the_exact_count() -> None:
    """One option per tripped brake; a brake of one unit carries the unit's key."""
    made = plans.plan([plans.action(1, ActionKind.LOCK)], brakes=plans.TRIPPED)

    assert approval(made, plans.envelope(made), "vi") == (
        f"syncagent approve {_ID} --by TÊN --accept-brake disable-count=37 --accept-brake unit-share:snv=9"
    )


def test_a_tripped_brake_needs_a_person_even_where_nothing_is_reviewed() -> None:
    """`approval: none` never satisfies a tripped brake (contract §6)."""
    made = replace(_unreviewed(plans.plan([plans.action(1, ActionKind.CREATE)])), brakes=plans.TRIPPED)

    assert any("--accept-brake disable-count=37" in command for command in _commands(made))


def test_two_approvers_are_asked_for_by_number() -> None:
    """Whoever approves learns how many actions still need somebody else."""
    made = plans.plan([plans.action(1, ActionKind.DELETE), plans.action(2, ActionKind.CREATE)])
    says = [step.says.vi for step in next_steps(made, plans.envelope(made), "vi")]

    assert any(sentence.startswith("1 thao tác cần hai người khác nhau duyệt") for sentence in says)


def test_an_action_that_stands_alone_gets_a_command_of_its_own() -> None:
    """An executive's account is approved by naming the very action, with brakes and order."""
    made = plans.full()

    assert (
        f"syncagent approve {_ID} --by TÊN --accept-brake disable-count=37 --accept-brake unit-share:snv=9 "
        "--only a0021 --order SỐ_VĂN_BẢN"
    ) in _commands(made)


def test_an_order_is_asked_for_only_where_a_chosen_action_needs_one() -> None:
    """Approving a lock alone takes no order's number although the rest of the plan does."""
    made = plans.plan([plans.action(1, ActionKind.LOCK), plans.action(2, ActionKind.CREATE)])

    assert approval(made, plans.envelope(made), "en", "a0001") == (f"syncagent approve {_ID} --by NAME --only a0001")
    assert approval(made, plans.envelope(made), "en") == f"syncagent approve {_ID} --by NAME --order NUMBER"


@pytest.mark.parametrize("only", [(), ("a0021",)])
def test_the_command_shown_is_one_that_the_approval_accepts(only: tuple[str, ...]) -> None:
    """What the command says is all that recording an approval demands of this plan."""
    made = plans.full()
    words = approval(made, plans.envelope(made), "vi", *only).split()
    accepted = dict(words[at + 1].rsplit("=", 1) for at, word in enumerate(words) if word == "--accept-brake")
    decision = Decision(
        plan_id=_ID,
        digest=plans.envelope(made).digest,
        approves=True,
        by="Trần Thị Duyệt",
        at=plans.envelope(made).created_at,
        order_number="55/SKHCN" if "--order" in words else "",
        actions=chosen(made, only, ()),
        accepted={name: int(count) for name, count in accepted.items()},
    )

    check(made, decision)
    assert decision.actions


def test_what_a_shell_would_misread_is_quoted() -> None:
    """A unit's key comes from a roster; copying the command must not run what it says."""
    trip = Trip("unit-share", _SAYS, 3, 1, "$(rm -rf ~)")
    made = plans.plan([plans.action(1, ActionKind.LOCK)], brakes=BrakeState(tripped=(trip,)))

    assert approval(made, plans.envelope(made), "vi").endswith("--accept-brake 'unit-share:$(rm -rf ~)=3'")
