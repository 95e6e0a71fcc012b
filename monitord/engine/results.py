"""What an agent finds goes two ways: as a fact to the engine, and as a measurement into the store.

Theory of operation. Deciding comes first and never waits for measuring: measurements are written about once a
second in batches, beside the decisions, and are dropped (and counted) when the store cannot keep up. It also
passes back to the agent what the core would like to know at once: how a probe is whose child has failed.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Phases, ProbeId
from monitord.core.facts import Record
from monitord.core.verdict import Judged, Reason
from monitord.engine.agent import Agent, Observation
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine
from monitord.engine.metrics import Metrics
from monitord.store.faults import StoreError
from monitord.store.measurements import Measurement

ROWS_AT_ONCE = 500
ROWS_WAITING_MAX = 50_000
RENAMED_AT_ONCE = 5_000
WRITE_EVERY = 1.0  # seconds
NO_PHASES = Phases()


class Measuring(Protocol):
    """Where measurements are stored."""

    async def measure(self, rows: list[Measurement]) -> None: ...

    async def rename_measured(self, before: ProbeId, now: ProbeId, most: int) -> int: ...


class Results:
    """Stands between an agent and the engine."""

    def __init__(
        self,
        agent: Agent,
        engine: Engine,
        store: Measuring,
        clock: Clock,
        log: FilteringBoundLogger,
        metrics: Metrics,
    ) -> None:
        self.agent, self.engine, self.store = agent, engine, store
        self.clock, self.log, self.metrics = clock, log, metrics
        self.waiting: deque[Measurement] = deque()
        self.enough = asyncio.Event()
        self.failing = False
        self.renamed: Mapping[ProbeId, ProbeId] = {}
        engine.listen(self.hear)

    async def run(self) -> None:
        """Check, decide and measure until cancelled; what was measured until then is written."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.agent.run(self.take))
                group.create_task(self.write_for_ever())
        finally:
            await self.write()

    def take(self, observations: Sequence[Observation]) -> None:
        """An agent's report; never blocks."""
        for observation in observations:
            self.engine.observe(observation)
            self.waiting.append(measurement(observation))
        while len(self.waiting) > ROWS_WAITING_MAX:
            self.waiting.popleft()
            self.metrics.dropped.inc()
        if len(self.waiting) >= ROWS_AT_ONCE:
            self.enough.set()

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        """A child has failed, and its parents' next word decides who is at fault: ask them now."""
        for event in events:
            if isinstance(event, Judged) and event.verdict.reason is Reason.DEPENDENCY_SUSPECT:
                self.agent.hurry(event.verdict.waits_on)

    async def write_for_ever(self) -> None:
        while True:
            await self.clock.wait(self.enough, WRITE_EVERY)
            self.enough.clear()
            await self.write()
            await self.rename()

    async def rename(self) -> None:
        """What was measured under the old id of a probe is found under the one of now; asked for at each
        start and with each new `renamed_from`, a slice at a time. What could not be renamed is tried again.
        """
        probes = self.engine.world.configuration.probes
        renamed = {
            old: id for id, probe in probes.items() if (old := probe.renamed_from) and old not in probes
        }
        if renamed == self.renamed or self.waiting:
            return
        try:
            for before, now in renamed.items():
                while await self.store.rename_measured(before, now, RENAMED_AT_ONCE):
                    pass
        except StoreError as error:
            self.fell_ill(error)
            return
        self.renamed = renamed

    async def write(self) -> None:
        """Everything that waits, in batches; what could not be written is tried again with the next ones."""
        while self.waiting:
            rows = [self.waiting.popleft() for _ in range(min(ROWS_AT_ONCE, len(self.waiting)))]
            try:
                await self.store.measure(rows)
            except StoreError as error:
                self.waiting.extendleft(reversed(rows))
                self.fell_ill(error)
                return
            self.failing = False

    def fell_ill(self, error: StoreError) -> None:
        if not self.failing:
            self.log.warning("measurements not written", why=str(error))
        self.failing = True


def measurement(observation: Observation) -> Measurement:
    result = observation.result
    phases = observation.phases or NO_PHASES
    return Measurement(result.probe, result.at, result.outcome, result.took, phases, result.summary)
