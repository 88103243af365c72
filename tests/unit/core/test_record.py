"""A plan as plain data: the way out and back, and the digest over all that matters (contract §5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

import plans
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncagent.core.account import AccountRef
from syncagent.core.action import Action, ActionKind, Because, Change, Operation, Review, Skip, Then
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.plan import BrakeState, Plan, Trip
from syncagent.core.record import FORMAT, digest_of, from_bytes, from_record, name_of, to_bytes, to_record
from syncagent.core.stamp import AccountKind, Alias, Stamp, State
from syncagent.text import Text

OTHER = Text("khác", "other")
DAY = plans.TODAY + timedelta(days=9)
SMALL = plans.plan(plans.one_of_each(), plans.every_finding()[:3], plans.TRIPPED, skips=3)


def _written(plan: Plan, *, with_skips: bool = True) -> dict[str, Any]:
    text = json.dumps(to_record(plan, plans.envelope(plan), with_skips=with_skips), ensure_ascii=False)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("plan", [plans.plan(), plans.full(), plans.hostile()], ids=["empty", "full", "hostile"])
def test_a_plan_comes_back_from_its_published_form(plan: Plan) -> None:
    """Contract §5: nothing of a plan is lost in JSON; its digest is the same before and after."""
    again, envelope = from_record(_written(plan))

    assert again == plan
    assert envelope == plans.envelope(plan)
    assert digest_of(again) == envelope.digest


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_any_text_comes_back_as_it_was(texts: list[str]) -> None:
    """Contract §5: whatever stands in a roster or directory, the plan that was approved is the plan applied."""
    plan = plans.saying(texts)

    again, envelope = from_record(_written(plan))

    assert again == plan
    assert digest_of(again) == envelope.digest


def test_the_published_form_counts_what_it_holds() -> None:
    """Contract §5, `summary` and `brakes`: counts by kind, skips counted and listed on demand only."""
    record = _written(SMALL, with_skips=False)

    assert record["format"] == FORMAT == "syncagent/plan/1"
    assert sum(record["summary"].values()) == len(SMALL.actions) + 3
    assert record["summary"]["skip"] == 3
    assert record["summary"]["delete"] == 1
    assert record["brakes"]["status"] == "tripped"
    assert _written(plans.plan())["brakes"]["status"] == "clear"
    assert "skips" not in record
    assert from_record(record)[0] == replace(SMALL, skips=())


def test_only_people_have_a_person_id() -> None:
    """Contract §5, `person_id`: a unit's mailbox is known by its unit."""
    assert {one["account_kind"]: one["person_id"] is None for one in _written(SMALL)["actions"]} == {
        "personal": False,
        "agency": True,
    }


# ── the digest ───────────────────────────────────────────────────────────────

ACTION = replace(plans.action(1, ActionKind.DISABLE), previous_address="cu@ninhbinh.gov.vn")
FINDING = Finding(FindingCode.HELD, Severity.REVIEW, "P1", Text("x", "x"), ("y",), "people.csv:2")
TRIP = Trip("unit-share", Text("x", "x"), 9, 4, "snv")
STAMP = Stamp(AccountKind.PERSONAL, "P1", State.DISABLED, plans.TODAY, "left")
BECAUSE = Because("NB-27", "Điều 7", Text("x", "x"), "12/QĐ")
CHANGE = Change(Operation.MODIFY, "CN=x", {"title": (("a",), ("b",))})

OF_ACTION: dict[str, Any] = {
    "id": "a0002",
    "kind": ActionKind.WITHDRAW,
    "target": "khác",
    "account_kind": AccountKind.AGENCY,
    "subject": "P2",
    "unit": "snv",
    "address": "khac@ninhbinh.gov.vn",
    "previous_address": "",
    "account": AccountRef("main", "guid-1", "CN=khác"),
    "due": DAY,
    "review": Review.NONE,
    "needs_order": False,
    "because": (),
    "changes": (),
    "stamp": None,
    "name": "Đặng Thị Hòa",
    "needs": ("a0000",),
    "then": None,
    "deadline": DAY,
    "fulfils": ("R1",),
    "alone": True,
}
OF_BECAUSE = {"rule": "NB-28", "article": "Điều 8", "document": "13/QĐ"}
OF_CHANGE: dict[str, Any] = {
    "operation": Operation.ADD,
    "dn": "CN=y",
    "attributes": {"title": (("a",), ("c",))},
    "new_dn": "CN=z",
    "sets_password": True,
    "system": "mail",
    "entry": "guid-9",
    "calls": ("Set-Mailbox",),
}
OF_STAMP: dict[str, Any] = {
    "kind": AccountKind.AGENCY,
    "key": "P2",
    "state": State.LOCKED,
    "since": DAY,
    "why": "ordered",
    "unit": "snv",
    "issued": DAY,
    "password": DAY,
    "row": DAY,
    "document": "13/QĐ",
    "aliases": (Alias("cu@ninhbinh.gov.vn", DAY),),
    "holders": ("P3", "P4"),
}
OF_FINDING: dict[str, Any] = {
    "code": FindingCode.CLOCK_DOUBT,
    "severity": Severity.INFO,
    "subject": "P2",
    "candidates": ("z",),
}
OF_TRIP: dict[str, Any] = {"brake": "disable-count", "count": 10, "limit": 5, "unit": ""}
OF_PLAN: dict[str, Any] = {"as_of": DAY, "regulation": "khac-2025", "policy": "sha256:khác", "undoes": "p7", "wave": 2}


