"""Terms: from which day they run, under which condition, what suspends them, what they say will follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import world

from syncagent.core import terms
from syncagent.core.account import LastUse
from syncagent.core.action import ActionKind, Cite, Then
from syncagent.core.case import Case, Verdict
from syncagent.core.finding import FindingCode, Severity
from syncagent.core.periods import Term, due_after
from syncagent.core.person import Person
from syncagent.core.regulation import Anchor, Condition, RequestRule, TermClause
from syncagent.core.request import RequestKind
from syncagent.core.stamp import AccountKind, Alias, Reason, Stamp, State
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.core.account import Account

CITE = Cite("T-1", "Điều 1", Text("Hết hạn.", "The term is over."))
TODAY = date(2026, 3, 10)
ISSUED = date(2026, 1, 5)
NEVER = LastUse(None, 0)
EXEMPT = RequestRule(CITE, needs_reason=False)


def clause(**parts: Any) -> TermClause:
    """Ten days after the anchor the mailbox is locked."""
    usual = TermClause(
        "t",
        CITE,
        frozenset({State.ACTIVE}),
        frozenset(),
        Condition.ALWAYS,
        Anchor.STATE,
        Term(days=10),
        ActionKind.LOCK,
    )
    return replace(usual, **parts)


def mailbox(**parts: Any) -> Account:
    """The account of somebody who uses it."""
    (found,), _ = world.settled([world.row()])
    return replace(found, must_change=False, password_set=None, created=None, last_use=None, **parts)


def stamp(state: State = State.ACTIVE, since: date = ISSUED, why: str = Reason.ISSUED, **parts: Any) -> Stamp:
    """The mark on it."""
    return Stamp(
        AccountKind.PERSONAL, "P1", state, since, why, unit="skhcn", issued=parts.pop("issued", ISSUED), **parts
    )


def case(*clauses: TermClause, account: Account | None = None, mark: Stamp | None = None, **parts: Any) -> Case:
    """A person under these terms; the regulation knows reasons for not using a mailbox."""
    shipped = world.regulation()
    law = replace(shipped, terms=clauses, requests={**shipped.requests, RequestKind.EXEMPT: EXEMPT})
    usual: dict[str, Any] = {
        "subject": "P1", "person": Person(world.row()), "unit": world.UNITS[0], "account": account, "stamp": mark,
        "remembered": None, "requests": (), "vanished": False, "deleted": None, "today": TODAY,
        "policy": world.policy(regulation=law),
    }  # fmt: skip
    return Case(**{**usual, **parts})


def due(one: TermClause, account: Account | None, mark: Stamp, today: date = TODAY) -> date | None:
    """The day on which a clause is due, whether it has passed or lies ahead."""
    found = case(one, account=account, mark=mark, today=today)
    step = terms.step(found, mark)
    return step.due if step else terms.next_day(found, mark)


# ── anchors ──


@pytest.mark.parametrize(
    ("anchor", "account", "mark", "since"),
    [
        (Anchor.STATE, {}, {"since": date(2026, 2, 2)}, date(2026, 2, 2)),
        (Anchor.ISSUE, {}, {}, ISSUED),
        (Anchor.ISSUE, {"created": date(2026, 1, 12)}, {"issued": None}, date(2026, 1, 12)),
        (Anchor.ISSUE, {}, {"issued": None, "why": Reason.ADOPTED}, date(2025, 12, 10)),
        (Anchor.ISSUE, {}, {"since": date(2026, 2, 2), "why": Reason.RETURNED}, date(2026, 2, 2)),
        (Anchor.ISSUE, {}, {"since": date(2026, 2, 2), "why": Reason.ADOPTED}, ISSUED),
        (Anchor.DEFAULT_PASSWORD, {}, {"password": date(2026, 2, 2)}, date(2026, 2, 2)),
        (Anchor.DEFAULT_PASSWORD, {"created": date(2026, 1, 12)}, {}, date(2026, 1, 12)),
        (Anchor.DEFAULT_PASSWORD, {}, {"issued": None}, date(2025, 12, 10)),
        (Anchor.PASSWORD_SET, {"password_set": date(2026, 2, 2)}, {}, date(2026, 2, 2)),
        (Anchor.USE, {"last_use": LastUse(date(2026, 2, 2), 0)}, {}, date(2026, 2, 2)),
        (Anchor.USE, {"last_use": LastUse(date(2026, 2, 2), 14)}, {}, date(2026, 2, 16)),
        (Anchor.USE, {"last_use": LastUse(date(2026, 3, 5), 14)}, {}, TODAY),
        (Anchor.USE, {"last_use": NEVER}, {}, ISSUED),
        (Anchor.USE, {"last_use": NEVER}, {"since": date(2026, 2, 2), "why": Reason.UNLOCKED}, date(2026, 2, 2)),
        (
            Anchor.USE,
            {"last_use": LastUse(date(2026, 1, 6), 0)},
            {"since": date(2026, 2, 2), "why": Reason.UNLOCKED},
            date(2026, 2, 2),
        ),
    ],
)
def test_a_term_runs_from_its_anchor(
    anchor: Anchor, account: dict[str, Any], mark: dict[str, Any], since: date
) -> None:
    """Contract §6: the day of the event is not counted; the latest day the evidence can mean is the event."""
    found = due(clause(anchor=anchor, term=Term(months=1)), replace(mailbox(), **account), stamp(**mark))

    assert found == due_after(since, Term(months=1), world.calendar())


@pytest.mark.parametrize("anchor", [Anchor.USE, Anchor.PASSWORD_SET])
def test_without_evidence_nothing_follows(anchor: Anchor) -> None:
    """Contract §6: no evidence of use, no day of the password: the term does not run at all."""
    assert due(clause(anchor=anchor), mailbox(), stamp()) is None
    assert due(clause(anchor=anchor), None, stamp()) is None


def test_a_last_use_in_the_future_starts_no_term_and_is_said() -> None:
    """Contract §6: a log-on later than now is clock-doubt for that account; today itself is no doubt."""
    tomorrow = replace(mailbox(), last_use=LastUse(date(2026, 3, 11), 14))
    today = replace(mailbox(), last_use=LastUse(TODAY, 0))
    found = case(clause(anchor=Anchor.USE), account=tomorrow, mark=stamp())

    [doubt] = terms.clock_doubts(found, tomorrow)

    assert (doubt.code, doubt.severity) == (FindingCode.CLOCK_DOUBT, Severity.WARNING)
    assert terms.step(found, stamp()) is None
    assert terms.next_day(found, stamp()) is None
    assert [terms.clock_doubts(found, one) for one in (today, mailbox(), replace(mailbox(), last_use=NEVER))] == [
        ()
    ] * 3


def test_an_older_account_counts_from_the_day_the_regulation_came_into_force() -> None:
    """Contract §6, transition: NB-01 is in force since 10/12/2025; ten days end on Saturday 20/12, so Monday 22/12."""
    old = stamp(since=date(2024, 1, 1), issued=date(2024, 1, 1))

    assert due(clause(), mailbox(), old, date(2025, 12, 10)) == date(2025, 12, 23)


@pytest.mark.parametrize(("password", "since"), [(date(2026, 2, 2), date(2026, 2, 2)), (None, ISSUED)])
def test_a_mailbox_opened_and_locked_again_counts_from_its_opening(password: date | None, since: date) -> None:
    """DN-15: opening sets a default password; its day outlasts the lock that follows, the issue counts otherwise."""
    locked = stamp(State.LOCKED, date(2026, 2, 9), "default-password-lock", password=password)
    idle = clause(states=frozenset({State.LOCKED}), anchor=Anchor.USE, term=Term(months=3))

    found = due(idle, replace(mailbox(), last_use=NEVER), locked)

    assert found == {date(2026, 2, 2): date(2026, 5, 5), ISSUED: date(2026, 4, 7)}[since]


# ── states, reasons, conditions ──


@pytest.mark.parametrize(
    ("parts", "runs"),
    [
        ({}, True),
        ({"states": frozenset({State.LOCKED})}, False),
        ({"reasons": frozenset({"issued"})}, True),
        ({"reasons": frozenset({"adopted"})}, False),
    ],
)
def test_a_term_runs_in_its_states_for_its_reasons(parts: dict[str, Any], *, runs: bool) -> None:
    """BT-15 and row 20: what was locked by order is not withdrawn by a term."""
    assert (due(clause(**parts), mailbox(), stamp()) is not None) is runs


@pytest.mark.parametrize(
    ("condition", "account", "holds"),
    [
        (Condition.ALWAYS, None, True),
        (Condition.DEFAULT_PASSWORD, None, False),
        (Condition.DEFAULT_PASSWORD, {"must_change": True}, True),
        (Condition.DEFAULT_PASSWORD, {"must_change": False}, False),
        (Condition.DEFAULT_PASSWORD, {"must_change": None}, False),
        (Condition.OWN_PASSWORD, {"must_change": True}, False),
        (Condition.OWN_PASSWORD, {"must_change": False}, True),
        (Condition.NEVER_USED, {"last_use": NEVER}, True),
        (Condition.NEVER_USED, {"last_use": None}, False),
        (Condition.NEVER_USED, {"last_use": LastUse(ISSUED, 0)}, False),
    ],
)
def test_a_term_runs_only_while_its_condition_holds(
    condition: Condition, account: dict[str, Any] | None, *, holds: bool
) -> None:
    """DN-19, DN-20, BT-11: default password, own password, never used; what is not known does not hold."""
    found = None if account is None else replace(mailbox(), **account)

    assert (due(clause(condition=condition), found, stamp()) is not None) is holds


def test_the_term_due_first_goes_first() -> None:
    """DN-15, DN-19: both have passed; the lock was due earlier, so it comes first."""
    late = clause(id="a-late", term=Term(days=20), does=ActionKind.WITHDRAW)
    early = clause(id="b-early")

    step = terms.step(case(late, early, account=mailbox(), mark=stamp()), stamp())

    assert step
    assert (step.why, step.kind, step.state, step.two) == ("b-early", ActionKind.LOCK, State.LOCKED, False)


def test_a_deletion_by_a_term_takes_two_people() -> None:
    """Design §5: what cannot be undone is approved twice."""
    step = terms.step(case(clause(does=ActionKind.DELETE), account=mailbox(), mark=stamp()), stamp(), "9/QĐ")

    assert step
    assert (step.kind, step.two, step.document, step.because[0].document) == (ActionKind.DELETE, True, "9/QĐ", "9/QĐ")


def test_the_next_day_is_the_nearest_ahead_former_addresses_included() -> None:
    """Contract §2, `show`: the calendar lists when terms end; one that has passed is not ahead."""
    aliases = (Alias("a@ninhbinh.gov.vn", date(2026, 3, 20)),)
    ahead = clause(term=Term(months=6))
    found = case(clause(), ahead, account=mailbox(), mark=stamp())

    assert terms.next_day(found, stamp()) == date(2026, 7, 7)
    assert terms.next_day(found, stamp(aliases=aliases)) == date(2026, 3, 21)
    assert terms.next_day(found, stamp(State.DISABLED, aliases=aliases)) is None


# ── exemptions ──

IDLE = clause(anchor=Anchor.USE, does=ActionKind.WITHDRAW, exempts=True)
UNUSED = clause(anchor=Anchor.ISSUE, condition=Condition.NEVER_USED, exempts=True)
AWAY = Person(world.row(status="on_leave"))
SINCE = date(2026, 1, 20)


@pytest.mark.parametrize("one", [IDLE, UNUSED])
@pytest.mark.parametrize(
    ("parts", "severity"),
    [
        ({"requests": (world.request("exempt", "P1", SINCE),)}, Severity.INFO),
        ({"requests": (world.request("exempt", "P1", SINCE, until=TODAY),)}, Severity.INFO),
        ({"person": AWAY}, Severity.REVIEW),
        ({"person": Person(world.row(status="suspended"))}, Severity.REVIEW),
        ({"person": Person(world.row(event="study"))}, Severity.REVIEW),
        ({"person": AWAY, "requests": (world.request("exempt", "P1", SINCE),)}, Severity.INFO),
    ],
)
def test_a_reason_on_file_or_a_long_leave_suspends_an_exempting_clause(
    one: TermClause, parts: dict[str, Any], severity: Severity
) -> None:
    """DN-15, BT-11, BT-15, domain §1.8 row 34: a written reason is for the record, a leave waits for a person."""
    found = case(one, account=replace(mailbox(), last_use=NEVER), mark=stamp(), **parts)

    [finding] = terms.exemptions(found, stamp())

    assert terms.step(found, stamp()) is None
    assert (finding.code, finding.severity) == (FindingCode.IDLE_BUT_EXEMPT, severity)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"requests": (world.request("exempt", "P1", SINCE, until=date(2026, 3, 9)),)},
        {"requests": (world.request("hold", "P1", SINCE),)},
        {"person": None},
    ],
)
def test_without_a_reason_that_holds_today_the_clause_applies(parts: dict[str, Any]) -> None:
    """DN-15: an exemption ends with its last day; other requests and the lack of a roster row are no reasons."""
    found = case(IDLE, account=replace(mailbox(), last_use=NEVER), mark=stamp(), **parts)

    step = terms.step(found, stamp())

    assert terms.exemptions(found, stamp()) == ()
    assert step
    assert step.kind is ActionKind.WITHDRAW


def test_a_regulation_that_knows_no_exemption_has_none() -> None:
    """Contract §4: a kind of request the text does not know leads to nothing."""
    asked = (world.request("exempt", "P1", SINCE),)
    found = case(IDLE, account=replace(mailbox(), last_use=NEVER), mark=stamp(), requests=asked)

    assert terms.excused(replace(found, policy=world.policy())) is None
    assert terms.excused(found) == asked[0]


def test_a_clause_that_exempts_nobody_applies_and_a_person_is_told_of_the_reason() -> None:
    """Domain §1.8 row 25: the literal reading, with a human approval where an exemption is on file."""
    strict = replace(IDLE, exempts=False)
    found = case(strict, account=replace(mailbox(), last_use=NEVER), mark=stamp(), person=AWAY)

    [finding] = terms.exemptions(found, stamp())

    assert terms.step(found, stamp())
    assert (finding.code, finding.severity) == (FindingCode.IDLE_BUT_EXEMPT, Severity.REVIEW)
    assert "exempts nobody" in finding.message.en


def test_an_exemption_suspends_no_other_clause() -> None:
    """DN-15, DN-20: not using a mailbox may be excused, an old password is not."""
    password = clause(id="p", term=Term(days=20))
    found = case(IDLE, password, account=replace(mailbox(), last_use=NEVER), mark=stamp(), person=AWAY)

    step = terms.step(found, stamp())

    assert step
    assert step.why == "p"


def test_a_term_that_has_not_passed_needs_no_exemption() -> None:
    """Whoever is away and still within the term is not mentioned."""
    found = case(
        replace(IDLE, term=Term(months=6)), account=replace(mailbox(), last_use=NEVER), mark=stamp(), person=AWAY
    )

    assert terms.exemptions(found, stamp()) == ()


# ── what follows ──

LOCKED_IDLE = clause(
    states=frozenset({State.LOCKED}), reasons=frozenset({"t"}), anchor=Anchor.USE, term=Term(months=3),
    does=ActionKind.WITHDRAW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("use", "on"),
    [
        (LastUse(date(2026, 2, 2), 0), date(2026, 5, 5)),
        (LastUse(date(2026, 2, 2), 14), date(2026, 5, 19)),
        (NEVER, date(2026, 4, 7)),
        (LastUse(date(2025, 1, 6), 0), date(2026, 4, 7)),
        (None, None),
        (LastUse(date(2026, 4, 1), 0), None),
    ],
)
def test_what_follows_a_lock_counts_from_the_last_use(use: LastUse | None, on: date | None) -> None:
    """DN-15, BT-15: a locked mailbox goes on not being used; without evidence nothing is foretold."""
    found = case(LOCKED_IDLE, account=replace(mailbox(), last_use=use), mark=stamp())

    expected = Then(ActionKind.WITHDRAW, on) if on else None
    assert terms.then(found, State.LOCKED, "t", TODAY) == expected


def test_what_follows_a_lock_counts_from_the_day_in_force_at_the_earliest() -> None:
    """Contract §6, transition: not used since January 2025; six months from 10/12/2025 end on 10/06/2026."""
    old = stamp(since=date(2024, 1, 1), issued=date(2024, 1, 1))
    used = replace(mailbox(), last_use=LastUse(date(2025, 1, 6), 0))
    found = case(replace(LOCKED_IDLE, term=Term(months=6)), account=used, mark=old)

    assert terms.then(found, State.LOCKED, "t", TODAY) == Then(ActionKind.WITHDRAW, date(2026, 6, 11))


def test_what_follows_is_never_before_tomorrow() -> None:
    """Contract §5: one plan does one step; the next is for another day."""
    found = case(replace(LOCKED_IDLE, term=Term(days=5)), account=replace(mailbox(), last_use=NEVER), mark=stamp())

    assert terms.then(found, State.LOCKED, "t", TODAY) == Then(ActionKind.WITHDRAW, date(2026, 3, 11))


@pytest.mark.parametrize(("state", "why"), [(State.LOCKED, "ordered"), (State.WITHDRAWN, "t")])
def test_nothing_follows_where_no_clause_speaks_of_state_and_reason(state: State, why: str) -> None:
    """Row 20: an ordered lock ends by a decision, a withdrawn mailbox is kept."""
    found = case(LOCKED_IDLE, account=replace(mailbox(), last_use=NEVER), mark=stamp())

    assert terms.then(found, state, why, TODAY) is None


@pytest.mark.parametrize(
    ("why", "use", "on"),
    [
        (Reason.ISSUED, LastUse(ISSUED, 0), date(2026, 3, 21)),
        (Reason.UNLOCKED, NEVER, date(2026, 3, 21)),
        (Reason.UNLOCKED, LastUse(ISSUED, 0), None),
    ],
)
def test_a_mailbox_once_used_is_never_again_one_that_was_not(why: str, use: LastUse, on: date | None) -> None:
    """BT-11: a new issue may remain unused, whatever became of the old mailbox; an unlocked one keeps its history."""
    never = clause(anchor=Anchor.ISSUE, condition=Condition.NEVER_USED)
    found = case(never, account=replace(mailbox(), last_use=use), mark=stamp())

    expected = Then(ActionKind.LOCK, on) if on else None
    assert terms.then(found, State.ACTIVE, why, TODAY) == expected


def test_what_follows_an_opening_or_an_unmarked_account_counts_from_today() -> None:
    """DN-15: who was let in again starts anew; of an account nobody marked, only today is known."""
    idle = replace(IDLE, states=frozenset({State.ACTIVE, State.DISABLED}))
    old = replace(mailbox(), last_use=LastUse(ISSUED, 0))

    assert terms.then(case(idle, account=old, mark=stamp()), State.ACTIVE, Reason.UNLOCKED, TODAY) == Then(
        ActionKind.WITHDRAW, date(2026, 3, 21)
    )
    assert terms.then(case(idle, account=old), State.DISABLED, Reason.LEFT, TODAY) == Then(
        ActionKind.WITHDRAW, date(2026, 3, 21)
    )


def test_a_password_is_too_old_after_its_months_but_not_before_the_regulation() -> None:
    """NB-30 with the transition of contract §6: six months from 10/12/2025 end on 10/06/2026."""
    found = case(clause())

    assert terms.password_due(found, date(2020, 1, 1)) == date(2026, 6, 11)
    assert terms.password_due(found, date(2026, 1, 5)) == date(2026, 7, 7)


# ── at their bounds ──


DUE = due_after(ISSUED, Term(days=10), world.calendar())
DAY = timedelta(days=1)


@pytest.mark.parametrize(("today", "passed"), [(DUE - DAY, False), (DUE, True), (DUE + DAY, True)])
def test_a_term_has_passed_on_its_day_and_is_explained_on_every_day(today: date, *, passed: bool) -> None:
    """Contract §6: due is the first day on which it may happen; `explain` shows the clause and its answer anyhow."""
    said: list[Verdict] = []
    found = case(clause(), account=mailbox(), mark=stamp(), today=today, verdicts=said)

    assert (terms.step(found, stamp()) is not None) is passed
    assert [one.applies for one in said] == [passed]


def test_the_next_day_of_what_is_due_today_is_not_today() -> None:
    """Contract §5: what is due today stands in the plan of today."""
    assert terms.next_day(case(clause(), account=mailbox(), mark=stamp(), today=DUE), stamp()) is None
    assert terms.next_day(case(clause(), account=mailbox(), mark=stamp(), today=DUE - DAY), stamp()) == DUE


@pytest.mark.parametrize(
    ("anchor", "asked", "locked"),
    [
        (Anchor.STATE, DUE - DAY, True),
        (Anchor.DEFAULT_PASSWORD, None, True),
        (Anchor.DEFAULT_PASSWORD, DUE - DAY, False),
        (Anchor.DEFAULT_PASSWORD, DUE, True),
        (Anchor.PASSWORD_SET, DUE - DAY, False),
    ],
)
def test_only_a_lost_password_told_before_the_day_of_the_lock_spares_it(
    anchor: Anchor, asked: date | None, *, locked: bool
) -> None:
    """DN-25, Điều 8.2.đ, with DN-19, Điều 8.1.a: in time is before the day of the lock; other terms spare nobody."""
    account = replace(mailbox(), password_set=ISSUED)
    mark = stamp(password=ISSUED)

    step = terms.step(case(clause(anchor=anchor), account=account, mark=mark), mark, asked=asked)

    assert (step is not None) is locked


def test_a_step_of_a_term_stands_on_the_decision_that_stands_or_else_on_the_marks() -> None:
    """NB-28: the document that closed the mailbox is that of its deletion."""
    mark = stamp(document="12/QĐ")
    found = case(clause(), account=mailbox(), mark=mark)

    for given, shown in (("", "12/QĐ"), ("13/QĐ", "13/QĐ")):
        step = terms.step(found, mark, given)
        assert step
        assert (step.document, step.because[0].document) == (shown, shown)


@pytest.mark.parametrize(
    ("state", "since", "due"),
    [
        (State.LOCKED, TODAY, TODAY + DAY), (State.LOCKED, TODAY - DAY, TODAY),
        (State.ACTIVE, TODAY, date(2026, 1, 16)),
    ],
)  # fmt: skip
def test_nothing_follows_a_closing_on_its_own_day(state: State, since: date, due: date) -> None:
    """Contract §6: who is locked today is not deleted today, however long the mailbox was not used."""
    used = replace(mailbox(), last_use=LastUse(ISSUED, 0))
    mark = stamp(state, since, Reason.ADOPTED)
    found = case(clause(anchor=Anchor.USE, states=frozenset(State)), account=used, mark=mark, today=TODAY + DAY)

    step = terms.step(found, mark)

    assert step
    assert step.due == due


def _follows(*clauses: TermClause) -> Then | None:
    return terms.then(case(*clauses, account=mailbox()), State.ACTIVE, Reason.ADOPTED, TODAY)


def test_what_follows_is_the_earliest_whatever_the_order_of_clauses() -> None:
    """Law 2, contract §5: clauses of another state are passed over; on one day the kinds stand by name."""
    other = clause(id="o", states=frozenset({State.LOCKED}))
    early, late = clause(id="a"), clause(id="b", term=Term(days=30), does=ActionKind.DELETE)
    same = clause(id="c", does=ActionKind.DISABLE)

    expected = Then(ActionKind.LOCK, due_after(TODAY, Term(days=10), world.calendar()))
    assert _follows(other, late, early) == _follows(early, late, other) == expected
    assert _follows(early, same) == _follows(same, early) == expected._replace(kind=ActionKind.DISABLE)


def test_of_two_terms_due_on_one_day_the_clause_named_first_rules() -> None:
    """Law 2: the order of clauses in the file decides nothing, nor does one of another state or condition."""
    other = clause(id="o", states=frozenset({State.LOCKED}))
    silent = clause(id="s", anchor=Anchor.USE)
    one, two = clause(id="a"), clause(id="b", does=ActionKind.DISABLE)

    for clauses in ((other, silent, one, two), (two, one, silent, other)):
        step = terms.step(case(*clauses, account=mailbox(), mark=stamp()), stamp())
        assert step
        assert step.kind is ActionKind.LOCK


@pytest.mark.parametrize(("accuracy", "shown"), [(0, "05/01/2026, tính"), (14, "05/01/2026 (±14), tính")])
def test_a_step_says_how_exactly_the_last_use_is_known(accuracy: int, shown: str) -> None:
    """Contract §6: evidence that may be off by days says by how many."""
    used = replace(mailbox(), last_use=LastUse(ISSUED, accuracy))

    step = terms.step(case(clause(anchor=Anchor.USE, cite=CITE), account=used, mark=stamp()), stamp())

    assert step
    assert f"Sử dụng lần cuối {shown} từ" in step.because[0].text.vi


def test_a_mailbox_never_used_since_it_was_opened_says_so() -> None:
    """Contract §6: on the day of its opening it was in use; before that day it was not."""
    for use, said in (
        (LastUse(date(2026, 1, 4), 0), "Not used since"),
        (LastUse(ISSUED, 0), "Last used"),
        (NEVER, "Never"),
    ):
        account = replace(mailbox(), last_use=use)
        step = terms.step(case(clause(anchor=Anchor.USE), account=account, mark=stamp()), stamp())
        assert step
        assert said in step.because[0].text.en


def test_a_term_runs_by_the_mark_alone_where_the_account_shows_nothing() -> None:
    """Contract §6: the issue that the mark records is evidence; today's use is, too."""
    used = replace(mailbox(), last_use=LastUse(TODAY, 0))

    for anchor in (Anchor.DEFAULT_PASSWORD, Anchor.ISSUE):
        for account in (None, mailbox()):
            assert due(clause(anchor=anchor), account, stamp()) == DUE
    assert due(clause(anchor=Anchor.USE), used, stamp()) == due_after(TODAY, Term(days=10), world.calendar())


