"""What of the state counts. Once anybody has a key, what lifts a hold or lets something pass counts if one signed it.

Whoever writes the database may put a row there, or take one out; the audit log says who decided, in which order, and
the signature on the record says whether they did.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from syncagent.core.finding import Fault, FindingCode
from syncagent.core.ledger import Hold
from syncagent.core.request import Request, RequestKind
from syncagent.core.where import Where
from syncagent.runs.signer import is_signed
from syncagent.store import approvers, audit, baseline
from syncagent.store import ledger as ledgers
from syncagent.store.store import lineage_of
from syncagent.text import Text
from syncagent.trust.signing import PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from syncagent.core.ledger import Ledger
    from syncagent.core.roster import RosterRows
    from syncagent.trust.chain import Record

_KINDS = (
    "approver-add", "approver-revoke", "hold", "release", "roster-accept", "directory-accept", "acceptance-used",
    "request", "wave-freeze", "wave-resume",
)  # fmt: skip


@dataclass(slots=True)
class _Decided:
    """What the records say so far: whose keys count, which holds stand, what may pass, what was asked for in writing.

    `asked` are holds by the number of the request, `dated` those whose record tells their last day, too. Nobody can
    sign before anybody has a key: until then a record counts as it stands.
    """

    lineage: str
    registered: Mapping[str, str]
    keys: dict[str, PublicKey] = field(default_factory=dict)
    begun: bool = False
    seen: set[str] = field(default_factory=set)
    envelopes: set[str] = field(default_factory=set)
    holds: dict[str, Hold] = field(default_factory=dict)
    passing: set[str] = field(default_factory=set)
    asked: dict[str, Request] = field(default_factory=dict)
    dated: set[str] = field(default_factory=set)
    released: set[tuple[str, ...]] = field(default_factory=set)
    frozen: dict[tuple[str, int], str] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        """Take up the next record."""
        facts = json.loads(record.body)
        match record.kind:
            case "approver-add" if facts["key_id"] not in self.seen:
                self.begun = True
                self.seen.add(facts["key_id"])
                self.keys[facts["key_id"]] = PublicKey.from_hex(self.registered[facts["key_id"]])
            case "approver-revoke":
                self.keys.pop(facts["key_id"], None)
            case "hold":
                self.holds[facts["subject"]] = Hold(facts["subject"], facts["document"], facts["by"])
            case "acceptance-used":
                self.passing.discard(facts["digest"])
            case "wave-freeze" | "wave-resume":
                self._stand_still(record, facts)
            case "release" if self._counts(record, facts):
                self.holds.pop(facts["subject"], None)
            case "roster-accept" | "directory-accept" if self._counts(record, facts):
                self.passing.add(facts["digest"])
            case "request" if facts["request"] == RequestKind.HOLD:
                self.asked.setdefault(facts["request_id"], _hold(facts, record.seq))
                self.dated |= {facts["request_id"]} if "until" in facts else set()
            case "request" if facts["request"] == RequestKind.RELEASE and self._counts(record, facts):
                self.released.add((facts["request_id"], facts["subject"], facts["received_on"]))
            case _:
                pass

    def _stand_still(self, record: Record, facts: Mapping[str, Any]) -> None:
        wave = facts["merger"], facts["wave"]
        if record.kind == "wave-freeze":
            self.frozen[wave] = facts["reason"]
        elif self._counts(record, facts):
            self.frozen.pop(wave, None)

    def _counts(self, record: Record, facts: Mapping[str, object]) -> bool:
        """Whether somebody whose key counts then signed this record, and no earlier one in the same words."""
        if not self.begun:
            return True
        envelope = str(facts.get("envelope", ""))
        fresh = envelope not in self.envelopes
        self.envelopes.add(envelope)
        return fresh and is_signed(record, facts, self.lineage, self.keys)


def _decided(connection: Connection, key: PublicKey) -> _Decided | None:
    """Return what the audit log says was decided; None while nobody has a key.

    Raises:
        Refused: the registry of approvers was changed.
    """
    registered = {one.key_id: one.public_key for one in approvers.everyone(connection, key)}
    return _followed(connection, registered) if registered else None


def _followed(connection: Connection, registered: Mapping[str, str]) -> _Decided:
    found = _Decided(lineage_of(connection), registered)
    for record in audit.records(connection, kinds=_KINDS):
        found.take(record)
    return found


def frozen_waves(connection: Connection, key: PublicKey) -> Mapping[tuple[str, int], str]:
    """Given the agent's own key, return which waves of which mergers stand still, and why; the log alone decides.

    Raises:
        Refused: the registry of approvers was changed.
    """
    return (_decided(connection, key) or _followed(connection, {})).frozen


def believed(connection: Connection, key: PublicKey) -> Ledger:
    """Given the agent's own key, return what is remembered, as far as it counts.

    A hold stands until a release that counts, whatever became of its row; a row alone lets nothing pass. The roster
    to compare with is the one that the agent signed with its last plan.

    Raises:
        Refused: the registry of approvers was changed.
    """
    ledger = replace(ledgers.load(connection), baseline=baseline.load(connection, key))
    decided = _decided(connection, key)
    if decided is None:
        return ledger
    return replace(ledger, holds=decided.holds | dict(ledger.holds), accepted=ledger.accepted & decided.passing)


def believed_requests(connection: Connection, rows: RosterRows, key: PublicKey) -> RosterRows:
    """Given all rows, return them with the holds that were ever recorded, and without releases that nobody signed.

    A recorded hold whose row is gone stands again; one whose row says something else since has its number twice, so
    that its subject is doubted. An unsigned release lifts nothing and is a fault, unless a signed one names the same
    subject on that day or later: then it asks for nothing more.

    Raises:
        Refused: the registry of approvers was changed.
    """
    decided = _decided(connection, key)
    if decided is None:
        return rows
    releases = [request for request in rows.requests if request.kind is RequestKind.RELEASE]
    unsigned = [request for request in releases if _name(request) not in decided.released]
    signed = [request for request in releases if request not in unsigned]
    kept = [request for request in rows.requests if request not in unsigned]
    there = {_name(request): request.until for request in kept if request.kind is RequestKind.HOLD}
    lost = [
        one
        for one in decided.asked.values()
        if _name(one) not in there or (one.request_id in decided.dated and _ends_sooner(there[_name(one)], one))
    ]
    faults = [
        _fault(request)
        for request in unsigned
        if not any(one.subject == request.subject and one.received_on >= request.received_on for one in signed)
    ]
    return replace(rows, requests=(*kept, *lost), faults=(*rows.faults, *faults))


def _ends_sooner(until: date | None, recorded: Request) -> bool:
    """Whether a hold's row has it end sooner than what was recorded."""
    return until is not None and (recorded.until is None or until < recorded.until)


