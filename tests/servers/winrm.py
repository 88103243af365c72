"""A WinRM service on a loopback address: shells, commands and their streams, behind Basic, NTLM or a certificate.

What is run is what the command line says: `powershell.exe -EncodedCommand`, whose script is run as far as ours go. Each
step may be told to go wrong, once or always.
"""

from __future__ import annotations

import base64
import os
import ssl
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid4

import spnego
from servers import winrm_soap as soap
from servers.management_host import ManagementHost, Process
from servers.pki import Certificate
from servers.powershell import PowerShell
from servers.powershell_values import Failure

_LONGEST_COMMAND: Final = 8191
_MOST_SHELLS: Final = 30
_ENVELOPE: Final = 512_000
_BOUNDARY: Final = b"--Encrypted Boundary"
_SEALED: Final = "application/HTTP-SPNEGO-session-encrypted"


class Wrong(Enum):
    """What may go wrong with a step of the protocol."""

    DROPPED_BEFORE = "the connection ends before the request is carried out"
    DROPPED_AFTER = "the connection ends after it was carried out, before the answer"
    REFUSED = "401"
    TIMED_OUT = "operation timeout"
    BUSY = "busy"
    NO_SHELL = "the shell is gone"
    QUOTA = "too many shells"
    TRUNCATED = "output ends in the middle of a line"
    OTHER_NONCE = "output carries another nonce"
    LATE = "output comes after the command is done"
    SILENT = "no output ever comes"


_FAULTS: Final = {
    Wrong.TIMED_OUT: soap.TIMED_OUT, Wrong.BUSY: soap.BUSY, Wrong.NO_SHELL: soap.NO_SHELL,
    Wrong.QUOTA: soap.TOO_MANY_SHELLS,
}  # fmt: skip
ALWAYS: Final = 1 << 30


@dataclass(slots=True)
class Trouble:
    """What goes wrong with a step: `Create`, `Command`, `Send`, `Receive`, `Signal`, `Delete`, or with the `Output`.

    It happens `times` times, from the command on that comes after `skip` others.
    """

    step: str
    wrong: Wrong
    times: int = 1
    skip: int = 0


@dataclass(slots=True)
class Command:
    """A command of a shell and its streams; `pieces` is how long pieces of output are."""

    line: str
    stdin: bytearray = field(default_factory=bytearray)
    is_whole: bool = False
    output: list[bytes] = field(default_factory=list)
    code: int | None = None
    given: int = 0
    spoken: Condition = field(default_factory=Condition)


