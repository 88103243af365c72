"""Names that mean harm, through every template that shows a plan: no element that a harmless plan has not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from plans import HOSTILE, NAMES, envelope, saying

from syncagent.console.asked import Ask, Upload, Words
from syncagent.console.desk import Desk, Options
from syncagent.console.frame import link, page
from syncagent.console.pages.signing import choice_of
from syncagent.console.review import Filter, Review
from syncagent.console.rights import Grant, Person, Role
from syncagent.console.sessions import Session
from syncagent.core.action import ActionKind
from syncagent.core.approval import Decision
from syncagent.core.plan import Plan
from syncagent.errors import Refused
from syncagent.report.outline import by_agency, by_code, by_unit, counts_of, deletions
from syncagent.text import Text


class _Parts:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    migration = object()


def _desk() -> Desk:
    span = timedelta(minutes=5)
    options = Options(frozenset({"h"}), True, {}, span, span, span, 3, 20, span, None, "vi")  # noqa: FBT003 - by position
    return Desk(cast("Any", _Parts()), cast("Any", None), options, str, lambda _: None, lambda: 0.0)


def _ask(name: str, form: Words | None = None) -> Ask:
    session = Session("t", Person("g", name, name, tuple(Grant(role, ("*",)) for role in Role)), "w")
    return Ask("GET", "/plans/x", {}, Words((("q", name),)), form or Words(), "vi", "a", session)


def _review(plan: Plan, text: str) -> Review:
    said = Text(text, text)
    decision = Decision("p", "d", approves=True, by=text, at=datetime(2026, 3, 1, tzinfo=UTC), order_number=text)
    return Review(
        plan, envelope(plan), plan.actions, plan.findings, plan.brakes.tripped, plan.brakes.second,
        {one.id: said for one in plan.actions}, said, {}, (decision,), (said,), whole=True, signed=True,
        names={text: text}, searched={},
    )  # fmt: skip


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag} | {f"{tag}@{name}" for name, _ in attrs}


def _plan_page(text: str) -> bytes:
    plan = saying((text,))
    found = _review(plan, text)
    answer = page(
        _desk(), _ask(text), "plan", found=found, counts=counts_of(plan.actions), destructive=1, codes=by_code(plan),
        most=None, agencies=by_agency(by_unit(plan.actions, found.names)), units=by_unit(plan.actions, found.names),
        wanted=Filter(unit=text, q=text), kinds=list(ActionKind), matching=2, number_=1, last=3, path="/plans/x",
        months=deletions(plan), decides=True, mine=lambda _: True, rejects=True, done="approved",
    )  # fmt: skip
    return cast("bytes", answer.body)


def _sign_page(text: str) -> bytes:
    plan = saying((text,))
    found = _review(plan, text)
    form = Words((("mode", "ticked"), *(("id", one.id) for one in plan.actions)))
    choice = choice_of(found, form, lambda _: ())
    answer = page(
        _desk(), _ask(text, form), "sign", found=found, choice=choice, rejects=False, failed=text,
        counts=counts_of(choice.actions), parts=by_unit(choice.actions, found.names), order=True, two=1, left=1,
        path="/plans/x",
    )  # fmt: skip
    return cast("bytes", answer.body)


def _refused_page(text: str) -> bytes:
    return cast("bytes", page(_desk(), _ask(text), "refused", lines=[text]).body)


@pytest.mark.parametrize("make", [_plan_page, _sign_page, _refused_page])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_becomes_an_element(make: Callable[[str], bytes], text: str) -> None:
    """Whatever stands in every field of a plan, a browser sees the elements and attributes of a harmless one."""
    harmless, hostile = _Elements(), _Elements()
    harmless.feed(make(NAMES[0]).decode())
    hostile.feed(make(text).decode())

    assert hostile.found == harmless.found


def test_what_is_chosen_is_what_is_open_and_theirs() -> None:
    """What is ticked must be open; a unit without any, or no tick, chooses nothing; the mark tells choices apart."""
    plan = saying(NAMES[:2])
    found = _review(plan, "x")
    one = choice_of(found, Words((("mode", "ticked"), ("id", plan.actions[0].id))), lambda _: ())
    unit = choice_of(found, Words((("mode", "unit"), ("unit", NAMES[1]))), lambda _: ())
    everything = choice_of(found, Words((("mode", "all"),)), lambda _: ())
    settled = replace(found, outcomes={plan.actions[0].id: cast("Any", object())})

    assert [action.id for action in one.actions] == [plan.actions[0].id]
    assert (one.only, one.but) == ((plan.actions[0].id,), ())
    assert {action.unit for action in unit.actions} == {NAMES[1]}
    assert (unit.only, everything.only, everything.but) == ((), (), ())
    assert len({one.mark, unit.mark, everything.mark}) == 3
    for form in (
        Words((("mode", "ticked"),)),
        Words((("mode", "ticked"), ("id", "a9999"))),
        Words((("mode", "unit"), ("unit", "nowhere"))),
    ):
        with pytest.raises(Refused):
            choice_of(found, form, lambda _: ())
    with pytest.raises(Refused):
        choice_of(settled, Words((("mode", "ticked"), ("id", plan.actions[0].id))), lambda _: ())


def test_a_link_carries_only_what_says_something() -> None:
    """Empty filters stay out of addresses; what stands there is quoted."""
    assert link("/x", {"a": "", "b": "é&"}, page=2, none=None) == "/x?b=%C3%A9%26&page=2"
    assert link("/x", {}) == "/x"


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("", 1), ("99999", 1), ("²", 1)])
def test_a_page_number_is_a_small_positive_number(text: str, number: int) -> None:
    """Anything else is the first page."""
    assert Words((("page", text),), {"f": Upload("n", b"")}).page() == number
