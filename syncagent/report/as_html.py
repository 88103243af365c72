"""A plan as one HTML page that needs no server, no network and no script to be read, printed and filed.

Nothing of a plan can become markup: every value passes through `visible` and autoescape, none is marked safe,
none enters a script. The page's policy allows exactly one script, by its hash, and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from syncagent.core.action import Operation, Review
from syncagent.report import words
from syncagent.report.charts import charts
from syncagent.report.inputs import rows
from syncagent.report.markup import environment
from syncagent.report.next_steps import approval, next_steps
from syncagent.report.outline import by_agency, by_code, by_unit, counts_of, deletions, sentence_of, to_decide
from syncagent.report.visible import visible
from syncagent.report.weight import weight_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.core.action import Action, Change
    from syncagent.core.plan import Envelope, Plan
    from syncagent.text import Language, Text

_SHORT_DIGEST = len("sha256:") + 12
_APPROVERS = {Review.NONE: 1, Review.ONE: 1, Review.TWO: 2}


def render(plan: Plan, envelope: Envelope, language: Language, unit_names: Mapping[str, str]) -> str:
    """Given a plan, its envelope and the names of its units, return the whole page as text.

    A name may carry the agency before the room (“Sở Y tế › Văn phòng”, see `core.unit.WITHIN`): rooms of many
    agencies are called alike, and the page has one heading with counts per agency.
    """
    templates = environment("syncagent.report")
    months, agencies = deletions(plan), by_agency(by_unit(plan.actions, unit_names))
    return templates.get_template("report.html.jinja").render(
        _vocabulary(language),
        plan=plan,
        envelope=envelope,
        short_digest=envelope.digest[:_SHORT_DIGEST],
        script_hash=_hash_of(templates.get_template("report.js").render()),
        counts=counts_of(plan.actions),
        rehearsal=words.rehearsal(plan.as_of, envelope.created_at, language),
        destructive=sum(action.destructive for action in plan.actions),
        to_decide=to_decide(plan),
        inputs=tuple(rows(plan, language)),
        approval=partial(approval, plan, envelope, language),
        codes=by_code(plan),
        severities=[severity for severity in words.SEVERITIES if any(f.severity is severity for f in plan.findings)],
        agencies=agencies,
        charts=charts(plan, agencies, months),
        months=months,
        deleted=sum(len(month.deletions) for month in months),
        steps=tuple(next_steps(plan, envelope, language)),
        approvers=max((_APPROVERS[action.review] for action in plan.actions), default=1),
        foot=_css_string(f"{words.say('purpose', language)} · {envelope.plan_id} · {envelope.digest}"),
    )


def _vocabulary(language: Language) -> dict[str, object]:
    """Return what the templates say and how they write values, bound to one language."""

    def text(label: Text) -> str:
        return label.within(language)

    return {
        "lang": language,
        "say": partial(words.say, language=language),
        "day": partial(words.day, language=language),
        "month_of": partial(words.month, language=language),
        "moment": partial(words.moment, language=language),
        "number": partial(words.number, language=language),
        "kind_of": partial(words.kind_of, language=language),
        "then_of": partial(words.then_of, language=language),
        "text": text,
        "words": words,
        "weight_of": weight_of,
        "sentence_of": partial(sentence_of, language=language),
        "attributes_of": attributes_of,
        "size_of": size_of,
        "Operation": Operation,
        "Review": Review,
    }


def _hash_of(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _css_string(text: str) -> str:
    r"""Return a text as a CSS string in which every letter stands as `\HEX `, so that none can end it."""
    return '"' + "".join(f"\\{ord(char):x} " for char in visible(text)) + '"'


def attributes_of(change: Change) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return the attributes of a change with their values before and after; equal ones share a row."""
    names: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for name, values in sorted(change.attributes.items()):
        names[values].append(name)
    return [(", ".join(theirs), before, after) for (before, after), theirs in names.items()]


def size_of(action: Action) -> int:
    """Return how many attributes an action changes."""
    return sum(len(change.attributes) for change in action.changes)
