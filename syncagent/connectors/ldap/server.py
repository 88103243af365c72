"""Where a directory is reached and who asks: settings as plain records, refused before any octet is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from syncagent.trust.secret import Secret

_PORTS = {"ldap": 389, "ldaps": 636}
_SOCKET = "/var/run/slapd/ldapi"


class Address(NamedTuple):
    """One server: its URL as configured, and either host and port or the path of a local socket."""

    url: str
    host: str
    port: int
    is_tls: bool
    socket: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """The servers of one directory, each holding all of it; the first that answers is kept for the whole session.

    Certificates are verified against `ca_file`, without it against the system's authorities; there is no way not to.
    Times are seconds: to connect, to wait for octets, and for one read or one batch of writes as a whole. `page` is how
    many entries are asked for at a time: Active Directory gives 1,000 at most.
    """

    urls: tuple[str, ...]
    ca_file: Path | None = None
    start_tls: bool = False
    connect_timeout: float = 10.0
    receive_timeout: float = 60.0
    total_timeout: float = 1800.0
    page: int = 1000


@dataclass(frozen=True, slots=True)
class Simple:
    """A name (a DN, or on Active Directory `user@domain`) and a password."""

    name: str
    password: Secret


@dataclass(frozen=True, slots=True)
class External:
    """Whoever the transport says: the owner of the process on ldapi, else the holder of the client certificate."""

    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Kerberos:
    """A Kerberos principal from a key table, without one from the tickets at hand; needs the extra `kerberos`."""

    principal: str = ""
    keytab: Path | None = None


Bind = Simple | External | Kerberos


def addresses(server: Server, bind: Bind) -> tuple[Address, ...]:
    """Return where the servers are.

    Raises:
        Misconfigured: a URL is malformed, would send anything in the clear, or does not go with the bind; the password
            is missing. Nothing was sent.
    """
    if not server.urls:
        raise _refused("", "chưa khai máy chủ thư mục nào", "no directory server is named")
    if isinstance(bind, Simple) and (not bind.name.strip() or _says_nothing(bind.password.octets())):
        raise _refused(
            server.urls[0],
            "tên hoặc mật khẩu của tác tử trống; máy chủ sẽ coi là vô danh (RFC 4513 §5.1.2)",
            "the agent's name or password is empty; a server would take it for anonymous (RFC 4513 §5.1.2)",
        )
    found = tuple(_address(url, server) for url in server.urls)
    if isinstance(bind, External) and not bind.certificate and any(not address.socket for address in found):
        raise _refused(
            server.urls[0],
            "xác thực EXTERNAL qua mạng cần chứng thư khách",
            "EXTERNAL over a network needs a client certificate",
        )
    return found


def _says_nothing(password: bytes) -> bool:
    return not password.strip() or b"\0" in password


def _address(url: str, server: Server) -> Address:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused(url, "địa chỉ máy chủ sai cú pháp", "the server's address is malformed") from error
    if parts.scheme == "ldapi":
        path = unquote(parts.netloc) or unquote(parts.path)
        return Address(url, "", 0, is_tls=False, socket=path if path.strip("/") else _SOCKET)
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query or parts.username:
        raise _refused(
            url,
            "địa chỉ máy chủ phải có dạng ldaps://TÊN[:CỔNG], ldap://TÊN[:CỔNG] hoặc ldapi://",
            "a server's address is ldaps://NAME[:PORT], ldap://NAME[:PORT] or ldapi://",
        )
    is_tls = parts.scheme == "ldaps"
    if not is_tls and not server.start_tls:
        raise _refused(
            url,
            "ldap:// không mã hóa. Hãy dùng ldaps:// hoặc start_tls: true",
            "ldap:// is not encrypted. Use ldaps://, or start_tls: true",
        )
    return Address(url, host, port or _PORTS[parts.scheme], is_tls)


def _refused(where: str, vietnamese: str, english: str) -> Misconfigured:
    return Misconfigured(Text(f"{vietnamese}.", f"{english}."), where=where)
