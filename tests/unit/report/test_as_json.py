"""The published JSON: exactly the record, readable, and what its schema says."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plans
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from syncagent.core.action import ActionKind, Operation, Review
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.record import from_record, to_record
from syncagent.core.stamp import AccountKind
from syncagent.report import as_json
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.core.plan import Plan

_SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "reference" / "plan.schema.json").read_text(encoding="utf-8")
)
_VALID = Draft202012Validator(_SCHEMA)
_OPEN = {"units", "roster", "targets", "summary"}
"""Maps whose keys are data: names of units, files, directories, and the kinds that occur."""


def _rendered(*, with_skips: bool = True) -> dict[str, Any]:
    made = plans.full()
    found: dict[str, Any] = json.loads(as_json.render(made, plans.envelope(made), with_skips=with_skips))
    return found


def _places(node: object) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every object and key of a record, except within maps whose keys are data."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield node, key
            if key == "attributes":
                yield from _places(list(value.values()))
            elif key not in _OPEN:
                yield from _places(value)
    elif isinstance(node, list):
        for item in node:
            yield from _places(item)


def _objects(schema: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield path, schema
        for key, value in schema.items():
            yield from _objects(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from _objects(value, f"{path}/{number}")


@pytest.mark.parametrize("with_skips", [True, False])
def test_the_text_is_the_record(*, with_skips: bool) -> None:
    """Parsing what is printed gives the very record that the digest and the store use."""
    made = plans.full()
    text = as_json.render(made, plans.envelope(made), with_skips=with_skips)

    assert json.loads(text) == to_record(made, plans.envelope(made), with_skips=with_skips)
    assert text.endswith("}\n")
    assert "Nguyễn Ngọc Thành" in text
    assert '\n"plan_id": "p-20260310-9f3c21",\n' in text


def test_each_action_and_finding_stands_on_a_line_of_its_own() -> None:
    """So that `grep` and `diff` show actions, and a large plan is written quickly."""
    made = plans.full()

    lines = as_json.render(made, plans.envelope(made)).splitlines()

    assert len([line for line in lines if line.startswith('{"id": ')]) == len(made.actions)
    assert len([line for line in lines if line.startswith('{"code": ')]) == len(made.findings)


def test_who_was_left_alone_is_listed_on_request_only() -> None:
    """8,121 people without a change are a number unless somebody asks who they are."""
    made = plans.full()

    assert "skips" not in json.loads(as_json.render(made, plans.envelope(made)))
    assert len(_rendered()["skips"]) == _rendered()["summary"]["skip"] == 8121


def test_a_printed_plan_can_be_read_back() -> None:
    """`apply` and `show` take the file for the plan it was."""
    made = plans.full()

    assert from_record(_rendered()) == (made, plans.envelope(made))


@given(st.text(st.characters(codec=None), min_size=1))
def test_any_text_survives_and_none_steers_a_terminal(text: str) -> None:
    """Controls, bidi marks and lone surrogates are escapes in the file and themselves after parsing."""
    made = plans.plan(findings=[Finding(FindingCode.HELD, Severity.INFO, text, Text(text, text))])
    printed = as_json.render(made, replace(plans.envelope(made), digest="sha256:" + "0" * 64))

    assert json.loads(printed)["findings"][0]["subject"] == text
    assert printed.encode().decode() == printed
    assert not set(printed) & set(map(chr, (*range(10), *range(11, 32), *range(0x7F, 0xA0), 0x202E, 0x2066)))


# ── the schema ───────────────────────────────────────────────────────────────


def test_the_schema_is_one() -> None:
    """The published file is a valid JSON Schema of draft 2020-12."""
    Draft202012Validator.check_schema(_SCHEMA)

    assert _SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("with_skips", [True, False])
@pytest.mark.parametrize("made", [plans.full(), plans.plan(skips=5), plans.large(20)])
def test_every_plan_fits_the_schema(made: Plan, *, with_skips: bool) -> None:
    """Full, empty and large plans are what the schema describes."""
    record = json.loads(as_json.render(made, plans.envelope(made), with_skips=with_skips))

    assert list(_VALID.iter_errors(record)) == []


def test_removing_or_renaming_any_key_breaks_the_schema() -> None:
    """Every key of every object is required and no other is allowed: a change of the format is noticed."""
    record = _rendered()
    record["actions"] = [action for action in record["actions"] if action["id"] in {"a0020", "a0024"}]
    record |= {part: record[part][:1] for part in ("findings", "skips")}
    optional = {"skips"}
    missed = []
    for holder, key in list(_places(record)):
        value = holder.pop(key)
        if key not in optional and _VALID.is_valid(record):
            missed.append(f"{key} removed")
        holder[f"{key}_"] = value
        if _VALID.is_valid(record):
            missed.append(f"{key} renamed")
        del holder[f"{key}_"]
        holder[key] = value

    assert missed == []
    assert _VALID.is_valid(record)


def test_an_unknown_kind_in_the_summary_breaks_the_schema() -> None:
    """The summary counts known kinds only, and always says how many were left alone."""
    for broken in ({"skip": 0, "explode": 1}, {"create": 1}, {"skip": 0, "create": 0}):
        record = {**_rendered(), "summary": broken}

        assert not _VALID.is_valid(record)


def test_a_value_outside_a_closed_set_breaks_the_schema() -> None:
    """Kinds, reviews, operations, codes and severities are closed sets."""
    for path in (
        ("actions", 0, "kind"),
        ("actions", 0, "review"),
        ("actions", 0, "account_kind"),
        ("actions", 0, "changes", 0, "operation"),
        ("findings", 0, "code"),
        ("findings", 0, "severity"),
        ("brakes", "status"),
        ("format",),
    ):
        record = copy.deepcopy(_rendered(with_skips=False))
        holder: Any = record
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = "something-else"

        assert not _VALID.is_valid(record), path


def test_the_closed_sets_are_those_of_the_code() -> None:
    """A kind added to the code without the schema, or the other way round, is noticed here."""
    named = _SCHEMA["$defs"]
    action = named["action"]["properties"]

    assert named["kind"]["enum"] == [str(kind) for kind in ActionKind]
    assert action["review"]["enum"] == [str(review) for review in Review]
    assert action["account_kind"]["enum"] == [str(kind) for kind in AccountKind]
    assert named["change"]["properties"]["operation"]["enum"] == [str(one) for one in Operation]
    assert named["finding"]["properties"]["code"]["enum"] == [str(code) for code in FindingCode]
    assert named["finding"]["properties"]["severity"]["enum"] == [str(one) for one in Severity]
    assert set(_SCHEMA["properties"]["summary"]["properties"]) == {"skip", *map(str, ActionKind)}


def test_every_field_is_described_and_every_object_closed() -> None:
    """Whoever reads the schema needs no other document, and nothing undocumented can slip in."""
    for path, found in _objects(_SCHEMA):
        undescribed = [name for name, field in found["properties"].items() if not field.get("description")]

        assert undescribed == [], path
        assert found["additionalProperties"] is False, path
        assert set(found["required"]) <= set(found["properties"]), path
