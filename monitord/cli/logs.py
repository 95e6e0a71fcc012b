"""Logging: for people on a terminal, as entries of systemd's journal, JSON otherwise; lines look alike."""

import logging
import os
import sys
from typing import Any

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from monitord.cli.journald import Journal, is_journal

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
LOUD = ("alembic", "apscheduler", "asyncio", "uvicorn", "httpx2", "httpcore2")  # whose news is not ours


def configured(*, level: str = "info", people: bool | None = None) -> FilteringBoundLogger:
    """The daemon's logger; `people` decides the form, by default whether stderr is a terminal."""
    for_people = sys.stderr.isatty() if people is None else people
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = outlet()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=SHARED, processors=rendering(for_people))
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], number
    for name in LOUD:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=True,
    )
    log: FilteringBoundLogger = structlog.get_logger("monitord")
    return log


def outlet() -> logging.Handler:
    """Where lines go: to stderr, unless that is the journal, which takes them with their fields."""
    try:
        descriptor = sys.stderr.fileno()
    except (OSError, ValueError):  # a test's stderr has none
        return logging.StreamHandler(sys.stderr)
    return Journal() if is_journal(os.environ, descriptor) else logging.StreamHandler(sys.stderr)


def rendering(for_people: bool) -> list[Any]:
    """The last steps of a line."""
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if for_people:
        plain = structlog.dev.plain_traceback  # the others show what variables hold: secrets, too
        return [strip, structlog.dev.ConsoleRenderer(colors=True, pad_event_to=24, exception_formatter=plain)]
    return [strip, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
