"""Who may approve: whoever holds a registered key. The first is added by whoever has the state, all others by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.core.names import fold
from syncagent.errors import Refused
from syncagent.runs.audit import assured
from syncagent.runs.signer import authorised, set_down
from syncagent.runs.typed import named
from syncagent.store import approvers
from syncagent.store.approvers import Approver
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.runs.agent import Agent
    from syncagent.runs.signer import Signer
    from syncagent.trust.signing import PublicKey


def registered(agent: Agent) -> tuple[Approver, ...]:
    """Return all approvers, in the order in which they were added, those whose keys were revoked too.

    Raises:
        Refused: an entry was changed.
    """
    with agent.store.reading() as connection:
        return approvers.everyone(connection, agent.signer.public)


def add(agent: Agent, name: str, key: PublicKey, signer: Signer | None) -> Approver:
    """Register a person's key.

    Args:
        agent: the parts.
        name: of the person; several keys of one name are one person.
        key: the public half.
        signer: a registered approver; nobody for the very first.

    Raises:
        Refused: the key is registered already, or whoever adds it may not.
    """
    assured(agent)
    with agent.store.writing() as connection:
        known = approvers.everyone(connection, agent.signer.public)
        if any(approver.key_id == key.id for approver in known):
            raise Refused(
                Text(
                    f"Khóa {key.id} đã được đăng ký; khóa đã thu hồi không dùng lại được. Hãy tạo khóa mới: syncagent "
                    "approver key TỆP",
                    f"Key {key.id} is registered already; a revoked one cannot be used again. Make a new one: "
                    "syncagent approver key FILE",
                )
            )
        by = named(name)
        if known:
            by = authorised(known, signer)
        made = Approver(key.id, named(name), key.hex, by, agent.clock().isoformat())
        approvers.keep(connection, made, agent.signer)
        set_down(agent, connection, "approver-add", made._asdict(), signer.key if known and signer else None)
    return made


def revoke(agent: Agent, who: str, signer: Signer | None) -> tuple[Approver, ...]:
    """Let a person's keys, or one key, count for nothing from now on; return those that were revoked.

    Args:
        agent: the parts.
        who: a name, or the id of a key.
        signer: a registered approver, who may be the person himself.

    Raises:
        Refused: there is no such key, it was the last one, or whoever revokes it may not.
    """
    assured(agent)
    with agent.store.writing() as connection:
        known = approvers.everyone(connection, agent.signer.public)
        by = authorised(known, signer)
        counting = [approver for approver in known if not approver.revoked_at]
        gone = [approver for approver in counting if who == approver.key_id or fold(who) == fold(approver.name)]
        if not gone:
            raise Refused(
                Text(
                    f"Không có khóa đang hiệu lực nào của “{who}”; xem bằng: syncagent approver list",
                    f"No key that counts belongs to “{who}”; see: syncagent approver list",
                )
            )
        if len(gone) == len(counting):
            raise Refused(
                Text(
                    "Đây là người duyệt cuối cùng; hãy thêm người khác trước khi thu hồi.",
                    "This is the last approver; add another one before revoking.",
                )
            )
        revoked = tuple(one._replace(revoked_by=by, revoked_at=agent.clock().isoformat()) for one in gone)
        for one in revoked:
            approvers.keep(connection, one, agent.signer)
            set_down(agent, connection, "approver-revoke", one._asdict(), signer.key if signer else None)
    return revoked
