"""The desk from which the contract is tried: one target, and short ways to write down approved actions.

Another kind of target joins by one line in `TARGETS`: a function that puts the first entries into a directory of the
kind and returns a desk over it, whose target can be opened again as after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

import pytest
from contract.first_entries import FIRST_ENTRIES, PASSWORD, loadable
from servers.client import ldap, load
from servers.fixtures import FreshBase
from servers.samba import Samba
from servers.slapd import Slapd
from servers.wire import Wire

from syncagent.connectors.ad.kind import ActiveDirectory
from syncagent.connectors.base import never
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldif.client import LdifTarget
from syncagent.connectors.live.target import LiveTarget
from syncagent.connectors.memory import MemoryTarget
from syncagent.connectors.openldap.kind import OpenLdap
from syncagent.core import compare
from syncagent.core import dn as names
from syncagent.core.account import Account, AccountRef
from syncagent.core.action import Action, ActionKind, Change, Operation, Review
from syncagent.core.directory import Directory, Shape, encode
from syncagent.core.mailbox import Difference
from syncagent.core.outcome import Outcome
from syncagent.core.policy import Target as Place
from syncagent.core.stamp import AccountKind, Alias, Reason, Stamp, State
from syncagent.mapping.directory import read_directory
from syncagent.trust.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncagent.connectors.base import Target
    from syncagent.connectors.live.kind import Kind
    from syncagent.core.snapshot import Snapshot

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 3, 10)
DOMAIN = "ninhbinh.gov.vn"
MAPPINGS = Path(__file__).parents[2] / "mappings/directories"


class Opened(Protocol):
    """Opens the target under trial; called again, it opens it as an agent does that starts after a crash."""

    def __call__(self) -> Target: ...


def _base(directory: Directory) -> str:
    return f"{directory.container_rdn}=Mail,dc=ninhbinh,dc=gov,dc=vn"


def _ldif(directory: Directory, request: pytest.FixtureRequest) -> Desk:
    path: Path = request.getfixturevalue("tmp_path") / "directory.ldif"
    path.write_text(FIRST_ENTRIES[directory.name], encoding="utf-8")
    base = _base(directory)
    return Desk(lambda: LdifTarget("main", path, directory, base, ZONE), directory, base)


def _memory(directory: Directory, request: pytest.FixtureRequest) -> Desk:
    read = _ldif(directory, request).opened().read()
    base = _base(directory)
    target = MemoryTarget.of(read, directory, base, ZONE)
    return Desk(lambda: target, directory, base)


def _samba(directory: Directory, request: pytest.FixtureRequest) -> Desk:
    base: FreshBase = request.getfixturevalue("fresh_base")
    samba: Samba = request.getfixturevalue("samba")
    kind = ActiveDirectory(quarantine=base(samba))
    return live_desk(samba, directory, base(samba), kind, Simple(samba.admin, Secret(samba.password)))


def _quirky(directory: Directory, request: pytest.FixtureRequest) -> Desk:
    base: FreshBase = request.getfixturevalue("fresh_base")
    samba: Samba = request.getfixturevalue("samba")
    wire: Wire = request.getfixturevalue("quirky")
    kind = ActiveDirectory(quarantine=base(samba))
    return live_desk(samba, directory, base(samba), kind, Simple(samba.admin, Secret(samba.password)), wire.ldap_url)


def _slapd(directory: Directory, request: pytest.FixtureRequest) -> Desk:
    base: FreshBase = request.getfixturevalue("fresh_base")
    slapd: Slapd = request.getfixturevalue("slapd")
    return live_desk(slapd, directory, base(slapd), OpenLdap(), Simple(slapd.agent, Secret(slapd.password)))


def live_desk(server: Samba | Slapd, directory: Directory, root: str, kind: Kind, bind: Simple, url: str = "") -> Desk:
    """Load the first entries below an empty place on a server, and open the target over them, perhaps by a detour."""
    root = root.replace("OU=", f"{directory.container_rdn}=")  # as the server spells it
    load(server, loadable(FIRST_ENTRIES[directory.name], root))
    ldap(server, "ldapsearch", "-b", "", "-s", "base", who=_holder(server, root), password=PASSWORD)
    base = f"{directory.container_rdn}=Mail,{root}"
    there = Server((url or server.ldaps_url,), server.ca, receive_timeout=10)

    def opened() -> LiveTarget:
        return LiveTarget("main", there, bind, directory, base, ZONE, kind, root=root)

    born = datetime.now(ZONE).date()  # the day on which the server makes what it makes
    return Desk(opened, directory, base, born=born)


def _holder(server: Samba | Slapd, root: str) -> str:
    return "hoatt.snv@ninhbinh.gov.vn" if isinstance(server, Samba) else f"uid=hoatt,ou=snv,ou=Mail,{root}"


TARGETS: dict[str, Callable[[Directory, pytest.FixtureRequest], Desk]] = {
    "memory": _memory,
    "ldif": _ldif,
    "samba": _samba,
    "slapd": _slapd,
    "quirky": _quirky,
}
_KINDS = {"samba": {"active-directory"}, "quirky": {"active-directory"}, "slapd": {"openldap"}}
_PAIRS = [
    pytest.param((target, kind), id=f"{target}-{kind}", marks=[pytest.mark.server] if target in _KINDS else [])
    for target in TARGETS
    for kind in FIRST_ENTRIES
    if kind in _KINDS.get(target, FIRST_ENTRIES)
]


def mapping(kind: str) -> Directory:
    file = f"{kind}.yaml"
    return read_directory((MAPPINGS / file).read_text(encoding="utf-8"), file)


@pytest.fixture(params=FIRST_ENTRIES)
def directory(request: pytest.FixtureRequest) -> Directory:
    return mapping(request.param)


@pytest.fixture(params=_PAIRS)
def desk(request: pytest.FixtureRequest) -> Desk:
    """Every target, with every mapping that it can serve."""
    target, kind = request.param
    return TARGETS[target](mapping(kind), request)


@pytest.fixture(params=[pair for pair in _PAIRS if not pair.marks])
def file_desk(request: pytest.FixtureRequest) -> Desk:
    """The targets without a server, with every mapping."""
    target, kind = request.param
    return TARGETS[target](mapping(kind), request)


@pytest.fixture
def desk_over(directory: Directory) -> Callable[[Path], Desk]:
    """Opens a desk over a file that lies somewhere already."""
    base = _base(directory)
    return lambda path: Desk(lambda: LdifTarget("main", path, directory, base, ZONE), directory, base)


def facts_of(full_name: str, **others: str) -> dict[str, str]:
    surname, _, given = full_name.rpartition(" ")
    found = {
        "full_name": full_name, "given_name": given, "surname": surname, "surname_or_name": surname or full_name,
        "position": "Chuyên viên", "unit": "snv",
        "unit_name": "Sở Nội vụ", "agency_name": "Sở Nội vụ", "mail_nickname": "thanhnn",
    }  # fmt: skip
    return found | others


@dataclass
class Desk:
    """A target and the actions that somebody approved for it."""

    opened: Opened
    directory: Directory
    base: str
    marker: str = "sha256:plan-1"
    count: int = 0
    born: date = TODAY
    """The day on which what is created today is created: a server has its own clock."""
    drawn: dict[str, str] = field(default_factory=dict)
    """The passwords that were drawn, by action."""

    # ── looking ──

    def shown(self) -> Snapshot:
        """What the target holds, whichever state of it that is: on a server a mere log-in is a new one."""
        return replace(self.opened().read(), watermark={})

    def account(self, subject: str = "P1") -> Account:
        """The account whose stamp names the subject."""
        return next(a for a in self.opened().read().accounts if a.stamp and a.stamp.subject == subject)

    def stranger(self) -> Account:
        """The account that is there from the beginning and not ours."""
        return next(a for a in self.opened().read().accounts if a.login == "hoatt")

    def apply(self, *actions: Action, marker: str = "", stop: Callable[[], bool] = never) -> list[Outcome]:
        for action in actions:
            self.drawn.setdefault(action.id, f"{PASSWORD}.{len(self.drawn)}.{action.id}")
        drawn = {action_id: Secret(password) for action_id, password in self.drawn.items()}
        return self.opened().carry_out(actions, marker or self.marker, drawn, stop)

    def resolve(self, action: Action) -> Outcome | None:
        """What became of an action; None if it has not happened at all."""
        found = self.opened().resolve(action, self.marker)
        if isinstance(found, Outcome):
            return found
        assert found == action
        return None

    # ── actions ──

    def place(self) -> Place:
        return Place("main", self.directory, self.base)

    def stamp(self, subject: str = "P1", **parts: object) -> Stamp:
        found = Stamp(
            AccountKind.PERSONAL, subject, State.ACTIVE, TODAY, Reason.ISSUED,
            unit="snv", issued=TODAY, password=TODAY, row=TODAY, document="12/QĐ-SNV",
        )  # fmt: skip
        return replace(found, **parts)  # type: ignore[arg-type]  # the test names real fields

    def create(
        self,
        subject: str = "P1",
        full_name: str = "Nguyễn Ngọc Thành",
        login: str = "thanhnn",
        unit: str = "skhcn",
        needs: tuple[str, ...] = (),
        **marks: object,
    ) -> Action:
        stamp = self.stamp(subject, unit=unit, **marks)
        address = f"{login}.{unit}@{DOMAIN}"
        shape = Shape(stamp, address, (), login, subject, facts_of(full_name), default_password=True, quota_mb=500)
        wanted = encode(self.directory, shape, {})
        place = self.place()
        read = self.opened().read()
        container = compare.container_of(place, (unit,))
        dn = compare.entry_name(self.directory, container, full_name, login, set(read.names))
        attributes: Difference = {"objectClass": ((), self.directory.add_classes)}
        attributes |= {name: ((), values) for name, values in wanted.items() if values}
        attributes[self.directory.rdn] = ((), (names.rdn_value(dn),))
        changes = (
            *compare.missing_containers(container, place, read.containers),
            Change(Operation.ADD, dn, attributes, sets_password=True),
        )
        return self.action(ActionKind.CREATE, changes, stamp, None, address, needs)

    def change(
        self,
        kind: ActionKind,
        found: Account,
        stamp: Stamp,
        *,
        to: str = "",
        needs: tuple[str, ...] = (),
        **shape: object,
    ) -> Action:
        """Bring an account into the shape a stamp and a few facts describe, and perhaps under another name."""
        address = str(shape.pop("address", found.address))
        aliases = compare.aliases_after(found, found.stamp, stamp, address)
        wished = Shape(stamp, address, aliases, **shape)  # type: ignore[arg-type]  # the test names real fields
        changed = {
            name: (found.attributes.get(name, ()), after)
            for name, after in encode(self.directory, wished, found.attributes).items()
            if found.attributes.get(name, ()) != after
        }
        changes: tuple[Change, ...] = (Change(Operation.MODIFY, found.dn, changed),)
        if to:
            parent, place = names.parent(to), self.place()
            changes += compare.missing_containers(parent, place, self.opened().read().containers)
            changes += (Change(Operation.RENAME, found.dn, {}, new_dn=to),)
        return self.action(kind, changes, stamp, found.ref, address, needs)

    def delete(self, found: Account, needs: tuple[str, ...] = ()) -> Action:
        stamped = found.attributes.get(self.directory.stamp, ())
        change = Change(Operation.DELETE, found.dn, {self.directory.stamp: (stamped, ())})
        return self.action(ActionKind.DELETE, (change,), None, found.ref, found.address, needs)

    def action(
        self,
        kind: ActionKind,
        changes: tuple[Change, ...],
        stamp: Stamp | None,
        account: AccountRef | None,
        address: str,
        needs: tuple[str, ...] = (),
    ) -> Action:
        self.count += 1
        return Action(
            f"a{self.count:04}", kind, "main", AccountKind.PERSONAL, stamp.subject if stamp else "P1", "snv", address,
            "", account, TODAY, Review.NONE, needs_order=False, because=(), changes=changes, stamp=stamp, needs=needs,
        )  # fmt: skip

    def by_hand(self, found: Account, attribute: str, *values: str) -> None:
        """An administrator sets an attribute while nobody looks."""
        before = found.attributes.get(attribute, ())
        change = Change(Operation.MODIFY, found.dn, {attribute: (before, values)})
        outcomes = self.apply(self.action(ActionKind.UPDATE, (change,), None, found.ref, ""), marker="by hand")
        assert [outcome.result for outcome in outcomes] == ["done"]

    def in_step(self, found: Account, action: Action) -> bool:
        """Whether every value an action sets is what the target now shows."""
        return all(
            sorted(found.attributes.get(name, ())) == sorted(after)  # a server keeps values in any order
            for change in action.changes
            if change.operation in {Operation.ADD, Operation.MODIFY}
            for name, (_, after) in change.attributes.items()
            if name != "objectClass"
        )

    @staticmethod
    def marked(found: Account, **parts: object) -> Stamp:
        """The stamp an account carries, with some parts changed."""
        assert found.stamp
        return replace(found.stamp, **parts)  # type: ignore[arg-type]  # the test names real fields

    @staticmethod
    def facts(full_name: str) -> dict[str, str]:
        return facts_of(full_name)

    @staticmethod
    def alias(address: str) -> Alias:
        return Alias(address, date(2026, 6, 10))
