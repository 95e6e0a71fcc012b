"""Backups as the daemon makes them: every night, one at a time, and never silently not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from monitord.config.settings import Backup as Plan
from monitord.core.check import Instant
from monitord.engine.backups import ALARM, Backups
from monitord.engine.calendar import Calendar
from monitord.store.archive import Manifest
from monitord.store.backup import Backup
from monitord.store.faults import BackupFailed
from tests.fakes.shop import MORNING, SETTINGS, Shop


@dataclass
class Copier:
    """A store that can be copied, slowly or not at all."""

    made: list[Backup] = field(default_factory=list)
    trouble: str = ""
    slow: asyncio.Event | None = None
    kept: int = 0

    async def back_up(self, to: Path, now: Instant) -> Backup:
        if self.slow:
            await self.slow.wait()
        if self.trouble:
            raise BackupFailed(self.trouble)
        self.made.insert(0, Backup(to / f"{now:%H%M}", 1, Manifest(1, "0", now, "e1", 0, "r1")))
        return self.made[0]

    async def backups(self, folder: Path) -> list[Backup]:
        return self.made

    async def forget_backups(self, folder: Path, keep: int) -> list[Path]:
        self.kept = keep
        return []


@dataclass
class Board:
    """What is wrong, by name."""

    wrong: dict[str, str] = field(default_factory=dict)

    def hold(self, name: str, title: str, wrong: str) -> None:
        self.wrong[name] = wrong


@dataclass
class Stage:
    shop: Shop
    store: Copier
    board: Board
    backups: Backups
    calendar: Calendar


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    shop, store, board = Shop(), Copier(), Board()
    backups = Backups(store, shop.clock, shop.log, shop.metrics, board)
    calendar = Calendar(shop.store, shop.clock, shop.log, "America/Chicago")
    plan = Plan(tmp_path / "nights", 14, time(3, 30))
    backups.accept(replace(SETTINGS, time_zone="America/Chicago", backup=plan), calendar)
    return Stage(shop, store, board, backups, calendar)


@contextmanager
def slow(store: Copier) -> Iterator[asyncio.Event]:
    store.slow = asyncio.Event()
    yield store.slow
    store.slow.set()


def test_the_time_is_the_organisations(stage: Stage) -> None:
    trigger = stage.calendar.scheduler.get_job(ALARM).trigger
    winter = datetime(2026, 1, 5, 12, tzinfo=UTC)

    assert datetime(2026, 1, 6, 9, 30, tzinfo=UTC) == trigger.get_next_fire_time(None, winter)


def test_without_a_plan_there_are_no_nights(stage: Stage) -> None:
    stage.backups.accept(SETTINGS, stage.calendar)
    stage.backups.accept(SETTINGS, stage.calendar)

    assert stage.calendar.scheduler.get_job(ALARM) is None


async def test_a_night_makes_one_and_keeps_so_many(stage: Stage) -> None:
    await stage.backups.nightly()

    assert (1, 14) == (len(stage.store.made), stage.store.kept)
    assert b"monitord_backup_latest_timestamp_seconds 1.7" in stage.shop.metrics.text()
    assert "" == stage.board.wrong[ALARM]


async def test_a_night_that_fails_is_an_alarm_until_one_succeeds(stage: Stage) -> None:
    stage.store.trouble = "no room"
    await stage.backups.nightly()
    assert "no room" == stage.board.wrong[ALARM]
    assert b"monitord_backups_failed_total 1.0" in stage.shop.metrics.text()

    stage.store.trouble = ""
    await stage.backups.nightly()
    assert "" == stage.board.wrong[ALARM]


async def test_one_at_a_time(stage: Stage, tmp_path: Path) -> None:
    with slow(stage.store) as go:
        async with asyncio.TaskGroup() as group:
            group.create_task(stage.backups.make(tmp_path))
            await asyncio.sleep(0)
            with pytest.raises(BackupFailed, match="being made already"):
                await stage.backups.make(tmp_path)
            go.set()


@pytest.mark.parametrize(("hours", "expected"), [(None, 1), (1, 0), (25, 0), (27, 1), (400, 1)])
async def test_a_missed_night_is_made_up_for(stage: Stage, hours: int | None, expected: int) -> None:
    if hours is not None:
        old = MORNING.timestamp() - hours * 3600
        made = Manifest(1, "0", datetime.fromtimestamp(old, UTC), "e1", 0, "r1")
        stage.store.made = [Backup(Path("old"), 1, made)]
    before = len(stage.store.made)
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.backups.catch_up())
        await stage.shop.minutes(3)

    assert expected == len(stage.store.made) - before
