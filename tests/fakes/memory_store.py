"""A store in memory that speaks like the real one, and has bad days on demand."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from monitord.core.check import Instant
from monitord.core.facts import Fact
from monitord.core.world import Configuration, World
from monitord.store.batch import Batch
from monitord.store.measurements import Measurement


@dataclass
class MemoryStore:
    """Keeps what it is given; `weather` is asked before every commit and may raise."""

    weather: Callable[[Batch], None] = lambda batch: None
    batches: list[Batch] = field(default_factory=list)
    aside: list[tuple[Fact, str]] = field(default_factory=list)
    measured: list[Measurement] = field(default_factory=list)
    old_rows: int = 0

    async def commit(self, batch: Batch) -> int:
        self.weather(batch)
        if batch.entries:
            self.batches.append(batch)
        return sum(len(each.entries) for each in self.batches)

    async def quarantine(self, fact: Fact, at: Instant, error: str, trace: str) -> None:
        self.aside.append((fact, error))

    async def measure(self, rows: list[Measurement]) -> None:
        self.measured.extend(rows)

    async def rename_measured(self, before: str, now: str, most: int) -> int:
        old = [each for each in self.measured if each.probe == before][:most]
        self.measured = [replace(each, probe=now) if each in old else each for each in self.measured]
        return len(old)

    async def forget_before(self, *, measurements: Instant, journal: Instant, deliveries: Instant) -> int:
        portion = min(self.old_rows, 2000)
        self.old_rows -= portion
        return portion

    @property
    def facts(self) -> list[Fact]:
        """Everything that was journaled, in order."""
        return [entry.fact for batch in self.batches for entry in batch.entries]

    def replayed(self, configuration: Configuration, empty: World) -> World:
        """The world that the journal's records make."""
        again = World(configuration, empty.installation)
        for batch in self.batches:
            for entry in batch.entries:
                again.apply(entry.records)
        return again
