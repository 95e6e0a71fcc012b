"""calendar: what is old is forgotten at night, in portions."""

import asyncio
from datetime import UTC, datetime

from monitord.core.check import Instant
from monitord.engine.calendar import RETENTION, Calendar
from monitord.store.faults import StoreFull
from tests.fakes.memory_store import MemoryStore
from tests.fakes.shop import Shop


def calendar(shop: Shop, zone: str = "America/Chicago") -> Calendar:
    return Calendar(shop.store, shop.clock, shop.log, zone)


async def test_the_night_is_the_organisations() -> None:
    job = calendar(Shop()).scheduler.get_job(RETENTION)
    winter = datetime(2026, 1, 5, 12, tzinfo=UTC)

    assert datetime(2026, 1, 6, 9, 17, tzinfo=UTC) == job.trigger.get_next_fire_time(None, winter)


async def test_the_calendar_runs_until_it_is_cancelled() -> None:
    nights = calendar(Shop())
    async with asyncio.TaskGroup() as group:
        task = group.create_task(nights.run())
        await asyncio.sleep(0)
        assert nights.scheduler.running
        task.cancel()

    await asyncio.sleep(0)
    assert not nights.scheduler.running


async def test_what_is_old_goes_in_portions() -> None:
    shop = Shop(store=MemoryStore(old_rows=4500))
    async with asyncio.TaskGroup() as group:
        forgetting = group.create_task(calendar(shop).forget())
        await shop.minutes(1)

    assert 4500 == forgetting.result()
    assert [4500] == [line["rows"] for line in shop.told("forgot what is old")]


async def test_a_store_that_cannot_is_tried_again_the_next_night() -> None:
    class Full(MemoryStore):
        async def forget_before(self, *, measurements: Instant, journal: Instant, deliveries: Instant) -> int:
            raise StoreFull("no room to make room")

    shop = Shop(store=Full())

    assert 0 == await calendar(shop).forget()
    assert 1 == len(shop.told("not everything old was forgotten"))
