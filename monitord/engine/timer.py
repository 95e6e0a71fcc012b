"""The timer: whatever is due is submitted when its time has come, and the engine goes round every second."""

import asyncio
from collections.abc import Mapping
from functools import partial
from heapq import heappop, heappush
from itertools import count

from monitord.core.check import Instant
from monitord.core.facts import DUE_FACTS, Due
from monitord.core.flow import Decision
from monitord.core.heartbeat import PulseDue
from monitord.core.signal import SignalDue
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine, EngineBusy, Lane

ROUND = 1.0  # seconds
AGAIN = 60.0  # seconds until a due fact that changed nothing is submitted once more

# Who is judged by not having been heard of comes after everything that was heard before.
LANES: Mapping[type[Due], Lane] = {PulseDue: Lane.REPORTS, SignalDue: Lane.REPORTS}
OF_FACT = {fact: kind for kind, fact in DUE_FACTS.items()}


class Timer:
    """Submits due facts; the world hands each out once, so what came to nothing is remembered here."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock
        self.again: list[tuple[float, int, Due]] = []
        self.order = count()
        self.wake = asyncio.Event()
        self.looked_at = clock.monotonic()
        engine.listen(lambda records, events: self.wake.set())

    async def run(self) -> None:
        """Until cancelled."""
        self.looked_at = self.clock.monotonic()
        while True:
            self.wake.clear()
            self.notice_standstill()
            self.submit_due()
            self.engine.beat()
            await self.clock.wait(self.wake, self.pause())

    def notice_standstill(self) -> None:
        """Between two looks there is a second at most, unless we were stopped."""
        before, self.looked_at = self.looked_at, self.clock.monotonic()
        self.engine.stood_still(self.looked_at - before)

    def pause(self) -> float:
        """Until the next deadline, at most a second: the clock may be set, and the engine must go round."""
        following = self.engine.world.next_deadline()
        if following is None:
            return ROUND
        return min(max((following - self.clock.now()).total_seconds(), 0.0), ROUND)

    def submit_due(self) -> None:
        facts = self.engine.world.due(self.clock.now())
        while self.again and self.again[0][0] <= self.clock.monotonic():
            facts.append(heappop(self.again)[2])
        for fact in facts:
            self.submit(fact)

    def submit(self, fact: Due) -> None:
        """An engine that has too much waiting is asked again: the world hands nothing out twice."""
        try:
            answer = self.engine.post(fact, LANES.get(type(fact), Lane.URGENT))
        except EngineBusy:
            self.remember(fact, ROUND)
            return
        answer.add_done_callback(partial(self.look_after, fact))

    def look_after(self, fact: Due, answer: asyncio.Future[Decision]) -> None:
        """What was decided has armed itself anew; what came to nothing must not be forgotten."""
        if answer.cancelled():
            return
        if answer.exception() is None and answer.result().records:
            return
        due = self.still_due(fact)
        if due is None:
            return
        left = (due - self.clock.now()).total_seconds()
        self.remember(fact, left if left > 0 else AGAIN)

    def remember(self, fact: Due, seconds: float) -> None:
        heappush(self.again, (self.clock.monotonic() + seconds, next(self.order), fact))

    def still_due(self, fact: Due) -> Instant | None:
        """When the record that the fact is about wants to be looked at; None if it is gone or never."""
        (key,) = (getattr(fact, name) for name in fact.__slots__)
        record = self.engine.world.get(OF_FACT[type(fact)], key)
        due: Instant | None = getattr(record, "due", None)
        return due
