"""A database that is put back and a server that takes the place of another: the next read is whole, and says why."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from zoneinfo import ZoneInfo

import pytest
from figures import Figures
from servers.client import ldap, load
from servers.fixtures import FreshSamba, FreshSlapd
from servers.samba import Samba
from servers.slapd import Slapd

from syncagent.connectors.ad.kind import ActiveDirectory
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.live.target import LiveTarget
from syncagent.connectors.openldap.kind import OpenLdap
from syncagent.core.snapshot import Snapshot
from syncagent.trust.secret import Secret
from syncagent.wiring import shipped_directory

pytestmark = pytest.mark.server

PEOPLE = 12
ALL = 100
TRIES = [3, pytest.param(ALL, marks=pytest.mark.long)]


@dataclass
class Office:
    """Some people on a server, half of whom change before it is put back, and half after."""

    server: Samba | Slapd

    @property
    def base(self) -> str:
        return f"ou=office,{self.server.base_dn}"

    def fill(self) -> None:
        load(self.server, f"dn: {self.base}\nobjectClass: organizationalUnit\nou: office\n\n")
        load(self.server, "\n".join(map(self.person, range(PEOPLE))))

    def dn(self, number: int) -> str:
        return f"{'cn' if isinstance(self.server, Samba) else 'uid'}=u{number},{self.base}"

    def person(self, number: int) -> str:
        if isinstance(self.server, Samba):
            return f"dn: {self.dn(number)}\nobjectClass: user\nsAMAccountName: u{number}\n"
        return f"dn: {self.dn(number)}\nobjectClass: inetOrgPerson\nuid: u{number}\ncn: u{number}\nsn: u\n"

    def edit(self, *numbers: int) -> None:
        """An administrator gives some people another title; the nth edit of a try is another one in each life."""
        ldif = "".join(
            f"dn: {self.dn(number)}\nchangetype: modify\nreplace: title\ntitle: {random.random()}\n\n"  # noqa: S311 - a title
            for number in numbers
        )
        if ldif:
            ldap(self.server, "ldapmodify", ldif=ldif)

    def target(self, *others: Samba | Slapd) -> LiveTarget:
        found = self.server
        kind, mapping = (
            (ActiveDirectory(), "active-directory") if isinstance(found, Samba) else (OpenLdap(rest=0), "openldap")
        )
        there = Server((found.ldaps_url, *(other.ldaps_url for other in others)), found.ca)
        bind, zone = Simple(found.admin, Secret(found.password)), ZoneInfo("Asia/Ho_Chi_Minh")
        return LiveTarget("main", there, bind, shipped_directory(mapping), self.base, zone, kind)


def plain(found: Snapshot) -> Snapshot:
    return replace(found, watermark={})


def lives(office: Office, copy: Path, tries: int) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Put a database back again and again, after some changes and before more or less of others; yield both reads."""
    server, chance = office.server, random.Random(2026)  # noqa: S311 - a reproducible test
    first, second = range(PEOPLE // 2), range(PEOPLE // 2, PEOPLE)
    for _ in range(tries):
        server.stop()
        rmtree(copy, ignore_errors=True)
        server.copy_database(copy)
        server.restart()
        target = office.target()
        if chance.random() < 0.5:
            target.read()
        lost = chance.sample(first, chance.randint(1, len(first)))
        office.edit(*lost)
        target.read()
        server.stop()
        server.restore_database(copy)
        server.restart()
        later = len(lost) + chance.choice([-len(lost), -1, 0, 1, 40])
        office.edit(*(chance.choice(second) for _ in range(later)))
        yield target.read(), office.target().read()


@pytest.mark.parametrize("tries", TRIES)
@pytest.mark.parametrize("kind", ["samba", "slapd"])
def test_change_numbers_that_are_used_again_are_noticed(
    kind: str, fresh_samba: FreshSamba, fresh_slapd: FreshSlapd, tmp_path: Path, figures: Figures, tries: int
) -> None:
    """F10: whether the numbers are lower, the same or higher than before, what was put back is read whole."""
    office = Office(fresh_samba() if kind == "samba" else fresh_slapd())
    office.fill()

    found = list(lives(office, tmp_path / "copy", tries))

    assert len(found) == tries
    for read, whole in found:
        assert "back" in str(read.watermark.get("because"))
        assert plain(read) == plain(whole)
    if tries >= ALL:
        figures.note(f"databases of {kind} that were put back and noticed", len(found), ALL)


@pytest.mark.parametrize("tries", TRIES)
@pytest.mark.parametrize("kind", ["samba", "slapd"])
def test_another_server_is_read_whole(
    kind: str, fresh_samba: FreshSamba, fresh_slapd: FreshSlapd, figures: Figures, tries: int
) -> None:
    """F10: the numbers of one server say nothing of another; back on the first, all is read again as well."""
    first, second = (Office(fresh_samba() if kind == "samba" else fresh_slapd()) for _ in range(2))
    first.fill()
    second.fill()
    target = first.target(second.server)
    target.read()
    for number in range(tries):
        down, up = (first, second) if number % 2 == 0 else (second, first)
        down.server.stop()
        up.edit(number % PEOPLE)

        found = target.read()

        assert found.watermark["because"] == "another server or database"
        assert plain(found) == plain(up.target().read()) if kind == "slapd" else found.accounts
        down.server.restart()
        if number % 2:
            second.server.stop()
            second.server.restart()
    if tries >= ALL:
        figures.note(f"servers of {kind} that took the place of another and were noticed", tries, ALL)