def test_a_clause_whose_condition_does_not_hold_hides_no_other() -> None:
    """Law 2: clauses are looked at one by one."""
    never = clause(id="n", condition=Condition.NEVER_USED)

    found = case(never, clause(id="a"), account=mailbox(), mark=stamp())

    assert terms.next_day(replace(found, today=DUE - DAY), stamp()) == DUE


def test_what_follows_a_closing_by_its_own_term_counts_from_the_closing() -> None:
    """NB-28, Điều 7.4: only a term of use looks back; a condition that may hold by then is told."""
    used = replace(mailbox(), last_use=LastUse(ISSUED, 0))
    ten = due_after(TODAY, Term(days=10), world.calendar())
    for one in (clause(), clause(condition=Condition.DEFAULT_PASSWORD)):
        closes = replace(one, states=frozenset({State.LOCKED}))
        found = case(closes, account=used, mark=stamp())

        assert terms.then(found, State.LOCKED, Reason.ADOPTED, TODAY) == Then(ActionKind.LOCK, ten)


@pytest.mark.parametrize(("needs", "reason", "spared"), [(True, "", False), (True, "ốm", True), (False, "", True)])
def test_a_letter_without_the_reason_the_text_asks_for_excuses_nobody(
    reason: str, *, needs: bool, spared: bool
) -> None:
    """Q4-13, Điều 8.1.a: the reason is what is looked at, where the text asks for one."""
    letter = world.request("exempt", "P1", TODAY, reason=reason)
    found = case(clause(anchor=Anchor.ISSUE, exempts=True), account=mailbox(), mark=stamp(), requests=(letter,))
    law = found.policy.regulation
    asked = replace(law, requests={**law.requests, RequestKind.EXEMPT: EXEMPT._replace(needs_reason=needs)})
    found = replace(found, policy=replace(found.policy, regulation=asked))

    assert (terms.step(found, stamp()) is None) is spared


