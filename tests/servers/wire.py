"""A wire with faults: it stands between client and server, sees every LDAP message, and spoils those a script names.

TLS ends at the wire on both sides, so that the faults hit whole messages and not noise.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from servers.pdu import Op, Pdu, Way, whole
from servers.pki import Certificate

_BLOCK = 65536
_GLANCE = 0.05
_PATIENCE = 30.0
"""Seconds after which somebody who neither reads nor writes is given up."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The message is lost."""


@dataclass(frozen=True, slots=True)
class Delay:
    """The message, and all that follows on its connection, comes late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The message comes twice."""


@dataclass(frozen=True, slots=True)
class Reorder:
    """The message comes after the next one that goes the same way; without a next one, never."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """Only the first bytes of the message come, then the connection ends."""

    length: int


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset instead (RST), on both sides; the message does not come."""


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """The request goes through, the server does its work, and its answer is lost with the connection."""


@dataclass(frozen=True, slots=True)
class Code:
    """The answer comes with another result code."""

    code: int


@dataclass(frozen=True, slots=True)
class Cookie:
    """The message comes with another cookie for paged results."""

    cookie: bytes


@dataclass(frozen=True, slots=True)
class StripControls:
    """The message comes without its controls."""


Fault = Drop | Delay | Duplicate | Reorder | Truncate | Reset | LoseAnswer | Code | Cookie | StripControls


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault, and the message it hits: number `nth` (from 1) of those that go one way, are one operation, and fit.

    Messages are counted over all connections from the moment the script was set.
    """

    fault: Fault
    way: Way
    op: Op | None = None
    nth: int = 1
    fits: Callable[[Pdu], bool] = lambda _: True

    def concerns(self, pdu: Pdu) -> bool:
        return pdu.way is self.way and (self.op is None or pdu.op is self.op) and self.fits(pdu)


Manner = Callable[[Pdu], Iterable[tuple[Way, bytes]]]
"""What goes which way instead of a sound message, on one connection from its beginning to its end."""


def _as_it_came(pdu: Pdu) -> Iterable[tuple[Way, bytes]]:
    return ((pdu.way, pdu.raw),)


@dataclass(slots=True)
class Wire:
    """A wire that listens at `address` and `port` and leads to the server at `url`.

    With `certificate` the client speaks LDAPS to it, else LDAP; it speaks LDAPS to the server, verified by `ca`,
    if the URL says so. Use it in a `with` block. `seen` holds every message in the order of arrival, as it came.
    With `manners` the server has others than its own, each connection a new one of them.
    """

    address: str
    url: str
    ca: Path
    certificate: Certificate | None = None
    manners: Callable[[], Manner] = lambda: _as_it_came
    port: int = field(default=0, init=False)
    seen: list[Pdu] = field(default_factory=list, init=False)
    _rules: tuple[Rule, ...] = field(default=(), init=False)
    _left: list[int] = field(default_factory=list, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _ended: threading.Event = field(default_factory=threading.Event, init=False)
    _threads: list[threading.Thread] = field(default_factory=list, init=False)
    _listener: socket.socket = field(default_factory=socket.socket, init=False)

    def __enter__(self) -> Self:
        self._listener.bind((self.address, 0))
        self._listener.listen(100)
        self.port = self._listener.getsockname()[1]
        self._started(self._welcome)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        while self._threads:
            self._threads.pop().join()
        self._listener.close()

    @property
    def ldap_url(self) -> str:
        return f"{'ldaps' if self.certificate else 'ldap'}://{self.address}:{self.port}"

    def script(self, *rules: Rule) -> None:
        """From now on spoil what these rules name, each once; counting starts anew. No rules: a sound wire."""
        with self._lock:
            self._rules, self._left = rules, [rule.nth for rule in rules]

    def _fault(self, pdu: Pdu) -> Fault | None:
        """Note a message, and return what shall happen to it."""
        with self._lock:
            self.seen.append(pdu)
            hit = None
            for place, rule in enumerate(self._rules):
                if rule.concerns(pdu):
                    self._left[place] -= 1
                    if self._left[place] == 0:
                        hit = hit or rule.fault
            return hit

    def _started(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="wire")
        self._threads.append(thread)
        thread.start()

    def _welcome(self) -> None:
        self._listener.settimeout(_GLANCE)
        while not self._ended.is_set():
            with suppress(TimeoutError):
                caller, _ = self._listener.accept()
                self._started(lambda caller=caller: self._serve(caller))  # type: ignore[misc]

    def _serve(self, caller: socket.socket) -> None:
        caller.settimeout(_PATIENCE)
        with caller, suppress(OSError), self._secured(caller) as client, self._called() as server:
            for end in (client, server):  # small messages wait for nobody
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Connection({Way.REQUEST: client, Way.ANSWER: server}, self._fault, self.manners()).run(self._ended)

    def _secured(self, caller: socket.socket) -> socket.socket:
        if self.certificate is None:
            return caller
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.certificate)
        return context.wrap_socket(caller, server_side=True)

    def _called(self) -> socket.socket:
        url = urlsplit(self.url)
        plain = socket.create_connection((url.hostname, url.port), _PATIENCE)
        if url.scheme != "ldaps":
            return plain
        context = ssl.create_default_context(cafile=self.ca)
        return context.wrap_socket(plain, server_hostname=url.hostname)


@dataclass(slots=True)
class _Connection:
    """One client and one server; `ends` says from whom messages of a way come. One thread serves both."""

    ends: dict[Way, socket.socket]
    fault_of: Callable[[Pdu], Fault | None]
    manner: Manner
    _buffers: dict[Way, bytearray] = field(default_factory=lambda: {way: bytearray() for way in Way})
    _held: dict[Way, bytes] = field(default_factory=dict)
    _unanswered: set[int] = field(default_factory=set)
    _open: bool = True

    def run(self, ended: threading.Event) -> None:
        with selectors.DefaultSelector() as ready:
            for way, end in self.ends.items():
                ready.register(end, selectors.EVENT_READ, way)
            while self._open and not ended.is_set():
                for key, _ in ready.select(_GLANCE):
                    if self._open:
                        self._take(key.data)

    def _take(self, way: Way) -> None:
        buffer, end = self._buffers[way], self.ends[way]
        end.settimeout(0)  # what came may be TLS's own affair
        with suppress(ssl.SSLWantReadError):
            block = end.recv(_BLOCK)
            self._open = bool(block)
            buffer += block
            while isinstance(end, ssl.SSLSocket) and end.pending():
                buffer += end.recv(_BLOCK)
        end.settimeout(_PATIENCE)
        for raw in whole(buffer):
            if self._open:
                self._pass(Pdu.read(way, raw))

    def _pass(self, pdu: Pdu) -> None:
        """Send a message on, spoilt if the script says so, and whatever it held back."""
        fault = self.fault_of(pdu)
        if pdu.way is Way.ANSWER and pdu.message in self._unanswered:
            self._reset()
            return
        match fault:
            case Drop():
                return
            case Reorder():
                self._held[pdu.way] = pdu.raw
                return
            case Truncate(length):
                self._send(pdu.way, pdu.raw[:length])
                self._open = False
                return
            case Reset():
                self._reset()
                return
            case LoseAnswer():
                self._unanswered.add(pdu.message)
            case Delay(seconds):
                time.sleep(seconds)
            case _:
                pass
        for way, raw in self.manner(pdu) if fault is None else ((pdu.way, raw) for raw in _spoilt(pdu, fault)):
            self._send(way, raw)
        if pdu.way in self._held:
            self._send(pdu.way, self._held.pop(pdu.way))

    def _send(self, way: Way, *messages: bytes) -> None:
        to = self.ends[Way.ANSWER if way is Way.REQUEST else Way.REQUEST]
        to.sendall(b"".join(messages))

    def _reset(self) -> None:
        """Close both ends at once and without a farewell (SO_LINGER 0)."""
        self._open = False
        for end in self.ends.values():
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _spoilt(pdu: Pdu, fault: Fault | None) -> Iterable[bytes]:
    match fault:
        case Duplicate():
            return (pdu.raw, pdu.raw)
        case Code(code):
            return (pdu.with_code(code),)
        case Cookie(cookie):
            return (pdu.with_cookie(cookie),)
        case StripControls():
            return (pdu.without_controls(),)
        case _:
            return (pdu.raw,)
