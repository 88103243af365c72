"""From `mappings/regulations/*.yaml` to a Regulation."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads it at run time
from typing import Literal

from pydantic import Field, field_validator

from syncagent.core.action import ActionKind
from syncagent.core.addresses import Pattern, is_local_part
from syncagent.core.finding import Severity
from syncagent.core.password_policy import Setting
from syncagent.core.periods import Term
from syncagent.core.person import Event
from syncagent.core.regulation import (
    Anchor,
    AnswerRule,
    Asker,
    AskerRule,
    Bound,
    Closing,
    Condition,
    Effect,
    Enforced,
    EventClause,
    ForwardRules,
    Gate,
    Hint,
    HolderRules,
    InternalMove,
    Mover,
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
from syncagent.mapping.reports import IncidentPart, ReportPart
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

    shared: str | None = Field(None, description="The form where several agencies have a department of one name")

    @field_validator("pattern", "shared")
    @classmethod
    def _known_tokens(cls, text: str | None) -> str | None:
        return None if text is None else _pattern(text)

    def naming_rule(self) -> NamingRule:
        """Return the rule."""
        return NamingRule(Pattern.parse(self.pattern), self.cite(), Pattern.parse(self.shared) if self.shared else None)


class _Clash(Clause):
    numbered: bool = Field(default=False, description="The later of two people gets 1, 2, 3 after the name")
    candidates: list[str] = Field([], description="Forms proposed to people who must agree on a name")
    says: list[Literal["person", "unit"]] = Field(
        ["person", "unit"],
        description="Whose name an agreed address must contain",
    )

    @field_validator("candidates")
    @classmethod
    def _known_tokens(cls, patterns: list[str]) -> list[str]:
        return [_pattern(text) for text in patterns]


class _Naming(Strict):
    domain: str = Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")
    agency: _NamingClause
    department: _NamingClause
    personal: _NamingClause
    commune: _NamingClause | None = Field(None, description="Communes below another unit, where they differ")
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
    condition: Literal["always", "default-password", "own-password", "never-used"] = "always"
    anchor: Literal["state", "issue", "use", "default-password", "password-set"]
    does: Literal["lock", "disable", "withdraw", "delete"]
    exempts: bool = Field(default=False, description="A stated reason for not using the mailbox suspends the clause")


class _Closing(Clause):
    does: Literal["disable", "withdraw", "by-order"]

    def closing(self) -> Closing:
        """Return the closing."""
        return Closing(None if self.does == "by-order" else ActionKind(self.does), self.cite())


class _Mover(Clause):
    readings: list[Literal["readdress", "reissue"]] = Field(min_length=1)
    closes: Literal["disable", "withdraw"]
    reissue: Clause | None = Field(None, description="The article on a new issue, where readdressing follows another")


class _Gate(Clause):
    days: int = Field(ge=1)
    reasons: list[str] = Field(min_length=1)


class _Asker(Clause):
    who: Literal["operators", "unit-letter", "unit-mailbox", "unit-in-writing", "own-units", "holder"]
    operators: list[str] = Field([], description="Units that run the system and may ask for all: keys, abbreviations")
    agency_restores: bool = Field(
        default=False, description="Only the agency itself, no operator, asks for a closed mailbox again"
    )
    unsaid: bool = Field(default=False, description="A request counts that does not say who sent it")


class _Request(Clause):
    needs_reason: bool = False
    does: Literal["disable", "withdraw", "delete"] | None = None
    gate: _Gate | None = None
    asker: _Asker | None = Field(None, description="Who may ask for this, if the text names somebody")
    units_asker: _Asker | None = Field(None, description="Who may ask for this where a unit's mailbox is meant")
    units: Clause | None = Field(None, description="The article where a unit's mailbox is meant, if it is another")
    needs_number: bool = Field(default=True, description="What ends a mailbox is a letter with a number, no mail")
    needs_decision: bool = Field(
        default=False, description="A person's mailbox ends by the decision in the roster, not by the request alone"
    )
    answer: _Timed | None = Field(None, description="The article that orders an answer to this, if it has its own")


class _Holders(Clause):
    most: int | None = Field(None, ge=1, description="How many people may hold one mailbox; none if the text is silent")
    hand_over: Clause


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
    size_mb: int = Field(ge=1)
    bound: Literal["minimum", "exact", "maximum"]
    attachment_mb: int = Field(ge=1)
    excepts: bool = Field(
        default=False, description="Somebody may decide on another size: an exempt request, value quota"
    )


class _Answer(Clause):
    term: _Term | None = Field(None, description="None where the text sets no deadline")
    requests: list[str] = Field(
        [kind.value for kind in RequestKind], description="What is answered by this article; all, if it names none"
    )

    @field_validator("requests")
    @classmethod
    def _known_kinds(cls, kinds: list[str]) -> list[str]:
        return [RequestKind(kind).value for kind in kinds]

    @field_validator("term")
    @classmethod
    def _one_unit(cls, term: _Term | None) -> _Term | None:
        if term:
            term.term()
        return term


class _Forwarding(Clause):
    allowed: list[str] = Field(min_length=1)


class _Enforced(Clause):
    value: int = Field(ge=0, description="Attempts, minutes, characters, days, or 1 for on; 0: never")
    bound: Literal["minimum", "exact", "maximum"] = "exact"


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
    unit_joiner: Clause | None = Field(None, description="Issuing a unit's mailbox, where another article says so")
    unit_returner: Clause | None = Field(None, description="Giving one back, where another article says so")
    leaver: _Closing
    unit_closed: _Closing
    returner: Clause
    mover: _Mover
    attributes: Clause
    alias: _Timed
    terms: list[_TermClause]
    requests: dict[str, _Request]
    restored_password: Clause
    answer: _Answer
    orders: _Orders
    passwords: _Passwords
    quota: _Quota | None = None
    asker: _Asker | None = None
    holders: _Holders | None = Field(None, description="Who holds a unit's mailbox, and its hand-over")
    rights: Clause | None = Field(None, description="Rights on other mailboxes and groups end with the service")
    sign_on: Clause | None = Field(None, description="What else is logged in to with the address, if anything")
    undecided: list[Clause] = Field([], description="What the text leaves open until the operator decides")
    forwarding: _Forwarding | None = None
    enforced: dict[str, _Enforced] = {}
    reports: list[ReportPart] = Field([], description="What is reported to whom, and when")
    incident: IncidentPart | None = None
    recorded: list[Clause] = []

    @field_validator("events")
    @classmethod
    def _known_events(cls, events: dict[str, _EventClause]) -> dict[str, _EventClause]:
        missing = sorted(set(Event) - {Event(name) for name in events})
        if missing:
            message = f"events without a clause: {', '.join(missing)}"
            raise ValueError(message)
        return events

    @field_validator("enforced")
    @classmethod
    def _known_settings(cls, rules: dict[str, _Enforced]) -> dict[str, _Enforced]:
        return {Setting(name).value: rule for name, rule in rules.items()}

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
        AccountKind.AGENCY: naming.agency.naming_rule(),
        AccountKind.DEPARTMENT: naming.department.naming_rule(),
        AccountKind.PERSONAL: naming.personal.naming_rule(),
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
            kinds=kinds,
            communes=naming.commune.naming_rule() if naming.commune else None,
            clash=naming.clash.cite(),
            numbered=naming.clash.numbered,
            candidates=tuple(Pattern.parse(text) for text in naming.clash.candidates),
            reserved=frozenset(naming.reserved),
            says_person="person" in naming.clash.says,
            says_unit="unit" in naming.clash.says,
        ),
        events={
            Event(name): EventClause(Effect(clause.effect), clause.cite(), Severity(clause.severity))
            for name, clause in found.events.items()
        },
        joiner=found.joiner.cite(),
        unit_joiner=found.unit_joiner.cite() if found.unit_joiner else None,
        unit_returner=found.unit_returner.cite() if found.unit_returner else None,
        leaver=found.leaver.closing(),
        unit_closed=found.unit_closed.closing(),
        returner=found.returner.cite(),
        mover=Mover(
            tuple(InternalMove(reading) for reading in found.mover.readings),
            ActionKind(found.mover.closes),
            found.mover.cite(),
            found.mover.reissue.cite() if found.mover.reissue else None,
        ),
        attributes=found.attributes.cite(),
        alias_term=found.alias.term.term(),
        alias=found.alias.cite(),
        terms=tuple(_term_clause(clause) for clause in found.terms),
        requests={RequestKind(name): _request_rule(rule) for name, rule in found.requests.items()},
        restored_password=found.restored_password.cite(),
        answer=AnswerRule(found.answer.cite(), found.answer.term.term() if found.answer.term else None),
        answered=frozenset(RequestKind(kind) for kind in found.answer.requests),
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
        quota=_quota_rules(found.quota) if found.quota else None,
        forwarding=(
            ForwardRules(tuple(found.forwarding.allowed), found.forwarding.cite()) if found.forwarding else None
        ),
        asker=_asker_rule(found.asker) if found.asker else None,
        holders=HolderRules(found.holders.most, found.holders.cite(), found.holders.hand_over.cite())
        if found.holders
        else None,
        rights=found.rights.cite() if found.rights else None,
        sign_on=found.sign_on.cite() if found.sign_on else None,
        undecided=tuple(clause.cite() for clause in found.undecided),
        enforced={
            Setting(name): Enforced(Setting(name), rule.value, Bound(rule.bound), rule.cite())
            for name, rule in found.enforced.items()
        },
        reports=tuple(part.clause() for part in found.reports),
        incident=found.incident.clause() if found.incident else None,
        recorded=tuple(clause.cite() for clause in found.recorded),
    )


def _asker_rule(asker: _Asker) -> AskerRule:
    return AskerRule(Asker(asker.who), asker.cite(), frozenset(asker.operators), asker.agency_restores, asker.unsaid)


def _quota_rules(quota: _Quota) -> QuotaRules:
    return QuotaRules(quota.size_mb, Bound(quota.bound), quota.attachment_mb, quota.cite(), quota.excepts)


def _request_rule(rule: _Request) -> RequestRule:
    return RequestRule(
        cite=rule.cite(),
        needs_reason=rule.needs_reason,
        does=ActionKind(rule.does) if rule.does else None,
        gate=Gate(rule.gate.days, frozenset(rule.gate.reasons), rule.gate.cite()) if rule.gate else None,
        asker=_asker_rule(rule.asker) if rule.asker else None,
        units_asker=_asker_rule(rule.units_asker) if rule.units_asker else None,
        needs_number=rule.needs_number,
        needs_decision=rule.needs_decision,
        answer=AnswerRule(rule.answer.cite(), rule.answer.term.term()) if rule.answer else None,
        units=rule.units.cite() if rule.units else None,
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
        exempts=clause.exempts,
    )
