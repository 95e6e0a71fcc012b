"""The quarantine: facts that could not be decided or written, kept for whoever mends the bug."""

import traceback
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant
from monitord.core.world import Fact
from monitord.engine.clock import Clock
from monitord.engine.metrics import Metrics

A_MINUTE_MAX = 100  # a bug that meets every check must not fill the disk
MINUTE = 60.0
SHOWN_CHARS_MAX = 500


class Shelf(Protocol):
    """Where they are kept."""

    async def quarantine(self, fact: Fact, at: Instant, error: str, trace: str) -> None: ...


class Quarantine:
    """Puts facts aside: with their traceback into the store, with a line into the log, and counted."""

    def __init__(self, store: Shelf, clock: Clock, log: FilteringBoundLogger, metrics: Metrics) -> None:
        self.store, self.clock, self.log, self.metrics = store, clock, log, metrics
        self.minute, self.in_minute = clock.monotonic(), 0

    async def put(self, fact: Fact, error: Exception) -> None:
        """Never raises: going on is more important than keeping what went wrong."""
        self.metrics.quarantined.inc()
        if not self.has_room():
            return
        kind = type(fact).__name__
        self.log.error("fact quarantined", kind=kind, fact=repr(fact)[:SHOWN_CHARS_MAX], exc_info=error)
        trace = "".join(traceback.format_exception(error))
        try:
            await self.store.quarantine(fact, self.clock.now(), f"{type(error).__name__}: {error}", trace)
        except Exception as trouble:  # noqa: BLE001 - the log has it
            self.log.error("fact not kept", kind=kind, why=str(trouble))

    def has_room(self) -> bool:
        now = self.clock.monotonic()
        if now - self.minute >= MINUTE:
            self.minute, self.in_minute = now, 0
        self.in_minute += 1
        return self.in_minute <= A_MINUTE_MAX
