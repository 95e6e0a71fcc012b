"""The quarantine: facts that could not be decided or written, kept for whoever mends the bug."""

import traceback
from collections.abc import Callable
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant
from monitord.core.facts import Fact
from monitord.engine.clock import Clock
from monitord.engine.metrics import Metrics

A_MINUTE_MAX = 100  # a bug that meets every check must not fill the disk
MINUTE = 60.0
SAME_AGAIN = 3600.0  # seconds until the same fact with the same error is kept once more
KEPT_MAX = 10_000
SHOWN_CHARS_MAX = 500
TOLD_CHARS_MAX = 200


class Shelf(Protocol):
    """Where they are kept."""

    async def quarantine(self, fact: Fact, at: Instant, error: str, trace: str) -> None: ...


class Quarantine:
    """Puts facts aside: with their traceback into the store, with a line into the log, and counted."""

    def __init__(self, store: Shelf, clock: Clock, log: FilteringBoundLogger, metrics: Metrics) -> None:
        self.store, self.clock, self.log, self.metrics = store, clock, log, metrics
        self.minute, self.in_minute = clock.monotonic(), 0
        self.begun, self.latest_at = clock.monotonic(), clock.monotonic()
        self.count, self.latest = 0, ""
        self.tell: Callable[[Fact, Quarantine], None] = nobody
        self.kept: dict[tuple[str, str], float] = {}  # when the same was kept last

    @property
    def title(self) -> str:
        return "monitord could not decide about something"

    async def put(self, fact: Fact, error: Exception) -> None:
        """Never raises: going on is more important than keeping what went wrong."""
        self.metrics.quarantined.inc()
        self.remember(fact, error)
        if self.is_kept(fact, error) or not self.has_room():
            return
        kind = type(fact).__name__
        self.log.error("fact quarantined", kind=kind, fact=repr(fact)[:SHOWN_CHARS_MAX], exc_info=error)
        trace = "".join(traceback.format_exception(error))
        try:
            await self.store.quarantine(fact, self.clock.now(), f"{type(error).__name__}: {error}", trace)
        except Exception as trouble:  # noqa: BLE001 - the log has it
            self.log.error("fact not kept", kind=kind, why=str(trouble))

    def remember(self, fact: Fact, error: Exception) -> None:
        """In words for people; whoever tells them must not fail because of it."""
        self.count, self.latest_at = self.count + 1, self.clock.monotonic()
        least = 1 << (self.count.bit_length() - 1)  # so that a steady trickle is not news each time
        number = f"at least {least} facts so far, the last one" if least > 1 else "one fact"
        said = one_line(f"{type(error).__name__}: {error}", TOLD_CHARS_MAX)
        self.latest = (
            f"{number}: {one_line(repr(fact), TOLD_CHARS_MAX)}; {said}; "
            "it is kept in quarantine, everything else goes on; a restart tries what is due again"
        )
        self.tell(fact, self)

    def is_kept(self, fact: Fact, error: Exception) -> bool:
        """What is due is tried again every minute; once an hour is enough to keep of it."""
        now, same = self.clock.monotonic(), (repr(fact), type(error).__name__)
        if now - self.kept.get(same, -SAME_AGAIN) < SAME_AGAIN:
            return True
        if len(self.kept) >= KEPT_MAX:
            self.kept.clear()
        self.kept[same] = now
        return False

    def has_room(self) -> bool:
        now = self.clock.monotonic()
        if now - self.minute >= MINUTE:
            self.minute, self.in_minute = now, 0
        self.in_minute += 1
        return self.in_minute <= A_MINUTE_MAX


def one_line(text: str, most: int) -> str:
    """What can be shown of a text from anywhere."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def nobody(fact: Fact, quarantine: Quarantine) -> None:
    """Nobody listens before the alarms do."""
