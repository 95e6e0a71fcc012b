"""Handoffs: every few seconds each rotation is compared with what was told of it; what is new is submitted.

Nothing that pages stands here: whom a page goes to is asked when it is due. After a start every rotation is
looked at once, so that what happened meanwhile is told, too.
"""

from collections.abc import Callable
from contextlib import suppress

from monitord.core.handoff import Duty, LookAtContacts, LookAtDuty
from monitord.core.roster import in_force
from monitord.core.stages.duty import is_news
from monitord.core.stages.verify import verified
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine, EngineBusy, FactRefused, Lane

EVERY = 20.0  # seconds
PORTION = 10  # rotations between two breaths: a few milliseconds
BREATH = 0.01


class Handoffs:
    """Looks until cancelled."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock
        self.adopted = False

    async def run(self) -> None:
        while True:
            await self.look()
            await self.clock.sleep(EVERY)

    async def look(self) -> None:
        """Submit a look at every rotation of which there is something new; what is refused is tried again."""
        names, is_worth_it = self.rotations(), self.judge()
        for first in range(0, len(names), PORTION):
            for rotation in filter(is_worth_it, names[first : first + PORTION]):
                with suppress(EngineBusy, FactRefused):
                    await self.engine.submit(LookAtDuty(rotation), Lane.BULK)
            await self.clock.sleep(BREATH)
        self.adopted = True

    async def warn(self) -> None:
        """Once a day; if it is refused, tomorrow is another one."""
        with suppress(EngineBusy, FactRefused):
            await self.engine.submit(LookAtContacts(), Lane.BULK)

    def rotations(self) -> list[str]:
        """Those that are configured, and those that were."""
        world = self.engine.world
        return sorted({*world.configuration.rotations, *(duty.rotation for duty in world.all(Duty))})

    def judge(self) -> Callable[[str], bool]:
        """Whether a rotation has changed, or any after a start; by what counts now, asked once for all."""
        if not self.adopted:
            return lambda _: True
        world, now = self.engine.world, self.clock.now()
        roster, contacts = in_force(world), verified(world)

        def worth_it(name: str) -> bool:
            rotation = roster.rotations.get(name)
            return rotation is None or is_news(world, roster, rotation, contacts, now)

        return worth_it
