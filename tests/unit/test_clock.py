"""clock: waiting, in real time and in a test's."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from monitord.engine.clock import DeadlinePassed, RealClock, VirtualClock, Wall, within

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_the_real_clock_tells_the_machines_time_in_utc() -> None:
    with time_machine.travel(START, tick=False):
        assert START == RealClock().now()


def test_the_running_clock_only_runs() -> None:
    clock = RealClock()

    assert clock.monotonic() <= clock.monotonic()


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock, woken = VirtualClock(START), list[str]()

    async def sleeper(name: str, until: float) -> None:
        await clock.sleep(until)
        woken.append(f"{name} {clock.monotonic():g}")

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("late", 5))
        group.create_task(sleeper("early", 1))
        group.create_task(sleeper("not yet", 11))
        await clock.advance(seconds(10))

        assert ["early 1", "late 5"] == woken
        await clock.advance(seconds(1))


async def test_who_sleeps_again_is_woken_within_the_same_stretch_of_time() -> None:
    clock, woken = VirtualClock(START), list[datetime]()

    async def every_second() -> None:
        while True:
            await clock.sleep(1)
            woken.append(clock.now())

    async with asyncio.TaskGroup() as group:
        task = group.create_task(every_second())
        await clock.advance(seconds(3))
        task.cancel()

    assert [START + seconds(n) for n in (1, 2, 3)] == woken


async def test_a_wait_ends_with_its_event_or_its_time() -> None:
    clock, event = VirtualClock(START), asyncio.Event()

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(clock.wait(event, 10))
        await clock.advance(seconds(9))
        assert not waiting.done()
        event.set()
        await clock.advance(seconds(0))
        assert waiting.done()

        event.clear()
        waiting = group.create_task(clock.wait(event, 10))
        await clock.advance(seconds(10))
        assert waiting.done()


async def test_who_sleeps_until_an_instant_notices_that_the_clock_was_set() -> None:
    clock = VirtualClock(START)

    async with asyncio.TaskGroup() as group:
        sleeping = group.create_task(clock.sleep_until(START + seconds(3600)))
        await clock.advance(seconds(10))
        clock.set_by(seconds(3600))
        await clock.advance(seconds(1))

        assert sleeping.done()


async def test_work_that_takes_too_long_is_cancelled() -> None:
    clock, ended = VirtualClock(START), list[str]()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def impatient() -> None:
        with pytest.raises(DeadlinePassed):
            await within(clock, 5, work())

    async with asyncio.TaskGroup() as group:
        group.create_task(impatient())
        await clock.advance(seconds(5))

    assert ["cancelled"] == ended


async def test_a_timeout_of_the_work_itself_is_not_taken_for_the_deadline() -> None:
    async def work() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await within(VirtualClock(START), 5, work())


async def test_work_in_time_returns_what_it_returns() -> None:
    async def work() -> int:
        return 7

    assert 7 == await within(RealClock(), 5, work())


def test_only_a_set_clock_is_called_set() -> None:
    clock = VirtualClock(START)
    wall = Wall(clock)

    assert timedelta(0) == wall.set_by()
    clock.set_by(seconds(0.9))
    assert timedelta(0) == wall.set_by()
    clock.set_by(seconds(-3600))
    assert seconds(-3600) == wall.set_by()
    assert timedelta(0) == wall.set_by()
