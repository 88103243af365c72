"""The WinRM service of the tests, asked by plain pywinrm: what it does was captured from Windows (MS-WSMV)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
import requests
from servers.exchange import Organization
from servers.exchange_directory import MemoryDirectory
from servers.management_host import ManagementHost
from servers.pki import Authority
from servers.place import own_address
from servers.winrm import ALWAYS, Trouble, WinRm, Wrong, serving
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

HELLO = "[Console]::Out.WriteLine('hello')"
ECHO = "[Console]::Out.Write([string]::Join('|', @($input)))"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[WinRm]:
    """A service over HTTP."""
    with own_address() as address, serving(_new(), address, tmp_path) as service:
        yield service


def _new() -> WinRm:
    return WinRm(ManagementHost(Organization(MemoryDirectory(), {})))


def client(
    service: WinRm,
    transport: Literal["basic", "ntlm", "certificate"] = "ntlm",
    of: type[Protocol] = Protocol,
    **options: Any,
) -> Protocol:
    given: dict[str, Any] = {"username": service.user, "password": service.password, "ca_trust_path": "none"}
    given |= {"operation_timeout_sec": 1, "read_timeout_sec": 5}
    is_sealed = transport == "ntlm" and service.url.startswith("http:")
    return of(
        service.url,
        transport=transport,
        message_encryption="always" if is_sealed else "auto",
        proxy=None,
        **{**given, **options},
    )


def line(script: str) -> str:
    return f"powershell.exe -EncodedCommand {base64.b64encode(script.encode('utf-16-le')).decode()}"


def begun(protocol: Protocol, script: str, stdin: bytes = b"") -> tuple[str, str]:
    shell = protocol.open_shell()
    command = protocol.run_command(shell, line(script), console_mode_stdin=False)
    protocol.send_command_input(shell, command, stdin, end=True)
    return shell, command


@pytest.mark.parametrize("transport", ["basic", "ntlm"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_command_lives_from_create_to_delete(
    transport: Literal["basic", "ntlm"], scheme: str, authority: Authority, tmp_path: Path
) -> None:
    """MS-WSMV 3.1.4: a shell, a command in it, its input, its output and exit code, its end; each ID is a GUID."""
    with ExitStack() as stack:
        at = stack.enter_context(own_address())
        certificate = authority.issue(at) if scheme == "https" else None
        service = stack.enter_context(serving(_new(), at, tmp_path, certificate))
        protocol = client(service, transport, ca_trust_path=str(authority.path))
        shell, command = begun(protocol, ECHO, "một\r\nhai".encode("cp437", errors="replace"))

        output = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
        protocol.close_shell(shell)

    assert output == (b"m?t|hai", b"", 0)
    assert UUID(shell) != UUID(command)
    assert service.steps == ["Create", "Command", "Send", "Receive", "Signal", "Delete"]
    assert not service.shells


def test_a_client_certificate_signs_in_over_https(authority: Authority, tmp_path: Path) -> None:
    """MS-WSMV 2.2: a certificate that the host trusts is a way to sign in; without one the same request is refused."""
    own = authority.issue("svc-syncagent")
    with own_address() as at, serving(_new(), at, tmp_path, authority.issue(at), authority.path) as service:
        brought: dict[str, Any] = {
            "cert_pem": str(own.path),
            "cert_key_pem": str(own.key),
            "ca_trust_path": str(authority.path),
        }
        protocol = client(service, "certificate", **brought)
        shell = protocol.open_shell()
        protocol.close_shell(shell)
        head = {"Authorization": "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"}
        without = requests.post(service.url, headers=head, verify=str(authority.path), timeout=5)

    assert service.opened == 1
    assert without.status_code == 401


@pytest.mark.parametrize("transport", ["basic", "ntlm"])
def test_a_wrong_password_is_refused(service: WinRm, transport: Literal["basic", "ntlm"]) -> None:
    """401, whatever way to sign in; nothing was carried out."""
    with pytest.raises(InvalidCredentialsError):
        client(service, transport, password="wrong").open_shell()  # noqa: S106 - of a model

    assert service.steps == []


def test_sealed_messages_show_nothing_on_the_wire(service: WinRm) -> None:
    """MS-WSMV 2.2.9.1: with NTLM over HTTP what is sent is sealed; Basic shows it."""
    shell, command = begun(client(service), ECHO, b"a secret")
    sealed = b"".join(service.in_clear)
    service.in_clear.clear()
    begun(client(service, "basic"), ECHO, b"a secret")
    clear = b"".join(service.in_clear)

    assert UUID(shell) != UUID(command)
    assert base64.b64encode(b"a secret") not in sealed
    assert b"OriginalContent: type=application/soap+xml" in sealed
    assert base64.b64encode(b"a secret") in clear


def test_a_sealed_message_is_worth_nothing_on_another_connection(service: WinRm) -> None:
    """NTLM signs in a connection: after it is lost the client seals for a context that the server does not know."""
    protocol = client(service)
    shell = protocol.open_shell()
    service.expect(Trouble("Command", Wrong.DROPPED_BEFORE))
    with pytest.raises(requests.ConnectionError):
        protocol.run_command(shell, line(HELLO), console_mode_stdin=False)

    with pytest.raises((WinRMTransportError, InvalidCredentialsError)):
        protocol.run_command(shell, line(HELLO), console_mode_stdin=False)

    assert service.shells[shell] == {}


@pytest.mark.parametrize(
    ("step", "wrong", "code"),
    [
        ("Create", Wrong.QUOTA, 2150859173),
        ("Command", Wrong.NO_SHELL, 2150858843),
        ("Send", Wrong.BUSY, 170),
    ],
)
def test_faults_carry_the_code_of_windows(service: WinRm, step: str, wrong: Wrong, code: int) -> None:
    """A fault is HTTP 500 with a WSManFault whose Code says what is wrong."""
    service.expect(Trouble(step, wrong))

    with pytest.raises(WSManFaultError) as raised:
        begun(client(service), HELLO)

    assert (raised.value.code, raised.value.wsman_fault_code) == (500, code)


def test_a_resource_that_is_not_known_is_a_fault(service: WinRm) -> None:
    """Fault 2150858811: Exchange's own endpoint is another one than that of shells."""
    shells, exchange = "windows/shell/cmd", "powershell/Microsoft.Exchange"

    class Elsewhere(Protocol):
        def send_message(self, message: str) -> bytes:
            return super().send_message(message.replace(f"wbem/wsman/1/{shells}", exchange))

    with pytest.raises(WSManFaultError) as raised:
        client(service, "basic", of=Elsewhere).open_shell()

    assert raised.value.wsman_fault_code == 2150858811


