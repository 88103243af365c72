"""A directory with a mail system behind it is one target: what goes first, what is cut off, what goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
import world
from mailboxes import MemoryMailboxes
from world import kinds, leaver, only, row

from syncagent.connectors.changes import identity
from syncagent.connectors.mailed import MailedTarget
from syncagent.connectors.memory import MemoryTarget
from syncagent.core.account import Account
from syncagent.core.action import Action, ActionKind, Operation
from syncagent.core.decide import decide
from syncagent.core.ledger import Ledger
from syncagent.core.outcome import Outcome, Result
from syncagent.core.person import PersonRow
from syncagent.core.plan import Plan
from syncagent.core.rehearse import remembered
from syncagent.core.stamp import State

POLICY = world.policy(targets={"main": replace(world.policy().targets["main"], directory=world.with_exchange())})
ISSUED, LEFT, DUE = date(2026, 3, 9), date(2026, 3, 10), date(2026, 6, 11)


@dataclass
class Office:
    """One target over both, and what the agent remembers of it."""

    target: MailedTarget
    boxes: MemoryMailboxes
    ledger: Ledger

    def plan(self, *people: PersonRow, today: date) -> Plan:
        roster = world.admitted(people, ledger=self.ledger, today=today)
        return decide(roster, [self.target.read()], self.ledger, POLICY, today)

    def carry_out(self, plan: Plan, day: date) -> list[Outcome]:
        outcomes = self.target.carry_out(plan.actions, "p1")
        self.remember(plan, outcomes, day)
        return outcomes

    def remember(self, plan: Plan, outcomes: list[Outcome], day: date) -> None:
        by_id = {one.action_id: one for one in outcomes if one.result is Result.DONE}
        done = [
            action if action.account else replace(action, account=self.account.ref)
            for action in plan.actions
            if action.id in by_id
        ]
        self.ledger = remembered(self.ledger, done, day)

    @property
    def account(self) -> Account:
        [found] = self.target.read().accounts
        return found


def _office() -> Office:
    boxes = MemoryMailboxes()
    entries = MemoryTarget.of(world.snapshot(), world.directory(), world.BASE, world.ZONE)
    return Office(MailedTarget(entries, boxes, world.with_exchange(), world.ZONE), boxes, Ledger())


@pytest.fixture
def office() -> Office:
    """Somebody works here and has a mailbox."""
    made = _office()
    made.carry_out(made.plan(row(), today=ISSUED), ISSUED)
    assert kinds(made.plan(row(), today=ISSUED)) == []
    return made


def test_a_new_account_is_made_before_its_mailbox() -> None:
    """The mailbox is asked for by the identity that the directory gave."""
    office = _office()

    [outcome] = office.carry_out(office.plan(row(), today=ISSUED), ISSUED)

    assert outcome.result is Result.DONE
    assert [wish.guid for wish in office.boxes.asked] == [outcome.guid]
    assert office.account.address == "thanhnn.skhcn@ninhbinh.gov.vn"
    assert kinds(office.plan(row(), today=ISSUED)) == []


def test_what_the_directory_refuses_is_not_asked_of_the_mail_system(office: Office) -> None:
    """A human's edit in the directory is a conflict, and the mailbox stays as it is (law 10)."""
    plan = office.plan(leaver(), today=LEFT)
    entries = office.target.entries
    assert isinstance(entries, MemoryTarget)
    found = entries.entries.accounts[office.account.guid]
    entries.entries.accounts[found.guid] = world.changed(found, userAccountControl="66048")
    office.boxes.asked.clear()

    [outcome] = office.carry_out(plan, LEFT)

    assert outcome.result is Result.CONFLICT
    assert office.boxes.asked == []


@pytest.mark.parametrize(
    ("fails", "says"), [(Result.FAILED, Result.FAILED), (Result.NOT_TRIED, Result.FAILED), (Result.UNKNOWN,) * 2]
)
def test_a_mailbox_that_stays_behind_is_said_and_made_good(office: Office, fails: Result, says: Result) -> None:
    """Forward recovery: the outcome says what is half done, and the next plan closes the rest."""
    office.boxes.fails = fails
    [outcome] = office.carry_out(office.plan(leaver(), today=LEFT), LEFT)

    left = office.plan(leaver(), today=LEFT)
    office.carry_out(left, LEFT)

    assert outcome.result is says
    assert "The directory's part is written" in outcome.says.en
    assert [change.system for change in outcome.written] == ["directory"]
    assert [change.system for change in only(left).changes] == ["exchange"]
    assert not office.account.receives
    assert kinds(office.plan(leaver(), today=LEFT)) == []


