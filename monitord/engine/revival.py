"""Revival: a part without which people are still paged begins anew when it fails.

One failure may be a moment's trouble: the log has it. From the second in a row on it is an alarm, which ends
when the part has worked for as long as the longest pause; then it begins with the shortest pause again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from monitord.engine.alarms import Alarms
from monitord.engine.clock import Clock
from monitord.engine.quarantine import one_line

RESTART_AFTER = (1.0, 5.0, 30.0, 60.0)  # seconds; the last one again and again
WORKS_AFTER = RESTART_AFTER[-1]
TOLD_FROM = 2  # failures in a row
TOLD_CHARS_MAX = 200


@dataclass(slots=True)
class Revived:
    """One part, kept alive; `failures` are those in a row."""

    name: str
    job: Callable[[], Awaitable[None]]
    alarms: Alarms
    clock: Clock
    log: FilteringBoundLogger
    failures: int = 0

    async def run(self) -> None:
        """Until the part has done its work, or is cancelled."""
        while True:
            well = self.clock.call_later(WORKS_AFTER, self.works)
            try:
                await self.job()
            except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                pause = self.failed(error)
            else:
                self.works()
                return
            finally:
                well.cancel()
            await self.clock.sleep(pause)

    def works(self) -> None:
        """Also what the process before has told is over."""
        self.failures = 0
        self.alarms.clear(self.alarm)

    def failed(self, error: Exception) -> float:
        """Tell it; how long to wait before it begins anew."""
        pause = RESTART_AFTER[min(self.failures, len(RESTART_AFTER) - 1)]
        self.failures += 1
        self.log.error("part failed", part=self.name, again_in=pause, exc_info=error)
        if self.failures >= TOLD_FROM:
            said = one_line(f"{type(error).__name__}: {error}", TOLD_CHARS_MAX)
            why = f"{said}; it is begun anew each time, and everything else goes on"
            self.alarms.raise_(self.alarm, f"monitord's {self.name} fails again and again", why)
        return pause

    @property
    def alarm(self) -> str:
        return f"part/{self.name}"
