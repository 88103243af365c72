"""From `mappings/regulations/*.yaml` to a Regulation."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it at run time
from typing import Literal

from pydantic import Field, field_validator

from syncagent.core.action import ActionKind
from syncagent.core.addresses import Pattern, is_local_part
from syncagent.core.finding import Severity
from syncagent.core.periods import Term
from syncagent.core.person import Event
from syncagent.core.regulation import (
    Anchor,
    Condition,
    Effect,
    Enforced,
    EventClause,
    ForwardRules,
    Hint,
    Naming,
    NamingRule,
    PasswordRules,
    QuotaRules,
    Regulation,
    RequestRule,
    TermClause,
)
from syncagent.core.request import RequestKind
from syncagent.core.stamp import AccountKind, State
from syncagent.mapping.clause import Clause
from syncagent.mapping.source import Strict, load
from syncagent.text import Text


def _pattern(text: str) -> str:
    Pattern.parse(text)
    return text


class _Title(Strict):
    vi: str
    en: str


class _InForce(Clause):
    date: date


class _NamingClause(Clause):
    pattern: str = Field(description="As “{ten}{initials}.{suffix}”; see docs/reference/mappings.md")

    _known_tokens = field_validator("pattern")(_pattern)


class _Clash(Clause):
    candidates: list[str] = Field(min_length=1)

    @field_validator("candidates")
    @classmethod
    def _known_tokens(cls, patterns: list[str]) -> list[str]:
        return [_pattern(text) for text in patterns]


class _Naming(Strict):
    domain: str = Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
    agency: _NamingClause
    department: _NamingClause
    personal: _NamingClause
    clash: _Clash
    reserved: list[str]

    @field_validator("reserved")
    @classmethod
    def _local_parts(cls, words: list[str]) -> list[str]:
        wrong = [word for word in words if not is_local_part(word)]
        if wrong:
            message = f"not local parts: {', '.join(wrong)}"
            raise ValueError(message)
        return words


class _EventClause(Clause):
    effect: Literal["create", "transfer", "leave", "update", "nothing", "review"]
    severity: Literal["review", "warning", "info"] = "review"


class _Term(Strict):
    months: int = Field(0, ge=0)
    days: int = Field(0, ge=0)
    working_days: int = Field(0, ge=0)

    def term(self) -> Term:
        """Return the term; two units, or none, are an error."""
        return Term(self.months, self.days, self.working_days)


class _Timed(Clause):
    term: _Term

    @field_validator("term")
    @classmethod
    def _one_unit(cls, term: _Term) -> _Term:
        term.term()
        return term


class _TermClause(_Timed):
    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    states: list[Literal["active", "locked", "withdrawn", "disabled"]] = Field(min_length=1)
    reasons: list[str] = []
    condition: Literal["always", "default-password"] = "always"
    anchor: Literal["state", "password"]
    does: Literal["lock", "disable", "withdraw", "delete"]


class _Request(Clause):
    needs_reason: bool = False


class _Orders(Clause):
    actions: list[str] = Field(min_length=1)

    @field_validator("actions")
    @classmethod
    def _known_actions(cls, kinds: list[str]) -> list[str]:
        return [ActionKind(kind).value for kind in kinds]


class _Passwords(Strict):
    shortest: int = Field(ge=4, description="Characters; four classes take at least four")
    specials: str = Field(min_length=1)
    hints: list[Literal["account", "name", "birth_date", "phone"]] = Field(
        [], description="What a password must not contain"
    )
    longest_months: int = Field(ge=0)
    must_change: Clause
    quality: Clause
    overdue: Clause


class _Quota(Clause):
    minimum_mb: int = Field(ge=0)
    attachment_mb: int = Field(ge=0)


class _Forwarding(Clause):
    allowed: list[str] = Field(min_length=1)


class _Enforced(Clause):
    value: int
    at_least: bool = False


class RegulationFile(Strict):
    """A regulation as data; each part carries its rule id and article."""

    version: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: _Title
    document: str
    in_force: _InForce
    naming: _Naming
    events: dict[str, _EventClause]
    joiner: Clause
    leaver: Clause
    unit_closed: Clause
    returner: Clause
    mover: Clause
    attributes: Clause
    alias: _Timed
    terms: list[_TermClause]
    requests: dict[str, _Request]
    restored_password: Clause
    answer: _Timed
    orders: _Orders
    passwords: _Passwords
    quota: _Quota
    forwarding: _Forwarding | None = None
    enforced: dict[str, _Enforced] = {}
    recorded: list[Clause] = []

    @field_validator("events")
    @classmethod
    def _known_events(cls, events: dict[str, _EventClause]) -> dict[str, _EventClause]:
        missing = sorted(set(Event) - {Event(name) for name in events})
        if missing:
            message = f"events without a clause: {', '.join(missing)}"
            raise ValueError(message)
        return events

    @field_validator("requests")
    @classmethod
    def _known_requests(cls, requests: dict[str, _Request]) -> dict[str, _Request]:
        return {RequestKind(name).value: rule for name, rule in requests.items()}


def read_regulation(text: str, file: str) -> Regulation:
    """Given the text of a regulation file, return the regulation.

    Raises:
        Misconfigured: the file has faults; each is named with its line.
    """
    return regulation_of(load(text, file, RegulationFile))


def regulation_of(found: RegulationFile) -> Regulation:
    """Given a validated file, return the regulation."""
    naming = found.naming
    kinds = {
        AccountKind.AGENCY: naming.agency,
        AccountKind.DEPARTMENT: naming.department,
        AccountKind.PERSONAL: naming.personal,
    }
    passwords = found.passwords
    return Regulation(
        id=found.id,
        title=Text(found.title.vi, found.title.en),
        document=found.document,
        in_force=found.in_force.date,
        in_force_cite=found.in_force.cite(),
        naming=Naming(
            domain=naming.domain,
            kinds={kind: NamingRule(Pattern.parse(rule.pattern), rule.cite()) for kind, rule in kinds.items()},
            clash=naming.clash.cite(),
            candidates=tuple(Pattern.parse(text) for text in naming.clash.candidates),
            reserved=frozenset(naming.reserved),
        ),
        events={
            Event(name): EventClause(Effect(clause.effect), clause.cite(), Severity(clause.severity))
            for name, clause in found.events.items()
        },
        joiner=found.joiner.cite(),
        leaver=found.leaver.cite(),
        unit_closed=found.unit_closed.cite(),
        returner=found.returner.cite(),
        mover=found.mover.cite(),
        attributes=found.attributes.cite(),
        alias_term=found.alias.term.term(),
        alias=found.alias.cite(),
        terms=tuple(_term_clause(clause) for clause in found.terms),
        requests={
            RequestKind(name): RequestRule(rule.cite(), rule.needs_reason) for name, rule in found.requests.items()
        },
        restored_password=found.restored_password.cite(),
        answer_within=found.answer.term.term(),
        answer=found.answer.cite(),
        orders=frozenset(ActionKind(kind) for kind in found.orders.actions),
        order=found.orders.cite(),
        passwords=PasswordRules(
            shortest=passwords.shortest,
            specials=passwords.specials,
            hints=frozenset(Hint(hint) for hint in passwords.hints),
            must_change=passwords.must_change.cite(),
            quality=passwords.quality.cite(),
            longest_months=passwords.longest_months,
            overdue=passwords.overdue.cite(),
        ),
        quota=QuotaRules(found.quota.minimum_mb, found.quota.attachment_mb, found.quota.cite()),
        forwarding=(
            ForwardRules(tuple(found.forwarding.allowed), found.forwarding.cite()) if found.forwarding else None
        ),
        enforced={name: Enforced(rule.value, rule.at_least, rule.cite()) for name, rule in found.enforced.items()},
        recorded=tuple(clause.cite() for clause in found.recorded),
    )


def _term_clause(clause: _TermClause) -> TermClause:
    return TermClause(
        id=clause.id,
        cite=clause.cite(),
        states=frozenset(State(state) for state in clause.states),
        reasons=frozenset(clause.reasons),
        condition=Condition(clause.condition),
        anchor=Anchor(clause.anchor),
        term=clause.term.term(),
        does=ActionKind(clause.does),
    )
