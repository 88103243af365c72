"""Whoever signs a decision, and whether the registry lets this key speak under this name.

Once anybody has a key, a name is whoever holds its key: for plans, rosters, servers, holds and restored backups alike.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.names import fold
from syncagent.errors import Refused
from syncagent.runs.typed import named
from syncagent.store import approvers, audit
from syncagent.store.store import lineage_of
from syncagent.text import Text
from syncagent.trust.signing import Sealed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from syncagent.runs.agent import Agent
    from syncagent.store.approvers import Approver
    from syncagent.trust.chain import Record
    from syncagent.trust.signing import PublicKey, SigningKey

_KIND = "application/vnd.syncagent.decision.v1+json"


class Signer(NamedTuple):
    """Whoever decides, and the key that says so."""

    name: str
    key: SigningKey


def authorised(known: Sequence[Approver], signer: Signer | None) -> str:
    """Given all approvers and whoever wants to decide, return the registered name of that person.

    Raises:
        Refused: nobody signs, or the key is not registered under this name, or was revoked.
    """
    if signer is None:
        raise Refused(
            Text(
                "Việc này phải do một người duyệt đã đăng ký ký: thêm --by TÊN --key-file TỆP_KHÓA."
                if known
                else "Chưa có người duyệt nào đăng ký khóa. Hãy đăng ký trước: syncagent approver add TÊN --key-file "
                "TỆP_KHÓA",
                "A registered approver must sign this: add --by NAME --key-file FILE."
                if known
                else "No approver has registered a key yet. Register one first: syncagent approver add NAME --key-file "
                "FILE",
            )
        )
    key_id = signer.key.public.id
    approver = next((one for one in known if one.key_id == key_id), None)
    if approver is None:
        raise Refused(
            Text(
                f"Khóa {key_id} chưa được đăng ký; hãy đăng ký bằng: syncagent approver add TÊN --public-key "
                f"{signer.key.public.hex}",
                f"Key {key_id} is not registered; register it with: syncagent approver add NAME --public-key "
                f"{signer.key.public.hex}",
            )
        )
    if fold(approver.name) != fold(signer.name):
        raise Refused(
            Text(
                f"Khóa {key_id} không phải của “{signer.name}”; mỗi người ký bằng khóa của mình.",
                f"Key {key_id} does not belong to “{signer.name}”; everybody signs with a key of their own.",
            )
        )
    if approver.revoked_at:
        raise Refused(
            Text(
                f"Khóa {key_id} đã bị {approver.revoked_by} thu hồi.",
                f"Key {key_id} was revoked by {approver.revoked_by}.",
            )
        )
    return approver.name


def decider(agent: Agent, connection: Connection, by: str, key: SigningKey | None, *, always: bool = False) -> str:
    """Return the name under which a decision is recorded: that of a registered approver, once there is one.

    Args:
        agent: the parts.
        connection: to the state.
        by: the name that was typed.
        key: the key of whoever decides, if it was given.
        always: a name is not enough even before anybody has a key.

    Raises:
        Refused: a signature is missing, is not that person's, or nobody is named.
    """
    known = approvers.everyone(connection, agent.signer.public)
    if key or known or always:
        return authorised(known, Signer(named(by), key) if key else None)
    return named(by)


def set_down(
    agent: Agent, connection: Connection, kind: str, facts: Mapping[str, object], key: SigningKey | None
) -> None:
    """Record a decision in the audit log, with the signature of whoever made it over all that is recorded."""
    at = agent.clock()
    if key:
        facts = {**facts, "envelope": key.seal(_KIND, _said(lineage_of(connection), kind, at.isoformat(), facts))}
    audit.append(connection, kind, facts, at)


def is_signed(record: Record, facts: Mapping[str, object], lineage: str, keys: Mapping[str, PublicKey]) -> bool:
    """Given a record, its facts, the state it belongs to and the keys that count, by their ids, whether one signed it.

    The signature is over the very facts, the kind and the moment of the record.
    """
    told = {name: value for name, value in facts.items() if name != "envelope"}
    try:
        sealed = Sealed.read(str(facts.get("envelope", "")), _KIND)
    except ValueError:
        return False
    key = keys.get(sealed.key_id)
    return bool(key and sealed.signed_by(key) and sealed.payload == _said(lineage, record.kind, record.at, told))


def _said(lineage: str, kind: str, at: str, facts: Mapping[str, object]) -> bytes:
    """Return what is signed of a decision: all that is recorded of it, and in which state."""
    whole = {"lineage": lineage, "kind": kind, "at": at, **facts}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
