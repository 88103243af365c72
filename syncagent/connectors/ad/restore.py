"""Bringing back an account that was deleted, under the identity it had (MS-ADTS 3.1.1.5.3.7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors import changes
from syncagent.connectors.ad import since
from syncagent.connectors.ldap.requests import Edit, Modify
from syncagent.connectors.live.step import Step
from syncagent.connectors.live.steps import differing
from syncagent.errors import Conflict
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.requests import Write
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.step import Seen
    from syncagent.core.action import Change

_ENABLED = "msDS-EnabledFeature"
_FEATURE = "CN=Recycle Bin Feature,"
_BLIND = Text(
    "tài khoản của tác tử không đọc được CN=Deleted Objects; hãy cấp quyền đọc đó rồi đảo lại",
    "the agent's account cannot read CN=Deleted Objects; give it that right, then undo again",
)
_GONE = Text(
    "không còn trong CN=Deleted Objects: đã quá hạn giữ. Khôi phục từ bản sao lưu, rồi lập kế hoạch mới",
    "it is not in CN=Deleted Objects any more: its time there is over. Restore it from a backup, then make a new plan",
)
_RECYCLED = Text(
    "khi xóa chưa bật Recycle Bin, hoặc đã quá hạn giữ: chỉ còn định danh, các giá trị đã mất. Khôi phục từ bản sao "
    "lưu, rồi lập kế hoạch mới",
    "the Recycle Bin was not on when it was deleted, or its time there is over: only its identity is left. Restore it "
    "from a backup, then make a new plan",
)


def is_on(session: Session) -> bool:
    """Whether deleted accounts keep their values: the Recycle Bin is enabled in the forest (3.1.1.9.1)."""
    configuration = session.root_dse.get("configurationNamingContext", ("",))[0]
    found = session.find(f"CN=Partitions,{configuration}", (_ENABLED,)) if configuration else None
    features = found.attributes.get(_ENABLED, ()) if found else ()
    return any(value.decode(errors="replace").startswith(_FEATURE) for value in features)


def remains(session: Session, branch: Branch, guid: str) -> Entry | Text:
    """Return a deleted account that still has all its values, or why there is none.

    Without the Recycle Bin little more than the identity is left (3.1.1.5.5.1.1), and the entry says `isRecycled`.
    """
    if not since.sees_deleted(session, branch):
        return _BLIND
    found = session.find(f"<GUID={guid}>", (*branch.asked, "isDeleted", "isRecycled"), controls=since.SHOWN)
    if found is None or found.attributes.get("isDeleted") != (b"TRUE",):
        return _GONE
    return _RECYCLED if "isRecycled" in found.attributes else found


def undeleting(session: Session, branch: Branch, change: Change, guid: str, orders: Mapping[str, str]) -> list[Step]:
    """Return the one write that brings an account back to its place, links to it included."""

    def write(seen: Seen | None) -> Write | None:
        dead = session.find(f"<GUID={guid}>", ("isDeleted",), controls=since.SHOWN)
        if seen or dead is None or "isDeleted" not in dead.attributes:
            raise Conflict(changes.not_deleted(change.dn))
        edits = [(Edit.DELETE, "isDeleted", ()), (Edit.REPLACE, "distinguishedName", (change.dn.encode(),))]
        return Modify(dead.dn, edits, since.SHOWN)

    def differs(seen: Seen | None) -> str:
        return differing(seen, change.attributes, orders) if seen and seen.guid == guid else branch.identity

    return [Step(write, differs, adds=change.dn)]
