"""The cut-over of one wave of a merger: what is done on the new system and on the old ones, as one plan.

On the new system it is what the day's plan would do for the units of the wave, with the old addresses beside. On an old
one an account is closed only once its holder has the new one; it is deleted by the regulation's own term alone, from
the day on which it was closed, and never while its mail is not accounted for (Điều 13.1, Điều 7.4).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncagent.core import brakes, compare, propose, terms
from syncagent.core.action import Action, ActionKind, Change, Operation
from syncagent.core.case import Case, Step, because
from syncagent.core.directory import Shape
from syncagent.core.fates import Why
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.guard import Guard
from syncagent.core.merger import Fate
from syncagent.core.order import in_order
from syncagent.core.plan import BrakeState, Plan, Trip
from syncagent.core.proposed import action_of
from syncagent.core.stamp import AccountKind, Alias, Reason, Stamp, State, later
from syncagent.core.unit import UnitKind
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.action import Because
    from syncagent.core.fates import Fated, Fates
    from syncagent.core.ledger import Ledger
    from syncagent.core.mailbox import Difference
    from syncagent.core.merger import AccountId, Legacy, Merger
    from syncagent.core.snapshot import Snapshot
    from syncagent.core.survey import View

MOVES = frozenset({Fate.CONVERTED, Fate.MERGED, Fate.ISSUED})
"""The ends of accounts whose holder has another one on the new system."""

_CLOSES = {State.LOCKED: ActionKind.LOCK, State.DISABLED: ActionKind.DISABLE}
_FOR_GOOD = frozenset({State.DISABLED, State.WITHDRAWN})
_WHY = {Why.LEFT: Reason.LEFT, Why.UNIT_CLOSED: Reason.UNIT_CLOSED, Why.UNUSED: Reason.CANCELLED}


@dataclass(frozen=True, slots=True)
class CutOver:
    """Everything that decides one wave.

    `found` is what becomes of everybody of the wave, `old` the snapshots of the old systems that may be written, `view`
    the survey of the new roster, `documents` what people decided by, `settled` accounts whose mail is accounted for.
    `declared` are the numbers of the wave, `counts` the real ones, those that were deleted by now among them.
    """

    number: int
    merger: Merger
    found: Fates
    counts: Mapping[Fate, int]
    old: Mapping[str, Snapshot]
    view: View
    ledger: Ledger
    documents: Mapping[AccountId, str]
    settled: frozenset[AccountId]

    @property
    def declared(self) -> Mapping[Fate, int]:
        """Return the numbers that were declared for the wave, none if nothing was."""
        return self.merger.waves[self.number - 1].counts


def plan_of(wave: CutOver, inputs: Mapping[str, object] | None = None) -> Plan:
    """Given a wave, return the plan that moves it, as far as it is due on the day of the view."""
    view = replace(_of_wave(wave), snapshots={**wave.view.snapshots, **wave.old})
    opened = propose.actions(replace(view, snapshots=wave.view.snapshots))
    new = [_cited(action, view, wave.merger) for action in opened.actions]
    actions = list(new)
    findings: list[Finding] = [one for one in view.findings if one.subject in view.cases]
    opening = {action.subject: action.id for action in new if action.stamp and action.stamp.state.receives}
    ready = (_there(view) - {action.subject for action in new}) | opening.keys()
    for one in wave.found.accounts:
        if one.name.system not in wave.old:
            continue
        done = _old_side(one, wave, view, ready, opening)
        if isinstance(done, Finding):
            findings.append(done)
        elif done:
            actions.append(done)
    kept, held_back = Guard(view, wave.ledger).sift(actions)
    ordered = in_order(kept, sorted(wave.old))
    state = _brakes(ordered, wave, view)
    unique = {(f.code, f.subject, f.message.en): f for f in (*findings, *opened.findings, *held_back)}
    return Plan(
        as_of=view.today,
        regulation=view.policy.regulation.id,
        policy=view.policy.digest,
        actions=brakes.reviewed(ordered, state),
        findings=tuple(unique[key] for key in sorted(unique)),
        brakes=state,
        skips=(),
        inputs=inputs or {},
        wave=wave.number,
    )


# ── the new side ─────────────────────────────────────────────────────────────


def _of_wave(wave: CutOver) -> View:
    """Return what concerns the units of the wave, and which old addresses lead to whom."""
    units = wave.view.roster.units
    numbers = {unit.unit: wave.merger.wave_of(unit.unit, units) for unit in units}
    theirs: dict[str, dict[str, date]] = defaultdict(dict)
    until = wave.merger.aliases_until
    for one in wave.found.accounts:
        if until and until >= wave.view.today and one.fate in MOVES:
            theirs[one.subject].update(dict.fromkeys(one.aliases, until))
    cases = {
        subject: replace(case, inherits=tuple(Alias(*pair) for pair in sorted(theirs[subject].items())))
        for subject, case in wave.view.cases.items()
        if numbers[case.unit.unit] == wave.number
    }
    former = tuple((case, step) for case, step in wave.view.former if case.subject in cases)
    return replace(wave.view, cases=cases, former=former)


def _cited(action: Action, view: View, merger: Merger) -> Action:
    """Return an action of the new system with what the merger orders, if it takes old addresses over or opens again."""
    case = view.cases[action.subject]
    opens = action.kind is ActionKind.RESTORE and view.steps[action.subject].document == merger.crosswalk.document
    if action.stamp is None or not (opens or set(case.inherits) & set(action.stamp.aliases)):
        return action
    return replace(
        action, because=(*action.because, because(merger.crosswalk.moves, document=merger.crosswalk.document))
    )


def _there(view: View) -> set[str]:
    """Return who has an account of ours on the new system that takes mail."""
    return {
        subject
        for subject, owned in view.matches.current.items()
        if owned.stamp and owned.stamp.state.receives and owned.account.receives
    }


# ── the old side ─────────────────────────────────────────────────────────────


def _old_side(
    one: Fated, wave: CutOver, view: View, ready: set[str], opening: Mapping[str, str]
) -> Action | Finding | None:
    """Return what is done with one account of an old system today, why nothing can be, or None if all is done.

    Those in `ready` have an account on the new system, or get one by the action that `opening` names.
    """
    if one.fate in {Fate.HELD, Fate.EXCLUDED}:
        return None
    account, legacy = one.account, wave.merger.legacies[one.name.system]
    known = wave.ledger.accounts.get((account.target, account.guid))
    if account.stamp_damaged or (known and account.stamp is None):
        return _unmarked(one)
    stamp = later(known.stamp, account.stamp) if known and account.stamp else account.stamp
    case = _case(one, view, stamp)
    if stamp and stamp.state in _FOR_GOOD and not account.enabled and not account.receives:
        step = terms.step(case, stamp)
        if step is None or step.kind is not ActionKind.DELETE:
            return None
        if one.name not in wave.settled:
            return _mail_open(one)
        gone = Change(Operation.DELETE, account.dn, {legacy.directory.stamp: (_marks(legacy, account), ())})
        return _named(action_of(view, case, step, ActionKind.DELETE, account.address, (gone,), None), one, wave)
    if one.fate in MOVES and one.subject not in ready:
        return _not_there(one)
    state = _closed_as(one, wave, legacy, stamp)
    after = _stamp(one, case, state, wave, stamp)
    changed = _closing(one, after, legacy)
    if stamp and stamp.state is state and not changed.keys() - {legacy.directory.stamp}:
        return None
    step = Step(state, _CLOSES[state], why=after.why, because=(_reason(one, wave, case),), due=view.today)
    step = replace(step, document=after.document, then=terms.then(case, state, after.why, view.today))
    change = Change(Operation.MODIFY, account.dn, dict(sorted(changed.items())))
    action = _named(action_of(view, case, step, _CLOSES[state], account.address, (change,), after), one, wave)
    needs = (opening[one.subject],) if one.fate in MOVES and one.subject in opening else ()
    return replace(action, needs=needs)


def _closed_as(one: Fated, wave: CutOver, legacy: Legacy, stamp: Stamp | None) -> State:
    """Return how an account is closed: it goes on receiving only while the old system sends its mail on."""
    until = wave.merger.forward_until
    forwards = legacy.directory.forward is not None and until is not None and until >= wave.view.today
    open_yet = stamp is None or stamp.state not in _FOR_GOOD
    return State.LOCKED if one.fate in MOVES and forwards and open_yet else State.DISABLED


def _closing(one: Fated, after: Stamp, legacy: Legacy) -> Difference:
    """Return what is written to close an account: its mark, log-in, receiving, and where its mail is sent on.

    The principal name stays as it is: it follows the address on the new system only.
    """
    account, directory = one.account, legacy.directory
    changed = dict(compare.differences(directory, Shape(after, account.address, account.aliases), account))
    if directory.principal:
        changed.pop(directory.principal.attribute, None)
    if forward := directory.forward:
        found, ours = account.attributes.get(forward.attribute, ()), (f"{forward.prefix}{one.new}",)
        wanted = ours if after.state.receives else () if found == ours else found
        if found != wanted:
            changed[forward.attribute] = (found, wanted)
    return changed


def _stamp(one: Fated, case: Case, state: State, wave: CutOver, before: Stamp | None) -> Stamp:
    """Return the mark of an account that is closed; its day moves only when its state does."""
    kept = before if before and before.state is state and not one.account.enabled else None
    personal = not one.subject or case.person is not None
    unit = AccountKind.DEPARTMENT if case.unit.kind is UnitKind.DEPARTMENT else AccountKind.AGENCY
    return Stamp(
        kind=AccountKind.PERSONAL if personal else unit,
        key=case.subject if personal else case.unit.unit,
        state=state,
        since=kept.since if kept else case.today,
        why=_WHY.get(one.why, Reason.REISSUED),
        unit=one.unit if personal else "",
        issued=one.account.created or (before.issued if before else None),
        document=_document(one, wave, case),
    )


def _document(one: Fated, wave: CutOver, case: Case) -> str:
    """Return by which document an account is closed."""
    if one.why is Why.UNUSED:
        return wave.documents.get(one.name, "")
    if one.why is Why.LEFT and case.person:
        return case.person.current.document.number
    return case.unit.document.number if one.why is Why.UNIT_CLOSED else wave.merger.crosswalk.document


def _reason(one: Fated, wave: CutOver, case: Case) -> Because:
    """Return the article by which an account of an old system is closed, and its document."""
    regulation, crosswalk, document = case.policy.regulation, wave.merger.crosswalk, _document(one, wave, case)
    if one.why is Why.LEFT:
        return because(regulation.leaver.cite, document=document)
    if one.why is Why.UNIT_CLOSED:
        return because(regulation.unit_closed.cite, document=document)
    if one.why is Why.UNUSED:
        return because(crosswalk.unused, document=document)
    vi, en = crosswalk.moves.text
    return because(crosswalk.moves, Text(f"{vi} Địa chỉ mới: {one.new}.", f"{en} New address: {one.new}."), document)


def _case(one: Fated, view: View, stamp: Stamp | None) -> Case:
    """Return the account's holder as a subject of its own: what the new system knows of them says nothing here."""
    subject = one.subject or one.account.address or one.name.guid
    return Case(
        subject=subject,
        person=view.roster.people.get(one.subject),
        unit=view.roster.units[one.unit],
        account=one.account,
        stamp=stamp,
        remembered=None,
        requests=(),
        vanished=False,
        deleted=None,
        today=view.today,
        policy=view.policy,
    )


