"""What every verb shares: the configuration it found, the language, where output goes."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncagent.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from syncagent.core.periods import Calendar
    from syncagent.runs.agent import Agent
    from syncagent.service.service import Loaded
    from syncagent.settings import Settings
    from syncagent.text import Language

_NARROWEST = 60
_IN_A_FILE = 120
_YEARS = range(2000, 2101)


def within_reason(_: click.Context, __: click.Parameter, day: datetime | None) -> datetime | None:
    """Refuse a day for which no calendar and no term can be computed.

    Raises:
        click.BadParameter: the year is not between 2000 and 2100.
    """
    if day and day.year not in _YEARS:
        message = f"{day.date()}: năm phải trong khoảng 2000–2100 / the year must be between 2000 and 2100"
        raise click.BadParameter(message)
    return day


DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])
"""A day as it is typed: 2026-03-16 or 16/03/2026."""

AS_OF = click.option(
    "--as-of",
    type=DAY,
    callback=within_reason,
    metavar="DATE",
    help="Ngày giả định, dd/mm/yyyy / The day to decide for, or YYYY-MM-DD; the clock of a rehearsal.",
)


class Face:
    """The global options, and what follows from them once the configuration is read."""

    def __init__(self, config: str | None, log_format: str, lang: str | None) -> None:
        self._config = config
        self._log_format = log_format
        self._lang = lang
        self.language: Language = "en" if lang == "en" else "vi"
        self.needs: frozenset[Path] = frozenset()

    def settings(self) -> tuple[Settings, Path]:
        """Return the configuration and its folder; its language rules unless --lang was given."""
        from syncagent.wiring import files_of, settings_of

        found, folder = settings_of(self._config, Path.cwd())
        self.needs = files_of(found, folder)
        if not self._lang:
            self.language = found.language
        return found, folder

    def config_file(self) -> Path:
        """Return where the configuration is.

        Raises:
            Misconfigured: there is none.
        """
        from syncagent.files import find_settings

        return find_settings(self._config, os.environ, Path.cwd())

    @contextmanager
    def agent(self) -> Iterator[Agent]:
        """Give the agent that the configuration describes."""
        from syncagent.wiring import agent_of

        settings, folder = self.settings()
        self.start_log()
        with agent_of(settings, folder) as agent:
            try:
                yield agent
            finally:
                self.notice(agent)

    def loaded(self) -> AbstractContextManager[Loaded]:
        """Return what the configuration makes of the service, read and opened anew each time."""
        from syncagent.serving import loaded

        return loaded(*self.settings())

    def notice(self, agent: Agent) -> None:
        """Say what went wrong without stopping the run."""
        for notice in agent.notices:
            for line in notice.lines(self.language):
                click.echo(line, err=True)

    def start_log(self) -> None:
        """Send the log to stderr in the form asked for."""
        from syncagent.cli.log import start

        start(self._log_format)

    def warn(self, text: Text) -> None:
        """Print a sentence beside the answer, on stderr."""
        click.echo(text.within(self.language), err=True)

    def warn_of_open_years(self, calendar: Calendar, days: Iterable[date | None]) -> None:
        """Say on stderr in which years of these days the days off are not certain."""
        from syncagent.core.remarks import of_open_years

        for one in of_open_years(calendar, {day.year for day in days if day}):
            self.warn(Text(f"Chú ý: {one.text.vi}", f"Mind: {one.text.en}"))

    def say(self, text: Text) -> None:
        """Print a sentence in the reader's language."""
        click.echo(text.within(self.language))

    @property
    def width(self) -> int:
        """Return the width of the terminal, or one that reads well in a file."""
        return max(_NARROWEST, os.get_terminal_size().columns) if sys.stdout.isatty() else _IN_A_FILE

    @property
    def color(self) -> bool:
        """Whether output may be coloured: a terminal, and nobody said NO_COLOR."""
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def a_workbook_needs_a_file(form: str, out: str | None) -> None:
    """Refuse to write a workbook to a terminal.

    Raises:
        click.UsageError: the form is xlsx and no file is named.
    """
    if form == "xlsx" and out in {None, "-"}:
        message = "--format xlsx cần --out FILE / needs --out FILE"
        raise click.UsageError(message)


def sheets_need_a_workbook(form: str, *, by_unit: bool) -> None:
    """Refuse a sheet for each unit in a form that has no sheets.

    Raises:
        click.UsageError: --by-unit was given with another form than xlsx.
    """
    if by_unit and form != "xlsx":
        message = "--by-unit chỉ dùng với --format xlsx / goes with --format xlsx only"
        raise click.UsageError(message)


def deliver(made: str | bytes, out: str | None) -> None:
    """Write a rendering to a file, whole or not at all, or to stdout; bytes are a workbook."""
    content = made if isinstance(made, bytes) else (made if made.endswith("\n") else made + "\n").encode()
    if out is None or out == "-":
        click.echo(content, nl=False)
        return
    _replaced(Path(out), [content])


def deliver_lines(lines: Iterable[str], out: str) -> int:
    """Write lines to a file, whole or not at all; return how many they were."""
    return _replaced(Path(out), (f"{line}\n".encode() for line in lines))


def _spare(path: Path) -> None:
    """Refuse to write over a file that the agent lives by: no verb but `apply` writes to a target (contract §2).

    Raises:
        Refused: the configuration names this file, or it belongs to the state.
    """
    context = click.get_current_context(silent=True)
    face = context.find_object(Face) if context else None
    if face and path.exists() and path.resolve() in face.needs:
        from syncagent.errors import Refused

        raise Refused(
            Text(
                "Tệp này thuộc cấu hình, danh sách, thư mục hoặc trạng thái; không ghi đè. Hãy chọn tên khác.",
                "This file belongs to the configuration, the roster, the directory or the state; it is not "
                "overwritten. Choose another name.",
            ),
            where=str(path),
        )


def _replaced(path: Path, parts: Iterable[bytes]) -> int:
    _spare(path)
    stream = path.is_char_device() or path.is_fifo()  # /dev/null must not become a file
    partial = path if stream else path.with_name(f".{path.name}.partial")
    count = 0
    try:
        with partial.open("wb") as file:
            for part in parts:
                file.write(part)
                count += 1
        if not stream:
            partial.replace(path)
    except OSError as error:
        from syncagent.errors import Misconfigured

        if not stream:
            with suppress(OSError):
                partial.unlink()
        raise Misconfigured(
            Text(f"Không ghi được tệp: {error.strerror}.", f"The file cannot be written: {error.strerror}."),
            where=str(path),
        ) from error
    return count
