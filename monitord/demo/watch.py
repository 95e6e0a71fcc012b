"""Watching: one task looks at everything ten times a second, puts what is new on the stage, and wakes whoever
waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from monitord.client import ClientFault
from monitord.client.shapes import NextStep, TicketRow
from monitord.demo.mailbox import Mail
from monitord.demo.stage import Stage
from monitord.demo.story import PagedSomebody, Sight, sights
from monitord.demo.theatre import Theatre
from monitord.demo.view import NOTHING, View
from monitord.demo.witness import Witness
from monitord.engine.clock import Clock, DeadlinePassed, within
from monitord.net.http import HttpError

LOOK_EVERY = 0.1  # seconds
START_WITHIN = 60.0
PASSING = (HttpError, ClientFault, ValueError)
HAPPENS_WITHIN = 45.0  # for whatever the daemon does by itself in a few seconds


class StoryBroke(Exception):
    """It went otherwise; the text says what, in a sentence."""


@dataclass
class Watch:
    """`upcoming` is what would have happened next while the ticket was open, `holder` who has or had it."""

    house: Theatre
    stage: Stage
    clock: Clock
    witness: Witness
    view: View = NOTHING
    upcoming: NextStep | None = None
    holder: str = "somebody"
    looked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ticket(self) -> TicketRow:
        assert self.view.ticket is not None
        return self.view.ticket.ticket

    async def run(self) -> None:
        """Look until cancelled. Raises DaemonEnded."""
        while True:
            self.house.check()
            with suppress(*PASSING):  # it is gone, which is noticed above, or too slow this once
                self.take(await self.witness.look())
            await self.clock.sleep(LOOK_EVERY)

    def take(self, view: View) -> None:
        """The new view; what it shows that the last one did not goes on the stage."""
        before, self.view = self.view, view
        for sight in sorted(sights(before, view), key=is_again):
            self.stage.sight(sight)
        if view.ticket is not None:
            self.holder = self.ticket.holder or self.holder
        if view.state == "open" and self.ticket.next is not None:
            self.upcoming = self.ticket.next
        self.looked.set()
        self.looked = asyncio.Event()

    async def started(self) -> None:
        """Wait for the daemon."""

        async def asking() -> None:
            while not await self.witness.ready():
                self.house.check()
                await self.clock.sleep(LOOK_EVERY)

        await self.in_time(asking(), START_WITHIN, "the daemon was not ready")

    async def seen(self, met: Callable[[View], object], what: str, seconds: float = HAPPENS_WITHIN) -> None:
        """Wait until a view says so; StoryBroke if none does in time."""

        async def looking() -> None:
            while not met(self.view):
                await self.looked.wait()

        await self.in_time(looking(), seconds, f"{what} did not come")

    async def in_time(self, work: Awaitable[object], seconds: float, otherwise: str) -> None:
        try:
            await within(self.clock, seconds, work)
        except DeadlinePassed:
            raise StoryBroke(f"{otherwise} within {seconds:g} s") from None

    async def mail(self, met: Callable[[Mail], object], what: str) -> Mail:
        """The first mail like that."""
        await self.seen(lambda view: any(map(met, view.mails)), what)
        return next(mail for mail in self.view.mails if met(mail))

    async def looked_again(self) -> View:
        """A view that began after now: the first one may have begun before."""
        for _ in range(2):
            await self.in_time(self.looked.wait(), HAPPENS_WITHIN, "the daemon did not answer")
        return self.view


def is_again(sight: Sight) -> int:
    """Of what came at once, the page that widens the circle is told first."""
    return int(isinstance(sight, PagedSomebody) and sight.times > 1)
