"""A plan as plain data: the published JSON form (contract §5), its way back, and the digest over what matters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from syncagent.core.account import AccountRef
from syncagent.core.action import Action, ActionKind, Because, Change, Operation, Review, Skip, Then
from syncagent.core.finding import Finding, FindingCode, Severity
from syncagent.core.plan import BrakeState, Envelope, Plan, Trip
from syncagent.core.stamp import AccountKind, parse
from syncagent.core.unit import unit_key
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = "syncagent/plan/1"

Record = dict[str, Any]


def to_record(plan: Plan, envelope: Envelope, *, with_skips: bool = False) -> Record:
    """Given a plan and its envelope, return the published form; `with_skips` lists whoever was left alone."""
    return _head(plan, envelope) | {name: list(parts) for name, parts in _lists(plan, with_skips=with_skips).items()}


def to_bytes(plan: Plan, envelope: Envelope) -> bytes:
    """Given a plan and its envelope, return the very bytes that are stored and signed, skips included.

    One part after the other: the records of a hundred thousand actions are never there at once.
    """
    lists = (
        _plain(name) + b":[" + b",".join(map(_plain, parts)) + b"]"
        for name, parts in _lists(plan, with_skips=True).items()
    )
    return b",".join((_plain(_head(plan, envelope))[:-1], *lists)) + b"}"


def _head(plan: Plan, envelope: Envelope) -> Record:
    counts: dict[str, int] = {}
    for action in plan.actions:
        counts[str(action.kind)] = counts.get(str(action.kind), 0) + 1
    return {
        "format": FORMAT,
        "plan_id": envelope.plan_id,
        "digest": envelope.digest,
        "created_at": envelope.created_at.isoformat(),
        "as_of": plan.as_of.isoformat(),
        "lineage": envelope.lineage,
        "serial": envelope.serial,
        "expires_at": envelope.expires_at.isoformat(),
        "previous": envelope.previous or None,
        "version": envelope.version,
        "regulation": plan.regulation,
        **({"undoes": plan.undoes} if plan.undoes else {}),
        **({"wave": plan.wave} if plan.wave else {}),
        "inputs": {**plan.inputs, "policy": plan.policy},
        "summary": {**dict(sorted(counts.items())), "skip": len(plan.skips)},
        "brakes": {
            "status": "tripped" if plan.brakes.tripped else "clear",
            "tripped": [_trip(trip) for trip in plan.brakes.tripped],
            "second_approver": [_trip(trip) for trip in plan.brakes.second],
        },
    }


def _lists(plan: Plan, *, with_skips: bool) -> dict[str, Iterable[Record]]:
    """Return the long parts in their order, each made as it is asked for."""
    lists: dict[str, Iterable[Record]] = {
        "actions": map(_action, plan.actions), "findings": map(_finding, plan.findings),
    }  # fmt: skip
    return lists | ({"skips": map(_skip, plan.skips)} if with_skips else {})


def _plain(part: object) -> bytes:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()


def from_bytes(record: bytes) -> tuple[Plan, Envelope]:
    """Given a stored plan, return it and its envelope, which then knows the name of these bytes.

    Raises:
        ValueError: it is not a plan of this format, or a part is missing or unknown.
    """
    plan, envelope = from_record(json.loads(record))
    return plan, replace(envelope, record=name_of(record))


def name_of(record: bytes) -> str:
    """Return what names the exact bytes of a stored plan."""
    return "sha256:" + hashlib.sha256(record).hexdigest()


def from_record(record: object) -> tuple[Plan, Envelope]:
    """Given the published form, return the plan and its envelope.

    Raises:
        ValueError: it is not a plan of this format, or a part is missing or unknown.
    """
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        message = f"not a {FORMAT} document"
        raise ValueError(message)
    try:
        return _plan_of(record), _envelope_of(record)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"the plan is damaged: {type(error).__name__} {error}"
        raise ValueError(message) from error


def digest_of(plan: Plan) -> str:
    """Return the digest over all that matters: equal plans have equal digests, whatever their wording."""
    matter = {
        "format": FORMAT,
        "as_of": plan.as_of.isoformat(),
        "regulation": plan.regulation,
        "policy": plan.policy,
        **({"undoes": plan.undoes} if plan.undoes else {}),
        **({"wave": plan.wave} if plan.wave else {}),
        "findings": [
            [str(finding.code), str(finding.severity), finding.subject, list(finding.candidates)]
            for finding in plan.findings
        ],
        "brakes": {
            "tripped": [[t.brake, t.count, t.limit, t.unit] for t in plan.brakes.tripped],
            "second": [[t.brake, t.count, t.limit, t.unit] for t in plan.brakes.second],
        },
    }
    found = hashlib.sha256(b'{"actions":[')  # the first name of all; actions go in one by one, for there may be many
    for number, action in enumerate(plan.actions):
        if number:
            found.update(b",")
        found.update(_canonical(_wordless(_action(action))))
    found.update(b"]," + _canonical(matter)[1:])
    return "sha256:" + found.hexdigest()


def _canonical(part: Record) -> bytes:
    return json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _wordless(action: Record) -> Record:
    reasons = [{name: part for name, part in reason.items() if name != "text"} for reason in action["because"]]
    return {**action, "because": reasons}


# ── out ──────────────────────────────────────────────────────────────────────


def _text(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def _trip(trip: Trip) -> Record:
    return {
        "brake": trip.brake,
        "says": _text(trip.says),
        "count": trip.count,
        "limit": trip.limit,
        "unit": trip.unit or None,
    }


def _finding(finding: Finding) -> Record:
    return {
        "code": str(finding.code),
        "severity": str(finding.severity),
        "subject": finding.subject,
        "message": _text(finding.message),
        "candidates": list(finding.candidates),
        "where": finding.where,
    }


def _skip(skip: Skip) -> Record:
    return {
        "subject": skip.subject,
        "reason": skip.reason,
        "next": skip.next.isoformat() if skip.next else None,
    }


def _action(action: Action) -> Record:
    personal = action.account_kind is AccountKind.PERSONAL
    return {
        "id": action.id,
        "kind": str(action.kind),
        "target": action.target,
        "account_kind": str(action.account_kind),
        "person_id": action.subject if personal else None,
        "name": action.name,
        "unit": action.unit,
        "address": action.address,
        "previous_address": action.previous_address or None,
        "account": {"guid": action.account.guid, "dn": action.account.dn} if action.account else None,
        "due": action.due.isoformat(),
        "deadline": action.deadline.isoformat() if action.deadline else None,
        "review": str(action.review),
        "needs_order": action.needs_order,
        "alone": action.alone,
        "needs": list(action.needs),
        "because": [
            {"rule": b.rule, "article": b.article, "text": _text(b.text), "document": b.document or None}
            for b in action.because
        ],
        "then": {"kind": str(action.then.kind), "on": action.then.on.isoformat()} if action.then else None,
        "stamp": str(action.stamp) if action.stamp else None,
        "fulfils": list(action.fulfils),
        "changes": [change_record(change) for change in action.changes],
    }


def change_record(change: Change) -> Record:
    """Return the published form of one change."""
    return {
        "system": change.system,
        "operation": str(change.operation),
        "dn": change.dn,
        "entry": change.entry or None,
        "new_dn": change.new_dn or None,
        "sets_password": change.sets_password,
        "attributes": {
            name: {"before": list(before), "after": list(after)} for name, (before, after) in change.attributes.items()
        },
        **({"calls": list(change.calls)} if change.calls else {}),
    }


# ── and back ─────────────────────────────────────────────────────────────────


def _plan_of(record: Record) -> Plan:
    inputs = dict(record["inputs"])
    policy = inputs.pop("policy")
    brakes = record["brakes"]
    return Plan(
        as_of=date.fromisoformat(record["as_of"]),
        regulation=record["regulation"],
        policy=policy,
        actions=tuple(_action_of(action) for action in record["actions"]),
        findings=tuple(_finding_of(finding) for finding in record["findings"]),
        brakes=BrakeState(
            tuple(_trip_of(trip) for trip in brakes["tripped"]),
            tuple(_trip_of(trip) for trip in brakes["second_approver"]),
        ),
        skips=tuple(Skip(s["subject"], s["reason"], _day(s["next"])) for s in record.get("skips", ())),
        inputs=inputs,
        undoes=record.get("undoes", ""),
        wave=record.get("wave", 0),
    )


def _envelope_of(record: Record) -> Envelope:
    return Envelope(
        plan_id=record["plan_id"],
        digest=record["digest"],
        lineage=record["lineage"],
        serial=record["serial"],
        created_at=datetime.fromisoformat(record["created_at"]),
        expires_at=datetime.fromisoformat(record["expires_at"]),
        previous=record["previous"] or "",
        version=record["version"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _text_of(record: Record) -> Text:
    return Text(record["vi"], record["en"])


def _trip_of(record: Record) -> Trip:
    return Trip(record["brake"], _text_of(record["says"]), record["count"], record["limit"], record["unit"] or "")


def _finding_of(record: Record) -> Finding:
    return Finding(
        FindingCode(record["code"]),
        Severity(record["severity"]),
        record["subject"],
        _text_of(record["message"]),
        tuple(record["candidates"]),
        record["where"],
    )


def _action_of(record: Record) -> Action:
    account, then, stamp = record["account"], record["then"], record["stamp"]
    known = parse(stamp) if stamp else None
    if stamp and known is None:
        message = f"unreadable stamp in {record['id']}"
        raise ValueError(message)
    return Action(
        id=record["id"],
        kind=ActionKind(record["kind"]),
        target=record["target"],
        account_kind=AccountKind(record["account_kind"]),
        subject=record["person_id"] or unit_key(record["unit"]),
        unit=record["unit"],
        address=record["address"],
        previous_address=record["previous_address"] or "",
        account=AccountRef(record["target"], account["guid"], account["dn"]) if account else None,
        due=date.fromisoformat(record["due"]),
        review=Review(record["review"]),
        needs_order=record["needs_order"],
        because=tuple(
            Because(b["rule"], b["article"], _text_of(b["text"]), b["document"] or "") for b in record["because"]
        ),
        changes=tuple(change_of(change) for change in record["changes"]),
        stamp=known,
        name=record["name"],
        needs=tuple(record["needs"]),
        then=Then(ActionKind(then["kind"]), date.fromisoformat(then["on"])) if then else None,
        deadline=_day(record["deadline"]),
        fulfils=tuple(record["fulfils"]),
        alone=record["alone"],
    )


def change_of(record: Record) -> Change:
    """Given the published form of one change, return it.

    Raises:
        KeyError, ValueError: a part is missing or unknown.
    """
    return Change(
        operation=Operation(record["operation"]),
        dn=record["dn"],
        attributes={
            name: (tuple(values["before"]), tuple(values["after"])) for name, values in record["attributes"].items()
        },
        new_dn=record["new_dn"] or "",
        sets_password=record["sets_password"],
        system=record["system"],
        entry=record["entry"] or "",
        calls=tuple(record.get("calls", ())),
    )
