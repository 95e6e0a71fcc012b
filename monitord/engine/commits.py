"""Commits: try until the batch is stored, and tell a bad disk from a bad batch.

Theory of operation. A StoreError is weather: the same batch is tried again until it is stored, and whoever
submitted waits. Anything else is either the store in a state it has no word for, or something in the batch
that it cannot spell; an empty batch, which writes nothing but the ledger, tells which. A stale term is
neither: somebody else decides now, and this process must stop.
"""

from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.engine.clock import Clock
from monitord.engine.metrics import Metrics
from monitord.store.batch import Batch
from monitord.store.faults import StaleTerm, StoreAhead, StoreError

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between two attempts
WRITABLE_EVERY = 5.0  # seconds without a commit, after which the store is tried


class Ledger(Protocol):
    """Where batches are stored; a StoreError says that nothing was."""

    async def commit(self, batch: Batch) -> int: ...


class Unwritable(Exception):
    """This batch can never be stored, though others can."""


class Commits:
    """Stores batches; `healthy` says whether the last attempt succeeded."""

    def __init__(self, store: Ledger, clock: Clock, log: FilteringBoundLogger, metrics: Metrics) -> None:
        self.store, self.clock, self.log, self.metrics = store, clock, log, metrics
        self.healthy = True
        self.tried_at = clock.monotonic()

    async def commit(self, batch: Batch) -> None:
        """Return when it is durable; raises Unwritable, StaleTerm, StoreAhead."""
        pause = FIRST_PAUSE
        while not await self.stored(batch):
            await self.clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def stored(self, batch: Batch) -> bool:
        begun = self.tried_at = self.clock.monotonic()
        try:
            await self.store.commit(batch)
        except (StaleTerm, StoreAhead):
            raise
        except StoreError as error:
            self.fell_ill(error)
            return False
        except Exception as error:
            if batch.entries and await self.stored(nothing(batch)):
                raise Unwritable(str(error)) from error
            self.fell_ill(error)
            return False
        self.metrics.commit_seconds.observe(self.clock.monotonic() - begun)
        self.recovered()
        return True

    async def try_if_quiet(self, term: int, revision: str) -> None:
        """Nothing was committed for a while: would it work?"""
        if self.clock.monotonic() - self.tried_at >= WRITABLE_EVERY:
            await self.stored(Batch(term, revision, (), self.clock.now()))

    def fell_ill(self, error: Exception) -> None:
        """Said once, until it is over."""
        self.metrics.commits_failed.inc()
        if self.healthy:
            self.log.error("commit failed", why=str(error), error=type(error).__name__)
        self.healthy = False

    def recovered(self) -> None:
        if not self.healthy:
            self.log.info("commit succeeded again")
        self.healthy = True


def nothing(batch: Batch) -> Batch:
    """A batch of the same writer with nothing in it."""
    return Batch(batch.term, batch.revision, ())
