"""Several domain controllers: one lags behind, one was put back, one takes the place of another (F10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from contract.conftest import Desk, live_desk, mapping
from servers.client import load
from servers.fixtures import FreshBase, FreshSamba
from servers.pki import Authority
from servers.place import own_address
from servers.quirky import Identity, quirky_wire
from servers.samba import Samba
from servers.samba_template import HOST, REALM

from syncagent.connectors.ad.kind import ActiveDirectory
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.live.target import LiveTarget
from syncagent.core.action import ActionKind
from syncagent.core.ledger import Ledger
from syncagent.core.marks import admit_marks, mark_of
from syncagent.core.outcome import Result
from syncagent.errors import Doubtful, Misconfigured, SyncError, Unavailable
from syncagent.trust.secret import Secret

pytestmark = pytest.mark.server

OTHER = bytes(range(16))  # an invocationId


@contextmanager
def controller(samba: Samba, authority: Authority, identity: Identity) -> Iterator[str]:
    """A domain controller over a Samba, by its URL."""
    with own_address() as at, quirky_wire(samba, at, authority.issue(at), identity=identity) as wire:
        yield wire.ldap_url


def desk_over(samba: Samba, root: str, url: str = "") -> Desk:
    bind = Simple(samba.admin, Secret(samba.password))
    return live_desk(samba, mapping("active-directory"), root, ActiveDirectory(root), bind, url)


def reached(desk: Desk, samba: Samba, *urls: str) -> LiveTarget:
    """The target of a desk by other servers, which has read nothing yet."""
    found = desk.opened()
    assert isinstance(found, LiveTarget)
    return replace(found, server=Server(urls, samba.ca, connect_timeout=2, receive_timeout=10))


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (Identity(), ""),
        (Identity(behind=1000), "went back"),
        (Identity(database=OTHER), "03020100-0504-0706-0809-0a0b0c0d0e0f"),
        (Identity(b"dc2.ninhbinh.gov.vn", OTHER, behind=1000), ""),
    ],
    ids=["as it was", "USN rollback", "restored", "failover"],
)
def test_a_server_that_was_put_back_is_noticed_by_the_next_run(
    samba: Samba, authority: Authority, fresh_base: FreshBase, now: Identity, why: str
) -> None:
    """F10: fewer update numbers or another invocationId than the last run saw of a server; not another server."""
    identity = Identity()
    with controller(samba, authority, identity) as url:
        desk = desk_over(samba, fresh_base(samba), url)
        ledger = Ledger(marks=dict(filter(None, [mark_of(desk.opened().read())])))
        identity.name, identity.database, identity.behind = now.name, now.database, now.behind
        found = desk.opened().read()

        if why:
            with pytest.raises(Doubtful, match="directory accept sha256:") as caught:
                admit_marks([found], ledger)
            assert why in caught.value.says.en
        else:
            admit_marks([found], ledger)


@pytest.mark.parametrize(
    ("fault", "error", "why"),
    [
        (Identity(b"dc2.ninhbinh.gov.vn", read_only=True), Misconfigured, "Name a writable one"),
        (Identity(b"dc2.ninhbinh.gov.vn", fresh=True), Unavailable, "for the first time"),
    ],
    ids=["read-only", "not synchronized"],
)
def test_a_server_without_everything_is_passed_over(
    samba: Samba, authority: Authority, fresh_base: FreshBase, fault: Identity, error: type[SyncError], why: str
) -> None:
    """MS-ADTS 3.1.1.3.4.3, 3.1.1.3.2.16: what a read-only or a new domain controller lacks must not look as if gone."""
    with controller(samba, authority, fault) as url:
        desk = desk_over(samba, fresh_base(samba))
        found = reached(desk, samba, url, samba.ldaps_url).read()
        with pytest.raises(error, match=why) as caught:
            reached(desk, samba, url).read()

    assert found.watermark["server"] == f"{HOST}.{REALM}"
    assert caught.value.where == url


@pytest.fixture
def lagging(fresh_samba: FreshSamba, authority: Authority, tmp_path: Path) -> Iterator[tuple[Desk, Samba, str]]:
    """A desk over a domain controller, and the URL of another one that knows nothing of what was done there since."""
    first, second = fresh_samba(), fresh_samba()
    base = f"OU=Mail-1,{first.base_dn}"
    load(first, f"dn: {base}\nobjectClass: organizationalUnit\nou: Mail-1\n")
    desk = desk_over(first, base)
    first.stop()
    second.stop()
    first.copy_database(tmp_path / "copy")
    second.restore_database(tmp_path / "copy")
    first.restart()
    second.restart()
    with controller(second, authority, Identity(b"dc2.ninhbinh.gov.vn", OTHER)) as url:
        yield desk, first, url


def test_what_one_server_has_not_heard_of_is_asked_of_the_other(lagging: tuple[Desk, Samba, str]) -> None:
    """F33: a create whose answer was lost is found where it was made, though the first server listed does not know."""
    desk, first, behind = lagging
    create = desk.create()
    made = desk.apply(create)[0]

    alone = reached(desk, first, behind).resolve(create, desk.marker)
    both = reached(desk, first, behind, first.ldaps_url).resolve(create, desk.marker)

    assert (made.result, alone) == (Result.DONE, create)
    assert both == made._replace(password_set=False)  # a read does not tell


def test_a_run_writes_where_it_has_read(lagging: tuple[Desk, Samba, str]) -> None:
    """Law of one pinned server: if it falls silent, nothing is written to another; the next run takes the next one."""
    desk, first, behind = lagging
    target = reached(desk, first, first.ldaps_url, behind)
    before = target.read()
    first.stop()

    with pytest.raises(Unavailable) as caught:
        target.carry_out([desk.create()], desk.marker)

    assert caught.value.where == first.ldaps_url
    found = target.read()
    assert found.watermark["server"] != before.watermark["server"]
    assert [one.guid for one in found.accounts] == [one.guid for one in before.accounts]


def test_a_silent_server_may_know_better(lagging: tuple[Desk, Samba, str]) -> None:
    """While one of the servers is silent nobody concludes that an action never happened."""
    desk, first, behind = lagging
    create = desk.create()
    desk.apply(create)
    target = reached(desk, first, behind, first.ldaps_url)
    first.stop()

    with pytest.raises(Unavailable):
        target.resolve(create, desk.marker)


def test_another_server_is_read_whole_and_an_edit_it_has_not_heard_of_is_a_conflict(
    lagging: tuple[Desk, Samba, str],
) -> None:
    """F10: after a failover the first server's numbers count for nothing, and what is not there is not made up."""
    desk, first, behind = lagging
    desk.apply(desk.create())
    found = desk.account()
    stamp = desk.marked(found, document="9/QĐ")
    update = desk.change(ActionKind.UPDATE, found, stamp, facts=desk.facts("Nguyễn Ngọc Thành"))
    target = reached(desk, first, first.ldaps_url, behind)
    target.read()
    first.stop()

    read = target.read()
    outcome = target.carry_out([update], desk.marker)[0]

    assert read.watermark["server"] == "dc2.ninhbinh.gov.vn"
    assert read.watermark["because"] == "another server or database"
    assert [account.login for account in read.accounts] == ["hoatt"]
    assert outcome.result is Result.CONFLICT