def _plan(**parts: Any) -> Plan:
    """A plan of one action, one finding and one trip, with some of their parts replaced."""
    because = BECAUSE._replace(**parts.pop("because", {}))
    change = replace(CHANGE, **parts.pop("change", {}))
    stamp = replace(STAMP, **parts.pop("stamp", {}))
    action = replace(ACTION, because=(because,), changes=(change,), stamp=stamp)
    trips = (replace(TRIP, **parts.pop("trip", {})),)
    made = plans.plan(
        [replace(action, **parts.pop("action", {}))],
        [replace(FINDING, **parts.pop("finding", {}))],
        BrakeState((), trips) if parts.pop("second", None) else BrakeState(trips),
        parts.pop("skips", 1),
    )
    return replace(made, **parts)


_PARTS = [
    *(("action", {name: value}) for name, value in OF_ACTION.items()),
    *(("because", {name: value}) for name, value in OF_BECAUSE.items()),
    *(("change", {name: value}) for name, value in OF_CHANGE.items()),
    *(("stamp", {name: value}) for name, value in OF_STAMP.items()),
    *(("finding", {name: value}) for name, value in OF_FINDING.items()),
    *(("trip", {name: value}) for name, value in OF_TRIP.items()),
    *OF_PLAN.items(),
    ("second", True),
    ("action", {"account": None}),
    ("action", {"account": AccountRef("main", "guid-2", ACTION.account.dn if ACTION.account else "")}),
    ("action", {"then": Then(ActionKind.UPDATE, ACTION.then.on if ACTION.then else DAY)}),
    ("action", {"then": Then(ActionKind.DELETE, DAY)}),
]


@pytest.mark.parametrize(("part", "value"), _PARTS, ids=str)
def test_the_digest_changes_with_everything_that_matters(part: str, value: Any) -> None:
    """Law 5: an approval is for one content; no field of an action, finding or brake can change under it."""
    assert digest_of(_plan(**{part: value})) != digest_of(_plan())


def test_no_field_is_forgotten() -> None:
    """Law 5: whatever is added to a plan is in its digest or, named here, knowingly outside."""
    known: dict[type, set[str]] = {
        Action: {*OF_ACTION},
        Because: {*OF_BECAUSE, "text"},
        Change: {*OF_CHANGE},
        Stamp: {*OF_STAMP},
        Finding: {*OF_FINDING, "message", "where"},
        Trip: {*OF_TRIP, "says"},
        Plan: {*OF_PLAN, "actions", "findings", "brakes", "skips", "inputs"},
    }

    for noun, names in known.items():
        found = [one.name for one in fields(noun)] if is_dataclass(noun) else list(Because._fields)
        assert set(found) == names, noun


def test_the_order_of_actions_matters() -> None:
    """Contract §5: a plan is ordered; another order is another plan."""
    actions = plans.one_of_each()

    assert digest_of(plans.plan(actions)) != digest_of(plans.plan(actions[::-1]))


@pytest.mark.parametrize(
    "parts",
    [
        {"because": {"text": OTHER}},
        {"finding": {"message": OTHER}},
        {"finding": {"where": "people.csv:9"}},
        {"trip": {"says": OTHER}},
        {"skips": 7},
        {"inputs": {"roster": {"digest": "sha256:khác"}}},
    ],
    ids=str,
)
def test_the_digest_is_blind_to_wording_and_to_lines(parts: dict[str, Any]) -> None:
    """Law 2 and contract §5: `where`, translated texts, inputs and the envelope are outside the digest."""
    assert _plan(**parts) != _plan()
    assert digest_of(_plan(**parts)) == digest_of(_plan())


def test_the_order_of_attributes_does_not_matter() -> None:
    """Law 2: a directory that lists its attributes in another order gives the same plan."""
    one, two = {"a": ((), ("1",)), "b": ((), ("2",))}, {"b": ((), ("2",)), "a": ((), ("1",))}

    assert digest_of(_plan(change={"attributes": one})) == digest_of(_plan(change={"attributes": two}))