def test_an_account_is_not_deleted_while_its_mailbox_is_there(office: Office) -> None:
    """A mailbox that the plan did not see would be orphaned with all its mail: nothing is deleted."""
    office.carry_out(office.plan(leaver(), today=LEFT), LEFT)
    gone = only(office.plan(leaver(), today=DUE))
    bare = replace(gone, changes=tuple(change for change in gone.changes if change.system == "directory"))

    [outcome] = office.target.carry_out([bare], "p2")

    assert outcome.result is Result.CONFLICT
    assert "has a mailbox that the plan did not see" in outcome.says.en
    assert office.account.stamp


def test_an_account_whose_purge_fails_is_not_deleted(office: Office) -> None:
    """The mailbox goes first; what is not proved gone keeps its entry."""
    office.carry_out(office.plan(leaver(), today=LEFT), LEFT)
    office.boxes.fails = Result.FAILED

    [outcome] = office.carry_out(office.plan(leaver(), today=DUE), DUE)

    assert outcome.result is Result.FAILED
    assert office.account.stamp


def test_a_purge_is_on_record_though_the_entry_stays(office: Office) -> None:
    """Law 12: the mailbox is gone and the directory refused: what was done is said."""
    office.carry_out(office.plan(leaver(), today=LEFT), LEFT)
    plan = office.plan(leaver(), today=DUE)
    entries = office.target.entries
    assert isinstance(entries, MemoryTarget)
    found = entries.entries.accounts[office.account.guid]
    entries.entries.accounts[found.guid] = world.restamped(found, document="99/QĐ")

    [outcome] = office.carry_out(plan, DUE)

    assert outcome.result is Result.CONFLICT
    assert [change.operation for change in outcome.written] == [Operation.PURGE]


def test_a_deletion_takes_both(office: Office) -> None:
    """Mailbox and entry are gone, and the next plan is empty."""
    office.carry_out(office.plan(leaver(), today=LEFT), LEFT)

    [outcome] = office.carry_out(office.plan(leaver(), today=DUE), DUE)

    assert outcome.result is Result.DONE
    assert office.boxes.shown == {}
    assert office.target.read().accounts == ()


# ── what was cut off ──


def _resolved(office: Office, action: Action) -> Outcome | Action:
    return office.target.resolve(action, "p1")


def test_nothing_that_happened_is_the_action_itself(office: Office) -> None:
    """Both show the state before: it may be carried out."""
    action = only(office.plan(leaver(), today=LEFT))

    assert _resolved(office, action) is action


def test_a_saga_cut_between_the_two_leaves_the_mailbox_to_be_done(office: Office) -> None:
    """The directory shows the state after, the mail system the one before."""
    action = only(office.plan(leaver(), today=LEFT))
    office.boxes.fails = Result.NOT_TRIED
    office.target.carry_out([action], "p1")

    left = _resolved(office, action)

    assert isinstance(left, Action)
    assert [change.system for change in left.changes] == ["exchange"]
    [outcome] = office.target.carry_out([left], "p1")
    assert outcome.result is Result.DONE
    assert isinstance(_resolved(office, action), Outcome)


def test_a_lost_answer_about_a_mailbox_is_found_by_reading(office: Office) -> None:
    """The mail system did it and its answer was lost: done, and nothing is asked again."""
    action = only(office.plan(leaver(), today=LEFT))
    office.boxes.fails, office.boxes.does = Result.UNKNOWN, True
    [outcome] = office.target.carry_out([action], "p1")
    office.boxes.asked.clear()

    found = _resolved(office, action)

    assert outcome.result is Result.UNKNOWN
    assert isinstance(found, Outcome)
    assert found.result is Result.DONE
    assert office.boxes.asked == []


