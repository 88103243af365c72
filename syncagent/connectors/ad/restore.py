"""Bringing back an account that was deleted, under the identity it had (MS-ADTS 3.1.1.5.3.7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.ldap import codes
from syncagent.connectors.ldap.changes import Fate
from syncagent.connectors.ldap.requests import SHOW_DELETED, Control, Edit, Modify
from syncagent.errors import Conflict, Unknown
from syncagent.text import Text

if TYPE_CHECKING:
    from syncagent.connectors.ldap.session import Session


def restore(session: Session, guid: str, dn: str) -> None:
    """Given the identity of a deleted account and where it shall stand, bring it back.

    With the Recycle Bin it has all its attributes again; without, little more than its identity, and no password. Read
    it before anything else: whether it is enabled is for the server to say.

    Raises:
        Conflict: it is not among the deleted, or its place is taken or gone.
        Rejected: the agent's account lacks the right “Reanimate Tombstones”.
        Unknown: the answer was lost.
    """
    shown = (Control(SHOW_DELETED, critical=True),)
    dead = session.find(f"<GUID={guid}>", ("isDeleted",), controls=shown)
    if dead is None or "isDeleted" not in dead.attributes:
        raise Conflict(
            Text(
                "không có trong các mục đã xóa, hoặc tài khoản của tác tử không đọc được.",
                "it is not among the deleted objects, or the agent's account cannot read them.",
            ),
            where=dn,
        )
    edits = [(Edit.DELETE, "isDeleted", ()), (Edit.REPLACE, "distinguishedName", (dn.encode(),))]
    answer = session.write([Modify(dead.dn, edits, shown)])[0]
    if isinstance(answer, Fate):
        raise Unknown(
            Text(
                "Mất kết nối khi đang khôi phục, chưa rõ kết quả; hãy đọc lại.",
                "The connection was lost while restoring, the result is not known; read again.",
            ),
            where=dn,
        )
    if error := codes.error(answer, dn):
        raise error
