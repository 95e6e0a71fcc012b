"""Backups: one at a time, whenever somebody asks, and every night if the tree says so.

A night that fails is an alarm, and is over with the next backup that succeeds. A night that was missed,
because nobody was running, is made up for soon after the start.
"""

from datetime import timedelta
from pathlib import Path
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.config.settings import Backup as Plan
from monitord.config.settings import Settings
from monitord.core.check import Instant
from monitord.engine.calendar import Calendar
from monitord.engine.clock import Clock
from monitord.engine.metrics import Metrics
from monitord.store.backup import Backup
from monitord.store.faults import BackupFailed, StoreError

ALARM, TITLE = "backup", "The store was not backed up"
A_NIGHT = timedelta(hours=26)  # no backup is older than that, also after a night that had an hour more
FIRST_LOOK = 120.0  # seconds after the start


class Copying(Protocol):
    """The store, as far as it is copied."""

    async def back_up(self, to: Path, now: Instant) -> Backup: ...
    async def backups(self, folder: Path) -> list[Backup]: ...
    async def forget_backups(self, folder: Path, keep: int) -> list[Path]: ...


class Alarming(Protocol):
    """Who is told of what is wrong with monitord itself."""

    def hold(self, name: str, title: str, wrong: str) -> None: ...


class Backups:
    """Makes them; `plan` is what the tree says of every night."""

    def __init__(
        self, store: Copying, clock: Clock, log: FilteringBoundLogger, metrics: Metrics, alarms: Alarming
    ) -> None:
        self.store, self.clock, self.log, self.metrics, self.alarms = store, clock, log, metrics, alarms
        self.plan: Plan | None = None
        self.busy = False

    def accept(self, settings: Settings, calendar: Calendar) -> None:
        """From now on, every night at that time of that zone, or none."""
        self.plan = settings.backup
        if self.plan is None:
            calendar.forgo(ALARM)
            self.alarms.hold(ALARM, TITLE, "")
        else:
            calendar.nightly(ALARM, self.nightly, settings.time_zone, self.plan.at)

    async def make(self, to: Path) -> Backup:
        """A new archive: in that folder, or of that name. Raises BackupFailed."""
        if self.busy:
            raise BackupFailed("a backup is being made already; wait for it, and try again")
        self.busy = True
        try:
            made = await self.store.back_up(to, self.clock.now())
        finally:
            self.busy = False
        lacking = made.manifest.lacking if made.manifest else ""
        self.log.info("backup made", path=str(made.path), bytes=made.bytes, lacking=lacking)
        return made

    async def nightly(self) -> None:
        """One more, and the oldest go; whatever keeps us from it is told."""
        plan = self.plan
        if plan is None:
            return
        try:
            plan.to.mkdir(mode=0o700, parents=True, exist_ok=True)
            await self.make(plan.to)
            await self.store.forget_backups(plan.to, plan.keep)
        except (StoreError, OSError) as error:
            self.metrics.backups_failed.inc()
            self.log.error("backup failed", why=str(error))
            self.alarms.hold(ALARM, TITLE, str(error))
            return
        self.metrics.backup_made.set(self.clock.now().timestamp())
        self.alarms.hold(ALARM, TITLE, "")

    async def catch_up(self) -> None:
        """Make up for a night in which nobody was running."""
        await self.clock.sleep(FIRST_LOOK)
        if self.plan is None:
            return
        newest = await self.newest(self.plan.to)
        if newest is not None:
            self.metrics.backup_made.set(newest.timestamp())
        if newest is None or self.clock.now() - newest > A_NIGHT:
            await self.nightly()

    async def newest(self, folder: Path) -> Instant | None:
        """When the newest that can be used was made."""
        try:
            found = await self.store.backups(folder)
        except StoreError:
            return None
        return next((each.manifest.created for each in found if each.manifest), None)
