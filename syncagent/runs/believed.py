"""What of the state counts. Once anybody has a key, what lifts a hold or lets something pass counts if one signed it.

Whoever writes the database may put a row there, or take one out; the audit log says who decided, in which order, and
the signature on the record says whether they did.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncagent.core.finding import Fault, FindingCode
from syncagent.core.ledger import Hold
from syncagent.core.request import RequestKind
from syncagent.runs.signer import is_signed
from syncagent.store import approvers, audit
from syncagent.store import ledger as ledgers
from syncagent.store.store import lineage_of
from syncagent.text import Text
from syncagent.trust.signing import PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from syncagent.core.ledger import Ledger
    from syncagent.core.request import Request
    from syncagent.core.roster import RosterRows
    from syncagent.trust.chain import Record

_KINDS = (
    "approver-add", "approver-revoke", "hold", "release", "roster-accept", "directory-accept", "acceptance-used",
    "request",
)  # fmt: skip


@dataclass(slots=True)
class _Decided:
    """What the records say so far: whose keys count, which holds stand, what may pass, which releases were asked for.

    Nobody can sign before anybody has a key: until then a record counts as it stands.
    """

    lineage: str
    registered: Mapping[str, str]
    keys: dict[str, PublicKey] = field(default_factory=dict)
    begun: bool = False
    envelopes: set[str] = field(default_factory=set)
    holds: dict[str, Hold] = field(default_factory=dict)
    passing: set[str] = field(default_factory=set)
    released: set[tuple[str, ...]] = field(default_factory=set)

    def take(self, record: Record) -> None:
        """Take up the next record."""
        facts = json.loads(record.body)
        match record.kind:
            case "approver-add":
                self.begun = True
                self.keys[facts["key_id"]] = PublicKey.from_hex(self.registered[facts["key_id"]])
            case "approver-revoke":
                del self.keys[facts["key_id"]]
            case "hold":
                self.holds[facts["subject"]] = Hold(facts["subject"], facts["document"], facts["by"])
            case "acceptance-used":
                self.passing.discard(facts["digest"])
            case "release" if self._counts(record, facts):
                self.holds.pop(facts["subject"], None)
            case "roster-accept" | "directory-accept" if self._counts(record, facts):
                self.passing.add(facts["digest"])
            case "request" if facts["request"] == RequestKind.RELEASE and self._counts(record, facts):
                self.released.add((facts["request_id"], facts["subject"], facts["received_on"]))
            case _:
                pass

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
    if not registered:
        return None
    found = _Decided(lineage_of(connection), registered)
    for record in audit.records(connection, kinds=_KINDS):
        found.take(record)
    return found


def believed(connection: Connection, key: PublicKey) -> Ledger:
    """Given the agent's own key, return what is remembered, as far as it counts.

    A hold stands until a release that counts, whatever became of its row; a row alone lets nothing pass.

    Raises:
        Refused: the registry of approvers was changed.
    """
    ledger = ledgers.load(connection)
    decided = _decided(connection, key)
    if decided is None:
        return ledger
    return replace(ledger, holds=decided.holds | dict(ledger.holds), accepted=ledger.accepted & decided.passing)


def with_signed_releases(connection: Connection, rows: RosterRows, key: PublicKey) -> RosterRows:
    """Given all rows, return them with every release that nobody signed as a fault: it lifts nothing.

    Raises:
        Refused: the registry of approvers was changed.
    """
    asked = [request for request in rows.requests if request.kind is RequestKind.RELEASE]
    decided = _decided(connection, key) if asked else None
    if decided is None:
        return rows
    unsigned = [request for request in asked if _name(request) not in decided.released]
    kept = tuple(request for request in rows.requests if request not in unsigned)
    return replace(rows, requests=kept, faults=(*rows.faults, *map(_fault, unsigned)))


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