def test_without_output_a_receive_times_out(service: WinRm) -> None:
    """Fault 2150858793 after OperationTimeout, as often as it is asked, while the command runs."""
    protocol = client(service)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, line(ECHO), console_mode_stdin=False)  # waits for its input

    for _ in range(2):
        with pytest.raises(WinRMOperationTimeoutError):
            protocol.get_command_output_raw(shell, command)
    protocol.send_command_input(shell, command, b"now", end=True)

    assert protocol.get_command_output(shell, command) == (b"now", b"", 0)


def test_output_comes_in_pieces(service: WinRm) -> None:
    """A piece may end anywhere; only the last one says that the command is done."""
    service.piece = 2
    protocol = client(service)
    shell, command = begun(protocol, HELLO)
    pieces: list[tuple[bytes, bytes, int, bool]] = []
    while not pieces or not pieces[-1][3]:
        pieces.append(protocol.get_command_output_raw(shell, command))

    assert [piece[0] for piece in pieces] == [b"he", b"ll", b"o\r", b"\n"]
    assert [piece[3] for piece in pieces] == [False, False, False, True]


def test_output_may_come_after_done(service: WinRm) -> None:
    """What is asked once more after Done brings the rest."""
    service.expect(Trouble("Output", Wrong.LATE))
    protocol = client(service)
    shell, command = begun(protocol, HELLO)
    while service.shells[shell][command].code is None:
        pass

    first, second = (protocol.get_command_output_raw(shell, command) for _ in range(2))

    assert (first[0], first[3]) == (b"", True)
    assert second[0] == b"hello\r\n"


@pytest.mark.parametrize(("wrong", "made"), [(Wrong.DROPPED_BEFORE, 0), (Wrong.DROPPED_AFTER, 1)])
def test_a_connection_ends_before_or_after_the_work(service: WinRm, wrong: Wrong, made: int) -> None:
    """The client sees the same, the server has done it or not."""
    service.expect(Trouble("Create", wrong))

    with pytest.raises(requests.ConnectionError):
        client(service).open_shell()

    assert len(service.shells) == made


def test_a_shell_is_given_back_once(service: WinRm) -> None:
    """After Delete it is not there any more: fault 2150858843."""
    protocol = client(service)
    shell = protocol.open_shell()
    protocol.close_shell(shell, close_session=False)

    with pytest.raises(WSManFaultError) as raised:
        protocol.close_shell(shell)

    assert raised.value.wsman_fault_code == 2150858843


def test_shells_of_a_user_are_limited(service: WinRm) -> None:
    """MaxShellsPerUser: who never closes gets no more."""
    service.most_shells = 2
    protocol = client(service)
    for _ in range(2):
        protocol.open_shell()

    with pytest.raises(WSManFaultError) as raised:
        protocol.open_shell()

    assert raised.value.wsman_fault_code == 2150859173


def test_a_command_line_that_is_too_long_fails_silently(service: WinRm) -> None:
    """Beyond 8,191 characters cmd.exe runs nothing, and the exit code is 0."""
    protocol = client(service)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, line(HELLO + " " * 4000), console_mode_stdin=False)

    assert protocol.get_command_output(shell, command) == (b"", b"", 0)


def test_401_in_the_middle_ends_the_session(service: WinRm) -> None:
    """A server that forgot the connection asks to sign in again; what was sealed is not what it wants then."""
    protocol = client(service)
    shell = protocol.open_shell()
    service.expect(Trouble("Command", Wrong.REFUSED, ALWAYS))

    with pytest.raises((InvalidCredentialsError, WinRMTransportError)):
        protocol.run_command(shell, line(HELLO), console_mode_stdin=False)

    assert service.shells[shell] == {}
