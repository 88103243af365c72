"""A bind that succeeded is no proof: the session goes on only as the account that was meant."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import messages
import pytest

from syncagent.connectors.ldap import ber
from syncagent.connectors.ldap.requests import WHO_AM_I
from syncagent.connectors.ldap.server import Server, Simple
from syncagent.connectors.ldap.session import Session, open_session
from syncagent.errors import Doubtful, Misconfigured
from syncagent.trust.secret import Secret

AGENT = Simple("cn=agent,dc=vn", Secret("a password"))
ROOT: dict[str, list[bytes]] = {"supportedExtension": [WHO_AM_I.encode()], "namingContexts": [b"dc=vn"]}

Answer = Callable[[int], bytes]


@pytest.fixture
def speak(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a server on a local socket that accepts every bind, and says what a test wants of the rest."""
    threads = []
    listener = socket.socket(socket.AF_UNIX)
    path = tmp_path / "s"
    listener.bind(str(path))
    listener.listen()

    def serve(root: Answer, base: Answer, who: Answer) -> None:
        with listener.accept()[0] as caller:
            data = b""
            while block := caller.recv(65536):
                data += block
                while (size := ber.size_of_message(data, 0)) and size <= len(data):
                    request: Any = messages.read(data[:size])
                    data = data[size:]
                    number, operation = int(request["messageID"]), request["protocolOp"]
                    match operation.getName():
                        case "bindRequest":
                            caller.sendall(messages.bound(number))
                        case "searchRequest":
                            asked = str(operation["searchRequest"]["baseObject"])
                            caller.sendall((base if asked else root)(number))
                        case "extendedReq":
                            caller.sendall(who(number))

    def started(
        root: dict[str, list[bytes]] | None = None, base: Answer = messages.done, who: Answer = messages.extended
    ) -> str:
        def of_root(number: int) -> bytes:
            return messages.entry(number, "", ROOT if root is None else root) + messages.done(number)

        threads.append(threading.Thread(target=serve, args=(of_root, base, who)))
        threads[-1].start()
        return f"ldapi://{path}"

    with listener:
        yield started
        for thread in threads:
            thread.join()


def opened(url: str, bind: Simple = AGENT) -> Session:
    with open_session(Server((url,), receive_timeout=2), bind) as session:
        return session


@pytest.mark.parametrize("identity", [b"", b"dn:cn=other,dc=vn", b"dn:"])
def test_nobody_and_somebody_else_are_refused(speak: Callable[..., str], identity: bytes) -> None:
    """A server that takes us for anonymous, or for another account, gets no request."""
    url = speak(who=lambda number: messages.extended(number, value=identity))

    with pytest.raises(Misconfigured, match="cn=agent,dc=vn"):
        opened(url)


@pytest.mark.parametrize("identity", ["dn:CN=Agent, DC=vn", "u:VN\\agent"])
def test_the_account_that_was_meant_is_recognized(speak: Callable[..., str], identity: str) -> None:
    """A DN is compared as names are; a login name of the server's own stands for itself."""
    url = speak(who=lambda number: messages.extended(number, value=identity.encode()))

    assert opened(url).identity == identity


def test_a_server_that_does_not_tell_is_refused(speak: Callable[..., str]) -> None:
    """It offers to say who we are and then refuses: no session."""
    url = speak(who=lambda number: messages.extended(number, code=50))

    with pytest.raises(Misconfigured):
        opened(url)


@pytest.mark.parametrize("answer", [lambda number: messages.done(number, 1), messages.done])
def test_where_nobody_tells_reading_is_the_proof(speak: Callable[..., str], answer: Answer) -> None:
    """Without that extension (Samba) an account that cannot read the domain's own entry is not taken for bound."""
    url = speak(root={"defaultNamingContext": [b"dc=vn"]}, base=answer)

    with pytest.raises(Misconfigured):
        opened(url)


def test_where_nobody_tells_an_account_that_reads_is_taken_by_its_name(speak: Callable[..., str]) -> None:
    """The domain's own entry is readable: bound as whom we said."""
    url = speak(
        root={"defaultNamingContext": [b"dc=vn"]},
        base=lambda number: messages.entry(number, "dc=vn", {}) + messages.done(number),
    )

    assert opened(url).identity == AGENT.name


def test_a_server_without_a_root_is_doubtful(speak: Callable[..., str]) -> None:
    """Every LDAP server describes itself (RFC 4512 §5.1)."""
    url = speak()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "entry", lambda *_: b"")

        with pytest.raises(Doubtful):
            opened(url)


def test_a_read_keeps_the_session_to_itself(speak: Callable[..., str]) -> None:
    """Whoever asks something else in the middle of a read is told so, before anything is mixed up."""
    url = speak(
        who=lambda number: messages.extended(number, value=b"u:a"),
        base=lambda number: messages.entry(number, "dc=vn", {}) + messages.done(number, cookie=b""),
    )

    with open_session(Server((url,), receive_timeout=2), AGENT) as session:
        reading = session.read("dc=vn")
        next(reading)

        with pytest.raises(RuntimeError, match="not finished"):
            session.write([])
        assert list(reading) == []
