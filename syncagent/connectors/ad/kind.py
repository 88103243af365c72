"""What is particular to Active Directory.

Entries are addressed by objectGUID. Nothing like RFC 4528 exists: every modify names the old values, and what it
depends on goes and comes in the same request. Accounts are deleted only inside a quarantine, where the agent's account
has the right to, and the tombstone proves it. What was measured on Samba stands in decision 033.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from syncagent.connectors.ad import restore, since, use
from syncagent.connectors.groups import written_sid
from syncagent.connectors.ldap.requests import (
    SHOW_DELETED,
    TREE_DELETE,
    Add,
    Control,
    Delete,
    Edit,
    Modify,
    Rename,
)
from syncagent.connectors.live.overtaken import UNPROVED
from syncagent.connectors.live.step import Seen, Step
from syncagent.connectors.live.steps import differing, expected
from syncagent.core import dn as names_of
from syncagent.core.examination import Examination, Health
from syncagent.core.notation import BitSwitch
from syncagent.errors import Rejected
from syncagent.text import Text
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.requests import Write
    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.held import Before, Held
    from syncagent.connectors.live.kind import Edits, Moved
    from syncagent.core.action import Change
    from syncagent.core.directory import Directory
    from syncagent.core.notation import Values

_PASSWORD = "unicodePwd"  # noqa: S105 - the attribute
_LOCKED_OUT = "lockoutTime"  # 0 lets in again; no other value may be written (MS-ADA1 2.357)
_COMPUTED = "msDS-User-Account-Control-Computed"
_LOCKOUT = 0x10
_CHILDREN = "allowedChildClassesEffective"  # MS-ADTS 3.1.1.4.5.5
_WRITABLE = "allowedAttributesEffective"  # MS-ADTS 3.1.1.4.5.7
_SID = "objectSid"  # of the domain: all its controllers have it, and no other domain (MS-ADTS 3.1.1.1.3)
_ORDERS = MappingProxyType({"pwdlastset": "-1"})  # MS-ADA3 2.176: 0 must change, -1 now
_DEVICES = frozenset({"msexchactivesyncdevices", "msexchactivesyncdevice"})


@dataclass(frozen=True, slots=True)
class ActiveDirectory:
    """Active Directory, Windows or Samba; `quarantine` is the DN of the only place where accounts are deleted.

    Without a quarantine no account is deleted.
    """

    quarantine: str = ""

    # ── reading ──

    @property
    def reads(self) -> tuple[str, ...]:
        """Return that the mapping's attributes are enough."""
        return ()

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Return what tells a lock-out after wrong passwords."""
        return (_LOCKED_OUT, _COMPUTED)

    def named(self, session: Session, branch: Branch) -> dict[str, str | int]:
        """Return the domain controller, its database, which after a restore is another one, and the domain."""
        service = session.root_dse.get("dsServiceName", ("",))[0]
        found = session.find(service, ("invocationId",)) if service else None
        raw = found.attributes.get("invocationId", ()) if found else ()
        named = session.root_dse.get("dnsHostName", (session.url,))[0]
        domain = session.find(branch.context, (_SID,))
        sid = domain.attributes.get(_SID, ()) if domain else ()
        return {
            "server": named,
            "invocation_id": str(UUID(bytes_le=raw[0])) if raw else "",
            "directory": written_sid(sid[0]) if sid else "",
        }

    def mark(self, session: Session, branch: Branch) -> dict[str, str | int]:
        """Return the highest update number."""
        del branch
        found = session.find("", ("highestCommittedUSN",))
        number = found.attributes.get("highestCommittedUSN", (b"0",))[0] if found else b"0"
        return {"usn": int(number)}

    def look(self, session: Session, branch: Branch, held: Held) -> bool:
        """Remember the latest changes; return whether they and deleted objects can be seen."""
        return bool(held.server["invocation_id"]) and since.look(session, branch, held)

    def moved(self, session: Session, branch: Branch, held: Held, now: Mapping[str, str | int]) -> Moved:
        """Return what has a higher update number, deleted objects included; a doubt if the database went back."""
        return since.moved(session, branch, held, int(now["usn"]))

    def drawn(self, branch: Branch, held: Held, before: Before) -> Moved:
        """Return who is linked to what changed: links show no update number at their other end."""
        return since.drawn(branch, held, before)

    def evidence(
        self, server: Server, bind: Bind, session: Session, branch: Branch, held: Held, before: Before | None
    ) -> tuple[str, ...]:
        """Take the latest lastLogon of all domain controllers that are listed."""
        return use.evidence(server, bind, session, branch, held, before)

    @property
    def controls(self) -> tuple[str, ...]:
        """Return what deleting with proof takes."""
        return (SHOW_DELETED, TREE_DELETE)

    def rights(self, session: Session, branch: Branch) -> Iterator[Examination]:
        """Yield what may be made under the base, what of an account may be written, whether deletion is possible."""
        what = Text("Quyền", "Rights")
        found = session.find(branch.base, (_CHILDREN,))
        if found is None:
            yield Examination(what, Health.FAULT, Text(f"không thấy {branch.base}.", f"{branch.base} is not there."))
            return
        directory = branch.directory
        children = {value.decode().lower() for value in found.attributes.get(_CHILDREN, ())}
        lacking = sorted({directory.account_class.lower(), directory.container_class.lower()} - children)
        sample = next(_one_account(session, branch), None)
        written = {name.lower() for name in _written(directory)}
        writable = {value.decode().lower() for value in sample.attributes.get(_WRITABLE, ())} if sample else written
        lacking += sorted(written - writable)
        listed = ", ".join(lacking)
        yield Examination(
            what,
            Health.FAULT if lacking else Health.GOOD,
            Text(
                f"chưa được tạo hoặc ghi: {listed}. Hãy cấp quyền trên {branch.base}.",
                f"may not create or write: {listed}. Give the rights on {branch.base}.",
            )
            if lacking
            else Text("tạo và ghi được trong base.", "may create and write under the base."),
        )
        yield self._graves(session, branch)

    def _graves(self, session: Session, branch: Branch) -> Examination:
        what = Text("Xóa", "Deletion")
        if not self.quarantine:
            return Examination(
                what,
                Health.DOUBT,
                Text("chưa khai quarantine nên không xóa gì.", "no quarantine is named, so nothing is deleted."),
            )
        if session.find(self.quarantine) is None:
            absent = Text(f"không thấy {self.quarantine}.", f"{self.quarantine} is not there.")
            return Examination(what, Health.FAULT, absent)
        if not since.sees_deleted(session, branch):
            blind = Text("không đọc được CN=Deleted Objects.", "CN=Deleted Objects cannot be read.")
            return Examination(what, Health.FAULT, blind)
        if not restore.is_on(session):
            lost = Text("Recycle Bin chưa bật: xóa rồi không khôi phục được.", "the Recycle Bin is off: no way back.")
            return Examination(what, Health.DOUBT, lost)
        return Examination(
            what, Health.GOOD, Text("có OU cách ly, thấy được dấu vết.", "quarantine and proof are there.")
        )

    # ── writing ──

    @property
    def orders(self) -> Mapping[str, str]:
        """Return pwdLastSet: whoever sets it says that the password must be changed, or counts from now."""
        return _ORDERS

    @property
    def follows(self) -> bool:
        """Return that the server keeps names in groups in step."""
        return False

    def at(self, guid: str, dn: str) -> str:
        """Return the identity: it stays whatever the entry is called meanwhile (MS-ADTS 3.1.1.3.1.2.4)."""
        del dn
        return f"<GUID={guid}>"

    def conditions(self, session: Session, seen: Seen) -> tuple[Control, ...]:
        """Return none: the server knows no assertions, and ignores those that are not critical."""
        del session, seen
        return ()

    def hand(self, seen: Seen) -> str:
        """Return nobody: an object tells when and on which server each attribute was written, not by whom."""
        del seen
        return ""

    def creating(
        self, directory: Directory, change: Change, attributes: Mapping[str, Sequence[bytes]], password: Secret | None
    ) -> list[Step]:
        """Return one add, password included, and what mends it if the server understood it otherwise.

        Everything in one request leaves no account without a password behind, whatever happens (F29).
        """
        secret = {_PASSWORD: [_quoted(password)]} if password else {}
        add = Add(change.dn, {**attributes, **secret})
        told = {
            name: (before, after) for name, (before, after) in change.attributes.items() if _is_told(directory, name)
        }

        def mend(seen: Seen | None) -> Write | None:
            if seen is None or not differing(seen, told, _ORDERS):
                return None
            wanted = sorted(told.items())
            return Modify(
                self.at(seen.guid, seen.dn), [(Edit.REPLACE, name, _octets(after)) for name, (_, after) in wanted]
            )

        def others(seen: Seen | None) -> str:
            return differing(seen, {n: v for n, v in change.attributes.items() if n not in told}, _ORDERS)

        return [
            Step(lambda _: add, others, adds=change.dn),
            Step(mend, lambda seen: differing(seen, change.attributes, _ORDERS)),
        ]

    def beside(self, directory: Directory, seen: Seen, change: Change, password: Secret | None) -> Edits:
        """Return the new password; whoever gets one or is let in again is not kept out by wrong attempts before."""
        switch = directory.log_in
        opens = False
        if isinstance(switch, BitSwitch) and switch.attribute in change.attributes:
            before, after = (int(values[0]) if values else 0 for values in change.attributes[switch.attribute])
            opens = bool(before & switch.off) and not after & switch.off
        is_out = any(int(value) & _LOCKOUT for value in seen.raw.get(_COMPUTED, ()))
        edits: Edits = [(Edit.REPLACE, _LOCKED_OUT, [b"0"])] if is_out and (opens or password) else []
        if not password:
            return edits
        must = directory.must_change
        if must and must.attribute not in change.attributes and seen.values.get(must.attribute) == (must.on,):
            edits.append((Edit.REPLACE, must.attribute, [must.on.encode()]))  # a reset would else let the duty go
        return [*edits, (Edit.REPLACE, _PASSWORD, [_quoted(password)])]

    def deleting(self, session: Session, branch: Branch, change: Change, below: Sequence[Entry]) -> list[Step]:
        """Return: look that it is as the plan saw it, move it to the quarantine, delete it there, see the tombstone.

        Raises:
            Rejected: there is no quarantine, or the agent's account could not see the tombstone.
        """
        if not self.quarantine:
            raise Rejected(
                Text(
                    "Chưa khai OU cách ly (quarantine) nên không xóa tài khoản nào trên Active Directory.",
                    "No quarantine is named, so no account is deleted on Active Directory.",
                )
            )
        if not since.sees_deleted(session, branch):
            raise Rejected(
                Text(
                    "Tài khoản của tác tử không đọc được CN=Deleted Objects nên không chứng minh được việc xóa; chưa "
                    "xóa gì. Hãy cấp quyền đọc đó.",
                    "The agent's account cannot read CN=Deleted Objects, so it could not prove the deletion; nothing "
                    "was deleted. Give it that right.",
                )
            )

        def guard(seen: Seen | None) -> Write | None:
            here = expected(seen, change)
            kept = [(name, here.raw[name]) for name in change.attributes if name in here.raw]
            pairs: Edits = [(edit, name, raw) for name, raw in kept for edit in (Edit.DELETE, Edit.ADD)]
            return Modify(self.at(here.guid, here.dn), pairs) if pairs else None

        def move(seen: Seen | None) -> Write | None:
            here = expected(seen, change)
            if names_of.same(here.dn) == names_of.same(self.parked(here.guid)):
                return None
            return Rename(here.dn, f"CN={here.guid}", self.quarantine)

        def delete(seen: Seen | None) -> Write | None:
            here = expected(seen, change)
            tree = (Control(TREE_DELETE, critical=True),) if below else ()
            return Delete(self.at(here.guid, here.dn), tree)

        deleted: list[str] = []

        def delete_noted(seen: Seen | None) -> Write | None:
            deleted[:] = [seen.guid] if seen else []
            return delete(seen)

        def unproved(seen: Seen | None) -> str:
            return UNPROVED if seen or not self.proves_gone(session, branch, deleted[0]) else ""

        return [
            Step(guard, lambda seen: "" if seen else "dn"),
            Step(move, lambda seen: "" if seen and names_of.under(seen.dn, self.quarantine) else "dn"),
            Step(delete_noted, unproved),
        ]

    def remains(self, session: Session, branch: Branch, guid: str) -> Entry | Text:
        """Return what the Recycle Bin holds of an account, or why it holds nothing."""
        return restore.remains(session, branch, guid)

    def undeleting(self, session: Session, branch: Branch, change: Change, guid: str) -> list[Step]:
        """Return the reanimation: the server gives back what the account held, and its place in groups."""
        return restore.undeleting(session, branch, change, guid, _ORDERS)

    def swept(self, below: Sequence[Entry]) -> bool:
        """Return whether only mobile devices are below, which belong to the account alone (exchange §2)."""
        return all(
            _DEVICES & {name.decode(errors="replace").lower() for name in one.attributes.get("objectClass", ())}
            for one in below
        )

    def parked(self, guid: str) -> str:
        """Return the account's place in the quarantine: its identity is a name that nobody else has there."""
        return f"CN={guid},{self.quarantine}" if self.quarantine else ""

    def proves_gone(self, session: Session, branch: Branch, guid: str) -> bool:
        """Return whether a deleted object bears the identity."""
        found = session.read(branch.context, branch.identified(guid), ("isDeleted",), controls=since.SHOWN)
        return any(entry.attributes.get("isDeleted") == (b"TRUE",) for entry in found)


def _one_account(session: Session, branch: Branch) -> Iterator[Entry]:
    """Yield some accounts of the agent's with what may be written on them; one is enough."""
    condition = f"(&(objectClass={branch.directory.account_class})({branch.directory.stamp}=*))"
    yield from session.read(branch.base, condition, (_WRITABLE,))


def _written(directory: Directory) -> set[str]:
    """Return the attributes that are written over the life of an account."""
    switches = (directory.log_in, directory.must_change, directory.principal, directory.quota)
    named = (directory.rdn, directory.key, directory.stamp, directory.login.attribute, directory.address)
    also = {one.attribute for one in (*switches, directory.addresses) if one}
    return {*named, *directory.write, *also}


def _is_told(directory: Directory, name: str) -> bool:
    """Whether an attribute says whether and how somebody may log in."""
    return name == directory.log_in.attribute or name.lower() in _ORDERS


def _octets(values: Values) -> list[bytes]:
    return [value.encode() for value in values]


def _quoted(password: Secret) -> Secret:
    """Return a password as unicodePwd takes it (MS-ADTS 3.1.1.3.1.5.1)."""
    return Secret(f'"{password.reveal()}"'.encode("utf-16-le"))
