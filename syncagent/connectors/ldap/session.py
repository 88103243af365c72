"""A session with one directory server: opened with care, then reads that are whole and writes that are accounted for.

ldap3 connects, starts TLS and binds. What follows goes over its socket, by `pages` and `changes`.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, assert_never

from syncagent.connectors.ldap import changes, codes, requests, sync
from syncagent.connectors.ldap.ber import Malformed
from syncagent.connectors.ldap.connection import bound, connected, kerberos_is_installed, verifying
from syncagent.connectors.ldap.pages import Reader
from syncagent.connectors.ldap.requests import EVERYTHING, NO_ATTRIBUTES, WHO_AM_I, Control, Scope, Search, Write
from syncagent.connectors.ldap.server import Bind, External, Kerberos, Server, Simple, addresses
from syncagent.core import dn as names_of
from syncagent.errors import Doubtful, Misconfigured, SyncError, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from syncagent.connectors.ldap.answers import Entry, Result
    from syncagent.connectors.ldap.changes import Fate
    from syncagent.connectors.ldap.sync import Changes
    from syncagent.connectors.ldap.wire import Wire

_ROOT_DSE = (
    "namingContexts",
    "defaultNamingContext",
    "configurationNamingContext",
    "schemaNamingContext",
    "supportedControl",
    "supportedExtension",
    "supportedCapabilities",
    "dnsHostName",
    "dsServiceName",
    "serverName",
    "highestCommittedUSN",
    "currentTime",
    "isSynchronized",
    "domainFunctionality",
    "configContext",
    "monitorContext",
    "vendorName",
    "vendorVersion",
)
_READ_ONLY = "1.2.840.113556.1.4.1920"  # MS-ADTS 3.1.1.3.4.3: a domain controller without some of the attributes
_NO_ROOT_DSE = Text("không có gốc DSE", "no root DSE")


@dataclass(slots=True)
class Session:
    """One pinned connection, bound and verified.

    Attributes:
        url: the server that is talked to, as configured.
        root_dse: what that server says of itself, by attribute.
        identity: whom it takes us for: an authorization identity (RFC 4513 §5.2.1.8), or the name that was bound.
        references: URIs of places elsewhere that reads came upon; they are never followed.
        passed_over: why servers that are listed before this one were not taken.
    """

    url: str
    root_dse: Mapping[str, tuple[str, ...]]
    identity: str
    passed_over: tuple[SyncError, ...]
    _line: Wire = field(repr=False)
    _seconds: float = field(repr=False)
    _page: int = field(repr=False)
    references: set[str] = field(default_factory=set)
    _is_reading: bool = field(default=False, repr=False)

    def supports(self, oid: str) -> bool:
        """Whether the server lists a control or an extended operation."""
        return oid in self.root_dse.get("supportedControl", ()) + self.root_dse.get("supportedExtension", ())

    def read(
        self,
        base: str,
        filter: str = EVERYTHING,  # noqa: A002 - LDAP's own word
        attributes: Sequence[str] = NO_ATTRIBUTES,
        scope: Scope = Scope.SUBTREE,
        controls: Sequence[Control] = (),
    ) -> Generator[Entry]:
        """Yield every entry that matches, once, with raw values; complete when the iteration ends by itself.

        Between the first entry and the last nothing else goes over this session. An entry that is renamed meanwhile may
        come under both names.

        Raises:
            Doubtful: not everything came; nothing that was yielded counts.
            Unavailable: the connection is lost or time is up.
            Misconfigured: the filter is malformed.
        """
        line = self._free()
        self._is_reading = True
        try:
            search = Search(base, filter, tuple(attributes), scope, tuple(controls))
            yield from Reader(line, monotonic() + self._seconds, self.references).read(search, self._page)
        finally:
            self._is_reading = False

    def lines(
        self,
        base: str,
        filter: str = EVERYTHING,  # noqa: A002 - LDAP's own word
        attributes: Sequence[str] = NO_ATTRIBUTES,
    ) -> Iterator[bytes]:
        """Yield every entry that matches as it came, for `answers.entry`; for what is compared with a whole read.

        Raises:
            Doubtful: not everything came.
            Unavailable: the connection is lost or time is up.
            Misconfigured: the filter is malformed.
        """
        line = self._free()
        self._is_reading = True
        try:
            search = Search(base, filter, tuple(attributes))
            yield from Reader(line, monotonic() + self._seconds, self.references).once(search, self._page)
        except Malformed as error:
            raise line.doubt(error.says) from error
        finally:
            self._is_reading = False

    def changes(self, base: str, attributes: Sequence[str], cookie: str) -> Changes | None:
        """Return what changed below a name since a cookie (RFC 4533), None if the server does not say.

        Raises:
            Doubtful: the answer is malformed.
            Unavailable: the connection is lost or time is up.
        """
        line, until = self._free(), monotonic() + self._seconds
        number = line.number()
        search = requests.searching(Search(base, EVERYTHING, tuple(attributes)))
        line.send(requests.message(number, search, (sync.since(cookie),)), until)
        return sync.changes(line, number, until)

    def find(
        self,
        base: str,
        attributes: Sequence[str] = NO_ATTRIBUTES,
        filter: str = EVERYTHING,  # noqa: A002 - LDAP's own word
        controls: Sequence[Control] = (),
    ) -> Entry | None:
        """Return the one entry of this name, with raw values, None if it is not there or does not match.

        Raises:
            Doubtful: any other answer.
            Unavailable: the connection is lost or time is up.
        """
        search = Search(base, filter, tuple(attributes), Scope.BASE, tuple(controls))
        return Reader(self._free(), monotonic() + self._seconds, self.references).find(search)

    def write(self, writes: Sequence[Write]) -> list[Result | Fate]:
        """Send writes that do not depend on each other, and return how each ended, in the same order.

        `codes.error` turns an answer into our errors. A `Fate` is no answer: after `UNKNOWN` read before anything else.
        """
        return changes.carry_out(self._free(), writes, monotonic() + self._seconds)

    def close(self) -> None:
        """Take leave and close the connection."""
        if not self._line.closed:
            with suppress(Unavailable):
                self._line.send(requests.message(self._line.number(), requests.leaving()), monotonic() + 1)
            self._line.close()

    def _free(self) -> Wire:
        if self._is_reading:
            message = "a read of this session is not finished"
            raise RuntimeError(message)
        return self._line


@contextmanager
def open_session(server: Server, bind: Bind, *, writes: bool = False) -> Iterator[Session]:
    """Open a session with the first of the servers that can be reached, and close it in the end.

    A server that does not answer, cannot prove its name or has not heard everything yet is passed over, and so is a
    read-only one if the session `writes` or reads for it; one that refuses the account ends the search, for more
    attempts would lock it.

    Raises:
        Misconfigured: the settings are refused before the network, no server proved its name, or the account is
            refused or is not the one that was meant.
        Unavailable: no server answers.
        Doubtful: the server's answers make no sense.
    """
    session = _opened(server, bind, writes=writes)
    try:
        yield session
    finally:
        session.close()


def _opened(server: Server, bind: Bind, *, writes: bool) -> Session:
    found = addresses(server, bind)
    if isinstance(bind, Kerberos):
        kerberos_is_installed()
    context = verifying(server, bind)
    failures: list[SyncError] = []
    for address in found:
        try:
            connection = connected(server, address, bind, context)
        except (Unavailable, Misconfigured) as error:
            failures.append(error)
            continue
        try:
            session = _introduced(bound(connection, server, address, bind), server, bind, tuple(failures))
        except Unavailable as error:
            failures.append(error)
            continue
        unfit = _unfit(session, writes=writes)
        if unfit is None:
            return session
        session.close()
        failures.append(unfit)
    first, *others = sorted(failures, key=lambda error: isinstance(error, Unavailable))
    first.also = tuple(others)
    raise first


def _unfit(session: Session, *, writes: bool) -> SyncError | None:
    """Return why a domain controller does not hold all of its directory, None if it does."""
    if session.root_dse.get("isSynchronized") == ("FALSE",):  # MS-ADTS 3.1.1.3.2.16
        return Unavailable(
            Text(
                "máy chủ chưa nhận đủ dữ liệu lần đầu từ các máy chủ khác.",
                "the server has not received everything from the others for the first time.",
            ),
            where=session.url,
        )
    if writes and _READ_ONLY in session.root_dse.get("supportedCapabilities", ()):
        return Misconfigured(
            Text(
                "máy chủ chỉ đọc (RODC): không ghi được và thiếu một số thuộc tính. Hãy khai một máy chủ ghi được.",
                "a read-only domain controller: it writes nothing and lacks some attributes. Name a writable one.",
            ),
            where=session.url,
        )
    return None


def _introduced(line: Wire, server: Server, bind: Bind, passed_over: tuple[SyncError, ...]) -> Session:
    until = monotonic() + server.receive_timeout
    try:
        root_dse = _root_dse(line, until)
        identity = _identity(line, bind, root_dse, until)
    except SyncError:
        line.close()
        raise
    return Session(line.name, root_dse, identity, passed_over, line, server.total_timeout, server.page)


def _root_dse(line: Wire, until: float) -> dict[str, tuple[str, ...]]:
    found = Reader(line, until, set()).find(Search("", EVERYTHING, _ROOT_DSE, Scope.BASE))
    if found is None:
        raise line.doubt(_NO_ROOT_DSE)
    return {name: tuple(value.decode() for value in values) for name, values in found.attributes.items()}


def _identity(line: Wire, bind: Bind, root_dse: Mapping[str, tuple[str, ...]], until: float) -> str:
    """Return whom the server takes us for; a bind that succeeded is no proof (RFC 4513 §5.1.2)."""
    if WHO_AM_I not in root_dse.get("supportedExtension", ()):
        return _name_that_may_read(line, bind, root_dse, until)
    told = line.ask(requests.asking(WHO_AM_I), until)
    if told.code != codes.SUCCESS:
        raise codes.refused(told, line.name)
    identity = (told.value or b"").decode()
    meant = bind.name if isinstance(bind, Simple) and "=" in bind.name else ""
    if not identity or (meant and identity.startswith("dn:") and names_of.same(identity[3:]) != names_of.same(meant)):
        raise Misconfigured(
            Text(
                f"máy chủ coi tác tử là {identity or 'vô danh'}, không phải {meant or 'tài khoản đã khai'}. Hãy sửa "
                "bind trong cấu hình.",
                f"the server takes the agent for {identity or 'anonymous'}, not for {meant or 'the account named'}. "
                "Correct bind in the configuration.",
            ),
            where=line.name,
        )
    return identity


def _name_that_may_read(line: Wire, bind: Bind, root_dse: Mapping[str, tuple[str, ...]], until: float) -> str:
    """Samba does not say who we are, but lets nobody without a name read beyond the root DSE."""
    context = (root_dse.get("defaultNamingContext") or root_dse.get("namingContexts") or ("",))[0]
    try:
        found = Reader(line, until, set()).find(Search(context, EVERYTHING, NO_ATTRIBUTES, Scope.BASE))
    except Doubtful as error:
        raise Misconfigured(error.says, where=line.name) from error
    if found is None:
        raise Misconfigured(
            Text(f"tài khoản của tác tử không đọc được {context}.", f"the agent's account cannot read {context}."),
            where=line.name,
        )
    match bind:
        case Simple():
            return bind.name
        case Kerberos():
            return bind.principal
        case External():
            return ""
        case _:
            assert_never(bind)
