"""Servers for tests: one of each per worker and session, new ones for tests that break things."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from servers.client import Server, clear, load
from servers.obm import Obm
from servers.pki import Authority
from servers.place import own_address
from servers.postgresql import PostgreSql
from servers.quirky import quirky_wire
from servers.samba import Samba
from servers.samba_template import Template
from servers.slapd import SUFFIX, Slapd
from servers.wire import Wire


class FreshSamba(Protocol):
    def __call__(self, template: Template | Path = Template.RECYCLE_BIN) -> Samba: ...


class FreshSlapd(Protocol):
    def __call__(self, suffix: str = SUFFIX, tree: str | None = None) -> Slapd: ...


class FreshBase(Protocol):
    def __call__(self, server: Server) -> str: ...


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the servers of this worker."""
    return Authority.make(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def samba(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """One Active Directory (with Recycle Bin) for all tests of a worker: take a `fresh_base` on it, leave no trace."""
    with own_address() as address:
        server = Samba.start(tmp_path_factory.mktemp("samba"), address, Template.RECYCLE_BIN, authority)
        yield server
        server.kill()


@pytest.fixture(scope="session")
def slapd(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """One OpenLDAP for all tests of a worker: take a `fresh_base` on it, leave no trace."""
    with own_address() as address:
        server = Slapd.start(tmp_path_factory.mktemp("slapd"), address, authority)
        yield server
        server.kill()


@pytest.fixture(scope="session")
def postgresql(authority: Authority) -> Iterator[PostgreSql]:
    """One PostgreSQL for all tests of a worker: take a `fresh` database on it."""
    with own_address() as address:
        server = PostgreSql.start(address, authority)
        yield server
        server.remove()


@pytest.fixture(scope="session")
def _site(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Obm]:
    with own_address() as api, own_address() as directory, own_address() as imap:
        site = Obm.start(tmp_path_factory.mktemp("obm") / "slapd", (api, directory, imap), authority)
        yield site
        site.remove()


@pytest.fixture
def obm(_site: Obm) -> Iterator[Obm]:
    """One OBM site for all tests of a worker, mended before each: take a `domain` on it."""
    _site.as_ever()
    yield _site
    _site.as_ever()
    _site.idle()
    assert _site.faults == []


@pytest.fixture
def quirky(samba: Samba, authority: Authority) -> Iterator[Wire]:
    """The same Active Directory, with the manners of Windows; pages and ranges of values are as short as can be."""
    with own_address() as at, quirky_wire(samba, at, authority.issue(at), page=3, values=2) as wire:
        yield wire


@pytest.fixture
def fresh_samba(authority: Authority, tmp_path: Path) -> Iterator[FreshSamba]:
    """Start a new Active Directory each time it is called."""
    numbers = count(1)
    with ExitStack() as stack:

        def start(template: Template | Path = Template.RECYCLE_BIN) -> Samba:
            address = stack.enter_context(own_address())
            server = Samba.start(tmp_path / f"samba-{next(numbers)}", address, template, authority)
            stack.callback(server.kill)
            return server

        yield start


@pytest.fixture
def fresh_slapd(authority: Authority, tmp_path: Path) -> Iterator[FreshSlapd]:
    """Start a new OpenLDAP each time it is called."""
    numbers = count(1)
    with ExitStack() as stack:

        def start(suffix: str = SUFFIX, tree: str | None = None) -> Slapd:
            address = stack.enter_context(own_address())
            server = Slapd.start(tmp_path / f"slapd-{next(numbers)}", address, authority, suffix, tree)
            stack.callback(server.kill)
            return server

        yield start


@pytest.fixture(scope="session")
def _bases() -> Iterator[int]:
    return count(1)


@pytest.fixture
def fresh_base(_bases: Iterator[int]) -> Iterator[FreshBase]:
    """Give an empty organizational unit on a server, as its DN; in the end it goes, with all below it."""
    taken: list[tuple[Server, str]] = []

    def take(server: Server) -> str:
        name = f"Mail-{next(_bases)}"
        dn = f"OU={name},{server.base_dn}"
        load(server, f"dn: {dn}\nobjectClass: organizationalUnit\nou: {name}\n")
        taken.append((server, dn))
        return dn

    yield take
    for server, dn in taken:
        if server.runs():
            clear(server, dn)