def _named(action: Action, one: Fated, wave: CutOver) -> Action:
    """Return an action on an old account under a name of its own; one of nobody goes by its address and shown name."""
    named = replace(action, id=f"{one.name.system}:{action.id}")
    if one.subject:
        return named
    return replace(named, account_kind=AccountKind.PERSONAL, name=wave.merger.shown(one.name.system, one.account).name)


def _marks(legacy: Legacy, account: Account) -> tuple[str, ...]:
    return account.attributes.get(legacy.directory.stamp, ())


# ── what stands in the way ───────────────────────────────────────────────────


def _unmarked(one: Fated) -> Finding:
    return Finding(
        FindingCode.STAMP_DIFFERS,
        Severity.REVIEW,
        one.subject or one.account.address,
        Text(
            f"Dấu của phần mềm trên {one.account.dn} ({one.name.system}) bị xóa hoặc hỏng; không thao tác gì trên tài "
            "khoản này.",
            f"The agent's mark on {one.account.dn} ({one.name.system}) is gone or damaged; nothing is done there.",
        ),
        candidates=(one.account.dn,),
    )


def _not_there(one: Fated) -> Finding:
    return Finding(
        FindingCode.MANUAL_STEPS,
        Severity.REVIEW,
        one.subject,
        Text(
            f"Tài khoản cũ {one.account.address} ({one.name.system}) chưa được khóa: trên hệ thống mới {one.new} chưa "
            "có hoặc đang bị khóa.",
            f"Old account {one.account.address} ({one.name.system}) is not closed: {one.new} is not there on the new "
            "system, or it is closed.",
        ),
        candidates=(one.account.address,),
    )


