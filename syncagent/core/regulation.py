"""One regulation as data: naming, events, states, terms, passwords, quotas, who orders what.

The engine knows no regulation by name. Every clause carries its rule and article, so that each line of a plan
can be read beside the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.request import RequestKind
from syncagent.core.stamp import Reason
from syncagent.core.unit import unit_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.action import ActionKind, Cite
    from syncagent.core.addresses import Pattern
    from syncagent.core.duties import IncidentClause, ReportClause
    from syncagent.core.finding import Severity
    from syncagent.core.password_policy import Setting
    from syncagent.core.periods import Term
    from syncagent.core.person import Event
    from syncagent.core.request import Request
    from syncagent.core.stamp import AccountKind, State
    from syncagent.text import Text


class NamingRule(NamedTuple):
    """How addresses of one kind of mailbox are built; `shared` is the form where several units have one name."""

    pattern: Pattern
    cite: Cite
    shared: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """The naming rules.

    `communes` is the rule for communes below another unit, where it differs from an agency's. `candidates` are the
    forms proposed when an address is taken; `numbered` says that the later of two people gets a number instead.
    `reserved` is never issued. An agreed address says the holder's name where `says_person` or `says_unit` is set.
    """

    domain: str
    kinds: Mapping[AccountKind, NamingRule]
    communes: NamingRule | None
    clash: Cite
    numbered: bool
    candidates: tuple[Pattern, ...]
    reserved: frozenset[str]
    says_person: bool
    says_unit: bool


class Effect(StrEnum):
    """What a personnel event means for the mailbox."""

    CREATE = "create"
    TRANSFER = "transfer"
    LEAVE = "leave"
    UPDATE = "update"
    NOTHING = "nothing"
    REVIEW = "review"


class EventClause(NamedTuple):
    """What the regulation makes of one event; `review` waits for a written request of the agency."""

    effect: Effect
    cite: Cite
    severity: Severity


class InternalMove(StrEnum):
    """How a move inside the system is carried out (domain §1.8 row 4)."""

    READDRESS = "readdress"
    REISSUE = "reissue"


class Closing(NamedTuple):
    """What closes a mailbox for good, and the rule; None where only a written order does."""

    does: ActionKind | None
    cite: Cite


class Mover(NamedTuple):
    """The readings of a move the text allows, the usual one first, and what a new issue does to the old mailbox.

    `reissue` is the article a new issue follows, if it is another than that of a changed address.
    """

    readings: tuple[InternalMove, ...]
    closes: ActionKind
    cite: Cite
    reissue: Cite | None = None

    @property
    def reissued(self) -> Cite:
        """Return the article by which the old mailbox is closed and a new one issued."""
        return self.reissue or self.cite


class Anchor(StrEnum):
    """The day from which a term runs; `use` is the last use, or the issue of a mailbox never used."""

    STATE = "state"
    ISSUE = "issue"
    USE = "use"
    DEFAULT_PASSWORD = "default-password"  # noqa: S105 - a word, not a password
    PASSWORD_SET = "password-set"  # noqa: S105 - same


class Condition(StrEnum):
    """What must hold for a term to run at all."""

    ALWAYS = "always"
    DEFAULT_PASSWORD = "default-password"  # noqa: S105 - a word, not a password
    OWN_PASSWORD = "own-password"  # noqa: S105 - same
    NEVER_USED = "never-used"


@dataclass(frozen=True, slots=True)
class TermClause:
    """A term after which something is ordered: from which states, for which reasons, how long, what then.

    `reasons` empty means any. `exempts` says that a stated reason for not using the mailbox suspends the clause.
    """

    id: str
    cite: Cite
    states: frozenset[State]
    reasons: frozenset[str]
    condition: Condition
    anchor: Anchor
    term: Term
    does: ActionKind
    exempts: bool = False


class Hint(StrEnum):
    """What a password must not contain, because others know it."""

    ACCOUNT = "account"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What passwords must be: so many characters of all four classes, specials from `specials`, without `hints`.

    `longest_months` has no sanction of its own: older passwords are reported.
    """

    shortest: int
    specials: str
    hints: frozenset[Hint]
    must_change: Cite
    quality: Cite
    longest_months: int
    overdue: Cite


class Bound(StrEnum):
    """How a size is meant."""

    MINIMUM = "minimum"
    EXACT = "exact"
    MAXIMUM = "maximum"

    def holds(self, found: float, wanted: float) -> bool:
        """Whether what is found keeps to what is wanted."""
        if self is Bound.MINIMUM:
            return found >= wanted
        return found <= wanted if self is Bound.MAXIMUM else found == wanted


