"""The parts that are measured in one process: the real store, engine, timer and courier; the channel takes
every letter at once.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from monitord.core.check import CheckResult, Outcome, Phases, Probe
from monitord.core.command import OpenTicket
from monitord.core.organization import Priority
from monitord.core.world import Configuration
from monitord.engine.agent import Observation
from monitord.engine.clock import RealClock
from monitord.engine.courier import Courier
from monitord.engine.dispatch import Dispatch
from monitord.engine.engine import Engine
from monitord.engine.garbage import keep_aside
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.engine.timer import Timer
from monitord.kinds import Letter, Sent
from monitord.net import Net
from monitord.store.thread import StoreThread
from tests.fakes.shop import DOORS, SECRET, SETTINGS, PostOffice

QUIET = structlog.wrap_logger(None, [], wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


class Stopwatch(PostOffice):
    """A channel that remembers when each letter left."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[tuple[float, Letter]] = []

    async def send(self, options: object, letter: Letter, net: Net) -> Sent:
        self.left.append((time.perf_counter(), letter))
        await asyncio.sleep(0.002)
        return Sent("taken")


def probes(number: int, services: int = 0) -> list[Probe]:
    names = [f"p{each:05}" for each in range(number)]
    return [
        Probe(name, f"s{at % services}" if services else "shop", failures=1, kind="http")
        for at, name in enumerate(names)
    ]


@asynccontextmanager
async def running(folder: Path, told: Configuration) -> AsyncIterator[tuple[Engine, Stopwatch]]:
    """The real store, engine, timer and courier."""
    clock, post, net = RealClock(), Stopwatch(), Net()
    store = await StoreThread.start(folder, now=clock.now())
    world = await store.load(told)
    metrics = Metrics()
    engine = Engine(world, store, clock, term=await store.begin_term(), log=QUIET, metrics=metrics)
    dispatch = Dispatch({"email": post.way()}, Links(SECRET, DOORS), SETTINGS, net, clock, QUIET, metrics)
    jobs: list[Callable[[], Coroutine[Any, Any, None]]] = [
        engine.run,
        Timer(engine, clock).run,
        partial(keep_aside, clock),
        Courier(engine, dispatch, clock).run,
    ]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job()) for job in jobs]
            yield engine, post
            for task in tasks:
                task.cancel()
    finally:
        await store.stop()
        await net.close()


async def until(true: Callable[[], bool], within: float = 120) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.002)


def failed(engine: Engine, probe: Probe) -> Observation:
    found = CheckResult(probe.id, Outcome.CRITICAL, engine.clock.now(), "500 Internal Server Error")
    return Observation(found, Phases())


async def paged(engine: Engine, post: Stopwatch, number: int, service: str = "shop") -> float:
    """Milliseconds from the request to the page that leaves for it."""
    title, begun = f"page {number}", time.perf_counter()
    await engine.submit(OpenTicket(title, service, Priority.URGENT, "cem"))
    leaves: list[float] = []

    def left() -> bool:
        leaves[:] = [at for at, letter in post.left[-2000:] if letter.subject.startswith(f"{title} ")]
        return bool(leaves)

    await until(left)
    await asyncio.sleep(0.02)
    return (leaves[0] - begun) * 1000
