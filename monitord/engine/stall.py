"""A loop that stands still: noticed after a second by a thread beside it, which logs what it is stuck in.

Theory of operation. The loop writes down the time four times a second; a thread looks at it. The log line
holds the stack of the loop's thread, taken while it is stuck, which no later look can show. A thread that
comes late itself saw the whole process stopped (SIGSTOP, a suspended machine): that is said differently,
because no line of code is to blame. Should the loop never move again, systemd's watchdog ends the process
with SIGABRT, and faulthandler writes all stacks once more.
"""

import sys
import threading
import traceback
from dataclasses import dataclass, field

from structlog.typing import FilteringBoundLogger

from monitord.engine.clock import Clock

BEAT = 0.25  # seconds between two signs of life
PATIENCE = 1.0  # seconds without one
CALLS_MAX = 20
STACK_CHARS_MAX = 8000


@dataclass(slots=True)
class StallWatch:
    """Watches the loop that `run` runs in."""

    clock: Clock
    log: FilteringBoundLogger
    patience: float = PATIENCE
    beaten: float = 0.0
    looked: float = 0.0
    stalled: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    async def run(self) -> None:
        """Until cancelled."""
        self.beaten = self.looked = self.clock.monotonic()
        self.over.clear()
        threading.Thread(
            target=self.look_on, args=(threading.get_ident(),), name="stall watch", daemon=True
        ).start()
        try:
            while True:
                self.beaten = self.clock.monotonic()
                await self.clock.sleep(min(BEAT, self.patience / 4))
        finally:
            self.over.set()

    def look_on(self, watched: int) -> None:
        """The thread: until the loop is done."""
        while not self.over.wait(min(BEAT, self.patience / 4)):
            self.look(watched)

    def look(self, watched: int) -> None:
        now = self.clock.monotonic()
        before, self.looked = self.looked, now
        still = now - self.beaten
        if now - before > self.patience:
            self.log.warning("process stood still", seconds=round(now - before, 1))
            self.beaten = now
        elif still > self.patience and not self.stalled:
            self.stalled = True
            self.log.error("event loop stalled", seconds=round(still, 1), stack=stack_of(watched))
        elif still <= self.patience and self.stalled:
            self.stalled = False
            self.log.warning("event loop goes on")


def stack_of(thread: int) -> str:
    """What a thread is doing right now: its innermost calls, the innermost last."""
    frame = sys._current_frames().get(thread)
    if frame is None:
        return "(the thread has ended)"
    return "".join(traceback.format_stack(frame, limit=CALLS_MAX))[-STACK_CHARS_MAX:]
