"""The main job on Active Directory with Exchange behind it, through the installed command, over WinRM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from exchange_desk import behind
from live import TODAY, Province, _guid, working
from servers.client import Server
from servers.exchange import Organization
from servers.pki import Authority
from servers.samba import Samba
from servers.winrm import WinRm

pytestmark = pytest.mark.server

FreshBase = Callable[[Server], str]
SIZE = 100


@dataclass
class Site:
    """A province on Active Directory, and the Exchange organization that stamps it."""

    province: Province
    exchange: Organization
    service: WinRm

    def guid(self, person: str) -> str:
        return _guid(self.province.entry(person)["objectGUID"])


@pytest.fixture
def site(samba: Samba, fresh_base: FreshBase, tmp_path: Path, authority: Authority) -> Iterator[Site]:
    """An empty province whose mailboxes are Exchange's, reached over HTTPS with NTLM."""
    base = fresh_base(samba)
    with behind(samba, base, tmp_path, authority) as mail:
        province = Province.make(
            tmp_path / "desk",
            SIZE,
            samba,
            base,
            "active-directory",
            mail.quarantine,
            mail.mail,
            winrm=mail.service.password,
            exchange=mail.service.host.password,
        )
        yield Site(province, mail.exchange, mail.service)


def test_a_life_with_exchange(site: Site) -> None:
    """Issue, leave, move, return, deletion after three months, in both systems; each plan after is empty (law 1).

    Exchange.md §1.2: a disabled mailbox neither sends nor receives and nobody opens it; it comes back as it was.
    """
    here, exchange = site.province, site.exchange
    examined = here.desk.run("--lang", "en", "doctor").stdout
    leaver, mover, gone = working(here, 3)
    first = here.in_step()
    guids = {person: site.guid(person) for person in (leaver, mover, gone)}
    for guid in guids.values():
        exchange.log_on(guid)
    exchange.protocols.setdefault(guids[leaver], {})["PopEnabled"] = False
    here.row(leaver, status="left", event="retired", effective_date=str(TODAY - timedelta(days=1)))
    here.row(gone, status="left", event="resigned")
    here.row(mover, unit="snv", event="transferred")
    second = here.in_step()
    closed = guids[leaver]
    shut = (exchange.receives(closed), exchange.sends(closed), exchange.opens(closed))
    here.row(leaver, status="working", event="recruited", decision_number="78/QĐ")
    third = here.in_step()
    here.back_by(gone, (TODAY - date(2026, 1, 1)).days)
    place = exchange.place(exchange.mailbox(guids[gone], "test"))
    exchange.kept[guids[gone]]["LitigationHoldEnabled"] = True
    under_hold = here.desk.plan(TODAY.isoformat())
    exchange.kept[guids[gone]]["LitigationHoldEnabled"] = False
    fourth = here.in_step()

    assert "Exchange" in examined
    assert first.count("create") == len(first) > SIZE * 0.6
    assert second == ["disable", "disable", "readdress"]
    assert shut == (False, False, False)
    assert third == ["restore"]
    assert exchange.receives(closed)
    assert exchange.sends(closed)
    assert exchange.opens(closed)
    assert exchange.protocols[closed]["PopEnabled"] is False
    assert here.entry(mover)["mail"].partition("@")[0].endswith(".snv")
    assert under_hold["actions"] == []  # design §4.6, whoever placed the hold
    told = [found for found in under_hold["findings"] if "Litigation" in found["message"]["en"]]
    assert [(found["code"], found["subject"]) for found in told] == [("held", gone)]
    assert fourth == ["delete"]
    assert here.entry(gone) == {}
    assert place not in exchange.contents
    assert site.service.opened < site.exchange.ran.total() / 20  # many operations share one shell