def _hold(facts: Mapping[str, str], seq: int) -> Request:
    """Return the hold that a record tells of; what older records do not tell, its last day, does not end it."""
    return Request(
        request_id=facts["request_id"],
        received_on=date.fromisoformat(facts["received_on"]),
        kind=RequestKind.HOLD,
        subject=facts["subject"],
        where=Where(f"audit record {seq}"),
        from_unit=facts["from_unit"],
        document_number=facts["document_number"],
        until=date.fromisoformat(facts["until"]) if facts.get("until") else None,
    )


def _name(request: Request) -> tuple[str, ...]:
    return request.request_id, request.subject, request.received_on.isoformat()


def _fault(request: Request) -> tuple[str, Fault]:
    number = request.request_id
    says = Text(
        f"Yêu cầu {number} thôi giữ nguyên “{request.subject}” chưa có chữ ký của người duyệt nên chưa gỡ được gì. Hãy "
        "ghi lại bằng: syncagent request add (hoặc import) --by TÊN --key-file TỆP_KHÓA",
        f"Request {number} to release “{request.subject}” bears no approver's signature, so it lifts nothing. Record "
        "it with: syncagent request add (or import) --by NAME --key-file FILE",
    )
    return request.subject, Fault(FindingCode.QUARANTINED, says, request.where)
