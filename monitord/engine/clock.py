"""What time it is, and waiting; the only file of monitord that reads the machine's clock.

Theory of operation. There are two clocks. `now` is what people mean by the time; it may be set, forwards and
back. `monotonic` counts seconds since whenever and cannot be set; it goes on while the machine sleeps, so
that a sleep is not mistaken for a set clock. Everything that waits, waits here: `call_later` is the one
primitive, and on the virtual clock it is a heap that only `advance` empties. So a test of a night takes no
time, and runs the same code as the night.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Protocol, TypeVar

from monitord.core.check import Instant

LOOK_AT_THE_WALL_EVERY = 1.0  # seconds; a wait for an instant must notice that the clock was set
NOT_A_SLEW = 1.0  # seconds; what the clock on the wall gains or loses by less is not called set
SETTLING_ROUNDS = 100  # how often a test lets the loop go round before time moves on

RUNNING_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


T = TypeVar("T")


class Timed(Protocol):
    """Something that will be called later, unless it is cancelled."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Everybody who needs the time is given one of these."""

    def now(self) -> Instant:
        """The time of day, in UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary beginning; never set."""

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timed:
        """Call once, after so many seconds."""

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[asyncio.Timeout]:
        """TimeoutError for whatever is still running inside after so many seconds."""

    async def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""

    async def sleep_until(self, instant: Instant) -> None:
        """Do nothing until then, however the clock is set meanwhile."""

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Until the event is set, but no longer than that; which of the two it was, the event knows."""


class DeadlinePassed(Exception):
    """There was no answer in time; unlike a TimeoutError it cannot come from within the work."""


async def within(clock: Clock, seconds: float, work: Awaitable[T]) -> T:
    """What `work` returns or raises; DeadlinePassed, and a cancelled `work`, after so many seconds."""
    scope: asyncio.Timeout | None = None
    try:
        async with clock.deadline(seconds) as scope:
            return await work
    except TimeoutError:
        if scope is not None and scope.expired():
            raise DeadlinePassed from None
        raise


class Wall:
    """Notices that the clock on the wall was set, by comparing it with the one that only runs."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.offset = self.measured()

    def measured(self) -> float:
        return self.clock.now().timestamp() - self.clock.monotonic()

    def set_by(self) -> timedelta:
        """How far it was set since the last time somebody asked; zero for what is only being slewed."""
        offset, before = self.measured(), self.offset
        self.offset = offset
        by = offset - before
        return timedelta(seconds=by) if abs(by) >= NOT_A_SLEW else timedelta(0)


class Waiting(ABC):
    """The ways to wait, made of the time and a deadline."""

    @abstractmethod
    def now(self) -> Instant: ...

    @abstractmethod
    def deadline(self, seconds: float) -> AbstractAsyncContextManager[asyncio.Timeout]: ...

    async def sleep(self, seconds: float) -> None:
        await self.wait(asyncio.Event(), seconds)

    async def sleep_until(self, instant: Instant) -> None:
        while (left := (instant - self.now()).total_seconds()) > 0:
            await self.sleep(min(left, LOOK_AT_THE_WALL_EVERY))

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with self.deadline(seconds):
                await event.wait()


def monotonic_microseconds() -> int:
    """CLOCK_MONOTONIC in whole microseconds: the clock that systemd goes by (sd_notify(3))."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


class RealClock(Waiting):
    """The machine's clock."""

    def now(self) -> Instant:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.clock_gettime(RUNNING_CLOCK)

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timed:
        return asyncio.get_running_loop().call_later(seconds, call)

    def deadline(self, seconds: float) -> asyncio.Timeout:
        return asyncio.timeout(seconds)


class VirtualClock(Waiting):
    """A clock for tests: time passes only in `advance`; `set_by` is somebody setting the wall clock."""

    def __init__(self, start: Instant) -> None:
        self.start = start
        self.passed = 0.0
        self.shifted = timedelta(0)
        self.rings: list[tuple[float, int, VirtualRing]] = []
        self.order = count()

    def now(self) -> Instant:
        return self.start + self.shifted + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timed:
        ring = VirtualRing(call)
        heappush(self.rings, (self.passed + max(seconds, 0.0), next(self.order), ring))
        return ring

    @asynccontextmanager
    async def deadline(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as scope:
            ring = self.call_later(seconds, lambda: scope.reschedule(loop.time()))
            try:
                yield scope
            finally:
                ring.cancel()

    def set_by(self, by: timedelta) -> None:
        self.shifted += by

    async def advance(self, by: timedelta) -> None:
        """Let time pass: everything that is due rings in its order, and the loop settles after each."""
        until = self.passed + by.total_seconds()
        await settle()
        while self.rings and self.rings[0][0] <= until:
            at, _, ring = heappop(self.rings)
            if ring.call is None:
                continue
            self.passed = max(self.passed, at)
            ring.call()
            await settle()
        self.passed = until


class VirtualRing:
    """One call that waits on the virtual clock."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        self.call = None


async def settle() -> None:
    """Let everything that can run without time passing, run."""
    for _ in range(SETTLING_ROUNDS):
        await asyncio.sleep(0)
