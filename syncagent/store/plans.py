"""Plans in the state: saved once under the agent's signature, found by id, unique prefix, or `latest`.

Nobody is given the contents of a plan whose signature was not checked.
"""

from __future__ import annotations

import zlib
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, insert, select

from syncagent.core.privacy import hide_identity_numbers
from syncagent.core.record import digest_of, from_bytes, to_bytes
from syncagent.errors import Misconfigured, Refused
from syncagent.store.store import lineage_of
from syncagent.store.tables import plans
from syncagent.text import Text
from syncagent.trust.signing import Sealed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from syncagent.core.plan import Envelope, Plan
    from syncagent.trust.signing import PublicKey, SigningKey

KIND = "application/vnd.syncagent.plan.v1+json"
"""The type under which a plan is signed."""


class PlanRow(NamedTuple):
    """A line of the list of plans."""

    plan_id: str
    serial: int
    digest: str
    created_at: str
    as_of: str
    actions: int


class Place(NamedTuple):
    """Where the next plan stands in its state: whose state it is, its number, the digest of the plan before it."""

    lineage: str
    serial: int
    previous: str


class StoredPlan(NamedTuple):
    """A plan as the state keeps it: its record compressed, whose signature it bears, and what stands beside it."""

    plan_id: str
    serial: int
    digest: str
    created_at: str
    as_of: str
    actions: int
    record: bytes
    previous: str
    key_id: str
    signature: str


_COLUMNS = [plans.c[name] for name in StoredPlan._fields]


def next_place(connection: Connection) -> Place:
    """Return where the next plan stands."""
    last = connection.execute(select(plans.c.serial, plans.c.digest).order_by(plans.c.serial.desc()).limit(1)).first()
    return Place(lineage_of(connection), last.serial + 1 if last else 1, last.digest if last else "")


def save(connection: Connection, plan: Plan, envelope: Envelope, signer: SigningKey) -> None:
    """Store a plan with its envelope, skips included, and the signature over its exact bytes."""
    record = to_bytes(plan, envelope)
    kept = {
        "record": zlib.compress(record, level=3),
        "key_id": signer.public.id,
        "signature": signer.signature(KIND, record),
    }
    connection.execute(insert(plans).values(_beside(plan, envelope) | kept))


class Fetched(NamedTuple):
    """A plan as it stands in a state: whose state that is, and the digest of the plan before it."""

    stored: StoredPlan
    lineage: str
    before: str


def fetch(connection: Connection, name: str) -> Fetched:
    """Return a plan as the state keeps it, unread: a large one takes seconds to check, in which others may write.

    Args:
        connection: to the state.
        name: an id, a unique prefix of one, or `latest`.

    Raises:
        Misconfigured: no plan or several plans have this name.
    """
    stored = _stored(connection, name)
    before = connection.execute(
        select(plans.c.digest).where(plans.c.serial < stored.serial).order_by(plans.c.serial.desc()).limit(1)
    ).scalar_one_or_none()
    return Fetched(stored, lineage_of(connection), before or "")


def verified(connection: Connection, name: str, key: PublicKey) -> tuple[Plan, Envelope]:
    """Return a plan that is to the byte the one that was stored, by this agent, in this state, after that plan.

    Args:
        connection: to the state.
        name: an id, a unique prefix of one, or `latest`.
        key: the agent's.

    Raises:
        Misconfigured: no plan or several plans have this name.
        Refused: it is not.
    """
    return checked(fetch(connection, name), key)


def checked(fetched: Fetched, key: PublicKey) -> tuple[Plan, Envelope]:
    """Given a plan as the state keeps it, return what `verified` returns.

    Raises:
        Refused: it is not to the byte the one that was stored.
    """
    stored = fetched.stored
    plan, envelope = opened(stored, key)
    if envelope.lineage != fetched.lineage:
        raise _refused(stored.plan_id, Text("thuộc về một trạng thái khác", "belongs to another state"))
    if envelope.previous != fetched.before:
        raise _refused(
            stored.plan_id,
            Text("không nối tiếp kế hoạch đứng trước nó", "does not follow the plan that stands before it"),
        )
    return plan, envelope


