"""What the doors ask of the engine, and how they wait for it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from monitord.core.facts import Fact, Record
from monitord.core.flow import Decision
from monitord.core.world import World
from monitord.engine.clock import Clock
from monitord.engine.engine import COMMIT_WITHIN, EngineBusy


class Deciding(Protocol):
    """The engine, as far as a door sees it."""

    world: World
    last_cycle_at: float

    def post(self, fact: Fact) -> asyncio.Future[Decision]: ...
    def beat(self) -> None: ...
    def listen(self, listener: Callable[[Sequence[Record], Sequence[Any]], None]) -> None: ...


class NotTaken(Exception):
    """It is not known to be stored; whoever asked should ask again."""


async def submitted(engine: Deciding, fact: Fact, clock: Clock) -> Decision:
    """The decision, after its commit. Raises NotTaken, FactRefused."""
    try:
        asked = engine.post(fact)
    except EngineBusy as busy:
        raise NotTaken(str(busy)) from busy
    return await committed(asked, clock)


async def committed(asked: asyncio.Future[Decision], clock: Clock) -> Decision:
    """The decision, after its commit. Whoever waits may give up; the decision does not. Raises NotTaken, and
    FactRefused where asking again would come to the same: that is a bug of ours, and in quarantine already.
    """
    try:
        async with clock.deadline(COMMIT_WITHIN):
            return await asyncio.shield(asked)
    except TimeoutError:
        raise NotTaken("the store takes too long") from None
    except asyncio.CancelledError:
        if asked.cancelled():
            raise NotTaken("monitord is stopping") from None
        raise
