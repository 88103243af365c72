"""One regulation as data: naming, events, states, terms, passwords, quotas, who orders what.

The engine knows no regulation by name. Every clause carries its rule and article, so that each line of a plan
can be read beside the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from syncagent.core.action import ActionKind, Cite
    from syncagent.core.addresses import Pattern
    from syncagent.core.finding import Severity
    from syncagent.core.periods import Term
    from syncagent.core.person import Event
    from syncagent.core.request import RequestKind
    from syncagent.core.stamp import AccountKind, State
    from syncagent.text import Text


class NamingRule(NamedTuple):
    """How addresses of one kind of mailbox are built."""

    pattern: Pattern
    cite: Cite


@dataclass(frozen=True, slots=True)
class Naming:
    """The naming rules. `candidates` are the forms proposed when an address is taken; `reserved` is never issued."""

    domain: str
    kinds: Mapping[AccountKind, NamingRule]
    clash: Cite
    candidates: tuple[Pattern, ...]
    reserved: frozenset[str]


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


class Anchor(StrEnum):
    """The day from which a term runs."""

    STATE = "state"
    PASSWORD = "password"  # noqa: S105 - a word, not a password


class Condition(StrEnum):
    """What must hold for a term to run at all."""

    ALWAYS = "always"
    DEFAULT_PASSWORD = "default-password"  # noqa: S105 - a word, not a password


@dataclass(frozen=True, slots=True)
class TermClause:
    """A term after which something is ordered: from which states, for which reasons, how long, what then.

    `reasons` empty means any. A clause that deletes demands that the decision behind the state still stands.
    """

    id: str
    cite: Cite
    states: frozenset[State]
    reasons: frozenset[str]
    condition: Condition
    anchor: Anchor
    term: Term
    does: ActionKind


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


class QuotaRules(NamedTuple):
    """The least size of a mailbox and the largest attachment, in megabytes."""

    minimum_mb: int
    attachment_mb: int
    cite: Cite


class ForwardRules(NamedTuple):
    """Domains to which mail may be forwarded; a leading dot stands for all below."""

    allowed: tuple[str, ...]
    cite: Cite


class Enforced(NamedTuple):
    """A number that the directory itself must enforce: exactly this one, or at least this one."""

    value: int
    at_least: bool
    cite: Cite

    def satisfied_by(self, found: str) -> bool:
        """Whether the directory's setting carries the rule out; what is no number does not."""
        if not found.lstrip("-").isdigit():
            return False
        return int(found) >= self.value if self.at_least else int(found) == self.value


class RequestRule(NamedTuple):
    """A kind of request the regulation knows, the rule behind it, and whether it needs a reason."""

    cite: Cite
    needs_reason: bool


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
    leaver: Cite
    unit_closed: Cite
    returner: Cite
    mover: Cite
    attributes: Cite
    alias_term: Term
    alias: Cite
    terms: tuple[TermClause, ...]
    requests: Mapping[RequestKind, RequestRule]
    restored_password: Cite
    answer_within: Term
    answer: Cite
    orders: frozenset[ActionKind]
    order: Cite
    passwords: PasswordRules
    quota: QuotaRules
    forwarding: ForwardRules | None
    enforced: Mapping[str, Enforced] = field(default_factory=dict)
    recorded: tuple[Cite, ...] = ()

    def cites(self) -> tuple[Cite, ...]:
        """Return every clause, each once, in the order of its rule."""
        found = [
            self.in_force_cite,
            *(rule.cite for rule in self.naming.kinds.values()),
            self.naming.clash,
            *(clause.cite for clause in self.events.values()),
            self.joiner, self.leaver, self.unit_closed, self.returner, self.mover, self.attributes, self.alias,
            *(clause.cite for clause in self.terms),
            *(rule.cite for rule in self.requests.values()),
            self.restored_password, self.answer, self.order,
            self.passwords.must_change, self.passwords.quality, self.passwords.overdue,
            self.quota.cite,
            *([self.forwarding.cite] if self.forwarding else []),
            *(rule.cite for rule in self.enforced.values()),
            *self.recorded,
        ]  # fmt: skip
        return tuple(sorted(dict.fromkeys(found), key=lambda cite: (cite.rule, cite.article, cite.text.en)))
