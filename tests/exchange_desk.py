"""The desk from which Exchange is tried: an organization, the host before it, and accounts in the directory behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

from servers.client import load
from servers.exchange import Organization
from servers.exchange_directory import Entry, MemoryDirectory, live_directory
from servers.exchange_writing import enable_mailbox
from servers.management_host import ManagementHost
from servers.pki import Authority
from servers.place import own_address
from servers.samba import Samba
from servers.winrm import WinRm, serving

from syncagent.connectors.exchange.carry import carry_out
from syncagent.connectors.exchange.mailbox import Mailbox, read_mailboxes
from syncagent.connectors.exchange.order import Effect, Operation, Order
from syncagent.connectors.exchange.properties import Values
from syncagent.connectors.exchange.winrm import Endpoint, Password, Sessions, WinRmDriver, driven
from syncagent.trust.secret import Secret

DOMAIN = "ninhbinh.gov.vn"
SUFFIX = "DC=ninhbinh,DC=gov,DC=vn"
DATABASE = "DB01"
NOBODY = f"{DOMAIN}/He thong/Khong ai"
"""The recipient from whom alone a disabled mailbox accepts mail."""


@dataclass(slots=True)
class Desk:
    """An organization and a driver to it."""

    exchange: Organization
    service: WinRm
    driver: WinRmDriver

    def person(self, login: str) -> str:
        """Return the objectGUID of a new account, which has no mailbox."""
        directory = self.exchange.directory
        assert isinstance(directory, MemoryDirectory)
        number = UUID(int=0x4E42_0000 + len(directory.entries))
        entry = Entry(str(number), f"CN={login},OU=Mail,{SUFFIX}", {"samaccountname": [login]})
        return directory.add(entry).guid

    def holder(self, login: str) -> str:
        """Return the objectGUID of a new account whose mailbox was enabled and opened."""
        guid = self.person(login)
        list(
            enable_mailbox(
                self.exchange, identity=guid, domain_controller="dc1", alias=login, database=DATABASE,
                primary_smtp_address=f"{login}@{DOMAIN}",
            )
        )  # fmt: skip
        self.exchange.log_on(guid)
        self.exchange.ran.clear()
        return guid

    def read(self, guid: str) -> Mailbox:
        found = read_mailboxes(self.driver, [guid])[guid]
        assert found
        return found

    def one(
        self, operation: Operation, guid: str, changes: dict[str, tuple[Values, Values]], address: str = ""
    ) -> Effect:
        """Carry out one order."""
        (effect,) = carry_out(self.driver, [Order("1", operation, guid, changes, address)])
        return effect

    def anew(self, **changes: object) -> WinRmDriver:
        """Return another driver to the same host; `changes` are of its endpoint."""
        return WinRmDriver(replace(self.driver.endpoint, **changes), self.driver.sessions)  # type: ignore[arg-type]


def endpoint(service: WinRm, ca: Path | None = None) -> Endpoint:
    """Return how the agent reaches a service, signed in by NTLM."""
    return Endpoint(service.url, Password(service.user, Secret(service.password)), ca, operation_timeout=3, deadline=30)


def sessions(host: ManagementHost) -> Sessions:
    return Sessions(host.uri, f"dc1.{DOMAIN}", host.account, Secret(host.password))


@contextmanager
def exchange_desk(folder: Path, address: str, organization: Organization | None = None) -> Iterator[Desk]:
    """Give a desk over an organization, by default one whose directory is in memory, over HTTP with sealed messages."""
    if organization is None:
        directory = MemoryDirectory()
        directory.add(Entry(str(uuid4()), f"CN=Khong ai,OU=He thong,{SUFFIX}", {"samaccountname": ["khong.ai"]}))
        organization = Organization(directory, {DATABASE: f"CN={DATABASE},{SUFFIX}"})
    service = WinRm(ManagementHost(organization))
    with serving(service, address, folder), driven(endpoint(service), sessions(service.host)) as driver:
        yield Desk(organization, service, driver)


def mail_lines(service: WinRm, nobody: str) -> str:
    """Return the settings of a target's mail; its passwords are in the files `winrm` and `exchange`."""
    return f"""
      kind: exchange
      management_host: {service.url}
      sign_in: {{method: ntlm, name: '{service.user}', password: {{file: winrm}}}}
      ca: ca.pem
      sessions: {service.host.uri}
      account: '{service.host.account}'
      password: {{file: exchange}}
      domain_controller: dc1.ninhbinh.gov.vn
      nobody: "{nobody}"
      archive: {{decision: "12/QĐ-SKHCN ngày 05/01/2026"}}
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """An Exchange organization that stamps a real Active Directory: its host, and what a configuration says of it."""

    exchange: Organization
    service: WinRm
    mail: str
    quarantine: str


@contextmanager
def behind(samba: Samba, base: str, folder: Path, authority: Authority) -> Iterator[Behind]:
    """Give the organization of one base of a directory, reached over HTTPS with NTLM."""
    quarantine = f"OU=Quarantine,{base}"
    load(
        samba,
        f"dn: {quarantine}\nobjectClass: organizationalUnit\n\ndn: CN=DB01,{base}\nobjectClass: container\n\n"
        f"dn: CN=Khong ai,{base}\nobjectClass: user\nsAMAccountName: khong.ai\n",
    )
    with live_directory(samba) as directory, own_address() as address:
        exchange = Organization(directory, {"DB01": f"CN=DB01,{base}"})
        nobody = directory.find("khong.ai")
        assert nobody
        service = WinRm(ManagementHost(exchange))
        with serving(service, address, folder, authority.issue(address)):
            mail = mail_lines(service, nobody.canonical)
            yield Behind(exchange, service, mail, f'      quarantine: "{quarantine}"\n')