@dataclass(slots=True)
class WinRm:
    """The service: who may use it, what went over it, and what is to go wrong.

    `piece` cuts the output into pieces of that many octets, one per answer; `latency` is added to every answer, and
    `haste` makes the service wait a part only of the time that a client allows.
    """

    host: ManagementHost
    user: str = "NINHBINH\\svc-syncagent"
    password: str = "Passw0rd.WinRM"  # noqa: S105 - of a model
    troubles: list[Trouble] = field(default_factory=list)
    piece: int = 1 << 20
    latency: float = 0.0
    haste: float = 1.0
    most_shells: int = _MOST_SHELLS
    shells: dict[str, dict[str, Command]] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    opened: int = 0
    begun: int = 0
    connections: int = 0
    url: str = ""
    in_clear: list[bytes] = field(default_factory=list)
    """Bodies of requests as they came over the wire."""

    def counted(self) -> Counter[str]:
        """Return how often each step was asked for."""
        return Counter(self.steps)

    def expect(self, *troubles: Trouble) -> None:
        """Have these troubles from now on; those that were expected before are over."""
        self.troubles = [replace(one) for one in troubles]
        self.begun = 0

    def trouble(self, step: str) -> Wrong | None:
        """Return what goes wrong with the step that is asked for now."""
        for one in self.troubles:
            if one.step == step and one.times and (step == "Create" or self.begun > one.skip):
                one.times -= 1
                return one.wrong
        return None

    # ── steps ──

    def do(self, request: soap.Request) -> tuple[int, bytes]:
        """Carry out a request; return the HTTP status and the answer."""
        if request.resource != soap.CMD:
            return 500, soap.fault(request, soap.NO_RESOURCE)
        steps: dict[str, Callable[[soap.Request], str | int]] = {
            "Create": self._create, "Command": self._command, "Send": self._send, "Receive": self._receive,
            "Signal": self._signal, "Delete": self._delete,
        }  # fmt: skip
        done = steps[request.action](request)
        return (500, soap.fault(request, done)) if isinstance(done, int) else (200, soap.answer(request, done))

    def _create(self, request: soap.Request) -> str | int:
        if len(self.shells) >= self.most_shells:
            return soap.TOO_MANY_SHELLS
        assert request.part("InputStreams").text == "stdin"
        shell = str(uuid4()).upper()
        self.shells[shell] = {}
        self.opened += 1
        return soap.created(shell)

    def _command(self, request: soap.Request) -> str | int:
        if request.shell not in self.shells:
            return soap.NO_SHELL
        arguments = " ".join(part.text or "" for part in request.envelope.iter(f"{{{soap.SHELL}}}Arguments"))
        line = f"{request.part('Command').text} {arguments}".strip()
        assert request.option("WINRS_SKIP_CMD_SHELL") == "FALSE"
        assert request.option("WINRS_CONSOLEMODE_STDIN") == "FALSE"
        number = str(uuid4()).upper()
        command = self.shells[request.shell][number] = Command(line)
        if len(line) > _LONGEST_COMMAND:  # cmd.exe has it cut short and says nothing
            command.code = 0
        return soap.commanded(number)

    def _send(self, request: soap.Request) -> str | int:
        stream = request.part("Stream")
        command = self._found(request, stream.get("CommandId", ""))
        if command is None:
            return soap.NO_SHELL
        command.stdin += base64.b64decode(stream.text or "")
        if stream.get("End") == "true" and not command.is_whole:
            command.is_whole = True
            Thread(target=self._run, args=(command,), daemon=True).start()
        return "<rsp:SendResponse/>"

    def _receive(self, request: soap.Request) -> str | int:
        number = request.part("DesiredStream").get("CommandId", "")
        command = self._found(request, number)
        if command is None:
            return soap.NO_SHELL
        wrong = self.trouble("Output")
        with command.spoken:
            patience = 0.05 if wrong is Wrong.SILENT else request.timeout * self.haste
            if not command.spoken.wait_for(lambda: command.output or command.code is not None, patience):
                return soap.TIMED_OUT
            if wrong is Wrong.SILENT:
                return soap.TIMED_OUT
            if wrong is Wrong.LATE and command.code is not None:  # done first, the rest when asked again
                return soap.received(number, [], command.code)
            octets = b"".join(command.output)
            piece, rest = octets[: self.piece], octets[self.piece :]
            command.output[:] = [rest] if rest else []
            code = None if rest else command.code
        if wrong is Wrong.TRUNCATED:
            piece, code = piece[: len(piece) * 2 // 3], 0
            command.output.clear()
        if wrong is Wrong.OTHER_NONCE:
            piece = piece.replace(b"@@", b"@@0")
        command.given += len(piece)
        return soap.received(number, [("stdout", piece)] if piece else [], code)

    def _signal(self, request: soap.Request) -> str | int:
        code = request.part("Code").text or ""
        assert code.casefold().endswith("/signal/terminate")
        return "<rsp:SignalResponse/>" if request.shell in self.shells else soap.NO_SHELL

    def _delete(self, request: soap.Request) -> str | int:
        return soap.NO_SHELL if self.shells.pop(request.shell, None) is None else ""

    def _found(self, request: soap.Request, number: str) -> Command | None:
        return self.shells.get(request.shell, {}).get(number)

    # ── the process ──

    def _run(self, command: Command) -> None:
        program, *_, script = command.line.split(" ")
        assert program == "powershell.exe"

        def write(text: str) -> None:
            with command.spoken:
                command.output.append(text.encode("cp437", errors="replace"))  # the code page of the shell
                command.spoken.notify_all()

        try:
            source = base64.b64decode(script).decode("utf-16-le")
            lines = command.stdin.decode("cp437").splitlines()
            code = PowerShell(lines, write, Process(self.host)).run(source)
        except Failure as failure:
            write(f"{failure.message}\r\n")
            code = 1
        with command.spoken:
            command.code = code
            command.spoken.notify_all()


class _Dropped(Exception):  # noqa: N818 - what happens to a connection
    pass


class _Connection(BaseHTTPRequestHandler):
    """One connection: NTLM signs in a connection, not a request (MS-NTHT)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: WinRm
    _context: Any = None
    _has_signed_in = False

    def setup(self) -> None:
        super().setup()
        self.service.connections += 1

    def log_message(self, *_: Any) -> None:
        """Say nothing on the console."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.service.in_clear.append(body)
        try:
            if self.path == "/wsman" and self._signs_in():
                self._answer(body)
        except _Dropped:
            self.close_connection = True

    def _answer(self, body: bytes) -> None:
        sealed = _SEALED in self.headers.get("Content-Type", "")
        if len(body) > _ENVELOPE:
            self._reply(413, b"")
            return
        if not body:
            self._reply(200, b"")
            return
        try:
            request = soap.Request.of(self._opened(body) if sealed else body)
        except (spnego.exceptions.SpnegoError, ValueError, SyntaxError):
            self._reply(400, b"")
            return
        service = self.service
        service.steps.append(request.action)
        service.begun += request.action == "Command"
        if service.latency:
            time.sleep(service.latency)
        wrong = service.trouble(request.action)
        if wrong is Wrong.DROPPED_BEFORE:
            raise _Dropped
        if wrong is Wrong.REFUSED:
            self._has_signed_in, self._context = False, None
            self._refuse("Negotiate")
            return
        if wrong in _FAULTS:
            self._reply(500, soap.fault(request, _FAULTS[wrong]), sealed=sealed)
            return
        status, answer = service.do(request)
        if wrong is Wrong.DROPPED_AFTER:
            raise _Dropped
        self._reply(status, answer, sealed=sealed)

    # ── who it is ──

    def _signs_in(self) -> bool:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            given = base64.b64decode(token).decode()
            if given == f"{self.service.user}:{self.service.password}":
                return True
        elif scheme in {"Negotiate", "NTLM"}:
            return self._negotiates(scheme, token)
        elif (scheme.endswith("/https/mutual") and self._certificate()) or self._has_signed_in:
            return True
        self._refuse('Basic realm="WSMAN"', "Negotiate")
        return False

    def _certificate(self) -> object:
        return self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None

    def _negotiates(self, scheme: str, token: str) -> bool:
        if self._context is None or self._context.complete:
            self._context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        try:
            reply = self._context.step(base64.b64decode(token))
        except spnego.exceptions.SpnegoError:
            self._context = None
            self._refuse("Negotiate")
            return False
        if self._context.complete:
            self._has_signed_in = True
            return True
        self._refuse(f"{scheme} {base64.b64encode(reply).decode()}")
        return False

    def _refuse(self, *challenges: str) -> None:
        self.send_response(401)
        for challenge in challenges:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", "0")
        self.end_headers()

    # ── sealed messages (MS-WSMV 2.2.9.1) ──

    def _opened(self, body: bytes) -> bytes:
        if self._context is None:
            raise ValueError("nobody has signed in on this connection")
        head, _, rest = body.partition(b"\tContent-Type: application/octet-stream\r\n")
        sealed = rest.removesuffix(_BOUNDARY + b"--\r\n")
        (length,) = struct.unpack("<i", sealed[:4])
        plain: bytes = self._context.unwrap(sealed[4 : 4 + length] + sealed[4 + length :]).data
        if f"Length={len(plain)}\r\n".encode() not in head:
            raise ValueError("the length is not what was said")
        return plain

    def _reply(self, status: int, answer: bytes, *, sealed: bool = False) -> None:
        kind = "application/soap+xml;charset=UTF-8"
        if sealed and answer:
            wrapped = self._context.wrap(answer).data
            answer = (
                _BOUNDARY + f"\r\n\tContent-Type: {_SEALED}\r\n".encode()
                + f"\tOriginalContent: type={kind};Length={len(answer)}\r\n".encode()
                + _BOUNDARY + b"\r\n\tContent-Type: application/octet-stream\r\n"
                + struct.pack("<i", 16) + wrapped + _BOUNDARY + b"--\r\n"
            )  # fmt: skip
            kind = f'multipart/encrypted;protocol="{_SEALED}";boundary="Encrypted Boundary"'
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@contextmanager
def serving(
    service: WinRm, address: str, folder: Path, certificate: Certificate | None = None, ca: Path | None = None
) -> Iterator[WinRm]:
    """Serve at an address of one's own, over HTTPS with a certificate; clients may bring one that `ca` issued."""
    users = folder / "users"
    domain, _, name = service.user.rpartition("\\")
    users.write_text(f"{domain}:{name}:{service.password}\n", encoding="utf-8")
    handler = type("Connection", (_Connection,), {"service": service})
    server = ThreadingHTTPServer((address, 5986 if certificate else 5985), handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.path, certificate.key)
        if ca:
            context.load_verify_locations(ca)
            context.verify_mode = ssl.CERT_OPTIONAL
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    service.url = f"{'https' if certificate else 'http'}://{address}:{server.server_port}/wsman"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        with patch.dict(os.environ, {"NTLM_USER_FILE": str(users)}):
            yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