class QuotaRules(NamedTuple):
    """The size of a mailbox and of the largest attachment, in megabytes; new mailboxes get exactly that size.

    `excepts` says that the text lets somebody decide on another size for a mailbox.
    """

    size_mb: int
    bound: Bound
    attachment_mb: int
    cite: Cite
    excepts: bool = False

    def satisfied_by(self, size_mb: int) -> bool:
        """Whether a mailbox of this size keeps the rule."""
        return self.bound.holds(size_mb, self.size_mb)


class ForwardRules(NamedTuple):
    """Domains to which mail may be forwarded; a leading dot stands for all below."""

    allowed: tuple[str, ...]
    cite: Cite


class Enforced(NamedTuple):
    """A number that the directory itself must enforce, in the unit of its setting, and how it is meant."""

    setting: Setting
    value: int
    bound: Bound
    cite: Cite

    def satisfied_by(self, found: int) -> bool:
        """Whether the directory's number carries the rule out."""
        return self.bound.holds(self.setting.measured(found), self.setting.measured(self.value))


class Gate(NamedTuple):
    """How many days after its lock a mailbox may be opened at the earliest, for which reasons of the lock."""

    days: int
    reasons: frozenset[str]
    cite: Cite


class Asker(StrEnum):
    """From where a request must come: the operators, the unit's letter, its mailbox, either, or any unit above.

    A lost password is reported by its holder or their agency.
    """

    OPERATORS = "operators"
    UNIT_LETTER = "unit-letter"
    UNIT_MAILBOX = "unit-mailbox"
    UNIT_IN_WRITING = "unit-in-writing"
    OWN_UNITS = "own-units"
    HOLDER = "holder"


class AskerRule(NamedTuple):
    """Who may ask for what; a request from elsewhere is rejected with the article. `operators` may ask for all.

    `operators` are units by key or abbreviation. `agency_restores` says that a closed mailbox is given back only when
    the agency itself asks, not an operator; `unsaid` that a request counts which does not say who sent it.
    """

    who: Asker
    cite: Cite
    operators: frozenset[str] = frozenset()
    agency_restores: bool = False
    unsaid: bool = False


class AnswerRule(NamedTuple):
    """The article that orders an answer, and its term; None where the text sets none."""

    cite: Cite
    within: Term | None


class RequestRule(NamedTuple):
    """A kind of request the regulation knows, the rule behind it, and whether it needs a number and a reason.

    `does` is what cancelling a mailbox means; `needs_decision` that a person's ends by the decision in the roster, not
    by the request alone; `gate` when an unlock may happen. `asker` is who may ask for this, if the text names
    somebody; `units_asker` who may where a unit's mailbox is meant, `units` the article then, if it is another.
    `answer` is its own article on the answer.
    """

    cite: Cite
    needs_reason: bool
    does: ActionKind | None = None
    gate: Gate | None = None
    asker: AskerRule | None = None
    units_asker: AskerRule | None = None
    needs_number: bool = True
    needs_decision: bool = False
    answer: AnswerRule | None = None
    units: Cite | None = None

    def cite_of(self, subject: str) -> Cite:
        """Return the article by which this is asked for a person's or a unit's mailbox."""
        return (self.units if _is_unit(subject) else None) or self.cite


class HolderRules(NamedTuple):
    """Who may hold a unit's mailbox: at most so many people (None: the text sets no number), and the hand-over."""

    most: int | None
    cite: Cite
    hand_over: Cite


def _is_unit(subject: str) -> bool:
    return subject.startswith(unit_key(""))


