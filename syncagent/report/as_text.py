"""A plan for a terminal: what stops it, what a person must look at, what it would do, what comes next."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.action import Review
from syncagent.core.finding import Severity
from syncagent.report import words
from syncagent.report.inputs import rows, unit_names
from syncagent.report.next_steps import approval, next_steps
from syncagent.report.outline import by_code, by_unit, counts_of, deletions, sentence_of
from syncagent.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.action import Action
    from syncagent.core.finding import Finding
    from syncagent.core.plan import Envelope, Plan, Trip
    from syncagent.report.outline import CodePart, MonthPart, UnitPart
    from syncagent.text import Language

_FINDINGS_SHOWN = 5
_DELETIONS_SHOWN = 10
_NARROWEST = 40
_GRAVE, _ALERT, _GOOD, _STRONG, _QUIET, _PLAIN = "red", "yellow", "green", "bold", "dim", ""
_TONES = {Severity.REVIEW: _GRAVE, Severity.WARNING: _ALERT, Severity.INFO: _QUIET}


class _Line(NamedTuple):
    """A paragraph: what stands before it, and its parts with their styles; a `whole` one is never broken."""

    head: str
    parts: tuple[tuple[str, str], ...] = ()
    whole: bool = False


def render(plan: Plan, envelope: Envelope, language: Language, *, width: int, color: bool) -> str:
    """Given a plan and its envelope, return it as text of at most `width` columns; commands are never broken.

    Without `color` there is no escape sequence in the text, and none ever comes from the plan's data.
    """
    from rich.console import Console  # noqa: PLC0415 - a tenth of a second that `--help` must not pay
    from rich.text import Text as Rich  # noqa: PLC0415 - same

    out = StringIO()
    console = Console(
        file=out,
        width=max(width, _NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        _environ={},
    )
    written: list[Rich] = []
    for line in _report(plan, envelope, language):
        body = Rich.assemble(*((visible(part), style) for part, style in line.parts))
        room = max(console.width - len(line.head), _NARROWEST // 2)
        wrapped = [body] if line.whole or body.cell_len <= room else body.wrap(console, room)
        for number, part in enumerate(wrapped):
            part.rstrip()
            written.append(Rich(line.head if number == 0 else " " * len(line.head)).append_text(part))
    console.print(Rich("\n").join(written), soft_wrap=True)
    return "\n".join(row.rstrip() for row in out.getvalue().split("\n"))


def _report(plan: Plan, envelope: Envelope, language: Language) -> Iterator[_Line]:
    yield from _header(plan, envelope, language)
    yield from _summary(plan, language)
    yield from _brakes(plan, envelope, language)
    yield from _findings(plan, language)
    yield from _actions(plan, envelope, language)
    yield from _calendar(plan, language)
    yield from _next(plan, envelope, language)


def _heading(name: str, language: Language, count: int | None = None) -> Iterator[_Line]:
    total = f" ({words.number(count, language)})" if count else ""
    yield _Line("")
    yield _Line("", ((words.say(name, language).upper() + total, _STRONG),))


def _line(indent: int, *parts: tuple[str, str] | str) -> _Line:
    return _Line(" " * indent, tuple((part, _PLAIN) if isinstance(part, str) else part for part in parts))


# ── what this is ─────────────────────────────────────────────────────────────


def _header(plan: Plan, envelope: Envelope, language: Language) -> Iterator[_Line]:
    title = words.say("title", language).upper()
    yield _line(
        0,
        (f"{title} {envelope.plan_id}", _STRONG),
        f" · {words.day(plan.as_of, language)} · {plan.regulation}",
    )
    if warning := words.rehearsal(plan.as_of, envelope.created_at, language):
        yield _line(2, (warning, _GRAVE))
    facts = [
        (words.say("made", language), words.moment(envelope.created_at, language)),
        (words.say("expires", language), words.moment(envelope.expires_at, language)),
        (words.say("digest", language), envelope.digest),
        *([(words.say("undoes", language), plan.undoes)] if plan.undoes else []),
        *([(words.say("wave", language), str(plan.wave))] if plan.wave else []),
        *((words.say("made-from", language), f"{row.path}: {row.facts}") for row in rows(plan, language)),
    ]
    widest = max(len(name) for name, _ in facts)
    for name, fact in facts:
        yield _Line(f"  {name:<{widest}}  ", ((fact, _QUIET),))


def _summary(plan: Plan, language: Language) -> Iterator[_Line]:
    yield from _heading("summary", language)
    counts = [(f"{words.MARKS[kind]} {words.KINDS[kind].within(language)}", n) for kind, n in counts_of(plan.actions)]
    counts.append((f"  {words.say('left-alone', language)}", len(plan.skips)))
    widest = max(len(name) for name, _ in counts)
    for name, count in counts:
        yield _line(2, f"{name:<{widest}}  ", (f"{words.number(count, language):>7}", _STRONG))


# ── brakes ───────────────────────────────────────────────────────────────────


def _brakes(plan: Plan, envelope: Envelope, language: Language) -> Iterator[_Line]:
    yield from _heading("brakes", language)
    if not plan.brakes.tripped:
        yield _line(2, (f"✓ {words.say('no-brake', language)}", _GOOD))
    else:
        yield _line(2, (f"■ {words.say('brake-on', language)}", _GRAVE))
        for trip in plan.brakes.tripped:
            yield _trip(trip, language)
        yield _line(4, words.say("brake-wrong", language))
        yield _line(4, words.say("brake-right", language))
        yield _Line("      ", ((approval(plan, envelope, language), _STRONG),), whole=True)
    if plan.brakes.second:
        yield _line(2, (f"▲ {words.say('second-approver', language)}", _ALERT))
        for trip in plan.brakes.second:
            yield _trip(trip, language)


def _trip(trip: Trip, language: Language) -> _Line:
    return _Line("    - ", ((trip.says.within(language), _PLAIN), (f" [{trip.name}={trip.count}]", _QUIET)))


# ── findings ─────────────────────────────────────────────────────────────────


def _findings(plan: Plan, language: Language) -> Iterator[_Line]:
    yield from _heading("findings", language, len(plan.findings))
    if not plan.findings:
        yield _line(2, words.say("no-finding", language))
    for part in by_code(plan):
        yield from _code(part, language)


def _code(part: CodePart, language: Language) -> Iterator[_Line]:
    mark, tone = words.SEVERITY_MARKS[part.severity], _TONES[part.severity]
    yield _line(
        2,
        (f"{mark} {words.SEVERITIES[part.severity].within(language)}: ", tone),
        (words.FINDINGS[part.code].within(language), _STRONG),
        (f" ({len(part.findings)}) {part.code}", _QUIET),
    )
    for finding in part.findings[:_FINDINGS_SHOWN]:
        yield _finding(finding, language)
    yield from _more(len(part.findings) - _FINDINGS_SHOWN, language)


def _finding(finding: Finding, language: Language) -> _Line:
    said = sentence_of(finding, language)
    parts = [(said.subject, _STRONG), (said.rest, _PLAIN)]
    if said.concerns:
        parts.append((f" {words.say('candidates', language)}: {', '.join(said.concerns)}", _PLAIN))
    if finding.where:
        parts.append((f" [{finding.where}]", _QUIET))
    return _Line("      ", tuple(parts))


def _more(more: int, language: Language) -> Iterator[_Line]:
    if more > 0:
        yield _line(6, (words.say("more", language).format(count=words.number(more, language)), _QUIET))


# ── actions ──────────────────────────────────────────────────────────────────


def _actions(plan: Plan, envelope: Envelope, language: Language) -> Iterator[_Line]:
    yield from _heading("actions", language, len(plan.actions))
    if not plan.actions:
        yield _line(2, words.say("no-action", language))
    for part in by_unit(plan.actions, unit_names(plan)):
        yield from _unit(part, plan, envelope, language)


def _unit(part: UnitPart, plan: Plan, envelope: Envelope, language: Language) -> Iterator[_Line]:
    counts = ", ".join(f"{n} {words.KINDS[kind].within(language)}" for kind, n in part.counts)
    yield _Line("")
    key = f" ({part.unit})" if part.name != part.unit else ""
    yield _line(2, (part.name, _STRONG), (f"{key} · {counts}", _QUIET))
    for action in part.actions:
        yield from _action(action, plan, envelope, language)


def _action(action: Action, plan: Plan, envelope: Envelope, language: Language) -> Iterator[_Line]:
    tone = _GRAVE if action.destructive else _STRONG
    yield _line(
        4,
        f"{action.id} ",
        (f"{words.MARKS[action.kind]} {words.kind_of(action, language)}", tone),
        " · ",
        (action.name or action.subject, _STRONG),
        (f" ({action.subject})", _QUIET),
    )
    was = f"{action.previous_address} → " if action.previous_address else ""
    yield _line(10, (was, _PLAIN), (action.address, _STRONG))
    facts = [f"{words.say('due', language)} {words.day(action.due, language)}"]
    if action.deadline:
        facts.append(f"{words.say('deadline', language)} {words.day(action.deadline, language)}")
    if action.then:
        then = words.then_of(action.then, language)
        facts.append(f"{words.say('then', language)}: {then} {words.day(action.then.on, language)}")
    facts.append(words.REVIEWS[action.review].within(language))
    if action.needs_order and action.review is not Review.NONE:
        facts.append(words.say("needs-order", language))
    if action.needs:
        facts.append(f"{words.say('after', language)} {', '.join(action.needs)}")
    yield _line(10, " · ".join(facts))
    for reason in action.because:
        document = f" ({words.say('document', language)} {reason.document})" if reason.document else ""
        yield _line(
            10,
            f"{words.say('because', language)} {reason.article}{document}: {reason.text.within(language)}",
            (f" [{reason.rule}]", _QUIET),
        )
    if action.alone:
        yield _line(10, (words.say("alone", language), _ALERT))
        yield _Line(" " * 12, ((approval(plan, envelope, language, action.id), _STRONG),), whole=True)


# ── what comes ───────────────────────────────────────────────────────────────


def _calendar(plan: Plan, language: Language) -> Iterator[_Line]:
    months = deletions(plan)
    yield from _heading("calendar", language, sum(len(month.deletions) for month in months))
    if not months:
        yield _line(2, words.say("no-deletion", language))
    for month in months:
        yield from _month(month, language)
    yield _line(2, (words.say("all-deletions", language), _QUIET))


def _month(month: MonthPart, language: Language) -> Iterator[_Line]:
    yield _line(2, (words.month(month.first, language), _STRONG), (f" ({len(month.deletions)})", _QUIET))
    for one in month.deletions[:_DELETIONS_SHOWN]:
        when = words.say("in-this-plan" if one.now else "if-nothing-changes", language)
        yield _line(
            4,
            (f"{words.day(one.on, language)} ", _GRAVE if one.now else _PLAIN),
            (one.action.address, _STRONG),
            f" · {one.action.name or one.action.subject}",
            (f" · {one.action.id}, {when}", _QUIET),
        )
    yield from _more(len(month.deletions) - _DELETIONS_SHOWN, language)


def _next(plan: Plan, envelope: Envelope, language: Language) -> Iterator[_Line]:
    yield from _heading("next", language)
    for number, step in enumerate(next_steps(plan, envelope, language), start=1):
        yield _Line(f"  {number}. ", ((step.says.within(language), _PLAIN),))
        if step.command:
            yield _Line("     ", ((step.command, _STRONG),), whole=True)
