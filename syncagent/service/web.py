"""What other programs ask over HTTP: /healthz, /readyz, /metrics; on loopback if the configuration says no other."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from syncagent.errors import Misconfigured
from syncagent.service.metrics import CONTENT_TYPE, exposition
from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncagent.service.pulse import Pulse

_PLAIN = "text/plain; charset=utf-8"
_PATIENCE = 5.0


@contextmanager
def shown(pulse: Pulse, place: tuple[str, int]) -> Iterator[tuple[str, int]]:
    """Answer questions at an address until the end, in threads of their own; give the address with its real port.

    Raises:
        Misconfigured: nobody can listen there.
    """

    class Answer(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        server_version, sys_version = "syncagent", ""

        def do_GET(self) -> None:
            code, kind, body = answer(pulse, self.path)
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - named by its base
            """Say nothing: a probe every few seconds is no event."""

    try:
        server = ThreadingHTTPServer(place, Answer)
    except OSError as error:
        raise Misconfigured(
            Text(
                f"Không mở được {place[0]}:{place[1]} để nghe: {error.strerror}. Hãy ghi địa chỉ, cổng khác, hoặc dừng "
                "chương trình đang dùng cổng này.",
                f"Cannot listen on {place[0]}:{place[1]}: {error.strerror}. Give another address or port, or stop the "
                "program that has this one.",
            ),
            where="service.listen",
        ) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    try:
        yield str(server.server_address[0]), server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_PATIENCE)


def answer(pulse: Pulse, path: str) -> tuple[HTTPStatus, str, bytes]:
    """Return status, kind and body of the answer to a question."""
    match path.partition("?")[0]:
        case "/healthz":
            lives = pulse.lives()
            return (HTTPStatus.OK, _PLAIN, b"ok\n") if lives else (_UNWELL, _PLAIN, b"the service does not turn\n")
        case "/readyz":
            why = pulse.not_ready() if pulse.lives() else ("the service does not turn",)
            return (_UNWELL, _PLAIN, "\n".join((*why, "")).encode()) if why else (HTTPStatus.OK, _PLAIN, b"ready\n")
        case "/metrics":
            return HTTPStatus.OK, CONTENT_TYPE, exposition(pulse.reading())
        case _:
            return HTTPStatus.NOT_FOUND, _PLAIN, b"/healthz /readyz /metrics\n"


_UNWELL = HTTPStatus.SERVICE_UNAVAILABLE
