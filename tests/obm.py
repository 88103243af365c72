"""A desk before an OBM site of the tests: a domain of its own, open sessions, and users to try things on."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from servers.obm import Obm
from servers.obm_database import Domain
from servers.obm_tree import IMAP_HOST
from servers.slapd import Slapd

from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.obm.compare import Side
from syncagent.connectors.obm.operations import Done, Kind, carry_out, resolve
from syncagent.connectors.obm.server import Mailboxes, Provisioning
from syncagent.connectors.obm.site import Site, open_site
from syncagent.connectors.obm.user import LOCK, Attributes, Values
from syncagent.trust.secret import Secret

FIRST, SECOND = "Mat-khau.1", "Mat-khau.2"
LOCKED = ("000001010000Z",)
_NAMESPACE = UUID("b7b1f5a8-8a1c-4c65-9d4c-5a6fd15d4f3e")


@dataclass
class ObmDesk:
    """An agent at one domain of a site."""

    obm: Obm
    domain: Domain
    site: Site
    settings: Provisioning

    def ext_id(self, login: str) -> str:
        return str(uuid5(_NAMESPACE, f"{login}@{self.domain.name}"))

    def address(self, login: str) -> str:
        return f"{login}@{self.domain.name}"

    def created(self, login: str, **more: Values) -> Attributes:
        """Return what creates a user with a mailbox of 500 MB."""
        wanted: dict[str, Values] = {
            "login": (login,), "lastname": ("Nguyễn",), "firstname": ("Văn An",), "profile": ("user",),
            "mails": (self.address(login),), "mail_server": (IMAP_HOST,), "mail_quota": ("500",), **more,
        }  # fmt: skip
        return {name: ((), values) for name, values in wanted.items()}

    def make(self, login: str = "an", **more: object) -> str:
        """Make a user, as OBM does it, and return the extId."""
        columns: dict[str, object] = {
            "password": FIRST, "mails": [self.address(login)], "mail_server": IMAP_HOST, "mail_quota": "500",
            "lastname": "Nguyễn", "firstname": "Văn An", **more,
        }  # fmt: skip
        self.obm.provide(self.domain, self.ext_id(login), login, **columns)
        return self.ext_id(login)

    def do(self, kind: Kind, ext_id: str, attributes: Attributes, password: str = "") -> Done:
        return carry_out(self.site, kind, ext_id, attributes, Secret(password) if password else None)

    def end(self, kind: Kind, ext_id: str, attributes: Attributes) -> Side:
        return resolve(self.site, kind, ext_id, attributes)

    def fields(self, ext_id: str) -> Mapping[str, Values]:
        account = self.site.account(ext_id)
        assert account
        return account.fields

    def written(self) -> list[str]:
        """Return the verbs of operations that were carried out on users, in their order."""
        return [verb for _, verb, status in self.obm.worker.carried_out if status == "SUCCESS"]

    def forget(self) -> None:
        """Begin to count anew."""
        self.obm.worker.carried_out.clear()
        self.obm.asked.clear()


@contextmanager
def obm_desk(obm: Obm, **more: object) -> Iterator[ObmDesk]:
    """Open sessions with a new domain of a site; `more` are settings that differ."""
    domain = obm.domain()
    settings = Provisioning(
        obm.url, domain.name, Obm.agent, Secret(Obm.password), own=next(iter(domain.users)), ca_file=obm.ca,
        connect_timeout=2.0, receive_timeout=1.0, patience=4.0,
    )  # fmt: skip
    settings = replace(settings, **more)  # type: ignore[arg-type] # of several types
    with open_site(settings, *directory_of(obm), mailboxes_of(obm)) as site:
        desk = ObmDesk(obm, domain, site, settings)
        desk.forget()
        yield desk


def logs_in(desk: ObmDesk, password: str, login: str = "an") -> bool:
    """Whether a password opens the mailbox."""
    cyrus = desk.obm.cyrus
    line = imaplib.IMAP4_SSL(
        cyrus.address, cyrus.port, ssl_context=ssl.create_default_context(cafile=desk.obm.ca), timeout=10
    )
    try:
        return line.login(desk.address(login), password)[0] == "OK"
    except imaplib.IMAP4.error:
        return False
    finally:
        line.shutdown()


def directory_of(obm: Obm) -> tuple[Server, Simple]:
    """Return where the directory of a site is, and the agent's account there."""
    return Server((obm.slapd.ldaps_url,), ca_file=obm.ca), Simple(obm.slapd.agent, Secret(Slapd.password))


