"""The desk from which the contract is tried: one target, and short ways to write down approved actions.

Another kind of target joins by one line in `TARGETS`: a function that is given a directory's first entries as LDIF
and returns the target over them, and can open it again as after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

import pytest

from syncagent.connectors.ldif.client import LdifTarget
from syncagent.connectors.memory import MemoryTarget
from syncagent.core import compare
from syncagent.core import dn as names
from syncagent.core.account import Account, AccountRef
from syncagent.core.action import Action, ActionKind, Change, Operation, Review
from syncagent.core.directory import Directory, Shape, encode
from syncagent.core.outcome import Outcome
from syncagent.core.policy import Target as Place
from syncagent.core.stamp import AccountKind, Alias, Reason, Stamp, State
from syncagent.mapping.directory import read_directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncagent.connectors.base import Target

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 3, 10)
DOMAIN = "ninhbinh.gov.vn"
MAPPINGS = Path(__file__).parents[2] / "mappings/directories"

ACTIVE_DIRECTORY = """\
dn: DC=ninhbinh,DC=gov,DC=vn
objectClass: top
objectClass: domain
objectClass: domainDNS
objectGUID:: AAAAAAAAAAAAAAAAAAAAAQ==
lockoutThreshold: 5
minPwdLength: 8

dn: OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: top
objectClass: organizationalUnit
OU: Mail
objectGUID:: AAAAAAAAAAAAAAAAAAAAAg==

dn:: T1U9c252LE9VPU1haWwsREM9bmluaGJpbmgsREM9Z292LERDPXZu
objectClass: top
objectClass: organizationalUnit
OU: snv
objectGUID:: AAAAAAAAAAAAAAAAAAAAAw==

dn: CN=Tin tuc,OU=Mail,DC=ninhbinh,DC=gov,DC=vn
objectClass: top
objectClass: group
cn: Tin tuc
sAMAccountName: tintuc
mail: tintuc@ninhbinh.gov.vn
proxyAddresses: SMTP:tintuc@ninhbinh.gov.vn
objectGUID:: AAAAAAAAAAAAAAAAAAAABA==

dn:: Q049VHLhuqduIFRo4buLIEjDsmEsT1U9c252LE9VPU1haWwsREM9bmluaGJpbmgsREM9Z292LERDPXZu
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn:: VHLhuqduIFRo4buLIEjDsmE=
displayName:: VHLhuqduIFRo4buLIEjDsmE=
sAMAccountName: hoatt
userPrincipalName: hoatt.snv@ninhbinh.gov.vn
mail: hoatt.snv@ninhbinh.gov.vn
proxyAddresses: SMTP:hoatt.snv@ninhbinh.gov.vn
proxyAddresses: smtp:hoa@ninhbinh.gov.vn
proxyAddresses: X500:/o=tinh/cn=hoatt
userAccountControl: 66048
lastLogonTimestamp: 134170000000000000
lastLogon: 134170000000000000
pwdLastSet: 133800000000000000
whenCreated: 20200102030405.0Z
title:: Q2h1ecOqbiB2acOqbg==
thumbnailPhoto:: /9j/4AAQSkZJRg==
objectGUID:: AAAAAAAAAAAAAAAAAAAABQ==

dn:: Q049VGhp4bq/dCBi4buLLENOPVRy4bqnbiBUaOG7iyBIw7JhLE9VPXNudixPVT1NYWlsLERDPW5
 pbmhiaW5oLERDPWdvdixEQz12bg==
objectClass: top
objectClass: msExchActiveSyncDevices
cn:: VGhp4bq/dCBi4buL
objectGUID:: AAAAAAAAAAAAAAAAAAAABg==

"""

OPENLDAP = """\
dn: dc=ninhbinh,dc=gov,dc=vn
objectClass: dcObject
objectClass: organization
dc: ninhbinh
o: Ninh Binh
entryUUID: 00000000-0000-0000-0000-000000000001

dn: ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: organizationalUnit
ou: Mail
entryUUID: 00000000-0000-0000-0000-000000000002

dn: ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: organizationalUnit
ou: snv
entryUUID: 00000000-0000-0000-0000-000000000003

