"""A plan that somebody wants to see, stored or in a file, and whether the agent's signature holds for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncagent.core.record import digest_of, from_bytes, from_record, to_record
from syncagent.errors import Misconfigured, Refused
from syncagent.runs.approve import find_plan
from syncagent.store import plans
from syncagent.text import Text
from syncagent.trust.signing import Sealed

if TYPE_CHECKING:
    from syncagent.core.plan import Envelope, Plan
    from syncagent.runs.agent import Agent


def shown(agent: Agent, name: str) -> tuple[Plan, Envelope, Text]:
    """Given the name of a stored plan or of a file, return the plan, its envelope, and what is to be said of both.

    Raises:
        Misconfigured: no plan or several plans have this name, or the file is no plan.
        Refused: the plan was changed, or a signature does not hold.
    """
    if Path(name).is_file():
        return _from_file(agent, Path(name))
    with agent.store.reading() as connection:
        plan, envelope = find_plan(agent, connection, name)
    return plan, envelope, _holds(agent)


def signed(agent: Agent, plan_id: str) -> str:
    """Return a stored plan as an envelope (DSSE), to be kept and checked elsewhere.

    Raises:
        Misconfigured: there is no such plan.
        Refused: the stored plan is not what the agent signed.
    """
    with agent.store.reading() as connection:
        return plans.sealed(connection, plan_id, agent.signer.public)


def _from_file(agent: Agent, path: Path) -> tuple[Plan, Envelope, Text]:
    try:
        text = path.read_text(encoding="utf-8")
        record = json.loads(text)
        if isinstance(record, dict) and "payloadType" in record:
            return _from_envelope(agent, text.removesuffix("\n"), path)
        plan, envelope = from_record(record)
    except (OSError, ValueError, RecursionError) as error:
        raise Misconfigured(
            Text(f"Không phải tệp kế hoạch: {error}.", f"Not a plan file: {error}."), where=str(path)
        ) from error
    if digest_of(plan) != envelope.digest:
        raise _changed(path)
    return plan, envelope, _compared(agent, record, envelope, path)


def _from_envelope(agent: Agent, text: str, path: Path) -> tuple[Plan, Envelope, Text]:
    try:
        sealed = Sealed.read(text, plans.KIND)
    except ValueError as error:
        raise _changed(path) from error
    ours = sealed.key_id == agent.signer.public.id
    if ours and not sealed.signed_by(agent.signer.public):
        raise _changed(path)
    plan, envelope = from_bytes(sealed.payload)
    if digest_of(plan) != envelope.digest:
        raise _changed(path)
    if ours:
        return plan, envelope, _holds(agent)
    says = Text(
        f"Tệp này ghi là được ký bằng khóa {sealed.key_id}, không phải khóa của phần mềm ở đây; không kiểm tra được "
        "chữ ký.",
        f"This file claims to be signed with key {sealed.key_id}, which is not the agent's here; the signature "
        "cannot be checked.",
    )
    return plan, envelope, says


def _compared(agent: Agent, record: dict[str, Any], envelope: Envelope, path: Path) -> Text:
    """Return what a file without a signature is worth: as much as the signed plan that it equals."""
    with agent.store.reading() as connection:
        try:
            kept, kept_in = find_plan(agent, connection, envelope.plan_id)
        except (Misconfigured, Refused):
            return Text(
                "Tệp này không có chữ ký, và ở đây không có kế hoạch đã ký nào cùng mã; nội dung chưa được chứng thực.",
                "This file bears no signature, and no signed plan of this name is here; nothing vouches for it.",
            )
    if to_record(kept, kept_in, with_skips="skips" in record) != record:
        raise _changed(path)
    return _holds(agent)


def _holds(agent: Agent) -> Text:
    key_id = agent.signer.public.id
    return Text(
        f"Chữ ký của phần mềm đúng với từng byte của kế hoạch (khóa {key_id}).",
        f"The agent's signature holds for every byte of the plan (key {key_id}).",
    )


def _changed(path: Path) -> Refused:
    return Refused(
        Text(
            "Nội dung tệp kế hoạch không khớp mã hoặc chữ ký của nó; tệp đã bị sửa.",
            "The contents of the plan file do not fit its digest or signature; the file was changed.",
        ),
        where=str(path),
    )
