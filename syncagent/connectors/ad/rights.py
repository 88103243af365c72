"""What the agent's account may do on Active Directory, as the directory itself tells (MS-ADTS 3.1.1.4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncagent.connectors.ldap.requests import SHOW_DELETED, Control
from syncagent.core import dn as names_of
from syncagent.core.examination import Examination, Health
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.core.directory import Directory
    from syncagent.core.snapshot import Snapshot

_CHILDREN = "allowedChildClassesEffective"
_ATTRIBUTES = "allowedAttributesEffective"
_DELETED_OBJECTS = "18E2EA80684F11D2B9AA00C04F79F805"  # MS-ADTS 6.1.1.4


def at_base(session: Session, branch: Branch) -> Examination:
    """Return whether accounts and containers may be made under the base."""
    lacking = _lacking(
        session, branch.base, _CHILDREN, (branch.directory.account_class, branch.directory.container_class)
    )
    return _told(Text("Quyền tạo", "Right to create"), branch.base, lacking)


def on_an_account(session: Session, branch: Branch, snapshot: Snapshot) -> Iterator[Examination]:
    """Yield whether all attributes of one account under the base may be written, if there is one."""
    theirs = (one for one in snapshot.accounts if not one.protected and names_of.under(one.dn, branch.base))
    for account in sorted(theirs, key=lambda one: one.dn)[:1]:
        lacking = _lacking(session, account.dn, _ATTRIBUTES, _written(branch.directory))
        yield _told(Text("Quyền ghi", "Right to write"), account.dn, lacking)


def of_deletion(session: Session, branch: Branch, quarantine: str) -> Examination:
    """Return whether accounts can be deleted, with proof."""
    what = Text("Quyền xóa", "Right to delete")
    if not quarantine:
        return Examination(
            what,
            Health.DOUBT,
            Text("Chưa khai quarantine: không xóa tài khoản nào.", "No quarantine is named: no account is deleted."),
        )
    lacking = _lacking(session, quarantine, _CHILDREN, (branch.directory.account_class,))
    if not lacking and not sees_deleted(session, branch):
        quarantine, lacking = "CN=Deleted Objects", ["isDeleted"]
    return _told(what, quarantine, lacking)


def sees_deleted(session: Session, branch: Branch) -> bool:
    """Whether deleted objects can be seen: the container's name shows to everybody, its attributes to whom may read."""
    graves = f"<WKGUID={_DELETED_OBJECTS},{branch.context}>"
    found = session.find(graves, ("isDeleted",), controls=(Control(SHOW_DELETED, critical=True),))
    return found is not None and bool(found.attributes)


def _lacking(session: Session, dn: str, told_by: str, wanted: tuple[str, ...]) -> list[str]:
    found = session.find(dn, (told_by,))
    told = found.attributes.get(told_by, ()) if found else ()
    allowed = {name.decode(errors="replace").lower() for name in told}
    return [name for name in wanted if name.lower() not in allowed]


def _written(directory: Directory) -> tuple[str, ...]:
    switches = (directory.log_in, directory.must_change, directory.principal, directory.quota)
    named = {
        directory.rdn, directory.key, directory.stamp, directory.login.attribute, directory.address,
        directory.addresses.attribute, *directory.write, *(one.attribute for one in switches if one),
    }  # fmt: skip
    return tuple(sorted(named))


def _told(what: Text, dn: str, lacking: list[str]) -> Examination:
    if not lacking:
        return Examination(what, Health.GOOD, Text(f"Đủ ở {dn}.", f"Enough at {dn}."))
    listed = ", ".join(lacking)
    return Examination(
        what,
        Health.FAULT,
        Text(
            f"Thiếu ở {dn}: {listed}. Hãy chạy deploy/windows/Grant-SyncAgentRights.ps1.",
            f"Lacking at {dn}: {listed}. Run deploy/windows/Grant-SyncAgentRights.ps1.",
        ),
    )
