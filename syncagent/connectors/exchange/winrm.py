"""The driver over WinRM: PowerShell on a management host, started by pywinrm, one shell for many calls.

Two things are never done. No call is sent twice: a lost answer is an answer that reading must give. And no client is
used after a connection failed: a sealed message that is sent again in a new NTLM context is not what it was.
"""

from __future__ import annotations

import secrets
import ssl
import struct
import xml.etree.ElementTree as ET
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple, assert_never
from urllib.parse import urlsplit

from certifi import where
from requests.exceptions import RequestException, SSLError
from spnego.exceptions import SpnegoError
from winrm.exceptions import (
    AuthenticationError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)
from winrm.protocol import Protocol

from syncagent.connectors.exchange.document import Reader, command_line, sealed
from syncagent.errors import Misconfigured, SyncError, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from syncagent.connectors.exchange.driver import Answer, Call
    from syncagent.trust.secret import Secret

_CHUNK: Final = 100_000
"""Octets of standard input in one message: in base64 and SOAP they stay under 153,600, the least a server takes."""
_COMMANDS: Final = 100
"""After how many commands a shell is given back: the service counts operations that it never forgets (pywinrm #124)."""
_NO_ROOM: Final = frozenset({2150859173, 0x803381A6})
_LOST: Final = (
    RequestException, WinRMError, WinRMOperationTimeoutError, WinRMTransportError, SpnegoError, ET.ParseError, OSError,
    AssertionError, StopIteration, KeyError, ValueError, struct.error,
)  # fmt: skip
"""All ways in which pywinrm says that an exchange of messages went wrong."""


class Password(NamedTuple):
    """A name and a password: proved by NTLM, which does not send it and seals messages, or carried by HTTPS (Basic)."""

    user: str
    password: Secret
    is_ntlm: bool = True


class Ticket(NamedTuple):
    """The Kerberos tickets at hand (`kinit`); messages are sealed."""

    principal: str


class ClientCertificate(NamedTuple):
    """A certificate that the host maps to a local account, and its key; HTTPS only."""

    certificate: Path
    key: Path