def test_a_new_account_whose_mailbox_is_missing_gets_it() -> None:
    """A create that was cut off after the entry goes on with the mailbox of that very entry."""
    office = _office()
    action = only(office.plan(row(), today=ISSUED))
    office.boxes.fails = Result.NOT_TRIED
    office.target.carry_out([action], "p1")

    left = _resolved(office, action)

    assert isinstance(left, Action)
    assert left.account
    assert left.account.guid == identity("p1", action.id)
    assert [change.operation for change in left.changes] == [Operation.ENABLE]
    [outcome] = office.target.carry_out([left], "p1")
    assert (outcome.result, outcome.guid) == (Result.DONE, left.account.guid)


def test_a_new_account_that_was_not_begun_is_begun_anew() -> None:
    """Neither shows anything of it."""
    office = _office()
    action = only(office.plan(row(), today=ISSUED))

    assert _resolved(office, action) is action


def test_a_deletion_cut_after_the_purge_goes_on_with_the_entry(office: Office) -> None:
    """The mailbox is gone, the entry is there: purging is asked for again, goes on where it was, and the entry goes."""
    office.carry_out(office.plan(leaver(), today=LEFT), LEFT)
    action = only(office.plan(leaver(), today=DUE))
    office.boxes.shown.clear()

    left = _resolved(office, action)
    [outcome] = office.target.carry_out([action], "p1")

    assert left is action
    assert outcome.result is Result.DONE
    assert _resolved(office, action) == outcome


def test_a_mailbox_that_shows_neither_state_is_for_a_person(office: Office) -> None:
    """Cut off, and edited by somebody else since: nothing is written, the property is named."""
    action = only(office.plan(leaver(), today=LEFT))
    office.boxes.fails = Result.NOT_TRIED
    office.target.carry_out([action], "p1")
    office.boxes.shown[office.account.guid]["RecipientLimits"] = ("7",)

    found = _resolved(office, action)

    assert isinstance(found, Outcome)
    assert found.result is Result.NEEDS_HUMAN
    assert "RecipientLimits" in found.says.en


def test_a_conflict_in_the_directory_is_the_answer(office: Office) -> None:
    """An account that is gone cannot be resolved further."""
    action = only(office.plan(leaver(), today=LEFT))
    entries = office.target.entries
    assert isinstance(entries, MemoryTarget)
    entries.entries.accounts.clear()

    found = _resolved(office, action)

    assert isinstance(found, Outcome)
    assert found.result is Result.CONFLICT


# ── reading ──


def test_names_of_the_directory_stay_taken(office: Office) -> None:
    """A `mail` that differs from the mailbox's address is nobody else's (law 7)."""
    entries = office.target.entries
    assert isinstance(entries, MemoryTarget)
    found = entries.entries.accounts[office.account.guid]
    entries.entries.accounts[found.guid] = world.changed(found, mail="thanh.cu@ninhbinh.gov.vn")

    assert "thanh.cu@ninhbinh.gov.vn" in office.account.also


@pytest.mark.parametrize(
    ("entry", "box", "shown"),
    [
        ("", "20260201000000Z", None),
        ("0", "20260201000000Z", date(2026, 2, 1)),
        ("134150000000000000", "20250201000000Z", date(2026, 2, 8)),
        ("134150000000000000", "", date(2026, 2, 8)),
        ("134150000000000000", "20260308000000Z", date(2026, 3, 8)),
    ],
)
def test_the_later_use_counts(office: Office, entry: str, box: str, shown: date | None) -> None:
    """Contract §6: a logon to the mailbox is use; without evidence from the directory there is none at all."""
    entries = office.target.entries
    assert isinstance(entries, MemoryTarget)
    found = entries.entries.accounts[office.account.guid]
    used = world.changed(found, lastLogonTimestamp=entry) if entry else replace(found, last_use=None)
    entries.entries.accounts[found.guid] = used
    office.boxes.shown[found.guid]["LastLogonTime"] = (box,)

    use = office.account.last_use

    assert (use.on if use else None) == shown


def test_both_are_examined(office: Office) -> None:
    """Doctor looks at the directory, then at the mail system; the slower of the two sets the patience."""
    seen = list(office.target.examine(datetime(2026, 3, 10, tzinfo=UTC)))

    assert [one.what.en for one in seen] == ["Content", "Mailboxes"]
    assert office.target.patience == 90
    assert office.target.clock() is None
    assert office.target.name == "main"
    assert office.account.stamp
    assert office.account.stamp.state is State.ACTIVE
    assert ActionKind.CREATE not in kinds(office.plan(row(), today=ISSUED))
