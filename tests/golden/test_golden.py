"""Golden cases: a folder each with real files in, the decision expected, and why.md citing the law.

A bug becomes a case by adding a folder. Expected values are written by hand from the texts, never recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

import plans
import pytest
import world
from ruamel.yaml import YAML

from syncagent.connectors.ldif.client import LdifTarget
from syncagent.connectors.roster.read import FileRoster, RosterFile
from syncagent.core.action import Action, ActionKind, Operation
from syncagent.core.admit import admit
from syncagent.core.decide import decide
from syncagent.core.ledger import Hold, Ledger
from syncagent.core.person import Event, Status
from syncagent.core.plan import Plan
from syncagent.core.record import digest_of
from syncagent.core.regulation import InternalMove
from syncagent.core.request import RequestKind
from syncagent.core.stamp import AccountKind, Reason, State
from syncagent.core.unit import UnitKind, UnitStatus
from syncagent.mapping.columns import read_columns
from syncagent.report.as_text import render
from syncagent.report.next_steps import next_steps

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.yaml"))


def _yaml(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found


def decided(folder: Path, *, recorded: bool = False) -> Plan:
    """Read the files of a case as the agent does, and decide; its requests may also stand in the state instead."""
    settings = _yaml(folder / "case.yaml")
    as_of: date = settings["as_of"]
    policy = world.policy(settings.get("regulation", "ninhbinh-2025"))
    if "internal_move" in settings:
        policy = replace(policy, internal_move=InternalMove(settings["internal_move"]))
    requests = folder / "requests.csv"
    source = FileRoster(
        RosterFile(folder / "people.csv", "csv"),
        RosterFile(folder / "units.csv", "csv"),
        read_columns((world.MAPPINGS / "rosters/canonical.yaml").read_text(encoding="utf-8"), "canonical.yaml"),
        requests=RosterFile(requests, "csv") if requests.exists() else None,
    )
    rows = source.read()
    if recorded:
        rows = replace(rows, requests=()).with_recorded(rows.requests)
    holds = {who.casefold(): Hold(who, document, "A") for who, document in settings.get("holds", {}).items()}
    ledger = Ledger(holds=holds)
    roster = admit(rows, ledger, policy.brakes.roster, timedelta.max, as_of, rows.exported_at)
    target = LdifTarget("main", folder / "directory.ldif", world.directory(), world.BASE, world.ZONE, None)
    return decide(roster, [target.read()], ledger, policy, as_of)


def _values(action: Action, which: int) -> dict[str, list[str]]:
    return {name: list(pair[which]) for change in action.changes for name, pair in change.attributes.items()}


def _rights(action: Action, operation: Operation) -> list[str]:
    changes = [change for change in action.changes if change.operation is operation]
    return sorted(f"{change.dn} {next(iter(change.attributes))}" for change in changes)


def _check(action: Action, expected: dict[str, Any]) -> None:
    simple = {
        "kind": str(action.kind),
        "subject": action.subject,
        "account_kind": str(action.account_kind),
        "address": action.address,
        "previous_address": action.previous_address,
        "unit": action.unit,
        "due": action.due,
        "deadline": action.deadline,
        "review": str(action.review),
        "needs_order": action.needs_order,
        "needs": list(action.needs),
        "fulfils": list(action.fulfils),
        "then": f"{action.then.kind} {action.then.on}" if action.then else None,
        "state": str(action.stamp.state) if action.stamp else None,
        "document": next((reason.document for reason in action.because if reason.document), ""),
        "password": any(change.sets_password for change in action.changes),
        "new_dn": next((change.new_dn.replace("cn=", "CN=") for change in action.changes if change.new_dn), None),
    }
    for name, value in expected.items():
        if name == "rules":
            shown = [reason.rule for reason in action.because]
            assert [rule for rule in value if rule not in shown] == [], shown
        elif name == "other_rules":
            assert {reason.rule for reason in action.because}.isdisjoint(value)
        elif name == "after":
            after = _values(action, 1)
            assert {key: after.get(key) for key in value} == value
        elif name in {"revokes", "grants"}:
            assert _rights(action, Operation.REVOKE if name == "revokes" else Operation.GRANT) == value
        elif name == "unchanged":
            assert [key for key in value if key in _values(action, 1)] == []
        else:
            assert simple[name] == value, name


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_decision_is_what_the_text_orders(folder: Path) -> None:
    """Each case: exactly these actions and findings, with the articles that why.md cites."""
    expected = _yaml(folder / "expected.yaml")
    plan = decided(folder)

    found = [(str(action.kind), action.subject) for action in plan.actions]
    assert found == [(one["kind"], one["subject"]) for one in expected["actions"]]
    for action, wanted in zip(plan.actions, expected["actions"], strict=True):
        _check(action, wanted)
    findings = {(str(finding.code), finding.subject): finding for finding in plan.findings}
    assert sorted(findings) == sorted((one["code"], one["subject"]) for one in expected["findings"])
    for wanted in expected["findings"]:
        finding = findings[wanted["code"], wanted["subject"]]
        if "severity" in wanted:
            assert str(finding.severity) == wanted["severity"]
        if "candidates" in wanted:
            assert list(finding.candidates) == wanted["candidates"]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_case_says_why(folder: Path) -> None:
    """why.md names the rule, row or section the case stands for."""
    why = (folder / "why.md").read_text(encoding="utf-8")

    assert why.startswith("# ")
    assert any(mark in why for mark in ("NB-", "DN-", "BT-", "Row", "omain §", "esign §", "aw 13", "F8"))


@pytest.mark.parametrize(
    "folder", [case for case in CASES if (case / "requests.csv").exists()], ids=lambda folder: folder.name
)
def test_a_request_in_the_state_decides_what_it_decides_in_the_file(folder: Path) -> None:
    """Contract §2: recorded with `request add` or written into requests.csv, a letter is the same letter."""
    assert digest_of(decided(folder, recorded=True)) == digest_of(decided(folder))


# ── in words ──────────────────────────────────────────────────────────────────

SETS: tuple[type[StrEnum], ...] = (
    ActionKind, RequestKind, Event, Status, UnitStatus, UnitKind, AccountKind, State, Reason,
)  # fmt: skip
CODES = frozenset(map(str, chain.from_iterable(SETS)))
SPOKEN_OF = re.compile(
    r"“[^”]*”"  # quoted: a name, or somebody's own word
    r"|\((?:[a-z_]+(?:, )?)+\)"  # a code in brackets, behind its words
    r"|\(syncagent/1[^)]*\)"  # a stamp as it stands on the entry
    r"|\b(?:CN|OU|DC)=[^,;.]*"
    r"|syncagent [a-z]+|\S+@\S+|\S+\.csv\S*|https?://\S+"
)
WORD = re.compile(r"[a-z]+(?:[_-][a-z]+)*")


def raw(vietnamese: str) -> list[str]:
    """Return the codes that stand in a sentence without words."""
    return [word for word in WORD.findall(SPOKEN_OF.sub(" ", vietnamese)) if word in CODES]


def _sentences(plan: Plan) -> Iterator[str]:
    yield from (finding.message.vi for finding in plan.findings)
    yield from (reason.text.vi for action in plan.actions for reason in action.because)
    yield from (trip.says.vi for trip in plan.brakes.tripped)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_no_vietnamese_sentence_holds_a_bare_code(folder: Path) -> None:
    """Design §2: a code may stand in brackets, as what is to be typed into a file; the sentence says it in words."""
    plan = decided(folder)
    envelope = plans.envelope(plan)

    shown = render(plan, envelope, "vi", width=4000, color=False)
    commands = {step.command for step in next_steps(plan, envelope, "vi") if step.command}
    lines = [line for line in shown.splitlines() if line.strip() not in commands]

    assert [(sentence, raw(sentence)) for sentence in (*_sentences(plan), *lines) if raw(sentence)] == []
