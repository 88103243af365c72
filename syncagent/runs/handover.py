"""Handing passwords over: who waits for one, and opening each once for whoever it is for."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from syncagent.core.admit_units import admit_units
from syncagent.core.unit import Units
from syncagent.errors import Misconfigured, Refused, SyncError
from syncagent.runs.approve import find_plan
from syncagent.runs.audit import assured
from syncagent.runs.signer import decider, set_down
from syncagent.runs.typed import named
from syncagent.store import audit, handovers, journal, officers
from syncagent.store.officers import OFFICE, Officer
from syncagent.text import Text
from syncagent.trust.sealing import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from syncagent.runs.agent import Agent
    from syncagent.store.handovers import Handover
    from syncagent.trust.sealing import OpeningKey, SealingKey
    from syncagent.trust.secret import Secret
    from syncagent.trust.signing import SigningKey


class Waiting(NamedTuple):
    """A sealed password, and whose it is: the plan says the name, plan and roster what the unit is called.

    `settled` says that the directory is known to hold it, or not to.
    """

    row: Handover
    name: str
    unit: str
    settled: bool


class Opened(NamedTuple):
    """A password that was opened, for whom, and on which account."""

    name: str
    unit: str
    address: str
    password: Secret
    sealed_at: datetime


# ── officers ─────────────────────────────────────────────────────────────────


def add_officer(
    agent: Agent, unit: str, name: str, key: SealingKey, by: str, signs: SigningKey | None = None
) -> Officer:
    """Register who hands over the passwords of a unit and of those below it that have nobody of their own.

    Whoever holds that key reads the passwords, so `by` signs it with the key `signs`, once anybody has a key.

    Raises:
        Misconfigured: the roster cannot be read.
        Refused: there is no such unit, it has an officer, the key was registered before, or the signature of a
            registered approver is missing.
    """
    assured(agent)
    if unit != OFFICE and unit not in {row.unit for row in agent.rows().units}:
        raise Refused(
            Text(
                f"Danh sách không có đơn vị “{unit}”; với bộ phận quản trị hệ thống thư, hãy ghi: {OFFICE}",
                f"The roster has no unit “{unit}”; for those who run the mail system write: {OFFICE}",
            )
        )
    now = agent.clock()
    with agent.store.writing() as connection:
        found = Officer(key.id, unit, named(name), key.hex, decider(agent, connection, by, signs), now.isoformat())
        known = officers.everyone(connection, agent.signer.public)
        if there := next((one for one in known if one.unit == unit and not one.revoked_at), None):
            raise Refused(
                Text(
                    f"{there.name} đang giao mật khẩu của {unit}; trước hết hãy chạy: syncagent handover officer "
                    f"revoke {there.key_id}",
                    f"{there.name} hands over the passwords of {unit}; first run: syncagent handover officer revoke "
                    f"{there.key_id}",
                )
            )
        if any(one.key_id == key.id for one in known):
            raise Refused(
                Text(
                    f"Khóa {key.id} đã đăng ký trước đây; hãy tạo khóa mới.",
                    f"Key {key.id} was registered before; make a new one.",
                )
            )
        officers.keep(connection, found, agent.signer)
        facts = {"key_id": key.id, "unit": unit, "name": found.name, "by": found.added_by}
        set_down(agent, connection, "officer-add", facts, signs)
    return found


def revoke_officer(agent: Agent, key_id: str, by: str) -> tuple[Officer, int]:
    """Take a key out of use; return whose it was, and how many sealed passwords nobody can open now.

    Raises:
        Misconfigured: there is no such key in use.
    """
    assured(agent)
    now, who = agent.clock(), named(by)
    with agent.store.writing() as connection:
        known = officers.everyone(connection, agent.signer.public)
        found = next((one for one in known if one.key_id == key_id and not one.revoked_at), None)
        if found is None:
            raise Misconfigured(
                Text(
                    f"Không có khóa {key_id} đang dùng; xem danh sách bằng: syncagent handover officer list",
                    f"There is no key {key_id} in use; list them with: syncagent handover officer list",
                )
            )
        lost = [row.id for row in handovers.everything(connection) if row.key_id == key_id and row.waits(now)]
        handovers.void(connection, lost, now)
        revoked = found._replace(revoked_by=who, revoked_at=now.isoformat())
        officers.keep(connection, revoked, agent.signer)
        facts = {"key_id": key_id, "unit": found.unit, "by": who, "voided": len(lost)}
        audit.append(connection, "officer-revoke", facts, now)
    return found, len(lost)


def listed_officers(agent: Agent) -> tuple[Officer, ...]:
    """Return all officers, the revoked ones too."""
    with agent.store.reading() as connection:
        return officers.everyone(connection, agent.signer.public)


# ── passwords ────────────────────────────────────────────────────────────────


def listed(agent: Agent, unit: str = "") -> tuple[Waiting, ...]:
    """Return every password that was sealed, or those that a unit's officer hands over."""
    called = _unit_names(agent)
    with agent.store.reading() as connection:
        return tuple(_told(agent, connection, handovers.everything(connection, unit), called))


def _unit_names(agent: Agent) -> Callable[[str], str]:
    """Return how units are called in the roster; what cannot be read there goes by its key."""
    units = Units({})
    with suppress(SyncError):
        units = admit_units(agent.rows().units, agent.today())[0]
    return lambda unit: units.full_name(unit) or unit


