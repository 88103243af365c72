"""Logs: one event per line on stderr, English codes, nothing personal."""

from __future__ import annotations

import logging
import sys

import structlog


def start(form: str) -> None:
    """Send events to stderr, as text for people or as JSON for machines."""
    renderer: structlog.typing.Processor
    if form == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def event(name: str, **facts: object) -> None:
    """Log one event with its facts; keys of people may stand in it, their names, numbers and secrets may not."""
    structlog.get_logger().info(name, **facts)