def test_an_exemption_is_told_from_the_day_of_the_term_and_of_terms_of_use_alone() -> None:
    """Domain §1.8, row 25: who is spared the lock today is named today; a term of another kind spares nobody."""
    letter = world.request("exempt", "P1", ISSUED)
    of_use, other = clause(anchor=Anchor.ISSUE, exempts=True), clause(exempts=True)

    def told(one: TermClause, today: date) -> bool:
        return bool(
            terms.exemptions(case(one, account=mailbox(), mark=stamp(), requests=(letter,), today=today), stamp())
        )

    assert [told(of_use, DUE - DAY), told(of_use, DUE), told(other, DUE)] == [False, True, False]


def test_a_letter_about_the_size_of_a_mailbox_excuses_no_disuse() -> None:
    """BT-08, Điều 5: a special case of its size says nothing of using it."""
    letter = world.request("exempt", "P1", TODAY, value="quota")
    of_use = clause(anchor=Anchor.ISSUE, exempts=True)

    assert terms.step(case(of_use, account=mailbox(), mark=stamp(), requests=(letter,)), stamp())


@pytest.mark.parametrize("known", [True, False])
def test_who_is_away_is_told_of_the_letter_where_the_text_knows_one(*, known: bool) -> None:
    """Domain §1.8, row 25: the article about reasons is quoted; where there is none, the clause that exempts."""
    away = Person(world.row(status="on_leave", event="maternity_leave"))
    found = case(clause(anchor=Anchor.ISSUE, exempts=True), account=mailbox(), mark=stamp(), person=away)
    law = found.policy.regulation
    reasons = EXEMPT._replace(cite=CITE._replace(text=Text("Báo lý do.", "Give the reason.")))
    requests = {**law.requests, RequestKind.EXEMPT: reasons}
    if not known:
        del requests[RequestKind.EXEMPT]
    found = replace(found, policy=replace(found.policy, regulation=replace(law, requests=requests)))

    [finding] = terms.exemptions(found, stamp())

    assert ("Báo lý do." if known else "Hết hạn.") in finding.message.vi


def test_who_is_away_is_told_of_the_deletion_that_nobody_asks_for_yet() -> None:
    """Q4-15, Điều 8.1.b, domain §1.8, row 27: by the clause of disuse whose day has come, and by no other."""
    disuse = clause(
        id="d", anchor=Anchor.USE, does=ActionKind.DELETE, states=frozenset({State.LOCKED}),
        reasons=frozenset({Reason.ISSUED}),
    )  # fmt: skip
    later = replace(disuse, id="l", term=Term(months=12))
    closed = replace(disuse, id="c", anchor=Anchor.STATE)
    away = Person(world.row(status="on_leave", event="maternity_leave"))
    used = replace(mailbox(), last_use=LastUse(ISSUED, 0))
    said: list[Verdict] = []

    def found(*clauses: TermClause) -> Case:
        return case(*clauses, account=used, mark=stamp(), person=away, verdicts=said)

    assert terms.spared(found(closed, later), stamp()) == ()
    assert said == []
    assert len(terms.spared(found(later, disuse), stamp())) == 1
    assert [one.applies for one in said] == [False]