# ── damaged records ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("damage", [{}, {"format": "syncagent/plan/2"}, {"format": None}, [], None, "x", 1])
def test_what_is_no_plan_is_an_error(damage: Any) -> None:
    """Contract §5, `format`: another format is not guessed at, and JSON that is no object is no plan."""
    with pytest.raises(ValueError, match="not a syncagent/plan/1 document"):
        from_record(damage)


_UNREAD = {"summary", "status", "skips"}
_FREE = {"inputs", "attributes"}


def _paths(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every part of a record that reading it must find."""
    parts = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    for key, value in parts:
        if key not in _UNREAD:
            yield (*path, key)
            if key not in _FREE:
                yield from _paths(value, (*path, key))


def _within(record: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        record = record[key]
    return record


_RECORD = _written(SMALL)
_EVERY = list(_paths(_RECORD))


def test_a_missing_part_is_an_error() -> None:
    """Contract §5: a plan with any key gone is damaged; nothing is filled in."""
    for path in _EVERY:
        if isinstance(path[-1], str):
            record = deepcopy(_RECORD)
            del _within(record, path[:-1])[path[-1]]

            with pytest.raises(ValueError, match=r"damaged|not a syncagent"):
                from_record(record)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("actions", 0, "kind"), "destroy"),
        (("actions", 0, "review"), "three"),
        (("actions", 0, "account_kind"), "robot"),
        (("actions", 0, "due"), "31/02/2026"),
        (("actions", 0, "stamp"), "syncagent/9 kind=personal"),
        (("actions", 0, "stamp"), "hỏng"),
        (("actions", 0, "changes"), None),
        (("actions", 0, "changes", 0, "operation"), "replace"),
        (("findings", 0, "code"), "unheard-of"),
        (("findings", 0, "severity"), "fatal"),
        (("actions",), 5),
        (("brakes",), None),
        (("inputs",), {}),
        (("expires_at",), "morgen"),
        (("skips",), [{"subject": "P1"}]),
    ],
)
def test_an_unknown_word_or_shape_is_an_error(path: tuple[str | int, ...], value: Any) -> None:
    """Contract §5: the sets are closed; what is not known is damaged, not ignored."""
    record = deepcopy(_RECORD)
    _within(record, path[:-1])[path[-1]] = value

    with pytest.raises(ValueError, match=r".+"):
        from_record(record)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5) | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


def _wordless(plan: Plan) -> tuple[object, ...]:
    said = Text("", "")
    actions = [replace(one, because=tuple(b._replace(text=said) for b in one.because)) for one in plan.actions]
    findings = [replace(one, message=said, where="") for one in plan.findings]
    trips = [replace(one, says=said) for one in (*plan.brakes.tripped, *plan.brakes.second)]
    return plan.as_of, plan.regulation, plan.policy, actions, findings, trips


@given(st.sampled_from(_EVERY), _JSON)
def test_a_record_that_was_changed_never_passes_for_the_one_approved(path: tuple[str | int, ...], value: Any) -> None:
    """Law 5: any change makes the record unreadable or its digest another, unless nothing but wording changed."""
    record = deepcopy(_RECORD)
    _within(record, path[:-1])[path[-1]] = value

    try:
        changed, _ = from_record(record)
    except ValueError:
        return

    assert digest_of(changed) != digest_of(SMALL) or _wordless(changed) == _wordless(SMALL)


def test_days_of_skips_come_back() -> None:
    """Contract §5, `--with-skips`: the day on which a skip may change is kept, and its absence, too."""
    plan = replace(plans.plan(), skips=(Skip("P1", "not-yet", date(2026, 4, 1)), Skip("P2", "in-step")))

    assert from_record(_written(plan))[0].skips == plan.skips


def test_the_bytes_that_are_signed_are_the_whole_plan() -> None:
    """What was read back from them names them, and writes the very same bytes again."""
    envelope = replace(plans.envelope(SMALL), previous="sha256:" + "a" * 64, version="1.2.3")
    record = to_bytes(SMALL, envelope)

    plan, again = from_bytes(record)

    assert plan == SMALL
    assert again == replace(envelope, record=name_of(record))
    assert to_bytes(plan, again) == record
    assert len({name_of(record), name_of(record + b" ")}) == 2


def test_what_is_stored_is_the_published_form_with_skips_to_the_byte() -> None:
    """The long parts are written one by one; what is signed is the same JSON as if they were written at once."""
    made = plans.hostile()
    record = to_record(made, plans.envelope(made), with_skips=True)

    assert (
        to_bytes(made, plans.envelope(made)) == json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    )