@dataclass(frozen=True, slots=True)
class Regulation:
    """One published decision, parsed and frozen."""

    id: str
    title: Text
    document: str
    in_force: date
    in_force_cite: Cite
    naming: Naming
    events: Mapping[Event, EventClause]
    joiner: Cite
    leaver: Closing
    unit_closed: Closing
    returner: Cite
    mover: Mover
    attributes: Cite
    alias_term: Term
    alias: Cite
    terms: tuple[TermClause, ...]
    requests: Mapping[RequestKind, RequestRule]
    restored_password: Cite
    answer: AnswerRule
    answered: frozenset[RequestKind]
    orders: frozenset[ActionKind]
    order: Cite
    passwords: PasswordRules
    quota: QuotaRules | None
    forwarding: ForwardRules | None
    asker: AskerRule | None = None
    unit_joiner: Cite | None = None
    unit_returner: Cite | None = None
    holders: HolderRules | None = None
    rights: Cite | None = None
    sign_on: Cite | None = None
    undecided: tuple[Cite, ...] = ()
    enforced: Mapping[Setting, Enforced] = field(default_factory=dict)
    reports: tuple[ReportClause, ...] = ()
    incident: IncidentClause | None = None
    recorded: tuple[Cite, ...] = ()

    @property
    def counts_use(self) -> bool:
        """Whether anything follows from not using a mailbox."""
        return any(clause.anchor is Anchor.USE for clause in self.terms)

    def asker_of(self, kind: RequestKind, subject: str) -> AskerRule | None:
        """Return who may ask for this about a person or a unit's mailbox; None where the text leaves it open."""
        rule = self.requests.get(kind)
        if rule is None:
            return self.asker
        return (rule.units_asker if _is_unit(subject) else None) or rule.asker or self.asker

    def returner_of(self, subject: str) -> Cite:
        """Return the article by which a closed mailbox is given back to a person or a unit."""
        return (self.unit_returner if _is_unit(subject) else None) or self.returner

    def knows(self, request: Request) -> bool:
        """Whether the text provides for a request; another size, where somebody may decide on it (BT-08, Điều 5)."""
        if request.excuses_size:
            return self.quota is not None and self.quota.excepts
        return request.kind in self.requests

    def answer_of(self, kind: RequestKind) -> AnswerRule:
        """Return the article by which a request is answered, and its term: its own, the general one, or its rule's.

        What the text does not provide for is answered like what it provides for: the letter still waits for one.
        """
        rule = self.requests.get(kind)
        if rule is None or kind in self.answered:
            return self.answer
        return rule.answer or AnswerRule(rule.cite, None)

    def ground_of(self, why: str, subject: str) -> Cite | None:
        """Return the clause by which a mailbox came to be locked or closed, given why it is (stamp); None if none."""
        requests = {Reason.CANCELLED: RequestKind.CANCEL, Reason.ORDERED: RequestKind.LOCK}
        grounds: dict[str, Cite] = {
            Reason.LEFT: self.leaver.cite,
            Reason.UNIT_CLOSED: self.unit_closed.cite,
            Reason.REISSUED: self.mover.reissued,
            Reason.RELOCATED: self.attributes,
            **{
                reason: self.requests[kind].cite_of(subject)
                for reason, kind in requests.items()
                if kind in self.requests
            },
            **{clause.id: clause.cite for clause in self.terms},
        }
        return grounds.get(why)

    def cites(self) -> tuple[Cite, ...]:
        """Return every clause, each once, in the order of its rule."""
        found = [
            self.in_force_cite,
            *(rule.cite for rule in self.naming.kinds.values()),
            *([self.naming.communes.cite] if self.naming.communes else []),
            self.naming.clash,
            *(clause.cite for clause in self.events.values()),
            self.joiner, *([self.unit_joiner] if self.unit_joiner else []),
            *([self.unit_returner] if self.unit_returner else []),
            self.leaver.cite, self.unit_closed.cite, self.returner, self.mover.cite,
            *([self.mover.reissue] if self.mover.reissue else []),
            self.attributes, self.alias,
            *(clause.cite for clause in self.terms),
            *(cite for rule in self.requests.values() for cite in (rule.cite, rule.units) if cite),
            *(rule.gate.cite for rule in self.requests.values() if rule.gate),
            *(one.cite for rule in self.requests.values() for one in (rule.asker, rule.units_asker) if one),
            *(rule.answer.cite for rule in self.requests.values() if rule.answer),
            self.restored_password, self.answer.cite, self.order,
            self.passwords.must_change, self.passwords.quality, self.passwords.overdue,
            *(rule.cite for rule in (self.quota, self.forwarding, self.asker, self.holders) if rule),
            *([self.holders.hand_over] if self.holders else []),
            *([self.rights] if self.rights else []),
            *([self.sign_on] if self.sign_on else []),
            *self.undecided,
            *(rule.cite for rule in self.enforced.values()),
            *(clause.cite for clause in self.reports),
            *([self.incident.cite] if self.incident else []),
            *self.recorded,
        ]  # fmt: skip
        return tuple(sorted(dict.fromkeys(found), key=lambda cite: (cite.rule, cite.article, cite.text.en)))
