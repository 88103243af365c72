"""A running `syncagent serve`: started as systemd would, asked as Prometheus would, ended by signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from desk import COMMAND, Desk
from prometheus_client.parser import text_string_to_metric_families

_PATIENCE = 40.0
ALWAYS = '  apply: {window: "mon-sun 00:00-23:59", when: every 1 second}\n'
"""Settings of a service that applies at any hour."""


def free_port() -> int:
    """Return a port on loopback that nobody uses now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


@dataclass
class Serving:
    """A service in its folder, what it told systemd, and the port where it answers."""

    desk: Desk
    port: int
    process: subprocess.Popen[bytes]
    log_file: Path
    told: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds; a service that ends, or does not come that far, fails the test."""
        end = time.monotonic() + _PATIENCE
        while not holds():
            assert self.process.poll() is None, f"it ended: {self.log}"
            assert time.monotonic() < end, f"{what} did not come: {self.told}\n{self.log}"
            time.sleep(0.05)

    def ask(self, path: str) -> tuple[int, str]:
        """Return status and body of an answer; status 0 if nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def figures(self) -> dict[str, float]:
        """Return the metrics by their name and labels, as Prometheus's own parser reads them."""
        families = text_string_to_metric_families(self.ask("metrics")[1])
        return {" ".join((one.name, *one.labels.values())): one.value for family in families for one in family.samples}

    def figures_of(self, name: str) -> set[str]:
        """Return the words that stand as labels of a metric."""
        return {word for found in self.figures() if found.startswith(f"{name} ") for word in found.split()[1:]}

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; return the exit code, and how many seconds it took."""
        start = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE), time.monotonic() - start


@contextmanager
def serving(desk: Desk, settings: str, *, ready: bool = True) -> Iterator[Serving]:
    """Run the installed command on a desk whose configuration is given these settings of the service, until the end."""
    port = free_port()
    config = desk.folder / "syncagent.yaml"
    kept = config.read_text(encoding="utf-8").partition("\nservice:")[0]
    config.write_text(f"{kept}\nservice:\n  listen: 127.0.0.1:{port}\n{settings}", encoding="utf-8")
    log = desk.folder / "service.log"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ears, log.open("wb") as out:
        name = f"\0syncagent-test-{os.getpid()}-{port}"
        ears.bind(name)
        ears.settimeout(0.2)
        environment = {"NOTIFY_SOCKET": f"@{name[1:]}", "WATCHDOG_USEC": "1000000", "SYNCAGENT_CONFIG": ""}
        process = subprocess.Popen(
            [str(COMMAND), "--log-format", "json", "serve"],
            cwd=desk.folder,
            stderr=out,
            env={**os.environ, **environment},
        )
        found = Serving(desk, port, process, log)
        listening = threading.Event()

        def listen() -> None:
            while not listening.is_set():
                try:
                    found.told.append(ears.recv(4096).decode())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            if ready:
                found.until(lambda: any("READY=1" in one for one in found.told), "READY=1")
            yield found
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            listening.set()
            thread.join()
