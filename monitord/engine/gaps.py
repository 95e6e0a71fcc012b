"""Gaps: every morning each rotation with somebody away is looked at; a gap ahead is announced as news."""

from contextlib import suppress
from datetime import time

from monitord.core.gap import LookForGaps
from monitord.core.roster import in_force
from monitord.engine.engine import Engine, EngineBusy, FactRefused, Lane

MORNING = time(9)  # in the organisation's zone


class Gaps:
    """A job of the calendar."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def look(self) -> None:
        """What is refused is looked at on the next morning."""
        rotations = in_force(self.engine.world).rotations
        for rotation in [each.id for each in rotations.values() if each.absences]:
            with suppress(EngineBusy, FactRefused):
                await self.engine.submit(LookForGaps(rotation), Lane.BULK)