def opened(stored: StoredPlan, key: PublicKey) -> tuple[Plan, Envelope]:
    """Given a plan as it is kept, return it and its envelope if this key signed every byte, and all beside it agrees.

    Raises:
        Refused: it is not signed, by another key, or was changed.
    """
    if not stored.key_id:
        raise _refused(stored.plan_id, Text("do phiên bản chưa biết ký lập", "was made by a version that did not sign"))
    if stored.key_id != key.id:
        raise _refused(
            stored.plan_id,
            Text(
                f"được ký bằng khóa {stored.key_id}, không phải khóa ký hiện dùng ({key.id})",
                f"is signed with key {stored.key_id}, not with the present signing key ({key.id})",
            ),
        )
    record = _unpacked(stored)
    if not key.holds(KIND, record, stored.signature):
        raise _changed(stored.plan_id)
    plan, envelope = _understood(stored.plan_id, record)
    if digest_of(plan) != envelope.digest or any(
        getattr(stored, name) != value for name, value in _beside(plan, envelope).items()
    ):
        raise _changed(stored.plan_id)
    return plan, envelope


def sealed(connection: Connection, name: str, key: PublicKey) -> str:
    """Return the envelope (DSSE) of a stored plan: its exact bytes and their signature, to be checked elsewhere.

    Raises:
        Misconfigured: no plan or several plans have this name.
        Refused: the stored plan is not what the owner of this key signed.
    """
    stored = _stored(connection, name)
    opened(stored, key)
    return Sealed(KIND, _unpacked(stored), stored.key_id, stored.signature).written()


def unsealed(text: str) -> tuple[Plan, Envelope, Sealed]:
    """Given an envelope of a plan, return the plan, its envelope in the state, and whose signature it claims to bear.

    Raises:
        ValueError: it is none.
    """
    found = Sealed.read(text, KIND)
    plan, envelope = from_bytes(found.payload)
    return plan, envelope, found


def first_day(connection: Connection) -> date | None:
    """Return the earliest day a plan was made for, None if there is no plan."""
    earliest = connection.execute(select(func.min(plans.c.as_of))).scalar_one()
    return date.fromisoformat(earliest) if earliest else None


def recent(connection: Connection, count: int) -> list[PlanRow]:
    """Return the newest plans, newest first."""
    rows = connection.execute(
        select(
            plans.c.plan_id,
            plans.c.serial,
            plans.c.digest,
            plans.c.created_at,
            plans.c.as_of,
            plans.c.actions,
        )
        .order_by(plans.c.serial.desc())
        .limit(count)
    ).all()
    return [PlanRow(*row) for row in rows]


def _stored(connection: Connection, name: str) -> StoredPlan:
    query = select(*_COLUMNS)
    if name == "latest":
        rows = connection.execute(query.order_by(plans.c.serial.desc()).limit(1)).all()
    else:
        rows = connection.execute(query.where(plans.c.plan_id.startswith(name, autoescape=True)).limit(2)).all()
    if len(rows) != 1:
        name = hide_identity_numbers(name, lambda _: "…")
        raise Misconfigured(
            Text(
                f"{'Không có' if not rows else 'Có nhiều'} kế hoạch “{name}”; xem danh sách bằng: syncagent status",
                f"{'No plan' if not rows else 'More than one plan'} is called “{name}”; list them with: syncagent "
                "status",
            )
        )
    return StoredPlan(*rows[0])


def _beside(plan: Plan, envelope: Envelope) -> dict[str, object]:
    """Return what stands beside the record of a plan, so that it can be found without opening it."""
    return {
        "plan_id": envelope.plan_id,
        "serial": envelope.serial,
        "digest": envelope.digest,
        "created_at": envelope.created_at.isoformat(),
        "as_of": plan.as_of.isoformat(),
        "actions": len(plan.actions),
        "previous": envelope.previous,
    }


def _unpacked(stored: StoredPlan) -> bytes:
    try:
        return zlib.decompress(stored.record)
    except zlib.error as error:
        raise _changed(stored.plan_id) from error


def _understood(plan_id: str, record: bytes) -> tuple[Plan, Envelope]:
    try:
        return from_bytes(record)
    except ValueError as error:
        raise _changed(plan_id) from error


def _changed(plan_id: str) -> Refused:
    return _refused(
        plan_id, Text("có nội dung đã bị thay đổi sau khi lập", "has contents that were changed after it was made")
    )


def _refused(plan_id: str, why: Text) -> Refused:
    return Refused(
        Text(f"Kế hoạch {plan_id} {why.vi}; hãy lập kế hoạch mới.", f"Plan {plan_id} {why.en}; make a new plan.")
    )
