"""Room on the store's disk: warned of early, and noticed again when it is back.

Theory of operation. Every second one system call asks how much room there is. What is short is told while
there is still time; what is gone is told with the room that the store has kept for itself (store/ballast.py),
which is filled up again as soon as it fits, without a restart.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.engine.clock import Clock
from monitord.engine.metrics import Metrics
from monitord.store.faults import StoreError

LOOK_EVERY = 1.0  # seconds
ALARM, TITLE = "disk", "The store's disk is full, or soon will be"
LEAST, MOST = 16 * 1024 * 1024, 1024 * 1024 * 1024  # bytes below which somebody is told
OF_A_LARGE, OF_A_SMALL = 20, 4  # one part in so many: of a disk; of one so small that LEAST is much of it
ENOUGH = 1.25  # times as much, until it is over
MIB = 1024 * 1024


class Loaded(Protocol):
    """The store, as far as its room goes."""

    @property
    def full(self) -> bool: ...
    async def keep_room(self) -> None: ...


class Alarming(Protocol):
    def hold(self, name: str, title: str, wrong: str) -> None: ...


class Room:
    """Looks at the folder's file system."""

    def __init__(
        self,
        folder: Path,
        store: Loaded,
        alarms: Alarming,
        clock: Clock,
        log: FilteringBoundLogger,
        metrics: Metrics,
    ) -> None:
        self.folder, self.store, self.alarms = folder, store, alarms
        self.clock, self.log, self.metrics = clock, log, metrics
        self.limit = threshold
        self.short = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await self.clock.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Once."""
        found = os.statvfs(self.folder)
        free, limit = found.f_bavail * found.f_frsize, self.limit(found.f_blocks * found.f_frsize)
        self.metrics.disk_free.set(free)
        await self.keep(free)
        self.short = free < limit * (ENOUGH if self.short else 1)
        self.alarms.hold(ALARM, TITLE, self.wrong(limit))

    async def keep(self, free: int) -> None:
        """What the store has for itself; said when it is enough again. What fails is told where it is tried:
        at a commit.
        """
        was = self.store.full
        with suppress(StoreError):
            await self.store.keep_room()
        if was and not self.store.full:
            self.log.warning("ballast is back", free=free)

    def wrong(self, limit: int) -> str:
        """The same words as long as it is the same, so that nobody is told twice."""
        if self.store.full:
            return (
                f"{self.folder} is full. The room that is left belongs to pages; what integrations send is "
                "refused (they come again), and measurements are left out. Make room: it goes on by itself"
            )
        return f"{self.folder} has less than {limit // MIB} MB left; make room" if self.short else ""


def threshold(total: int) -> int:
    """Below how many free bytes somebody is told, on a file system of that size."""
    return min(total // OF_A_SMALL, max(LEAST, min(MOST, total // OF_A_LARGE)))
