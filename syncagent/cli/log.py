"""Logs: one event per line on stderr, English codes, nothing personal, and no secret whatever is logged.

Two nets: what stands under a name such as `password` is never shown, and the values of all living secrets are taken
out of the finished line, wherever they came from: our own events, other libraries' messages, exceptions. Tracebacks
show no local variables.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

import structlog

from syncagent.trust.secret import HIDDEN, Secret, redacted

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

_TELLING = re.compile(
    r"pass(?:word|wd|phrase|code)|pwd$|secret|token|credential|private|authori[sz]ation|cookie|api_?key|mat_?khau",
    re.IGNORECASE,
)


def start(form: str) -> None:
    """Send events to stderr, as text for people or as JSON for machines; other libraries' warnings with them."""
    shown: list[Processor] = [hide_named, *_rendering(form), _hide_values]
    first: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*first, *shown],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shown],
            foreign_pre_chain=[*first, structlog.stdlib.ExtraAdder()],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _rendering(form: str) -> tuple[Processor, Processor]:
    if form == "json":
        told = structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False, use_rich=False)
        )
        return told, structlog.processors.JSONRenderer(default=repr, ensure_ascii=False)
    plain = structlog.processors.ExceptionRenderer(_plain)
    return plain, structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _plain(exc_info: ExcInfo) -> str:
    return "".join(traceback.format_exception(*exc_info)).rstrip("\n")


def hide_named(_: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
    """Hide what stands under a telling name, at any depth."""
    return {name: _hidden(name, value) for name, value in event_dict.items()}


def _hidden(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever was logged
    if isinstance(value, Secret) or (_TELLING.search(name) and value is not None):
        return HIDDEN
    if isinstance(value, dict):
        return {key: _hidden(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple) and name != "exc_info":
        return [_hidden("", inner) for inner in value]
    return value


def _hide_values(_: WrappedLogger, __: str, line: MutableMapping[str, Any] | str | bytes) -> str:
    return redacted(str(line))


def event(name: str, **facts: object) -> None:
    """Log one event with its facts; keys of people may stand in it, their names, numbers and secrets may not."""
    structlog.get_logger().info(name, **facts)