def mailboxes_of(obm: Obm) -> Mailboxes:
    """Return where the mailboxes of a site are, and their administrator."""
    cyrus = obm.cyrus
    return Mailboxes(cyrus.address, cyrus.admin, Secret(cyrus.password), cyrus.port, obm.ca, 5.0)


@dataclass(frozen=True)
class Case:
    """An operation with what it takes, on a user who was made and, if so, prepared by other operations."""

    kind: Kind
    password: str = ""
    archived: bool = False
    locked: bool = False

    def begin(self, desk: ObmDesk) -> tuple[str, Attributes]:
        """Make the user, and return the extId and the change."""
        if self.kind is Kind.CREATE:
            return desk.ext_id("an"), desk.created("an")
        ext_id = desk.make()
        if self.locked:
            desk.do(Kind.LOCK, ext_id, {LOCK: ((), LOCKED)}, "x" * 20)
        if self.archived:
            desk.do(Kind.ARCHIVE, ext_id, {"archived": (("false",), ("true",))})
        return ext_id, self.attributes(desk)

    def attributes(self, desk: ObmDesk) -> Attributes:
        """Return the change."""
        old, new = desk.address("an"), desk.address("an.nv")
        changes: dict[Kind, Attributes] = {
            Kind.CREATE: desk.created("an"),
            Kind.UPDATE: {"title": ((), ("Phó Trưởng phòng",)), "lastname": (("Nguyễn",), ("Trần",))},
            Kind.READDRESS: {"mails": ((old,), (new, old)), "login": (("an",), ("an",))},
            Kind.SET_LIMITS: {"mail_quota": (("500",), ("2000",))},
            Kind.RESET_PASSWORD: {},
            Kind.LOCK: {LOCK: ((), LOCKED)},
            Kind.UNLOCK: {LOCK: (LOCKED, ())},
            Kind.ARCHIVE: {"archived": (("false",), ("true",))},
            Kind.UNARCHIVE: {"archived": (("true",), ("false",))},
            Kind.EXPUNGE: {"login": (("an",), ()), "archived": (("true",), ())},
        }  # fmt: skip
        return changes[self.kind]


CASES = (
    Case(Kind.CREATE, FIRST),
    Case(Kind.UPDATE),
    Case(Kind.READDRESS),
    Case(Kind.SET_LIMITS),
    Case(Kind.RESET_PASSWORD, SECOND),
    Case(Kind.LOCK, "x" * 20),
    Case(Kind.UNLOCK, SECOND, locked=True),
    Case(Kind.ARCHIVE),
    Case(Kind.UNARCHIVE, archived=True),
    Case(Kind.EXPUNGE, archived=True),
)
"""Each operation once."""


def mail_lines(obm: Obm, domain: Domain) -> str:
    """Return the settings of a target's mail; its passwords are in the files `obm` and `cyrus`."""
    cyrus = obm.cyrus
    return f"""
      kind: obm
      url: {obm.url}
      domain: {domain.name}
      account: {obm.agent}
      password: {{file: obm}}
      own: {next(iter(domain.users))}
      mail_server: {IMAP_HOST}
      ca: ca.pem
      imap: {{server: {cyrus.address}, port: {cyrus.port}, account: {cyrus.admin}, password: {{file: cyrus}}}}
      archive: {{decision: "12/QĐ-SKHCN ngày 05/01/2026"}}
      receive_timeout: 2
      patience: 8
"""