dn: cn=tintuc,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: groupOfNames
objectClass: obmGroup
cn: tintuc
uid: tintuc
mail: tintuc@ninhbinh.gov.vn
member: uid=hoatt,ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
entryUUID: 00000000-0000-0000-0000-000000000004

dn: uid=hoatt,ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: inetOrgPerson
objectClass: obmUser
uid: hoatt
cn:: VHLhuqduIFRo4buLIEjDsmE=
sn:: VHLhuqduIFRo4buL
displayName:: VHLhuqduIFRo4buLIEjDsmE=
mail: hoatt.snv@ninhbinh.gov.vn
mailAlias: hoa@ninhbinh.gov.vn
mailAccess: PERMIT
description: Tang 2
title:: Q2h1ecOqbiB2acOqbg==
createTimestamp: 20200102030405Z
pwdLastSuccess: 20260301030405Z
jpegPhoto:: /9j/4AAQSkZJRg==
entryUUID: 00000000-0000-0000-0000-000000000005

dn: cn=devices,uid=hoatt,ou=snv,ou=Mail,dc=ninhbinh,dc=gov,dc=vn
objectClass: applicationProcess
cn: devices
entryUUID: 00000000-0000-0000-0000-000000000006

"""

FIRST_ENTRIES = {"active-directory": ACTIVE_DIRECTORY, "openldap": OPENLDAP}


class Opened(Protocol):
    """Opens the target under trial; called again, it opens it as an agent does that starts after a crash."""

    def __call__(self) -> Target: ...


def _ldif(first: str, directory: Directory, base: str, folder: Path) -> Opened:
    path = folder / "directory.ldif"
    path.write_text(first, encoding="utf-8")
    return lambda: LdifTarget("main", path, directory, base, ZONE)


def _memory(first: str, directory: Directory, base: str, folder: Path) -> Opened:
    read = _ldif(first, directory, base, folder)().read()
    target = MemoryTarget.of(read, directory, base, ZONE)
    return lambda: target


TARGETS: dict[str, Callable[[str, Directory, str, Path], Opened]] = {"memory": _memory, "ldif": _ldif}


@pytest.fixture(params=FIRST_ENTRIES)
def directory(request: pytest.FixtureRequest) -> Directory:
    file = f"{request.param}.yaml"
    return read_directory((MAPPINGS / file).read_text(encoding="utf-8"), file)


@pytest.fixture(params=TARGETS)
def desk(request: pytest.FixtureRequest, directory: Directory, tmp_path: Path) -> Desk:
    base = f"{directory.container_rdn}=Mail,dc=ninhbinh,dc=gov,dc=vn"
    opened = TARGETS[request.param](FIRST_ENTRIES[directory.name], directory, base, tmp_path)
    return Desk(opened, directory, base)


@pytest.fixture
def desk_over(directory: Directory) -> Callable[[Path], Desk]:
    """Opens a desk over a file that lies somewhere already."""
    base = f"{directory.container_rdn}=Mail,dc=ninhbinh,dc=gov,dc=vn"
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

    # ── looking ──

    def account(self, subject: str = "P1") -> Account:
        """The account whose stamp names the subject."""
        return next(a for a in self.opened().read().accounts if a.stamp and a.stamp.subject == subject)

    def stranger(self) -> Account:
        """The account that is there from the beginning and not ours."""
        return next(a for a in self.opened().read().accounts if a.login == "hoatt")

    def apply(self, *actions: Action, marker: str = "") -> list[Outcome]:
        return self.opened().carry_out(actions, marker or self.marker)

    def resolve(self, action: Action) -> Outcome | None:
        return self.opened().resolve(action, self.marker)

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
    ) -> Action:
        stamp = self.stamp(subject, unit=unit)
        address = f"{login}.{unit}@{DOMAIN}"
        shape = Shape(stamp, address, (), login, subject, facts_of(full_name), default_password=True, quota_mb=500)
        wanted = encode(self.directory, shape, {})
        place = self.place()
        read = self.opened().read()
        container = compare.container_of(place, (unit,))
        dn = compare.entry_name(self.directory, container, full_name, login, set(read.names))
        attributes: compare.Difference = {"objectClass": ((), self.directory.add_classes)}
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
            found.attributes.get(name, ()) == after
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
