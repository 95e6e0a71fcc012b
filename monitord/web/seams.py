"""What the doors ask of the engine, and how they wait for it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from monitord.core.flow import Decision
from monitord.core.world import Fact, Record, World
from monitord.engine.engine import EngineBusy, FactRefused
from monitord.web.limits import COMMIT_WITHIN


class Deciding(Protocol):
    """The engine, as far as a door sees it."""

    world: World
    last_cycle_at: float

    async def submit(self, fact: Fact) -> Decision: ...
    def beat(self) -> None: ...
    def listen(self, listener: Callable[[Sequence[Record], Sequence[Any]], None]) -> None: ...


class NotTaken(Exception):
    """It is not known to be stored; whoever asked should ask again."""


async def submitted(engine: Deciding, fact: Fact) -> Decision:
    """The decision, after its commit. Raises NotTaken."""
    try:
        async with asyncio.timeout(COMMIT_WITHIN):
            return await engine.submit(fact)
    except (TimeoutError, EngineBusy, FactRefused) as error:
        raise NotTaken(str(error) or "the store takes too long") from error