def _mail_open(one: Fated) -> Finding:
    return Finding(
        FindingCode.HELD,
        Severity.REVIEW,
        one.subject or one.account.address,
        Text(
            f"Đã đến hạn xóa tài khoản cũ {one.account.address} ({one.name.system}), nhưng hồ sơ dữ liệu thư của nó "
            "chưa đóng (Điều 13 khoản 1); không xóa. Xem: syncagent migrate mail status",
            f"The deletion of old account {one.account.address} ({one.name.system}) is due, but the record of its mail "
            "is open (Điều 13.1); it is not deleted. See: syncagent migrate mail status",
        ),
        candidates=(str(ActionKind.DELETE),),
    )


# ── brakes ───────────────────────────────────────────────────────────────────


def _brakes(actions: Sequence[Action], wave: CutOver, view: View) -> BrakeState:
    """Compare with the declared numbers; where they agree, the wave was said in advance, and so were its closings.

    Deletions were not: they have the ordinary limit of a plan. Where nothing was declared, everything has. Many at once
    take a second approver either way.
    """
    policy = view.policy
    managed = [one.unit for one in wave.found.accounts if one.name.system in wave.old]
    managed += [view.cases[subject].unit.unit for subject in view.matches.current if subject in view.cases]
    ordinary = brakes.check(actions, managed, view.roster.units, policy.brakes, wave.ledger.recent)
    if not wave.declared:
        return ordinary
    deletions = [one for one in actions if one.kind is ActionKind.DELETE]
    limits = brakes.check(deletions, managed, view.roster.units, policy.brakes)
    whole = tuple(trip for trip in limits.tripped if not trip.unit)
    return BrakeState((*differences(wave.counts, wave.declared), *whole), ordinary.second)


def differences(counts: Mapping[Fate, int], declared: Mapping[Fate, int]) -> tuple[Trip, ...]:
    """Return where the real numbers of a wave differ from the declared ones; nothing where none were declared."""
    real = Counter(counts)
    return tuple(
        Trip(
            f"wave-{fate}",
            Text(
                f"Đợt này khai {declared.get(fate, 0)} tài khoản “{fate}”, thực tế {real[fate]}.",
                f"This wave declares {declared.get(fate, 0)} accounts “{fate}”, and there are {real[fate]}.",
            ),
            real[fate],
            declared.get(fate, 0),
        )
        for fate in Fate
        if declared and declared.get(fate, 0) != real[fate]
    )