SignIn = Password | Ticket | ClientCertificate


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The management host: `https://NAME:5986/wsman`, or `http://NAME:5985/wsman` where messages are sealed.

    Certificates are verified against `ca_file`, without it against the system's authorities. Times are seconds: for one
    request, and for all of one `run`.
    """

    url: str
    sign_in: SignIn
    ca_file: Path | None = None
    operation_timeout: int = 20
    deadline: float = 1800.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """Exchange as seen from the management host: where sessions are opened, to which DC all is pinned, and who asks."""

    uri: str
    dc: str
    user: str
    password: Secret


@dataclass(slots=True)
class WinRmDriver:
    """Carries calls over WinRM; see `driver.Driver` for what it promises."""

    endpoint: Endpoint
    sessions: Sessions
    _client: Protocol | None = field(default=None, repr=False)
    _shell: str = ""
    _commands: int = 0
    _left: str = ""

    @property
    def patience(self) -> float:
        """How many seconds calls may be under way before their answers count as lost."""
        return self.endpoint.deadline

    def run(self, calls: Sequence[Call]) -> Mapping[str, Answer]:
        """Carry out calls in order and return the answers by id; what has none was lost.

        Raises:
            Misconfigured, Unavailable, Rejected: as in `driver.Driver`; nothing was carried out.
        """
        if not calls:
            return {}
        until = monotonic() + self.endpoint.deadline
        reader = Reader(secrets.token_hex(16))
        s = self.sessions
        stdin = sealed(calls, reader.nonce, uri=s.uri, dc=s.dc, user=s.user, password=s.password)
        *first, last = (stdin[at : at + _CHUNK] for at in range(0, len(stdin), _CHUNK))
        try:
            client, shell = self._opened()
            command = client.run_command(shell, command_line(), console_mode_stdin=False)
            for chunk in first:
                client.send_command_input(shell, command, chunk)
        except _LOST as error:  # the document is not whole, so the script refuses it
            self._drop()
            raise self._unreachable(error) from error
        self._commands += 1
        self._send_and_read(client, shell, command, last, reader, until)
        if reader.is_damaged:
            raise self._unavailable("dữ liệu bị hỏng trên đường gửi", "the document was damaged on its way")
        if reader.failure:
            raise self._no_session(reader.failure)
        return reader.answers

    def _send_and_read(
        self, client: Protocol, shell: str, command: str, last: bytes, reader: Reader, until: float
    ) -> None:
        """Send the end of the document, from when on anything may happen, and read until all is said or time is up."""
        try:
            with suppress(WSManFaultError, WinRMOperationTimeoutError):  # busy: the answers say whether it arrived
                client.send_command_input(shell, command, last, end=True)
            done, again = False, True
            while not reader.has_ended and again and monotonic() < until:
                again = not done  # output may come after the command has ended
                with suppress(WinRMOperationTimeoutError):
                    piece, _, _, done = client.get_command_output_raw(shell, command)
                    reader.feed(piece)
            client.cleanup_command(shell, command)
        except _LOST:
            self._drop()
            return
        if not reader.has_ended or self._commands >= _COMMANDS:
            self.close()

    def close(self) -> None:
        """Give the shell back; a process in it is ended."""
        client, shell = self._client, self._shell
        self._client, self._shell = None, ""
        if client and shell:
            try:
                client.close_shell(shell)
            except _LOST:
                self._left = shell

    def _drop(self) -> None:
        """Never use this client again; its shell is given back over the next one."""
        if self._client:
            with suppress(*_LOST):
                self._client.transport.close_session()
        self._left = self._shell or self._left
        self._client, self._shell = None, ""

    def _opened(self) -> tuple[Protocol, str]:
        if self._client and self._shell:
            return self._client, self._shell
        client = self._client = self._connected()
        if self._left:
            with suppress(WSManFaultError):  # it is gone already
                client.close_shell(self._left, close_session=False)
            self._left = ""
        self._shell = client.open_shell(codepage=65001)
        self._commands = 0
        return client, self._shell

    def _connected(self) -> Protocol:
        endpoint = self.endpoint
        is_tls = urlsplit(endpoint.url).scheme == "https"
        return Protocol(
            endpoint.url,
            server_cert_validation="validate",
            ca_trust_path=str(endpoint.ca_file or _authorities()),
            operation_timeout_sec=endpoint.operation_timeout,
            read_timeout_sec=endpoint.operation_timeout + 10,
            message_encryption="auto" if is_tls else "always",
            proxy=None,
            **self._proof(is_tls=is_tls),
        )

    def _proof(self, *, is_tls: bool) -> dict[str, Any]:
        match self.endpoint.sign_in:
            case Password(user, password, is_ntlm) if is_ntlm or is_tls:
                return {"transport": "ntlm" if is_ntlm else "basic", "username": user, "password": password.reveal()}
            case Ticket(principal):
                _kerberos_is_installed(self.endpoint.url)
                return {"transport": "kerberos", "username": principal}
            case ClientCertificate(certificate, key) if is_tls:
                return {"transport": "certificate", "cert_pem": str(certificate), "cert_key_pem": str(key)}
            case Password() | ClientCertificate():
                raise Misconfigured(
                    Text(
                        "cách đăng nhập này gửi không mã hóa qua http://. Hãy dùng https://, NTLM hoặc Kerberos.",
                        "this way to sign in is not sealed over http://. Use https://, NTLM or Kerberos.",
                    ),
                    where=self.endpoint.url,
                )
            case _:
                assert_never(self.endpoint.sign_in)

    # ── what went wrong before anything was carried out ──

    def _unreachable(self, error: Exception) -> SyncError:
        if isinstance(error, SSLError):
            return Misconfigured(
                Text(
                    "máy quản trị không chứng minh được tên của mình. Hãy sửa ca_file, tên máy trong cấu hình hoặc "
                    "chứng thư.",
                    "the management host cannot prove its name. Correct ca_file, its name in the configuration or "
                    "its certificate.",
                ),
                where=self.endpoint.url,
            )
        if isinstance(error, AuthenticationError):
            return Misconfigured(
                Text(
                    "máy quản trị từ chối tài khoản của tác tử. Hãy kiểm tra tên, mật khẩu và quyền dùng WinRM.",
                    "the management host refuses the agent's account. Examine name, password and right to use WinRM.",
                ),
                where=self.endpoint.url,
            )
        if isinstance(error, WSManFaultError) and _NO_ROOM & {error.wsman_fault_code, error.wmierror_code}:
            return self._unavailable(
                "máy quản trị hết phiên cho tài khoản này (MaxShellsPerUser); hãy đóng các phiên cũ hoặc đợi",
                "the management host has no shell left for this account (MaxShellsPerUser); close old ones or wait",
            )
        code = getattr(error, "wsman_fault_code", None) or getattr(error, "code", None) or type(error).__name__
        return self._unavailable(f"không nối được WinRM ({code})", f"WinRM cannot be reached ({code})")

    def _no_session(self, answer: Answer) -> SyncError:
        if "AccessDenied" in answer.identifier:
            return Misconfigured(
                Text(
                    f"Exchange từ chối tài khoản {self.sessions.user}. Hãy kiểm tra mật khẩu và "
                    "RemotePowerShellEnabled.",
                    f"Exchange refuses the account {self.sessions.user}. Examine its password and "
                    "RemotePowerShellEnabled.",
                ),
                where=self.sessions.uri,
            )
        return self._unavailable(
            f"không mở được phiên Exchange tại {self.sessions.uri}: {answer.message}",
            f"no session with Exchange at {self.sessions.uri}: {answer.message}",
        )

    def _unavailable(self, vietnamese: str, english: str) -> Unavailable:
        return Unavailable(
            Text(f"{vietnamese}; chưa thực hiện gì.", f"{english}; nothing was carried out."), where=self.endpoint.url
        )


def _kerberos_is_installed(url: str) -> None:
    if not any(find_spec(name) for name in ("kerberos", "winkerberos")):
        raise Misconfigured(
            Text(
                "đăng nhập WinRM bằng Kerberos cần gói pykerberos: hãy cài pywinrm[kerberos], hoặc chọn NTLM.",
                "signing in to WinRM by Kerberos needs pykerberos: install pywinrm[kerberos], or choose NTLM.",
            ),
            where=url,
        )


def _authorities() -> str:
    known = ssl.get_default_verify_paths()
    return known.cafile or known.capath or where()


@contextmanager
def driven(endpoint: Endpoint, sessions: Sessions) -> Iterator[WinRmDriver]:
    """Give a driver, and in the end its shell back, whatever happens."""
    driver = WinRmDriver(endpoint, sessions)
    try:
        yield driver
    finally:
        driver.close()
