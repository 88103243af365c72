"""One subject with all facts that bear on it, and the step the regulation takes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import Because, Then
from syncagent.core.finding import Finding, Severity
from syncagent.core.stamp import AccountKind, State
from syncagent.core.unit import UnitKind, UnitStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.account import Account
    from syncagent.core.action import ActionKind, Cite
    from syncagent.core.finding import FindingCode
    from syncagent.core.notation import Values
    from syncagent.core.person import Person
    from syncagent.core.policy import Policy
    from syncagent.core.request import Request
    from syncagent.core.snapshot import Right
    from syncagent.core.stamp import Alias, Stamp
    from syncagent.core.unit import Unit
    from syncagent.text import Text


class Verdict(NamedTuple):
    """Whether a rule applies to a subject today, and why (for `explain`)."""

    rule: str
    article: str
    applies: bool
    says: Text


@dataclass(slots=True)
class Case:
    """A person or a unit's mailbox, with its account, its stamp and the requests that concern it.

    `deleted` is what an account of theirs carried when it was deleted, `vanished` says that one is gone without our
    doing. `unit` is where the person works, or the unit whose mailbox it is. `stamp` is None where there is no account
    or it is not ours. `remembered` is what the Ledger says of the account, even where its stamp was wiped. `holders`
    are the people who hold a unit's mailbox by the roster and work there, `rights` those taken from the account when
    it was closed. `inherits` are addresses of old systems that are to lead to this mailbox; `moved_by` is the decision
    of the merger that moves everybody here. `requests` are not yet carried out, oldest first. `verdicts` collects, if
    it is a list, what each rule says of this subject.
    """

    subject: str
    person: Person | None
    unit: Unit
    account: Account | None
    stamp: Stamp | None
    remembered: Stamp | None
    requests: tuple[Request, ...]
    vanished: bool
    deleted: Stamp | None
    today: date
    policy: Policy
    holders: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    kept: Mapping[str, Values] = field(default_factory=dict)
    inherits: tuple[Alias, ...] = ()
    moved_by: str = ""
    verdicts: list[Verdict] | None = None

    @property
    def kind(self) -> AccountKind:
        """Return whose mailbox this is."""
        if self.person:
            return AccountKind.PERSONAL
        return AccountKind.DEPARTMENT if self.unit.kind is UnitKind.DEPARTMENT else AccountKind.AGENCY

    @property
    def unit_closed(self) -> bool:
        """Whether the unit has been dissolved or merged by today."""
        return self.unit.status is not UnitStatus.ACTIVE

    def consider(self, cite: Cite, says: Text, *, applies: bool) -> None:
        """Note what a rule says of this subject; costs nothing unless somebody asked."""
        if self.verdicts is not None:
            self.verdicts.append(Verdict(cite.rule, cite.article, applies, says))

    def finding(
        self,
        code: FindingCode,
        says: Text,
        severity: Severity = Severity.REVIEW,
        candidates: tuple[str, ...] = (),
    ) -> Finding:
        """Return a finding about this subject that points at its row."""
        where = self.person.current.where if self.person else self.unit.where
        return Finding(code, severity, self.subject, says, candidates, str(where))


IN_STEP = "in-step"
"""Why somebody is left alone with whom nothing is wrong."""


@dataclass(slots=True)  # frozen by decision 023, not by Python
class Step:
    """What the regulation does with a subject today.

    `kind` None means that the state stays; `skip` then says why in a short code, and `next` when that may
    change. `sync` says whether addresses and attributes are kept in step. `document` is the decision or request
    behind the step and `row` the effective date of the roster row acted on.
    """

    state: State
    kind: ActionKind | None = None
    why: str = ""
    because: tuple[Because, ...] = ()
    due: date | None = None
    document: str = ""
    row: date | None = None
    deadline: date | None = None
    then: Then | None = None
    default_password: bool = False
    sync: bool = False
    fulfils: tuple[str, ...] = ()
    skip: str = IN_STEP
    next: date | None = None
    findings: tuple[Finding, ...] = field(default=())
    alone: bool = False
    two: bool = False


def because(cite: Cite, text: Text | None = None, document: str = "") -> Because:
    """Return a reason from a clause of the regulation."""
    return Because(cite.rule, cite.article, text or cite.text, document)


def stay(case: Case, skip: str, *findings: Finding, next_day: date | None = None) -> Step:
    """Return the step of somebody with whom nothing is done today, why in a short code, and when that may change."""
    state = case.stamp.state if case.stamp else State.ACTIVE
    return Step(state, skip=skip, findings=findings, next=next_day)
