"""The first screen: what is on fire, who has it, what happens next; and one tap to say "I have it"."""

from collections.abc import Iterable
from heapq import nlargest, nsmallest
from typing import Any

from monitord.client.shapes import ProbeNow
from monitord.core.stages.verify import verified
from monitord.core.ticket import Ticket
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, stamp, standing
from monitord.web.console.headline import headline
from monitord.web.console.room import Room
from monitord.web.console.visit import Visit
from monitord.web.ops import probes as probing
from monitord.web.ops import tickets as ticketing
from monitord.web.ops.oncall import everybody_on_call
from monitord.web.threads import in_thread

ENDED_SHOWN = 5
CARDS_SHOWN = 12
ABOUT = "tickets probes"


class Now:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def show(self, visit: Visit) -> Answer:
        """What is on fire comes first."""
        world = self.sources.world
        live = ticketing.unfinished(world)
        first = nsmallest(CARDS_SHOWN, live, key=ticketing.urgency)
        unwell = probing.unwell(self.sources.engine)
        held = probing.everything_held(world)
        return await self.room.show(
            visit,
            "now",
            about=ABOUT,
            headline=headline(live, unwell, len(held), len(world.configuration.probes), visit.me),
            cards=[self.card(visit, ticket) for ticket in first],
            left_out=max(0, len(live) - CARDS_SHOWN),
            smoking=[probe for probe in unwell if smokes(probe)][:CARDS_SHOWN],
            held=held[:CARDS_SHOWN],
            oncall=await in_thread(
                everybody_on_call, self.sources.roster, self.sources.now, verified(self.sources.world)
            ),
            ended=self.lately_ended(),
        )

    def card(self, visit: Visit, ticket: Ticket) -> dict[str, Any]:
        """A ticket with the one button that matters."""
        return {
            "row": ticketing.row(ticket, self.sources.world, self.sources.now),
            "standing": standing(ticket, visit.me),
            "seen": stamp(ticket),
            "buttons": self.buttons.allowed(visit, ticket),
        }

    def lately_ended(self) -> list[Any]:
        tickets: Iterable[Ticket] = self.sources.world.shelf.table(Ticket).values()
        ended = (ticket for ticket in tickets if ticket.resolved is not None)
        newest = nlargest(ENDED_SHOWN, ended, key=lambda ticket: ticket.resolved or ticket.since)
        return [ticketing.listed(ticket) for ticket in newest]


def smokes(probe: ProbeNow) -> bool:
    """Said nowhere else on the screen."""
    return not probe.tickets and not probe.held
