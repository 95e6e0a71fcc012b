"""The calendar: what happens once a day and wakes nobody, such as forgetting what is old.

APScheduler runs it, with its jobs in memory: a job that is missed while we are down is simply next night's.
Nothing that pages stands here; those deadlines are the world's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from apscheduler.jobstores.memory import MemoryJobStore  # type: ignore[import-untyped]
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]
from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant
from monitord.engine.clock import Clock
from monitord.engine.garbage import look_through_at_night
from monitord.store.faults import StoreError

NIGHT = time(3, 17)  # in the organisation's zone
BREATH = 0.05  # seconds between two portions, so that a page's commit never waits for a long one
RETENTION, GARBAGE = "retention", "garbage"

Job = Callable[[], Awaitable[object]]


class Forgetting(Protocol):
    """What the store can forget; the number of rows that went, 0 when there is nothing left."""

    async def forget_before(self, *, measurements: Instant, journal: Instant, deliveries: Instant) -> int: ...


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what is kept."""

    measurements: timedelta = timedelta(days=90)
    journal: timedelta = timedelta(days=365)
    deliveries: timedelta = timedelta(days=365)


class Calendar:
    """Runs its jobs in `zone`'s nights until cancelled."""

    def __init__(
        self, store: Forgetting, clock: Clock, log: FilteringBoundLogger, zone: str, keep: Keep | None = None
    ) -> None:
        self.store, self.clock, self.log, self.keep = store, clock, log, keep or Keep()
        self.scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self.jobs: tuple[tuple[str, Job], ...] = (
            (RETENTION, self.forget),
            (GARBAGE, look_through_at_night),
        )
        self.at: dict[str, time] = {}
        self.accept(zone)

    def add(self, name: str, job: Job, at: time = NIGHT) -> None:
        """Every night, or at another time of the day, from now on."""
        self.jobs, self.at[name] = (*self.jobs, (name, job)), at
        self.nightly(name, job, self.zone, at)

    def nightly(self, name: str, job: Job, zone: str, at: time = NIGHT) -> None:
        """Every night at that time; instead of what was said under that name before."""
        self.forgo(name)
        trigger = CronTrigger(hour=at.hour, minute=at.minute, timezone=ZoneInfo(zone))
        self.scheduler.add_job(job, trigger, id=name)

    def forgo(self, name: str) -> None:
        """No longer."""
        if self.scheduler.get_job(name) is not None:
            self.scheduler.remove_job(name)

    def accept(self, zone: str) -> None:
        """From now on, nights are that zone's."""
        self.zone = zone
        for name, job in self.jobs:
            self.nightly(name, job, zone, self.at.get(name, NIGHT))

    async def run(self) -> None:
        self.scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            self.scheduler.shutdown(wait=False)

    async def forget(self) -> int:
        """Delete what is older than it is kept, in portions; how many rows went."""
        now, gone = self.clock.now(), 0
        try:
            while portion := await self.store.forget_before(
                measurements=now - self.keep.measurements,
                journal=now - self.keep.journal,
                deliveries=now - self.keep.deliveries,
            ):
                gone += portion
                await self.clock.sleep(BREATH)
        except StoreError as error:
            self.log.warning("not everything old was forgotten", why=str(error))
        self.log.info("forgot what is old", rows=gone)
        return gone
