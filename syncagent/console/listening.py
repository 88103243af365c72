"""The console's own web server, in a thread beside the service; what it answers with can be replaced while it runs."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

from syncagent.console.app import application
from syncagent.errors import Misconfigured
from syncagent.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from syncagent.console.desk import Desk

_PATIENCE = 10.0
_AT_ONCE = 200


class Place(NamedTuple):
    """Where the console listens, and with which certificate; `proxy` is whose word about callers is taken."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    proxy: str | None = None


class Console:
    """A console that listens; `desk` is looked at for every request and may be replaced at any moment."""

    def __init__(self, place: Place, desk: Desk) -> None:
        """Listen from now on.

        Raises:
            Misconfigured: nobody can listen there, or the certificate is none.
        """
        self.place = place
        self.desk = desk
        config = uvicorn.Config(
            application(lambda: self.desk),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            http="h11",
            ws="none",
            proxy_headers=place.proxy is not None,
            forwarded_allow_ips=place.proxy,
            limit_concurrency=_AT_ONCE,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=int(_PATIENCE / 2),
            ssl_certfile=place.certificate,
            ssl_keyfile=place.key,
        )
        try:
            config.load()
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(
                Text(
                    f"Không đọc được chứng thư hoặc khóa của bàn duyệt ({error.strerror or 'sai định dạng PEM'}).",
                    f"Certificate or key of the console cannot be read ({error.strerror or 'not PEM'}).",
                ),
                where="console.certificate",
            ) from error
        if config.ssl:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._socket = socket.create_server((place.host, place.port), backlog=128)
        except OSError as error:
            raise Misconfigured(
                Text(
                    f"Không mở được {place.host}:{place.port} để nghe: {error.strerror}. Hãy ghi địa chỉ, cổng khác.",
                    f"Cannot listen on {place.host}:{place.port}: {error.strerror}. Give another address or port.",
                ),
                where="console.listen",
            ) from error
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="console", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Finish what was asked, and listen no more."""
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        self._socket.close()
