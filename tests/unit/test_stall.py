"""A loop that stands still is noticed while it does, with what it is stuck in."""

import asyncio
import threading

from monitord.engine.clock import RealClock
from monitord.engine.stall import StallWatch, stack_of
from tests.fakes.daemon import until
from tests.fakes.patience import WITHIN
from tests.fakes.shop import logbook

PATIENCE = 0.05


async def test_the_log_shows_what_the_loop_is_stuck_in() -> None:
    log, lines = logbook()
    watch = StallWatch(RealClock(), log, patience=PATIENCE)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch.run())
        await asyncio.sleep(0)
        stuck_until(lambda: any(line["event"] == "event loop stalled" for line in lines))
        await until(lambda: lines[-1]["event"] == "event loop goes on")
        watching.cancel()

    stalled = next(line for line in lines if line["event"] == "event loop stalled")
    assert "stuck_until" in stalled["stack"]
    assert stalled["seconds"] >= PATIENCE / 2


def stuck_until(happened: object) -> None:
    """Keeps the loop from going round; only the thread beside it can end this."""
    begun = RealClock().monotonic()
    while not happened() and RealClock().monotonic() - begun < WITHIN:  # type: ignore[operator]
        threading.Event().wait(0.005)


def test_a_process_that_was_stopped_blames_no_line_of_code() -> None:
    log, lines = logbook()
    watch = StallWatch(RealClock(), log)
    watch.look(threading.get_ident())

    assert ["process stood still"] == [line["event"] for line in lines]


def test_a_thread_that_is_gone_has_no_stack() -> None:
    assert "(the thread has ended)" == stack_of(-1)
