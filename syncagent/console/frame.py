"""A page from its template: every value spelled out and escaped, none marked safe; no script, no inline style."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from syncagent.console.asked import Answer
from syncagent.console.rights import Right
from syncagent.console.words import COUNTED, ROLES, SAYS
from syncagent.core.action import Operation, Review
from syncagent.report import words
from syncagent.report.as_html import attributes_of, size_of
from syncagent.report.markup import environment
from syncagent.report.outline import sentence_of
from syncagent.report.weight import weight_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.console.asked import Ask
    from syncagent.console.desk import Desk
    from syncagent.text import Language, Text

_NAVIGATION = (
    ("/", Right.OVERVIEW, "overview"),
    ("/plans", Right.PLAN, "plans"),
    ("/people", Right.PERSON, "people"),
    ("/requests", Right.REQUESTS, "requests"),
    ("/calendar", Right.CALENDAR, "calendar"),
    ("/migration", Right.MIGRATION, "migration"),
    ("/audit", Right.AUDIT, "audit"),
    ("/settings", Right.SETTINGS, "settings"),
)


def page(desk: Desk, ask: Ask, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Answer:
    """Return a page made of a template and what it shows."""
    language = ask.language
    session = ask.session
    navigation = [(path, name) for path, right, name in _NAVIGATION if session and session.person.may(right)]
    if desk.parts.migration is None:
        navigation = [(path, name) for path, name in navigation if name != "migration"]
    body = (
        environment("syncagent.console")
        .get_template(f"{template}.html.jinja")
        .render(
            _vocabulary(language, desk),
            **{
                "ask": ask,
                "session": session,
                "navigation": navigation,
                "here": next((path for path, _ in reversed(navigation) if _is_in(ask.path, path)), ""),
                "may": (lambda name: session.person.may(Right(name))) if session else (lambda _: False),
                "roles": [ROLES[grant.role] for grant in session.person.grants] if session else (),
                **values,
            },
        )
    )
    return Answer(body.encode(), status)


def _is_in(path: str, part: str) -> bool:
    """Whether a path belongs to a part of the console; only the overview itself is the overview."""
    return path == part or (part != "/" and path.startswith(f"{part}/"))


def refusal(desk: Desk, ask: Ask, lines: list[str], status: HTTPStatus) -> Answer:
    """Return a page that says why something was not done, and what to do."""
    return page(desk, ask, "refused", status, lines=lines)


def link(path: str, *words_: Mapping[str, object], **more: object) -> str:
    """Return a path with a query of those values that say something."""
    told = {name: value for part in (*words_, more) for name, value in part.items() if value not in {"", None, False}}
    return f"{path}?{urlencode(told)}" if told else path


def _vocabulary(language: Language, desk: Desk) -> dict[str, object]:
    """Return what the templates say and how they write values, bound to one language."""

    def text(label: Text) -> str:
        return label.within(language)

    def moment(at: datetime | str) -> str:
        local = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(desk.parts.zone)
        return f"{words.day(local.date(), language)} {local:%H:%M}"

    return {
        "lang": language,
        "t": lambda name, **values: SAYS[name].within(language).format(**values) if values else text(SAYS[name]),
        "say": partial(words.say, language=language),
        "day": lambda on: words.day(date.fromisoformat(on) if isinstance(on, str) else on, language),
        "moment": moment,
        "number": partial(words.number, language=language),
        "kind_of": partial(words.kind_of, language=language),
        "then_of": partial(words.then_of, language=language),
        "text": text,
        "words": words,
        "counted": lambda name: text(COUNTED[name]) if name in COUNTED else name,
        "link": link,
        "weight_of": weight_of,
        "sentence_of": partial(sentence_of, language=language),
        "attributes_of": attributes_of,
        "size_of": size_of,
        "Operation": Operation,
        "Review": Review,
    }
