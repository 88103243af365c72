"""What is particular to OpenLDAP.

Entries are addressed by their DN, looked up by entryUUID a moment before; a critical assertion (RFC 4528) refuses the
write if the entry is no longer as it was read. Passwords are hashed by the server (`olcPPolicyHashCleartext`), never by
us. What was measured on slapd 2.5 stands in decision 033.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from syncagent.connectors.ldap.filters import either, equality, every, no
from syncagent.connectors.ldap.requests import ASSERTION, Add, Control, Delete, Edit, asserted
from syncagent.connectors.live.kind import Moved
from syncagent.connectors.live.step import Seen, Step
from syncagent.connectors.live.steps import differing, expected
from syncagent.connectors.openldap import hashing, since
from syncagent.core.examination import Examination, Health
from syncagent.core.notation import ValueSwitch
from syncagent.errors import Rejected
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncagent.connectors.ldap.answers import Entry
    from syncagent.connectors.ldap.requests import Write
    from syncagent.connectors.ldap.server import Bind, Server
    from syncagent.connectors.ldap.session import Session
    from syncagent.connectors.live.branch import Branch
    from syncagent.connectors.live.held import Before, Held
    from syncagent.connectors.live.kind import Edits
    from syncagent.core.action import Change
    from syncagent.core.directory import Directory
    from syncagent.trust.secret import Secret

_PASSWORD = "userPassword"  # noqa: S105 - the attribute
_HAND = "modifiersName"
_ENTRY = "entryUUID"
_NOTHING_LEFT = Text(
    "OpenLDAP không giữ lại gì của mục đã xóa. Khôi phục từ bản sao lưu, rồi lập kế hoạch mới",
    "OpenLDAP keeps nothing of a deleted entry. Restore it from a backup, then make a new plan",
)
_NO_ORDERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OpenLdap:
    """OpenLDAP 2.5 or later, with or without the overlays ppolicy, unique, memberof and refint.

    `rest` are the seconds after which refint, which works after the answer, has done its work.
    """

    rest: int = 30

    # ── reading ──

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the number of an entry's last change."""
        return (since.CHANGED,)

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Return the number of an entry's last change, and who made it."""
        return (since.CHANGED, _HAND)

    def named(self, session: Session, branch: Branch) -> dict[str, str | int]:
        """Return the server, and the identity of its topmost entry, which replicas and backups keep (RFC 4530)."""
        found = session.find(branch.context, (_ENTRY,))
        top = found.attributes.get(_ENTRY, ()) if found else ()
        return {"server": session.url, "directory": top[0].decode() if top else ""}

    def mark(self, session: Session, branch: Branch) -> dict[str, str | int]:
        """Return the change numbers of the naming context; empty where the overlay syncprov does not keep any."""
        found = session.find(branch.context, ("contextCSN",))
        numbers = found.attributes.get("contextCSN", ()) if found else ()
        return {"csn": " ".join(sorted(number.decode() for number in numbers))}

    def look(self, session: Session, branch: Branch, held: Held) -> bool:
        """Remember the latest changes; return whether every entry showed the number of its last change."""
        del session, branch
        return since.look(held)

    def moved(self, session: Session, branch: Branch, held: Held, now: Mapping[str, str | int]) -> Moved:
        """Return what differs from what was read."""
        return since.moved(session, branch, held, str(now["csn"]), self.rest)

    def drawn(self, branch: Branch, held: Held, before: Before) -> Moved:
        """Return nobody: links were compared."""
        del branch, held, before
        return Moved()

    def evidence(
        self, server: Server, bind: Bind, session: Session, branch: Branch, held: Held, before: Before | None
    ) -> tuple[str, ...]:
        """Return that nobody else need be asked: the time of the last log-in stands in the entry."""
        del server, bind, session, branch, held, before
        return ()

    @property
    def controls(self) -> tuple[str, ...]:
        """Return assertions (RFC 4528)."""
        return (ASSERTION,)

    def rights(self, session: Session, branch: Branch) -> Iterator[Examination]:
        """Yield whether accounts can be made at all and passwords are hashed; slapd tells not who may write what."""
        found = session.find(branch.base, ("objectClass",))
        yield Examination(
            Text("Quyền", "Rights"),
            Health.DOUBT if found else Health.FAULT,
            Text(
                f"đọc được {branch.base}; OpenLDAP không cho biết trước quyền ghi, hãy xem olcAccess.",
                f"{branch.base} can be read; OpenLDAP does not tell beforehand who may write: look at olcAccess.",
            )
            if found
            else Text(f"không thấy {branch.base}.", f"{branch.base} is not there."),
        )
        yield hashing.examined(session, branch)

    # ── writing ──

    @property
    def orders(self) -> Mapping[str, str]:
        """Return that every attribute is a value."""
        return _NO_ORDERS

    @property
    def follows(self) -> bool:
        """Return that groups must be brought in step: the overlay refint may not be there, and does it later if so."""
        return True

    def at(self, guid: str, dn: str) -> str:
        """Return the DN."""
        del guid
        return dn

    def conditions(self, session: Session, seen: Seen) -> tuple[Control, ...]:
        """Return the assertion that what bears the name is this entry, as it was read.

        It says nothing of other names: the overlay unique looks for other holders under the same assertion, from the
        suffix down, and an equality alone would refuse every write of an address.
        """
        if not session.supports(ASSERTION) or since.CHANGED not in seen.raw:
            return ()
        elsewhere = no(equality("entryDN", seen.dn))
        as_read = every(equality("entryUUID", seen.guid), equality(since.CHANGED, seen.raw[since.CHANGED][0]))
        return (asserted(either(elsewhere, as_read)),)

    def hand(self, seen: Seen) -> str:
        """Return the name of whoever changed the entry last (RFC 4512 §3.4.4)."""
        return next((value.decode(errors="replace") for value in seen.raw.get(_HAND, ())), "")

    def creating(
        self, directory: Directory, change: Change, attributes: Mapping[str, Sequence[bytes]], password: Secret | None
    ) -> list[Step]:
        """Return one add, password included; the server hashes it."""
        del directory
        secret = {_PASSWORD: [password]} if password else {}
        add = Add(change.dn, {**attributes, **secret})
        return [Step(lambda _: add, lambda seen: differing(seen, change.attributes, _NO_ORDERS), adds=change.dn)]

    def beside(self, directory: Directory, seen: Seen, change: Change, password: Secret | None) -> Edits:
        """Return the new password, and what must be said with it: a reset would else unlock the account (ppolicy)."""
        if not password:
            return []
        switches = (directory.log_in, directory.must_change)
        kept = {switch.attribute for switch in switches if isinstance(switch, ValueSwitch)} - set(change.attributes)
        guards: Edits = []
        for name in sorted(kept.intersection(seen.raw)):
            guards += [(Edit.DELETE, name, seen.raw[name]), (Edit.ADD, name, seen.raw[name])]
        return [*guards, (Edit.REPLACE, _PASSWORD, [password])]

    def deleting(self, session: Session, branch: Branch, change: Change, below: Sequence[Entry]) -> list[Step]:
        """Return one delete, of the entry as it was read."""
        del branch, below

        def write(seen: Seen | None) -> Write | None:
            here = expected(seen, change)
            return Delete(here.dn, self.conditions(session, here))

        return [Step(write, lambda seen: "dn" if seen else "")]

    def remains(self, session: Session, branch: Branch, guid: str) -> Entry | Text:
        """Return that nothing is left of a deleted entry."""
        del session, branch, guid
        return _NOTHING_LEFT

    def undeleting(self, session: Session, branch: Branch, change: Change, guid: str) -> list[Step]:
        """Refuse: there is nothing to bring back.

        Raises:
            Rejected: always.
        """
        del session, branch, guid
        raise Rejected(_NOTHING_LEFT, where=change.dn)

    def swept(self, below: Sequence[Entry]) -> bool:
        """Return whether nothing is below."""
        return not below

    def parked(self, guid: str) -> str:
        """Return that deletion needs no other place."""
        del guid
        return ""

    def proves_gone(self, session: Session, branch: Branch, guid: str) -> bool:
        """Return that absence is the proof: a complete read by entryUUID did not find it, and there are no traces."""
        del session, branch, guid
        return True