def _told(
    agent: Agent, connection: Connection, rows: Iterable[Handover], called: Callable[[str], str]
) -> Iterable[Waiting]:
    actions: dict[str, dict[str, tuple[str, str]]] = {}
    unclear: dict[str, frozenset[str]] = {}
    for row in rows:
        if row.plan_id not in actions:
            plan = find_plan(agent, connection, row.plan_id)[0]
            actions[row.plan_id] = {action.id: (action.name, action.unit) for action in plan.actions}
            unclear[row.plan_id] = journal.unresolved(connection, row.plan_id)
        name, unit = actions[row.plan_id][row.action_id]
        yield Waiting(row, name, called(unit), row.action_id not in unclear[row.plan_id])


def to_open(agent: Agent, unit: str, key: SealingKey, ids: Collection[int] = ()) -> tuple[Waiting, ...]:
    """Return the passwords of a unit that the owner of a key may open now, all or those chosen.

    Raises:
        Misconfigured: nothing of such a number was sealed for the unit.
        Refused: the key is not that of the unit's officer, nothing waits, or one that was chosen was opened, has
            expired, is void, or may still turn out not to be in force.
    """
    now, called = agent.clock(), _unit_names(agent)
    with agent.store.reading() as connection:
        officer = officers.in_office(connection, agent.signer.public).get(unit)
        rows = tuple(_told(agent, connection, handovers.everything(connection, unit), called))
    if officer is None or officer.key_id != key.id:
        raise Refused(
            Text(
                f"Khóa {key.id} không phải khóa đang dùng của người giao mật khẩu của {unit}.",
                f"Key {key.id} is not the one in use by whoever hands over the passwords of {unit}.",
            )
        )
    known = {one.row.id for one in rows}
    if strange := sorted(set(ids) - known):
        raise Misconfigured(
            Text(
                f"Không có mật khẩu số {', '.join(map(str, strange))} của {unit}; xem: syncagent handover list",
                f"There is no password number {', '.join(map(str, strange))} of {unit}; see: syncagent handover list",
            )
        )
    chosen = [one for one in rows if one.row.id in ids] if ids else [one for one in rows if _ready(one, key, now)]
    for one in chosen:
        if why := _obstacle(one, key, now):
            raise Refused(
                Text(
                    f"Không mở được mật khẩu số {one.row.id} ({one.row.address}): {why.vi}.",
                    f"Password number {one.row.id} ({one.row.address}) cannot be opened: {why.en}.",
                )
            )
    if not chosen:
        raise Refused(
            Text(
                f"Không có mật khẩu nào của {unit} đang chờ giao; xem: syncagent handover list --unit {unit}",
                f"No password of {unit} waits to be handed over; see: syncagent handover list --unit {unit}",
            )
        )
    return tuple(chosen)


def _ready(one: Waiting, key: SealingKey, now: datetime) -> bool:
    return _obstacle(one, key, now) is None


def _obstacle(one: Waiting, key: SealingKey, now: datetime) -> Text | None:
    row = one.row
    if row.opened_at:
        return Text(
            f"{row.opened_by} đã mở lúc {row.opened_at[:16]}Z, mỗi mật khẩu chỉ mở một lần",
            f"{row.opened_by} opened it at {row.opened_at[:16]}Z, and each opens only once",
        )
    if row.void_at:
        return Text("nó không còn hiệu lực", "it is not in force")
    if row.expired(now):
        return Text(
            "đã quá 07 ngày; hãy yêu cầu đặt lại mật khẩu (reset_password)",
            "its seven days are over; ask for a new password (reset_password)",
        )
    if row.key_id != key.id:
        return Text("nó được niêm phong cho khóa khác", "it was sealed to another key")
    if not one.settled:
        return Text(
            "chưa rõ thư mục đã nhận mật khẩu này chưa; hãy chạy: syncagent recover",
            "it is not known whether the directory has it; run: syncagent recover",
        )
    return None


def opened(
    agent: Agent, chosen: Sequence[Waiting], key: OpeningKey, before: Callable[[list[Opened]], None] | None = None
) -> list[Opened]:
    """Open passwords, each for the first and last time, with a record in the audit log, all or none.

    Args:
        agent: the parts.
        chosen: what `to_open` returned.
        key: of the officer.
        before: told the passwords while nothing is recorded yet; if it fails, none counts as opened.

    Raises:
        Refused: one does not open with this key, or somebody was faster.
    """
    assured(agent)
    now = agent.clock()
    with agent.store.writing() as connection:
        officer = officers.in_office(connection, agent.signer.public)[chosen[0].row.unit]
        found = []
        for one in chosen:
            row = one.row
            digest = find_plan(agent, connection, row.plan_id)[1].digest
            password = key.open(row.sealed, Purpose(row.unit, digest, row.action_id))
            if not handovers.open_once(connection, row, officer.name, now):
                raise Refused(
                    Text(
                        f"Mật khẩu số {row.id} vừa được mở hoặc mất hiệu lực; chưa mở mật khẩu nào.",
                        f"Password number {row.id} was opened or became void just now; none was opened.",
                    )
                )
            facts = {
                "handover": row.id,
                "plan_id": row.plan_id,
                "action_id": row.action_id,
                "target": row.target,
                "unit": row.unit,
                "subject": row.subject,
                "key_id": key.public.id,
                "by": officer.name,
            }
            audit.append(connection, "password-open", facts, now)
            sealed_at = datetime.fromisoformat(row.sealed_at).astimezone(agent.zone)
            found.append(Opened(one.name, one.unit, row.address, password, sealed_at))
        if before:
            before(found)
    return found
