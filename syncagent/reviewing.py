"""Joins the review console with what the configuration names; `serve` runs it beside the jobs."""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import structlog

from syncagent.errors import Misconfigured
from syncagent.keys import secret_of
from syncagent.targets import door_of
from syncagent.text import Text
from syncagent.trust.secret import redacted
from syncagent.wiring import agent_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from syncagent.console.desk import Desk, Options
    from syncagent.console.listening import Console, Place
    from syncagent.console_settings import ConsoleSettings
    from syncagent.service.service import Beside
    from syncagent.settings import Settings

_TOKEN_BYTES = 32
_NEEDED = ("starlette", "uvicorn", "python_multipart")


class Reviewing:
    """A console of one configuration: it listens anew, or takes over from the one before that listens there."""

    def __init__(self, place: Place, desk: Desk) -> None:
        """Keep what is opened later."""
        self.place = place
        self._desk = desk
        self.console: Console | None = None

    def open(self, before: Beside | None) -> None:
        """Listen; where the one before listens there already, answer in its stead.

        Raises:
            Misconfigured: nobody can listen there, or the certificate is none.
        """
        from syncagent.console.listening import Console  # noqa: PLC0415 - only for those who have the extra

        if isinstance(before, Reviewing) and before.place == self.place and before.console:
            self.console, before.console = before.console, None
            self.console.desk = self._desk
        else:
            self.console = Console(self.place, self._desk)
            structlog.get_logger().info("console-listening", host=self.place.host, port=self.place.port)

    def close(self) -> None:
        """Listen no more, unless another one has taken over."""
        if self.console:
            self.console.close()
            self.console = None


@contextmanager
def reviewing(settings: Settings, folder: Path) -> Iterator[Reviewing | None]:
    """Open what the console works with, and close that afterwards; None without a console.

    Raises:
        Misconfigured: the extra `web` is not installed, a secret is not where the configuration says.
        Unavailable: the state does not answer.
    """
    asked, door = settings.console, door_of(settings, folder)
    if asked is None or door is None:
        yield None
        return
    if missing := [name for name in _NEEDED if not find_spec(name)]:
        listed = ", ".join(missing)
        raise Misconfigured(
            Text(
                f"Bàn duyệt cần {listed}: hãy cài syncagent[web], hoặc bỏ mục console.",
                f"The console needs {listed}: install syncagent[web], or leave out console.",
            ),
            where=settings.where("console"),
        )
    from syncagent.console.desk import Desk  # noqa: PLC0415 - only for those who have the extra
    from syncagent.console.listening import Place  # noqa: PLC0415 - same

    with agent_of(settings, folder) as agent:
        desk = Desk(
            parts=agent,
            door=door,
            options=options_of(settings, asked, folder),
            token=lambda: secrets.token_urlsafe(_TOKEN_BYTES),
            wait=time.sleep,
            tick=time.monotonic,
        )
        certificate, key = (folder / one if one else None for one in (asked.certificate, asked.key))
        yield Reviewing(Place(*asked.place, certificate, key, asked.proxy), desk)


def options_of(settings: Settings, asked: ConsoleSettings, folder: Path) -> Options:
    """Return what the configuration says of the console.

    Raises:
        Misconfigured: the secret that stops is not where the configuration says.
    """
    from syncagent.console.desk import Options  # noqa: PLC0415 - only for those who have the extra
    from syncagent.console.rights import Grant, Role  # noqa: PLC0415 - same

    host, port = asked.place
    names = {f"{host}:{port}", f"localhost:{port}"} if asked.certificate or not asked.url else set[str]()
    idle, approver_idle, longest = asked.session.spans
    return Options(
        hosts=frozenset(names | ({asked.url.partition("//")[2]} if asked.url else set())),
        secure=bool(asked.certificate or asked.url),
        roles={dn: Grant(Role(one.role), tuple(one.units)) for dn, one in asked.groups.items()},
        idle=idle,
        approver_idle=approver_idle,
        longest=longest,
        tries=asked.login.tries,
        address_tries=asked.login.address_tries,
        window=asked.login.span,
        stop_secret=secret_of(asked.stop_secret, settings, folder) if asked.stop_secret else None,
        language=settings.language,
        settings=tuple(_lines(settings.model_dump(mode="json", by_alias=True, exclude_none=True), 0)),
    )


def _lines(part: object, depth: int) -> Iterator[tuple[int, str, str]]:
    """Yield the configuration line by line: how deep, which name, which value."""
    if isinstance(part, dict):
        for name, value in part.items():
            nested = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict) for v in value))
            yield depth, str(name), "" if nested else redacted(_said(value))
            if nested:
                yield from _lines(value, depth + 1)
    elif isinstance(part, list):
        for one in part:
            yield from _lines(one, depth)


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
