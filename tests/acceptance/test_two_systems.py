"""One city on Exchange and OBM at once, through the installed command: one plan, one namespace, one account each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import TODAY
from servers.client import Server, load
from servers.obm import Obm
from servers.pki import Authority
from servers.samba import Samba
from signers import BOTH, give_key
from two_systems import DOMAIN, EXCHANGE, OBM, City, city, did

pytestmark = pytest.mark.server

ON_OBM = "haichau"
BUSY = {"status": "working", "event": "recruited", "type": "official"}


@pytest.fixture
def here(
    samba: Samba, fresh_base: Callable[[Server], str], obm: Obm, authority: Authority, tmp_path: Path
) -> Iterator[City]:
    with city(tmp_path, samba, fresh_base, obm, authority, f"[{ON_OBM}]") as found:
        yield found


def test_one_plan_and_one_namespace_over_both_systems(here: City) -> None:
    """Đà Nẵng, Điều 3.3: one name is one address in the whole city, whichever system has the mailbox (design §4.7).

    Who came later gets the number, also if the first one is on the other system, and if the first one has left. An
    address that somebody takes on one system is not given on the other, not even between plan and apply.
    """
    here.row("DN000101", full_name="Nguyễn Ngọc Thành", unit=ON_OBM, received_on=TODAY.isoformat(), **BUSY)
    examined = here.desk.run("--lang", "en", "doctor").stdout
    first = here.in_step()
    exchange, obm = here.on_exchange(), here.on_obm()

    assert "Exchange" in examined
    assert "Provisioning API" in examined
    assert {kind for kind, _, _ in first} == {"create"}
    assert len(first) == len(exchange) + len(obm)
    assert exchange.keys().isdisjoint(obm.keys())
    assert f"unit:{ON_OBM}" in obm
    assert {"DN000001", "unit:stttt", "unit:stttt-cntt", "unit:snv"} <= exchange.keys()
    assert exchange["DN000001"] == f"thanhnn@{DOMAIN}"
    assert obm["DN000101"].mails[0].startswith("thanhnn")
    addresses = [*exchange.values(), *(user.mails[0] for user in obm.values())]
    assert len(set(addresses)) == len(addresses)

    left = {"status": "left", "event": "retired"}
    here.row("DN000005", **left)  # on Exchange
    here.row("DN000004", **left)  # on OBM
    here.row("DN000102", full_name="Đặng Quốc Việt", unit="snv", received_on=TODAY.isoformat(), **BUSY)
    second = here.in_step()

    assert second == [
        ("create", EXCHANGE, "DN000102"), ("withdraw", EXCHANGE, "DN000005"), ("withdraw", OBM, "DN000004"),
    ]  # fmt: skip
    assert here.on_obm()["DN000004"].archived
    assert here.on_exchange()["DN000102"] == f"vietdq1@{DOMAIN}"

    here.row("DN000103", full_name="Trương Vĩnh Ký", unit=ON_OBM, received_on=TODAY.isoformat(), **BUSY)
    planned = here.plan()
    here.approve()
    load(here.samba, f"dn: CN=Ky,{here.base}\nobjectClass: contact\nproxyAddresses: SMTP:kytv@{DOMAIN}\n")
    refused = here.desk.run("--lang", "en", "apply", "latest", expect=5)
    third = here.plan()

    assert did(planned) == [("create", OBM, "DN000103")]
    assert "make a new plan" in refused.stdout + refused.stderr
    assert "DN000103" not in here.on_obm()
    assert [one["address"] for one in third["actions"]] == [f"kytv1@{DOMAIN}"]


def test_a_unit_moves_from_exchange_to_obm_on_one_order(here: City) -> None:
    """Decision 068: closed and kept on Exchange, issued on OBM with the same address; nothing is deleted."""
    here.in_step()
    before = here.on_exchange()
    here.desk.edit("syncagent.yaml", f"units: [{ON_OBM}]", f"units: [{ON_OBM}, snv]")
    plan = here.plan()
    here.desk.run("approve", "latest", *give_key(here.desk, BOTH[0]), expect=5)  # no order
    moved = here.in_step()
    obm = here.on_obm()
    stamps = here.stamps()

    assert moved == [
        ("create", OBM, "DN000005"), ("create", OBM, "unit:snv"),
        ("withdraw", EXCHANGE, "DN000005"), ("withdraw", EXCHANGE, "unit:snv"),
    ]  # fmt: skip
    assert all("move the old mail" in one["because"][0]["text"]["en"] for one in plan["actions"])
    for subject in ("DN000005", "unit:snv"):
        guid, stamp = stamps[subject]
        assert obm[subject].mails == [before[subject]]
        assert not obm[subject].archived
        assert "state=withdrawn" in stamp
        assert "why=relocated" in stamp
        assert not here.exchange.receives(guid)
        assert not here.exchange.opens(guid)
        assert here.exchange.place(here.exchange.mailbox(guid, "test"))  # the mailbox itself is there


def test_a_unit_without_one_home_stops_everything_with_its_line(here: City) -> None:
    """Contract §3, exit 3: a misspelt unit, one of two systems, and one of none; nothing is read further."""
    here.desk.edit("syncagent.yaml", f"units: [{ON_OBM}]", "units: [haichua]")
    misspelt = here.desk.run("--lang", "en", "check", expect=3).stderr
    here.desk.edit("syncagent.yaml", "units: [haichua]", f"units: [{ON_OBM}]")
    here.desk.edit("syncagent.yaml", 'units: ["*"]', "units: [stttt, haichau]")
    both = here.desk.run("--lang", "en", "plan", expect=3).stderr
    lines = (here.desk.folder / "syncagent.yaml").read_text(encoding="utf-8").splitlines()
    first, second = (number for number, line in enumerate(lines, 1) if line.startswith("    units: "))

    assert f"syncagent.yaml:{second}: targets.obm.units: the unit list has no “haichua”; is “haichau” meant" in misspelt
    assert f"exchange (syncagent.yaml:{first}), obm (syncagent.yaml:{second})" in both
    assert "units.csv:4: No system takes the accounts of unit “snv”" in both
