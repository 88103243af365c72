"""The connection to one server as messages: sent whole, cut from the stream, each waited for no longer than allowed."""

from __future__ import annotations

import ssl
from time import monotonic
from typing import TYPE_CHECKING

from syncagent.connectors.ldap import answers, ber, requests
from syncagent.connectors.ldap.answers import EXTENDED, Message, Result
from syncagent.connectors.ldap.ber import Malformed
from syncagent.errors import Doubtful, Unavailable
from syncagent.text import Text

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

_RECORD = 1 << 18
_DISCONNECTION = "1.3.6.1.4.1.1466.20036"

NOT_ASKED = Text("câu trả lời không ứng với yêu cầu nào", "an answer to nothing that was asked")
_UNKNOWN_NOTICE = Text("thông báo không rõ loại", "a notice of an unknown kind")


class Wire:
    """One connection; after the first failure it is closed for good.

    `until` is always the time (`monotonic`) after which nobody waits any more; between octets `patience` seconds pass
    at most.
    """

    __slots__ = ("_at", "_buffer", "_number", "_patience", "_skipped", "_socket", "_wait", "closed", "name")

    def __init__(self, connected: socket.socket, name: str, patience: float) -> None:
        self._socket = connected
        self._buffer = b""
        self._at = 0
        self._number = 0
        self._patience = patience
        self._skipped: set[int] = set()
        self._wait = 0.0
        self.name = name
        self.closed = False

    def number(self) -> int:
        """Return a message number that was not used before."""
        self._number += 1
        return self._number

    def send(self, data: bytes, until: float) -> None:
        """Send octets.

        Raises:
            Unavailable: the connection is lost, or time is up.
        """
        self._still_open()
        try:
            self._wait_no_longer(until)
            self._socket.sendall(data)
        except OSError as error:
            raise self._lost(error) from error

    def ask(self, operation: bytes, until: float, controls: Sequence[requests.Control] = ()) -> Result:
        """Send one operation that has one answer, and return it.

        Raises:
            Unavailable: the answer did not come.
            Doubtful: it is malformed, or not the answer to this question.
        """
        number = self.number()
        self.send(requests.message(number, operation, controls), until)
        answer = self.receive(until)
        if answer.number != number:
            raise self.doubt(NOT_ASKED)
        try:
            return answers.result(answer)
        except Malformed as error:
            raise self.doubt(error.says) from error

    def receive(self, until: float) -> Message:
        """Return the next message that is not one of an abandoned search.

        Raises:
            Unavailable: the connection is lost, time is up, or the server takes its leave.
            Doubtful: what arrived is not an LDAP message.
        """
        try:
            while True:
                size = ber.size_of_message(self._buffer, self._at)
                if not size or self._at + size > len(self._buffer):
                    self._more(size, until)
                    continue
                start, self._at = self._at, self._at + size
                found = answers.message(self._buffer, start, self._at)
                if not found.number:
                    raise self._notice(found)
                if found.number not in self._skipped:
                    return found
        except Malformed as error:
            raise self.doubt(error.says) from error

    def abandon(self, number: int, until: float) -> None:
        """Tell the server to stop answering a search, and take no notice of what still comes.

        Raises:
            Unavailable: the connection is lost, or time is up.
        """
        self._skipped.add(number)
        self.send(requests.message(self.number(), requests.abandoning(number)), until)

    def doubt(self, says: Text) -> Doubtful:
        """Close the connection and return why nothing that came over it can be trusted."""
        self.close()
        return Doubtful(
            Text(
                f"máy chủ thư mục trả lời không đúng giao thức LDAP ({says.vi}); không dùng gì từ lần đọc này. Hãy "
                "chạy lại; nếu còn lặp lại, hãy kiểm tra máy chủ và thiết bị mạng ở giữa.",
                f"the directory server's answer does not follow the LDAP protocol ({says.en}); nothing of this read "
                "is used. Run again; if it persists, examine the server and what stands between.",
            ),
            where=self.name,
        )

    def close(self) -> None:
        """Close the connection without a word."""
        self.closed = True
        self._buffer, self._at = b"", 0
        self._socket.close()

    def _more(self, wanted: int, until: float) -> None:
        """Wait for octets until `wanted` of them stand in the buffer from where the next message begins."""
        self._still_open()
        parts = [self._buffer[self._at :]]
        have = len(parts[0])
        try:
            while True:
                self._wait_no_longer(until)
                arrived = self._socket.recv(_RECORD)
                if not arrived:
                    raise ConnectionResetError
                parts.append(arrived)
                have += len(arrived)
                if have >= wanted:
                    break
        except OSError as error:
            raise self._lost(error) from error
        self._buffer, self._at = b"".join(parts), 0

    def _wait_no_longer(self, until: float) -> None:
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        wait = min(left, self._patience)
        if wait != self._wait:  # most of the time there is more time than patience
            self._wait = wait
            self._socket.settimeout(wait)

    def _still_open(self) -> None:
        if self.closed:
            raise self._unavailable("kết nối đã đóng", "the connection is closed")

    def _lost(self, error: OSError) -> Unavailable:
        self.close()
        if isinstance(error, TimeoutError):
            return self._unavailable("máy chủ không trả lời kịp thời hạn", "the server did not answer in time")
        if isinstance(error, ssl.SSLError):
            return self._unavailable("kết nối TLS bị hỏng", "the TLS connection is damaged")
        return self._unavailable("máy chủ đã ngắt kết nối", "the server ended the connection")

    def _notice(self, found: Message) -> Unavailable | Doubtful:
        """A message without a number is the server's own; RFC 4511 §4.4 defines only the notice of disconnection."""
        told = answers.result(found)
        if found.operation != EXTENDED or told.name != _DISCONNECTION:
            return self.doubt(_UNKNOWN_NOTICE)
        self.close()
        return self._unavailable(
            f"máy chủ báo ngắt kết nối (mã {told.code})", f"the server takes its leave (code {told.code})"
        )

    def _unavailable(self, vietnamese: str, english: str) -> Unavailable:
        return Unavailable(Text(f"{vietnamese}. Hãy chạy lại sau.", f"{english}. Run again later."), where=self.name)
